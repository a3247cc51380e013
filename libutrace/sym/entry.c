/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/entry.c - values at the entry of a function: what the caller's call site says that it passed. (DWARF 5, 3.4 and
 * 2.5.1.7)
 *
 * A call site counts only if it is known to have called this function: a tail call between them would have passed
 * something else.
 */
#include <string.h>

#include "sym/variable.h"

enum { CALLERS_MAX = 16 };

static int fail_entry(struct utrace_error *error, const char *why)
{
	return ut__sym_fail(error, UTRACE_NOT_FOUND, 0, "The value at the function's entry is not known: %s.", why);
}

/* The first frame out of line further out. */
static utrace_frame *caller_of(utrace_frame *frame)
{
	utrace_stack *stack = utrace_frame_stack(frame);
	size_t number = utrace_frame_number(frame);

	while (utrace_frame_kind(frame) == UTRACE_FRAME_INLINED) {
		frame = utrace_stack_frame(stack, ++number);
		if (!frame)
			return NULL;
	}
	frame = utrace_stack_frame(stack, number + 1);
	return frame && utrace_frame_kind(frame) <= UTRACE_FRAME_INLINED ? frame : NULL;
}

static bool is_site_of(Dwarf_Die *die, uint64_t return_pc)
{
	Dwarf_Attribute found;
	Dwarf_Addr pc;
	int tag = dwarf_tag(die);

	if (tag == DW_TAG_call_site)
		return dwarf_formaddr(dwarf_attr(die, DW_AT_call_return_pc, &found), &pc) == 0 && pc == return_pc;
	if (tag == DW_TAG_GNU_call_site)
		return dwarf_lowpc(die, &pc) == 0 && pc == return_pc;
	return false;
}

static bool find_site(Dwarf_Die *parent, uint64_t return_pc, int depth, Dwarf_Die *site)
{
	Dwarf_Die die;

	if (depth > UT__DEPTH_MAX || !ut__die_child(parent, &die))
		return false;
	do {
		int tag = dwarf_tag(&die);

		if (is_site_of(&die, return_pc)) {
			*site = die;
			return true;
		}
		if ((tag == DW_TAG_lexical_block || tag == DW_TAG_inlined_subroutine || tag == DW_TAG_try_block ||
		     tag == DW_TAG_catch_block) &&
		    find_site(&die, return_pc, depth + 1, site))
			return true;
	} while (ut__die_next(&die));
	return false;
}

static bool origin_of(Dwarf_Die *die, unsigned attribute, Dwarf_Die *target)
{
	Dwarf_Attribute found;

	return dwarf_formref_die(dwarf_attr(die, attribute, &found), target) != NULL;
}

static const char *full_name(Dwarf_Die *die)
{
	const char *name = ut__die_linkage_name(die);

	return name ? name : ut__die_name(die);
}

/* Whether the site's target is this function: by reference, by name for one that is declared here and defined
 * elsewhere, or by address. */
static bool calls(utrace_frame *caller, Dwarf_Die *site, Dwarf_Die *function, struct utrace_error *error)
{
	utrace_module *module = utrace_frame_module(caller);
	Dwarf_Attribute found;
	uint64_t address;
	Dwarf_Die target;
	Dwarf_Op *ops;
	size_t count;

	if (origin_of(site, DW_AT_call_origin, &target) || origin_of(site, DW_AT_abstract_origin, &target)) {
		const char *called = full_name(&target);
		const char *own = full_name(function);

		return target.addr == function->addr || (called && own && strcmp(called, own) == 0);
	}
	if (!dwarf_attr(site, DW_AT_call_target, &found) && !dwarf_attr(site, DW_AT_GNU_call_site_target, &found))
		return false;
	return !dwarf_getlocation(&found, &ops, &count) &&
	       !ut__frame_evaluate(module->image, module, caller, &found, ops, count, 1, NULL, &address, error) &&
	       address == ut__die_entry(function) + module->bias;
}

static bool is_parameter(Dwarf_Die *die, unsigned reg, Dwarf_Die *parameter)
{
	Dwarf_Attribute found;
	Dwarf_Die target;
	Dwarf_Op *ops;
	size_t count;
	int tag = dwarf_tag(die);

	if (tag != DW_TAG_call_site_parameter && tag != DW_TAG_GNU_call_site_parameter)
		return false;
	if (parameter) {
		if (!origin_of(die, DW_AT_call_parameter, &target) && !origin_of(die, DW_AT_abstract_origin, &target))
			return false;
		return target.addr == parameter->addr;
	}
	if (dwarf_getlocation(dwarf_attr(die, DW_AT_location, &found), &ops, &count) || count != 1)
		return false;
	if (ops[0].atom >= DW_OP_reg0 && ops[0].atom <= DW_OP_reg31)
		return ops[0].atom - DW_OP_reg0 == (int)reg;
	return ops[0].atom == DW_OP_regx && ops[0].number == reg;
}

static int evaluate(utrace_frame *caller, Dwarf_Die *parameter, unsigned depth, uint64_t *value,
		    struct utrace_error *error)
{
	utrace_module *module = utrace_frame_module(caller);
	Dwarf_Attribute found;
	Dwarf_Op *ops;
	size_t count;

	if ((!dwarf_attr(parameter, DW_AT_call_value, &found) &&
	     !dwarf_attr(parameter, DW_AT_GNU_call_site_value, &found)) ||
	    dwarf_getlocation(&found, &ops, &count))
		return fail_entry(error, "the caller's call site has no value for it");
	return ut__frame_evaluate(module->image, module, caller, &found, ops, count, depth + 1, NULL, value, error);
}

int ut__entry_value(utrace_frame *frame, unsigned reg, Dwarf_Die *parameter, unsigned depth, uint64_t *value,
		    struct utrace_error *error)
{
	utrace_frame *caller = caller_of(frame);
	struct ut__scope own;
	struct ut__scope scope;
	Dwarf_Die function;
	Dwarf_Die site;
	Dwarf_Die die;

	/* The caller's value may in turn be one that it was entered with. */
	if (depth >= CALLERS_MAX)
		return fail_entry(error, "it depends on too many callers");
	if (!caller || ut__frame_scope(frame, &own, NULL) || ut__frame_scope(caller, &scope, NULL))
		return fail_entry(error, "the caller is not described");
	function = scope.chain->dies[scope.chain->count - 1];
	if (!find_site(&function, utrace_frame_pc(caller) - utrace_frame_module(caller)->bias, 0, &site))
		return fail_entry(error, "the caller's call site is not described");
	die = own.chain->dies[own.chain->count - 1];
	if (!calls(caller, &site, &die, error))
		return fail_entry(error, "the caller called another function, which jumped here");
	if (!ut__die_child(&site, &die))
		return fail_entry(error, "the caller's call site has no value for it");
	do {
		if (is_parameter(&die, reg, parameter))
			return evaluate(caller, &die, depth, value, error);
	} while (ut__die_next(&die));
	return fail_entry(error, "the caller's call site has no value for it");
}
