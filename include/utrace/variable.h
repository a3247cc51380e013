/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * utrace/variable.h - variables: which there are, where they are, what is in them; also in optimised code.
 *
 * A variable belongs to the image.  Where it is depends on the frame and on its pc: in memory, in a register, in
 * pieces, nowhere but computable, or optimised out.  Facts: DWARF 5, 2.6 and 4.1. Threads and output structs: as in
 * symbol.h.
 */
#ifndef UTRACE_VARIABLE_H
#define UTRACE_VARIABLE_H

#include <utrace/breakpoint.h>
#include <utrace/type.h>
#include <utrace/unwind.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct utrace_variable utrace_variable;

UTRACE_API const char *utrace_variable_name(const utrace_variable *variable);
/* NULL: void, or not described. */
UTRACE_API utrace_type *utrace_variable_type(utrace_variable *variable);
/* Where it is declared; NULL and 0 if the compiler did not say. */
UTRACE_API const char *utrace_variable_file(utrace_variable *variable);
UTRACE_API uint32_t utrace_variable_line(utrace_variable *variable);
UTRACE_API int utrace_variable_is_argument(const utrace_variable *variable);
/* Lives as long as the program, not as long as a frame. */
UTRACE_API int utrace_variable_is_static(const utrace_variable *variable);
/* Seen by other units. */
UTRACE_API int utrace_variable_is_external(const utrace_variable *variable);
/* How deep the block is that it is declared in: 0 is the function's outermost. */
UTRACE_API uint32_t utrace_variable_depth(const utrace_variable *variable);
UTRACE_API utrace_module *utrace_variable_module(const utrace_variable *variable);

/*
 * Arguments and locals that are visible at the frame's pc: those of the innermost block first, in each block in the
 * order of the debug information (mostly that of declaration), the arguments last. Stores up to count and returns how many there are, or a status as
 * utrace_module_debug_state.
 */
UTRACE_API int utrace_frame_variables(utrace_frame *frame, utrace_variable **variables, size_t count,
				      struct utrace_error *error);
/* The same for an address of code, without a frame: those of the innermost function, inlined ones too, and its blocks. */
UTRACE_API int utrace_variables_at(utrace_image *image, uint64_t address, utrace_variable **variables, size_t count,
				   struct utrace_error *error);
/*
 * By name: locals of the frame, innermost first; then statics and globals of its unit, then globals of all modules,
 * then statics.
 * C++ names may have scopes. frame may be NULL. UTRACE_NOT_FOUND.
 */
UTRACE_API int utrace_variable_find(utrace_image *image, utrace_frame *frame, const char *name,
				    utrace_variable **variable, struct utrace_error *error);
/* The same, seen from an address of code instead of a frame: for what is compiled before it runs. */
UTRACE_API int utrace_variable_find_at(utrace_image *image, uint64_t address, const char *name,
				       utrace_variable **variable, struct utrace_error *error);
/* The static or global of a source file (any tail of its path), as gdb's 'file.c'::name. */
UTRACE_API int utrace_variable_find_in(utrace_image *image, const char *file, const char *name,
				       utrace_variable **variable, struct utrace_error *error);

/* A variable or argument of the function that has the address, in whichever block, as gdb's function::name: the
 * outermost one of the name. UTRACE_NOT_FOUND. */
UTRACE_API int utrace_variable_find_inside(utrace_image *image, uint64_t address, const char *name,
					   utrace_variable **variable, struct utrace_error *error);

/* Every variable outside of functions, of every module; ends as utrace_type_list. */
typedef int utrace_variable_callback(utrace_variable *variable, void *data);
UTRACE_API int utrace_variable_list(utrace_image *image, utrace_variable_callback *callback, void *data);

enum utrace_place_kind {
	UTRACE_PLACE_MEMORY,
	UTRACE_PLACE_REGISTER,
	UTRACE_PLACE_VALUE,  /* no place: computed, or a constant */
	UTRACE_PLACE_PIECES, /* parts of it in several places */
	UTRACE_PLACE_OPTIMIZED_OUT,
};

struct utrace_place {
	size_t size;
	uint32_t kind;          /* enum utrace_place_kind */
	int32_t dwarf_register; /* REGISTER: number; else -1 */
	uint64_t address;       /* MEMORY */
};

/* Where the value is in this frame (NULL: that needs none) right now. Errors as utrace_variable_read, but optimised
 * out is none. */
UTRACE_API int utrace_variable_place(utrace_variable *variable, utrace_frame *frame, struct utrace_place *place,
				     struct utrace_error *error);
/*
 * The value's bytes, as many as its type has, at most size; returns how many. UTRACE_NOT_FOUND: optimised out here,
 * or a register that it is in was not saved; UTRACE_FAULT; UTRACE_INVALID: needs a frame, or damaged;
 * UTRACE_UNSUPPORTED.
 */
UTRACE_API ssize_t utrace_variable_read(utrace_variable *variable, utrace_frame *frame, void *buffer, size_t size,
					struct utrace_error *error);
/*
 * The same for the value that an argument had when the frame's function was entered, as the caller's call site says:
 * gdb's x@entry.  It can be known where the present value is lost.  UTRACE_NOT_FOUND: the call site does not say, or it
 * is unknown who called (a tail call), or the function is inlined; UTRACE_UNSUPPORTED: more than 8 bytes. (DWARF 5,
 * 3.4.2)
 */
UTRACE_API ssize_t utrace_variable_read_entry(utrace_variable *variable, utrace_frame *frame, void *buffer, size_t size,
					      struct utrace_error *error);
/* Writes the first `size` bytes of it. UTRACE_WRONG_STATE: it has no place. */
UTRACE_API int utrace_variable_write(utrace_variable *variable, utrace_frame *frame, const void *buffer, size_t size,
				     struct utrace_error *error);

/* ---- in conditions that the library evaluates ---- */

/* A part of a variable that is a number. */
struct utrace_variable_part {
	size_t size;
	uint64_t offset;    /* bytes from the variable's beginning: a member of a struct, an element of an array */
	uint32_t length;    /* 1, 2, 4 or 8 bytes */
	uint32_t is_signed; /* non-zero: two's complement */
};

/*
 * The steps (breakpoint.h) by which a condition gets at a variable in a thread that is about to execute the instruction at `pc`
 * (0: anywhere, where only statics have a place): its value, or the address in memory where it begins.  They take nothing from the
 * condition's stack, leave one number there, and have no jumps, so they may stand anywhere in a program.
 * The value is that of the part, extended to 64 bits; part NULL: the whole variable, if it has 1, 2, 4 or 8 bytes.
 * Stores up to `count` steps and returns how many there are, or a status: UTRACE_NOT_FOUND (optimised out at the pc),
 * UTRACE_WRONG_STATE (an address: it is in a register, in pieces, or only computed), UTRACE_UNSUPPORTED (no steps can do
 * it: an entry value, which the caller's frame tells; a vector register; code without call frame information: a condition
 * with a callback can), UTRACE_INVALID (a part outside of the variable, no pc where one is needed, damaged debug information),
 * UTRACE_NO_MEMORY; thread-local variables also as utrace_tls_address.  A thread that has no instance of one yet fails the condition.
 */
UTRACE_API int utrace_variable_value_steps(utrace_variable *variable, uint64_t pc,
					   const struct utrace_variable_part *part, struct utrace_condition_step *steps,
					   size_t count, struct utrace_error *error);
UTRACE_API int utrace_variable_address_steps(utrace_variable *variable, uint64_t pc,
					     struct utrace_condition_step *steps, size_t count,
					     struct utrace_error *error);

#ifdef __cplusplus
}
#endif

#endif
