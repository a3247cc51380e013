/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/json.c - --json: an object a line, with values as numbers, strings, arrays and objects, never as text to be parsed.
 */
#include "json.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tool.h"

/* Microseconds of a time since 1970. */
enum { DIGITS = 16 };

static double wall_time(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_REALTIME, &time);
	return (double)time.tv_sec + (double)(time.tv_nsec / 1000) / 1e6;
}

json_t *json_begin(utrace_thread *thread, const char *type)
{
	json_t *object = json_pack("{s:s, s:f, s:i, s:i}", "type", type, "time", wall_time(), "pid",
				   utrace_process_pid(utrace_thread_process(thread)), "tid", utrace_thread_tid(thread));

	if (!object)
		die("out of memory");
	return object;
}

void json_print(struct tool *tool, utrace_thread *thread, json_t *object)
{
	struct sink *sink = sink_of(tool, thread);
	char *line = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS));

	if (!line)
		die("out of memory");
	sink_put(tool, sink, line);
	sink_end_line(tool, sink);
	free(line);
	json_decref(object);
}

static json_t *begin_call(utrace_thread *thread, json_t *args)
{
	struct track *track = track_of(thread);
	json_t *object = json_begin(thread, "syscall");

	(void)json_object_set_new(object, "name", json_string(track->name));
	(void)json_object_set_new(object, "number", json_integer(track->number));
	(void)json_object_set_new(object, "abi", json_string(utrace_abi_name(track->abi)));
	(void)json_object_set_new(object, "args", args);
	return object;
}

static void add_tampering(json_t *object, uint32_t done)
{
	static const char *const names[] = {"result", "args", "delay"};
	json_t *list;

	if (!done)
		return;
	list = json_array();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (done & 1U << i)
			(void)json_array_append_new(list, json_string(names[i]));
	}
	(void)json_object_set_new(object, "injected", list);
}

void json_call(struct tool *tool, const struct utrace_event *event, int64_t spent)
{
	struct track *track = track_of(event->thread);
	json_t *object = begin_call(event->thread, decode_take_args(&track->state));

	(void)json_object_update_new(object, decode_take_result(tool->decode, event));
	if (tool->options.pc)
		(void)json_object_set_new(object, "pc", json_integer((json_int_t)event->u.syscall.pc));
	if (track->since)
		(void)json_object_set_new(object, "duration_ns", json_integer((json_int_t)spent));
	add_tampering(object, track->tampered.done);
	json_print(tool, event->thread, object);
}

void json_cut_call(struct tool *tool, utrace_thread *thread, const char *why)
{
	json_t *object = begin_call(thread, decode_take_args(&track_of(thread)->state));

	(void)json_object_set_new(object, why, json_true());
	json_print(tool, thread, object);
}

static void write_string(struct writer *writer, const char *string)
{
	writer_bytes(writer, string, strlen(string), false, QUOTE_NORMAL);
}

void json_execve(struct tool *tool, const struct utrace_event *event)
{
	struct writer writer;
	json_t *object;

	writer_init_json(&writer, &tool->options.show);
	writer_name(&writer, "filename");
	write_string(&writer, tool->program_path);
	writer_name(&writer, "argv");
	writer_begin(&writer, FRAME_ARRAY);
	for (char **arg = tool->options.program; *arg; arg++)
		write_string(&writer, *arg);
	writer_end(&writer);
	writer_name(&writer, "envp");
	writer_address(&writer, (uintptr_t)tool->environment);
	object = begin_call(event->thread, writer_take_json(&writer));
	(void)json_object_set_new(object, "result", json_integer((json_int_t)event->u.syscall.result));
	json_print(tool, event->thread, object);
}
