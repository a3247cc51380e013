/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/strings.c - strings, buffers and arrays in the tracee's memory.
 *
 * Invariant: nothing is read or kept that exceeds -s, a path's or an array's limit, whatever size the tracee gave.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "decode/decoder.h"

/* Room for -s bytes: on the stack if that is enough. */
struct room {
	char *bytes;
	char small[4096];
};

static bool take_room(struct room *room, size_t size)
{
	room->bytes = size <= sizeof(room->small) ? room->small : malloc(size);
	return room->bytes != NULL;
}

static void give_back(struct room *room)
{
	if (room->bytes != room->small)
		free(room->bytes);
}

static void show_terminated(struct decoder *d, uint64_t address, size_t limit)
{
	struct room room;
	bool ended = false;
	ssize_t length = -1;

	if (!address || !take_room(&room, limit + 1)) {
		writer_address(d->writer, address);
		return;
	}
	length = memory_get_string(d->memory, address, room.bytes, limit + 1, &ended);
	if (length < 0)
		writer_address(d->writer, address);
	else
		writer_bytes(d->writer, room.bytes, (size_t)length < limit ? (size_t)length : limit, !ended,
			     QUOTE_NORMAL);
	give_back(&room);
}

void show_string_at(struct decoder *d, uint64_t address)
{
	show_terminated(d, address, d->show->string_limit);
}

void show_path_at(struct decoder *d, uint64_t address)
{
	show_terminated(d, address, LONGEST_PATH - 1);
}

void show_bytes_at(struct decoder *d, uint64_t address, uint64_t size)
{
	size_t limit = d->show->string_limit;
	size_t wanted = size < limit ? (size_t)size : limit;
	struct room room;

	if (!address || !take_room(&room, wanted)) {
		writer_address(d->writer, address);
		return;
	}
	if (memory_get(d->memory, address, room.bytes, wanted))
		writer_bytes(d->writer, room.bytes, wanted, size > wanted, QUOTE_NORMAL);
	else
		writer_address(d->writer, address);
	give_back(&room);
}

void show_bytes(struct decoder *d, const char *bytes, size_t size)
{
	size_t limit = d->show->string_limit;

	writer_bytes(d->writer, bytes, size < limit ? size : limit, size > limit, QUOTE_NORMAL);
}

void show_text(struct decoder *d, const char *bytes, size_t size)
{
	size_t length = strnlen(bytes, size);

	writer_bytes(d->writer, bytes, length < size ? length : size - 1, length == size, QUOTE_NORMAL);
}

/* How many elements are shown: strace's -s counts them too when structs are abbreviated. */
static uint64_t most_elements(const struct decoder *d, uint64_t count)
{
	uint64_t limit = d->abbrev ? d->show->string_limit : MOST_ITEMS;

	return count < limit ? count : limit;
}

void show_array_at(struct decoder *d, uint64_t address, uint64_t count, size_t size, element_function *show,
		   const void *context)
{
	uint64_t shown = most_elements(d, count);
	unsigned char bytes[LARGEST_LAYOUT];
	struct piece piece = {.bytes = bytes, .size = size, .address = address};

	if (!address || !d->verbose || d->failed || size > sizeof(bytes) ||
	    (count && !memory_get(d->memory, address, bytes, size))) {
		writer_address(d->writer, address);
		return;
	}
	writer_begin(d->writer, FRAME_ARRAY);
	for (uint64_t i = 0; i < shown; i++, piece.address += size) {
		if (i && !memory_get(d->memory, piece.address, bytes, size)) {
			write_token(d, "... /* %#llx */", (unsigned long long)piece.address);
			shown = count;
			break;
		}
		show(d, &piece, context);
		if (line_is_full(d)) {
			shown = i + 1;
			break;
		}
	}
	if (shown < count)
		writer_more(d->writer);
	writer_end(d->writer);
}

void decode_string(struct text *text, const struct show *show, const char *bytes, size_t length, size_t limit)
{
	text_char(text, '"');
	quote_bytes(text, bytes, length < limit ? length : limit, show->escape, NULL);
	text_string(text, length > limit ? "\"..." : "\"");
}

void decode_argv(struct text *text, const struct show *show, char *const *argv)
{
	text_char(text, '[');
	for (size_t i = 0; argv[i]; i++) {
		text_string(text, i ? ", " : "");
		if (i >= show->string_limit && call_set_has(&show->abbrev, UTRACE_ABI_X86_64, 59)) {
			text_string(text, "...");
			break;
		}
		decode_string(text, show, argv[i], strlen(argv[i]), show->string_limit);
	}
	text_char(text, ']');
}
