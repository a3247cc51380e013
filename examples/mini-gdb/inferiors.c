/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/inferiors.c - see inferiors.h.
 */
#include "inferiors.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "expr.h"
#include "frames.h"
#include "places.h"
#include "threads.h"

/* What belongs to one process and not to the debugger. */
struct parked {
	struct parked *next;
	struct inferior inferior;
	struct thread_info *threads;
	utrace_image *image;
};

/* ---- changing places ---- */

/* Arguments, directory and environment belong to the next `run`, whoever that is. */
static void take_over_surroundings(struct inferior *to, const struct inferior *from)
{
	to->arguments = from->arguments;
	to->directory = from->directory;
	to->terminal = from->terminal;
	to->environment = from->environment;
}

static void exchange(struct gdb *gdb, struct parked *parked)
{
	struct parked now = {.inferior = gdb->inferior, .threads = gdb->threads, .image = gdb->image};

	frames_forget(gdb);
	take_over_surroundings(&parked->inferior, &gdb->inferior);
	gdb->inferior = parked->inferior;
	gdb->threads = parked->threads;
	gdb->image = parked->image;
	gdb->generation++;
	parked->inferior = now.inferior;
	parked->threads = now.threads;
	parked->image = now.image;
}

/* The present one is parked without traps, so that it can be let go or run on by itself. */
static struct parked *park(struct gdb *gdb)
{
	struct parked *parked = must_alloc(sizeof(*parked));

	breakpoints_forget(gdb);
	location_remove(gdb, &gdb->library_location);
	parked->inferior = (struct inferior){.number = ++gdb->inferior_count};
	parked->inferior.file = gdb->inferior.file ? must_copy(gdb->inferior.file) : NULL;
	exchange(gdb, parked);
	parked->next = gdb->parked;
	gdb->parked = parked;
	return parked;
}

static struct parked *parked_by_number(struct gdb *gdb, int number)
{
	struct parked *parked = gdb->parked;

	while (parked && parked->inferior.number != number)
		parked = parked->next;
	return parked;
}

static void go_on_with(struct gdb *gdb)
{
	if (gdb->inferior.process)
		(void)program_changed(gdb);
	else
		(void)load_image(gdb);
	gdb->error = NULL;
}

bool inferior_select(struct gdb *gdb, int number)
{
	struct parked *parked = parked_by_number(gdb, number);

	if (!parked)
		return number == gdb->inferior.number || fail(gdb, "Inferior ID %d not known.", number);
	breakpoints_forget(gdb);
	location_remove(gdb, &gdb->library_location);
	exchange(gdb, parked);
	go_on_with(gdb);
	if (!gdb->inferior.thread && gdb->threads)
		select_thread(gdb, gdb->threads->thread);
	return true;
}

bool inferiors_are_many(const struct gdb *gdb)
{
	return gdb->parked || gdb->inferior.number > 1;
}

void inferiors_each(struct gdb *gdb, void (*action)(struct gdb *gdb, void *data), void *data)
{
	size_t frame = gdb->frame;

	for (int number = 1; number <= gdb->inferior_count; number++) {
		struct parked *parked = parked_by_number(gdb, number);

		if (parked)
			exchange(gdb, parked);
		if (gdb->inferior.number == number)
			action(gdb, data);
		if (parked)
			exchange(gdb, parked);
	}
	gdb->frame = frame;
}

/* ---- events of parked processes ---- */

static struct parked *parked_process(struct gdb *gdb, const utrace_process *process)
{
	struct parked *parked = gdb->parked;

	while (parked && (!process || parked->inferior.process != process))
		parked = parked->next;
	return parked;
}

bool parked_event(struct gdb *gdb, const struct utrace_event *event)
{
	struct parked *parked = parked_process(gdb, event->process);

	if (!parked)
		return false;
	exchange(gdb, parked);
	if (event->reason == UTRACE_EVENT_THREAD_EXIT && thread_info(event->thread))
		thread_remove(gdb, event->thread);
	if (event->reason == UTRACE_EVENT_PROCESS_END) {
		say(gdb, "[Inferior %d (process %d) exited]\n", gdb->inferior.number, event->pid);
		inferior_gone(gdb);
	}
	exchange(gdb, parked);
	return true;
}

/* ---- forks ---- */

void fork_remember(struct gdb *gdb, const struct utrace_event *event)
{
	const struct utrace_event_create *create = &event->u.create;

	gdb->fork = (struct fork_event){.child = utrace_process_ref(create->process),
					.thread = utrace_thread_ref(create->thread),
					.is_vfork = create->kind == UTRACE_CREATE_VFORK};
}

static void let_child_go(struct gdb *gdb, const struct fork_event *fork)
{
	/* A vfork child lives in its parent's memory, traps and all: it is let go when it has one of its own. */
	if (fork->is_vfork) {
		(void)utrace_thread_resume(fork->thread, NULL, NULL);
		return;
	}
	say(gdb, "[Detaching after fork from child process %d]\n", utrace_process_pid(fork->child));
	(void)fflush(gdb->out);
	(void)utrace_detach(fork->child, UTRACE_DETACH_RUNNING, NULL);
}

static void say_new(struct gdb *gdb, int number, pid_t pid)
{
	say(gdb, "[New inferior %d (process %d)]\n", number, pid);
	(void)fflush(gdb->out);
}

/* The child becomes the present process; what was, is parked. */
static struct parked *switch_to_child(struct gdb *gdb, const struct fork_event *fork)
{
	struct parked *parent = park(gdb);

	gdb->inferior.process = utrace_process_ref(fork->child);
	gdb->inferior.attached = parent->inferior.attached;
	gdb->inferior.connection = parent->inferior.connection;
	gdb->inferior.bias = parent->inferior.bias;
	(void)thread_add(gdb, fork->thread);
	select_thread(gdb, fork->thread);
	return parent;
}

static void let_parent_go(struct gdb *gdb, struct parked *parent, const char *how)
{
	pid_t pid = utrace_process_pid(parent->inferior.process);

	say(gdb, "%s%d]\n[Inferior %d (process %d) detached]\n", how, pid, parent->inferior.number, pid);
	(void)utrace_detach(parent->inferior.process, UTRACE_DETACH_RUNNING, NULL);
	exchange(gdb, parent);
	inferior_gone(gdb);
	exchange(gdb, parent);
}

static void follow_child(struct gdb *gdb, const struct fork_event *fork)
{
	struct parked *parent;

	say(gdb, "[Attaching after %s %s to child process %d]\n", thread_label(gdb, gdb->inferior.thread),
	    fork->is_vfork ? "vfork" : "fork", utrace_process_pid(fork->child));
	parent = switch_to_child(gdb, fork);
	say_new(gdb, gdb->inferior.number, utrace_process_pid(fork->child));
	if (gdb->settings.detach_on_fork && fork->is_vfork)
		gdb->vfork_parent = parent;
	else if (gdb->settings.detach_on_fork)
		let_parent_go(gdb, parent, "[Detaching after fork from parent process ");
	go_on_with(gdb);
}

static void keep_child(struct gdb *gdb, const struct fork_event *fork)
{
	struct parked *parent = switch_to_child(gdb, fork);

	say_new(gdb, gdb->inferior.number, utrace_process_pid(fork->child));
	exchange(gdb, parent);
	go_on_with(gdb);
}

void fork_settle(struct gdb *gdb)
{
	struct fork_event fork = gdb->fork;

	if (!fork.child)
		return;
	gdb->fork = (struct fork_event){0};
	if (gdb->settings.follow_child)
		follow_child(gdb, &fork);
	else if (!gdb->settings.detach_on_fork && !fork.is_vfork)
		keep_child(gdb, &fork);
	else
		let_child_go(gdb, &fork);
	utrace_process_unref(fork.child);
	utrace_thread_unref(fork.thread);
}

void vfork_is_over(struct gdb *gdb)
{
	struct parked *parent = gdb->vfork_parent;

	if (!parent)
		return;
	gdb->vfork_parent = NULL;
	let_parent_go(gdb, parent, "[Detaching vfork parent process ");
}

/* ---- commands ---- */

static void describe(struct gdb *gdb, void *data)
{
	const int *present = data;
	const char *what = "<null>";

	if (gdb->inferior.process)
		what = arena_print(&gdb->arena, "process %d", utrace_process_pid(gdb->inferior.process));
	say(gdb, "%c %-4d %-17s %-20s %-17s \n", gdb->inferior.number == *present ? '*' : ' ', gdb->inferior.number,
	    what,
	    gdb->inferior.process
		    ? arena_print(&gdb->arena, "%d (%s)", gdb->inferior.connection, is_core(gdb) ? "core" : "native")
		    : "",
	    gdb->inferior.file ? gdb->inferior.file : "");
}

bool info_inferiors(struct gdb *gdb, const char *arguments)
{
	int present = gdb->inferior.number;

	(void)arguments;
	say(gdb, "  Num  %-17s %-20s %-17s \n", "Description", "Connection", "Executable");
	inferiors_each(gdb, describe, &present);
	return true;
}

static void say_inferior(struct gdb *gdb, const char *what)
{
	const char *process = "<null>";

	if (gdb->inferior.process)
		process = arena_print(&gdb->arena, "process %d", utrace_process_pid(gdb->inferior.process));
	say(gdb, "[%s inferior %d [%s] (%s)]\n", what, gdb->inferior.number, process,
	    gdb->inferior.file ? gdb->inferior.file : "<noexec>");
}

bool command_inferior(struct gdb *gdb, const char *arguments)
{
	uint64_t number;

	if (!*arguments) {
		say_inferior(gdb, "Current inferior is");
		return true;
	}
	if (!evaluate_integer(gdb, arguments, &number) || !inferior_select(gdb, (int)number))
		return false;
	say_inferior(gdb, "Switching to");
	if (!gdb->inferior.thread)
		return true;
	say(gdb, "[Switching to thread %s (%s)]\n", thread_id(gdb, thread_info(gdb->inferior.thread)),
	    thread_label(gdb, gdb->inferior.thread));
	if (selected_frame(gdb))
		print_frame(gdb, selected_frame(gdb), FRAME_LOCATION | FRAME_SOURCE | FRAME_NUMBER);
	return true;
}

bool command_add_inferior(struct gdb *gdb, const char *arguments)
{
	struct parked *parked = must_alloc(sizeof(*parked));
	const char *file = strncmp(arguments, "-exec ", 6) == 0 ? arguments + 6 + strspn(arguments + 6, " ") : NULL;

	if (*arguments && !file) {
		free(parked);
		return fail(gdb, "Invalid argument");
	}
	parked->inferior.number = ++gdb->inferior_count;
	parked->next = gdb->parked;
	gdb->parked = parked;
	say(gdb, "[New inferior %d]\nAdded inferior %d\n", parked->inferior.number, parked->inferior.number);
	if (!file)
		return true;
	exchange(gdb, parked);
	if (!set_file(gdb, file)) {
		exchange(gdb, parked);
		return false;
	}
	exchange(gdb, parked);
	return true;
}

bool command_remove_inferiors(struct gdb *gdb, const char *arguments)
{
	struct parked **at = &gdb->parked;
	bool any = false;

	if (number_is_listed(arguments, gdb->inferior.number))
		return fail(gdb, "Can not remove current inferior %d.", gdb->inferior.number);
	while (*at) {
		struct parked *parked = *at;

		if (!number_is_listed(arguments, parked->inferior.number)) {
			at = &parked->next;
			continue;
		}
		if (parked->inferior.process)
			return fail(gdb, "Can not remove active inferior %d.", parked->inferior.number);
		any = true;
		*at = parked->next;
		free(parked->inferior.file);
		free(parked);
	}
	return any ? true : fail(gdb, "Inferior ID %s not known.", arguments);
}

static bool for_numbers(struct gdb *gdb, const char *arguments, bool (*action)(struct gdb *gdb, const char *nothing))
{
	int before = gdb->inferior.number;
	bool done = true;

	if (!*arguments)
		return fail(gdb, "Requires an argument (inferior id(s))");
	for (int number = 1; number <= gdb->inferior_count && done; number++)
		if (number_is_listed(arguments, number))
			done = inferior_select(gdb, number) && action(gdb, "");
	if (before != gdb->inferior.number)
		done = inferior_select(gdb, before) && done;
	return done;
}

bool kill_inferiors(struct gdb *gdb, const char *arguments)
{
	return for_numbers(gdb, arguments, command_kill);
}

bool detach_inferiors(struct gdb *gdb, const char *arguments)
{
	return for_numbers(gdb, arguments, command_detach);
}
