/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/breaks.c - breakpoints: setting them, and keeping them where they belong.
 */
#include "breaks.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "frames.h"
#include "run.h"
#include "script.h"
#include "source.h"
#include "threads.h"

/* ---- the list ---- */

struct breakpoint *breakpoint_new(struct gdb *gdb, enum breakpoint_kind kind, const char *spec)
{
	struct breakpoint *breakpoint = must_alloc(sizeof(*breakpoint));
	struct breakpoint **last = &gdb->breakpoints;

	breakpoint->kind = kind;
	breakpoint->spec = must_copy(spec);
	breakpoint->number = ++gdb->next_breakpoint;
	while (*last)
		last = &(*last)->next;
	*last = breakpoint;
	return breakpoint;
}

struct breakpoint *breakpoint_by_number(struct gdb *gdb, int number)
{
	struct breakpoint *breakpoint = gdb->breakpoints;

	while (breakpoint && breakpoint->number != number)
		breakpoint = breakpoint->next;
	return breakpoint;
}

void location_remove(struct gdb *gdb, struct location *location)
{
	(void)gdb;
	if (!location->handle)
		return;
	(void)utrace_breakpoint_remove(location->handle, NULL);
	utrace_breakpoint_unref(location->handle);
	location->handle = NULL;
}

static void free_locations(struct gdb *gdb, struct location *location)
{
	while (location) {
		struct location *next = location->next;

		location_remove(gdb, location);
		free(location);
		location = next;
	}
}

void breakpoint_delete(struct gdb *gdb, struct breakpoint *breakpoint)
{
	struct breakpoint **at = &gdb->breakpoints;

	while (*at != breakpoint)
		at = &(*at)->next;
	*at = breakpoint->next;
	free_locations(gdb, breakpoint->locations);
	free_locations(gdb, breakpoint->scope);
	body_free(breakpoint->commands);
	arena_clear(&breakpoint->arena);
	free(breakpoint->numbers);
	free(breakpoint->pattern);
	free(breakpoint->condition);
	free(breakpoint->spec);
	free(breakpoint);
	(void)catches_apply(gdb);
}

/* ---- conditions ---- */

/* A condition may be asked a million times within one command: its values go when it has been answered. */
bool condition_holds(struct gdb *gdb, struct breakpoint *breakpoint, utrace_thread *thread)
{
	struct arena outer = gdb->arena;
	utrace_thread *selected = utrace_thread_ref(gdb->inferior.thread);
	size_t frame = gdb->frame;
	struct value *value;
	bool truth = true;

	if (!breakpoint->condition_expr) {
		utrace_thread_unref(selected);
		return true;
	}
	gdb->arena = (struct arena){0};
	select_thread(gdb, thread);
	value = evaluate(gdb, breakpoint->condition_expr);
	if (!value || !value_is_true(gdb, value, &truth)) {
		say(gdb, "Error in testing condition for breakpoint %d:\n%s\n", breakpoint->number, gdb->error);
		gdb->error = NULL;
		truth = true;
	}
	arena_clear(&gdb->arena);
	gdb->arena = outer;
	select_thread(gdb, selected);
	gdb->frame = frame;
	utrace_thread_unref(selected);
	return truth;
}

/* Every decision about a hit is made here, beside the stop: what does not count never becomes an event. */
static int on_hit(utrace_breakpoint *handle, utrace_thread *thread, void *data)
{
	const struct location *location = data;
	const struct thread_info *info = thread_info(thread);
	struct breakpoint *owner = location->owner;

	(void)handle;
	if (owner->thread && (!info || info->number != owner->thread))
		return 0;
	if (!condition_holds(location->gdb, owner, thread))
		return 0;
	owner->hits++;
	if (!owner->ignore)
		return 1;
	owner->ignore--;
	return 0;
}

bool breakpoint_set_condition(struct gdb *gdb, struct breakpoint *breakpoint, const char *text)
{
	struct expr *expr = NULL;

	text += strspn(text, " \t");
	if (*text) {
		expr = parse_expression(gdb, text);
		if (!expr)
			return false;
	}
	free(breakpoint->condition);
	breakpoint->condition = *text ? must_copy(text) : NULL;
	breakpoint->condition_expr = expr_keep(&breakpoint->arena, expr);
	return true;
}

/* ---- locations ---- */

bool location_insert(struct gdb *gdb, struct location *location, const struct utrace_breakpoint_options *options)
{
	struct utrace_error error;

	if (utrace_breakpoint_insert(gdb->inferior.process, options, &location->handle, &error) == 0)
		return true;
	location->handle = NULL;
	if (error.status == UTRACE_FAULT)
		return fail(gdb, "Cannot insert breakpoint %d.\nCannot access memory at address 0x%llx",
			    location->owner ? location->owner->number : 0, (unsigned long long)location->address);
	return fail_with(gdb, &error);
}

static bool insert_break(struct gdb *gdb, struct breakpoint *breakpoint, struct location *location)
{
	struct utrace_breakpoint_options options = {
		.size = sizeof(options),
		.address = location->address,
		.kind = breakpoint->kind == KIND_HARDWARE ? UTRACE_BREAKPOINT_HARDWARE : UTRACE_BREAKPOINT_SOFTWARE,
		.not_inherited = 1,
		.disabled = breakpoint->disabled || location->disabled,
		.condition = on_hit,
		.data = location,
	};

	return location_insert(gdb, location, &options);
}

static struct location *location_at(struct location *list, uint64_t address)
{
	while (list && list->address != address)
		list = list->next;
	return list;
}

static struct location *new_location(struct gdb *gdb, struct breakpoint *owner, const struct utrace_location *place)
{
	struct location *location = must_alloc(sizeof(*location));

	location->gdb = gdb;
	location->owner = owner;
	location->address = place->address;
	location->function = place->function ? arena_string(&gdb->kept, place->function) : NULL;
	location->file = place->file ? arena_string(&gdb->kept, place->file) : NULL;
	location->line = place->line;
	return location;
}

/* Takes over what is where it was, so that a trap that stays is not touched. */
static void replace_locations(struct gdb *gdb, struct breakpoint *breakpoint, const struct places *places)
{
	struct location *old = breakpoint->locations;
	struct location **last = &breakpoint->locations;

	breakpoint->locations = NULL;
	for (size_t i = 0; i < places->count; i++) {
		struct location *before = location_at(old, places->list[i].address);

		*last = new_location(gdb, breakpoint, &places->list[i]);
		if (before) {
			(*last)->disabled = before->disabled;
			location_remove(gdb, before);
		}
		last = &(*last)->next;
	}
	free_locations(gdb, old);
}

static bool same_places(const struct breakpoint *breakpoint, const struct places *places)
{
	const struct location *location = breakpoint->locations;
	size_t i = 0;

	for (; location && i < places->count; location = location->next)
		if (location->address != places->list[i++].address)
			return false;
	return !location && i == places->count;
}

static void resolve_again(struct gdb *gdb, struct breakpoint *breakpoint)
{
	const char *spec = breakpoint->spec;
	struct places places;
	bool not_found;

	if (*spec != '*' && places_find(gdb, &spec, &places, &not_found) && !same_places(breakpoint, &places)) {
		replace_locations(gdb, breakpoint, &places);
		breakpoint->pending = false;
	}
	gdb->error = NULL;
	if (!is_live(gdb))
		return;
	for (struct location *location = breakpoint->locations; location; location = location->next)
		if (!location->handle && !insert_break(gdb, breakpoint, location)) {
			say(gdb, "Warning:\n%s\n", gdb->error);
			gdb->error = NULL;
		}
}

bool is_break(const struct breakpoint *breakpoint)
{
	return breakpoint->kind == KIND_BREAK || breakpoint->kind == KIND_HARDWARE ||
	       breakpoint->kind >= KIND_CATCH_THROW;
}

void breakpoints_set_again(struct gdb *gdb)
{
	for (struct breakpoint *breakpoint = gdb->breakpoints; breakpoint; breakpoint = breakpoint->next) {
		if (is_break(breakpoint))
			resolve_again(gdb, breakpoint);
		else if (breakpoint->kind <= KIND_ACCESS_WATCH && is_live(gdb) && !breakpoint->locations &&
			 !breakpoint->disabled)
			(void)watch_insert(gdb, breakpoint);
		gdb->error = NULL;
	}
	(void)catches_apply(gdb);
}

void breakpoints_forget(struct gdb *gdb)
{
	for (struct breakpoint *breakpoint = gdb->breakpoints; breakpoint; breakpoint = breakpoint->next) {
		for (struct location *location = breakpoint->locations; location; location = location->next)
			location_remove(gdb, location);
		if (!is_break(breakpoint)) {
			free_locations(gdb, breakpoint->locations);
			breakpoint->locations = NULL;
		}
		free_locations(gdb, breakpoint->scope);
		breakpoint->scope = NULL;
	}
}

/* ---- break and its sisters ---- */

static const char *noun(const struct breakpoint *breakpoint)
{
	if (breakpoint->kind == KIND_HARDWARE)
		return "Hardware assisted breakpoint";
	return breakpoint->temporary ? "Temporary breakpoint" : "Breakpoint";
}

void print_breakpoint_mention(struct gdb *gdb, const struct breakpoint *breakpoint)
{
	const struct location *location = breakpoint->locations;
	size_t count = 0;

	for (const struct location *one = location; one; one = one->next)
		count++;
	if (breakpoint->pending) {
		say(gdb, "%s %d (%s) pending.\n", noun(breakpoint), breakpoint->number, breakpoint->spec);
		return;
	}
	say(gdb, "%s %d at 0x%llx", noun(breakpoint), breakpoint->number, (unsigned long long)location->address);
	if (count > 1)
		say(gdb, ": %s. (%zu locations)", breakpoint->spec, count);
	else if (location->file)
		say(gdb, ": file %s, line %u.", location->file, location->line);
	say(gdb, "\n");
}

struct break_request {
	const char *spec;
	const char *condition;
	int thread;
};

static const char *keyword(const char *text, const char *word)
{
	size_t length = strlen(word);

	text += strspn(text, " \t");
	if (strncmp(text, word, length) != 0 || (isalnum((unsigned char)text[length]) || text[length] == '_'))
		return NULL;
	return text + length + strspn(text + length, " \t");
}

static bool parse_tail(struct gdb *gdb, const char *text, struct break_request *request)
{
	const char *rest;

	while (text[strspn(text, " \t")]) {
		rest = keyword(text, "if");
		if (rest) {
			request->condition = rest;
			return true;
		}
		rest = keyword(text, "thread");
		if (!rest)
			return fail(gdb, "Junk at end of arguments.");
		request->thread = (int)strtol(rest, (char **)&text, 10);
		if (text == rest || !thread_by_number(gdb, request->thread))
			return fail(gdb, "Unknown thread %s.", rest);
	}
	return true;
}

static const char *spec_text(struct gdb *gdb, const char *start, const char *end)
{
	while (end > start && isspace((unsigned char)end[-1]))
		end--;
	return arena_text(&gdb->arena, start, (size_t)(end - start));
}

/* A name without a place yet may come with a library. */
static bool wants_pending(struct gdb *gdb)
{
	if (gdb->settings.pending == 1)
		return true;
	if (gdb->settings.pending == 2 && gdb->settings.confirm) {
		say(gdb, "%s\nMake breakpoint pending on future shared library load? (y or [n]) ", gdb->error);
		if (!gdb->interactive)
			say(gdb, "[answered N; input not from terminal]\n");
		else if (answered_yes(gdb, "")) {
			gdb->error = NULL;
			return true;
		}
		gdb->error = arena_string(&gdb->arena, "");
	}
	return false;
}

/* "12", "+1" and "" mean another place later: keeps them as the place that they are now. */
static const char *lasting_spec(struct gdb *gdb, const char *spec, const struct places *places)
{
	bool relative = !*spec || *spec == '+' || *spec == '-' || isdigit((unsigned char)*spec);

	if (!relative || !places->count)
		return spec;
	if (!places->list[0].file || !*spec)
		return arena_print(&gdb->arena, "*0x%llx", (unsigned long long)places->list[0].address);
	return arena_print(&gdb->arena, "%s:%u", places->list[0].file,
			   isdigit((unsigned char)*spec) ? (unsigned int)strtoul(spec, NULL, 10)
							 : places->list[0].line);
}

/* "Note: breakpoints 1, 2 and 3 also set at pc 0x1234." */
static void note_others(struct gdb *gdb, const struct breakpoint *breakpoint)
{
	const struct breakpoint *same[64];
	size_t count = 0;

	for (const struct location *location = breakpoint->locations; location; location = location->next) {
		count = 0;
		for (const struct breakpoint *one = gdb->breakpoints; one && count < 64; one = one->next)
			if (one != breakpoint && one->kind <= KIND_HARDWARE &&
			    location_at(one->locations, location->address))
				same[count++] = one;
		for (size_t i = 0; i < count; i++)
			say(gdb, "%s%d%s",
			    i == 0          ? count > 1 ? "Note: breakpoints " : "Note: breakpoint "
			    : i + 1 < count ? ", "
					    : " and ",
			    same[i]->number, same[i]->disabled ? " (disabled)" : "");
		if (count)
			say(gdb, " also set at pc 0x%llx.\n", (unsigned long long)location->address);
	}
}

bool set_break(struct gdb *gdb, const char *arguments, enum breakpoint_kind kind, bool temporary)
{
	const char *end = arguments;
	struct break_request request = {0};
	struct breakpoint *breakpoint;
	struct places places;
	bool not_found;
	bool pending = false;

	if (!places_find(gdb, &end, &places, &not_found)) {
		if (!not_found || !wants_pending(gdb))
			return false;
		pending = true;
	}
	gdb->error = NULL;
	if (!parse_tail(gdb, end, &request))
		return false;
	breakpoint = breakpoint_new(gdb, kind, lasting_spec(gdb, spec_text(gdb, arguments, end), &places));
	breakpoint->temporary = temporary;
	breakpoint->pending = pending;
	breakpoint->thread = request.thread;
	replace_locations(gdb, breakpoint, &places);
	if (request.condition && !breakpoint_set_condition(gdb, breakpoint, request.condition)) {
		breakpoint_delete(gdb, breakpoint);
		gdb->next_breakpoint--;
		return false;
	}
	if (is_talkative(gdb))
		note_others(gdb, breakpoint);
	print_breakpoint_mention(gdb, breakpoint);
	if (is_live(gdb))
		resolve_again(gdb, breakpoint);
	return true;
}

bool command_break(struct gdb *gdb, const char *arguments)
{
	return set_break(gdb, arguments, KIND_BREAK, false);
}

bool command_tbreak(struct gdb *gdb, const char *arguments)
{
	return set_break(gdb, arguments, KIND_BREAK, true);
}

bool command_hbreak(struct gdb *gdb, const char *arguments)
{
	return set_break(gdb, arguments, KIND_HARDWARE, false);
}

bool command_thbreak(struct gdb *gdb, const char *arguments)
{
	return set_break(gdb, arguments, KIND_HARDWARE, true);
}
