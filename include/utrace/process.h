/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * utrace/process.h - getting hold of processes and letting them go; what the handles know.
 *
 * A handle stands for one process (or thread) from the moment it is attached until its terminal event, through every
 * exec.  While it lives its pid can't be used again, for this session has not let the kernel forget it; afterwards
 * the handle answers UTRACE_DEAD and never touches the pid again.
 *
 * References: utrace_spawn, utrace_attach and the find calls give the caller one; events hold their own.
 */
#ifndef UTRACE_PROCESS_H
#define UTRACE_PROCESS_H

#include <utrace/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What happens to a process when its session ends, by close or by the death of the program that holds it. */
enum utrace_end_policy {
	UTRACE_END_DEFAULT = 0, /* spawned: kill; attached: let run; a child: as its parent */
	UTRACE_END_KILL = 1,
	UTRACE_END_LET_RUN = 2,
};

/*
 * Events of a process: `stop` are told and hold their thread, `record` are only told, with the thread running on
 * (UTRACE_CAN_RECORD_UNSTOPPED says whether it is stopped for that).  A bit in both counts as stop.
 * Zero in both members means UTRACE_EVENTS_DEFAULT for stop.  THREAD_EXIT and PROCESS_END need no bit; STOPPED,
 * STEPPED and ATTACHED are always held, for the caller asked for them.
 */
struct utrace_event_masks {
	uint64_t stop;
	uint64_t record;
};

struct utrace_filter;

/* A descriptor for the child: `from` in this program becomes `to` in the child. */
struct utrace_spawn_fd {
	int from;
	int to;
};

struct utrace_spawn_options {
	size_t size;
	const char *const *argv; /* required, NULL-terminated */
	const char *const *envp; /* NULL: this program's environment */
	const char *path;      /* the file to run; NULL: argv[0], looked up in this program's PATH if it has no slash */
	const char *directory; /* working directory; NULL: this program's */
	const struct utrace_spawn_fd
		*fds; /* carried out as if all at once; all other descriptors follow close-on-exec */
	size_t fd_count;
	int terminal; /* > 0: a terminal's descriptor, becomes stdin, stdout, stderr and controlling, in a new session of processes */
	uint32_t new_group;  /* non-zero: a process group of its own */
	const char *user;    /* run as this user, with its groups; needs the privilege. NULL: as this program */
	uint32_t end_policy; /* enum utrace_end_policy */
	struct utrace_event_masks events;
	const struct utrace_filter *filter; /* system calls of interest (syscall.h); NULL: all. Copied */
	uint32_t disable_aslr;              /* non-zero: personality(2) ADDR_NO_RANDOMIZE */
	uint32_t hold; /* non-zero: stay stopped before the first instruction, told as EXEC whatever the mask says */
};

struct utrace_attach_options {
	size_t size;
	uint32_t end_policy; /* enum utrace_end_policy */
	uint32_t hold;       /* non-zero: every thread is stopped, each told by ATTACHED */
	struct utrace_event_masks events;
	const struct utrace_filter *filter; /* as for spawn; applied by the library where the kernel can't */
	int pidfd; /* > 0: a pidfd that must stand for the same process, else UTRACE_NO_PROCESS */
};

/* Stop: SYSCALL_*, SIGNAL, JOB_*, CREATE, VFORK_DONE, EXEC. */
#define UTRACE_EVENTS_DEFAULT UINT64_C(0x1fe)
#define UTRACE_EVENTS_NONE    (UINT64_C(1) << 63)
#define UTRACE_EVENTS_ALL     UINT64_MAX

/*
 * Starts a program as a tracee.  On return it stands before the program's first instruction; without `hold` it then
 * runs on. The descriptors and signal mask are the caller's own; caught signals are default, ignored ones stay
 * ignored (execve(2)). The process is a child of this program.
 * Errors: UTRACE_EXEC_FAILED (with the step and errno), UTRACE_NO_PROCESS (died before exec), UTRACE_DENIED,
 * UTRACE_INVALID, UTRACE_NOT_FOUND (user), UTRACE_NO_MEMORY, UTRACE_NO_DESCRIPTOR.
 */
UTRACE_API int utrace_spawn(utrace_session *session, const struct utrace_spawn_options *options,
			    utrace_process **process, struct utrace_error *error);

/*
 * Attaches to the process that has this pid (or to which this thread id belongs), with all its threads, also those
 * that are being created meanwhile.  Nothing is visible to the tracee.  A thread that must be stopped for it (hold,
 * or a mask with system calls) is stopped at once, so a few system calls may return EINTR (signal(7)).  options may
 * be NULL.
 * Errors: UTRACE_NO_PROCESS, UTRACE_TRACED, UTRACE_DENIED, UTRACE_INVALID (itself, one's own tracer), UTRACE_BUSY
 * (already in this session).
 */
UTRACE_API int utrace_attach(utrace_session *session, pid_t pid, const struct utrace_attach_options *options,
			     utrace_process **process, struct utrace_error *error);

enum utrace_detach_mode {
	UTRACE_DETACH_RUNNING = 0, /* every thread runs on; one that job control had stopped stays stopped */
	UTRACE_DETACH_STOPPED = 1, /* the process is left in a job-control stop (SIGSTOP) */
};

/*
 * Lets a process go: signals that were about to be delivered are delivered, half-done steps are finished.  Its events
 * that were not taken yet are dropped; each thread then gives THREAD_EXIT with cause DETACHED and the process
 * PROCESS_END likewise.
 * Errors: UTRACE_DEAD, UTRACE_NOT_ATTACHED, UTRACE_FILTERED (spawned with a filter in the kernel: without its tracer
 * the filtered calls would fail with ENOSYS, seccomp(2)).
 */
UTRACE_API int utrace_detach(utrace_process *process, uint32_t mode, struct utrace_error *error);

/* Sends SIGKILL.  The terminal events follow. UTRACE_DEAD, UTRACE_NOT_ATTACHED. */
UTRACE_API int utrace_process_kill(utrace_process *process, struct utrace_error *error);

/* Changes which events are told and held: at once where recording stops nobody, else from each thread's next resume on. */
UTRACE_API int utrace_process_set_events(utrace_process *process, const struct utrace_event_masks *masks,
					 struct utrace_error *error);

/*
 * Of what the process's masks choose, only these events are told of this thread, from its next resume on; one that runs
 * can be stopped for that (control.h).  UTRACE_EVENTS_ALL, with which every new thread begins, takes the limit away.  On
 * ptrace a thread of whose system calls nothing is told is not stopped at them either, where the filter is not in the
 * kernel. CREATE is told of the creator. Errors: UTRACE_DEAD, UTRACE_NOT_ATTACHED.
 */
UTRACE_API int utrace_thread_limit_events(utrace_thread *thread, uint64_t events, struct utrace_error *error);

/* Changes what happens when the session ends. UTRACE_FILTERED: LET_RUN of a process with a filter in the kernel. */
UTRACE_API int utrace_process_set_end_policy(utrace_process *process, uint32_t policy, struct utrace_error *error);

/* References. Any thread. */
UTRACE_API utrace_process *utrace_process_ref(utrace_process *process);
UTRACE_API void utrace_process_unref(utrace_process *process);
UTRACE_API utrace_thread *utrace_thread_ref(utrace_thread *thread);
UTRACE_API void utrace_thread_unref(utrace_thread *thread);

/* What a handle knows; never fails. Any thread. */
UTRACE_API pid_t utrace_process_pid(const utrace_process *process);
/* NULL once the process is gone. */
UTRACE_API utrace_session *utrace_process_session(const utrace_process *process);
UTRACE_API pid_t utrace_thread_tid(const utrace_thread *thread);
UTRACE_API utrace_process *utrace_thread_process(const utrace_thread *thread);
/* Non-zero once the thread (the process) has ended or was detached. */
UTRACE_API int utrace_process_is_gone(const utrace_process *process);
UTRACE_API int utrace_thread_is_gone(const utrace_thread *thread);

/*
 * Stores the handles of the threads that live now, each a new reference, in threads[0..count); returns how many there
 * are, which may be more than count. Errors: UTRACE_DEAD, UTRACE_NOT_ATTACHED.
 */
UTRACE_API int utrace_process_threads(utrace_process *process, utrace_thread **threads, size_t count,
				      struct utrace_error *error);

/* One pointer of the caller's per handle; the library does not look at it. Any thread, unsynchronised. */
UTRACE_API void utrace_process_set_data(utrace_process *process, void *data);
UTRACE_API void *utrace_process_data(const utrace_process *process);
UTRACE_API void utrace_thread_set_data(utrace_thread *thread, void *data);
UTRACE_API void *utrace_thread_data(const utrace_thread *thread);

#ifdef __cplusplus
}
#endif

#endif
