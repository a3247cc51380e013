/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/ptrace/regset.c - register sets as the kernel has them: PTRACE_GETREGSET describes itself by its length.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "backend/ptrace/ptrace.h"

enum { LARGEST = 65536 }; /* an xstate of all features known has less than 16 KiB */

static int fail(utrace_thread *thread, long status, struct utrace_error *error)
{
	if (status == -ESRCH)
		return ut__fail_dead(error, pt_tid(thread));
	if (status == -ENODEV || status == -EIO)
		return ut__fail(error, UTRACE_UNSUPPORTED, (int)-status,
				"This processor or kernel has no such register set for thread %d.", pt_tid(thread));
	return ut__fail(error, status == -EINVAL ? UTRACE_INVALID : UTRACE_SYSTEM, (int)-status,
			"The register set of thread %d: %s.", pt_tid(thread), strerror((int)-status));
}

/* The kernel stores what fits and says only that; so a set is always read whole. */
ssize_t pt_regset_get(utrace_thread *thread, int set, void *buffer, size_t size, struct utrace_error *error)
{
	struct iovec room = {buffer, size};
	void *whole = NULL;
	long status;

	if (set != UTRACE_REGSET_GENERAL) {
		whole = malloc(LARGEST);
		if (!whole)
			return ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for a register set.");
		room = (struct iovec){whole, LARGEST};
	}
	status = pt_request(PTRACE_GETREGSET, pt_tid(thread), ut__arch_note_type(set), &room);
	if (status >= 0 && whole && size)
		memcpy(buffer, whole, size < room.iov_len ? size : room.iov_len);
	free(whole);
	return status < 0 ? fail(thread, status, error) : (ssize_t)room.iov_len;
}

int pt_regset_set(utrace_thread *thread, int set, const void *buffer, size_t size, struct utrace_error *error)
{
	struct iovec room = {(void *)buffer, size};
	long status = pt_request(PTRACE_SETREGSET, pt_tid(thread), ut__arch_note_type(set), &room);

	return status < 0 ? fail(thread, status, error) : UTRACE_OK;
}
