/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/delay.c - threads that are kept stopped for a while; others go on meanwhile.
 */
#include "delay.h"

#include <signal.h>
#include <stdlib.h>

#include "tool.h"

enum { NANO_A_MILLI = 1000000 };

void delay_add(struct tool *tool, utrace_thread *thread, int64_t nanoseconds, int signal)
{
	struct delay *grown = realloc(tool->delays, (tool->delay_count + 1) * sizeof(*grown));

	if (!grown)
		die("out of memory");
	tool->delays = grown;
	grown[tool->delay_count++] = (struct delay){
		.thread = utrace_thread_ref(thread), .until = clock_now() + nanoseconds, .signal = signal};
}

/* UTRACE_DEAD is no error here: the end will be told. */
static void resume_with(utrace_thread *thread, int signal)
{
	const siginfo_t info = {.si_signo = signal, .si_code = SI_KERNEL};
	const struct utrace_resume_options options = {
		.size = sizeof(options), .signal = UTRACE_SIGNAL_INJECT, .info = &info};

	(void)utrace_thread_resume(thread, &options, NULL);
}

void delay_resume(utrace_thread *thread, int signal)
{
	if (signal)
		resume_with(thread, signal);
	else
		(void)utrace_thread_resume(thread, NULL, NULL);
}

static void drop(struct tool *tool, size_t index)
{
	utrace_thread_unref(tool->delays[index].thread);
	tool->delays[index] = tool->delays[--tool->delay_count];
}

void delay_forget(struct tool *tool, const utrace_thread *thread)
{
	for (size_t i = 0; i < tool->delay_count; i++) {
		if (tool->delays[i].thread == thread) {
			drop(tool, i);
			return;
		}
	}
}

void delay_run(struct tool *tool)
{
	int64_t time = tool->delay_count ? clock_now() : 0;

	for (size_t i = 0; i < tool->delay_count;) {
		if (tool->delays[i].until > time) {
			i++;
			continue;
		}
		delay_resume(tool->delays[i].thread, tool->delays[i].signal);
		drop(tool, i);
	}
}

int delay_next(const struct tool *tool)
{
	int64_t first = INT64_MAX;
	int64_t left;

	for (size_t i = 0; i < tool->delay_count; i++)
		first = tool->delays[i].until < first ? tool->delays[i].until : first;
	if (first == INT64_MAX)
		return -1;
	left = (first - clock_now() + NANO_A_MILLI - 1) / NANO_A_MILLI;
	return left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left;
}
