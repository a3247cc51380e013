/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * util/path.h - file names as people give them.
 */
#ifndef UT_UTIL_PATH_H
#define UT_UTIL_PATH_H

#include <stdbool.h>

/* Whether a path (NULL: none) ends in these whole components. */
bool ut__path_ends(const char *path, const char *tail);

#endif
