/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/output.c - where lines go: stderr, a file, a command, or a file for each thread.
 *
 * Output goes out in blocks; before the tool waits for long, and at each line's end on a terminal or on the stderr that the tracee shares, it is flushed.  A write that fails
 * must not harm the tracees: it is told once, and they go on, unprinted.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool.h"

enum { BLOCK = 65536, LATEST = 100000000 /* nanoseconds */, LOOK_EVERY = 16 };

static FILE *open_file(const char *path, bool append)
{
	FILE *file = fopen(path, append ? "ae" : "we");

	if (!file)
		die("Can't fopen '%s': %s", path, strerror(errno));
	return file;
}

/* popen(3) would hand on neither the end of the command nor our own choice of signals. */
static FILE *open_command(struct tool *tool, const char *command)
{
	int ends[2];
	FILE *file;

	if (pipe2(ends, O_CLOEXEC))
		die("pipe: %s", strerror(errno));
	tool->output_command = fork();
	if (tool->output_command < 0)
		die("fork: %s", strerror(errno));
	if (tool->output_command == 0) {
		(void)dup2(ends[0], STDIN_FILENO);
		(void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	(void)close(ends[0]);
	file = fdopen(ends[1], "w");
	if (!file)
		die("out of memory");
	return file;
}

void output_open(struct tool *tool)
{
	const struct options *options = &tool->options;
	const char *path = options->output;

	tool->out.file = stderr;
	if (path && (*path == '|' || *path == '!'))
		tool->out.file = open_command(tool, path + 1);
	else if (path && !options->separate)
		tool->out.file = open_file(path, options->append);
	tool->out.prompt = tool->out.file == stderr || isatty(fileno(tool->out.file));
	tool->color = options->color || (options->color_auto && isatty(fileno(tool->out.file)));
	(void)setvbuf(tool->out.file, NULL, _IOFBF, BLOCK);
}

static void fail(struct tool *tool, struct sink *sink)
{
	if (sink->failed)
		return;
	sink->failed = true;
	note("%s: %s; the program goes on, unprinted", tool->options.output ? tool->options.output : "stderr",
	     strerror(errno));
}

static struct sink *open_sink(const struct tool *tool, pid_t tid, bool append)
{
	struct sink *sink = calloc(1, sizeof(*sink));
	char path[4096];

	if (!sink)
		die("out of memory");
	(void)snprintf(path, sizeof(path), "%s.%d", tool->options.output, tid);
	sink->file = open_file(path, append);
	return sink;
}

struct sink *sink_of(struct tool *tool, utrace_thread *thread)
{
	struct track *track;

	if (!tool->options.separate)
		return &tool->out;
	track = track_of(thread);
	if (!track->sink)
		track->sink = open_sink(tool, utrace_thread_tid(thread), tool->options.append);
	return track->sink;
}

void sink_move(struct tool *tool, utrace_thread *thread)
{
	struct track *track = track_of(thread);

	if (!tool->options.separate)
		return;
	if (track->sink) {
		char text[48];

		(void)snprintf(text, sizeof(text), " <pid changed to %d ...>\n", utrace_thread_tid(thread));
		if (track->sink->current)
			sink_put(tool, track->sink, text);
		sink_close(track->sink);
	}
	track->sink = open_sink(tool, utrace_thread_tid(thread), true);
}

void sink_put(struct tool *tool, struct sink *sink, const char *text)
{
	sink_write(tool, sink, text, strlen(text));
}

void sink_write(struct tool *tool, struct sink *sink, const char *text, size_t length)
{
	if (sink->failed || tool->leaving)
		return;
	sink->dirty = true;
	if (fwrite_unlocked(text, 1, length, sink->file) < length)
		fail(tool, sink);
}

void sink_end_line(struct tool *tool, struct sink *sink)
{
	sink_write(tool, sink, "\n", 1);
	sink_line_ended(tool, sink);
}

void sink_line_ended(struct tool *tool, struct sink *sink)
{
	sink->current = NULL;
	if (sink->prompt)
		output_flush(tool);
}

void sink_close(struct sink *sink)
{
	(void)fclose(sink->file);
	free(sink);
}

void output_flush(struct tool *tool)
{
	struct sink *sink = &tool->out;

	if (tool->options.separate) {
		(void)fflush(NULL);
		return;
	}
	if (sink->dirty && !sink->failed && fflush(sink->file))
		fail(tool, sink);
	sink->dirty = false;
	sink->flushed = clock_coarse();
}

bool output_is_dirty(const struct tool *tool)
{
	return tool->out.dirty || tool->options.separate;
}

/* Asked before each event. Events that are far apart are waited for, and found late there. */
bool output_is_late(struct tool *tool)
{
	if (!tool->out.dirty || ++tool->out.asked % LOOK_EVERY)
		return false;
	return clock_coarse() - tool->out.flushed > LATEST;
}

void sink_cut(struct tool *tool, struct sink *sink)
{
	if (!sink->current)
		return;
	sink_put(tool, sink, " <unfinished ...>");
	sink_end_line(tool, sink);
}

void output_note(struct tool *tool, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (tool->out.file == stderr)
		sink_cut(tool, &tool->out);
	output_flush(tool);
	note("%s", text);
}

void output_close(struct tool *tool)
{
	tool->out.dirty = true; /* the table of -c goes there directly */
	output_flush(tool);
	if (tool->out.file != stderr)
		(void)fclose(tool->out.file);
	while (tool->output_command && waitpid(tool->output_command, NULL, 0) < 0 && errno == EINTR)
		;
}
