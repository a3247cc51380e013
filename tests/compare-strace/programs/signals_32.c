/* SPDX-License-Identifier: BSD-2-Clause */
/* i386: signals, and the older calls. */
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	struct sigaction action = {.sa_handler = SIG_IGN, .sa_flags = SA_RESTART};
	int status;

	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 5});
	if (fork() == 0)
		_exit(9);
	waitpid(-1, &status, 0);
	syscall(SYS_getuid);
	syscall(SYS_olduname, NULL);
	syscall(SYS__llseek, 0, 0, 0, &status, 1);
	syscall(SYS_time, NULL);
	return 0;
}
