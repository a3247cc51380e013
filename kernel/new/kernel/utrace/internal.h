/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of utrace(2) share.
 *
 * Objects
 *	utrace_session	behind a descriptor: the ring, what is owed to it, its watches.
 *	utrace_watch	one session's interest in one task. On the task's list and in the
 *			session's xarray from attach to detach or death.
 *	utrace_task	what all sessions share about one task: the list of watches, and
 *			whether and where the task is held. Made by the first attach, freed with
 *			the task_struct.
 *	utrace_process	gives the watches of a session on one process a common cookie.
 *	utrace_rules	a policy. Never changed, so a watch just points to another one.
 *
 * References
 *	A watch is referenced by the task's list and the xarray (one, utrace_unwatch() drops
 *	it), by the session's list of what is owed, and by whoever looked it up. It holds its
 *	session, its task_struct and its process. A session is referenced by its file and its
 *	watches.
 *
 * Locks, outermost first
 *	session->mutex		attaches of one session are one at a time
 *	task->signal->exec_update_lock (read)	the credentials and memory of the task
 *	utrace_task->access	registers of a held task; the task takes it to leave its stop
 *	task->sighand->siglock	only where a job control stop is looked at
 *	utrace_task->lock	the list of watches; all that is marked (t); task flags that follow
 *	session->lock		the ring, the list of what is owed; all that is marked (s)
 *	session->watches' own	below all of them
 *	utrace_task->lock is never held while it sleeps; hooks run in the task with no other lock.
 *
 * States of a task (utrace_task->where)
 *	RUNNING	-> HELD		a hook sees that a watch wants a stop (utrace_report())
 *	HELD	-> RUNNING	holds is 0, or the task is killed; with access and lock held
 *	RUNNING	-> JOB		job control stops the task
 *	JOB	-> HELD, RUNNING	it goes on: held if a watch holds it
 */
#ifndef _KERNEL_UTRACE_INTERNAL_H
#define _KERNEL_UTRACE_INTERNAL_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/signal_types.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/utrace.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <uapi/linux/utrace.h>

#define UTRACE_MAX_COMMANDS	4096U
#define UTRACE_MAX_DATA		((u32)SZ_1G)
#define UTRACE_MAX_RING		(64U << 20)
#define UTRACE_DEFAULT_RING	(256U << 10)
#define UTRACE_MAX_CAPTURE	((u32)SZ_1M)
#define UTRACE_MAX_PIECES	(64U << 10)

/* Not in the load average, and frozen where it stands. SIGKILL wakes it. */
#define UTRACE_TASK_HELD	(TASK_KILLABLE | TASK_NOLOAD | TASK_FREEZABLE)

struct bpf_prog;
struct cred;
struct mem_cgroup;
struct perf_event;
struct pid_namespace;
struct utrace_captures;

struct utrace_rules {
	refcount_t ref;
	struct utrace_policy policy;
};

struct utrace_process {
	refcount_t ref;
	struct utrace_session *session;	/* not referenced: a watch holds both */
	struct signal_struct *signal;	/* identity only; a watch's task keeps it */
	u64 cookie;
	unsigned int living;		/* (s) watches whose task has not ended */
};

struct utrace_session {
	refcount_t ref;
	u32 flags;
	const struct cred *cred;	/* the opener's */
	struct pid_namespace *pid_ns;	/* likewise */
	struct mem_cgroup *memcg;	/* likewise; pays for what its tracees make it allocate */
	struct mutex mutex;		/* see "Locks" */
	struct xarray watches;		/* by cookie */
	wait_queue_head_t readers;
	wait_queue_head_t writers;	/* tasks that wait for room */
	spinlock_t lock;		/* see "Locks" */
	bool closed;			/* (s) */
	u64 last_cookie;		/* (s) */
	u64 last_stop;			/* (s) */
	u64 last_request;		/* (s) */
	bool woken;			/* (s) a wait shall end */
	struct list_head owed;		/* (s) watches with records that found no room */
	struct utrace_ring *ring;	/* shared with user space */
	struct page **pages;
	unsigned int nr_pages;
	u32 size;			/* of the data; the kernel's own copy */
	u64 head;			/* (s) likewise */
	u64 lost;			/* (s) in all */
	u64 lost_untold;		/* (s) since the last LOST */
	struct utrace_captures *captures;	/* (s) or NULL */
	struct bpf_prog __rcu *conditions[UTRACE_EV_COUNT];	/* by event; mutex to change them */
	u64 left_out[UTRACE_EV_COUNT];	/* (s) by them */
};

/* Memory of a watch's task that goes with a record. The task's own. */
struct utrace_pieces {
	void *data;			/* struct utrace_piece, each with its bytes */
	u32 allocated;
	u32 used;
	u64 seq;			/* the task's event that they belong to */
	bool incomplete;
};

/* The shorter is the greater. */
enum utrace_step {
	UTRACE_NO_STEP,
	UTRACE_BLOCK_STEP,
	UTRACE_STEP,
};

enum utrace_owed {
	UTRACE_OWES_ATTACH = BIT(0),
	UTRACE_OWES_STOP = BIT(1),
	UTRACE_OWES_END = BIT(2),
};

struct utrace_watch {
	refcount_t ref;
	struct work_struct free_work;	/* so that the last reference may be dropped under a lock */
	struct utrace_session *session;
	struct task_struct *task;
	struct utrace_process *process;
	u64 cookie;
	u32 scope;
	u32 flags;			/* enum utrace_attach_flag */
	struct list_head on_task;	/* (t) */
	bool watching;			/* (t) on the task's list */
	struct utrace_rules *rules;	/* (t) */
	u64 stop;			/* (t) number of the stop that this watch holds, or 0 */
	bool want_stop;			/* (t) */
	enum utrace_step step;		/* (t) resumed for a step that is not told yet */
	u32 steps;			/* (t) the task's count then */
	u64 request;			/* (t) number of the stop request, 0 if none */
	u64 seen;			/* (t) the task's event that was dealt with last */
	u32 tid;			/* in the session's namespace; exec changes it */
	u32 tgid;
	u32 old_tid;			/* before the exec that is told */
	struct perf_event *points[UTRACE_WATCHPOINTS];	/* access: watchpoints by index */
	unsigned long hits;		/* atomic: bits of those that were hit */
	struct utrace_rec_clone child;	/* the task's own: of the clone at hand */
	struct utrace_pieces pieces;
	bool wants;			/* (t) to be stopped by the event at hand */
	struct list_head on_owed;	/* (s) */
	u32 owes;			/* (s) enum utrace_owed */
	struct utrace_record owed_attach;	/* (s) */
	struct utrace_record owed_stop;	/* (s) */
	struct utrace_record owed_end;	/* (s) */
};

enum utrace_where {
	UTRACE_RUNNING,
	UTRACE_HELD,
	UTRACE_JOB,
};

/* What a SIGNAL stop was told to do. */
enum utrace_verdict {
	UTRACE_DELIVER,
	UTRACE_DROP,
	UTRACE_REPLACE,
	UTRACE_INJECT,
};

struct utrace_task {
	struct task_struct *task;
	spinlock_t lock;		/* see "Locks" */
	struct mutex access;		/* likewise */
	struct list_head watches;	/* (t) */
	u64 wanted;			/* (t) events that some watch records or stops on */
	u64 wanted_stop;		/* (t) ... stops on */
	u64 seq;			/* (t) counts events */
	unsigned int holds;		/* (t) watches whose stop is not 0 */
	enum utrace_where where;	/* (t) */
	enum utrace_ev place;		/* (t) event of the stop, while HELD or JOB */
	bool quiet;			/* access: off its CPU, its registers are in memory */
	bool dead;			/* (t) */
	bool killed;			/* SIGKILL came though it exits; set under siglock */
	bool skip;			/* access: entry: don't make the call */
	enum utrace_verdict verdict;	/* access */
	kernel_siginfo_t info;		/* access */
	/* The task's own. */
	bool newborn;			/* has not been in user mode yet */
	bool stepping;			/* user_enable_single_step() was for a session */
	bool stepped;			/* a step is done and not told */
	bool in_handler;		/* it executed nothing but stands in a signal handler */
	u32 steps;			/* counts them; read by others while held */
	bool in_call;			/* @call is of the system call that is being made */
	u32 cause;			/* of its end */
	struct utrace_rec_syscall call;
};

/* session.c */
struct utrace_session *utrace_session_get(struct utrace_session *session);
void utrace_session_put(struct utrace_session *session);

/* ring.c */
int utrace_ring_create(struct utrace_session *session, u32 size);
void utrace_ring_destroy(struct utrace_session *session);
bool utrace_ring_readable(struct utrace_session *session);
void utrace_ring_tell(struct utrace_watch *watch, enum utrace_owed kind,
		      const struct utrace_record *rec);
bool utrace_ring_record(struct utrace_session *session, const struct utrace_record *rec,
			const struct utrace_pieces *pieces, bool may_wait);
bool utrace_ring_has_room(struct utrace_session *session, u32 size);
void utrace_ring_left_out(struct utrace_session *session, enum utrace_ev event);
void utrace_ring_forget_stop(struct utrace_watch *watch);
void utrace_ring_forget_owed(struct utrace_session *session);
u32 utrace_record_size(enum utrace_ev event);

/* policy.c */
struct utrace_rules *utrace_rules_copy(u64 user, u64 size);
struct utrace_rules *utrace_rules_get(struct utrace_rules *rules);
struct utrace_rules *utrace_rules_of(struct utrace_watch *watch);
void utrace_rules_put(struct utrace_rules *rules);
bool utrace_rules_match(const struct utrace_policy *policy, const struct utrace_record *rec,
			bool stop);
void utrace_update(struct utrace_task *ut);

/* watch.c */
struct utrace_task *utrace_task_make(struct task_struct *task);
struct utrace_watch *utrace_watch_create(struct utrace_session *session, struct task_struct *task,
					 struct utrace_process *process, struct utrace_rules *rules,
					 u32 scope, u32 flags);
int utrace_watch_start(struct utrace_watch *watch, const struct utrace_rec_attach *why, bool hold);
struct utrace_watch *utrace_watch_find(struct utrace_session *session, u64 cookie);
struct utrace_watch *utrace_watch_get(struct utrace_watch *watch);
void utrace_watch_put(struct utrace_watch *watch);
bool utrace_unwatch(struct utrace_watch *watch, struct utrace_record *last,
		    const struct utrace_rec_exit *process);
struct utrace_process *utrace_process_make(struct utrace_session *session,
					   struct task_struct *task);
struct utrace_process *utrace_process_get(struct utrace_process *process);
void utrace_process_put(struct utrace_process *process);

/* attach.c */
long utrace_attach(struct utrace_session *session, struct utrace_attach_args *args);
bool utrace_may_access(struct utrace_watch *watch);

/* record.c */
void utrace_record_init(struct utrace_record *rec, enum utrace_ev event);
void utrace_record_signal(struct utrace_record *rec, const kernel_siginfo_t *info);
void utrace_record_for(struct utrace_record *rec, struct utrace_watch *watch);
void utrace_record(struct utrace_record *rec);
bool utrace_wants(struct utrace_watch *watch, struct utrace_record *rec, bool stop);
void utrace_tell_recorders(struct utrace_task *ut, struct utrace_record *rec, bool may_wait);

/* stop.c */
bool utrace_stop(struct utrace_record *rec);
bool utrace_report(struct utrace_record *rec);
u64 utrace_request_stop(struct utrace_watch *watch, bool interrupt);
void utrace_let_go(struct utrace_watch *watch);
int utrace_access_begin(struct utrace_watch *watch, u64 stop);
void utrace_access_end(struct utrace_watch *watch);

/* command.c */
long utrace_submit(struct utrace_session *session, struct utrace_submit_args *args);

/* access.c */
int utrace_regset(struct utrace_watch *watch, struct utrace_command *cmd);
int utrace_memory(struct utrace_watch *watch, struct utrace_command *cmd);
int utrace_call(struct utrace_watch *watch, struct utrace_command *cmd);
int utrace_signal_command(struct utrace_watch *watch, struct utrace_command *cmd);

/* exec.c */
bool utrace_may_trace_current(const struct cred *opener);

/* capture.c */
#ifdef CONFIG_UTRACE_CAPTURE
int utrace_set_capture(struct utrace_session *session, struct utrace_command *cmd);
void utrace_captures_put(struct utrace_captures *captures);
void utrace_capture(struct utrace_watch *watch, const struct utrace_record *rec);
void utrace_captured(const struct utrace_watch *watch, struct utrace_record *rec);
#else
static inline int utrace_set_capture(struct utrace_session *session, struct utrace_command *cmd)
{
	return -EOPNOTSUPP;
}

static inline void utrace_captures_put(struct utrace_captures *captures) { }
static inline void utrace_capture(struct utrace_watch *watch, const struct utrace_record *rec) { }
static inline void utrace_captured(const struct utrace_watch *watch,
				   struct utrace_record *rec) { }
#endif

/* condition.c */
#ifdef CONFIG_UTRACE_CONDITIONS
int utrace_set_condition(struct utrace_session *session, struct utrace_command *cmd);
void utrace_conditions_free(struct utrace_session *session);
bool utrace_condition(struct utrace_session *session, const struct utrace_record *rec);
#else
static inline int utrace_set_condition(struct utrace_session *session,
				       struct utrace_command *cmd)
{
	return -EOPNOTSUPP;
}

static inline void utrace_conditions_free(struct utrace_session *session) { }
static inline bool utrace_condition(struct utrace_session *session,
				    const struct utrace_record *rec)
{
	return true;
}
#endif

/* watchpoint.c */
#ifdef CONFIG_UTRACE_WATCHPOINTS
int utrace_watchpoint(struct utrace_watch *watch, struct utrace_command *cmd);
void utrace_watchpoints_clear(struct utrace_watch *watch);
#else
static inline int utrace_watchpoint(struct utrace_watch *watch, struct utrace_command *cmd)
{
	return -EOPNOTSUPP;
}

static inline void utrace_watchpoints_clear(struct utrace_watch *watch) { }
#endif

#endif /* _KERNEL_UTRACE_INTERNAL_H */
