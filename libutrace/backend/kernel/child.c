/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/kernel/child.c - one CREATE for the two stops that a new child causes.
 *
 * The kernel tells of a child three times: ATTACH when it is made, CLONE in its maker, and the child's own first stop,
 * usually STOP, before its first instruction.  The last two come in any order, and either may be missing because
 * SIGKILL was faster; then DEATH comes in its place.  A struct kn_child waits from the first to the last.
 */
#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "backend/kernel/kernel.h"

static struct kn_child *find(struct kn_session *ks, uint64_t cookie)
{
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, &ks->children) {
		if (UT__ENTRY(node, struct kn_child, node)->cookie == cookie)
			return UT__ENTRY(node, struct kn_child, node);
	}
	return NULL;
}

static struct kn_child *find_by_tid(struct kn_session *ks, pid_t tid)
{
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, &ks->children) {
		if (UT__ENTRY(node, struct kn_child, node)->tid == tid)
			return UT__ENTRY(node, struct kn_child, node);
	}
	return NULL;
}

bool kn_children_pending(const struct kn_session *ks, const utrace_process *process)
{
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, &ks->children) {
		if (UT__ENTRY(node, struct kn_child, node)->process == process)
			return true;
	}
	return false;
}

static void drop(struct kn_child *child)
{
	utrace_process *process = child->process;

	ut__list_remove(&child->node);
	utrace_thread_unref(child->creator);
	free(child);
	kn_check_ended(process);
	utrace_process_unref(process);
}

void kn_children_drop(struct kn_session *ks)
{
	while (!ut__list_empty(&ks->children)) {
		struct kn_child *child = UT__ENTRY(ks->children.next, struct kn_child, node);

		ut__list_remove(&child->node);
		utrace_thread_unref(child->creator);
		utrace_process_unref(child->process);
		free(child);
	}
}

/* Leaves no trap of ours in its memory, and lets it run. */
static void let_go(struct kn_session *ks, const struct kn_child *child, bool unfollowed)
{
	if (child->died)
		return;
	if (unfollowed)
		ut__sink_unfollowed(ks->session, child->process, child->tid);
	(void)kn_add(ks, UTRACE_CMD_DETACH, child->cookie, 0);
}

static bool is_thread(const struct kn_child *child)
{
	return child->clone_flags & CLONE_THREAD;
}

/* The handle of a child that will be traced; it is held in its first stop, or has died. */
static utrace_thread *make(struct kn_child *child)
{
	utrace_process *process = child->process;
	utrace_thread *thread;
	struct kn_thread *kt;

	if (!is_thread(child)) {
		process = ut__sink_child(child->process, child->tid);
		if (!process)
			return NULL;
		kn_process_known(process, child->process_cookie);
	}
	thread = ut__sink_thread(process, child->tid);
	if (!thread && !is_thread(child))
		ut__sink_forget(process);
	if (!thread)
		return NULL;
	kn_known(thread, child->cookie);
	kt = kn_of(thread);
	if (!child->stopped)
		return thread;
	kt->stop = child->first.stop;
	kt->place = child->first.event;
	kt->owes = child->first.event != UTRACE_EV_STOP;
	kt->owed = child->first;
	return thread;
}

static utrace_thread *live_creator(const struct kn_child *child)
{
	if (!child->creator || atomic_load(&child->creator->state) == UT__THREAD_GONE)
		return NULL;
	return child->creator;
}

/* What there is to know is known, or will never be. */
static void complete(struct kn_session *ks, struct kn_child *child)
{
	bool followed = is_thread(child) || !ks->session->options.no_follow;
	utrace_thread *thread = followed ? make(child) : NULL;
	uint32_t kind = is_thread(child) ? UTRACE_CREATE_THREAD : child->kind;

	if (!thread)
		let_go(ks, child, true);
	if (!thread && followed)
		ut__sink_lost(ks->session);
	if (thread && is_thread(child) && live_creator(child))
		thread->hold_attached = kn_of(child->creator)->attach_hold;
	utrace_thread_ref(thread);
	if (thread && child->died)
		ut__sink_running(thread);
	ut__sink_create(child->process, live_creator(child), kind, child->tid, thread);
	if (thread && child->died)
		kn_thread_ended(thread, &child->end);
	utrace_thread_unref(thread);
	drop(child);
}

static uint32_t kind_of(uint64_t flags, uint32_t exit_signal)
{
	if (flags & CLONE_VFORK)
		return UTRACE_CREATE_VFORK;
	return exit_signal == SIGCHLD ? UTRACE_CREATE_FORK : UTRACE_CREATE_CLONE;
}

void kn_child_attached(struct kn_session *ks, const struct utrace_record *record)
{
	utrace_thread *maker = kn_find(ks, record->attach.parent);
	struct kn_child *child = maker ? calloc(1, sizeof(*child)) : NULL;

	if (!child) {
		/* Its maker was let go, or there is no memory. */
		(void)kn_add(ks, UTRACE_CMD_DETACH, record->task, 0);
		if (maker)
			ut__sink_lost(ks->session);
		return;
	}
	child->cookie = record->task;
	child->process_cookie = record->process;
	child->maker = record->attach.parent;
	child->tid = (pid_t)record->tid;
	child->clone_flags = record->attach.clone_flags;
	child->kind = UTRACE_CREATE_CLONE;
	child->process = utrace_process_ref(maker->process);
	child->forget = kn_process_of(maker->process)->detaching;
	ut__list_append(&ks->children, &child->node);
}

void kn_child_told(utrace_thread *creator, const struct utrace_record *record)
{
	struct kn_session *ks = kn_session_of(creator->process);
	const struct utrace_rec_clone *told = &record->clone;
	struct kn_child *child = find(ks, told->child);
	struct ut__resume how = {0};

	if (!child && told->error && told->error != EEXIST) {
		ut__sink_lost(ks->session);
		ut__sink_create(creator->process, creator, kind_of(told->clone_flags, told->exit_signal),
				(pid_t)told->child_tid, NULL);
		return;
	}
	/* Begun before the attach, which has found the child itself; or let go for want of memory. */
	if (!child) {
		kn_resume(creator, &how);
		return;
	}
	child->claimed = true;
	child->kind = kind_of(told->clone_flags, told->exit_signal);
	child->creator = utrace_thread_ref(creator);
	if (child->stopped || child->died)
		complete(ks, child);
}

bool kn_child_record(struct kn_session *ks, const struct utrace_record *record)
{
	struct kn_child *child = find(ks, record->task);

	if (!child)
		return false;
	if (record->event == UTRACE_EV_DEATH || record->event == UTRACE_EV_DETACH) {
		child->died = true;
		child->end = *record;
	} else if (record->flags & UTRACE_REC_STOPPED) {
		child->stopped = true;
		child->first = *record;
	} else {
		return true;
	}
	if (child->forget) {
		let_go(ks, child, true);
		drop(child);
	} else if (child->claimed) {
		complete(ks, child);
	}
	return true;
}

void kn_children_orphaned(utrace_thread *maker)
{
	struct kn_session *ks = kn_session_of(maker->process);
	uint64_t cookie = kn_of(maker)->cookie;
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, &ks->children) {
		struct kn_child *child = UT__ENTRY(node, struct kn_child, node);

		if (child->maker != cookie || child->claimed)
			continue;
		child->claimed = true;
		if ((child->stopped || child->died) && !child->forget)
			complete(ks, child);
	}
}

bool kn_children_forget(utrace_process *process)
{
	struct kn_session *ks = kn_session_of(process);
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, &ks->children) {
		struct kn_child *child = UT__ENTRY(node, struct kn_child, node);

		if (child->process != process)
			continue;
		child->forget = true;
		if (!child->stopped && !child->died)
			continue;
		let_go(ks, child, true);
		drop(child);
	}
	return kn_children_pending(ks, process);
}

bool kn_shares_memory(utrace_process *process, pid_t child)
{
	struct kn_child *found = find_by_tid(kn_session_of(process), child);

	return found && (found->clone_flags & CLONE_VM);
}

void kn_write_child(utrace_process *process, pid_t child, uint64_t address, const void *expected, const void *bytes,
		    size_t size)
{
	struct kn_session *ks = kn_session_of(process);
	struct kn_child *found = find_by_tid(ks, child);
	unsigned char now[16];
	struct utrace_command command = {
		.cmd = UTRACE_CMD_MEM_READ, .addr = address, .data = (uintptr_t)now, .size = size};

	if (!found || size > sizeof(now))
		return;
	command.target = found->cookie;
	if (kn_run(ks, &command) || command.value != (int64_t)size || memcmp(now, expected, size) != 0)
		return;
	command = (struct utrace_command){.cmd = UTRACE_CMD_MEM_WRITE,
					  .target = found->cookie,
					  .addr = address,
					  .data = (uintptr_t)bytes,
					  .size = size};
	(void)kn_run(ks, &command);
}
