/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/stop.c - events of the program: which of them stop it, and what is printed then.
 */
#include "stop.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "displays.h"
#include "frames.h"
#include "inferiors.h"
#include "print.h"
#include "script.h"
#include "signals.h"
#include "source.h"
#include "threads.h"

/* ---- breakpoints and watchpoints ---- */

enum { HITS_MAX = 64 };

/* A change counts if the condition holds then, and is not among those to be ignored. */
static bool watch_counts(struct gdb *gdb, struct breakpoint *watch, utrace_thread *thread)
{
	if (!condition_holds(gdb, watch, thread))
		return false;
	watch->hits++;
	if (!watch->ignore)
		return true;
	watch->ignore--;
	return false;
}

static void classify_hit(struct gdb *gdb, struct stop *stop, const struct location *location, utrace_thread *thread)
{
	struct breakpoint *owner = location->owner;

	if (location->scope_of) {
		stop->kind = STOP_SCOPE;
		stop->breakpoint = location->scope_of;
		return;
	}
	/* The lowest number is told where several stand at one place. */
	if (!owner || (stop->breakpoint && stop->breakpoint->number < owner->number))
		return;
	if (owner->kind >= KIND_CATCH_THROW) {
		stop->kind = STOP_CATCH;
		stop->text = catch_exception_text(owner);
	} else if (owner->kind > KIND_HARDWARE) {
		if ((!watch_changed(gdb, owner) && owner->kind == KIND_WATCH) || !watch_counts(gdb, owner, thread))
			return;
		stop->kind = STOP_WATCHPOINT;
	} else {
		stop->kind = STOP_BREAKPOINT;
	}
	stop->breakpoint = owner;
}

static void classify_libraries(struct gdb *gdb, struct stop *stop)
{
	struct breakpoint *breakpoint = libraries_changed(gdb, &stop->text);

	if (!breakpoint)
		return;
	breakpoint->hits++;
	stop->kind = STOP_CATCH;
	stop->breakpoint = breakpoint;
}

static void classify_hits(struct gdb *gdb, utrace_thread *thread, struct stop *stop)
{
	utrace_breakpoint *hits[HITS_MAX];
	int count = utrace_thread_hits(thread, hits, HITS_MAX, NULL);

	if (count > HITS_MAX)
		count = HITS_MAX;
	for (int i = 0; i < count; i++) {
		const struct location *location = utrace_breakpoint_data(hits[i]);

		if (location == &gdb->library_location)
			classify_libraries(gdb, stop);
		else if (location)
			classify_hit(gdb, stop, location, thread);
		utrace_breakpoint_unref(hits[i]);
	}
	if (stop->breakpoint && stop->breakpoint->temporary)
		stop->breakpoint->gone = true;
}

/* ---- signals and calls ---- */

/* The program runs on and prints too: at once. */
static void tell_signal(struct gdb *gdb, utrace_thread *thread, int number)
{
	say(gdb, "\n%s received signal %s, %s.\n", thread_subject(gdb, thread, "Program"), signal_name(gdb, number),
	    signal_text(number));
	(void)fflush(gdb->out);
}

static void classify_signal(struct gdb *gdb, const struct utrace_event *event, struct stop *stop)
{
	int number = event->u.signal.info.si_signo;
	const struct signal_rule *rule = &gdb->signals[number < SIGNALS ? number : 0];
	struct breakpoint *caught = catch_find(gdb, KIND_CATCH_SIGNAL, number);
	bool standard = number == SIGTRAP || number == SIGINT;

	thread_info(event->thread)->signal = rule->pass ? number : 0;
	if (caught && (caught->number_count || caught->all || !standard)) {
		caught->hits++;
		*stop = (struct stop){.kind = STOP_CATCH, .breakpoint = caught};
		stop->text = arena_print(&gdb->arena, "signal %s", signal_name(gdb, number));
		return;
	}
	stop->signal = number;
	if (rule->stop)
		stop->kind = STOP_SIGNAL;
	else if (rule->print)
		tell_signal(gdb, event->thread, number);
}

static void caught(struct stop *stop, struct breakpoint *breakpoint, const char *text)
{
	breakpoint->hits++;
	breakpoint->gone |= breakpoint->temporary;
	*stop = (struct stop){.kind = STOP_CATCH, .breakpoint = breakpoint, .text = text};
}

static void classify_call(struct gdb *gdb, const struct utrace_event *event, struct stop *stop)
{
	const struct utrace_event_syscall *call = &event->u.syscall;
	struct breakpoint *breakpoint = catch_find(gdb, KIND_CATCH_SYSCALL, (int)call->number);
	const char *name = syscall_name(gdb, call->abi, call->number);

	if (!breakpoint || !condition_holds(gdb, breakpoint, event->thread))
		return;
	if (event->reason == UTRACE_EVENT_SYSCALL_ENTRY)
		caught(stop, breakpoint, arena_print(&gdb->arena, "call to syscall %s", name));
	else
		caught(stop, breakpoint, arena_print(&gdb->arena, "returned from syscall %s", name));
}

/* ---- children and exec ---- */

static void new_process(struct gdb *gdb, const struct utrace_event *event, struct stop *stop)
{
	const struct utrace_event_create *create = &event->u.create;
	bool is_vfork = create->kind == UTRACE_CREATE_VFORK;
	struct breakpoint *breakpoint =
		catch_find(gdb, is_vfork ? KIND_CATCH_VFORK : KIND_CATCH_FORK, create->child_tid);

	if (breakpoint)
		caught(stop, breakpoint,
		       arena_print(&gdb->arena, "%s process %d", is_vfork ? "vforked" : "forked", create->child_tid));
	if (!create->process)
		return;
	fork_remember(gdb, event);
	if (!breakpoint) /* else when the program goes on */
		fork_settle(gdb);
}

static void new_thread(struct gdb *gdb, const struct utrace_event *event)
{
	utrace_thread *thread = event->u.create.thread;

	if (!thread)
		return;
	(void)thread_add(gdb, thread);
	say(gdb, "[New %s]\n", thread_label(gdb, thread));
	(void)fflush(gdb->out);
	(void)utrace_thread_resume(thread, NULL, NULL);
}

static const char *program_path(struct gdb *gdb)
{
	utrace_module *module = NULL;

	return utrace_image_modules(gdb->image, &module, 1) ? utrace_module_name(module) : "?";
}

static void classify_exec(struct gdb *gdb, struct stop *stop)
{
	struct breakpoint *breakpoint = catch_find(gdb, KIND_CATCH_EXEC, 0);

	vfork_is_over(gdb);
	breakpoints_forget(gdb);
	if (!program_changed(gdb)) {
		say(gdb, "%s\n", gdb->error);
		gdb->error = NULL;
		return;
	}
	say(gdb, "process %d is executing new program: %s\n", utrace_process_pid(gdb->inferior.process),
	    program_path(gdb));
	if (breakpoint)
		caught(stop, breakpoint, arena_print(&gdb->arena, "exec'd %s", program_path(gdb)));
}

/* ---- ends ---- */

static void thread_ended(struct gdb *gdb, const struct utrace_event *event)
{
	struct thread_info *info = thread_info(event->thread);

	if (!info)
		return;
	if (gdb->inferior.live_threads > 1 && event->u.exit.cause == UTRACE_EXIT_SELF && info->number > 1)
		say(gdb, "[%s exited]\n", thread_label(gdb, event->thread));
	thread_remove(gdb, event->thread);
}

static void process_ended(const struct utrace_event *event, struct stop *stop)
{
	stop->kind = STOP_ENDED;
	stop->wait_status = event->u.exit.wait_status;
}

/* An event of a child that is not debugged: it must not wait for us. */
static void of_other_process(struct gdb *gdb, const struct utrace_event *event)
{
	if (parked_event(gdb, event))
		return;
	if (event->reason == UTRACE_EVENT_EXEC) {
		say(gdb, "[Detaching vfork child process %d]\n", event->pid);
		(void)utrace_detach(event->process, UTRACE_DETACH_RUNNING, NULL);
	} else if (event->reason == UTRACE_EVENT_CREATE && event->u.create.thread)
		(void)utrace_thread_resume(event->u.create.thread, NULL, NULL);
	if ((event->flags & UTRACE_EVENT_HELD) && event->thread && !utrace_thread_is_gone(event->thread))
		(void)utrace_thread_resume(event->thread, NULL, NULL);
}

void classify(struct gdb *gdb, const struct utrace_event *event, struct stop *stop)
{
	*stop = (struct stop){0};
	if (event->process != gdb->inferior.process) {
		of_other_process(gdb, event);
		return;
	}
	switch (event->reason) {
	case UTRACE_EVENT_BREAKPOINT:
	case UTRACE_EVENT_WATCHPOINT:
		classify_hits(gdb, event->thread, stop);
		break;
	case UTRACE_EVENT_SIGNAL:
		classify_signal(gdb, event, stop);
		break;
	case UTRACE_EVENT_SYSCALL_ENTRY:
	case UTRACE_EVENT_SYSCALL_EXIT:
		classify_call(gdb, event, stop);
		break;
	case UTRACE_EVENT_CREATE:
		if (event->u.create.kind == UTRACE_CREATE_THREAD)
			new_thread(gdb, event);
		else
			new_process(gdb, event, stop);
		break;
	case UTRACE_EVENT_EXEC:
		classify_exec(gdb, stop);
		break;
	case UTRACE_EVENT_THREAD_EXIT:
		thread_ended(gdb, event);
		break;
	case UTRACE_EVENT_PROCESS_END:
		vfork_is_over(gdb);
		process_ended(event, stop);
		break;
	default:
		break;
	}
	if (stop->kind != STOP_NONE && event->thread && stop->kind != STOP_ENDED)
		stop->thread = utrace_thread_ref(event->thread);
}

/* ---- telling ---- */

static void report_end(struct gdb *gdb, const struct stop *stop)
{
	int status = stop->wait_status;

	if (WIFEXITED(status)) {
		gdb->inferior.exit_code = WEXITSTATUS(status);
		gdb->inferior.has_exit_code = true;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status))
		say(gdb, "[Inferior %d (process %d) exited with code %02o]\n", gdb->inferior.number,
		    utrace_process_pid(gdb->inferior.process), WEXITSTATUS(status));
	else if (WIFEXITED(status))
		say(gdb, "[Inferior %d (process %d) exited normally]\n", gdb->inferior.number,
		    utrace_process_pid(gdb->inferior.process));
	else
		say(gdb, "\nProgram terminated with signal %s, %s.\nThe program no longer exists.\n",
		    signal_name(gdb, WTERMSIG(status)), signal_text(WTERMSIG(status)));
	inferior_gone(gdb);
}

static void report_breakpoint(struct gdb *gdb, const struct stop *stop)
{
	bool several = gdb->inferior.next_thread_number > 1;

	say(gdb, "\n");
	if (several)
		say(gdb, "%s hit ", thread_title(gdb, stop->thread));
	switch (stop->kind) {
	case STOP_WATCHPOINT:
		watch_report(gdb, stop->breakpoint);
		break;
	case STOP_CATCH:
		if (stop->breakpoint->kind == KIND_CATCH_LOAD || stop->breakpoint->kind == KIND_CATCH_UNLOAD)
			say(gdb, "%s %d\n%s\n", stop->breakpoint->temporary ? "Temporary catchpoint" : "Catchpoint",
			    stop->breakpoint->number, stop->text);
		else
			say(gdb, "%s %d (%s), ", stop->breakpoint->temporary ? "Temporary catchpoint" : "Catchpoint",
			    stop->breakpoint->number, stop->text);
		break;
	default:
		say(gdb, "%s %d, ", stop->breakpoint->temporary ? "Temporary breakpoint" : "Breakpoint",
		    stop->breakpoint->number);
	}
}

static void report_scope(struct gdb *gdb, const struct stop *stop)
{
	say(gdb,
	    "\nWatchpoint %d deleted because the program has left the block in\n"
	    "which its expression is valid.\n",
	    stop->breakpoint->number);
	breakpoint_delete(gdb, stop->breakpoint);
}

/* `step` from the line that an inlined function is called on goes into it at once. */
static bool is_call_on_line_of(struct gdb *gdb, const struct going *going)
{
	struct utrace_line line = {.size = sizeof(line)};
	utrace_frame *frame = selected_frame(gdb);

	return going->begin && going->begin->kind == UTRACE_STEP_LINE_INTO && frame &&
	       utrace_frame_line(frame, &line, NULL) == 0 && line.line == going->line;
}

static bool same_function(struct gdb *gdb, const struct going *going)
{
	utrace_frame *frame = selected_frame(gdb);

	return frame && utrace_frame_cfa(frame) == going->frame && frame_entry(gdb, frame) == going->function;
}

static void report_why(struct gdb *gdb, const struct stop *stop)
{
	switch (stop->kind) {
	case STOP_BREAKPOINT:
	case STOP_WATCHPOINT:
	case STOP_CATCH:
		report_breakpoint(gdb, stop);
		break;
	case STOP_SCOPE:
		report_scope(gdb, stop);
		break;
	case STOP_SIGNAL:
		tell_signal(gdb, stop->thread, stop->signal);
		break;
	case STOP_INTERRUPT:
		say(gdb, "\n%s received signal SIGINT, Interrupt.\n", thread_subject(gdb, stop->thread, "Program"));
		break;
	default:
		break;
	}
}

static void show_window(struct gdb *gdb)
{
	struct utrace_line line = {.size = sizeof(line)};
	utrace_frame *frame = gdb->settings.source_window ? selected_frame(gdb) : NULL;

	if (frame && utrace_frame_line(frame, &line, NULL) == 0)
		source_show_window(gdb, &line);
}

/* What the user wants to be done at each stop, before it is told. */
static void run_stop_hook(struct gdb *gdb)
{
	bool found;

	if (!run_user_command(gdb, "hook-stop", "", &found))
		say(gdb, "%s\n", gdb->error ? gdb->error : "");
	gdb->error = NULL;
}

void report(struct gdb *gdb, const struct stop *stop, const struct going *going)
{
	int parts = FRAME_LOCATION | FRAME_SOURCE;
	utrace_thread *before = gdb->inferior.thread;

	if (stop->kind == STOP_ENDED) {
		report_end(gdb, stop);
		return;
	}
	if (stop->thread != before && before && stop->kind != STOP_NONE)
		say(gdb, "[Switching to %s]\n", thread_label(gdb, stop->thread));
	select_thread(gdb, stop->thread);
	if (stop->kind != STOP_BREAKPOINT)
		frames_hide_inlined(gdb);
	if (stop->kind == STOP_STEP && is_call_on_line_of(gdb, going))
		(void)frames_enter_inlined(gdb);
	run_stop_hook(gdb);
	report_why(gdb, stop);
	if (stop->kind == STOP_STEP && !going->is_finish && same_function(gdb, going))
		parts = FRAME_SOURCE;
	if (selected_frame(gdb))
		print_frame(gdb, selected_frame(gdb), parts);
	show_window(gdb);
	displays_show(gdb);
}
