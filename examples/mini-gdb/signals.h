/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/signals.h - what to do with each signal.
 */
#ifndef MINI_GDB_SIGNALS_H
#define MINI_GDB_SIGNALS_H

#include "gdb.h"

void signals_init(struct gdb *gdb);
const char *signal_name(struct gdb *gdb, int number); /* "SIGSEGV", "SIG34" */
const char *signal_text(int number);                  /* "Segmentation fault" */
/* By name, with or without SIG, or number; 0 if it is none. */
int signal_number(const char *name);

bool command_handle(struct gdb *gdb, const char *arguments);
bool info_signals(struct gdb *gdb, const char *arguments);

#endif
