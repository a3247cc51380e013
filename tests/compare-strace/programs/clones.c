/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads and processes by clone and clone3. */
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int clone(int (*)(void *), void *, int, void *, ...);

static int child(void *data)
{
	(void)data;
	_exit(1);
}

int main(void)
{
	struct clone_args arguments = {.flags = CLONE_PIDFD, .exit_signal = SIGCHLD};
	int pidfd;
	char *stack = malloc(65536);

	arguments.pidfd = (uintptr_t)&pidfd;
	if (syscall(SYS_clone3, &arguments, sizeof(arguments)) == 0)
		_exit(2);
	wait(NULL);
	clone(child, stack + 65536, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
	wait(NULL);
	clone(child, stack + 65536, CLONE_FS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | SIGUSR1, NULL, &pidfd, NULL,
	      &pidfd);
	waitpid(-1, NULL, __WCLONE);
	return 0;
}
