/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/sink.h - the only calls from a backend back into the core.
 *
 * All on the session's tracer thread.  The core decides, by masks, filter and stop requests, whether a stop is told
 * and held; a stop that is not held is resumed through the ops before the call returns.
 */
#ifndef UT_BACKEND_SINK_H
#define UT_BACKEND_SINK_H

#include "backend/backend.h"
#include "util/status.h"

/* The commonest error: the thread or process has ended. */
int ut__fail_dead(struct utrace_error *error, pid_t pid);

/* Finds by thread id; NULL if this session has none. No reference is given. */
utrace_thread *ut__sink_find(utrace_session *session, pid_t tid);

/* A thread that was not known; it is stopped, or not seen yet. NULL when out of memory. */
utrace_thread *ut__sink_thread(utrace_process *process, pid_t tid);
/* A process that was not known: takes masks, filter and policy from `parent`. NULL when out of memory. */
utrace_process *ut__sink_child(utrace_process *parent, pid_t pid);

/* The thread runs now without having been told of (attached without hold). */
void ut__sink_running(utrace_thread *thread);

/* The thread is held for good, without an event: a core file's. */
void ut__sink_held(utrace_thread *thread);
/* The thread has stopped: SIGNAL, JOB_STOP, JOB_CONTINUE, VFORK_DONE, EXITING, ATTACHED, STOPPED. */
void ut__sink_stop(utrace_thread *thread, uint32_t reason, const struct utrace_event *event);
/* A stop that the backend asked for: answers a request, or is stale and swallowed. */
void ut__sink_interrupted(utrace_thread *thread);
/* At a system call. entry: `call` is what was asked for. exit: result and is_error are valid. */
void ut__sink_syscall_entry(utrace_thread *thread, const struct utrace_event_syscall *call);
void ut__sink_syscall_exit(utrace_thread *thread, const struct utrace_event_syscall *call);
/* The call whose exit comes next, where nobody asked for its entry. */
void ut__sink_syscall_entered(utrace_thread *thread, const struct utrace_event_syscall *call);
/*
 * What has not stopped the thread, which runs on: SYSCALL_ENTRY and _EXIT as above; SIGNAL and EXITING.  Only for reasons
 * that no caller's mask and nothing of the core's needs a stop for.
 */
void ut__sink_recorded_entry(utrace_thread *thread, const struct utrace_event_syscall *call);
void ut__sink_recorded_exit(utrace_thread *thread, const struct utrace_event_syscall *call);
void ut__sink_recorded(utrace_thread *thread, uint32_t reason, const struct utrace_event *event);
/* So many recorded events found no room in the kernel. */
void ut__sink_overflowed(utrace_session *session, uint64_t count);
/* The next entry that is told will be refused by the tracee's own filter, whatever the caller makes of it. */
void ut__sink_syscall_refused(utrace_thread *thread);
/* The thread stands in the exec stop of the execve that spawn called for it. */
void ut__sink_spawned(utrace_thread *thread);
/*
 * The thread has executed a trap instruction.  false: it was none of ours and is told as the signal that it is.
 */
bool ut__sink_trap(utrace_thread *thread);
/*
 * Debug registers have stopped the thread, by a bit each; `stepped`: a step is done as well.  false: there are none.
 */
bool ut__sink_watched(utrace_thread *thread, uint32_t slots, bool stepped);
/* A step is done; at_handler: no instruction was executed, a signal's handler begins. */
void ut__sink_stepped(utrace_thread *thread, bool at_handler);
/* The thread stands behind a trap of ours, so that a trap which is still to come is ours too. */
bool ut__sink_owes_trap(utrace_thread *thread);
/* There is, or was, a trap of ours in the process, which a thread may have executed. */
bool ut__sink_has_traps(const utrace_process *process);
/* The thread is let go with a trap executed: puts the PC back to the instruction. false: it was none of ours. */
bool ut__sink_undo_trap(utrace_thread *thread);
/* The thread is let go in the midst of what the core does with it. */
void ut__sink_leaving(utrace_thread *thread);
/* A child of the process is let go at its first stop. */
void ut__sink_unfollowed(utrace_session *session, utrace_process *process, pid_t child);
/* Creator and child are both stopped (creator may have ended: NULL; child is NULL if it is not followed). */
void ut__sink_create(utrace_process *process, utrace_thread *creator, uint32_t kind, pid_t child_tid,
		     utrace_thread *child);
/* The thread called execve and has the leader's id now; every other thread was told to have exited. */
void ut__sink_exec(utrace_thread *thread, pid_t old_tid, pid_t new_tid);
/* Terminal. */
void ut__sink_thread_exit(utrace_thread *thread, uint32_t cause, int wait_status);
void ut__sink_process_end(utrace_process *process, uint32_t cause, int wait_status, const struct rusage *usage,
			  utrace_thread *last);

/* A process that was made known, but whose first thread could not be: as if it had never been. */
void ut__sink_forget(utrace_process *process);
/* A thread that was made known, but could not be attached to. */
void ut__sink_thread_forget(utrace_thread *thread);

/* A child or an event was lost for want of memory; the next utrace_session_next says so. */
void ut__sink_lost(utrace_session *session);

/* Forgets the events of a process that were not taken yet. */
void ut__sink_drop_events(utrace_process *process);

/*
 * Whether calls of this process must stop it without a filter in the kernel; whether this thread's must; whether it
 * needs its call's exit.
 */
bool ut__sink_wants_calls(const utrace_process *process);
bool ut__sink_wants_calls_of(const utrace_thread *thread);
bool ut__sink_wants_exit(const utrace_thread *thread);

/* Writes changed registers back; before any resume that the backend does on its own. */
void ut__sink_flush_registers(utrace_thread *thread);
/* The general register set, fetched once per stop. */
int ut__sink_registers(utrace_thread *thread, struct ut__registers **registers, struct utrace_error *error);

#endif
