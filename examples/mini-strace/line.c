/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/line.c - one line a call, although calls of several tracees overlap.
 *
 * Invariant: tool->current is the thread whose line has been begun and not ended, or NULL; nobody else prints before
 * that line is cut with "<unfinished ...>".  Output goes out in blocks; before the tool waits for long, and at each line's end on a
 * terminal, it is flushed.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tool.h"

void text_add(struct text *text, const char *format, ...)
{
	va_list args;
	int length;

	for (;;) {
		size_t left = text->room - text->length;

		va_start(args, format);
		length = vsnprintf(text->data ? text->data + text->length : NULL, text->data ? left : 0, format, args);
		va_end(args);
		if (length < 0)
			return;
		if (text->data && (size_t)length < left)
			break;
		text->room = text->room * 2 + (size_t)length + 256;
		text->data = realloc(text->data, text->room);
		if (!text->data) {
			(void)fprintf(stderr, "mini-strace: out of memory\n");
			exit(1);
		}
	}
	text->length += (size_t)length;
}

void text_clear(struct text *text)
{
	text->length = 0;
	if (text->data)
		text->data[0] = '\0';
}

void text_free(struct text *text)
{
	free(text->data);
	*text = (struct text){0};
}

double now(clockid_t clock)
{
	struct timespec time;

	(void)clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* A failed write must not harm the tracee: it is told once, and the tool goes on without printing. */
static void put(struct tool *tool, const char *text)
{
	if (tool->failed || tool->options.count)
		return;
	tool->dirty = true;
	if (fputs(text, tool->out) >= 0)
		return;
	tool->failed = true;
	(void)fprintf(stderr, "mini-strace: output failed: %s; the program goes on, unprinted\n", strerror(errno));
}

void line_flush(struct tool *tool)
{
	if (tool->dirty && !tool->failed && fflush(tool->out) && !tool->failed) {
		tool->failed = true;
		(void)fprintf(stderr, "mini-strace: output failed: %s\n", strerror(errno));
	}
	tool->dirty = false;
	tool->flushed = now(CLOCK_MONOTONIC_COARSE);
}

static void end_line(struct tool *tool)
{
	put(tool, "\n");
	tool->current = NULL;
	if (tool->terminal)
		line_flush(tool);
}

struct pending *line_pending(utrace_thread *thread)
{
	struct pending *pending = utrace_thread_data(thread);

	if (!pending) {
		pending = calloc(1, sizeof(*pending));
		if (!pending)
			exit(1);
		utrace_thread_set_data(thread, pending);
	}
	return pending;
}

void line_thread_gone(utrace_thread *thread)
{
	struct pending *pending = utrace_thread_data(thread);

	if (!pending)
		return;
	text_free(&pending->rest);
	free(pending);
	utrace_thread_set_data(thread, NULL);
}

static void add_stamp(const struct options *options, struct text *text)
{
	struct timespec time;
	struct tm parts;

	if (!options->stamp)
		return;
	(void)clock_gettime(CLOCK_REALTIME, &time);
	(void)localtime_r(&time.tv_sec, &parts);
	if (options->stamp == 3)
		text_add(text, "%lld.%06ld ", (long long)time.tv_sec, time.tv_nsec / 1000);
	else if (options->stamp == 2)
		text_add(text, "%02d:%02d:%02d.%06ld ", parts.tm_hour, parts.tm_min, parts.tm_sec, time.tv_nsec / 1000);
	else
		text_add(text, "%02d:%02d:%02d ", parts.tm_hour, parts.tm_min, parts.tm_sec);
}

static void add_prefix(const struct tool *tool, pid_t tid, struct text *text)
{
	if (tool->options.output && (tool->options.follow || tool->options.attach_count > 1))
		text_add(text, "%-5d ", tid);
	else if (!tool->options.output && tool->live > 1)
		text_add(text, "[pid %5d] ", tid);
	add_stamp(&tool->options, text);
}

static void cut_current(struct tool *tool)
{
	if (!tool->current)
		return;
	put(tool, " <unfinished ...>");
	end_line(tool);
}

static struct decoder decoder_of(struct tool *tool, const struct utrace_event *event, struct text *text, bool at_exit)
{
	return (struct decoder){
		.options = &tool->options,
		.process = event->process,
		.call = &event->u.syscall,
		.info = utrace_syscall_describe(event->u.syscall.abi, event->u.syscall.number),
		.text = text,
		.at_exit = at_exit,
	};
}

static void add_name(const struct utrace_event_syscall *call, struct text *text)
{
	const struct utrace_syscall_info *info = utrace_syscall_describe(call->abi, call->number);

	if (info)
		text_add(text, "%s", info->name);
	else
		text_add(text, "syscall_0x%llx", (unsigned long long)call->number);
}

static bool is_timed(const struct tool *tool)
{
	return tool->options.time_spent || tool->summary;
}

void line_entry(struct tool *tool, const struct utrace_event *event)
{
	struct pending *pending = line_pending(event->thread);
	struct text *text = &pending->rest;
	struct decoder decoder = decoder_of(tool, event, text, false);

	pending->since = is_timed(tool) ? now(CLOCK_MONOTONIC) : 0;
	pending->open = true;
	pending->next_arg = 0;
	if (tool->options.count)
		return;
	text_clear(text);
	add_prefix(tool, event->tid, text);
	add_name(&event->u.syscall, text);
	text_add(text, "(");
	pending->next_arg = decode_args(&decoder, 0);
	cut_current(tool);
	put(tool, text->data);
	pending->column = (int)text->length;
	tool->current = event->thread;
}

/* Takes up a line that was cut, or begins one for a call whose entry was not seen. */
static void take_up(struct tool *tool, const struct utrace_event *event, struct text *text)
{
	struct pending *pending = line_pending(event->thread);

	if (tool->current == event->thread)
		return;
	cut_current(tool);
	pending->column = 0;
	add_prefix(tool, event->tid, text);
	text_add(text, "<... ");
	add_name(&event->u.syscall, text);
	text_add(text, " resumed>");
}

static void add_end(struct tool *tool, struct decoder *decoder, struct pending *pending)
{
	struct text *text = decoder->text;
	int column;

	text_add(text, ")");
	column = pending->column + (int)text->length;
	text_add(text, "%*s= ", column < tool->options.column ? tool->options.column - column : 1, "");
	decode_result(decoder);
	if (tool->options.time_spent)
		text_add(text, " <%.6f>", pending->since > 0 ? now(CLOCK_MONOTONIC) - pending->since : 0.0);
}

void line_exit(struct tool *tool, const struct utrace_event *event)
{
	struct pending *pending = line_pending(event->thread);
	struct text *text = &pending->rest;
	struct decoder decoder = decoder_of(tool, event, text, true);
	double spent = pending->open && is_timed(tool) ? now(CLOCK_MONOTONIC) - pending->since : 0;

	if (tool->summary)
		summary_add(tool->summary, &event->u.syscall, spent);
	if (!tool->options.count) {
		text_clear(text);
		take_up(tool, event, text);
		(void)decode_args(&decoder, pending->open ? pending->next_arg : 6);
		add_end(tool, &decoder, pending);
		put(tool, text->data);
		end_line(tool);
	}
	pending->open = false;
}

/* The call that started the program was made by the library's child; its arguments are known here. */
void line_execve(struct tool *tool, const struct utrace_event *event, int64_t result)
{
	struct pending *pending = line_pending(event->thread);
	struct text *text = &pending->rest;
	char path[4096] = "";
	char link[64];
	ssize_t length;
	int count = 0;
	int column;

	while (tool->environment[count])
		count++;
	(void)snprintf(link, sizeof(link), "/proc/%d/exe", event->pid);
	length = strchr(tool->options.program[0], '/') ? -1 : readlink(link, path, sizeof(path) - 1);
	text_clear(text);
	add_prefix(tool, event->tid, text);
	text_add(text, "execve(\"%s\", ", length > 0 ? path : tool->options.program[0]);
	decode_argv(text, &tool->options, tool->options.program);
	text_add(text, ", %p /* %d vars */)", (void *)tool->environment, count);
	column = (int)text->length;
	text_add(text, "%*s= %lld", column < tool->options.column ? tool->options.column - column : 1, "",
		 (long long)result);
	cut_current(tool);
	put(tool, text->data);
	end_line(tool);
}

void line_note(struct tool *tool, utrace_thread *thread, const char *note)
{
	struct text text = {0};

	cut_current(tool);
	add_prefix(tool, utrace_thread_tid(thread), &text);
	text_add(&text, "%s", note);
	put(tool, text.data);
	end_line(tool);
	text_free(&text);
}

/* The thread will not come back from its call. */
void line_abandon(struct tool *tool, utrace_thread *thread, const char *result)
{
	struct pending *pending = line_pending(thread);
	struct text text = {0};
	int column = pending->column + 1;

	if (!pending->open)
		return;
	pending->open = false;
	if (tool->current != thread || tool->options.count)
		return;
	text_add(&text, ")%*s= %s", column < tool->options.column ? tool->options.column - column : 1, "", result);
	put(tool, text.data);
	end_line(tool);
	text_free(&text);
}
