/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/symbols.c - info symbol, address, functions, variables, types; rbreak.
 */
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "breaks.h"
#include "command.h"
#include "expr.h"
#include "places.h"
#include "print.h"
#include "source.h"

bool info_symbol(struct gdb *gdb, const char *arguments)
{
	struct utrace_symbol symbol = {.size = sizeof(symbol)};
	const char *section;
	uint64_t address;

	if (!*arguments)
		return fail(gdb, "Argument required (address).");
	if (!evaluate_address(gdb, arguments, &address))
		return false;
	if (utrace_symbol_at(gdb->image, address, &symbol, NULL)) {
		say(gdb, "No symbol matches %s.\n", arguments);
		return true;
	}
	say(gdb, "%s", symbol.name);
	if (address != symbol.address)
		say(gdb, " + %llu", (unsigned long long)(address - symbol.address));
	section = utrace_module_section_at(symbol.module, address);
	if (section)
		say(gdb, " in section %s", section);
	if (gdb->inferior.process)
		say(gdb, " of %s", module_name(gdb, symbol.module));
	say(gdb, "\n");
	return true;
}

bool info_address(struct gdb *gdb, const char *arguments)
{
	struct value *value;

	if (!*arguments)
		return fail(gdb, "Argument required.");
	value = evaluate_text(gdb, arguments);
	if (!value)
		return false;
	say(gdb, "Symbol \"%s\" is ", arguments);
	if (kind_of(value->type) == UTRACE_TYPE_FUNCTION)
		say(gdb, "a function at address 0x%llx.\n", (unsigned long long)value->address);
	else if (value->place == PLACE_MEMORY && value->variable && !utrace_variable_is_static(value->variable))
		say(gdb, "a variable in the frame, at 0x%llx now.\n", (unsigned long long)value->address);
	else if (value->place == PLACE_MEMORY)
		say(gdb, "static storage at address 0x%llx.\n", (unsigned long long)value->address);
	else if (value->optimized_out)
		say(gdb, "optimized out.\n");
	else
		say(gdb, "a variable that is not in memory.\n");
	return true;
}

/* ---- lists ---- */

struct listing {
	struct gdb *gdb;
	regex_t pattern;
	bool has_pattern;
	const char *file; /* that was printed last */
	struct list_item *items;
	size_t count;
	bool without_debug;
};

struct list_item {
	const char *file;
	unsigned int line;
	const char *text;
	const char *name;
	uint64_t address;
};

static bool start_listing(struct gdb *gdb, struct listing *listing, const char *pattern)
{
	*listing = (struct listing){.gdb = gdb, .has_pattern = *pattern != '\0'};
	if (!gdb->image)
		return fail(gdb, "No symbol table is loaded.  Use the \"file\" command.");
	if (listing->has_pattern && regcomp(&listing->pattern, pattern, REG_NOSUB))
		return fail(gdb, "Invalid regexp: %s", pattern);
	return true;
}

static bool matches(const struct listing *listing, const char *name)
{
	return !listing->has_pattern || regexec(&listing->pattern, name, 0, NULL, 0) == 0;
}

static struct list_item *add_item(struct listing *listing)
{
	if (listing->count % 256 == 0)
		listing->items = must_grow(listing->items, (listing->count + 256) * sizeof(*listing->items));
	return &listing->items[listing->count++];
}

static int by_file_and_name(const void *left, const void *right)
{
	const struct list_item *a = left;
	const struct list_item *b = right;
	int order = strcmp(a->file, b->file);

	return order ? order : strcmp(a->name, b->name);
}

static void print_listing(struct listing *listing)
{
	struct gdb *gdb = listing->gdb;
	const char *file = NULL;

	if (listing->count)
		qsort(listing->items, listing->count, sizeof(*listing->items), by_file_and_name);
	for (size_t i = 0; i < listing->count; i++) {
		const struct list_item *item = &listing->items[i];

		if (i && strcmp(item->name, item[-1].name) == 0 && item->line == item[-1].line &&
		    strcmp(item->file, item[-1].file) == 0)
			continue;
		if (!file || strcmp(file, item->file) != 0)
			say(gdb, "\nFile %s:\n", item->file);
		file = item->file;
		if (item->line)
			say(gdb, "%u:\t%s\n", item->line, item->text);
		else
			say(gdb, "\t%s\n", item->text);
	}
}

static void end_listing(struct listing *listing)
{
	free(listing->items);
	if (listing->has_pattern)
		regfree(&listing->pattern);
}

static const char *function_text(struct gdb *gdb, utrace_type *type, const char *name)
{
	char *text = utrace_type_print(type, name);
	const char *kept = arena_string(&gdb->arena, text ? text : name);

	free(text);
	return kept;
}

static bool is_static_function(struct gdb *gdb, uint64_t entry)
{
	struct utrace_symbol symbol = {.size = sizeof(symbol)};

	return utrace_symbol_at(gdb->image, entry, &symbol, NULL) == 0 && symbol.address == entry && !symbol.is_global;
}

static int list_function(const struct utrace_location *location, void *data)
{
	struct listing *listing = data;
	struct gdb *gdb = listing->gdb;
	utrace_type *type = NULL;
	struct list_item *item;

	if (!location->file || location->is_inlined || !matches(listing, location->function))
		return 0;
	item = add_item(listing);
	*item = (struct list_item){.file = location->file,
				   .line = location->declared_line,
				   .name = location->function,
				   .address = location->entry};
	item->text = location->function;
	if (utrace_type_of_function(gdb->image, location->entry, &type, NULL) == 0)
		item->text =
			arena_print(&gdb->arena, "%s%s;", is_static_function(gdb, location->entry) ? "static " : "",
				    function_text(gdb, type, location->function));
	return 0;
}

static int list_symbol(const struct utrace_symbol *symbol, void *data)
{
	struct listing *listing = data;
	struct utrace_line line = {.size = sizeof(line)};
	utrace_variable *variable = NULL;
	bool is_function = symbol->kind == UTRACE_SYMBOL_FUNCTION || symbol->kind == UTRACE_SYMBOL_IFUNC;

	if (!symbol->name || !*symbol->name || !matches(listing, symbol->name))
		return 0;
	if (listing->without_debug ? !is_function : is_function || symbol->kind != UTRACE_SYMBOL_OBJECT)
		return 0;
	if (!listing->without_debug &&
	    utrace_variable_find(listing->gdb->image, NULL, symbol->name, &variable, NULL) == 0)
		return 0;
	if (listing->without_debug && utrace_line_at(listing->gdb->image, symbol->address, &line, NULL) == 0)
		return 0;
	*add_item(listing) =
		(struct list_item){.file = "", .name = symbol->name, .text = symbol->name, .address = symbol->address};
	return 0;
}

static int by_address(const void *left, const void *right)
{
	const struct list_item *a = left;
	const struct list_item *b = right;

	return (a->address > b->address) - (a->address < b->address);
}

static void print_symbols(struct listing *listing)
{
	struct gdb *gdb = listing->gdb;

	if (!listing->count)
		return;
	qsort(listing->items, listing->count, sizeof(*listing->items), by_address);
	say(gdb, "\nNon-debugging symbols:\n");
	for (size_t i = 0; i < listing->count; i++)
		say(gdb, "0x%0*llx  %s\n", (int)pointer_size(gdb) * 2, (unsigned long long)listing->items[i].address,
		    listing->items[i].text);
}

static void say_title(struct gdb *gdb, const char *what, const char *pattern)
{
	if (*pattern)
		say(gdb, "All %ss matching regular expression \"%s\":\n", what, pattern);
	else
		say(gdb, "All defined %ss:\n", what);
}

bool info_functions(struct gdb *gdb, const char *arguments)
{
	struct listing listing;

	if (!start_listing(gdb, &listing, arguments))
		return false;
	say_title(gdb, "function", arguments);
	(void)utrace_function_list(gdb->image, list_function, &listing);
	print_listing(&listing);
	listing.count = 0;
	listing.without_debug = true;
	(void)utrace_symbol_each(gdb->image, NULL, NULL, list_symbol, &listing);
	print_symbols(&listing);
	end_listing(&listing);
	return true;
}

/* ---- rbreak ---- */

/* FILE:REGEXP; the colon is not one of C++'s. */
static const char *split_file(struct gdb *gdb, const char *text, const char **file)
{
	const char *colon = strchr(text, ':');

	*file = NULL;
	if (!colon || colon[1] == ':' || colon == text)
		return text;
	*file = arena_text(&gdb->arena, text, (size_t)(colon - text));
	return colon + 1 + strspn(colon + 1, " ");
}

bool command_rbreak(struct gdb *gdb, const char *arguments)
{
	struct listing listing;
	const char *file;
	const char *pattern = split_file(gdb, arguments, &file);
	bool done = true;

	if (!start_listing(gdb, &listing, pattern))
		return false;
	(void)utrace_function_list(gdb->image, list_function, &listing);
	if (listing.count)
		qsort(listing.items, listing.count, sizeof(*listing.items), by_file_and_name);
	for (size_t i = 0; i < listing.count && done && !*gdb->interrupted; i++) {
		const struct list_item *item = &listing.items[i];

		if (file && !file_matches(item->file, file))
			continue;
		if (i && item->address == item[-1].address)
			continue;
		done = set_break(gdb, arena_print(&gdb->arena, "%s:%s", item->file, item->name), KIND_BREAK, false);
		if (done)
			say(gdb, "%s\n", item->text);
	}
	listing.count = 0;
	listing.without_debug = true;
	if (done && !file)
		(void)utrace_symbol_each(gdb->image, NULL, NULL, list_symbol, &listing);
	for (size_t i = 0; i < listing.count && done && !*gdb->interrupted; i++) {
		done = set_break(gdb, arena_print(&gdb->arena, "*0x%llx", (unsigned long long)listing.items[i].address),
				 KIND_BREAK, false);
		if (done)
			say(gdb, "<function, no debug info> %s;\n", listing.items[i].name);
	}
	end_listing(&listing);
	return done;
}

static int list_variable(utrace_variable *variable, void *data)
{
	struct listing *listing = data;
	const char *name = utrace_variable_name(variable);
	const char *file = utrace_variable_file(variable);
	struct list_item *item;

	if (!name || !matches(listing, name))
		return 0;
	item = add_item(listing);
	*item = (struct list_item){.file = file ? file : "?", .line = utrace_variable_line(variable), .name = name};
	item->text = arena_print(&listing->gdb->arena, "%s%s;", utrace_variable_is_external(variable) ? "" : "static ",
				 function_text(listing->gdb, utrace_variable_type(variable), name));
	return 0;
}

bool info_variables(struct gdb *gdb, const char *arguments)
{
	struct listing listing;

	if (!start_listing(gdb, &listing, arguments))
		return false;
	say_title(gdb, "variable", arguments);
	(void)utrace_variable_list(gdb->image, list_variable, &listing);
	print_listing(&listing);
	listing.count = 0;
	(void)utrace_symbol_each(gdb->image, NULL, NULL, list_symbol, &listing);
	print_symbols(&listing);
	end_listing(&listing);
	return true;
}

static int list_type(utrace_type *type, const char *file, uint32_t line, void *data)
{
	struct listing *listing = data;
	const char *name = utrace_type_name(type);
	struct list_item *item;

	if (!name || !matches(listing, name))
		return 0;
	item = add_item(listing);
	*item = (struct list_item){.file = file ? file : "", .line = line, .name = name};
	if (utrace_type_kind(type) == UTRACE_TYPE_TYPEDEF)
		item->text = arena_print(&listing->gdb->arena, "typedef %s;",
					 function_text(listing->gdb, utrace_type_target(type), name));
	else
		item->text = arena_print(&listing->gdb->arena, "%s%s", type_text(listing->gdb, type), line ? ";" : "");
	return 0;
}

bool info_types(struct gdb *gdb, const char *arguments)
{
	struct listing listing;

	if (!start_listing(gdb, &listing, arguments))
		return false;
	say_title(gdb, "type", arguments);
	(void)utrace_type_list(gdb->image, list_type, &listing);
	print_listing(&listing);
	end_listing(&listing);
	return true;
}
