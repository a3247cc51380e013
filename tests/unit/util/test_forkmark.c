/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unit/util/test_forkmark.c - the mark is there for its maker and its threads, and gone in a forked child.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "util/forkmark.h"

static void *look(void *mark)
{
	return (void *)(uintptr_t) * (const uint32_t *)mark;
}

static void is_wiped_in_a_child(void **state)
{
	const uint32_t *mark = ut__forkmark_create();
	int status = -1;
	pthread_t thread;
	void *seen;
	pid_t child;

	(void)state;
	assert_non_null(mark);
	assert_int_equal(*mark, 1);
	assert_int_equal(pthread_create(&thread, NULL, look, (void *)mark), 0);
	assert_int_equal(pthread_join(thread, &seen), 0);
	assert_ptr_equal(seen, (void *)1);
	child = fork();
	if (!child)
		_exit((int)*mark);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
#ifndef __SANITIZE_THREAD__ /* which makes a vfork a fork */
	child = vfork();
	if (!child)
		_exit((int)*mark);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 1);
#endif
	assert_int_equal(*mark, 1);
	ut__forkmark_destroy(mark);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(is_wiped_in_a_child)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
