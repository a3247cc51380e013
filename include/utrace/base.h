/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * utrace/base.h - version, export marker, the handles and the rules that hold for every other header.
 *
 * Handles (utrace_session, utrace_process, utrace_thread) are opaque; what they know is asked with getters.
 *
 * Size-first structs: a struct that a caller fills starts with `size`, which the caller sets to sizeof the struct
 * that it was compiled with.  A smaller size than the library's means an older caller: the missing members are zero.
 * A larger size is accepted if the surplus is zero; else the call fails with UTRACE_INVALID, because what was
 * asked for can't be done.
 *
 * Status: a call that can fail returns 0 (or a count) on success and a negative `enum utrace_status` otherwise.
 * Its last parameter is a `struct utrace_error *`, which may be NULL; see error.h.
 *
 * Threads: unless a comment says otherwise, every call on a session of threading UTRACE_THREADS_ANY may be made from
 * any thread, and every call on one of UTRACE_THREADS_BOUND from the thread that opened it (others:
 * UTRACE_WRONG_THREAD). A child that the program forks can't use its parent's sessions (UTRACE_WRONG_THREAD); it can
 * open its own.
 */
#ifndef UTRACE_BASE_H
#define UTRACE_BASE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define UTRACE_VERSION_MAJOR 0
#define UTRACE_VERSION_MINOR 1
#define UTRACE_VERSION_PATCH 0

#if defined(__GNUC__)
#define UTRACE_API __attribute__((visibility("default")))
#else
#define UTRACE_API
#endif

typedef struct utrace_session utrace_session;
typedef struct utrace_process utrace_process;
typedef struct utrace_thread utrace_thread;
typedef struct utrace_breakpoint utrace_breakpoint;

struct utrace_error;

/* The version of the library that runs, as (major << 16 | minor << 8 | patch). Any thread. */
UTRACE_API uint32_t utrace_version(void);

#ifdef __cplusplus
}
#endif

#endif
