/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stops condition|step N PROGRAM [ARGUMENT...]: runs the program with a breakpoint on its function hit() whose condition is
 * never true, or steps it N instructions from there.  Prints how many hits or steps there were.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utrace/utrace.h>

static struct utrace_error error;

static void check(int status)
{
	if (status >= 0)
		return;
	fprintf(stderr, "stops: %s\n", error.text);
	exit(1);
}

static int never(utrace_breakpoint *breakpoint, utrace_thread *thread, void *data)
{
	uint64_t argument = 0;

	(void)breakpoint;
	++*(long *)data;
	return utrace_register_get(thread, UTRACE_REG_ARG0, &argument, NULL) || argument == (uint64_t)-1;
}

static int take(const struct utrace_symbol *symbol, void *data)
{
	*(uint64_t *)data = symbol->address;
	return 1;
}

static uint64_t find_hit(utrace_process *process)
{
	utrace_symbols *symbols;
	utrace_image *image;
	uint64_t address = 0;

	check(utrace_symbols_create(NULL, &symbols, &error));
	check(utrace_image_open(symbols, process, &image, &error));
	utrace_symbol_each(image, NULL, "hit", take, &address);
	utrace_image_close(image);
	utrace_symbols_unref(symbols);
	return address;
}

/* Steps from the first event that holds, so often, and then lets go. */
static long step(utrace_session *session, struct utrace_event *event, long count)
{
	const struct utrace_resume_options one = {.size = sizeof(one), .how = UTRACE_STEP};
	long done = 0;

	while (utrace_session_next(session, event, -1, &error) == 1) {
		if (!(event->flags & UTRACE_EVENT_HELD))
			continue;
		done += event->reason == UTRACE_EVENT_STEPPED;
		check(utrace_thread_resume(event->thread, done < count ? &one : NULL, &error));
	}
	return done;
}

int main(int argc, char **argv)
{
	struct utrace_session_options bound = {
		.size = sizeof(bound), .threading = UTRACE_THREADS_BOUND, .one_cpu = UTRACE_ONE_CPU_AUTO, .defer = 1};
	struct utrace_spawn_options options = {.size = sizeof(options), .hold = 1, .events.stop = UTRACE_EVENTS_NONE};
	struct utrace_breakpoint_options at = {.size = sizeof(at)};
	struct utrace_event event = UTRACE_EVENT_INIT;
	utrace_breakpoint *breakpoint;
	utrace_session *session;
	utrace_process *process;
	long hits = 0;
	int stepping;

	if (argc < 4)
		return fprintf(stderr, "usage: stops condition|step N PROGRAM [ARGUMENT...]\n"), 2;
	stepping = strcmp(argv[1], "step") == 0;
	options.argv = (const char *const *)argv + 3;
	check(utrace_session_open(&bound, &session, &error));
	check(utrace_spawn(session, &options, &process, &error));
	check(utrace_session_next(session, &event, -1, &error));
	at.address = find_hit(process);
	at.condition = stepping ? NULL : never;
	at.data = &hits;
	at.temporary = stepping != 0;
	check(utrace_breakpoint_insert(process, &at, &breakpoint, &error));
	check(utrace_thread_resume(event.thread, NULL, &error));
	if (stepping)
		hits = step(session, &event, atol(argv[2]));
	else
		while (utrace_session_next(session, &event, -1, &error) == 1)
			if (event.flags & UTRACE_EVENT_HELD)
				check(utrace_thread_resume(event.thread, NULL, &error));
	printf("%ld\n", hits);
	utrace_event_clear(&event);
	utrace_breakpoint_unref(breakpoint);
	utrace_process_unref(process);
	utrace_session_close(session);
	return 0;
}
