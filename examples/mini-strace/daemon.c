/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/daemon.c - -D.
 *
 * The process that the caller started waits at a pipe until it is attached, and then becomes PROG, so that its parent sees nothing of
 * the tracer.  If the tracer ends before, the pipe ends too, and PROG is not started.
 */
#include "daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool.h"

static void become(const char *user)
{
	const struct passwd *entry = user ? getpwnam(user) : NULL;

	if (!user)
		return;
	if (!entry)
		die("Cannot find user '%s'", user);
	if (initgroups(user, entry->pw_gid) || setresgid(entry->pw_gid, entry->pw_gid, entry->pw_gid) ||
	    setresuid(entry->pw_uid, entry->pw_uid, entry->pw_uid))
		die("can't become user '%s': %s", user, strerror(errno));
}

__attribute__((noreturn)) static void become_program(const struct tool *tool, int wait_for_go)
{
	char byte;

	if (read(wait_for_go, &byte, 1) != 1)
		exit(1);
	become(tool->options.user);
	(void)execve(tool->program_path, tool->options.program, tool->environment);
	die("exec: %s", strerror(errno));
}

static void stand_aside(enum daemonize how)
{
	if (how == DAEMON_GROUP)
		(void)setpgid(0, 0);
	if (how == DAEMON_SESSION)
		(void)setsid();
}

void daemon_split(struct tool *tool, struct daemon *daemon)
{
	int ends[2];
	pid_t child;

	daemon->program = getpid();
	if (pipe2(ends, O_CLOEXEC))
		die("pipe: %s", strerror(errno));
	/* Yama lets only ancestors attach, unless one says otherwise. */
	(void)prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
	child = fork();
	if (child < 0)
		die("fork: %s", strerror(errno));
	if (child > 0) {
		(void)close(ends[1]);
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
		become_program(tool, ends[0]);
	}
	if (fork() != 0)
		_exit(0);
	(void)close(ends[0]);
	stand_aside(tool->options.daemonize);
	daemon->go = ends[1];
}

void daemon_go(struct daemon *daemon)
{
	(void)!write(daemon->go, "", 1);
	(void)close(daemon->go);
}
