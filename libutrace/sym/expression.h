/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/expression.h - DWARF expressions and location descriptions. (DWARF 5, 2.5 and 2.6; GNU extensions of gcc's for
 * versions before 5)
 *
 * The evaluator knows no process: what it needs comes through a table of functions, any of which may be NULL where
 * the thing does not exist (UTRACE_UNSUPPORTED then says what was missing).  It ends after a bounded number of
 * operations, whatever the file says.
 */
#ifndef UT_SYM_EXPRESSION_H
#define UT_SYM_EXPRESSION_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stdint.h>

struct utrace_error;

struct ut__expression_ops {
	int (*reg)(void *data, unsigned number, uint64_t *value, struct utrace_error *error);
	int (*read)(void *data, uint64_t address, void *buffer, size_t size, struct utrace_error *error);
	int (*cfa)(void *data, uint64_t *value, struct utrace_error *error);
	int (*frame_base)(void *data, uint64_t *value, struct utrace_error *error);
	int (*tls)(void *data, uint64_t offset, uint64_t *address, struct utrace_error *error);
	/* The value of this expression at the function's entry. */
	int (*entry_value)(void *data, Dwarf_Op *ops, size_t count, uint64_t *value, struct utrace_error *error);
	/* DW_OP_GNU_parameter_ref: the value that the caller passed for this parameter. */
	int (*parameter)(void *data, Dwarf_Die *parameter, uint64_t *value, struct utrace_error *error);
};

struct ut__expression {
	const struct ut__expression_ops *ops;
	void *data;
	Dwarf_Attribute *attribute; /* that the operations are of; NULL for call frame information */
	unsigned bytes;             /* of an address */
	uint64_t bias;              /* to add to addresses of the file */
	const uint64_t *initial;    /* on the stack at the start, or NULL */
	const uint64_t *object;     /* DW_OP_push_object_address, or NULL */
	unsigned depth;             /* of expressions that evaluate others */
};

enum ut__piece_kind {
	UT__PIECE_MEMORY,
	UT__PIECE_REGISTER,
	UT__PIECE_VALUE, /* the value itself, in `value` */
	UT__PIECE_BYTES, /* DW_OP_implicit_value */
	UT__PIECE_IMPLICIT_POINTER /* to an entry that has no place: `die`, and the offset in `value` */,
	UT__PIECE_NONE, /* optimised out */
};

struct ut__piece {
	enum ut__piece_kind kind;
	uint64_t value; /* address, register number, or value */
	const unsigned char *bytes;
	size_t byte_count;
	uint64_t bits;       /* 0: the whole object */
	uint64_t bit_offset; /* within the place */
	Dwarf_Die die;
};

enum { UT__PIECES_MAX = 64 };

struct ut__place {
	struct ut__piece pieces[UT__PIECES_MAX];
	size_t count; /* 0: optimised out */
};

/* 0, or UTRACE_INVALID (damaged, endless), UTRACE_UNSUPPORTED, UTRACE_NOT_FOUND (a register is not known),
 * UTRACE_FAULT. */
int ut__expression_place(const struct ut__expression *expression, const Dwarf_Op *ops, size_t count,
			 struct ut__place *place, struct utrace_error *error);
/* Where only a number is wanted, as of a CFA: what is on top of the stack at the end. */
int ut__expression_value(const struct ut__expression *expression, const Dwarf_Op *ops, size_t count, uint64_t *value,
			 struct utrace_error *error);

#endif
