/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/ptrace/inject.c - running a system call of ours inside a tracee that then stands as it stood.
 *
 * In a syscall-enter-stop the call is swapped for ours and afterwards made once more from the same instruction.  In
 * every other stop the PC is put on a system call instruction that the tracee has somewhere (the vdso, the C
 * library): nothing is written to its text.  All signals are blocked meanwhile, so that no handler runs in between; a
 * stop signal, which can't be, is sent again afterwards.
 *
 * The thread ends in an interrupt stop, with its old registers.  That is inside the kernel's signal code, so the
 * decision whether an interrupted call is restarted is still to come and falls as it would have fallen.  Only a
 * thread that was to get a signal must get it anew: it is queued, and the thread runs to its signal-delivery-stop.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/instruction.h"
#include "backend/ptrace/ptrace.h"

enum { SIGSET_SIZE = 8 };

struct saved {
	enum pt_stop stop;
	struct ut__registers registers;
	uint64_t mask;
	siginfo_t info; /* with PT_STOP_SIGNAL */
	int signal;
	int again; /* a signal that came meanwhile and could not be blocked */
};

/* Goes on to the next stop. A stop signal on the way is kept for later. false: the thread has ended. */
static bool step_on(utrace_thread *thread, struct saved *saved, unsigned long request, enum pt_stop wanted)
{
	struct pt_thread *pt = pt_of(thread);
	int status;

	pt_restart(thread, request, 0);
	for (;;) {
		if (!pt_wait_stop(thread, &status))
			return false;
		if (pt->stop == wanted || (wanted == PT_STOP_EXIT && pt->stop == PT_STOP_ENTRY))
			return true;
		if (pt->stop == PT_STOP_EXITING) {
			pt->private_stops = false;
			pt_exit_event(thread);
			return false;
		}
		if (pt->stop == PT_STOP_SIGNAL)
			saved->again = pt->signal;
		pt_restart(thread, request, 0);
	}
}

static bool write_registers(utrace_thread *thread, const struct ut__registers *registers)
{
	return pt_regset_set(thread, UTRACE_REGSET_GENERAL, registers->set, registers->arch->general_size, NULL) == 0;
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

static bool read_result(utrace_thread *thread, int64_t *result)
{
	struct __ptrace_syscall_info info = {0};

	if (pt_request(PTRACE_GET_SYSCALL_INFO, pt_tid(thread), sizeof(info), &info) <= 0 ||
	    info.op != PTRACE_SYSCALL_INFO_EXIT)
		return false;
	*result = info.exit.rval;
	return true;
}

/* At a call's entry: ours instead, then the old one again, up to its entry. */
static bool swap_call(utrace_thread *thread, struct saved *saved, int64_t number, const uint64_t args[6],
		      int64_t *result)
{
	struct ut__registers registers = saved->registers;
	const struct ut__arch *arch = registers.arch;
	uint64_t pc = ut__arch_load(registers.set, arch->pc, arch->word);
	uint64_t old_number = ut__arch_load(registers.set, arch->call_number, arch->word);
	unsigned long again = saved->stop == PT_STOP_SECCOMP ? PTRACE_CONT : PTRACE_SYSCALL;

	store(&registers, arch->call_number, (uint64_t)number);
	set_arguments(&registers, ut__arch_call(arch, thread->call.entry.abi), args);
	if (!write_registers(thread, &registers) || !step_on(thread, saved, PTRACE_SYSCALL, PT_STOP_EXIT) ||
	    !read_result(thread, result))
		return false;
	registers = saved->registers;
	store(&registers, arch->pc, pc - arch->instruction_size);
	store(&registers, arch->call_result, old_number);
	return write_registers(thread, &registers) &&
	       step_on(thread, saved, again, saved->stop == PT_STOP_SECCOMP ? PT_STOP_SECCOMP : PT_STOP_EXIT);
}

/* Anywhere else: at an instruction of the tracee's, through entry and exit, into an interrupt stop. */
static bool place_call(utrace_thread *thread, struct saved *saved, uint64_t instruction, int64_t number,
		       const uint64_t args[6], int64_t *result)
{
	struct ut__registers registers = saved->registers;
	const struct ut__arch *arch = registers.arch;

	store(&registers, arch->pc, instruction);
	store(&registers, arch->call_result, (uint64_t)number);
	store(&registers, arch->call_number, (uint64_t)arch->no_call);
	set_arguments(&registers, &arch->native, args);
	if (!write_registers(thread, &registers) || !step_on(thread, saved, PTRACE_SYSCALL, PT_STOP_EXIT) ||
	    !step_on(thread, saved, PTRACE_SYSCALL, PT_STOP_EXIT) || !read_result(thread, result))
		return false;
	if (pt_request(PTRACE_INTERRUPT, pt_tid(thread), 0, NULL) < 0)
		return false;
	return step_on(thread, saved, PTRACE_CONT, PT_STOP_EVENT);
}

/* Brings the signal back that was to be delivered when we came. */
static bool redeliver(utrace_thread *thread, struct saved *saved)
{
	struct pt_thread *pt = pt_of(thread);
	int status;

	pt_queue_signal(thread, &saved->info);
	pt->queued_signal = 0;
	pt_restart(thread, PTRACE_CONT, 0);
	do {
		if (!pt_wait_stop(thread, &status))
			return false;
		if (pt->stop == PT_STOP_SIGNAL && pt->signal == saved->signal)
			break;
		pt_restart(thread, PTRACE_CONT, pt->stop == PT_STOP_SIGNAL ? pt->signal : 0);
	} while (true);
	(void)pt_request(PTRACE_SETSIGINFO, pt_tid(thread), 0, &saved->info);
	return true;
}

static bool put_back(utrace_thread *thread, struct saved *saved)
{
	bool alive = saved->stop == PT_STOP_ENTRY || saved->stop == PT_STOP_SECCOMP ||
		     write_registers(thread, &saved->registers);

	if (alive)
		alive = pt_request(PTRACE_SETSIGMASK, pt_tid(thread), SIGSET_SIZE, &saved->mask) == 0;
	if (alive && saved->stop == PT_STOP_SIGNAL && saved->signal)
		alive = redeliver(thread, saved);
	if (saved->again)
		(void)tgkill(thread->process->pid, pt_tid(thread), saved->again);
	return alive;
}

static bool save(utrace_thread *thread, struct saved *saved)
{
	struct pt_thread *pt = pt_of(thread);
	pid_t tid = pt_tid(thread);
	uint64_t all = ~UINT64_C(0);
	struct ut__registers *registers;

	ut__sink_flush_registers(thread);
	if (ut__sink_registers(thread, &registers, NULL))
		return false;
	saved->stop = pt->stop;
	saved->signal = pt->signal;
	saved->registers = *registers;
	if (saved->signal && pt_request(PTRACE_GETSIGINFO, tid, 0, &saved->info) < 0)
		return false;
	return pt_request(PTRACE_GETSIGMASK, tid, SIGSET_SIZE, &saved->mask) == 0 &&
	       pt_request(PTRACE_SETSIGMASK, tid, SIGSET_SIZE, &all) == 0;
}

/* The stop that an exec or a clone makes is inside the call; its exit comes first and is kept for the caller. */
static bool leave_call(utrace_thread *thread, struct saved *saved)
{
	struct pt_thread *pt = pt_of(thread);
	struct ut__registers *registers;

	if (saved->stop != PT_STOP_EXEC && saved->stop != PT_STOP_CREATE && saved->stop != PT_STOP_VFORK_DONE)
		return true;
	if (!step_on(thread, saved, PTRACE_SYSCALL, PT_STOP_EXIT))
		return false;
	thread->registers.arch = NULL;
	if (ut__sink_registers(thread, &registers, NULL) || !pt_describe_exit(thread, &pt->owed_exit))
		return false;
	saved->registers = *registers;
	saved->stop = PT_STOP_EXIT;
	pt->exit_owed = true;
	return true;
}

static bool run(utrace_thread *thread, uint64_t instruction, int64_t number, const uint64_t args[6], int64_t *result)
{
	struct saved saved = {0};
	bool at_entry;

	if (!save(thread, &saved) || !leave_call(thread, &saved))
		return false;
	at_entry = saved.stop == PT_STOP_ENTRY || saved.stop == PT_STOP_SECCOMP;
	if (at_entry ? !swap_call(thread, &saved, number, args, result)
		     : !place_call(thread, &saved, instruction, number, args, result))
		return false;
	return put_back(thread, &saved);
}

static int check_stop(utrace_thread *thread, struct utrace_error *error)
{
	enum pt_stop stop = pt_of(thread)->stop;

	if (stop != PT_STOP_EXITING && stop != PT_STOP_VFORK && stop != PT_STOP_NONE)
		return UTRACE_OK;
	return ut__fail(error, UTRACE_WRONG_STATE, 0, "Thread %d is held by %s, where it can run no system call.",
			pt_tid(thread), utrace_reason_name(thread->hold_reason));
}

static int fail_not_found(utrace_thread *thread, int error_number, struct utrace_error *error)
{
	if (error_number == EMFILE || error_number == ENFILE || error_number == ENOMEM)
		return pt_explain_denied(pt_tid(thread), error_number, error);
	return ut__fail(error, UTRACE_NOT_FOUND, 0, "Thread %d has no system call instruction in its memory.",
			pt_tid(thread));
}

int pt_inject(utrace_thread *thread, int64_t number, const uint64_t args[6], int64_t *result,
	      struct utrace_error *error)
{
	struct pt_thread *pt = pt_of(thread);
	enum pt_stop stop = pt->stop;
	struct ut__registers *registers;
	uint64_t instruction = 0;
	int status = check_stop(thread, error);
	bool done;

	if (!status)
		status = ut__sink_registers(thread, &registers, error);
	if (status)
		return status;
	if (stop != PT_STOP_ENTRY && stop != PT_STOP_SECCOMP) {
		errno = 0;
		instruction = ut__find_instruction(thread, registers->arch);
		if (!instruction)
			return fail_not_found(thread, errno, error);
	}
	pt_one_cpu_end(pt_session_of(thread->process));
	pt->private_stops = true;
	done = run(thread, instruction, number, args, result);
	pt->private_stops = false;
	thread->registers.arch = NULL;
	if (!done)
		return ut__fail_dead(error, pt_tid(thread));
	if (stop == PT_STOP_ENTRY || stop == PT_STOP_SECCOMP)
		pt->stop = stop;
	return UTRACE_OK;
}

int pt_signal_mask(utrace_thread *thread, uint64_t blocked, uint64_t *old, struct utrace_error *error)
{
	pid_t tid = pt_tid(thread);

	if (pt_request(PTRACE_GETSIGMASK, tid, SIGSET_SIZE, old) ||
	    pt_request(PTRACE_SETSIGMASK, tid, SIGSET_SIZE, &blocked))
		return ut__fail_dead(error, tid);
	return UTRACE_OK;
}
