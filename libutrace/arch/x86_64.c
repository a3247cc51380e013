/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * arch/x86_64.c - x86-64 as data: struct user_regs_struct of <sys/user.h>, DWARF numbers of the System V ABI, AMD64
 * supplement, figure 3.36.
 */
#include "arch/x86.h"

enum {
	R15 = 0,
	R14 = 8,
	R13 = 16,
	R12 = 24,
	RBP = 32,
	RBX = 40,
	R11 = 48,
	R10 = 56,
	R9 = 64,
	R8 = 72,
	RAX = 80,
	RCX = 88,
	RDX = 96,
	RSI = 104,
	RDI = 112,
	ORIG_RAX = 120,
	RIP = 128,
	CS = 136,
	EFLAGS = 144,
	RSP = 152,
	SS = 160,
	FS_BASE = 168,
	GS_BASE = 176,
	DS = 184,
	ES = 192,
	FS = 200,
	GS = 208,
	SIZE = 216,
};

static const struct utrace_register_info registers[] = {
	{"r15", R15, 8, 15},
	{"r14", R14, 8, 14},
	{"r13", R13, 8, 13},
	{"r12", R12, 8, 12},
	{"rbp", RBP, 8, 6},
	{"rbx", RBX, 8, 3},
	{"r11", R11, 8, 11},
	{"r10", R10, 8, 10},
	{"r9", R9, 8, 9},
	{"r8", R8, 8, 8},
	{"rax", RAX, 8, 0},
	{"rcx", RCX, 8, 2},
	{"rdx", RDX, 8, 1},
	{"rsi", RSI, 8, 4},
	{"rdi", RDI, 8, 5},
	{"orig_rax", ORIG_RAX, 8, -1},
	{"rip", RIP, 8, 16},
	{"cs", CS, 8, 51},
	{"eflags", EFLAGS, 8, 49},
	{"rsp", RSP, 8, 7},
	{"ss", SS, 8, 52},
	{"fs_base", FS_BASE, 8, 58},
	{"gs_base", GS_BASE, 8, 59},
	{"ds", DS, 8, 53},
	{"es", ES, 8, 50},
	{"fs", FS, 8, 54},
	{"gs", GS, 8, 55},
};

/* int 0x80 works from 64-bit code too and then takes the low halves. (arch/x86/entry/entry_64_compat.S) */
static const struct ut__arch_call calls[] = {
	{UTRACE_ABI_X86_64, {RDI, RSI, RDX, R10, R8, R9}, 8, 0},
	{UTRACE_ABI_X32, {RDI, RSI, RDX, R10, R8, R9}, 8, UT__X32_BIT},
	{UTRACE_ABI_I386, {RBX, RCX, RDX, RSI, RDI, RBP}, 4, 0},
};

/* DR7: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 3, chapter 18.2.4. */
uint64_t ut__x86_debug_control(const struct ut__debug_slot *slots)
{
	static const uint64_t lengths[] = {0, 0, 1, 0, 3, 0, 0, 0, 2};
	uint64_t control = 0;

	for (unsigned int i = 0; i < UT__DEBUG_SLOTS; i++) {
		if (slots[i].length)
			control |= UINT64_C(1) << i * 2 | (slots[i].kind | lengths[slots[i].length] << 2)
								  << (16 + i * 4);
	}
	return control;
}

const struct ut__x86_layout ut__x86_layout_64 = {
	.general = {RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15},
	.pc = RIP,
	.flags = EFLAGS,
	.word = 8,
};

const struct ut__arch ut__arch_x86_64 = {
	.id = UTRACE_ARCH_X86_64,
	.name = "x86_64",
	.registers = registers,
	.register_count = sizeof(registers) / sizeof(registers[0]),
	.general_size = SIZE,
	.word = 8,
	.pc = RIP,
	.sp = RSP,
	.fp = RBP,
	.flags = EFLAGS,
	.result = RAX,
	.call_number = ORIG_RAX,
	.call_result = RAX,
	.args = {RDI, RSI, RDX, RCX, R8, R9},
	.native = {UTRACE_ABI_X86_64, {RDI, RSI, RDX, R10, R8, R9}, 8, 0},
	.calls = calls,
	.call_count = sizeof(calls) / sizeof(calls[0]),
	.instruction = {0x0f, 0x05},
	.instruction_size = 2,
	.trap_flag = 0x100,
	.push_flags = 0x9c,
	.short_prefix = 0x66,
	.pop_flags = 0x9d,
	.interrupt_return = 0xcf,
	.no_call = -1,
	.trap = {0xcc},
	.trap_size = 1,
	.restart_call = 219,
	.debug_control = ut__x86_debug_control,
	.decode = ut__x86_decode_64,
	.emulate = ut__x86_emulate_64,
	.copy = ut__x86_copy_64,
	.settle = ut__x86_settle_64,
	.begin_call = ut__x86_begin_call,
	.end_call = ut__x86_end_call,
};
