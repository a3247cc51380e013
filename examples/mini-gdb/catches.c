/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/catches.c - catchpoints: events that are asked for by name.
 *
 * System calls cost the program a stop each, so they are told only while somebody waits for them, and only those.
 */
#include <ctype.h>
#include <regex.h>
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

	if (!is_live(gdb))
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

/* "group:network", "g:network". */
static bool add_group(struct gdb *gdb, struct breakpoint *breakpoint, const char *name)
{
	static const struct {
		const char *name;
		uint32_t class;
	} groups[] = {{"file", UTRACE_CLASS_FILE},       {"descriptor", UTRACE_CLASS_DESC},
		      {"network", UTRACE_CLASS_NETWORK}, {"process", UTRACE_CLASS_PROCESS},
		      {"signal", UTRACE_CLASS_SIGNAL},   {"ipc", UTRACE_CLASS_IPC},
		      {"memory", UTRACE_CLASS_MEMORY}};
	uint32_t abi = program_abi(gdb);
	uint32_t class = 0;

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (strcmp(groups[i].name, name) == 0)
			class = groups[i].class;
	for (int number = 0; class && number < utrace_syscall_limit(abi); number++) {
		const struct utrace_syscall_info *info = utrace_syscall_describe(abi, number);

		if (info && (info->classes & class))
			add_number(breakpoint, number);
	}
	return class ? true : fail(gdb, "Unknown syscall group '%s'.", name);
}

static bool add_call(struct gdb *gdb, struct breakpoint *breakpoint, const char *word)
{
	int number = isdigit((unsigned char)*word) ? atoi(word) : utrace_syscall_number(program_abi(gdb), word);

	if (strncmp(word, "group:", 6) == 0 || strncmp(word, "g:", 2) == 0)
		return add_group(gdb, breakpoint, strchr(word, ':') + 1);
	if (number < 0)
		return fail(gdb, "Unknown syscall name '%s'.", word);
	add_number(breakpoint, number);
	return true;
}

static bool add_signal(struct gdb *gdb, struct breakpoint *breakpoint, const char *word)
{
	int number = signal_number(word);

	if (strcmp(word, "all") == 0)
		return breakpoint->all = true;
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
	const char *text = breakpoint->number_count ? "" : breakpoint->all ? "<any signal>" : "<standard signals>";

	for (size_t i = 0; i < breakpoint->number_count; i++)
		text = arena_print(&gdb->arena, "%s%s%s", text, i ? " " : "", signal_name(gdb, breakpoint->numbers[i]));
	return text;
}

/* What `catch` calls it. */
static const char *name_of(const struct breakpoint *breakpoint)
{
	static const char *const names[] = {
		[KIND_CATCH_FORK] = "fork",     [KIND_CATCH_VFORK] = "vfork",     [KIND_CATCH_EXEC] = "exec",
		[KIND_CATCH_LOAD] = "load",     [KIND_CATCH_UNLOAD] = "unload",   [KIND_CATCH_THROW] = "throw",
		[KIND_CATCH_CATCH] = "catch",   [KIND_CATCH_RETHROW] = "rethrow", [KIND_CATCH_SYSCALL] = "syscall",
		[KIND_CATCH_SIGNAL] = "signal",
	};

	return names[breakpoint->kind];
}

/* The runtime library's functions that exceptions go through (Itanium C++ ABI: Exception Handling, 2.4 and 2.5). */
static const char *spec_of(enum breakpoint_kind kind)
{
	if (kind == KIND_CATCH_THROW)
		return "__cxa_throw";
	if (kind == KIND_CATCH_CATCH)
		return "__cxa_begin_catch";
	if (kind == KIND_CATCH_RETHROW)
		return "__cxa_rethrow";
	return name_of(&(struct breakpoint){.kind = kind});
}

const char *catch_exception_text(const struct breakpoint *breakpoint)
{
	static const char *const texts[] = {"exception thrown", "exception caught", "exception rethrown"};

	return texts[breakpoint->kind - KIND_CATCH_THROW];
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
		if (breakpoint->all)
			return "signal \"<any signal>\" ";
		return signal_list(gdb, breakpoint);
	case KIND_CATCH_LOAD:
	case KIND_CATCH_UNLOAD:
		return arena_print(
			&gdb->arena, "%s of library%s%s", breakpoint->kind == KIND_CATCH_LOAD ? "load" : "unload",
			breakpoint->pattern ? " matching " : "", breakpoint->pattern ? breakpoint->pattern : "");
	default:
		return breakpoint->kind >= KIND_CATCH_THROW
			       ? arena_print(&gdb->arena, "exception %s", name_of(breakpoint))
			       : breakpoint->spec;
	}
}

const char *catch_command_text(struct gdb *gdb, const struct breakpoint *breakpoint)
{
	const char *text = name_of(breakpoint);

	if (breakpoint->pattern)
		return arena_print(&gdb->arena, "%s %s", text, breakpoint->pattern);
	if (breakpoint->all)
		return arena_print(&gdb->arena, "%s all", text);
	for (size_t i = 0; i < breakpoint->number_count; i++)
		text = arena_print(&gdb->arena, "%s %s", text,
				   breakpoint->kind == KIND_CATCH_SIGNAL
					   ? signal_name(gdb, breakpoint->numbers[i])
					   : syscall_name(gdb, program_abi(gdb), breakpoint->numbers[i]));
	return text;
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
		say(gdb, breakpoint->all ? "any signal)\n" : "standard signals)\n");
	else
		say(gdb, "%s)\n", name_of(breakpoint));
}

static bool set_pattern(struct gdb *gdb, struct breakpoint *breakpoint, const char *text)
{
	regex_t pattern;

	if (!*text)
		return true;
	if (regcomp(&pattern, text, REG_NOSUB))
		return fail(gdb, "Invalid regexp: %s", text);
	regfree(&pattern);
	breakpoint->pattern = must_copy(text);
	return true;
}

static bool catch_event(struct gdb *gdb, const char *arguments, enum breakpoint_kind kind, bool temporary)
{
	struct breakpoint *breakpoint = breakpoint_new(gdb, kind, spec_of(kind));
	bool done;

	breakpoint->temporary = temporary;
	breakpoint->pending = kind >= KIND_CATCH_THROW;
	if (kind == KIND_CATCH_LOAD || kind == KIND_CATCH_UNLOAD)
		done = set_pattern(gdb, breakpoint, arguments);
	else
		done = fill(gdb, breakpoint, arena_string(&gdb->arena, arguments));
	if (!done) {
		breakpoint_delete(gdb, breakpoint);
		gdb->next_breakpoint--;
		return false;
	}
	mention(gdb, breakpoint);
	if (kind >= KIND_CATCH_THROW)
		breakpoints_set_again(gdb);
	return catches_apply(gdb);
}

/* ---- libraries ---- */

static const char *matching(struct gdb *gdb, const struct breakpoint *breakpoint, const char *names)
{
	const char *text = "";
	char *rest = NULL;
	regex_t pattern;

	if (breakpoint->pattern && regcomp(&pattern, breakpoint->pattern, REG_NOSUB))
		return "";
	for (char *name = strtok_r(arena_string(&gdb->arena, names), "\n", &rest); name;
	     name = strtok_r(NULL, "\n", &rest))
		if (!breakpoint->pattern || regexec(&pattern, name, 0, NULL, 0) == 0)
			text = arena_print(&gdb->arena, "%s%s%s", text, *text ? "\n    " : "", name);
	if (breakpoint->pattern)
		regfree(&pattern);
	return text;
}

struct breakpoint *catch_libraries(struct gdb *gdb, const char *came, const char *went, const char **text)
{
	for (struct breakpoint *one = gdb->breakpoints; one; one = one->next) {
		bool is_load = one->kind == KIND_CATCH_LOAD;
		const char *names;

		if ((!is_load && one->kind != KIND_CATCH_UNLOAD) || one->disabled)
			continue;
		names = matching(gdb, one, is_load ? came : went);
		if (!*names)
			continue;
		*text = arena_print(&gdb->arena, "  Inferior %s %s", is_load ? "loaded" : "unloaded", names);
		return one;
	}
	return NULL;
}

/* ---- the commands ---- */

bool catch_syscall(struct gdb *gdb, const char *arguments)
{
	return catch_event(gdb, arguments, KIND_CATCH_SYSCALL, false);
}

bool tcatch_syscall(struct gdb *gdb, const char *arguments)
{
	return catch_event(gdb, arguments, KIND_CATCH_SYSCALL, true);
}

bool catch_fork(struct gdb *gdb, const char *arguments)
{
	return catch_event(gdb, arguments, KIND_CATCH_FORK, false);
}

bool tcatch_fork(struct gdb *gdb, const char *arguments)
{
	return catch_event(gdb, arguments, KIND_CATCH_FORK, true);
}

bool catch_vfork(struct gdb *gdb, const char *arguments)
{
	return catch_event(gdb, arguments, KIND_CATCH_VFORK, false);
}

bool tcatch_vfork(struct gdb *gdb, const char *arguments)
{
	return catch_event(gdb, arguments, KIND_CATCH_VFORK, true);
}

bool catch_exec(struct gdb *gdb, const char *arguments)
{
	return catch_event(gdb, arguments, KIND_CATCH_EXEC, false);
}

bool tcatch_exec(struct gdb *gdb, const char *arguments)
{
	return catch_event(gdb, arguments, KIND_CATCH_EXEC, true);
}

bool catch_signal(struct gdb *gdb, const char *arguments)
{
	return catch_event(gdb, arguments, KIND_CATCH_SIGNAL, false);
}

bool tcatch_signal(struct gdb *gdb, const char *arguments)
{
	return catch_event(gdb, arguments, KIND_CATCH_SIGNAL, true);
}

bool catch_load(struct gdb *gdb, const char *arguments)
{
	return catch_event(gdb, arguments, KIND_CATCH_LOAD, false);
}

bool tcatch_load(struct gdb *gdb, const char *arguments)
{
	return catch_event(gdb, arguments, KIND_CATCH_LOAD, true);
}

bool catch_unload(struct gdb *gdb, const char *arguments)
{
	return catch_event(gdb, arguments, KIND_CATCH_UNLOAD, false);
}

bool tcatch_unload(struct gdb *gdb, const char *arguments)
{
	return catch_event(gdb, arguments, KIND_CATCH_UNLOAD, true);
}

bool catch_throw(struct gdb *gdb, const char *arguments)
{
	return catch_event(gdb, arguments, KIND_CATCH_THROW, false);
}

bool tcatch_throw(struct gdb *gdb, const char *arguments)
{
	return catch_event(gdb, arguments, KIND_CATCH_THROW, true);
}

bool catch_catch(struct gdb *gdb, const char *arguments)
{
	return catch_event(gdb, arguments, KIND_CATCH_CATCH, false);
}

bool tcatch_catch(struct gdb *gdb, const char *arguments)
{
	return catch_event(gdb, arguments, KIND_CATCH_CATCH, true);
}

bool catch_rethrow(struct gdb *gdb, const char *arguments)
{
	return catch_event(gdb, arguments, KIND_CATCH_RETHROW, false);
}

bool tcatch_rethrow(struct gdb *gdb, const char *arguments)
{
	return catch_event(gdb, arguments, KIND_CATCH_RETHROW, true);
}
