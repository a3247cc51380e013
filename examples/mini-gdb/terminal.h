/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/terminal.h - line editing with history and completion, by libedit.
 */
#ifndef MINI_GDB_TERMINAL_H
#define MINI_GDB_TERMINAL_H

#include "gdb.h"

/* A line without its newline, which the caller frees; NULL at the end of the input. */
char *terminal_line(struct gdb *gdb, const char *prompt);
void terminal_end(struct gdb *gdb);

#endif
