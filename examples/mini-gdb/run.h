/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/run.h - starting, letting go, and going on until something is worth telling.
 */
#ifndef MINI_GDB_RUN_H
#define MINI_GDB_RUN_H

#include "breaks.h"
#include "gdb.h"

#define EVENTS_ALWAYS                                                                                                  \
	(UTRACE_EVENT_BIT(UTRACE_EVENT_SIGNAL) | UTRACE_EVENT_BIT(UTRACE_EVENT_CREATE) |                               \
	 UTRACE_EVENT_BIT(UTRACE_EVENT_EXEC) | UTRACE_EVENT_BIT(UTRACE_EVENT_VFORK_DONE))

/* A source-level step that is under way, and what it left behind. */
struct going {
	const struct utrace_step_options *begin; /* NULL: continue */
	utrace_step *step;
	bool only_selected; /* the other threads stay held */
	uint64_t frame;     /* CFA and function before the step: the same ones mean that the line alone is shown */
	uint64_t function;
	unsigned int line;
	bool is_finish;
	bool finished; /* out: the step came to its own end */
};

/* Lets the program run until a stop that is told; prints it.  Ends `going->step`. */
bool go_on(struct gdb *gdb, struct going *going);
/* After attach: everything is held and told of. */
bool collect_stop(struct gdb *gdb);
/* Loads the image of the executable, running or not. */
bool load_image(struct gdb *gdb);
/* After exec, attach and start: image, library event, breakpoints. */
bool program_changed(struct gdb *gdb);
/* New libraries: their symbols, breakpoints that waited for them; the catchpoint that stops for them, or NULL. */
struct breakpoint *libraries_changed(struct gdb *gdb, const char **text);
/* The process is gone or let go: what belonged to it is dropped. */
void inferior_gone(struct gdb *gdb);
/* Whose turn it is to read the terminal. */
void terminal_to_program(struct gdb *gdb);
void terminal_to_debugger(struct gdb *gdb);
const char *syscall_name(struct gdb *gdb, uint32_t abi, int64_t number);
bool need_process(struct gdb *gdb);
/* cores.c: whether the present process is a core file's, or one that can run. */
bool is_core(const struct gdb *gdb);
bool is_live(const struct gdb *gdb);
void core_close(struct gdb *gdb);
bool command_core(struct gdb *gdb, const char *arguments);
bool command_gcore(struct gdb *gdb, const char *arguments);

bool command_run(struct gdb *gdb, const char *arguments);
bool command_start(struct gdb *gdb, const char *arguments);
bool command_starti(struct gdb *gdb, const char *arguments);
bool command_attach(struct gdb *gdb, const char *arguments);
bool command_detach(struct gdb *gdb, const char *arguments);
bool command_kill(struct gdb *gdb, const char *arguments);
bool command_continue(struct gdb *gdb, const char *arguments);
bool command_file(struct gdb *gdb, const char *arguments);
bool command_exec_file(struct gdb *gdb, const char *arguments);
bool command_symbol_file(struct gdb *gdb, const char *arguments);
bool set_file(struct gdb *gdb, const char *path);

/* A floating-point result as the caller will find it. */
bool put_real_result(struct gdb *gdb, const unsigned char *bytes, size_t size);

bool command_step(struct gdb *gdb, const char *arguments);
bool command_next(struct gdb *gdb, const char *arguments);
bool command_stepi(struct gdb *gdb, const char *arguments);
bool command_nexti(struct gdb *gdb, const char *arguments);
bool command_finish(struct gdb *gdb, const char *arguments);
bool command_until(struct gdb *gdb, const char *arguments);
bool command_advance(struct gdb *gdb, const char *arguments);
bool command_signal(struct gdb *gdb, const char *arguments);
bool command_queue_signal(struct gdb *gdb, const char *arguments);
bool command_jump(struct gdb *gdb, const char *arguments);

#endif
