/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/expression.c - see expression.h.
 *
 * Values are kept as 64 bits with the type that they have: generic (the size of an address) or a base type's encoding
 * and size.
 * Arithmetic is done in arithmetic.c.
 */
#include "sym/expression.h"

#include <dwarf.h>
#include <string.h>

#include "sym/arithmetic.h"
#include "sym/sym.h"

enum { STACK_MAX = 64, STEPS_MAX = 10000, NESTING_MAX = 32 };

struct machine {
	const struct ut__expression *x;
	const Dwarf_Op *ops;
	size_t count;
	size_t at; /* the operation that is carried out */
	struct ut__value stack[STACK_MAX];
	size_t depth;
	struct ut__place *place; /* NULL: only a value is wanted */
	struct ut__piece now;    /* the location description so far */
	bool has_place;          /* `now` is one, without the stack */
	struct utrace_error *error;
};

static int fail(struct machine *m, int status, const char *what)
{
	return ut__fail(m->error, status, 0, "A location expression of the debug information %s (operation %#x).", what,
			m->at < m->count ? m->ops[m->at].atom : 0);
}

static int push_value(struct machine *m, struct ut__value value)
{
	if (m->depth == STACK_MAX)
		return fail(m, UTRACE_INVALID, "needs too deep a stack");
	m->stack[m->depth++] = value;
	return UTRACE_OK;
}

static int push(struct machine *m, uint64_t number)
{
	return push_value(m, ut__value_generic(number, m->x->bytes));
}

static int pop(struct machine *m, struct ut__value *value)
{
	*value = (struct ut__value){0};
	if (!m->depth)
		return fail(m, UTRACE_INVALID, "takes more from its stack than it has");
	*value = m->stack[--m->depth];
	return UTRACE_OK;
}

static int pick(struct machine *m, uint64_t index)
{
	if (index >= m->depth)
		return fail(m, UTRACE_INVALID, "takes more from its stack than it has");
	return push_value(m, m->stack[m->depth - 1 - index]);
}

static int push_register(struct machine *m, unsigned number, uint64_t offset)
{
	uint64_t value = 0;
	int status = m->x->ops->reg ? m->x->ops->reg(m->x->data, number, &value, m->error)
				    : fail(m, UTRACE_UNSUPPORTED, "needs registers, and there are none here");

	return status ? status : push(m, value + offset);
}

static int base_type(struct machine *m, uint64_t size, struct ut__value *value)
{
	Dwarf_Attribute found;
	Dwarf_Word encoding = DW_ATE_unsigned;
	Dwarf_Word bytes = size;
	Dwarf_Die type;

	if (!m->x->attribute || dwarf_getlocation_die(m->x->attribute, &m->ops[m->at], &type))
		return fail(m, UTRACE_INVALID, "names no type");
	/* Offset 0 stands for the generic type, and is the unit's entry. */
	if (dwarf_tag(&type) != DW_TAG_base_type) {
		*value = ut__value_generic(0, m->x->bytes);
		return UTRACE_OK;
	}
	(void)dwarf_formudata(dwarf_attr_integrate(&type, DW_AT_encoding, &found), &encoding);
	(void)dwarf_formudata(dwarf_attr_integrate(&type, DW_AT_byte_size, &found), &bytes);
	if (!bytes || bytes > sizeof(value->bits))
		return fail(m, UTRACE_UNSUPPORTED, "computes with a type of another size than 1 to 8 bytes");
	*value = (struct ut__value){.size = (uint8_t)bytes, .encoding = (uint8_t)encoding};
	return UTRACE_OK;
}

static int deref(struct machine *m, uint64_t size, bool typed)
{
	struct ut__value address;
	struct ut__value result = ut__value_generic(0, m->x->bytes);
	int status = pop(m, &address);

	if (!status && typed)
		status = base_type(m, size, &result);
	if (!status && (!size || size > sizeof(result.bits)))
		status = fail(m, UTRACE_INVALID, "reads a value of an impossible size");
	if (!status)
		status = m->x->ops->read ? m->x->ops->read(m->x->data, address.bits, &result.bits, size, m->error)
					 : fail(m, UTRACE_UNSUPPORTED, "needs memory, and there is none here");
	return status ? status : push_value(m, result);
}

static int push_from(struct machine *m, int (*get)(void *data, uint64_t *value, struct utrace_error *error),
		     uint64_t offset, const char *missing)
{
	uint64_t value = 0;
	int status = get ? get(m->x->data, &value, m->error) : fail(m, UTRACE_UNSUPPORTED, missing);

	return status ? status : push(m, value + offset);
}

static int push_tls(struct machine *m)
{
	struct ut__value offset;
	uint64_t address = 0;
	int status = pop(m, &offset);

	if (!status)
		status = m->x->ops->tls ? m->x->ops->tls(m->x->data, offset.bits, &address, m->error)
					: fail(m, UTRACE_UNSUPPORTED, "needs a thread, and there is none here");
	return status ? status : push(m, address);
}

static int push_entry_value(struct machine *m)
{
	Dwarf_Attribute attribute;
	Dwarf_Op *ops;
	size_t count;
	uint64_t value = 0;
	int status;

	if (!m->x->attribute || dwarf_getlocation_attr(m->x->attribute, &m->ops[m->at], &attribute) ||
	    dwarf_getlocation(&attribute, &ops, &count))
		return fail(m, UTRACE_INVALID, "has a damaged entry value");
	if (!m->x->ops->entry_value)
		return fail(m, UTRACE_NOT_FOUND, "needs a value at the function's entry, which nobody knows here");
	status = m->x->ops->entry_value(m->x->data, ops, count, &value, m->error);
	return status ? status : push(m, value);
}

static int push_parameter(struct machine *m)
{
	Dwarf_Die die;
	uint64_t value = 0;
	int status;

	if (!m->x->attribute || dwarf_getlocation_die(m->x->attribute, &m->ops[m->at], &die))
		return fail(m, UTRACE_INVALID, "names no parameter");
	status = m->x->ops->parameter ? m->x->ops->parameter(m->x->data, &die, &value, m->error)
				      : fail(m, UTRACE_NOT_FOUND, "needs a parameter, which nobody knows here");
	return status ? status : push(m, value);
}

static int push_constant_of_type(struct machine *m)
{
	Dwarf_Attribute attribute;
	struct ut__value value;
	Dwarf_Block block;
	int status = base_type(m, 0, &value);

	if (status)
		return status;
	if (dwarf_getlocation_attr(m->x->attribute, &m->ops[m->at], &attribute) ||
	    dwarf_formblock(&attribute, &block) || block.length > sizeof(value.bits))
		return fail(m, UTRACE_INVALID, "has a damaged constant");
	memcpy(&value.bits, block.data, block.length);
	return push_value(m, value);
}

static int push_register_of_type(struct machine *m)
{
	struct ut__value value = {0};
	uint64_t bits = 0;
	int status = base_type(m, 0, &value);

	if (!status)
		status = push_register(m, (unsigned)m->ops[m->at].number, 0);
	if (status)
		return status;
	bits = m->stack[--m->depth].bits;
	value.bits = bits;
	return push_value(m, ut__value_trim(value));
}

static int convert(struct machine *m, bool keep_bits)
{
	struct ut__value from = {0};
	struct ut__value to = {0};
	int status = pop(m, &from);

	if (!status)
		status = base_type(m, 0, &to);
	return status ? status : push_value(m, ut__value_convert(from, to, keep_bits));
}

/* DW_OP_addrx and DW_OP_constx: out of the unit's table of addresses, as an address or as it is. */
static int push_indexed(struct machine *m, bool is_address)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value = 0;
	int failed = !m->x->attribute || dwarf_getlocation_attr(m->x->attribute, &m->ops[m->at], &attribute);

	if (!failed)
		failed = is_address ? dwarf_formaddr(&attribute, &value) : dwarf_formudata(&attribute, &value);
	if (failed)
		return fail(m, UTRACE_INVALID, "has a damaged address");
	return push(m, value + (is_address ? m->x->bias : 0));
}

/* Another entry's expression in the middle of this one. */
static int call(struct machine *m)
{
	struct ut__expression inner = *m->x;
	Dwarf_Attribute attribute;
	Dwarf_Op *ops;
	size_t count;
	uint64_t value = 0;
	Dwarf_Die die;
	int status;

	if (!m->x->attribute || m->x->depth >= NESTING_MAX ||
	    dwarf_getlocation_die(m->x->attribute, &m->ops[m->at], &die))
		return fail(m, UTRACE_INVALID, "calls another that can't be had");
	if (!dwarf_attr_integrate(&die, DW_AT_location, &attribute))
		return UTRACE_OK; /* no location: no effect */
	if (dwarf_getlocation(&attribute, &ops, &count))
		return fail(m, UTRACE_INVALID, "calls another that can't be read");
	inner.attribute = &attribute;
	inner.depth++;
	inner.initial = NULL;
	status = ut__expression_value(&inner, ops, count, &value, m->error);
	return status ? status : push(m, value);
}

/* Jumps go by byte offset within the expression. */
static int jump(struct machine *m, bool always)
{
	uint64_t target = m->ops[m->at].offset + 3 + (uint64_t)(int64_t)(int16_t)m->ops[m->at].number;
	struct ut__value condition = {.bits = 1};
	int status = always ? UTRACE_OK : pop(m, &condition);

	if (status || !condition.bits)
		return status;
	for (size_t i = 0; i < m->count; i++) {
		if (m->ops[i].offset == target) {
			m->at = i - 1; /* the loop adds one */
			return UTRACE_OK;
		}
	}
	m->at = m->count;
	return UTRACE_OK;
}

static int swap_or_rotate(struct machine *m, size_t count)
{
	struct ut__value top;

	if (m->depth < count)
		return fail(m, UTRACE_INVALID, "takes more from its stack than it has");
	top = m->stack[m->depth - 1];
	memmove(&m->stack[m->depth - count + 1], &m->stack[m->depth - count], (count - 1) * sizeof(top));
	m->stack[m->depth - count] = top;
	return UTRACE_OK;
}

static int one_operand(struct machine *m, uint8_t atom)
{
	struct ut__value value;
	int status = pop(m, &value);

	return status ? status : push_value(m, ut__value_unary(atom, value));
}

static int two_operands(struct machine *m, uint8_t atom)
{
	struct ut__value right;
	struct ut__value left;
	struct ut__value result;
	int status = pop(m, &right);

	if (!status)
		status = pop(m, &left);
	if (!status && !ut__value_binary(atom, left, right, m->x->bytes, &result))
		status = fail(m, UTRACE_INVALID, "divides by zero");
	return status ? status : push_value(m, result);
}

/* ---- location descriptions ---- */

static void set_place(struct machine *m, enum ut__piece_kind kind, uint64_t value)
{
	m->now = (struct ut__piece){.kind = kind, .value = value};
	m->has_place = true;
}

static int stack_value(struct machine *m)
{
	struct ut__value value;
	int status = pop(m, &value);

	if (!status)
		set_place(m, UT__PIECE_VALUE, value.bits);
	return status;
}

static int implicit_value(struct machine *m)
{
	Dwarf_Block block;

	if (!m->x->attribute || dwarf_getlocation_implicit_value(m->x->attribute, &m->ops[m->at], &block))
		return fail(m, UTRACE_INVALID, "has a damaged value");
	set_place(m, UT__PIECE_BYTES, 0);
	m->now.bytes = block.data;
	m->now.byte_count = block.length;
	return UTRACE_OK;
}

static int implicit_pointer(struct machine *m)
{
	Dwarf_Die die;

	if (!m->x->attribute || dwarf_getlocation_die(m->x->attribute, &m->ops[m->at], &die))
		return fail(m, UTRACE_INVALID, "points to no entry");
	set_place(m, UT__PIECE_IMPLICIT_POINTER, m->ops[m->at].number2);
	m->now.die = die;
	return UTRACE_OK;
}

/* Ends a piece: what has been described so far, or the address on the stack, or nothing. */
static int piece(struct machine *m, uint64_t bits, uint64_t bit_offset)
{
	struct ut__value address;

	if (!m->place)
		return fail(m, UTRACE_INVALID, "has pieces where a value is wanted");
	if (m->place->count == UT__PIECES_MAX)
		return fail(m, UTRACE_UNSUPPORTED, "has too many pieces");
	if (!m->has_place) {
		set_place(m, UT__PIECE_NONE, 0);
		if (m->depth && !pop(m, &address))
			set_place(m, UT__PIECE_MEMORY, address.bits);
	}
	m->now.bits = bits;
	m->now.bit_offset = bit_offset;
	m->place->pieces[m->place->count++] = m->now;
	m->has_place = false;
	m->depth = 0;
	return UTRACE_OK;
}

static int describe(struct machine *m, const Dwarf_Op *op)
{
	switch (op->atom) {
	case DW_OP_regx:
		set_place(m, UT__PIECE_REGISTER, op->number);
		return UTRACE_OK;
	case DW_OP_stack_value:
		return stack_value(m);
	case DW_OP_implicit_value:
		return implicit_value(m);
	case DW_OP_implicit_pointer:
	case DW_OP_GNU_implicit_pointer:
		return implicit_pointer(m);
	case DW_OP_piece:
		return piece(m, op->number * 8, 0);
	case DW_OP_bit_piece:
		return piece(m, op->number, op->number2);
	default:
		return fail(m, UTRACE_UNSUPPORTED, "has an operation that the library does not know");
	}
}

static int special(struct machine *m, const Dwarf_Op *op)
{
	switch (op->atom) {
	case DW_OP_fbreg:
		return push_from(m, m->x->ops->frame_base, op->number, "needs a frame, and there is none here");
	case DW_OP_call_frame_cfa:
		return push_from(m, m->x->ops->cfa, 0, "needs a frame, and there is none here");
	case DW_OP_form_tls_address:
	case DW_OP_GNU_push_tls_address:
		return push_tls(m);
	case DW_OP_entry_value:
	case DW_OP_GNU_entry_value:
		return push_entry_value(m);
	case DW_OP_GNU_parameter_ref:
		return push_parameter(m);
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
	case DW_OP_call2:
	case DW_OP_call4:
	case DW_OP_call_ref:
		return call(m);
	case DW_OP_push_object_address:
		return m->x->object ? push(m, *m->x->object) : fail(m, UTRACE_UNSUPPORTED, "needs an object");
	default:
		return describe(m, op);
	}
}

static int stack_work(struct machine *m, const Dwarf_Op *op)
{
	struct ut__value dropped;

	switch (op->atom) {
	case DW_OP_addr:
		return push(m, op->number + m->x->bias);
	case DW_OP_deref:
		return deref(m, m->x->bytes, false);
	case DW_OP_deref_size:
		return deref(m, op->number, false);
	case DW_OP_dup:
		return pick(m, 0);
	case DW_OP_drop:
		return pop(m, &dropped);
	case DW_OP_over:
		return pick(m, 1);
	case DW_OP_pick:
		return pick(m, op->number);
	case DW_OP_swap:
		return swap_or_rotate(m, 2);
	case DW_OP_rot:
		return swap_or_rotate(m, 3);
	case DW_OP_skip:
		return jump(m, true);
	case DW_OP_bra:
		return jump(m, false);
	case DW_OP_bregx:
		return push_register(m, (unsigned)op->number, op->number2);
	case DW_OP_nop:
	case DW_OP_GNU_uninit:
		return UTRACE_OK;
	default:
		return special(m, op);
	}
}

static int carry_out(struct machine *m, const Dwarf_Op *op)
{
	struct ut__value offset;

	if (op->atom >= DW_OP_const1u && op->atom <= DW_OP_consts)
		return push(m, op->number);
	if (op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31)
		return push(m, op->atom - DW_OP_lit0);
	if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31)
		return push_register(m, op->atom - DW_OP_breg0, op->number);
	if (op->atom >= DW_OP_reg0 && op->atom <= DW_OP_reg31) {
		set_place(m, UT__PIECE_REGISTER, op->atom - DW_OP_reg0);
		return UTRACE_OK;
	}
	if (op->atom == DW_OP_plus_uconst) {
		int status = pop(m, &offset);

		offset.bits += op->number;
		return status ? status : push_value(m, ut__value_trim(offset));
	}
	if (ut__value_is_unary(op->atom))
		return one_operand(m, op->atom);
	if (ut__value_is_binary(op->atom))
		return two_operands(m, op->atom);
	return stack_work(m, op);
}

static int run(struct machine *m)
{
	int steps = 0;
	int status = m->x->initial ? push(m, *m->x->initial) : UTRACE_OK;

	for (m->at = 0; !status && m->at < m->count; m->at++) {
		if (++steps > STEPS_MAX)
			return fail(m, UTRACE_INVALID, "does not end");
		status = carry_out(m, &m->ops[m->at]);
	}
	return status;
}

int ut__expression_value(const struct ut__expression *expression, const Dwarf_Op *ops, size_t count, uint64_t *value,
			 struct utrace_error *error)
{
	struct machine m = {.x = expression, .ops = ops, .count = count, .error = error};
	int status = run(&m);

	if (status)
		return status;
	if (m.has_place && m.now.kind == UT__PIECE_REGISTER)
		return expression->ops->reg
			       ? expression->ops->reg(expression->data, (unsigned)m.now.value, value, error)
			       : fail(&m, UTRACE_UNSUPPORTED, "needs registers, and there are none here");
	if (m.has_place && m.now.kind == UT__PIECE_VALUE) {
		*value = m.now.value;
		return UTRACE_OK;
	}
	if (!m.depth)
		return fail(&m, UTRACE_INVALID, "gives no value");
	*value = m.stack[m.depth - 1].bits;
	return UTRACE_OK;
}

int ut__expression_place(const struct ut__expression *expression, const Dwarf_Op *ops, size_t count,
			 struct ut__place *place, struct utrace_error *error)
{
	struct machine m = {.x = expression, .ops = ops, .count = count, .place = place, .error = error};
	int status;

	place->count = 0;
	status = run(&m);
	if (status || place->count || (!m.has_place && !m.depth))
		return status;
	return piece(&m, 0, 0);
}
