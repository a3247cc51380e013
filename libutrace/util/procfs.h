/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * util/procfs.h - small questions that /proc answers. (proc(5))
 */
#ifndef UT_UTIL_PROCFS_H
#define UT_UTIL_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Reads a small file whole into buffer and terminates it; the length, or -1 with errno. */
ssize_t ut__procfs_read(const char *path, char *buffer, size_t size);

/* A decimal field of /proc/TID/status such as "TracerPid"; -1 if there is none. Base 10. */
long ut__procfs_status(pid_t tid, const char *field);

/* The kernel flags (PF_*, include/linux/sched.h) of /proc/TID/stat, and the state letter; false if it is gone. */
bool ut__procfs_stat(pid_t tid, char *state, unsigned long *flags);

/* The CPU that a thread ran on last; -1 if it is gone. */
int ut__procfs_cpu(pid_t tid);

/* Calls visit for each thread id of a process; the number of ids, or -1 if it is gone. */
int ut__procfs_each_task(pid_t pid, void (*visit)(void *context, pid_t tid), void *context);

#define UT__PF_SIGNALED 0x00000400ul
#define UT__PF_KTHREAD  0x00200000ul

#endif
