/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/leave.h - processes and children that are let go must find no trace of breakpoints.
 */
#ifndef UT_CORE_LEAVE_H
#define UT_CORE_LEAVE_H

#include "core/space.h"

/* Before the process is detached. */
void ut__leave_memory(utrace_process *process);
/* VFORK_DONE of a parent: its child has the memory no longer. */
void ut__leave_child_left(utrace_process *process);

#endif
