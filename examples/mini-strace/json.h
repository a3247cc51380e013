/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/json.h - --json: an object a line.
 *
 * Every object has "type", "time" (seconds since 1970), "pid" and "tid".
 */
#ifndef MINI_STRACE_JSON_H
#define MINI_STRACE_JSON_H

#include <jansson.h>
#include <utrace/utrace.h>

struct tool;

/* An object that says of which thread it is; the caller adds to it and gives it to json_print. */
json_t *json_begin(utrace_thread *thread, const char *type);
/* Prints the object, and takes it. */
void json_print(struct tool *tool, utrace_thread *thread, json_t *object);

/* A call that is over, with the time it took in nanoseconds. */
void json_call(struct tool *tool, const struct utrace_event *event, int64_t spent);
/* A call that is not over: "unfinished", "detached". */
void json_cut_call(struct tool *tool, utrace_thread *thread, const char *why);
/* The call that started PROG, or its failure if there is no event. */
void json_execve(struct tool *tool, const struct utrace_event *event);

#endif
