/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/ptrace/spawn.c - starting a program as a tracee: the child is seized while it waits, and the stop that
 * execve causes is where the caller gets it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/child.h"
#include "backend/ptrace/ptrace.h"
#include "core/filter.h"

/* Lets the child run, unseen, to its exec stop. */
static int run_to_exec(utrace_thread *thread)
{
	struct pt_thread *pt = pt_of(thread);
	int status;

	pt->private_stops = true;
	for (;;) {
		if (!pt_wait_stop(thread, &status))
			return -1;
		if (pt->stop == PT_STOP_EXEC)
			break;
		if (pt->stop == PT_STOP_EVENT && pt->group_signal)
			pt_restart(thread, PTRACE_LISTEN, 0);
		else
			pt_restart(thread, PTRACE_CONT, pt->signal);
	}
	pt->private_stops = false;
	return 0;
}

/* Where the filter goes, and why not into the kernel. */
static const char *filter_obstacle(const utrace_process *process)
{
	const utrace_session *session = atomic_load(&process->session);

	if (process->end_policy != UTRACE_END_KILL)
		return "The process may outlive its tracer (UTRACE_END_LET_RUN), and a filter in the kernel can't be "
		       "removed: "
		       "its calls would then fail with ENOSYS.";
	if (session->options.no_follow)
		return "Children are not followed, but would inherit a filter in the kernel: their calls would fail "
		       "with ENOSYS.";
	if (!pt_may_filter_freely() && !process->filter->allow_no_new_privs)
		return "A filter in the kernel needs CAP_SYS_ADMIN or no_new_privs (utrace_filter_allow_no_new_privs).";
	return NULL;
}

static void place_filter(utrace_process *process, struct ut__child *child)
{
	const char *obstacle;

	if (!process->filter)
		return;
	obstacle = filter_obstacle(process);
	if (!obstacle && pt_seccomp_compile(process->filter, &child->filter))
		obstacle = "No memory for the filter's program.";
	if (obstacle) {
		(void)strncpy(process->filter_reason, obstacle, sizeof(process->filter_reason) - 1);
		return;
	}
	child->no_new_privs = !pt_may_filter_freely();
	process->filter_place = UTRACE_FILTER_IN_KERNEL;
	process->filter_binds = true;
}

static int seize_child(utrace_process *process, pid_t pid, utrace_thread **thread, struct utrace_error *error)
{
	uint64_t options = pt_wanted_options(process);
	long status;

	process->pid = pid;
	*thread = ut__sink_thread(process, pid);
	if (!*thread) {
		ut__child_kill(pid);
		return ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for a thread's handle.");
	}
	pt_process_known(process);
	status = pt_request(PTRACE_SEIZE, pid, 0, (void *)options);
	if (status < 0) {
		int result = pt_explain_denied(pid, (int)-status, error);

		ut__child_kill(pid);
		ut__sink_thread_exit(*thread, UTRACE_EXIT_GROUP, 0);
		return result;
	}
	pt_of(*thread)->options = options;
	ut__sink_running(*thread);
	return UTRACE_OK;
}

static int run(utrace_process *process, const struct ut__child *child, pid_t pid, utrace_thread **thread,
	       struct utrace_error *error)
{
	int status = seize_child(process, pid, thread, error);

	if (status)
		return status;
	utrace_thread_ref(*thread);
	if (ut__child_go(child) && run_to_exec(*thread) == 0)
		return UTRACE_OK;
	utrace_thread_unref(*thread);
	return ut__child_explain(child, error);
}

int pt_spawn(utrace_process *process, const struct ut__spawn *spawn, struct utrace_error *error)
{
	struct ut__child child = {.spawn = spawn};
	utrace_thread *thread = NULL;
	pid_t pid;
	int status;

	pt_one_cpu_end(pt_session_of(process));
	place_filter(process, &child);
	status = ut__child_start(&child, &pid, error);
	if (!status) {
		status = run(process, &child, pid, &thread, error);
		ut__child_end(&child);
	}
	free(child.filter.filter);
	if (status)
		return status;
	ut__sink_spawned(thread);
	ut__sink_exec(thread, process->pid, process->pid);
	utrace_thread_unref(thread);
	return UTRACE_OK;
}
