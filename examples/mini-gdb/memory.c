/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/memory.c - find, dump, append, restore: the program's memory as bytes.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "expr.h"
#include "frames.h"
#include "print.h"
#include "run.h"

enum { CHUNK = 65536 };

/* ---- find ---- */

struct search {
	char size;    /* b h w g; 0: that of each value's type */
	size_t limit; /* of matches */
	uint64_t start, length;
	unsigned char *pattern;
	size_t pattern_size;
};

static bool add_bytes(struct gdb *gdb, struct search *search, const void *bytes, size_t size)
{
	unsigned char *grown = arena_alloc(&gdb->arena, search->pattern_size + size);

	if (search->pattern_size)
		memcpy(grown, search->pattern, search->pattern_size);
	memcpy(grown + search->pattern_size, bytes, size);
	search->pattern = grown;
	search->pattern_size += size;
	return true;
}

static size_t size_of_letter(char letter)
{
	return letter == 'b' ? 1 : letter == 'h' ? 2 : letter == 'w' ? 4 : 8;
}

static bool add_value(struct gdb *gdb, struct search *search, const struct expr *expr, struct value *value)
{
	unsigned char bytes[8];
	uint64_t number;

	if (!value_fetch(gdb, value))
		return false;
	if (expr->operation == OP_STRING) /* without the NUL at its end */
		return add_bytes(gdb, search, value->bytes, value->size ? value->size - 1 : 0);
	if (!search->size || !is_integral(value->type))
		return add_bytes(gdb, search, value->bytes, value->size);
	if (!value_as_integer(gdb, value, &number))
		return false;
	store_integer(bytes, size_of_letter(search->size), number);
	return add_bytes(gdb, search, bytes, size_of_letter(search->size));
}

static bool next_argument(struct gdb *gdb, const char **text, struct expr **expr, struct value **value)
{
	*text += strspn(*text, " \t");
	*expr = parse_argument(gdb, text);
	*value = *expr ? evaluate(gdb, *expr) : NULL;
	*text += strspn(*text, " \t");
	return *value != NULL;
}

static bool parse_slash(struct gdb *gdb, const char **text, struct search *search)
{
	while (**text == '/') {
		const char *at = *text + 1;

		for (; *at && !isspace((unsigned char)*at) && *at != '/'; at++) {
			char *end;

			if (isdigit((unsigned char)*at)) {
				search->limit = strtoul(at, &end, 10);
				at = end - 1;
			} else if (strchr("bhwg", *at)) {
				search->size = *at;
			} else {
				return fail(gdb, "Invalid size granularity.");
			}
		}
		*text = at + strspn(at, " \t");
	}
	return true;
}

static bool parse_end(struct gdb *gdb, const char **text, struct search *search)
{
	struct expr *expr;
	struct value *value;
	uint64_t end;

	*text += strspn(*text, " \t");
	if (**text == '+') {
		(*text)++;
		if (!next_argument(gdb, text, &expr, &value) || !value_as_integer(gdb, value, &search->length))
			return false;
		return search->length ? true : fail(gdb, "Empty search range.");
	}
	if (!next_argument(gdb, text, &expr, &value) || !value_as_address(gdb, value, &end))
		return false;
	if (end < search->start)
		return fail(gdb, "Invalid search space, end precedes start.");
	search->length = end - search->start + 1;
	return true;
}

static bool parse_search(struct gdb *gdb, const char *text, struct search *search)
{
	struct expr *expr;
	struct value *value;

	if (!parse_slash(gdb, &text, search))
		return false;
	if (!*text)
		return fail(gdb, "Missing search parameters.");
	if (!next_argument(gdb, &text, &expr, &value) || !value_as_address(gdb, value, &search->start))
		return false;
	if (*text++ != ',')
		return fail(gdb, "Missing search parameters.");
	if (!parse_end(gdb, &text, search))
		return false;
	if (*text != ',')
		return fail(gdb, "Missing search pattern.");
	while (*text++ == ',')
		if (!next_argument(gdb, &text, &expr, &value) || !add_value(gdb, search, expr, value))
			return false;
	if (text[-1])
		return fail(gdb, "Junk at end of arguments.");
	return search->pattern_size ? true : fail(gdb, "Missing search pattern.");
}

/* The first match at or after `from`, in [from, end); UINT64_MAX: none. An unreadable byte ends the search. */
static uint64_t next_match(struct gdb *gdb, const struct search *search, uint64_t from, uint64_t end, bool *broken)
{
	static unsigned char buffer[CHUNK]; /* one search at a time */
	size_t overlap = search->pattern_size - 1;

	while (from < end && end - from >= search->pattern_size && !*gdb->interrupted) {
		size_t wanted = end - from < CHUNK ? (size_t)(end - from) : CHUNK;
		ssize_t got = utrace_image_read(gdb->image, from, buffer, wanted, NULL);
		unsigned char *found;

		if (got < (ssize_t)search->pattern_size) {
			*broken = true;
			return UINT64_MAX;
		}
		found = memmem(buffer, (size_t)got, search->pattern, search->pattern_size);
		if (found)
			return from + (uint64_t)(found - buffer);
		*broken = (size_t)got < wanted;
		if (*broken)
			return UINT64_MAX;
		from += (size_t)got - overlap;
		if (end - from <= overlap)
			break;
	}
	return UINT64_MAX;
}

static void remember(struct gdb *gdb, uint64_t last, size_t count)
{
	utrace_type *number = base_type(gdb, "int");

	if (count)
		convenience_set(gdb, "_",
				value_cast(gdb, value_integer(gdb, base_type(gdb, "unsigned long"), last),
					   pointer_type(gdb, NULL)));
	convenience_set(gdb, "numfound", value_integer(gdb, number, count));
}

bool command_find_bytes(struct gdb *gdb, const char *arguments)
{
	struct search search = {.limit = SIZE_MAX};
	uint64_t at, end, last = 0;
	size_t count = 0;
	bool broken = false;

	if (!gdb->image)
		return fail(gdb, "No program to search in.");
	if (!parse_search(gdb, arguments, &search))
		return false;
	if (search.pattern_size > CHUNK)
		return fail(gdb, "The pattern is larger than %d bytes.", CHUNK);
	end = search.start + search.length;
	for (at = search.start; count < search.limit; at = last + 1) {
		at = next_match(gdb, &search, at, end, &broken);
		if (at == UINT64_MAX)
			break;
		last = at;
		say(gdb, "0x%llx", (unsigned long long)at);
		print_symbol(gdb, at);
		say(gdb, "\n");
		count++;
	}
	remember(gdb, last, count);
	if (broken)
		say(gdb, "Unable to access all of the target memory from 0x%llx on, halting search.\n",
		    (unsigned long long)(count ? last + 1 : search.start));
	if (!count)
		say(gdb, "Pattern not found.\n");
	else
		say(gdb, "%zu pattern%s found.\n", count, count > 1 ? "s" : "");
	return true;
}

/* ---- dump and append ---- */

/* The next word; parentheses and quotes may have blanks. */
static const char *next_word(struct gdb *gdb, const char **text)
{
	const char *start = *text + strspn(*text, " \t");
	const char *at = start;
	int depth = 0;

	for (; *at && (depth || !isspace((unsigned char)*at)); at++)
		depth += (*at == '(') - (*at == ')');
	*text = at + strspn(at, " \t");
	return arena_text(&gdb->arena, start, (size_t)(at - start));
}

static bool write_memory(struct gdb *gdb, FILE *stream, uint64_t start, uint64_t end)
{
	static unsigned char buffer[CHUNK];

	while (start < end) {
		size_t wanted = end - start < CHUNK ? (size_t)(end - start) : CHUNK;
		ssize_t got = utrace_image_read(gdb->image, start, buffer, wanted, NULL);

		if (got < (ssize_t)wanted)
			return fail(gdb, "Cannot access memory at address 0x%llx",
				    (unsigned long long)(start + (got > 0 ? (size_t)got : 0)));
		if (fwrite(buffer, 1, wanted, stream) != wanted)
			return fail(gdb, "Writing the file failed: %s.", strerror(errno));
		start += wanted;
	}
	return true;
}

static FILE *open_output(struct gdb *gdb, const char *path, const char *mode)
{
	FILE *stream = fopen(path, mode);

	if (!stream)
		(void)fail(gdb, "Failed to open %s: %s.", path, strerror(errno));
	return stream;
}

static bool close_output(struct gdb *gdb, FILE *stream, bool done)
{
	if (fclose(stream) && done)
		return fail(gdb, "Writing the file failed: %s.", strerror(errno));
	return done;
}

static bool memory_to_file(struct gdb *gdb, const char *text, const char *mode)
{
	const char *path = next_word(gdb, &text);
	const char *first = next_word(gdb, &text);
	uint64_t start, end;
	FILE *stream;

	if (!*path)
		return fail(gdb, "Missing filename.");
	if (!*first || !*text)
		return fail(gdb, "Missing start or stop address.");
	if (!evaluate_address(gdb, first, &start) || !evaluate_address(gdb, text, &end))
		return false;
	if (end <= start)
		return fail(gdb, "Invalid memory address range (start >= end).");
	stream = open_output(gdb, path, mode);
	return stream && close_output(gdb, stream, write_memory(gdb, stream, start, end));
}

static bool value_to_file(struct gdb *gdb, const char *text, const char *mode)
{
	const char *path = next_word(gdb, &text);
	struct value *value;
	FILE *stream;
	bool done;

	if (!*path)
		return fail(gdb, "Missing filename.");
	if (!*text)
		return fail(gdb, "No value to dump.");
	value = evaluate_text(gdb, text);
	if (!value || !value_fetch(gdb, value))
		return false;
	stream = open_output(gdb, path, mode);
	if (!stream)
		return false;
	done = fwrite(value->bytes, 1, value->size, stream) == value->size;
	return close_output(gdb, stream, done || fail(gdb, "Writing the file failed: %s.", strerror(errno)));
}

bool command_dump_memory(struct gdb *gdb, const char *arguments)
{
	return memory_to_file(gdb, arguments, "we");
}

bool command_dump_value(struct gdb *gdb, const char *arguments)
{
	return value_to_file(gdb, arguments, "we");
}

bool command_append_memory(struct gdb *gdb, const char *arguments)
{
	return memory_to_file(gdb, arguments, "ae");
}

bool command_append_value(struct gdb *gdb, const char *arguments)
{
	return value_to_file(gdb, arguments, "ae");
}

bool command_dump(struct gdb *gdb, const char *arguments)
{
	const char *word = next_word(gdb, &arguments);

	if (strcmp(word, "memory") == 0)
		return memory_to_file(gdb, arguments, "we");
	if (strcmp(word, "value") == 0)
		return value_to_file(gdb, arguments, "we");
	return fail(gdb, "\"dump binary\" must be followed by \"memory\" or \"value\".");
}

/* ---- restore ---- */

struct restoring {
	const char *path;
	uint64_t offset;     /* added to positions in the file */
	uint64_t start, end; /* of the file; end 0: all */
};

static bool parse_restore(struct gdb *gdb, const char *text, struct restoring *restoring)
{
	const char *word;

	restoring->path = next_word(gdb, &text);
	if (!*restoring->path)
		return fail(gdb, "You can't do that without a file name.");
	word = next_word(gdb, &text);
	if (strcmp(word, "binary") != 0)
		return fail(gdb, "'%s' is not a recognized file format.", restoring->path);
	word = next_word(gdb, &text);
	if (*word && !evaluate_address(gdb, word, &restoring->offset))
		return false;
	word = next_word(gdb, &text);
	if (*word && !evaluate_address(gdb, word, &restoring->start))
		return false;
	if (*text && !evaluate_address(gdb, text, &restoring->end))
		return false;
	if (*text && restoring->end <= restoring->start)
		return fail(gdb, "End must be greater than start.");
	return true;
}

static bool read_file(struct gdb *gdb, const struct restoring *restoring, unsigned char **bytes, size_t *size)
{
	FILE *stream = fopen(restoring->path, "re");
	long length;

	if (!stream)
		return fail(gdb, "Failed to open %s: %s.", restoring->path, strerror(errno));
	(void)fseek(stream, 0, SEEK_END);
	length = ftell(stream);
	*size = length > 0 ? (size_t)length : 0;
	if (restoring->end && restoring->end < *size)
		*size = restoring->end;
	if (restoring->start >= *size) {
		(void)fclose(stream);
		return fail(gdb, "Start address is greater than length of binary file %s.", restoring->path);
	}
	*size -= restoring->start;
	*bytes = arena_alloc(&gdb->arena, *size);
	(void)fseek(stream, (long)restoring->start, SEEK_SET);
	*size = fread(*bytes, 1, *size, stream);
	(void)fclose(stream);
	return true;
}

bool command_restore(struct gdb *gdb, const char *arguments)
{
	struct restoring restoring = {0};
	struct utrace_error error = {0};
	unsigned char *bytes = NULL;
	uint64_t to;
	size_t size = 0;

	if (!need_process(gdb))
		return false;
	if (!parse_restore(gdb, arguments, &restoring) || !read_file(gdb, &restoring, &bytes, &size))
		return false;
	to = restoring.offset + restoring.start;
	say(gdb, "Restoring binary file %s into memory (0x%llx to 0x%llx)\n", restoring.path, (unsigned long long)to,
	    (unsigned long long)(to + size));
	if (utrace_memory_write(gdb->inferior.process, to, bytes, size, &error) < (ssize_t)size)
		return fail(gdb, "restore: memory write failed (%s).", error.text);
	frames_changed(gdb);
	return true;
}
