/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/variable.h - variables within the layer.
 *
 * A variable is known by its module and entry, so that one variable is one pointer. Frames are seen through unwind.h
 * only.
 */
#ifndef UT_SYM_VARIABLE_H
#define UT_SYM_VARIABLE_H

#include <utrace/variable.h>

#include "sym/dwarf.h"
#include "sym/expression.h"

struct utrace_variable {
	struct utrace_variable *next; /* in the chain of the module's table */
	utrace_module *module;
	struct ut__unit *unit;
	Dwarf_Die die;
	uint32_t depth;
	bool is_argument;
};

utrace_variable *ut__variable_of(utrace_module *module, struct ut__unit *unit, Dwarf_Die *die, uint32_t depth);
/* A declaration (extern, or a static member's in its class) is no variable; one that has a place or a value is. */
bool ut__variable_is_definition(Dwarf_Die *die);
void ut__module_free_variables(utrace_module *module);

/* The functions that the frame's address is in, and which of them the frame is. */
struct ut__scope {
	const struct ut__chain *chain;
	size_t position;
	uint64_t pc; /* in the file, to look up by */
};
int ut__frame_scope(utrace_frame *frame, struct ut__scope *scope, struct utrace_error *error);

/* How a call site names what it passes: one of three. */
struct ut__passed {
	enum { UT__PASSED_REGISTER, UT__PASSED_PARAMETER, UT__PASSED_STACK } how;
	unsigned reg;         /* REGISTER */
	Dwarf_Die *parameter; /* PARAMETER */
	int64_t offset;       /* STACK: from the stack pointer at the call, which is the function's CFA */
};

/* Whether an operation names a register as the place. */
bool ut__op_is_register(const Dwarf_Op *op, unsigned *reg);
/* A function's call site by the address behind the call, and what it calls where that is always the same function. */
bool ut__call_site_find(Dwarf_Die *function, uint64_t return_pc, Dwarf_Die *site);
bool ut__call_site_pc(Dwarf_Die *site, uint64_t *return_pc);
bool ut__call_site_origin(Dwarf_Die *site, Dwarf_Die *target);
/* tail.c: the entry of the function that it calls, at run time. */
bool ut__call_site_target(utrace_module *module, Dwarf_Die *site, uint64_t *address);

/* The value that it had when the frame's function was entered, by what the caller's call site says. */
int ut__entry_value(utrace_frame *frame, const struct ut__passed *passed, unsigned depth, uint64_t *value,
		    struct utrace_error *error);

/* Evaluates an attribute in a frame; a nested evaluation has a depth. */
int ut__frame_evaluate(utrace_image *image, utrace_module *module, utrace_frame *frame, Dwarf_Attribute *attribute,
		       const Dwarf_Op *ops, size_t count, unsigned depth, struct ut__place *place, uint64_t *value,
		       struct utrace_error *error);

/* A constant as the value: bytes, a number, or a string. */
int ut__constant_piece(Dwarf_Attribute *attribute, struct ut__piece *piece, struct utrace_error *error);
/* The expression of where it is at an address of the file (NULL: none given): 1, 0 if it is nowhere, or a status. */
int ut__variable_location(utrace_variable *variable, const uint64_t *pc, Dwarf_Attribute *attribute, Dwarf_Op **ops,
			  size_t *count, struct utrace_error *error);

/* The bytes of a register in a frame, also of vector registers. */
int ut__frame_register_bytes(utrace_frame *frame, unsigned number, void *buffer, size_t size,
			     struct utrace_error *error);
int ut__frame_set_register_bytes(utrace_frame *frame, unsigned number, const void *buffer, size_t size,
				 struct utrace_error *error);

#endif
