/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/watch.c - see watch.h.
 *
 * A watchpoint of any place and length becomes naturally aligned pieces, a slot each.  A slot belongs to one breakpoint; it is free
 * while its owner is NULL.
 */
#include "core/watch.h"

#include <stdio.h>
#include <string.h>

#include "util/clock.h"

enum { PATIENCE_NS = 200000000 };

struct piece {
	uint64_t address;
	uint8_t length;
};

/* Splits into naturally aligned powers of two; how many. */
static size_t split(const utrace_breakpoint *breakpoint, struct piece *pieces)
{
	uint64_t address = breakpoint->address;
	uint64_t left = breakpoint->length;
	size_t count = 0;

	if (breakpoint->kind == UTRACE_BREAKPOINT_HARDWARE) {
		pieces[0] = (struct piece){address, 1};
		return 1;
	}
	while (left) {
		uint8_t size = 8;

		while (size > left || address % size)
			size /= 2;
		pieces[count++] = (struct piece){address, size};
		address += size;
		left -= size;
	}
	return count;
}

static size_t count_free(const utrace_process *process)
{
	size_t count = 0;

	for (size_t i = 0; i < UT__DEBUG_SLOTS; i++)
		count += process->debug[i].owner == NULL;
	return count;
}

static int fail_full(const utrace_process *process, size_t needed, size_t available, struct utrace_error *error)
{
	char list[160] = "";
	size_t length = 0;

	for (size_t i = 0; i < UT__DEBUG_SLOTS && length < sizeof(list); i++) {
		if (process->debug[i].owner)
			length += (size_t)snprintf(list + length, sizeof(list) - length, "%s0x%llx", length ? ", " : "",
						   (unsigned long long)process->debug[i].slot.address);
	}
	return ut__fail(error, UTRACE_BUSY, 0,
			"This needs %zu of the processor's %d debug registers, and %zu are free in process %d; in use "
			"for %s.",
			needed, UT__DEBUG_SLOTS, available, process->pid, length ? list : "nothing");
}

static uint8_t slot_kind(const utrace_breakpoint *breakpoint)
{
	switch (breakpoint->kind) {
	case UTRACE_BREAKPOINT_HARDWARE:
		return UT__DEBUG_EXECUTE;
	case UTRACE_WATCH_WRITE:
		return UT__DEBUG_WRITE;
	default:
		return UT__DEBUG_ACCESS;
	}
}

static int take_slots(utrace_breakpoint *breakpoint, struct utrace_error *error)
{
	utrace_process *process = breakpoint->process;
	struct piece pieces[16];
	size_t count = split(breakpoint, pieces);
	size_t available = count_free(process);
	size_t next = 0;

	if (count > available)
		return fail_full(process, count, available, error);
	for (size_t i = 0; i < UT__DEBUG_SLOTS && next < count; i++) {
		if (process->debug[i].owner)
			continue;
		process->debug[i].owner = breakpoint;
		process->debug[i].slot = (struct ut__debug_slot){
			.address = pieces[next].address, .length = pieces[next].length, .kind = slot_kind(breakpoint)};
		next++;
	}
	return UTRACE_OK;
}

static void free_slots(const utrace_breakpoint *breakpoint)
{
	utrace_process *process = breakpoint->process;

	for (size_t i = 0; i < UT__DEBUG_SLOTS; i++) {
		if (process->debug[i].owner == breakpoint)
			memset(&process->debug[i], 0, sizeof(process->debug[i]));
	}
}

static int give(utrace_thread *thread, struct utrace_error *error)
{
	const utrace_process *process = thread->process;
	struct ut__debug_slot slots[UT__DEBUG_SLOTS];

	for (size_t i = 0; i < UT__DEBUG_SLOTS; i++)
		slots[i] = process->debug[i].slot;
	thread->debug_version = process->debug_version;
	return atomic_load(&process->session)->ops->debug_set(thread, slots, error);
}

void ut__watch_sync(utrace_thread *thread)
{
	struct utrace_error error;
	int status;

	if (thread->debug_version == thread->process->debug_version)
		return;
	status = give(thread, &error);
	if (status && status != UTRACE_DEAD)
		thread->process->debug_error = error;
}

/* Held threads get the set now; the others stop for it. How many are still to come. */
static size_t ask_threads(utrace_process *process)
{
	const struct ut__backend *ops = atomic_load(&process->session)->ops;
	struct ut__list *node;
	struct ut__list *safe;
	size_t asked = 0;

	UT__LIST_EACH (node, safe, &process->threads) {
		utrace_thread *thread = UT__ENTRY(node, utrace_thread, in_process);
		uint32_t strength = thread->stop_strength;

		if (thread->debug_version == process->debug_version)
			continue;
		if (atomic_load(&thread->state) == UT__THREAD_HELD) {
			ut__watch_sync(thread);
		} else if (atomic_load(&thread->state) == UT__THREAD_RUNNING) {
			thread->stop_strength = UTRACE_STOP_NOW;
			asked += ops->stop(thread, NULL) == UTRACE_OK;
			thread->stop_strength = thread->stop_request ? UTRACE_STOP_NOW : strength;
		}
	}
	return asked;
}

static bool all_have_it(const utrace_process *process)
{
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, &process->threads) {
		const utrace_thread *thread = UT__ENTRY(node, utrace_thread, in_process);

		if (thread->debug_version != process->debug_version &&
		    atomic_load(&thread->state) == UT__THREAD_RUNNING)
			return false;
	}
	return true;
}

/*
 * Waits until every running thread has stopped for its new set.  One that does not is in the kernel and will not see user
 * mode again without having stopped.
 */
static int spread(utrace_process *process, struct utrace_error *error)
{
	utrace_session *session = atomic_load(&process->session);
	uint64_t deadline = ut__clock_now() + PATIENCE_NS;

	process->debug_version++;
	process->debug_error.status = UTRACE_OK;
	if (ask_threads(process) && !session->in_condition) {
		while (!atomic_load(&process->gone) && !all_have_it(process) && ut__clock_now() < deadline) {
			int status = session->ops->pump(session, deadline, NULL);

			if (status && status != UTRACE_INTERRUPTED)
				break;
		}
	}
	if (atomic_load(&process->gone))
		return ut__fail_dead(error, process->pid);
	if (process->debug_error.status && error)
		*error = process->debug_error;
	return process->debug_error.status;
}

int ut__watch_enable(utrace_breakpoint *breakpoint, struct utrace_error *error)
{
	int status = take_slots(breakpoint, error);

	if (status)
		return status;
	status = spread(breakpoint->process, error);
	if (!status)
		return UTRACE_OK;
	free_slots(breakpoint);
	if (status != UTRACE_DEAD)
		(void)spread(breakpoint->process, NULL);
	return status;
}

void ut__watch_disable(utrace_breakpoint *breakpoint)
{
	utrace_process *process = breakpoint->process;

	free_slots(breakpoint);
	/* One that hits meanwhile finds no owner and is swallowed, so nobody needs to be stopped. */
	process->debug_version++;
}

void ut__watch_forget(utrace_process *process)
{
	memset(process->debug, 0, sizeof(process->debug));
	while (!ut__list_empty(&process->watches))
		ut__breakpoint_kill(UT__ENTRY(process->watches.next, utrace_breakpoint, in_list));
	if (process->debug_version)
		process->debug_version++;
}

void ut__watch_clean(utrace_process *process)
{
	if (!process->debug_version)
		return;
	memset(process->debug, 0, sizeof(process->debug));
	process->debug_version++;
}

void ut__watch_inherit(const utrace_process *parent, utrace_process *child)
{
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, &parent->watches) {
		const utrace_breakpoint *breakpoint = UT__ENTRY(node, utrace_breakpoint, in_list);
		utrace_breakpoint *copy;

		if (!breakpoint->inherited || breakpoint->thread)
			continue;
		copy = ut__breakpoint_copy(breakpoint, child);
		if (!copy)
			return;
		ut__list_append(&child->watches, &copy->in_list);
		if (copy->enabled && take_slots(copy, NULL) == UTRACE_OK)
			child->debug_version = 1;
	}
}
