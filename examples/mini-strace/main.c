/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/main.c - takes events in a loop, and ends as the program ended.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "delay.h"
#include "notes.h"
#include "tool.h"

static void on_create(struct tool *tool, const struct utrace_event *event)
{
	const struct utrace_event_create *create = &event->u.create;
	struct track *track;

	if (!create->thread)
		return;
	track = track_of(create->thread);
	track->mode = track_of(event->thread)->mode;
	if (!tool->options.follow)
		session_ignore(create->thread);
	if (create->kind != UTRACE_CREATE_THREAD)
		session_remember(tool, create->process);
	if (!track->ignored) {
		tool->live++;
		if (!(tool->options.quiet & QUIET_ATTACH))
			output_note(tool, "Process %d attached", create->child_tid);
	}
	(void)utrace_thread_resume(create->thread, NULL, NULL);
}

/* The ABI that the program was made for. */
static uint32_t mode_of(utrace_thread *thread)
{
	return utrace_thread_architecture(thread, NULL) == UTRACE_ARCH_I386 ? UTRACE_ABI_I386 : UTRACE_ABI_X86_64;
}

/* Another thread than the leader has called execve: the leader is gone, and the thread has taken its place. */
static void take_over(struct tool *tool, const struct utrace_event *event)
{
	sink_move(tool, event->thread);
	track_of(event->thread)->ignored &= !tool->options.follow;
	note_superseded(tool, event->thread, event->u.exec.old_tid);
}

/* After the line of the execve, if there will be one. */
static void tell_new_mode(struct tool *tool, utrace_thread *thread)
{
	struct track *track = track_of(thread);
	bool started = utrace_thread_process(thread) == tool->spawned && !tool->execve_seen && !tool->options.daemonize;
	int execve = utrace_syscall_number(UTRACE_ABI_X86_64, "execve");

	if (track->open || (started && call_set_has(&tool->options.trace, UTRACE_ABI_X86_64, execve)))
		track->new_program = true;
	else
		note_personality(tool, thread, mode_of(thread));
}

static void on_exec(struct tool *tool, const struct utrace_event *event)
{
	if (event->u.exec.old_tid != event->u.exec.new_tid)
		take_over(tool, event);
	tell_new_mode(tool, event->thread);
	if (!tool->options.detach_on_execve || (event->process == tool->spawned && !tool->execve_seen)) {
		tool->execve_seen = true;
		return;
	}
	line_detached(tool, event->thread);
	session_detach(tool, event->process);
}

static void on_thread_exit(struct tool *tool, const struct utrace_event *event)
{
	bool superseded = event->u.exit.cause == UTRACE_EXIT_EXEC && event->tid == event->pid;

	/* Who supersedes it, EXEC tells. */
	if (!superseded && event->u.exit.cause != UTRACE_EXIT_DETACHED)
		note_exit(tool, event->thread, event->u.exit.wait_status);
	tool->live -= !track_of(event->thread)->ignored;
	delay_forget(tool, event->thread);
	track_end(event->thread);
}

/* Resumes the thread, now or after the delay that an injection asks for. */
static void resume(struct tool *tool, utrace_thread *thread, int64_t delay, int signal)
{
	if (delay > 0)
		delay_add(tool, thread, delay, signal);
	else
		delay_resume(thread, signal);
}

static bool is_call(const struct utrace_event *event, const char *name)
{
	const struct utrace_syscall_info *info = utrace_syscall_describe(event->u.syscall.abi, event->u.syscall.number);

	return info && strcmp(info->name, name) == 0;
}

/* Does the call perhaps send bytes to where others see them? */
static bool writes(const struct utrace_event *event)
{
	static const char *const movers[] = {"sendfile", "splice", "tee", "vmsplice", "copy_file_range"};
	const struct utrace_syscall_info *info = utrace_syscall_describe(event->u.syscall.abi, event->u.syscall.number);

	for (size_t i = 0; info && i < sizeof(movers) / sizeof(movers[0]); i++) {
		if (strcmp(info->name, movers[i]) == 0)
			return true;
	}
	for (uint32_t i = 0; info && i < info->arg_count; i++) {
		if (info->args[i].kind == UTRACE_ARG_BUFIN || info->args[i].kind == UTRACE_ARG_IOVIN)
			return true;
	}
	return false;
}

static void on_entry(struct tool *tool, const struct utrace_event *event)
{
	struct track *track = track_of(event->thread);
	int64_t delay = 0;
	int signal = 0;

	if (tool->hide_until_execve)
		tool->hide_until_execve = !is_call(event, "execve");
	if (line_begin(tool, event)) {
		if (tool->options.injection_count)
			delay = inject_enter(&track->tampered, tool->options.injections, tool->options.injection_count,
					     event, &signal);
		line_entry(tool, event);
	}
	/* What the tracee prints on the same stderr comes after what led to it. */
	if (tool->out.file == stderr && !track->hidden && writes(event))
		output_flush(tool);
	resume(tool, event->thread, delay, signal);
}

/* The library's own signals are not told; they come when the call is over. */
static void tell_injected_signal(struct tool *tool, utrace_thread *thread)
{
	const struct injection *injection = track_of(thread)->tampered.injection;

	if (injection && injection->signal)
		note_signal(tool, thread, &(siginfo_t){.si_signo = injection->signal, .si_code = SI_KERNEL});
}

static void on_exit_event(struct tool *tool, struct utrace_event *event)
{
	struct track *track = track_of(event->thread);
	bool unseen = event->flags & UTRACE_EVENT_UNMATCHED;
	bool hidden = track->hidden || track->ignored;
	int64_t delay = 0;

	if (unseen && event->process == tool->spawned && !tool->options.daemonize) {
		line_execve(tool, event);
	} else if (!unseen || !tool->hide_until_execve) {
		delay = inject_exit(&track->tampered, event);
		line_exit(tool, event);
		tell_injected_signal(tool, event->thread);
		track->tampered.injection = NULL;
		track->tampered.done = 0;
	}
	if (track->new_program)
		note_personality(tool, event->thread, mode_of(event->thread));
	track->new_program = false;
	resume(tool, event->thread, delay, 0);
	if (!hidden && tool->options.syscall_limit && ++tool->calls >= tool->options.syscall_limit)
		session_let_go(tool);
}

static void debug(const struct utrace_event *event)
{
	(void)fprintf(stderr, "mini-strace: [event] %s pid %d tid %d flags %#x\n", utrace_reason_name(event->reason),
		      event->pid, event->tid, event->flags);
}

static void handle(struct tool *tool, struct utrace_event *event)
{
	if (tool->options.debug)
		debug(event);
	switch (event->reason) {
	case UTRACE_EVENT_SYSCALL_ENTRY:
		on_entry(tool, event);
		return;
	case UTRACE_EVENT_SYSCALL_EXIT:
		on_exit_event(tool, event);
		return;
	case UTRACE_EVENT_SIGNAL:
		note_signal(tool, event->thread, &event->u.signal.info);
		break;
	case UTRACE_EVENT_JOB_STOP:
		note_stop(tool, event->thread, event->u.job.signal);
		break;
	case UTRACE_EVENT_CREATE:
		on_create(tool, event);
		break;
	case UTRACE_EVENT_EXEC:
		on_exec(tool, event);
		break;
	case UTRACE_EVENT_EXITING:
		line_unfinished(tool, event);
		tell_injected_signal(tool, event->thread);
		break;
	case UTRACE_EVENT_THREAD_EXIT:
		on_thread_exit(tool, event);
		break;
	case UTRACE_EVENT_PROCESS_END:
		session_forget(tool, event->process);
		if (event->process == tool->spawned && event->u.exit.cause != UTRACE_EXIT_DETACHED) {
			tool->exit_status = event->u.exit.wait_status;
			tool->ended = true;
		}
		break;
	default:
		break;
	}
	/* UTRACE_DEAD is no error here: the end will be told. */
	if ((event->flags & UTRACE_EVENT_HELD) && event->thread)
		(void)utrace_thread_resume(event->thread, NULL, NULL);
}

/* What is printed goes out in blocks: before a wait that is not short, and before it is late. */
static int next(struct tool *tool, struct utrace_event *event)
{
	enum { SHORT_MS = 20 };
	int limit = delay_next(tool);
	int status;

	if (output_is_late(tool))
		output_flush(tool);
	if (!output_is_dirty(tool))
		return utrace_session_next(tool->session, event, limit, NULL);
	status = utrace_session_next(tool->session, event, limit >= 0 && limit < SHORT_MS ? limit : SHORT_MS, NULL);
	if (status != 0)
		return status;
	output_flush(tool);
	return utrace_session_next(tool->session, event, delay_next(tool), NULL);
}

/* No event came: is that because none can come? */
static bool is_over(const struct tool *tool, int status)
{
	if (status == 0)
		return utrace_session_process_count(tool->session, NULL) <= 0;
	return status != UTRACE_INTERRUPTED;
}

static void loop(struct tool *tool)
{
	struct utrace_event event = UTRACE_EVENT_INIT;

	while (!interrupt_taken() && !tool->leaving) {
		int status = next(tool, &event);

		if (status == 1)
			handle(tool, &event);
		else if (is_over(tool, status))
			break;
		delay_run(tool);
		if (tool->out.failed)
			session_let_go(tool);
	}
	utrace_event_clear(&event);
}

/* Stands by tracees that can't be let go. */
static void stand_by(struct tool *tool)
{
	struct utrace_event event = UTRACE_EVENT_INIT;

	while (tool->staying) {
		int status = utrace_session_next(tool->session, &event, -1, NULL);

		if (status == 1)
			handle(tool, &event);
		else if (is_over(tool, status))
			break;
	}
	utrace_event_clear(&event);
}

/* Until everything is let go: a thread that waits for its vfork child can't be before that child lets it run. */
static void finish_letting_go(struct tool *tool)
{
	struct utrace_event event = UTRACE_EVENT_INIT;
	int status;

	do {
		status = utrace_session_next(tool->session, &event, -1, NULL);
	} while (status == 1 || !(is_over(tool, status) || interrupt_taken()));
	utrace_event_clear(&event);
}

/*
 * PROG was let go before its end, but is a child still, and its status is ours.  While it is traced, waitpid(2) would take
 * its stops away from the session.
 */
static void wait_for_program(struct tool *tool)
{
	pid_t pid = tool->spawned ? utrace_process_pid(tool->spawned) : 0;

	if (!tool->leaving || interrupt_taken() || !pid || tool->options.daemonize || tool->ended)
		return;
	finish_letting_go(tool);
	while (waitpid(pid, &tool->exit_status, 0) < 0 && errno == EINTR)
		;
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

static ssize_t read_memory(void *process, uint64_t address, void *buffer, size_t size)
{
	return utrace_memory_read(process, address, buffer, size, NULL);
}

int main(int argc, char **argv)
{
	struct tool tool = {0};
	int status;

	options_parse(&tool.options, argc, argv);
	tool.environment = options_environment(&tool.options);
	tool.whole_lines = tool.options.statuses != STATUS_ALL || tool.options.show.json;
	tool.paths = path_set_create(&tool.options);
	tool.decode = decode_create(&tool.options.show, read_memory);
	output_open(&tool);
	if (tool.options.count.only || tool.options.count.also)
		tool.summary = summary_create();
	session_start(&tool);
	interrupt_prepare(&tool);
	loop(&tool);
	if (interrupt_taken() && !tool.leaving)
		session_let_go(&tool);
	if (tool.summary && !tool.out.failed)
		summary_print(tool.summary, &tool.options.count, tool.out.file);
	output_close(&tool);
	stand_by(&tool);
	wait_for_program(&tool);
	status = interrupt_taken() ? interrupt_taken() : tool.exit_status;
	session_close(&tool);
	utrace_symbols_unref(tool.symbols);
	summary_destroy(tool.summary);
	path_set_destroy(tool.paths);
	decode_destroy(tool.decode);
	options_free(&tool.options);
	return end_like(status);
}
