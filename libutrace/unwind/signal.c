/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * unwind/signal.c - signal frames whose code has no call frame information, as that of C libraries other than glibc:
 * the instructions of a return from a handler are known, and the kernel has put all registers on the stack.
 * (Linux, arch/x86/include/asm/sigframe.h and include/uapi/asm/sigcontext.h)
 */
#include <string.h>

#include "unwind/unwind.h"

struct code {
	int machine;
	size_t size;
	unsigned char bytes[9];
	uint16_t context; /* of the sigcontext, from the stack pointer; */
	bool is_indirect; /* or from a pointer that lies there */
	uint16_t offset;  /* added to that */
};

/* mov $15,%eax or %rax; syscall. mov $173,%eax; int $0x80. pop %eax; mov $119,%eax; int $0x80. */
static const struct code codes[] = {
	{EM_X86_64, 9, {0x48, 0xc7, 0xc0, 15, 0, 0, 0, 0x0f, 0x05}, 40, false, 0},
	{EM_X86_64, 7, {0xb8, 15, 0, 0, 0, 0x0f, 0x05}, 40, false, 0},
	{EM_386, 7, {0xb8, 173, 0, 0, 0, 0xcd, 0x80}, 8, true, 20},
	{EM_386, 8, {0x58, 0xb8, 119, 0, 0, 0, 0xcd, 0x80}, 4, false, 0},
};

/* The sigcontext's words in order, by DWARF number; 255: none that matters. */
static const uint8_t order_64[] = {8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, 7, 16};
static const uint8_t order_32[] = {255, 255, 255, 255, 7, 6, 5, 4, 3, 2, 1, 0, 255, 255, 8};

static const struct code *find_code(utrace_stack *stack, uint64_t pc)
{
	unsigned char bytes[sizeof(codes[0].bytes)] = {0};

	if (ut__image_read(stack->image, pc, bytes, sizeof(bytes), NULL) &&
	    ut__image_read(stack->image, pc, bytes, 7, NULL))
		return NULL;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (codes[i].machine == stack->arch->machine && memcmp(codes[i].bytes, bytes, codes[i].size) == 0)
			return &codes[i];
	}
	return NULL;
}

bool ut__is_signal_return(utrace_stack *stack, uint64_t pc)
{
	return find_code(stack, pc) != NULL;
}

bool ut__signal_caller(utrace_stack *stack, struct ut__registers *caller, uint64_t *cfa)
{
	const struct ut__unwind_arch *arch = stack->arch;
	const struct code *code = find_code(stack, stack->now.value[arch->pc]);
	const uint8_t *order = arch->bytes == 8 ? order_64 : order_32;
	size_t count = arch->bytes == 8 ? sizeof(order_64) : sizeof(order_32);
	uint64_t context;

	if (!code)
		return false;
	context = stack->now.value[arch->sp] + code->context;
	if (code->is_indirect && ut__stack_word(stack, context, &context, NULL))
		return false;
	context += code->offset;
	memset(caller, 0, sizeof(*caller));
	for (size_t i = 0; i < count; i++) {
		uint64_t place = context + i * arch->bytes;

		if (order[i] == 255)
			continue;
		if (ut__stack_word(stack, place, &caller->value[order[i]], NULL))
			return false;
		caller->place[order[i]] = place;
		caller->valid |= 1u << order[i];
	}
	*cfa = caller->value[arch->sp];
	return true;
}
