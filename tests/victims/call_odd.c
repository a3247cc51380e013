/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls of getppid(2) that the tracer turns into others, and calls that are none.  call_odd WAY
 *   errno      a call for each error that there can be, with its number as argument: that is the result
 *   clone      becomes clone(2): both come back
 *   execve     becomes execve(2) of /bin/echo
 *   sigreturn  the end of a handler, which becomes rt_sigreturn(2)
 *   block      becomes a read(2) that has to wait for its byte
 *   x32        is made by an x32 number, which most kernels refuse
 *   vsyscall   time(2) by the page at the end of the address space, and clock_gettime(2) by the vdso
 */
#include <setjmp.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "att_common.h"

enum { GETPPID = 110, X32_BIT = 0x40000000, LAST_ERROR = 4095 };

static volatile sig_atomic_t handled;
static sigjmp_buf escape;

static long call(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return result;
}

static void get_every_error(void)
{
	for (long error = 1; error <= LAST_ERROR; error++)
		CHECK(call(GETPPID, error, 0, 0) == -error);
	/* Beyond the last error a result is no error, however it looks. */
	CHECK(call(GETPPID, LAST_ERROR + 1, 0, 0) == -(LAST_ERROR + 1));
}

static void become_clone(void)
{
	long child = call(GETPPID, SIGCHLD, 0, 0);
	int status = 0;

	if (!child)
		_exit(33);
	CHECK(child > 0 && waitpid((pid_t)child, &status, 0) == child && WEXITSTATUS(status) == 33);
}

static void become_execve(void)
{
	static char *const argv[] = {(char *)"echo", (char *)"ok execve", NULL};

	call(GETPPID, (long)"/bin/echo", (long)argv, 0);
	fail("execve", __LINE__);
}

static void take(int signal)
{
	(void)signal;
	CHECK(call(GETPPID, 77, 0, 0) == getppid());
	handled++;
}

/* As the C library's restorer, but for the number of the call. */
__asm__(".text\nodd_restorer:\n\tmov $110, %eax\n\tsyscall\n\tud2\n");
extern void odd_restorer(void);

static void become_sigreturn(void)
{
	/* The kernel's own layout; the C library would put its own restorer in. */
	struct {
		void (*handler)(int);
		unsigned long flags;
		void (*restorer)(void);
		unsigned long mask;
	} action = {.handler = take, .flags = 0x04000000, .restorer = odd_restorer};

	CHECK(call(13, SIGUSR1, (long)&action, 0) == -EINVAL);
	__asm__ volatile("mov $8, %%r10d\n\tmov $13, %%eax\n\tsyscall" ::"D"((long)SIGUSR1), "S"(&action), "d"(0L)
			 : "rax", "rcx", "r10", "r11", "memory");
	for (int i = 1; i <= 3; i++) {
		CHECK(!raise(SIGUSR1));
		CHECK(handled == i);
	}
}

static void become_read(void)
{
	char byte = 0;

	CHECK(call(GETPPID, 0, (long)&byte, 1) == 1 && byte == 'b');
}

static void make_x32_call(void)
{
	long result = call(GETPPID | X32_BIT, 0, 0, 0);

	CHECK(result == -ENOSYS || result == getppid());
}

static void leave(int signal)
{
	(void)signal;
	siglongjmp(escape, 1);
}

static void call_fixed_page(void)
{
	/* The address is part of the x86-64 ABI. (arch/x86/entry/vsyscall) */
	time_t (*volatile by_page)(time_t *) = (time_t(*)(time_t *))0xffffffffff600400; // NOLINT
	long parent = getppid();
	struct timespec now;
	time_t there;

	CHECK(signal(SIGSEGV, leave) != SIG_ERR);
	if (sigsetjmp(escape, 1)) {
		say("no page\n");
		return;
	}
	CHECK(!clock_gettime(CLOCK_REALTIME, &now));
	there = by_page(NULL);
	CHECK(there >= now.tv_sec - 1 && there <= now.tv_sec + 30);
	CHECK(call(GETPPID, 78, 0, 0) == parent);
}

static const struct {
	const char *name;
	void (*run)(void);
} ways[] = {
	{"errno", get_every_error},      {"clone", become_clone}, {"execve", become_execve},
	{"sigreturn", become_sigreturn}, {"block", become_read},  {"x32", make_x32_call},
	{"vsyscall", call_fixed_page},
};

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "";

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (!strcmp(way, ways[i].name))
			ways[i].run();
	}
	say("ok %s\n", way);
	return 0;
}
