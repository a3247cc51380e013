/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * util/procfs.c - see procfs.h. Every file is opened, read and closed at once: nothing here outlives a call.
 */
#include "util/procfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

ssize_t ut__procfs_read(const char *path, char *buffer, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;

	if (fd < 0)
		return -1;
	while (used < size - 1) {
		ssize_t n = read(fd, buffer + used, size - 1 - used);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		used += (size_t)n;
	}
	buffer[used] = '\0';
	close(fd);
	return (ssize_t)used;
}

long ut__procfs_status(pid_t tid, const char *field)
{
	char path[64];
	char text[4096];
	char key[48];
	const char *line;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", tid);
	if (ut__procfs_read(path, text, sizeof(text)) <= 0)
		return -1;
	(void)snprintf(key, sizeof(key), "\n%s:", field);
	line = strstr(text, key);
	return line ? strtol(line + strlen(key), NULL, 10) : -1;
}

/* What follows the name in /proc/TID/stat, or NULL. */
static const char *read_stat(pid_t tid, char *text, size_t size)
{
	char path[64];
	const char *end;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	if (ut__procfs_read(path, text, size) <= 0)
		return NULL;
	/* The name may contain anything, also blanks and parentheses: the last one closes it. */
	end = strrchr(text, ')');
	return end ? end + 1 : NULL;
}

bool ut__procfs_stat(pid_t tid, char *state, unsigned long *flags)
{
	char text[1024];
	const char *fields = read_stat(tid, text, sizeof(text));

	return fields && sscanf(fields, " %c %*d %*d %*d %*d %*d %lu", state, flags) == 2;
}

int ut__procfs_cpu(pid_t tid)
{
	enum { FIELDS_BEFORE = 36 }; /* from the state, the third, to the processor, the 39th */
	char text[1024];
	const char *at = read_stat(tid, text, sizeof(text));

	for (int i = 0; at && i <= FIELDS_BEFORE; i++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	return at ? (int)strtol(at, NULL, 10) : -1;
}

int ut__procfs_each_task(pid_t pid, void (*visit)(void *context, pid_t tid), void *context)
{
	char path[64];
	DIR *dir;
	struct dirent *entry;
	int count = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	if (!dir)
		return -1;
	while ((entry = readdir(dir)) != NULL) {
		pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (tid <= 0)
			continue;
		visit(context, tid);
		count++;
	}
	closedir(dir);
	return count;
}
