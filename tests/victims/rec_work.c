/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Does what it is told by bytes, argv[1] times, and says so: 'c' calls getppid(2) and checks it, 's' sends itself SIGUSR1, 'w' calls work(),
 * whose address is in its second line. Ends well at 'g'.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "att_common.h"

static volatile long handled, worked;

static void count_signal(int signal)
{
	(void)signal;
	handled++;
}

__attribute__((noinline)) static void work(void)
{
	worked++;
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? atol(argv[1]) : 0;
	const pid_t parent = getppid();
	char byte;

	CHECK(signal(SIGUSR1, count_signal) != SIG_ERR);
	say("ready\n");
	say("%lx\n", (unsigned long)work);
	while ((byte = wait_byte()) != 'g') {
		for (long i = 0; i < count && byte == 'c'; i++)
			CHECK(syscall(SYS_getppid) == parent);
		for (long i = 0; i < count && byte == 's'; i++)
			CHECK(raise(SIGUSR1) == 0);
		for (long i = 0; i < count && byte == 'w'; i++)
			work();
		say("%ld %ld\n", handled, worked);
	}
	return 0;
}
