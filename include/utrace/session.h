/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * utrace/session.h - the connection between a tool and the processes that it watches.
 *
 * A session owns the handles of its processes and threads, and a queue of events.  Several sessions may be open in
 * one program.  A session installs no signal handler, changes no signal mask of the caller's threads and never reaps a
 * child that it did not start.
 */
#ifndef UTRACE_SESSION_H
#define UTRACE_SESSION_H

#include <utrace/base.h>
#include <utrace/event.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What carries the session. */
enum utrace_backend {
	UTRACE_BACKEND_DEFAULT =
		0, /* what UTRACE_BACKEND in the environment says, "ptrace" or "kernel"; without it the kernel's where it is, else ptrace */
	UTRACE_BACKEND_PTRACE = 1,
	UTRACE_BACKEND_KERNEL = 2, /* the utrace system call; UTRACE_UNSUPPORTED where it is absent */
	UTRACE_BACKEND_CORE = 3,   /* core files, see core.h; never chosen by default */
};

/* Who may call. */
enum utrace_threading {
	UTRACE_THREADS_ANY = 0, /* every thread; costs a hand-over between threads per call on ptrace */
	UTRACE_THREADS_BOUND =
		1, /* only the thread that opened the session: the fastest; one such session a thread (but any number of core files') */
};

/*
 * Whether a tracee that makes stop after stop may share a CPU with the tracer thread, which makes a stop several times
 * cheaper.  Bound sessions only.  It begins when one tracee alone makes many stops, and ends when another stops too,
 * when it does not pay any more, and before utrace_spawn and utrace_detach.  Meanwhile:
 *  - the calling thread runs on the tracee's CPU only, and as SCHED_IDLE (sched(7)); a thread or child that it makes inherits
 *    both.  To come back it needs CAP_SYS_NICE or a sufficient RLIMIT_NICE, and must keep it while the session is open;
 *  - without that, the tracee is bound to its CPU instead, if every call of it is traced outside the kernel.  It does not
 *    notice: its mask is put back before a call of its own would tell it or pass it on, and soon after the tracer's death.  Others see
 *    it, in /proc/PID/status and by sched_getaffinity(2).
 */
enum utrace_one_cpu {
	UTRACE_ONE_CPU_NO = 0,
	UTRACE_ONE_CPU_AUTO = 1,
};

/*
 * What becomes of recorded events while the caller takes none and the room for them is used up, where they don't stop the
 * tracee (UTRACE_CAN_RECORD_UNSTOPPED).  Where they do, it waits anyway.  What holds a thread, and how things end, is never lost.
 */
enum utrace_overflow {
	UTRACE_OVERFLOW_WAIT = 0, /* the tracee waits until there is room */
	UTRACE_OVERFLOW_LOSE = 1, /* it runs on; an UTRACE_EVENT_LOST says how many are missing */
};

struct utrace_session_options {
	size_t size;
	uint32_t backend;   /* enum utrace_backend */
	uint32_t threading; /* enum utrace_threading */
	uint32_t no_follow; /* non-zero: children of its processes (not threads) are let go; default is to follow */
	uint32_t no_spin;   /* non-zero: never wait actively; a waiting session then costs a wake-up for each stop */
	uint32_t one_cpu;   /* enum utrace_one_cpu */
	uint32_t overflow;  /* enum utrace_overflow */
	/*
	 * Non-zero: what needs no answer, above all a resume, may wait for the next call that needs one or for
	 * utrace_session_next, which the caller is about to make; a cycle of stop, resume and wait is then one system call.
	 * Bound sessions only, and without effect on ptrace, which has no such call.
	 */
	uint32_t defer;
};

/*
 * What a backend can do beyond the promises that all of them keep.  Probed, never guessed from a version.
 */
enum utrace_capability {
	UTRACE_CAN_SESSION_FD = 1 << 0,         /* utrace_session_fd gives a pollable descriptor */
	UTRACE_CAN_FILTER_SPAWNED = 1 << 1,     /* call filters of spawned processes work inside the kernel */
	UTRACE_CAN_FILTER_WITHOUT_NNP = 1 << 2, /* ... without no_new_privs */
	UTRACE_CAN_FILTER_ATTACHED = 1 << 3,    /* call filters of attached processes work inside the kernel */
	UTRACE_CAN_SHARE_TRACEE = 1 << 4,       /* several sessions may watch one process */
	/*
	 * Recorded system calls, signals and EXITING don't stop the tracee.  (CREATE, EXEC, VFORK_DONE and job control do for a
	 * moment, and signals while there are breakpoints.)
	 */
	UTRACE_CAN_RECORD_UNSTOPPED = 1 << 5,
	UTRACE_CAN_STOP_ATOMIC = 1 << 6,     /* a whole process is stopped as one act */
	UTRACE_CAN_TRACE_X32 = 1 << 7,       /* this kernel runs x32 programs */
	UTRACE_CAN_SEE_UNTRACED = 1 << 8,    /* children made with CLONE_UNTRACED are seen in all cases */
	UTRACE_CAN_ONE_CPU = 1 << 9,         /* enum utrace_one_cpu has an effect in this session */
	UTRACE_CAN_WATCH = 1 << 10,          /* hardware breakpoints and watchpoints; else UTRACE_UNSUPPORTED */
	UTRACE_CAN_INJECT_STOPPED = 1 << 11, /* calls can be run in a thread that job control has stopped */
	/*
	 * A program that this session may not trace (setuid) has its privileges, and is detached before its first
	 * instruction; without this bit it stays traced and runs without them.
	 */
	UTRACE_CAN_LET_GAIN = 1 << 12,
	/*
	 * A process that is let run when its tracer is killed has lost nothing: a step that is under way and the hardware's
	 * breakpoints and watchpoints end with the session, and a signal that it was held at is delivered.  Without it their SIGTRAP
	 * may come afterwards and end the process, and the signal is lost.
	 */
	UTRACE_CAN_END_STEPS = 1 << 14,
	UTRACE_CAN_WATCH_CALLS = 1 << 13, /* watchpoints also see what the thread's system calls do */
};

/*
 * Opens a session and stores it in *session; the caller ends it with utrace_session_close.  options may be NULL.
 * Errors: UTRACE_INVALID, UTRACE_UNSUPPORTED (backend), UTRACE_NO_MEMORY, UTRACE_NO_DESCRIPTOR, UTRACE_BUSY (the thread
 * already has a bound session), UTRACE_WRONG_STATE (the program ignores SIGCHLD, so the kernel would not tell how
 * tracees end: sigaction(2), SA_NOCLDWAIT; or /proc is not that of the program's pid namespace).
 */
UTRACE_API int utrace_session_open(const struct utrace_session_options *options, utrace_session **session,
				   struct utrace_error *error);

/*
 * Ends the session: each process of policy UTRACE_END_KILL is killed and, if it was spawned here, reaped; each other
 * one is detached and goes on.  Handles that the caller still references stay valid and answer UTRACE_NOT_ATTACHED;
 * they are freed with their last reference.  No other call on the session may be under way.  NULL is allowed.  In a
 * child that the program has forked it only closes the child's copies of the descriptors: the tracees are the
 * parent's.
 */
UTRACE_API void utrace_session_close(utrace_session *session);

/*
 * A descriptor that poll(2) and epoll(7) report readable while utrace_session_next would give an event at once.  It
 * belongs to the session: don't read, write or close it.  A negative status on UTRACE_THREADS_BOUND sessions of the
 * ptrace backend (UTRACE_UNSUPPORTED): there, only the bound thread itself can learn of a stop, and only by waiting.
 * Any thread.
 */
UTRACE_API int utrace_session_fd(utrace_session *session, struct utrace_error *error);

/*
 * Takes the next event.  event must be initialised with UTRACE_EVENT_INIT before its first use; each call drops what
 * the event held before.  timeout_ms: 0 looks and returns, -1 waits without bound.
 * Returns 1 with an event; 0 when the time was over, when utrace_session_wake was called, or when nothing is attached
 * (and no event is left), so that a loop `while (utrace_session_next(s, &e, -1, NULL) == 1)` ends by itself; or a
 * status: UTRACE_INTERRUPTED if a signal handler of the caller ran (bound sessions only), UTRACE_INVALID,
 * UTRACE_WRONG_THREAD, UTRACE_SYSTEM.
 */
UTRACE_API int utrace_session_next(utrace_session *session, struct utrace_event *event, int timeout_ms,
				   struct utrace_error *error);

/*
 * Makes a utrace_session_next that waits now, or else the next one that would wait, return 0.  Any thread, also from
 * a signal handler.
 */
UTRACE_API void utrace_session_wake(utrace_session *session);

/* The sum of enum utrace_capability that holds for this session on this kernel with these privileges. Any thread. */
UTRACE_API uint64_t utrace_session_capabilities(const utrace_session *session);

/* "ptrace", "kernel" or "core". Any thread; static storage. */
UTRACE_API const char *utrace_session_backend(const utrace_session *session);

/* Number of processes that are attached and have not ended. */
UTRACE_API int utrace_session_process_count(utrace_session *session, struct utrace_error *error);

/*
 * The attached process with this pid, or that has this thread; a new reference, which the caller drops.
 * UTRACE_NO_PROCESS if this session has none.
 */
UTRACE_API int utrace_session_find_process(utrace_session *session, pid_t pid, utrace_process **process,
					   struct utrace_error *error);
UTRACE_API int utrace_session_find_thread(utrace_session *session, pid_t tid, utrace_thread **thread,
					  struct utrace_error *error);

#ifdef __cplusplus
}
#endif

#endif
