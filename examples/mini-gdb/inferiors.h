/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/inferiors.h - several processes, of which one is debugged at a time; what happens at a fork.
 *
 * The others are parked: held, without traps in them.  Only the present one runs.
 */
#ifndef MINI_GDB_INFERIORS_H
#define MINI_GDB_INFERIORS_H

#include "stop.h"

/* A fork of the present process: decides by follow-fork-mode and detach-on-fork who is debugged, held or let go. */
void fork_settle(struct gdb *gdb);
/* Remembers the fork, which is settled now or, where a catchpoint stops, when the program goes on. */
void fork_remember(struct gdb *gdb, const struct utrace_event *event);
/* The vfork child that is followed has its own memory now, or is gone: its parent is let go. */
void vfork_is_over(struct gdb *gdb);
/* An event of a process that is parked; false: it is none of them. */
bool parked_event(struct gdb *gdb, const struct utrace_event *event);
/* More than one, or not the first: threads are numbered "2.1". */
bool inferiors_are_many(const struct gdb *gdb);
/* Calls back with each process's threads in gdb->threads, in the order of their numbers. */
void inferiors_each(struct gdb *gdb, void (*action)(struct gdb *gdb, void *data), void *data);
/* Selects a process by its number, with its breakpoints. */
bool inferior_select(struct gdb *gdb, int number);

bool command_inferior(struct gdb *gdb, const char *arguments);
bool command_add_inferior(struct gdb *gdb, const char *arguments);
bool command_remove_inferiors(struct gdb *gdb, const char *arguments);
bool kill_inferiors(struct gdb *gdb, const char *arguments);
bool detach_inferiors(struct gdb *gdb, const char *arguments);
bool info_inferiors(struct gdb *gdb, const char *arguments);

#endif
