/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/skips.c - see skips.h.
 */
#include "skips.h"

#include <fnmatch.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "expr.h"
#include "frames.h"
#include "places.h"
#include "source.h"

struct skip {
	struct skip *next;
	int number;
	bool disabled;
	const char *file; /* NULL: any */
	bool file_is_glob;
	const char *function; /* NULL: any */
	bool function_is_pattern;
	regex_t pattern;
};

/* ---- matching ---- */

static bool file_fits(const struct skip *skip, const char *file)
{
	const char *base = file ? strrchr(file, '/') : NULL;

	if (!skip->file)
		return true;
	if (!file)
		return false;
	if (!skip->file_is_glob)
		return file_matches(file, skip->file);
	return fnmatch(skip->file, file, FNM_FILE_NAME) == 0 || fnmatch(skip->file, base ? base + 1 : file, 0) == 0;
}

static bool function_fits(const struct skip *skip, const char *function)
{
	if (!skip->function)
		return true;
	if (!function)
		return false;
	return skip->function_is_pattern ? regexec(&skip->pattern, function, 0, NULL, 0) == 0
					 : strcmp(skip->function, function) == 0;
}

bool skip_matches(struct gdb *gdb, uint64_t address)
{
	struct utrace_function function = {.size = sizeof(function)};
	struct utrace_line line = {.size = sizeof(line)};
	const char *name;
	const char *file;

	if (!gdb->skips)
		return false;
	name = utrace_function_at(gdb->image, address, &function, 1, NULL) >= 1 ? function.name : NULL;
	file = utrace_line_at(gdb->image, address, &line, NULL) == 0 ? line.file : NULL;
	for (const struct skip *skip = gdb->skips; skip; skip = skip->next)
		if (!skip->disabled && file_fits(skip, file) && function_fits(skip, name))
			return true;
	return false;
}

/* ---- making ---- */

static bool keep(struct gdb *gdb, const struct skip *wanted)
{
	struct skip **last = &gdb->skips;
	struct skip *skip = arena_copy(&gdb->kept, wanted, sizeof(*wanted));

	while (*last)
		last = &(*last)->next;
	*last = skip;
	skip->number = ++gdb->next_skip;
	return true;
}

static void mention(struct gdb *gdb, const struct skip *skip)
{
	const char *file = skip->file_is_glob ? "File(s)" : "File";
	const char *function = skip->function_is_pattern ? "Function(s)" : "Function";

	if (skip->file && skip->function)
		say(gdb, "%s %s in %s %s will be skipped when stepping.\n", function, skip->function,
		    skip->file_is_glob ? "file(s)" : "file", skip->file);
	else if (skip->file)
		say(gdb, "%s %s will be skipped when stepping.\n", file, skip->file);
	else
		say(gdb, "%s %s will be skipped when stepping.\n", function, skip->function);
}

static const char *present_function(struct gdb *gdb)
{
	utrace_frame *frame = selected_frame(gdb);
	const char *name = frame ? utrace_frame_function(frame) : NULL;

	if (!name)
		(void)fail(gdb, "No default function now.");
	return name ? arena_string(&gdb->kept, name) : NULL;
}

static const char *present_file(struct gdb *gdb)
{
	const char *file;
	unsigned int line;

	if (!selected_frame(gdb) || !default_line(gdb, &file, &line)) {
		(void)fail(gdb, "No default file now.");
		return NULL;
	}
	return arena_string(&gdb->kept, file);
}

bool skip_function(struct gdb *gdb, const char *arguments)
{
	struct skip skip = {.function = *arguments ? arena_string(&gdb->kept, arguments) : present_function(gdb)};

	if (!skip.function)
		return false;
	mention(gdb, &skip);
	return keep(gdb, &skip);
}

bool skip_file(struct gdb *gdb, const char *arguments)
{
	struct skip skip = {.file = *arguments ? arena_string(&gdb->kept, arguments) : present_file(gdb)};

	if (!skip.file)
		return false;
	mention(gdb, &skip);
	return keep(gdb, &skip);
}

static bool take_option(struct gdb *gdb, struct skip *skip, const char *option, const char *value)
{
	bool is_function = strcmp(option, "-fu") == 0 || strcmp(option, "-function") == 0;
	bool is_pattern = strcmp(option, "-rfu") == 0 || strcmp(option, "-rfunction") == 0;
	bool is_file = strcmp(option, "-fi") == 0 || strcmp(option, "-file") == 0;
	bool is_glob = strcmp(option, "-gfi") == 0 || strcmp(option, "-gfile") == 0;

	if (!is_function && !is_pattern && !is_file && !is_glob)
		return fail(gdb, "Invalid skip option: %s", option);
	if (!value)
		return fail(gdb, "Missing value for %s option.", option);
	if (is_function || is_pattern)
		skip->function = arena_string(&gdb->kept, value);
	else
		skip->file = arena_string(&gdb->kept, value);
	skip->function_is_pattern |= is_pattern;
	skip->file_is_glob |= is_glob;
	if (is_pattern && regcomp(&skip->pattern, value, REG_NOSUB))
		return fail(gdb, "regexp: %s", value);
	return true;
}

bool command_skip(struct gdb *gdb, const char *arguments)
{
	struct skip skip = {0};
	char *rest = NULL;

	if (*arguments != '-')
		return skip_function(gdb, arguments);
	for (char *word = strtok_r(arena_string(&gdb->arena, arguments), " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest))
		if (!take_option(gdb, &skip, word, strtok_r(NULL, " ", &rest)))
			return false;
	mention(gdb, &skip);
	return keep(gdb, &skip);
}

/* ---- the list ---- */

enum change { CHANGE_ENABLE, CHANGE_DISABLE, CHANGE_DELETE };

static bool change(struct gdb *gdb, const char *numbers, enum change what)
{
	struct skip **at = &gdb->skips;
	bool any = false;

	while (*at) {
		struct skip *skip = *at;

		if (*numbers && !number_is_listed(numbers, skip->number)) {
			at = &skip->next;
			continue;
		}
		any = true;
		skip->disabled = what == CHANGE_DISABLE;
		if (what == CHANGE_DELETE)
			*at = skip->next;
		else
			at = &skip->next;
	}
	return any || !*numbers ? true : fail(gdb, "No skiplist entries found with number %s.", numbers);
}

bool skip_enable(struct gdb *gdb, const char *arguments)
{
	return change(gdb, arguments, CHANGE_ENABLE);
}

bool skip_disable(struct gdb *gdb, const char *arguments)
{
	return change(gdb, arguments, CHANGE_DISABLE);
}

bool skip_delete(struct gdb *gdb, const char *arguments)
{
	return change(gdb, arguments, CHANGE_DELETE);
}

bool info_skip(struct gdb *gdb, const char *arguments)
{
	bool any = false;

	for (const struct skip *skip = gdb->skips; skip; skip = skip->next) {
		if (*arguments && !number_is_listed(arguments, skip->number))
			continue;
		if (!any)
			say(gdb, "Num   Enb Glob %20s RE Function\n", "File                ");
		any = true;
		say(gdb, "%-5d %-3s %4s %-20s %2s %s\n", skip->number, skip->disabled ? "n" : "y",
		    skip->file_is_glob ? "y" : "n", skip->file ? skip->file : "<none>",
		    skip->function_is_pattern ? "y" : "n", skip->function ? skip->function : "<none>");
	}
	if (!any && *arguments)
		say(gdb, "No skiplist entries found with number %s.\n", arguments);
	else if (!any)
		say(gdb, "Not skipping any files or functions.\n");
	return true;
}
