/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/leave.c - see leave.h.
 *
 * Memory of one's own is cleaned for good.  Memory that is shared with a process that stays is lifted clean: a vfork child that is let go
 * would die of a trap; the traps come back when the parent says that the child has given the memory back.
 */
#include "core/leave.h"

#include "core/displaced.h"
#include "core/watch.h"

/* The vfork child that was let go has given the memory back. */
void ut__leave_child_left(utrace_process *process)
{
	if (!process->lifted_for_child)
		return;
	process->lifted_for_child = false;
	ut__space_restore(process->space);
}

void ut__sink_unfollowed(utrace_session *session, utrace_process *process, pid_t child)
{
	struct ut__space *space = process->space;

	if (!space->count)
		return;
	/* A process that was let go meanwhile has no session any more; its copy in the child has its traps all the same. */
	if (!session->ops->shares_memory(process, child)) {
		ut__space_clean_child(session, process, child);
		return;
	}
	if (!process->lifted_for_child)
		ut__space_lift(space);
	process->lifted_for_child = true;
}

static utrace_process *other_dweller(const utrace_process *process)
{
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, &process->space->processes) {
		if (UT__ENTRY(node, utrace_process, in_space) != process)
			return UT__ENTRY(node, utrace_process, in_space);
	}
	return NULL;
}

void ut__leave_memory(utrace_process *process)
{
	utrace_process *other = other_dweller(process);

	ut__watch_clean(process);
	if (!other) {
		ut__space_clean(process);
		return;
	}
	/* It shares the memory: the traps stay out until a vfork child has given it back. */
	if (!other->lifted_for_child)
		ut__space_lift(process->space);
	other->lifted_for_child = true;
}

void ut__sink_leaving(utrace_thread *thread)
{
	(void)ut__displaced_settle(thread);
	ut__watch_sync(thread);
}
