/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/gdb.h - the state of the debugger, and who is who.
 *
 *   main.c       options, start, the loop over commands    script.c   reading commands: terminal, files, -ex, bodies
 *   commands.c   all commands, as tables                    command.c  names, abbreviations, dispatch
 *   help.c complete.c aliases.c                             settings.c set, show
 *   start.c run.c starting, attaching, letting go; going on  stop.c     events, and what a stop prints
 *   inferiors.c  several processes, forks                   signals.c  handle, info signals
 *   threads.c apply.c numbers, selecting, thread apply      frames.c frameinfo.c bt frame up down info frame
 *   breaks.c breakcmds.c rbreak.c break and friends         catches.c watches.c catch, watch
 *   steps.c skips.c step next finish until stepi            memory.c   find dump restore
 *   lex.c parse.c parsetype.c names.c eval.c value.c types.c  expressions
 *   cplus.c vtbl.c                                          classes: bases, dynamic types, members
 *   print.c scalar.c text.c format.c data.c                 printing values, x, display
 *   view.h       the C++ library's objects: viewparts.c containers.c holders.c showview.c operators.c shorttype.c
 *   places.c source.c symbols.c info.c disassemble.c                 what there is to look at
 *
 * Public headers of libutrace only.  Every function that can fail returns false (or NULL) after fail() has kept a text,
 * which the command loop prints; nothing prints an error by itself.
 */
#ifndef MINI_GDB_GDB_H
#define MINI_GDB_GDB_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <utrace/utrace.h>

#include "arena.h"
#include "location.h"

struct gdb;
struct value;
struct breakpoint;
struct body;

/* What the user set for one signal. */
struct signal_rule {
	bool stop, print, pass;
};

enum { SIGNALS = 65 };

struct settings {
	bool confirm, pagination;
	bool print_pretty, print_address, print_symbol, print_union, print_array_indexes;
	unsigned int print_elements, print_repeats;
	bool print_null_stop, print_static_members, print_object;
	int print_frame_arguments; /* 0 none, 1 scalars, 2 all */
	bool step_mode, disable_aslr;
	int follow_child; /* follow-fork-mode: 0 parent, 1 child */
	bool detach_on_fork;
	bool source_window; /* lines around the pc at each stop */
	unsigned int window_height;
	int intel_syntax;
	int scheduler_locking; /* 0 off, 1 on, 2 step, 3 replay (as off) */
	unsigned int listsize, backtrace_limit;
	bool color;
	int pending; /* breakpoint pending: 0 off, 1 on, 2 ask */
};

/* The program that is debugged. */
struct inferior {
	int number;
	int connection;  /* counts starts and attaches, as gdb does */
	char *file;      /* absolute path, NULL: none */
	char *arguments; /* as typed, for the shell */
	char *directory;
	char *terminal; /* that it is started on; NULL: the debugger's */
	char **environment;
	utrace_process *process; /* NULL: it does not run */
	utrace_thread *thread;   /* selected; NULL: none */
	int next_thread_number;
	int live_threads;
	bool attached;
	uint64_t bias; /* of the executable, when it ran last */
	int exit_code;
	bool has_exit_code;
};

/* Where `list` goes on. */
struct source_place {
	const char *file;
	const char *directory; /* of the compilation, for relative names */
	int first, last;       /* of what was listed; 0: nothing yet */
	int center;
};

/* What the dynamic linker calls a library. */
struct module_alias {
	struct module_alias *next;
	const utrace_module *module;
	const char *name;
};

/* A fork that has been told and not been settled. */
struct fork_event {
	utrace_process *child; /* references; NULL: there is none */
	utrace_thread *thread;
	bool is_vfork;
};

struct gdb {
	utrace_session *session;
	utrace_session *core_session; /* of core files; NULL until there is one */
	utrace_symbols *symbols;
	utrace_image *image; /* of the process, or of the file, or NULL */
	struct module_alias *module_aliases;
	utrace_image **images; /* former ones */
	size_t image_count;
	unsigned int generation; /* counts changes of `image` */
	struct inferior inferior;
	struct parked *parked;       /* other processes */
	struct parked *vfork_parent; /* waits until the child has its own memory */
	int connection_count;
	int inferior_count; /* numbers given */
	struct fork_event fork;
	utrace_stack *stack; /* of the selected thread; NULL: not looked at yet */
	size_t frame;        /* selected */
	size_t main_known;   /* so many frames are known not to be main */
	struct settings settings;
	struct signal_rule signals[SIGNALS];
	struct arena arena; /* of this command */
	struct arena kept;  /* as long as the debugger */
	char *error;        /* in `arena` */

	struct breakpoint *breakpoints;
	struct location library_location; /* where the dynamic linker tells of changes */
	int next_breakpoint;
	struct display *displays;
	int next_display;
	struct value **history;
	size_t history_count;
	struct convenience *conveniences;
	struct user_command *user_commands;
	struct alias *aliases;
	struct skip *skips;
	int next_skip;
	int shell_status;        /* as waitpid(2) gives it, of the last shell command; -1: none */
	const char *directories; /* of sources, colon-separated */
	struct script *script;
	struct terminal *terminal;
	int nesting; /* of user's commands */
	int loops;   /* `while`s that run */
	enum { LOOP_GOES_ON, LOOP_CONTINUE, LOOP_BREAK } loop;
	int stop_signal;                 /* of the last stop, 0: none */
	int stopped_at;                  /* number of the breakpoint of the last stop, 0: none */
	const struct body *body_to_give; /* of `commands` that is being carried out */
	unsigned long enable_count;      /* of `enable count` */
	struct body *after;              /* commands of the breakpoint that was hit, to be run now */
	struct source_place listing;
	struct source_file *sources;
	const struct source_file *last_source; /* shown at a stop: that it can't be read is not told twice in a row */
	char *searched;                        /* what `search` looked for last */
	struct thread_info *threads;
	struct examine *examine; /* where `x` goes on */
	uint64_t disassembled;

	FILE *out;
	bool interactive; /* a person types */
	bool batch;
	bool quit;
	int quit_status;
	volatile bool *interrupted; /* set by SIGINT */
};

/* What the person at the terminal says. */
bool answered_yes(struct gdb *gdb, const char *prompt);
/* Asks whether to go on, unless that is not wanted; without a person the answer is yes, and the transcript says so. */
__attribute__((format(printf, 2, 3))) bool confirmed(struct gdb *gdb, const char *format, ...);
/* Keeps the text of an error; always false. */
__attribute__((format(printf, 2, 3))) bool fail(struct gdb *gdb, const char *format, ...);
/* The same with the library's own text. */
bool fail_with(struct gdb *gdb, const struct utrace_error *error);
__attribute__((format(printf, 2, 3))) void say(struct gdb *gdb, const char *format, ...);

/* Colours; empty strings where none are wanted. */
enum hue { HUE_FUNCTION, HUE_FILE, HUE_ADDRESS, HUE_VARIABLE, HUE_ERROR, HUE_END };
const char *hue(const struct gdb *gdb, enum hue hue);

#endif
