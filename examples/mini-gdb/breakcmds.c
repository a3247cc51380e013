/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/breakcmds.c - commands on breakpoints that exist, and the table of them.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "breaks.h"
#include "command.h"
#include "cplus.h"
#include "places.h"
#include "print.h"
#include "script.h"
#include "source.h"

/* ---- lists of numbers: "1 3-5 2.1 $bp" ---- */

struct number_range {
	int first, last;
	int location; /* 0: the whole breakpoint */
};

static bool next_range(struct gdb *gdb, const char **text, struct number_range *range)
{
	const char *end;
	const char *word;
	uint64_t number;
	char *stop;

	*text += strspn(*text, " \t,");
	if (!**text)
		return false;
	end = *text + strcspn(*text, " \t,");
	word = arena_text(&gdb->arena, *text, (size_t)(end - *text));
	*text = end;
	*range = (struct number_range){0};
	if (*word == '$' && evaluate_integer(gdb, word, &number)) {
		range->first = range->last = (int)number;
		return true;
	}
	range->first = range->last = (int)strtol(word, &stop, 10);
	if (*stop == '-' && stop != word)
		range->last = (int)strtol(stop + 1, &stop, 10);
	else if (*stop == '.')
		range->location = (int)strtol(stop + 1, &stop, 10);
	if (*stop || stop == word || range->first <= 0)
		return fail(gdb, "Bad breakpoint number '%s'", word);
	return true;
}

typedef bool breakpoint_action(struct gdb *gdb, struct breakpoint *breakpoint, int location, int choice);

static bool for_numbers(struct gdb *gdb, const char *text, breakpoint_action *action, int choice)
{
	struct number_range range;

	while (next_range(gdb, &text, &range)) {
		for (int number = range.first; number <= range.last; number++) {
			struct breakpoint *breakpoint = breakpoint_by_number(gdb, number);

			if (!breakpoint)
				say(gdb, "No breakpoint number %d.\n", number);
			else if (!action(gdb, breakpoint, range.location, choice))
				return false;
		}
	}
	return !gdb->error;
}

static bool for_all(struct gdb *gdb, breakpoint_action *action, int choice)
{
	struct breakpoint *next;

	for (struct breakpoint *breakpoint = gdb->breakpoints; breakpoint; breakpoint = next) {
		next = breakpoint->next;
		if (!action(gdb, breakpoint, 0, choice))
			return false;
	}
	return true;
}

/* ---- enable, disable, delete ---- */

enum able { ABLE_OFF, ABLE_ON, ABLE_ONCE, ABLE_DELETE, ABLE_COUNT };

static bool set_location(struct gdb *gdb, struct location *location, bool enabled)
{
	struct utrace_error error;

	if (location->handle && utrace_breakpoint_set_enabled(location->handle, enabled, &error))
		return fail_with(gdb, &error);
	return true;
}

static bool set_able(struct gdb *gdb, struct breakpoint *breakpoint, int number, int choice)
{
	int at = 0;

	if (!number) {
		breakpoint->disabled = choice == ABLE_OFF;
		breakpoint->disable_after = choice == ABLE_ONCE || choice == ABLE_COUNT;
		breakpoint->enable_count = choice == ABLE_COUNT ? gdb->enable_count : 0;
		breakpoint->temporary = choice == ABLE_DELETE || breakpoint->temporary;
	}
	for (struct location *location = breakpoint->locations; location; location = location->next) {
		at++;
		if (number && number != at)
			continue;
		if (number)
			location->disabled = choice == ABLE_OFF;
		if (!set_location(gdb, location, !breakpoint->disabled && !location->disabled))
			return false;
	}
	if (number > at)
		return fail(gdb, "Bad breakpoint location number '%d'", number);
	return catches_apply(gdb);
}

static bool able(struct gdb *gdb, const char *arguments, int choice)
{
	if (strncmp(arguments, "breakpoints", 11) == 0)
		arguments += 11 + strspn(arguments + 11, " ");
	if (strncmp(arguments, "display", 7) == 0)
		return display_able(gdb, arguments + 7, choice != ABLE_OFF);
	return *arguments ? for_numbers(gdb, arguments, set_able, choice) : for_all(gdb, set_able, choice);
}

bool command_enable(struct gdb *gdb, const char *arguments)
{
	if (strncmp(arguments, "once ", 5) == 0)
		return able(gdb, arguments + 5, ABLE_ONCE);
	if (strncmp(arguments, "delete ", 7) == 0)
		return able(gdb, arguments + 7, ABLE_DELETE);
	if (strncmp(arguments, "count ", 6) == 0) {
		char *rest;

		gdb->enable_count = strtoul(arguments + 6, &rest, 0);
		return able(gdb, rest + strspn(rest, " "), ABLE_COUNT);
	}
	return able(gdb, arguments, ABLE_ON);
}

bool command_disable(struct gdb *gdb, const char *arguments)
{
	return able(gdb, arguments, ABLE_OFF);
}

static bool delete_one(struct gdb *gdb, struct breakpoint *breakpoint, int location, int choice)
{
	(void)location;
	(void)choice;
	breakpoint_delete(gdb, breakpoint);
	return true;
}

bool command_delete(struct gdb *gdb, const char *arguments)
{
	if (strncmp(arguments, "display", 7) == 0)
		return display_delete(gdb, arguments + 7);
	if (strncmp(arguments, "breakpoints", 11) == 0)
		arguments += 11 + strspn(arguments + 11, " ");
	if (*arguments)
		return for_numbers(gdb, arguments, delete_one, 0);
	if (!gdb->batch && gdb->breakpoints && !confirmed(gdb, "Delete all breakpoints? "))
		return true;
	return for_all(gdb, delete_one, 0);
}

bool command_clear(struct gdb *gdb, const char *arguments)
{
	struct places places;
	bool not_found;
	const char *separator = "";
	const char *text;
	int deleted = 0;
	struct breakpoint *next;

	text = arguments;
	if (!places_find(gdb, &arguments, &places, &not_found))
		return false;
	for (struct breakpoint *breakpoint = gdb->breakpoints; breakpoint; breakpoint = next) {
		bool hit = false;

		next = breakpoint->next;
		for (struct location *location = breakpoint->locations; location; location = location->next)
			for (size_t i = 0; i < places.count; i++)
				hit |= location->address == places.list[i].address ||
				       (location->file && places.list[i].file &&
					location->line == places.list[i].line &&
					strcmp(location->file, places.list[i].file) == 0);
		if (!hit || !is_break(breakpoint))
			continue;
		say(gdb, "%s%d", deleted++ ? separator : "Deleted breakpoint ", breakpoint->number);
		separator = " ";
		breakpoint_delete(gdb, breakpoint);
	}
	if (!deleted)
		return *text ? fail(gdb, "No breakpoint at %s.", text) : fail(gdb, "No breakpoint at this line.");
	say(gdb, " \n");
	return true;
}

/* ---- condition, ignore, commands ---- */

static struct breakpoint *take_breakpoint(struct gdb *gdb, const char **text)
{
	struct number_range range;
	struct breakpoint *breakpoint;

	if (!**text) {
		(void)fail(gdb, "Argument required (a breakpoint number).");
		return NULL;
	}
	if (!next_range(gdb, text, &range))
		return NULL;
	breakpoint = breakpoint_by_number(gdb, range.first);
	if (!breakpoint)
		(void)fail(gdb, "No breakpoint number %d.", range.first);
	return breakpoint;
}

bool command_condition(struct gdb *gdb, const char *arguments)
{
	struct breakpoint *breakpoint = take_breakpoint(gdb, &arguments);

	if (!breakpoint || !breakpoint_set_condition(gdb, breakpoint, arguments))
		return false;
	if (!breakpoint->condition)
		say(gdb, "Breakpoint %d now unconditional.\n", breakpoint->number);
	return true;
}

bool command_ignore(struct gdb *gdb, const char *arguments)
{
	struct breakpoint *breakpoint = take_breakpoint(gdb, &arguments);
	uint64_t count;

	if (!breakpoint)
		return false;
	if (!arguments[strspn(arguments, " ")])
		return fail(gdb, "Second argument (specified ignore-count) is missing.");
	if (!evaluate_integer(gdb, arguments, &count))
		return false;
	breakpoint->ignore = (int64_t)count > 0 ? count : 0;
	if (!breakpoint->ignore)
		say(gdb, "Will stop next time breakpoint %d is reached.", breakpoint->number);
	else
		say(gdb, "Will ignore next %lu crossing%s of breakpoint %d.", breakpoint->ignore,
		    breakpoint->ignore == 1 ? "" : "s", breakpoint->number);
	say(gdb, "\n");
	return true;
}

static bool give_commands(struct gdb *gdb, struct breakpoint *breakpoint, int location, int choice)
{
	(void)location;
	(void)choice;
	body_free(breakpoint->commands);
	breakpoint->commands = body_copy(gdb->body_to_give);
	return true;
}

bool command_commands(struct gdb *gdb, const char *arguments)
{
	const char *numbers = *arguments ? arguments : arena_print(&gdb->arena, "%d", gdb->next_breakpoint);
	struct body *body;
	bool done;

	if (!*arguments && !breakpoint_by_number(gdb, gdb->next_breakpoint))
		return fail(gdb, "No breakpoints specified.");
	if (gdb->interactive)
		say(gdb,
		    "Type commands for breakpoint(s) %s, one per line.\n"
		    "End with a line saying just \"end\".\n",
		    numbers);
	if (!script_read_body(gdb, &body))
		return false;
	gdb->body_to_give = body;
	done = for_numbers(gdb, numbers, give_commands, 0);
	gdb->body_to_give = NULL;
	body_free(body);
	return done;
}

/* ---- info breakpoints ---- */

static const char *type_name(const struct breakpoint *breakpoint)
{
	switch (breakpoint->kind) {
	case KIND_BREAK:
		return "breakpoint";
	case KIND_HARDWARE:
		return "hw breakpoint";
	case KIND_WATCH:
		return "hw watchpoint";
	case KIND_READ_WATCH:
		return "read watchpoint";
	case KIND_ACCESS_WATCH:
		return "acc watchpoint";
	default:
		return "catchpoint";
	}
}

/* C++ functions of one name differ in their arguments. */
static const char *function_with_arguments(struct gdb *gdb, const struct location *location)
{
	struct utrace_symbol symbol = {.size = sizeof(symbol)};
	const char *name = location->function ? location->function : "??";
	const char *signature = function_signature(gdb, name);

	if (!signature && gdb->image && utrace_symbol_at(gdb->image, location->address, &symbol, NULL) == 0 &&
	    strstr(symbol.name, name))
		signature = function_signature(gdb, symbol.name);
	return signature ? signature : name;
}

static void print_where(struct gdb *gdb, const struct location *location)
{
	if (location->file)
		say(gdb, "in %s at %s:%u\n", function_with_arguments(gdb, location), location->file, location->line);
	else {
		print_symbol(gdb, location->address);
		say(gdb, "\n");
	}
}

static void print_address(struct gdb *gdb, uint64_t address)
{
	say(gdb, "0x%0*llx ", (int)pointer_size(gdb) * 2, (unsigned long long)address);
}

static void print_locations(struct gdb *gdb, const struct breakpoint *breakpoint)
{
	int number = 0;

	for (const struct location *location = breakpoint->locations; location; location = location->next) {
		say(gdb, "%d.%-27d%-4s", breakpoint->number, ++number, location->disabled ? "n" : "y");
		print_address(gdb, location->address);
		print_where(gdb, location);
	}
}

/* As wide as the widest address there is. */
static int address_width(struct gdb *gdb)
{
	for (const struct breakpoint *one = gdb->breakpoints; one; one = one->next)
		if (one->locations && one->kind <= KIND_HARDWARE && pointer_size(gdb) == 8)
			return 18;
	return 10;
}

static void print_what(struct gdb *gdb, const struct breakpoint *breakpoint)
{
	if (breakpoint->kind > KIND_HARDWARE)
		say(gdb, "%-*s %s\n", address_width(gdb), "",
		    breakpoint->kind <= KIND_ACCESS_WATCH ? breakpoint->spec : catch_text(gdb, breakpoint));
	else if (!breakpoint->locations)
		say(gdb, "%-*s %s\n", address_width(gdb), "<PENDING>", breakpoint->spec);
	else if (breakpoint->locations->next)
		say(gdb, "%-*s \n", address_width(gdb), "<MULTIPLE>");
	else {
		print_address(gdb, breakpoint->locations->address);
		print_where(gdb, breakpoint->locations);
	}
}

static void print_details(struct gdb *gdb, const struct breakpoint *breakpoint)
{
	if (breakpoint->condition)
		say(gdb, "\tstop only if %s\n", breakpoint->condition);
	if (breakpoint->thread)
		say(gdb, "\tstop only in thread %d\n", breakpoint->thread);
	if (breakpoint->hits)
		say(gdb, "\t%s already hit %lu time%s\n",
		    breakpoint->kind >= KIND_CATCH_SYSCALL ? "catchpoint" : "breakpoint", breakpoint->hits,
		    breakpoint->hits == 1 ? "" : "s");
	if (breakpoint->ignore)
		say(gdb, "\tignore next %lu hits\n", breakpoint->ignore);
	for (const struct body *body = breakpoint->commands; body; body = body->next)
		say(gdb, "        %s\n", body->line);
}

/* As wide as the widest kind there is. */
static int type_width(const struct gdb *gdb)
{
	for (const struct breakpoint *one = gdb->breakpoints; one; one = one->next)
		if (one->kind == KIND_READ_WATCH)
			return 15;
	return 14;
}

static bool list_breakpoints(struct gdb *gdb, const char *arguments, bool only_watches)
{
	bool any = false;

	for (struct breakpoint *breakpoint = gdb->breakpoints; breakpoint; breakpoint = breakpoint->next) {
		if (*arguments && !number_is_listed(arguments, breakpoint->number))
			continue;
		if (only_watches && (breakpoint->kind < KIND_WATCH || breakpoint->kind > KIND_ACCESS_WATCH))
			continue;
		if (!any)
			say(gdb, "Num     %-*s Disp Enb %-*s What\n", type_width(gdb), "Type", address_width(gdb),
			    "Address");
		any = true;
		say(gdb, "%-7d %-*s %-4s %-3s ", breakpoint->number, type_width(gdb), type_name(breakpoint),
		    breakpoint->temporary       ? "del"
		    : breakpoint->disable_after ? "dis"
						: "keep",
		    breakpoint->disabled ? "n" : "y");
		print_what(gdb, breakpoint);
		print_details(gdb, breakpoint);
		if (breakpoint->locations && breakpoint->locations->next)
			print_locations(gdb, breakpoint);
	}
	return any;
}

bool info_breakpoints(struct gdb *gdb, const char *arguments)
{
	if (!list_breakpoints(gdb, arguments, false))
		say(gdb,
		    *arguments ? "No breakpoint or watchpoint matching '%s'.\n" : "No breakpoints or watchpoints.\n",
		    arguments);
	return true;
}

bool info_watchpoints(struct gdb *gdb, const char *arguments)
{
	if (!list_breakpoints(gdb, arguments, true))
		say(gdb, *arguments ? "No watchpoint matching '%s'.\n" : "No watchpoints.\n", arguments);
	return true;
}

/* ---- save ---- */

static const char *setting_command(const struct breakpoint *breakpoint)
{
	switch (breakpoint->kind) {
	case KIND_BREAK:
		return breakpoint->temporary ? "tbreak" : "break";
	case KIND_HARDWARE:
		return breakpoint->temporary ? "thbreak" : "hbreak";
	case KIND_WATCH:
		return "watch";
	case KIND_READ_WATCH:
		return "rwatch";
	case KIND_ACCESS_WATCH:
		return "awatch";
	default:
		return breakpoint->temporary ? "tcatch" : "catch";
	}
}

static void save_one(struct gdb *gdb, FILE *stream, const struct breakpoint *breakpoint)
{
	bool is_catch = breakpoint->kind > KIND_ACCESS_WATCH;

	(void)fprintf(stream, "%s %s\n", setting_command(breakpoint),
		      is_catch ? catch_command_text(gdb, breakpoint) : breakpoint->spec);
	if (breakpoint->condition)
		(void)fprintf(stream, "  condition $bpnum %s\n", breakpoint->condition);
	if (breakpoint->ignore)
		(void)fprintf(stream, "  ignore $bpnum %lu\n", breakpoint->ignore);
	if (breakpoint->commands)
		(void)fprintf(stream, "  commands\n");
	for (const struct body *line = breakpoint->commands; line; line = line->next)
		(void)fprintf(stream, "    %s\n", line->line);
	if (breakpoint->commands)
		(void)fprintf(stream, "  end\n");
	if (breakpoint->disabled)
		(void)fprintf(stream, "disable $bpnum\n");
}

bool save_breakpoints(struct gdb *gdb, const char *arguments)
{
	FILE *stream;

	if (!*arguments)
		return fail(gdb, "Argument required (file name in which to save)");
	if (!gdb->breakpoints) {
		say(gdb, "Nothing to save.\n");
		return true;
	}
	stream = fopen(arguments, "we");
	if (!stream)
		return fail(gdb, "Unable to open file '%s' for saving (%s)", arguments, strerror(errno));
	for (const struct breakpoint *one = gdb->breakpoints; one; one = one->next)
		save_one(gdb, stream, one);
	if (fclose(stream))
		return fail(gdb, "Writing '%s' failed (%s)", arguments, strerror(errno));
	if (is_talkative(gdb))
		say(gdb, "Saved to file '%s'.\n", arguments);
	return true;
}
