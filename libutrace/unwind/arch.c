/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * unwind/arch.c - the registers that unwinding is about. (AMD64 supplement, 3.2.1 and figure 3.36; Intel386
 * supplement, 2.2.1 and table 2.14)
 */
#include "unwind/unwind.h"

static const struct ut__unwind_arch architectures[] = {
	{.machine = EM_X86_64,
	 .bytes = 8,
	 .pc = 16,
	 .sp = 7,
	 .fp = 6,
	 .count = 17,
	 .preserved = 1u << 3 | 1u << 6 | 1u << 7 | 0xfu << 12},
	{.machine = EM_386, .bytes = 4, .pc = 8, .sp = 4, .fp = 5, .count = 9, .preserved = 0xfu << 3 | 1u << 7},
};

const struct ut__unwind_arch *ut__unwind_arch(int architecture)
{
	switch (architecture) {
	case UTRACE_ARCH_X86_64:
		return &architectures[0];
	case UTRACE_ARCH_I386:
		return &architectures[1];
	default:
		return NULL;
	}
}
