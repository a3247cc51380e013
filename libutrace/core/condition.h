/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/condition.h - conditions of breakpoints that the library evaluates itself.
 */
#ifndef UT_CORE_CONDITION_H
#define UT_CORE_CONDITION_H

#include <utrace/breakpoint.h>

#include "backend/sink.h"

/* A program that has been checked. */
struct ut__condition {
	size_t count;
	struct utrace_condition_step steps[];
};

/* UTRACE_INVALID, with the step and what is wrong with it. No steps are fine. */
int ut__condition_check(const struct utrace_condition_step *steps, size_t count, struct utrace_error *error);
/* Checks and copies; the caller frees it with free(). *condition is NULL if there are no steps. */
int ut__condition_make(const struct utrace_condition_step *steps, size_t count, struct ut__condition **condition,
		       struct utrace_error *error);

enum ut__verdict {
	UT__CONDITION_FALSE,
	UT__CONDITION_TRUE,
	UT__CONDITION_FAILED, /* memory that is not there, a register that is not known, a division by zero */
};

enum ut__verdict ut__condition_evaluate(const struct ut__condition *condition, utrace_thread *thread);

#endif
