/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/printer.h - what the files that print values share: print.c, scalar.c, showview.c.
 */
#ifndef MINI_GDB_PRINTER_H
#define MINI_GDB_PRINTER_H

#include "print.h"

enum { SEEN_MAX = 32 };

/* Virtual bases of the object that are shown already. */
struct seen {
	utrace_type *bases[SEEN_MAX];
	size_t count;
};

struct printer {
	const struct format *format;
	bool top;     /* nothing stands around it: pointers show their type */
	bool summary; /* aggregates as ... */
	int depth;
	unsigned int elements; /* printed so far, all arrays together */
	struct seen *seen;
};

void show(struct gdb *gdb, struct printer *printer, struct value *value);
/* As a part of another value. `elements`, which may be NULL, counts those of all arrays. */
void show_nested(struct gdb *gdb, const struct printer *printer, struct value *value, unsigned int *elements);
/* The error text as a value. */
void show_error(struct gdb *gdb);
void show_scalar(struct gdb *gdb, const struct printer *printer, struct value *value);
void pretty_indent(struct gdb *gdb, int depth);
/* An object of the C++ library as what it stands for (view.h). False: it has no view, or raw printing was asked for. */
bool show_view(struct gdb *gdb, const struct printer *printer, struct value *value);

#endif
