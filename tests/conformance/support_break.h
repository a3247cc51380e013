/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * support_break.h - what the tests of breakpoints, watchpoints and steps share.
 */
#ifndef TEST_SUPPORT_BREAK_H
#define TEST_SUPPORT_BREAK_H

#include <stdatomic.h>

#include "support_talk.h"

/* The victim's next line, "NAME HEX"; may be read before anything is attached. */
uint64_t break_address(struct talk *victim, const char *name);
uint64_t break_register(struct talk_world *world, utrace_thread *thread, int reg);
uint64_t break_pc(struct talk_world *world);
/* In the world's victim; size is set here. */
utrace_breakpoint *break_insert(struct talk_world *world, struct utrace_breakpoint_options *options);
utrace_breakpoint *break_at(struct talk_world *world, uint64_t address);
/* A condition that never holds, and counts in an _Atomic(uint64_t), for a session's own thread may evaluate it. */
int break_count_and_refuse(utrace_breakpoint *breakpoint, utrace_thread *thread, void *data);
/* Whether the session's backend has the processor's debug registers: hardware breakpoints and watchpoints. */
bool break_can_watch(const struct talk_world *world);
void break_remove(struct talk_world *world, utrace_breakpoint *breakpoint);
/* The next event is a hit of this one, first of `count`. */
void break_expect(struct talk_world *world, utrace_breakpoint *breakpoint, uint32_t count);
/* The next event is of this reason. */
void break_expect_reason(struct talk_world *world, const char *reason);

#endif
