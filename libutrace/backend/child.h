/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/child.h - the child that becomes a spawned program, for every backend.
 *
 * It waits at a pipe until the backend has attached to it, prepares itself, and calls execve.  What fails on the way
 * is reported through a second pipe, with the step's name.
 */
#ifndef UT_BACKEND_CHILD_H
#define UT_BACKEND_CHILD_H

#include <linux/filter.h>

#include "backend/backend.h"

struct ut__child {
	const struct ut__spawn *spawn;
	struct sock_fprog filter; /* to install; len 0: none */
	bool no_new_privs;        /* for that */
	/* Filled by ut__child_start. */
	int go;     /* the child's read end: one byte when it is attached to */
	int report; /* its write end, close-on-exec */
	int start;  /* the other end of `go` */
	int result; /* ... of `report` */
	char *const *envp;
};

/* Forks; the child waits.  On success ut__child_end is owed. */
int ut__child_start(struct ut__child *child, pid_t *pid, struct utrace_error *error);
/* Lets it go on to execve; false: it is gone. */
bool ut__child_go(const struct ut__child *child);
/* Why there was no execve: fills the error and returns its status. The child has ended, or is about to. */
int ut__child_explain(const struct ut__child *child, struct utrace_error *error);
void ut__child_end(const struct ut__child *child);
/* Kills and reaps a child that nobody has attached to. */
void ut__child_kill(pid_t pid);

#endif
