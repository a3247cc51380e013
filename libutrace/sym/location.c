/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/location.c - places for breakpoints: by function name, and by source line.
 */
#include <stdlib.h>
#include <string.h>

#include "sym/dwarf.h"
#include "util/array.h"
#include "util/path.h"

/* One search through one module. */
struct search {
	utrace_image *image;
	utrace_module *module;
	const char *name;
	utrace_location_callback *callback;
	void *data;
	int answer; /* non-zero ends the search */
	size_t found;
	uint64_t *seen; /* entries that were told */
	size_t seen_count, seen_room;
	/* by line */
	uint32_t line;
	uint32_t nearest; /* smallest line at or after the wanted one that has code */
	bool only_nearest;
};

static bool is_new(struct search *search, uint64_t entry)
{
	for (size_t i = 0; i < search->seen_count; i++) {
		if (search->seen[i] == entry)
			return false;
	}
	if (!ut__grow(&search->seen, &search->seen_room, search->seen_count, sizeof(*search->seen)))
		return true;
	search->seen[search->seen_count++] = entry;
	return true;
}

static void tell(struct search *search, struct utrace_location *location)
{
	struct utrace_line line;

	location->size = sizeof(*location);
	location->module = search->module;
	if (!location->file && ut__file_line_at(search->module->file, location->address, &line)) {
		location->file = line.file;
		location->line = line.line;
	}
	location->entry += search->module->bias;
	location->address += search->module->bias;
	search->found++;
	search->answer = search->callback(location, search->data);
}

/* gcc may name an entry that a statement before the inlined body has; the body itself begins at its first range. */
static uint64_t first_code(Dwarf_Die *die, uint64_t otherwise)
{
	ptrdiff_t offset = 0;
	Dwarf_Addr base;
	Dwarf_Addr start;
	Dwarf_Addr end;

	while ((offset = dwarf_ranges(die, offset, &base, &start, &end)) > 0) {
		if (start < end)
			return start;
	}
	return otherwise;
}

static void tell_function(struct search *search, struct ut__unit *unit, const struct ut__name *name, Dwarf_Die *die)
{
	struct ut__file *file = search->module->file;
	uint64_t entry = ut__die_entry(die);
	struct utrace_location location = {.function = name->linkage ? name->linkage : name->name,
					   .entry = entry,
					   .address = entry,
					   .is_inlined = name->tag == DW_TAG_inlined_subroutine};
	uint64_t start;
	uint64_t end;

	if (location.is_inlined && !ut__die_range(die, entry, &start, &end))
		location.entry = location.address = entry = first_code(die, entry);
	if (!entry || !is_new(search, entry))
		return;
	(void)ut__die_declaration(die, &location.declared_line);
	if (!location.is_inlined && ut__die_range(die, entry, &start, &end))
		location.address = ut__function_break(file, unit, entry, end);
	tell(search, &location);
}

/* "f(int)" of a static function, whose arguments only the symbol tells. */
static bool symbol_matches(struct ut__file *file, const struct ut__name *name, Dwarf_Die *die, const char *wanted)
{
	struct utrace_symbol symbol = {.size = sizeof(symbol)};

	if (name->linkage || !strchr(wanted, '(') || ut__die_flag(die, DW_AT_external))
		return true;
	return !ut__file_symbol_at(file, ut__die_entry(die), &symbol) || strncmp(symbol.name, "_Z", 2) != 0 ||
	       ut__arguments_match(symbol.name, wanted);
}

static bool search_unit(struct ut__file *file, struct ut__unit *unit, void *data)
{
	struct search *search = data;

	ut__unit_need_names(unit);
	for (size_t i = 0; i < unit->name_count && !search->answer; i++) {
		const struct ut__name *name = &unit->names[i];
		Dwarf_Die die;

		if ((name->tag == DW_TAG_subprogram || name->tag == DW_TAG_inlined_subroutine) &&
		    !name->is_declaration && ut__name_matches(unit, i, search->name) &&
		    ut__unit_entry(unit, name->entry, &die) && ut__die_has_code(&die) &&
		    symbol_matches(file, name, &die, search->name))
			tell_function(search, unit, name, &die);
	}
	return !search->answer;
}

/* What an indirect function stands for: a function of another name, as long as that one is. */
static void resolve(struct search *search, const struct utrace_symbol *symbol, struct utrace_location *location,
		    uint64_t *length)
{
	struct utrace_symbol target = {.size = sizeof(target)};

	location->is_indirect = !ut__ifunc_target(search->module, symbol->name, symbol->address, &location->entry);
	if (location->is_indirect)
		location->entry = symbol->address;
	else if (ut__file_symbol_at(search->module->file, location->entry, &target))
		*length = target.address + target.length - location->entry;
}

static int search_symbol(const struct utrace_symbol *symbol, void *data)
{
	struct search *search = data;
	struct ut__file *file = search->module->file;
	struct utrace_location location = {.function = symbol->name, .entry = symbol->address};
	uint64_t length = symbol->length;

	if (symbol->kind == UTRACE_SYMBOL_IFUNC)
		resolve(search, symbol, &location, &length);
	else if (symbol->kind != UTRACE_SYMBOL_FUNCTION)
		return 0;
	if (!is_new(search, location.entry))
		return 0;
	location.address = ut__function_break(file, ut__file_unit_at(file, location.entry), location.entry,
					      location.entry + (length ? length : 1));
	tell(search, &location);
	return search->answer;
}

static void search_module(struct search *search)
{
	struct ut__file *file = ut__module_file(search->module, NULL);
	char *last;

	search->seen_count = 0;
	if (!file)
		return;
	last = ut__name_last(search->name);
	if (last && ut__file_dwarf(file, NULL))
		ut__file_find(file, last, search_unit, search);
	/* A linkage name is found by its text too. */
	if (!search->answer && !search->seen_count && last && strcmp(last, search->name) != 0 &&
	    ut__file_dwarf(file, NULL))
		ut__file_find(file, search->name, search_unit, search);
	free(last);
	if (!search->answer)
		(void)ut__file_symbol_each(file, search->name, search_symbol, search);
}

static int fail_function(const char *name, struct utrace_error *error)
{
	return ut__fail(error, UTRACE_NOT_FOUND, 0, "No module has a function \"%s\".", name);
}

int utrace_function_each(utrace_image *image, const char *name, utrace_location_callback *callback, void *data,
			 struct utrace_error *error)
{
	struct search search = {.image = image, .name = name, .callback = callback, .data = data};
	int status;

	if (!name || !*name)
		return ut__fail(error, UTRACE_INVALID, 0, "The function's name is empty.");
	ut__sym_lock(image->symbols);
	status = ut__image_need_maps(image, error);
	for (size_t i = 0; !status && i < image->module_count && !search.answer; i++) {
		search.module = image->modules[i];
		search_module(&search);
	}
	ut__sym_unlock(image->symbols);
	free(search.seen);
	if (status)
		return status;
	return search.found ? search.answer : fail_function(name, error);
}

/* ---- by line ---- */

struct row {
	uint64_t address;
	int line;
	bool is_wanted;
};

static bool read_row(struct ut__unit *unit, Dwarf_Lines *lines, size_t n, const char *file, const char **last_file,
		     bool *last_matches, struct row *row)
{
	Dwarf_Line *line = dwarf_onesrcline(lines, n);
	const char *name = dwarf_linesrc(line, NULL, NULL);
	bool statement = false;
	bool ends = false;

	/* Names come from the unit's table, so the same pointer is the same name. */
	if (name != *last_file) {
		*last_file = name;
		*last_matches = ut__path_ends(ut__unit_full_name(unit, name), file);
	}
	if (dwarf_lineaddr(line, &row->address) || dwarf_lineno(line, &row->line) ||
	    dwarf_linebeginstatement(line, &statement) || dwarf_lineendsequence(line, &ends))
		return false;
	row->is_wanted = *last_matches && statement && !ends && row->address && row->line > 0;
	return true;
}

static bool is_call_line(Dwarf_Die *die, int line)
{
	uint64_t number;

	return dwarf_tag(die) == DW_TAG_inlined_subroutine && ut__die_number(die, DW_AT_call_line, &number) &&
	       number == (uint64_t)line;
}

/* One place per function or inlined body: its first row of the line. */
static void tell_line(struct search *search, struct ut__unit *unit, const struct row *row, const char *file_name)
{
	struct ut__file *file = search->module->file;
	const struct ut__chain *chain = ut__file_chain(file, row->address);
	struct utrace_location location = {.file = ut__unit_full_name(unit, file_name),
					   .line = (uint32_t)row->line,
					   .entry = row->address,
					   .address = row->address};
	size_t depth = 0;
	uint64_t start;
	uint64_t end;
	Dwarf_Die die;

	if (chain) {
		/* The first instruction of an inlined body belongs to the line of the call as well. */
		while (depth + 1 < chain->count) {
			die = chain->dies[depth];
			if (ut__die_entry(&die) != row->address || !is_call_line(&die, row->line))
				break;
			depth++;
		}
		die = chain->dies[depth];
		if (!is_new(search, (uint64_t)(uintptr_t)die.addr))
			return;
		location.function = ut__die_name(&die);
		location.entry = ut__die_entry(&die);
		location.is_inlined = depth + 1 < chain->count;
		if (!location.is_inlined && location.entry == row->address &&
		    ut__die_range(&die, row->address, &start, &end))
			location.address = ut__function_break(file, unit, row->address, end);
	} else if (!is_new(search, row->address)) {
		return;
	}
	tell(search, &location);
}

static bool search_lines(struct ut__file *file, struct ut__unit *unit, void *data)
{
	struct search *search = data;
	const char *last_file = NULL;
	bool last_matches = false;
	size_t count;
	Dwarf_Lines *lines = ut__unit_lines(unit, &count);
	struct row row;

	(void)file;
	for (size_t i = 0; lines && i < count && !search->answer; i++) {
		if (!read_row(unit, lines, i, search->name, &last_file, &last_matches, &row) || !row.is_wanted ||
		    (uint32_t)row.line < search->line)
			continue;
		if (search->only_nearest) {
			if ((uint32_t)row.line < search->nearest)
				search->nearest = (uint32_t)row.line;
		} else if ((uint32_t)row.line == search->nearest) {
			tell_line(search, unit, &row, last_file);
		}
	}
	return !search->answer;
}

static void each_module(struct search *search, const char *base)
{
	for (size_t i = 0; i < search->image->module_count && !search->answer; i++) {
		search->module = search->image->modules[i];
		search->seen_count = 0;
		if (ut__module_file(search->module, NULL))
			ut__file_find_source(search->module->file, base, search_lines, search);
	}
}

int utrace_line_each(utrace_image *image, const char *file, uint32_t line, utrace_location_callback *callback,
		     void *data, struct utrace_error *error)
{
	struct search search = {.image = image,
				.name = file,
				.callback = callback,
				.data = data,
				.line = line,
				.nearest = UINT32_MAX,
				.only_nearest = true};
	const char *slash = file ? strrchr(file, '/') : NULL;
	const char *base = slash ? slash + 1 : file;
	int status;

	if (!base || !*base)
		return ut__fail(error, UTRACE_INVALID, 0, "The file's name is empty.");
	ut__sym_lock(image->symbols);
	status = ut__image_need_maps(image, error);
	if (!status) {
		each_module(&search, base);
		search.only_nearest = false;
		if (search.nearest != UINT32_MAX)
			each_module(&search, base);
	}
	ut__sym_unlock(image->symbols);
	free(search.seen);
	if (status)
		return status;
	if (search.found)
		return search.answer;
	return ut__fail(error, UTRACE_NOT_FOUND, 0, "No module has code of %s at or after line %u.", file, line);
}
