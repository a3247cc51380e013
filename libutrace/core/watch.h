/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/watch.h - breakpoints and watchpoints in the processor's debug registers.
 *
 * A process has one set of slots; each of its threads is given it before it next runs (debug_version says which set it has).
 */
#ifndef UT_CORE_WATCH_H
#define UT_CORE_WATCH_H

#include "core/breakpoint.h"

/*
 * Takes slots for it and gives them to every thread; running ones are interrupted for it. UTRACE_BUSY: not enough are free.
 */
int ut__watch_enable(utrace_breakpoint *breakpoint, struct utrace_error *error);
void ut__watch_disable(utrace_breakpoint *breakpoint);

/* Before the thread runs. */
void ut__watch_sync(utrace_thread *thread);

/* The program has ended or was replaced; the process is let go: all registers are free. */
void ut__watch_forget(utrace_process *process);
void ut__watch_clean(utrace_process *process);
/* The copies that a fork's child asked for. */
void ut__watch_inherit(const utrace_process *parent, utrace_process *child);

#endif
