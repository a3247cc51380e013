/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/kernel/backend.c - the ops table of the kernel backend, and what its handles carry.
 */
#include <errno.h>
#include <stdlib.h>

#include "backend/kernel/kernel.h"

static int process_init(utrace_process *process, struct utrace_error *error)
{
	struct kn_process *kp = calloc(1, sizeof(*kp));

	if (!kp)
		return ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for a process.");
	kp->process = process;
	kp->ks = atomic_load(&process->session)->backend;
	process->backend = kp;
	return UTRACE_OK;
}

static void process_deinit(utrace_process *process)
{
	struct kn_process *kp = kn_process_of(process);

	if (kp->in_map)
		ut__idmap_remove(&kp->ks->processes, &kp->by_cookie);
	kp->in_map = false;
}

static int thread_init(utrace_thread *thread, struct utrace_error *error)
{
	struct kn_thread *kt = calloc(1, sizeof(*kt));

	if (!kt)
		return ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for a thread.");
	kt->thread = thread;
	thread->backend = kt;
	return UTRACE_OK;
}

static void thread_deinit(utrace_thread *thread)
{
	struct kn_thread *kt = kn_of(thread);

	if (kt->in_map)
		ut__idmap_remove(&kn_session_of(thread->process)->threads, &kt->by_cookie);
	kt->in_map = false;
	free(kt->deferred);
	kt->deferred = NULL;
	kt->deferred_count = 0;
}

extern const struct ut__backend ut__backend_kernel;

const struct ut__backend ut__backend_kernel = {
	.name = "kernel",
	.probe = kn_probe,
	.open = kn_open,
	.close = kn_close,
	.pump = kn_pump,
	.flush = kn_flush,
	.wake = kn_wake,
	.process_init = process_init,
	.process_deinit = process_deinit,
	.thread_init = thread_init,
	.thread_deinit = thread_deinit,
	.spawn = kn_spawn,
	.attach = kn_attach,
	.detach = kn_detach,
	.kill = kn_kill,
	.policy_changed = kn_policy_changed,
	.stop = kn_stop,
	.resume = kn_resume,
	.regset_get = kn_regset_get,
	.regset_set = kn_regset_set,
	.read = kn_read,
	.write = kn_write,
	.readv = kn_readv,
	.debug_set = kn_debug_set,
	.shares_memory = kn_shares_memory,
	.write_child = kn_write_child,
	.signal_mask = kn_signal_mask,
	.inject = kn_inject,
};
