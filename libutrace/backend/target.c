/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/target.c - see target.h.
 */
#include "backend/target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/sink.h"
#include "util/clock.h"
#include "util/procfs.h"

/* The process that a thread id belongs to, 0 if there is none. */
pid_t ut__target_process(pid_t tid)
{
	long tgid = ut__procfs_status(tid, "Tgid");

	return tgid > 0 ? (pid_t)tgid : 0;
}

/* Whether `pid` traces this program, or traces who traces it: attaching would tie a knot that only SIGKILL ends. */
static bool traces_us(pid_t pid)
{
	pid_t traced = getpid();

	for (int depth = 0; depth < 64; depth++) {
		long tracer = ut__procfs_status(traced, "TracerPid");

		if (tracer <= 0)
			return false;
		traced = ut__target_process((pid_t)tracer);
		if (traced == pid)
			return true;
	}
	return false;
}

int ut__target_check(pid_t pid, struct utrace_error *error)
{
	if (pid == getpid())
		return ut__fail(error, UTRACE_INVALID, EPERM, "A program can't trace itself.");
	if (traces_us(pid))
		return ut__fail(
			error, UTRACE_INVALID, EPERM,
			"Process %d traces this program, directly or through others; tracing it in turn would stop "
			"both for ever.",
			pid);
	return UTRACE_OK;
}

int ut__target_gone(pid_t pid, struct utrace_error *error)
{
	(void)ut__fail(error, UTRACE_NO_PROCESS, ESRCH, "There is no process %d.", pid);
	if (error)
		error->pid = pid;
	return UTRACE_NO_PROCESS;
}

/*
 * A pidfd names one process for ever; while it can be signalled and its pid is attached, both are the same.
 * (pidfd_open(2))
 */
int ut__target_check_pidfd(int pidfd, pid_t pid, struct utrace_error *error)
{
	char path[64];
	char text[1024];
	const char *line = NULL;

	if (pidfd <= 0)
		return UTRACE_OK;
	(void)snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	if (ut__procfs_read(path, text, sizeof(text)) > 0)
		line = strstr(text, "\nPid:");
	if (!line)
		return ut__fail(error, UTRACE_INVALID, EBADF, "Descriptor %d is no pidfd.", pidfd);
	if (strtol(line + 5, NULL, 10) == pid)
		return UTRACE_OK;
	return ut__target_gone(pid, error);
}

/* Thread ids are looked up in /proc, so it must be that of the pid namespace that this program lives in. (proc(5)) */
int ut__target_check_proc(struct utrace_error *error)
{
	char text[32] = "";
	ssize_t length = readlink("/proc/self", text, sizeof(text) - 1);

	if (length > 0 && strtol(text, NULL, 10) == getpid())
		return UTRACE_OK;
	return ut__fail(error, UTRACE_WRONG_STATE, length < 0 ? errno : 0,
			length < 0 ? "/proc is not mounted here, and tracing needs it."
				   : "/proc belongs to another pid namespace than this program. Mount it anew: "
				     "mount -t proc proc /proc.");
}

bool ut__target_out_of_reach(const utrace_process *process)
{
	struct ut__list *node;
	struct ut__list *safe;
	unsigned long flags;
	char state;

	UT__LIST_EACH (node, safe, &process->threads) {
		pid_t tid = atomic_load(&UT__ENTRY(node, utrace_thread, in_process)->tid);

		if (ut__procfs_stat(tid, &state, &flags) && state != 'D')
			return false;
	}
	return process->thread_count > 0;
}

void ut__target_await(utrace_session *session, utrace_process *process,
		      bool (*is_unfinished)(const utrace_process *, const utrace_session *))
{
	enum {
		PATIENCE_NS = 50000000,
		ROUNDS_LEAST = 2,  /* for those that sleep where nothing can stop them, too */
		ROUNDS_MOST = 600, /* on a busy machine it may take long until a thread gets its turn to stop */
	};

	for (int i = 0; i < ROUNDS_MOST && is_unfinished(process, session) &&
			(i < ROUNDS_LEAST || !ut__target_out_of_reach(process));
	     i++) {
		uint64_t deadline = ut__clock_now() + PATIENCE_NS;
		int status;

		do {
			status = session->ops->pump(session, deadline, NULL);
		} while (is_unfinished(process, session) && (status == UTRACE_OK || status == UTRACE_INTERRUPTED) &&
			 ut__clock_now() < deadline);
	}
}
