/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/watches.c - watchpoints: the hardware tells of the access, the value is compared here.
 *
 * One on a local variable lives as long as its frame: a breakpoint where the frame returns to ends it.
 */
#include <stdlib.h>
#include <string.h>

#include "breaks.h"
#include "frames.h"
#include "print.h"
#include "run.h"

static const char *noun(const struct breakpoint *watch)
{
	if (watch->kind == KIND_READ_WATCH)
		return "Hardware read watchpoint";
	return watch->kind == KIND_ACCESS_WATCH ? "Hardware access (read/write) watchpoint" : "Hardware watchpoint";
}

/* In the arena of the watchpoint; NULL if it can't be read now. */
static struct value *present_value(struct gdb *gdb, struct breakpoint *watch)
{
	struct value *value;

	/* It is looked at in its own frame, which is not the selected one when a callee wrote. */
	value = watch->old ? value_at(gdb, watch->old->type, watch->old->address) : evaluate(gdb, watch->expr);
	if (!value || !value_fetch(gdb, value) || value->optimized_out)
		return NULL;
	return value_keep(gdb, &watch->arena, value);
}

bool watch_changed(struct gdb *gdb, struct breakpoint *watch)
{
	struct value *now = present_value(gdb, watch);
	struct value *old = watch->old;

	gdb->error = NULL;
	if (!now)
		return false;
	if (old && memcmp(old->bytes, now->bytes, now->size) == 0)
		return false;
	watch->before = old;
	watch->old = now;
	return true;
}

static void print_line(struct gdb *gdb, const char *name, struct value *value)
{
	say(gdb, "%s = ", name);
	print_value(gdb, value, NULL);
	say(gdb, "\n");
}

void watch_report(struct gdb *gdb, struct breakpoint *watch)
{
	say(gdb, "%s %d: %s\n\n", noun(watch), watch->number, watch->spec);
	if (watch->before) {
		print_line(gdb, "Old value", watch->before);
		print_line(gdb, "New value", watch->old);
	} else if (watch->old) {
		print_line(gdb, "Value", watch->old);
	}
	watch->before = NULL;
}

static bool names_local(struct gdb *gdb, const struct expr *expr, utrace_frame *frame)
{
	utrace_variable *variables[256];
	int count;

	if (!expr)
		return false;
	if (expr->operation == OP_NAME && expr->seen && frame) {
		count = utrace_frame_variables(frame, variables, 256, NULL);
		for (int i = 0; i < count && i < 256; i++)
			if (variables[i] == expr->seen)
				return utrace_variable_is_static(variables[i]) == 0;
	}
	return names_local(gdb, expr->left, frame) || names_local(gdb, expr->right, frame) ||
	       names_local(gdb, expr->third, frame);
}

/* The frame that has called the physical frame that this one is in. */
static utrace_frame *caller_of(struct gdb *gdb, utrace_frame *frame)
{
	size_t number = utrace_frame_number(frame);

	while (frame && utrace_frame_kind(frame) == UTRACE_FRAME_INLINED)
		frame = utrace_stack_frame(gdb->stack, ++number);
	return utrace_stack_frame(gdb->stack, number + 1);
}

static bool set_scope(struct gdb *gdb, struct breakpoint *watch, utrace_frame *frame)
{
	utrace_frame *caller = caller_of(gdb, frame);
	struct location *location;
	struct utrace_breakpoint_options options = {
		.size = sizeof(options),
		.thread = gdb->inferior.thread,
		.not_inherited = 1,
	};

	watch->scope_frame = utrace_frame_cfa(frame);
	if (!caller)
		return true;
	location = must_alloc(sizeof(*location));
	location->gdb = gdb;
	location->address = utrace_frame_pc(caller);
	location->owner = NULL;
	location->scope_of = watch;
	watch->scope = location;
	options.address = location->address;
	/* In a recursion only the return of this very frame counts. */
	options.frame = watch->scope_frame - 1;
	options.data = location;
	return location_insert(gdb, location, &options);
}

bool watch_insert(struct gdb *gdb, struct breakpoint *watch)
{
	struct value *value = evaluate(gdb, watch->expr);
	struct location *location;
	struct utrace_breakpoint_options options = {
		.size = sizeof(options),
		.kind = watch->kind == KIND_WATCH ? UTRACE_WATCH_WRITE : UTRACE_WATCH_ACCESS,
		.not_inherited = 1,
	};

	if (!value)
		return false;
	if (value->place != PLACE_MEMORY)
		return fail(gdb, "Cannot watch constant value `%s'.", watch->spec);
	if (!is_live(gdb))
		return true; /* set when the program runs */
	location = must_alloc(sizeof(*location));
	location->gdb = gdb;
	location->owner = watch;
	location->address = value->address;
	options.address = value->address;
	options.length = (uint32_t)value->size;
	options.data = location;
	if (!location_insert(gdb, location, &options)) {
		free(location);
		return false;
	}
	watch->locations = location;
	watch->old = value_fetch(gdb, value) ? value_keep(gdb, &watch->arena, value) : NULL;
	gdb->error = NULL;
	return true;
}

static bool watch_address(struct gdb *gdb, struct breakpoint *watch, const char *text)
{
	struct value *value = evaluate_text(gdb, text);
	struct value *address = value ? value_address_of(gdb, value) : NULL;
	uint64_t number;
	char *spec;

	if (!address || !value_as_integer(gdb, address, &number))
		return false;
	spec = arena_print(&gdb->arena, "* (%s *) 0x%llx", type_text(gdb, value->type), (unsigned long long)number);
	free(watch->spec);
	watch->spec = must_copy(arena_print(&gdb->arena, "-location %s", text));
	watch->expr = parse_expression(gdb, spec);
	return watch->expr != NULL;
}

static bool set_watch(struct gdb *gdb, struct breakpoint *watch, const char *text, bool by_address)
{
	utrace_frame *frame;

	if (by_address ? !watch_address(gdb, watch, text) : !(watch->expr = parse_expression(gdb, text)))
		return false;
	if (!watch_insert(gdb, watch))
		return false;
	frame = selected_frame(gdb);
	if (!by_address && frame && names_local(gdb, watch->expr, frame) && !set_scope(gdb, watch, frame))
		return false;
	watch->expr = expr_keep(&watch->arena, watch->expr);
	return true;
}

static bool watch(struct gdb *gdb, const char *arguments, enum breakpoint_kind kind)
{
	bool by_address = false;
	const char *condition = strstr(arguments, " if ");
	char *text = arena_string(&gdb->arena, arguments);
	struct breakpoint *made;

	if (condition)
		text[condition - arguments] = '\0';
	if (strncmp(text, "-l ", 3) == 0 || strncmp(text, "-location ", 10) == 0) {
		by_address = true;
		text += strcspn(text, " ") + 1;
	}
	if (!*text)
		return fail(gdb, "Argument required (expression to compute).");
	made = breakpoint_new(gdb, kind, text);
	if (!set_watch(gdb, made, text, by_address) ||
	    (condition && !breakpoint_set_condition(gdb, made, condition + 4))) {
		breakpoint_delete(gdb, made);
		gdb->next_breakpoint--;
		return false;
	}
	say(gdb, "%s %d: %s\n", noun(made), made->number, made->spec);
	return true;
}

bool command_watch(struct gdb *gdb, const char *arguments)
{
	return watch(gdb, arguments, KIND_WATCH);
}

bool command_rwatch(struct gdb *gdb, const char *arguments)
{
	return watch(gdb, arguments, KIND_READ_WATCH);
}

bool command_awatch(struct gdb *gdb, const char *arguments)
{
	return watch(gdb, arguments, KIND_ACCESS_WATCH);
}
