/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/lineinfo.c - info line, source, scope: what the debug information says of a place.
 */
#include <stdlib.h>
#include <string.h>

#include "expr.h"
#include "frames.h"
#include "print.h"
#include "source.h"

static void print_code_address(struct gdb *gdb, uint64_t address)
{
	say(gdb, "0x%llx", (unsigned long long)address);
	print_linker_symbol(gdb, address);
}

/* ---- info line ---- */

static bool is_plain_number(const char *text)
{
	return *text && text[strspn(text, "0123456789")] == '\0';
}

/* The line that was asked for by number; 0: it was asked for in another way. */
static unsigned int line_asked_for(const char *text)
{
	const char *colon = strrchr(text, ':');
	const char *number = colon ? colon + 1 : text;

	return is_plain_number(number) ? (unsigned int)strtoul(number, NULL, 10) : 0;
}

static void print_line_of(struct gdb *gdb, const struct utrace_location *place, const char *text)
{
	unsigned int wanted = line_asked_for(text);
	struct utrace_line line = {.size = sizeof(line)};
	uint64_t address = place->entry && !wanted ? place->entry : place->address;

	if (utrace_line_at(gdb->image, address, &line, NULL)) {
		say(gdb, "No line number information available for address ");
		print_code_address(gdb, place->address);
		say(gdb, "\n");
		return;
	}
	if (wanted && wanted != line.line) {
		struct utrace_line entry = {.size = sizeof(entry)};

		/* At a function's first line: where that begins, not behind its prologue. */
		if (place->entry && utrace_line_at(gdb->image, place->entry, &entry, NULL) == 0 &&
		    entry.line >= wanted && entry.line <= line.line)
			line = entry;
		say(gdb, "Line %u of \"%s\" is at address ", wanted, source_name(&line));
		print_code_address(gdb, line.start);
		say(gdb, " but contains no code.\n");
		return;
	}
	say(gdb, "Line %u of \"%s\" starts at address ", line.line, source_name(&line));
	print_code_address(gdb, *text == '*' && address != line.start ? address : line.start);
	say(gdb, " and ends at ");
	print_code_address(gdb, line.end);
	say(gdb, ".\n");
}

static bool print_present_line(struct gdb *gdb)
{
	utrace_frame *frame = selected_frame(gdb);
	struct utrace_location place = {.size = sizeof(place)};

	if (!frame)
		return fail(gdb, "No line number information available.");
	place.address = utrace_frame_lookup_pc(frame);
	print_line_of(gdb, &place, "");
	return true;
}

bool info_line(struct gdb *gdb, const char *arguments)
{
	const char *text = arguments;
	struct places places;
	bool not_found;

	if (!*arguments)
		return print_present_line(gdb);
	if (!places_find(gdb, &text, &places, &not_found)) {
		unsigned int line = line_asked_for(arguments);
		const char *file;
		unsigned int present;

		if (!not_found || !line || strchr(arguments, ':') || !default_line(gdb, &file, &present))
			return false;
		gdb->error = NULL;
		say(gdb, "Line number %u is out of range for \"%s\".\n", line, file);
		return true;
	}
	for (size_t i = 0; i < places.count; i++)
		print_line_of(gdb, &places.list[i], arguments);
	return true;
}

/* ---- info source ---- */

/* DWARF 5, table 7.17; those that compilers here give. */
const char *language_name(uint32_t language)
{
	switch (language) {
	case 0x0001:
	case 0x0002:
	case 0x000c:
	case 0x001d:
	case 0x002c:
		return "c";
	case 0x0004:
	case 0x0019:
	case 0x001a:
	case 0x0021:
	case 0x002b:
		return "c++";
	case 0x001c:
		return "rust";
	case 0x0016:
		return "go";
	case 0x8001:
		return "asm";
	default:
		return "unknown";
	}
}

static bool present_unit(struct gdb *gdb, struct utrace_unit *unit, struct utrace_line *line)
{
	utrace_frame *frame = selected_frame(gdb);
	struct places places;
	bool not_found;
	const char *text;

	if (frame)
		return utrace_frame_line(frame, line, NULL) == 0 &&
		       utrace_unit_at(gdb->image, utrace_frame_lookup_pc(frame), unit, NULL) == 0;
	if (!gdb->image || !gdb->listing.file)
		return false;
	text = arena_print(&gdb->arena, "%s:1", gdb->listing.file);
	if (!places_find(gdb, &text, &places, &not_found))
		return false;
	return utrace_line_at(gdb->image, places.list[0].address, line, NULL) == 0 &&
	       utrace_unit_at(gdb->image, places.list[0].address, unit, NULL) == 0;
}

bool info_source(struct gdb *gdb, const char *arguments)
{
	struct utrace_unit unit = {.size = sizeof(unit)};
	struct utrace_line line = {.size = sizeof(line)};
	int count;

	(void)arguments;
	if (!present_unit(gdb, &unit, &line)) {
		gdb->error = NULL;
		say(gdb, "No current source file.\n");
		return true;
	}
	say(gdb, "Current source file is %s\n", source_name(&line));
	if (unit.directory)
		say(gdb, "Compilation directory is %s\n", unit.directory);
	if (source_path(gdb, &line))
		say(gdb, "Located in %s\n", source_path(gdb, &line));
	count = source_line_count(gdb, &line);
	if (count >= 0)
		say(gdb, "Contains %d line%s.\n", count, count == 1 ? "" : "s");
	say(gdb, "Source language is %s.\n", language_name(unit.language));
	if (unit.producer)
		say(gdb, "Producer is %s.\n", unit.producer);
	say(gdb, "Compiled with DWARF %u debugging format.\nDoes not include preprocessor macro info.\n",
	    unit.dwarf_version);
	return true;
}

/* ---- info scope ---- */

static void print_storage(struct gdb *gdb, utrace_variable *variable)
{
	struct utrace_place place = {.size = sizeof(place)};

	say(gdb, "Symbol %s is ", utrace_variable_name(variable));
	if (!utrace_variable_is_static(variable))
		say(gdb, "a %s",
		    utrace_variable_is_argument(variable) ? "parameter of the frame" : "variable of the frame");
	else if (utrace_variable_place(variable, NULL, &place, NULL) == 0 && place.kind == UTRACE_PLACE_MEMORY)
		say(gdb, "static storage at address 0x%llx", (unsigned long long)place.address);
	else
		say(gdb, "constant or optimized out");
	say(gdb, ", length %zu.\n", size_of(utrace_variable_type(variable)));
}

bool info_scope(struct gdb *gdb, const char *arguments)
{
	const char *text = arguments;
	utrace_variable *variables[256];
	struct places places;
	bool not_found;
	int count;

	if (!*arguments)
		return fail(gdb, "requires an argument: a linespec or an address to find local variables of");
	if (!places_find(gdb, &text, &places, &not_found))
		return false;
	count = utrace_variables_at(gdb->image, places.list[0].address, variables, 256, NULL);
	if (count <= 0) {
		say(gdb, "Symbol table for `%s' has no locals.\n", arguments);
		return true;
	}
	say(gdb, "Scope for %s:\n", arguments);
	for (int i = 0; i < count && i < 256; i++)
		print_storage(gdb, variables[i]);
	return true;
}
