// SPDX-License-Identifier: GPL-2.0-only
/*
 * utrace(2): watchpoints, which are perf's hardware breakpoints of one thread.
 *
 * They share the debug registers with ptrace and perf: there may be none left. Each is made and
 * removed with utrace_task->access held, while the thread is held for the session or after
 * the watch has ended.
 *
 * A hit comes from the debug exception, in whatever context the thread touched the memory; a copy
 * by a system call counts. It only marks the watch, and is told at the return to user mode.
 */
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "internal.h"

static void watchpoint_hit(struct perf_event *event, struct perf_sample_data *data,
			   struct pt_regs *regs)
{
	struct utrace_watch *watch = event->overflow_handler_context;
	unsigned int i;

	for (i = 0; i < UTRACE_WATCHPOINTS; i++)
		if (READ_ONCE(watch->points[i]) == event)
			set_bit(i, &watch->hits);
	set_thread_flag(TIF_NOTIFY_RESUME);
}

static int watchpoint_make(struct utrace_watch *watch, const struct utrace_command *cmd, u32 type)
{
	struct perf_event_attr attr;
	struct perf_event *event;

	hw_breakpoint_init(&attr);
	attr.bp_addr = cmd->addr;
	attr.bp_len = cmd->size;
	attr.bp_type = type;
	event = register_user_hw_breakpoint(&attr, watchpoint_hit, watch, watch->task);
	if (IS_ERR(event))
		return PTR_ERR(event);
	WRITE_ONCE(watch->points[cmd->value], event);
	return 0;
}

static void watchpoint_remove(struct utrace_watch *watch, unsigned int index)
{
	struct perf_event *event = watch->points[index];

	if (!event)
		return;
	unregister_hw_breakpoint(event);
	WRITE_ONCE(watch->points[index], NULL);
	clear_bit(index, &watch->hits);
}

static int type_of(u32 flags)
{
	switch (flags) {
	case 0:
		return HW_BREAKPOINT_EMPTY;
	case UTRACE_WITH_EXECUTE:
		return HW_BREAKPOINT_X;
	case UTRACE_WITH_WRITE:
		return HW_BREAKPOINT_W;
	case UTRACE_WITH_ACCESS:
		return HW_BREAKPOINT_RW;
	default:
		return -EINVAL;
	}
}

/* UTRACE_CMD_WATCHPOINT */
int utrace_watchpoint(struct utrace_watch *watch, struct utrace_command *cmd)
{
	int type = type_of(cmd->flags);
	int error;

	if (type < 0 || cmd->value < 0 || cmd->value >= UTRACE_WATCHPOINTS)
		return -EINVAL;
	/* perf lets the privileged watch the kernel. */
	if (cmd->addr >= TASK_SIZE_MAX || cmd->size > TASK_SIZE_MAX - cmd->addr)
		return -EINVAL;
	error = utrace_access_begin(watch, cmd->stop);
	if (error)
		return error;
	watchpoint_remove(watch, cmd->value);
	if (type != HW_BREAKPOINT_EMPTY)
		error = watchpoint_make(watch, cmd, type);
	utrace_access_end(watch);
	return error;
}

/**
 * utrace_watchpoints_clear - remove all watchpoints of a watch
 * @watch: has ended, or its task calls
 */
void utrace_watchpoints_clear(struct utrace_watch *watch)
{
	unsigned int i;

	mutex_lock(&watch->task->utrace->access);
	for (i = 0; i < UTRACE_WATCHPOINTS; i++)
		watchpoint_remove(watch, i);
	mutex_unlock(&watch->task->utrace->access);
}
