/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/kernel/spawn.c - starting a program as a tracee: the session attaches to the child while it waits, and the
 * stop that execve causes is where the caller gets it.
 */
#include <errno.h>

#include "backend/child.h"
#include "backend/denied.h"
#include "backend/kernel/kernel.h"

/* Lets the child run, unseen, to its exec stop. */
static bool run_to_exec(utrace_thread *thread)
{
	struct kn_thread *kt = kn_of(thread);
	const struct utrace_record *stop;

	kt->private_stops = true;
	while ((stop = kn_next_stop(thread)) != NULL && stop->event != UTRACE_EV_EXEC)
		kn_run_on(thread, false);
	kt->private_stops = false;
	return stop != NULL;
}

/* On success *thread is a reference. */
static int run(utrace_process *process, const struct ut__child *child, pid_t pid, utrace_thread **thread,
	       struct utrace_error *error)
{
	struct kn_key key = {.set = true, .kill = process->end_policy == UTRACE_END_KILL};
	int status = kn_attach_pid(process, pid, &key, false);

	if (status) {
		ut__child_kill(pid);
		return ut__explain_denied(pid, -status, error);
	}
	*thread = utrace_thread_ref(UT__ENTRY(process->threads.next, utrace_thread, in_process));
	if (ut__child_go(child) && run_to_exec(*thread))
		return UTRACE_OK;
	status = ut__child_explain(child, error);
	/* Its end is still to be read, and it to be reaped. */
	while (!atomic_load(&process->gone) &&
	       kn_pump(atomic_load(&process->session), UINT64_MAX, NULL) != UTRACE_SYSTEM)
		;
	utrace_thread_unref(*thread);
	return status;
}

int kn_spawn(utrace_process *process, const struct ut__spawn *spawn, struct utrace_error *error)
{
	struct ut__child child = {.spawn = spawn};
	utrace_thread *thread = NULL;
	pid_t pid;
	int status = ut__child_start(&child, &pid, error);

	if (status)
		return status;
	process->pid = pid;
	process->filter_place = process->filter ? UTRACE_FILTER_IN_KERNEL : UTRACE_FILTER_ABSENT;
	kn_process_of(process)->spawned = true;
	status = run(process, &child, pid, &thread, error);
	ut__child_end(&child);
	if (status)
		return status;
	ut__sink_spawned(thread);
	ut__sink_exec(thread, process->pid, process->pid);
	utrace_thread_unref(thread);
	return UTRACE_OK;
}
