/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/kernel/attach.c - one act of the kernel's for all threads of a process, also those that are being made.
 */
#include <errno.h>
#include <string.h>

#include "backend/denied.h"
#include "backend/kernel/kernel.h"
#include "backend/target.h"
#include "util/procfs.h"

/* The kernel has told of each thread in the ring, or will as soon as there is room. */
static int read_attached(struct kn_session *ks, unsigned int threads)
{
	while (ks->attached < threads) {
		int status = kn_pump(ks->session, UINT64_MAX, NULL);

		if (status < 0 && status != UTRACE_INTERRUPTED)
			return -EIO;
	}
	return -ks->attach_errno;
}

int kn_attach_pid(utrace_process *process, pid_t pid, const struct kn_key *key, bool hold)
{
	struct kn_session *ks = kn_session_of(process);
	struct utrace_policy policy;
	struct utrace_attach_args args = {.flags = UTRACE_ATTACH_SHARE | (hold ? UTRACE_ATTACH_HOLD : 0),
					  .scope = UTRACE_SCOPE_TREE,
					  .pidfd = -1,
					  .tid = (uint32_t)pid,
					  .policy = (uintptr_t)&policy,
					  .policy_size = sizeof(policy)};
	long status;

	kn_policy_build(process, key, &policy);
	kn_flush(ks->session);
	ks->attaching = process;
	ks->attach_hold = hold;
	ks->attach_key = *key;
	ks->attached = 0;
	ks->attach_errno = 0;
	do {
		status = kn_call(UTRACE_OP_ATTACH, ks->fd, &args, sizeof(args));
	} while (status == -EINTR);
	if (status > 0) {
		kn_process_known(process, args.process);
		status = read_attached(ks, args.threads);
	} else if (status == 0) {
		status = -ESRCH;
	}
	ks->attaching = NULL;
	return (int)status;
}

static int fail(pid_t pid, int error_number, struct utrace_error *error)
{
	unsigned long flags;
	char state;

	switch (error_number) {
	case ESRCH:
		if (!ut__procfs_stat(pid, &state, &flags))
			return ut__target_gone(pid, error);
		(void)ut__fail(error, UTRACE_NO_PROCESS, ESRCH,
			       "Process %d has ended; only its status is left, for its parent.", pid);
		return UTRACE_NO_PROCESS;
	case EBUSY:
		(void)ut__fail(error, UTRACE_TRACED, EBUSY,
			       "Another program has a utrace session that changes %d and shares it with nobody.", pid);
		return UTRACE_TRACED;
	default:
		return ut__explain_denied(pid, error_number, error);
	}
}

static int check_known(const utrace_process *process, pid_t pid, struct utrace_error *error)
{
	const utrace_session *session = atomic_load(&process->session);
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, &session->processes) {
		const utrace_process *other = UT__ENTRY(node, utrace_process, in_session);

		if (other != process && other->pid == pid)
			return ut__fail(error, UTRACE_BUSY, 0, "This session has process %d already.", pid);
	}
	return ut__target_check(pid, error);
}

int kn_attach(utrace_process *process, const struct utrace_attach_options *options, struct utrace_error *error)
{
	struct kn_key key;
	pid_t pid;
	int status;

	errno = 0;
	pid = ut__target_process(process->pid);
	if (!pid && errno && errno != ENOENT && errno != ESRCH)
		return ut__explain_denied(process->pid, errno, error);
	if (!pid)
		return ut__target_gone(process->pid, error);
	status = check_known(process, pid, error);
	if (status)
		return status;
	process->pid = pid;
	process->filter_place = process->filter ? UTRACE_FILTER_IN_KERNEL : UTRACE_FILTER_ABSENT;
	process->filter_reason[0] = '\0';
	key = kn_policy_of_process(process);
	status = kn_attach_pid(process, pid, &key, options->hold);
	if (status)
		status = fail(pid, -status, error);
	else
		status = ut__target_check_pidfd(options->pidfd, pid, error);
	if (status && kn_process_of(process)->in_map && !atomic_load(&process->gone)) {
		ut__sink_drop_events(process);
		(void)kn_detach(process, UTRACE_DETACH_RUNNING, NULL);
	}
	return status;
}
