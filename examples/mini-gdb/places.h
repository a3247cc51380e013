/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/places.h - small questions about names of places and lists of numbers.
 */
#ifndef MINI_GDB_PLACES_H
#define MINI_GDB_PLACES_H

#include <stdbool.h>

/* `tail` is the end of the path, of whole components. */
bool file_matches(const char *path, const char *tail);
/* "1 3-5": whether the number is in it. */
bool number_is_listed(const char *list, int number);

#endif
