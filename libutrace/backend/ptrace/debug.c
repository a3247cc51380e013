/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/ptrace/debug.c - the debug registers of a stopped thread, through PTRACE_POKEUSER.
 *
 * The kernel checks each value as it comes: an address is changed only while DR7 has the slot off, and DR7 last.
 * A new thread starts without any (arch/x86/kernel/process.c, copy_thread), and so does a new program.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/user.h>

#include "backend/ptrace/ptrace.h"

enum { STATUS = 6, CONTROL = 7 };

static unsigned long place(int number)
{
	return offsetof(struct user, u_debugreg) + (unsigned long)number * sizeof(unsigned long);
}

static long poke(utrace_thread *thread, int number, uint64_t value)
{
	return pt_request(PTRACE_POKEUSER, pt_tid(thread), place(number), (void *)value);
}

static int fail(utrace_thread *thread, long status, struct utrace_error *error)
{
	if (status == -ESRCH)
		return ut__fail_dead(error, pt_tid(thread));
	if (status == -ENOSPC)
		return ut__fail(error, UTRACE_BUSY, ENOSPC,
				"The kernel uses the processor's debug registers itself, or another tool does through "
				"it (perf mem, kgdb); none is free for thread %d.",
				pt_tid(thread));
	return ut__fail(error, status == -EINVAL ? UTRACE_INVALID : UTRACE_UNSUPPORTED, (int)-status,
			"The kernel refuses these debug registers for thread %d: %s.", pt_tid(thread),
			strerror((int)-status));
}

int pt_debug_set(utrace_thread *thread, const struct ut__debug_slot *slots, struct utrace_error *error)
{
	long status = poke(thread, CONTROL, 0);

	for (int i = 0; status >= 0 && i < UT__DEBUG_SLOTS; i++)
		status = poke(thread, i, slots[i].length ? slots[i].address : 0);
	if (status >= 0)
		status = poke(thread, CONTROL, ut__arch_native()->debug_control(slots));
	return status < 0 ? fail(thread, status, error) : UTRACE_OK;
}

uint32_t pt_debug_hits(utrace_thread *thread)
{
	unsigned long status = 0;

	/* The raw request stores the word where its last argument points. (ptrace(2), C library/kernel differences) */
	if (pt_request(PTRACE_PEEKUSER, pt_tid(thread), place(STATUS), &status) < 0)
		return 0;
	return (uint32_t)(status & ((1u << UT__DEBUG_SLOTS) - 1));
}
