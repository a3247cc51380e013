/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/trap.h - from an executed trap, or a step that arrives at one, to those who want to know.
 */
#ifndef UT_CORE_TRAP_H
#define UT_CORE_TRAP_H

#include "core/displaced.h"

/*
 * A step has brought the thread to an address: if there is a breakpoint that counts, fills the event and returns true.
 */
bool ut__trap_arrived(utrace_thread *thread, struct utrace_event *event);

/* Forgets what the last hold told. */
void ut__trap_clear_hits(utrace_thread *thread);

/* A system call whose instruction is under a breakpoint is over. */
void ut__trap_call_over(utrace_thread *thread, int64_t result);

#endif
