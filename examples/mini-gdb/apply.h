/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/apply.h - one command for many threads or frames.
 */
#ifndef MINI_GDB_APPLY_H
#define MINI_GDB_APPLY_H

#include "gdb.h"

bool thread_apply(struct gdb *gdb, const char *arguments);
bool frame_apply(struct gdb *gdb, const char *arguments);
bool command_taas(struct gdb *gdb, const char *arguments);
bool command_faas(struct gdb *gdb, const char *arguments);
bool command_tfaas(struct gdb *gdb, const char *arguments);

#endif
