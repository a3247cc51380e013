/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/displaced.c - see displaced.h.
 *
 * A copy in a slot is executed by a single step, with the signals blocked that could come in between: a handler would return into
 * the slot.  Two kinds are not stepped: a repeated string instruction runs into a trap behind it, and a system call is caught at its
 * entry, where the kernel has the PC but has not used it yet; so neither a restart nor a new child ever sees the slot.
 *
 * A slot is used from ut__displaced_begin to ut__displaced_settle.  `due` says that the thread was told of the breakpoint at
 * this address and has not executed its instruction yet.
 */
#include "core/displaced.h"

#include <string.h>

#include "core/state.h"

static const struct ut__backend *ops_of(const utrace_thread *thread)
{
	return atomic_load(&thread->process->session)->ops;
}

static bool stack_read(void *context, uint64_t address, void *buffer, size_t size)
{
	utrace_thread *thread = context;

	return ops_of(thread)->read(thread->process, address, buffer, size, NULL) == (ssize_t)size;
}

static bool stack_write(void *context, uint64_t address, const void *buffer, size_t size)
{
	utrace_thread *thread = context;

	return ut__space_write(thread->process, address, buffer, size, NULL) == (ssize_t)size;
}

static struct ut__stack_access stack_of(utrace_thread *thread)
{
	return (struct ut__stack_access){.read = stack_read, .write = stack_write, .context = thread};
}

const struct ut__instruction *ut__displaced_instruction(utrace_thread *thread, struct ut__site *site,
							const struct ut__arch *arch)
{
	struct ut__instruction *instruction = &site->instruction;
	unsigned char code[UT__INSTRUCTION_MAX];
	ssize_t size = ops_of(thread)->read(thread->process, site->address, code, sizeof(code), NULL);

	if (size <= 0)
		return NULL;
	ut__space_mask(thread->process->space, site->address, code, (size_t)size);
	/* The program may have changed it since. */
	if (site->arch == arch && instruction->length && instruction->length <= size &&
	    memcmp(instruction->bytes, code, instruction->length) == 0)
		return instruction;
	site->arch = arch;
	if (!arch->decode(code, (size_t)size, instruction)) {
		/* Whatever it is, the processor will say what it thinks of it. */
		memset(instruction, 0, sizeof(*instruction));
		memcpy(instruction->bytes, code, (size_t)size);
		instruction->length = (uint8_t)(size < UT__INSTRUCTION_MAX ? size : UT__INSTRUCTION_MAX - 1);
		instruction->prefix_at = instruction->length;
		instruction->vector = 16;
		instruction->lock = true;
	}
	return instruction;
}

static void wait_for_slot(utrace_thread *thread, const struct ut__resume *how)
{
	thread->displaced.waiting_step = how->step;
	ut__list_append(&thread->process->space->scratch.waiting, &thread->displaced.waiting);
}

/* One that waits can go on now. */
static void serve_waiting(struct ut__space *space)
{
	struct ut__list *waiting = &space->scratch.waiting;
	utrace_thread *thread;
	struct ut__resume how = {0};

	if (ut__list_empty(waiting))
		return;
	thread = UT__ENTRY(waiting->next, utrace_thread, displaced.waiting);
	ut__list_remove(&thread->displaced.waiting);
	how.step = thread->displaced.waiting_step;
	ut__state_rerun(thread, &how);
}

static bool write_copy(utrace_thread *thread, uint64_t slot, const struct ut__copy *copy)
{
	return ops_of(thread)->write(thread->process, slot, copy->bytes, copy->size, NULL) == (ssize_t)copy->size;
}

/*
 * The last resort, where there is no room left for a copy, or the bytes are no instruction: the trap is out of memory for this one step,
 * and a thread that comes there meanwhile is not told.
 */
static enum ut__pass step_in_place(utrace_thread *thread, struct ut__site *site, bool is_call)
{
	struct ut__displaced *displaced = &thread->displaced;
	struct ut__resume step = {.step = !is_call, .quiet = !is_call, .calls = is_call};

	ut__space_expose(thread->process->space, site);
	displaced->active = true;
	displaced->in_place = true;
	displaced->address = site->address;
	displaced->slot = 0;
	ut__sink_flush_registers(thread);
	ops_of(thread)->resume(thread, &step);
	return UT__PASS_STARTED;
}

/* Makes the copy and lets the thread run into it. */
static enum ut__pass start(utrace_thread *thread, struct ut__site *site, struct ut__registers *registers,
			   const struct ut__resume *how, uint64_t slot)
{
	struct ut__displaced *displaced = &thread->displaced;
	const struct ut__instruction *instruction = &displaced->instruction;
	struct ut__registers before = *registers;
	bool is_call = instruction->kind == UT__INSTRUCTION_SYSCALL;
	struct ut__resume step = {.step = true, .quiet = true};

	if (!registers->arch->copy(instruction, thread->due.address, slot, registers->set, &displaced->copy) ||
	    !write_copy(thread, slot, &displaced->copy)) {
		*registers = before;
		ut__scratch_give(thread->process->space, slot);
		return step_in_place(thread, site, is_call);
	}
	registers->dirty = true;
	displaced->copy.traps &= !how->step;
	displaced->active = true;
	displaced->in_place = false;
	displaced->slot = slot;
	displaced->address = thread->due.address;
	if (is_call)
		step = (struct ut__resume){.calls = true};
	else if (displaced->copy.traps)
		step.step = false;
	ut__sink_flush_registers(thread);
	ops_of(thread)->resume(thread, &step);
	return UT__PASS_STARTED;
}

static enum ut__pass pass(utrace_thread *thread, struct ut__site *site, const struct ut__resume *how,
			  struct ut__registers *registers)
{
	const struct ut__instruction *instruction = ut__displaced_instruction(thread, site, registers->arch);
	struct ut__stack_access stack = stack_of(thread);
	uint64_t slot;

	if (!instruction)
		return UT__PASS_NONE;
	if (registers->arch->emulate(instruction, site->address, registers->set, &stack)) {
		registers->dirty = true;
		thread->due.valid = false;
		return UT__PASS_DONE;
	}
	/* A handler would return into the copy: the signal first, and the breakpoint is passed when the handler has returned to it. */
	if (how->signal)
		return UT__PASS_NONE;
	thread->displaced.instruction = *instruction;
	slot = ut__scratch_take(thread->process->space);
	if (slot)
		return start(thread, site, registers, how, slot);
	wait_for_slot(thread, how);
	return UT__PASS_STARTED;
}

enum ut__pass ut__displaced_begin(utrace_thread *thread, const struct ut__resume *how)
{
	struct ut__registers *registers;
	struct ut__site *site;

	if (!thread->due.valid || ut__sink_registers(thread, &registers, NULL))
		return UT__PASS_NONE;
	site = ut__space_find(thread->process->space, thread->due.address);
	if (!site || !site->inserted ||
	    ut__arch_load(registers->set, registers->arch->pc, registers->arch->word) != site->address) {
		thread->due.valid = thread->due.valid && how->signal;
		return UT__PASS_NONE;
	}
	return pass(thread, site, how, registers);
}

static void settle_in_place(utrace_thread *thread)
{
	struct ut__space *space = thread->process->space;
	struct ut__site *site = ut__space_find(space, thread->displaced.address);
	struct ut__registers *registers;

	if (site)
		(void)ut__space_insert(space, site, NULL);
	if (ut__sink_registers(thread, &registers, NULL) == UTRACE_OK)
		thread->due.valid = ut__arch_load(registers->set, registers->arch->pc, registers->arch->word) ==
				    thread->displaced.address;
}

bool ut__displaced_settle(utrace_thread *thread)
{
	struct ut__displaced *displaced = &thread->displaced;
	struct ut__stack_access stack = stack_of(thread);
	struct ut__registers *registers;

	if (!displaced->active)
		return false;
	displaced->active = false;
	if (displaced->in_place) {
		settle_in_place(thread);
		return true;
	}
	if (ut__sink_registers(thread, &registers, NULL) == UTRACE_OK) {
		thread->due.valid = !registers->arch->settle(&displaced->instruction, displaced->address,
							     displaced->slot, registers->set, &displaced->copy, &stack);
		registers->dirty = true;
		ut__sink_flush_registers(thread);
	}
	ut__scratch_give(thread->process->space, displaced->slot);
	serve_waiting(thread->process->space);
	return true;
}

void ut__displaced_forget(utrace_thread *thread)
{
	ut__list_remove(&thread->displaced.waiting);
	thread->due.valid = false;
	thread->restart.valid = false;
	thread->watches_call = false;
	if (!thread->displaced.active)
		return;
	thread->displaced.active = false;
	if (thread->displaced.in_place) {
		settle_in_place(thread);
		return;
	}
	ut__scratch_give(thread->process->space, thread->displaced.slot);
	serve_waiting(thread->process->space);
}

/* A fault of an instruction that was executed out of line says where that was; it shall say where it stands. */
void ut__displaced_correct(utrace_thread *thread, siginfo_t *info)
{
	const struct ut__displaced *displaced = &thread->displaced;
	uint64_t offset = (uint64_t)(uintptr_t)info->si_addr - displaced->slot;
	bool is_fault = info->si_signo == SIGILL || info->si_signo == SIGFPE || info->si_signo == SIGSEGV ||
			info->si_signo == SIGBUS || info->si_signo == SIGTRAP;

	if (!displaced->active || displaced->in_place || !is_fault || info->si_code <= 0 || offset >= UT__COPY_MAX)
		return;
	info->si_addr = (void *)(uintptr_t)(displaced->address + offset); // NOLINT(performance-no-int-to-ptr)
	thread->hold_signal = *info;
	thread->signal_corrected = true;
}
