/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What line steps meet.  The marks in the comments name lines for the test, which reads this file.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static jmp_buf place;
static sigjmp_buf signal_place;
static volatile int handled;

static int add(int a, int b)
{
	int sum = a + b; /* @add-first */
	return sum;      /* @add-last */
} /* @add-end */

static int fib(int n)
{
	if (n < 2)                      /* @fib-first */
		return n;               /* @fib-leaf */
	return fib(n - 1) + fib(n - 2); /* @fib-call */
} /* @fib-end */

static void deeper(int depth)
{
	if (!depth)
		longjmp(place, 1);
	if (depth > 0)
		deeper(depth - 1);
}

static void jump_inside(void)
{
	if (!sigsetjmp(signal_place, 1))
		siglongjmp(signal_place, 1);
	handled++;
}

static inline __attribute__((always_inline)) int twice(int x)
{
	int y = x * 2; /* @inline-first */
	return y;      /* @inline-last */
}

__attribute__((noinline)) static int subtract(int a, int b)
{
	return a - b; /* @tail-first */
}

/* Optimised, so that the call becomes a jump. */
__attribute__((noinline, optimize("O2"))) static int tail(int a, int b)
{
	return subtract(b, a); /* @tail-jump */
}

static void handle(int number) /* @handler-name */
{
	handled += number; /* @handler-first */
} /* @handler-end */

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b; /* @compare */
}

static void child(void)
{
	pid_t pid = fork(); /* @fork */

	if (!pid) /* @forked */
		_exit(0);
	waitpid(pid, NULL, 0); /* @wait */
} /* @child-end */

int main(void)
{
	int numbers[] = {3, 1, 2}, a; /* @main-first */

	a = add(1, 2);                                     /* @call */
	a += fib(6);                                       /* @recursion */
	if (!setjmp(place))                                /* @setjmp */
		deeper(5);                                 /* @longjmp */
	jump_inside();                                     /* @jump-inside */
	a++;                                               /* @before-inline */
	a += twice(a);                                     /* @inline */
	for (int i = 0; i < 3; i++)                        /* @loop */
		a += i;                                    /* @body */
	signal(SIGUSR1, handle);                           /* @signal */
	raise(SIGUSR1);                                    /* @raise */
	a += tail(3, a);                                   /* @tail */
	qsort(numbers, 3, sizeof(int), compare);           /* @qsort */
	child();                                           /* @child */
	printf("done %d %d %d\n", a, handled, numbers[0]); /* @print */
	return 0;                                          /* @return */
} /* @main-end */
