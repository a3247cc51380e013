/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/devices.c - ioctl(2) on devices and files, as far as structs alone don't say it.
 */
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <string.h>

#include "decode/decoder.h"
#include "tables.h"

/* One character. */
bool arg_bufin_one(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_bytes_at(d, as_ulong(d, value), 1);
	return true;
}

bool arg_string_out(struct decoder *d, const struct spec *spec, uint64_t value)
{
	if (must_wait(d))
		return false;
	return d->failed ? arg_ptr(d, spec, value) : arg_string(d, spec, value);
}

/* As many bytes as the struct says that the key has. */
void show_loop_key(struct decoder *d, const struct field *field, const struct piece *piece)
{
	const struct layout *layout =
		layout_of(d, field->offset >= LO_NAME_SIZE * 2 ? &struct_loop_info64 : &struct_loop_info);
	uint64_t size = layout_value(layout, piece, "lo_encrypt_key_size");

	show_bytes(d, (const char *)piece->bytes + field->offset, size < field->count ? (size_t)size : field->count);
}

/* [0x1, 0, ...] of single bytes. */
void show_hex_bytes(struct decoder *d, const struct field *field, const struct piece *piece)
{
	writer_begin(d->writer, FRAME_ARRAY);
	for (size_t i = 0; i < field->count; i++)
		writer_hex(d->writer, piece->bytes[field->offset + i]);
	writer_end(d->writer);
}

/* The bytes behind struct rand_pool_info. */
void show_pool_bytes(struct decoder *d, const struct field *field, const struct piece *piece)
{
	int32_t size;

	memcpy(&size, piece->bytes + 4, sizeof(size));
	show_bytes_at(d, piece->address + field->offset, size > 0 ? (uint64_t)size : 0);
}

/* As many as there are, but no more than there was room for. */
void show_perf_ids(struct decoder *d, const struct field *field, const struct piece *piece)
{
	uint32_t counts[2];

	memcpy(counts, piece->bytes, sizeof(counts));
	show_structs_at(d, &struct_uint, piece->address + field->offset, counts[0] < counts[1] ? counts[0] : counts[1]);
}

void show_fiemap_extents(struct decoder *d, const struct field *field, const struct piece *piece)
{
	struct fiemap map;

	(void)field;
	if (fetch(d, piece->address, &map, sizeof(map)))
		show_structs_at(d, &struct_fiemap_extent, piece->address + sizeof(map), map.fm_mapped_extents);
	else
		writer_address(d->writer, piece->address);
}

static void show_dedupe(struct decoder *d, const struct piece *piece, const struct layouts *each)
{
	struct file_dedupe_range range;

	if (fetch(d, piece->address, &range, sizeof(range)))
		show_structs_at(d, each, piece->address + sizeof(range), range.dest_count);
	else
		writer_address(d->writer, piece->address);
}

void show_dedupe_asked(struct decoder *d, const struct field *field, const struct piece *piece)
{
	(void)field;
	show_dedupe(d, piece, &struct_file_dedupe_asked);
}

void show_dedupe_done(struct decoder *d, const struct field *field, const struct piece *piece)
{
	(void)field;
	show_dedupe(d, piece, &struct_file_dedupe_done);
}
