/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/error.c - the error of a thread or process that has ended, and the names of all.
 */
#include <utrace/error.h>

#include "backend/sink.h"

int ut__fail_dead(struct utrace_error *error, pid_t pid)
{
	(void)ut__fail(error, UTRACE_DEAD, 0, "Thread or process %d has ended; its terminal event tells how.", pid);
	if (error)
		error->pid = pid;
	return UTRACE_DEAD;
}

const char *utrace_status_name(int status)
{
	static const char *const names[] = {
		"UTRACE_OK",          "UTRACE_INVALID",      "UTRACE_NO_MEMORY",   "UTRACE_NO_DESCRIPTOR",
		"UTRACE_NO_PROCESS",  "UTRACE_DEAD",         "UTRACE_NOT_STOPPED", "UTRACE_NOT_ATTACHED",
		"UTRACE_WRONG_STATE", "UTRACE_WRONG_THREAD", "UTRACE_DENIED",      "UTRACE_TRACED",
		"UTRACE_FAULT",       "UTRACE_UNSUPPORTED",  "UTRACE_TIMED_OUT",   "UTRACE_INTERRUPTED",
		"UTRACE_BUSY",        "UTRACE_EXEC_FAILED",  "UTRACE_SYSTEM",      "UTRACE_NOT_FOUND",
		"UTRACE_FILTERED",    "UTRACE_IS_CORE",
	};
	const int count = (int)(sizeof(names) / sizeof(names[0]));

	return status <= 0 && -status < count ? names[-status] : "UTRACE_?";
}

uint32_t utrace_version(void)
{
	return UTRACE_VERSION_MAJOR << 16 | UTRACE_VERSION_MINOR << 8 | UTRACE_VERSION_PATCH;
}
