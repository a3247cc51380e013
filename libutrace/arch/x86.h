/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * arch/x86.h - what the two x86 tables share. Only files of arch/ include it.
 */
#ifndef UT_ARCH_X86_H
#define UT_ARCH_X86_H

#include "arch/arch.h"

#define UT__X32_BIT 0x40000000u /* __X32_SYSCALL_BIT, <asm/unistd.h> */

/* Where the registers are that instructions name by number. */
struct ut__x86_layout {
	uint16_t general[16]; /* by number: ax cx dx bx sp bp si di 8..15 */
	uint16_t pc, flags;
	uint16_t word;
};

extern const struct ut__x86_layout ut__x86_layout_64, ut__x86_layout_32;

/* x86_decode.c */
bool ut__x86_decode_64(const unsigned char *code, size_t size, struct ut__instruction *in);
bool ut__x86_decode_32(const unsigned char *code, size_t size, struct ut__instruction *in);

/* x86_emulate.c */
bool ut__x86_emulate_64(const struct ut__instruction *in, uint64_t address, void *set,
			const struct ut__stack_access *stack);
bool ut__x86_emulate_32(const struct ut__instruction *in, uint64_t address, void *set,
			const struct ut__stack_access *stack);

/* x86_copy.c */
bool ut__x86_copy_64(const struct ut__instruction *in, uint64_t address, uint64_t place, void *set,
		     struct ut__copy *copy);
bool ut__x86_copy_32(const struct ut__instruction *in, uint64_t address, uint64_t place, void *set,
		     struct ut__copy *copy);
bool ut__x86_settle_64(const struct ut__instruction *in, uint64_t address, uint64_t place, void *set,
		       const struct ut__copy *copy, const struct ut__stack_access *stack);
bool ut__x86_settle_32(const struct ut__instruction *in, uint64_t address, uint64_t place, void *set,
		       const struct ut__copy *copy, const struct ut__stack_access *stack);

/* x86_call.c */
bool ut__x86_begin_call(const struct ut__arch *arch, const struct ut__function *function, void *set,
			struct ut__function_state *state, struct ut__function_stack *stack);
void ut__x86_end_call(const struct ut__arch *arch, const void *set, const struct ut__function_state *state,
		      uint32_t kind, struct utrace_call_result *result);

/* x86_64.c; the debug registers of both are the processor's. */
uint64_t ut__x86_debug_control(const struct ut__debug_slot *slots);

/* A relative target: sign-extended displacement, from the instruction's end. */
uint64_t ut__x86_target(const struct ut__instruction *in, uint64_t address, uint16_t word);

extern const struct ut__arch ut__arch_x86_64;
extern const struct ut__arch ut__arch_i386;

#endif
