/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unit/syscall/test_table.c - the table of system calls agrees with the system's headers and with itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>

#include <cmocka.h>
#include <utrace/utrace.h>

static void numbers_are_the_systems(void **state)
{
	static const struct {
		const char *name;
		int number;
	} wanted[] = {
		{"read", SYS_read},
		{"openat", SYS_openat},
		{"clone3", SYS_clone3},
		{"execve", SYS_execve},
		{"rt_sigreturn", SYS_rt_sigreturn},
		{"io_uring_setup", SYS_io_uring_setup},
		{"statx", SYS_statx},
		{"futex_waitv", SYS_futex_waitv},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		assert_int_equal(utrace_syscall_number(UTRACE_ABI_X86_64, wanted[i].name), wanted[i].number);
	assert_int_equal(utrace_syscall_number(UTRACE_ABI_I386, "exit"), 1);
	assert_int_equal(utrace_syscall_number(UTRACE_ABI_I386, "mmap2"), 192);
	assert_int_equal(utrace_syscall_number(UTRACE_ABI_X86_64, "mmap2"), UTRACE_NOT_FOUND);
	assert_int_equal(utrace_syscall_number(UTRACE_ABI_X32, "rt_sigaction"), 512);
	assert_int_equal(utrace_syscall_number(99, "read"), UTRACE_NOT_FOUND);
}

static int check_entry(uint32_t abi, int number)
{
	const struct utrace_syscall_info *info = utrace_syscall_describe(abi, number);

	if (!info)
		return 0;
	assert_int_equal(info->number[abi - 1], number);
	assert_int_equal(utrace_syscall_number(abi, info->name), number);
	assert_true(info->arg_count <= 6);
	for (uint32_t i = 0; i < info->arg_count; i++) {
		assert_non_null(info->args[i].name);
		assert_in_range(info->args[i].kind, UTRACE_ARG_INT, UTRACE_ARG_ZERO);
		assert_true(info->args[i].length >= UTRACE_LENGTH_RESULT &&
			    info->args[i].length < (int)info->arg_count);
	}
	return 1;
}

static void every_entry_is_sound(void **state)
{
	(void)state;
	for (uint32_t abi = UTRACE_ABI_X86_64; abi <= UTRACE_ABI_I386; abi++) {
		int found = 0;

		for (int number = -1; number <= utrace_syscall_limit(abi); number++)
			found += check_entry(abi, number);
		assert_true(found > 350);
	}
	assert_null(utrace_syscall_describe(UTRACE_ABI_X86_64, 5000));
	assert_null(utrace_syscall_describe(0, 0));
}

static void filters_are_sets(void **state)
{
	utrace_filter *filter = utrace_filter_create();
	struct utrace_error error;

	(void)state;
	assert_non_null(filter);
	assert_false(utrace_filter_has(filter, UTRACE_ABI_X86_64, SYS_read));
	assert_int_equal(utrace_filter_add_name(filter, "read", &error), 0);
	assert_true(utrace_filter_has(filter, UTRACE_ABI_X86_64, SYS_read));
	assert_true(utrace_filter_has(filter, UTRACE_ABI_I386, 3));
	assert_false(utrace_filter_has(filter, UTRACE_ABI_I386, 4));
	assert_int_equal(utrace_filter_add_name(filter, "no_such_call", &error), UTRACE_NOT_FOUND);
	assert_non_null(strstr(error.text, "no_such_call"));
	assert_int_equal(utrace_filter_add(filter, 7, 1, &error), UTRACE_NOT_FOUND);
	assert_int_equal(utrace_filter_add(filter, UTRACE_ABI_X86_64, -1, &error), UTRACE_NOT_FOUND);
	utrace_filter_add_class(filter, UTRACE_CLASS_FILE);
	assert_true(utrace_filter_has(filter, UTRACE_ABI_X86_64, SYS_openat));
	assert_false(utrace_filter_has(filter, UTRACE_ABI_X86_64, SYS_getpid));
	utrace_filter_invert(filter);
	assert_false(utrace_filter_has(filter, UTRACE_ABI_X86_64, SYS_read));
	assert_true(utrace_filter_has(filter, UTRACE_ABI_X86_64, SYS_getpid));
	assert_true(utrace_filter_has(filter, UTRACE_ABI_X86_64, 999999));
	utrace_filter_destroy(filter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_the_systems),
		cmocka_unit_test(every_entry_is_sound),
		cmocka_unit_test(filters_are_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
