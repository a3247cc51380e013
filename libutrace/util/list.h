/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * util/list.h - a doubly linked list whose links live in the elements.
 *
 * A node is in at most one list; one that is in none points to itself, so removing it twice is harmless.
 */
#ifndef UT_UTIL_LIST_H
#define UT_UTIL_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct ut__list {
	struct ut__list *next;
	struct ut__list *prev;
};

static inline void ut__list_init(struct ut__list *list)
{
	list->next = list;
	list->prev = list;
}

static inline bool ut__list_empty(const struct ut__list *list)
{
	return list->next == list;
}

static inline void ut__list_append(struct ut__list *list, struct ut__list *node)
{
	node->prev = list->prev;
	node->next = list;
	list->prev->next = node;
	list->prev = node;
}

static inline void ut__list_remove(struct ut__list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	ut__list_init(node);
}

/* The struct that has `node` as its member at `offset`. */
#define UT__ENTRY(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

/* Safe against removal of the current element. */
#define UT__LIST_EACH(node, safe, list)                                                                                \
	for ((node) = (list)->next, (safe) = (node)->next; (node) != (list); (node) = (safe), (safe) = (node)->next)

#endif
