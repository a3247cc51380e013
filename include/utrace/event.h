/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * utrace/event.h - what happened to a tracee.
 *
 * Every event says its reason, its process, its thread, and whether that thread is held.  A held thread stays stopped
 * until the caller resumes it (control.h).  Which reasons are held, which are only told, and which are neither, is
 * chosen per process with two masks of UTRACE_EVENT_BIT(reason).  Reasons may be added: a caller that meets one that it
 * does not know resumes the thread if UTRACE_EVENT_HELD is set and goes on.
 *
 * Each thread gives exactly one THREAD_EXIT and each process exactly one PROCESS_END, also after SIGKILL, and nothing
 * after it.  Both are always told, whatever the masks say.
 */
#ifndef UTRACE_EVENT_H
#define UTRACE_EVENT_H

#include <signal.h>
#include <sys/resource.h>
#include <utrace/base.h>

#ifdef __cplusplus
extern "C" {
#endif

enum utrace_reason {
	UTRACE_EVENT_NONE = 0,
	UTRACE_EVENT_SYSCALL_ENTRY = 1, /* before the kernel looks at the call; it can still be changed or skipped */
	UTRACE_EVENT_SYSCALL_EXIT = 2,  /* the call is over; the result can be replaced */
	UTRACE_EVENT_SIGNAL = 3,        /* a signal is about to be delivered */
	UTRACE_EVENT_JOB_STOP = 4,      /* job control stopped the thread; it stays so when resumed, until SIGCONT */
	UTRACE_EVENT_JOB_CONTINUE = 5,  /* SIGCONT ended a job-control stop */
	UTRACE_EVENT_CREATE = 6,        /* a new thread or process; both creator and child are held */
	UTRACE_EVENT_VFORK_DONE = 7,    /* the vfork child has given the parent's memory back */
	UTRACE_EVENT_EXEC = 8,          /* a new program, before its first instruction */
	UTRACE_EVENT_STOPPED = 9,       /* a stop that was asked for */
	UTRACE_EVENT_STEPPED = 10,      /* a single step is done */
	UTRACE_EVENT_EXITING = 11,      /* the thread is about to exit: registers and memory can be read a last time */
	UTRACE_EVENT_THREAD_EXIT = 12,  /* the thread is gone; terminal */
	UTRACE_EVENT_PROCESS_END = 13,  /* the process is gone; terminal, after the THREAD_EXIT of all its threads */
	UTRACE_EVENT_ATTACHED = 14,     /* attached with `hold`: the first event of each thread */
	UTRACE_EVENT_BREAKPOINT = 15,   /* at a breakpoint, nothing of the instruction done; breakpoint.h */
	UTRACE_EVENT_WATCHPOINT = 16,   /* watched memory was accessed; the instruction is done */
	UTRACE_EVENT_LOST = 17, /* recorded events found no room: UTRACE_OVERFLOW_LOSE only; no process, no thread */
};

#define UTRACE_EVENT_BIT(reason) (UINT64_C(1) << (reason))

enum utrace_event_flag {
	UTRACE_EVENT_HELD = 1 << 0,      /* the thread waits for a resume */
	UTRACE_EVENT_ANSWERS = 1 << 1,   /* this stop is also the answer to a stop request; see stop_request */
	UTRACE_EVENT_UNMATCHED = 1 << 2, /* SYSCALL_EXIT whose entry this session has not seen */
	UTRACE_EVENT_CONDITION_FAILED =
		1 << 3, /* BREAKPOINT, WATCHPOINT: a condition could not be evaluated, so the hit counts */
};

/* The binary interface of a system call; x86-64 programs can use all three. (arch/x86/entry/syscalls in the kernel) */
enum utrace_abi {
	UTRACE_ABI_UNKNOWN = 0,
	UTRACE_ABI_X86_64 = 1,
	UTRACE_ABI_X32 = 2, /* numbers are given without the x32 bit 0x40000000 */
	UTRACE_ABI_I386 = 3,
};

struct utrace_event_syscall {
	uint32_t abi;      /* enum utrace_abi, of this call, whatever the program is */
	uint32_t is_error; /* exit: the result is an error; `result` is then -errno */
	int64_t number;    /* as called, before any edit; -1 is possible */
	uint64_t args[6];  /* as called; 32-bit calls have zero-extended arguments */
	int64_t result;    /* exit only */
	uint64_t pc;       /* after the call's instruction */
	uint64_t sp;
};

enum utrace_create_kind {
	UTRACE_CREATE_THREAD = 1,
	UTRACE_CREATE_FORK = 2,
	UTRACE_CREATE_VFORK = 3,
	UTRACE_CREATE_CLONE = 4, /* a process made by clone(2) with another exit signal than SIGCHLD */
};

struct utrace_event_create {
	uint32_t kind;           /* enum utrace_create_kind */
	pid_t child_tid;         /* in the session's pid namespace */
	utrace_process *process; /* of the child; for a thread, the event's own. NULL if the child is not followed */
	utrace_thread *thread;   /* the child; held exactly if the event is. NULL if the child is not followed */
};

struct utrace_event_exec {
	pid_t old_tid; /* differs from new_tid if another thread than the leader called execve */
	pid_t new_tid;
};

enum utrace_exit_cause {
	UTRACE_EXIT_SELF = 1,     /* the thread itself ended: exit(2), exit_group(2) or a fatal signal that it took */
	UTRACE_EXIT_GROUP = 2,    /* the process ended by another thread's doing, or by SIGKILL */
	UTRACE_EXIT_EXEC = 3,     /* another thread called execve */
	UTRACE_EXIT_DETACHED = 4, /* the thread lives on; this session let it go */
};

struct utrace_event_exit {
	uint32_t cause;      /* enum utrace_exit_cause */
	int32_t wait_status; /* as wait(2) gives it: WIFEXITED() and friends apply */
	struct rusage usage; /* PROCESS_END only; zero if the kernel did not tell */
};

struct utrace_event_signal {
	siginfo_t info; /* in this program's own layout, also for 32-bit tracees */
};

struct utrace_event_job {
	int32_t signal; /* JOB_STOP: which signal stopped the process */
};

struct utrace_event_breakpoint {
	utrace_breakpoint *breakpoint; /* the first one; utrace_thread_hits gives all */
	uint64_t address;              /* of the breakpoint, or of the watched memory */
	uint32_t count;                /* how many breakpoints were hit at once */
};

struct utrace_event_lost {
	uint64_t count; /* of events since the last LOST */
};

struct utrace_event {
	size_t size;     /* set by UTRACE_EVENT_INIT */
	uint32_t reason; /* enum utrace_reason */
	uint32_t flags;  /* enum utrace_event_flag */
	utrace_process
		*process; /* valid until the struct is used again or cleared; reference it to keep it. LOST: NULL */
	utrace_thread *thread; /* likewise; for PROCESS_END the last thread that ended, or NULL */
	pid_t pid;
	pid_t tid;
	uint64_t stop_request; /* with UTRACE_EVENT_ANSWERS: the number that utrace_thread_stop gave */
	union {
		struct utrace_event_syscall syscall;
		struct utrace_event_signal signal;
		struct utrace_event_job job;
		struct utrace_event_create create;
		struct utrace_event_exec exec;
		struct utrace_event_exit exit;
		struct utrace_event_breakpoint breakpoint; /* BREAKPOINT and WATCHPOINT */
		struct utrace_event_lost lost;
		uint64_t reserved[40];
	} u;
};

/* An event struct that holds nothing, to start with. */
#ifdef __cplusplus
#define UTRACE_EVENT_INIT (utrace_event{sizeof(struct utrace_event), 0, 0, nullptr, nullptr, 0, 0, 0, {}})
#else
#define UTRACE_EVENT_INIT ((struct utrace_event){.size = sizeof(struct utrace_event)})
#endif

/* Drops what the event holds.  The thread that it holds stopped is not resumed. Any thread. */
UTRACE_API void utrace_event_clear(struct utrace_event *event);

/*
 * The name of a reason in lower case, as "syscall-entry"; "unknown" for one that this library does not know. Any
 * thread.
 */
UTRACE_API const char *utrace_reason_name(uint32_t reason);

#ifdef __cplusplus
}
#endif

#endif
