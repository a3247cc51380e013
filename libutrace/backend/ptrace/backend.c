/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/ptrace/backend.c - the ops table of the ptrace backend, and what its handles carry.
 */
#include <errno.h>
#include <stdlib.h>

#include "backend/ptrace/ptrace.h"

static int process_init(utrace_process *process, struct utrace_error *error)
{
	struct pt_process *pp = calloc(1, sizeof(*pp));

	if (!pp)
		return ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for a process.");
	pp->process = process;
	pp->mem_fd = -1;
	process->backend = pp;
	return UTRACE_OK;
}

/* The pid is known and nobody else's: its death will be told by it. */
void pt_process_known(utrace_process *process)
{
	struct pt_process *pp = pt_process_of(process);

	ut__idmap_insert(&pt_session_of(process)->processes, process->pid, &pp->by_pid);
	pp->in_map = true;
}

static void process_deinit(utrace_process *process)
{
	struct pt_process *pp = pt_process_of(process);

	pt_memory_forget(pp);
	if (pp->in_map)
		ut__idmap_remove(&pt_session_of(process)->processes, &pp->by_pid);
	pp->in_map = false;
}

static int thread_init(utrace_thread *thread, struct utrace_error *error)
{
	struct pt_thread *pt = calloc(1, sizeof(*pt));

	if (!pt)
		return ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for a thread.");
	pt->thread = thread;
	ut__list_init(&pt->lazy);
	thread->backend = pt;
	return UTRACE_OK;
}

static void thread_deinit(utrace_thread *thread)
{
	ut__list_remove(&pt_of(thread)->lazy);
}

/* Every kernel has ptrace; what else is needed, the opening finds out. */
static int probe(struct utrace_error *error)
{
	(void)error;
	return UTRACE_OK;
}

static void flush(utrace_session *session)
{
	(void)session; /* nothing is put off */
}

extern const struct ut__backend ut__backend_ptrace;

const struct ut__backend ut__backend_ptrace = {
	.name = "ptrace",
	.probe = probe,
	.open = pt_open,
	.close = pt_close,
	.pump = pt_pump,
	.flush = flush,
	.wake = pt_wake,
	.process_init = process_init,
	.process_deinit = process_deinit,
	.thread_init = thread_init,
	.thread_deinit = thread_deinit,
	.spawn = pt_spawn,
	.attach = pt_attach,
	.detach = pt_detach,
	.kill = pt_kill,
	.policy_changed = pt_policy_changed,
	.stop = pt_stop_thread,
	.resume = pt_resume,
	.regset_get = pt_regset_get,
	.regset_set = pt_regset_set,
	.read = pt_read,
	.write = pt_write,
	.readv = pt_readv,
	.debug_set = pt_debug_set,
	.shares_memory = pt_shares_memory,
	.write_child = pt_write_child,
	.signal_mask = pt_signal_mask,
	.inject = pt_inject,
};
