/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/threads.h - the program's threads by gdb's numbers.
 *
 * Each thread's handle carries a thread_info as its data.  When the debugger has the prompt every thread is held; one
 * that stopped for a reason that was not reported yet keeps its event (pending), and the next continue reports it.
 */
#ifndef MINI_GDB_THREADS_H
#define MINI_GDB_THREADS_H

#include "gdb.h"

struct thread_info {
	struct thread_info *next;
	utrace_thread *thread;
	int number;
	char *name;       /* that the user gave it; NULL: the program's */
	uint64_t pthread; /* 0: not known yet */
	bool pending;
	struct utrace_event event; /* of the hold */
	int signal;                /* to be delivered by the next resume */
	size_t hidden; /* inlined functions at whose first instruction it stands and that have not been entered */
};

struct thread_info *thread_info(const utrace_thread *thread);
/* Numbers a thread that was not known. */
struct thread_info *thread_add(struct gdb *gdb, utrace_thread *thread);
void thread_remove(struct gdb *gdb, utrace_thread *thread);
void threads_clear(struct gdb *gdb);
struct thread_info *thread_by_number(struct gdb *gdb, int number);
struct thread_info *threads_first(struct gdb *gdb);

/* "Thread 0x7ffff7d8a740 (LWP 12)"; in the command's arena. */
const char *thread_label(struct gdb *gdb, utrace_thread *thread);
/* "Thread 2 "name" " if the program has had several threads, else "Program ". */
const char *thread_subject(struct gdb *gdb, utrace_thread *thread, const char *alone);
const char *thread_title(struct gdb *gdb, utrace_thread *thread);

/* "2", or "1.2" where there are several processes. */
const char *thread_id(struct gdb *gdb, const struct thread_info *info);
/* What the target column has: label and name. */
const char *thread_target(struct gdb *gdb, const struct thread_info *info);

void select_thread(struct gdb *gdb, utrace_thread *thread);
bool need_thread(struct gdb *gdb);
/* $_thread and the like; NULL if it is none of them. */
struct value *thread_convenience(struct gdb *gdb, const char *name);

bool command_thread(struct gdb *gdb, const char *arguments);
bool thread_find(struct gdb *gdb, const char *arguments);
bool thread_name_command(struct gdb *gdb, const char *arguments);
bool info_threads(struct gdb *gdb, const char *arguments);

#endif
