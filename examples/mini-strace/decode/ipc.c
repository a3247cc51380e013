/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/ipc.c - System V IPC; also through i386's one call for all of it.
 */
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "decode/decoder.h"
#include "decode/families.h"
#include "tables.h"

enum { IPC_64_BIT = 0x100 };

bool arg_ipc_key(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	if ((int)value == IPC_PRIVATE && d->show->constants == CONSTANTS_ABBREV)
		writer_token(d->writer, "IPC_PRIVATE");
	else
		writer_hex(d->writer, (uint32_t)value);
	return true;
}

/* Flags and permission bits in one word. */
bool arg_ipc_flags(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint32_t flags = (uint32_t)value & ~UINT32_C(0777);
	struct text text = {0};

	if (flags) {
		constant_text(d, &text, spec->set, flags);
		text_char(&text, '|');
	}
	text_add(&text, "%#03o", (unsigned int)value & 0777);
	write_named(d, (uint32_t)value, &text);
	return true;
}

bool arg_ipc_cmd(struct decoder *d, const struct spec *spec, uint64_t value)
{
	struct text text = {0};

	if (value & IPC_64_BIT)
		text_string(&text, "IPC_64|");
	constant_text(d, &text, spec->set, (uint32_t)value & ~(uint32_t)IPC_64_BIT);
	write_named(d, (uint32_t)value, &text);
	return true;
}

/* {uid=, gid=, mode=} of what IPC_SET may change. */
void show_ipc_perm_set(struct decoder *d, const struct field *field, const struct piece *piece)
{
	const struct layout *layout = layout_of(d, &struct_ipc64_perm);
	struct piece inner = {.bytes = piece->bytes + field->offset, .size = layout->size};

	writer_begin(d->writer, FRAME_STRUCT);
	for (size_t i = 0; i < 3; i++) {
		writer_name(d->writer, layout->fields[i].name);
		layout->fields[i].show(d, &layout->fields[i], &inner);
	}
	writer_end(d->writer);
}

/* struct msgbuf: a long and the message. */
static void show_msgbuf(struct decoder *d, uint64_t address, uint64_t size)
{
	uint64_t type;

	if (!address || !read_word(d, address, &type)) {
		writer_address(d->writer, address);
		return;
	}
	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "mtype");
	writer_integer(d->writer, as_long(d, type));
	writer_name(d->writer, "mtext");
	show_bytes_at(d, address + word_size(d), size);
	writer_end(d->writer);
}

bool arg_msgbuf_in(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_msgbuf(d, as_ulong(d, value), as_ulong(d, argument(d, 2)));
	return true;
}

static void show_msgbuf_got(struct decoder *d, uint64_t address)
{
	show_msgbuf(d, address, (uint64_t)d->call->result);
}

bool arg_msgbuf_out(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	return show_filled(d, value, show_msgbuf_got);
}
