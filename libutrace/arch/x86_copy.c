/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * arch/x86_copy.c - executing an instruction at another address than its own.
 *
 * What depends on the address: relative branches (emulated; a call whose push can't be emulated is copied with another target), an operand
 * relative to the PC (another register stands in for it), the return address of an indirect call, and the PC itself.  The copy is
 * followed by nops, because `mov ss` takes the next instruction with it into the step.
 */
#include <string.h>

#include "arch/x86.h"

enum { CALL_RELATIVE = 0xe8, NOP = 0x90, TRAP = 0xcc, SLOT = 24 };

static bool is_pc_relative(const struct ut__instruction *in, const struct ut__x86_layout *layout)
{
	return layout->word == 8 && in->modrm_at && (in->bytes[in->modrm_at] & 0xc7) == 0x05;
}

/* bp, si and di are never implied by an instruction that has a ModRM; one of three is not named by it either. */
static unsigned int choose_register(const struct ut__instruction *in)
{
	static const unsigned char candidates[] = {5, 6, 7};
	unsigned int reg = in->bytes[in->modrm_at] >> 3 & 7;
	size_t i = 0;

	/* With no REX a byte register 5 is ch: avoiding bp then is only more careful than needed. */
	while (i < 2 && (candidates[i] == reg || candidates[i] == (in->vector & 7)))
		i++;
	return candidates[i];
}

/* mod 00 rm 101 (PC + disp32) becomes mod 10 (register + disp32), with the register extension off. */
static void borrow(const struct ut__instruction *in, uint64_t address, void *set, struct ut__copy *copy,
		   const struct ut__x86_layout *layout)
{
	unsigned int number = choose_register(in);

	copy->borrowed = layout->general[number];
	copy->borrowed_value = ut__arch_load(set, copy->borrowed, layout->word);
	ut__arch_store(set, copy->borrowed, layout->word, address + in->length);
	copy->bytes[in->modrm_at] = (unsigned char)((in->bytes[in->modrm_at] & 0x38) | 0x80 | number);
	if (in->prefix_at >= in->length)
		return;
	if ((in->bytes[in->prefix_at] & 0xf0) == 0x40)
		copy->bytes[in->prefix_at] &= (unsigned char)~1u;
	else if (in->bytes[in->prefix_at] != 0xc5)
		copy->bytes[in->prefix_at + 1] |= 0x20;
}

static bool copy_out(const struct ut__instruction *in, uint64_t address, uint64_t place, void *set,
		     struct ut__copy *copy, const struct ut__x86_layout *layout)
{
	*copy = (struct ut__copy){.size = SLOT, .length = in->length, .borrowed = UT__REG_NONE};
	memset(copy->bytes, NOP, SLOT);
	memcpy(copy->bytes, in->bytes, in->length);
	if (in->kind == UT__INSTRUCTION_RELATIVE) {
		if (in->map != 0 || in->opcode != CALL_RELATIVE)
			return false;
		copy->target = ut__x86_target(in, address, layout->word);
		memset(copy->bytes + in->immediate_at, 0, in->immediate_size);
	}
	if (is_pc_relative(in, layout))
		borrow(in, address, set, copy, layout);
	if (in->kind == UT__INSTRUCTION_REPEATED) {
		copy->traps = true;
		copy->bytes[in->length] = TRAP;
	}
	ut__arch_store(set, layout->pc, layout->word, place);
	return true;
}

static void fix_return_address(const struct ut__instruction *in, uint64_t address, void *set,
			       const struct ut__stack_access *stack, const struct ut__x86_layout *layout)
{
	uint64_t sp = ut__arch_load(set, layout->general[4], layout->word);
	uint64_t back = address + in->length;

	(void)stack->write(stack->context, sp, &back, layout->word);
}

static bool settle(const struct ut__instruction *in, uint64_t address, uint64_t place, void *set,
		   const struct ut__copy *copy, const struct ut__stack_access *stack,
		   const struct ut__x86_layout *layout)
{
	uint64_t pc = ut__arch_load(set, layout->pc, layout->word);
	bool executed = pc != place;
	uint64_t offset = pc - place;

	if (copy->borrowed != UT__REG_NONE)
		ut__arch_store(set, copy->borrowed, layout->word, copy->borrowed_value);
	if (executed && (in->kind == UT__INSTRUCTION_CALL || copy->target))
		fix_return_address(in, address, set, stack, layout);
	if (offset < SLOT)
		pc = address + (offset < copy->length ? offset : copy->length);
	if (executed && copy->target)
		pc = copy->target;
	ut__arch_store(set, layout->pc, layout->word, pc);
	/* syscall keeps the PC in cx. */
	if (executed && layout->word == 8 && in->kind == UT__INSTRUCTION_SYSCALL && in->map == 1)
		ut__arch_store(set, layout->general[1], layout->word, pc);
	return executed;
}

bool ut__x86_copy_64(const struct ut__instruction *in, uint64_t address, uint64_t place, void *set,
		     struct ut__copy *copy)
{
	return copy_out(in, address, place, set, copy, &ut__x86_layout_64);
}

bool ut__x86_copy_32(const struct ut__instruction *in, uint64_t address, uint64_t place, void *set,
		     struct ut__copy *copy)
{
	return copy_out(in, address, place, set, copy, &ut__x86_layout_32);
}

bool ut__x86_settle_64(const struct ut__instruction *in, uint64_t address, uint64_t place, void *set,
		       const struct ut__copy *copy, const struct ut__stack_access *stack)
{
	return settle(in, address, place, set, copy, stack, &ut__x86_layout_64);
}

bool ut__x86_settle_32(const struct ut__instruction *in, uint64_t address, uint64_t place, void *set,
		       const struct ut__copy *copy, const struct ut__stack_access *stack)
{
	return settle(in, address, place, set, copy, stack, &ut__x86_layout_32);
}
