/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/places.c - the places that a user names, as gdb's manual has them ("Location Specifications").
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "expr.h"
#include "frames.h"
#include "places.h"
#include "source.h"

struct search {
	struct gdb *gdb;
	struct places *places;
	const char *file; /* only in this one; NULL: everywhere */
};

bool file_matches(const char *path, const char *tail)
{
	size_t length = path ? strlen(path) : 0;
	size_t wanted = strlen(tail);

	if (length < wanted || strcmp(path + length - wanted, tail) != 0)
		return false;
	return length == wanted || path[length - wanted - 1] == '/' || *tail == '/';
}

bool number_is_listed(const char *list, int number)
{
	while (*list) {
		char *end;
		long first = strtol(list, &end, 10);
		long last = first;

		if (end == list)
			return false;
		if (*end == '-')
			last = strtol(end + 1, &end, 10);
		if (number >= first && number <= last)
			return true;
		list = end + strspn(end, " ,");
	}
	return false;
}

static int add_place(const struct utrace_location *location, void *data)
{
	struct search *search = data;
	struct places *places = search->places;
	struct utrace_line line = {.size = sizeof(line)};

	if (search->file && !file_matches(location->file, search->file))
		return 0;
	for (size_t i = 0; i < places->count; i++)
		if (places->list[i].address == location->address)
			return 0;
	if (places->count % 16 == 0) {
		struct utrace_location *grown = arena_alloc(&search->gdb->arena, (places->count + 16) * sizeof(*grown));

		if (places->count)
			memcpy(grown, places->list, places->count * sizeof(*grown));
		places->list = grown;
	}
	places->list[places->count] = *location;
	/* Behind the prologue it may be another line than the one that was asked for. */
	if (location->file && utrace_line_at(search->gdb->image, location->address, &line, NULL) == 0)
		places->list[places->count].line = line.line;
	places->count++;
	return 0;
}

static int add_symbol(const struct utrace_symbol *symbol, void *data)
{
	struct utrace_location location = {.size = sizeof(location),
					   .module = symbol->module,
					   .function = symbol->name,
					   .entry = symbol->address,
					   .address = symbol->address};

	if (symbol->kind == UTRACE_SYMBOL_FUNCTION || symbol->kind == UTRACE_SYMBOL_IFUNC)
		return add_place(&location, data);
	return 0;
}

static int compare_places(const void *left, const void *right)
{
	const struct utrace_location *a = left;
	const struct utrace_location *b = right;

	return (a->address > b->address) - (a->address < b->address);
}

bool default_line(struct gdb *gdb, const char **file, unsigned int *line)
{
	struct utrace_line at = {.size = sizeof(at)};
	utrace_frame *frame = selected_frame(gdb);

	if (frame && utrace_frame_line(frame, &at, NULL) == 0) {
		*file = source_name(&at);
		*line = at.line;
		return true;
	}
	if (!gdb->listing.file) {
		struct places places = {0};
		struct search search = {.gdb = gdb, .places = &places};

		if (gdb->image)
			(void)utrace_function_each(gdb->image, "main", add_place, &search, NULL);
		if (!places.count || !places.list[0].file)
			return fail(gdb, "No symbol table is loaded.  Use the \"file\" command.");
		gdb->listing.file = places.list[0].file;
		gdb->listing.center = (int)places.list[0].line;
	}
	*file = gdb->listing.file;
	*line = (unsigned int)gdb->listing.center;
	return true;
}

const char *source_of_name(struct gdb *gdb, const char *tail)
{
	struct places places = {0};
	struct search search = {.gdb = gdb, .places = &places};

	if (utrace_line_each(gdb->image, tail, 1, add_place, &search, NULL) >= 0 && places.count)
		return places.list[0].file;
	(void)fail(gdb, "No source file named %s.", tail);
	return NULL;
}

static bool find_line(struct gdb *gdb, struct search *search, const char *file, unsigned int line, bool *not_found)
{
	struct utrace_error error;
	int status = utrace_line_each(gdb->image, file, line, add_place, search, &error);

	if (search->places->count)
		return true;
	*not_found = status >= 0 || status == UTRACE_NOT_FOUND;
	if (*not_found && !source_of_name(gdb, file))
		return false;
	if (*not_found)
		return fail(gdb, "No line %u in file \"%s\".", line, file);
	return fail_with(gdb, &error);
}

static bool find_function(struct gdb *gdb, struct search *search, const char *name, bool *not_found)
{
	struct utrace_error error;
	int status = utrace_function_each(gdb->image, name, add_place, search, &error);

	if (status < 0 && status != UTRACE_NOT_FOUND)
		return fail_with(gdb, &error);
	if (!search->places->count && !search->file)
		(void)utrace_symbol_each(gdb->image, NULL, name, add_symbol, search);
	if (search->places->count)
		return true;
	*not_found = true;
	if (search->file)
		return fail(gdb, "Function \"%s\" not defined in \"%s\".", name, search->file);
	return fail(gdb, "Function \"%s\" not defined.", name);
}

static bool find_address(struct gdb *gdb, const char **text, struct search *search)
{
	struct utrace_location location = {.size = sizeof(location)};
	struct utrace_line line = {.size = sizeof(line)};
	struct expr *expr;
	struct value *value;

	(*text)++;
	expr = parse_argument(gdb, text);
	value = expr ? evaluate(gdb, expr) : NULL;
	if (!value || !value_as_address(gdb, value, &location.address))
		return false;
	location.entry = location.address;
	location.module = utrace_module_at(gdb->image, location.address);
	if (utrace_line_at(gdb->image, location.address, &line, NULL) == 0) {
		location.file = line.file;
		location.line = line.line;
	}
	(void)add_place(&location, search);
	return true;
}

static bool find_here(struct gdb *gdb, struct search *search)
{
	struct utrace_location location = {.size = sizeof(location)};
	struct utrace_line line = {.size = sizeof(line)};
	utrace_frame *frame = selected_frame(gdb);

	if (!frame)
		return fail(gdb, "No default breakpoint address available now.");
	location.address = utrace_frame_pc(frame);
	location.entry = location.address;
	if (utrace_line_at(gdb->image, location.address, &line, NULL) == 0) {
		location.file = line.file;
		location.line = line.line;
	}
	(void)add_place(&location, search);
	return true;
}

/* The end of the place: white space outside of <> and (), a comma, or the text's end. */
static const char *end_of_word(const char *text)
{
	int depth = 0;

	for (; *text; text++) {
		if (*text == '<' || *text == '(')
			depth++;
		else if ((*text == '>' || *text == ')') && depth)
			depth--;
		else if (!depth && (isspace((unsigned char)*text) || *text == ','))
			break;
	}
	return text;
}

/* The colon that parts a file from a line or function, not one of C++'s. */
static char *file_colon(char *word)
{
	char *found = NULL;

	for (char *at = word; *at; at++) {
		if (at[0] == ':' && at[1] == ':')
			at++;
		else if (*at == ':')
			found = at;
	}
	return found;
}

static bool is_number(const char *text)
{
	return *text && text[strspn(text, "0123456789")] == '\0';
}

static bool find_word(struct gdb *gdb, char *word, struct search *search, bool *not_found)
{
	char *colon = file_colon(word);
	const char *file;
	unsigned int line;

	if (colon) {
		*colon = '\0';
		if (is_number(colon + 1))
			return find_line(gdb, search, word, (unsigned int)strtoul(colon + 1, NULL, 10), not_found);
		search->file = word;
		return find_function(gdb, search, colon + 1, not_found);
	}
	if (!is_number(word) && *word != '+' && *word != '-')
		return find_function(gdb, search, word, not_found);
	if (!default_line(gdb, &file, &line))
		return false;
	if (is_number(word))
		line = (unsigned int)strtoul(word, NULL, 10);
	else
		line += (unsigned int)strtol(word, NULL, 10);
	return find_line(gdb, search, file, line, not_found);
}

bool places_find(struct gdb *gdb, const char **text, struct places *places, bool *not_found)
{
	struct search search = {.gdb = gdb, .places = places};
	const char *end;
	char *word;
	bool found;

	*places = (struct places){0};
	*not_found = false;
	*text += strspn(*text, " \t");
	if (!gdb->image) {
		*not_found = **text != '\0';
		return fail(gdb, **text ? "No symbol table is loaded.  Use the \"file\" command."
					: "No default breakpoint address available now.");
	}
	if (**text == '*')
		return find_address(gdb, text, &search);
	if (!**text || strncmp(*text, "if ", 3) == 0 || strncmp(*text, "thread ", 7) == 0)
		return find_here(gdb, &search);
	end = end_of_word(*text);
	word = arena_text(&gdb->arena, *text, (size_t)(end - *text));
	*text = end;
	found = find_word(gdb, word, &search, not_found);
	if (found)
		qsort(places->list, places->count, sizeof(*places->list), compare_places);
	return found;
}
