/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/object.h - what a session, a process and a thread are inside the library.
 *
 * One thread of the program, the session's tracer thread, runs all code that touches these structs: the thread that
 * opened a bound session, or the session's own worker (core/worker.c), to which other threads hand their calls.  So
 * the structs need no lock.  What other threads may read is atomic or never changes after creation; each such member
 * says so.
 *
 * Lifetimes: a thread holds a reference on its process, both are found through the session while they live
 * (one reference for that), and each event holds one on both.
 */
#ifndef UT_CORE_OBJECT_H
#define UT_CORE_OBJECT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>
#include <utrace/breakpoint.h>
#include <utrace/control.h>
#include <utrace/error.h>
#include <utrace/event.h>
#include <utrace/memory.h>
#include <utrace/process.h>
#include <utrace/regs.h>
#include <utrace/session.h>
#include <utrace/syscall.h>

#include "arch/arch.h"
#include "util/idmap.h"
#include "util/list.h"

struct ut__backend;
struct ut__worker;
struct ut__space;
struct ut__errand;

/*
 * States of a thread; core/state.c is the only writer.
 *
 *   NEW ──► RUNNING ◄──► HELD          NEW: the backend has it, nothing was told of it yet
 *    │         │           │           HELD: an event was queued with UTRACE_EVENT_HELD, or its creation's was
 *    └─────────┴─► GONE ◄──┘           GONE: its THREAD_EXIT is queued; terminal
 */
enum ut__thread_state {
	UT__THREAD_NEW,
	UT__THREAD_RUNNING,
	UT__THREAD_HELD,
	UT__THREAD_GONE,
};

/* What the session knows of the system call that a thread is in. */
struct ut__call {
	struct utrace_event_syscall entry; /* as called */
	bool inside;                       /* between entry and exit */
	bool told;                         /* the filter wants it */
	bool unseen;                       /* inside, but the entry was not told: it was ours (spawn) */
	bool refused;                      /* the next entry's result is ENOSYS: see ut__sink_syscall_refused */
	bool result_set; /* the result is to be replaced at exit, which must stop the thread for that */
	int64_t result;
};

/* The general register set of a stopped thread. */
struct ut__registers {
	const struct ut__arch *arch; /* NULL: not fetched since the thread stopped */
	bool dirty;                  /* to be written back before it runs */
	unsigned char set[UT__GENERAL_SIZE_MAX];
};

/* An instruction under a breakpoint that the thread was told of and has not executed yet: core/trap.c. */
struct ut__due {
	bool valid;
	uint64_t address;
	uint64_t sp;
};

/* A step of many instructions: core/step.c. */
enum ut__step_kind {
	UT__STEP_ONE, /* or none */
	UT__STEP_RANGE,
	UT__STEP_BLOCK,
};

struct ut__step {
	enum ut__step_kind kind;
	bool over_calls;
	bool back;               /* the breakpoint below was hit */
	uint64_t start, end;     /* the range */
	uint64_t pc, sp;         /* before the last instruction */
	utrace_breakpoint *away; /* where a call or a handler under way returns to; a reference */
};

/* A debug register of a process and whose it is. */
struct ut__debug {
	struct ut__debug_slot slot;
	utrace_breakpoint *owner; /* NULL: free */
};

/* The copy that the thread executes: core/displaced.c. */
struct ut__displaced {
	bool active;
	bool in_place; /* no copy could be made: the trap is out of memory meanwhile */
	bool waiting_step;
	struct ut__list waiting; /* in the scratch area's list */
	uint64_t address;
	uint64_t slot;
	struct ut__instruction instruction;
	struct ut__copy copy;
};

struct utrace_thread {
	atomic_uint refs;
	utrace_process *process; /* never changes */
	atomic_int tid;          /* changes in exec by another thread than the leader */
	atomic_int state;        /* enum ut__thread_state */
	_Atomic(void *) data;    /* the caller's */
	struct ut__list in_process;
	struct ut__idmap_node in_session;
	uint64_t withheld; /* events of its process's masks that are not told of this thread */

	uint32_t hold_reason;     /* of the event that holds it; CREATE also for the child */
	atomic_bool event_queued; /* that event was not taken yet; cleared by the thread that takes it */
	siginfo_t hold_signal;    /* with hold_reason SIGNAL */
	bool signal_corrected;    /* it is not as the kernel has it: see ut__displaced_correct */
	bool stepping;            /* what the caller asked for last; goes on through what is not told */
	uint64_t stop_request;    /* outstanding, 0 if none */
	bool hold_attached;       /* a child of a thread that an attach is about to hold: held too, as ATTACHED */
	uint32_t stop_strength;
	struct ut__call call;
	struct ut__registers registers;
	utrace_breakpoint **hits; /* that the hold tells of; references */
	size_t hit_count;
	size_t hit_room;
	bool examined;         /* a breakpoint's condition looks at it */
	bool condition_failed; /* one of the hits counts because its condition could not be evaluated */
	struct ut__due due;
	struct ut__due restart; /* a system call under a breakpoint; valid: it was interrupted and will be made again */
	bool watches_call;      /* that call's exit is waited for, to know */
	struct ut__displaced displaced;
	struct ut__step step;
	uint64_t debug_version;    /* which of its process's sets of debug registers it has */
	struct ut__errand *errand; /* a function that it runs for the caller: core/function.c; NULL: none */
	bool lent;                 /* runs meanwhile, and is to be stopped again */
	void *backend;             /* the backend's own, made and freed by its ops */
};

struct utrace_process {
	atomic_uint refs;
	_Atomic(utrace_session *) session; /* NULL once the process is gone */
	pid_t pid;                         /* never changes */
	bool is_core;                      /* never changes */
	atomic_bool gone;
	atomic_bool detached; /* gone, but alive without us */
	bool abandoned;       /* could not be had in full: nothing is told while the backend lets go of what it has */
	_Atomic(void *) data;
	struct ut__list in_session;
	struct ut__list threads; /* those that are not GONE */
	int thread_count;
	int held_count;

	struct utrace_event_masks masks;
	uint32_t end_policy;
	utrace_filter *filter;   /* NULL: every call is told */
	uint32_t filter_place;   /* enum utrace_filter_place */
	char filter_reason[200]; /* why not in the kernel */
	uint64_t filter_version; /* changes with the filter */
	bool filter_binds;       /* in the kernel for good: it tells the calls, which fail without their tracer */
	bool stopping;           /* utrace_process_stop is not fulfilled yet: new threads are stopped too */
	uint32_t stop_strength;
	struct ut__space *space; /* a reference */
	struct ut__list in_space;
	struct ut__debug debug[UT__DEBUG_SLOTS];
	struct ut__list watches;         /* hardware breakpoints and watchpoints */
	uint64_t debug_version;          /* counts changes of `debug`; 0: there never was any */
	struct utrace_error debug_error; /* why a thread could not be given the present set */
	bool lifted_for_child;           /* a vfork child that is let go shares the memory */
	bool hold_exec;                  /* the next EXEC is held whatever the mask says (spawn) */
	void *backend;
};

/* An event in the queue. */
struct ut__queued {
	struct ut__list node;
	struct utrace_event event;
};

struct utrace_session {
	const struct ut__backend *ops;
	void *backend;
	struct utrace_session_options options;
	uint64_t capabilities;
	const uint32_t *here; /* 0 in a child that the program has forked; never changes (util/forkmark.h) */
	struct ut__list processes;
	atomic_int process_count; /* written by the tracer thread only */
	atomic_int live_threads;  /* likewise */
	struct ut__idmap threads;
	uint64_t last_stop_request;
	pthread_t owner;           /* the tracer thread; never changes */
	struct ut__worker *worker; /* NULL in bound sessions; never changes */
	bool in_condition;         /* a breakpoint's condition is asked: nothing may wait */
	atomic_bool woken;
	atomic_uint lost; /* events and children that found no memory; told by the next utrace_session_next */

	pthread_mutex_t queue_lock; /* guards all that follows */
	struct ut__list queue;
	size_t queue_length;
	struct ut__list spare; /* nodes for events to come: always enough for each thread's hold and end */
	size_t spare_count;
	bool fd_ready;
	int fd;       /* eventfd, readable while the queue has something; -1 in bound sessions; never changes */
	int alert_fd; /* eventfd for waiters: woken, or nothing left to wait for; likewise */
};

#endif
