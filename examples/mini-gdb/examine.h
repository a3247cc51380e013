/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/examine.h - memory as x shows it.
 */
#ifndef MINI_GDB_EXAMINE_H
#define MINI_GDB_EXAMINE_H

#include "print.h"

/* Shows format->count units from *address on and moves it behind them. */
bool examine(struct gdb *gdb, const struct format *format, uint64_t *address);
/* Letter and size that x takes where none is given: those of the last x. */
void examine_defaults(struct gdb *gdb, struct format *format);

#endif
