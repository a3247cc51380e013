/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/notes.h - lines that are not calls: signals, stops, ends.
 */
#ifndef MINI_STRACE_NOTES_H
#define MINI_STRACE_NOTES_H

#include <signal.h>
#include <utrace/utrace.h>

struct tool;

void note_signal(struct tool *tool, utrace_thread *thread, const siginfo_t *info);
void note_stop(struct tool *tool, utrace_thread *thread, int signal);
void note_exit(struct tool *tool, utrace_thread *thread, int status);
/* `by`: the thread that called execve, by its id then. */
void note_superseded(struct tool *tool, utrace_thread *thread, pid_t by);
/* The program's word size is another than before. */
void note_personality(struct tool *tool, utrace_thread *thread, uint32_t abi);

#endif
