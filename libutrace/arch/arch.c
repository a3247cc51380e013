/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * arch/arch.c - finding the description of an architecture, and reading register sets through it.
 */
#include "arch/arch.h"

#include <elf.h>
#include <linux/audit.h>
#include <string.h>

#include "arch/x86.h"

static const struct ut__arch *const architectures[] = {&ut__arch_x86_64, &ut__arch_i386};

enum { ARCHITECTURE_COUNT = sizeof(architectures) / sizeof(architectures[0]) };

const struct ut__arch *ut__arch_native(void)
{
	return architectures[0];
}

const struct ut__arch *ut__arch_by_set_size(size_t size)
{
	for (size_t i = 0; i < ARCHITECTURE_COUNT; i++) {
		if (architectures[i]->general_size == size)
			return architectures[i];
	}
	return NULL;
}

const struct ut__arch *ut__arch_by_id(int id)
{
	for (size_t i = 0; i < ARCHITECTURE_COUNT; i++) {
		if (architectures[i]->id == id)
			return architectures[i];
	}
	return NULL;
}

uint32_t ut__arch_note_type(int set)
{
	switch (set) {
	case UTRACE_REGSET_FLOAT:
		return NT_PRFPREG;
	case UTRACE_REGSET_XSTATE:
		return NT_X86_XSTATE;
	default:
		return NT_PRSTATUS;
	}
}

uint32_t ut__arch_abi(uint32_t audit_arch, int64_t *number)
{
	if (audit_arch == AUDIT_ARCH_I386)
		return UTRACE_ABI_I386;
	if (audit_arch != AUDIT_ARCH_X86_64)
		return UTRACE_ABI_UNKNOWN;
	if (*number < 0 || !((uint64_t)*number & UT__X32_BIT))
		return UTRACE_ABI_X86_64;
	*number &= ~(int64_t)UT__X32_BIT;
	return UTRACE_ABI_X32;
}

uint32_t ut__arch_audit(uint32_t abi, uint32_t *number_bits)
{
	*number_bits = abi == UTRACE_ABI_X32 ? UT__X32_BIT : 0;
	switch (abi) {
	case UTRACE_ABI_X86_64:
	case UTRACE_ABI_X32:
		return AUDIT_ARCH_X86_64;
	case UTRACE_ABI_I386:
		return AUDIT_ARCH_I386;
	default:
		return 0;
	}
}

uint16_t ut__arch_offset(const struct ut__arch *arch, int reg)
{
	if (reg >= UTRACE_REG_ARG0 && reg <= UTRACE_REG_ARG5)
		return arch->args[reg - UTRACE_REG_ARG0];
	if (reg >= UTRACE_REG_SYSCALL_ARG0 && reg <= UTRACE_REG_SYSCALL_ARG5)
		return arch->native.args[reg - UTRACE_REG_SYSCALL_ARG0];
	switch (reg) {
	case UTRACE_REG_PC:
		return arch->pc;
	case UTRACE_REG_SP:
		return arch->sp;
	case UTRACE_REG_FP:
		return arch->fp;
	case UTRACE_REG_FLAGS:
		return arch->flags;
	case UTRACE_REG_RESULT:
		return arch->result;
	case UTRACE_REG_SYSCALL_NUMBER:
		return arch->call_number;
	case UTRACE_REG_SYSCALL_RESULT:
		return arch->call_result;
	default:
		return UT__REG_NONE;
	}
}

const struct ut__arch_call *ut__arch_call(const struct ut__arch *arch, uint32_t abi)
{
	for (size_t i = 0; i < arch->call_count; i++) {
		if (arch->calls[i].abi == abi)
			return &arch->calls[i];
	}
	return NULL;
}

uint64_t ut__arch_load(const void *set, uint16_t offset, uint16_t size)
{
	uint64_t value = 0;

	memcpy(&value, (const char *)set + offset, size);
	return value;
}

void ut__arch_store(void *set, uint16_t offset, uint16_t size, uint64_t value)
{
	memcpy((char *)set + offset, &value, size);
}

const char *utrace_architecture_name(int architecture)
{
	const struct ut__arch *arch = ut__arch_by_id(architecture);

	return arch ? arch->name : NULL;
}

const struct utrace_register_info *utrace_architecture_registers(int architecture, size_t *count)
{
	const struct ut__arch *arch = ut__arch_by_id(architecture);

	*count = arch ? arch->register_count : 0;
	return arch ? arch->registers : NULL;
}
