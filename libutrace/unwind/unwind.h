/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * unwind/unwind.h - what the files of this layer share: a stack while it grows, the registers of a frame, and the
 * rules of an address.
 *
 * A stack is unwound one physical frame at a time; `now` has the registers of the last one.  Each physical frame
 * keeps the registers that are known in it and where they were saved; the inlined frames in it share them.
 * Rules (rows of call frame information) belong to a file and are kept by address, for all threads, stops and
 * processes.
 */
#ifndef UT_UNWIND_UNWIND_H
#define UT_UNWIND_UNWIND_H

#include <utrace/memory.h>
#include <utrace/regs.h>
#include <utrace/unwind.h>

#include "sym/dwarf.h"
#include "sym/sym.h"

enum { UT__REGISTERS_MAX = 17, UT__WINDOW = 8192 };

/* By DWARF number, up to the one of the pc. (AMD64 supplement, figure 3.36; i386 supplement, table 2.14) */
struct ut__registers {
	uint64_t value[UT__REGISTERS_MAX];
	uint64_t place[UT__REGISTERS_MAX]; /* where it was saved; 0: still in the thread's register */
	uint32_t valid;
	uint32_t computed; /* bit n: neither saved nor in the thread */
};

/* What differs between architectures. */
struct ut__unwind_arch {
	int machine;
	unsigned bytes; /* of an address */
	uint8_t pc, sp, fp, count;
	uint32_t preserved; /* across calls, by the ABI */
};
const struct ut__unwind_arch *ut__unwind_arch(int architecture);

enum ut__rule_kind {
	UT__RULE_SAME,
	UT__RULE_UNDEFINED,
	UT__RULE_AT_CFA,
	UT__RULE_CFA_PLUS,
	UT__RULE_REGISTER,
	UT__RULE_EXPRESSION
};

struct ut__rule {
	uint8_t kind;   /* enum ut__rule_kind */
	bool is_value;  /* the expression gives the value, not the place */
	int32_t number; /* offset from the CFA, or register */
	uint32_t op_count;
	Dwarf_Op *ops; /* of libdw's, or owned by the row */
};

struct ut__row {
	struct ut__row *next;
	uint64_t address; /* for which it was asked */
	bool exists;      /* false: no information about this address */
	bool is_signal;
	uint8_t return_register;
	struct ut__rule cfa; /* REGISTER with `offset`, or EXPRESSION */
	int64_t offset;
	struct ut__rule rules[UT__REGISTERS_MAX];
};

/* A physical frame; the public frames point to it. */
struct ut__physical {
	uint64_t pc;
	uint64_t cfa; /* 0: not known yet */
	bool exact;   /* the pc is not after a call */
	bool is_signal;
	bool is_virtual; /* without pc */
	const char *unwinder;
	utrace_module *module;
	char *function; /* of a caller's unwinder */
	char *file;
	uint32_t line;
	uint32_t valid, computed;
	uint64_t saved[]; /* value and place of each valid register, in order */
};

struct utrace_frame {
	utrace_stack *stack;
	struct ut__physical *physical;
	uint32_t number;
	uint16_t depth; /* how many inlined bodies it is in, from the innermost: index into the chain of functions */
	uint8_t kind;
	bool is_innermost_of_physical;
};

struct utrace_stack {
	utrace_image *image;
	utrace_thread *thread;
	struct utrace_unwind_options options;
	const struct ut__unwind_arch *arch;
	utrace_frame **frames;
	size_t count, room;
	struct ut__physical **physicals;
	size_t physical_count, physical_room;
	struct ut__registers now;
	uint64_t last_cfa;
	unsigned crossings; /* of signal frames to a lower stack */
	bool refreshed;     /* the mappings have been read anew for it */
	int end;            /* enum utrace_stack_end, once it has ended */
	struct utrace_error end_error;
	uint64_t window_start; /* a piece of stack memory that has been read */
	size_t window_size;
	unsigned char window[UT__WINDOW];
};

/* An address of the stack's, of the tracee's size. */
int ut__stack_word(utrace_stack *stack, uint64_t address, uint64_t *value, struct utrace_error *error);

/* The row for an address, kept; NULL: out of memory. */
const struct ut__row *ut__row_at(struct ut__file *file, uint64_t elf_address);

/* The registers of the caller by a row; 0 or a status. *cfa is filled. outermost: the row says that there is no
 * caller. */
int ut__row_apply(utrace_stack *stack, const struct ut__row *row, uint64_t bias, struct ut__registers *caller,
		  uint64_t *cfa, bool *outermost, struct utrace_error *error);

/* Whether the code is the end of a signal handler as kernel and C libraries know it, by its bytes; and the registers
 * that it restores. */
bool ut__is_signal_return(utrace_stack *stack, uint64_t pc);
bool ut__signal_caller(utrace_stack *stack, struct ut__registers *caller, uint64_t *cfa);

/* Frames without call frame information: true if a caller was found; *unwinder says how. */
bool ut__guess_caller(utrace_stack *stack, const struct ut__physical *frame, struct ut__registers *caller,
		      uint64_t *cfa, const char **unwinder);

/* ---- foreign.c ---- */
struct ut__foreign_answer {
	int answer; /* enum utrace_unwind_answer */
	const char *name;
	struct utrace_unwind_frame caller;
};
/* Asks the callers' unwinders; names are put into the frame. */
void ut__foreign_ask(utrace_stack *stack, struct ut__physical *frame, struct ut__foreign_answer *answer);
bool ut__foreign_any(const utrace_image *image);

#endif
