/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * compile/spot.c - the frame that a thread will have at an address of code: its CFA by the rules of call frame information, the
 * function's frame base, the thread's storage. (DWARF 5, 3.3.5 and 6.4; "ELF Handling For Thread-Local Storage", variant II)
 */
#include <dwarf.h>

#include "compile/compile.h"
#include "sym/pthread.h"
#include "unwind/unwind.h"

enum { X86_64_FS_BASE = 58 }; /* DWARF's number. (AMD64 supplement, figure 3.36) */

static int need_pc(const struct ut__spot *spot, struct utrace_error *error)
{
	if (spot->has_pc)
		return UTRACE_OK;
	return ut__fail(error, UTRACE_INVALID, 0,
			"The variable's place depends on the address of code, and none was given.");
}

int ut__spot_cfa(const struct ut__spot *spot, struct ut__steps *code, struct utrace_error *error)
{
	struct ut__spot deeper = *spot;
	const struct ut__row *row;
	int status = need_pc(spot, error);

	if (status)
		return status;
	row = ut__row_at(spot->module->file, spot->pc);
	if (!row)
		return ut__fail(error, UTRACE_NO_MEMORY, 0, "No memory for the rules of a frame.");
	if (!row->exists)
		return ut__fail(error, UTRACE_UNSUPPORTED, 0,
				"There is no call frame information for the address, so its frame is not known before "
				"it is there.");
	deeper.depth++;
	if (row->cfa.kind == UT__RULE_EXPRESSION)
		return ut__compile_value(&deeper, NULL, row->cfa.ops, row->cfa.op_count, code, error);
	*code = ut__steps_register((unsigned)row->cfa.number, spot->module->file->bits / 8);
	ut__steps_add(code, (uint64_t)row->offset);
	return UTRACE_OK;
}

int ut__spot_frame_base(const struct ut__spot *spot, struct ut__steps *code, struct utrace_error *error)
{
	struct ut__spot deeper = *spot;
	const struct ut__chain *chain;
	Dwarf_Attribute attribute;
	Dwarf_Op *ops;
	size_t count;
	Dwarf_Die die;
	int status = need_pc(spot, error);

	if (status)
		return status;
	chain = ut__file_chain(spot->module->file, spot->pc);
	if (chain)
		die = chain->dies[chain->count - 1];
	if (!chain || !dwarf_attr_integrate(&die, DW_AT_frame_base, &attribute) ||
	    dwarf_getlocation_addr(&attribute, spot->pc, &ops, &count, 1) != 1)
		return ut__fail(error, UTRACE_INVALID, 0, "The function's frame base is not described.");
	deeper.depth++;
	return ut__compile_value(&deeper, &attribute, ops, count, code, error);
}

bool ut__spot_is_entry(const struct ut__spot *spot)
{
	const struct ut__chain *chain = spot->has_pc ? ut__file_chain(spot->module->file, spot->pc) : NULL;
	Dwarf_Die die;

	if (!chain)
		return false;
	die = chain->dies[chain->count - 1];
	return ut__die_entry(&die) == spot->pc;
}

/*
 * The block out of the thread's vector, which has it once the vector is as new as the module and the thread has used the variable.
 * Until then the steps read at 0 or below the first page, where nothing is mapped: the condition fails, and that is told.
 */
static int dynamic_block(utrace_image *image, const struct ut__tls_layout *layout, struct ut__steps *block,
			 struct utrace_error *error)
{
	struct ut__steps is_new_enough = ut__steps_constant(layout->generation, 8);
	struct ut__steps counter;
	uint64_t vector = 0;
	uint64_t first = 0;
	uint64_t entry = 0;
	int status = ut__field_address(image, UT__PTHREAD_DTVP, 0, 0, &vector, error);

	if (!status)
		status = ut__field_address(image, UT__DTV_DTV, 0, 0, &first, error);
	if (!status)
		status = ut__field_address(image, UT__DTV_COUNTER, first, 0, &first, error);
	if (!status)
		status = ut__field_address(image, UT__DTV_DTV, 0, layout->id, &entry, error);
	if (!status)
		status = ut__field_address(image, UT__DTV_POINTER, entry, 0, &entry, error);
	ut__steps_add(block, vector);
	ut__steps_load(block, 8);
	counter = *block;
	ut__steps_add(&counter, first);
	ut__steps_load(&counter, 8);
	ut__steps_join(&is_new_enough, &counter, UTRACE_CONDITION_LESS_OR_EQUAL, false);
	ut__steps_add(block, entry);
	ut__steps_join(block, &is_new_enough, UTRACE_CONDITION_MULTIPLY, false);
	ut__steps_load(block, 8);
	return status;
}

int ut__spot_tls(const struct ut__spot *spot, struct ut__steps *code, struct utrace_error *error)
{
	struct ut__steps block = ut__steps_register(X86_64_FS_BASE, 8);
	struct ut__tls_layout layout;
	int status = UTRACE_OK;

	if (spot->module->file->bits != 64)
		return ut__fail(error, UTRACE_UNSUPPORTED, 0,
				"A condition's steps don't reach thread-local variables of this architecture.");
	if (!spot->module->image->process)
		return ut__fail(error, UTRACE_UNSUPPORTED, 0, "The program does not run, so it has no threads.");
	status = ut__tls_layout(spot->module, &layout, error);
	if (!status && layout.is_dynamic)
		status = dynamic_block(spot->module->image, &layout, &block, error);
	else if (!status)
		ut__steps_add(&block, 0 - layout.below);
	if (code->count == 1 && code->steps[0].op == UTRACE_CONDITION_CONSTANT)
		code->steps[0].number = ut__tls_offset(spot->module, code->steps[0].number);
	ut__steps_join(&block, code, UTRACE_CONDITION_ADD, false);
	block.size = code->size;
	*code = block;
	return status;
}
