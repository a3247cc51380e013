/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/set.h - named constants, as the tables have them.
 *
 * A set's name is the one that the tables of system calls and structs use.
 */
#ifndef MINI_STRACE_SET_H
#define MINI_STRACE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct constant {
	const char *name;
	uint64_t value;
};

struct set {
	const char *name;
	const struct constant *constants;
	size_t count;
	const char *unknown; /* what a value is marked as that has none of the names, or NULL */
	bool flags;          /* bits, not one value */
	bool decimal;        /* without names the value is decimal */
};

/* All sets, sorted by name. */
extern const struct set *const all_sets[];
extern const size_t all_sets_count;

/* NULL if there is none. */
const struct set *set_find(const char *name);
/* The name of one value, or NULL. */
const char *set_name(const struct set *set, uint64_t value);

#endif
