/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/flags.c - see flags.h. (arch/x86/kernel/step.c, enable_single_step)
 */
#include "backend/flags.h"

#include "backend/sink.h"

static const struct ut__backend *ops_of(const utrace_thread *thread)
{
	return atomic_load(&thread->process->session)->ops;
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
	if (ops_of(thread)->read(thread->process, sp, &flags, sizeof(flags), NULL) != sizeof(flags))
		return;
	flags &= (uint16_t)~registers->arch->trap_flag;
	(void)ops_of(thread)->write(thread->process, sp, &flags, sizeof(flags), NULL);
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
void ut__flags_before(utrace_thread *thread, struct ut__step_flags *step)
{
	struct ut__registers *registers;
	const struct ut__arch *arch;

	if (ut__sink_registers(thread, &registers, NULL))
		return;
	arch = registers->arch;
	if (!arch->trap_flag || (ut__arch_load(registers->set, arch->flags, arch->word) & arch->trap_flag))
		return;
	step->looks_back = true;
	step->pc = ut__arch_load(registers->set, arch->pc, arch->word);
	step->sp = ut__arch_load(registers->set, arch->sp, arch->word);
}

/* The opcode of the instruction that was stepped; it is read only where the registers look as if it were one of three. */
static unsigned char stepped_opcode(utrace_thread *thread, const struct ut__step_flags *step,
				    const struct ut__arch *arch)
{
	unsigned char code[2] = {0};

	(void)ops_of(thread)->read(thread->process, step->pc, code, sizeof(code), NULL);
	return code[0] == arch->short_prefix ? code[1] : code[0];
}

/* Takes the trap flag out where the step has left it: in stored flags, and in the tracee's own, unless it has just loaded them. */
static void look_back(utrace_thread *thread, const struct ut__step_flags *step, bool stepped)
{
	struct ut__registers *registers;
	const struct ut__arch *arch;
	uint64_t pushed;
	unsigned char opcode;

	if (ut__sink_registers(thread, &registers, NULL))
		return;
	arch = registers->arch;
	pushed = step->sp - ut__arch_load(registers->set, arch->sp, arch->word);
	if ((pushed == arch->word || pushed == 2) && stepped && stepped_opcode(thread, step, arch) == arch->push_flags)
		clean_stored_flags(thread);
	if (!(ut__arch_load(registers->set, arch->flags, arch->word) & arch->trap_flag))
		return;
	opcode = stepped_opcode(thread, step, arch);
	if (opcode != arch->pop_flags && opcode != arch->interrupt_return)
		clean_own_flags(thread);
}

void ut__flags_after(utrace_thread *thread, struct ut__step_flags *step, bool stepped)
{
	if (step->looks_back)
		look_back(thread, step, stepped);
	step->looks_back = false;
}
