/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/decode.h - system calls in words: what the tool sees of the decoders.
 *
 * A call is written in two parts, for a tracee can stay in it for long: what the kernel reads at entry, what it writes at exit.
 * Between them a decode_state keeps what is needed; it belongs to one thread.  Nothing that a tracee passes makes
 * a decoder fail: what can't be read is shown as its address, and lengths and counts are bounded before memory is read.
 */
#ifndef MINI_STRACE_DECODE_H
#define MINI_STRACE_DECODE_H

#include <utrace/utrace.h>

#include "decode/memory.h"
#include "decode/text.h"
#include "decode/writer.h"
#include "options.h"

struct decode;
struct plan;

/* Of one call, from its entry to its exit; all zero before the first. */
struct decode_state {
	struct writer writer;
	const struct plan *plan; /* NULL: the entry was not seen */
	int next;                /* the first argument that is not (wholly) written */
	bool begun;              /* ... of which a part is */
	uint64_t saved[4];       /* what an argument's decoder keeps until the exit */
	int inner;               /* next and begun of the call that a call of many stands for */
	bool inner_begun;
};

/* `read` is how memory is read; its context is the event's process.  Ends the tool if memory is short. */
struct decode *decode_create(const struct show *show, memory_reader *read);
void decode_destroy(struct decode *decode);

/* Writes the call's arguments as far as they are known at its entry, comma separated, without name and parentheses. */
void decode_entry(struct decode *decode, const struct utrace_event *event, struct decode_state *state,
		  struct text *text);
/* Writes the other arguments. */
void decode_exit(struct decode *decode, const struct utrace_event *event, struct decode_state *state,
		 struct text *text);
/* Writes the result, without "= ": number, error, annotations.  After decode_exit. */
void decode_result(struct decode *decode, const struct utrace_event *event, struct decode_state *state,
		   struct text *text);
/* -e read=, write=: the dump of the data that the call transferred, if it was asked for; lines that end with newlines. */
void decode_dump(struct decode *decode, const struct utrace_event *event, struct decode_state *state,
		 struct text *text);
/* With show->json: the arguments by name, as a JSON object that the caller owns. */
struct json_t *decode_take_args(struct decode_state *state);
struct json_t *decode_take_result(struct decode *decode, const struct utrace_event *event);
/* Whether nothing of the arguments waits for the exit. */
bool decode_is_complete(const struct decode_state *state);
void decode_state_clear(struct decode_state *state);

/* "read", or "syscall_0x1c9" */
void decode_name(const struct utrace_event_syscall *call, struct text *text);
/* A quoted string, for the tool's own lines. */
void decode_string(struct text *text, const struct show *show, const char *bytes, size_t length, size_t limit);
/* [...] of strings of the tool's own. */
void decode_argv(struct text *text, const struct show *show, char *const *argv);

/* signals.c: also for lines about signals and exits */
void signal_name(struct text *text, int signal);
int signal_number(const char *name);
void signal_describe(struct text *text, const struct show *show, const siginfo_t *info);
/* {"siginfo": {...}}, the caller's */
struct json_t *signal_take_json(const struct show *show, const siginfo_t *info);
void exit_describe(struct text *text, int status);

#endif
