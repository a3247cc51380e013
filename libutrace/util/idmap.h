/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * util/idmap.h - a hash table from numbers (thread ids, cookies of the kernel's) to pointers.
 *
 * Chained, with the links inside the elements, so that inserting can't fail except when the table grows, and then it
 * goes on with longer chains.
 */
#ifndef UT_UTIL_IDMAP_H
#define UT_UTIL_IDMAP_H

#include <stddef.h>
#include <stdint.h>

struct ut__idmap_node {
	struct ut__idmap_node *next;
	uint64_t id;
};

struct ut__idmap {
	struct ut__idmap_node **slots;
	size_t slot_count; /* a power of two */
	size_t used;
};

int ut__idmap_init(struct ut__idmap *map); /* 0, or -1 when out of memory */
void ut__idmap_deinit(struct ut__idmap *map);
void ut__idmap_insert(struct ut__idmap *map, uint64_t id, struct ut__idmap_node *node);
void ut__idmap_remove(struct ut__idmap *map, struct ut__idmap_node *node);
struct ut__idmap_node *ut__idmap_find(const struct ut__idmap *map, uint64_t id);

#endif
