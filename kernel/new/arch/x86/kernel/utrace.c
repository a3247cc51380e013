// SPDX-License-Identifier: GPL-2.0-only
/*
 * utrace(2): single steps on x86.
 *
 * A debug exception of user mode asks the die chain before it makes a SIGTRAP of it. If a session
 * stepped, the trap is its and no signal is sent. Nothing may sleep here: the step is
 * marked, and told at the return to user mode.
 */
#include <linux/init.h>
#include <linux/kdebug.h>
#include <linux/notifier.h>
#include <linux/sched.h>
#include <linux/utrace.h>

#include <asm/debugreg.h>
#include <asm/ptrace.h>

static int utrace_die(struct notifier_block *nb, unsigned long action, void *data)
{
	struct die_args *args = data;
	unsigned long *dr6;

	if (action != DIE_DEBUG || !user_mode(args->regs))
		return NOTIFY_DONE;
	dr6 = (unsigned long *)args->err;
	if (!(*dr6 & DR_STEP) || !utrace_take_step())
		return NOTIFY_DONE;
	*dr6 &= ~DR_STEP;
	current->thread.virtual_dr6 &= ~DR_STEP;
	return NOTIFY_DONE;
}

static struct notifier_block utrace_die_block = {
	.notifier_call = utrace_die,
};

static int __init utrace_die_init(void)
{
	return register_die_notifier(&utrace_die_block);
}
arch_initcall(utrace_die_init);
