/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/debug.c - finding the DWARF of a file: in itself, by build ID, by .gnu_debuglink, from a server; and the file
 * that dwz made for several (.gnu_debugaltlink). The order and the places are gdb's (its manual, "Debugging
 * Information in Separate Files").
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sym/sym.h"

static bool has_dwarf(const struct ut__elf *elf)
{
	return ut__elf_has_section(elf, ".debug_info");
}

/* CRC-32 as .gnu_debuglink has it: ISO 3309, reflected, as zlib's. */
static bool file_crc(int fd, uint32_t *crc)
{
	uint32_t table[256];
	unsigned char buffer[1 << 16];
	uint32_t value = 0xffffffff;
	ssize_t n;
	off_t at = 0;

	for (uint32_t i = 0; i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] & 1 ? table[i] >> 1 ^ 0xedb88320 : table[i] >> 1;
	}
	while ((n = pread(fd, buffer, sizeof(buffer), at)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			value = table[(value ^ buffer[i]) & 0xff] ^ value >> 8;
		at += n;
	}
	*crc = ~value;
	return n == 0;
}

static bool same_id(const struct ut__elf *elf, const unsigned char *id, size_t size)
{
	return elf->build_id_size == size && memcmp(elf->build_id, id, size) == 0;
}

/* Opens a file if it is there and is an ELF file of the wanted build ID (size 0: any). */
static bool open_elf(struct ut__elf *elf, const char *path, const unsigned char *id, size_t id_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;

	if (fd < 0)
		return false;
	if (fstat(fd, &status) || !S_ISREG(status.st_mode)) {
		(void)close(fd);
		return false;
	}
	if (ut__elf_open(elf, fd, path, NULL))
		return false;
	if (!id_size || same_id(elf, id, id_size))
		return true;
	ut__elf_close(elf);
	return false;
}

static bool next_directory(const char **list, char *directory, size_t size)
{
	size_t length = strcspn(*list, ":");

	if (!**list)
		return false;
	(void)snprintf(directory, size, "%.*s", (int)length, *list);
	*list += length + ((*list)[length] == ':');
	return true;
}

static bool find_by_id(const utrace_symbols *symbols, const unsigned char *id, size_t size, struct ut__elf *elf)
{
	const char *list = symbols->debug_directories;
	char directory[PATH_MAX];
	char path[PATH_MAX + 2 * UT__BUILD_ID_MAX + 32];

	while (size > 1 && next_directory(&list, directory, sizeof(directory))) {
		int used = snprintf(path, sizeof(path), "%s/.build-id/%02x/", directory, id[0]);

		for (size_t i = 1; i < size; i++)
			used += snprintf(path + used, sizeof(path) - (size_t)used, "%02x", id[i]);
		(void)snprintf(path + used, sizeof(path) - (size_t)used, ".debug");
		if (open_elf(elf, path, id, size))
			return true;
	}
	return false;
}

/* A debug link's target must be the file's own: by build ID if both have one, else by CRC. */
static bool open_linked(struct ut__file *file, const char *path, uint32_t crc)
{
	uint32_t found;

	if (!open_elf(&file->debug, path, file->main.build_id, 0))
		return false;
	if (file->debug.build_id_size && file->main.build_id_size) {
		if (same_id(&file->debug, file->main.build_id, file->main.build_id_size) && has_dwarf(&file->debug))
			return true;
	} else if (file_crc(file->debug.fd, &found) && found == crc && has_dwarf(&file->debug)) {
		return true;
	}
	ut__elf_close(&file->debug);
	return false;
}

static bool find_by_link(struct ut__file *file)
{
	struct ut__section link = ut__elf_section(&file->main, ".gnu_debuglink");
	const char *name = (const char *)link.data;
	const char *list = file->symbols->debug_directories;
	char directory[PATH_MAX];
	char path[3 * PATH_MAX];
	size_t length = name ? strnlen(name, link.size) : 0;
	const char *slash = strrchr(file->main.path, '/');
	int folder = slash ? (int)(slash - file->main.path) : 0;
	uint32_t crc;
	size_t at = (length + 4) & ~(size_t)3;

	if (!length || strchr(name, '/') || at + sizeof(crc) > link.size)
		return false;
	memcpy(&crc, link.data + at, sizeof(crc));
	(void)snprintf(path, sizeof(path), "%.*s/%s", folder, file->main.path, name);
	if (strcmp(path, file->main.path) != 0 && open_linked(file, path, crc))
		return true;
	(void)snprintf(path, sizeof(path), "%.*s/.debug/%s", folder, file->main.path, name);
	if (open_linked(file, path, crc))
		return true;
	while (next_directory(&list, directory, sizeof(directory))) {
		(void)snprintf(path, sizeof(path), "%s%.*s/%s", directory, folder, file->main.path, name);
		if (open_linked(file, path, crc))
			return true;
	}
	return false;
}

static bool find_by_server(struct ut__file *file)
{
	char *path = NULL;
	bool found;

	if (!file->symbols->debuginfod ||
	    ut__debuginfod_find(file->symbols, file->main.build_id, file->main.build_id_size, &path))
		return false;
	found = open_elf(&file->debug, path, file->main.build_id, file->main.build_id_size);
	free(path);
	return found;
}

static bool find_debug(struct ut__file *file)
{
	if (find_by_id(file->symbols, file->main.build_id, file->main.build_id_size, &file->debug)) {
		if (has_dwarf(&file->debug))
			return true;
		ut__elf_close(&file->debug);
	}
	return find_by_link(file) || find_by_server(file);
}

/* .gnu_debugaltlink: a path, relative to the file that has it, and the build ID. */
static void find_alternate(struct ut__file *file, const struct ut__elf *elf)
{
	struct ut__section link = ut__elf_section(elf, ".gnu_debugaltlink");
	const char *name = (const char *)link.data;
	size_t length = name ? strnlen(name, link.size) : 0;
	const char *slash = strrchr(elf->path, '/');
	const unsigned char *id;
	char path[2 * PATH_MAX];
	size_t id_size;

	if (!length || length + 1 >= link.size)
		return;
	id = link.data + length + 1;
	id_size = link.size - length - 1;
	if (name[0] == '/')
		(void)snprintf(path, sizeof(path), "%s", name);
	else
		(void)snprintf(path, sizeof(path), "%.*s/%s", slash ? (int)(slash - elf->path) : 0, elf->path, name);
	if (!open_elf(&file->alternate, path, id, id_size) && !find_by_id(file->symbols, id, id_size, &file->alternate))
		return;
	file->alternate_dwarf = dwarf_begin_elf(file->alternate.elf, DWARF_C_READ, NULL);
	if (file->alternate_dwarf)
		dwarf_setalt(file->dwarf, file->alternate_dwarf);
}

static void fail_debug(struct ut__file *file)
{
	file->debug_status =
		ut__fail(&file->debug_error, UTRACE_NOT_FOUND, 0,
			 "%s has no debug information: neither in itself, nor by build ID or debug link under %s%s.",
			 file->main.path, file->symbols->debug_directories,
			 file->symbols->debuginfod ? ", nor from the servers" : "");
}

void ut__file_find_debug(struct ut__file *file)
{
	if (file->debug_looked)
		return;
	file->debug_looked = true;
	if (has_dwarf(&file->main))
		return;
	if (!find_debug(file))
		fail_debug(file);
	ut__elf_release(&file->main);
}

static void begin_dwarf(struct ut__file *file)
{
	struct ut__elf *elf;

	file->dwarf_looked = true;
	ut__file_find_debug(file);
	if (file->debug_status)
		return;
	elf = file->debug.elf ? &file->debug : &file->main;
	file->dwarf = dwarf_begin_elf(elf->elf, DWARF_C_READ, NULL);
	if (!file->dwarf)
		file->debug_status =
			ut__fail(&file->debug_error, UTRACE_INVALID, 0,
				 "The debug information of %s can't be read: %s.", elf->path, dwarf_errmsg(-1));
	else
		find_alternate(file, elf);
	/* libdw has noted the folder by now, in which it looks for split units. */
	ut__elf_release(elf);
}

Dwarf *ut__file_dwarf(struct ut__file *file, struct utrace_error *error)
{
	if (!file->dwarf_looked)
		begin_dwarf(file);
	if (!file->dwarf && error)
		*error = file->debug_error;
	return file->dwarf;
}
