/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * utrace/tls.h - threads as the C library sees them: pthread_t, names, stacks, thread-local storage.
 *
 * What libthread_db did, without loading it: the C library describes its own structures in symbols (_thread_db_*,
 * nptl_db in glibc), and these are read from its file.  Where the C library has no such description (musl, static
 * programs without them), UTRACE_UNSUPPORTED.
 * Threads of the caller's: as in symbol.h.
 */
#ifndef UTRACE_TLS_H
#define UTRACE_TLS_H

#include <utrace/symbol.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A thread's pthread_t, the value that pthread_self() has in it. UTRACE_NOT_FOUND: before the C library has set the
 * thread up. The thread must be held. */
UTRACE_API int utrace_thread_pthread(utrace_image *image, utrace_thread *thread, uint64_t *pthread,
				     struct utrace_error *error);
/* The thread with this pthread_t, a new reference. UTRACE_NOT_FOUND. */
UTRACE_API int utrace_thread_by_pthread(utrace_image *image, uint64_t pthread, utrace_thread **thread,
					struct utrace_error *error);
/* The name that the kernel has (pthread_setname_np(3)), terminated; its length. UTRACE_DEAD, UTRACE_INVALID. */
UTRACE_API ssize_t utrace_thread_name(utrace_thread *thread, char *buffer, size_t size, struct utrace_error *error);

struct utrace_stack_bounds {
	size_t size;
	uint64_t low; /* the lowest usable byte, and the one past the highest */
	uint64_t high;
	uint64_t guard; /* bytes of the guard area below */
};
/* The stack that the thread got when it was made. The thread must be held. */
UTRACE_API int utrace_thread_stack_bounds(utrace_image *image, utrace_thread *thread,
					  struct utrace_stack_bounds *bounds, struct utrace_error *error);

/*
 * The address of the thread-local variable at `offset` in a module's block, in this thread, which must be held.
 * UTRACE_NOT_FOUND: the thread has not used the block yet, so that it does not exist (dynamic TLS). (Drepper, "ELF
 * Handling For Thread-Local Storage")
 */
UTRACE_API int utrace_tls_address(utrace_image *image, utrace_thread *thread, utrace_module *module, uint64_t offset,
				  uint64_t *address, struct utrace_error *error);

#ifdef __cplusplus
}
#endif

#endif
