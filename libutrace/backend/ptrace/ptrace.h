/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/ptrace/ptrace.h - the ptrace backend's own state, shared by its files.
 *
 * Everything runs on the session's tracer thread, which is the kernel's tracer of every tracee.  Files:
 *   open.c     session, bell: opening, waking, closing       wait.c    waiting for tracees, dispatch
 *   stop.c     what a stop means                             create.c  pairing a new child with its creator
 *   end.c      exits, exec, and their causes                 resume.c  stop and resume
 *   attach.c detach.c spawn.c                                denied.c  why the kernel said no
 *   onecpu.c onecpu_bell.c   tracer and tracee on one CPU
 *   step.c     what a step must hide          memory.c regset.c inject.c seccomp.c
 *
 * A tracee is in a ptrace-stop exactly while pt->stopped; requests that need a stop are made only then.
 */
#ifndef UT_BACKEND_PTRACE_PTRACE_H
#define UT_BACKEND_PTRACE_PTRACE_H

#include <sched.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "backend/flags.h"
#include "backend/sink.h"

/* The kinds of ptrace-stops that ptrace(2) tells apart, and some that it does not. */
enum pt_stop {
	PT_STOP_NONE,
	PT_STOP_ENTRY, /* syscall-enter-stop */
	PT_STOP_EXIT,  /* syscall-exit-stop */
	PT_STOP_SECCOMP,
	PT_STOP_SIGNAL, /* signal-delivery-stop */
	PT_STOP_EVENT,  /* PTRACE_EVENT_STOP: interrupt, group-stop, first stop of a child */
	PT_STOP_EXEC,
	PT_STOP_CREATE, /* fork, clone */
	PT_STOP_VFORK,
	PT_STOP_VFORK_DONE,
	PT_STOP_EXITING,
};

struct pt_thread {
	utrace_thread *thread;
	struct ut__list lazy; /* in pt_session.lazy: waits for a moment outside a blocked system call */
	enum pt_stop stop;
	bool stopped;
	bool child_told;    /* with PT_STOP_CREATE and PT_STOP_VFORK: its child has a handle, or was let go */
	bool stepping;      /* resumed last with a step */
	bool step_debt;     /* a step's SIGTRAP is still to come and belongs to nobody */
	bool private_stops; /* an op waits for the next stop by itself: see pt_wait_stop */
	bool private_ready;
	bool asked;       /* this stop was found by asking, and wait4 may tell of it again: see wait.c */
	int asked_status; /* with these words */
	int private_status;
	bool attach_hold;     /* its first interrupt is told as ATTACHED */
	bool met;             /* it has stopped for us, so its PTRACE_EVENT_EXIT is still to come */
	bool interrupted;     /* by the attach */
	bool settled;         /* it can't be in a clone(2) that began before it was seized: see attach.c */
	bool reaped;          /* the kernel has forgotten it; its exit is told when the cause is known */
	bool exiting;         /* PTRACE_EVENT_EXIT has been */
	bool killed;          /* it exits because of others or of a fatal signal: PF_SIGNALED */
	bool reseize_seccomp; /* the next seccomp stop repeats one that was told */
	int group_signal;     /* of the group-stop that it is in, 0 if none */
	int signal;           /* with PT_STOP_SIGNAL: what is about to be delivered */
	int last_signal;      /* delivered last */
	int exit_status;
	uint64_t options; /* PTRACE_O_* in force */
	bool exit_owed;   /* an injected call came between: owed_exit is told at the next resume */
	struct utrace_event_syscall owed_exit;
	bool mask_changed;   /* the signal mask is another one during this step: see step.c */
	uint64_t saved_mask; /* as it was */
	uint64_t step_mask;  /* as it is */
	struct ut__step_flags flags;
	int queued_signal; /* a signal of ours on its way, which becomes queued_info when it arrives */
	siginfo_t queued_info;
};

struct pt_process {
	struct ut__idmap_node by_pid;
	utrace_process *process;
	int mem_fd;           /* of /proc/PID/mem, -1 until needed */
	uint64_t forced_page; /* the last one that could only be written through it */
	bool detaching;
	bool leader_untraced; /* it had ended before we came; nobody will tell us how the process ends */
	bool in_map;
	bool host_child; /* a plain child of this program, which must be able to wait for it */
};

/* A child seen by one of the two sides only: its creator's event, or its own first stop. */
struct pt_child {
	struct ut__list node;
	pid_t tid;
	uint64_t since; /* CLOCK_MONOTONIC */
	bool seen;      /* it has stopped, or died */
	bool died;
	int status;
	struct rusage usage;
	bool claimed;   /* the creator's event has come */
	bool forget;    /* let go at its first stop */
	bool adopted;   /* told without its creator, whose event may still come */
	bool is_thread; /* of its creator's process; known once it is claimed */
	uint32_t kind;
	utrace_thread *creator;  /* a reference; NULL if unknown or let go */
	utrace_process *process; /* of the creator; a reference, or NULL */
};

struct pt_one_cpu;

/* A helper process that turns a wake or a deadline into something that wait4 returns for: see open.c. */
struct pt_bell {
	_Atomic(uint32_t) sequence; /* futex; changes when the deadline does */
	_Atomic(uint64_t) deadline; /* CLOCK_MONOTONIC ns, 0 for none */
	pid_t pid;
	void *stack;
	struct pt_one_cpu *one_cpu; /* which it looks after */
};

/* How well spinning has worked lately: see wait.c. */
struct pt_spin {
	int score;
	unsigned int skipped;
	bool possible;
};

enum { ONE_CPU_OFF, ONE_CPU_GUARDED, ONE_CPU_CLAIMED, ONE_CPU_ON };

enum { PT_ONE_CPU_TICK_NS = 4000000 };

/* Tracer and tracee on one CPU: see onecpu.c, which says who writes what. */
struct pt_one_cpu {
	bool possible;
	bool judged;                /* the last time has been learnt from */
	_Atomic(int) state;         /* ONE_CPU_* */
	_Atomic(bool) guard_wanted; /* the bell is asked to become GUARDED */
	pid_t program;              /* the bell's parent while the tracer lives */
	_Atomic(uint32_t) stops;    /* of all tracees; the tracer thread counts, the bell reads */
	uint32_t stops_seen;        /* the bell's, as is next_tick: CLOCK_MONOTONIC ns, 0 for none */
	uint64_t next_tick;
	uint32_t begun_at;        /* stops */
	uint32_t patience;        /* stops in a row by one thread until it is tried */
	uint64_t half_at;         /* when half of them were done, CLOCK_MONOTONIC ns */
	_Atomic(uint32_t) enough; /* stops in a tick that make it worth the while */
	uint32_t in_a_row;
	uint32_t late; /* how many of them had to be waited for, in a row */
	pid_t tid;     /* whose they were */
	pid_t tracer;
	int cpu;
	bool can_idle;         /* the tracer thread can come back from SCHED_IDLE */
	pid_t pinned;          /* the tracee that is pinned, 0 if the tracer thread is SCHED_IDLE instead */
	cpu_set_t tracee_mask; /* what it had */
	int policy;            /* of the tracer thread, to be put back; so are the two below */
	struct sched_param parameter;
	cpu_set_t mask;
};

struct pt_session {
	utrace_session *session;
	pid_t tracer; /* thread id */
	struct pt_bell bell;
	struct pt_spin spin;
	struct pt_one_cpu one_cpu;
	unsigned int asked;                  /* stops found by asking, in a row */
	const utrace_thread *answer_of;      /* whose answer is below; NULL: none */
	struct __ptrace_syscall_info answer; /* what it said, until somebody needs it */
	struct ut__idmap processes;
	struct ut__list children; /* struct pt_child */
	int unclaimed;            /* of them */
	struct ut__list adopted;  /* struct pt_child that are told: what is left of them is their tid */
	bool lost_child;          /* one was let go for want of memory, so a creator may wait for it in vain */
	struct ut__list lazy;
	int raw_threads; /* attached threads, to know whether several may be ready at once */
};

static inline struct pt_thread *pt_of(const utrace_thread *thread)
{
	return thread->backend;
}

static inline struct pt_process *pt_process_of(const utrace_process *process)
{
	return process->backend;
}

static inline struct pt_session *pt_session_of(const utrace_process *process)
{
	return atomic_load(&process->session)->backend;
}

static inline pid_t pt_tid(const utrace_thread *thread)
{
	return atomic_load(&thread->tid);
}

/* ptrace(2) with the argument types that the requests really have; 0 or more, or -errno. */
long pt_request(unsigned long request, pid_t tid, unsigned long address, const void *data);

/* open.c */
int pt_open(utrace_session *session, struct utrace_error *error);
void pt_close(utrace_session *session);
void pt_wake(utrace_session *session);
void pt_bell_set(struct pt_session *ps, uint64_t deadline);
void pt_bell_tick(struct pt_session *ps);
void pt_bell_answer(struct pt_session *ps, int status);
bool pt_may_filter_freely(void);

/* onecpu.c */
/* Finds out whether it can be undone; false if the bell is spoilt by the trial. */
bool pt_one_cpu_probe(struct pt_session *ps);
void pt_one_cpu_stopped(struct pt_session *ps, const utrace_thread *thread);
bool pt_one_cpu_is_on(const struct pt_session *ps);
bool pt_one_cpu_is_pinned(const struct pt_session *ps);
/* A tracee is about to make this call. */
void pt_one_cpu_call(struct pt_session *ps, const struct utrace_event_syscall *call);
/* Whether the next stop was there when the tracer thread came to look for it. */
void pt_one_cpu_came(struct pt_session *ps, bool at_once);
/* Puts tracer thread and tracee back: before anything that would inherit from them, or see it. */
void pt_one_cpu_end(struct pt_session *ps);
/* onecpu_bell.c; on the bell, too */
bool pt_one_cpu_switch(struct pt_one_cpu *one, int from, int to);
void pt_one_cpu_put_back(struct pt_one_cpu *one);
/* Of the bell itself. */
void pt_one_cpu_die_with_tracer(struct pt_one_cpu *one, bool die);
/* The bell's look; when it must look again (CLOCK_MONOTONIC ns), 0 for never. */
uint64_t pt_one_cpu_tick(struct pt_one_cpu *one);

/* wait.c */
int pt_pump(utrace_session *session, uint64_t deadline, struct utrace_error *error);
/* Waits until the thread's next stop and stores its status; false if it ended instead. Other tracees go on being served. */
bool pt_wait_stop(utrace_thread *thread, int *status);

/* stop.c */
void pt_stopped(utrace_thread *thread, int status);
/* Sets stop, and for signals `signal`, from a wait status; for private stops. */
void pt_classify(struct pt_thread *pt, int status);
bool pt_step_trap_pending(pid_t tid);
bool pt_is_step_trap(const siginfo_t *info);
bool pt_is_trap(const siginfo_t *info);
bool pt_is_debug_trap(const siginfo_t *info);
bool pt_is_lost_hit(utrace_thread *thread, const siginfo_t *info);
/* It has executed a trap of ours, and the signal of that is still to come. */
bool pt_owes_trap(utrace_thread *thread);

/* step.c */
void pt_step_prepare(utrace_thread *thread, bool quiet);
/* Keeps all signals out that the thread's instruction does not cause itself, until its next stop. */
void pt_quieten(utrace_thread *thread);
void pt_step_over(utrace_thread *thread);

/* The call that a thread is in, at a stop inside it that says nothing of it: a clone's, an exec's. */
bool pt_describe_call(utrace_thread *thread, struct utrace_event_syscall *call);
/* What a syscall-exit-stop says, of a call whose entry was seen or not. */
bool pt_describe_exit(utrace_thread *thread, struct utrace_event_syscall *call);

/* create.c */
void pt_child_event(utrace_thread *creator, uint32_t kind);
void pt_unknown_stopped(struct pt_session *ps, pid_t tid);
bool pt_unknown_died(struct pt_session *ps, pid_t tid, int status, const struct rusage *usage);
void pt_children_adopt(struct pt_session *ps);
void pt_children_lost(struct pt_session *ps);
void pt_child_forget(utrace_process *creator, pid_t tid);
bool pt_shares_memory(utrace_process *process, pid_t child);

/* end.c */
void pt_thread_died(utrace_thread *thread, int status, const struct rusage *usage);
void pt_leader_died(struct pt_session *ps, struct pt_process *pp, int status, const struct rusage *usage);
void pt_exit_event(utrace_thread *thread);
void pt_exit_resumed(utrace_thread *thread);
void pt_exec_event(struct pt_session *ps, pid_t tid);
void pt_exec_prepare(utrace_thread *thread);

/* resume.c */
bool pt_wants_children(const utrace_process *process);
uint64_t pt_wanted_options(const utrace_process *process);
void pt_update_options(utrace_thread *thread);
int pt_stop_thread(utrace_thread *thread, struct utrace_error *error);
void pt_resume(utrace_thread *thread, const struct ut__resume *how);
void pt_restart(utrace_thread *thread, unsigned long request, int signal);
void pt_serve_lazy(struct pt_session *ps);
int pt_kill(utrace_process *process, struct utrace_error *error);
void pt_policy_changed(utrace_process *process);
void pt_queue_signal(utrace_thread *thread, const siginfo_t *info);

/* attach.c, detach.c, spawn.c, denied.c */
int pt_attach(utrace_process *process, const struct utrace_attach_options *options, struct utrace_error *error);
int pt_detach(utrace_process *process, uint32_t mode, struct utrace_error *error);
void pt_release(utrace_thread *thread);
/* Tells the process's end if nothing of it is left to let go. */
void pt_check_detached(utrace_process *process);
int pt_spawn(utrace_process *process, const struct ut__spawn *spawn, struct utrace_error *error);
int pt_explain_denied(pid_t tid, int error_number, struct utrace_error *error);
void pt_process_known(utrace_process *process);

/* memory.c, regset.c, inject.c */
ssize_t pt_read(utrace_process *process, uint64_t address, void *buffer, size_t size, struct utrace_error *error);
ssize_t pt_write(utrace_process *process, uint64_t address, const void *buffer, size_t size,
		 struct utrace_error *error);
int pt_readv(utrace_process *process, struct utrace_memory_span *spans, size_t count, struct utrace_error *error);
void pt_write_child(utrace_process *process, pid_t child, uint64_t address, const void *expected, const void *bytes,
		    size_t size);
void pt_memory_forget(struct pt_process *pp);
ssize_t pt_regset_get(utrace_thread *thread, int set, void *buffer, size_t size, struct utrace_error *error);
int pt_regset_set(utrace_thread *thread, int set, const void *buffer, size_t size, struct utrace_error *error);
int pt_signal_mask(utrace_thread *thread, uint64_t blocked, uint64_t *old, struct utrace_error *error);
int pt_inject(utrace_thread *thread, int64_t number, const uint64_t args[6], int64_t *result,
	      struct utrace_error *error);

/* debug.c */
int pt_debug_set(utrace_thread *thread, const struct ut__debug_slot *slots, struct utrace_error *error);
uint32_t pt_debug_hits(utrace_thread *thread); /* a bit per slot */

/* seccomp.c */
struct sock_fprog;
#define PT_SECCOMP_DATA 0x7574u /* marks our filter's stops: SECCOMP_RET_DATA */
int pt_seccomp_compile(const utrace_filter *filter, struct sock_fprog *program); /* 0, or -1: no memory */

#endif
