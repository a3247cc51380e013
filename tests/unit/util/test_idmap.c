/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unit/util/test_idmap.c - the table of thread ids: what goes in is found until it is removed, through every growth.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "util/idmap.h"

enum { COUNT = 5000 };

static void finds_what_was_inserted(void **state)
{
	struct ut__idmap map;
	struct ut__idmap_node *nodes = calloc(COUNT, sizeof(*nodes));

	(void)state;
	assert_non_null(nodes);
	assert_int_equal(ut__idmap_init(&map), 0);
	for (int i = 0; i < COUNT; i++)
		ut__idmap_insert(&map, i * 7 + 1, &nodes[i]);
	assert_int_equal(map.used, COUNT);
	assert_true(map.slot_count >= COUNT);
	for (int i = 0; i < COUNT; i++)
		assert_ptr_equal(ut__idmap_find(&map, i * 7 + 1), &nodes[i]);
	assert_null(ut__idmap_find(&map, 2));
	for (int i = 0; i < COUNT; i += 2)
		ut__idmap_remove(&map, &nodes[i]);
	for (int i = 0; i < COUNT; i++)
		assert_ptr_equal(ut__idmap_find(&map, i * 7 + 1), i % 2 ? &nodes[i] : NULL);
	ut__idmap_remove(&map, &nodes[0]);
	assert_int_equal(map.used, COUNT / 2);
	ut__idmap_deinit(&map);
	free(nodes);
}

/* Ids that agree in their lower half are different ones. */
static void tells_wide_ids_apart(void **state)
{
	struct ut__idmap map;
	struct ut__idmap_node nodes[2] = {0};
	const uint64_t wide = UINT64_C(1) << 40;

	(void)state;
	assert_int_equal(ut__idmap_init(&map), 0);
	ut__idmap_insert(&map, 7, &nodes[0]);
	assert_null(ut__idmap_find(&map, wide | 7));
	ut__idmap_insert(&map, wide | 7, &nodes[1]);
	assert_ptr_equal(ut__idmap_find(&map, 7), &nodes[0]);
	assert_ptr_equal(ut__idmap_find(&map, wide | 7), &nodes[1]);
	ut__idmap_deinit(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_was_inserted),
		cmocka_unit_test(tells_wide_ids_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
