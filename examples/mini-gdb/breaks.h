/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/breaks.h - breakpoints, watchpoints and catchpoints by gdb's numbers.
 *
 * A breakpoint is what the user asked for; its locations are where that is in the program as it is mapped now.  They are found
 * anew when the program starts, execs or loads a library.
 */
#ifndef MINI_GDB_BREAKS_H
#define MINI_GDB_BREAKS_H

#include "expr.h"
#include "gdb.h"

enum breakpoint_kind {
	KIND_BREAK,
	KIND_HARDWARE,
	KIND_WATCH,
	KIND_READ_WATCH,
	KIND_ACCESS_WATCH,
	KIND_CATCH_SYSCALL,
	KIND_CATCH_FORK,
	KIND_CATCH_VFORK,
	KIND_CATCH_EXEC,
	KIND_CATCH_SIGNAL,
	KIND_CATCH_LOAD,
	KIND_CATCH_UNLOAD,
	KIND_CATCH_THROW, /* the last three have places in the C++ runtime library */
	KIND_CATCH_CATCH,
	KIND_CATCH_RETHROW,
};

struct body {
	struct body *next;
	char *line;
};

struct breakpoint {
	struct breakpoint *next;
	int number;
	enum breakpoint_kind kind;
	bool temporary, disabled, pending;
	bool disable_after;         /* enable once, enable count */
	unsigned long enable_count; /* hits until then, if more than one */
	bool gone;                  /* to be deleted when the stop has been told */
	char *spec;
	int thread; /* 0: all */
	unsigned long ignore;
	unsigned long hits;
	char *condition;
	struct expr *condition_expr;
	struct body *commands;
	struct location *locations;
	/* Watchpoints. */
	struct arena arena; /* of condition, expression, old value */
	struct expr *expr;
	struct value *old;
	struct value *before;   /* of the change that is being told */
	struct location *scope; /* where the block that the expression lives in is left */
	uint64_t scope_frame;
	/* Catchpoints: system calls or signals; none: all of them. */
	int *numbers;
	size_t number_count;
	bool all;      /* signals: SIGINT and SIGTRAP too */
	char *pattern; /* of libraries; NULL: any */
};

struct breakpoint *breakpoint_new(struct gdb *gdb, enum breakpoint_kind kind, const char *spec);
struct breakpoint *breakpoint_by_number(struct gdb *gdb, int number);
void breakpoint_delete(struct gdb *gdb, struct breakpoint *breakpoint);
/* Puts what is missing into the program and takes out what has no place any more. */
void breakpoints_set_again(struct gdb *gdb);
/* The program is gone, with all traps in it. */
void breakpoints_forget(struct gdb *gdb);
bool location_insert(struct gdb *gdb, struct location *location, const struct utrace_breakpoint_options *options);
void location_remove(struct gdb *gdb, struct location *location);
/* After "if": keeps the condition, or takes it away where the text is empty. */
bool breakpoint_set_condition(struct gdb *gdb, struct breakpoint *breakpoint, const char *text);
/* What the event masks must have for the catchpoints that are there. */
bool catches_apply(struct gdb *gdb);
/* The first enabled catchpoint of this kind that takes the number. */
struct breakpoint *catch_find(struct gdb *gdb, enum breakpoint_kind kind, int number);
void print_breakpoint_mention(struct gdb *gdb, const struct breakpoint *breakpoint);
/* "exception thrown" */
const char *catch_exception_text(const struct breakpoint *breakpoint);
/* What `catch` would be told to make it again. */
const char *catch_command_text(struct gdb *gdb, const struct breakpoint *breakpoint);
const char *catch_text(struct gdb *gdb, const struct breakpoint *breakpoint);
/* A condition holds in the thread that is stopped; an error counts as true and is told. */
bool condition_holds(struct gdb *gdb, struct breakpoint *breakpoint, utrace_thread *thread);

/* watches.c: looks at the value again; false: it is as it was, or not readable any more. */
bool watch_changed(struct gdb *gdb, struct breakpoint *watch);
bool watch_insert(struct gdb *gdb, struct breakpoint *watch);
void watch_report(struct gdb *gdb, struct breakpoint *watch);

bool command_break(struct gdb *gdb, const char *arguments);
bool command_tbreak(struct gdb *gdb, const char *arguments);
bool command_hbreak(struct gdb *gdb, const char *arguments);
bool command_condition(struct gdb *gdb, const char *arguments);
bool command_ignore(struct gdb *gdb, const char *arguments);
bool command_commands(struct gdb *gdb, const char *arguments);
bool command_delete(struct gdb *gdb, const char *arguments);
bool command_clear(struct gdb *gdb, const char *arguments);
bool command_enable(struct gdb *gdb, const char *arguments);
bool command_disable(struct gdb *gdb, const char *arguments);
bool command_watch(struct gdb *gdb, const char *arguments);
bool command_rwatch(struct gdb *gdb, const char *arguments);
bool command_awatch(struct gdb *gdb, const char *arguments);
bool catch_syscall(struct gdb *gdb, const char *arguments);
bool catch_fork(struct gdb *gdb, const char *arguments);
bool catch_vfork(struct gdb *gdb, const char *arguments);
bool catch_exec(struct gdb *gdb, const char *arguments);
bool catch_signal(struct gdb *gdb, const char *arguments);
bool catch_load(struct gdb *gdb, const char *arguments);
bool catch_unload(struct gdb *gdb, const char *arguments);
bool catch_throw(struct gdb *gdb, const char *arguments);
bool catch_catch(struct gdb *gdb, const char *arguments);
bool catch_rethrow(struct gdb *gdb, const char *arguments);
bool tcatch_syscall(struct gdb *gdb, const char *arguments);
bool tcatch_fork(struct gdb *gdb, const char *arguments);
bool tcatch_vfork(struct gdb *gdb, const char *arguments);
bool tcatch_exec(struct gdb *gdb, const char *arguments);
bool tcatch_signal(struct gdb *gdb, const char *arguments);
bool tcatch_load(struct gdb *gdb, const char *arguments);
bool tcatch_unload(struct gdb *gdb, const char *arguments);
bool tcatch_throw(struct gdb *gdb, const char *arguments);
bool tcatch_catch(struct gdb *gdb, const char *arguments);
bool tcatch_rethrow(struct gdb *gdb, const char *arguments);
bool command_thbreak(struct gdb *gdb, const char *arguments);
bool command_rbreak(struct gdb *gdb, const char *arguments);
bool save_breakpoints(struct gdb *gdb, const char *arguments);
bool info_watchpoints(struct gdb *gdb, const char *arguments);
/* Sets a breakpoint as `break` does. */
bool set_break(struct gdb *gdb, const char *arguments, enum breakpoint_kind kind, bool temporary);
/* A breakpoint or catchpoint that is a place in the program. */
bool is_break(const struct breakpoint *breakpoint);
/* Libraries came or went: the first catchpoint for that, or NULL; *text is what it tells. */
struct breakpoint *catch_libraries(struct gdb *gdb, const char *came, const char *went, const char **text);
bool info_breakpoints(struct gdb *gdb, const char *arguments);

/* displays.c */
bool display_able(struct gdb *gdb, const char *numbers, bool enabled);
bool display_delete(struct gdb *gdb, const char *numbers);

#endif
