/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stacks.c PID - prints the stack of each thread of a process as eu-stack does, and lets it go.
 */
#include <stdio.h>
#include <stdlib.h>
#include <utrace/utrace.h>

static void print_stack(utrace_image *image, utrace_thread *thread)
{
	const struct utrace_unwind_options options = {.size = sizeof(options), .no_inlined = 1};
	struct utrace_error error;
	utrace_stack *stack;

	printf("TID %d:\n", utrace_thread_tid(thread));
	if (utrace_stack_open(image, thread, &options, &stack, &error)) {
		printf("%s\n", error.text);
		return;
	}
	for (size_t i = 0; i < utrace_stack_depth(stack); i++) {
		utrace_frame *frame = utrace_stack_frame(stack, i);
		const char *name = utrace_frame_function(frame);

		printf("#%-2zu 0x%016llx %s\n", i, (unsigned long long)utrace_frame_pc(frame), name ? name : "");
	}
	utrace_stack_close(stack);
}

int main(int argc, char **argv)
{
	const struct utrace_session_options bound = {.size = sizeof(bound), .threading = UTRACE_THREADS_BOUND};
	const struct utrace_attach_options hold = {
		.size = sizeof(hold), .hold = 1, .events = {.stop = UTRACE_EVENTS_NONE}};
	struct utrace_event event = UTRACE_EVENT_INIT;
	struct utrace_error error = {.text = "which process?"};
	static utrace_thread *threads[1 << 15];
	utrace_session *session;
	utrace_process *process;
	utrace_symbols *symbols;
	utrace_image *image;
	int count;

	if (argc < 2 || utrace_session_open(&bound, &session, &error) ||
	    utrace_attach(session, atoi(argv[1]), &hold, &process, &error) ||
	    utrace_symbols_create(NULL, &symbols, &error) || utrace_image_open(symbols, process, &image, &error))
		return fprintf(stderr, "%s\n", error.text), 1;
	while (utrace_process_is_stopped(process, NULL) == 0 && utrace_session_next(session, &event, -1, NULL) == 1) {
	}
	count = utrace_process_threads(process, threads, sizeof(threads) / sizeof(threads[0]), NULL);
	for (int i = 0; i < count; i++) {
		print_stack(image, threads[i]);
		utrace_thread_unref(threads[i]);
	}
	utrace_image_close(image);
	utrace_symbols_unref(symbols);
	utrace_process_unref(process);
	utrace_event_clear(&event);
	utrace_session_close(session);
	return 0;
}
