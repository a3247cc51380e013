/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unit/backend/test_seccomp.c - a filter's seccomp program says what the filter says, for every number of every ABI.
 *
 * The program is interpreted here, so that it is judged by what it means and not by how it looks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>

#include "backend/ptrace/ptrace.h"

static bool compare(const struct sock_filter *at, uint32_t value)
{
	switch (BPF_OP(at->code)) {
	case BPF_JEQ:
		return value == at->k;
	case BPF_JGE:
		return value >= at->k;
	case BPF_JSET:
		return value & at->k;
	default:
		fail_msg("unexpected comparison 0x%x", at->code);
		return false;
	}
}

static uint32_t interpret(const struct sock_fprog *program, const struct seccomp_data *data)
{
	uint32_t value = 0;

	for (uint32_t pc = 0; pc < program->len; pc++) {
		const struct sock_filter *at = &program->filter[pc];

		if (at->code == (BPF_RET | BPF_K))
			return at->k;
		if (at->code == (BPF_LD | BPF_W | BPF_ABS))
			memcpy(&value, (const char *)data + at->k, sizeof(value));
		else if (at->code == (BPF_JMP | BPF_JA))
			pc += at->k;
		else
			pc += compare(at, value) ? at->jt : at->jf;
	}
	fail_msg("the program has no end");
	return 0;
}

static const struct {
	uint32_t abi;
	uint32_t audit;
	uint32_t bits;
} abis[] = {
	{UTRACE_ABI_X86_64, AUDIT_ARCH_X86_64, 0},
	{UTRACE_ABI_X32, AUDIT_ARCH_X86_64, 0x40000000},
	{UTRACE_ABI_I386, AUDIT_ARCH_I386, 0},
};

static bool is_guarded(uint32_t abi, int number)
{
	return number == utrace_syscall_number(abi, "clone3");
}

static void check(const utrace_filter *filter)
{
	struct sock_fprog program;

	assert_int_equal(pt_seccomp_compile(filter, &program), 0);
	for (size_t i = 0; i < sizeof(abis) / sizeof(abis[0]); i++) {
		for (int number = 0; number < 1100; number++) {
			struct seccomp_data data = {.nr = (int)(abis[i].bits | (uint32_t)number),
						    .arch = abis[i].audit};
			bool wanted = utrace_filter_has(filter, abis[i].abi, number) || is_guarded(abis[i].abi, number);
			uint32_t verdict = interpret(&program, &data);

			assert_int_equal(verdict, wanted ? SECCOMP_RET_TRACE | PT_SECCOMP_DATA : SECCOMP_RET_ALLOW);
		}
	}
	free(program.filter);
}

static void programs_say_what_filters_say(void **state)
{
	utrace_filter *filter = utrace_filter_create();

	(void)state;
	assert_non_null(filter);
	check(filter);
	assert_int_equal(utrace_filter_add_name(filter, "openat", NULL), 0);
	check(filter);
	utrace_filter_add_class(filter, UTRACE_CLASS_FILE | UTRACE_CLASS_NETWORK);
	check(filter);
	utrace_filter_invert(filter);
	check(filter);
	utrace_filter_destroy(filter);
}

static void a_worst_case_fits(void **state)
{
	utrace_filter *filter = utrace_filter_create();

	(void)state;
	for (uint32_t abi = UTRACE_ABI_X86_64; abi <= UTRACE_ABI_I386; abi++) {
		for (int number = 0; number < utrace_syscall_limit(abi); number += 2)
			assert_int_equal(utrace_filter_add(filter, abi, number, NULL), 0);
	}
	check(filter);
	utrace_filter_destroy(filter);
}

static void untraced_children_always_stop(void **state)
{
	utrace_filter *filter = utrace_filter_create();
	struct sock_fprog program;
	struct seccomp_data data = {.nr = 56, .arch = AUDIT_ARCH_X86_64};

	(void)state;
	assert_int_equal(pt_seccomp_compile(filter, &program), 0);
	assert_int_equal(interpret(&program, &data), SECCOMP_RET_ALLOW);
	data.args[0] = CLONE_UNTRACED | CLONE_VM;
	assert_int_equal(interpret(&program, &data), SECCOMP_RET_TRACE | PT_SECCOMP_DATA);
	free(program.filter);
	utrace_filter_destroy(filter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_say_what_filters_say),
		cmocka_unit_test(a_worst_case_fits),
		cmocka_unit_test(untraced_children_always_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
