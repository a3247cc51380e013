/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * compile/expression.c - DWARF expressions carried out on code. (DWARF 5, 2.5 and 2.6; GNU extensions of gcc's for
 * versions before 5)
 *
 * It is the machine of sym/expression.c with steps for numbers; an operation that depends on a number's value (a branch) has no steps.
 */
#include <stdlib.h>
#include <string.h>

#include "compile/compile.h"

enum { STACK_MAX = 12, OPERATIONS_MAX = 256, NESTING_MAX = 8 };

struct machine {
	const struct ut__spot *spot;
	Dwarf_Attribute *attribute;
	const Dwarf_Op *op; /* that is carried out */
	struct ut__steps stack[STACK_MAX];
	size_t depth;
	struct ut__compiled *compiled; /* NULL: only a value is wanted */
	struct ut__compiled_part now;  /* the location description so far */
	bool has_place;                /* `now` is one, without the stack */
	struct utrace_error *error;
};

static unsigned address_bytes(const struct machine *m)
{
	return m->spot->module->file->bits / 8;
}

static int fail(struct machine *m, int status, const char *what)
{
	return ut__fail(m->error, status, 0, "The variable's place %s (operation %#x of its location).", what,
			m->op ? m->op->atom : 0);
}

static int push(struct machine *m, const struct ut__steps *code)
{
	if (m->depth == STACK_MAX || code->is_too_long)
		return fail(m, UTRACE_UNSUPPORTED, "needs more steps than a condition has");
	m->stack[m->depth++] = *code;
	return UTRACE_OK;
}

static int push_constant(struct machine *m, uint64_t number)
{
	struct ut__steps code = ut__steps_constant(number, address_bytes(m));

	return push(m, &code);
}

static struct ut__steps *top(struct machine *m, size_t below)
{
	return below < m->depth ? &m->stack[m->depth - 1 - below] : NULL;
}

static int fail_empty(struct machine *m)
{
	return fail(m, UTRACE_INVALID, "takes more from its stack than it has");
}

static int pick(struct machine *m, uint64_t index)
{
	const struct ut__steps *code = index < STACK_MAX ? top(m, index) : NULL;

	return code ? push(m, code) : fail_empty(m);
}

/* Registers beyond the one of the pc are vectors and the like, which are wider than a number. */
static int push_register(struct machine *m, uint64_t number, uint64_t offset)
{
	struct ut__steps code = ut__steps_register((unsigned)number, address_bytes(m));

	if (number > (address_bytes(m) == 8 ? 16 : 8))
		return fail(m, UTRACE_UNSUPPORTED, "is in a register that is no number");
	if (!m->spot->has_pc)
		return fail(m, UTRACE_INVALID, "depends on the address of code, and none was given");
	ut__steps_add(&code, offset);
	return push(m, &code);
}

static int base_type(struct machine *m, unsigned *size, uint8_t *encoding)
{
	Dwarf_Word given = DW_ATE_unsigned;
	Dwarf_Word bytes = 0;
	Dwarf_Attribute found;
	Dwarf_Die type;

	if (!m->attribute || dwarf_getlocation_die(m->attribute, m->op, &type))
		return fail(m, UTRACE_INVALID, "names no type");
	*size = address_bytes(m);
	*encoding = 0;
	/* Offset 0 stands for the generic type, and is the unit's entry. */
	if (dwarf_tag(&type) != DW_TAG_base_type)
		return UTRACE_OK;
	(void)dwarf_formudata(dwarf_attr_integrate(&type, DW_AT_encoding, &found), &given);
	(void)dwarf_formudata(dwarf_attr_integrate(&type, DW_AT_byte_size, &found), &bytes);
	if (given == DW_ATE_float || (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8))
		return fail(m, UTRACE_UNSUPPORTED,
			    "is computed with numbers that are no integers of 1, 2, 4 or 8 bytes");
	*size = (unsigned)bytes;
	*encoding = (uint8_t)given;
	return UTRACE_OK;
}

static int deref(struct machine *m, uint64_t size, bool typed)
{
	struct ut__steps *address = top(m, 0);
	unsigned bytes = address_bytes(m);
	uint8_t encoding = 0;
	int status = address ? UTRACE_OK : fail_empty(m);

	if (!status && typed)
		status = base_type(m, &bytes, &encoding);
	if (status)
		return status;
	if (size != 1 && size != 2 && size != 4 && size != 8)
		return fail(m, UTRACE_UNSUPPORTED, "reads a number of another size than 1, 2, 4 or 8 bytes");
	ut__steps_load(address, (unsigned)size);
	address->size = (uint8_t)bytes;
	address->encoding = encoding;
	return UTRACE_OK;
}

static int push_constant_of_type(struct machine *m)
{
	Dwarf_Attribute attribute;
	uint64_t number = 0;
	struct ut__steps code;
	unsigned size = 0;
	uint8_t encoding = 0;
	Dwarf_Block block;
	int status = base_type(m, &size, &encoding);

	if (status)
		return status;
	if (dwarf_getlocation_attr(m->attribute, m->op, &attribute) || dwarf_formblock(&attribute, &block) ||
	    block.length > sizeof(number))
		return fail(m, UTRACE_INVALID, "has a damaged constant");
	memcpy(&number, block.data, block.length);
	code = ut__steps_constant(number, size);
	code.encoding = encoding;
	return push(m, &code);
}

static int push_register_of_type(struct machine *m)
{
	unsigned size = 0;
	uint8_t encoding = 0;
	int status = base_type(m, &size, &encoding);

	if (!status)
		status = push_register(m, m->op->number, 0);
	if (!status)
		ut__steps_convert(top(m, 0), size, encoding, true);
	return status;
}

static int convert(struct machine *m, bool keep_bits)
{
	struct ut__steps *value = top(m, 0);
	unsigned size = 0;
	uint8_t encoding = 0;
	int status = value ? base_type(m, &size, &encoding) : fail_empty(m);

	if (!status)
		ut__steps_convert(value, size, encoding, keep_bits);
	return status;
}

/* DW_OP_addrx and DW_OP_constx: out of the unit's table of addresses, as an address or as it is. */
static int push_indexed(struct machine *m, bool is_address)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value = 0;
	int failed = !m->attribute || dwarf_getlocation_attr(m->attribute, m->op, &attribute);

	if (!failed)
		failed = is_address ? dwarf_formaddr(&attribute, &value) : dwarf_formudata(&attribute, &value);
	if (failed)
		return fail(m, UTRACE_INVALID, "has a damaged address");
	return push_constant(m, value + (is_address ? m->spot->module->bias : 0));
}

static int push_entry_value(struct machine *m)
{
	Dwarf_Attribute attribute;
	Dwarf_Op *ops;
	size_t count;
	unsigned reg;

	if (!m->attribute || dwarf_getlocation_attr(m->attribute, m->op, &attribute) ||
	    dwarf_getlocation(&attribute, &ops, &count))
		return fail(m, UTRACE_INVALID, "has a damaged entry value");
	if (count != 1 || !ut__op_is_register(&ops[0], &reg) || !ut__spot_is_entry(m->spot))
		return fail(m, UTRACE_UNSUPPORTED,
			    "needs what a register had at the function's entry, which only the caller's frame tells");
	return push_register(m, reg, 0);
}

static int push_spot(struct machine *m,
		     int (*get)(const struct ut__spot *spot, struct ut__steps *code, struct utrace_error *error),
		     uint64_t offset)
{
	struct ut__steps code;
	int status = get(m->spot, &code, m->error);

	if (status)
		return status;
	ut__steps_add(&code, offset);
	return push(m, &code);
}

static int one_operand(struct machine *m)
{
	struct ut__steps *value = top(m, 0);

	if (!value)
		return fail_empty(m);
	return ut__steps_unary(m->op->atom, value)
		       ? UTRACE_OK
		       : fail(m, UTRACE_UNSUPPORTED, "is computed in a way that has no steps");
}

static int two_operands(struct machine *m)
{
	struct ut__steps *right = top(m, 0);
	struct ut__steps *left = top(m, 1);

	if (!left)
		return fail_empty(m);
	m->depth--;
	if (!ut__steps_binary(m->op->atom, left, right, address_bytes(m)))
		return fail(m, UTRACE_UNSUPPORTED, "is computed in a way that has no steps");
	return left->is_too_long ? fail(m, UTRACE_UNSUPPORTED, "needs more steps than a condition has") : UTRACE_OK;
}

static int add_constant(struct machine *m)
{
	if (!m->depth)
		return fail_empty(m);
	ut__steps_add(top(m, 0), m->op->number);
	return UTRACE_OK;
}

static int swap_or_rotate(struct machine *m, size_t count)
{
	struct ut__steps saved;

	if (m->depth < count)
		return fail_empty(m);
	saved = *top(m, 0);
	memmove(top(m, count - 2), top(m, count - 1), (count - 1) * sizeof(saved));
	*top(m, count - 1) = saved;
	return UTRACE_OK;
}

/* ---- location descriptions ---- */

static int set_register(struct machine *m, uint64_t number)
{
	int status = push_register(m, number, 0);

	if (status)
		return status;
	m->now = (struct ut__compiled_part){.kind = UT__PIECE_REGISTER, .code = m->stack[--m->depth]};
	m->has_place = true;
	return UTRACE_OK;
}

static int stack_value(struct machine *m)
{
	if (!m->depth)
		return fail_empty(m);
	m->now = (struct ut__compiled_part){.kind = UT__PIECE_VALUE, .code = m->stack[--m->depth]};
	m->has_place = true;
	return UTRACE_OK;
}

static int implicit_value(struct machine *m)
{
	Dwarf_Block block;

	if (!m->attribute || dwarf_getlocation_implicit_value(m->attribute, m->op, &block))
		return fail(m, UTRACE_INVALID, "has a damaged value");
	m->now = (struct ut__compiled_part){.kind = UT__PIECE_BYTES, .bytes = block.data, .byte_count = block.length};
	m->has_place = true;
	return UTRACE_OK;
}

/* Ends a piece: what has been described so far, or the address on the stack, or nothing. */
static int piece(struct machine *m, uint64_t bits, uint64_t bit_offset)
{
	if (!m->compiled)
		return fail(m, UTRACE_INVALID, "has pieces where a value is wanted");
	if (m->compiled->count == UT__PARTS_MAX)
		return fail(m, UTRACE_UNSUPPORTED, "has too many pieces");
	if (!m->has_place) {
		m->now = (struct ut__compiled_part){.kind = m->depth ? UT__PIECE_MEMORY : UT__PIECE_NONE};
		if (m->depth)
			m->now.code = m->stack[--m->depth];
	}
	m->now.bits = bits;
	m->now.bit_offset = bit_offset;
	m->compiled->parts[m->compiled->count++] = m->now;
	m->has_place = false;
	m->depth = 0;
	return UTRACE_OK;
}

static int describe(struct machine *m, const Dwarf_Op *op)
{
	switch (op->atom) {
	case DW_OP_regx:
		return set_register(m, op->number);
	case DW_OP_stack_value:
		return stack_value(m);
	case DW_OP_implicit_value:
		return implicit_value(m);
	case DW_OP_implicit_pointer:
	case DW_OP_GNU_implicit_pointer:
		m->now = (struct ut__compiled_part){.kind = UT__PIECE_IMPLICIT_POINTER};
		m->has_place = true;
		return UTRACE_OK;
	case DW_OP_piece:
		return piece(m, op->number * 8, 0);
	case DW_OP_bit_piece:
		return piece(m, op->number, op->number2);
	default:
		return fail(m, UTRACE_UNSUPPORTED, "is computed in a way that has no steps");
	}
}

static int special(struct machine *m, const Dwarf_Op *op)
{
	switch (op->atom) {
	case DW_OP_fbreg:
		return push_spot(m, ut__spot_frame_base, op->number);
	case DW_OP_call_frame_cfa:
		return push_spot(m, ut__spot_cfa, 0);
	case DW_OP_form_tls_address:
	case DW_OP_GNU_push_tls_address:
		return m->depth ? ut__spot_tls(m->spot, top(m, 0), m->error) : fail_empty(m);
	case DW_OP_entry_value:
	case DW_OP_GNU_entry_value:
		return push_entry_value(m);
	case DW_OP_const_type:
	case DW_OP_GNU_const_type:
		return push_constant_of_type(m);
	case DW_OP_regval_type:
	case DW_OP_GNU_regval_type:
		return push_register_of_type(m);
	case DW_OP_deref_type:
	case DW_OP_GNU_deref_type:
		return deref(m, op->number, true);
	case DW_OP_convert:
	case DW_OP_GNU_convert:
	case DW_OP_reinterpret:
	case DW_OP_GNU_reinterpret:
		return convert(m, op->atom == DW_OP_reinterpret || op->atom == DW_OP_GNU_reinterpret);
	case DW_OP_addrx:
	case DW_OP_GNU_addr_index:
		return push_indexed(m, true);
	case DW_OP_constx:
	case DW_OP_GNU_const_index:
		return push_indexed(m, false);
	default:
		return describe(m, op);
	}
}

static int stack_work(struct machine *m, const Dwarf_Op *op)
{
	switch (op->atom) {
	case DW_OP_addr:
		return push_constant(m, op->number + m->spot->module->bias);
	case DW_OP_deref:
		return deref(m, address_bytes(m), false);
	case DW_OP_deref_size:
		return deref(m, op->number, false);
	case DW_OP_plus_uconst:
		return add_constant(m);
	case DW_OP_dup:
		return pick(m, 0);
	case DW_OP_drop:
		if (!m->depth)
			return fail_empty(m);
		m->depth--;
		return UTRACE_OK;
	case DW_OP_over:
		return pick(m, 1);
	case DW_OP_pick:
		return pick(m, op->number);
	case DW_OP_swap:
		return swap_or_rotate(m, 2);
	case DW_OP_rot:
		return swap_or_rotate(m, 3);
	case DW_OP_bregx:
		return push_register(m, op->number, op->number2);
	case DW_OP_nop:
	case DW_OP_GNU_uninit:
		return UTRACE_OK;
	default:
		return special(m, op);
	}
}

static int carry_out(struct machine *m, const Dwarf_Op *op)
{
	if (op->atom >= DW_OP_const1u && op->atom <= DW_OP_consts)
		return push_constant(m, op->number);
	if (op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31)
		return push_constant(m, op->atom - DW_OP_lit0);
	if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31)
		return push_register(m, op->atom - DW_OP_breg0, op->number);
	if (op->atom >= DW_OP_reg0 && op->atom <= DW_OP_reg31)
		return set_register(m, op->atom - DW_OP_reg0);
	if (ut__value_is_unary(op->atom))
		return one_operand(m);
	if (ut__value_is_binary(op->atom))
		return two_operands(m);
	return stack_work(m, op);
}

/* Big for a caller's stack, as expressions need others. */
static struct machine *start(const struct ut__spot *spot, Dwarf_Attribute *attribute, struct utrace_error *error)
{
	struct machine *m = spot->depth < NESTING_MAX ? calloc(1, sizeof(*m)) : NULL;

	if (!m) {
		(void)ut__fail(error, spot->depth < NESTING_MAX ? UTRACE_NO_MEMORY : UTRACE_INVALID, 0,
			       "The variable's location can't be followed any deeper.");
		return NULL;
	}
	m->spot = spot;
	m->attribute = attribute;
	m->error = error;
	return m;
}

static int run(struct machine *m, const Dwarf_Op *ops, size_t count)
{
	int status = count > OPERATIONS_MAX ? fail(m, UTRACE_UNSUPPORTED, "has too many operations") : UTRACE_OK;

	for (size_t i = 0; !status && i < count; i++) {
		m->op = &ops[i];
		status = carry_out(m, m->op);
	}
	return status;
}

int ut__compile_value(const struct ut__spot *spot, Dwarf_Attribute *attribute, const Dwarf_Op *ops, size_t count,
		      struct ut__steps *code, struct utrace_error *error)
{
	struct machine *m = start(spot, attribute, error);
	int status = m ? run(m, ops, count) : spot->depth < NESTING_MAX ? UTRACE_NO_MEMORY : UTRACE_INVALID;

	if (!status && m->has_place && m->now.kind <= UT__PIECE_VALUE)
		*code = m->now.code;
	else if (!status && m->depth && !m->has_place)
		*code = *top(m, 0);
	else if (!status)
		status = fail(m, UTRACE_INVALID, "gives no value");
	free(m);
	return status;
}

int ut__compile_place(const struct ut__spot *spot, Dwarf_Attribute *attribute, const Dwarf_Op *ops, size_t count,
		      struct ut__compiled *compiled, struct utrace_error *error)
{
	struct machine *m = start(spot, attribute, error);
	int status = m ? UTRACE_OK : spot->depth < NESTING_MAX ? UTRACE_NO_MEMORY : UTRACE_INVALID;

	compiled->count = 0;
	if (m) {
		m->compiled = compiled;
		status = run(m, ops, count);
		if (!status && !compiled->count && (m->has_place || m->depth))
			status = piece(m, 0, 0);
	}
	free(m);
	return status;
}
