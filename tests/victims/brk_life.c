/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls target() in the many lives that a process can have, as it is told; each is answered by a line.
 * Started with an argument it is the new program after an exec, and calls target() at once.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include "att_common.h"

enum { PAGE = 4096, STORM = 20000 };

static volatile sig_atomic_t trapped, alarms;
static unsigned char *page;
static int pipes[2];
long blocking_read(int fd, void *buffer, long size);
extern const char blocking_call[], many[];

__asm__(".text\n"
	"blocking_read:\n	xor %eax, %eax\n"
	"blocking_call:\n	syscall\n	ret\n"
	"many:\n	.rept 10000\n	nop\n	.endr\n	ret\n");

__attribute__((noinline, noclone)) long target(long x)
{
	__asm__ volatile("" : "+r"(x));
	return x + 1;
}

static void handle_trap(int signal)
{
	(void)signal;
	trapped++;
}

/* The second alarm brings what the read waits for. */
static void handle_alarm(int signal)
{
	(void)signal;
	if (++alarms == 3)
		CHECK(write(pipes[1], "x", 1) == 1);
}

static void reap(pid_t child)
{
	int status = 0;

	CHECK(child > 0 && waitpid(child, &status, __WALL) == child);
	if (status)
		say("bad child %x\n", status);
	CHECK(!status);
}

static void in_fork(void)
{
	pid_t child = fork();

	if (!child)
		_exit(target(1) == 2 ? 0 : 1);
	reap(child);
}

static void in_vfork(void)
{
	pid_t child = vfork();

	if (!child)
		_exit(target(1) == 2 ? 0 : 1);
	reap(child);
}

static void in_vfork_exec(void)
{
	static char *const argv[] = {"/bin/true", NULL};
	pid_t child = vfork();

	if (!child) {
		execv(argv[0], argv);
		_exit(1);
	}
	reap(child);
}

static int child_main(void *unused)
{
	(void)unused;
	return target(1) == 2 ? 0 : 1;
}

static void in_clone(void)
{
	static char stack[65536] __attribute__((aligned(16)));

	reap(clone(child_main, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL));
}

static void restart(void)
{
	struct itimerval soon = {.it_value.tv_usec = 20000, .it_interval.tv_usec = 20000}, off = {0};
	char byte;

	alarms = 0;
	CHECK(!pipe(pipes) && !setitimer(ITIMER_REAL, &soon, NULL));
	CHECK(blocking_read(pipes[0], &byte, 1) == 1);
	CHECK(!setitimer(ITIMER_REAL, &off, NULL));
	CHECK(alarms >= 3);
}

static void storm(void)
{
	struct itimerval often = {.it_value.tv_usec = 200, .it_interval.tv_usec = 200}, off = {0};
	long sum = 0;

	alarms = 4;
	CHECK(!setitimer(ITIMER_REAL, &often, NULL));
	for (int i = 0; i < STORM; i++)
		sum += target(i);
	CHECK(!setitimer(ITIMER_REAL, &off, NULL));
	CHECK(sum == (long)STORM * (STORM + 1) / 2);
}

/* mov $VALUE, %eax; ret */
static void write_code(unsigned char value)
{
	const unsigned char code[] = {0xb8, value, 0, 0, 0, 0xc3};

	memcpy(page, code, sizeof(code));
}

static int call_page(size_t offset)
{
	int (*function)(void) = (int (*)(void))(uintptr_t)(page + offset);

	return function();
}

static void map_page(void)
{
	void *wanted = page;

	page = mmap(wanted, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS | (wanted ? MAP_FIXED : 0), -1, 0);
	CHECK(page != MAP_FAILED);
	write_code(1);
	/* xor %eax, %eax, whose second byte is the first of the second page, and a return there */
	page[PAGE - 2] = 0x90;
	page[PAGE - 1] = 0x31;
	page[PAGE] = 0xc0;
	page[PAGE + 1] = 0xc3;
}

static void libraries(void)
{
	void *library = dlopen("libm.so.6", RTLD_NOW);
	void *symbol;

	CHECK(library);
	symbol = dlsym(library, "cos");
	CHECK(symbol);
	say("cos %lx\n", (unsigned long)symbol);
	wait_byte();
	CHECK(((double (*)(double))(uintptr_t)symbol)(0.0) == 1.0);
	CHECK(!dlclose(library));
}

static void act(int what)
{
	struct timespec now;

	switch (what) {
	case 'c':
		CHECK(target(1) == 2);
		break;
	case 'f':
		in_fork();
		break;
	case 'v':
		in_vfork();
		break;
	case 'x':
		in_vfork_exec();
		break;
	case 'l':
		in_clone();
		break;
	case 'e':
		execl("/proc/self/exe", "brk_life", "again", NULL);
		CHECK(!"execl");
		break;
	case 's':
		CHECK(!raise(SIGTRAP));
		break;
	case 'r':
		restart();
		break;
	case 't':
		storm();
		break;
	case 'm':
		((void (*)(void))(uintptr_t)many)();
		break;
	case 'p':
		say("value %d\n", call_page(0));
		break;
	case 'b':
		say("value %d\n", call_page(PAGE - 2));
		break;
	case 'o':
		write_code(2);
		break;
	case 'u':
		CHECK(!munmap(page, 2 * PAGE));
		break;
	case 'n':
		map_page();
		break;
	case 'd':
		libraries();
		break;
	case 'k':
		CHECK(!clock_gettime(CLOCK_MONOTONIC, &now));
		break;
	default:
		CHECK(what == 'q');
	}
}

int main(int argc, char **argv)
{
	struct sigaction alarm_action = {.sa_handler = handle_alarm, .sa_flags = SA_RESTART};
	int what;

	(void)argv;
	CHECK(signal(SIGTRAP, handle_trap) != SIG_ERR && !sigaction(SIGALRM, &alarm_action, NULL));
	if (argc > 1)
		CHECK(target(1) == 2);
	map_page();
	say("target %lx\n", (unsigned long)target);
	say("call %lx\n", (unsigned long)blocking_call);
	say("many %lx\n", (unsigned long)many);
	say("page %lx\n", (unsigned long)page);
	do {
		what = wait_byte();
		act(what);
		say("done %c %d\n", what, (int)trapped);
	} while (what != 'q');
	return 0;
}
