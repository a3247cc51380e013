/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/source.c - the text of source files: list, info line, info source.
 */
#include "source.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "expr.h"
#include "frames.h"
#include "print.h"

/* One file, lines found once. */
struct source_file {
	struct source_file *next;
	const char *name;
	char *text;
	const char **lines;
	size_t count;
	int error;
	bool told; /* that it can't be read */
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

static FILE *open_source(struct gdb *gdb, const char *name, const char *directory)
{
	FILE *stream = fopen(name, "re");
	const char *base = strrchr(name, '/');

	if (!stream && *name != '/' && directory)
		stream = fopen(arena_print(&gdb->arena, "%s/%s", directory, name), "re");
	if (!stream && base)
		stream = fopen(base + 1, "re");
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
	stream = open_source(gdb, name, directory);
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
	if (file->error && !file->told)
		say(gdb, "%u\t%s: %s.\n", line->line, file->name, strerror(file->error));
	else if (line->line && line->line <= file->count)
		show_line(gdb, file, (int)line->line);
	else
		say(gdb, "%u\tin %s\n", line->line, file->name);
	file->told = true;
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

/* ---- info line, info source ---- */

static void print_code_address(struct gdb *gdb, uint64_t address)
{
	say(gdb, "0x%llx", (unsigned long long)address);
	print_linker_symbol(gdb, address);
}

bool info_line(struct gdb *gdb, const char *arguments)
{
	struct places places;
	bool not_found;

	if (!places_find(gdb, &arguments, &places, &not_found))
		return false;
	for (size_t i = 0; i < places.count; i++) {
		const struct utrace_location *place = &places.list[i];
		struct utrace_line line = {.size = sizeof(line)};

		if (utrace_line_at(gdb->image, place->entry ? place->entry : place->address, &line, NULL)) {
			say(gdb, "No line number information available for address ");
			print_code_address(gdb, place->address);
			say(gdb, "\n");
			continue;
		}
		say(gdb, "Line %u of \"%s\" starts at address ", line.line, source_name(&line));
		print_code_address(gdb, line.start);
		say(gdb, " and ends at ");
		print_code_address(gdb, line.end);
		say(gdb, ".\n");
	}
	return true;
}

bool info_source(struct gdb *gdb, const char *arguments)
{
	struct utrace_line line = {.size = sizeof(line)};
	utrace_frame *frame = selected_frame(gdb);

	(void)arguments;
	if (!frame || utrace_frame_line(frame, &line, NULL)) {
		say(gdb, "No current source file.\n");
		return true;
	}
	say(gdb, "Current source file is %s\n", source_name(&line));
	if (line.directory)
		say(gdb, "Compilation directory is %s\n", line.directory);
	return true;
}
