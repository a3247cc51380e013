/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/script.h - where command lines come from: the terminal, a file, -ex, the commands of a breakpoint.
 */
#ifndef MINI_GDB_SCRIPT_H
#define MINI_GDB_SCRIPT_H

#include "breaks.h"
#include "gdb.h"

/* Reads and runs lines from the terminal or standard input until its end or `quit`. */
void script_run_input(struct gdb *gdb);
/* One line as the user's own: an error is printed, what it has used is dropped. */
bool script_run_top(struct gdb *gdb, const char *line);
/* Runs a file's lines; stops at the first error. */
bool script_run_file(struct gdb *gdb, const char *path);
bool script_run_body(struct gdb *gdb, const struct body *body);
/* Lines up to the matching `end` from where the present command came from. */
bool script_read_body(struct gdb *gdb, struct body **body);
void body_free(struct body *body);
struct body *body_copy(const struct body *body);

bool command_source(struct gdb *gdb, const char *arguments);
bool command_define(struct gdb *gdb, const char *arguments);
bool command_document(struct gdb *gdb, const char *arguments);
bool command_if(struct gdb *gdb, const char *arguments);
bool command_while(struct gdb *gdb, const char *arguments);
/* A command that the user defined; sets *found. */
bool run_user_command(struct gdb *gdb, const char *name, const char *arguments, bool *found);

bool command_loop_break(struct gdb *gdb, const char *arguments);
bool command_loop_continue(struct gdb *gdb, const char *arguments);
bool command_dont_repeat(struct gdb *gdb, const char *arguments);
/* Lines come from a terminal or from standard input, not from a file or a body. */
bool script_is_typed(const struct gdb *gdb);
/* Names and help of the user's commands; their lines. */
void user_commands_list(struct gdb *gdb);
bool user_commands_show(struct gdb *gdb, const char *name);

/* The text of `document`. */
bool help_user_command(struct gdb *gdb, const char *name);

#endif
