/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * arch/x86_emulate.c - the instructions that functions and lines commonly begin with, done on a register set.
 *
 * A breakpoint on one of these costs no second stop.  Only what needs no more than registers and the stack is here; flags are
 * as the processor sets them.  (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2)
 */
#include <string.h>

#include "arch/x86.h"

enum {
	CARRY = 0x001,
	PARITY = 0x004,
	ADJUST = 0x010,
	ZERO = 0x040,
	SIGN = 0x080,
	OVERFLOW = 0x800,
	RESULT_FLAGS = CARRY | PARITY | ADJUST | ZERO | SIGN | OVERFLOW,
	AX = 0,
	CX = 1,
	SP = 4,
	BP = 5,
};

struct machine {
	const struct ut__instruction *in;
	const struct ut__x86_layout *layout;
	const struct ut__stack_access *stack;
	unsigned char *set;
	uint64_t address;
	uint64_t next;
	unsigned char modrm;
	unsigned int size; /* of the operand: 4 or 8 */
};

static uint64_t load(const struct machine *m, unsigned int number)
{
	return ut__arch_load(m->set, m->layout->general[number], m->layout->word);
}

static void store_whole(const struct machine *m, unsigned int number, uint64_t value)
{
	ut__arch_store(m->set, m->layout->general[number], m->layout->word, value);
}

static uint64_t cut(uint64_t value, unsigned int size)
{
	return size == 8 ? value : (uint32_t)value;
}

/* A result of 32 bits clears the upper half. */
static void store(const struct machine *m, unsigned int number, uint64_t value)
{
	store_whole(m, number, cut(value, m->size));
}

static bool go_to(const struct machine *m, uint64_t pc)
{
	ut__arch_store(m->set, m->layout->pc, m->layout->word, cut(pc, m->layout->word));
	return true;
}

static int64_t immediate(const struct ut__instruction *in)
{
	int32_t value = 0;

	if (in->immediate_size == 1)
		return (int8_t)in->bytes[in->immediate_at];
	if (in->immediate_size == 2)
		return (int16_t)(in->bytes[in->immediate_at] | in->bytes[in->immediate_at + 1] << 8);
	memcpy(&value, in->bytes + in->immediate_at, sizeof(value));
	return value;
}

uint64_t ut__x86_target(const struct ut__instruction *in, uint64_t address, uint16_t word)
{
	return cut(address + in->length + (uint64_t)immediate(in), word);
}

static unsigned int reg_of(const struct machine *m)
{
	return (m->modrm >> 3 & 7u) | (m->in->rex & 4u ? 8u : 0);
}

static unsigned int rm_of(const struct machine *m)
{
	return (m->modrm & 7u) | (m->in->rex & 1u ? 8u : 0);
}

static bool push(const struct machine *m, uint64_t value)
{
	uint64_t sp = cut(load(m, SP) - m->layout->word, m->layout->word);

	if (!m->stack->write(m->stack->context, sp, &value, m->layout->word))
		return false;
	store_whole(m, SP, sp);
	return true;
}

static bool pop(const struct machine *m, uint64_t *value)
{
	uint64_t sp = load(m, SP);

	*value = 0;
	if (!m->stack->read(m->stack->context, sp, value, m->layout->word))
		return false;
	store_whole(m, SP, cut(sp + m->layout->word, m->layout->word));
	return true;
}

static uint64_t flags_of(const struct machine *m)
{
	return ut__arch_load(m->set, m->layout->flags, m->layout->word);
}

static void set_flags(const struct machine *m, uint64_t result, uint64_t extra)
{
	uint64_t flags = (flags_of(m) & ~(uint64_t)RESULT_FLAGS) | extra;

	result = cut(result, m->size);
	if (!result)
		flags |= ZERO;
	if (result >> (m->size * 8 - 1) & 1)
		flags |= SIGN;
	if (!__builtin_parity((unsigned int)(result & 0xff)))
		flags |= PARITY;
	ut__arch_store(m->set, m->layout->flags, m->layout->word, flags);
}

static uint64_t add(const struct machine *m, uint64_t a, uint64_t b)
{
	uint64_t result = cut(a + b, m->size);
	unsigned int top = m->size * 8 - 1;
	uint64_t extra = cut(a, m->size) > result ? CARRY : 0;

	if (((a ^ result) & (b ^ result)) >> top & 1)
		extra |= OVERFLOW;
	if ((a ^ b ^ result) & 0x10)
		extra |= ADJUST;
	set_flags(m, result, extra);
	return result;
}

static uint64_t subtract(const struct machine *m, uint64_t a, uint64_t b)
{
	uint64_t result = cut(a - b, m->size);
	unsigned int top = m->size * 8 - 1;
	uint64_t extra = cut(a, m->size) < cut(b, m->size) ? CARRY : 0;

	if (((a ^ b) & (a ^ result)) >> top & 1)
		extra |= OVERFLOW;
	if ((a ^ b ^ result) & 0x10)
		extra |= ADJUST;
	set_flags(m, result, extra);
	return result;
}

/* The eight operations in the order in which opcodes number them; those with carry are left to the processor. */
static bool arithmetic(const struct machine *m, unsigned int operation, unsigned int target, uint64_t b)
{
	uint64_t a = load(m, target);
	uint64_t result;

	switch (operation) {
	case 0:
		store(m, target, add(m, a, b));
		return true;
	case 5:
		store(m, target, subtract(m, a, b));
		return true;
	case 7:
		(void)subtract(m, a, b);
		return true;
	case 1:
		result = a | b;
		break;
	case 4:
		result = a & b;
		break;
	case 6:
		result = a ^ b;
		break;
	default:
		return false;
	}
	set_flags(m, result, 0);
	store(m, target, result);
	return true;
}

static bool condition_holds(const struct machine *m, unsigned int number)
{
	uint64_t flags = flags_of(m);
	bool less = !(flags & SIGN) != !(flags & OVERFLOW);
	bool holds;

	switch (number >> 1) {
	case 0:
		holds = flags & OVERFLOW;
		break;
	case 1:
		holds = flags & CARRY;
		break;
	case 2:
		holds = flags & ZERO;
		break;
	case 3:
		holds = flags & (CARRY | ZERO);
		break;
	case 4:
		holds = flags & SIGN;
		break;
	case 5:
		holds = flags & PARITY;
		break;
	case 6:
		holds = less;
		break;
	default:
		holds = less || (flags & ZERO);
		break;
	}
	return holds != (number & 1);
}

/* loopne, loope, loop, jcxz: the counter is of the address's size. */
static bool count_and_jump(const struct machine *m)
{
	unsigned int size = m->in->short_address ? m->layout->word / 2 : m->layout->word;
	uint64_t mask = size == 8 ? UINT64_MAX : (UINT64_C(1) << size * 8) - 1;
	uint64_t count = load(m, CX) & mask;
	bool zero = flags_of(m) & ZERO;
	bool taken;

	if (m->in->opcode == 0xe3) {
		taken = count == 0;
	} else {
		count = (count - 1) & mask;
		store_whole(m, CX, size == 4 ? count : (load(m, CX) & ~mask) | count);
		taken = count && (m->in->opcode == 0xe2 || zero == (m->in->opcode == 0xe1));
	}
	return go_to(m, taken ? ut__x86_target(m->in, m->address, m->layout->word) : m->next);
}

/* The processor faults on the return itself if the address is not canonical (volume 1, 3.3.7.1), which is left to it. */
static bool return_past(const struct machine *m, uint16_t arguments)
{
	uint64_t sp = load(m, SP);
	uint64_t target = 0;

	if (!m->stack->read(m->stack->context, sp, &target, m->layout->word) || target >> 47)
		return false;
	store_whole(m, SP, cut(sp + m->layout->word + arguments, m->layout->word));
	return go_to(m, target);
}

static bool transfer(const struct machine *m)
{
	uint64_t target = ut__x86_target(m->in, m->address, m->layout->word);

	switch (m->in->opcode) {
	case 0xe0:
	case 0xe1:
	case 0xe2:
	case 0xe3:
		return count_and_jump(m);
	case 0xe8:
		return push(m, m->next) && go_to(m, target);
	case 0xe9:
	case 0xeb:
		return go_to(m, target);
	case 0xc2:
		return return_past(m, (uint16_t)immediate(m->in));
	case 0xc3:
		return return_past(m, 0);
	case 0xc7: /* xbegin: a transaction may always abort */
		ut__arch_store(m->set, m->layout->general[AX], m->layout->word, 0);
		return go_to(m, target);
	default:
		return false;
	}
}

static bool leave(const struct machine *m)
{
	uint64_t sp = load(m, SP);
	uint64_t frame;

	store_whole(m, SP, load(m, BP));
	if (!pop(m, &frame)) {
		store_whole(m, SP, sp);
		return false;
	}
	store_whole(m, BP, frame);
	return true;
}

static int32_t displacement(const struct ut__instruction *in, size_t at, unsigned int size)
{
	int32_t value = 0;

	if (size == 1)
		return (int8_t)in->bytes[at];
	memcpy(&value, in->bytes + at, size);
	return value;
}

/* base + index * scale, of a SIB byte; no index is number 4 without its extension. */
static uint64_t scaled(const struct machine *m, unsigned char sib, unsigned int mode)
{
	unsigned int index = (sib >> 3 & 7u) | (m->in->rex & 2u ? 8u : 0);
	unsigned int base = (sib & 7u) | (m->in->rex & 1u ? 8u : 0);
	uint64_t address = (sib & 7u) == BP && mode == 0 ? 0 : load(m, base);

	return index == SP ? address : address + (load(m, index) << (sib >> 6));
}

/* Where a memory operand is; without its segment. */
static uint64_t effective_address(const struct machine *m)
{
	const struct ut__instruction *in = m->in;
	unsigned int mode = m->modrm >> 6;
	size_t at = in->modrm_at + 1u;
	uint64_t address;

	if ((m->modrm & 0xc7) == BP) /* no base, in 64-bit code the PC */
		return cut((m->layout->word == 8 ? m->next : 0) + (uint64_t)displacement(in, at, 4), m->layout->word);
	if ((m->modrm & 7) == SP) {
		unsigned char sib = in->bytes[at++];

		address = scaled(m, sib, mode);
		if (mode == 0 && (sib & 7) == BP)
			mode = 2;
	} else {
		address = load(m, rm_of(m));
	}
	if (mode == 1)
		address += (uint64_t)displacement(in, at, 1);
	else if (mode == 2)
		address += (uint64_t)displacement(in, at, 4);
	return cut(address, m->layout->word);
}

/* An operand that is only read. */
static bool read_operand(const struct machine *m, uint64_t *value)
{
	*value = 0;
	if (m->modrm >= 0xc0) {
		*value = load(m, rm_of(m));
		return true;
	}
	return !m->in->segment && !m->in->short_address &&
	       m->stack->read(m->stack->context, effective_address(m), value, m->size);
}

/* Forms that write a register or the flags: mov, lea, test, cmp, arithmetic. */
static bool to_register(const struct machine *m)
{
	unsigned char opcode = m->in->opcode;
	bool compares = opcode == 0x39 || ((opcode == 0x81 || opcode == 0x83) && (m->modrm >> 3 & 7) == 7);
	uint64_t value;

	if (opcode == 0x8d) {
		if (m->modrm >= 0xc0 || m->in->short_address)
			return false;
		store(m, reg_of(m), effective_address(m));
		return true;
	}
	if (opcode != 0x8b && opcode != 0x85 && !compares && (opcode >= 0x40 || (opcode & 7) != 3))
		return false;
	if (!read_operand(m, &value))
		return false;
	if (opcode == 0x8b)
		store(m, reg_of(m), value);
	else if (opcode == 0x85)
		set_flags(m, value & load(m, reg_of(m)), 0);
	else if (opcode == 0x39)
		(void)subtract(m, value, load(m, reg_of(m)));
	else if (compares)
		(void)subtract(m, value, (uint64_t)immediate(m->in));
	else
		return arithmetic(m, opcode >> 3, reg_of(m), value);
	return true;
}

/* The rest between registers. */
static bool between_registers(const struct machine *m)
{
	unsigned char opcode = m->in->opcode;

	if (to_register(m))
		return true;
	if (m->modrm < 0xc0)
		return false;
	if (opcode == 0x89) {
		store(m, rm_of(m), load(m, reg_of(m)));
		return true;
	}
	if (opcode == 0x81 || opcode == 0x83)
		return arithmetic(m, m->modrm >> 3 & 7, rm_of(m), (uint64_t)immediate(m->in));
	if (opcode < 0x40 && (opcode & 7) == 1)
		return arithmetic(m, opcode >> 3, rm_of(m), load(m, reg_of(m)));
	return false;
}

static bool move_immediate(const struct machine *m)
{
	unsigned int number = (m->in->opcode & 7u) | (m->in->rex & 1u ? 8u : 0);
	uint64_t value = 0;

	memcpy(&value, m->in->bytes + m->in->immediate_at, m->in->immediate_size);
	store(m, number, value);
	return true;
}

/* What goes on to the next instruction. */
static bool plain(const struct machine *m)
{
	const struct ut__instruction *in = m->in;
	unsigned int number = (in->opcode & 7u) | (in->rex & 1u ? 8u : 0);
	uint64_t value;

	switch (in->opcode & 0xf8) {
	case 0x50:
		return push(m, load(m, number));
	case 0x58:
		if (!pop(m, &value))
			return false;
		store_whole(m, number, value);
		return true;
	case 0xb8:
		return move_immediate(m);
	default:
		break;
	}
	switch (in->opcode) {
	case 0x90: /* also pause; with REX.B it is an exchange */
		return !(in->rex & 1);
	case 0xc9:
		return leave(m);
	case 0x68:
	case 0x6a:
		return push(m, cut((uint64_t)immediate(in), m->layout->word));
	default:
		return in->modrm_at && between_registers(m);
	}
}

/* nop with an operand, and the landing pads of indirect branches. (0f 1e with f3) */
static bool two_byte(const struct machine *m)
{
	unsigned char opcode = m->in->opcode;

	if (opcode == 0x1f)
		return go_to(m, m->next);
	if (opcode == 0x1e && m->in->repeat && (m->modrm == 0xfa || m->modrm == 0xfb))
		return go_to(m, m->next);
	if ((opcode & 0xf0) != 0x80)
		return false;
	if (!condition_holds(m, opcode & 15))
		return go_to(m, m->next);
	return go_to(m, ut__x86_target(m->in, m->address, m->layout->word));
}

static bool one_byte(const struct machine *m)
{
	const struct ut__instruction *in = m->in;
	bool branch = in->kind == UT__INSTRUCTION_RELATIVE || in->opcode == 0xc2 || in->opcode == 0xc3;

	if ((in->opcode & 0xf0) == 0x70)
		return go_to(m, condition_holds(m, in->opcode & 15) ? ut__x86_target(in, m->address, m->layout->word)
								    : m->next);
	if (branch)
		return transfer(m);
	if (in->short_operand && in->opcode != 0x90)
		return false;
	return plain(m) && go_to(m, m->next);
}

static bool emulate(const struct ut__instruction *in, uint64_t address, void *set, const struct ut__stack_access *stack,
		    const struct ut__x86_layout *layout)
{
	struct machine machine = {
		.in = in,
		.layout = layout,
		.stack = stack,
		.set = set,
		.address = address,
		.next = cut(address + in->length, layout->word),
		.modrm = in->modrm_at ? in->bytes[in->modrm_at] : 0,
		.size = in->rex & 8 ? 8 : 4,
	};

	if (!in->length || in->lock || in->vector < 16)
		return false;
	/* The trap flag of the tracee's own wants a trap after it. */
	if (in->kind != UT__INSTRUCTION_RELATIVE && (flags_of(&machine) & 0x100))
		return false;
	if (in->map == 0)
		return one_byte(&machine);
	return in->map == 1 && two_byte(&machine);
}

bool ut__x86_emulate_64(const struct ut__instruction *in, uint64_t address, void *set,
			const struct ut__stack_access *stack)
{
	return emulate(in, address, set, stack, &ut__x86_layout_64);
}

bool ut__x86_emulate_32(const struct ut__instruction *in, uint64_t address, void *set,
			const struct ut__stack_access *stack)
{
	return emulate(in, address, set, stack, &ut__x86_layout_32);
}
