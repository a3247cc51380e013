/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * utrace/breakpoint.h - breakpoints and watchpoints of a process.
 *
 * A breakpoint belongs to one address space and to one caller; several at one address share one trap, and each one
 * that wants the hit is told.  Reads of memory through this library never show a trap, and writes go under it.  A thread that is resumed at
 * a breakpoint executes the instruction under it by emulation or out of line: no other thread is stopped for it,
 * and none can slip through.
 *
 * What is told: a thread is told of a breakpoint each time that it is about to execute the instruction there (BREAKPOINT, event.h).
 * A step that arrives at one is told as BREAKPOINT instead of STEPPED.  One that is set where a thread is held is told
 * when the thread is resumed, unless that thread was told of another one there.
 *
 * fork: the child has its parent's breakpoints if it is followed (each a handle of its own with the parent's data pointer:
 * utrace_process_breakpoints), and none, with clean memory, if it is let go.  A vfork child shares the memory and the breakpoints
 * until it execs or ends; one that is let go takes them out of the shared memory until then.
 * exec: all breakpoints of the old program are gone: their handles answer UTRACE_DEAD.
 * Memory that is unmapped or written by the program takes its trap with it: utrace_breakpoint_is_inserted tells, and
 * utrace_breakpoint_set_enabled puts it back where something is mapped again.
 *
 * Hardware breakpoints and watchpoints are the processor's: there are four registers (x86), for all of a process.  They work in every thread, also
 * in those that are made later.  Writes that the kernel makes for the tracee (read(2) into watched memory) are not seen.
 *
 * The tracee can see a breakpoint by reading its own text.  The kernel resets a blocked or ignored SIGTRAP to its default
 * when a trap is executed (kernel/signal.c, force_sig_info_to_task).
 */
#ifndef UTRACE_BREAKPOINT_H
#define UTRACE_BREAKPOINT_H

#include <utrace/base.h>

#ifdef __cplusplus
extern "C" {
#endif

enum utrace_breakpoint_kind {
	UTRACE_BREAKPOINT_SOFTWARE = 0, /* a trap instruction */
	UTRACE_BREAKPOINT_HARDWARE = 1, /* a debug register: text that can't be written, or code that writes itself */
	UTRACE_WATCH_WRITE = 2,         /* `length` bytes, 1 to 8; unaligned ones use several registers */
	UTRACE_WATCH_ACCESS = 3,        /* read or write */
};

/*
 * Decides whether a hit counts: non-zero tells it, 0 lets the thread go on as if it had not been.  Called on the session's
 * tracer thread with the thread stopped at the breakpoint; may read and write registers and memory of it, and
 * change breakpoints, and call nothing that waits.
 */
typedef int utrace_breakpoint_condition(utrace_breakpoint *breakpoint, utrace_thread *thread, void *data);

/*
 * The same without waking anybody: a program for a small machine with a stack of 32 numbers of 64 bits, which the library
 * checks when it is set and evaluates beside the stop.  What it leaves at its end, one number, tells the hit unless it is 0.
 * It has 256 steps at most, and jumps lead forward, so it always ends.
 * If it can't be evaluated (memory that is not there, a register that the architecture has not, a division by zero) the hit is told with
 * UTRACE_EVENT_CONDITION_FAILED.  A breakpoint with both kinds of condition asks this one first.
 */
enum utrace_condition_op {
	UTRACE_CONDITION_CONSTANT = 1, /* pushes `number` */
	UTRACE_CONDITION_REGISTER = 2, /* pushes the register with the DWARF number `number`, zero-extended */
	UTRACE_CONDITION_LOAD = 3,     /* an address becomes the `size` bytes that are there, extended by `is_signed` */
	UTRACE_CONDITION_EXTEND = 4,   /* the lowest `size` bytes, extended by `is_signed`: a cast */
	UTRACE_CONDITION_NEGATE = 5,
	UTRACE_CONDITION_COMPLEMENT = 6, /* each bit */
	UTRACE_CONDITION_NOT = 7,        /* 1 if it is 0, else 0 */
	/* The rest takes two, the second from the top first. */
	UTRACE_CONDITION_ADD = 8,
	UTRACE_CONDITION_SUBTRACT = 9,
	UTRACE_CONDITION_MULTIPLY = 10,
	UTRACE_CONDITION_DIVIDE = 11,    /* by `is_signed`, as are those marked likewise */
	UTRACE_CONDITION_REMAINDER = 12, /* likewise */
	UTRACE_CONDITION_AND = 13,
	UTRACE_CONDITION_OR = 14,
	UTRACE_CONDITION_XOR = 15,
	UTRACE_CONDITION_SHIFT_LEFT = 16,
	UTRACE_CONDITION_SHIFT_RIGHT = 17, /* likewise */
	UTRACE_CONDITION_EQUAL = 18,
	UTRACE_CONDITION_LESS = 19,          /* likewise */
	UTRACE_CONDITION_LESS_OR_EQUAL = 20, /* likewise */
	/* Skip the next `number` steps: always; if what they take from the stack is 0. */
	UTRACE_CONDITION_JUMP = 21,
	UTRACE_CONDITION_JUMP_IF_ZERO = 22,
};

struct utrace_condition_step {
	uint32_t op;        /* enum utrace_condition_op */
	uint16_t size;      /* LOAD, EXTEND: 1, 2, 4 or 8 */
	uint16_t is_signed; /* non-zero: two's complement */
	uint64_t number;
};

struct utrace_breakpoint_options {
	size_t size;
	uint64_t address;
	uint32_t kind;          /* enum utrace_breakpoint_kind */
	uint32_t length;        /* watchpoints: bytes */
	utrace_thread *thread;  /* only this thread's hits count; NULL: every thread's */
	uint64_t frame;         /* only hits with a stack pointer above this count; 0: all (recursion) */
	uint64_t ignore;        /* so many hits are counted but not told */
	uint32_t temporary;     /* non-zero: removed by its first told hit */
	uint32_t disabled;      /* non-zero: made, but not inserted */
	uint32_t not_inherited; /* non-zero: a followed fork child doesn't have it */
	uint32_t inherited;     /* non-zero: a followed fork child has it, also if it is one of the hardware's */
	utrace_breakpoint_condition *condition;    /* NULL: every hit counts */
	void *data;                                /* for condition and utrace_breakpoint_data */
	const struct utrace_condition_step *steps; /* of a condition without a callback; copied. NULL: none */
	size_t step_count;
};

/*
 * Sets a breakpoint; threads may run.  *breakpoint is a reference of the caller's; utrace_breakpoint_remove and a later unref
 * end it.  One without a remove stays in the process.
 * Errors: UTRACE_FAULT (nothing mapped there, or not to be written), UTRACE_BUSY (the processor's debug registers are all
 * in use; the text says by whom), UTRACE_INVALID (kind, length, alignment), UTRACE_NO_MEMORY, UTRACE_DEAD, UTRACE_NOT_ATTACHED,
 * UTRACE_UNSUPPORTED (the backend has none of this kind, or the process has no room to execute instructions out of line).
 */
UTRACE_API int utrace_breakpoint_insert(utrace_process *process, const struct utrace_breakpoint_options *options,
					utrace_breakpoint **breakpoint, struct utrace_error *error);

/*
 * Takes it out of the tracee.  A hit that is already queued stays told; a trap that a thread has executed but was not told of is forgotten.
 * 0 too if it was removed before, or if its process is gone or runs another program.
 */
UTRACE_API int utrace_breakpoint_remove(utrace_breakpoint *breakpoint, struct utrace_error *error);

/*
 * Takes its trap out, or puts it in, also where the program has overwritten it.
 * Errors: UTRACE_DEAD, UTRACE_NOT_ATTACHED; as for insert when enabled.
 */
UTRACE_API int utrace_breakpoint_set_enabled(utrace_breakpoint *breakpoint, int enabled, struct utrace_error *error);

/* Change what was given at the insertion. Errors: UTRACE_DEAD, UTRACE_NOT_ATTACHED. */
UTRACE_API int utrace_breakpoint_set_ignore(utrace_breakpoint *breakpoint, uint64_t ignore, struct utrace_error *error);
UTRACE_API int utrace_breakpoint_set_condition(utrace_breakpoint *breakpoint, utrace_breakpoint_condition *condition,
					       void *data, struct utrace_error *error);

/* Sets the condition without a callback; 0 steps: none. Errors also: UTRACE_INVALID, UTRACE_NO_MEMORY. */
UTRACE_API int utrace_breakpoint_set_steps(utrace_breakpoint *breakpoint, const struct utrace_condition_step *steps,
					   size_t count, struct utrace_error *error);

/* References. Any thread. */
UTRACE_API utrace_breakpoint *utrace_breakpoint_ref(utrace_breakpoint *breakpoint);
UTRACE_API void utrace_breakpoint_unref(utrace_breakpoint *breakpoint);

/* What a handle knows; never fails. Any thread. */
UTRACE_API uint64_t utrace_breakpoint_address(const utrace_breakpoint *breakpoint);
UTRACE_API uint64_t utrace_breakpoint_hits(const utrace_breakpoint *breakpoint); /* that counted: told, or ignored */
UTRACE_API utrace_process *utrace_breakpoint_process(const utrace_breakpoint *breakpoint);
UTRACE_API void *utrace_breakpoint_data(const utrace_breakpoint *breakpoint);

/* 1 if it is in the tracee now, by what its memory has; 0 if not, or if the process is gone. */
UTRACE_API int utrace_breakpoint_is_inserted(const utrace_breakpoint *breakpoint);

/*
 * The breakpoints and watchpoints that the thread's present hold tells of (BREAKPOINT, WATCHPOINT): stores new references in
 * hits[0..count) and returns how many there are, which may be more. Errors: UTRACE_NOT_STOPPED, UTRACE_DEAD, UTRACE_NOT_ATTACHED.
 */
UTRACE_API int utrace_thread_hits(utrace_thread *thread, utrace_breakpoint **hits, size_t count,
				  struct utrace_error *error);

/* The breakpoints that the process has, likewise: after the CREATE of a fork, those that the child got. */
UTRACE_API int utrace_process_breakpoints(utrace_process *process, utrace_breakpoint **breakpoints, size_t count,
					  struct utrace_error *error);

#ifdef __cplusplus
}
#endif

#endif
