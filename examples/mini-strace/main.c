/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/main.c - starts or attaches, takes events in a loop, and leaves the tracees as they should be left.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool.h"

/* For the signal handler, which has no other way to reach them. */
static volatile sig_atomic_t interrupted;
static utrace_session *session_to_wake;

static void on_signal(int signal)
{
	interrupted = signal;
	if (session_to_wake)
		utrace_session_wake(session_to_wake);
}

/* A program that was started here gets SIGINT and SIGQUIT from the terminal itself. */
static void catch_signals(const struct tool *tool)
{
	static const int ends[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT};
	struct sigaction action = {.sa_handler = on_signal};
	bool attached_only = !tool->options.program[0];

	session_to_wake = tool->session;
	(void)signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (!attached_only && (ends[i] == SIGINT || ends[i] == SIGQUIT))
			(void)signal(ends[i], SIG_IGN);
		else
			(void)sigaction(ends[i], &action, NULL);
	}
}

static void open_output(struct tool *tool)
{
	const char *path = tool->options.output;

	tool->out = stderr;
	if (path && (*path == '|' || *path == '!'))
		tool->out = popen(path + 1, "we");
	else if (path)
		tool->out = fopen(path, "we");
	if (!tool->out) {
		(void)fprintf(stderr, "mini-strace: can't write to '%s': %s\n", path, strerror(errno));
		exit(1);
	}
	tool->terminal = isatty(fileno(tool->out));
	(void)setvbuf(tool->out, NULL, _IOFBF, 65536);
}

static struct utrace_event_masks masks_of(const struct options *options)
{
	uint64_t stop = UTRACE_EVENT_BIT(UTRACE_EVENT_CREATE) | UTRACE_EVENT_BIT(UTRACE_EVENT_EXEC);
	uint64_t record = UTRACE_EVENT_BIT(UTRACE_EVENT_JOB_STOP);

	if (options->signals && !options->count)
		record |= UTRACE_EVENT_BIT(UTRACE_EVENT_SIGNAL);
	if ((options->trace.only || options->trace.all))
		stop |= UTRACE_EVENT_BIT(UTRACE_EVENT_SYSCALL_ENTRY) | UTRACE_EVENT_BIT(UTRACE_EVENT_SYSCALL_EXIT);
	return (struct utrace_event_masks){.stop = stop, .record = record};
}

static void spawn(struct tool *tool)
{
	struct utrace_spawn_options options = {
		.size = sizeof(options),
		.argv = (const char *const *)tool->options.program,
		.envp = (const char *const *)tool->environment,
		.user = tool->options.user,
		.events = masks_of(&tool->options),
		.filter = tool->options.trace.only,
	};
	struct utrace_error error;

	if (utrace_spawn(tool->session, &options, &tool->spawned, &error)) {
		(void)fprintf(stderr, "mini-strace: %s\n", error.text);
		exit(1);
	}
	tool->live++;
}

/* SIGCHLD may come ignored from whoever started us; then the kernel would not tell how tracees end. */
static void start(struct tool *tool)
{
	struct utrace_session_options options = {.size = sizeof(options),
						 .threading = UTRACE_THREADS_BOUND,
						 .no_follow = !tool->options.follow,
						 .one_cpu = tool->options.one_cpu};
	struct utrace_error error;

	(void)signal(SIGCHLD, SIG_DFL);
	if (utrace_session_open(&options, &tool->session, &error)) {
		(void)fprintf(stderr, "mini-strace: %s\n", error.text);
		exit(1);
	}
	if (tool->options.program[0])
		spawn(tool);
	catch_signals(tool);
}

static void attach_all(struct tool *tool)
{
	struct utrace_attach_options options = {
		.size = sizeof(options), .events = masks_of(&tool->options), .filter = tool->options.trace.only};
	int attached = 0;

	for (int i = 0; i < tool->options.attach_count; i++) {
		utrace_process *process;
		struct utrace_error error;

		if (utrace_attach(tool->session, tool->options.attach[i], &options, &process, &error)) {
			(void)fprintf(stderr, "mini-strace: attach to %d: %s\n", tool->options.attach[i], error.text);
			continue;
		}
		attached++;
		tool->live += utrace_process_threads(process, NULL, 0, NULL);
		if (tool->options.quiet < 1)
			(void)fprintf(stderr, "mini-strace: Process %d attached\n", utrace_process_pid(process));
		utrace_process_unref(process);
	}
	if (tool->options.attach_count && !attached && !tool->spawned)
		exit(1);
}

static void on_create(struct tool *tool, const struct utrace_event *event)
{
	const struct utrace_event_create *create = &event->u.create;

	if (!create->thread)
		return;
	if (tool->options.follow || create->kind == UTRACE_CREATE_THREAD)
		tool->live++;
	if (tool->options.quiet < 1 && !tool->options.count) {
		char note[64];

		(void)snprintf(note, sizeof(note), "mini-strace: Process %d attached", create->child_tid);
		line_flush(tool);
		(void)fprintf(stderr, "%s%s\n", tool->current && !tool->options.output ? "\n" : "", note);
	}
	(void)utrace_thread_resume(create->thread, NULL, NULL);
}

static void on_signal_event(struct tool *tool, const struct utrace_event *event)
{
	const siginfo_t *info = &event->u.signal.info;
	struct text text = {0};

	if (info->si_signo < 1 || !(tool->options.signals >> (info->si_signo - 1) & 1))
		return;
	text_add(&text, "--- ");
	signal_name(&text, info->si_signo);
	text_add(&text, " ");
	signal_describe(&text, info);
	text_add(&text, " ---");
	line_note(tool, event->thread, text.data);
	text_free(&text);
}

static void on_job_stop(struct tool *tool, const struct utrace_event *event)
{
	struct text text = {0};

	text_add(&text, "--- stopped by ");
	signal_name(&text, event->u.job.signal);
	text_add(&text, " ---");
	line_note(tool, event->thread, text.data);
	text_free(&text);
}

static void on_thread_exit(struct tool *tool, const struct utrace_event *event)
{
	struct text text = {0};

	line_abandon(tool, event->thread, "?");
	if (event->u.exit.cause == UTRACE_EXIT_EXEC)
		text_add(&text, "+++ superseded by execve in pid %d +++", event->pid);
	else if (event->u.exit.cause != UTRACE_EXIT_DETACHED)
		exit_describe(&text, event->u.exit.wait_status);
	if (text.length && tool->options.quiet < 2)
		line_note(tool, event->thread, text.data);
	text_free(&text);
	line_thread_gone(event->thread);
	tool->live--;
}

static void on_exit_event(struct tool *tool, const struct utrace_event *event)
{
	bool unseen = event->flags & UTRACE_EVENT_UNMATCHED;

	if (!unseen || event->process != tool->spawned) {
		line_exit(tool, event);
		return;
	}
	line_execve(tool, event, event->u.syscall.result);
	if (tool->summary)
		summary_add(tool->summary, &event->u.syscall, 0);
}

static void handle(struct tool *tool, const struct utrace_event *event)
{
	switch (event->reason) {
	case UTRACE_EVENT_SYSCALL_ENTRY:
		line_entry(tool, event);
		break;
	case UTRACE_EVENT_SYSCALL_EXIT:
		on_exit_event(tool, event);
		break;
	case UTRACE_EVENT_SIGNAL:
		on_signal_event(tool, event);
		break;
	case UTRACE_EVENT_JOB_STOP:
		on_job_stop(tool, event);
		break;
	case UTRACE_EVENT_CREATE:
		on_create(tool, event);
		break;
	case UTRACE_EVENT_THREAD_EXIT:
		on_thread_exit(tool, event);
		break;
	case UTRACE_EVENT_PROCESS_END:
		if (event->process == tool->spawned)
			tool->exit_status = event->u.exit.wait_status;
		break;
	default:
		break;
	}
	/* UTRACE_DEAD is no error here: the end will be told. */
	if ((event->flags & UTRACE_EVENT_HELD) && event->thread)
		(void)utrace_thread_resume(event->thread, NULL, NULL);
}

/* What is printed goes out in blocks: before a wait of IDLE_MS, and every latest_s. */
static int next(struct tool *tool, struct utrace_event *event)
{
	enum { IDLE_MS = 20 };
	const double latest_s = 0.1;
	int status;

	if (tool->dirty && now(CLOCK_MONOTONIC_COARSE) - tool->flushed > latest_s)
		line_flush(tool);
	if (!tool->dirty)
		return utrace_session_next(tool->session, event, -1, NULL);
	status = utrace_session_next(tool->session, event, IDLE_MS, NULL);
	if (status != 0)
		return status;
	line_flush(tool);
	return utrace_session_next(tool->session, event, -1, NULL);
}

static void loop(struct tool *tool)
{
	struct utrace_event event = UTRACE_EVENT_INIT;

	while (!interrupted) {
		int status = next(tool, &event);

		if (status == 1)
			handle(tool, &event);
		else if (status == 0 && !interrupted && utrace_session_process_count(tool->session, NULL) > 0)
			continue;
		else if (status != UTRACE_INTERRUPTED)
			break;
	}
	utrace_event_clear(&event);
}

/* On a signal: what was attached goes on, and so does the spawned program, unless its filter needs us. */
static void let_go(struct tool *tool)
{
	struct utrace_error error;

	if (!interrupted || !tool->spawned || utrace_process_is_gone(tool->spawned))
		return;
	if (utrace_detach(tool->spawned, UTRACE_DETACH_RUNNING, &error) != UTRACE_FILTERED)
		return;
	(void)fprintf(stderr, "mini-strace: the program is killed: %s\n", error.text);
	(void)utrace_process_kill(tool->spawned, NULL);
}

/* As the program ended, so do we: the caller of the tool can't tell the difference. */
static int end_like(int status)
{
	const struct rlimit no_core = {0, 0};

	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);
	(void)setrlimit(RLIMIT_CORE, &no_core);
	(void)signal(WTERMSIG(status), SIG_DFL);
	(void)raise(WTERMSIG(status));
	return 128 + WTERMSIG(status);
}

static void finish(struct tool *tool)
{
	if (tool->current)
		line_note(tool, tool->current, "<detached ...>");
	if (tool->summary && !tool->failed)
		summary_print(tool->summary, tool->out);
	summary_destroy(tool->summary);
	tool->dirty = true;
	line_flush(tool);
	if (tool->out != stderr && tool->options.output[0] == '|')
		(void)pclose(tool->out);
	else if (tool->out != stderr)
		(void)fclose(tool->out);
	options_free(&tool->options);
}

int main(int argc, char **argv)
{
	struct tool tool = {0};

	options_parse(&tool.options, argc, argv);
	tool.environment = options_environment(&tool.options);
	open_output(&tool);
	if (tool.options.count)
		tool.summary = summary_create();
	start(&tool);
	attach_all(&tool);
	loop(&tool);
	let_go(&tool);
	session_to_wake = NULL;
	tool.current = NULL;
	utrace_process_unref(tool.spawned);
	utrace_session_close(tool.session);
	finish(&tool);
	if (interrupted)
		return end_like(interrupted);
	return tool.failed ? 1 : end_like(tool.exit_status);
}
