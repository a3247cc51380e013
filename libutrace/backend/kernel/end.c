/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/kernel/end.c - exits, and reaping what was spawned here.
 *
 * The kernel tells each thread's end with its cause, and with the last one that the process has ended; the parent is told
 * after that.  A spawned program is a child of this one and of nobody else's concern, so it is reaped here.
 */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "backend/kernel/kernel.h"
#include "util/procfs.h"

static uint32_t cause_of(const utrace_thread *thread, const struct utrace_rec_exit *exit)
{
	switch (exit->cause) {
	case UTRACE_CAUSE_EXEC:
		return UTRACE_EXIT_EXEC;
	case UTRACE_CAUSE_GROUP:
		/* Of many threads that a signal ends, the kernel does not keep which one took it. */
		if (WIFSIGNALED(exit->status) && WTERMSIG(exit->status) != SIGKILL &&
		    WTERMSIG(exit->status) == kn_of(thread)->last_signal)
			return UTRACE_EXIT_SELF;
		return UTRACE_EXIT_GROUP;
	default:
		return UTRACE_EXIT_SELF;
	}
}

/*
 * It is about to become a zombie.  While another program traces it with ptrace(2), that one gets it first; it is waited
 * for a while, and then left to the kernel.
 */
static void reap(pid_t pid, int *status, struct rusage *usage)
{
	enum { ROUNDS = 2000 };
	const struct timespec pause = {.tv_nsec = 1000000};

	for (int i = 0; i < ROUNDS; i++) {
		bool traced = ut__procfs_status(pid, "TracerPid") > 0;
		pid_t done = wait4(pid, status, traced ? __WALL | WNOHANG : __WALL, usage);

		if (done == pid || (done < 0 && errno != EINTR))
			return;
		if (!done)
			(void)nanosleep(&pause, NULL);
	}
}

static struct timeval time_of(uint64_t ns)
{
	return (struct timeval){.tv_sec = (time_t)(ns / 1000000000u),
				.tv_usec = (suseconds_t)(ns % 1000000000u / 1000)};
}

/* What wait4(2) would give, without the children's share. */
static struct rusage usage_of(const struct utrace_rec_exit *end)
{
	return (struct rusage){.ru_utime = time_of(end->utime),
			       .ru_stime = time_of(end->stime),
			       .ru_maxrss = (long)(end->maxrss / 1024),
			       .ru_minflt = (long)end->minflt,
			       .ru_majflt = (long)end->majflt,
			       .ru_nvcsw = (long)end->nvcsw,
			       .ru_nivcsw = (long)end->nivcsw};
}

void kn_check_ended(utrace_process *process)
{
	struct kn_process *kp = kn_process_of(process);
	struct rusage usage = usage_of(&kp->end);
	utrace_thread *last = kp->last;

	if (!kp->ended || atomic_load(&process->gone) || kn_children_pending(kn_session_of(process), process))
		return;
	kp->last = NULL;
	while (!ut__list_empty(&process->threads))
		ut__sink_thread_exit(UT__ENTRY(process->threads.next, utrace_thread, in_process), UTRACE_EXIT_GROUP,
				     kp->end.status);
	if (kp->spawned)
		reap(process->pid, &kp->end.status, &usage);
	ut__sink_process_end(process, UTRACE_EXIT_SELF, kp->end.status, &usage, last);
	utrace_thread_unref(last);
}

void kn_thread_ended(utrace_thread *thread, const struct utrace_record *record)
{
	utrace_process *process = utrace_process_ref(thread->process);
	struct kn_process *kp = kn_process_of(process);

	utrace_thread_ref(thread);
	kn_of(thread)->stop = 0;
	if (record->event == UTRACE_EV_DETACH)
		kp->let_go = true;
	ut__sink_thread_exit(thread,
			     kp->let_go && record->event == UTRACE_EV_DETACH ? UTRACE_EXIT_DETACHED
									     : cause_of(thread, &record->exit),
			     record->event == UTRACE_EV_DETACH ? 0 : record->exit.status);
	kn_children_orphaned(thread);
	if (record->flags & UTRACE_REC_PROCESS_END) {
		kp->ended = true;
		kp->end = record->exit;
		kp->last = utrace_thread_ref(thread);
		kn_check_ended(process);
	} else {
		kn_check_detached(process);
	}
	utrace_thread_unref(thread);
	utrace_process_unref(process);
}

void kn_thread_detached(utrace_thread *thread)
{
	const struct utrace_record record = {.event = UTRACE_EV_DETACH};

	kn_thread_ended(thread, &record);
}

struct utrace_event kn_describe_exiting(const utrace_thread *thread, const struct utrace_record *record)
{
	struct utrace_event event = {0};

	event.u.exit.cause = cause_of(thread, &record->exit);
	event.u.exit.wait_status = record->exit.status;
	return event;
}

void kn_exiting(utrace_thread *thread, const struct utrace_record *record)
{
	struct utrace_event event = kn_describe_exiting(thread, record);

	ut__sink_stop(thread, UTRACE_EVENT_EXITING, &event);
}
