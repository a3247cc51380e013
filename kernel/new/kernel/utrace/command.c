// SPDX-License-Identifier: GPL-2.0-only
/*
 * utrace(2): UTRACE_OP_SUBMIT.
 *
 * Each command is copied in, run for the thread or the threads that it names, and its result copied
 * out, before the next one is looked at. No lock is held between commands: each sees the
 * state of its target for itself.
 *
 * A command for all threads of a process goes by growing cookies. A thread that is made meanwhile
 * has a greater cookie than any so far, so it is met, or has caught up with its maker (clone.c).
 */
#include <linux/hrtimer.h>
#include <linux/ptrace.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "internal.h"

struct command {
	int (*run)(struct utrace_watch *watch, struct utrace_command *cmd);
	int (*run_session)(struct utrace_session *session, struct utrace_command *cmd);
	u32 flags;		/* that it may have */
	bool all;		/* for a process: run for each thread, not for one */
	bool edits;		/* not for observers */
};

static enum utrace_step step_of(u32 flags)
{
	if (!(flags & UTRACE_WITH_STEP))
		return UTRACE_NO_STEP;
	return flags & UTRACE_WITH_BLOCK ? UTRACE_BLOCK_STEP : UTRACE_STEP;
}

static int cmd_resume(struct utrace_watch *watch, struct utrace_command *cmd)
{
	struct utrace_task *ut = watch->task->utrace;
	bool thread = cmd->target == watch->cookie;
	int error = -ESTALE;

	if (cmd->flags == UTRACE_WITH_BLOCK)
		return -EINVAL;
	if (cmd->flags & UTRACE_WITH_BLOCK && !arch_has_block_step())
		return -EOPNOTSUPP;
	spin_lock(&ut->lock);
	if (watch->stop && (watch->stop == cmd->stop || (!thread && watch->stop < cmd->stop))) {
		watch->step = step_of(cmd->flags);
		watch->steps = ut->steps;
		utrace_let_go(watch);
		cmd->value++;
		error = 0;
	}
	spin_unlock(&ut->lock);
	return error;
}

static int cmd_stop(struct utrace_watch *watch, struct utrace_command *cmd)
{
	struct utrace_task *ut = watch->task->utrace;
	int error = 0;

	spin_lock(&ut->lock);
	if (!watch->watching)
		error = -ESRCH;
	else if (watch->stop)
		error = -EALREADY;
	else
		cmd->value = utrace_request_stop(watch, cmd->flags & UTRACE_WITH_INTERRUPT);
	spin_unlock(&ut->lock);
	return error;
}

static int cmd_detach(struct utrace_watch *watch, struct utrace_command *cmd)
{
	struct utrace_record rec;

	utrace_record_init(&rec, UTRACE_EV_DETACH);
	rec.detach.why = UTRACE_DETACH_ASKED;
	return utrace_unwatch(watch, &rec, NULL) ? 0 : -ESRCH;
}

static int cmd_kill(struct utrace_watch *watch, struct utrace_command *cmd)
{
	return send_sig(SIGKILL, watch->task, 1);
}

static int set_rules(struct utrace_watch *watch, struct utrace_rules *rules)
{
	struct utrace_task *ut = watch->task->utrace;
	struct utrace_rules *old;

	spin_lock(&ut->lock);
	if (!watch->watching) {
		spin_unlock(&ut->lock);
		return -ESRCH;
	}
	old = watch->rules;
	watch->rules = utrace_rules_get(rules);
	utrace_update(ut);
	spin_unlock(&ut->lock);
	utrace_rules_put(old);
	return 0;
}

static int cmd_set_policy(struct utrace_watch *watch, struct utrace_command *cmd)
{
	struct utrace_rules *rules = utrace_rules_copy(cmd->data, cmd->size);
	int error;

	if (IS_ERR(rules))
		return PTR_ERR(rules);
	error = set_rules(watch, rules);
	utrace_rules_put(rules);
	return error;
}

static int cmd_wake(struct utrace_session *session, struct utrace_command *cmd)
{
	spin_lock(&session->lock);
	session->woken = true;
	spin_unlock(&session->lock);
	wake_up_interruptible(&session->readers);
	return 0;
}

static const struct command commands[UTRACE_CMD_COUNT] = {
	[UTRACE_CMD_RESUME]	= {
		cmd_resume,
		.flags = UTRACE_WITH_STEP | UTRACE_WITH_BLOCK,
		.all = true,
	},
	[UTRACE_CMD_STOP]	= { cmd_stop, .flags = UTRACE_WITH_INTERRUPT, .all = true },
	[UTRACE_CMD_DETACH]	= { cmd_detach, .all = true },
	[UTRACE_CMD_KILL]	= { cmd_kill, .edits = true },
	[UTRACE_CMD_SET_POLICY]	= { cmd_set_policy, .all = true },
	[UTRACE_CMD_REGSET_GET]	= { utrace_regset },
	[UTRACE_CMD_REGSET_SET]	= { utrace_regset, .edits = true },
	[UTRACE_CMD_MEM_READ]	= { utrace_memory },
	[UTRACE_CMD_MEM_WRITE]	= { utrace_memory, .edits = true },
	[UTRACE_CMD_SET_CALL]	= { utrace_call, .edits = true },
	[UTRACE_CMD_SKIP]	= { utrace_call, .edits = true },
	[UTRACE_CMD_SET_RESULT]	= { utrace_call, .edits = true },
	[UTRACE_CMD_SIGNAL]	= {
		utrace_signal_command,
		.flags = UTRACE_WITH_DROP | UTRACE_WITH_REPLACE | UTRACE_WITH_INJECT,
		.edits = true,
	},
	[UTRACE_CMD_WATCHPOINT]	= {
		utrace_watchpoint,
		.flags = UTRACE_WITH_EXECUTE | UTRACE_WITH_WRITE | UTRACE_WITH_ACCESS,
		.edits = true,
	},
	[UTRACE_CMD_WAKE]		= { .run_session = cmd_wake },
	[UTRACE_CMD_SET_CAPTURE]	= { .run_session = utrace_set_capture },
	[UTRACE_CMD_SET_CONDITION]	= { .run_session = utrace_set_condition },
};

static int run_for(const struct command *command, struct utrace_watch *watch,
		   struct utrace_command *cmd)
{
	if (command->edits && watch->flags & UTRACE_ATTACH_OBSERVE)
		return -EPERM;
	/* It steers the task for everybody. */
	if (cmd->flags & UTRACE_WITH_STEP && watch->flags & UTRACE_ATTACH_OBSERVE)
		return -EPERM;
	return command->run(watch, cmd);
}

/* For one thread that lives or for all. Done if it was done for any. */
static int run_for_process(const struct command *command, struct utrace_session *session,
			   struct utrace_command *cmd)
{
	struct utrace_watch *watch;
	unsigned long cookie;
	int result = -ESRCH;

	xa_for_each(&session->watches, cookie, watch) {
		bool ours;

		watch = utrace_watch_find(session, cookie);
		if (!watch)
			continue;
		ours = watch->process->cookie == cmd->target;
		if (ours) {
			int error = run_for(command, watch, cmd);

			result = result && result != -ESRCH && error ? result : error;
		}
		utrace_watch_put(watch);
		if (ours && !command->all && result != -ESRCH)
			break;
		cond_resched();
	}
	return result;
}

static int run(struct utrace_session *session, struct utrace_command *cmd)
{
	const struct command *command;
	struct utrace_watch *watch;
	int error;

	if (cmd->cmd >= UTRACE_CMD_COUNT || cmd->reserved)
		return -EINVAL;
	command = &commands[array_index_nospec(cmd->cmd, UTRACE_CMD_COUNT)];
	if (cmd->flags & ~command->flags)
		return -EINVAL;
	if (command->run_session)
		return cmd->target ? -EINVAL : command->run_session(session, cmd);
	if (!command->run)
		return 0;
	if (command->run == cmd_resume)
		cmd->value = 0;
	watch = utrace_watch_find(session, cmd->target);
	if (!watch)
		return run_for_process(command, session, cmd);
	error = run_for(command, watch, cmd);
	utrace_watch_put(watch);
	return error;
}

static int put_result(struct utrace_command __user *user, const struct utrace_command *cmd,
		      int error)
{
	if (put_user(cmd->value, &user->value) || put_user((u32)-error, &user->error))
		return -EFAULT;
	return 0;
}

/* One command. Returns its error, or 1 if it could not be copied. */
static int run_user(struct utrace_session *session, void __user *user, u32 size, int before)
{
	struct utrace_command cmd;
	int error;

	error = copy_struct_from_user(&cmd, sizeof(cmd), user, size);
	if (error == -EFAULT)
		return 1;
	if (!error)
		error = before ?: run(session, &cmd);
	else
		cmd.value = 0;
	return put_result(user, &cmd, error) ? 1 : error;
}

static long run_all(struct utrace_session *session, const struct utrace_submit_args *args)
{
	void __user *user = u64_to_user_ptr(args->commands);
	int before = 0;
	u32 i;

	for (i = 0; i < args->count; i++) {
		int error;

		if (i && !before && signal_pending(current))
			before = -EINTR;
		error = run_user(session, user + (u64)i * args->command_size, args->command_size,
				 before);
		if (error == 1)
			return i ? (long)i : -EFAULT;
		if (error && args->flags & UTRACE_SUBMIT_LINK)
			before = before ?: -ECANCELED;
		cond_resched();
	}
	return args->count;
}

static bool take_wake(struct utrace_session *session)
{
	bool woken;

	spin_lock(&session->lock);
	woken = session->woken;
	session->woken = false;
	spin_unlock(&session->lock);
	return woken;
}

static int wait(struct utrace_session *session, s64 timeout)
{
	ktime_t limit = timeout < 0 ? KTIME_MAX : ns_to_ktime(timeout);
	int error;

	error = wait_event_interruptible_hrtimeout(session->readers,
						   utrace_ring_readable(session) ||
						   READ_ONCE(session->woken), limit);
	if (take_wake(session))
		return -ECANCELED;
	return error == -ERESTARTSYS ? -EINTR : error;
}

/**
 * utrace_submit - UTRACE_OP_SUBMIT
 * @session: the session
 * @args: in and out
 *
 * Returns how many commands were looked at, or an error.
 */
long utrace_submit(struct utrace_session *session, struct utrace_submit_args *args)
{
	long done = 0;

	if (args->flags & ~(UTRACE_SUBMIT_WAIT | UTRACE_SUBMIT_LINK) || args->timeout < -1)
		return -EINVAL;
	if (args->count > UTRACE_MAX_COMMANDS)
		return -EINVAL;
	if (args->count) {
		if (args->command_size < sizeof(struct utrace_command) ||
		    args->command_size > PAGE_SIZE)
			return -EINVAL;
		done = run_all(session, args);
	}
	args->wait_error = 0;
	if (done >= 0 && args->flags & UTRACE_SUBMIT_WAIT)
		args->wait_error = -wait(session, args->timeout);
	else
		utrace_ring_readable(session);
	return done;
}
