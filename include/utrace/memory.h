/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * utrace/memory.h - the memory of a process.
 *
 * Works whether its threads run or are stopped.  Addresses are the tracee's.  Pages that the tracee itself could not
 * read (PROT_NONE) or write (read-only text) can be reached where they are private; proc(5), /proc/PID/mem.
 */
#ifndef UTRACE_MEMORY_H
#define UTRACE_MEMORY_H

#include <utrace/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Read or write `size` bytes.  Returns the number done, which is smaller than size if a part was not accessible:
 * everything up to the first bad address is done, and error (if not NULL) then has UTRACE_FAULT and that address.  If
 * nothing could be done the status UTRACE_FAULT is returned.  Errors also: UTRACE_DEAD, UTRACE_NOT_ATTACHED,
 * UTRACE_DENIED.
 */
UTRACE_API ssize_t utrace_memory_read(utrace_process *process, uint64_t address, void *buffer, size_t size,
				      struct utrace_error *error);
UTRACE_API ssize_t utrace_memory_write(utrace_process *process, uint64_t address, const void *buffer, size_t size,
				       struct utrace_error *error);

/*
 * Reads a NUL-terminated string into buffer, which always ends up terminated (size > 0).  Returns its length; a
 * length of size - 1 with buffer[size - 2] as the last byte means that it may go on.  If the memory ends before the
 * string does, error has UTRACE_FAULT and the length so far is returned; if there is nothing at all, the status.
 */
UTRACE_API ssize_t utrace_memory_read_string(utrace_process *process, uint64_t address, char *buffer, size_t size,
					     struct utrace_error *error);

/* One piece of a scatter/gather transfer. */
struct utrace_memory_span {
	uint64_t address;
	void *buffer; /* read into, or written from */
	size_t size;
	size_t done; /* out: bytes transferred */
	int status;  /* out: 0, or why this piece is not complete */
};

/*
 * All pieces, as few system calls as possible.  Returns the number of pieces that are complete, or a status if none
 * could be tried.
 */
UTRACE_API int utrace_memory_readv(utrace_process *process, struct utrace_memory_span *spans, size_t count,
				   struct utrace_error *error);
UTRACE_API int utrace_memory_writev(utrace_process *process, struct utrace_memory_span *spans, size_t count,
				    struct utrace_error *error);

#ifdef __cplusplus
}
#endif

#endif
