/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * util/status.h - what every layer does with its callers' structs: errors, and the size-first rule (base.h).
 */
#ifndef UT_UTIL_STATUS_H
#define UT_UTIL_STATUS_H

#include <stddef.h>
#include <utrace/error.h>

/* Fills an error and returns status; text is a printf format, may use any number of sentences. error may be NULL. */
__attribute__((format(printf, 4, 5))) int ut__fail(struct utrace_error *error, int status, int sys_errno,
						   const char *text, ...);

/* Copies a caller's options (NULL: all zero) into a full struct; UTRACE_INVALID if they ask for more than it holds. */
int ut__options_copy(void *full, size_t size, const void *options, struct utrace_error *error);
/* Copies a full struct into a caller's, as far as that goes. */
int ut__store(void *out, const void *full, size_t size, struct utrace_error *error);
/* The same for an element of a caller's array, all as large as the first says of itself. -1: it says nonsense. */
int ut__store_nth(void *array, size_t n, const void *full, size_t size);

#endif
