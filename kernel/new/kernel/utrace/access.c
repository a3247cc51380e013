// SPDX-License-Identifier: GPL-2.0-only
/*
 * utrace(2): commands that read or change a task.
 *
 * Registers are used between utrace_access_begin() and _end(), which keep the task in its stop.
 * User memory, which may take any time to come in, is copied outside of that. Memory of the
 * task needs no stop.
 */
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/ptrace.h>
#include <linux/regset.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <asm/syscall.h>
#include <asm/utrace.h>

#include "internal.h"

/* No register set is greater. */
#define MAX_REGSET	(64U << 10)

/* As utrace_access_begin(), and the task stands at this kind of event. */
static int begin_at(struct utrace_watch *watch, u64 stop, enum utrace_ev place)
{
	int error = utrace_access_begin(watch, stop);

	if (!error && watch->task->utrace->place != place) {
		utrace_access_end(watch);
		error = -EOPNOTSUPP;
	}
	return error;
}

static const struct user_regset *find_regset(struct task_struct *task, u64 type)
{
	const struct user_regset_view *view = task_user_regset_view(task);
	unsigned int i;

	for (i = 0; i < view->n; i++)
		if (view->regsets[i].core_note_type == type && view->regsets[i].regset_get)
			return &view->regsets[i];
	return NULL;
}

static int regset_read(struct utrace_watch *watch, struct utrace_command *cmd, void *buf)
{
	const struct user_regset *regset;
	int n = utrace_access_begin(watch, cmd->stop);

	if (n)
		return n;
	regset = find_regset(watch->task, cmd->addr);
	n = regset ? regset_get(watch->task, regset, cmd->size, buf) : -ENODEV;
	utrace_access_end(watch);
	return n;
}

static int regset_write(struct utrace_watch *watch, struct utrace_command *cmd, const void *buf)
{
	const struct user_regset *regset;
	int error = utrace_access_begin(watch, cmd->stop);

	if (error)
		return error;
	regset = find_regset(watch->task, cmd->addr);
	if (!regset || !regset->set)
		error = -ENODEV;
	else if (cmd->size > regset->n * regset->size || cmd->size % regset->size)
		error = -EINVAL;
	else
		error = regset->set(watch->task, regset, 0, cmd->size, buf, NULL);
	utrace_access_end(watch);
	return error;
}

/* UTRACE_CMD_REGSET_GET, UTRACE_CMD_REGSET_SET */
int utrace_regset(struct utrace_watch *watch, struct utrace_command *cmd)
{
	void __user *data = u64_to_user_ptr(cmd->data);
	bool write = cmd->cmd == UTRACE_CMD_REGSET_SET;
	void *buf;
	int n;

	if (!cmd->size || (write && cmd->size > MAX_REGSET))
		return -EINVAL;
	cmd->size = min_t(u64, cmd->size, MAX_REGSET);
	buf = kvzalloc(cmd->size, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	if (write) {
		n = copy_from_user(buf, data, cmd->size) ? -EFAULT : regset_write(watch, cmd, buf);
	} else {
		n = regset_read(watch, cmd, buf);
		if (n >= 0) {
			cmd->value = n;
			n = copy_to_user(data, buf, n) ? -EFAULT : 0;
		}
	}
	kvfree(buf);
	return n;
}

/* The memory of a task, if the session may touch it. */
static struct mm_struct *get_mm(struct utrace_watch *watch)
{
	const struct cred *old = override_creds(watch->session->cred);
	struct mm_struct *mm = mm_access(watch->task, PTRACE_MODE_READ_REALCREDS);

	revert_creds(old);
	if (!mm)
		return ERR_PTR(-ESRCH);
	return mm == ERR_PTR(-EACCES) ? ERR_PTR(-EPERM) : mm;
}

/* Up to a page. Returns the bytes that were moved, or -EFAULT at user memory. */
static int move(struct mm_struct *mm, u64 addr, void __user *data, void *buf, int n, bool write)
{
	int done;

	if (write) {
		if (copy_from_user(buf, data, n))
			return -EFAULT;
		return access_remote_vm(mm, addr, buf, n, FOLL_FORCE | FOLL_WRITE);
	}
	done = access_remote_vm(mm, addr, buf, n, FOLL_FORCE);
	return copy_to_user(data, buf, done) ? -EFAULT : done;
}

static int move_all(struct mm_struct *mm, struct utrace_command *cmd, void *buf)
{
	void __user *data = u64_to_user_ptr(cmd->data);
	bool write = cmd->cmd == UTRACE_CMD_MEM_WRITE;
	u64 done = 0;

	cmd->value = 0;
	while (done < cmd->size) {
		int want = min_t(u64, cmd->size - done, PAGE_SIZE);
		int n = move(mm, cmd->addr + done, data + done, buf, want, write);

		if (n < 0)
			return n;
		done += n;
		cmd->value = done;
		if (n < want)
			break;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return done || !cmd->size ? 0 : -EFAULT;
}

/* UTRACE_CMD_MEM_READ, UTRACE_CMD_MEM_WRITE */
int utrace_memory(struct utrace_watch *watch, struct utrace_command *cmd)
{
	struct mm_struct *mm;
	void *buf;
	int error;

	if (cmd->size > UTRACE_MAX_DATA)
		return -EINVAL;
	mm = get_mm(watch);
	if (IS_ERR(mm))
		return PTR_ERR(mm);
	buf = (void *)__get_free_page(GFP_KERNEL);
	error = buf ? move_all(mm, cmd, buf) : -ENOMEM;
	free_page((unsigned long)buf);
	mmput(mm);
	return error;
}

static int set_call(struct utrace_watch *watch, struct utrace_command *cmd)
{
	struct utrace_call call;
	int error;

	error = copy_struct_from_user(&call, sizeof(call), u64_to_user_ptr(cmd->data), cmd->size);
	if (error)
		return error;
	error = begin_at(watch, cmd->stop, UTRACE_EV_SYSCALL_ENTRY);
	if (error)
		return error;
	utrace_arch_set_call(watch->task, task_pt_regs(watch->task), &call);
	utrace_access_end(watch);
	return 0;
}

static int set_result(struct utrace_watch *watch, struct utrace_command *cmd, bool skip)
{
	struct task_struct *task = watch->task;
	int error;

	error = begin_at(watch, cmd->stop, skip ? UTRACE_EV_SYSCALL_ENTRY : UTRACE_EV_SYSCALL_EXIT);
	if (error)
		return error;
	syscall_set_return_value(task, task_pt_regs(task), 0, cmd->value);
	if (skip)
		task->utrace->skip = true;
	utrace_access_end(watch);
	return 0;
}

/* UTRACE_CMD_SET_CALL, UTRACE_CMD_SKIP, UTRACE_CMD_SET_RESULT */
int utrace_call(struct utrace_watch *watch, struct utrace_command *cmd)
{
	switch (cmd->cmd) {
	case UTRACE_CMD_SET_CALL:
		return cmd->size > PAGE_SIZE ? -E2BIG : set_call(watch, cmd);
	case UTRACE_CMD_SKIP:
		return set_result(watch, cmd, true);
	default:
		return set_result(watch, cmd, false);
	}
}

static int read_siginfo(kernel_siginfo_t *info, const struct utrace_command *cmd)
{
	int error;

	if (cmd->size != UTRACE_SIGINFO_SIZE)
		return -EINVAL;
	error = copy_siginfo_from_user(info, u64_to_user_ptr(cmd->data));
	if (error)
		return error;
	if (!info->si_signo || !valid_signal(info->si_signo) || info->si_signo == SIGKILL)
		return -EINVAL;
	return 0;
}

static int set_verdict(struct utrace_watch *watch, u64 stop, enum utrace_verdict verdict,
		       const kernel_siginfo_t *info)
{
	int error = begin_at(watch, stop, UTRACE_EV_SIGNAL);

	if (error)
		return error;
	watch->task->utrace->verdict = verdict;
	if (info)
		copy_siginfo(&watch->task->utrace->info, info);
	utrace_access_end(watch);
	return 0;
}

static int inject(struct utrace_watch *watch, u64 stop, kernel_siginfo_t *info)
{
	int error = set_verdict(watch, stop, UTRACE_INJECT, info);

	if (error != -EOPNOTSUPP)
		return error;
	error = utrace_access_begin(watch, stop);
	if (error)
		return error;
	error = send_sig_info(info->si_signo, info, watch->task);
	utrace_access_end(watch);
	return error;
}

/* UTRACE_CMD_SIGNAL */
int utrace_signal_command(struct utrace_watch *watch, struct utrace_command *cmd)
{
	kernel_siginfo_t info;
	int error;

	if (cmd->flags == UTRACE_WITH_DROP || !cmd->flags)
		return set_verdict(watch, cmd->stop, cmd->flags ? UTRACE_DROP : UTRACE_DELIVER,
				   NULL);
	error = read_siginfo(&info, cmd);
	if (error)
		return error;
	if (cmd->flags == UTRACE_WITH_REPLACE)
		return set_verdict(watch, cmd->stop, UTRACE_REPLACE, &info);
	if (cmd->flags == UTRACE_WITH_INJECT)
		return inject(watch, cmd->stop, &info);
	return -EINVAL;
}
