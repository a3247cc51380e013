/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/handle.h - making handles; utrace_*_ref and _unref are public.
 */
#ifndef UT_CORE_HANDLE_H
#define UT_CORE_HANDLE_H

#include "core/object.h"

/* Made with one reference, not yet in the session. NULL when out of memory or by the backend's error. */
utrace_process *ut__process_create(utrace_session *session, pid_t pid, struct utrace_error *error);
utrace_thread *ut__thread_create(utrace_process *process, pid_t tid);
/* One that is in the session but could not be had leaves no trace: no events, no reference. core/process.c */
void ut__process_abandon(utrace_session *session, utrace_process *process);

#endif
