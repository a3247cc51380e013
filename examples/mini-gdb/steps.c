/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/steps.c - step, next, finish, until, stepi, continue: each says what it wants, go_on does it.
 */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "displays.h"
#include "expr.h"
#include "frames.h"
#include "print.h"
#include "run.h"
#include "signals.h"
#include "source.h"
#include "threads.h"

static void remember_frame(struct gdb *gdb, struct going *going)
{
	struct utrace_line line = {.size = sizeof(line)};
	utrace_frame *frame;

	gdb->frame = 0;
	frame = selected_frame(gdb);
	if (!frame)
		return;
	going->frame = utrace_frame_cfa(frame);
	going->function = frame_entry(gdb, frame);
	if (utrace_frame_line(frame, &line, NULL) == 0)
		going->line = line.line;
}

static bool count_of(struct gdb *gdb, const char *arguments, uint64_t *count)
{
	*count = 1;
	return !*arguments || evaluate_integer(gdb, arguments, count);
}

/* scheduler-locking: off lets the others run, step holds them while this command steps. */
static bool holds_others(const struct gdb *gdb, bool is_step)
{
	return gdb->settings.scheduler_locking == 1 || (gdb->settings.scheduler_locking == 2 && is_step);
}

static bool step(struct gdb *gdb, const char *arguments, uint32_t kind)
{
	struct utrace_step_options options = {
		.size = sizeof(options), .kind = kind, .count = 1, .hold_others = 1, .at_inlined = 1};
	struct going going = {.begin = &options, .only_selected = holds_others(gdb, true)};
	uint64_t count;

	if (!need_process(gdb) || !need_thread(gdb) || !count_of(gdb, arguments, &count))
		return false;
	options.count = (uint32_t)count;
	options.step_into_nodebug = gdb->settings.step_mode;
	remember_frame(gdb, &going);
	return go_on(gdb, &going);
}

/* At the call of an inlined function there is nothing to run for going into it. */
static bool step_into_inlined(struct gdb *gdb)
{
	gdb->frame = 0;
	if (!frames_enter_inlined(gdb))
		return false;
	print_frame(gdb, selected_frame(gdb), FRAME_LOCATION | FRAME_SOURCE);
	displays_show(gdb);
	return true;
}

bool command_step(struct gdb *gdb, const char *arguments)
{
	if (!*arguments && gdb->inferior.thread && step_into_inlined(gdb))
		return true;
	return step(gdb, arguments, UTRACE_STEP_LINE_INTO);
}

bool command_next(struct gdb *gdb, const char *arguments)
{
	return step(gdb, arguments, UTRACE_STEP_LINE_OVER);
}

bool command_stepi(struct gdb *gdb, const char *arguments)
{
	return step(gdb, arguments, UTRACE_STEP_INSTRUCTION_INTO);
}

bool command_nexti(struct gdb *gdb, const char *arguments)
{
	return step(gdb, arguments, UTRACE_STEP_INSTRUCTION_OVER);
}

/* ---- finish ---- */

static utrace_type *result_type(struct gdb *gdb, utrace_frame *frame)
{
	utrace_type *type = NULL;

	if (utrace_type_of_function(gdb->image, utrace_frame_lookup_pc(frame), &type, NULL))
		return NULL;
	return utrace_type_strip(utrace_type_target(type));
}

/* xmm0 or st(0), as fxsave lays them out (Intel SDM, FXSAVE). */
static bool returned_real(struct gdb *gdb, unsigned char *bytes, size_t size)
{
	enum { ST0 = 32, XMM0 = 160 };
	unsigned char set[512];
	size_t offset = size > 8 || pointer_size(gdb) == 4 ? ST0 : XMM0;
	ssize_t got = utrace_regset_get(gdb->inferior.thread, UTRACE_REGSET_FLOAT, set, sizeof(set), NULL);
	long double real = 0;

	if (got < XMM0 + 16)
		return false;
	if (offset == XMM0) {
		memcpy(bytes, set + XMM0, size);
		return true;
	}
	memcpy(&real, set + ST0, 10);
	store_real(bytes, size, real);
	return true;
}

bool put_real_result(struct gdb *gdb, const unsigned char *bytes, size_t size)
{
	enum { XMM0 = 160 };
	unsigned char set[512];
	struct utrace_error error;

	if (size > 8 || pointer_size(gdb) == 4)
		return fail(gdb, "mini-gdb can't set the x87 stack.");
	if (utrace_regset_get(gdb->inferior.thread, UTRACE_REGSET_FLOAT, set, sizeof(set), &error) < 0)
		return fail_with(gdb, &error);
	memcpy(set + XMM0, bytes, size);
	if (utrace_regset_set(gdb->inferior.thread, UTRACE_REGSET_FLOAT, set, sizeof(set), &error))
		return fail_with(gdb, &error);
	return true;
}

/* What the psABI returns in registers, as far as a debugger can tell from the type. */
static struct value *returned_value(struct gdb *gdb, utrace_type *type)
{
	size_t size = size_of(type);
	bool narrow = pointer_size(gdb) == 4;
	unsigned char *bytes = arena_alloc(&gdb->arena, size + 32);
	struct value *value = value_new(gdb, type);
	uint64_t number;

	if (kind_of(type) == UTRACE_TYPE_FLOAT) {
		if (!returned_real(gdb, bytes, size))
			return NULL;
	} else if (is_scalar(type) && size <= 8) {
		if (utrace_register_get(gdb->inferior.thread, UTRACE_REG_RESULT, &number, NULL))
			return NULL;
		memcpy(bytes, &number, 8);
		if (narrow && size == 8 && utrace_register_get_name(gdb->inferior.thread, "edx", &number, NULL) == 0)
			memcpy(bytes + 4, &number, 4);
	} else if (!narrow && size > 16 &&
		   utrace_register_get(gdb->inferior.thread, UTRACE_REG_RESULT, &number, NULL) == 0) {
		return value_at(gdb, type, number); /* in memory, whose address comes back in rax */
	} else {
		return NULL;
	}
	value->bytes = bytes;
	value->fetched = true;
	return value;
}

static bool show_result(struct gdb *gdb, utrace_type *type)
{
	struct value *value;

	if (!type || kind_of(type) == UTRACE_TYPE_VOID)
		return true;
	value = returned_value(gdb, type);
	if (!value || !value_fetch(gdb, value)) {
		gdb->error = NULL;
		say(gdb, "Value returned has type: %s. Cannot determine contents\n", type_text(gdb, type));
		return true;
	}
	say(gdb, "Value returned is $%zu = ", history_add(gdb, value));
	print_value(gdb, value, NULL);
	say(gdb, "\n");
	return true;
}

bool command_finish(struct gdb *gdb, const char *arguments)
{
	struct utrace_step_options options = {
		.size = sizeof(options), .kind = UTRACE_STEP_OUT, .count = 1, .hold_others = 1};
	struct going going = {.begin = &options, .is_finish = true, .only_selected = holds_others(gdb, false)};
	utrace_frame *frame;
	utrace_type *type;

	(void)arguments;
	if (!need_process(gdb) || !need_thread(gdb))
		return false;
	frame = need_frame(gdb);
	if (!frame)
		return false;
	if (!stack_frame(gdb, gdb->frame + 1))
		return fail(gdb, "\"finish\" not meaningful in the outermost frame.");
	options.frame = utrace_frame_cfa(frame);
	type = result_type(gdb, frame);
	if (is_talkative(gdb)) {
		say(gdb, "Run till exit from ");
		print_frame(gdb, frame, FRAME_LOCATION | FRAME_NUMBER);
	}
	if (!go_on(gdb, &going))
		return false;
	return !going.finished || show_result(gdb, type);
}

/* ---- until, advance ---- */

static bool to_place(struct gdb *gdb, const char *arguments, bool leaves_frame)
{
	struct utrace_step_options options = {
		.size = sizeof(options), .kind = UTRACE_STEP_TO_ADDRESS, .count = 1, .hold_others = 1};
	struct going going = {.begin = &options, .only_selected = holds_others(gdb, false)};
	struct places places;
	bool not_found;

	if (!places_find(gdb, &arguments, &places, &not_found))
		return false;
	options.address = places.list[0].address;
	options.stop_at_return = leaves_frame;
	return go_on(gdb, &going);
}

bool command_until(struct gdb *gdb, const char *arguments)
{
	if (!need_process(gdb) || !need_thread(gdb))
		return false;
	return *arguments ? to_place(gdb, arguments, true) : step(gdb, arguments, UTRACE_STEP_UNTIL);
}

bool command_advance(struct gdb *gdb, const char *arguments)
{
	if (!need_process(gdb) || !need_thread(gdb))
		return false;
	if (!*arguments)
		return fail(gdb, "Argument required (a location).");
	return to_place(gdb, arguments, true);
}

/* ---- continue, signal, jump ---- */

bool command_continue(struct gdb *gdb, const char *arguments)
{
	struct going going = {.only_selected = holds_others(gdb, false)};
	uint64_t count;

	if (!need_process(gdb))
		return false;
	if (*arguments) {
		struct breakpoint *breakpoint = gdb->stopped_at ? breakpoint_by_number(gdb, gdb->stopped_at) : NULL;

		if (!evaluate_integer(gdb, arguments, &count))
			return false;
		if (breakpoint && count) {
			breakpoint->ignore = count - 1;
			say(gdb, "Will ignore next %llu crossings of breakpoint %d.  ", (unsigned long long)count - 1,
			    breakpoint->number);
		}
	}
	if (is_talkative(gdb))
		say(gdb, "Continuing.\n");
	return go_on(gdb, &going);
}

bool command_signal(struct gdb *gdb, const char *arguments)
{
	struct going going = {.only_selected = holds_others(gdb, false)};
	int number = signal_number(arguments);

	if (!need_process(gdb) || !need_thread(gdb))
		return false;
	if (!number && strcmp(arguments, "0") != 0)
		return fail(gdb, "Only signals 1-64 and names such as SIGSEGV can be sent.");
	thread_info(gdb->inferior.thread)->signal = number;
	if (!is_talkative(gdb))
		return go_on(gdb, &going);
	if (number)
		say(gdb, "Continuing with signal %s.\n", signal_name(gdb, number));
	else
		say(gdb, "Continuing with no signal.\n");
	return go_on(gdb, &going);
}

bool command_queue_signal(struct gdb *gdb, const char *arguments)
{
	int number = signal_number(arguments);

	if (!need_process(gdb) || !need_thread(gdb))
		return false;
	if (!*arguments)
		return fail(gdb, "Argument required (signal number).");
	if (!number && strcmp(arguments, "0") != 0)
		return fail(gdb, "Only signals 1-64 and names such as SIGSEGV can be sent.");
	if (number && !gdb->signals[number].pass)
		return fail(gdb, "Signal handling set to not pass this signal to the program.");
	thread_info(gdb->inferior.thread)->signal = number;
	return true;
}

bool command_jump(struct gdb *gdb, const char *arguments)
{
	struct going going = {.only_selected = holds_others(gdb, false)};
	struct places places;
	bool not_found;
	struct utrace_error error;

	if (!need_process(gdb) || !need_thread(gdb))
		return false;
	if (!*arguments)
		return fail(gdb, "Argument required (starting address).");
	if (!places_find(gdb, &arguments, &places, &not_found))
		return false;
	if (utrace_register_set(gdb->inferior.thread, UTRACE_REG_PC, places.list[0].address, &error))
		return fail_with(gdb, &error);
	if (is_talkative(gdb))
		say(gdb, "Continuing at 0x%llx.\n", (unsigned long long)places.list[0].address);
	return go_on(gdb, &going);
}
