/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/package.h - what the two halves of reading packages of split units share: the index (package.c), and the file that is made of one
 * unit (unitfile.c).
 */
#ifndef UT_SYM_PACKAGE_H
#define UT_SYM_PACKAGE_H

#include "sym/dwarf.h"

/* .debug_cu_index or .debug_tu_index; the rest are offsets in it. */
struct ut__index {
	struct ut__section section;
	uint32_t version; /* 2 or 5 */
	uint32_t columns, rows, slots;
	uint64_t row_numbers, kinds, offsets, sizes;
};

/* What a row has of a section; data NULL: nothing. kind: DW_SECT_*. */
struct ut__section ut__index_part(const struct ut__index *index, int64_t row, uint32_t kind,
				  const struct ut__section *whole);

struct ut__unit_parts {
	struct ut__file *file;
	Dwarf_Die *skeleton;
	struct ut__elf *elf; /* the package */
	const struct ut__index *units, *types;
	int64_t row;
	uint8_t address_size;
};

struct ut__unit_file {
	struct ut__unit_file *next;
	Dwarf *dwarf;
	Elf *elf;
	char *image; /* mapped, with the package's strings at its end */
	size_t size;
	Dwarf_Die die;
};

/* NULL: damaged, or out of memory. */
struct ut__unit_file *ut__unit_file_make(const struct ut__unit_parts *parts);
void ut__unit_file_free(struct ut__unit_file *made);

#endif
