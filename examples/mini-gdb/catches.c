/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/catches.c - catchpoints: events that are asked for by name.
 *
 * System calls cost the program a stop each, so they are told only while somebody waits for them, and only those.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "breaks.h"
#include "run.h"
#include "signals.h"

static uint32_t program_abi(struct gdb *gdb)
{
	return pointer_size(gdb) == 4 ? UTRACE_ABI_I386 : UTRACE_ABI_X86_64;
}

const char *syscall_name(struct gdb *gdb, uint32_t abi, int64_t number)
{
	const struct utrace_syscall_info *info = utrace_syscall_describe(abi, number);

	return info ? info->name : arena_print(&gdb->arena, "%lld", (long long)number);
}

/* ---- what is wanted ---- */

static bool takes(const struct breakpoint *breakpoint, int number)
{
	for (size_t i = 0; i < breakpoint->number_count; i++)
		if (breakpoint->numbers[i] == number)
			return true;
	return breakpoint->number_count == 0;
}

struct breakpoint *catch_find(struct gdb *gdb, enum breakpoint_kind kind, int number)
{
	for (struct breakpoint *breakpoint = gdb->breakpoints; breakpoint; breakpoint = breakpoint->next)
		if (breakpoint->kind == kind && !breakpoint->disabled && takes(breakpoint, number))
			return breakpoint;
	return NULL;
}

static utrace_filter *wanted_calls(struct gdb *gdb, bool *any)
{
	utrace_filter *filter = utrace_filter_create();
	bool all = false;

	*any = false;
	for (const struct breakpoint *one = gdb->breakpoints; filter && one; one = one->next) {
		if (one->kind != KIND_CATCH_SYSCALL || one->disabled)
			continue;
		*any = true;
		all |= one->number_count == 0;
		for (size_t i = 0; i < one->number_count; i++)
			(void)utrace_filter_add(filter, program_abi(gdb), one->numbers[i], NULL);
	}
	if (all)
		utrace_filter_invert(filter);
	return filter;
}

bool catches_apply(struct gdb *gdb)
{
	struct utrace_event_masks masks = {.stop = EVENTS_ALWAYS};
	struct utrace_error error;
	utrace_filter *filter;
	bool any;
	bool done;

	if (!gdb->inferior.process)
		return true;
	filter = wanted_calls(gdb, &any);
	if (!filter)
		return fail(gdb, "out of memory");
	if (any)
		masks.stop |=
			UTRACE_EVENT_BIT(UTRACE_EVENT_SYSCALL_ENTRY) | UTRACE_EVENT_BIT(UTRACE_EVENT_SYSCALL_EXIT);
	done = utrace_process_set_filter(gdb->inferior.process, filter, &error) == 0 &&
	       utrace_process_set_events(gdb->inferior.process, &masks, &error) == 0;
	utrace_filter_destroy(filter);
	return done || error.status == UTRACE_DEAD || fail_with(gdb, &error);
}

/* ---- the command ---- */

static void add_number(struct breakpoint *breakpoint, int number)
{
	breakpoint->numbers =
		must_grow(breakpoint->numbers, (breakpoint->number_count + 1) * sizeof(*breakpoint->numbers));
	breakpoint->numbers[breakpoint->number_count++] = number;
}

static bool add_call(struct gdb *gdb, struct breakpoint *breakpoint, const char *word)
{
	int number = isdigit((unsigned char)*word) ? atoi(word) : utrace_syscall_number(program_abi(gdb), word);

	if (number < 0)
		return fail(gdb, "Unknown syscall name '%s'.", word);
	add_number(breakpoint, number);
	return true;
}

static bool add_signal(struct gdb *gdb, struct breakpoint *breakpoint, const char *word)
{
	int number = signal_number(word);

	if (strcmp(word, "all") == 0)
		return true;
	if (!number)
		return fail(gdb, "Only signals 1-64 and names such as SIGSEGV can be caught.");
	add_number(breakpoint, number);
	return true;
}

static bool fill(struct gdb *gdb, struct breakpoint *breakpoint, char *text)
{
	char *rest = NULL;

	for (char *word = strtok_r(text, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest)) {
		bool done = true;

		if (strcmp(word, "if") == 0)
			return breakpoint_set_condition(gdb, breakpoint, rest);
		if (breakpoint->kind == KIND_CATCH_SYSCALL)
			done = add_call(gdb, breakpoint, word);
		else if (breakpoint->kind == KIND_CATCH_SIGNAL)
			done = add_signal(gdb, breakpoint, word);
		else
			done = fail(gdb, "Junk at end of arguments.");
		if (!done)
			return false;
	}
	return true;
}

static const char *call_list(struct gdb *gdb, const struct breakpoint *breakpoint, bool numbers)
{
	const char *text = "";

	for (size_t i = 0; i < breakpoint->number_count; i++) {
		const char *name = syscall_name(gdb, program_abi(gdb), breakpoint->numbers[i]);

		if (numbers)
			text = arena_print(&gdb->arena, "%s%s'%s' [%d]", text, i ? " " : "", name,
					   breakpoint->numbers[i]);
		else
			text = arena_print(&gdb->arena, "%s%s%s", text, i ? ", " : "", name);
	}
	return text;
}

static const char *signal_list(struct gdb *gdb, const struct breakpoint *breakpoint)
{
	const char *text = breakpoint->number_count ? "" : "<standard signals>";

	for (size_t i = 0; i < breakpoint->number_count; i++)
		text = arena_print(&gdb->arena, "%s%s%s", text, i ? " " : "", signal_name(gdb, breakpoint->numbers[i]));
	return text;
}

const char *catch_text(struct gdb *gdb, const struct breakpoint *breakpoint)
{
	switch (breakpoint->kind) {
	case KIND_CATCH_SYSCALL:
		if (!breakpoint->number_count)
			return "<any syscall>";
		return arena_print(&gdb->arena, "syscall%s \"%s\" ", breakpoint->number_count > 1 ? "s" : "",
				   call_list(gdb, breakpoint, false));
	case KIND_CATCH_SIGNAL:
		return signal_list(gdb, breakpoint);
	default:
		return breakpoint->spec;
	}
}

static void mention(struct gdb *gdb, const struct breakpoint *breakpoint)
{
	say(gdb, "%s %d (", breakpoint->temporary ? "Temporary catchpoint" : "Catchpoint", breakpoint->number);
	if (breakpoint->kind == KIND_CATCH_SYSCALL && breakpoint->number_count)
		say(gdb, "syscall%s %s)\n", breakpoint->number_count > 1 ? "s" : "", call_list(gdb, breakpoint, true));
	else if (breakpoint->kind == KIND_CATCH_SYSCALL)
		say(gdb, "any syscall)\n");
	else if (breakpoint->kind == KIND_CATCH_SIGNAL && breakpoint->number_count)
		say(gdb, "signal%s %s)\n", breakpoint->number_count > 1 ? "s" : "", signal_list(gdb, breakpoint));
	else if (breakpoint->kind == KIND_CATCH_SIGNAL)
		say(gdb, "standard signals)\n");
	else
		say(gdb, "%s)\n", breakpoint->spec);
}

static bool catch_event(struct gdb *gdb, const char *arguments, bool temporary)
{
	static const struct {
		const char *name;
		enum breakpoint_kind kind;
	} kinds[] = {{"syscall", KIND_CATCH_SYSCALL}, {"fork", KIND_CATCH_FORK},     {"vfork", KIND_CATCH_VFORK},
		     {"exec", KIND_CATCH_EXEC},       {"signal", KIND_CATCH_SIGNAL}, {"load", KIND_CATCH_LOAD}};
	size_t length = strcspn(arguments, " \t");
	struct breakpoint *breakpoint;
	size_t i = 0;

	if (!*arguments)
		return fail(gdb, "Catch requires an event name.");
	while (i < sizeof(kinds) / sizeof(kinds[0]) && strncmp(kinds[i].name, arguments, length) != 0)
		i++;
	if (i == sizeof(kinds) / sizeof(kinds[0]))
		return fail(gdb, "Undefined catch command: \"%s\".  Try \"help catch\".", arguments);
	breakpoint = breakpoint_new(gdb, kinds[i].kind, kinds[i].name);
	breakpoint->temporary = temporary;
	if (!fill(gdb, breakpoint, arena_string(&gdb->arena, arguments + length))) {
		breakpoint_delete(gdb, breakpoint);
		gdb->next_breakpoint--;
		return false;
	}
	mention(gdb, breakpoint);
	return catches_apply(gdb);
}

bool command_catch(struct gdb *gdb, const char *arguments)
{
	return catch_event(gdb, arguments, false);
}

bool command_tcatch(struct gdb *gdb, const char *arguments)
{
	return catch_event(gdb, arguments, true);
}
