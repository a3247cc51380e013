/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run_functions.c - functions to be called from outside, and places to be in meanwhile, by argv[1]: r read, n nanosleep, s a
 * leaf that looks after its registers and red zone, t another thread.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CALLED __attribute__((used, noinline, visibility("default")))

struct pair {
	long first, second;
};

volatile unsigned long nowhere = 8;
volatile int stop_spinning, other_may, other_did, handled, handled_value, touched;

CALLED long add_ten(long a, long b, long c, long d, long e, long f, long g, long h, long i, long j)
{
	return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j;
}

CALLED double mix(int a, double b, float c, long d, double e)
{
	return a + 10 * b + 100 * (double)c + 1000 * (double)d + 10000 * e;
}

CALLED float halve(float x)
{
	return x / 2;
}

CALLED long double third(void)
{
	return 1.0L / 3;
}

CALLED unsigned long long widen(unsigned long long x, int more)
{
	return x * 2 + (unsigned)more;
}

CALLED double sum(int count, ...)
{
	double all = 0;
	va_list args;

	va_start(args, count);
	for (int i = 0; i < count; i++)
		all += va_arg(args, double);
	va_end(args);
	return all;
}

CALLED struct pair make_pair(long first, long second)
{
	return (struct pair){first, second};
}

CALLED int text_length(const char *text)
{
	return (int)strlen(text);
}

/* Whether the stack is aligned as the ABI wants it. */
CALLED int is_aligned(void)
{
	return ((unsigned long)__builtin_frame_address(0) & 15) == (sizeof(long) == 8 ? 0 : 8);
}

CALLED int touch(int value)
{
	touched += value;
	return touched;
}

CALLED int crash(void)
{
	return *(volatile int *)nowhere;
}

CALLED int trap(void)
{
	__asm__ volatile("int3");
	return 1;
}

CALLED int forever(void)
{
	for (;;)
		touched = 0;
}

CALLED int sleep_long(void)
{
	return (int)sleep(1000);
}

CALLED int signal_self(void)
{
	return kill(getpid(), SIGUSR1);
}

CALLED int wait_for_other(void)
{
	other_may = 1;
	while (!other_did)
		usleep(1000);
	return other_did;
}

static void *nothing(void *data)
{
	return data;
}

CALLED int make_thread(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, nothing, NULL) || pthread_join(thread, NULL);
}

CALLED int make_process(void)
{
	int status = -1;
	pid_t child = fork();

	if (!child)
		_exit(7);
	waitpid(child, &status, 0);
	return status;
}

CALLED int end_all(void)
{
	_exit(3);
}

CALLED int become_true(void)
{
	return execl("/bin/true", "true", NULL);
}

static void handle(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	handled++;
	handled_value = info->si_value.sival_int;
}

/* A leaf: what lies below the stack pointer is its own. */
static __attribute__((noinline)) int spin(void)
{
	long kept = 0;
#ifdef __x86_64__
	static const double seven = 7;

	__asm__ volatile("movq $0x1234567, -8(%%rsp)\n\t"
			 "movq $0x7654321, -128(%%rsp)\n\t"
			 "movsd %2, %%xmm9\n\t"
			 "fld1\n\t"
			 "std\n\t"
			 "1: cmpl $0, %1\n\t"
			 "je 1b\n\t"
			 "cld\n\t"
			 "fstp %%st(0)\n\t"
			 "cvtsd2si %%xmm9, %0\n\t"
			 "cmpq $0x1234567, -8(%%rsp)\n\t"
			 "jne 2f\n\t"
			 "cmpq $0x7654321, -128(%%rsp)\n\t"
			 "je 3f\n\t"
			 "2: movq $0, %0\n\t"
			 "3:"
			 : "=&r"(kept)
			 : "m"(stop_spinning), "m"(seven)
			 : "xmm9", "memory", "cc");
#else
	while (!stop_spinning)
		kept = 7;
	kept = 7;
#endif
	return (int)kept;
}

static void *other(void *data)
{
	while (!other_may)
		usleep(1000);
	other_did = 5;
	return data;
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_RESTART};
	char what = argc > 1 ? argv[1][0] : 'r';
	struct timespec time = {.tv_nsec = 300000000};
	pthread_t thread;
	char byte = '-';
	int result;

	sigaction(SIGUSR1, &action, NULL);
	if (what == 't')
		pthread_create(&thread, NULL, other, NULL);
	printf("ready\n");
	fflush(stdout);
	if (what == 's') {
		printf("spun %d\n", spin());
	} else if (what == 'n') {
		result = nanosleep(&time, NULL);
		printf("slept %d\n", result);
	} else {
		result = (int)read(0, &byte, 1);
		printf("read %d %c %d\n", result, byte, result < 0 ? errno : 0);
	}
	printf("handled %d %d\n", handled, handled_value);
	fflush(stdout);
	return 0;
}
