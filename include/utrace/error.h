/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * utrace/error.h - how a call says that it failed, and why.
 *
 * The status is for programs; the text is for people and gives the cause and the way out.  The struct belongs to the
 * caller and holds no pointers, so it can be copied, kept and handed to another thread.  The library never prints.
 */
#ifndef UTRACE_ERROR_H
#define UTRACE_ERROR_H

#include <utrace/base.h>

#ifdef __cplusplus
extern "C" {
#endif

enum utrace_status {
	UTRACE_OK = 0,
	UTRACE_INVALID = -1,       /* an argument is wrong; the text says which */
	UTRACE_NO_MEMORY = -2,     /* out of memory */
	UTRACE_NO_DESCRIPTOR = -3, /* out of file descriptors (EMFILE, ENFILE) */
	UTRACE_NO_PROCESS = -4,    /* there is no such process or thread */
	UTRACE_DEAD = -5,          /* the tracee has ended; its terminal event came or will come */
	UTRACE_NOT_STOPPED = -6,   /* the call needs a stopped thread, and this one runs */
	UTRACE_NOT_ATTACHED = -7,  /* the process was detached; the handle only tells what it knew */
	UTRACE_WRONG_STATE = -8,   /* stopped, but not at a place where this can be done */
	UTRACE_WRONG_THREAD = -9,  /* the session is bound to another thread, or is a parent process's */
	UTRACE_DENIED = -10,       /* the kernel refused; the text names the rule and the way out */
	UTRACE_TRACED = -11,       /* somebody else traces it; `culprit` says who */
	UTRACE_FAULT = -12,        /* an address that is not mapped, or not accessible in this way */
	UTRACE_UNSUPPORTED = -13,  /* this backend, kernel or architecture can't do it */
	UTRACE_TIMED_OUT = -14,    /* the time given was over */
	UTRACE_INTERRUPTED = -15,  /* a signal of the caller's own came in while waiting */
	UTRACE_BUSY = -16,         /* the object is used in a way that excludes this call */
	UTRACE_EXEC_FAILED = -17,  /* spawn: a step before or in execve failed; `sys_errno` says how */
	UTRACE_SYSTEM = -18,       /* an error of the system that has no code of its own; see `sys_errno` */
	UTRACE_NOT_FOUND = -19,    /* no such name, number, register or register set */
	UTRACE_FILTERED = -20,     /* detaching would break the tracee: its seccomp filter needs this session */
	UTRACE_IS_CORE = -21,      /* the process is a core file's: nothing of it can run or be changed */
};

/*
 * Filled only when a call fails.  Members that don't apply are 0.
 */
struct utrace_error {
	int status;       /* enum utrace_status, as returned */
	int sys_errno;    /* the errno behind it */
	pid_t pid;        /* the process or thread that it is about */
	pid_t culprit;    /* UTRACE_TRACED: the tracer's pid */
	uint64_t address; /* UTRACE_FAULT: the first address that failed */
	char text[440];   /* one or more sentences, no newline at the end */
};

/* The name of a status, as "UTRACE_DENIED"; "UTRACE_?" for an unknown one. Any thread; static storage. */
UTRACE_API const char *utrace_status_name(int status);

#ifdef __cplusplus
}
#endif

#endif
