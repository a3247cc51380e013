/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/kernel/inject.c - running a system call of ours inside a tracee that then stands as it stood.
 *
 * At a call's entry the call is swapped for ours and afterwards made once more from the same instruction.  In every
 * other stop the PC is put on a system call instruction that the tracee has somewhere, and the thread is left in the
 * exit of our call with its old registers: nothing has run since.  Signals that come in meanwhile are dropped and sent
 * anew when it is resumed; so is one that was about to be delivered, and with it comes what the kernel does with the
 * call that it interrupted.
 */
#include <errno.h>

#include "backend/denied.h"
#include "backend/instruction.h"
#include "backend/kernel/kernel.h"

/* Goes on to the next stop of this kind. false: the thread has ended, or is about to. */
static bool run_to(utrace_thread *thread, uint32_t event, struct utrace_record *record)
{
	struct kn_thread *kt = kn_of(thread);
	const struct utrace_record *stop;

	kn_policy_sync(thread, true);
	kn_run_on(thread, false);
	while ((stop = kn_next_stop(thread)) != NULL) {
		*record = *stop;
		if (stop->event == event)
			return true;
		if (stop->event == UTRACE_EV_EXIT) {
			kt->private_stops = false;
			kn_stopped(thread, record);
			return false;
		}
		if (stop->event == UTRACE_EV_SIGNAL)
			kn_defer_signal(thread);
		kn_run_on(thread, false);
	}
	return false;
}

static bool write_registers(utrace_thread *thread, const struct ut__registers *registers)
{
	return kn_regset_set(thread, UTRACE_REGSET_GENERAL, registers->set, registers->arch->general_size, NULL) == 0;
}

static void store(struct ut__registers *registers, uint16_t offset, uint64_t value)
{
	ut__arch_store(registers->set, offset, registers->arch->word, value);
}

static void set_arguments(struct ut__registers *registers, const struct ut__arch_call *layout, const uint64_t args[6])
{
	for (int i = 0; i < 6; i++)
		store(registers, layout->args[i], args[i]);
}

/* At a call's entry: ours instead, then the old one again, up to its entry. */
static bool swap_call(utrace_thread *thread, const struct ut__registers *saved, int64_t number, const uint64_t args[6],
		      int64_t *result)
{
	struct ut__registers registers = *saved;
	const struct ut__arch *arch = registers.arch;
	uint64_t pc = ut__arch_load(registers.set, arch->pc, arch->word);
	uint64_t old_number = ut__arch_load(registers.set, arch->call_number, arch->word);
	struct utrace_record record;

	store(&registers, arch->call_number, (uint64_t)number);
	set_arguments(&registers, ut__arch_call(arch, thread->call.entry.abi), args);
	if (!write_registers(thread, &registers) || !run_to(thread, UTRACE_EV_SYSCALL_EXIT, &record))
		return false;
	*result = record.syscall.result;
	registers = *saved;
	store(&registers, arch->pc, pc - arch->instruction_size);
	store(&registers, arch->call_result, old_number);
	return write_registers(thread, &registers) && run_to(thread, UTRACE_EV_SYSCALL_ENTRY, &record);
}

/* Anywhere else: at an instruction of the tracee's, to our call's exit. */
static bool place_call(utrace_thread *thread, const struct ut__registers *saved, uint64_t instruction, int64_t number,
		       const uint64_t args[6], int64_t *result)
{
	struct ut__registers registers = *saved;
	const struct ut__arch *arch = registers.arch;
	struct utrace_record record;

	store(&registers, arch->pc, instruction);
	store(&registers, arch->call_result, (uint64_t)number);
	store(&registers, arch->call_number, (uint64_t)arch->no_call);
	set_arguments(&registers, &arch->native, args);
	if (!write_registers(thread, &registers) || !run_to(thread, UTRACE_EV_SYSCALL_ENTRY, &record) ||
	    !run_to(thread, UTRACE_EV_SYSCALL_EXIT, &record))
		return false;
	*result = record.syscall.result;
	return write_registers(thread, saved);
}

/* A stop inside a call: its exit comes first and is kept for the caller. */
static bool leave_call(utrace_thread *thread, uint32_t place, struct ut__registers *saved)
{
	struct kn_thread *kt = kn_of(thread);
	struct ut__registers *registers;
	struct utrace_record exit;

	if (place != UTRACE_EV_EXEC && place != UTRACE_EV_CLONE && place != UTRACE_EV_VFORK_DONE)
		return true;
	if (!run_to(thread, UTRACE_EV_SYSCALL_EXIT, &exit) || ut__sink_registers(thread, &registers, NULL))
		return false;
	*saved = *registers;
	kt->owed = exit;
	kt->owes = true;
	return true;
}

/* A signal that was about to be delivered is taken away for now. */
static void take_signal(utrace_thread *thread, uint32_t place, bool *taken)
{
	*taken = place == UTRACE_EV_SIGNAL && kn_of(thread)->signal;
	if (place == UTRACE_EV_SIGNAL)
		kn_drop_signal(thread);
}

/* Whether the registers are those of a call that a stop has interrupted: ERESTART*, include/linux/errno.h of the kernel. */
static bool is_interrupted(const struct ut__registers *registers)
{
	enum { RESTART_FIRST = -516, RESTART_LAST = -512 };
	const struct ut__arch *arch = registers->arch;
	int64_t number = (int64_t)ut__arch_load(registers->set, arch->call_number, arch->word);
	int64_t result = (int64_t)ut__arch_load(registers->set, arch->call_result, arch->word);

	if (arch->word == 4) {
		number = (int32_t)number;
		result = (int32_t)result;
	}
	return number != -1 && result >= RESTART_FIRST && result <= RESTART_LAST;
}

void kn_restart_call(utrace_thread *thread)
{
	enum { RESTART_BLOCK = -516 };
	struct ut__registers *registers;
	const struct ut__arch *arch;
	uint64_t number;

	if (ut__sink_registers(thread, &registers, NULL) || !is_interrupted(registers))
		return;
	arch = registers->arch;
	number = ut__arch_load(registers->set, arch->call_number, arch->word);
	if ((int32_t)ut__arch_load(registers->set, arch->call_result, arch->word) == RESTART_BLOCK)
		number = (uint64_t)arch->restart_call;
	store(registers, arch->call_result, number);
	store(registers, arch->pc, ut__arch_load(registers->set, arch->pc, arch->word) - arch->instruction_size);
	registers->dirty = true;
	ut__sink_flush_registers(thread);
}

static bool run(utrace_thread *thread, uint64_t instruction, int64_t number, const uint64_t args[6], int64_t *result)
{
	struct kn_thread *kt = kn_of(thread);
	uint32_t place = kt->place;
	siginfo_t info = kt->info;
	bool taken = kt->virtual_signal;
	struct ut__registers saved;
	struct ut__registers *registers;

	ut__sink_flush_registers(thread);
	if (ut__sink_registers(thread, &registers, NULL))
		return false;
	saved = *registers;
	if (place == UTRACE_EV_SYSCALL_ENTRY)
		return swap_call(thread, &saved, number, args, result);
	if (!taken)
		take_signal(thread, place, &taken);
	if (!leave_call(thread, place, &saved) || !place_call(thread, &saved, instruction, number, args, result))
		return false;
	kt->info = info;
	kt->virtual_signal = taken;
	kt->restart_owed = is_interrupted(&saved);
	return true;
}

/* A thread that is killed leaves its stop before its memory is gone. */
static int fail_not_found(utrace_thread *thread, int error_number, struct utrace_error *error)
{
	struct ut__registers *registers;

	if (error_number && error_number != ENOENT)
		return ut__explain_denied(kn_tid(thread), error_number, error);
	thread->registers.arch = NULL;
	if (ut__sink_registers(thread, &registers, NULL))
		return ut__fail_dead(error, kn_tid(thread));
	return ut__fail(error, UTRACE_NOT_FOUND, 0, "Thread %d has no system call instruction in its memory.",
			kn_tid(thread));
}

static int check_place(utrace_thread *thread, struct utrace_error *error)
{
	const struct kn_thread *kt = kn_of(thread);
	bool in_vfork = kt->place == UTRACE_EV_CLONE && thread->hold_reason == UTRACE_EVENT_CREATE && kt->vfork;

	if (kt->stop && !in_vfork && kt->place != UTRACE_EV_EXIT && kt->place != UTRACE_EV_JOB_STOP)
		return UTRACE_OK;
	return ut__fail(error, UTRACE_WRONG_STATE, 0, "Thread %d is held by %s, where it can run no system call.",
			kn_tid(thread), utrace_reason_name(thread->hold_reason));
}

int kn_inject(utrace_thread *thread, int64_t number, const uint64_t args[6], int64_t *result,
	      struct utrace_error *error)
{
	struct kn_thread *kt = kn_of(thread);
	struct ut__registers *registers;
	uint64_t instruction = 0;
	int status = check_place(thread, error);
	bool done;

	ut__sink_flush_registers(thread);
	if (!status)
		status = ut__sink_registers(thread, &registers, error);
	if (status)
		return status;
	if (kt->place != UTRACE_EV_SYSCALL_ENTRY) {
		errno = 0;
		instruction = ut__find_instruction(thread, registers->arch);
		if (!instruction)
			return fail_not_found(thread, errno, error);
	}
	kt->private_stops = true;
	done = run(thread, instruction, number, args, result);
	kt->private_stops = false;
	thread->registers.arch = NULL;
	return done ? UTRACE_OK : ut__fail_dead(error, kn_tid(thread));
}
