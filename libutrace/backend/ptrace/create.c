/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/ptrace/create.c - one CREATE for the two stops that a new child causes.
 *
 * The creator's event and the child's first stop come in any order, and either may be missing because SIGKILL was
 * faster. A struct pt_child waits for the second half; it is in ps->children from the first half to the second.  A
 * child whose creator's event does not come within ADOPT_NS is told without a creator, so that it can't stay stopped
 * for ever.  The event may come all the same, from a creator that waited for a CPU, and when the child has long ended:
 * so its tid is kept in ps->adopted.
 */
#include <errno.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/ptrace/ptrace.h"
#include "util/clock.h"
#include "util/procfs.h"

enum { ADOPT_NS = 300000000 };

static struct pt_child *find_in(struct ut__list *children, pid_t tid)
{
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, children) {
		if (UT__ENTRY(node, struct pt_child, node)->tid == tid)
			return UT__ENTRY(node, struct pt_child, node);
	}
	return NULL;
}

static struct pt_child *find(struct pt_session *ps, pid_t tid)
{
	return find_in(&ps->children, tid);
}

/* Whether this child was told without its creator. That is known once: the next one with this number is another. */
static bool was_adopted(struct pt_session *ps, pid_t tid)
{
	struct pt_child *child = find_in(&ps->adopted, tid);

	if (!child)
		return false;
	ut__list_remove(&child->node);
	free(child);
	return true;
}

static struct pt_child *add(struct pt_session *ps, pid_t tid)
{
	struct pt_child *child = calloc(1, sizeof(*child));

	if (!child)
		return NULL;
	child->tid = tid;
	child->since = ut__clock_now();
	ut__list_append(&ps->children, &child->node);
	return child;
}

static void drop(struct pt_session *ps, struct pt_child *child)
{
	if (child->seen && !child->claimed)
		ps->unclaimed--;
	ut__list_remove(&child->node);
	utrace_thread_unref(child->creator);
	utrace_process_unref(child->process);
	if (child->adopted)
		ut__list_append(&ps->adopted, &child->node);
	else
		free(child);
}

void pt_children_lost(struct pt_session *ps)
{
	while (!ut__list_empty(&ps->children)) {
		struct pt_child *child = UT__ENTRY(ps->children.next, struct pt_child, node);

		if (child->seen && !child->died)
			(void)pt_request(PTRACE_DETACH, child->tid, 0, NULL);
		drop(ps, child);
	}
	while (!ut__list_empty(&ps->adopted))
		(void)was_adopted(ps, UT__ENTRY(ps->adopted.next, struct pt_child, node)->tid);
}

static bool is_thread_of(pid_t pid, pid_t tid)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d", pid, tid);
	return access(path, F_OK) == 0;
}

static bool exists(pid_t tid)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d", tid);
	return access(path, F_OK) == 0;
}

/* What the creator's call asked for, for a child that has ended and been reaped before anybody could look. */
static bool call_makes_thread(utrace_thread *creator)
{
	struct utrace_event_syscall call;
	uint64_t flags;

	if (!pt_describe_call(creator, &call))
		return false;
	flags = call.args[0];
	if (call.number == utrace_syscall_number(call.abi, "clone"))
		return flags & CLONE_THREAD;
	return call.number == utrace_syscall_number(call.abi, "clone3") &&
	       pt_read(creator->process, call.args[0], &flags, sizeof(flags), NULL) == sizeof(flags) &&
	       (flags & CLONE_THREAD);
}

static bool is_followed(const utrace_process *creator)
{
	const utrace_session *session = atomic_load(&creator->session);

	return !session->options.no_follow || creator->filter_binds;
}

/* The handle of a child that will be traced; it is stopped in its first stop. */
static utrace_thread *make(utrace_process *creator, pid_t tid, bool is_thread)
{
	utrace_process *process = creator;
	utrace_thread *thread;

	if (!is_thread) {
		process = ut__sink_child(creator, tid);
		if (!process)
			return NULL;
		pt_process_known(process);
	}
	thread = ut__sink_thread(process, tid);
	if (!thread && !is_thread)
		ut__sink_forget(process);
	if (!thread)
		return NULL;
	pt_of(thread)->stopped = true;
	pt_of(thread)->met = true;
	pt_of(thread)->settled = true;
	pt_of(thread)->stop = PT_STOP_EVENT;
	pt_of(thread)->options = pt_wanted_options(creator);
	return thread;
}

static void tell_death(struct pt_session *ps, utrace_thread *thread, const struct pt_child *child)
{
	struct pt_process *pp = pt_process_of(thread->process);

	pt_of(thread)->stopped = false;
	if (thread->process->pid == child->tid)
		pt_leader_died(ps, pp, child->status, &child->usage);
	else
		pt_thread_died(thread, child->status, &child->usage);
}

static void let_go(const struct pt_child *child)
{
	if (!child->died)
		(void)pt_request(PTRACE_DETACH, child->tid, 0, NULL);
}

static utrace_thread *live_creator(const struct pt_child *child)
{
	if (!child->creator || atomic_load(&child->creator->state) == UT__THREAD_GONE)
		return NULL;
	return child->creator;
}

/* A child was let go for want of memory. */
static void lose(struct pt_session *ps)
{
	ps->lost_child = true;
	ut__sink_lost(ps->session);
}

/* Whether this child's first stop has come and could not be kept. Rare, and not cheap to ask. */
static bool was_lost(const struct pt_session *ps, pid_t tid)
{
	return ps->lost_child && ut__procfs_status(tid, "TracerPid") != ps->tracer;
}

/* Both halves are there, or the second will never come. */
static void complete(struct pt_session *ps, struct pt_child *child)
{
	utrace_process *process = child->process;
	bool is_thread = child->is_thread || is_thread_of(process->pid, child->tid);
	bool followed = is_thread || is_followed(process);
	utrace_thread *thread = NULL;
	uint32_t kind = is_thread ? UTRACE_CREATE_THREAD : child->kind;

	if (followed)
		thread = make(process, child->tid, is_thread);
	if (live_creator(child))
		pt_of(child->creator)->child_told = true;
	if (!thread && !child->died)
		ut__sink_unfollowed(ps->session, process, child->tid);
	if (!thread)
		let_go(child);
	if (!thread && followed)
		lose(ps);
	if (thread && child->died)
		pt_of(thread)->stopped = false;
	if (thread && is_thread && live_creator(child))
		thread->hold_attached = pt_of(child->creator)->attach_hold;
	if (thread)
		utrace_thread_ref(thread);
	if (thread && child->died)
		ut__sink_running(thread);
	ut__sink_create(process, live_creator(child), kind, child->tid, thread);
	if (thread && child->died)
		tell_death(ps, thread, child);
	utrace_thread_unref(thread);
	drop(ps, child);
}

void pt_child_event(utrace_thread *creator, uint32_t kind)
{
	struct pt_session *ps = pt_session_of(creator->process);
	unsigned long message = 0;
	struct pt_child *child;
	struct ut__resume how = {0};

	if (pt_request(PTRACE_GETEVENTMSG, pt_tid(creator), 0, &message) < 0)
		return;
	child = find(ps, (pid_t)message);
	if (!child && was_adopted(ps, (pid_t)message)) {
		pt_resume(creator, &how);
		return;
	}
	if (!child && was_lost(ps, (pid_t)message)) {
		ut__sink_create(creator->process, creator, kind, (pid_t)message, NULL);
		return;
	}
	if (!child && !ut__sink_find(ps->session, (pid_t)message))
		child = add(ps, (pid_t)message);
	if (!child || child->claimed) {
		pt_resume(creator, &how); /* known already; or there is no memory, and it is let go */
		return;
	}
	if (child->seen)
		ps->unclaimed--;
	child->claimed = true;
	child->kind = kind;
	child->creator = utrace_thread_ref(creator);
	child->process = utrace_process_ref(creator->process);
	child->is_thread =
		is_thread_of(creator->process->pid, child->tid) || (!exists(child->tid) && call_makes_thread(creator));
	if (child->seen)
		complete(ps, child);
}

void pt_unknown_stopped(struct pt_session *ps, pid_t tid)
{
	struct pt_child *child = find(ps, tid);

	(void)was_adopted(ps, tid);
	if (!child)
		child = add(ps, tid);
	if (!child || child->forget) {
		if (child && child->process)
			ut__sink_unfollowed(ps->session, child->process, tid);
		(void)pt_request(PTRACE_DETACH, tid, 0, NULL);
		if (child)
			drop(ps, child);
		else
			lose(ps);
		return;
	}
	if (child->seen)
		return;
	child->seen = true;
	if (child->claimed)
		complete(ps, child);
	else
		ps->unclaimed++;
}

bool pt_unknown_died(struct pt_session *ps, pid_t tid, int status, const struct rusage *usage)
{
	struct pt_child *child = find(ps, tid);

	if (!child || (child->seen && child->died))
		return false;
	if (child->forget) {
		drop(ps, child);
		return true;
	}
	child->died = true;
	child->status = status;
	child->usage = *usage;
	if (child->claimed) {
		child->seen = true;
		complete(ps, child);
	}
	return true;
}

void pt_child_forget(utrace_process *creator, pid_t tid)
{
	struct pt_session *ps = pt_session_of(creator);
	struct pt_child *child = find(ps, tid);

	if (!child && (was_adopted(ps, tid) || was_lost(ps, tid)))
		return;
	if (!child)
		child = add(ps, tid);
	if (!child)
		return;
	if (!child->process)
		child->process = utrace_process_ref(creator);
	if (!child->seen && !child->died) {
		child->forget = true;
		child->claimed = false;
		return;
	}
	if (!child->died)
		ut__sink_unfollowed(ps->session, creator, tid);
	let_go(child);
	drop(ps, child);
}

/* Whose child it most likely is, when nobody claims it. */
static utrace_process *guess_process(struct pt_session *ps, pid_t tid)
{
	const char *const fields[] = {"Tgid", "PPid"};

	for (int i = 0; i < 2; i++) {
		long pid = ut__procfs_status(tid, fields[i]);
		struct ut__idmap_node *node = pid > 0 ? ut__idmap_find(&ps->processes, (int)pid) : NULL;

		if (node)
			return UT__ENTRY(node, struct pt_process, by_pid)->process;
	}
	if (ut__list_empty(&ps->session->processes))
		return NULL;
	return UT__ENTRY(ps->session->processes.next, utrace_process, in_session);
}

void pt_children_adopt(struct pt_session *ps)
{
	struct ut__list *node;
	struct ut__list *safe;
	uint64_t now = ut__clock_now();

	UT__LIST_EACH (node, safe, &ps->children) {
		struct pt_child *child = UT__ENTRY(node, struct pt_child, node);

		if (child->claimed || !child->seen || now - child->since < ADOPT_NS)
			continue;
		child->process = utrace_process_ref(guess_process(ps, child->tid));
		child->kind = UTRACE_CREATE_CLONE;
		child->adopted = true;
		if (child->process) {
			complete(ps, child);
		} else {
			let_go(child);
			drop(ps, child);
		}
	}
}
