/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench/bare.c - the floor: a loop of PTRACE_SYSCALL and waitpid, and nothing else.  Usage: bare PROGRAM ARGUMENTS...
 */
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int status;
	pid_t pid = argc > 1 ? fork() : -1;

	if (pid < 0)
		return 2;
	if (pid == 0) {
		(void)ptrace(PTRACE_TRACEME, 0, 0, 0);
		(void)raise(SIGSTOP);
		(void)execvp(argv[1], argv + 1);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status))
		(void)ptrace(PTRACE_SYSCALL, pid, 0, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
