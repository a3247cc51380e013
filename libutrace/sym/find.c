/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/find.c - which units may have a name, without reading them.
 *
 * No index is built.  A name stands once in the file's string section, and every entry that has it holds its offset
 * there, so the units that matter are found by searching .debug_info for four bytes: at memory speed, where reading
 * entries would take a hundred times as long.  A hit may be chance, which costs a look into one unit; a miss is
 * certain.  What is searched:
 *   the name itself in .debug_info and .debug_types      (DW_FORM_string)
 *   its offset in them, for .debug_str of this file and of the one that dwz made  (DW_FORM_strp,
 *   DW_FORM_GNU_strp_alt, DW_FORM_line_strp)
 *   its offset in .debug_str_offsets                      (DW_FORM_strx)
 *   the offsets of entries that have it, for their instances in other units      (DW_FORM_ref_addr,
 *   DW_FORM_GNU_ref_alt)
 * Linkers let a string share the tail of a longer one, so its end is what is looked for.
 */
#include <stdlib.h>
#include <string.h>

#include "sym/dwarf.h"

enum { PATTERNS_MAX = 4096, FEW = 6 };

struct patterns {
	uint32_t values[PATTERNS_MAX];
	size_t count;
	bool too_many;
};

static void add_pattern(struct patterns *patterns, uint64_t value)
{
	if (patterns->count == PATTERNS_MAX)
		patterns->too_many = true;
	else
		patterns->values[patterns->count++] = (uint32_t)value;
}

/* The offsets of a string. One that begins after a NUL is the only one, as linkers merge them; else it is a tail. */
static void find_string(const struct ut__section *section, const char *name, struct patterns *patterns)
{
	const size_t size = strlen(name) + 1;
	const unsigned char *at = section->data;
	const unsigned char *end = at ? at + section->size : NULL;
	size_t before = patterns->count;

	for (int pass = 0; pass < 2; pass++) {
		at = section->data;
		while (at && at < end && (at = memmem(at, (size_t)(end - at), name, size))) {
			bool whole = at == section->data || !at[-1];

			if (whole || pass)
				add_pattern(patterns, (uint64_t)(at - section->data));
			at++;
		}
		if (patterns->count > before)
			return;
	}
}

/*
 * The offsets of file names that end in this one: of a whole string, which some compilers give folders too, and of what follows each slash,
 * as the tail of a longer one.
 */
static void find_path(const struct ut__section *section, const char *name, struct patterns *patterns)
{
	const size_t size = strlen(name) + 1;
	const unsigned char *end = section->data ? section->data + section->size : NULL;
	const unsigned char *at = section->data;

	while (at && at < end && (at = memmem(at, (size_t)(end - at), name, size))) {
		const unsigned char *begin = at;

		add_pattern(patterns, (uint64_t)(at - section->data));
		while (begin > section->data && begin[-1]) {
			begin--;
			if (begin == section->data || !begin[-1] || begin[-1] == '/')
				add_pattern(patterns, (uint64_t)(begin - section->data));
		}
		at++;
	}
}

/* ---- where something was found ---- */

struct marks {
	struct ut__file *file;
	struct ut__units *units;
	unsigned char *marked; /* a byte per unit */
	bool all;
	const unsigned char *area; /* the section that was asked for last, and which units are in it */
	size_t area_low, area_high;
};

static bool is_in(const struct ut__section *section, const struct ut__unit *unit)
{
	const unsigned char *top = unit->skeleton.addr;

	return top >= section->data && top < section->data + section->size;
}

static void set_area(struct marks *marks, const struct ut__section *section)
{
	const struct ut__units *units = marks->units;

	if (marks->area == section->data)
		return;
	marks->area = section->data;
	marks->area_low = 0;
	marks->area_high = units->count;
	while (marks->area_low < marks->area_high && !is_in(section, &units->all[marks->area_low]))
		marks->area_low++;
	while (marks->area_high > marks->area_low && !is_in(section, &units->all[marks->area_high - 1]))
		marks->area_high--;
}

/* The unit of an address within a section: the last that begins before it. */
static void mark_address(struct marks *marks, const struct ut__section *section, const unsigned char *at)
{
	const struct ut__units *units = marks->units;
	size_t best = SIZE_MAX;
	size_t low;
	size_t high;

	set_area(marks, section);
	low = marks->area_low;
	high = marks->area_high;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if ((const unsigned char *)units->all[middle].skeleton.addr <= at) {
			best = middle;
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	if (best != SIZE_MAX)
		marks->marked[best] = 1;
}

static void search_few(struct marks *marks, const struct ut__section *section, uint32_t value)
{
	const unsigned char *at = section->data;
	const unsigned char *end = at + section->size;
	unsigned char bytes[4];

	memcpy(bytes, &value, sizeof(bytes));
	while (at + 4 <= end && (at = memchr(at, bytes[0], (size_t)(end - at) - 3))) {
		if (memcmp(at, bytes, 4) == 0)
			mark_address(marks, section, at);
		at++;
	}
}

static int compare_value(const void *left, const void *right)
{
	const uint32_t *a = left;
	const uint32_t *b = right;

	return *a < *b ? -1 : *a > *b;
}

static void search_many(struct marks *marks, const struct ut__section *section, struct patterns *patterns)
{
	unsigned char possible[1 << 13] = {0}; /* a bit per low half */

	qsort(patterns->values, patterns->count, sizeof(patterns->values[0]), compare_value);
	for (size_t i = 0; i < patterns->count; i++) {
		uint16_t low = (uint16_t)patterns->values[i];

		possible[low >> 3] |= (unsigned char)(1u << (low & 7));
	}
	for (size_t at = 0; at + 4 <= section->size; at++) {
		uint32_t value;
		uint16_t low;

		memcpy(&value, section->data + at, sizeof(value));
		low = (uint16_t)value;
		if ((possible[low >> 3] & 1u << (low & 7)) &&
		    bsearch(&value, patterns->values, patterns->count, sizeof(value), compare_value))
			mark_address(marks, section, section->data + at);
	}
}

static void search(struct marks *marks, const struct ut__section *section, struct patterns *patterns)
{
	if (!section->data || !patterns->count)
		return;
	if (patterns->too_many) {
		marks->all = true;
	} else if (patterns->count > FEW) {
		search_many(marks, section, patterns);
	} else {
		for (size_t i = 0; i < patterns->count; i++)
			search_few(marks, section, patterns->values[i]);
	}
}

static void search_text(struct marks *marks, const struct ut__section *section, const char *name)
{
	const unsigned char *at = section->data;
	const unsigned char *end = at ? at + section->size : NULL;

	while (at && at < end && (at = memmem(at, (size_t)(end - at), name, strlen(name) + 1))) {
		mark_address(marks, section, at);
		at++;
	}
}

/* DW_FORM_strx goes through a table of the unit's own. Which part of the section is whose is in
 * DW_AT_str_offsets_base; where the name is in it at all, every unit that has a base at or before the place may have
 * it. */
static void search_indexed(struct marks *marks, const struct ut__elf *elf, struct patterns *patterns)
{
	struct ut__section offsets = ut__elf_section(elf, ".debug_str_offsets");
	uint64_t *bases;

	if (!offsets.data || !patterns->count)
		return;
	bases = calloc(marks->units->count + 1, sizeof(*bases));
	if (!bases || patterns->too_many) {
		free(bases);
		marks->all = true;
		return;
	}
	for (size_t i = 0; i < marks->units->count; i++) {
		if (!ut__die_number(&marks->units->all[i].skeleton, DW_AT_str_offsets_base, &bases[i]))
			bases[i] = UINT64_MAX;
	}
	qsort(patterns->values, patterns->count, sizeof(patterns->values[0]), compare_value);
	for (size_t at = 0; at + 4 <= offsets.size; at += 4) {
		uint64_t nearest = 0;
		uint32_t value;

		memcpy(&value, offsets.data + at, sizeof(value));
		if (!bsearch(&value, patterns->values, patterns->count, sizeof(value), compare_value))
			continue;
		for (size_t i = 0; i < marks->units->count; i++) {
			if (bases[i] <= at && bases[i] > nearest)
				nearest = bases[i];
		}
		for (size_t i = 0; i < marks->units->count; i++)
			marks->marked[i] |= bases[i] == nearest;
	}
	free(bases);
}

static const struct ut__elf *debug_elf(const struct ut__file *file)
{
	return file->debug.elf ? &file->debug : &file->main;
}

/* "name<": a template's instances, whose names go on with their arguments. */
static void find_template(const struct ut__section *section, const char *name, struct patterns *patterns)
{
	const size_t size = strlen(name);
	const unsigned char *at = section->data;
	const unsigned char *end = at ? at + section->size : NULL;

	while (at && at < end && (at = memmem(at, (size_t)(end - at), name, size))) {
		if ((at == section->data || !at[-1]) && at + size < end && at[size] == '<')
			add_pattern(patterns, (uint64_t)(at - section->data));
		at++;
	}
}

static void mark_by_name(struct marks *marks, const char *name)
{
	const struct ut__elf *own = debug_elf(marks->file);
	const struct ut__elf *files[2] = {own, marks->file->alternate.elf ? &marks->file->alternate : NULL};
	struct patterns patterns = {.count = 0};

	for (int i = 0; i < 2 && files[i]; i++) {
		struct ut__section strings = ut__elf_section(files[i], ".debug_str");
		struct ut__section lines = ut__elf_section(files[i], ".debug_line_str");

		find_string(&strings, name, &patterns);
		find_string(&lines, name, &patterns);
		find_template(&strings, name, &patterns);
	}
	for (int i = 0; i < 2 && files[i]; i++) {
		struct ut__section info = ut__elf_section(files[i], ".debug_info");
		struct ut__section types = ut__elf_section(files[i], ".debug_types");

		search_text(marks, &info, name);
		search_text(marks, &types, name);
		search(marks, &info, &patterns);
		search(marks, &types, &patterns);
		search_indexed(marks, files[i], &patterns);
	}
}

static bool is_called(Dwarf_Die *die, const char *name, size_t length)
{
	const char *own = dwarf_diename(die);

	if (own && strncmp(own, name, length) == 0 && (!own[length] || own[length] == '<'))
		return true;
	own = name[0] == '_' ? ut__die_linkage_name(die) : NULL;
	return own && strcmp(own, name) == 0;
}

static bool holds_names(int tag)
{
	return tag == DW_TAG_namespace || tag == DW_TAG_module || tag == DW_TAG_structure_type ||
	       tag == DW_TAG_class_type || tag == DW_TAG_union_type || tag == DW_TAG_enumeration_type;
}

/* Whether an entry outside functions has the name: an inlined body is an instance of one, here or in another unit. */
static bool has_entry(Dwarf_Die *parent, const char *name, size_t length, int depth)
{
	Dwarf_Die die;

	if (depth > UT__DEPTH_MAX || !ut__die_child(parent, &die))
		return false;
	do {
		if (is_called(&die, name, length) ||
		    (holds_names(dwarf_tag(&die)) && has_entry(&die, name, length, depth + 1)))
			return true;
	} while (ut__die_next(&die));
	return false;
}

/* Small offsets are found by chance in every unit; a walk over the outermost entries is cheaper than reading all. */
static void drop_chance_hits(struct marks *marks, const char *name)
{
	const size_t length = strlen(name);

	for (size_t i = 0; i < marks->units->count; i++) {
		struct ut__unit *unit = &marks->units->all[i];

		if (unit->names_made)
			marks->marked[i] |= marks->all;
		else if (marks->marked[i] || marks->all)
			marks->marked[i] = has_entry(&unit->skeleton, name, length, 0);
	}
	marks->all = false;
}

/* The offsets, in the whole of .debug_info, of the entries of this name that others may be instances of. */
static void collect_origins(struct marks *marks, const char *name, struct patterns *patterns)
{
	for (size_t i = 0; i < marks->units->count; i++) {
		struct ut__unit *unit = &marks->units->all[i];

		if (!marks->marked[i])
			continue;
		ut__unit_need_names(unit);
		for (size_t n = 0; n < unit->name_count; n++) {
			Dwarf_Die die;

			if (unit->names[n].tag != DW_TAG_subprogram || !unit->names[n].name ||
			    strncmp(unit->names[n].name, name, strlen(name)) != 0 ||
			    !ut__unit_entry(unit, unit->names[n].entry, &die) || ut__die_has_code(&die))
				continue;
			add_pattern(patterns, dwarf_dieoffset(&die));
		}
	}
}

static void mark_instances(struct marks *marks, const char *name)
{
	struct ut__section info = ut__elf_section(debug_elf(marks->file), ".debug_info");
	struct patterns patterns = {.count = 0};

	collect_origins(marks, name, &patterns);
	search(marks, &info, &patterns);
}

/* A split unit's strings are in its own file: its skeleton can't tell. */
static void mark_split(struct marks *marks)
{
	for (size_t i = 0; i < marks->units->count; i++) {
		struct ut__unit *unit = &marks->units->all[i];
		Dwarf_Attribute found;

		if (dwarf_attr(&unit->skeleton, DW_AT_dwo_name, &found) ||
		    dwarf_attr(&unit->skeleton, DW_AT_GNU_dwo_name, &found))
			marks->marked[i] = 1;
	}
}

static bool begin(struct marks *marks, struct ut__file *file)
{
	*marks = (struct marks){.file = file, .units = ut__file_units(file, NULL)};
	if (!marks->units || !marks->units->count)
		return false;
	marks->marked = calloc(marks->units->count, 1);
	return marks->marked != NULL;
}

static void finish(struct marks *marks, ut__unit_callback *callback, void *data)
{
	bool going = true;

	for (size_t i = 0; going && i < marks->units->count; i++) {
		if (marks->marked[i] || marks->all)
			going = callback(marks->file, &marks->units->all[i], data);
	}
	free(marks->marked);
}

void ut__file_find(struct ut__file *file, const char *name, ut__unit_callback *callback, void *data)
{
	struct marks marks;

	if (!*name || !begin(&marks, file))
		return;
	mark_by_name(&marks, name);
	drop_chance_hits(&marks, name);
	mark_instances(&marks, name);
	mark_split(&marks);
	finish(&marks, callback, data);
}

/* ---- source files ---- */

struct table {
	uint64_t offset; /* of a line table */
	size_t unit;
};

static int compare_table(const void *left, const void *right)
{
	const struct table *a = left;
	const struct table *b = right;

	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* The tables that have the offset or the text of the file's name in their bytes. */
static void mark_tables(struct marks *marks, const struct table *tables, size_t count, const unsigned char *at,
			const struct ut__section *section)
{
	uint64_t offset = (uint64_t)(at - section->data);
	size_t last = count;

	while (last > 0 && tables[last - 1].offset > offset)
		last--;
	for (size_t i = last; i-- > 0 && tables[i].offset == tables[last - 1].offset;)
		marks->marked[tables[i].unit] = 1;
}

static void search_tables(struct marks *marks, const struct table *tables, size_t count, const char *name)
{
	const struct ut__elf *elf = debug_elf(marks->file);
	struct ut__section section = ut__elf_section(elf, ".debug_line");
	struct ut__section strings[2] = {ut__elf_section(elf, ".debug_line_str"), ut__elf_section(elf, ".debug_str")};
	const unsigned char *end = section.data ? section.data + section.size : NULL;
	struct patterns patterns = {.count = 0};
	const unsigned char *at = section.data;

	while (at && at < end && (at = memmem(at, (size_t)(end - at), name, strlen(name) + 1))) {
		mark_tables(marks, tables, count, at, &section);
		at++;
	}
	find_path(&strings[0], name, &patterns);
	find_path(&strings[1], name, &patterns);
	marks->all |= patterns.too_many;
	qsort(patterns.values, patterns.count, sizeof(patterns.values[0]), compare_value);
	for (size_t i = 0; section.data && patterns.count && i + 4 <= section.size; i++) {
		uint32_t value;

		memcpy(&value, section.data + i, sizeof(value));
		if (bsearch(&value, patterns.values, patterns.count, sizeof(value), compare_value))
			mark_tables(marks, tables, count, section.data + i, &section);
	}
}

void ut__file_find_source(struct ut__file *file, const char *name, ut__unit_callback *callback, void *data)
{
	struct marks marks;
	struct table *tables;
	size_t count = 0;

	if (!*name || !begin(&marks, file))
		return;
	tables = calloc(marks.units->count, sizeof(*tables));
	for (size_t i = 0; tables && i < marks.units->count; i++) {
		uint64_t offset;

		if (marks.units->all[i].is_code &&
		    ut__die_number(&marks.units->all[i].skeleton, DW_AT_stmt_list, &offset))
			tables[count++] = (struct table){offset, i};
	}
	if (tables) {
		qsort(tables, count, sizeof(*tables), compare_table);
		search_tables(&marks, tables, count, name);
	}
	free(tables);
	finish(&marks, callback, data);
}
