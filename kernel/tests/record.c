// SPDX-License-Identifier: GPL-2.0-only
/*
 * record [-s] PROGRAM [ARGUMENT]...
 *
 * Runs a program below a session that records every event of it and of all its descendants; with -s each event stops the
 * thread, which is let go on at once. Ends as the program does. The program can't tell the difference, which is the test.
 */
#include "session.h"

#include <signal.h>
#include <sys/wait.h>

static pid_t start(char **argv, int *gate)
{
	int pipe_fds[2];
	pid_t child;
	char go;

	if (pipe(pipe_fds))
		fail("pipe");
	child = fork();
	if (child < 0)
		fail("fork");
	if (child > 0) {
		close(pipe_fds[0]);
		*gate = pipe_fds[1];
		return child;
	}
	close(pipe_fds[1]);
	if (read(pipe_fds[0], &go, 1) < 0)
		fail("read");
	close(pipe_fds[0]);
	execvp(argv[0], argv);
	fail(argv[0]);
	return -1;
}

static int watch(struct session *session, pid_t child, unsigned long *seen)
{
	struct utrace_record record;
	int status;

	for (;;) {
		while (session_wait(session, &record, 20)) {
			seen[record.event]++;
			if (record.flags & UTRACE_REC_STOPPED)
				session_resume(session, record.task, record.stop, 0);
		}
		if (waitpid(child, &status, WNOHANG) == child)
			return status;
	}
}

int main(int argc, char **argv)
{
	bool stops = argc > 1 && !strcmp(argv[1], "-s");
	struct utrace_policy policy = {.record = stops ? 0 : EVENTS_ALL, .stop = stops ? EVENTS_ALL : 0};
	unsigned long seen[UTRACE_EV_COUNT] = {0};
	struct session session;
	long attached;
	pid_t child;
	int gate;
	int status;

	if (argc < 2 + stops) {
		fprintf(stderr, "usage: record [-s] PROGRAM [ARGUMENT]...\n");
		return 2;
	}
	child = start(argv + 1 + stops, &gate);
	session_open(&session, 0, 1 << 20);
	attached = session_attach(&session, child, UTRACE_SCOPE_TREE, UTRACE_ATTACH_SHARE, &policy, NULL);
	if (attached != 1) {
		fprintf(stderr, "attach: %s\n", strerror(-(int)attached));
		kill(child, SIGKILL);
		return 1;
	}
	close(gate);
	status = watch(&session, child, seen);
	if (!seen[UTRACE_EV_SYSCALL_ENTRY] || !seen[UTRACE_EV_EXEC] || !seen[UTRACE_EV_DEATH]) {
		fprintf(stderr, "the session did not record the program\n");
		return 1;
	}
	if (WIFSIGNALED(status))
		raise(WTERMSIG(status));
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
