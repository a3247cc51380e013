// SPDX-License-Identifier: GPL-2.0-only
/*
 * utrace(2): system calls of the current task.
 *
 * Runs only with SYSCALL_WORK_SYSCALL_UTRACE. What the call was before anybody changed it is kept
 * from entry to exit in the task's own utrace_task->call.
 */
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/ptrace.h>
#include <linux/sched/signal.h>

#include <asm/syscall.h>
#include <asm/utrace.h>

#include "internal.h"

static void read_call(struct utrace_rec_syscall *call, struct pt_regs *regs)
{
	unsigned long args[6];
	unsigned int i;

	memset(call, 0, sizeof(*call));
	call->arch = syscall_get_arch(current);
	call->abi = utrace_arch_call_abi(current, regs);
	call->nr = utrace_arch_call_nr(current, regs);
	syscall_get_arguments(current, regs, args);
	for (i = 0; i < ARRAY_SIZE(args); i++)
		call->args[i] = call->abi == UTRACE_CALL_COMPAT ? (u32)args[i] : args[i];
	call->ip = instruction_pointer(regs);
	call->sp = user_stack_pointer(regs);
}

bool __utrace_syscall_entry(struct pt_regs *regs)
{
	struct utrace_task *ut = current->utrace;
	struct utrace_record rec;

	read_call(&ut->call, regs);
	WRITE_ONCE(ut->in_call, true);
	utrace_record_init(&rec, UTRACE_EV_SYSCALL_ENTRY);
	rec.syscall = ut->call;
	if (!utrace_report(&rec))
		return false;
	return ut->skip || fatal_signal_pending(current);
}

static void read_result(struct utrace_rec_syscall *call, struct pt_regs *regs)
{
	long error = syscall_get_error(current, regs);
	long value = syscall_get_return_value(current, regs);

	call->is_error = error != 0;
	if (error)
		call->result = error;
	else
		call->result = call->abi == UTRACE_CALL_COMPAT ? (u32)value : value;
	call->ip = instruction_pointer(regs);
	call->sp = user_stack_pointer(regs);
}

void __utrace_syscall_exit(struct pt_regs *regs)
{
	struct utrace_task *ut = current->utrace;
	struct utrace_record rec;

	/* The way out of the clone in a new task is no exit of a call that it made. */
	if (ut->newborn)
		return;
	utrace_record_init(&rec, UTRACE_EV_SYSCALL_EXIT);
	if (READ_ONCE(ut->in_call)) {
		rec.syscall = ut->call;
	} else {
		read_call(&rec.syscall, regs);
		rec.flags |= UTRACE_REC_UNMATCHED;
	}
	WRITE_ONCE(ut->in_call, false);
	read_result(&rec.syscall, regs);
	utrace_report(&rec);
}
