/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/allocate.c - memory in the tracee, by calls that it makes for us. (mmap(2), munmap(2))
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <utrace/call.h>
#include <utrace/regs.h>
#include <utrace/syscall.h>

#include "backend/sink.h"

enum { PAGE = 4096 };

static int make_call(utrace_thread *thread, const char *name, const char *name_32, const uint64_t args[6],
		     int64_t *result, struct utrace_error *error)
{
	int architecture = utrace_thread_architecture(thread, error);
	uint32_t abi = architecture == UTRACE_ARCH_I386 ? UTRACE_ABI_I386 : UTRACE_ABI_X86_64;
	int status;

	if (architecture < 0)
		return architecture;
	if (abi == UTRACE_ABI_I386)
		name = name_32;
	status = utrace_syscall_inject(thread, utrace_syscall_number(abi, name), args, result, error);
	if (status || *result >= 0 || *result < -4095)
		return status;
	return ut__fail(error, UTRACE_SYSTEM, (int)-*result, "%s in thread %d failed: %s.", name,
			utrace_thread_tid(thread), strerror((int)-*result));
}

int utrace_thread_allocate(utrace_thread *thread, uint64_t size, int protection, uint64_t *address,
			   struct utrace_error *error)
{
	const uint64_t args[6] = {0,
				  (size + PAGE - 1) & ~(uint64_t)(PAGE - 1),
				  (uint64_t)protection,
				  MAP_PRIVATE | MAP_ANONYMOUS,
				  (uint64_t)-1,
				  0};
	int64_t result = 0;
	int status = size ? make_call(thread, "mmap", "mmap2", args, &result, error)
			  : ut__fail(error, UTRACE_INVALID, 0, "size is 0.");

	*address = status ? 0 : (uint64_t)result;
	return status;
}

int utrace_thread_release(utrace_thread *thread, uint64_t address, uint64_t size, struct utrace_error *error)
{
	const uint64_t args[6] = {address, size};
	int64_t result;

	return make_call(thread, "munmap", "munmap", args, &result, error);
}
