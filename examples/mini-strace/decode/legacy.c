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
bool arg_ipc_call(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint32_t op = (uint32_t)value & 0xffff;
	struct text text = {0};

	(void)spec;
	if (value >> 16)
		text_add(&text, "%u<<16|", (unsigned int)(value >> 16) & 0xffff);
	constant_text(d, &text, &set_ipc_call, op);
	writer_token(d->writer, text.data);
	text_free(&text);
	return true;
}
