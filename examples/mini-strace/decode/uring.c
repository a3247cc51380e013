/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/uring.c - io_uring's set-up: what depends on other members, and what is no struct of one size.
 */
#include <linux/io_uring.h>
#include <sched.h>
#include <string.h>

#include "decode/decoder.h"
#include "decode/families.h"
#include "tables.h"

bool when_uring_attach(const struct field *field, const struct layout *layout, const struct piece *piece)
{
	(void)field;
	return layout_value(layout, piece, "flags") & IORING_SETUP_ATTACH_WQ;
}

static uint32_t restriction_of(const struct piece *piece)
{
	uint16_t opcode;

	memcpy(&opcode, piece->bytes, sizeof(opcode));
	return opcode;
}

bool when_restricts_register(const struct field *field, const struct layout *layout, const struct piece *piece)
{
	(void)field;
	(void)layout;
	return restriction_of(piece) == IORING_RESTRICTION_REGISTER_OP;
}

bool when_restricts_op(const struct field *field, const struct layout *layout, const struct piece *piece)
{
	(void)field;
	(void)layout;
	return restriction_of(piece) == IORING_RESTRICTION_SQE_OP;
}

bool when_restricts_flags(const struct field *field, const struct layout *layout, const struct piece *piece)
{
	return !when_restricts_register(field, layout, piece) && !when_restricts_op(field, layout, piece);
}

/* As many descriptors as the call says that it updates. */
void show_uring_fds(struct decoder *d, const struct field *field, const struct piece *piece)
{
	show_structs_at(d, &struct_fd_item, field_value(field, piece), (uint32_t)argument(d, 3));
}

/* struct io_uring_probe, and the operations behind it. */
bool arg_uring_probe(struct decoder *d, const struct spec *spec, uint64_t value)
{
	struct io_uring_probe probe;
	uint64_t address = as_ulong(d, value);
	uint32_t count = (uint32_t)argument(d, 3);
	struct decoder readable = *d;

	(void)spec;
	if (must_wait(d))
		return false;
	readable.failed = false;
	if (!address || !fetch(d, address, &probe, sizeof(probe))) {
		writer_address(d->writer, address);
		return true;
	}
	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "last_op");
	writer_constant(d->writer, &set_io_uring_op, probe.last_op);
	writer_name(d->writer, "ops_len");
	writer_natural(d->writer, probe.ops_len);
	if (probe.resv2[0] | probe.resv2[1] | probe.resv2[2]) {
		writer_name(d->writer, "resv2");
		writer_begin(d->writer, FRAME_ARRAY);
		for (int i = 0; i < 3; i++)
			writer_hex(d->writer, probe.resv2[i]);
		writer_end(d->writer);
	}
	writer_name(d->writer, "ops");
	show_structs_at(&readable, &struct_io_uring_probe_op, address + sizeof(probe), count);
	writer_end(d->writer);
	return true;
}

bool arg_uring_cpus(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_cpu_set_at(d, as_ulong(d, value), (uint32_t)argument(d, 3));
	return true;
}

/* [[IO_WQ_BOUND]=4, [IO_WQ_UNBOUND]=100] */
static bool show_workers(struct decoder *d, uint64_t address, uint32_t count)
{
	static const char *const names[] = {"IO_WQ_BOUND", "IO_WQ_UNBOUND"};
	uint32_t workers[2];
	struct text text = {0};

	if (!count || count > 2 || !address || !fetch(d, address, workers, count * sizeof(workers[0])))
		return false;
	for (uint32_t i = 0; i < count; i++)
		text_add(&text, "%s[%s]=%u", i ? ", " : "[", names[i], workers[i]);
	text_char(&text, ']');
	writer_token(d->writer, text.data);
	text_free(&text);
	return true;
}

bool arg_uring_workers(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint64_t address = as_ulong(d, value);
	uint32_t count = (uint32_t)argument(d, 3);

	(void)spec;
	if (!d->at_exit) {
		writer_begin(d->writer, FRAME_CHANGE);
		d->state->saved[0] = show_workers(d, address, count);
		if (!d->state->saved[0])
			writer_address(d->writer, address);
		return false;
	}
	if (d->state->saved[0]) {
		writer_changed(d->writer);
		if (d->failed || !show_workers(d, address, count))
			writer_address(d->writer, address);
	}
	writer_end(d->writer);
	return true;
}
