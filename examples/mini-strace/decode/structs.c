/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/structs.c - arguments that point to structs: read, written or both, of one size or of the caller's.
 */
#include <stdio.h>
#include <string.h>

#include "decode/decoder.h"
#include "tables.h"

static void show_element(struct decoder *d, const struct piece *piece, const void *layout)
{
	layout_show(d, layout, piece);
}

void show_structs_at(struct decoder *d, const struct layouts *layouts, uint64_t address, uint64_t count)
{
	const struct layout *layout = layout_of(d, layouts);

	show_array_at(d, address, count, layout->size, show_element, layout);
}

static void show_structs(struct decoder *d, const struct spec *spec, uint64_t address)
{
	if (layout_of(d, spec->set) && spec->length != UTRACE_LENGTH_NONE)
		show_structs_at(d, spec->set, address, length_of(d, spec));
	else
		layout_show_at(d, spec->set, address);
}

bool arg_in(struct decoder *d, const struct spec *spec, uint64_t value)
{
	struct decoder readable = *d;

	/* What the kernel reads was there, whether or not the call worked. */
	readable.failed = false;
	show_structs(&readable, spec, as_ulong(d, value));
	return true;
}

bool arg_out(struct decoder *d, const struct spec *spec, uint64_t value)
{
	if (must_wait(d))
		return false;
	show_structs(d, spec, as_ulong(d, value));
	return true;
}

/* [value] */
bool arg_inref(struct decoder *d, const struct spec *spec, uint64_t value)
{
	show_structs_at(d, spec->set, as_ulong(d, value), 1);
	return true;
}

bool arg_outref(struct decoder *d, const struct spec *spec, uint64_t value)
{
	return !must_wait(d) && arg_inref(d, spec, value);
}

/* What the caller gave of a struct, with zeros behind; false if it can't be read. */
static bool read_given(struct decoder *d, const struct layout *layout, uint64_t size, unsigned char *bytes,
		       struct piece *piece)
{
	memset(bytes, 0, LARGEST_LAYOUT);
	piece->bytes = bytes;
	piece->size = layout->size;
	piece->given = size < layout->size ? (size_t)size : layout->size;
	return d->verbose && layout_read(d, layout, piece->address, piece->given, bytes);
}

/* Bytes behind the part of a struct that is known: how many of them can be read; 0 if all of them are zero. */
static size_t read_tail(struct decoder *d, size_t known, uint64_t address, uint64_t size, char *tail, size_t room)
{
	size_t wanted = size <= known ? 0 : size - known < room ? (size_t)(size - known) : room;

	if (!wanted || !fetch(d, address + known, tail, wanted))
		return 0;
	for (size_t i = 0; i < wanted; i++) {
		if (tail[i])
			return wanted;
	}
	return 0;
}

enum { LONGEST_TAIL = 4096 };

void show_tail_at(struct decoder *d, size_t known, uint64_t address, uint64_t size)
{
	char tail[LONGEST_TAIL];
	size_t length = read_tail(d, known, address, size, tail, sizeof(tail));
	size_t limit = d->show->string_limit;
	struct text text = {0};

	if (!length)
		return;
	text_add(&text, "/* bytes %zu..%llu */ \"", known, (unsigned long long)size - 1);
	quote_bytes(&text, tail, length < limit ? length : limit, ESCAPE_HEX_ALL, NULL);
	text_string(&text, length > limit ? "\"..." : "\"");
	writer_key(d->writer, "more");
	writer_token(d->writer, text.data);
	text_free(&text);
}

/* A struct that began with all of its members, whose size the caller gives: with the bytes behind it that are not zero. */
bool arg_sized(struct decoder *d, const struct spec *spec, uint64_t value)
{
	const struct layout *layout = layout_of(d, spec->set);
	unsigned char bytes[LARGEST_LAYOUT];
	uint64_t size = length_of(d, spec);
	struct piece piece = {.address = as_ulong(d, value)};

	if (size < layout->smallest || !read_given(d, layout, size, bytes, &piece)) {
		writer_address(d->writer, piece.address);
		return true;
	}
	writer_begin(d->writer, FRAME_STRUCT);
	layout_members(d, layout, &piece);
	show_tail_at(d, layout->size, piece.address, size);
	writer_end(d->writer);
	return true;
}

bool arg_sized_out(struct decoder *d, const struct spec *spec, uint64_t value)
{
	if (must_wait(d))
		return false;
	if (!d->failed)
		return arg_sized(d, spec, value);
	writer_address(d->writer, as_ulong(d, value));
	return true;
}

/* A struct that the kernel reads as far as the caller gives it, and takes as zeros behind. */
bool arg_extended(struct decoder *d, const struct spec *spec, uint64_t value)
{
	const struct layout *layout = layout_of(d, spec->set);
	unsigned char bytes[LARGEST_LAYOUT];
	char tail[LONGEST_TAIL];
	uint64_t size = (uint32_t)length_of(d, spec);
	struct piece piece = {.address = as_ulong(d, value)};

	if (!size || !read_given(d, layout, size, bytes, &piece)) {
		writer_address(d->writer, piece.address);
		return true;
	}
	writer_begin(d->writer, FRAME_STRUCT);
	layout_members(d, layout, &piece);
	if (read_tail(d, layout->size, piece.address, size, tail, sizeof(tail)))
		writer_more(d->writer);
	writer_end(d->writer);
	return true;
}

bool arg_extended_out(struct decoder *d, const struct spec *spec, uint64_t value)
{
	return !must_wait(d) && arg_extended(d, spec, value);
}

/* A struct that the kernel completes: the groups of members behind the first are its own. */
bool arg_completed(struct decoder *d, const struct spec *spec, uint64_t value)
{
	const struct layout *layout = layout_of(d, spec->set);
	unsigned char bytes[LARGEST_LAYOUT];
	struct piece piece = {.bytes = bytes, .size = layout->size, .address = as_ulong(d, value)};

	if (must_wait(d))
		return false;
	piece.given = d->failed ? 1 : layout->size;
	if (!d->verbose || !layout_read(d, layout, piece.address, layout->size, bytes))
		writer_address(d->writer, piece.address);
	else
		layout_show(d, layout, &piece);
	return true;
}

/* {before} => {after}: what the kernel writes is the struct NAME_after, or the same. */
bool arg_changed(struct decoder *d, const struct spec *spec, uint64_t value)
{
	const struct layouts *before = spec->set;
	const struct layouts *after;
	unsigned char bytes[LARGEST_LAYOUT];
	char name[64];
	bool readable;

	(void)snprintf(name, sizeof(name), "%s_after", before->name);
	after = layout_find(name) ? layout_find(name) : before;
	readable = d->verbose && layout_read(d, layout_of(d, before), as_ulong(d, value), SIZE_MAX, bytes);
	if (!d->at_exit) {
		writer_begin(d->writer, FRAME_CHANGE);
		layout_show_at(d, before, as_ulong(d, value));
		return false;
	}
	if (!d->failed && readable) {
		writer_changed(d->writer);
		layout_show_at(d, after, as_ulong(d, value));
	}
	writer_end(d->writer);
	return true;
}
