/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/backend.h - what the core asks of a backend.
 *
 * The core calls every op on the session's tracer thread, except `wake`.  No op may be NULL but where it says so.  An op that fails has
 * filled the error and returns its status; it has then changed nothing.  A backend tells the core through sink.h
 * only, and may do so from inside any op that says "pumps".
 */
#ifndef UT_BACKEND_BACKEND_H
#define UT_BACKEND_BACKEND_H

#include <utrace/core.h>
#include <utrace/facts.h>

#include "core/object.h"

/* How a thread goes on. */
struct ut__resume {
	bool step;
	bool calls; /* the next system call's entry or exit must stop it, even if a filter in the kernel is on */
	int signal; /* to deliver, 0 for none */
	const siginfo_t *info; /* NULL: as it came */
	bool quiet;            /* no signal may come in but those that the instruction itself causes */
	bool inject;           /* `info` is in addition to the signal that waits, if one does */
};

/* The difference between what utrace_spawn was asked for and what execve needs. */
struct ut__spawn {
	const struct utrace_spawn_options *options;
	const char *path;            /* resolved */
	const struct ut__user *user; /* NULL: no change */
	sigset_t signal_mask;        /* of the thread that called utrace_spawn */
};

/* What a core file may tell of its process beside memory, registers and mappings. */
enum ut__fact {
	UT__FACT_NONE, /* no core file has it */
	UT__FACT_AUXV, /* in pairs of 64-bit numbers, whatever the program's word is */
	UT__FACT_COMMAND_LINE,
	UT__FACT_EXECUTABLE,
	UT__FACT_NAME, /* of a thread */
};

/* A backend whose processes have ended: what the system would be asked of a live one. On the tracer thread. */
struct ut__core_ops {
	/* Takes the file apart; on success every thread is known to the sink, and held. */
	int (*open)(utrace_process *process, const char *path, const struct utrace_core_options *options,
		    struct utrace_error *error);
	void (*describe)(utrace_process *process, struct utrace_core_description *description);
	/* In ascending order, until the callback's answer is not 0. */
	int (*maps)(utrace_process *process, utrace_mapping_callback *callback, void *data);
	/* The fact's bytes, which belong to the process; how many, or UTRACE_NOT_FOUND without a text. */
	ssize_t (*fact)(utrace_process *process, utrace_thread *thread, enum ut__fact fact, const void **bytes);
};

struct ut__backend {
	const char *name;
	const struct ut__core_ops *core; /* NULL: processes live, and the system tells of them (proc(5)) */

	/* Whether this kernel has what the backend needs; before open, any thread. UTRACE_UNSUPPORTED. */
	int (*probe)(struct utrace_error *error);
	/* Prepares session->backend and session->capabilities; the calling thread becomes the tracer thread. */
	int (*open)(utrace_session *session, struct utrace_error *error);
	/* Undoes open; no process is attached any more. */
	void (*close)(utrace_session *session);

	/*
	 * Takes what happened and tells the sink.  Waits until something did, until wake, or until the deadline (CLOCK_MONOTONIC
	 * nanoseconds; 0: don't wait; UINT64_MAX: none).  Returns 0, or UTRACE_INTERRUPTED or another status.
	 */
	int (*pump)(utrace_session *session, uint64_t deadline, struct utrace_error *error);
	/* What other ops have put off takes effect: before the caller gets control back. */
	void (*flush)(utrace_session *session);
	/* Makes a pump that waits, or the next one that would, return. Any thread, signal handlers too. */
	void (*wake)(utrace_session *session);

	/* Members of `backend` in the structs. */
	int (*process_init)(utrace_process *process, struct utrace_error *error);
	void (*process_deinit)(utrace_process *process);
	int (*thread_init)(utrace_thread *thread, struct utrace_error *error);
	void (*thread_deinit)(utrace_thread *thread);

	/*
	 * Starts a program; on success the process (masks and filter set by the core) stands in its exec stop. Pumps.
	 */
	int (*spawn)(utrace_process *process, const struct ut__spawn *spawn, struct utrace_error *error);
	/* Attaches to every thread of process->pid, telling the sink of each; `hold` as in the options. Pumps. */
	int (*attach)(utrace_process *process, const struct utrace_attach_options *options, struct utrace_error *error);
	/* Lets go. The sink is told of each thread's and the process's end, perhaps after the op returned. Pumps. */
	int (*detach)(utrace_process *process, uint32_t mode, struct utrace_error *error);
	int (*kill)(utrace_process *process, struct utrace_error *error);
	/* The end policy has changed, or the filter; or, where recording stops nobody, the masks or whether there are traps. */
	void (*policy_changed)(utrace_process *process);

	/* Makes a running thread stop at the strength of its stop_request. */
	int (*stop)(utrace_thread *thread, struct utrace_error *error);
	/* Lets a stopped thread go on; a dead one is no error, its end will be told. Whatever runs has its cached registers forgotten. */
	void (*resume)(utrace_thread *thread, const struct ut__resume *how);

	/* A whole register set, by enum utrace_regset. get returns the full size. The thread is stopped. */
	ssize_t (*regset_get)(utrace_thread *thread, int set, void *buffer, size_t size, struct utrace_error *error);
	int (*regset_set)(utrace_thread *thread, int set, const void *buffer, size_t size, struct utrace_error *error);

	/* Bytes done up to the first bad address, 0 included, or a status other than UTRACE_FAULT. */
	ssize_t (*read)(utrace_process *process, uint64_t address, void *buffer, size_t size,
			struct utrace_error *error);
	ssize_t (*write)(utrace_process *process, uint64_t address, const void *buffer, size_t size,
			 struct utrace_error *error);
	/* Several pieces at once; sets done of each. 0 or a status. */
	int (*readv)(utrace_process *process, struct utrace_memory_span *spans, size_t count,
		     struct utrace_error *error);

	/*
	 * Sets a stopped thread's debug registers, all of them; UT__DEBUG_SLOTS. UTRACE_BUSY: the kernel has no more
	 * of them.
	 */
	int (*debug_set)(utrace_thread *thread, const struct ut__debug_slot *slots, struct utrace_error *error);

	/* Whether the process and a new child of it, which may be unknown yet, have their memory in common. */
	bool (*shares_memory)(utrace_process *process, pid_t child);
	/* In the memory of a stopped child that will not be known: where `expected` is, writes `bytes`. */
	void (*write_child)(utrace_process *process, pid_t child, uint64_t address, const void *expected,
			    const void *bytes, size_t size);

	/* Blocks these signals in a stopped thread, and stores which were. NULL: can't be done (no functions can be called). */
	int (*signal_mask)(utrace_thread *thread, uint64_t blocked, uint64_t *old, struct utrace_error *error);

	/* Runs a call in a stopped thread, which then stands as before. Pumps. */
	int (*inject)(utrace_thread *thread, int64_t number, const uint64_t args[6], int64_t *result,
		      struct utrace_error *error);
};

/*
 * The backend of an enum utrace_backend; of UTRACE_BACKEND_DEFAULT the best one that this kernel has.  The one table that
 * names them: backend/backends.c.
 */
const struct ut__backend *ut__backend_find(uint32_t backend);

#endif
