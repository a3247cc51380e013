/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/kernel/kernel.h - the state of the backend on the utrace system call, shared by its files.
 *
 * A session is a descriptor of the kernel's, with a ring of records that says what happened and commands that say what
 * is to be done.  Commands are collected and go to the kernel together, at the latest when the caller gets control
 * back (kn_flush) and else with the next wait, so a resume and the wait for what follows are one system call.
 *
 *   open.c      session, ring: opening, closing      batch.c    commands, waiting, waking
 *   record.c    what a record means                  child.c    pairing a new child with its maker
 *   end.c       exits, and reaping what was spawned  resume.c   stop, resume, signals
 *   policy.c    which events stop a thread           access.c   registers and memory
 *   attach.c detach.c spawn.c inject.c
 *
 * A thread is held by the kernel for this session exactly while kt->stop is not 0 and no resume of it is in the batch.
 */
#ifndef UT_BACKEND_KERNEL_KERNEL_H
#define UT_BACKEND_KERNEL_KERNEL_H

#include <linux/utrace.h>
#include <sys/resource.h>

#include "backend/flags.h"
#include "backend/sink.h"

enum { KN_BATCH = 64, KN_QUEUED = 4 };

/* What an event does that only some need. */
enum kn_want {
	KN_IGNORE,
	KN_RECORD, /* told, and the thread runs on */
	KN_STOP,
};

/* What decides a thread's policy; equal keys give equal policies (policy.c). */
struct kn_key {
	bool set; /* the thread has the policy that the rest stands for */
	enum kn_want entry, exit, exiting, signal;
	bool every_entry, every_exit; /* stops, whatever the filter says */
	bool kill;
	uint64_t filter_version;
};

/* A signal that the session itself has sent: told to nobody when it arrives. */
struct kn_sent {
	siginfo_t info;
	bool drop; /* and not delivered either */
};

struct kn_thread {
	utrace_thread *thread;
	struct ut__idmap_node by_cookie;
	bool in_map;
	uint64_t cookie;
	uint64_t stop;  /* number of the stop that holds it, 0 if it runs */
	uint32_t place; /* enum utrace_ev of that stop */
	int signal;     /* with a SIGNAL stop: what is about to be delivered, 0 if it was taken for ours */
	siginfo_t info; /* of that signal */
	struct kn_key key;
	bool vfork;         /* with a CLONE stop: the child has the memory */
	bool attach_hold;   /* its first asked stop is told as ATTACHED */
	bool stepping;      /* resumed last with a step */
	bool quiet;         /* resumed last so that no signal from outside comes in */
	uint64_t kept_out;  /* signals that are not to come in: kn_signal_mask */
	bool private_stops; /* an op waits for the next stop by itself: kn_next_stop */
	bool private_ready;
	struct utrace_record private_record;
	bool owes; /* a stop whose record is told at the next resume, in place of resuming */
	struct utrace_record owed;
	bool virtual_signal; /* `info` was about to be delivered when a call was injected; it is to be sent anew */
	bool restart_owed; /* the kernel has not decided yet whether the interrupted call of a stop is restarted: inject.c */
	struct kn_sent sent[KN_QUEUED];
	int sent_count;
	siginfo_t *deferred; /* signals that came in while none should; sent anew at the next resume */
	size_t deferred_count;
	int last_signal;       /* delivered last */
	unsigned int watching; /* a bit for each debug register that it has */
	struct ut__step_flags flags;
};

struct kn_process {
	utrace_process *process;
	struct kn_session *ks; /* also when the process has none any more */
	struct ut__idmap_node by_cookie;
	bool in_map;
	uint64_t cookie;
	struct kn_key key; /* that was given to all threads last */
	bool spawned;      /* a child of this program that the session reaps */
	bool detaching;
	bool let_go; /* some thread was, so the kernel will not tell the process's end */
	bool ended;  /* as `end` tells; told when its last children are paired */
	struct utrace_rec_exit end;
	utrace_thread *last; /* a reference */
};

/* A child of a watched thread, until both its maker's event and its own first stop have come. */
struct kn_child {
	struct ut__list node;
	uint64_t cookie;
	uint64_t process_cookie;
	uint64_t maker; /* cookie */
	pid_t tid;
	uint64_t clone_flags;
	uint32_t kind;
	bool claimed; /* the maker's event has come, or never will */
	bool stopped; /* `first` is its first stop */
	bool died;    /* `end` is its DEATH */
	bool forget;  /* let go at its first stop */
	struct utrace_record first;
	struct utrace_record end;
	struct kn_key key;
	utrace_thread *creator;  /* a reference; NULL if it has ended */
	utrace_process *process; /* of the maker; a reference */
};

struct kn_session {
	utrace_session *session;
	int fd;
	struct utrace_query_args kernel;
	struct utrace_ring *ring;
	size_t mapped;
	struct ut__idmap threads;   /* by cookie */
	struct ut__idmap processes; /* by cookie */
	struct ut__list children;   /* struct kn_child */
	utrace_process *attaching;  /* by the ATTACH that is under way */
	bool attach_hold;
	struct kn_key attach_key;
	int attach_errno; /* a thread of it found no memory */
	unsigned int attached;
	struct utrace_command batch[KN_BATCH];
	siginfo_t infos[KN_BATCH]; /* that the commands of the same index point to */
	unsigned int count;
};

static inline struct kn_thread *kn_of(const utrace_thread *thread)
{
	return thread->backend;
}

static inline struct kn_process *kn_process_of(const utrace_process *process)
{
	return process->backend;
}

static inline struct kn_session *kn_session_of(const utrace_process *process)
{
	return kn_process_of(process)->ks;
}

static inline pid_t kn_tid(const utrace_thread *thread)
{
	return atomic_load(&thread->tid);
}

/* open.c */
long kn_call(uint32_t op, int fd, void *argument, size_t size); /* utrace(2); -errno */
int kn_probe(struct utrace_error *error);
int kn_open(utrace_session *session, struct utrace_error *error);
void kn_close(utrace_session *session);

/* batch.c */
/* A new command at the end of the batch. */
struct utrace_command *kn_add(struct kn_session *ks, uint32_t cmd, uint64_t target, uint64_t stop);
/* The siginfo that goes with a command of the batch. */
void kn_attach_info(struct kn_session *ks, struct utrace_command *command, const siginfo_t *info);
void kn_flush(utrace_session *session);
/* Carries out the batch and this command after it, at once; its errno, 0 if it was done. */
int kn_run(struct kn_session *ks, struct utrace_command *command);
/* Carries out the batch, and waits until the ring has something. 0 or -errno; -ETIME is no error here. */
int kn_wait(struct kn_session *ks, uint64_t deadline);
void kn_wake(utrace_session *session);

/* record.c */
int kn_pump(utrace_session *session, uint64_t deadline, struct utrace_error *error);
/* Tells the sink of a stop. */
void kn_stopped(utrace_thread *thread, const struct utrace_record *record);
/* Waits for the thread's next stop while kt->private_stops; NULL if it ended instead. Others go on being served. */
const struct utrace_record *kn_next_stop(utrace_thread *thread);
struct utrace_event_syscall kn_describe_call(const struct utrace_record *record);
/* A thread's handle has a cookie from now on. */
void kn_known(utrace_thread *thread, uint64_t cookie);
void kn_process_known(utrace_process *process, uint64_t cookie);
utrace_thread *kn_find(struct kn_session *ks, uint64_t cookie);
bool kn_is_own_fault(const siginfo_t *info);

/* child.c */
void kn_child_attached(struct kn_session *ks, const struct utrace_record *record);
void kn_child_told(utrace_thread *creator, const struct utrace_record *record);
/* A record of a thread that is a child and not known yet; false: of nobody. */
bool kn_child_record(struct kn_session *ks, const struct utrace_record *record);
/* The thread is gone: its children will not be told by it. */
void kn_children_orphaned(utrace_thread *maker);
/* The process lets go: children that are not complete are let go too. true: some have not stopped yet. */
bool kn_children_forget(utrace_process *process);
/* Some child of the process is not paired yet. */
bool kn_children_pending(const struct kn_session *ks, const utrace_process *process);
void kn_children_drop(struct kn_session *ks);
bool kn_shares_memory(utrace_process *process, pid_t child);
void kn_write_child(utrace_process *process, pid_t child, uint64_t address, const void *expected, const void *bytes,
		    size_t size);

/* end.c */
void kn_thread_ended(utrace_thread *thread, const struct utrace_record *record);
void kn_thread_detached(utrace_thread *thread);
/* The process has ended, and may be told so now. */
void kn_check_ended(utrace_process *process);
struct utrace_event kn_describe_exiting(const utrace_thread *thread, const struct utrace_record *record);
void kn_exiting(utrace_thread *thread, const struct utrace_record *record);

/* policy.c */
void kn_policy_build(const utrace_process *process, const struct kn_key *key, struct utrace_policy *policy);
struct kn_key kn_policy_of_process(const utrace_process *process);
/* Gives the thread the policy for its next run. */
void kn_policy_sync(utrace_thread *thread, bool every_call);
void kn_policy_changed(utrace_process *process);

/* resume.c */
int kn_stop(utrace_thread *thread, struct utrace_error *error);
void kn_resume(utrace_thread *thread, const struct ut__resume *how);
/* Ends the hold as it is: nothing is told, no signal is changed. */
void kn_run_on(utrace_thread *thread, bool step);
void kn_drop_signal(utrace_thread *thread);
void kn_defer_signal(utrace_thread *thread);
void kn_send_deferred(utrace_thread *thread);
int kn_signal_mask(utrace_thread *thread, uint64_t blocked, uint64_t *old, struct utrace_error *error);
int kn_kill(utrace_process *process, struct utrace_error *error);

/* attach.c, detach.c, spawn.c, inject.c */
int kn_attach(utrace_process *process, const struct utrace_attach_options *options, struct utrace_error *error);
/* One process by its id, every thread of it; the records have been read. -errno */
int kn_attach_pid(utrace_process *process, pid_t pid, const struct kn_key *key, bool hold);
int kn_detach(utrace_process *process, uint32_t mode, struct utrace_error *error);
void kn_release(utrace_thread *thread);
void kn_check_detached(utrace_process *process);
int kn_spawn(utrace_process *process, const struct ut__spawn *spawn, struct utrace_error *error);
/* Does by hand what the kernel would do with an interrupted call. */
void kn_restart_call(utrace_thread *thread);
int kn_inject(utrace_thread *thread, int64_t number, const uint64_t args[6], int64_t *result,
	      struct utrace_error *error);

/* access.c */
ssize_t kn_regset_get(utrace_thread *thread, int set, void *buffer, size_t size, struct utrace_error *error);
int kn_regset_set(utrace_thread *thread, int set, const void *buffer, size_t size, struct utrace_error *error);
ssize_t kn_read(utrace_process *process, uint64_t address, void *buffer, size_t size, struct utrace_error *error);
ssize_t kn_write(utrace_process *process, uint64_t address, const void *buffer, size_t size,
		 struct utrace_error *error);
int kn_readv(utrace_process *process, struct utrace_memory_span *spans, size_t count, struct utrace_error *error);
int kn_debug_set(utrace_thread *thread, const struct ut__debug_slot *slots, struct utrace_error *error);

#endif
