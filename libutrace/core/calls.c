/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/calls.c - the sink for system calls: what entry and exit of a thread's call mean and who is told.
 *
 * Invariants kept here:
 *  - thread->call describes the call that the thread is inside, from its entry to its exit;
 *  - the exit that is told has the entry's number and arguments, or is marked as unmatched;
 *  - a call made from a displaced copy of its instruction looks as if made from its own place.
 */
#include <errno.h>

#include "core/displaced.h"
#include "core/filter.h"
#include "core/state.h"
#include "core/trap.h"

/*
 * The call was made from a copy of its instruction: it goes on as if made from its own place. true: its entry is told
 * later, by the filter.
 */
static bool settle_call(utrace_thread *thread, struct utrace_event_syscall *call)
{
	struct ut__registers *registers;

	if (!ut__displaced_settle(thread) || ut__sink_registers(thread, &registers, NULL))
		return false;
	call->pc = ut__arch_load(registers->set, registers->arch->pc, registers->arch->word);
	thread->restart = (struct ut__due){.address = thread->displaced.address, .sp = thread->due.sp};
	thread->watches_call = true;
	return thread->process->filter_binds;
}

/* The call that the thread is inside of from now on. */
static void begin_call(utrace_thread *thread, const struct utrace_event_syscall *call)
{
	thread->call = (struct ut__call){.entry = *call, .inside = true, .refused = thread->call.refused};
	if (thread->call.refused) {
		thread->call.refused = false;
		thread->call.result_set = true;
		thread->call.result = -ENOSYS;
	}
	thread->call.told = ut__filter_wants(thread->process->filter, call->abi, call->number);
}

void ut__sink_syscall_entry(utrace_thread *thread, const struct utrace_event_syscall *made)
{
	struct utrace_event event = {.reason = UTRACE_EVENT_SYSCALL_ENTRY};
	struct utrace_event_syscall copy = *made;
	const struct utrace_event_syscall *call = &copy;

	thread->hold_signal.si_signo = 0;
	if (settle_call(thread, &copy)) {
		ut__state_run(thread);
		return;
	}
	begin_call(thread, call);
	event.u.syscall = *call;
	ut__state_decide(thread, &event, thread->call.told, false);
}

void ut__sink_recorded_entry(utrace_thread *thread, const struct utrace_event_syscall *call)
{
	struct utrace_event event = {.reason = UTRACE_EVENT_SYSCALL_ENTRY};

	begin_call(thread, call);
	event.u.syscall = *call;
	ut__state_record(thread, &event, thread->call.told);
}

void ut__sink_syscall_entered(utrace_thread *thread, const struct utrace_event_syscall *call)
{
	thread->call = (struct ut__call){.entry = *call, .inside = true};
	thread->call.told = ut__filter_wants(thread->process->filter, call->abi, call->number);
}

void ut__sink_syscall_refused(utrace_thread *thread)
{
	thread->call.refused = true;
}

void ut__sink_spawned(utrace_thread *thread)
{
	uint32_t abi = UTRACE_ABI_X86_64;
	int number = utrace_syscall_number(abi, "execve");

	thread->call = (struct ut__call){.inside = true, .unseen = true};
	thread->call.told = ut__filter_wants(thread->process->filter, abi, number);
}

/* A result that the caller wanted and the kernel, or another filter, has overwritten since. */
static void enforce_result(utrace_thread *thread, struct utrace_event_syscall *call)
{
	struct ut__registers *registers;

	if (!thread->call.result_set || call->result == thread->call.result)
		return;
	if (ut__sink_registers(thread, &registers, NULL))
		return;
	ut__arch_store(registers->set, registers->arch->call_result, registers->arch->word,
		       (uint64_t)thread->call.result);
	registers->dirty = true;
	ut__sink_flush_registers(thread);
	call->result = thread->call.result;
	call->is_error = call->result < 0 && call->result >= -4095;
}

/* The exit as it is told, with what its entry said. false: the filter does not want it. */
static bool end_call(utrace_thread *thread, const struct utrace_event_syscall *call, struct utrace_event *event)
{
	bool told = thread->call.told;

	event->u.syscall = *call;
	if (thread->call.unseen) {
		event->flags = UTRACE_EVENT_UNMATCHED;
	} else if (thread->call.inside) {
		event->u.syscall = thread->call.entry;
		event->u.syscall.result = call->result;
		event->u.syscall.is_error = call->is_error;
		event->u.syscall.pc = call->pc;
		event->u.syscall.sp = call->sp;
	} else {
		event->flags = UTRACE_EVENT_UNMATCHED;
		told = ut__filter_wants(thread->process->filter, call->abi, call->number);
	}
	return told;
}

void ut__sink_syscall_exit(utrace_thread *thread, const struct utrace_event_syscall *call)
{
	struct utrace_event event = {.reason = UTRACE_EVENT_SYSCALL_EXIT};
	bool told;

	thread->hold_signal.si_signo = 0;
	(void)ut__displaced_settle(thread);
	ut__trap_call_over(thread, call->result);
	thread->registers.arch = NULL;
	told = end_call(thread, call, &event);
	if (!(event.flags & UTRACE_EVENT_UNMATCHED))
		enforce_result(thread, &event.u.syscall);
	thread->call.inside = false;
	thread->call.unseen = false;
	ut__state_decide(thread, &event, told, false);
}

void ut__sink_recorded_exit(utrace_thread *thread, const struct utrace_event_syscall *call)
{
	struct utrace_event event = {.reason = UTRACE_EVENT_SYSCALL_EXIT};
	bool told = end_call(thread, call, &event);

	thread->call.inside = false;
	thread->call.unseen = false;
	ut__state_record(thread, &event, told);
}

static bool wants_calls(const utrace_process *process, uint64_t withheld)
{
	uint64_t calls = UTRACE_EVENT_BIT(UTRACE_EVENT_SYSCALL_ENTRY) | UTRACE_EVENT_BIT(UTRACE_EVENT_SYSCALL_EXIT);

	return ((process->masks.stop | process->masks.record) & calls & ~withheld) && !process->filter_binds;
}

bool ut__sink_wants_calls(const utrace_process *process)
{
	return wants_calls(process, 0);
}

bool ut__sink_wants_calls_of(const utrace_thread *thread)
{
	return wants_calls(thread->process, thread->withheld);
}

bool ut__sink_wants_exit(const utrace_thread *thread)
{
	const struct utrace_event_masks *masks = &thread->process->masks;
	bool masked_in = ut__mask_has((masks->stop | masks->record) & ~thread->withheld, UTRACE_EVENT_SYSCALL_EXIT);

	if (thread->watches_call)
		return true;
	return thread->call.inside && (thread->call.result_set || (thread->call.told && masked_in));
}
