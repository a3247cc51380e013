/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * unwind/rows.c - rules for unwinding, from .eh_frame and .debug_frame through libdw, in a form that costs a lookup
 * and few additions to apply.
 * (DWARF 5, 6.4; Linux Standard Base, "Exception Frames")
 *
 * libdw interprets a function's program anew for each address and allocates; a stack of the same program meets the
 * same addresses again and again, so each row is made once per file and address.
 */
#include <stdlib.h>
#include <string.h>

#include "unwind/unwind.h"

enum { SLOTS = 1024, ROWS_MAX = 1 << 18 };

struct rows {
	Dwarf_CFI *exception; /* .eh_frame */
	Dwarf_CFI *debug;     /* .debug_frame; looked for when .eh_frame does not have an address */
	bool debug_looked;
	size_t count;
	struct ut__row *slots[SLOTS];
};

static void free_row(struct ut__row *row)
{
	if (row->cfa.kind == UT__RULE_EXPRESSION)
		free(row->cfa.ops);
	free(row);
}

static void forget_rows(struct rows *rows)
{
	for (size_t i = 0; i < SLOTS; i++) {
		while (rows->slots[i]) {
			struct ut__row *next = rows->slots[i]->next;

			free_row(rows->slots[i]);
			rows->slots[i] = next;
		}
	}
	rows->count = 0;
}

static void free_rows(void *data)
{
	struct rows *rows = data;

	forget_rows(rows);
	if (rows->exception)
		(void)dwarf_cfi_end(rows->exception);
	free(rows);
}

/* A debug file says where the section was, and has segments that lead to other bytes. */
static bool has_exception_rows(const struct ut__file *file)
{
	struct ut__section section = ut__elf_section(&file->main, ".eh_frame");

	return section.data || !section.address;
}

static struct rows *need_rows(struct ut__file *file)
{
	struct rows *rows = file->unwind;

	if (rows)
		return rows;
	rows = calloc(1, sizeof(*rows));
	if (!rows)
		return NULL;
	if (has_exception_rows(file))
		rows->exception = dwarf_getcfi_elf(file->main.elf);
	file->unwind = rows;
	file->unwind_free = free_rows;
	return rows;
}

/* .debug_frame of the file itself, else of its separate debug file. */
static Dwarf_CFI *need_debug(struct ut__file *file, struct rows *rows)
{
	Dwarf *dwarf;

	if (rows->debug_looked)
		return rows->debug;
	rows->debug_looked = true;
	dwarf = ut__file_dwarf(file, NULL);
	rows->debug = dwarf ? dwarf_getcfi(dwarf) : NULL;
	return rows->debug;
}

static bool is_cfa_plus(const Dwarf_Op *ops, size_t count)
{
	return count >= 1 && ops[0].atom == DW_OP_call_frame_cfa &&
	       (count == 1 || ops[1].atom == DW_OP_plus_uconst || ops[1].atom == DW_OP_stack_value);
}

/* What dwarf_frame_register says of a register, its common forms made plain. */
static struct ut__rule make_rule(Dwarf_Frame *frame, int number)
{
	Dwarf_Op room[3];
	Dwarf_Op *ops;
	size_t count;
	struct ut__rule rule = {.kind = UT__RULE_UNDEFINED};

	if (dwarf_frame_register(frame, number, room, &ops, &count))
		return rule;
	if (!count) {
		rule.kind = ops ? UT__RULE_UNDEFINED : UT__RULE_SAME;
		return rule;
	}
	rule.is_value = ops[count - 1].atom == DW_OP_stack_value;
	if (ops == room && is_cfa_plus(ops, count)) {
		rule.kind = rule.is_value ? UT__RULE_CFA_PLUS : UT__RULE_AT_CFA;
		rule.number = count > 1 && ops[1].atom == DW_OP_plus_uconst ? (int32_t)ops[1].number : 0;
		return rule;
	}
	if (ops == room && ops[0].atom == DW_OP_regx) {
		rule.kind = UT__RULE_REGISTER;
		rule.number = (int32_t)ops[0].number;
		return rule;
	}
	if (ops == room)
		return rule;
	rule.kind = UT__RULE_EXPRESSION;
	rule.ops = ops;
	rule.op_count = (uint32_t)count;
	return rule;
}

static bool make_cfa(struct ut__row *row, Dwarf_Frame *frame)
{
	Dwarf_Op *ops;
	size_t count;

	if (dwarf_frame_cfa(frame, &ops, &count) || !count)
		return false;
	if (count == 1 && ops[0].atom >= DW_OP_breg0 && ops[0].atom <= DW_OP_breg31) {
		row->cfa = (struct ut__rule){.kind = UT__RULE_REGISTER, .number = ops[0].atom - DW_OP_breg0};
		row->offset = (int64_t)ops[0].number;
		return true;
	}
	if (count == 1 && ops[0].atom == DW_OP_bregx) {
		row->cfa = (struct ut__rule){.kind = UT__RULE_REGISTER, .number = (int32_t)ops[0].number};
		row->offset = (int64_t)ops[0].number2;
		return true;
	}
	/* These belong to the frame, which does not live long. */
	row->cfa = (struct ut__rule){.kind = UT__RULE_EXPRESSION, .op_count = (uint32_t)count};
	row->cfa.ops = calloc(count, sizeof(*ops));
	if (row->cfa.ops)
		memcpy(row->cfa.ops, ops, count * sizeof(*ops));
	return row->cfa.ops != NULL;
}

static void make_row(struct ut__row *row, Dwarf_CFI *cfi)
{
	Dwarf_Frame *frame;
	int return_register;

	if (!cfi || dwarf_cfi_addrframe(cfi, row->address, &frame))
		return;
	return_register = dwarf_frame_info(frame, NULL, NULL, &row->is_signal);
	if (return_register >= 0 && return_register < UT__REGISTERS_MAX && make_cfa(row, frame)) {
		row->return_register = (uint8_t)return_register;
		for (int i = 0; i < UT__REGISTERS_MAX; i++)
			row->rules[i] = make_rule(frame, i);
		row->exists = true;
	}
	free(frame);
}

const struct ut__row *ut__row_at(struct ut__file *file, uint64_t elf_address)
{
	struct rows *rows = need_rows(file);
	struct ut__row **slot;
	struct ut__row *row;

	if (!rows)
		return NULL;
	slot = &rows->slots[(elf_address * 0x9e3779b97f4a7c15u >> 32) % SLOTS];
	for (row = *slot; row; row = row->next) {
		if (row->address == elf_address)
			return row;
	}
	if (rows->count >= ROWS_MAX)
		forget_rows(rows);
	row = calloc(1, sizeof(*row));
	if (!row)
		return NULL;
	row->address = elf_address;
	make_row(row, rows->exception);
	if (!row->exists)
		make_row(row, need_debug(file, rows));
	slot = &rows->slots[(elf_address * 0x9e3779b97f4a7c15u >> 32) % SLOTS];
	row->next = *slot;
	*slot = row;
	rows->count++;
	return row;
}
