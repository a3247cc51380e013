/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/type.h - types within the layer.
 *
 * A type is known by its entry, and inner dimensions of arrays by their number too, so that one type is one pointer. 
 * Types that no entry describes (pointers and arrays made for casts, base types where there is no debug information)
 * hang on what they were made from.
 */
#ifndef UT_SYM_TYPE_H
#define UT_SYM_TYPE_H

#include <utrace/type.h>

#include "sym/dwarf.h"

struct utrace_type {
	utrace_type *next; /* in the chain of the table */
	struct ut__file *file;
	Dwarf_Die die;      /* addr NULL: made */
	unsigned dimension; /* of an array: how many dimensions are further out */
	uint32_t kind;
	const char *name;
	char *qualified; /* made when first asked; NULL with qualified_known: as the name */
	bool qualified_known;
	int64_t size;
	int64_t length;
	bool is_signed, is_declaration, is_cxx;
	bool target_known;
	utrace_type *target;
	utrace_type *pointer;       /* made from it */
	utrace_type *references[2]; /* lvalue, rvalue */
	utrace_type *arrays;        /* made from it, by `next` */
};

enum { UT__TYPE_CHAIN_MAX = 64 }; /* of typedefs and the like; a longer one is a cycle */

/* Entries that define a type which has a name. */
bool ut__is_type_tag(int tag);
/* The type that the entry is; NULL: out of memory. */
utrace_type *ut__type_of_die(struct ut__file *file, Dwarf_Die *die);
/* What DW_AT_type of the entry refers to; NULL: void. */
utrace_type *ut__type_of(struct ut__file *file, Dwarf_Die *die);
/* enum utrace_access of an entry in a class, struct or union. */
uint32_t ut__die_access(Dwarf_Die *die, uint32_t kind);
/* A base type or pointer that no entry describes. */
utrace_type *ut__type_make(struct ut__file *file, uint32_t kind, const char *name, int64_t size, bool is_signed);

#endif
