/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/files.c - what is special about calls on files.
 */
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/swap.h>

#include "decode/decoder.h"
#include "tables.h"

/* The access mode shares its word with the flags. (open(2)) */
static void add_open_flags(const struct decoder *d, struct text *text, uint32_t flags)
{
	constant_text(d, text, &set_open_access, flags & O_ACCMODE);
	if (!(flags & ~(uint32_t)O_ACCMODE))
		return;
	text_char(text, '|');
	constant_text(d, text, &set_open, flags & ~(uint32_t)O_ACCMODE);
}

void show_open_flags_value(struct decoder *d, uint32_t flags)
{
	struct text text = {0};

	add_open_flags(d, &text, flags);
	write_named(d, flags, &text);
}

bool arg_openflags(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_open_flags_value(d, (uint32_t)value);
	return true;
}

void show_open_flags(struct decoder *d, const struct field *field, const struct piece *piece)
{
	show_open_flags_value(d, (uint32_t)field_value(field, piece));
}

void show_open_mode(struct decoder *d, const struct field *field, const struct piece *piece)
{
	write_token(d, "%#03llo", (unsigned long long)field_value(field, piece));
}

/* 0x8002 (flags O_RDWR|O_LARGEFILE) */
void result_openflags(struct decoder *d, const struct spec *spec, int64_t result)
{
	(void)spec;
	writer_hex(d->writer, (uint32_t)result);
	if (d->show->constants == CONSTANTS_RAW)
		return;
	text_string(d->aux, "flags ");
	add_open_flags(d, d->aux, (uint32_t)result);
}

void result_seals(struct decoder *d, const struct spec *spec, int64_t result)
{
	(void)spec;
	writer_hex(d->writer, (uint32_t)result);
	if (!result)
		return;
	text_string(d->aux, "seals ");
	constant_text(d, d->aux, &set_seal, (uint32_t)result);
}

void result_lease(struct decoder *d, const struct spec *spec, int64_t result)
{
	const char *name = set_name(&set_lock_type, (uint64_t)result);

	(void)spec;
	writer_hex(d->writer, (uint32_t)result);
	if (name)
		text_string(d->aux, name);
}

void result_signal(struct decoder *d, const struct spec *spec, int64_t result)
{
	(void)spec;
	writer_integer(d->writer, result);
	if (result)
		signal_name(d->aux, (int)result);
}

static bool is_device(const struct layout *layout, const struct piece *piece)
{
	uint32_t type = (uint32_t)layout_value(layout, piece, "st_mode") & S_IFMT;

	return type == S_IFCHR || type == S_IFBLK;
}

bool when_device(const struct field *field, const struct layout *layout, const struct piece *piece)
{
	(void)field;
	return is_device(layout, piece);
}

bool when_no_device(const struct field *field, const struct layout *layout, const struct piece *piece)
{
	(void)field;
	return !is_device(layout, piece);
}

/* The kernel says in the mask which members it has filled. */
bool when_statx(const struct field *field, const struct layout *layout, const struct piece *piece)
{
	static const struct {
		const char *name;
		uint32_t bits;
	} fields[] = {
		{"stx_nlink", STATX_NLINK},   {"stx_uid", STATX_UID},
		{"stx_gid", STATX_GID},       {"stx_mode", STATX_TYPE | STATX_MODE},
		{"stx_ino", STATX_INO},       {"stx_size", STATX_SIZE},
		{"stx_blocks", STATX_BLOCKS}, {"stx_atime", STATX_ATIME},
		{"stx_btime", STATX_BTIME},   {"stx_ctime", STATX_CTIME},
		{"stx_mtime", STATX_MTIME},   {"stx_mnt_id", 0x1000},
	};
	uint64_t mask = layout_value(layout, piece, "stx_mask");

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (strcmp(fields[i].name, field->name) == 0)
			return mask & fields[i].bits;
	}
	return mask & 0x2000; /* STATX_DIOALIGN */
}

/* Seconds, and the date with the nanoseconds that follow them. */
void show_stamp(struct decoder *d, const struct field *field, const struct piece *piece)
{
	struct field next = *field;

	next.offset = (uint16_t)(field->offset + field->size);
	writer_integer(d->writer, (int64_t)field_value(field, piece));
	show_time_comment(d, (int64_t)field_value(field, piece), (int64_t)field_value(&next, piece));
}

void show_statx_time(struct decoder *d, const struct field *field, const struct piece *piece)
{
	int64_t seconds;
	uint32_t nanoseconds;

	memcpy(&seconds, piece->bytes + field->offset, sizeof(seconds));
	memcpy(&nanoseconds, piece->bytes + field->offset + sizeof(seconds), sizeof(nanoseconds));
	show_struct(d, field, piece);
	show_time_comment(d, seconds, nanoseconds);
}

bool arg_statx_flags(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint32_t rest = (uint32_t)value & ~UINT32_C(0x6000);
	struct text text = {0};

	(void)spec;
	constant_part(d, &text, &set_at_statx_sync, value & 0x6000);
	if (rest) {
		text_char(&text, '|');
		constant_part(d, &text, &set_at_statx, rest);
	}
	writer_token(d->writer, text.data);
	text_free(&text);
	return true;
}

/* A mode with its file type, as of mknod. */
bool arg_fullmode(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_mode_number(d, (uint16_t)value);
	return true;
}

bool arg_dev(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_dev_number(d, (uint32_t)value);
	return true;
}

bool arg_cwd(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	return show_filled(d, value, show_path_at);
}

/* [before] => [after], or one of them. */
static bool show_offset(struct decoder *d, uint64_t address, size_t size)
{
	int64_t offset = 0;

	if (d->at_exit && (d->failed || !d->state->saved[0]))
		return true;
	if (!address || !fetch(d, address, &offset, size)) {
		if (!d->at_exit)
			writer_address(d->writer, address);
		return true;
	}
	if (d->at_exit && (uint64_t)offset != d->state->saved[1]) {
		writer_changed(d->writer);
	} else if (d->at_exit) {
		writer_end(d->writer);
		return true;
	}
	if (!d->at_exit)
		writer_begin(d->writer, FRAME_CHANGE);
	writer_begin(d->writer, FRAME_ARRAY);
	writer_integer(d->writer, size == 4 ? (int32_t)offset : offset);
	writer_end(d->writer);
	if (d->at_exit)
		writer_end(d->writer);
	d->state->saved[0] = 1;
	d->state->saved[1] = (uint64_t)offset;
	return d->at_exit;
}

bool arg_offset(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	return show_offset(d, as_ulong(d, value), sizeof(int64_t));
}

bool arg_offset32(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	return show_offset(d, as_ulong(d, value), sizeof(int32_t));
}

/* The halves come high first. (_llseek(2)) */
bool arg_llseek_off(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	writer_integer(d->writer, (int64_t)(value << 32 | (argument(d, 2) & UINT32_MAX)));
	return true;
}

static void show_attribute(struct decoder *d, uint64_t address, uint64_t size)
{
	char bytes[LONGEST_STRING];
	size_t limit = d->show->string_limit;
	bool ends = false;

	if (!address || size > sizeof(bytes) || !fetch(d, address, bytes, (size_t)size)) {
		writer_address(d->writer, address);
		return;
	}
	/* A NUL at the end is not worth showing. */
	ends = size && size <= limit + 1 && bytes[size - 1] == '\0';
	writer_bytes(d->writer, bytes, size - ends < limit ? (size_t)size - ends : limit, size - ends > limit,
		     QUOTE_NORMAL);
}

bool arg_xattr_in(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_attribute(d, as_ulong(d, value), as_ulong(d, argument(d, 3)));
	return true;
}

static void show_attribute_got(struct decoder *d, uint64_t address)
{
	show_attribute(d, address, (uint64_t)d->call->result);
}

bool arg_xattr_value(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	return show_filled(d, value, show_attribute_got);
}

bool arg_xattr_list(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	if (must_wait(d))
		return false;
	if (d->failed || !argument(d, 2))
		writer_address(d->writer, as_ulong(d, value));
	else
		show_bytes_at(d, as_ulong(d, value), (uint64_t)d->call->result);
	return true;
}

/* --- mount(2): the flags say which of the strings are looked at --- */
/* Without the mark that old programs put into the upper half. */
static uint64_t mount_flags(const struct decoder *d)
{
	uint64_t flags = as_ulong(d, argument(d, 3));

	return (flags & MS_MGC_MSK) == MS_MGC_VAL ? flags & ~(uint64_t)MS_MGC_MSK : flags;
}

static bool ignores_type(const struct decoder *d)
{
	return mount_flags(d) & (MS_REMOUNT | MS_BIND | MS_MOVE | MS_UNBINDABLE | MS_PRIVATE | MS_SLAVE | MS_SHARED);
}

static bool ignores_data(const struct decoder *d)
{
	uint64_t flags = mount_flags(d);

	return !(flags & MS_REMOUNT) && flags & (MS_BIND | MS_MOVE | MS_UNBINDABLE | MS_PRIVATE | MS_SLAVE | MS_SHARED);
}

bool arg_mount_type(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	if (ignores_type(d))
		writer_address(d->writer, as_ulong(d, value));
	else
		show_string_at(d, as_ulong(d, value));
	return true;
}

bool arg_mount_flags(struct decoder *d, const struct spec *spec, uint64_t value)
{
	bool magic = (value & MS_MGC_MSK) == MS_MGC_VAL;
	uint64_t flags = as_ulong(d, magic ? value & ~(uint64_t)MS_MGC_MSK : value);
	struct text text = {0};

	(void)spec;
	if (magic)
		text_string(&text, flags ? "MS_MGC_VAL|" : "MS_MGC_VAL");
	if (flags || !magic)
		constant_text(d, &text, &set_mount, flags);
	write_named(d, as_ulong(d, value), &text);
	return true;
}

bool arg_mount_data(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	if (ignores_data(d))
		writer_address(d->writer, as_ulong(d, value));
	else
		show_string_at(d, as_ulong(d, value));
	return true;
}

bool arg_swap_flags(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint32_t flags = (uint32_t)value & ~UINT32_C(0x7fff);
	uint32_t priority = (uint32_t)value & 0x7fff;
	struct text text = {0};

	(void)spec;
	if (flags || !priority)
		constant_text(d, &text, &set_swap, flags);
	if (priority && flags)
		text_char(&text, '|');
	if (priority)
		text_add(&text, "%u", priority);
	write_named(d, (uint32_t)value, &text);
	return true;
}

/* An argument that another one shows. */
bool arg_hidden(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)d;
	(void)spec;
	(void)value;
	return true;
}
