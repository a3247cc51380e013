/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/denied.c - finding out why attaching was refused: EPERM has seven reasons, and each has its own way out.
 * (ptrace(2), "Ptrace access mode checking"; kernel/ptrace.c, __ptrace_may_access; security/yama)
 */
#include "backend/denied.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/sink.h"
#include "util/procfs.h"

static int fail_about(struct utrace_error *error, int status, int error_number, pid_t pid, const char *text)
{
	(void)ut__fail(error, status, error_number, "%s", text);
	if (error)
		error->pid = pid;
	return status;
}

/* The first namespace maps all ids to themselves. (user_namespaces(7)) */
static bool in_child_namespace(void)
{
	char text[256];
	unsigned long inside = 0;
	unsigned long outside = 0;
	unsigned long count = 0;

	if (ut__procfs_read("/proc/self/uid_map", text, sizeof(text)) < 0)
		return false;
	return sscanf(text, "%lu %lu %lu", &inside, &outside, &count) != 3 || inside != 0 || outside != 0 ||
	       count != 4294967295UL;
}

static bool same_user_namespace(pid_t tid)
{
	struct stat own;
	struct stat other;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/user", tid);
	if (stat("/proc/self/ns/user", &own))
		return true;
	if (stat(path, &other))
		return !in_child_namespace(); /* out of reach: most likely a namespace above ours, if there is one */
	return own.st_ino == other.st_ino && own.st_dev == other.st_dev;
}

/* The setting, or -1 where there is no Yama. (Documentation/admin-guide/LSM/Yama.rst) */
static int yama_scope(void)
{
	char text[16];

	if (ut__procfs_read("/proc/sys/kernel/yama/ptrace_scope", text, sizeof(text)) <= 0)
		return -1;
	return (int)strtol(text, NULL, 10);
}

static bool is_other_user(pid_t tid)
{
	long uid = ut__procfs_status(tid, "Uid");

	return uid >= 0 && (uid_t)uid != getuid();
}

/* A process that is not dumpable belongs to root in /proc. (proc(5); prctl(2), PR_SET_DUMPABLE) */
static bool is_undumpable(pid_t tid)
{
	struct stat status;
	char path[64];
	long uid = ut__procfs_status(tid, "Uid");

	(void)snprintf(path, sizeof(path), "/proc/%d/mem", tid);
	return uid > 0 && stat(path, &status) == 0 && status.st_uid != (uid_t)uid;
}

static int explain_permission(pid_t tid, struct utrace_error *error)
{
	unsigned long flags = 0;
	char state;
	char text[400];
	int scope = yama_scope();

	if (ut__procfs_stat(tid, &state, &flags) && (flags & UT__PF_KTHREAD))
		(void)snprintf(text, sizeof(text), "%d is a kernel thread, which nobody can trace.", tid);
	else if (tid == 1 && is_other_user(tid))
		(void)snprintf(text, sizeof(text), "Process 1 can be traced with CAP_SYS_PTRACE only.");
	else if (!same_user_namespace(tid))
		(void)snprintf(
			text, sizeof(text),
			"%d lives in another user namespace. Trace it from there, or with CAP_SYS_PTRACE in that "
			"namespace.",
			tid);
	else if (is_other_user(tid))
		(void)snprintf(text, sizeof(text),
			       "%d belongs to user %ld. Run the tracer as that user, or with CAP_SYS_PTRACE (as root).",
			       tid, ut__procfs_status(tid, "Uid"));
	else if (is_undumpable(tid))
		(void)snprintf(
			text, sizeof(text),
			"%d is not dumpable: a setuid program, or one that called prctl(PR_SET_DUMPABLE, 0). It needs "
			"CAP_SYS_PTRACE.",
			tid);
	else if (scope == 1)
		(void)snprintf(
			text, sizeof(text),
			"Yama allows to trace one's own descendants only (kernel.yama.ptrace_scope = 1). Start %d from "
			"the tracer, let it call prctl(PR_SET_PTRACER), use CAP_SYS_PTRACE, or set ptrace_scope to 0.",
			tid);
	else if (scope == 2)
		(void)snprintf(text, sizeof(text),
			       "Yama allows tracing with CAP_SYS_PTRACE only (kernel.yama.ptrace_scope = 2). Run the "
			       "tracer as "
			       "root or set ptrace_scope lower.");
	else if (scope == 3)
		(void)snprintf(text, sizeof(text),
			       "Yama forbids all tracing until the next boot (kernel.yama.ptrace_scope = 3).");
	else
		(void)snprintf(text, sizeof(text),
			       "The kernel does not let this program trace %d. It may have capabilities that the "
			       "tracer lacks, "
			       "or a security module (SELinux, AppArmor, a container's seccomp filter) says no; "
			       "CAP_SYS_PTRACE "
			       "or that module's policy decides.",
			       tid);
	return fail_about(error, UTRACE_DENIED, EPERM, tid, text);
}

int ut__explain_denied(pid_t tid, int error_number, struct utrace_error *error)
{
	if (error_number == ENOMEM)
		return fail_about(error, UTRACE_NO_MEMORY, ENOMEM, tid, "No memory for a thread's handle.");
	if (error_number == EMFILE || error_number == ENFILE)
		return fail_about(error, UTRACE_NO_DESCRIPTOR, error_number, tid,
				  "No descriptor for looking into /proc, which tells the threads of the process.");
	if (error_number == ESRCH)
		return fail_about(error, UTRACE_NO_PROCESS, ESRCH, tid, "The process has ended.");
	if (error_number != EPERM && error_number != EACCES)
		return fail_about(error, UTRACE_SYSTEM, error_number, tid, strerror(error_number));
	return explain_permission(tid, error);
}
