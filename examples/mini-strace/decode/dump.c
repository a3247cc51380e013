/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/dump.c - -e read=, write=: what a call transferred, byte by byte.
 *
 * Which bytes these are, the call's plan says: its buffers, if its first argument is a descriptor.
 */
#include <string.h>

#include "decode/decoder.h"
#include "decode/internal.h"
#include "decode/plan.h"
#include "tables.h"

enum { WIDTH = 16, GROUP = 8, MOST_BUFFERS = 1024 };

/* " | 00000  68 65 6c 6c 6f 0a                                 hello.           |" */
static void add_row(struct text *text, uint64_t offset, const unsigned char *bytes, size_t size)
{
	text_add(text, " | %05llx  ", (unsigned long long)offset);
	for (size_t i = 0; i < WIDTH; i++) {
		if (i < size)
			text_add(text, "%02x ", bytes[i]);
		else
			text_string(text, "   ");
		text_string(text, i % GROUP == GROUP - 1 ? " " : "");
	}
	for (size_t i = 0; i < WIDTH; i++) {
		bool printable = i < size && bytes[i] >= 0x20 && bytes[i] < 0x7f;

		text_char(text, i >= size ? ' ' : printable ? (char)bytes[i] : '.');
	}
	text_string(text, " |\n");
}

static void dump_bytes(struct memory *memory, uint64_t address, uint64_t size, struct text *text)
{
	unsigned char row[WIDTH];

	for (uint64_t at = 0; at < size; at += WIDTH) {
		size_t wanted = size - at < WIDTH ? (size_t)(size - at) : WIDTH;

		if (!memory_get(memory, address + at, row, wanted))
			break;
		add_row(text, at, row, wanted);
	}
}

/* At most `left` bytes of the buffers. */
static void dump_vector(struct decoder *d, uint64_t address, uint64_t count, uint64_t left, struct text *text)
{
	unsigned char item[16];
	size_t word = word_size(d);

	for (uint64_t i = 0; i < count && i < MOST_BUFFERS && left; i++) {
		uint64_t size;

		if (!memory_get(d->memory, address + i * 2 * word, item, 2 * word))
			break;
		size = word_at(d, item + word);
		if (size > left)
			size = left;
		if (!size)
			break;
		left -= size;
		text_add(text, " * %llu bytes in buffer %llu\n", (unsigned long long)size, (unsigned long long)i);
		dump_bytes(d->memory, word_at(d, item), size, text);
	}
}

/* The array of a struct msghdr. */
static void dump_message(struct decoder *d, uint64_t address, uint64_t left, struct text *text)
{
	unsigned char bytes[32];
	size_t word = word_size(d);

	if (memory_get(d->memory, address, bytes, 4 * word))
		dump_vector(d, word_at(d, bytes + 2 * word), word_at(d, bytes + 3 * word), left, text);
}

static void dump_sent(struct decoder *d, const struct spec *spec, int index, struct text *text)
{
	uint64_t address = as_ulong(d, argument(d, index));
	uint64_t size = spec->length >= 0 ? as_ulong(d, argument(d, spec->length)) : 0;

	if (spec->as.arg == arg_bufin || spec->as.arg == arg_sockbuf_in)
		dump_bytes(d->memory, address, size, text);
	else if (spec->as.arg == arg_iovin)
		dump_vector(d, address, size, UINT64_MAX, text);
	else if (spec->as.arg == arg_msgin)
		dump_message(d, address, UINT64_MAX, text);
}

static void dump_received(struct decoder *d, const struct spec *spec, int index, struct text *text)
{
	uint64_t address = as_ulong(d, argument(d, index));
	uint64_t size = (uint64_t)d->call->result;

	if (spec->as.arg == arg_bufout || spec->as.arg == arg_sockbuf_out)
		dump_bytes(d->memory, address, size, text);
	else if (spec->as.arg == arg_iovout)
		dump_vector(d, address, as_ulong(d, argument(d, spec->length)), size, text);
	else if (spec->as.arg == arg_msgout)
		dump_message(d, address, size, text);
}

/* A transfer is never larger than the kernel's limit, whatever a tampered result says. (read(2)) */
static bool is_sound(int64_t result)
{
	return result > 0 && result <= 0x7ffff000;
}

void dump_call(struct decoder *d, const struct plan *plan, struct text *text)
{
	bool sent = number_set_has(&d->show->writes, (int)argument(d, 0));
	bool received = number_set_has(&d->show->reads, (int)argument(d, 0)) && !d->failed && is_sound(d->call->result);

	if (plan->count < 2 || plan->args[0].as.arg != arg_fd || (int)argument(d, 0) < 0)
		return;
	for (int i = 1; i < plan->count; i++) {
		if (sent)
			dump_sent(d, &plan->args[i], i, text);
		if (received)
			dump_received(d, &plan->args[i], i, text);
	}
}
