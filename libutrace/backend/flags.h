/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/flags.h - the trap flag that a single step leaves behind in the tracee, and must not.
 *
 * An instruction that stores the flags stores the trap flag too; and after one that loads them the kernel takes its own
 * trap flag for the tracee's.
 */
#ifndef UT_BACKEND_FLAGS_H
#define UT_BACKEND_FLAGS_H

#include "backend/backend.h"

struct ut__step_flags {
	bool looks_back; /* the step may leave a trap flag behind */
	uint64_t pc;     /* before it */
	uint64_t sp;
};

/* Before the step; the thread is stopped. */
void ut__flags_before(utrace_thread *thread, struct ut__step_flags *step);
/* At the thread's next stop; `stepped`: an instruction was executed. */
void ut__flags_after(utrace_thread *thread, struct ut__step_flags *step, bool stepped);

#endif
