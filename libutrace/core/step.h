/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/step.h - steps of many instructions of which only the end is told: through a range, to the next branch.
 */
#ifndef UT_CORE_STEP_H
#define UT_CORE_STEP_H

#include "core/breakpoint.h"

/* What the caller's resume asks for; any other resume ends what was under way. The thread is held. */
int ut__step_plan(utrace_thread *thread, const struct utrace_resume_options *options, struct utrace_error *error);
void ut__step_cancel(utrace_thread *thread);

/* Before the thread executes an instruction of a step. */
void ut__step_note(utrace_thread *thread);

/* An instruction is done, or a handler begins; true: the step is not over, go on as thread->stepping says. */
bool ut__step_goes_on(utrace_thread *thread, bool at_handler);

/* The thread has come back from a call or a handler, to its range or not. */
enum ut__step_back {
	UT__STEP_NOT_BACK,
	UT__STEP_BACK_INSIDE,
	UT__STEP_BACK_OUTSIDE,
};
enum ut__step_back ut__step_back(utrace_thread *thread);

#endif
