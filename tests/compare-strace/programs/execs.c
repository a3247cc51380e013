/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that are started in several ways. */
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	char *const arguments[] = {"true", "one", "two \"quoted\"", NULL};
	char *const environment[] = {"A=1", "B=2", NULL};
	int fd = open("/bin/true", O_PATH | O_CLOEXEC);

	execve("/nonexistent", arguments, environment);
	execve("/etc/passwd", arguments, NULL);
	if (fork() == 0)
		syscall(SYS_execveat, fd, "", arguments, environment, AT_EMPTY_PATH);
	wait(NULL);
	if (vfork() == 0)
		execve("/bin/true", arguments, environment);
	wait(NULL);
	execv("/bin/true", arguments);
	return 0;
}
