/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace - the parts of the tool and who calls whom.
 *
 *   options.c qualify.c sets.c units.c check.c help.c    the command line, as struct options
 *   main.c       events in a loop                session.c    tracees come and go      interrupt.c  signals to the tool
 *   line.c       lines of several tracees        output.c     where they go            clock.c      times
 *   path.c       -P                              inject.c     -e inject=               summary.c    -c
 *   notes.c      lines about signals and ends    json.c       --json
 *   message.c    what the tool says of itself  stack.c      -k
 *   decode/      arguments and results in words (decode/decode.h)       tables/       what they are made of: data
 */
#ifndef MINI_STRACE_TOOL_H
#define MINI_STRACE_TOOL_H

#include <stdbool.h>
#include <stdio.h>
#include <utrace/utrace.h>

#include "decode/decode.h"
#include "inject.h"
#include "options.h"

/* Where lines go: one for all, or with -ff one for each thread. */
struct sink {
	FILE *file;
	utrace_thread *current; /* whose line has no end yet; compared only */
	int64_t flushed;        /* when that was: nanoseconds, of the coarse clock */
	unsigned int asked;     /* how often it was asked whether that is long ago */
	bool dirty;             /* printed since the last flush */
	bool failed;            /* broken; nothing is printed any more */
	bool prompt;            /* each line goes out at once */
};

/* What is known of a thread, and of the call that it is in. */
struct track {
	struct text text;          /* of the line, while it is made; with whole_lines all of it since the entry */
	bool open;                 /* entry seen, exit not */
	bool hidden;               /* this call is not printed */
	bool new_program;          /* execve has worked, and its exit is still to come */
	bool ignored;              /* nothing of this thread is told: it came without -f */
	struct decode_state state; /* of the call's arguments */
	int column;                /* how much of the line is printed */
	int invisible;             /* bytes in `text` that take no room: colours */
	int64_t since;             /* nanoseconds, monotonic */
	int64_t kernel;            /* nanoseconds that the thread had run at the entry */
	int64_t number;            /* of the last call; -1: none yet */
	char name[32];             /* of the last call */
	int64_t previous;          /* of the call before it */
	uint32_t mode;             /* the ABI that the program is known to use; 0: ours */
	uint32_t abi;              /* of the last call; 0: none yet */
	struct tampered tampered;
	struct sink *sink; /* -ff: its own, else NULL */
	struct text stack; /* -k: of a call that will not come back to it */
};

/* A thread that is kept stopped for a while. */
struct delay {
	utrace_thread *thread; /* a reference */
	int64_t until;         /* nanoseconds, monotonic */
	int signal;            /* delivered then, or 0 */
};

struct summary;
struct path_set;

struct tool {
	struct options options;
	utrace_session *session;
	utrace_process **processes; /* all that are traced; references */
	size_t process_count;
	utrace_process *spawned; /* PROG's; with -D it was attached */
	char **environment;
	struct sink out;
	pid_t output_command; /* of -o '|COMMAND', or 0 */
	bool color;
	bool whole_lines;       /* lines are printed when their call is over */
	bool leaving;           /* everything was let go; nothing is printed any more */
	bool staying;           /* but for some that need a tracer until their end */
	bool hide_until_execve; /* -D: what comes before is not PROG's */
	bool execve_seen;       /* -b: PROG's own, which doesn't count */
	bool ended;             /* PROG is over, and exit_status known */
	int live;               /* threads that are told about */
	int64_t last_stamp;     /* -r: nanoseconds, 0: none yet */
	uint64_t calls;         /* --syscall-limit */
	struct delay *delays;
	size_t delay_count;
	struct decode *decode;
	struct summary *summary;
	struct path_set *paths;  /* -P */
	utrace_symbols *symbols; /* -k */
	char program_path[4096]; /* of PROG, as its execve was given it */
	int exit_status;         /* of PROG, as wait(2) gives it */
};

/* message.c: die and usage_error end the tool, with status 1; usage_error also points at -h. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
__attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...);
__attribute__((noreturn, format(printf, 1, 2))) void usage_error(const char *format, ...);

/* clock.c */
int64_t clock_now(void);    /* nanoseconds, monotonic */
int64_t clock_coarse(void); /* the same, late by some milliseconds, and cheaper */
/* Nanoseconds that a thread has run so far, or -1 if this kernel doesn't tell. */
int64_t clock_of_thread(pid_t pid, pid_t tid);
/* -t and -r, of now. */
void stamp_add(struct tool *tool, struct text *text);
/* Seconds with as many digits as given. */
void seconds_add(struct text *text, int64_t nanoseconds, int digits);

/* output.c */
void output_open(struct tool *tool);
void output_close(struct tool *tool);
/* Prints what a long wait would keep from the reader. */
void output_flush(struct tool *tool);
bool output_is_dirty(const struct tool *tool);
/* Has it been kept back for long? */
bool output_is_late(struct tool *tool);
struct sink *sink_of(struct tool *tool, utrace_thread *thread);
void sink_put(struct tool *tool, struct sink *sink, const char *text);
void sink_write(struct tool *tool, struct sink *sink, const char *text, size_t length);
void sink_end_line(struct tool *tool, struct sink *sink);
/* ... whose newline has been written already. */
void sink_line_ended(struct tool *tool, struct sink *sink);
/* Ends a line that is under way, so that something else can stand there. */
void sink_cut(struct tool *tool, struct sink *sink);
void sink_close(struct sink *sink);
/* -ff: the thread has another id now, and goes on in the file of that one. */
void sink_move(struct tool *tool, utrace_thread *thread);
/* A message on stderr, where a line may be under way. */
void output_note(struct tool *tool, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* line.c */
struct track *track_of(utrace_thread *thread);
void track_end(utrace_thread *thread);
/* Notes the call; is it to be told? */
bool line_begin(struct tool *tool, const struct utrace_event *event);
void line_entry(struct tool *tool, const struct utrace_event *event);
void line_exit(struct tool *tool, const struct utrace_event *event);
/* The thread will not come back from the call that it is in. */
void line_unfinished(struct tool *tool, const struct utrace_event *event);
/* The tool lets the thread go, perhaps in a call. */
void line_detached(struct tool *tool, utrace_thread *thread);
/* The call that started PROG: it was made by the library's child. */
void line_execve(struct tool *tool, const struct utrace_event *event);
/* It failed, and there is no thread to tell of. */
void line_exec_failed(struct tool *tool, int error);
/* A line of its own about a thread. */
void line_note(struct tool *tool, utrace_thread *thread, const char *text);

/* session.c: tracees come and go. */
/* Starts PROG and attaches to the others; ends the tool if that fails. */
void session_start(struct tool *tool);
void session_close(struct tool *tool);
/* A new process is traced; one is not any more. */
void session_remember(struct tool *tool, utrace_process *process);
void session_forget(struct tool *tool, const utrace_process *process);
/* Lets every tracee go on without us, those at least that can. */
void session_let_go(struct tool *tool);
void session_detach(struct tool *tool, utrace_process *process);
/* Nothing is shown of this thread, and nothing but what makes it known is told. */
void session_ignore(utrace_thread *thread);

/* interrupt.c: the tool's own signals. */
void interrupt_prepare(const struct tool *tool);
int interrupt_taken(void); /* the signal that asks the tool to end, or 0 */

/* path.c: -P. */
struct path_set *path_set_create(const struct options *options);
void path_set_destroy(struct path_set *set);
/* Does the call access one of the paths? */
bool path_set_touched(const struct path_set *set, const struct utrace_event *event);
bool path_set_has(const struct path_set *set, const char *path);

/* stack.c: -k. */
void stack_enter(struct tool *tool, const struct utrace_event *event);
/* After the line of the call. */
void stack_print(struct tool *tool, const struct utrace_event *event);
/* After the line of a signal. */
void stack_note(struct tool *tool, utrace_thread *thread);
void stack_forget(utrace_process *process);

/* summary.c */
struct summary *summary_create(void);
void summary_destroy(struct summary *summary);
void summary_add(struct summary *summary, const struct utrace_event_syscall *call, int64_t nanoseconds);
void summary_print(struct summary *summary, const struct count_options *options, FILE *out);

#endif
