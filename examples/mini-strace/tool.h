/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace - the parts of the tool and who calls whom.
 *
 *   main.c     session, event loop           options.c  the command line      sets.c  sets of -e
 *   line.c     lines of several tracees      decode.c   arguments and results by kind
 *   tables.c   names of flags and values     signal.c   signals and exits
 *   summary.c  -c                            message.c  what the tool says of itself
 */
#ifndef MINI_STRACE_TOOL_H
#define MINI_STRACE_TOOL_H

#include <stdbool.h>
#include <time.h>
#include <stdio.h>
#include <utrace/utrace.h>

#include "options.h"

/* Text that grows; out of memory ends the tool, for it can't do its one job then. */
struct text {
	char *data;
	size_t length;
	size_t room;
};

/* What is known of a call between its entry and its exit. */
struct pending {
	struct text rest; /* of the line, while another tracee's line is in the way */
	bool open;        /* entry printed, exit not */
	int next_arg;     /* the first argument that waits for the exit */
	int column;       /* of the line so far */
	double since;
};

struct summary;

struct tool {
	struct options options;
	utrace_session *session;
	utrace_process *spawned;
	char **environment;
	FILE *out;
	bool failed; /* output is broken; nothing is printed any more */
	bool terminal;
	bool dirty;             /* printed since the last flush */
	double flushed;         /* when that was, CLOCK_MONOTONIC_COARSE */
	utrace_thread *current; /* whose line has no end yet; compared only */
	int live;               /* threads that are traced */
	struct summary *summary;
	int exit_status; /* of the spawned program, as wait(2) gives it */
};

/* message.c: these end the tool, with status 1; usage_error also points at -h. */
__attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...);
__attribute__((noreturn, format(printf, 1, 2))) void usage_error(const char *format, ...);

/* line.c */
void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_clear(struct text *text);
void text_free(struct text *text);
double now(clockid_t clock);
void line_entry(struct tool *tool, const struct utrace_event *event);
void line_exit(struct tool *tool, const struct utrace_event *event);
void line_execve(struct tool *tool, const struct utrace_event *event, int64_t result);
/* A line of its own about a thread. */
void line_note(struct tool *tool, utrace_thread *thread, const char *text);
void line_abandon(struct tool *tool, utrace_thread *thread, const char *result);
void line_flush(struct tool *tool);
struct pending *line_pending(utrace_thread *thread);
void line_thread_gone(utrace_thread *thread);

/* decode.c */
struct decoder {
	const struct options *options;
	utrace_process *process;
	const struct utrace_event_syscall *call;
	const struct utrace_syscall_info *info;
	struct text *text;
	bool at_exit;
};
/* Prints arguments from `first` on, up to the first that waits for the exit; returns the next one. */
int decode_args(struct decoder *decoder, int first);
void decode_result(struct decoder *decoder);
void decode_string(struct text *text, const char *bytes, size_t length, size_t limit, bool more);
void decode_argv(struct text *text, const struct options *options, char *const *argv);

/* tables.c */
struct name {
	const char *name;
	uint64_t value;
};
/* false if the set is unknown. */
bool table_flags(struct text *text, const char *set, uint64_t value);
bool table_enum(struct text *text, const char *set, uint64_t value);
bool table_is_combined(const char *set);

/* signal.c */
void signal_name(struct text *text, int signal);
int signal_number(const char *name);
void signal_describe(struct text *text, const siginfo_t *info);
void signal_set(struct text *text, uint64_t set);
void exit_describe(struct text *text, int status);
void wait_status_describe(struct text *text, int status);

/* summary.c */
struct summary *summary_create(void);
void summary_destroy(struct summary *summary);
void summary_add(struct summary *summary, const struct utrace_event_syscall *call, double seconds);
void summary_print(const struct summary *summary, FILE *out);

#endif
