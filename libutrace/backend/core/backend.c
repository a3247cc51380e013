/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/core/backend.c - the ops table of core files.
 *
 * The core refuses what a process that has ended can't do before it comes here (core/request.c); the ops that would
 * run or change something are there because no op may be missing, and refuse it too.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/core/core.h"

struct cf_process *cf_of(utrace_process *process)
{
	return process->backend;
}

struct cf_thread *cf_thread_of(utrace_thread *thread)
{
	return thread->backend;
}

static int fail_core(struct utrace_error *error)
{
	return ut__fail(error, UTRACE_IS_CORE, 0, "The process is a core file's: it has ended.");
}

static int open_session(utrace_session *session, struct utrace_error *error)
{
	(void)error;
	session->capabilities = 0;
	return UTRACE_OK;
}

static void close_session(utrace_session *session)
{
	(void)session;
}

static int pump(utrace_session *session, uint64_t deadline, struct utrace_error *error)
{
	(void)session;
	(void)deadline;
	(void)error;
	return UTRACE_OK;
}

static void wake(utrace_session *session)
{
	(void)session;
}

static int process_init(utrace_process *process, struct utrace_error *error)
{
	struct cf_process *core = calloc(1, sizeof(*core));

	if (!core)
		return ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for a process.");
	core->fd = -1;
	process->backend = core;
	return UTRACE_OK;
}

static void process_deinit(utrace_process *process)
{
	cf_close(cf_of(process));
}

static int thread_init(utrace_thread *thread, struct utrace_error *error)
{
	thread->backend = calloc(1, sizeof(struct cf_thread));
	return thread->backend ? UTRACE_OK : ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for a thread.");
}

static void thread_deinit(utrace_thread *thread)
{
	(void)thread;
}

static int spawn(utrace_process *process, const struct ut__spawn *how, struct utrace_error *error)
{
	(void)process;
	(void)how;
	return ut__fail(error, UTRACE_UNSUPPORTED, 0, "A session of core files runs no program.");
}

static int attach(utrace_process *process, const struct utrace_attach_options *options, struct utrace_error *error)
{
	(void)process;
	(void)options;
	return ut__fail(error, UTRACE_UNSUPPORTED, 0, "A session of core files attaches to no process.");
}

void cf_let_go(utrace_process *process)
{
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, &process->threads)
		ut__sink_thread_exit(UT__ENTRY(node, utrace_thread, in_process), UTRACE_EXIT_DETACHED, 0);
}

static int detach(utrace_process *process, uint32_t mode, struct utrace_error *error)
{
	(void)mode;
	(void)error;
	cf_let_go(process);
	ut__sink_process_end(process, UTRACE_EXIT_DETACHED, 0, NULL, NULL);
	return UTRACE_OK;
}

static int kill_process(utrace_process *process, struct utrace_error *error)
{
	(void)process;
	return fail_core(error);
}

static void policy_changed(utrace_process *process)
{
	(void)process;
}

static int stop(utrace_thread *thread, struct utrace_error *error)
{
	(void)thread;
	return fail_core(error);
}

static void resume(utrace_thread *thread, const struct ut__resume *how)
{
	(void)thread;
	(void)how;
}

static struct cf_bytes regset_of(const struct cf_thread *thread, int set)
{
	switch (set) {
	case UTRACE_REGSET_GENERAL:
		return thread->general;
	case UTRACE_REGSET_FLOAT:
		return thread->floating;
	default:
		return thread->extended;
	}
}

static ssize_t regset_get(utrace_thread *thread, int set, void *buffer, size_t size, struct utrace_error *error)
{
	struct cf_bytes bytes = regset_of(cf_thread_of(thread), set);

	if (!bytes.data)
		return ut__fail(error, UTRACE_UNSUPPORTED, 0, "The core file does not have this set of registers.");
	if (size)
		memcpy(buffer, bytes.data, size < bytes.size ? size : bytes.size);
	return (ssize_t)bytes.size;
}

static int regset_set(utrace_thread *thread, int set, const void *buffer, size_t size, struct utrace_error *error)
{
	(void)thread;
	(void)set;
	(void)buffer;
	(void)size;
	return fail_core(error);
}

static ssize_t write_memory(utrace_process *process, uint64_t address, const void *buffer, size_t size,
			    struct utrace_error *error)
{
	(void)process;
	(void)address;
	(void)buffer;
	(void)size;
	return fail_core(error);
}

static int debug_set(utrace_thread *thread, const struct ut__debug_slot *slots, struct utrace_error *error)
{
	(void)thread;
	(void)slots;
	return fail_core(error);
}

static bool shares_memory(utrace_process *process, pid_t child)
{
	(void)process;
	(void)child;
	return false;
}

static void write_child(utrace_process *process, pid_t child, uint64_t address, const void *expected, const void *bytes,
			size_t size)
{
	(void)process;
	(void)child;
	(void)address;
	(void)expected;
	(void)bytes;
	(void)size;
}

static int inject(utrace_thread *thread, int64_t number, const uint64_t args[6], int64_t *result,
		  struct utrace_error *error)
{
	(void)thread;
	(void)number;
	(void)args;
	(void)result;
	return fail_core(error);
}

static void describe(utrace_process *process, struct utrace_core_description *description)
{
	const struct cf_process *core = cf_of(process);

	description->thread = core->threads[0].tid;
	description->has_info = cf_info(core, &description->info);
	description->signal = description->has_info ? description->info.si_signo : core->threads[0].signal;
	description->missing = core->missing;
	description->thread_count = (uint32_t)core->thread_count;
	description->no_files = core->no_names;
}

static ssize_t text(const char *value, const void **bytes)
{
	*bytes = value;
	return *value ? (ssize_t)strlen(value) : UTRACE_NOT_FOUND;
}

static ssize_t fact(utrace_process *process, utrace_thread *thread, enum ut__fact fact, const void **bytes)
{
	const struct cf_process *core = cf_of(process);

	switch (fact) {
	case UT__FACT_AUXV:
		*bytes = core->auxv;
		return core->auxv ? (ssize_t)(core->auxv_size * sizeof(*core->auxv)) : UTRACE_NOT_FOUND;
	case UT__FACT_COMMAND_LINE:
		return text(core->arguments, bytes);
	case UT__FACT_EXECUTABLE:
		return core->executable ? text(core->files[core->executable - 1].name, bytes) : UTRACE_NOT_FOUND;
	case UT__FACT_NAME:
		/* NT_PRPSINFO has the leader's only. */
		if (!thread || atomic_load(&thread->tid) == process->pid)
			return text(core->name, bytes);
		return UTRACE_NOT_FOUND;
	default:
		return UTRACE_NOT_FOUND;
	}
}

static const struct ut__core_ops core_ops = {
	.open = cf_open,
	.describe = describe,
	.maps = cf_maps,
	.fact = fact,
};

static int probe(struct utrace_error *error)
{
	(void)error;
	return UTRACE_OK;
}

static void flush(utrace_session *session)
{
	(void)session; /* nothing is put off */
}

extern const struct ut__backend ut__backend_core;

const struct ut__backend ut__backend_core = {
	.name = "core",
	.probe = probe,
	.open = open_session,
	.close = close_session,
	.pump = pump,
	.flush = flush,
	.wake = wake,
	.process_init = process_init,
	.process_deinit = process_deinit,
	.thread_init = thread_init,
	.thread_deinit = thread_deinit,
	.spawn = spawn,
	.attach = attach,
	.detach = detach,
	.kill = kill_process,
	.policy_changed = policy_changed,
	.stop = stop,
	.resume = resume,
	.regset_get = regset_get,
	.regset_set = regset_set,
	.read = cf_read,
	.write = write_memory,
	.readv = cf_readv,
	.debug_set = debug_set,
	.shares_memory = shares_memory,
	.write_child = write_child,
	.inject = inject,
	.core = &core_ops,
};
