/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/target.h - what an attach must know of the process that it is asked for, whatever the backend.
 */
#ifndef UT_BACKEND_TARGET_H
#define UT_BACKEND_TARGET_H

#include "backend/backend.h"

/* That /proc is mounted, and of this program's pid namespace: before a session is opened. */
int ut__target_check_proc(struct utrace_error *error);
/* The process that a thread id belongs to, 0 if there is none; errno says why it could not be looked for. */
pid_t ut__target_process(pid_t tid);
/* Refuses this program itself, and who traces it. */
int ut__target_check(pid_t pid, struct utrace_error *error);
/* That a pidfd (none: not positive) stands for the process that is attached. */
int ut__target_check_pidfd(int pidfd, pid_t pid, struct utrace_error *error);
/* Fills the error with "no such process". */
int ut__target_gone(pid_t pid, struct utrace_error *error);
/* Whether all threads left sleep where nothing can stop them: in their vfork child's hands, or in a driver's. */
bool ut__target_out_of_reach(const utrace_process *process);
/*
 * Pumps until nothing of a process that is being let go is left to do.  A thread that can't be stopped now is let go when
 * it comes out of the kernel, so the wait ends when only such are left.
 */
void ut__target_await(utrace_session *session, utrace_process *process,
		      bool (*is_unfinished)(const utrace_process *, const utrace_session *));

#endif
