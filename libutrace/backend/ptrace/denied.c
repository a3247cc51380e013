/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/ptrace/denied.c - finding out why attaching was refused: here EPERM may also mean another tracer.
 */
#include "backend/denied.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/ptrace/ptrace.h"
#include "util/procfs.h"

static int fail_traced(struct utrace_error *error, pid_t tid, long tracer)
{
	char path[64];
	char name[64] = "";
	long tracer_pid = ut__procfs_status((pid_t)tracer, "Tgid");

	if (tracer_pid <= 0)
		tracer_pid = tracer;
	(void)snprintf(path, sizeof(path), "/proc/%ld/comm", tracer_pid);
	if (ut__procfs_read(path, name, sizeof(name)) > 0)
		name[strcspn(name, "\n")] = '\0';
	(void)ut__fail(
		error, UTRACE_TRACED, EPERM,
		"%d is traced already by process %ld (%s)%s, and ptrace allows one tracer only. End that one, or ask "
		"it to detach.",
		tid, tracer_pid, name, tracer_pid == getpid() ? ", another session of this program" : "");
	if (error) {
		error->pid = tid;
		error->culprit = (pid_t)tracer_pid;
	}
	return UTRACE_TRACED;
}

int pt_explain_denied(pid_t tid, int error_number, struct utrace_error *error)
{
	long tracer = error_number == EPERM || error_number == EACCES ? ut__procfs_status(tid, "TracerPid") : 0;

	return tracer > 0 ? fail_traced(error, tid, tracer) : ut__explain_denied(tid, error_number, error);
}
