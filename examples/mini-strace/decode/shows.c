/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/shows.c - the ways a struct's member is shown that the tables can name.
 */
#include <string.h>

#include "decode/decoder.h"
#include "tables.h"

void show_int(struct decoder *d, const struct field *field, const struct piece *piece)
{
	writer_integer(d->writer, (int64_t)field_value(field, piece));
}

void show_uint(struct decoder *d, const struct field *field, const struct piece *piece)
{
	writer_natural(d->writer, field_value(field, piece));
}

void show_hex(struct decoder *d, const struct field *field, const struct piece *piece)
{
	writer_hex(d->writer, field_value(field, piece));
}

void show_octal(struct decoder *d, const struct field *field, const struct piece *piece)
{
	uint64_t value = field_value(field, piece);

	write_token(d, "%#03llo", (unsigned long long)value);
}

void show_ptr(struct decoder *d, const struct field *field, const struct piece *piece)
{
	writer_address(d->writer, field_value(field, piece));
}

/* char[N] */
void show_str(struct decoder *d, const struct field *field, const struct piece *piece)
{
	show_text(d, (const char *)piece->bytes + field->offset, field->count);
}

/* Bytes of an array, all of them. */
void show_raw(struct decoder *d, const struct field *field, const struct piece *piece)
{
	writer_bytes(d->writer, (const char *)piece->bytes + field->offset, field->count, false, QUOTE_HEX);
}

void show_constant(struct decoder *d, const struct field *field, const struct piece *piece)
{
	writer_constant(d->writer, field->set, field_value(field, piece));
}

void show_struct(struct decoder *d, const struct field *field, const struct piece *piece)
{
	const struct layout *layout = layout_of(d, field->set);
	struct piece inner = {.bytes = piece->bytes + field->offset, .address = piece->address + field->offset};

	if (!layout || piece->size < field->offset)
		return;
	inner.size = piece->size - field->offset;
	if (inner.size > layout->size)
		inner.size = layout->size;
	if (piece->given)
		inner.given = piece->given > field->offset ? piece->given - field->offset : 1;
	layout_show(d, layout, &inner);
}

/* A pointer to a struct. */
void show_struct_at(struct decoder *d, const struct field *field, const struct piece *piece)
{
	layout_show_at(d, field->set, field_value(field, piece));
}

void show_fd(struct decoder *d, const struct field *field, const struct piece *piece)
{
	show_fd_number(d, (int)field_value(field, piece));
}

void show_pid(struct decoder *d, const struct field *field, const struct piece *piece)
{
	show_pid_number(d, (int)field_value(field, piece));
}

void show_uid(struct decoder *d, const struct field *field, const struct piece *piece)
{
	uint32_t id = (uint32_t)field_value(field, piece);

	show_id(d, field->size == 2 && id == UINT16_MAX ? UINT32_MAX : id);
}

void show_dev(struct decoder *d, const struct field *field, const struct piece *piece)
{
	show_dev_number(d, field_value(field, piece));
}

void show_mode(struct decoder *d, const struct field *field, const struct piece *piece)
{
	show_mode_number(d, (uint32_t)field_value(field, piece));
}

void show_sig(struct decoder *d, const struct field *field, const struct piece *piece)
{
	show_signal(d, (int)field_value(field, piece));
}

void show_sigset(struct decoder *d, const struct field *field, const struct piece *piece)
{
	show_sigset_bits(d, field_value(field, piece), field->size);
}

void show_string(struct decoder *d, const struct field *field, const struct piece *piece)
{
	show_string_at(d, field_value(field, piece));
}

void show_path(struct decoder *d, const struct field *field, const struct piece *piece)
{
	show_path_at(d, field_value(field, piece));
}

/* As linux/version.h puts three numbers into one. */
void show_kernel_version(struct decoder *d, const struct field *field, const struct piece *piece)
{
	uint32_t version = (uint32_t)field_value(field, piece);

	writer_begin_call(d->writer, "KERNEL_VERSION");
	writer_natural(d->writer, version >> 16);
	writer_natural(d->writer, version >> 8 & 0xff);
	writer_natural(d->writer, version & 0xff);
	writer_end(d->writer);
}

/* A pointer to bytes; how many there are is in the member of 32 bits before it, or behind it. */
static void show_counted(struct decoder *d, const struct field *field, const struct piece *piece, int distance)
{
	const struct field count = {.offset = (uint16_t)(field->offset + distance), .size = 4};

	show_bytes_at(d, field_value(field, piece), field_value(&count, piece));
}

void show_bytes_before(struct decoder *d, const struct field *field, const struct piece *piece)
{
	show_counted(d, field, piece, -4);
}

/* At the begin of a struct, whose third word of 64 bits has the number. */
void show_bytes_of_btf(struct decoder *d, const struct field *field, const struct piece *piece)
{
	show_counted(d, field, piece, 16);
}

/* Seconds, and the date that they are. */
void show_time(struct decoder *d, const struct field *field, const struct piece *piece)
{
	int64_t seconds = (int64_t)field_value(field, piece);

	writer_integer(d->writer, seconds);
	show_time_comment(d, seconds, 0);
}
