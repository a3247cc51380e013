/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/kernel.c - calls on what the kernel does by itself: asynchronous I/O, quotas, file system
 * set-up, notifications, other processes.
 */
#include <linux/aio_abi.h>
#include <linux/fanotify.h>
#include <linux/quota.h>
#include <string.h>

#include "decode/decoder.h"
#include "decode/families.h"
#include "tables.h"

/* Members that say something only if they are not zero. */
bool when_not_zero(const struct field *field, const struct layout *layout, const struct piece *piece)
{
	(void)layout;
	return field_value(field, piece) != 0;
}

/* ... of an array. */
bool when_some_not_zero(const struct field *field, const struct layout *layout, const struct piece *piece)
{
	(void)layout;
	for (size_t i = 0; i < (size_t)field->size * field->count; i++) {
		if (piece->bytes[field->offset + i])
			return true;
	}
	return false;
}

/* A decimal number and its name as a comment, whatever -X says. */
bool arg_commented(struct decoder *d, const struct spec *spec, uint64_t value)
{
	const struct set *set = spec->set;
	const char *name = set_name(set, (uint32_t)value);

	write_token(d, "%d /* %s */", (int)value, name ? name : set->unknown);
	return true;
}

/* --- asynchronous I/O (io_submit(2)) --- */
void show_aio_data(struct decoder *d, const struct field *field, const struct piece *piece)
{
	writer_hex(d->writer, field_value(field, piece));
}

static void show_iocb_pointer(struct decoder *d, const struct piece *piece, const void *context)
{
	(void)context;
	layout_show_at(d, &struct_iocb, word_at(d, piece->bytes));
}

bool arg_iocbs(struct decoder *d, const struct spec *spec, uint64_t value)
{
	int64_t count = as_long(d, argument(d, spec->length));

	if (count < 0)
		writer_address(d->writer, as_ulong(d, value));
	else
		show_array_at(d, as_ulong(d, value), (uint64_t)count, word_size(d), show_iocb_pointer, NULL);
	return true;
}

/* --- fanotify --- */
bool arg_fanotify_init(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint32_t flags = (uint32_t)value & ~UINT32_C(0xc);
	struct text text = {0};

	(void)spec;
	constant_text(d, &text, &set_fanotify_class, value & 0xc);
	if (flags) {
		text_char(&text, '|');
		constant_text(d, &text, &set_fanotify_init, flags);
	}
	write_named(d, (uint32_t)value, &text);
	return true;
}

bool arg_fanotify_mask32(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	writer_constant(d->writer, &set_fanotify_events, (argument(d, 3) & UINT32_MAX) << 32 | (value & UINT32_MAX));
	return true;
}

/* --- fsconfig(2): what value and aux are depends on the command --- */
enum { SET_FLAG, SET_STRING, SET_BINARY, SET_PATH, SET_PATH_EMPTY, SET_FD, CREATE, RECONFIGURE };

bool arg_fsconfig_key(struct decoder *d, const struct spec *spec, uint64_t value)
{
	if (argument(d, 1) >= CREATE)
		return arg_ptr(d, spec, value);
	return arg_string(d, spec, value);
}

bool arg_fsconfig_value(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	switch (argument(d, 1)) {
	case SET_STRING:
		show_string_at(d, as_ulong(d, value));
		break;
	case SET_BINARY:
		show_hex_bytes_at(d, as_ulong(d, value), (uint32_t)argument(d, 4));
		break;
	case SET_PATH:
	case SET_PATH_EMPTY:
		show_path_at(d, as_ulong(d, value));
		break;
	default:
		writer_address(d->writer, as_ulong(d, value));
		break;
	}
	return true;
}

bool arg_fsconfig_aux(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	if (argument(d, 1) == SET_PATH || argument(d, 1) == SET_PATH_EMPTY)
		show_dirfd_number(d, (int)value);
	else if (argument(d, 1) == SET_FD)
		show_fd_number(d, (int)value);
	else
		writer_integer(d->writer, (int)value);
	return true;
}

/* --- quotas: QCMD(command, type) --- */
bool arg_quota_cmd(struct decoder *d, const struct spec *spec, uint64_t value)
{
	struct text text = {0};

	(void)spec;
	text_string(&text, "QCMD(");
	constant_text(d, &text, &set_quota_cmd, (uint32_t)value >> 8);
	text_string(&text, ", ");
	constant_text(d, &text, &set_quota_type, value & 0xff);
	text_char(&text, ')');
	writer_token(d->writer, text.data);
	text_free(&text);
	return true;
}

bool arg_quota_id(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_id(d, (uint32_t)value);
	return true;
}

/* --- ptrace --- */
bool arg_ptrace_request(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	writer_constant(d->writer, &set_ptrace_request, (uint32_t)value);
	return true;
}

bool arg_signal_or_zero(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_signal(d, (int)value);
	return true;
}
