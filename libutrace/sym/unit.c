/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/unit.c - the units of a file, and which one an address belongs to.
 *
 * The list is made from the units' own entries, not from .debug_aranges, which compilers leave out or fill in part.
 */
#include <stdlib.h>
#include <string.h>

#include "sym/dwarf.h"
#include "util/array.h"

void ut__units_free(struct ut__units *units)
{
	if (!units)
		return;
	for (size_t i = 0; i < units->count; i++) {
		free(units->all[i].functions);
		free(units->all[i].names);
	}
	free(units->all);
	free(units->ranges);
	free(units);
}

static bool add_unit(struct ut__units *units, const struct ut__unit *unit)
{
	if (!ut__grow(&units->all, &units->room, units->count, sizeof(*units->all)))
		return false;
	units->all[units->count++] = *unit;
	return true;
}

static bool add_units(struct ut__units *units, struct ut__file *file, Dwarf *dwarf, bool is_alternate)
{
	Dwarf_CU *cu = NULL;
	Dwarf_Half version;
	uint8_t kind;
	Dwarf_Die die;
	Dwarf_Die type;

	while (dwarf && dwarf_get_units(dwarf, cu, &cu, &version, &kind, &die, &type) == 0) {
		struct ut__unit unit = {.file = file, .skeleton = die, .is_alternate = is_alternate};

		if (!die.addr)
			continue;
		unit.is_code = kind == DW_UT_compile || kind == DW_UT_skeleton;
		if (kind == DW_UT_type)
			unit.type = type;
		if (!add_unit(units, &unit))
			return false;
	}
	return true;
}

struct ut__units *ut__file_units(struct ut__file *file, struct utrace_error *error)
{
	Dwarf *dwarf = ut__file_dwarf(file, error);

	if (!dwarf || file->units)
		return file->units;
	file->units = calloc(1, sizeof(*file->units));
	if (!file->units || !add_units(file->units, file, dwarf, false) ||
	    !add_units(file->units, file, file->alternate_dwarf, true)) {
		ut__units_free(file->units);
		file->units = NULL;
		(void)ut__fail(error, UTRACE_NO_MEMORY, 0, "No memory for the units of %s.", file->main.path);
	}
	return file->units;
}

Dwarf_Die *ut__unit_die(struct ut__unit *unit)
{
	uint8_t kind = 0;
	Dwarf_Die split;

	if (unit->die.addr)
		return &unit->die;
	unit->die = unit->skeleton;
	if (dwarf_cu_info(unit->skeleton.cu, NULL, &kind, NULL, &split, NULL, NULL, NULL) == 0 &&
	    kind == DW_UT_skeleton) {
		if (split.addr || ut__package_unit(unit->file, &unit->skeleton, &split))
			unit->die = split;
		else
			unit->is_split_missing = true;
	}
	return &unit->die;
}

const char *ut__unit_directory(struct ut__unit *unit)
{
	Dwarf_Attribute found;

	return dwarf_formstring(dwarf_attr(&unit->skeleton, DW_AT_comp_dir, &found));
}

bool ut__unit_entry(struct ut__unit *unit, void *address, Dwarf_Die *die)
{
	Dwarf_Die *top = ut__unit_die(unit);

	/* What dwarf_die_addr_die does, without its search for the unit. */
	*die = (Dwarf_Die){.addr = address, .cu = top->cu};
	return address != NULL;
}

static bool add_range(struct ut__units *units, uint64_t start, uint64_t end, size_t unit)
{
	if (start >= end)
		return true;
	if (!ut__grow(&units->ranges, &units->range_room, units->range_count, sizeof(*units->ranges)))
		return false;
	units->ranges[units->range_count++] = (struct ut__unit_range){start, end, (uint32_t)unit};
	return true;
}

static int compare(const void *left, const void *right)
{
	const struct ut__unit_range *a = left;
	const struct ut__unit_range *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->end < b->end ? 1 : a->end > b->end ? -1 : 0;
}

static void make_ranges(struct ut__units *units)
{
	units->ranges_made = true;
	for (size_t i = 0; i < units->count; i++) {
		struct ut__unit *unit = &units->all[i];
		ptrdiff_t offset = 0;
		Dwarf_Addr base;
		Dwarf_Addr start;
		Dwarf_Addr end;

		if (!unit->is_code || unit->is_alternate)
			continue;
		while ((offset = dwarf_ranges(&unit->skeleton, offset, &base, &start, &end)) > 0) {
			/* Address 0 is what linkers leave of functions that they dropped. */
			if (start && !add_range(units, start, end, i))
				return;
		}
	}
	if (units->range_count)
		qsort(units->ranges, units->range_count, sizeof(*units->ranges), compare);
}

/* Ranges of different units overlap in damaged files, or after identical code folding: a few steps back find those
 * too. */
enum { LOOK_BACK = 8 };

struct ut__unit *ut__file_unit_at(struct ut__file *file, uint64_t address)
{
	struct ut__units *units = ut__file_units(file, NULL);
	size_t low = 0;
	size_t high;

	if (!units)
		return NULL;
	if (!units->ranges_made)
		make_ranges(units);
	high = units->range_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (units->ranges[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t i = low; i-- > 0 && low - i <= LOOK_BACK;) {
		if (address < units->ranges[i].end)
			return &units->all[units->ranges[i].unit];
	}
	return NULL;
}

struct ut__unit *ut__file_unit_of(struct ut__file *file, Dwarf_Die *die)
{
	struct ut__units *units = ut__file_units(file, NULL);

	for (size_t i = 0; units && i < units->count; i++) {
		if (units->all[i].skeleton.cu == die->cu || units->all[i].die.cu == die->cu)
			return &units->all[i];
	}
	return NULL;
}

static void describe_unit(struct ut__unit *unit, struct utrace_unit *full)
{
	Dwarf_Die *die = ut__unit_die(unit);
	Dwarf_Attribute found;
	Dwarf_Word language = 0;
	Dwarf_Half version = 0;

	(void)dwarf_formudata(dwarf_attr(die, DW_AT_language, &found), &language);
	(void)dwarf_cu_die(unit->skeleton.cu, &(Dwarf_Die){0}, &version, NULL, NULL, NULL, NULL, NULL);
	full->name = dwarf_diename(die);
	full->directory = ut__unit_directory(unit);
	full->producer = dwarf_formstring(dwarf_attr(die, DW_AT_producer, &found));
	full->language = (uint32_t)language;
	full->dwarf_version = version;
}

int utrace_unit_at(utrace_image *image, uint64_t address, struct utrace_unit *unit, struct utrace_error *error)
{
	struct utrace_unit full = {0};
	utrace_module *module;
	struct ut__unit *found = NULL;
	uint64_t elf_address = 0;
	int status;

	ut__sym_lock(image->symbols);
	status = ut__image_find_debug(image, address, &module, &elf_address, error);
	if (!status)
		found = ut__file_unit_at(module->file, elf_address);
	if (!status && !found)
		status = ut__fail(error, UTRACE_NOT_FOUND, 0, "No unit of %s has code at %#llx.", module->name,
				  (unsigned long long)address);
	if (!status) {
		describe_unit(found, &full);
		status = ut__store(unit, &full, sizeof(full), error);
	}
	ut__sym_unlock(image->symbols);
	return status;
}
