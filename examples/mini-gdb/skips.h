/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/skips.h - functions that `step` goes over.
 */
#ifndef MINI_GDB_SKIPS_H
#define MINI_GDB_SKIPS_H

#include "gdb.h"

/* Whether a function at this address is never to be stepped into. */
bool skip_matches(struct gdb *gdb, uint64_t address);

bool command_skip(struct gdb *gdb, const char *arguments);
bool skip_file(struct gdb *gdb, const char *arguments);
bool skip_function(struct gdb *gdb, const char *arguments);
bool skip_delete(struct gdb *gdb, const char *arguments);
bool skip_enable(struct gdb *gdb, const char *arguments);
bool skip_disable(struct gdb *gdb, const char *arguments);
bool info_skip(struct gdb *gdb, const char *arguments);

#endif
