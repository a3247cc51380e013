/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * unwind/frame.c - what a frame tells: where, who, which line, which registers.
 */
#include <string.h>

#include "unwind/unwind.h"

uint32_t utrace_frame_kind(const utrace_frame *frame)
{
	return frame->kind;
}

const char *utrace_frame_unwinder(const utrace_frame *frame)
{
	return frame->physical->unwinder;
}

uint64_t utrace_frame_pc(const utrace_frame *frame)
{
	return frame->physical->is_virtual ? 0 : frame->physical->pc;
}

uint64_t utrace_frame_lookup_pc(const utrace_frame *frame)
{
	const struct ut__physical *physical = frame->physical;

	if (physical->is_virtual)
		return 0;
	return physical->pc - (!physical->exact && !physical->is_signal);
}

/* The CFA is found on the way to the caller. */
uint64_t utrace_frame_cfa(utrace_frame *frame)
{
	utrace_stack *stack = frame->stack;

	for (size_t n = stack->count; !frame->physical->cfa && utrace_stack_frame(stack, n); n = stack->count) {
	}
	return frame->physical->cfa;
}

int utrace_frame_is_innermost(const utrace_frame *frame)
{
	return frame->number == 0;
}

utrace_module *utrace_frame_module(utrace_frame *frame)
{
	return frame->physical->module;
}

utrace_stack *utrace_frame_stack(const utrace_frame *frame)
{
	return frame->stack;
}

size_t utrace_frame_number(const utrace_frame *frame)
{
	return frame->number;
}

/* The function of the frame among those that its address is in, with the lock held. NULL: no debug information. */
static const struct ut__chain *chain_of(const utrace_frame *frame)
{
	const struct ut__physical *physical = frame->physical;
	const struct ut__chain *chain;

	if (!physical->module || !ut__module_file(physical->module, NULL) ||
	    !ut__file_dwarf(physical->module->file, NULL))
		return NULL;
	chain = ut__file_chain(physical->module->file, utrace_frame_lookup_pc(frame) - physical->module->bias);
	if (!chain || frame->depth >= chain->count)
		return NULL;
	return chain;
}

/* Without inlined frames the frame is the function that is not inlined. */
static size_t position(const utrace_frame *frame, const struct ut__chain *chain)
{
	return frame->stack->options.no_inlined ? chain->count - 1 : frame->depth;
}

static const char *find_function(utrace_frame *frame)
{
	const struct ut__physical *physical = frame->physical;
	const struct ut__chain *chain;
	struct utrace_symbol symbol;
	Dwarf_Die die;
	const char *name;

	if (!physical->module || !ut__module_file(physical->module, NULL))
		return NULL;
	chain = frame->stack->options.no_inlined ? NULL : chain_of(frame);
	if (chain) {
		die = chain->dies[position(frame, chain)];
		name = ut__die_name(&die);
		if (name)
			return name;
	}
	return ut__file_symbol_at(physical->module->file, utrace_frame_lookup_pc(frame) - physical->module->bias,
				  &symbol)
		       ? symbol.name
		       : NULL;
}

const char *utrace_frame_function(utrace_frame *frame)
{
	const char *name;

	if (frame->physical->function && !frame->depth)
		return frame->physical->function;
	ut__sym_lock(frame->stack->image->symbols);
	name = find_function(frame);
	ut__sym_unlock(frame->stack->image->symbols);
	return name;
}

/* The line of the call of the inlined body that is one further in. */
static bool find_call_line(const utrace_frame *frame, struct utrace_line *line)
{
	const struct ut__chain *chain = chain_of(frame);
	uint64_t file = 0;
	uint64_t number = 0;
	uint64_t column = 0;
	Dwarf_Die die;

	if (!chain)
		return false;
	die = chain->dies[frame->depth - 1];
	if (!ut__die_number(&die, DW_AT_call_line, &number) || !ut__die_number(&die, DW_AT_call_file, &file))
		return false;
	(void)ut__die_number(&die, DW_AT_call_column, &column);
	*line = (struct utrace_line){.size = sizeof(*line),
				     .file = ut__unit_file_name(ut__unit_die(chain->unit), file),
				     .directory = ut__unit_directory(chain->unit),
				     .line = (uint32_t)number,
				     .column = (uint32_t)column};
	return line->file != NULL;
}

static int foreign_line(const utrace_frame *frame, struct utrace_line *line, struct utrace_error *error)
{
	struct utrace_line full = {.size = sizeof(full), .file = frame->physical->file, .line = frame->physical->line};

	return ut__store(line, &full, sizeof(full), error);
}

int utrace_frame_line(utrace_frame *frame, struct utrace_line *line, struct utrace_error *error)
{
	struct utrace_line full;
	bool found;

	if (frame->physical->file && !frame->depth)
		return foreign_line(frame, line, error);
	if (frame->physical->is_virtual)
		return ut__fail(error, UTRACE_NOT_FOUND, 0, "The frame's unwinder gave no line.");
	if (!frame->depth || frame->stack->options.no_inlined)
		return utrace_line_at(frame->stack->image, utrace_frame_lookup_pc(frame), line, error);
	ut__sym_lock(frame->stack->image->symbols);
	found = find_call_line(frame, &full);
	ut__sym_unlock(frame->stack->image->symbols);
	if (!found)
		return ut__fail(error, UTRACE_NOT_FOUND, 0, "The debug information has no line for this call.");
	return ut__store(line, &full, sizeof(full), error);
}

static int fail_register(const utrace_frame *frame, int dwarf, struct utrace_error *error)
{
	if (dwarf < 0 || dwarf >= frame->stack->arch->count)
		return ut__fail(error, UTRACE_NOT_FOUND, 0,
				"Register %d is not among those that are followed through a stack.", dwarf);
	return ut__fail(error, UTRACE_NOT_FOUND, 0, "Register %d was not saved on the way to frame %u.", dwarf,
			frame->number);
}

/* Index of a register's value in `saved`; its place is the next. */
static bool find_register(const utrace_frame *frame, int dwarf, size_t *index)
{
	const struct ut__physical *physical = frame->physical;

	if (dwarf < 0 || dwarf >= frame->stack->arch->count || !(physical->valid & 1u << dwarf))
		return false;
	*index = 2 * (size_t)__builtin_popcount(physical->valid & ((1u << dwarf) - 1));
	return true;
}

int utrace_frame_register(utrace_frame *frame, int dwarf, uint64_t *value, struct utrace_error *error)
{
	size_t index;

	/* Those that are not followed are known where the thread stands. */
	if (frame->physical == frame->stack->physicals[0] && dwarf >= frame->stack->arch->count)
		return utrace_register_get_dwarf(frame->stack->thread, dwarf, value, error);
	if (!find_register(frame, dwarf, &index))
		return fail_register(frame, dwarf, error);
	*value = frame->physical->saved[index];
	return UTRACE_OK;
}

int utrace_frame_register_address(utrace_frame *frame, int dwarf, uint64_t *address, struct utrace_error *error)
{
	size_t index;

	if (!find_register(frame, dwarf, &index))
		return fail_register(frame, dwarf, error);
	*address = frame->physical->saved[index + 1];
	if (!*address || frame->physical->computed & 1u << dwarf)
		return ut__fail(error, UTRACE_NOT_FOUND, 0, "Register %d of frame %u is not stored in memory.", dwarf,
				frame->number);
	return UTRACE_OK;
}

int utrace_frame_set_register(utrace_frame *frame, int dwarf, uint64_t value, struct utrace_error *error)
{
	utrace_stack *stack = frame->stack;
	size_t index;
	uint64_t place;
	int status = UTRACE_OK;

	if (frame->physical == stack->physicals[0] && dwarf >= stack->arch->count)
		return utrace_register_set_dwarf(stack->thread, dwarf, value, error);
	if (!find_register(frame, dwarf, &index))
		return fail_register(frame, dwarf, error);
	if (frame->physical->computed & 1u << dwarf)
		return ut__fail(error, UTRACE_WRONG_STATE, 0,
				"Register %d of frame %u follows from other registers and is stored nowhere.", dwarf,
				frame->number);
	place = frame->physical->saved[index + 1];
	if (!place)
		status = utrace_register_set_dwarf(stack->thread, dwarf, value, error);
	else if (utrace_memory_write(stack->image->process, place, &value, stack->arch->bytes, error) !=
		 (ssize_t)stack->arch->bytes)
		status = UTRACE_FAULT;
	if (!status)
		frame->physical->saved[index] = value;
	return status;
}
