/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz/fuzz_decode.c - mini-strace's decoders on system calls with random numbers, arguments, results and memory.
 *
 * The input is a call, as it would be told, and then the bytes that the tracee's memory is made of.  That memory is hostile: it
 * repeats for ever from some addresses on, ends within a page at others, and is another one when it is read again.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "decode/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct call {
	uint8_t abi;
	uint8_t flags;
	uint16_t number;
	uint32_t limit;
	uint64_t args[6];
	int64_t result;
};

enum {
	CALL_FAILED = 1 << 0,
	CALL_JSON = 1 << 1,
	CALL_VERBOSE = 1 << 2,
	CALL_NAMES = 1 << 3, /* of descriptors and processes */
	CALL_RAW = 1 << 4,
	CALL_CHANGES = 1 << 5, /* memory changes between reads */
	CALL_HEX = 1 << 6,
	CALL_CONSTANTS = 1 << 7,
};

static struct memory_model {
	const uint8_t *bytes;
	size_t size;
	bool changes;
	unsigned int reads;
} model;

/* An address in three ends in the middle of its page, one in eight is not there at all. */
static ssize_t read_model(void *process, uint64_t address, void *buffer, size_t size)
{
	uint8_t *out = buffer;
	size_t there = address / 4096 % 3 == 1 ? 4096 - address % 4096 : size;

	(void)process;
	if (!model.size || address / 4096 % 8 == 7)
		return -1;
	if (model.changes)
		model.reads++;
	if (there > size)
		there = size;
	for (size_t i = 0; i < there; i++)
		out[i] = model.bytes[(address + i + model.reads) % model.size];
	return (ssize_t)there;
}

static struct show show_of(const struct call *call)
{
	/* Rarely, for each is looked up in /proc. */
	bool names = call->flags & CALL_NAMES && (call->limit >> 24 & 7) == 0;
	struct show show = {.string_limit = call->limit >> 28 ? call->limit % 64 : call->limit % 70000};

	show.escape = call->flags & CALL_HEX ? (enum escape)(call->limit >> 20 & 3) : ESCAPE_OCTAL;
	show.constants = call->flags & CALL_CONSTANTS ? (enum constants)(call->limit >> 24 & 1) + 1 : CONSTANTS_ABBREV;
	show.fds = names ? FDS_PATH | FDS_DEV | FDS_PIDFD : 0;
	show.pids = names ? PIDS_COMM : 0;
	show.abbrev.all = !(call->flags & CALL_VERBOSE);
	show.verbose.all = true;
	show.raw.all = call->flags & CALL_RAW && call->limit >> 26 & 1;
	show.json = call->flags & CALL_JSON;
	return show;
}

/* Pointers that lie close together are what real calls have. */
static uint64_t shape_argument(uint64_t value)
{
	switch (value >> 60) {
	case 0:
		return value & 0xffff;
	case 1:
		return 0x7ffe00000000 + (value & 0xfffff);
	case 2:
		return UINT64_MAX - (value & 0xfff);
	case 3:
		return value & 0xff;
	default:
		return value;
	}
}

static void decode_call(const struct call *call, struct decode *decode)
{
	struct utrace_event event = UTRACE_EVENT_INIT;
	struct decode_state state = {0};
	struct text text = {0};

	event.pid = event.tid = getpid();
	event.u.syscall.abi = UTRACE_ABI_X86_64 + call->abi % 3;
	event.u.syscall.number = call->number % 512;
	event.u.syscall.sp = call->args[5];
	for (int i = 0; i < 6; i++)
		event.u.syscall.args[i] = shape_argument(call->args[i]);
	for (int i = 0; event.u.syscall.abi == UTRACE_ABI_I386 && i < 6; i++)
		event.u.syscall.args[i] &= UINT32_MAX;
	decode_name(&event.u.syscall, &text);
	decode_entry(decode, &event, &state, &text);
	event.u.syscall.is_error = call->flags & CALL_FAILED;
	event.u.syscall.result =
		event.u.syscall.is_error ? -(call->result & 0xfff) : (int64_t)shape_argument(call->result);
	decode_exit(decode, &event, &state, &text);
	decode_result(decode, &event, &state, &text);
	decode_dump(decode, &event, &state, &text);
	if (call->flags & CALL_JSON) {
		json_decref(decode_take_args(&state));
		json_decref(decode_take_result(decode, &event));
	}
	decode_state_clear(&state);
	if (text.data && strlen(text.data) != text.length)
		abort();
	text_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct call call;
	struct show show;
	struct decode *decode;

	if (size < sizeof(call))
		return 0;
	memcpy(&call, data, sizeof(call));
	model = (struct memory_model){
		.bytes = data + sizeof(call), .size = size - sizeof(call), .changes = call.flags & CALL_CHANGES};
	show = show_of(&call);
	decode = decode_create(&show, read_model);
	decode_call(&call, decode);
	decode_destroy(decode);
	return 0;
}
