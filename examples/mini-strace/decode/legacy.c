/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/legacy.c - i386's calls that stand for many, or have their arguments in memory.
 *
 * socketcall(2) and ipc(2) are written as the calls that they stand for would be: their arguments are fetched and given to
 * the plan of that call.
 */
#include <string.h>

#include "decode/decoder.h"
#include "decode/families.h"
#include "decode/internal.h"
#include "decode/plan.h"
#include "tables.h"

/* What socketcall's operations are, by number. (include/uapi/linux/net.h) */
static const struct {
	const char *name;
	int count;
} socket_calls[] = {
	{NULL, 0},          {"socket", 3},      {"bind", 3},       {"connect", 3},    {"listen", 2},   {"accept4", 3},
	{"getsockname", 3}, {"getpeername", 3}, {"socketpair", 4}, {"sendto", 4},     {"recvfrom", 4}, {"sendto", 6},
	{"recvfrom", 6},    {"shutdown", 2},    {"setsockopt", 5}, {"getsockopt", 5}, {"sendmsg", 3},  {"recvmsg", 3},
	{"accept4", 4},     {"recvmmsg", 5},    {"sendmmsg", 4},
};

/* select's five arguments. */
static bool read_select(struct decoder *d, uint64_t address, uint64_t args[5])
{
	uint32_t words[5];

	if (!fetch(d, address, words, sizeof(words)))
		return false;
	for (int i = 0; i < 5; i++)
		args[i] = words[i];
	return true;
}

bool arg_old_select(struct decoder *d, const struct spec *spec, uint64_t value)
{
	static const char *const names[] = {"inp", "outp", "exp"};
	uint64_t args[5];

	(void)spec;
	if (!read_select(d, as_ulong(d, value), args)) {
		writer_name(d->writer, "arg");
		writer_address(d->writer, as_ulong(d, value));
		return true;
	}
	writer_name(d->writer, "n");
	writer_integer(d->writer, (int)args[0]);
	for (int i = 0; i < 3; i++) {
		writer_name(d->writer, names[i]);
		show_fdset_at(d, args[i + 1], (int)args[0]);
	}
	writer_name(d->writer, "tvp");
	layout_show_at(d, &struct_timeval, args[4]);
	return true;
}

void result_old_select(struct decoder *d, const struct spec *spec, int64_t result)
{
	uint64_t args[5];

	(void)spec;
	if (read_select(d, as_ulong(d, argument(d, 0)), args))
		show_selected(d, args, &struct_timeval, result);
	else
		writer_integer(d->writer, result);
}

/* The call that stands behind, with its arguments; false if there is none. */
static bool inner_socket_call(struct decoder *d, struct utrace_event_syscall *inner, int *count)
{
	uint64_t op = argument(d, 0);
	uint32_t words[6] = {0};

	if (op < 1 || op >= sizeof(socket_calls) / sizeof(socket_calls[0]))
		return false;
	*count = socket_calls[op].count;
	*inner = *d->call;
	inner->number = utrace_syscall_number(UTRACE_ABI_I386, socket_calls[op].name);
	if (!fetch(d, as_ulong(d, argument(d, 1)), words, (size_t)*count * sizeof(words[0])))
		return false;
	for (int i = 0; i < 6; i++)
		inner->args[i] = words[i];
	return inner->number >= 0;
}

/* The arguments of the call behind: state->saved[0] is the next one, for state->next is about the outer call. */
static bool write_inner(struct decoder *d, const struct utrace_event_syscall *call, int count)
{
	const struct plan *plan = plan_for(d->decode->plans, call);
	struct decode_state *state = d->state;
	const struct plan *outer = state->plan;
	int outer_next = state->next;
	struct decoder inner = *d;
	bool done = true;
	int next = (int)state->inner;

	inner.call = call;
	if (!d->at_exit)
		remember_lengths(&inner, plan);
	state->plan = plan;
	for (; next < count && next < plan->count; next++) {
		const struct spec *spec = &plan->args[next];

		state->next = next;
		if (!state->inner_begun && spec->as.arg != arg_hidden)
			writer_name(d->writer, spec->name);
		state->inner_begun = !spec->as.arg(&inner, spec, call->args[next]) && !d->at_exit;
		if (state->inner_begun) {
			done = false;
			break;
		}
	}
	state->inner = next;
	state->plan = outer;
	state->next = outer_next;
	return done;
}

bool arg_socketcall(struct decoder *d, const struct spec *spec, uint64_t value)
{
	struct utrace_event_syscall inner;
	int count;

	(void)spec;
	if (inner_socket_call(d, &inner, &count))
		return write_inner(d, &inner, count);
	if (d->at_exit)
		return true;
	writer_name(d->writer, "call");
	writer_constant(d->writer, &set_socketcall, value);
	writer_name(d->writer, "args");
	writer_address(d->writer, as_ulong(d, argument(d, 1)));
	return true;
}

void result_socketcall(struct decoder *d, const struct spec *spec, int64_t result)
{
	struct utrace_event_syscall inner;
	const struct plan *plan;
	int count;

	(void)spec;
	if (!inner_socket_call(d, &inner, &count)) {
		writer_integer(d->writer, result);
		return;
	}
	plan = plan_for(d->decode->plans, &inner);
	plan->result.as.result(d, &plan->result, result);
}

/* --- ipc --- */
/* What ipc's operations are: which argument of it is which of the call behind. (ipc(2), ipc/syscall.c in the kernel) */
static const struct {
	uint16_t op;
	const char *name;
	int count; /* of arguments that are as the call behind has them */
	uint8_t from[5];
} ipc_calls[] = {
	{1, "semtimedop_time64", 3, {1, 4, 2}},
	{2, "semget", 3, {1, 2, 3}},
	{3, "semctl", 3, {1, 2, 3}},
	{4, "semtimedop_time64", 3, {1, 4, 2}},
	{11, "msgsnd", 4, {1, 4, 2, 3}},
	{12, "msgrcv", 5, {1, 4, 2, 5, 3}},
	{13, "msgget", 2, {1, 2}},
	{14, "msgctl", 3, {1, 2, 4}},
	{21, "shmat", 3, {1, 4, 2}},
	{22, "shmdt", 1, {4}},
	{23, "shmget", 3, {1, 2, 3}},
	{24, "shmctl", 3, {1, 2, 4}},
};

enum { SEMCTL = 3, SEMTIMEDOP = 4, MSGRCV = 12, SHMAT = 21 };

static bool inner_ipc_call(const struct decoder *d, struct utrace_event_syscall *inner, int *count)
{
	uint32_t op = (uint32_t)argument(d, 0) & 0xffff;

	for (size_t i = 0; i < sizeof(ipc_calls) / sizeof(ipc_calls[0]); i++) {
		if (ipc_calls[i].op != op)
			continue;
		*inner = *d->call;
		*count = ipc_calls[i].count;
		inner->number = utrace_syscall_number(UTRACE_ABI_I386, ipc_calls[i].name);
		for (int at = 0; at < *count; at++)
			inner->args[at] = as_ulong(d, argument(d, ipc_calls[i].from[at]));
		return inner->number >= 0;
	}
	return false;
}

/* The first version of msgrcv has message and type in a struct. */
static void unfold_message(struct decoder *d, struct utrace_event_syscall *inner)
{
	uint32_t words[2];

	if ((uint32_t)argument(d, 0) != MSGRCV || !fetch(d, as_ulong(d, argument(d, 4)), words, sizeof(words)))
		return;
	inner->args[1] = words[0];
	inner->args[3] = words[1];
}

/* [value] of semctl's last argument, which is in memory. */
static void show_semctl_value(struct decoder *d)
{
	uint64_t word;

	writer_name(d->writer, "arg");
	if (!read_word(d, as_ulong(d, argument(d, 4)), &word)) {
		writer_address(d->writer, as_ulong(d, argument(d, 4)));
		return;
	}
	writer_begin(d->writer, FRAME_ARRAY);
	writer_hex(d->writer, word);
	writer_end(d->writer);
}

static void show_unknown_ipc(struct decoder *d)
{
	static const char *const names[] = {"first", "second", "third"};
	uint64_t value = argument(d, 0);

	writer_name(d->writer, "call");
	if (value >> 16)
		write_token(d, "%llu<<16|%llu", (unsigned long long)value >> 16 & 0xffff,
			    (unsigned long long)value & 0xffff);
	else
		writer_natural(d->writer, value);
	for (int i = 0; i < 3; i++) {
		writer_name(d->writer, names[i]);
		writer_hex(d->writer, as_ulong(d, argument(d, i + 1)));
	}
	writer_name(d->writer, "ptr");
	writer_address(d->writer, as_ulong(d, argument(d, 4)));
	writer_name(d->writer, "fifth");
	writer_hex(d->writer, as_ulong(d, argument(d, 5)));
}

bool arg_ipc(struct decoder *d, const struct spec *spec, uint64_t value)
{
	struct utrace_event_syscall inner;
	int count;

	(void)spec;
	if (!inner_ipc_call(d, &inner, &count)) {
		show_unknown_ipc(d);
		return true;
	}
	unfold_message(d, &inner);
	if (!write_inner(d, &inner, count))
		return false;
	if ((value & 0xffff) == SEMCTL)
		show_semctl_value(d);
	if ((value & 0xffff) == SEMTIMEDOP) {
		writer_name(d->writer, "timeout");
		layout_show_at(d, &struct_timespec, as_ulong(d, argument(d, 5)));
	}
	return true;
}

/* shmat's address comes through memory. */
void result_ipc(struct decoder *d, const struct spec *spec, int64_t result)
{
	struct utrace_event_syscall inner;
	const struct plan *plan;
	uint64_t address;
	int count;

	(void)spec;
	if (!inner_ipc_call(d, &inner, &count)) {
		writer_integer(d->writer, result);
		return;
	}
	if ((argument(d, 0) & 0xffff) == SHMAT && read_word(d, as_ulong(d, argument(d, 3)), &address))
		result = (int64_t)address;
	plan = plan_for(d->decode->plans, &inner);
	plan->result.as.result(d, &plan->result, result);
}
