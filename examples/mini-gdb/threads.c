/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/threads.c - see threads.h.
 */
#include "threads.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "command.h"
#include "expr.h"
#include "frames.h"
#include "inferiors.h"
#include "places.h"
#include "run.h"

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
	free(info->name);
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
	const struct thread_info *info = thread_info(thread);

	if (info && info->name)
		return arena_string(&gdb->arena, info->name);
	if (is_core(gdb)) /* it has no name but the program's */
		return "";
	if (utrace_thread_name(thread, name, sizeof(name), NULL) < 0)
		return "";
	return arena_string(&gdb->arena, name);
}

const char *thread_label(struct gdb *gdb, utrace_thread *thread)
{
	struct thread_info *info = thread_info(thread);
	uint64_t pthread = 0;
	pid_t tid = utrace_thread_tid(thread);

	if (gdb->image && utrace_thread_pthread(gdb->image, thread, &pthread, NULL) == 0 && info)
		info->pthread = pthread;
	else if (info) /* it has ended, or runs */
		pthread = info->pthread;
	if (pthread)
		return arena_print(&gdb->arena, "Thread 0x%llx (LWP %d)", (unsigned long long)pthread, tid);
	if (gdb->inferior.next_thread_number > 1)
		return arena_print(&gdb->arena, "LWP %d", tid);
	return arena_print(&gdb->arena, "process %d", tid);
}

const char *thread_title(struct gdb *gdb, utrace_thread *thread)
{
	const struct thread_info *info = thread_info(thread);

	return arena_print(&gdb->arena, "Thread %s \"%s\"", info ? thread_id(gdb, info) : "0",
			   thread_name(gdb, thread));
}

const char *thread_id(struct gdb *gdb, const struct thread_info *info)
{
	if (inferiors_are_many(gdb))
		return arena_print(&gdb->arena, "%d.%d", gdb->inferior.number, info->number);
	return arena_print(&gdb->arena, "%d", info->number);
}

const char *thread_target(struct gdb *gdb, const struct thread_info *info)
{
	const char *name = thread_name(gdb, info->thread);

	if (!*name)
		return thread_label(gdb, info->thread);
	return arena_print(&gdb->arena, "%s \"%s\"", thread_label(gdb, info->thread), name);
}

const char *thread_subject(struct gdb *gdb, utrace_thread *thread, const char *alone)
{
	return gdb->inferior.next_thread_number > 1 || inferiors_are_many(gdb) ? thread_title(gdb, thread) : alone;
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
		number = (uint64_t)gdb->inferior.number;
	else if (strcmp(name, "_shell_exitcode") == 0 && WIFEXITED(gdb->shell_status))
		number = (uint64_t)WEXITSTATUS(gdb->shell_status);
	else if (strcmp(name, "_shell_exitsignal") == 0 && WIFSIGNALED(gdb->shell_status))
		number = (uint64_t)WTERMSIG(gdb->shell_status);
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

	say(gdb, "[Switching to thread %s (%s)]\n", thread_id(gdb, thread_info(thread)), thread_label(gdb, thread));
	if (selected_frame(gdb))
		print_frame(gdb, selected_frame(gdb), FRAME_LOCATION | FRAME_SOURCE | FRAME_NUMBER);
}

/* "2", "1.2", "$_thread". */
static bool parse_thread(struct gdb *gdb, const char *text, int *inferior, int *thread)
{
	char *end;
	long first = strtol(text, &end, 10);
	uint64_t number;

	*inferior = gdb->inferior.number;
	if (*end == '.' && end != text) {
		*inferior = (int)first;
		first = strtol(end + 1, &end, 10);
	}
	*thread = (int)first;
	if (!*end && *text)
		return true;
	if (!evaluate_integer(gdb, text, &number))
		return fail(gdb, "Invalid thread ID: %s", text);
	*thread = (int)number;
	return true;
}

bool command_thread(struct gdb *gdb, const char *arguments)
{
	struct thread_info *info;
	int inferior;
	int number;

	if (!*arguments) {
		if (!gdb->inferior.thread)
			return fail(gdb, "No thread selected");
		info = thread_info(gdb->inferior.thread);
		say(gdb, "[Current thread is %s (%s)]\n", thread_id(gdb, info), thread_label(gdb, info->thread));
		return true;
	}
	if (!parse_thread(gdb, arguments, &inferior, &number))
		return false;
	if (inferior != gdb->inferior.number && !inferior_select(gdb, inferior))
		return fail(gdb, "No inferior number '%d'", inferior);
	info = thread_by_number(gdb, number);
	if (!info)
		return fail(gdb, "Unknown thread %s.", arguments);
	select_thread(gdb, info->thread);
	print_selected(gdb);
	return true;
}

bool thread_name_command(struct gdb *gdb, const char *arguments)
{
	struct thread_info *info = gdb->inferior.thread ? thread_info(gdb->inferior.thread) : NULL;

	if (!info)
		return fail(gdb, "No thread selected");
	free(info->name);
	info->name = *arguments ? must_copy(arguments) : NULL;
	return true;
}

bool thread_find(struct gdb *gdb, const char *arguments)
{
	bool any = false;
	regex_t pattern;

	if (!*arguments || regcomp(&pattern, arguments, REG_NOSUB))
		return fail(gdb, "Invalid regexp: %s", arguments);
	for (struct thread_info *info = gdb->threads; info; info = info->next) {
		const char *name = thread_name(gdb, info->thread);
		const char *label = thread_label(gdb, info->thread);

		if (regexec(&pattern, name, 0, NULL, 0) == 0)
			say(gdb, "Thread %s has name '%s'\n", thread_id(gdb, info), name);
		else if (regexec(&pattern, label, 0, NULL, 0) == 0)
			say(gdb, "Thread %s has target id '%s'\n", thread_id(gdb, info), label);
		else
			continue;
		any = true;
	}
	regfree(&pattern);
	if (!any)
		say(gdb, "No threads match '%s'\n", arguments);
	return true;
}

/* ---- info threads ---- */

struct thread_table {
	const char *numbers; /* empty: all */
	const utrace_thread *selected;
	size_t selected_frame;
	size_t width, id_width;
	bool any;
};

static void measure(struct gdb *gdb, void *data)
{
	struct thread_table *table = data;

	for (struct thread_info *info = gdb->threads; info; info = info->next) {
		size_t length = strlen(thread_target(gdb, info));
		size_t id = strlen(thread_id(gdb, info));

		table->width = length > table->width ? length : table->width;
		table->id_width = id > table->id_width ? id : table->id_width;
		table->any = true;
	}
}

static void print_rows(struct gdb *gdb, void *data)
{
	const struct thread_table *table = data;
	utrace_thread *selected = utrace_thread_ref(gdb->inferior.thread);

	for (struct thread_info *info = gdb->threads; info; info = info->next) {
		bool is_selected = info->thread == table->selected;

		if (*table->numbers && !number_is_listed(table->numbers, info->number))
			continue;
		say(gdb, "%c %-*s %-*s ", is_selected ? '*' : ' ', (int)table->id_width, thread_id(gdb, info),
		    (int)table->width, thread_target(gdb, info));
		select_thread(gdb, info->thread);
		gdb->frame = is_selected ? table->selected_frame : 0;
		if (selected_frame(gdb))
			print_frame(gdb, selected_frame(gdb), FRAME_LOCATION);
		else
			say(gdb, "(running)\n");
	}
	select_thread(gdb, selected);
	utrace_thread_unref(selected);
}

bool info_threads(struct gdb *gdb, const char *arguments)
{
	struct thread_table table = {.numbers = arguments,
				     .selected = gdb->inferior.thread,
				     .selected_frame = gdb->frame,
				     .width = 9,
				     .id_width = 4};
	size_t frame = gdb->frame;

	inferiors_each(gdb, measure, &table);
	if (!table.any) {
		say(gdb, "No threads.\n");
		return true;
	}
	say(gdb, "  %-*s %-*s Frame \n", (int)table.id_width, "Id", (int)table.width, "Target Id");
	inferiors_each(gdb, print_rows, &table);
	gdb->frame = frame;
	if (!gdb->inferior.thread)
		say(gdb, "\nNo selected thread.  See `help thread'.\n");
	return true;
}
