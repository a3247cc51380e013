/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accesses a block of memory as it is told: w OFFSET SIZE, r OFFSET SIZE, t (writes in a new thread), f (in a forked child), k (the
 * kernel writes, by read(2)), c (calls function), l CODE (gets the signal of a debug register whose status the
 * hypervisor has lost), q.
 * Answers each with a line.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "att_common.h"

static volatile unsigned char block[64] __attribute__((aligned(64)));

__attribute__((noinline)) static long function(long x)
{
	__asm__ volatile("" : "+r"(x));
	return x + 1;
}

static void put(int offset, int size)
{
	volatile unsigned char *place = block + offset;

	if (size == 8)
		*(volatile uint64_t *)place = 0x1122334455667788;
	else if (size == 4)
		*(volatile uint32_t *)place = 0x11223344;
	else if (size == 2)
		*(volatile uint16_t *)place = 0x1122;
	else
		*place = 0x11;
}

static void get(int offset, int size)
{
	volatile unsigned char *place = block + offset;

	if (size == 8)
		(void)*(volatile uint64_t *)place;
	else
		(void)*place;
}

static void *put_in_thread(void *unused)
{
	put(0, 4);
	return unused;
}

static void in_child(void)
{
	int status = 0;
	pid_t child = fork();

	if (!child) {
		put(0, 4);
		_exit(0);
	}
	CHECK(child > 0 && waitpid(child, &status, 0) == child && !status);
}

static void from_pipe(void)
{
	int pipes[2];

	CHECK(!pipe(pipes) && write(pipes[1], "abcd", 4) == 4);
	CHECK(read(pipes[0], (void *)block, 4) == 4);
	close(pipes[0]);
	close(pipes[1]);
}

/* To itself a process may send what only the kernel sends to others. (kernel/signal.c, do_rt_tgsigqueueinfo) */
static void lost_hit(int code)
{
	siginfo_t info = {.si_signo = SIGTRAP, .si_code = code};

	info.si_addr = (void *)(block + 1);
	CHECK(!syscall(SYS_rt_tgsigqueueinfo, getpid(), getpid(), SIGTRAP, &info));
}

static void act(int what)
{
	pthread_t thread;
	int offset = what == 'w' || what == 'r' ? wait_byte() - 'a' : 0;
	int size = what == 'w' || what == 'r' ? wait_byte() - '0' : 0;

	switch (what) {
	case 'w':
		put(offset, size);
		break;
	case 'r':
		get(offset, size);
		break;
	case 't':
		CHECK(!pthread_create(&thread, NULL, put_in_thread, NULL) && !pthread_join(thread, NULL));
		break;
	case 'f':
		in_child();
		break;
	case 'k':
		from_pipe();
		break;
	case 'c':
		CHECK(function(1) == 2);
		break;
	case 'l':
		lost_hit(wait_byte() - '0');
		break;
	default:
		CHECK(what == 'q' || what == 'e');
	}
}

int main(void)
{
	int what;

	say("block %lx\n", (unsigned long)block);
	say("function %lx\n", (unsigned long)function);
	do {
		what = wait_byte();
		act(what);
		say("done %c\n", what);
	} while (what != 'q' && what != 'e');
	return 0;
}
