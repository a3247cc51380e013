/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/trap.c - see trap.h.
 *
 * A thread is told of a breakpoint once each time that it comes there.  It may execute the trap again before the instruction is done (a
 * signal's handler returned to it, a system call is restarted): thread->due and thread->restart know, by the stack
 * pointer, that this is the same arrival.
 */
#include "core/trap.h"

#include <stdlib.h>

#include "core/breakpoint.h"
#include "core/function.h"
#include "core/state.h"
#include "core/step.h"
#include "util/array.h"

void ut__trap_clear_hits(utrace_thread *thread)
{
	for (size_t i = 0; i < thread->hit_count; i++)
		utrace_breakpoint_unref(thread->hits[i]);
	thread->hit_count = 0;
	thread->condition_failed = false;
}

static bool add_hit(utrace_thread *thread, utrace_breakpoint *breakpoint)
{
	if (!ut__grow(&thread->hits, &thread->hit_room, thread->hit_count, sizeof(*thread->hits)))
		return false;
	thread->hits[thread->hit_count++] = utrace_breakpoint_ref(breakpoint);
	return true;
}

/* The condition may look at the thread as if it were held. */
static bool condition_holds(utrace_breakpoint *breakpoint, utrace_thread *thread)
{
	utrace_session *session = atomic_load(&thread->process->session);
	bool holds;

	if (breakpoint->steps) {
		enum ut__verdict verdict = ut__condition_evaluate(breakpoint->steps, thread);

		thread->condition_failed |= verdict == UT__CONDITION_FAILED;
		if (verdict != UT__CONDITION_TRUE)
			return verdict == UT__CONDITION_FAILED;
	}
	if (!breakpoint->condition)
		return true;
	session->in_condition = true;
	thread->examined = true;
	holds = breakpoint->condition(breakpoint, thread, atomic_load(&breakpoint->data)) != 0;
	thread->examined = false;
	session->in_condition = false;
	return holds;
}

static bool counts(utrace_breakpoint *breakpoint, utrace_thread *thread, uint64_t sp)
{
	if (thread->errand && thread->errand->pass_breakpoints && !breakpoint->internal)
		return false;
	if (!breakpoint->enabled || (breakpoint->thread && breakpoint->thread != thread) ||
	    (breakpoint->frame && sp <= breakpoint->frame) || !condition_holds(breakpoint, thread))
		return false;
	if (breakpoint->internal) {
		thread->step.back = thread->step.away == breakpoint;
		return false;
	}
	atomic_fetch_add(&breakpoint->hits, 1);
	if (!breakpoint->ignore)
		return true;
	breakpoint->ignore--;
	return false;
}

/* The first of a site's that was not asked about this hit yet; a condition may have changed the list. */
static utrace_breakpoint *next_unasked(const struct ut__site *site, uint64_t number)
{
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, &site->breakpoints) {
		utrace_breakpoint *breakpoint = UT__ENTRY(node, utrace_breakpoint, in_list);

		if (breakpoint->examined != number)
			return breakpoint;
	}
	return NULL;
}

/* Asks everybody; true if somebody wants to be told. */
static bool ask_all(utrace_thread *thread, struct ut__site *site, uint64_t sp)
{
	uint64_t number = ++thread->process->space->asked;
	utrace_breakpoint *breakpoint;

	ut__trap_clear_hits(thread);
	while ((breakpoint = next_unasked(site, number)) != NULL) {
		utrace_breakpoint_ref(breakpoint);
		breakpoint->examined = number;
		if (counts(breakpoint, thread, sp) && add_hit(thread, breakpoint) && breakpoint->temporary)
			ut__breakpoint_drop(breakpoint);
		utrace_breakpoint_unref(breakpoint);
	}
	return thread->hit_count > 0;
}

static void describe(const utrace_thread *thread, uint64_t address, struct utrace_event *event)
{
	event->reason = UTRACE_EVENT_BREAKPOINT;
	event->u.breakpoint.breakpoint = thread->hits[0];
	event->u.breakpoint.address = address;
	event->u.breakpoint.count = (uint32_t)thread->hit_count;
	if (thread->condition_failed)
		event->flags |= UTRACE_EVENT_CONDITION_FAILED;
}

/* The thread stands at the site for the first time, or again. */
static bool arrive(utrace_thread *thread, struct ut__site *site, const struct ut__registers *registers)
{
	uint64_t sp = ut__arch_load(registers->set, registers->arch->sp, registers->arch->word);
	bool again = thread->due.valid && thread->due.address == site->address && thread->due.sp == sp;
	bool restarted = thread->restart.valid && thread->restart.address == site->address && thread->restart.sp == sp;

	thread->restart.valid = false;
	thread->due = (struct ut__due){.valid = true, .address = site->address, .sp = sp};
	return !again && !restarted && ask_all(thread, site, sp);
}

bool ut__trap_arrived(utrace_thread *thread, struct utrace_event *event)
{
	struct ut__registers *registers;
	struct ut__site *site;

	if (!thread->process->space->count || ut__sink_registers(thread, &registers, NULL))
		return false;
	site = ut__space_find(thread->process->space,
			      ut__arch_load(registers->set, registers->arch->pc, registers->arch->word));
	if (!site || !site->inserted || !arrive(thread, site, registers))
		return false;
	describe(thread, site->address, event);
	return true;
}

static bool owns_slot(const utrace_breakpoint *breakpoint, uint32_t slots)
{
	for (unsigned int i = 0; i < UT__DEBUG_SLOTS; i++) {
		if ((slots >> i & 1) && breakpoint->process->debug[i].owner == breakpoint)
			return true;
	}
	return false;
}

static utrace_breakpoint *next_unasked_watch(const utrace_process *process, uint32_t slots, uint64_t number)
{
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, &process->watches) {
		utrace_breakpoint *breakpoint = UT__ENTRY(node, utrace_breakpoint, in_list);

		if (breakpoint->examined != number && owns_slot(breakpoint, slots))
			return breakpoint;
	}
	return NULL;
}

/* The same as ask_all for the owners of these slots. */
static bool ask_watches(utrace_thread *thread, uint32_t slots, uint64_t sp)
{
	uint64_t number = ++thread->process->space->asked;
	utrace_breakpoint *breakpoint;

	ut__trap_clear_hits(thread);
	while ((breakpoint = next_unasked_watch(thread->process, slots, number)) != NULL) {
		utrace_breakpoint_ref(breakpoint);
		breakpoint->examined = number;
		if (counts(breakpoint, thread, sp) && add_hit(thread, breakpoint) && breakpoint->temporary)
			ut__breakpoint_drop(breakpoint);
		utrace_breakpoint_unref(breakpoint);
	}
	return thread->hit_count > 0;
}

bool ut__sink_watched(utrace_thread *thread, uint32_t slots, bool stepped)
{
	bool displaced = ut__displaced_settle(thread);
	struct utrace_event event = {0};
	struct ut__registers *registers;

	if (ut__sink_registers(thread, &registers, NULL) ||
	    !ask_watches(thread, slots, ut__arch_load(registers->set, registers->arch->sp, registers->arch->word))) {
		/* A step of the caller's is told as such. */
		if (stepped && (!displaced || thread->stepping))
			return false;
		ut__state_go_on(thread);
		return true;
	}
	describe(thread, thread->hits[0]->address, &event);
	if (thread->hits[0]->kind != UTRACE_BREAKPOINT_HARDWARE)
		event.reason = UTRACE_EVENT_WATCHPOINT;
	ut__state_hold(thread, &event);
	return true;
}

/* The site whose trap the thread has just executed, NULL if it was none of ours. */
static struct ut__site *trapped_at(utrace_thread *thread, struct ut__registers **registers)
{
	struct ut__space *space = thread->process->space;
	struct ut__site *site;
	uint64_t pc;

	if (!space->count || ut__sink_registers(thread, registers, NULL))
		return NULL;
	pc = ut__arch_load((*registers)->set, (*registers)->arch->pc, (*registers)->arch->word);
	site = ut__space_find(space, pc - (*registers)->arch->trap_size);
	/* One that was taken out meanwhile; what is there now is the program's own. */
	if (site && !site->inserted && ut__space_has_trap(space, site))
		return NULL;
	return site;
}

static void rewind_pc(const struct ut__site *site, struct ut__registers *registers)
{
	ut__arch_store(registers->set, registers->arch->pc, registers->arch->word, site->address);
	registers->dirty = true;
}

bool ut__sink_trap(utrace_thread *thread)
{
	bool behind_copy = thread->displaced.active && !thread->displaced.in_place && thread->displaced.copy.traps;
	struct utrace_event event = {0};
	struct ut__registers *registers;
	struct ut__site *site;
	enum ut__step_back back;
	bool told;

	if (ut__displaced_settle(thread)) {
		/* Else it was the copy of a trap instruction of the program's own. */
		if (behind_copy)
			ut__state_go_on(thread);
		return behind_copy;
	}
	site = trapped_at(thread, &registers);
	if (!site)
		return false;
	rewind_pc(site, registers);
	told = site->inserted && arrive(thread, site, registers);
	back = ut__step_back(thread);
	if (!told && back != UT__STEP_BACK_OUTSIDE) {
		ut__state_go_on(thread);
		return true;
	}
	event.reason = UTRACE_EVENT_STEPPED;
	if (told)
		describe(thread, site->address, &event);
	ut__state_hold(thread, &event);
	return true;
}

bool ut__sink_owes_trap(utrace_thread *thread)
{
	struct ut__registers *registers;

	return trapped_at(thread, &registers) != NULL;
}

bool ut__sink_has_traps(const utrace_process *process)
{
	return process->space->count > 0;
}

bool ut__sink_undo_trap(utrace_thread *thread)
{
	struct ut__registers *registers;
	struct ut__site *site = trapped_at(thread, &registers);

	if (!site)
		return false;
	rewind_pc(site, registers);
	ut__sink_flush_registers(thread);
	return true;
}

void ut__trap_call_over(utrace_thread *thread, int64_t result)
{
	enum { RESTART_FIRST = -516, RESTART_LAST = -512 }; /* ERESTART*, include/linux/errno.h of the kernel */

	if (thread->watches_call)
		thread->restart.valid = result >= RESTART_FIRST && result <= RESTART_LAST;
	thread->watches_call = false;
}
