/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/threads.c - see threads.h.
 */
#include "threads.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "expr.h"
#include "frames.h"

struct thread_info *thread_info(const utrace_thread *thread)
{
	return utrace_thread_data(thread);
}

struct thread_info *threads_first(struct gdb *gdb)
{
	return gdb->threads;
}

struct thread_info *thread_add(struct gdb *gdb, utrace_thread *thread)
{
	struct thread_info *info = thread_info(thread);
	struct thread_info **last = &gdb->threads;

	if (info)
		return info;
	info = must_alloc(sizeof(*info));
	info->thread = utrace_thread_ref(thread);
	info->number = ++gdb->inferior.next_thread_number;
	info->event = UTRACE_EVENT_INIT;
	while (*last)
		last = &(*last)->next;
	*last = info;
	utrace_thread_set_data(thread, info);
	gdb->inferior.live_threads++;
	return info;
}

static void free_info(struct thread_info *info)
{
	utrace_event_clear(&info->event);
	utrace_thread_set_data(info->thread, NULL);
	utrace_thread_unref(info->thread);
	free(info);
}

void thread_remove(struct gdb *gdb, utrace_thread *thread)
{
	struct thread_info **at = &gdb->threads;
	struct thread_info *info;

	while (*at && (*at)->thread != thread)
		at = &(*at)->next;
	info = *at;
	if (!info)
		return;
	*at = info->next;
	gdb->inferior.live_threads--;
	if (gdb->inferior.thread == thread)
		select_thread(gdb, NULL);
	free_info(info);
}

void threads_clear(struct gdb *gdb)
{
	select_thread(gdb, NULL);
	while (gdb->threads) {
		struct thread_info *info = gdb->threads;

		gdb->threads = info->next;
		free_info(info);
	}
	gdb->inferior.next_thread_number = 0;
	gdb->inferior.live_threads = 0;
}

struct thread_info *thread_by_number(struct gdb *gdb, int number)
{
	struct thread_info *info = gdb->threads;

	while (info && info->number != number)
		info = info->next;
	return info;
}

static const char *thread_name(struct gdb *gdb, utrace_thread *thread)
{
	char name[64];

	if (utrace_thread_name(thread, name, sizeof(name), NULL) < 0)
		return "";
	return arena_string(&gdb->arena, name);
}

const char *thread_label(struct gdb *gdb, utrace_thread *thread)
{
	uint64_t pthread = 0;
	pid_t tid = utrace_thread_tid(thread);

	if (gdb->image && utrace_thread_pthread(gdb->image, thread, &pthread, NULL) == 0 && pthread)
		return arena_print(&gdb->arena, "Thread 0x%llx (LWP %d)", (unsigned long long)pthread, tid);
	if (gdb->inferior.next_thread_number > 1)
		return arena_print(&gdb->arena, "LWP %d", tid);
	return arena_print(&gdb->arena, "process %d", tid);
}

const char *thread_title(struct gdb *gdb, utrace_thread *thread)
{
	const struct thread_info *info = thread_info(thread);

	return arena_print(&gdb->arena, "Thread %d \"%s\"", info ? info->number : 0, thread_name(gdb, thread));
}

const char *thread_subject(struct gdb *gdb, utrace_thread *thread, const char *alone)
{
	return gdb->inferior.next_thread_number > 1 ? thread_title(gdb, thread) : alone;
}

void select_thread(struct gdb *gdb, utrace_thread *thread)
{
	utrace_thread *before = gdb->inferior.thread;

	frames_forget(gdb);
	gdb->inferior.thread = utrace_thread_ref(thread);
	utrace_thread_unref(before);
}

bool need_thread(struct gdb *gdb)
{
	if (!gdb->inferior.process)
		return fail(gdb, "The program is not being run.");
	if (!gdb->inferior.thread)
		return fail(gdb, "No thread selected.");
	return true;
}

struct value *thread_convenience(struct gdb *gdb, const char *name)
{
	const struct thread_info *info = gdb->inferior.thread ? thread_info(gdb->inferior.thread) : NULL;
	uint64_t number;

	if (strcmp(name, "_thread") == 0 || strcmp(name, "_gthread") == 0)
		number = info ? (uint64_t)info->number : 0;
	else if (strcmp(name, "_inferior") == 0)
		number = 1;
	else if (strcmp(name, "_exitcode") == 0 && gdb->inferior.has_exit_code)
		number = (uint64_t)gdb->inferior.exit_code;
	else
		return NULL;
	return gdb->image ? value_integer(gdb, base_type(gdb, "int"), number) : NULL;
}

/* ---- commands ---- */

static void print_selected(struct gdb *gdb)
{
	utrace_thread *thread = gdb->inferior.thread;

	say(gdb, "[Switching to thread %d (%s)]\n", thread_info(thread)->number, thread_label(gdb, thread));
	if (selected_frame(gdb))
		print_frame(gdb, selected_frame(gdb), FRAME_LOCATION | FRAME_SOURCE | FRAME_NUMBER);
}

/* "1 3-5" or "all", as thread_info's numbers. */
static bool is_wanted(const char *list, int number)
{
	const char *at = list;

	while (*at) {
		char *end;
		long first = strtol(at, &end, 10);
		long last = first;

		if (end == at)
			return false;
		if (*end == '-')
			last = strtol(end + 1, &end, 10);
		if (number >= first && number <= last)
			return true;
		at = end + strspn(end, " ,");
	}
	return false;
}

struct apply {
	const char *list; /* NULL: all */
	const char *command;
	bool quiet, silent, carry_on;
};

static bool parse_apply(struct gdb *gdb, const char *arguments, struct apply *apply)
{
	const char *end;

	if (strncmp(arguments, "all", 3) == 0 && (arguments[3] == ' ' || !arguments[3])) {
		arguments += 3;
	} else {
		end = arguments + strspn(arguments, "0123456789-, ");
		apply->list = arena_text(&gdb->arena, arguments, (size_t)(end - arguments));
		arguments = end;
	}
	arguments += strspn(arguments, " ");
	while (*arguments == '-' && arguments[1]) {
		apply->quiet |= arguments[1] == 'q';
		apply->silent |= arguments[1] == 's';
		apply->carry_on |= arguments[1] == 'c' || arguments[1] == 's';
		arguments += strcspn(arguments, " ");
		arguments += strspn(arguments, " ");
	}
	apply->command = arguments;
	if (!*arguments)
		return fail(gdb, "Please specify a command to apply on %s",
			    apply->list ? "the selected threads" : "all threads");
	return true;
}

static const char *target_id(struct gdb *gdb, const struct thread_info *info)
{
	return arena_print(&gdb->arena, "%s \"%s\"", thread_label(gdb, info->thread), thread_name(gdb, info->thread));
}

static bool apply_to(struct gdb *gdb, const struct apply *apply, struct thread_info *info)
{
	select_thread(gdb, info->thread);
	if (!apply->quiet)
		say(gdb, "\nThread %d (%s):\n", info->number, target_id(gdb, info));
	if (command_execute(gdb, apply->command))
		return true;
	if (!apply->carry_on)
		return false;
	if (!apply->silent)
		say(gdb, "%s\n", gdb->error);
	gdb->error = NULL;
	return true;
}

/* From the newest to the oldest, as gdb does. */
static bool apply(struct gdb *gdb, const char *arguments)
{
	struct apply apply = {0};
	utrace_thread *before = utrace_thread_ref(gdb->inferior.thread);
	bool done = true;

	if (!parse_apply(gdb, arguments, &apply)) {
		utrace_thread_unref(before);
		return false;
	}
	for (int number = gdb->inferior.next_thread_number; number > 0 && done && !*gdb->interrupted; number--) {
		struct thread_info *info = thread_by_number(gdb, number);

		if (info && (!apply.list || is_wanted(apply.list, number)))
			done = apply_to(gdb, &apply, info);
	}
	if (before && thread_info(before))
		select_thread(gdb, before);
	utrace_thread_unref(before);
	return done;
}

bool command_thread(struct gdb *gdb, const char *arguments)
{
	struct thread_info *info;
	uint64_t number;

	if (!gdb->inferior.process)
		return *arguments ? fail(gdb, "Invalid thread ID: %s", arguments) : fail(gdb, "No thread selected");
	if (strncmp(arguments, "apply ", 6) == 0)
		return apply(gdb, arguments + 6 + strspn(arguments + 6, " "));
	if (!*arguments) {
		if (!need_thread(gdb))
			return false;
		say(gdb, "[Current thread is %d (%s)]\n", thread_info(gdb->inferior.thread)->number,
		    thread_label(gdb, gdb->inferior.thread));
		return true;
	}
	if (!evaluate_integer(gdb, arguments, &number))
		return false;
	info = thread_by_number(gdb, (int)number);
	if (!info)
		return fail(gdb, "Unknown thread %lld.", (long long)number);
	select_thread(gdb, info->thread);
	print_selected(gdb);
	return true;
}

bool info_threads(struct gdb *gdb, const char *arguments)
{
	utrace_thread *selected = utrace_thread_ref(gdb->inferior.thread);
	size_t frame = gdb->frame;
	size_t width = 9;

	(void)arguments;
	if (!gdb->threads) {
		say(gdb, "No threads.\n");
		return true;
	}
	for (struct thread_info *info = gdb->threads; info; info = info->next) {
		size_t length = strlen(target_id(gdb, info));

		width = length > width ? length : width;
	}
	say(gdb, "  Id   %-*s Frame \n", (int)width, "Target Id");
	for (struct thread_info *info = gdb->threads; info; info = info->next) {
		say(gdb, "%c %-4d %-*s ", info->thread == selected ? '*' : ' ', info->number, (int)width,
		    target_id(gdb, info));
		select_thread(gdb, info->thread);
		if (selected_frame(gdb))
			print_frame(gdb, selected_frame(gdb), FRAME_LOCATION);
		else
			say(gdb, "(running)\n");
	}
	select_thread(gdb, selected);
	gdb->frame = frame;
	utrace_thread_unref(selected);
	return true;
}
