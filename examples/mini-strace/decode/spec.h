/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/spec.h - how a call's arguments and result are shown: data that the tables are turned into.
 */
#ifndef MINI_STRACE_SPEC_H
#define MINI_STRACE_SPEC_H

#include <stdbool.h>
#include <stdint.h>

struct decoder;
struct spec;

/* Writes an argument.  At entry, false: (the rest of) it waits for the exit, and is then asked for again. */
typedef bool arg_function(struct decoder *d, const struct spec *spec, uint64_t value);
/* Writes a result that is no error. */
typedef void result_function(struct decoder *d, const struct spec *spec, int64_t result);

struct spec {
	const char *name; /* NULL: as the library calls it */
	union {
		arg_function *arg;
		result_function *result;
	} as;            /* NULL: as the library's table says */
	const void *set; /* struct set or struct layouts, as the function needs */
	int length;      /* which argument has the length or count; -1: none, -2: the result */
};

struct selector {
	int arg; /* -1: any call */
	uint64_t mask;
	uint64_t value; /* 32 bits are compared */
};

/* A call, or one operation of a call. */
struct variant {
	const char *call; /* NULL ends a list */
	int bits;         /* 64, 32, or 0 for both */
	struct selector selectors[2];
	bool rest; /* further arguments are the library's */
	int count;
	const struct spec *args;
	const struct spec *result;
};

/* Lists of variants, ends with NULL. */
extern const struct variant *const all_variants[];

#endif
