/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/dirents.c - directory entries and file handles.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/decoder.h"
#include "tables.h"

enum { MOST_ENTRIES = 1 << 20 };

/* One of the layouts of an entry. */
struct dirent_kind {
	size_t word;     /* of inode and offset */
	bool type_first; /* d_type stands before the name, and not at the entry's end */
};

struct entry {
	uint64_t inode;
	uint64_t offset;
	uint16_t length;
	const unsigned char *name;
	size_t name_size;
	uint8_t type;
};

static size_t head_size(const struct dirent_kind *kind)
{
	return 2 * kind->word + sizeof(uint16_t) + (kind->type_first ? 1 : 0);
}

/* Takes the entry at the bytes apart; false if it is no sound one. */
static bool parse(const struct dirent_kind *kind, const unsigned char *bytes, size_t size, struct entry *entry)
{
	size_t head = head_size(kind);

	*entry = (struct entry){0};
	if (size < head)
		return false;
	memcpy(&entry->inode, bytes, kind->word);
	memcpy(&entry->offset, bytes + kind->word, kind->word);
	memcpy(&entry->length, bytes + 2 * kind->word, sizeof(entry->length));
	if (entry->length <= head || entry->length > size)
		return false;
	entry->name = bytes + head;
	entry->name_size = entry->length - head - (kind->type_first ? 0 : 1);
	entry->type = kind->type_first ? bytes[head - 1] : bytes[entry->length - 1];
	return true;
}

static void show_type(struct decoder *d, const struct entry *entry)
{
	writer_name(d->writer, "d_type");
	writer_constant(d->writer, &set_dirent_type, entry->type);
}

static void show_entry(struct decoder *d, const struct dirent_kind *kind, const struct entry *entry)
{
	size_t length = strnlen((const char *)entry->name, entry->name_size);

	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "d_ino");
	writer_natural(d->writer, entry->inode);
	writer_name(d->writer, "d_off");
	if (kind->type_first)
		writer_integer(d->writer, (int64_t)entry->offset);
	else
		writer_natural(d->writer, entry->offset);
	writer_name(d->writer, "d_reclen");
	writer_natural(d->writer, entry->length);
	if (kind->type_first)
		show_type(d, entry);
	writer_name(d->writer, "d_name");
	writer_bytes(d->writer, (const char *)entry->name, length, length == entry->name_size, QUOTE_NORMAL);
	if (!kind->type_first)
		show_type(d, entry);
	writer_end(d->writer);
}

static void show_entries(struct decoder *d, const struct dirent_kind *kind, const unsigned char *bytes, size_t size)
{
	struct entry entry;

	writer_begin(d->writer, FRAME_ARRAY);
	while (parse(kind, bytes, size, &entry)) {
		show_entry(d, kind, &entry);
		bytes += entry.length;
		size -= entry.length;
	}
	writer_end(d->writer);
}

static void count_entries(struct decoder *d, const struct dirent_kind *kind, uint64_t address,
			  const unsigned char *bytes, size_t size)
{
	struct entry entry;
	char comment[48];
	int count = 0;

	while (parse(kind, bytes, size, &entry)) {
		bytes += entry.length;
		size -= entry.length;
		count++;
	}
	(void)snprintf(comment, sizeof(comment), "%d entr%s", count, count == 1 ? "y" : "ies");
	writer_address(d->writer, address);
	writer_comment(d->writer, comment);
}

static bool show_directory(struct decoder *d, uint64_t address, const struct dirent_kind *kind)
{
	uint64_t size = d->failed ? 0 : (uint64_t)d->call->result;
	bool sound = !d->failed && d->verbose && size <= (uint32_t)argument(d, 2) && size <= MOST_ENTRIES;
	unsigned char *bytes = sound ? malloc((size_t)size + 1) : NULL;

	if (!bytes || !fetch(d, address, bytes, (size_t)size))
		writer_address(d->writer, address);
	else if (d->abbrev)
		count_entries(d, kind, address, bytes, (size_t)size);
	else
		show_entries(d, kind, bytes, (size_t)size);
	free(bytes);
	return true;
}

bool arg_dirents(struct decoder *d, const struct spec *spec, uint64_t value)
{
	const struct dirent_kind kind = {.word = word_size(d)};

	(void)spec;
	return !must_wait(d) && show_directory(d, as_ulong(d, value), &kind);
}

bool arg_dirents64(struct decoder *d, const struct spec *spec, uint64_t value)
{
	static const struct dirent_kind kind = {.word = 8, .type_first = true};

	(void)spec;
	return !must_wait(d) && show_directory(d, as_ulong(d, value), &kind);
}

/* readdir(2): one entry. */
bool arg_old_dirent(struct decoder *d, const struct spec *spec, uint64_t value)
{
	struct {
		uint32_t inode;
		uint32_t offset;
		uint16_t length;
		char name[256];
	} entry;
	size_t length;

	(void)spec;
	if (must_wait(d))
		return false;
	if (d->failed || !d->call->result || !fetch(d, as_ulong(d, value), &entry, 10) || entry.length > 255 ||
	    !fetch(d, as_ulong(d, value) + 10, entry.name, entry.length)) {
		writer_address(d->writer, as_ulong(d, value));
		return true;
	}
	length = strnlen(entry.name, entry.length);
	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "d_ino");
	writer_natural(d->writer, entry.inode);
	writer_name(d->writer, "d_off");
	writer_natural(d->writer, entry.offset);
	writer_name(d->writer, "d_reclen");
	writer_natural(d->writer, entry.length);
	writer_name(d->writer, "d_name");
	writer_bytes(d->writer, entry.name, length, false, QUOTE_NORMAL);
	writer_end(d->writer);
	return true;
}

/* --- file handles (name_to_handle_at(2)) --- */
enum { HANDLE_HEAD = 8, MOST_HANDLE = 128 };

static void show_handle_rest(struct decoder *d, uint64_t address, uint32_t size)
{
	char bytes[MOST_HANDLE];
	uint32_t shown = size < MOST_HANDLE ? size : MOST_HANDLE;
	int32_t type = 0;

	(void)fetch(d, address + 4, &type, sizeof(type));
	writer_name(d->writer, "handle_type");
	writer_integer(d->writer, type);
	writer_name(d->writer, "f_handle");
	if (fetch(d, address + HANDLE_HEAD, bytes, shown))
		writer_bytes(d->writer, bytes, shown, size > shown, QUOTE_HEX);
	else
		writer_token(d->writer, "???");
}

bool arg_file_handle(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint32_t size;

	(void)spec;
	if (!value || !fetch(d, as_ulong(d, value), &size, sizeof(size))) {
		writer_address(d->writer, as_ulong(d, value));
		return true;
	}
	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "handle_bytes");
	writer_natural(d->writer, size);
	show_handle_rest(d, as_ulong(d, value), size);
	writer_end(d->writer);
	return true;
}

bool arg_file_handle_out(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint64_t address = as_ulong(d, value);
	uint32_t before = (uint32_t)d->state->saved[1];
	bool written = !d->failed || d->call->result == -EOVERFLOW;
	uint32_t size = 0;

	(void)spec;
	if (!d->at_exit) {
		if (!address || !fetch(d, address, &size, sizeof(size))) {
			writer_address(d->writer, address);
			return true;
		}
		d->state->saved[1] = size;
		writer_begin(d->writer, FRAME_STRUCT);
		writer_name(d->writer, "handle_bytes");
		writer_begin(d->writer, FRAME_CHANGE);
		writer_natural(d->writer, size);
		return false;
	}
	if (written && fetch(d, address, &size, sizeof(size)) && size != before) {
		writer_changed(d->writer);
		writer_natural(d->writer, size);
	}
	writer_end(d->writer);
	if (!d->failed)
		show_handle_rest(d, address, size);
	writer_end(d->writer);
	return true;
}
