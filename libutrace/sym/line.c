/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/line.c - line tables by address, and where functions begin to work. (DWARF 5, 6.2)
 */
#include <string.h>

#include "sym/dwarf.h"

enum { LINES_MAX = 1 << 26 };

Dwarf_Lines *ut__unit_lines(struct ut__unit *unit, size_t *count)
{
	if (!unit->lines_read) {
		unit->lines_read = true;
		if (dwarf_getsrclines(&unit->skeleton, &unit->lines, &unit->line_count) ||
		    unit->line_count > LINES_MAX) {
			unit->lines = NULL;
			unit->line_count = 0;
		}
	}
	*count = unit->line_count;
	return unit->lines;
}

const char *ut__unit_file_name(Dwarf_Die *die, uint64_t index)
{
	Dwarf_Files *files;
	size_t count;

	if (dwarf_getsrcfiles(die, &files, &count) || index >= count)
		return NULL;
	return dwarf_filesrc(files, index, NULL, NULL);
}

static uint64_t row_address(Dwarf_Lines *lines, size_t n)
{
	Dwarf_Addr address = 0;

	(void)dwarf_lineaddr(dwarf_onesrcline(lines, n), &address);
	return address;
}

static bool row_ends(Dwarf_Lines *lines, size_t n)
{
	bool ends = false;

	return dwarf_lineendsequence(dwarf_onesrcline(lines, n), &ends) == 0 && ends;
}

static bool is_statement(Dwarf_Lines *lines, size_t n)
{
	bool flag = false;

	return dwarf_linebeginstatement(dwarf_onesrcline(lines, n), &flag) == 0 && flag;
}

/* How many rows lie at or below the address. */
static size_t upper_bound(Dwarf_Lines *lines, size_t count, uint64_t address)
{
	size_t low = 0;
	size_t high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (row_address(lines, middle) <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int number_of(Dwarf_Lines *lines, size_t row)
{
	int number = 0;

	return dwarf_lineno(dwarf_onesrcline(lines, row), &number) ? 0 : number;
}

/* Of the rows at one address the last is the code's, but one that begins a statement goes before those that don't. */
static bool find_row(Dwarf_Lines *lines, size_t count, uint64_t address, size_t *row)
{
	size_t above = upper_bound(lines, count, address);
	size_t last;

	if (!above)
		return false;
	last = above - 1;
	if (row_ends(lines, last))
		return false;
	/* What belongs to no line, as clang's code between two calls of one, belongs to the line before it. */
	while (!number_of(lines, last) && last > 0 && !row_ends(lines, last - 1))
		last--;
	*row = last;
	while (!is_statement(lines, *row) && *row > 0 && row_address(lines, *row - 1) == row_address(lines, last) &&
	       !row_ends(lines, *row - 1))
		(*row)--;
	if (!is_statement(lines, *row))
		*row = last;
	return true;
}

const char *ut__unit_full_name(struct ut__unit *unit, const char *name)
{
	const char *own = ut__die_name(ut__unit_die(unit));
	size_t length = name ? strlen(name) : 0;
	size_t own_length = own ? strlen(own) : 0;

	if (own_length <= length || !length || *name == '/' || own[own_length - length - 1] != '/')
		return name;
	return strcmp(own + own_length - length, name) == 0 ? own : name;
}

bool ut__file_line_at(struct ut__file *file, uint64_t address, struct utrace_line *line)
{
	struct ut__unit *unit = ut__file_unit_at(file, address);
	size_t count;
	Dwarf_Lines *lines = unit ? ut__unit_lines(unit, &count) : NULL;
	Dwarf_Line *found;
	size_t row;
	size_t next;
	int number = 0;
	int column = 0;

	if (!lines || !find_row(lines, count, address, &row))
		return false;
	found = dwarf_onesrcline(lines, row);
	if (dwarf_lineno(found, &number) || number <= 0)
		return false;
	(void)dwarf_linecol(found, &column);
	*line = (struct utrace_line){.size = sizeof(*line),
				     .file = ut__unit_full_name(unit, dwarf_linesrc(found, NULL, NULL)),
				     .directory = ut__unit_directory(unit),
				     .line = (uint32_t)number,
				     .column = (uint32_t)column,
				     .start = row_address(lines, row),
				     .is_statement = is_statement(lines, row)};
	next = upper_bound(lines, count, address);
	line->end = next < count ? row_address(lines, next) : line->start;
	return line->file != NULL;
}

int utrace_line_at(utrace_image *image, uint64_t address, struct utrace_line *line, struct utrace_error *error)
{
	struct utrace_line full;
	utrace_module *module;
	uint64_t elf_address = 0;
	int status;

	ut__sym_lock(image->symbols);
	status = ut__image_find_debug(image, address, &module, &elf_address, error);
	if (!status && !ut__file_line_at(module->file, elf_address, &full))
		status = ut__fail(error, UTRACE_NOT_FOUND, 0, "No line of %s has code at %#llx.", module->name,
				  (unsigned long long)address);
	if (!status) {
		full.start += module->bias;
		full.end += module->bias;
		status = ut__store(line, &full, sizeof(full), error);
	}
	ut__sym_unlock(image->symbols);
	return status;
}

/* Optimised code has its variables described from the first instruction on, so there is no prologue to wait for. gcc
 * says how it was called in the producer; clang marks the end of the prologue instead. */
static bool is_optimised(struct ut__unit *unit)
{
	Dwarf_Attribute found;
	const char *producer = dwarf_formstring(dwarf_attr_integrate(ut__unit_die(unit), DW_AT_producer, &found));
	const char *level = producer;
	bool optimised = false;

	while (level && (level = strstr(level, " -O"))) {
		level += 3;
		optimised = *level != '0';
	}
	return optimised;
}

/* Its functions begin as their author wrote them. */
static bool is_assembler(struct ut__unit *unit)
{
	Dwarf_Attribute found;
	Dwarf_Word language = 0;

	(void)dwarf_formudata(dwarf_attr_integrate(ut__unit_die(unit), DW_AT_language, &found), &language);
	return language == DW_LANG_Mips_Assembler;
}

static bool marks_prologue_end(Dwarf_Lines *lines, size_t n)
{
	bool flag = false;

	return dwarf_lineprologueend(dwarf_onesrcline(lines, n), &flag) == 0 && flag;
}

/* The first row at the address of this one. */
static size_t first_at(Dwarf_Lines *lines, size_t row)
{
	while (row > 0 && row_address(lines, row - 1) == row_address(lines, row) && !row_ends(lines, row - 1))
		row--;
	return row;
}

static int row_number(Dwarf_Lines *lines, size_t n)
{
	int number = 0;

	(void)dwarf_lineno(dwarf_onesrcline(lines, n), &number);
	return number;
}

/* push bp; mov sp,bp, after an endbr: where code without line information begins to work. (System V ABI supplements) */
static uint64_t after_frame_set_up(struct ut__file *file, uint64_t entry)
{
	unsigned char code[12] = {0};
	size_t size = ut__file_bytes(file, entry, code, sizeof(code));
	size_t at = size >= 4 && code[0] == 0xf3 && code[1] == 0x0f && code[2] == 0x1e ? 4 : 0;

	if (code[at] != 0x55)
		return entry;
	at++;
	if (file->bits == 64 && code[at] == 0x48)
		at++;
	if ((code[at] == 0x89 && code[at + 1] == 0xe5) || (code[at] == 0x8b && code[at + 1] == 0xec))
		return entry + at + 2;
	return entry;
}

uint64_t ut__function_break(struct ut__file *file, struct ut__unit *unit, uint64_t entry, uint64_t end)
{
	size_t count = 0;
	Dwarf_Lines *lines = unit ? ut__unit_lines(unit, &count) : NULL;
	size_t first = lines ? upper_bound(lines, count, entry) : 0;

	if (!first || row_address(lines, first - 1) != entry)
		return after_frame_set_up(file, entry);
	for (size_t i = first_at(lines, first - 1); i < count && row_address(lines, i) < end && !row_ends(lines, i);
	     i++) {
		if (marks_prologue_end(lines, i))
			return row_address(lines, i);
	}
	if (is_optimised(unit) || is_assembler(unit))
		return entry;
	for (size_t i = first; i < count && row_address(lines, i) < end && !row_ends(lines, i); i++) {
		if (is_statement(lines, i) && row_number(lines, i) > 0)
			return row_address(lines, i);
	}
	return entry;
}
