/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/frameinfo.c - info frame, and return.
 */
#include <string.h>

#include "command.h"
#include "expr.h"
#include "frames.h"
#include "print.h"
#include "run.h"
#include "source.h"

/* Registers that a function saves for its caller, in gdb's order, by DWARF number (System V psABIs, register mappings). */
static const struct {
	const char *name;
	int dwarf;
} saved_64[] = {{"rax", 0}, {"rbx", 3},  {"rcx", 2},  {"rdx", 1},  {"rsi", 4},  {"rdi", 5},  {"rbp", 6},  {"r8", 8},
		{"r9", 9},  {"r10", 10}, {"r11", 11}, {"r12", 12}, {"r13", 13}, {"r14", 14}, {"r15", 15}, {"rip", 16}},
  saved_32[] = {{"eax", 0}, {"ecx", 1}, {"edx", 2}, {"ebx", 3}, {"ebp", 5}, {"esi", 6}, {"edi", 7}, {"eip", 8}};

static utrace_frame *next_physical(struct gdb *gdb, utrace_frame *frame)
{
	size_t number = utrace_frame_number(frame);

	while (frame && utrace_frame_kind(frame) == UTRACE_FRAME_INLINED)
		frame = utrace_stack_frame(gdb->stack, ++number);
	return frame ? utrace_stack_frame(gdb->stack, number + 1) : NULL;
}

static const char *pc_name(struct gdb *gdb)
{
	return pointer_size(gdb) == 4 ? "eip" : "rip";
}

/*
 * Where gdb says that arguments and locals are: the frame pointer if the function has set it up, else where the
 * call would have pushed it (amd64_frame_base_address in its sources).
 */
static uint64_t locals_address(struct gdb *gdb, utrace_frame *frame)
{
	struct utrace_function function = {.size = sizeof(function)};
	bool narrow = pointer_size(gdb) == 4;
	unsigned char code[16] = {0};
	uint64_t pc = utrace_frame_pc(frame);
	uint64_t value = 0;
	uint64_t at;
	size_t i = 0;

	if (utrace_function_at(gdb->image, utrace_frame_lookup_pc(frame), &function, 1, NULL) >= 1)
		(void)utrace_image_read(gdb->image, function.entry, code, sizeof(code), NULL);
	if (memcmp(code, narrow ? "\xf3\x0f\x1e\xfb" : "\xf3\x0f\x1e\xfa", 4) == 0)
		i = 4;
	at = function.entry + i;
	if (code[i] == 0x55 && pc > at + 1) {
		size_t move = i + 1 + !narrow;

		if ((code[move] == 0x89 && code[move + 1] == 0xe5) || (code[move] == 0x8b && code[move + 1] == 0xec)) {
			(void)utrace_frame_register(frame, narrow ? 5 : 6, &value, NULL);
			return value;
		}
	}
	(void)utrace_frame_register(frame, narrow ? 4 : 7, &value, NULL);
	return code[i] == 0x55 && pc > at ? value : value - pointer_size(gdb);
}

static const char *language_of(struct gdb *gdb, utrace_frame *frame)
{
	struct utrace_unit unit = {.size = sizeof(unit)};

	if (utrace_unit_at(gdb->image, utrace_frame_lookup_pc(frame), &unit, NULL))
		return NULL;
	return language_name(unit.language);
}

static void print_neighbours(struct gdb *gdb, utrace_frame *frame)
{
	size_t number = frame_number(gdb, frame);
	utrace_frame *caller = stack_frame(gdb, number + 1);
	utrace_frame *callee = number ? stack_frame(gdb, number - 1) : NULL;

	if (caller && utrace_frame_kind(frame) == UTRACE_FRAME_INLINED)
		say(gdb, " inlined into frame %zu", number + 1);
	else if (caller)
		say(gdb, " called by frame at 0x%llx", (unsigned long long)utrace_frame_cfa(caller));
	if (callee)
		say(gdb, "%s caller of frame at 0x%llx", caller ? "," : "",
		    (unsigned long long)utrace_frame_cfa(callee));
	if (caller || callee)
		say(gdb, "\n");
}

static void print_variables_place(struct gdb *gdb, utrace_frame *frame)
{
	bool is_inlined = utrace_frame_kind(frame) == UTRACE_FRAME_INLINED;
	uint64_t base = is_inlined ? 0 : locals_address(gdb, frame);

	if (is_inlined) {
		say(gdb, " Arglist at unknown address.\n Locals at unknown address, Previous frame's sp in %s\n",
		    pointer_size(gdb) == 4 ? "esp" : "rsp");
		return;
	}
	say(gdb, " Arglist at 0x%llx, args: ", (unsigned long long)base);
	print_frame_arguments(gdb, frame);
	say(gdb, "\n Locals at 0x%llx, Previous frame's sp is 0x%llx\n", (unsigned long long)base,
	    (unsigned long long)utrace_frame_cfa(frame));
}

static void print_saved(struct gdb *gdb, utrace_frame *frame)
{
	utrace_frame *caller = next_physical(gdb, frame);
	bool narrow = pointer_size(gdb) == 4;
	size_t count = narrow ? sizeof(saved_32) / sizeof(saved_32[0]) : sizeof(saved_64) / sizeof(saved_64[0]);
	const char *before = " Saved registers:\n  ";

	for (size_t i = 0; caller && i < count; i++) {
		const char *name = narrow ? saved_32[i].name : saved_64[i].name;
		uint64_t address;

		if (utrace_frame_register_address(caller, narrow ? saved_32[i].dwarf : saved_64[i].dwarf, &address,
						  NULL))
			continue;
		say(gdb, "%s%s at 0x%llx", before, name, (unsigned long long)address);
		before = ", ";
	}
	if (*before == ',')
		say(gdb, "\n");
}

bool info_frame(struct gdb *gdb, const char *arguments)
{
	utrace_frame *frame = need_frame(gdb);
	struct utrace_line line = {.size = sizeof(line)};
	utrace_frame *caller;
	uint64_t number;

	if (!frame)
		return false;
	if (*arguments) {
		if (strncmp(arguments, "level ", 6) == 0)
			arguments += 6;
		if (!evaluate_integer(gdb, arguments, &number))
			return false;
		frame = stack_frame(gdb, number);
		if (!frame)
			return fail(gdb, "No frame at level %s.", arguments);
	}
	say(gdb, "Stack level %zu, frame at 0x%llx:\n", frame_number(gdb, frame),
	    (unsigned long long)utrace_frame_cfa(frame));
	say(gdb, " %s = 0x%llx", pc_name(gdb), (unsigned long long)utrace_frame_pc(frame));
	if (utrace_frame_function(frame))
		say(gdb, " in %s", frame_function_name(gdb, frame));
	if (utrace_frame_line(frame, &line, NULL) == 0)
		say(gdb, " (%s:%u)", source_name(&line), line.line);
	caller = next_physical(gdb, frame);
	if (caller)
		say(gdb, "; saved %s = 0x%llx\n", pc_name(gdb), (unsigned long long)utrace_frame_pc(caller));
	else
		say(gdb, "; saved %s = <not saved>\n Outermost frame: outermost\n", pc_name(gdb));
	print_neighbours(gdb, frame);
	if (language_of(gdb, frame))
		say(gdb, " source language %s.\n", language_of(gdb, frame));
	print_variables_place(gdb, frame);
	if (utrace_frame_kind(frame) != UTRACE_FRAME_INLINED)
		print_saved(gdb, frame);
	return true;
}

/* ---- return ---- */

/* What registers the caller gets its value in: System V psABIs, as far as a debugger can tell from the type. */
static bool put_result(struct gdb *gdb, utrace_frame *frame, const char *text)
{
	utrace_type *type = NULL;
	utrace_type *result;
	struct value *value;
	struct utrace_error error;
	uint64_t number;

	if (!*text)
		return true;
	if (utrace_type_of_function(gdb->image, utrace_frame_lookup_pc(frame), &type, NULL))
		return fail(gdb, "Return value type not available for selected stack frame.\n"
				 "Please use an explicit cast of the value to return.");
	result = utrace_type_strip(utrace_type_target(type));
	value = evaluate_text(gdb, text);
	if (!value || kind_of(result) == UTRACE_TYPE_VOID)
		return value != NULL;
	value = value_cast(gdb, value, result);
	if (!value || !value_fetch(gdb, value))
		return false;
	if (!is_scalar(result) || value->size > pointer_size(gdb))
		return fail(gdb, "mini-gdb can set only values that are returned in one register.");
	if (kind_of(result) == UTRACE_TYPE_FLOAT)
		return put_real_result(gdb, value->bytes, value->size);
	number = is_integral(result) && utrace_type_is_signed(result) ? (uint64_t)load_signed(value->bytes, value->size)
								      : load_unsigned(value->bytes, value->size);
	if (utrace_register_set(gdb->inferior.thread, UTRACE_REG_RESULT, number, &error))
		return fail_with(gdb, &error);
	return true;
}

/* The thread gets the registers that its caller has, as far as they are known; rax and its like stay as they are. */
static bool pop_to(struct gdb *gdb, utrace_frame *caller)
{
	bool narrow = pointer_size(gdb) == 4;
	int pc = narrow ? 8 : 16;
	uint64_t values[17];
	bool known[17];
	struct utrace_error error;

	for (int dwarf = 0; dwarf <= pc; dwarf++)
		known[dwarf] = utrace_frame_register(caller, dwarf, &values[dwarf], NULL) == 0;
	values[pc] = utrace_frame_pc(caller);
	known[0] = false; /* the result */
	known[pc] = true;
	for (int dwarf = 0; dwarf <= pc; dwarf++)
		if (known[dwarf] && utrace_register_set_dwarf(gdb->inferior.thread, dwarf, values[dwarf], &error))
			return fail_with(gdb, &error);
	return true;
}

bool command_return(struct gdb *gdb, const char *arguments)
{
	utrace_frame *frame;
	utrace_frame *caller;

	if (!need_process(gdb))
		return false;
	frame = need_frame(gdb);
	if (!frame)
		return false;
	if (utrace_frame_kind(frame) == UTRACE_FRAME_INLINED)
		return fail(gdb, "Can not force return from an inlined function.");
	caller = next_physical(gdb, frame);
	if (!caller)
		return fail(gdb, "Can not force return from the outermost frame.");
	if (!gdb->batch && !confirmed(gdb, "Make %s return now? ", frame_function_name(gdb, frame)))
		return fail(gdb, "Not confirmed");
	if (!put_result(gdb, frame, arguments) || !pop_to(gdb, caller))
		return false;
	frames_forget(gdb);
	if (is_talkative(gdb) && selected_frame(gdb))
		print_frame(gdb, selected_frame(gdb), FRAME_LOCATION | FRAME_SOURCE | FRAME_NUMBER);
	return true;
}
