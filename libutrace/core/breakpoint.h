/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/breakpoint.h - what a breakpoint is inside the library.
 *
 * The registry (its site's list, or its process's list of watches) holds one reference until it is removed or its program ends; members
 * that are not atomic belong to the tracer thread.
 */
#ifndef UT_CORE_BREAKPOINT_H
#define UT_CORE_BREAKPOINT_H

#include <utrace/breakpoint.h>

#include "core/condition.h"
#include "core/space.h"

struct utrace_breakpoint {
	atomic_uint refs;
	utrace_process *process; /* a reference; never changes */
	uint64_t address;        /* likewise */
	uint32_t kind;
	uint32_t length;
	utrace_thread *thread; /* a reference, or NULL */
	uint64_t frame;
	uint64_t ignore;
	bool temporary;
	bool enabled;
	bool not_inherited;
	bool inherited;
	bool internal; /* of a step of many instructions */
	utrace_breakpoint_condition *condition;
	struct ut__condition *steps; /* asked first; NULL: none */
	_Atomic(void *) data;
	_Atomic(uint64_t) hits;
	atomic_bool gone;        /* removed, or its program is */
	bool died;               /* with its program */
	struct ut__site *site;   /* software, until gone */
	struct ut__list in_list; /* of the site, or of the process's watches */
	uint64_t examined;       /* the number of the last hit that it was asked about */
};

/* One of the library's own: sets thread->step.back when it is hit, and is shown to nobody. NULL: not possible. A new reference. */
utrace_breakpoint *ut__breakpoint_internal(utrace_process *process, const struct utrace_breakpoint_options *options);
/* A child's copy, in no list yet; NULL: no memory. */
utrace_breakpoint *ut__breakpoint_copy(const utrace_breakpoint *breakpoint, utrace_process *child);

/* Removes it from the registry and, if nobody else wants it, its trap from memory. */
void ut__breakpoint_drop(utrace_breakpoint *breakpoint);
/* The end of a program: one; all of a site's; those of one process of several in a space. */
void ut__breakpoint_kill(utrace_breakpoint *breakpoint);
void ut__breakpoint_kill_all(struct ut__site *site);
void ut__breakpoint_drop_of(struct ut__space *space, const utrace_process *process);
/* Makes the child's copies of a site's breakpoints. */
void ut__breakpoint_inherit(const struct ut__site *from, struct ut__site *to, utrace_process *child);

#endif
