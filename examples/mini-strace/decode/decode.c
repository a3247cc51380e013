/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/decode.c - a call's two parts and its result.
 *
 * Invariant: state->next is the first argument that is not wholly written, state->begun says that a part of it is.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/decoder.h"
#include "decode/families.h"
#include "decode/internal.h"
#include "decode/plan.h"
#include "tables.h"

struct decode *decode_create(const struct show *show, memory_reader *read)
{
	struct decode *decode = calloc(1, sizeof(*decode));

	if (!decode) {
		(void)fprintf(stderr, "mini-strace: out of memory\n");
		exit(1);
	}
	decode->show = show;
	decode->memory.read = read;
	decode->plans = plans_create();
	return decode;
}

void decode_destroy(struct decode *decode)
{
	if (!decode)
		return;
	plans_destroy(decode->plans);
	text_free(&decode->aux);
	free(decode);
}

static struct decoder decoder_of(struct decode *decode, const struct utrace_event *event, struct decode_state *state,
				 bool at_exit)
{
	const struct utrace_event_syscall *call = &event->u.syscall;
	const struct show *show = decode->show;

	return (struct decoder){
		.decode = decode,
		.show = show,
		.memory = &decode->memory,
		.writer = &state->writer,
		.state = state,
		.call = call,
		.pid = event->pid,
		.tid = event->tid,
		.bits = call->abi == UTRACE_ABI_I386 ? 32 : 64,
		.at_exit = at_exit,
		.failed = at_exit && call->is_error,
		.abbrev = call_set_has(&show->abbrev, call->abi, call->number),
		.verbose = call_set_has(&show->verbose, call->abi, call->number),
		.aux = &decode->aux,
	};
}

static void write_raw(struct decoder *d)
{
	const struct utrace_syscall_info *info = utrace_syscall_describe(d->call->abi, d->call->number);
	int count = info ? (int)info->arg_count : MOST_ARGS;

	for (int i = 0; i < count; i++) {
		writer_name(d->writer, info ? info->args[i].name : "arg");
		writer_hex(d->writer, as_ulong(d, argument(d, i)));
	}
	d->state->next = d->state->plan->count;
}

static void write_args(struct decoder *d)
{
	struct decode_state *state = d->state;

	for (; state->next < state->plan->count; state->next++) {
		const struct spec *spec = &state->plan->args[state->next];

		if (!state->begun && spec->name[0] != '*' && spec->as.arg != arg_hidden)
			writer_name(d->writer, spec->name);
		state->begun = !spec->as.arg(d, spec, argument(d, state->next));
		if (state->begun && !d->at_exit)
			return;
		state->begun = false;
	}
}

void remember_lengths(struct decoder *d, const struct plan *plan)
{
	for (int i = 0; i < plan->count; i++) {
		if (plan->args[i].as.arg == arg_socklen || plan->args[i].as.arg == arg_optlen)
			remember_length(d, as_ulong(d, argument(d, i)));
	}
}

void decode_entry(struct decode *decode, const struct utrace_event *event, struct decode_state *state,
		  struct text *text)
{
	const struct utrace_event_syscall *call = &event->u.syscall;
	struct decoder d;

	decode_state_clear(state);
	if (decode->show->json)
		writer_init_json(&state->writer, decode->show);
	else
		writer_init_text(&state->writer, decode->show, text);
	memory_reset(&decode->memory, event->process);
	d = decoder_of(decode, event, state, false);
	state->plan = plan_for(decode->plans, call);
	if (call_set_has(&decode->show->raw, call->abi, call->number)) {
		write_raw(&d);
		return;
	}
	remember_lengths(&d, state->plan);
	write_args(&d);
}

void decode_exit(struct decode *decode, const struct utrace_event *event, struct decode_state *state, struct text *text)
{
	struct decoder d;

	text_clear(&decode->aux);
	if (!state->plan)
		return;
	state->writer.text = text;
	memory_reset(&decode->memory, event->process);
	d = decoder_of(decode, event, state, true);
	write_args(&d);
}

void decode_name(const struct utrace_event_syscall *call, struct text *text)
{
	const struct utrace_syscall_info *info = utrace_syscall_describe(call->abi, call->number);

	if (info)
		text_string(text, info->name);
	else
		text_add(text, "syscall_%#llx", (unsigned long long)call->number);
}

bool decode_is_complete(const struct decode_state *state)
{
	return !state->plan || state->next >= state->plan->count;
}

/* All but what the next writer_init sets, which is most of it. */
static void state_init(struct decode_state *state)
{
	state->writer.text = NULL;
	state->plan = NULL;
	state->next = 0;
	state->begun = false;
	memset(state->saved, 0, sizeof(state->saved));
	state->inner = 0;
	state->inner_begun = false;
}

void decode_state_clear(struct decode_state *state)
{
	if (state->plan && !state->writer.text)
		json_decref(writer_take_json(&state->writer));
	state_init(state);
}

struct json_t *decode_take_args(struct decode_state *state)
{
	return state->plan ? writer_take_json(&state->writer) : json_object();
}

/* What the kernel says to itself; a tracer sees it, the program does not. (include/linux/errno.h in the kernel) */
static const char *restart_of(int error)
{
	switch (error) {
	case 512:
		return "ERESTARTSYS (To be restarted if SA_RESTART is set)";
	case 513:
		return "ERESTARTNOINTR (To be restarted)";
	case 514:
		return "ERESTARTNOHAND (To be restarted if no handler)";
	case 516:
		return "ERESTART_RESTARTBLOCK (Interrupted by signal)";
	default:
		return NULL;
	}
}

static const char *error_name(int error)
{
	switch (error) {
	case 515:
		return "ENOIOCTLCMD";
	case 517:
		return "EPROBE_DEFER";
	case 524:
		return "ENOTSUPP";
	default:
		return error == ENOTSUP ? "EOPNOTSUPP" : strerrorname_np(error);
	}
}

static void add_error(struct text *text, int error)
{
	const char *restart = restart_of(error);
	const char *name = error_name(error);

	if (restart)
		text_add(text, "? %s", restart);
	else if (name)
		text_add(text, "-1 %s (%s)", name, strerror(error));
	else
		text_add(text, "-1 (errno %d)", error);
}

void decode_result(struct decode *decode, const struct utrace_event *event, struct decode_state *state,
		   struct text *text)
{
	const struct utrace_event_syscall *call = &event->u.syscall;
	const struct plan *plan = state->plan ? state->plan : plan_for(decode->plans, call);
	struct decode_state own;
	struct decoder d = decoder_of(decode, event, &own, true);

	state_init(&own);
	writer_init_text(&own.writer, decode->show, text);
	own.writer.frames[0] = FRAME_PLAIN;
	memcpy(own.saved, state->saved, sizeof(own.saved));
	if (call->is_error)
		add_error(text, (int)-call->result);
	else if (call_set_has(&decode->show->raw, call->abi, call->number))
		text_hex(text, (uint64_t)call->result);
	else
		plan->result.as.result(&d, &plan->result, call->result);
	if (decode->aux.length)
		text_add(text, " (%s)", decode->aux.data);
}

void decode_dump(struct decode *decode, const struct utrace_event *event, struct decode_state *state, struct text *text)
{
	const struct show *show = decode->show;
	struct decoder d;

	if (!state->plan || (number_set_is_empty(&show->reads) && number_set_is_empty(&show->writes)))
		return;
	d = decoder_of(decode, event, state, true);
	dump_call(&d, state->plan, text);
}

struct json_t *decode_take_result(struct decode *decode, const struct utrace_event *event)
{
	const struct utrace_event_syscall *call = &event->u.syscall;
	const char *name;

	(void)decode;
	if (!call->is_error)
		return json_pack("{s:I}", "result", (json_int_t)call->result);
	name = error_name((int)-call->result);
	return json_pack("{s:i, s:s*, s:I}", "result", -1, "error", name, "errno", (json_int_t)-call->result);
}
