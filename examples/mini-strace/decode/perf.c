/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/perf.c - performance counters. (perf_event_open(2))
 *
 * What many members of struct perf_event_attr are depends on its type, on bits of its own and on what is sampled.
 */
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>

#include "decode/decoder.h"
#include "tables.h"

static struct perf_event_attr attr_of(const struct piece *piece)
{
	struct perf_event_attr attr = {0};

	memcpy(&attr, piece->bytes, piece->size < sizeof(attr) ? piece->size : sizeof(attr));
	return attr;
}

bool arg_perf_attr(struct decoder *d, const struct spec *spec, uint64_t value)
{
	const struct layout *layout = layout_of(d, &struct_perf_event_attr);
	unsigned char bytes[LARGEST_LAYOUT];
	struct piece piece = {.bytes = bytes, .address = as_ulong(d, value)};
	uint32_t size = 0;

	(void)spec;
	if (piece.address && fetch(d, piece.address + 4, &size, sizeof(size)) && !size)
		size = PERF_ATTR_SIZE_VER0;
	piece.size = size < layout->size ? size : layout->size;
	if (size < PERF_ATTR_SIZE_VER0 || !d->verbose || !layout_read(d, layout, piece.address, piece.size, bytes))
		writer_address(d->writer, piece.address);
	else
		layout_show(d, layout, &piece);
	return true;
}

bool when_perf_period(const struct field *field, const struct layout *layout, const struct piece *piece)
{
	(void)field;
	(void)layout;
	return !attr_of(piece).freq;
}

bool when_perf_frequency(const struct field *field, const struct layout *layout, const struct piece *piece)
{
	return !when_perf_period(field, layout, piece);
}

bool when_perf_events(const struct field *field, const struct layout *layout, const struct piece *piece)
{
	(void)field;
	(void)layout;
	return !attr_of(piece).watermark;
}

bool when_perf_watermark(const struct field *field, const struct layout *layout, const struct piece *piece)
{
	return !when_perf_events(field, layout, piece);
}

bool when_perf_breakpoint(const struct field *field, const struct layout *layout, const struct piece *piece)
{
	(void)field;
	(void)layout;
	return attr_of(piece).type == PERF_TYPE_BREAKPOINT;
}

bool when_perf_no_breakpoint(const struct field *field, const struct layout *layout, const struct piece *piece)
{
	return !when_perf_breakpoint(field, layout, piece);
}

bool when_perf_branches(const struct field *field, const struct layout *layout, const struct piece *piece)
{
	(void)field;
	(void)layout;
	return attr_of(piece).sample_type & PERF_SAMPLE_BRANCH_STACK;
}

bool when_perf_stack(const struct field *field, const struct layout *layout, const struct piece *piece)
{
	(void)field;
	(void)layout;
	return attr_of(piece).sample_type & PERF_SAMPLE_STACK_USER;
}

bool when_perf_clock(const struct field *field, const struct layout *layout, const struct piece *piece)
{
	(void)field;
	(void)layout;
	return attr_of(piece).use_clockid;
}

/* RESULT<<16|OPERATION<<8|CACHE */
static void show_cache(struct decoder *d, uint64_t value)
{
	struct text text = {0};

	if (value >> 24)
		text_add(&text, "%#llx<<24|", (unsigned long long)value >> 24);
	constant_text(d, &text, &set_perf_cache_result, value >> 16 & 0xff);
	text_string(&text, "<<16|");
	constant_text(d, &text, &set_perf_cache_op, value >> 8 & 0xff);
	text_string(&text, "<<8|");
	constant_text(d, &text, &set_perf_cache, value & 0xff);
	write_named(d, value, &text);
}

void show_perf_config(struct decoder *d, const struct field *field, const struct piece *piece)
{
	uint64_t value = field_value(field, piece);

	switch (attr_of(piece).type) {
	case PERF_TYPE_HARDWARE:
		writer_constant(d->writer, &set_perf_hw, value);
		break;
	case PERF_TYPE_SOFTWARE:
		writer_constant(d->writer, &set_perf_sw, value);
		break;
	case PERF_TYPE_TRACEPOINT:
		writer_natural(d->writer, value);
		break;
	case PERF_TYPE_HW_CACHE:
		show_cache(d, value);
		break;
	default:
		writer_hex(d->writer, value);
		break;
	}
}

static void show_skid(struct decoder *d, unsigned int value)
{
	static const char *const meanings[] = {"arbitrary skid", "constant skid", "requested to have 0 skid",
					       "must have 0 skid"};

	writer_name(d->writer, "precise_ip");
	writer_natural(d->writer, value);
	writer_comment(d->writer, meanings[value]);
}

/* The flags as the kernel's bit field has them, in its order; those that are not set are details. */
void show_perf_bits(struct decoder *d, const struct field *field, const struct piece *piece)
{
	static const char *const names[] = {
		"disabled",
		"inherit",
		"pinned",
		"exclusive",
		"exclude_user",
		"exclude_kernel",
		"exclude_hv",
		"exclude_idle",
		"mmap",
		"comm",
		"freq",
		"inherit_stat",
		"enable_on_exec",
		"task",
		"watermark",
		"precise_ip",
		NULL,
		"mmap_data",
		"sample_id_all",
		"exclude_host",
		"exclude_guest",
		"exclude_callchain_kernel",
		"exclude_callchain_user",
		"mmap2",
		"comm_exec",
		"use_clockid",
		"context_switch",
		"write_backward",
		"namespaces",
		"ksymbol",
		"bpf_event",
		"aux_output",
		"cgroup",
		"text_poke",
		"build_id",
		"inherit_thread",
		"remove_on_exec",
		"sigtrap",
	};
	enum { KNOWN = sizeof(names) / sizeof(names[0]), SKID = 15 };
	uint64_t bits = field_value(field, piece);

	writer_natural(d->writer, bits & 1);
	for (unsigned int i = 1; i < KNOWN; i++) {
		uint64_t bit = bits >> i & 1;

		if (i == SKID)
			show_skid(d, bits >> i & 3);
		if (i == SKID || !names[i] || (!bit && d->abbrev))
			continue;
		writer_name(d->writer, names[i]);
		writer_natural(d->writer, bit);
	}
	if (bits >> KNOWN) {
		writer_name(d->writer, "__reserved_1");
		writer_hex(d->writer, bits >> KNOWN);
		writer_comment(d->writer, "Bits 63..38");
	}
}

/* A member that a reserved one follows, which is shown if something is in it. */
void show_perf_padded(struct decoder *d, const struct field *field, const struct piece *piece)
{
	const struct field next = {.offset = (uint16_t)(field->offset + field->size), .size = field->size};
	uint64_t rest = field_value(&next, piece);
	char comment[64];

	writer_natural(d->writer, field_value(field, piece));
	if (!rest)
		return;
	(void)snprintf(comment, sizeof(comment), "bytes %u..%u: %#llx", next.offset, next.offset + next.size - 1U,
		       (unsigned long long)rest);
	writer_comment(d->writer, comment);
}
