/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/ptrace/step.c - what a single step would leave behind in the tracee, and must not.
 *
 * The kernel forces the step's SIGTRAP: where it is blocked, that would unblock it and reset its handler for good
 * (kernel/signal.c, force_sig_info_to_task).  So a blocked SIGTRAP is opened for the one step and closed at the next stop,
 * unless the instruction has set the mask itself.  An instruction that stores the flags stores the trap flag too; and
 * after a popf the kernel takes its own trap flag for the tracee's (arch/x86/kernel/step.c, enable_single_step).
 */
#include <signal.h>

#include "backend/ptrace/ptrace.h"

enum { SIGSET_SIZE = 8 };

static const uint64_t trap_bit = UINT64_C(1) << (SIGTRAP - 1);

/* What an instruction can raise by itself; blocked, it would be fatal. (kernel/signal.c, SYNCHRONOUS_MASK) */
static uint64_t own_signals(void)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGSYS};
	uint64_t mask = 0;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		mask |= UINT64_C(1) << (signals[i] - 1);
	return mask;
}

static void change_mask(struct pt_thread *pt, bool quiet)
{
	pid_t tid = pt_tid(pt->thread);
	uint64_t mask = 0;

	if (pt_request(PTRACE_GETSIGMASK, tid, SIGSET_SIZE, &mask) < 0)
		return;
	pt->saved_mask = mask;
	pt->step_mask = (quiet ? mask | ~own_signals() : mask) & ~trap_bit;
	if (pt->step_mask != mask)
		pt->mask_changed = pt_request(PTRACE_SETSIGMASK, tid, SIGSET_SIZE, &pt->step_mask) == 0;
}

void pt_quieten(utrace_thread *thread)
{
	change_mask(pt_of(thread), true);
}

/* The kernel never gives back SIGKILL and SIGSTOP as blocked. */
static void restore_mask(struct pt_thread *pt)
{
	static const uint64_t never = UINT64_C(1) << (SIGKILL - 1) | UINT64_C(1) << (SIGSTOP - 1);
	pid_t tid = pt_tid(pt->thread);
	uint64_t mask = 0;

	if (!pt->mask_changed)
		return;
	pt->mask_changed = false;
	if (pt_request(PTRACE_GETSIGMASK, tid, SIGSET_SIZE, &mask) == 0 && mask == (pt->step_mask & ~never))
		(void)pt_request(PTRACE_SETSIGMASK, tid, SIGSET_SIZE, &pt->saved_mask);
}

/* Takes the trap flag out of what the tracee's instruction stored on the stack. */
static void clean_stored_flags(utrace_thread *thread)
{
	struct ut__registers *registers;
	uint64_t sp;
	uint16_t flags;

	if (ut__sink_registers(thread, &registers, NULL))
		return;
	sp = ut__arch_load(registers->set, registers->arch->sp, registers->arch->word);
	if (pt_read(thread->process, sp, &flags, sizeof(flags), NULL) != sizeof(flags))
		return;
	flags &= (uint16_t)~registers->arch->trap_flag;
	(void)pt_write(thread->process, sp, &flags, sizeof(flags), NULL);
}

/* Takes the trap flag out of the tracee's own flags, where neither it nor its instruction has set it. */
static void clean_own_flags(utrace_thread *thread)
{
	struct ut__registers *registers;
	const struct ut__arch *arch;
	uint64_t flags;

	if (ut__sink_registers(thread, &registers, NULL))
		return;
	arch = registers->arch;
	flags = ut__arch_load(registers->set, arch->flags, arch->word);
	if (!(flags & arch->trap_flag))
		return;
	ut__arch_store(registers->set, arch->flags, arch->word, flags & ~(uint64_t)arch->trap_flag);
	registers->dirty = true;
	ut__sink_flush_registers(thread);
}

/* Where the instruction to come is, if the tracee has not set the trap flag itself. */
static void look_ahead(utrace_thread *thread)
{
	struct pt_thread *pt = pt_of(thread);
	struct ut__registers *registers;
	const struct ut__arch *arch;

	if (ut__sink_registers(thread, &registers, NULL))
		return;
	arch = registers->arch;
	if (!arch->trap_flag || (ut__arch_load(registers->set, arch->flags, arch->word) & arch->trap_flag))
		return;
	pt->looks_back = true;
	pt->step_pc = ut__arch_load(registers->set, arch->pc, arch->word);
	pt->step_sp = ut__arch_load(registers->set, arch->sp, arch->word);
}

/* The opcode of the instruction that was stepped; it is read only where the registers look as if it were one of three. */
static unsigned char stepped_opcode(utrace_thread *thread, const struct ut__arch *arch)
{
	unsigned char code[2] = {0};

	(void)pt_read(thread->process, pt_of(thread)->step_pc, code, sizeof(code), NULL);
	return code[0] == arch->short_prefix ? code[1] : code[0];
}

/* Takes the trap flag out where the step has left it: in stored flags, and in the tracee's own, unless it has just loaded them. */
static void look_back(utrace_thread *thread)
{
	struct pt_thread *pt = pt_of(thread);
	struct ut__registers *registers;
	const struct ut__arch *arch;
	uint64_t pushed;
	unsigned char opcode;

	if (ut__sink_registers(thread, &registers, NULL))
		return;
	arch = registers->arch;
	pushed = pt->step_sp - ut__arch_load(registers->set, arch->sp, arch->word);
	if ((pushed == arch->word || pushed == 2) && pt->stop == PT_STOP_SIGNAL && pt->signal == SIGTRAP &&
	    stepped_opcode(thread, arch) == arch->push_flags)
		clean_stored_flags(thread);
	if (!(ut__arch_load(registers->set, arch->flags, arch->word) & arch->trap_flag))
		return;
	opcode = stepped_opcode(thread, arch);
	if (opcode != arch->pop_flags && opcode != arch->interrupt_return)
		clean_own_flags(thread);
}

void pt_step_prepare(utrace_thread *thread, bool quiet)
{
	struct pt_thread *pt = pt_of(thread);

	look_ahead(thread);
	change_mask(pt, quiet);
}

void pt_step_over(utrace_thread *thread)
{
	struct pt_thread *pt = pt_of(thread);

	restore_mask(pt);
	if (pt->looks_back)
		look_back(thread);
	pt->looks_back = false;
}
