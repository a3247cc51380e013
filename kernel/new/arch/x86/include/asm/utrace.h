/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What utrace(2) asks of an architecture, beyond <asm/syscall.h>, regsets and single step:
 *
 *	UTRACE_ARCH_AUDIT	AUDIT_ARCH_* of the native ABI
 *	UTRACE_ARCH_ABIS	bits of enum utrace_call_abi
 *	utrace_arch_call_abi()	by which ABI the call at hand was made
 *	utrace_arch_call_nr()	its number in that ABI
 *	utrace_arch_set_call()	makes another call of the same ABI of it, before it is made
 *
 * And that its debug exceptions ask utrace_take_step().
 */
#ifndef _ASM_X86_UTRACE_H
#define _ASM_X86_UTRACE_H

#include <linux/bits.h>
#include <linux/sched.h>
#include <uapi/linux/audit.h>
#include <uapi/linux/utrace.h>

#include <asm/ptrace.h>
#include <asm/syscall.h>
#include <asm/unistd.h>

#define UTRACE_ARCH_AUDIT	AUDIT_ARCH_X86_64
#define UTRACE_ARCH_ABIS \
	(BIT(UTRACE_CALL_NATIVE) | \
	 (IS_ENABLED(CONFIG_IA32_EMULATION) ? BIT(UTRACE_CALL_COMPAT) : 0) | \
	 (IS_ENABLED(CONFIG_X86_X32_ABI) ? BIT(UTRACE_CALL_X32) : 0))

static inline enum utrace_call_abi utrace_arch_call_abi(struct task_struct *task,
							struct pt_regs *regs)
{
	int nr = syscall_get_nr(task, regs);

	if (syscall_get_arch(task) == AUDIT_ARCH_I386)
		return UTRACE_CALL_COMPAT;
	if (IS_ENABLED(CONFIG_X86_X32_ABI) && nr >= 0 && nr & __X32_SYSCALL_BIT)
		return UTRACE_CALL_X32;
	return UTRACE_CALL_NATIVE;
}

static inline long utrace_arch_call_nr(struct task_struct *task, struct pt_regs *regs)
{
	int nr = syscall_get_nr(task, regs);

	if (utrace_arch_call_abi(task, regs) == UTRACE_CALL_X32)
		nr &= ~__X32_SYSCALL_BIT;
	return nr;
}

static inline void utrace_arch_set_call(struct task_struct *task, struct pt_regs *regs,
					const struct utrace_call *call)
{
	enum utrace_call_abi abi = utrace_arch_call_abi(task, regs);

	if (abi == UTRACE_CALL_COMPAT) {
		regs->bx = (u32)call->args[0];
		regs->cx = (u32)call->args[1];
		regs->dx = (u32)call->args[2];
		regs->si = (u32)call->args[3];
		regs->di = (u32)call->args[4];
		regs->bp = (u32)call->args[5];
	} else {
		regs->di = call->args[0];
		regs->si = call->args[1];
		regs->dx = call->args[2];
		regs->r10 = call->args[3];
		regs->r8 = call->args[4];
		regs->r9 = call->args[5];
	}
	regs->orig_ax = abi == UTRACE_CALL_X32 && (int)call->nr >= 0 ?
			(int)call->nr | __X32_SYSCALL_BIT : (int)call->nr;
}

#endif /* _ASM_X86_UTRACE_H */
