/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * first.c PROGRAM FUNCTION - starts the program, runs it to the function, prints where that is, and ends it: what a debugger does before its
 * user can do anything.
 */
#include <stdio.h>
#include <stdlib.h>
#include <utrace/utrace.h>

static int insert(const struct utrace_location *location, void *process)
{
	const struct utrace_breakpoint_options options = {.size = sizeof(options), .address = location->address};
	utrace_breakpoint *breakpoint;

	if (utrace_breakpoint_insert(process, &options, &breakpoint, NULL))
		return 1;
	utrace_breakpoint_unref(breakpoint);
	return 0;
}

static void print_place(utrace_image *image, utrace_thread *thread)
{
	const struct utrace_unwind_options lazy = {.size = sizeof(lazy), .lazy = 1};
	struct utrace_line line = {.size = sizeof(line)};
	utrace_stack *stack;

	if (utrace_stack_open(image, thread, &lazy, &stack, NULL))
		return;
	if (!utrace_frame_line(utrace_stack_frame(stack, 0), &line, NULL))
		printf("%s () at %s:%u\n", utrace_frame_function(utrace_stack_frame(stack, 0)), line.file, line.line);
	utrace_stack_close(stack);
}

int main(int argc, char **argv)
{
	const struct utrace_session_options bound = {.size = sizeof(bound), .threading = UTRACE_THREADS_BOUND};
	struct utrace_spawn_options options = {
		.size = sizeof(options),
		.argv = (const char *const[]){argc > 1 ? argv[1] : NULL, NULL},
		.hold = 1,
		.events = {.stop = UTRACE_EVENT_BIT(UTRACE_EVENT_BREAKPOINT)},
	};
	struct utrace_event event = UTRACE_EVENT_INIT;
	struct utrace_error error = {.text = "which program, and which function?"};
	utrace_session *session;
	utrace_process *process;
	utrace_symbols *symbols;
	utrace_image *image;

	if (argc < 3 || utrace_session_open(&bound, &session, &error) ||
	    utrace_spawn(session, &options, &process, &error) || utrace_symbols_create(NULL, &symbols, &error) ||
	    utrace_image_open(symbols, process, &image, &error))
		return fprintf(stderr, "%s\n", error.text), 1;
	while (utrace_session_next(session, &event, -1, NULL) == 1) {
		if (event.reason == UTRACE_EVENT_EXEC && utrace_function_each(image, argv[2], insert, process, &error))
			(void)utrace_process_kill(process, NULL);
		if (event.reason == UTRACE_EVENT_BREAKPOINT) {
			print_place(image, event.thread);
			(void)utrace_process_kill(process, NULL);
		}
		if ((event.flags & UTRACE_EVENT_HELD) && event.thread)
			(void)utrace_thread_resume(event.thread, NULL, NULL);
	}
	utrace_image_close(image);
	utrace_symbols_unref(symbols);
	utrace_process_unref(process);
	utrace_session_close(session);
	return 0;
}
