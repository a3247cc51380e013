/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/sets.h - sets as they stand behind "-e QUALIFIER=": [!]all, [!]none, [!]VALUE[,VALUE]...
 *
 * The parsers end the tool with a message that names what is wrong.
 */
#ifndef MINI_STRACE_SETS_H
#define MINI_STRACE_SETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <utrace/syscall.h>

/* Of system calls, by ABI and number. */
struct call_set {
	utrace_filter *only; /* NULL: every call or none */
	bool all;            /* with NULL: every one */
};

/* Of descriptors. */
struct number_set {
	int *numbers;
	size_t count;
	bool inverted;
};

/* A name for bits; some have several. */
struct bit_name {
	const char *name;
	uint64_t bits;
};

void call_set_parse(struct call_set *set, const char *text);
void call_set_clear(struct call_set *set, bool all);
static inline bool call_set_has(const struct call_set *set, uint32_t abi, int64_t number)
{
	return set->only ? utrace_filter_has(set->only, abi, number) : set->all;
}

void number_set_parse(struct number_set *set, const char *text, const char *what);
bool number_set_has(const struct number_set *set, int number);
/* Whether nothing is in. */
bool number_set_is_empty(const struct number_set *set);

/* `names` ends with a NULL name; `what` is for the message: "invalid WHAT 'VALUE'". */
uint64_t bit_set_parse(const char *text, const struct bit_name *names, uint64_t all, const char *what);
uint64_t signal_set_parse(const char *text);

#endif
