/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unit/core/test_filter.c - sets of calls: what is in, what is out, what one includes of another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/filter.h"

static void wants_everything_without_a_filter(void **state)
{
	(void)state;
	assert_true(ut__filter_wants(NULL, UTRACE_ABI_X86_64, 0));
	assert_true(ut__filter_wants(NULL, UTRACE_ABI_UNKNOWN, -1));
}

static void inverts_what_no_table_knows(void **state)
{
	utrace_filter *filter = utrace_filter_create();

	(void)state;
	assert_false(ut__filter_wants(filter, UTRACE_ABI_X86_64, 5000));
	assert_false(ut__filter_wants(filter, UTRACE_ABI_I386, -1));
	assert_false(ut__filter_wants(filter, 99, 1));
	assert_int_equal(utrace_filter_add(filter, UTRACE_ABI_X86_64, 39, NULL), 0);
	utrace_filter_invert(filter);
	assert_true(ut__filter_wants(filter, UTRACE_ABI_X86_64, 5000));
	assert_true(ut__filter_wants(filter, UTRACE_ABI_I386, -1));
	assert_true(ut__filter_wants(filter, 99, 1));
	assert_false(ut__filter_wants(filter, UTRACE_ABI_X86_64, 39));
	assert_true(ut__filter_wants(filter, UTRACE_ABI_I386, 39));
	utrace_filter_invert(filter);
	assert_true(ut__filter_wants(filter, UTRACE_ABI_X86_64, 39));
	assert_false(ut__filter_wants(filter, UTRACE_ABI_X86_64, 40));
	utrace_filter_destroy(filter);
}

static void keeps_every_bit_apart(void **state)
{
	utrace_filter *filter = utrace_filter_create();
	int limit = utrace_syscall_limit(UTRACE_ABI_I386);

	(void)state;
	for (int number = 0; number < limit; number += 3)
		assert_int_equal(utrace_filter_add(filter, UTRACE_ABI_I386, number, NULL), 0);
	for (int number = 0; number < limit; number++) {
		assert_int_equal(ut__filter_wants(filter, UTRACE_ABI_I386, number), number % 3 == 0);
		assert_false(ut__filter_wants(filter, UTRACE_ABI_X32, number));
	}
	utrace_filter_destroy(filter);
}

static void knows_what_includes_what(void **state)
{
	utrace_filter *small = utrace_filter_create(), *large = utrace_filter_create();
	utrace_filter *copy;

	(void)state;
	assert_int_equal(utrace_filter_add_name(small, "openat", NULL), 0);
	assert_true(ut__filter_includes(NULL, small));
	assert_true(ut__filter_includes(NULL, NULL));
	assert_false(ut__filter_includes(small, NULL));
	assert_false(ut__filter_includes(large, small));
	assert_true(ut__filter_includes(small, large));
	utrace_filter_add_class(large, UTRACE_CLASS_FILE);
	assert_true(ut__filter_includes(large, small));
	assert_false(ut__filter_includes(small, large));
	copy = ut__filter_copy(large);
	assert_true(ut__filter_includes(copy, large) && ut__filter_includes(large, copy));
	utrace_filter_invert(copy);
	assert_false(ut__filter_includes(large, copy));
	utrace_filter_destroy(copy);
	utrace_filter_destroy(small);
	utrace_filter_destroy(large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wants_everything_without_a_filter),
		cmocka_unit_test(inverts_what_no_table_knows),
		cmocka_unit_test(keeps_every_bit_apart),
		cmocka_unit_test(knows_what_includes_what),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
