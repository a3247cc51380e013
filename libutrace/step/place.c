/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * step/place.c - what is at an address, as far as a step cares.
 */
#include <string.h>
#include <utrace/unwind.h>

#include "step/step.h"

enum { ROWS_MAX = 256 };

static bool is_same_line(const struct utrace_line *a, const struct utrace_line *b)
{
	return a->line == b->line && a->file && b->file && strcmp(a->file, b->file) == 0;
}

/* Rows of one line that follow each other are one range. */
static void join_rows(utrace_image *image, const struct utrace_line *row, struct ut__place *place)
{
	place->end = row->end;
	for (int i = 0; i < ROWS_MAX; i++) {
		struct utrace_line next = {.size = sizeof(next)};

		if (utrace_line_at(image, place->end, &next, NULL) || !is_same_line(row, &next) ||
		    next.end <= place->end)
			return;
		place->end = next.end;
	}
}

static void find_line(utrace_image *image, struct ut__place *place)
{
	struct utrace_line row = {.size = sizeof(row)};

	if (utrace_line_at(image, place->pc, &row, NULL) || !row.line)
		return;
	place->has_line = true;
	place->at_line_start = row.start == place->pc && row.is_statement;
	place->file = row.file;
	place->line = row.line;
	place->start = row.start;
	join_rows(image, &row, place);
}

static void find_functions(utrace_image *image, struct ut__place *place)
{
	struct utrace_function functions[UT__STEP_INLINED];
	struct utrace_symbol symbol = {.size = sizeof(symbol)};
	int count;

	functions[0].size = sizeof(functions[0]);
	count = utrace_function_at(image, place->pc, functions, UT__STEP_INLINED, NULL);
	if (count > UT__STEP_INLINED)
		count = 0;
	for (int i = 0; i < count; i++) {
		place->entries[i] = functions[i].entry;
		place->starts[i] = functions[i].start;
		place->ends[i] = functions[i].end;
		place->call_lines[i] = functions[i].is_inlined ? functions[i].call_line : 0;
	}
	place->depth = count > 0 ? (size_t)count : 0;
	if (count > 0) {
		place->function = functions[count - 1].entry;
	} else if (utrace_symbol_at(image, place->pc, &symbol, NULL) == UTRACE_OK) {
		place->function = symbol.address;
		if (!place->has_line && symbol.length) {
			place->start = symbol.address;
			place->end = symbol.address + symbol.length;
		}
		return;
	}
	if (!place->has_line && count > 0) {
		place->start = functions[count - 1].start;
		place->end = functions[count - 1].end;
	}
}

void ut__place_find(utrace_image *image, uint64_t pc, struct ut__place *place)
{
	*place = (struct ut__place){.pc = pc};
	find_line(image, place);
	find_functions(image, place);
}

struct body {
	uint64_t entry;
	uint64_t address;
};

static int match_entry(const struct utrace_location *location, void *data)
{
	struct body *body = data;

	if (location->entry != body->entry)
		return 0;
	body->address = location->address;
	return 1;
}

uint64_t ut__place_body(utrace_image *image, uint64_t entry)
{
	struct utrace_function functions[UT__STEP_INLINED];
	struct body body = {.entry = entry, .address = entry};
	int count;

	functions[0].size = sizeof(functions[0]);
	count = utrace_function_at(image, entry, functions, UT__STEP_INLINED, NULL);
	if (count <= 0 || count > UT__STEP_INLINED || !functions[count - 1].name)
		return entry;
	(void)utrace_function_each(image, functions[count - 1].name, match_entry, &body, NULL);
	return body.address;
}

bool ut__place_is_signal_return(utrace_image *image, utrace_thread *thread)
{
	utrace_stack *stack;
	utrace_frame *frame;
	bool is_signal;

	if (utrace_stack_open(image, thread,
			      &(struct utrace_unwind_options){
				      .size = sizeof(struct utrace_unwind_options), .max_frames = 2, .lazy = 1},
			      &stack, NULL))
		return false;
	frame = utrace_stack_frame(stack, 0);
	is_signal = frame && utrace_frame_kind(frame) == UTRACE_FRAME_SIGNAL;
	utrace_stack_close(stack);
	return is_signal;
}
