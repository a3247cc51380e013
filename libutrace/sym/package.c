/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/package.c - split units out of a package beside the file, FILE.dwp: of DWARF 5 (7.3.5) and of gcc's form for DWARF 4
 * (gcc.gnu.org/wiki/DebugFissionDWP).
 *
 * libdw 0.188 knows no packages.  So a unit's contributions, which the package's index names, are made into a file in memory of
 * that unit alone, and libdw reads it (unitfile.c).  Each is made when its unit is first asked for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sym/package.h"

enum { HEADER = 16, VERSION_GNU = 2, VERSION_5 = 5, COLUMNS_MAX = 16 };

struct ut__package {
	struct ut__elf elf;
	struct ut__index units;
	struct ut__index types;
	struct ut__unit_file *made; /* the newest first */
};

static uint32_t word(const struct ut__section *section, uint64_t offset)
{
	uint32_t value = 0;

	if (offset + sizeof(value) <= section->size)
		memcpy(&value, section->data + offset, sizeof(value));
	return value;
}

/* The header: version, columns, rows, slots. Everything after it has its place by these numbers. */
static bool read_index(const struct ut__elf *elf, const char *name, struct ut__index *index)
{
	struct ut__section section = ut__elf_section(elf, name);
	uint32_t version = word(&section, 0);

	*index = (struct ut__index){.section = section};
	if (!section.data)
		return false;
	index->version = version == VERSION_GNU ? VERSION_GNU : version & 0xffff;
	index->columns = word(&section, 4);
	index->rows = word(&section, 8);
	index->slots = word(&section, 12);
	if ((index->version != VERSION_GNU && index->version != VERSION_5) || index->columns > COLUMNS_MAX ||
	    !index->slots || (index->slots & (index->slots - 1)))
		return false;
	index->row_numbers = HEADER + UINT64_C(8) * index->slots;
	index->kinds = index->row_numbers + UINT64_C(4) * index->slots;
	index->offsets = index->kinds + UINT64_C(4) * index->columns;
	index->sizes = index->offsets + UINT64_C(4) * index->columns * index->rows;
	return index->sizes + UINT64_C(4) * index->columns * index->rows <= section.size;
}

/* The row of a signature, from 0 on; -1: it is not in the table. */
static int64_t find_row(const struct ut__index *index, uint64_t signature)
{
	uint64_t mask = index->slots - 1;
	uint64_t slot = signature & mask;
	uint64_t step = (signature >> 32 & mask) | 1;

	for (uint64_t i = 0; i < index->slots; i++, slot = (slot + step) & mask) {
		uint32_t row = word(&index->section, index->row_numbers + 4 * slot);
		uint64_t found;

		memcpy(&found, index->section.data + HEADER + 8 * slot, sizeof(found));
		if (!row)
			return -1;
		if (found == signature)
			return row <= index->rows ? (int64_t)row - 1 : -1;
	}
	return -1;
}

struct ut__section ut__index_part(const struct ut__index *index, int64_t row, uint32_t kind,
				  const struct ut__section *whole)
{
	for (uint32_t i = 0; i < index->columns; i++) {
		uint64_t cell = UINT64_C(4) * ((uint64_t)row * index->columns + i);
		uint64_t offset = word(&index->section, index->offsets + cell);
		uint64_t size = word(&index->section, index->sizes + cell);

		if (word(&index->section, index->kinds + UINT64_C(4) * i) != kind)
			continue;
		if (offset > whole->size || size > whole->size - offset)
			break;
		return (struct ut__section){.data = whole->data + offset, .size = size};
	}
	return (struct ut__section){0};
}

static bool open_package(const char *name, struct ut__elf *elf)
{
	char *path = NULL;
	int fd;

	if (asprintf(&path, "%s.dwp", name) < 0)
		return false;
	fd = ut__file_open(path, NULL);
	if (fd < 0 || ut__elf_open(elf, fd, path, NULL))
		elf->elf = NULL;
	free(path);
	return elf->elf != NULL;
}

/* Beside the program, or beside its debug file. */
static struct ut__package *find_package(struct ut__file *file)
{
	struct ut__package *package = calloc(1, sizeof(*package));

	if (!package)
		return NULL;
	package->elf.fd = -1;
	if (!open_package(file->main.path, &package->elf) &&
	    !(file->debug.elf && open_package(file->debug.path, &package->elf))) {
		free(package);
		return NULL;
	}
	if (read_index(&package->elf, ".debug_cu_index", &package->units)) {
		(void)read_index(&package->elf, ".debug_tu_index", &package->types);
		return package;
	}
	ut__package_free(package);
	return NULL;
}

void ut__package_free(struct ut__package *package)
{
	if (!package)
		return;
	while (package->made) {
		struct ut__unit_file *next = package->made->next;

		ut__unit_file_free(package->made);
		package->made = next;
	}
	ut__elf_close(&package->elf);
	free(package);
}

bool ut__package_unit(struct ut__file *file, Dwarf_Die *skeleton, Dwarf_Die *die)
{
	struct ut__unit_parts parts = {.file = file, .skeleton = skeleton};
	struct ut__unit_file *made;
	uint64_t id = 0;

	if (!file->package_looked) {
		file->package_looked = true;
		file->package = find_package(file);
	}
	if (!file->package || dwarf_cu_info(skeleton->cu, NULL, NULL, NULL, NULL, &id, &parts.address_size, NULL))
		return false;
	parts.elf = &file->package->elf;
	parts.units = &file->package->units;
	parts.types = &file->package->types;
	parts.row = find_row(parts.units, id);
	made = parts.row < 0 ? NULL : ut__unit_file_make(&parts);
	if (!made)
		return false;
	made->next = file->package->made;
	file->package->made = made;
	*die = made->die;
	return true;
}
