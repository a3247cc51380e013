/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/daemon.h - -D: PROG is the process that was started, and the tracer a grandchild of it.
 */
#ifndef MINI_STRACE_DAEMON_H
#define MINI_STRACE_DAEMON_H

#include <sys/types.h>

struct tool;

struct daemon {
	pid_t program; /* what is to be attached */
	int go;        /* write end: a byte lets it run */
};

/* Returns in the tracer only. */
void daemon_split(struct tool *tool, struct daemon *daemon);
/* Attached: the program may start. */
void daemon_go(struct daemon *daemon);

#endif
