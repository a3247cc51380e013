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
	return ut__fail(error, UTRACE_NOT_FOUND, 0, "The value at the function's entry is not known: %s.", why);
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

bool ut__call_site_pc(Dwarf_Die *site, uint64_t *return_pc)
{
	Dwarf_Attribute found;

	if (dwarf_tag(site) == DW_TAG_call_site)
		return dwarf_formaddr(dwarf_attr(site, DW_AT_call_return_pc, &found), return_pc) == 0;
	return dwarf_tag(site) == DW_TAG_GNU_call_site && dwarf_lowpc(site, return_pc) == 0;
}

static bool find_site(Dwarf_Die *parent, uint64_t return_pc, int depth, Dwarf_Die *site)
{
	Dwarf_Die die;
	uint64_t pc;

	if (depth > UT__DEPTH_MAX || !ut__die_child(parent, &die))
		return false;
	do {
		int tag = dwarf_tag(&die);

		if (ut__call_site_pc(&die, &pc) && pc == return_pc) {
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

bool ut__call_site_find(Dwarf_Die *function, uint64_t return_pc, Dwarf_Die *site)
{
	return find_site(function, return_pc, 0, site);
}

static bool origin_of(Dwarf_Die *die, unsigned attribute, Dwarf_Die *target)
{
	Dwarf_Attribute found;

	return dwarf_formref_die(dwarf_attr(die, attribute, &found), target) != NULL;
}

bool ut__call_site_origin(Dwarf_Die *site, Dwarf_Die *target)
{
	return origin_of(site, DW_AT_call_origin, target) || origin_of(site, DW_AT_abstract_origin, target);
}

static const char *full_name(Dwarf_Die *die)
{
	const char *name = ut__die_linkage_name(die);

	return name ? name : ut__die_name(die);
}

/* Whether the site's target is this function: by reference, by name for one that is declared here and defined
 * elsewhere, or by address. */
static bool calls(utrace_frame *caller, Dwarf_Die *site, const utrace_module *callee, Dwarf_Die *function,
		  struct utrace_error *error)
{
	utrace_module *module = utrace_frame_module(caller);
	Dwarf_Attribute found;
	uint64_t address;
	Dwarf_Die target;
	Dwarf_Op *ops;
	size_t count;

	if (ut__call_site_origin(site, &target)) {
		const char *called = full_name(&target);
		const char *own = full_name(function);

		/* A function may have several names. */
		return target.addr == function->addr || (called && own && strcmp(called, own) == 0) ||
		       (ut__call_site_target(module, site, &address) &&
			address == ut__die_entry(function) + callee->bias);
	}
	if (!dwarf_attr(site, DW_AT_call_target, &found) && !dwarf_attr(site, DW_AT_GNU_call_site_target, &found))
		return false;
	return !dwarf_getlocation(&found, &ops, &count) &&
	       !ut__frame_evaluate(module->image, module, caller, &found, ops, count, 1, NULL, &address, error) &&
	       address == ut__die_entry(function) + callee->bias;
}

bool ut__op_is_register(const Dwarf_Op *op, unsigned *reg)
{
	if (op->atom >= DW_OP_reg0 && op->atom <= DW_OP_reg31)
		*reg = op->atom - DW_OP_reg0;
	else if (op->atom == DW_OP_regx)
		*reg = (unsigned)op->number;
	else
		return false;
	return true;
}

/* Whether the site's entry is about this parameter. */
static bool is_about(Dwarf_Die *die, unsigned bits, const struct ut__passed *passed)
{
	int stack_pointer = bits == 64 ? 7 : 4;
	Dwarf_Attribute found;
	Dwarf_Die target;
	Dwarf_Op *ops;
	unsigned reg;
	size_t count;
	int tag = dwarf_tag(die);

	if (tag != DW_TAG_call_site_parameter && tag != DW_TAG_GNU_call_site_parameter)
		return false;
	if (passed->how == UT__PASSED_PARAMETER)
		return (origin_of(die, DW_AT_call_parameter, &target) ||
			origin_of(die, DW_AT_abstract_origin, &target)) &&
		       target.addr == passed->parameter->addr;
	if (dwarf_getlocation(dwarf_attr(die, DW_AT_location, &found), &ops, &count) || count != 1)
		return false;
	if (passed->how == UT__PASSED_STACK)
		return ops[0].atom == DW_OP_breg0 + stack_pointer && (int64_t)ops[0].number == passed->offset;
	return ut__op_is_register(&ops[0], &reg) && reg == passed->reg;
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

int ut__entry_value(utrace_frame *frame, const struct ut__passed *passed, unsigned depth, uint64_t *value,
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
	if (!ut__call_site_find(&function, utrace_frame_pc(caller) - utrace_frame_module(caller)->bias, &site))
		return fail_entry(error, "the caller's call site is not described");
	die = own.chain->dies[own.chain->count - 1];
	if (ut__die_name(&die) && strcmp(ut__die_name(&die), "main") == 0)
		return fail_entry(error, "the program begins there");
	if (!calls(caller, &site, utrace_frame_module(frame), &die, error))
		return fail_entry(error, "the caller called another function, which jumped here");
	if (!ut__die_child(&site, &die))
		return fail_entry(error, "the caller's call site has no value for it");
	do {
		if (is_about(&die, utrace_frame_module(caller)->file->bits, passed))
			return evaluate(caller, &die, depth, value, error);
	} while (ut__die_next(&die));
	return fail_entry(error, "the caller's call site has no value for it");
}

/* ---- of a variable ---- */

/* Whether the function's frame base is its CFA, from which offsets to arguments on the stack then count. */
static bool counts_from_cfa(Dwarf_Die *function)
{
	Dwarf_Attribute attribute;
	Dwarf_Op *ops;
	size_t count;

	return dwarf_attr_integrate(function, DW_AT_frame_base, &attribute) &&
	       !dwarf_getlocation(&attribute, &ops, &count) && count == 1 && ops[0].atom == DW_OP_call_frame_cfa;
}

/* How the caller passes it: by the place that it has at the function's first instruction. */
static int find_passed(utrace_variable *variable, utrace_frame *frame, struct ut__passed *passed,
		       struct utrace_error *error)
{
	Dwarf_Attribute attribute;
	struct ut__scope scope;
	Dwarf_Die function;
	Dwarf_Op *ops;
	size_t count;
	int status = ut__frame_scope(frame, &scope, error);

	if (status)
		return status;
	function = scope.chain->dies[scope.chain->count - 1];
	if (!variable->is_argument || scope.position + 1 != scope.chain->count)
		return fail_entry(error, "only an argument of a function that was called has one");
	if (!dwarf_attr_integrate(&variable->die, DW_AT_location, &attribute) ||
	    dwarf_getlocation_addr(&attribute, ut__die_entry(&function), &ops, &count, 1) != 1 || count != 1)
		return fail_entry(error, "where it was passed is not described");
	*passed = (struct ut__passed){.how = UT__PASSED_REGISTER};
	if (ut__op_is_register(&ops[0], &passed->reg))
		return UTRACE_OK;
	if (ops[0].atom != DW_OP_fbreg || !counts_from_cfa(&function))
		return fail_entry(error, "where it was passed is not described");
	*passed = (struct ut__passed){.how = UT__PASSED_STACK, .offset = (int64_t)ops[0].number};
	return UTRACE_OK;
}

ssize_t utrace_variable_read_entry(utrace_variable *variable, utrace_frame *frame, void *buffer, size_t size,
				   struct utrace_error *error)
{
	utrace_symbols *symbols = variable->module->image->symbols;
	int64_t full = utrace_type_size(utrace_variable_type(variable));
	struct ut__passed passed = {0};
	uint64_t value;
	int status;

	if (!frame)
		return ut__fail(error, UTRACE_INVALID, 0, "An entry value is of a frame, and none was given.");
	if (full < 0 || full > (int64_t)sizeof(value))
		return ut__fail(error, UTRACE_UNSUPPORTED, 0, "Entry values of more than %zu bytes are not known.",
				sizeof(value));
	ut__sym_lock(symbols);
	status = find_passed(variable, frame, &passed, error);
	if (!status)
		status = ut__entry_value(frame, &passed, 0, &value, error);
	ut__sym_unlock(symbols);
	if (status)
		return status;
	if (size > (size_t)full)
		size = (size_t)full;
	memcpy(buffer, &value, size);
	return (ssize_t)size;
}
