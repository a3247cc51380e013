/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * util/path.c - file names as people give them.
 */
#include "util/path.h"

#include <string.h>

bool ut__path_ends(const char *path, const char *tail)
{
	size_t length = path ? strlen(path) : 0;
	size_t tail_length = strlen(tail);

	if (!path || length < tail_length || strcmp(path + length - tail_length, tail) != 0)
		return false;
	return length == tail_length || tail[0] == '/' || path[length - tail_length - 1] == '/';
}
