/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * utrace/core.h - core files: a process that has ended, behind the same handles and calls.
 *
 * A session of UTRACE_BACKEND_CORE holds the processes of core files.  Their threads are held for good: registers, memory,
 * images, stacks, variables and thread-local storage are asked for as of a live process.  Nothing happens to them, so they
 * give no events, and utrace_session_process_count does not count them; utrace_detach or the session's end lets go of
 * the file.  Whatever would run or change them fails with UTRACE_IS_CORE.  Such sessions take nothing from a thread: there
 * may be any number, beside one of another backend too.
 *
 * Facts: core(5); fs/binfmt_elf.c and fs/binfmt_elf_fdpic.c of the kernel; <elf.h> NT_*; <sys/procfs.h>. x86-64 and i386.
 */
#ifndef UTRACE_CORE_H
#define UTRACE_CORE_H

#include <signal.h>
#include <utrace/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct utrace_core_options {
	size_t size;
	const char *executable; /* the program's file, if it is not where the core says; NULL */
	const char *sysroot;    /* put before the paths that the core names; NULL: none */
	uint32_t no_files;      /* non-zero: memory that the core has left out is not taken from the mapped files */
};

/*
 * Opens a core file; *process is a reference of the caller's.  Memory that the core has left out because it is that of a
 * file (core(5), coredump_filter) is read from that file, unless its build ID is known to be another.  A truncated file
 * is taken as far as it goes: utrace_core_describe tells how much is missing.  options may be NULL.
 * Errors: UTRACE_NOT_FOUND, UTRACE_DENIED, UTRACE_SYSTEM (opening it), UTRACE_INVALID (no core file, or one without a
 * thread), UTRACE_UNSUPPORTED (of another architecture; the session has another backend), UTRACE_BUSY (the session
 * has a process with such thread ids already), UTRACE_NO_MEMORY.
 */
UTRACE_API int utrace_core_open(utrace_session *session, const char *path, const struct utrace_core_options *options,
				utrace_process **process, struct utrace_error *error);

/* Non-zero if the process is a core file's. Any thread. */
UTRACE_API int utrace_process_is_core(const utrace_process *process);

struct utrace_core_description {
	size_t size;
	pid_t thread;      /* the first in the file, which is the one that the signal was for */
	int32_t signal;    /* that ended the process; 0: it was written of a living one */
	uint32_t has_info; /* `info` is known */
	siginfo_t info;    /* in this program's own layout */
	uint64_t missing;  /* bytes that the file should have and has not: it was truncated */
	uint32_t thread_count;
	uint32_t no_files; /* non-zero: the core does not say which files were mapped (no NT_FILE) */
};

/* UTRACE_INVALID: no core file's process. */
UTRACE_API int utrace_core_describe(utrace_process *process, struct utrace_core_description *description,
				    struct utrace_error *error);

struct utrace_core_write_options {
	size_t size;
	utrace_thread *thread; /* the first in the file, which debuggers show first; NULL: the process's first */
	const siginfo_t *info; /* the signal that this thread has got; NULL: none */
	uint32_t filter;       /* which mappings, as in /proc/PID/coredump_filter; 0: what stands there (core(5)) */
};

/*
 * Writes a core file of a live process to a descriptor, from its present position.  Every thread must be held.  What madvise(2)
 * MADV_DONTDUMP has excluded is left out.  Pages of zeros become holes, if the descriptor can seek.  options may be NULL.
 * Errors: UTRACE_NOT_STOPPED, UTRACE_DEAD, UTRACE_NOT_ATTACHED, UTRACE_IS_CORE, UTRACE_INVALID, UTRACE_NO_MEMORY,
 * UTRACE_SYSTEM (writing; the file is then not whole).
 */
UTRACE_API int utrace_core_write(utrace_process *process, int fd, const struct utrace_core_write_options *options,
				 struct utrace_error *error);

#ifdef __cplusplus
}
#endif

#endif
