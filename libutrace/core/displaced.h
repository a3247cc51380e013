/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/displaced.h - passing a breakpoint: the instruction under it is emulated, or executed in another place.
 */
#ifndef UT_CORE_DISPLACED_H
#define UT_CORE_DISPLACED_H

#include "core/space.h"

enum ut__pass {
	UT__PASS_NONE,    /* the thread stands at no breakpoint that it has been told of */
	UT__PASS_DONE,    /* its instruction is done; the thread is to be resumed as usual */
	UT__PASS_STARTED, /* the thread executes the copy, or waits for a slot */
};

/* Before a thread runs. */
enum ut__pass ut__displaced_begin(utrace_thread *thread, const struct ut__resume *how);

/* After a stop, before anybody looks at the thread: registers as if nothing had been displaced. false: nothing was. */
bool ut__displaced_settle(utrace_thread *thread);

/* Before that, with a signal that the thread is about to get: si_addr as it would be in place. */
void ut__displaced_correct(utrace_thread *thread, siginfo_t *info);

/* The thread ends, or leaves the space. */
void ut__displaced_forget(utrace_thread *thread);

/* The instruction that stands at the site, decoded for the thread's architecture; NULL if it can't be. */
const struct ut__instruction *ut__displaced_instruction(utrace_thread *thread, struct ut__site *site,
							const struct ut__arch *arch);

#endif
