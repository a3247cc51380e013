/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * arch/arch.h - what the library knows of an architecture, as data.
 *
 * Adding one: a file of its own with a `const struct ut__arch`, listed in arch.c; the registers in the order and layout
 * of the kernel's NT_PRSTATUS set; the system call instruction; its AUDIT_ARCH value; its column in the table of
 * system calls; util/rawcall.h for programs that run on it.  Nothing else in the library names an architecture.
 */
#ifndef UT_ARCH_ARCH_H
#define UT_ARCH_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <utrace/event.h>
#include <utrace/regs.h>

#define UT__REG_NONE 0xffffu /* an offset that stands for "there is no such register" */
enum { UT__GENERAL_SIZE_MAX = 512 };

/* Where a system call of one ABI finds its things in this architecture's general register set. */
struct ut__arch_call {
	uint32_t abi;
	uint16_t args[6];     /* byte offsets */
	uint16_t arg_size;    /* bytes that count of each argument */
	uint32_t number_bits; /* set in the number register in addition to the number (x32) */
};

struct ut__arch {
	int id; /* enum utrace_architecture */
	const char *name;
	const struct utrace_register_info *registers;
	size_t register_count;
	size_t general_size; /* of the general set, by which it is recognised */
	uint16_t word;       /* bytes of a general register */
	uint16_t pc, sp, fp, flags, result, call_number, call_result; /* offsets */
	uint16_t args[6];                  /* of functions; UT__REG_NONE where on the stack */
	struct ut__arch_call native;       /* the ABI of `instruction` */
	const struct ut__arch_call *calls; /* every ABI that can be met with this register set */
	size_t call_count;
	unsigned char instruction[4]; /* that makes a system call */
	size_t instruction_size;
	uint16_t trap_flag;       /* in the flags register while single-stepping; 0 if there is none */
	unsigned char push_flags; /* the instruction that stores the flags on the stack, and its prefix for 16 bits */
	unsigned char short_prefix;
	unsigned char pop_flags; /* the two that load the flags */
	unsigned char interrupt_return;
	int64_t no_call; /* value of the number register that keeps the kernel from restarting a call */
};

/* The architecture whose general register set has this size, or by id; NULL if none. */
const struct ut__arch *ut__arch_by_set_size(size_t size);
const struct ut__arch *ut__arch_by_id(int id);

/* The enum utrace_abi of a call, from the AUDIT_ARCH value and the raw number; takes the x32 bit off *number. */
uint32_t ut__arch_abi(uint32_t audit_arch, int64_t *number);
/* And back: AUDIT_ARCH of an ABI, 0 if unknown; the bits of the raw number in *number_bits. */
uint32_t ut__arch_audit(uint32_t abi, uint32_t *number_bits);

/* Byte offset of a portable register, or UT__REG_NONE. */
uint16_t ut__arch_offset(const struct ut__arch *arch, int reg);
/* The layout for calls of this ABI, or NULL. */
const struct ut__arch_call *ut__arch_call(const struct ut__arch *arch, uint32_t abi);

/* A register of `size` bytes out of a register set, zero-extended, and into one. */
uint64_t ut__arch_load(const void *set, uint16_t offset, uint16_t size);
void ut__arch_store(void *set, uint16_t offset, uint16_t size, uint64_t value);

#endif
