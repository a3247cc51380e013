/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/member.c - what is in a type: members, parameters, enumerators. (DWARF 5, 5.7 to 5.9)
 */
#include <utrace/class.h>

#include "sym/type.h"

/* DW_AT_data_member_location: a constant, or an expression that adds one; others depend on the object. */
static bool member_offset(Dwarf_Die *die, uint64_t *offset)
{
	Dwarf_Attribute found;
	Dwarf_Op *ops;
	size_t count;

	*offset = 0;
	if (!dwarf_attr(die, DW_AT_data_member_location, &found))
		return true;
	if (dwarf_formudata(&found, offset) == 0)
		return true;
	if (dwarf_getlocation(&found, &ops, &count) || count != 1 || ops[0].atom != DW_OP_plus_uconst)
		return false;
	*offset = ops[0].number;
	return true;
}

/* Where a bit field begins, from the least significant bit. Before DWARF 4 it was counted from the most significant
 * one of a unit of storage. */
static void bit_place(Dwarf_Die *die, struct utrace_member *member)
{
	uint64_t bits;
	uint64_t from_top;
	uint64_t storage = 0;
	uint64_t place;

	if (!ut__die_number(die, DW_AT_bit_size, &bits) || !bits || bits > 1 << 20)
		return;
	if (ut__die_number(die, DW_AT_data_bit_offset, &place)) {
	} else if (ut__die_number(die, DW_AT_bit_offset, &from_top)) {
		if (!ut__die_number(die, DW_AT_byte_size, &storage))
			storage = (uint64_t)utrace_type_size(member->type);
		place = member->offset * 8 + storage * 8 - from_top - bits;
	} else {
		place = member->offset * 8;
	}
	member->bit_size = (uint32_t)bits;
	member->offset = place / 8;
	member->bit_offset = (uint32_t)(place % 8);
}

/* What is not said is private in a class. (5.7.5) */
uint32_t ut__die_access(Dwarf_Die *die, uint32_t kind)
{
	uint64_t access = 0;

	if (!ut__die_number(die, DW_AT_accessibility, &access))
		return kind == UTRACE_TYPE_CLASS ? UTRACE_ACCESS_PRIVATE : UTRACE_ACCESS_PUBLIC;
	return access == DW_ACCESS_private     ? UTRACE_ACCESS_PRIVATE
	       : access == DW_ACCESS_protected ? UTRACE_ACCESS_PROTECTED
					       : UTRACE_ACCESS_PUBLIC;
}

static void fill_member(utrace_type *type, Dwarf_Die *die, int tag, struct utrace_member *member)
{
	*member = (struct utrace_member){.size = sizeof(*member),
					 .name = ut__die_name(die),
					 .type = ut__type_of(type->file, die),
					 .is_base = tag == DW_TAG_inheritance,
					 .is_artificial = ut__die_flag(die, DW_AT_artificial),
					 .access = ut__die_access(die, type->kind)};
	member->is_static = tag == DW_TAG_variable || (tag == DW_TAG_member && ut__die_flag(die, DW_AT_external) &&
						       !dwarf_hasattr(die, DW_AT_data_member_location));
	member->is_virtual_base = !member_offset(die, &member->offset);
	if (tag == DW_TAG_member)
		bit_place(die, member);
}

static bool is_member(const utrace_type *type, int tag)
{
	if (type->kind == UTRACE_TYPE_FUNCTION)
		return tag == DW_TAG_formal_parameter;
	return tag == DW_TAG_member || tag == DW_TAG_inheritance || tag == DW_TAG_variable;
}

static size_t each_member(utrace_type *type, struct utrace_member *members, size_t count)
{
	struct utrace_member member;
	size_t found = 0;
	Dwarf_Die die;

	if (!type->die.addr || !ut__die_child(&type->die, &die))
		return 0;
	do {
		int tag = dwarf_tag(&die);

		if (!is_member(type, tag))
			continue;
		if (found < count) {
			fill_member(type, &die, tag, &member);
			if (ut__store_nth(members, found, &member, sizeof(member)))
				return 0;
		}
		found++;
	} while (ut__die_next(&die));
	return found;
}

size_t utrace_type_members(utrace_type *type, struct utrace_member *members, size_t count)
{
	size_t found;

	if (!type)
		return 0;
	ut__sym_lock(type->file->symbols);
	found = each_member(type, members, count);
	ut__sym_unlock(type->file->symbols);
	return found;
}

static bool has_child(Dwarf_Die *parent, int tag)
{
	Dwarf_Die die;

	if (!parent->addr || !ut__die_child(parent, &die))
		return false;
	do {
		if (dwarf_tag(&die) == tag)
			return true;
	} while (ut__die_next(&die));
	return false;
}

int utrace_type_is_variadic(const utrace_type *type)
{
	Dwarf_Die die;
	int answer;

	if (!type || type->kind != UTRACE_TYPE_FUNCTION)
		return 0;
	die = type->die;
	ut__sym_lock(type->file->symbols);
	answer = has_child(&die, DW_TAG_unspecified_parameters);
	ut__sym_unlock(type->file->symbols);
	return answer;
}

static int64_t constant(Dwarf_Die *die)
{
	Dwarf_Attribute found;
	Dwarf_Sword value = 0;

	(void)dwarf_formsdata(dwarf_attr(die, DW_AT_const_value, &found), &value);
	return value;
}

/* data1 to data8 have no sign of their own: the type of the enumeration says how they are meant. */
static int64_t with_sign(const utrace_type *type, int64_t value)
{
	int64_t size = utrace_type_size(type);

	if (size <= 0 || size >= 8)
		return value;
	value &= ((int64_t)1 << size * 8) - 1;
	if (utrace_type_is_signed(type) && value >> (size * 8 - 1))
		value -= (int64_t)1 << size * 8;
	return value;
}

/* Without an underlying type, a negative constant, which is then stored with its sign, shows that the values have
 * one. */
static bool has_negative(utrace_type *type)
{
	Dwarf_Attribute found;
	Dwarf_Die die;

	if (utrace_type_target(type) || !ut__die_child(&type->die, &die))
		return false;
	do {
		if (dwarf_tag(&die) == DW_TAG_enumerator && dwarf_attr(&die, DW_AT_const_value, &found) &&
		    dwarf_whatform(&found) == DW_FORM_sdata && constant(&die) < 0)
			return true;
	} while (ut__die_next(&die));
	return false;
}

static size_t each_enumerator(utrace_type *type, struct utrace_enumerator *enumerators, size_t count)
{
	bool negative;
	size_t found = 0;
	Dwarf_Die die;

	if (type->kind != UTRACE_TYPE_ENUM || !type->die.addr || !ut__die_child(&type->die, &die))
		return 0;
	negative = has_negative(type);
	do {
		struct utrace_enumerator one = {.size = sizeof(one)};

		if (dwarf_tag(&die) != DW_TAG_enumerator)
			continue;
		if (found < count) {
			one.name = ut__die_name(&die);
			one.value = negative ? constant(&die) : with_sign(type, constant(&die));
			if (ut__store_nth(enumerators, found, &one, sizeof(one)))
				return 0;
		}
		found++;
	} while (ut__die_next(&die));
	return found;
}

size_t utrace_type_enumerators(utrace_type *type, struct utrace_enumerator *enumerators, size_t count)
{
	size_t found;

	if (!type)
		return 0;
	ut__sym_lock(type->file->symbols);
	found = each_enumerator(type, enumerators, count);
	ut__sym_unlock(type->file->symbols);
	return found;
}
