/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * arch/i386.c - i386 as data: struct user_regs_struct32 of the kernel (arch/x86/include/asm/user32.h), DWARF numbers of the
 * System V ABI, Intel386 supplement, table 2.14.  Function arguments are on the stack.
 */
#include "arch/x86.h"

enum {
	EBX = 0,
	ECX = 4,
	EDX = 8,
	ESI = 12,
	EDI = 16,
	EBP = 20,
	EAX = 24,
	DS = 28,
	ES = 32,
	FS = 36,
	GS = 40,
	ORIG_EAX = 44,
	EIP = 48,
	CS = 52,
	EFLAGS = 56,
	ESP = 60,
	SS = 64,
	SIZE = 68,
};

static const struct utrace_register_info registers[] = {
	{"ebx", EBX, 4, 3}, {"ecx", ECX, 4, 1}, {"edx", EDX, 4, 2},       {"esi", ESI, 4, 6},
	{"edi", EDI, 4, 7}, {"ebp", EBP, 4, 5}, {"eax", EAX, 4, 0},       {"ds", DS, 4, 43},
	{"es", ES, 4, 40},  {"fs", FS, 4, 44},  {"gs", GS, 4, 45},        {"orig_eax", ORIG_EAX, 4, -1},
	{"eip", EIP, 4, 8}, {"cs", CS, 4, 41},  {"eflags", EFLAGS, 4, 9}, {"esp", ESP, 4, 4},
	{"ss", SS, 4, 42},
};

static const struct ut__arch_call calls[] = {
	{UTRACE_ABI_I386, {EBX, ECX, EDX, ESI, EDI, EBP}, 4, 0},
};

const struct ut__x86_layout ut__x86_layout_32 = {
	.general = {EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI},
	.pc = EIP,
	.flags = EFLAGS,
	.word = 4,
};

const struct ut__arch ut__arch_i386 = {
	.id = UTRACE_ARCH_I386,
	.name = "i386",
	.registers = registers,
	.register_count = sizeof(registers) / sizeof(registers[0]),
	.general_size = SIZE,
	.word = 4,
	.pc = EIP,
	.sp = ESP,
	.fp = EBP,
	.flags = EFLAGS,
	.result = EAX,
	.call_number = ORIG_EAX,
	.call_result = EAX,
	.args = {UT__REG_NONE, UT__REG_NONE, UT__REG_NONE, UT__REG_NONE, UT__REG_NONE, UT__REG_NONE},
	.native = {UTRACE_ABI_I386, {EBX, ECX, EDX, ESI, EDI, EBP}, 4, 0},
	.calls = calls,
	.call_count = sizeof(calls) / sizeof(calls[0]),
	.instruction = {0xcd, 0x80},
	.instruction_size = 2,
	.trap_flag = 0x100,
	.push_flags = 0x9c,
	.short_prefix = 0x66,
	.pop_flags = 0x9d,
	.interrupt_return = 0xcf,
	.no_call = -1,
	.trap = {0xcc},
	.trap_size = 1,
	.restart_call = 0,
	.debug_control = ut__x86_debug_control,
	.decode = ut__x86_decode_32,
	.emulate = ut__x86_emulate_32,
	.copy = ut__x86_copy_32,
	.settle = ut__x86_settle_32,
	.begin_call = ut__x86_begin_call,
	.end_call = ut__x86_end_call,
};
