/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/session.c - tracees come and go.
 *
 * Nothing that was only watched is harmed by the tool's end: every process is let run when the session ends, with one exception.  A
 * filter inside the kernel stays with its program, and its calls fail once nobody takes them; so a program with such a filter ends with
 * a tracer that is killed by SIGKILL, and a tracer that is asked to end stays with it, silent.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon.h"
#include "delay.h"
#include "tool.h"

/* -e trace= inside the kernel: for what is started here with all its children, and is not to be let go before its end. */
static bool filters_in_kernel(const struct options *options)
{
	return options->trace.only && options->follow && options->kernel_filter != KERNEL_FILTER_NO &&
	       !options->detach_on_execve && !options->syscall_limit && !options->daemonize;
}

/* Of threads that are not shown: what is needed to know them all. */
static const uint64_t unseen_events = UTRACE_EVENT_BIT(UTRACE_EVENT_CREATE) | UTRACE_EVENT_BIT(UTRACE_EVENT_EXEC);

static struct utrace_event_masks masks_of(const struct options *options)
{
	uint64_t stop = UTRACE_EVENT_BIT(UTRACE_EVENT_CREATE) | UTRACE_EVENT_BIT(UTRACE_EVENT_EXEC);
	uint64_t record = UTRACE_EVENT_BIT(UTRACE_EVENT_EXITING);
	/* Registers and stacks are those of a thread that stands still. */
	bool looks = options->pc || options->stack;

	*(options->stack ? &stop : &record) |= UTRACE_EVENT_BIT(UTRACE_EVENT_JOB_STOP);
	if (options->signals && !options->count.only)
		*(looks ? &stop : &record) |= UTRACE_EVENT_BIT(UTRACE_EVENT_SIGNAL);
	if (options->trace.only || options->trace.all)
		stop |= UTRACE_EVENT_BIT(UTRACE_EVENT_SYSCALL_ENTRY) | UTRACE_EVENT_BIT(UTRACE_EVENT_SYSCALL_EXIT);
	return (struct utrace_event_masks){.stop = stop, .record = record};
}

void session_remember(struct tool *tool, utrace_process *process)
{
	utrace_process **grown = realloc(tool->processes, (tool->process_count + 1) * sizeof(utrace_process *));

	if (!grown)
		die("out of memory");
	tool->processes = grown;
	grown[tool->process_count++] = utrace_process_ref(process);
}

void session_forget(struct tool *tool, const utrace_process *process)
{
	for (size_t i = 0; i < tool->process_count; i++) {
		if (tool->processes[i] != process)
			continue;
		stack_forget(tool->processes[i]);
		utrace_process_unref(tool->processes[i]);
		tool->processes[i] = tool->processes[--tool->process_count];
		return;
	}
}

/* Where a shell would find it. */
static void find_program(struct tool *tool)
{
	const char *name = tool->options.program[0];
	const char *path = strchr(name, '/') ? NULL : getenv("PATH");
	char *copy = strdup(path ? path : "");
	char *rest = copy;
	struct stat status;

	if (!copy)
		die("out of memory");
	(void)snprintf(tool->program_path, sizeof(tool->program_path), "%s", name);
	for (char *folder = path ? strsep(&rest, ":") : NULL; folder; folder = strsep(&rest, ":")) {
		char candidate[sizeof(tool->program_path)];

		(void)snprintf(candidate, sizeof(candidate), "%s%s%s", folder, *folder ? "/" : "", name);
		if (stat(candidate, &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 0111)) {
			(void)strcpy(tool->program_path, candidate);
			break;
		}
	}
	free(copy);
	if (stat(tool->program_path, &status))
		die("Can't stat '%s': %s", name, strerror(errno));
}

/* -c: the call that failed is all there is. */
static void summarise_unstarted(struct tool *tool, int error)
{
	struct utrace_event_syscall call = {.abi = UTRACE_ABI_X86_64,
					    .number = utrace_syscall_number(UTRACE_ABI_X86_64, "execve"),
					    .is_error = 1,
					    .result = -error};

	if (call_set_has(&tool->options.trace, call.abi, call.number))
		summary_add(tool->summary, &call, 0);
	summary_print(tool->summary, &tool->options.count, tool->out.file);
	(void)fflush(tool->out.file);
}

/* As strace tells it, whose child ends with status 1. */
__attribute__((noreturn)) static void end_unstarted(struct tool *tool, int error)
{
	line_exec_failed(tool, error);
	note("exec: %s", strerror(error));
	if (!(tool->options.quiet & QUIET_EXIT) && !tool->options.show.json && !tool->options.count.only) {
		sink_put(tool, &tool->out, "+++ exited with 1 +++\n");
		output_flush(tool);
	}
	if (tool->summary)
		summarise_unstarted(tool, error);
	exit(1);
}

static void spawn(struct tool *tool)
{
	struct utrace_spawn_options options = {
		.size = sizeof(options),
		.argv = (const char *const *)tool->options.program,
		.envp = (const char *const *)tool->environment,
		.path = tool->program_path,
		.user = tool->options.user,
		.end_policy = filters_in_kernel(&tool->options) ? UTRACE_END_KILL : UTRACE_END_LET_RUN,
		.events = masks_of(&tool->options),
		.filter = tool->options.trace.only,
	};
	struct utrace_error error;
	int status = utrace_spawn(tool->session, &options, &tool->spawned, &error);

	if (status == UTRACE_NOT_FOUND)
		die("Cannot find user '%s'", tool->options.user);
	if (status == UTRACE_EXEC_FAILED)
		end_unstarted(tool, error.sys_errno);
	if (status)
		die("%s", error.text);
	tool->live++;
	session_remember(tool, tool->spawned);
}

void session_ignore(utrace_thread *thread)
{
	track_of(thread)->ignored = true;
	(void)utrace_thread_limit_events(thread, unseen_events, NULL);
}

/*
 * Without -f only the thread that was named is of interest.  The others were not stopped by attaching, nor are they by
 * their calls; the named one has to stop once, so that its calls are told from now on.
 */
static int choose_thread(utrace_process *process, pid_t tid, const struct utrace_event_masks *masks)
{
	int count = utrace_process_threads(process, NULL, 0, NULL);
	int room = count > 0 ? count : 1;
	utrace_thread **threads = calloc((size_t)room, sizeof(utrace_thread *));
	utrace_thread *named = NULL;

	if (!threads)
		die("out of memory");
	/* One that is made meanwhile comes by CREATE. */
	count = utrace_process_threads(process, threads, (size_t)room, NULL);
	for (int i = 0; i < count && i < room; i++) {
		if (utrace_thread_tid(threads[i]) == tid)
			named = utrace_thread_ref(threads[i]);
		else
			session_ignore(threads[i]);
		utrace_thread_unref(threads[i]);
	}
	free(threads);
	(void)utrace_process_set_events(process, masks, NULL);
	if (named)
		(void)utrace_thread_stop(named, UTRACE_STOP_NOW, NULL, NULL);
	utrace_thread_unref(named);
	return named ? 1 : 0;
}

static bool attach(struct tool *tool, pid_t pid)
{
	const struct utrace_event_masks masks = masks_of(&tool->options);
	struct utrace_attach_options options = {.size = sizeof(options), .filter = tool->options.trace.only};
	bool all = tool->options.follow;
	struct utrace_error error;
	utrace_process *process;
	int threads;

	options.events = all ? masks : (struct utrace_event_masks){.stop = unseen_events};
	if (utrace_attach(tool->session, pid, &options, &process, &error)) {
		note("attach to %d: %s", pid, error.text);
		return false;
	}
	threads = all ? utrace_process_threads(process, NULL, 0, NULL) : choose_thread(process, pid, &masks);
	tool->live += threads;
	if (!(tool->options.quiet & QUIET_ATTACH) && !(tool->hide_until_execve && tool->options.output)) {
		if (threads > 1)
			note("Process %d attached with %d threads", pid, threads);
		else
			note("Process %d attached", pid);
	}
	session_remember(tool, process);
	utrace_process_unref(process);
	return true;
}

static void attach_all(struct tool *tool)
{
	size_t attached = 0;

	for (size_t i = 0; i < tool->options.attach_count; i++)
		attached += attach(tool, tool->options.attach[i]);
	if (tool->options.attach_count && !attached && !tool->options.program[0])
		exit(1);
}

/* SIGCHLD may come ignored from whoever started us; then the kernel would not tell how tracees end. */
static void open_session(struct tool *tool)
{
	struct utrace_session_options options = {.size = sizeof(options),
						 .threading = UTRACE_THREADS_BOUND,
						 .no_follow = !tool->options.follow,
						 .one_cpu = tool->options.one_cpu};
	struct utrace_error error;

	(void)signal(SIGCHLD, SIG_DFL);
	if (utrace_session_open(&options, &tool->session, &error))
		die("%s", error.text);
}

void session_start(struct tool *tool)
{
	struct daemon daemon;

	if (tool->options.program[0])
		find_program(tool);
	if (tool->options.daemonize) {
		daemon_split(tool, &daemon);
		open_session(tool);
		tool->hide_until_execve = true;
		if (!attach(tool, daemon.program))
			exit(1);
		tool->spawned = utrace_process_ref(tool->processes[0]);
		tool->live = 1;
		daemon_go(&daemon);
	} else {
		open_session(tool);
		if (tool->options.program[0])
			spawn(tool);
	}
	attach_all(tool);
}

enum { MOST_TOLD = 1024 };

/* The threads that were shown; references. What is more than many is not told of. */
static int shown_threads(utrace_process *process, utrace_thread **threads)
{
	int found = utrace_process_threads(process, threads, MOST_TOLD, NULL);
	int count = 0;

	for (int i = 0; i < found && i < MOST_TOLD; i++) {
		if (track_of(threads[i])->ignored)
			utrace_thread_unref(threads[i]);
		else
			threads[count++] = threads[i];
	}
	return count;
}

void session_detach(struct tool *tool, utrace_process *process)
{
	utrace_thread *threads[MOST_TOLD];
	int count = shown_threads(process, threads);
	struct utrace_event_masks nothing = {.stop = UTRACE_EVENTS_NONE};
	int status = utrace_detach(process, UTRACE_DETACH_RUNNING, NULL);

	if (status == UTRACE_FILTERED) {
		(void)utrace_process_set_events(process, &nothing, NULL);
		tool->staying = true;
	}
	for (int i = 0; i < count; i++) {
		if (!status && !(tool->options.quiet & QUIET_ATTACH))
			output_note(tool, "Process %d detached", utrace_thread_tid(threads[i]));
		utrace_thread_unref(threads[i]);
	}
}

static void tell_detached(struct tool *tool, utrace_process *process)
{
	utrace_thread *threads[MOST_TOLD];
	int count = shown_threads(process, threads);

	for (int i = 0; i < count; i++) {
		line_detached(tool, threads[i]);
		utrace_thread_unref(threads[i]);
	}
}

void session_let_go(struct tool *tool)
{
	for (size_t i = 0; i < tool->process_count; i++) {
		tell_detached(tool, tool->processes[i]);
		session_detach(tool, tool->processes[i]);
	}
	output_flush(tool);
	tool->leaving = true;
	if (tool->staying)
		note("the program goes on, and this process with it, silent: its filter in the kernel needs a tracer");
}

void session_close(struct tool *tool)
{
	while (tool->process_count)
		session_forget(tool, tool->processes[0]);
	free(tool->processes);
	while (tool->delay_count)
		delay_forget(tool, tool->delays[0].thread);
	free(tool->delays);
	utrace_process_unref(tool->spawned);
	utrace_session_close(tool->session);
}
