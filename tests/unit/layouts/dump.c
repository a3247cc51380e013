/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unit/layouts/dump.c - prints what mini-strace's tables say of each struct: "BITS STRUCT SIZE" and "BITS STRUCT.MEMBER OFFSET
 * SIZE".
 */
#include <stdio.h>

#include "decode/layout.h"

static void print(int bits, const struct layout *layout)
{
	if (!layout || layout->fields[0].name[0] == '=')
		return;
	(void)printf("%d %s %zu\n", bits, layout->name, layout->size);
	for (size_t i = 0; i < layout->count; i++) {
		const struct field *field = &layout->fields[i];

		(void)printf("%d %s.%s %d %d\n", bits, layout->name, field->name, field->offset,
			     field->size * (field->count ? field->count : 1));
	}
}

int main(void)
{
	for (size_t i = 0; i < all_layouts_count; i++) {
		print(64, all_layouts[i]->of[0]);
		print(32, all_layouts[i]->of[1]);
	}
	return 0;
}
