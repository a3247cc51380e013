/* SPDX-License-Identifier: BSD-2-Clause */
/* control.c - loops, recursion, calls, longjmp, signals, a child. */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static jmp_buf back;
static volatile int handled;
int watched;

static int factorial(int n)
{
	if (n <= 1)
		return 1;
	return n * factorial(n - 1);
}

static void on_signal(int number)
{
	handled = number;
}

static void jump(int value)
{
	longjmp(back, value);
}

static int loop(int count)
{
	int local = 0;

	for (int i = 0; i < count; i++) {
		local += i;
		watched = local;
	}
	return local;
}

static int jumps(void)
{
	int value = setjmp(back);

	if (value == 0)
		jump(3);
	return value;
}

static int child(void)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		_exit(7);
	(void)waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	int result;

	result = factorial(5);
	result += loop(5);
	(void)signal(SIGUSR1, on_signal);
	(void)raise(SIGUSR1);
	result += handled;
	result += jumps();
	result += child();
	printf("%d %s\n", result, argc > 1 ? argv[1] : "none");
	if (argc > 2)
		abort();
	return 0;
}
