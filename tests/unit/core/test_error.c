/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unit/core/test_error.c - errors are whole, whatever stood in the struct before, and options grow in both directions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "backend/sink.h"

static void replaces_an_older_error(void **state)
{
	struct utrace_error error;

	(void)state;
	memset(&error, 0x55, sizeof(error));
	assert_int_equal(ut__fail(&error, UTRACE_DENIED, EPERM, "%d says %s.", 7, "no"), UTRACE_DENIED);
	assert_int_equal(error.status, UTRACE_DENIED);
	assert_int_equal(error.sys_errno, EPERM);
	assert_int_equal(error.pid, 0);
	assert_int_equal(error.culprit, 0);
	assert_int_equal(error.address, 0);
	assert_string_equal(error.text, "7 says no.");
	assert_int_equal(ut__fail(NULL, UTRACE_BUSY, 0, "nobody listens"), UTRACE_BUSY);
	assert_int_equal(ut__fail_dead(&error, 42), UTRACE_DEAD);
	assert_int_equal(error.pid, 42);
	assert_int_equal(error.sys_errno, 0);
}

static void cuts_long_texts(void **state)
{
	struct utrace_error error;
	char text[2000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	assert_int_equal(ut__fail(&error, UTRACE_SYSTEM, 0, "%s", text), UTRACE_SYSTEM);
	assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
}

/* Each has a name of its own, and there is none beyond the last. */
static void names_every_status(void **state)
{
	(void)state;
	for (int status = 0; status >= UTRACE_FILTERED; status--) {
		assert_string_not_equal(utrace_status_name(status), "UTRACE_?");
		for (int other = 0; other > status; other--)
			assert_string_not_equal(utrace_status_name(status), utrace_status_name(other));
	}
	assert_string_equal(utrace_status_name(UTRACE_FILTERED), "UTRACE_FILTERED");
	assert_string_equal(utrace_status_name(1), "UTRACE_?");
	assert_string_equal(utrace_status_name(-10000), "UTRACE_?");
}

struct now {
	size_t size;
	int first, second;
};

struct later {
	struct now known;
	int third;
};

static void copies_options_of_any_age(void **state)
{
	struct later later;
	struct now copy;
	size_t older[2] = {offsetof(struct now, second), 0};
	struct utrace_error error;

	(void)state;
	/* Its padding too: what this library does not know must be zero. */
	memset(&later, 0, sizeof(later));
	later.known = (struct now){sizeof(later), 1, 2};
	assert_int_equal(ut__options_copy(&copy, sizeof(copy), NULL, &error), 0);
	assert_int_equal(copy.size, sizeof(copy));
	assert_int_equal(copy.first, 0);
	assert_int_equal(ut__options_copy(&copy, sizeof(copy), &later, &error), 0);
	assert_int_equal(copy.size, sizeof(copy));
	assert_int_equal(copy.second, 2);
	later.third = 3;
	assert_int_equal(ut__options_copy(&copy, sizeof(copy), &later, &error), UTRACE_INVALID);
	memcpy((char *)older + offsetof(struct now, first), &later.known.first, sizeof(int));
	assert_int_equal(ut__options_copy(&copy, sizeof(copy), older, &error), 0);
	assert_int_equal(copy.first, 1);
	assert_int_equal(copy.second, 0);
	later.known.size = 3;
	assert_int_equal(ut__options_copy(&copy, sizeof(copy), &later, &error), UTRACE_INVALID);
	later.known.size = (size_t)-1;
	assert_int_equal(ut__options_copy(&copy, sizeof(copy), &later, &error), UTRACE_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replaces_an_older_error),
		cmocka_unit_test(cuts_long_texts),
		cmocka_unit_test(names_every_status),
		cmocka_unit_test(copies_options_of_any_age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
