/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/delay.h - threads that an injection keeps stopped for a while, and signals that it adds.
 */
#ifndef MINI_STRACE_DELAY_H
#define MINI_STRACE_DELAY_H

#include <stdint.h>
#include <utrace/utrace.h>

struct tool;

/* Resumes after so many nanoseconds; `signal` 0: none. */
void delay_add(struct tool *tool, utrace_thread *thread, int64_t nanoseconds, int signal);
/* Resumes at once. */
void delay_resume(utrace_thread *thread, int signal);
/* The thread is gone. */
void delay_forget(struct tool *tool, const utrace_thread *thread);
/* Resumes those whose time is over. */
void delay_run(struct tool *tool);
/* Milliseconds until the next one's time is over; -1: there is none. */
int delay_next(const struct tool *tool);

#endif
