/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * util/idmap.c - see idmap.h.
 *
 * Invariant: a node is in the chain of slot(id), and `used` counts the nodes.
 */
#include "util/idmap.h"

#include <stdlib.h>

enum { FIRST_SLOT_COUNT = 64 };

/* Multiplied by 2^64 over the golden ratio, whose upper bits depend on every bit of the id. */
static size_t slot_of(const struct ut__idmap *map, uint64_t id)
{
	return (size_t)(id * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (map->slot_count - 1);
}

int ut__idmap_init(struct ut__idmap *map)
{
	map->used = 0;
	map->slot_count = FIRST_SLOT_COUNT;
	map->slots = calloc(map->slot_count, sizeof(*map->slots));
	return map->slots ? 0 : -1;
}

void ut__idmap_deinit(struct ut__idmap *map)
{
	free(map->slots);
	map->slots = NULL;
}

static void push(struct ut__idmap *map, struct ut__idmap_node *node)
{
	struct ut__idmap_node **slot = &map->slots[slot_of(map, node->id)];

	node->next = *slot;
	*slot = node;
}

static void grow(struct ut__idmap *map)
{
	struct ut__idmap bigger = {.slot_count = map->slot_count * 2, .used = map->used};

	bigger.slots = calloc(bigger.slot_count, sizeof(*bigger.slots));
	if (!bigger.slots)
		return;
	for (size_t i = 0; i < map->slot_count; i++) {
		while (map->slots[i]) {
			struct ut__idmap_node *node = map->slots[i];

			map->slots[i] = node->next;
			push(&bigger, node);
		}
	}
	free(map->slots);
	*map = bigger;
}

void ut__idmap_insert(struct ut__idmap *map, uint64_t id, struct ut__idmap_node *node)
{
	if (map->used >= map->slot_count)
		grow(map);
	node->id = id;
	push(map, node);
	map->used++;
}

void ut__idmap_remove(struct ut__idmap *map, struct ut__idmap_node *node)
{
	struct ut__idmap_node **link = &map->slots[slot_of(map, node->id)];

	while (*link && *link != node)
		link = &(*link)->next;
	if (!*link)
		return;
	*link = node->next;
	node->next = NULL;
	map->used--;
}

struct ut__idmap_node *ut__idmap_find(const struct ut__idmap *map, uint64_t id)
{
	struct ut__idmap_node *node = map->slots[slot_of(map, id)];

	while (node && node->id != id)
		node = node->next;
	return node;
}
