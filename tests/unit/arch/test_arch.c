/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unit/arch/test_arch.c - the register tables agree with the system's own description and with themselves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/user.h>

#include <cmocka.h>
#include <linux/audit.h>

#include "arch/arch.h"

static const struct utrace_register_info *find(const struct ut__arch *arch, const char *name)
{
	for (size_t i = 0; i < arch->register_count; i++) {
		if (strcmp(arch->registers[i].name, name) == 0)
			return &arch->registers[i];
	}
	return NULL;
}

static void x86_64_is_laid_out_as_the_system_says(void **state)
{
	static const struct {
		const char *name;
		size_t offset;
	} wanted[] = {
		{"rax", offsetof(struct user_regs_struct, rax)},
		{"rip", offsetof(struct user_regs_struct, rip)},
		{"rsp", offsetof(struct user_regs_struct, rsp)},
		{"orig_rax", offsetof(struct user_regs_struct, orig_rax)},
		{"eflags", offsetof(struct user_regs_struct, eflags)},
		{"fs_base", offsetof(struct user_regs_struct, fs_base)},
		{"gs", offsetof(struct user_regs_struct, gs)},
		{"r15", offsetof(struct user_regs_struct, r15)},
		{"rdi", offsetof(struct user_regs_struct, rdi)},
	};
	const struct ut__arch *arch = ut__arch_by_set_size(sizeof(struct user_regs_struct));

	(void)state;
	assert_non_null(arch);
	assert_int_equal(arch->id, UTRACE_ARCH_X86_64);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		assert_non_null(find(arch, wanted[i].name));
		assert_int_equal(find(arch, wanted[i].name)->offset, wanted[i].offset);
	}
}

static void check_table(const struct ut__arch *arch)
{
	size_t covered = 0;

	for (size_t i = 0; i < arch->register_count; i++) {
		assert_int_equal(arch->registers[i].offset, covered);
		covered += arch->registers[i].size;
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(arch->registers[i].name, arch->registers[j].name);
			if (arch->registers[i].dwarf >= 0)
				assert_int_not_equal(arch->registers[i].dwarf, arch->registers[j].dwarf);
		}
	}
	assert_int_equal(covered, arch->general_size);
	assert_ptr_equal(ut__arch_by_id(arch->id), arch);
	assert_string_equal(utrace_architecture_name(arch->id), arch->name);
}

static void tables_have_no_holes_or_doubles(void **state)
{
	(void)state;
	check_table(ut__arch_by_id(UTRACE_ARCH_X86_64));
	check_table(ut__arch_by_id(UTRACE_ARCH_I386));
	assert_null(ut__arch_by_id(99));
	assert_null(ut__arch_by_set_size(1));
}

static void portable_names_cover_the_registers(void **state)
{
	const struct ut__arch *arch = ut__arch_by_id(UTRACE_ARCH_X86_64);

	(void)state;
	assert_int_equal(ut__arch_offset(arch, UTRACE_REG_PC), find(arch, "rip")->offset);
	assert_int_equal(ut__arch_offset(arch, UTRACE_REG_ARG3), find(arch, "rcx")->offset);
	assert_int_equal(ut__arch_offset(arch, UTRACE_REG_SYSCALL_ARG3), find(arch, "r10")->offset);
	assert_int_equal(ut__arch_offset(arch, 1000), UT__REG_NONE);
	assert_int_equal(ut__arch_offset(ut__arch_by_id(UTRACE_ARCH_I386), UTRACE_REG_ARG0), UT__REG_NONE);
}

static void abis_and_audit_values_translate_both_ways(void **state)
{
	int64_t number = 0x40000000 | 39;
	uint32_t bits;

	(void)state;
	assert_int_equal(ut__arch_abi(AUDIT_ARCH_X86_64, &number), UTRACE_ABI_X32);
	assert_int_equal(number, 39);
	assert_int_equal(ut__arch_abi(AUDIT_ARCH_X86_64, &number), UTRACE_ABI_X86_64);
	number = -1;
	assert_int_equal(ut__arch_abi(AUDIT_ARCH_X86_64, &number), UTRACE_ABI_X86_64);
	assert_int_equal(number, -1);
	assert_int_equal(ut__arch_abi(AUDIT_ARCH_I386, &number), UTRACE_ABI_I386);
	assert_int_equal(ut__arch_abi(AUDIT_ARCH_AARCH64, &number), UTRACE_ABI_UNKNOWN);
	assert_int_equal(ut__arch_audit(UTRACE_ABI_X32, &bits), AUDIT_ARCH_X86_64);
	assert_int_equal(bits, 0x40000000);
	assert_int_equal(ut__arch_audit(99, &bits), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(x86_64_is_laid_out_as_the_system_says),
		cmocka_unit_test(tables_have_no_holes_or_doubles),
		cmocka_unit_test(portable_names_cover_the_registers),
		cmocka_unit_test(abis_and_audit_values_translate_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
