/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/options.h - the size-first rule of base.h in one place.
 */
#ifndef UT_CORE_OPTIONS_H
#define UT_CORE_OPTIONS_H

#include <stddef.h>

struct utrace_error;

/*
 * Copies a caller's struct (NULL: all zero) into one of `size` bytes; UTRACE_INVALID if it asks for more than that
 * holds.
 */
int ut__options_copy(void *copy, size_t size, const void *options, struct utrace_error *error);

#endif
