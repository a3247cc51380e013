/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * step/step.h - what a source-level step knows, shared by the files of this layer.
 *
 * The layer uses the public headers only, as a tool could.  Files:
 *   start.c    the public calls: start, events, resume     line.c   where a line step is and whether it ends there
 *   place.c    what is at an address                       away.c   breakpoints of the step, returns, longjmp, exceptions
 *
 * Invariants: while the thread runs, `how` says how it was resumed.  A breakpoint in `traps` is inserted and only for this
 * thread.  `frame` is the CFA of the function that is stepped: a stop with a lower stack pointer than that function could have is in a callee.
 */
#ifndef UT_STEP_STEP_H
#define UT_STEP_STEP_H

#include <stdbool.h>
#include <utrace/utrace.h>

#define UT__STEP_TRAPS   24
#define UT__STEP_INLINED 16

/* What a breakpoint of the step is for. */
enum ut__purpose {
	UT__PURPOSE_LANDING, /* the step goes on from here: a return, a target, the end of a prologue */
	UT__PURPOSE_END,     /* it ends here */
	UT__PURPOSE_JUMP,    /* the thread enters longjmp */
	UT__PURPOSE_CATCH,   /* an exception is caught by whoever called this */
};

struct ut__step_trap {
	utrace_breakpoint *breakpoint;
	enum ut__purpose purpose;
};

/* The function and line that an address is in. */
struct ut__place {
	uint64_t pc;
	bool has_line;
	bool at_line_start; /* the first instruction of a statement */
	const char *file;
	uint32_t line;
	uint64_t start, end; /* the line's code around pc; without a line, the function's; empty if neither is known */
	size_t depth;        /* of functions inlined into each other; 0: unknown */
	uint64_t entries[UT__STEP_INLINED]; /* innermost first */
	uint64_t starts[UT__STEP_INLINED];
	uint64_t ends[UT__STEP_INLINED];
	uint32_t call_lines[UT__STEP_INLINED]; /* of inlined ones: where they are called */
	uint64_t function;                     /* entry of the function out of line, or of the symbol; 0: unknown */
};

struct utrace_step {
	utrace_image *image;
	utrace_thread *thread;   /* a reference */
	utrace_process *process; /* a reference */
	struct utrace_step_options options;
	uint32_t left;                    /* steps still to do after this one */
	struct utrace_resume_options how; /* the last resume, without its signal */
	struct ut__place origin;          /* where the step, or its present leg, began */
	uint64_t frame;                   /* CFA there; 0: not known */
	bool guarded;                     /* longjmp and catches are watched */
	bool jumping;                     /* inside longjmp, by single steps */
	uint64_t jump_sp;
	uint32_t jump_steps;
	bool entering; /* on the way through a stub to a function that is called */
	struct ut__step_trap traps[UT__STEP_TRAPS];
	size_t trap_count;
};

/* place.c */
void ut__place_find(utrace_image *image, uint64_t pc, struct ut__place *place);
/* Where a breakpoint on the function that begins at entry would be: after its prologue. */
uint64_t ut__place_body(utrace_image *image, uint64_t entry);
bool ut__place_is_signal_return(utrace_image *image, utrace_thread *thread);

/* away.c: statuses of enum utrace_status. */
int ut__step_trap(utrace_step *step, uint64_t address, uint64_t above, enum ut__purpose purpose,
		  struct utrace_error *error);
void ut__step_drop_traps(utrace_step *step, bool guards_too);
void ut__step_guard(utrace_step *step);
/* The CFA of the innermost frame, 0 if it can't be found. */
uint64_t ut__step_cfa(utrace_step *step);
/* A landing where the frame with this CFA returns to (0: the innermost); UTRACE_NOT_FOUND: nowhere. */
int ut__step_trap_return(utrace_step *step, uint64_t cfa, enum ut__purpose purpose, struct utrace_error *error);
/* A landing where the callees of the stepping frame return to it. */
int ut__step_trap_back(utrace_step *step, struct utrace_error *error);
/* Where the thread jumps out of its callees, from the entry of longjmp and from a handler's begin; a state, or a status. */
int ut__step_jump(utrace_step *step, struct utrace_error *error);
int ut__step_jump_on(utrace_step *step, struct utrace_error *error);
int ut__step_catch(utrace_step *step, struct utrace_error *error);

/* line.c: begins a leg at the present place; decides at a stop. A state, or a status. */
int ut__step_begin(utrace_step *step, struct utrace_error *error);
int ut__step_arrived(utrace_step *step, struct utrace_error *error);

/* start.c */
int ut__step_fail(struct utrace_error *error, int status, const char *text);
int ut__step_resume(utrace_step *step, uint32_t how, struct utrace_error *error);
int ut__step_resume_range(utrace_step *step, uint64_t start, uint64_t end, bool over, struct utrace_error *error);
uint64_t ut__step_register(utrace_step *step, int reg);
/* A word of the thread's memory; false: not readable. */
bool ut__step_word(utrace_step *step, uint64_t address, uint64_t *value);

#endif
