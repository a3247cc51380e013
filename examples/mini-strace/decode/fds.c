/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/fds.c - what a descriptor stands for: -y, -yy, -e decode-fds=.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "decode/decoder.h"
#include "decode/sockdiag.h"

static void add_path(const struct decoder *d, struct text *mark, const char *path, size_t length)
{
	text_char(mark, '<');
	quote_bytes(mark, path, length, d->show->escape, "<>");
	text_char(mark, '>');
}

/* "socket:[123]" */
static bool add_socket(const struct decoder *d, int fd, struct text *mark, const char *path)
{
	unsigned long inode;
	char end;

	if (!(d->show->fds & FDS_SOCKET) || sscanf(path, "socket:[%lu%c", &inode, &end) != 2 || end != ']')
		return false;
	text_char(mark, '<');
	if (!socket_describe(d->tid, fd, inode, mark)) {
		text_clear(mark);
		return false;
	}
	text_char(mark, '>');
	return true;
}

/* </dev/null<char 1:3>> */
static bool add_device(const struct decoder *d, struct text *mark, const char *path, size_t length)
{
	struct stat status;

	if (!(d->show->fds & FDS_DEV) || path[0] != '/' || stat(path, &status) ||
	    (!S_ISCHR(status.st_mode) && !S_ISBLK(status.st_mode)))
		return false;
	text_char(mark, '<');
	quote_bytes(mark, path, length, d->show->escape, "<>");
	text_add(mark, "<%s %u:%u>>", S_ISCHR(status.st_mode) ? "char" : "block", major(status.st_rdev),
		 minor(status.st_rdev));
	return true;
}

static bool add_pidfd(const struct decoder *d, int fd, struct text *mark, const char *path)
{
	char name[64];
	char line[128];
	int pid = 0;
	FILE *file;

	if (!(d->show->fds & FDS_PIDFD) || strcmp(path, "anon_inode:[pidfd]") != 0)
		return false;
	(void)snprintf(name, sizeof(name), "/proc/%d/fdinfo/%d", d->pid, fd);
	file = fopen(name, "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, "Pid:", 4) == 0)
			pid = (int)strtol(line + 4, NULL, 10);
	}
	if (file)
		(void)fclose(file);
	if (pid > 0)
		text_add(mark, "<pid:%d>", pid);
	return pid > 0;
}

bool descriptor_describe(const struct decoder *d, int fd, struct text *mark)
{
	static const char gone[] = " (deleted)";
	char link[64];
	char path[LONGEST_PATH];
	ssize_t length;
	size_t tail = sizeof(gone) - 1;

	(void)snprintf(link, sizeof(link), "/proc/%d/fd/%d", d->tid, fd);
	length = readlink(link, path, sizeof(path) - 1);
	if (length <= 0)
		return false;
	path[length] = '\0';
	if (add_socket(d, fd, mark, path) || add_device(d, mark, path, (size_t)length) || add_pidfd(d, fd, mark, path))
		return true;
	if ((size_t)length > tail && path[0] == '/' && strcmp(path + length - tail, gone) == 0) {
		add_path(d, mark, path, (size_t)length - tail);
		text_string(mark, "(deleted)");
		return true;
	}
	add_path(d, mark, path, (size_t)length);
	return true;
}
