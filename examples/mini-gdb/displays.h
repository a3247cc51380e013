/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/displays.h - expressions that are shown at every stop.
 */
#ifndef MINI_GDB_DISPLAYS_H
#define MINI_GDB_DISPLAYS_H

#include "gdb.h"

void displays_show(struct gdb *gdb);
bool command_display(struct gdb *gdb, const char *arguments);
bool command_undisplay(struct gdb *gdb, const char *arguments);
bool info_display(struct gdb *gdb, const char *arguments);

#endif
