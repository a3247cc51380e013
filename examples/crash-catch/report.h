/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crash-catch/report.h - what is written of a process that is about to die.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdio.h>
#include <utrace/utrace.h>

/*
 * Writes the signal, the stacks of all threads, that of `thread` first, and the modules with their build IDs. Every thread of the
 * process is held.  What can't be had is said in the report.
 */
void report_write(FILE *out, utrace_symbols *symbols, utrace_thread *thread, const siginfo_t *info);

#endif
