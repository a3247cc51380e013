/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/apply.c - see apply.h.
 */
#include "apply.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "expr.h"
#include "frames.h"
#include "places.h"
#include "threads.h"

struct apply {
	const char *list; /* numbers; NULL: all */
	const char *command;
	bool quiet, silent, carry_on, ascending;
	int64_t count; /* of frames: the innermost, negative the outermost; 0: all, or those of `list` */
};

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

/* Numbers, ranges and $variables, up to a word that is none. */
static const char *take_list(struct gdb *gdb, const char **text)
{
	const char *list = "";

	while (isdigit((unsigned char)**text) || **text == '$' || **text == '*') {
		size_t length = strcspn(*text, " \t");
		const char *word = arena_text(&gdb->arena, *text, length);
		const char *dot = strchr(word, '.');
		uint64_t number;

		if (*word == '$' && evaluate_integer(gdb, word, &number))
			word = arena_print(&gdb->arena, "%llu", (unsigned long long)number);
		list = arena_print(&gdb->arena, "%s%s ", list, dot ? dot + 1 : word);
		*text = skip_blanks(*text + length);
	}
	return list;
}

static void take_flags(const char **text, struct apply *apply)
{
	while (**text == '-' && (*text)[1]) {
		size_t length = strcspn(*text, " \t");
		bool ends = length == 2 && (*text)[1] == '-';

		apply->quiet |= length == 2 && (*text)[1] == 'q';
		apply->silent |= length == 2 && (*text)[1] == 's';
		apply->carry_on |= length == 2 && ((*text)[1] == 'c' || (*text)[1] == 's');
		apply->ascending |= length > 2 && strncmp(*text, "-ascending", length) == 0;
		*text = skip_blanks(*text + length);
		if (ends)
			return;
	}
}

/* The header stands above what was printed; with -s it stays away where the command failed or printed nothing. */
static bool run_one(struct gdb *gdb, const struct apply *apply, const char *header)
{
	const char *text;

	if (!apply->silent && !apply->carry_on) {
		say(gdb, "%s", apply->quiet ? "" : header);
		return command_execute(gdb, apply->command);
	}
	text = command_capture(gdb, apply->command);
	if (gdb->error && !apply->silent)
		say(gdb, "%s%s%s\n", apply->quiet ? "" : header, text ? text : "", gdb->error);
	else if (!gdb->error && text && (*text || !apply->silent))
		say(gdb, "%s%s", apply->quiet ? "" : header, text);
	gdb->error = NULL;
	return true;
}

/* ---- threads ---- */

static bool parse_threads(struct gdb *gdb, const char *text, struct apply *apply)
{
	if (strncmp(text, "all", 3) == 0 && (isspace((unsigned char)text[3]) || !text[3]))
		text = skip_blanks(text + 3);
	else
		apply->list = take_list(gdb, &text);
	take_flags(&text, apply);
	apply->command = text;
	if (apply->list && !*apply->list)
		return fail(gdb, *text ? "Invalid thread ID: %s" : "Please specify a thread ID list", text);
	if (!*text)
		return fail(gdb, apply->list ? "Please specify a command following the thread ID list"
					     : "Please specify a command at the end of 'thread apply all'");
	return true;
}

static bool apply_to_thread(struct gdb *gdb, const struct apply *apply, struct thread_info *info)
{
	select_thread(gdb, info->thread);
	return run_one(gdb, apply,
		       arena_print(&gdb->arena, "\nThread %s (%s):\n", thread_id(gdb, info), thread_target(gdb, info)));
}

static bool apply_to_threads(struct gdb *gdb, const struct apply *apply)
{
	int last = gdb->inferior.next_thread_number;
	bool done = true;

	/* From the newest to the oldest, as gdb does; numbers that were given, in their order. */
	for (int i = 0; i < last && done && !*gdb->interrupted; i++) {
		int number = apply->ascending || apply->list ? i + 1 : last - i;
		struct thread_info *info = thread_by_number(gdb, number);

		if (info && (!apply->list || number_is_listed(apply->list, number)))
			done = apply_to_thread(gdb, apply, info);
	}
	return done;
}

bool thread_apply(struct gdb *gdb, const char *arguments)
{
	struct apply apply = {0};
	utrace_thread *before;
	size_t frame = gdb->frame;
	bool done;

	if (!parse_threads(gdb, arguments, &apply))
		return false;
	before = utrace_thread_ref(gdb->inferior.thread);
	done = apply_to_threads(gdb, &apply);
	if (before && thread_info(before)) {
		select_thread(gdb, before);
		gdb->frame = frame;
	}
	utrace_thread_unref(before);
	return done;
}

bool command_taas(struct gdb *gdb, const char *arguments)
{
	if (!*arguments)
		return fail(gdb, "Please specify a command to apply on all threads");
	return thread_apply(gdb, arena_print(&gdb->arena, "all -s %s", arguments));
}

bool command_tfaas(struct gdb *gdb, const char *arguments)
{
	if (!*arguments)
		return fail(gdb, "Please specify a command to apply on all frames of all threads");
	return thread_apply(gdb, arena_print(&gdb->arena, "all -s -- frame apply all -s %s", arguments));
}

/* ---- frames ---- */

static bool parse_frames(struct gdb *gdb, const char *text, struct apply *apply)
{
	char *end;

	if (strncmp(text, "all", 3) == 0 && (isspace((unsigned char)text[3]) || !text[3])) {
		text = skip_blanks(text + 3);
	} else if (strncmp(text, "level ", 6) == 0) {
		text = skip_blanks(text + 6);
		apply->list = take_list(gdb, &text);
	} else if (isdigit((unsigned char)*text) || (*text == '-' && isdigit((unsigned char)text[1]))) {
		apply->count = strtol(text, &end, 10);
		text = skip_blanks(end);
	} else {
		return fail(gdb, *text ? "Invalid COUNT argument." : "Missing COUNT argument.");
	}
	take_flags(&text, apply);
	apply->command = text;
	return *text ? true : fail(gdb, "Please specify a command to apply on the selected frames");
}

static const char *frame_header(struct gdb *gdb, utrace_frame *frame)
{
	FILE *before = gdb->out;
	char *text = NULL;
	size_t size = 0;
	const char *kept;

	gdb->out = open_memstream(&text, &size);
	if (gdb->out)
		print_frame(gdb, frame, FRAME_LOCATION | FRAME_NUMBER);
	if (gdb->out)
		(void)fclose(gdb->out);
	gdb->out = before;
	kept = arena_text(&gdb->arena, text ? text : "", size);
	free(text);
	return kept;
}

static bool frame_is_wanted(const struct apply *apply, size_t number, size_t depth)
{
	if (apply->list)
		return number_is_listed(apply->list, (int)number);
	if (apply->count > 0)
		return number < (size_t)apply->count;
	return apply->count == 0 || depth - number <= (size_t)-apply->count;
}

bool frame_apply(struct gdb *gdb, const char *arguments)
{
	struct apply apply = {0};
	size_t before = gdb->frame;
	size_t depth = 0;
	bool done = true;

	if (!need_frame(gdb) || !parse_frames(gdb, arguments, &apply))
		return false;
	while (apply.count < 0 && stack_frame(gdb, depth))
		depth++;
	for (size_t number = 0; done && !*gdb->interrupted; number++) {
		utrace_frame *frame = stack_frame(gdb, number);

		if (!frame)
			break;
		if (!frame_is_wanted(&apply, number, depth))
			continue;
		gdb->frame = number;
		done = run_one(gdb, &apply, frame_header(gdb, frame));
	}
	gdb->frame = before;
	return done;
}

bool command_faas(struct gdb *gdb, const char *arguments)
{
	if (!*arguments)
		return fail(gdb, "Please specify a command to apply on all frames");
	return frame_apply(gdb, arena_print(&gdb->arena, "all -s %s", arguments));
}
