/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/layouts.h - objects that no debug information describes: vector registers, and the signal that a thread stopped
 * for.  Each is bytes and a table of what is where; they can be printed, and their members taken, but not written.
 */
#ifndef MINI_GDB_LAYOUTS_H
#define MINI_GDB_LAYOUTS_H

#include "value.h"

enum layout_kind {
	LAYOUT_SIGNED,
	LAYOUT_UNSIGNED,
	LAYOUT_REAL,  /* of 2 bytes: half */
	LAYOUT_BRAIN, /* bfloat16 */
	LAYOUT_POINTER,
	LAYOUT_STRUCT,
};

struct layout {
	const char *name;
	const char *type; /* as ptype shows it */
	enum layout_kind kind;
	unsigned int size;  /* of one element */
	unsigned int count; /* of elements; 0: no array */
	unsigned int offset;
	const struct layout *members; /* STRUCT; up to one without a name */
};

/* $_siginfo, $xmm0, $ymm0, $st0, $mxcsr and the x87 control registers; NULL without an error text: none of them. */
struct value *layout_value(struct gdb *gdb, const char *name);
struct value *layout_member(struct gdb *gdb, struct value *object, const char *name);
void show_layout(struct gdb *gdb, const struct value *value, char letter);
void print_layout_type(struct gdb *gdb, const struct layout *layout, bool expanded);

#endif
