/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * compile/compile.h - from where a variable is, as DWARF says it for an address of code, to the steps of a breakpoint's condition.
 *
 * A DWARF expression is not evaluated here but carried out on code: each value on its stack is the steps that will push
 * it.  The condition's machine cannot copy or swap what is on its stack, and need not: code is copied and swapped here.
 * What only a stopped thread's frames could tell (entry values of callers, branches on values) is refused, never guessed.
 */
#ifndef UT_COMPILE_COMPILE_H
#define UT_COMPILE_COMPILE_H

#include <utrace/breakpoint.h>

#include "sym/arithmetic.h"
#include "sym/variable.h"

enum { UT__STEPS_MAX = 96, UT__PARTS_MAX = 16 };

/* The steps that push one value. */
struct ut__steps {
	struct utrace_condition_step steps[UT__STEPS_MAX];
	size_t count;
	uint8_t size;     /* bytes of its type */
	uint8_t encoding; /* DW_ATE_*; 0: the generic type, of the size of an address */
	bool is_trimmed;  /* above `size` bytes it is zero; else anything */
	bool is_too_long;
};

/* ---- steps.c ---- */
struct ut__steps ut__steps_constant(uint64_t number, unsigned size);
struct ut__steps ut__steps_register(unsigned number, unsigned size);
void ut__steps_append(struct ut__steps *code, uint32_t op, unsigned size, bool is_signed, uint64_t number);
void ut__steps_add(struct ut__steps *code, uint64_t number);
/* What is there of `size` bytes, with zeros above. */
void ut__steps_load(struct ut__steps *code, unsigned size);
/* Fills what is above its size. */
void ut__steps_extend(struct ut__steps *code, bool is_signed);
/* Joins two operands: left becomes the result. */
void ut__steps_join(struct ut__steps *left, const struct ut__steps *right, uint32_t op, bool is_signed);
/* One operation of DWARF's arithmetic; false: the machine has no such operation. */
bool ut__steps_unary(uint8_t atom, struct ut__steps *value);
bool ut__steps_binary(uint8_t atom, struct ut__steps *left, struct ut__steps *right, unsigned bytes);
/* To another integer type; keep_bits: as they are. */
void ut__steps_convert(struct ut__steps *value, unsigned size, uint8_t encoding, bool keep_bits);

/* ---- expression.c ---- */
struct ut__compiled_part {
	enum ut__piece_kind kind; /* MEMORY: code is the address; REGISTER, VALUE: code is the value */
	struct ut__steps code;
	const unsigned char *bytes;
	size_t byte_count;
	uint64_t bits; /* 0: the whole object */
	uint64_t bit_offset;
};

struct ut__compiled {
	struct ut__compiled_part parts[UT__PARTS_MAX];
	size_t count; /* 0: optimised out */
};

/* An address of code; pc is that of the file, and without has_pc only what is the same everywhere can be compiled. */
struct ut__spot {
	utrace_module *module;
	uint64_t pc;
	bool has_pc;
	unsigned depth; /* of expressions that need others */
};

int ut__compile_place(const struct ut__spot *spot, Dwarf_Attribute *attribute, const Dwarf_Op *ops, size_t count,
		      struct ut__compiled *compiled, struct utrace_error *error);
/* Where only a number is wanted, as of a CFA. attribute is NULL for call frame information. */
int ut__compile_value(const struct ut__spot *spot, Dwarf_Attribute *attribute, const Dwarf_Op *ops, size_t count,
		      struct ut__steps *code, struct utrace_error *error);

/* ---- spot.c: what an expression needs of the place that it is for ---- */
int ut__spot_cfa(const struct ut__spot *spot, struct ut__steps *code, struct utrace_error *error);
int ut__spot_frame_base(const struct ut__spot *spot, struct ut__steps *code, struct utrace_error *error);
/* The offset in the module's thread-local block becomes the address. */
int ut__spot_tls(const struct ut__spot *spot, struct ut__steps *code, struct utrace_error *error);
/* Whether nothing of the function has been executed yet, so that registers have what they had at its entry. */
bool ut__spot_is_entry(const struct ut__spot *spot);

#endif
