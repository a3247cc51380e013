/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * arch/x86.h - what the two x86 tables share. Only files of arch/ include it.
 */
#ifndef UT_ARCH_X86_H
#define UT_ARCH_X86_H

#include "arch/arch.h"

#define UT__X32_BIT 0x40000000u /* __X32_SYSCALL_BIT, <asm/unistd.h> */

extern const struct ut__arch ut__arch_x86_64;
extern const struct ut__arch ut__arch_i386;

#endif
