/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_expression.c - the evaluator of DWARF expressions by itself: arithmetic, stack, jumps, pieces, and what is
 * damaged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dwarf.h>
#include <string.h>
#include <utrace/error.h>

#include "sym/expression.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int reg(void *data, unsigned number, uint64_t *value, struct utrace_error *error)
{
	(void)data, (void)error;
	*value = 100 + number;
	return number < 17 ? UTRACE_OK : UTRACE_NOT_FOUND;
}

/* Memory at address a has the byte a. */
static int read_memory(void *data, uint64_t address, void *buffer, size_t size, struct utrace_error *error)
{
	(void)data, (void)error;
	for (size_t i = 0; i < size; i++)
		((unsigned char *)buffer)[i] = (unsigned char)(address + i);
	return address < 4096 ? UTRACE_OK : UTRACE_FAULT;
}

static int cfa(void *data, uint64_t *value, struct utrace_error *error)
{
	(void)data, (void)error;
	*value = 0x7000;
	return UTRACE_OK;
}

static const struct ut__expression_ops some = {.reg = reg, .read = read_memory, .cfa = cfa};

static int evaluate(const Dwarf_Op *ops, size_t count, unsigned bytes, uint64_t *value)
{
	struct ut__expression expression = {.ops = &some, .bytes = bytes, .bias = 0x1000};
	struct utrace_error error = {0};

	return ut__expression_value(&expression, ops, count, value, &error);
}

static uint64_t two(uint8_t atom, uint64_t left, uint64_t right, unsigned bytes)
{
	const Dwarf_Op ops[] = {
		{.atom = DW_OP_const8u, .number = left}, {.atom = DW_OP_const8u, .number = right}, {.atom = atom}};
	uint64_t value = 0;

	assert_int_equal(evaluate(ops, COUNT(ops), bytes, &value), UTRACE_OK);
	return value;
}

static void test_arithmetic(void **state)
{
	(void)state;
	assert_int_equal(two(DW_OP_plus, 3, 4, 8), 7);
	assert_int_equal(two(DW_OP_minus, 3, 4, 8), UINT64_MAX);
	assert_int_equal(two(DW_OP_minus, 3, 4, 4), UINT32_MAX);
	assert_int_equal(two(DW_OP_div, (uint64_t)-7, 2, 8), (uint64_t)-3);
	assert_int_equal(two(DW_OP_div, (uint64_t)INT64_MIN, (uint64_t)-1, 8), (uint64_t)INT64_MIN);
	assert_int_equal(two(DW_OP_mod, 7, 3, 8), 1);
	assert_int_equal(two(DW_OP_shl, 1, 63, 8), (uint64_t)1 << 63);
	assert_int_equal(two(DW_OP_shl, 1, 64, 8), 0);
	assert_int_equal(two(DW_OP_shr, UINT64_MAX, 200, 8), 0);
	assert_int_equal(two(DW_OP_shra, (uint64_t)-8, 1, 8), (uint64_t)-4);
	assert_int_equal(two(DW_OP_shra, (uint64_t)-8, 1000, 8), UINT64_MAX);
	assert_int_equal(two(DW_OP_shra, 0xfffffff8, 1, 4), 0xfffffffc);
	assert_int_equal(two(DW_OP_lt, (uint64_t)-1, 1, 8), 1);
	assert_int_equal(two(DW_OP_ne, 5, 5, 8), 0);
	assert_int_equal(two(DW_OP_xor, 5, 1, 8), 4);
}

static void test_sources(void **state)
{
	const Dwarf_Op registers[] = {{.atom = DW_OP_breg0 + 7, .number = (uint64_t)-8},
				      {.atom = DW_OP_plus_uconst, .number = 1}};
	const Dwarf_Op memory[] = {{.atom = DW_OP_const1u, .number = 0x10}, {.atom = DW_OP_deref_size, .number = 2}};
	const Dwarf_Op frame[] = {{.atom = DW_OP_call_frame_cfa}};
	const Dwarf_Op address[] = {{.atom = DW_OP_addr, .number = 5}};
	const Dwarf_Op unknown[] = {{.atom = DW_OP_breg0 + 20}};
	const Dwarf_Op fault[] = {{.atom = DW_OP_const2u, .number = 5000}, {.atom = DW_OP_deref}};
	uint64_t value = 0;

	(void)state;
	assert_int_equal(evaluate(registers, 2, 8, &value), UTRACE_OK);
	assert_int_equal(value, 100);
	assert_int_equal(evaluate(memory, 2, 8, &value), UTRACE_OK);
	assert_int_equal(value, 0x1110);
	assert_int_equal(evaluate(frame, 1, 8, &value), UTRACE_OK);
	assert_int_equal(value, 0x7000);
	assert_int_equal(evaluate(address, 1, 8, &value), UTRACE_OK);
	assert_int_equal(value, 0x1005);
	assert_int_equal(evaluate(unknown, 1, 8, &value), UTRACE_NOT_FOUND);
	assert_int_equal(evaluate(fault, 2, 8, &value), UTRACE_FAULT);
}

static void test_stack(void **state)
{
	const Dwarf_Op rotate[] = {
		{.atom = DW_OP_lit1}, {.atom = DW_OP_lit2}, {.atom = DW_OP_lit3}, {.atom = DW_OP_rot}};
	const Dwarf_Op pick[] = {{.atom = DW_OP_lit1}, {.atom = DW_OP_lit2}, {.atom = DW_OP_pick, .number = 1}};
	const Dwarf_Op under[] = {{.atom = DW_OP_lit1}, {.atom = DW_OP_plus}};
	const Dwarf_Op far[] = {{.atom = DW_OP_lit1}, {.atom = DW_OP_pick, .number = 200}};
	Dwarf_Op over[100];
	uint64_t value = 0;

	(void)state;
	assert_int_equal(evaluate(rotate, 4, 8, &value), UTRACE_OK);
	assert_int_equal(value, 2);
	assert_int_equal(evaluate(pick, 3, 8, &value), UTRACE_OK);
	assert_int_equal(value, 1);
	assert_int_equal(evaluate(under, 2, 8, &value), UTRACE_INVALID);
	assert_int_equal(evaluate(far, 2, 8, &value), UTRACE_INVALID);
	assert_int_equal(evaluate(NULL, 0, 8, &value), UTRACE_INVALID);
	for (size_t i = 0; i < COUNT(over); i++)
		over[i] = (Dwarf_Op){.atom = DW_OP_lit1};
	assert_int_equal(evaluate(over, COUNT(over), 8, &value), UTRACE_INVALID);
}

static void test_jumps(void **state)
{
	/* 5 down to 0, one by one. */
	const Dwarf_Op loop[] = {{.atom = DW_OP_lit5, .offset = 0},
				 {.atom = DW_OP_lit1, .offset = 1},
				 {.atom = DW_OP_minus, .offset = 2},
				 {.atom = DW_OP_dup, .offset = 3},
				 {.atom = DW_OP_bra, .number = (uint64_t)-6, .offset = 4},
				 {.atom = DW_OP_lit9, .offset = 7},
				 {.atom = DW_OP_plus, .offset = 8}};
	const Dwarf_Op endless[] = {{.atom = DW_OP_lit5, .offset = 0},
				    {.atom = DW_OP_skip, .number = (uint64_t)-3, .offset = 1}};
	const Dwarf_Op divide[] = {{.atom = DW_OP_lit5}, {.atom = DW_OP_lit0}, {.atom = DW_OP_div}};
	const Dwarf_Op unknown[] = {{.atom = 0xdf}};
	uint64_t value = 0;

	(void)state;
	assert_int_equal(evaluate(loop, COUNT(loop), 8, &value), UTRACE_OK);
	assert_int_equal(value, 9);
	assert_int_equal(evaluate(endless, COUNT(endless), 8, &value), UTRACE_INVALID);
	assert_int_equal(evaluate(divide, COUNT(divide), 8, &value), UTRACE_INVALID);
	assert_int_equal(evaluate(unknown, 1, 8, &value), UTRACE_UNSUPPORTED);
}

static void test_places(void **state)
{
	const Dwarf_Op pieces[] = {{.atom = DW_OP_reg0 + 3},
				   {.atom = DW_OP_piece, .number = 4},
				   {.atom = DW_OP_piece, .number = 2},
				   {.atom = DW_OP_lit9},
				   {.atom = DW_OP_stack_value},
				   {.atom = DW_OP_bit_piece, .number = 3, .number2 = 1},
				   {.atom = DW_OP_const2u, .number = 0x200},
				   {.atom = DW_OP_piece, .number = 8}};
	struct ut__expression expression = {.ops = &some, .bytes = 8};
	struct ut__place place;

	(void)state;
	assert_int_equal(ut__expression_place(&expression, pieces, COUNT(pieces), &place, NULL), UTRACE_OK);
	assert_int_equal(place.count, 4);
	assert_int_equal(place.pieces[0].kind, UT__PIECE_REGISTER);
	assert_int_equal(place.pieces[0].bits, 32);
	assert_int_equal(place.pieces[1].kind, UT__PIECE_NONE);
	assert_int_equal(place.pieces[2].kind, UT__PIECE_VALUE);
	assert_int_equal(place.pieces[2].value, 9);
	assert_int_equal(place.pieces[2].bit_offset, 1);
	assert_int_equal(place.pieces[3].kind, UT__PIECE_MEMORY);
	assert_int_equal(place.pieces[3].value, 0x200);
	/* Nothing at all is optimised out. */
	assert_int_equal(ut__expression_place(&expression, NULL, 0, &place, NULL), UTRACE_OK);
	assert_int_equal(place.count, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arithmetic), cmocka_unit_test(test_sources), cmocka_unit_test(test_stack),
		cmocka_unit_test(test_jumps),      cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
