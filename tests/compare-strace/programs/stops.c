/* SPDX-License-Identifier: BSD-2-Clause */
/* Stops of job control, and ends by signals. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		raise(SIGSTOP);
		raise(SIGABRT);
	}
	waitpid(child, &status, WUNTRACED);
	kill(child, SIGCONT);
	waitpid(child, &status, WCONTINUED);
	waitpid(child, &status, 0);
	child = fork();
	if (child == 0)
		*(volatile int *)8 = 0;
	wait(&status);
	return 0;
}
