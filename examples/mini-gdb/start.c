/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/start.c - getting hold of a program and letting it go.
 *
 * A program is started through the shell, as gdb does, so that arguments may have quotes, patterns and redirections; the
 * shell's own exec is passed over.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "expr.h"
#include "frames.h"
#include "script.h"
#include "signals.h"
#include "source.h"
#include "stop.h"
#include "threads.h"

/* ---- the terminal ---- */

static void give_terminal(pid_t group)
{
	sigset_t mask;
	sigset_t before;

	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, SIGTTOU);
	(void)sigprocmask(SIG_BLOCK, &mask, &before);
	(void)tcsetpgrp(STDIN_FILENO, group);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
}

void terminal_to_program(struct gdb *gdb)
{
	(void)fflush(gdb->out);
	if (!gdb->inferior.attached && gdb->inferior.process && isatty(STDIN_FILENO))
		give_terminal(utrace_process_pid(gdb->inferior.process));
}

void terminal_to_debugger(struct gdb *gdb)
{
	if (!gdb->inferior.attached && isatty(STDIN_FILENO))
		give_terminal(getpgrp());
}

/* ---- image ---- */

/*
 * An image that is not looked at any more is kept: values in the history, conditions and convenience variables have
 * types that live in its files.
 */
static void drop_image(struct gdb *gdb)
{
	frames_forget(gdb);
	if (gdb->image) {
		gdb->images = must_grow(gdb->images, (gdb->image_count + 1) * sizeof(*gdb->images));
		gdb->images[gdb->image_count++] = gdb->image;
	}
	gdb->image = NULL;
	gdb->generation++;
}

/* Where the executable was, so that it is found there again when it has ended. */
static void remember_bias(struct gdb *gdb)
{
	utrace_module *modules[64];
	size_t count = gdb->image ? utrace_image_modules(gdb->image, modules, 64) : 0;

	for (size_t i = 0; i < count && i < 64; i++)
		if (is_main_module(gdb, modules[i]))
			gdb->inferior.bias = utrace_module_bias(modules[i]);
}

bool load_image(struct gdb *gdb)
{
	struct utrace_error error;
	int status = 0;

	drop_image(gdb);
	if (gdb->inferior.process)
		status = utrace_image_open(gdb->symbols, gdb->inferior.process, &gdb->image, &error);
	else if (gdb->inferior.file)
		status = utrace_image_open_file(gdb->symbols, gdb->inferior.file, gdb->inferior.bias, &gdb->image,
						&error);
	return status ? fail_with(gdb, &error) : true;
}

static void watch_libraries(struct gdb *gdb)
{
	struct location *location = &gdb->library_location;
	struct utrace_breakpoint_options options = {.size = sizeof(options), .data = location, .not_inherited = 1};

	location_remove(gdb, location);
	*location = (struct location){.gdb = gdb};
	if (utrace_image_library_event(gdb->image, &options.address, NULL))
		return;
	location->address = options.address;
	if (!location_insert(gdb, location, &options))
		gdb->error = NULL;
}

/* One name a line. */
static const char *library_names(struct gdb *gdb, utrace_module **modules, size_t count, utrace_module **other,
				 size_t other_count)
{
	const char *text = "";

	for (size_t i = 0; i < count; i++) {
		bool in_both = false;

		for (size_t n = 0; n < other_count && !in_both; n++)
			in_both = modules[i] == other[n];
		if (!in_both)
			text = arena_print(&gdb->arena, "%s%s\n", text, module_name(gdb, modules[i]));
	}
	return text;
}

enum { LIBRARIES_MAX = 4096 };

static size_t present_modules(struct gdb *gdb, utrace_module **modules)
{
	size_t count = utrace_image_modules(gdb->image, modules, LIBRARIES_MAX);

	return count < LIBRARIES_MAX ? count : LIBRARIES_MAX;
}

struct breakpoint *libraries_changed(struct gdb *gdb, const char **text)
{
	utrace_module **before = arena_alloc(&gdb->arena, 2 * LIBRARIES_MAX * sizeof(utrace_module *));
	utrace_module **after = before + LIBRARIES_MAX;
	size_t before_count = present_modules(gdb, before);
	size_t after_count;

	if (utrace_image_refresh(gdb->image, NULL) <= 0)
		return NULL;
	frames_changed(gdb);
	breakpoints_set_again(gdb);
	after_count = present_modules(gdb, after);
	return catch_libraries(gdb, library_names(gdb, after, after_count, before, before_count),
			       library_names(gdb, before, before_count, after, after_count), text);
}

bool program_changed(struct gdb *gdb)
{
	if (!load_image(gdb))
		return false;
	remember_bias(gdb);
	watch_libraries(gdb);
	breakpoints_set_again(gdb);
	return true;
}

void inferior_gone(struct gdb *gdb)
{
	breakpoints_forget(gdb);
	location_remove(gdb, &gdb->library_location);
	threads_clear(gdb);
	drop_image(gdb);
	utrace_process_unref(gdb->inferior.process);
	gdb->inferior.process = NULL;
	gdb->inferior.attached = false;
	(void)load_image(gdb);
	breakpoints_set_again(gdb);
	gdb->error = NULL;
}

/* ---- run ---- */

static const char *shell(void)
{
	const char *path = getenv("SHELL");

	return path && *path == '/' ? path : "/bin/sh";
}

/* The terminal that `tty` named; -1 without one, or with an error text. */
static int open_tty(struct gdb *gdb)
{
	int terminal = -1;

	if (!gdb->inferior.terminal)
		return -1;
	terminal = open(gdb->inferior.terminal, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (terminal < 0)
		(void)fail(gdb, "%s: %s.", gdb->inferior.terminal, strerror(errno));
	return terminal;
}

static bool spawn(struct gdb *gdb)
{
	const char *line = arena_print(&gdb->arena, "exec %s %s", gdb->inferior.file, gdb->inferior.arguments);
	int terminal = open_tty(gdb);
	const char *const argv[] = {shell(), "-c", line, NULL};
	struct utrace_spawn_options options = {
		.size = sizeof(options),
		.argv = argv,
		.envp = (const char *const *)gdb->inferior.environment,
		.directory = gdb->inferior.directory,
		.disable_aslr = gdb->settings.disable_aslr,
		.new_group = isatty(STDIN_FILENO) != 0,
		.hold = 1,
		.events = {.stop = EVENTS_ALWAYS},
	};
	const struct utrace_spawn_fd fds[] = {{terminal, 0}, {terminal, 1}, {terminal, 2}};
	struct utrace_error error;
	int status;

	if (gdb->error)
		return false;
	if (terminal >= 0 && isatty(terminal)) {
		options.terminal = terminal;
	} else if (terminal >= 0) {
		options.fds = fds;
		options.fd_count = 3;
	}
	status = utrace_spawn(gdb->session, &options, &gdb->inferior.process, &error);
	if (terminal >= 0)
		(void)close(terminal);
	gdb->inferior.connection = ++gdb->connection_count;
	return status ? fail_with(gdb, &error) : true;
}

/* Waits for the exec that is the program's: the shell's own comes first. */
static bool pass_shell(struct gdb *gdb)
{
	struct utrace_event event = UTRACE_EVENT_INIT;
	struct utrace_error error;
	int execs = 0;

	terminal_to_program(gdb);
	while (execs < 2) {
		int got = utrace_session_next(gdb->session, &event, -1, &error);

		if (got < 0 && got != UTRACE_INTERRUPTED)
			return fail_with(gdb, &error);
		if (got == 1 && event.reason == UTRACE_EVENT_PROCESS_END)
			break;
		if (got != 1)
			continue;
		execs += event.reason == UTRACE_EVENT_EXEC;
		if (event.flags & UTRACE_EVENT_HELD && execs < 2)
			(void)utrace_thread_resume(event.thread, NULL, NULL);
	}
	if (execs == 2)
		(void)thread_add(gdb, event.thread);
	if (execs < 2)
		(void)fail(gdb, "During startup program exited with code %d.", event.u.exit.wait_status >> 8 & 0xff);
	utrace_event_clear(&event);
	terminal_to_debugger(gdb);
	return execs == 2;
}

/* Ends of what is to be let go or killed are waited for, so that nothing of it is left in the queue. */
static void wait_for_end(struct gdb *gdb)
{
	struct utrace_event event = UTRACE_EVENT_INIT;
	bool ended = false;

	while (!ended && utrace_session_next(gdb->session, &event, 10000, NULL) == 1)
		ended = event.reason == UTRACE_EVENT_PROCESS_END && event.process == gdb->inferior.process;
	utrace_event_clear(&event);
}

static pid_t kill_present(struct gdb *gdb)
{
	pid_t pid = utrace_process_pid(gdb->inferior.process);

	frames_forget(gdb);
	(void)utrace_process_kill(gdb->inferior.process, NULL);
	wait_for_end(gdb);
	inferior_gone(gdb);
	return pid;
}

static bool launch(struct gdb *gdb, const char *arguments)
{
	if (!gdb->inferior.file)
		return fail(gdb, "No executable file specified.\nUse the \"file\" or \"exec-file\" command.");
	core_close(gdb);
	if (gdb->inferior.process)
		(void)kill_present(gdb);
	if (*arguments) {
		free(gdb->inferior.arguments);
		gdb->inferior.arguments = must_copy(arguments);
	}
	if (is_talkative(gdb))
		say(gdb, "Starting program: %s %s\n", gdb->inferior.file, gdb->inferior.arguments);
	(void)fflush(gdb->out);
	gdb->last_source = NULL;
	if (!spawn(gdb))
		return false;
	if (!pass_shell(gdb)) {
		char *text = gdb->error;

		inferior_gone(gdb);
		gdb->error = text;
		return false;
	}
	select_thread(gdb, threads_first(gdb)->thread);
	return program_changed(gdb);
}

bool command_run(struct gdb *gdb, const char *arguments)
{
	struct going going = {0};

	if (is_live(gdb) && !gdb->batch &&
	    !confirmed(gdb, "The program being debugged has been started already.\nStart it from the beginning? "))
		return fail(gdb, "Program not restarted.");
	return launch(gdb, arguments) && go_on(gdb, &going);
}

bool command_start(struct gdb *gdb, const char *arguments)
{
	return command_tbreak(gdb, "main") && command_run(gdb, arguments);
}

bool command_starti(struct gdb *gdb, const char *arguments)
{
	if (!launch(gdb, arguments))
		return false;
	say(gdb, "\nProgram stopped.\n");
	print_frame(gdb, selected_frame(gdb), FRAME_LOCATION | FRAME_SOURCE);
	return true;
}

/* ---- attach ---- */

static bool adopt_file(struct gdb *gdb, pid_t pid)
{
	char link[64];
	char path[PATH_MAX];
	ssize_t length;

	(void)snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	length = readlink(link, path, sizeof(path) - 1);
	if (gdb->inferior.file || length <= 0)
		return true;
	path[length] = '\0';
	gdb->inferior.file = must_copy(path);
	return true;
}

static bool attach_to(struct gdb *gdb, pid_t pid)
{
	struct utrace_attach_options options = {
		.size = sizeof(options),
		.hold = 1,
		.events = {.stop = EVENTS_ALWAYS},
	};
	struct utrace_error error;
	utrace_thread *threads[1];

	if (utrace_attach(gdb->session, pid, &options, &gdb->inferior.process, &error))
		return fail_with(gdb, &error);
	gdb->inferior.attached = true;
	gdb->inferior.connection = ++gdb->connection_count;
	if (!collect_stop(gdb))
		return false;
	if (utrace_session_find_thread(gdb->session, pid, &threads[0], NULL) == 0) {
		select_thread(gdb, threads[0]);
		utrace_thread_unref(threads[0]);
	} else if (threads_first(gdb)) {
		select_thread(gdb, threads_first(gdb)->thread);
	}
	return adopt_file(gdb, pid) && program_changed(gdb);
}

bool command_attach(struct gdb *gdb, const char *arguments)
{
	char *end;
	long pid = strtol(arguments, &end, 10);

	if (!*arguments)
		return fail(gdb, "Argument required (process-id to attach).");
	if (*end || pid <= 0)
		return fail(gdb, "Illegal process-id: %s.", arguments);
	core_close(gdb);
	if (gdb->inferior.process)
		return fail(gdb, "A program is being debugged already.  Kill or detach it first.");
	say(gdb, "Attaching to process %ld\n", pid);
	if (!attach_to(gdb, (pid_t)pid)) {
		char *text = gdb->error;

		if (gdb->inferior.process)
			inferior_gone(gdb);
		gdb->error = text;
		return false;
	}
	for (struct thread_info *info = threads_first(gdb)->next; info; info = info->next)
		say(gdb, "[New LWP %d]\n", utrace_thread_tid(info->thread));
	if (selected_frame(gdb))
		print_frame(gdb, selected_frame(gdb), FRAME_LOCATION | FRAME_SOURCE);
	return true;
}

bool command_detach(struct gdb *gdb, const char *arguments)
{
	struct utrace_error error;
	pid_t pid;

	(void)arguments;
	if (is_core(gdb))
		return command_core(gdb, "");
	if (!need_process(gdb))
		return false;
	pid = utrace_process_pid(gdb->inferior.process);
	say(gdb, "Detaching from program: %s, process %d\n", gdb->inferior.file ? gdb->inferior.file : "", pid);
	breakpoints_forget(gdb);
	location_remove(gdb, &gdb->library_location);
	frames_forget(gdb);
	if (utrace_detach(gdb->inferior.process, UTRACE_DETACH_RUNNING, &error))
		return fail_with(gdb, &error);
	wait_for_end(gdb);
	say(gdb, "[Inferior %d (process %d) detached]\n", gdb->inferior.number, pid);
	inferior_gone(gdb);
	return true;
}

bool command_kill(struct gdb *gdb, const char *arguments)
{
	int number = gdb->inferior.number;
	pid_t pid;

	(void)arguments;
	if (is_core(gdb))
		return fail(gdb, "You can't do that without a process to debug.");
	if (!need_process(gdb))
		return false;
	if (!confirmed(gdb, "Kill the program being debugged? "))
		return fail(gdb, "Not confirmed.");
	pid = kill_present(gdb);
	say(gdb, "[Inferior %d (process %d) killed]\n", number, pid);
	return true;
}

/* ---- file ---- */

static char *find_program(struct gdb *gdb, const char *name)
{
	char *path = realpath(name, NULL);
	char *directories;
	char *rest = NULL;

	if (path || strchr(name, '/') || !getenv("PATH"))
		return path;
	directories = arena_string(&gdb->arena, getenv("PATH"));
	for (char *one = strtok_r(directories, ":", &rest); one && !path; one = strtok_r(NULL, ":", &rest)) {
		const char *candidate = arena_print(&gdb->arena, "%s/%s", one, name);

		if (access(candidate, X_OK) == 0)
			path = realpath(candidate, NULL);
	}
	return path;
}

bool set_file(struct gdb *gdb, const char *path)
{
	char *real = find_program(gdb, path);

	if (!real)
		return fail(gdb, "%s: No such file or directory.", path);
	free(gdb->inferior.file);
	gdb->inferior.file = real;
	gdb->inferior.bias = 0;
	if (gdb->inferior.process)
		return true;
	return load_image(gdb);
}

static bool forget_file(struct gdb *gdb)
{
	free(gdb->inferior.file);
	gdb->inferior.file = NULL;
	if (!gdb->inferior.process)
		drop_image(gdb);
	return true;
}

bool command_file(struct gdb *gdb, const char *arguments)
{
	if (!*arguments)
		return forget_file(gdb);
	say(gdb, "Reading symbols from %s...\n", arguments);
	if (!set_file(gdb, arguments))
		return false;
	breakpoints_set_again(gdb);
	return true;
}

bool command_exec_file(struct gdb *gdb, const char *arguments)
{
	if (!*arguments)
		return forget_file(gdb);
	if (!set_file(gdb, arguments))
		return false;
	breakpoints_set_again(gdb);
	return true;
}

/* A running process's symbols come from what it has mapped; without one they are the program's. */
bool command_symbol_file(struct gdb *gdb, const char *arguments)
{
	if (!gdb->inferior.process)
		return command_file(gdb, arguments);
	return fail(gdb, "The symbols of a process are those of the files that it has mapped.");
}
