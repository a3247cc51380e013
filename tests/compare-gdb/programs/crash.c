/* SPDX-License-Identifier: BSD-2-Clause */
/* crash.c - a null pointer three calls deep. */
#include <stddef.h>

struct item {
	int value;
	struct item *next;
};

static int read_item(const struct item *item)
{
	return item->value;
}

static int walk(const struct item *item, int depth)
{
	int value = read_item(item);

	return depth ? value + walk(item->next, depth - 1) : value;
}

int main(void)
{
	struct item last = {2, NULL};
	struct item first = {1, &last};

	return walk(&first, 5);
}
