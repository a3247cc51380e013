/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/source.c - the text of source files: list, search, the source window.
 */
#include "source.h"

#include <ctype.h>
#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "breaks.h"
#include "expr.h"
#include "frames.h"
#include "print.h"

/* One file, lines found once. */
struct source_file {
	struct source_file *next;
	const char *name;
	const char *path; /* where it was found; NULL: nowhere */
	char *text;
	const char **lines;
	size_t count;
	int error;
};

const char *source_name(const struct utrace_line *line)
{
	return line->file ? line->file : "??";
}

bool is_main_module(struct gdb *gdb, const utrace_module *module)
{
	return gdb->inferior.file && strcmp(utrace_module_name(module), gdb->inferior.file) == 0;
}

static char *read_all(FILE *stream)
{
	size_t size = 0;
	size_t room = 65536;
	char *text = must_alloc(room + 1);
	size_t done;

	while ((done = fread(text + size, 1, room - size, stream)) > 0) {
		size += done;
		if (size == room) {
			room *= 2;
			text = must_grow(text, room + 1);
		}
	}
	text[size] = '\0';
	return text;
}

static void split_lines(struct source_file *file)
{
	char *at = file->text;

	while (*at) {
		if (file->count % 256 == 0)
			file->lines = must_grow((void *)file->lines, (file->count + 256) * sizeof(*file->lines));
		file->lines[file->count++] = at;
		at += strcspn(at, "\n");
		if (*at)
			*at++ = '\0';
	}
}

static FILE *open_path(struct gdb *gdb, const char *path, const char **found)
{
	FILE *stream = fopen(path, "re");

	if (stream)
		*found = arena_string(&gdb->kept, path);
	return stream;
}

/* Under each of the user's directories: with its own path, and by its last component. */
static FILE *open_in_directories(struct gdb *gdb, const char *name, const char **found)
{
	char *list = arena_string(&gdb->arena, gdb->directories ? gdb->directories : "");
	const char *base = strrchr(name, '/');
	FILE *stream = NULL;
	char *rest = NULL;

	for (char *one = strtok_r(list, ":", &rest); one && !stream; one = strtok_r(NULL, ":", &rest)) {
		stream = open_path(gdb, arena_print(&gdb->arena, "%s/%s", one, name), found);
		if (!stream && base)
			stream = open_path(gdb, arena_print(&gdb->arena, "%s%s", one, base), found);
	}
	return stream;
}

static FILE *open_source(struct gdb *gdb, const char *name, const char *directory, const char **found)
{
	FILE *stream = open_in_directories(gdb, name, found);
	const char *base = strrchr(name, '/');

	if (!stream)
		stream = open_path(gdb, name, found);
	if (!stream && *name != '/' && directory)
		stream = open_path(gdb, arena_print(&gdb->arena, "%s/%s", directory, name), found);
	if (!stream && base)
		stream = open_path(gdb, base + 1, found);
	return stream;
}

static struct source_file *find_source(struct gdb *gdb, const char *name, const char *directory)
{
	struct source_file *file = gdb->sources;
	FILE *stream;

	while (file && strcmp(file->name, name) != 0)
		file = file->next;
	if (file)
		return file;
	file = arena_alloc(&gdb->kept, sizeof(*file));
	file->name = arena_string(&gdb->kept, name);
	file->next = gdb->sources;
	gdb->sources = file;
	stream = open_source(gdb, name, directory, &file->path);
	if (!stream) {
		file->error = errno;
		return file;
	}
	file->text = read_all(stream);
	(void)fclose(stream);
	split_lines(file);
	return file;
}

static void show_line(struct gdb *gdb, const struct source_file *file, int line)
{
	say(gdb, "%d\t%s\n", line, file->lines[line - 1]);
}

void source_show_stop(struct gdb *gdb, const struct utrace_line *line)
{
	struct source_file *file = find_source(gdb, source_name(line), line->directory);

	gdb->listing = (struct source_place){.file = arena_string(&gdb->kept, source_name(line)),
					     .directory = line->directory,
					     .center = (int)line->line};
	if (file->error && gdb->last_source != file)
		say(gdb, "%u\t%s: %s.\n", line->line, file->name, strerror(file->error));
	else if (line->line && line->line <= file->count)
		show_line(gdb, file, (int)line->line);
	else
		say(gdb, "%u\tin %s\n", line->line, file->name);
	gdb->last_source = file;
}

/* ---- list ---- */

static bool list_range(struct gdb *gdb, const char *name, int first, int last)
{
	const struct source_file *file = find_source(gdb, name, gdb->listing.directory);

	if (file->error)
		return fail(gdb, "%d\t%s: %s.", first, file->name, strerror(file->error));
	if (first < 1)
		first = 1;
	if (first > (int)file->count)
		return fail(gdb, "Line number %d out of range; \"%s\" has %zu lines.", first, name, file->count);
	if (last > (int)file->count)
		last = (int)file->count;
	for (int line = first; line <= last; line++)
		show_line(gdb, file, line);
	gdb->listing.file = arena_string(&gdb->kept, name);
	gdb->listing.first = first;
	gdb->listing.last = last;
	gdb->listing.center = last;
	return true;
}

static bool list_around(struct gdb *gdb, const char *file, int line)
{
	int size = (int)gdb->settings.listsize;
	int first = line - size / 2;

	if (first < 1)
		first = 1;
	return list_range(gdb, file, first, first + size - 1);
}

static bool list_on(struct gdb *gdb)
{
	int size = (int)gdb->settings.listsize;
	const char *file;
	unsigned int line;

	if (gdb->listing.file && gdb->listing.last)
		return list_range(gdb, gdb->listing.file, gdb->listing.last + 1, gdb->listing.last + size);
	if (!default_line(gdb, &file, &line))
		return false;
	/* Before anything ran gdb shows what leads to main. */
	return list_around(gdb, file, (int)line - (gdb->inferior.thread ? 0 : (int)gdb->settings.listsize - 1));
}

static bool list_back(struct gdb *gdb)
{
	int size = (int)gdb->settings.listsize;
	int first = gdb->listing.first;

	if (!gdb->listing.file || !gdb->listing.last)
		return list_on(gdb);
	if (first <= 1)
		return fail(gdb, "Already at the start of %s.", gdb->listing.file);
	return list_range(gdb, gdb->listing.file, first - size < 1 ? 1 : first - size, first - 1);
}

/* FILE:LINE names a line also where no code is. */
static bool plain_line(struct gdb *gdb, const char **text, const char **file, int *line)
{
	size_t length = strcspn(*text, ", ");
	const char *word = arena_text(&gdb->arena, *text, length);
	const char *colon = strrchr(word, ':');
	unsigned int present = 0;
	char *end;

	*line = (int)strtol(colon ? colon + 1 : word, &end, 10);
	if (*end || end == word || (colon && end == colon + 1))
		return false;
	if (!default_line(gdb, file, &present))
		return false;
	if (colon)
		*file = source_of_name(gdb, arena_text(&gdb->arena, word, (size_t)(colon - word)));
	if (*word == '+' || *word == '-')
		*line += (int)present;
	*text += length;
	return *file != NULL;
}

static bool line_of_place(struct gdb *gdb, const char **text, const char **file, int *line)
{
	struct utrace_line at = {.size = sizeof(at)};
	struct places places;
	bool not_found;

	if (plain_line(gdb, text, file, line))
		return true;
	if (gdb->error || !places_find(gdb, text, &places, &not_found))
		return false;
	if (!places.list[0].file)
		return fail(gdb, "No debugging information for that place.");
	*file = places.list[0].file;
	*line = (int)places.list[0].line;
	if (utrace_line_at(gdb->image, places.list[0].entry, &at, NULL) == 0)
		*line = (int)at.line;
	return true;
}

bool command_list(struct gdb *gdb, const char *arguments)
{
	const char *file = NULL;
	const char *second = NULL;
	int first = 0;
	int last = 0;

	if (!*arguments)
		return list_on(gdb);
	if (strcmp(arguments, "-") == 0)
		return list_back(gdb);
	if (*arguments != ',' && !line_of_place(gdb, &arguments, &file, &first))
		return false;
	arguments += strspn(arguments, " ");
	if (!*arguments)
		return list_around(gdb, file, first);
	if (*arguments++ != ',')
		return fail(gdb, "Junk at end of line specification.");
	arguments += strspn(arguments, " ");
	if (!*arguments)
		return list_range(gdb, file, first, first + (int)gdb->settings.listsize - 1);
	if (!line_of_place(gdb, &arguments, &second, &last))
		return false;
	if (!file)
		return list_range(gdb, second, last - (int)gdb->settings.listsize + 1, last);
	return list_range(gdb, file, first, last);
}

/* ---- search, directory ---- */

static bool search(struct gdb *gdb, const char *pattern, int direction)
{
	const struct source_file *file;
	const char *name;
	unsigned int present;
	regex_t compiled;
	int line;

	if (*pattern) {
		free(gdb->searched);
		gdb->searched = must_copy(pattern);
	}
	if (!gdb->searched || regcomp(&compiled, gdb->searched, REG_NOSUB))
		return fail(gdb, "Invalid regexp: %s", pattern);
	if (!default_line(gdb, &name, &present)) {
		regfree(&compiled);
		return false;
	}
	if (gdb->listing.file && gdb->listing.last) {
		name = gdb->listing.file;
		present = (unsigned int)(direction > 0 ? gdb->listing.last : gdb->listing.first);
	}
	file = find_source(gdb, name, gdb->listing.directory);
	line = (int)present + direction;
	while (line >= 1 && line <= (int)file->count && regexec(&compiled, file->lines[line - 1], 0, NULL, 0))
		line += direction;
	regfree(&compiled);
	if (line < 1 || line > (int)file->count)
		return fail(gdb, "Expression not found");
	return list_range(gdb, name, line, line);
}

bool command_search(struct gdb *gdb, const char *arguments)
{
	return search(gdb, arguments, 1);
}

bool command_reverse_search(struct gdb *gdb, const char *arguments)
{
	return search(gdb, arguments, -1);
}

bool show_directories(struct gdb *gdb, const char *arguments)
{
	(void)arguments;
	say(gdb, "Source directories searched: %s%s$cdir:$cwd\n", gdb->directories ? gdb->directories : "",
	    gdb->directories ? ":" : "");
	return true;
}

bool command_directory(struct gdb *gdb, const char *arguments)
{
	if (!*arguments)
		gdb->directories = NULL;
	else if (gdb->directories)
		gdb->directories = arena_print(&gdb->kept, "%s:%s", arguments, gdb->directories);
	else
		gdb->directories = arena_string(&gdb->kept, arguments);
	gdb->sources = NULL; /* what was not found may be there */
	return show_directories(gdb, "");
}

/* ---- the source window ---- */

int source_line_count(struct gdb *gdb, const struct utrace_line *line)
{
	const struct source_file *file = find_source(gdb, source_name(line), line->directory);

	return file->error ? -1 : (int)file->count;
}

const char *source_path(struct gdb *gdb, const struct utrace_line *line)
{
	return find_source(gdb, source_name(line), line->directory)->path;
}

static char breakpoint_mark(struct gdb *gdb, const char *file, unsigned int line)
{
	for (const struct breakpoint *one = gdb->breakpoints; one; one = one->next)
		for (const struct location *at = one->locations; at; at = at->next)
			if (at->file && at->line == line && strcmp(at->file, file) == 0)
				return one->disabled || at->disabled ? 'b' : 'B';
	return ' ';
}

void source_show_window(struct gdb *gdb, const struct utrace_line *line)
{
	const struct source_file *file = find_source(gdb, source_name(line), line->directory);
	int height = (int)gdb->settings.window_height;
	int first = (int)line->line - height / 2;
	int last;

	if (file->error)
		return;
	if (first + height - 1 > (int)file->count)
		first = (int)file->count - height + 1;
	first = first < 1 ? 1 : first;
	last = first + height - 1 < (int)file->count ? first + height - 1 : (int)file->count;
	say(gdb, "---- %s%s%s ----\n", hue(gdb, HUE_FILE), file->name, hue(gdb, HUE_END));
	for (int at = first; at <= last; at++)
		say(gdb, "%c%c%5d\t%s\n", breakpoint_mark(gdb, file->name, (unsigned int)at),
		    at == (int)line->line ? '>' : ' ', at, file->lines[at - 1]);
	say(gdb, "----\n");
}
