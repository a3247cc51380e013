/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * util/array.h - arrays that grow by doubling.
 */
#ifndef UT_UTIL_ARRAY_H
#define UT_UTIL_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Makes room for one more than `count` elements of `element` bytes in the array whose pointer is at `array`.
 * false: no memory, and nothing has changed.
 */
bool ut__grow(void *array, size_t *room, size_t count, size_t element);

#endif
