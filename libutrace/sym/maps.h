/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/maps.h - what a process has mapped.
 */
#ifndef UT_SYM_MAPS_H
#define UT_SYM_MAPS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct ut__mapping {
	uint64_t start, end, offset;
	dev_t device;
	ino_t inode;
	bool is_code, is_readable, is_deleted;
	char *name; /* without " (deleted)"; "" if anonymous */
};

/* In ascending order, until visit returns false. The number visited, or -1 with errno. */
int ut__maps_each(pid_t pid, bool (*visit)(const struct ut__mapping *mapping, void *context), void *context);

#endif
