/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/line.c - one line a call, although calls of several tracees overlap.
 *
 * Invariant: sink->current is the thread whose line has been begun there and not ended, or NULL; nobody else prints before
 * that line is cut with "<unfinished ...>".  With whole_lines, a line is kept with its thread and printed when its call is over.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "notes.h"
#include "tool.h"

/* Colours of parts of a line (ECMA-48, SGR). */
static const char color_off[] = "\033[0m";
static const char color_name[] = "\033[1m";
static const char color_error[] = "\033[31m";
static const char color_note[] = "\033[33m";

struct track *track_of(utrace_thread *thread)
{
	struct track *track = utrace_thread_data(thread);

	if (track)
		return track;
	track = calloc(1, sizeof(*track));
	if (!track)
		die("out of memory");
	track->number = -1;
	utrace_thread_set_data(thread, track);
	return track;
}

void track_end(utrace_thread *thread)
{
	struct track *track = utrace_thread_data(thread);

	if (!track)
		return;
	if (track->sink)
		sink_close(track->sink);
	text_free(&track->text);
	text_free(&track->stack);
	decode_state_clear(&track->state);
	tampered_free(&track->tampered);
	free(track);
	utrace_thread_set_data(thread, NULL);
}

/* Colours take no room on the line. */
static void add_colored(const struct tool *tool, struct track *track, const char *color, const char *text)
{
	if (!tool->color) {
		text_string(&track->text, text);
		return;
	}
	text_add(&track->text, "%s%s%s", color, text, color_off);
	track->invisible += (int)(strlen(color) + strlen(color_off));
}

/* The name that the thread goes by, which only the kernel knows. (proc(5)) */
static void add_comm(pid_t tid, struct text *text)
{
	char path[32];
	char name[64];
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/comm", tid);
	file = fopen(path, "re");
	if (!file)
		return;
	if (fgets(name, sizeof(name), file)) {
		name[strcspn(name, "\n")] = '\0';
		text_add(text, "<%s>", name);
	}
	(void)fclose(file);
}

static void add_pid(const struct tool *tool, pid_t tid, struct text *text)
{
	const struct options *options = &tool->options;
	bool comm = options->show.pids & PIDS_COMM;

	if (options->output && !options->separate && (options->follow || options->attach_count > 1)) {
		text_unsigned(text, (uint64_t)tid);
		if (comm)
			add_comm(tid, text);
		for (int digits = comm ? INT_MAX : tid; digits < 10000; digits *= 10)
			text_char(text, ' ');
		text_char(text, ' ');
	} else if (!options->output && tool->live > 1) {
		text_add(text, "[pid %5d", tid);
		if (comm)
			add_comm(tid, text);
		text_add(text, "] ");
	}
}

/* What stands before the call or the note: -f, -t, -r, -n, -i. `pc` 0: not known. */
static void add_prefix(struct tool *tool, utrace_thread *thread, uint64_t pc)
{
	struct track *track = track_of(thread);
	int digits = track->mode == UTRACE_ABI_I386 ? 8 : 16;

	add_pid(tool, utrace_thread_tid(thread), &track->text);
	stamp_add(tool, &track->text);
	if (tool->options.number && track->number >= 0)
		text_add(&track->text, "[%4lld] ", (long long)track->number);
	else if (tool->options.number)
		text_add(&track->text, "[????] ");
	if (tool->options.pc && pc)
		text_add(&track->text, "[%0*llx] ", digits, (unsigned long long)pc);
	else if (tool->options.pc)
		text_add(&track->text, "[%.*s] ", digits, "????????????????");
}

/* What socketcall(2) and ipc(2) of i386 stand for. (include/uapi/linux/net.h, ipc.h) */
static const char *inner_name(const char *name, uint64_t which)
{
	static const char *const sockets[] = {
		NULL,          "socket",     "bind",    "connect", "listen",  "accept",   "getsockname",
		"getpeername", "socketpair", "send",    "recv",    "sendto",  "recvfrom", "shutdown",
		"setsockopt",  "getsockopt", "sendmsg", "recvmsg", "accept4", "recvmmsg", "sendmmsg",
	};
	static const char *const ipcs[] = {
		NULL, "semop", "semget", "semctl", "semtimedop", NULL,     NULL,     NULL, NULL,
		NULL, NULL,    "msgsnd", "msgrcv", "msgget",     "msgctl", NULL,     NULL, NULL,
		NULL, NULL,    NULL,     "shmat",  "shmdt",      "shmget", "shmctl",
	};
	const char *inner = NULL;

	if (strcmp(name, "socketcall") == 0 && which < sizeof(sockets) / sizeof(sockets[0]))
		inner = sockets[which];
	if (strcmp(name, "ipc") == 0 && (which & 0xffff) < sizeof(ipcs) / sizeof(ipcs[0]))
		inner = ipcs[which & 0xffff];
	return inner ? inner : name;
}

static void note_name(struct track *track, const struct utrace_event_syscall *call)
{
	const struct utrace_syscall_info *info = utrace_syscall_describe(call->abi, call->number);

	if (!info)
		(void)snprintf(track->name, sizeof(track->name), "syscall_0x%llx", (unsigned long long)call->number);
	else
		(void)strcpy(track->name,
			     call->abi == UTRACE_ABI_I386 ? inner_name(info->name, call->args[0]) : info->name);
}

static void add_name(const struct tool *tool, struct track *track)
{
	add_colored(tool, track, color_name, track->name);
}

/* Nothing of a line is there yet. */
static void restart_text(struct track *track)
{
	text_clear(&track->text);
	track->column = 0;
	track->invisible = 0;
}

static int column_of(const struct track *track)
{
	return track->column + (int)track->text.length - track->invisible;
}

static bool is_wanted(const struct tool *tool, const struct utrace_event *event)
{
	const struct track *track = track_of(event->thread);

	return !track->ignored && !tool->hide_until_execve && (!tool->paths || path_set_touched(tool->paths, event));
}

/* Which call goes on, restart_syscall(2) doesn't say; it is the one that the thread made before. */
static void add_restarted(struct track *track)
{
	const struct utrace_syscall_info *info = utrace_syscall_describe(track->abi, track->previous);

	text_add(&track->text, "<... resuming interrupted %s ...>", info ? info->name : "system call");
}

static bool is_restart(const struct utrace_event_syscall *call)
{
	const struct utrace_syscall_info *info = utrace_syscall_describe(call->abi, call->number);

	return info && strcmp(info->name, "restart_syscall") == 0;
}

static void add_entry(struct tool *tool, const struct utrace_event *event)
{
	struct track *track = track_of(event->thread);

	restart_text(track);
	add_prefix(tool, event->thread, event->u.syscall.pc);
	add_name(tool, track);
	text_char(&track->text, '(');
	if (is_restart(&event->u.syscall))
		add_restarted(track);
	decode_entry(tool->decode, event, &track->state, &track->text);
}

static void print_entry(struct tool *tool, utrace_thread *thread)
{
	struct track *track = track_of(thread);
	struct sink *sink = sink_of(tool, thread);

	sink_cut(tool, sink);
	sink_write(tool, sink, track->text.data, track->text.length);
	sink->current = thread;
	track->column = column_of(track);
	track->invisible = 0;
	text_clear(&track->text);
}

static bool is_timed(const struct tool *tool)
{
	return tool->options.stamps.spent >= 0 || tool->summary || tool->options.show.json;
}

bool line_begin(struct tool *tool, const struct utrace_event *event)
{
	struct track *track = track_of(event->thread);

	note_personality(tool, event->thread, event->u.syscall.abi);
	track->previous = track->number;
	track->number = event->u.syscall.number;
	track->abi = event->u.syscall.abi;
	note_name(track, &event->u.syscall);
	track->open = true;
	decode_state_clear(&track->state);
	track->hidden = !is_wanted(tool, event);
	return !track->hidden;
}

void line_entry(struct tool *tool, const struct utrace_event *event)
{
	struct track *track = track_of(event->thread);

	if (!tool->options.count.only) {
		stack_enter(tool, event);
		add_entry(tool, event);
		if (!tool->whole_lines)
			print_entry(tool, event->thread);
	}
	if (tool->summary && !tool->options.count.wall)
		track->kernel = clock_of_thread(event->pid, event->tid);
	if (is_timed(tool))
		track->since = clock_now();
}

/* Takes up a line that was cut, or begins one for a call whose entry was not seen. */
static void take_up(struct tool *tool, utrace_thread *thread, uint64_t pc)
{
	struct track *track = track_of(thread);
	struct sink *sink = sink_of(tool, thread);

	if (tool->whole_lines || sink->current == thread)
		return;
	sink_cut(tool, sink);
	restart_text(track);
	add_prefix(tool, thread, pc);
	text_add(&track->text, "<... ");
	add_name(tool, track);
	text_add(&track->text, " resumed>");
}

/* ")", and blanks up to the column of results. */
static void add_end(const struct tool *tool, struct track *track)
{
	int missing;

	text_char(&track->text, ')');
	missing = tool->options.column - column_of(track);
	text_fill(&track->text, ' ', missing > 1 ? (size_t)missing : 1);
	text_put(&track->text, "= ", 2);
}

static void print_end(struct tool *tool, utrace_thread *thread)
{
	struct track *track = track_of(thread);
	struct sink *sink = sink_of(tool, thread);

	if (tool->whole_lines)
		sink_cut(tool, sink);
	text_char(&track->text, '\n');
	sink_write(tool, sink, track->text.data, track->text.length);
	sink_line_ended(tool, sink);
	text_clear(&track->text);
}

static void add_tampering(struct text *text, uint32_t done)
{
	if ((done & TAMPERED_ARGS) && (done & TAMPERED_RESULT))
		text_add(text, " (INJECTED: args, retval)");
	else if (done & TAMPERED_ARGS)
		text_add(text, " (INJECTED: args)");
	else if (done & TAMPERED_RESULT)
		text_add(text, " (INJECTED)");
	if (done & TAMPERED_DELAY)
		text_add(text, " (DELAYED)");
}

static void add_exit(struct tool *tool, const struct utrace_event *event, int64_t spent)
{
	struct track *track = track_of(event->thread);

	take_up(tool, event->thread, event->u.syscall.pc);
	decode_exit(tool->decode, event, &track->state, &track->text);
	add_end(tool, track);
	if (tool->color && event->u.syscall.is_error)
		text_add(&track->text, "%s", color_error);
	decode_result(tool->decode, event, &track->state, &track->text);
	if (tool->color && event->u.syscall.is_error)
		text_add(&track->text, "%s", color_off);
	add_tampering(&track->text, track->tampered.done);
	if (tool->options.stamps.spent >= 0) {
		text_add(&track->text, " <");
		seconds_add(&track->text, spent, tool->options.stamps.spent);
		text_add(&track->text, ">");
	}
}

static void print_exit(struct tool *tool, const struct utrace_event *event, int64_t spent)
{
	struct track *track = track_of(event->thread);

	if (tool->options.show.json) {
		decode_exit(tool->decode, event, &track->state, &track->text);
		json_call(tool, event, spent);
		return;
	}
	add_exit(tool, event, spent);
	print_end(tool, event->thread);
}

static void count(struct tool *tool, const struct utrace_event *event, int64_t spent)
{
	struct track *track = track_of(event->thread);
	int64_t ran = tool->options.count.wall ? -1 : clock_of_thread(event->pid, event->tid);

	/* Between entry and exit a thread runs in the kernel only. */
	if (ran >= 0 && track->kernel >= 0)
		spent = track->open ? ran - track->kernel : 0;
	spent -= tool->options.count.overhead;
	summary_add(tool->summary, &event->u.syscall, spent > 0 ? spent : 0);
}

static bool has_status(const struct tool *tool, uint32_t status)
{
	return tool->options.statuses & status;
}

/* -e read=, write= */
static void print_dump(struct tool *tool, const struct utrace_event *event)
{
	struct track *track = track_of(event->thread);

	text_clear(&track->text);
	decode_dump(tool->decode, event, &track->state, &track->text);
	if (track->text.length)
		sink_put(tool, sink_of(tool, event->thread), track->text.data);
	text_clear(&track->text);
}

void line_exit(struct tool *tool, const struct utrace_event *event)
{
	struct track *track = track_of(event->thread);
	int64_t spent = track->open && is_timed(tool) ? clock_now() - track->since : 0;
	bool hidden = track->hidden || track->ignored;

	if (!track->open) {
		decode_state_clear(&track->state);
		track->number = event->u.syscall.number;
		track->abi = event->u.syscall.abi;
		note_name(track, &event->u.syscall);
		text_clear(&track->text);
	}
	if (!hidden && tool->summary)
		count(tool, event, spent);
	if (!hidden && !tool->options.count.only &&
	    has_status(tool, event->u.syscall.is_error ? STATUS_FAILED : STATUS_SUCCESSFUL)) {
		print_exit(tool, event, spent);
		if (!tool->options.show.json)
			print_dump(tool, event);
		stack_print(tool, event);
	}
	track->open = false;
}

/* Ends the line of a call that doesn't end by itself. */
static void give_up(struct tool *tool, utrace_thread *thread, bool all_decoded)
{
	struct track *track = track_of(thread);

	if (tool->options.show.json) {
		json_cut_call(tool, thread, "unfinished");
		return;
	}
	take_up(tool, thread, 0);
	if (!all_decoded)
		text_add(&track->text, " <unfinished ...>");
	add_end(tool, track);
	text_add(&track->text, "?");
	print_end(tool, thread);
}

void line_unfinished(struct tool *tool, const struct utrace_event *event)
{
	utrace_thread *thread = event->thread;
	struct track *track = track_of(thread);
	bool printed = track->open && !track->hidden && !track->ignored && !tool->options.count.only;

	if (printed && has_status(tool, STATUS_UNFINISHED))
		give_up(tool, thread, decode_is_complete(&track->state));
	if (printed && has_status(tool, STATUS_UNFINISHED))
		stack_print(tool, event);
	track->open = false;
}

void line_detached(struct tool *tool, utrace_thread *thread)
{
	struct track *track = track_of(thread);
	struct sink *sink = sink_of(tool, thread);
	bool kept = tool->whole_lines && track->open && !track->hidden && !track->ignored;

	if (kept && has_status(tool, STATUS_DETACHED) && tool->options.show.json) {
		json_cut_call(tool, thread, "detached");
	} else if (kept && has_status(tool, STATUS_DETACHED) && !tool->options.count.only) {
		text_add(&track->text, " <detached ...>");
		print_end(tool, thread);
	} else if (sink->current == thread) {
		sink_put(tool, sink, " <detached ...>");
		sink_end_line(tool, sink);
	}
	track->open = false;
}

/* As the decoders would show it. */
static void add_execve(const struct tool *tool, struct text *text)
{
	const struct show *show = &tool->options.show;
	int64_t number = utrace_syscall_number(UTRACE_ABI_X86_64, "execve");
	bool verbose = call_set_has(&show->verbose, UTRACE_ABI_X86_64, number);
	int vars = 0;

	if (call_set_has(&show->raw, UTRACE_ABI_X86_64, number)) {
		text_add(text, "(%p, %p, %p", (void *)tool->program_path, (void *)tool->options.program,
			 (void *)tool->environment);
		return;
	}
	while (tool->environment[vars])
		vars++;
	text_char(text, '(');
	decode_string(text, show, tool->program_path, strlen(tool->program_path), sizeof(tool->program_path));
	if (!verbose) {
		text_add(text, ", %p, %p", (void *)tool->options.program, (void *)tool->environment);
		return;
	}
	text_string(text, ", ");
	decode_argv(text, show, tool->options.program);
	text_string(text, ", ");
	if (call_set_has(&show->abbrev, UTRACE_ABI_X86_64, number))
		text_add(text, "%p /* %d var%s */", (void *)tool->environment, vars, vars == 1 ? "" : "s");
	else
		decode_argv(text, show, tool->environment);
}

void line_exec_failed(struct tool *tool, int error)
{
	struct track track = {.abi = UTRACE_ABI_X86_64,
			      .number = utrace_syscall_number(UTRACE_ABI_X86_64, "execve"),
			      .name = "execve"};
	const struct call_set *trace = &tool->options.trace;

	if (call_set_has(trace, track.abi, track.number) && !tool->options.count.only && !tool->options.show.json) {
		stamp_add(tool, &track.text);
		add_name(tool, &track);
		add_execve(tool, &track.text);
		add_end(tool, &track);
		text_add(&track.text, "-1 %s (%s)\n", strerrorname_np(error), strerror(error));
		sink_put(tool, &tool->out, track.text.data);
		text_free(&track.text);
	}
	output_flush(tool);
}

/* The arguments are known here, and the tracee's memory has been replaced by its new program's. */
void line_execve(struct tool *tool, const struct utrace_event *event)
{
	struct track *track = track_of(event->thread);

	track->abi = UTRACE_ABI_X86_64; /* our own, whatever PROG's is */
	track->number = utrace_syscall_number(track->abi, "execve");
	(void)strcpy(track->name, "execve");
	track->hidden = tool->paths && !path_set_has(tool->paths, tool->program_path);
	if (track->hidden)
		return;
	if (tool->summary)
		summary_add(tool->summary, &event->u.syscall, 0);
	if (tool->options.count.only || !has_status(tool, STATUS_SUCCESSFUL))
		return;
	if (tool->options.show.json) {
		json_execve(tool, event);
		return;
	}
	restart_text(track);
	add_prefix(tool, event->thread, event->u.syscall.pc);
	add_name(tool, track);
	add_execve(tool, &track->text);
	add_end(tool, track);
	text_add(&track->text, "%lld", (long long)event->u.syscall.result);
	sink_cut(tool, sink_of(tool, event->thread));
	print_end(tool, event->thread);
}

void line_note(struct tool *tool, utrace_thread *thread, const char *text)
{
	struct track *track = track_of(thread);
	struct sink *sink = sink_of(tool, thread);
	struct track shadow = *track;
	uint64_t pc = 0;

	if (track->ignored || tool->hide_until_execve || tool->options.count.only)
		return;
	sink_cut(tool, sink);
	/* The line of a call that is under way, and kept, stays as it is. */
	track->text = (struct text){0};
	if (tool->options.pc)
		(void)utrace_register_get(thread, UTRACE_REG_PC, &pc, NULL);
	add_prefix(tool, thread, pc);
	add_colored(tool, track, color_note, text);
	sink_put(tool, sink, track->text.data);
	sink_end_line(tool, sink);
	text_free(&track->text);
	track->text = shadow.text;
	track->invisible = shadow.invisible;
}
