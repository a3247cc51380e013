/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stops itself by job control and says so when it goes on; a handler counts the SIGCONTs.  Then it ends at a byte.
 */
#include <signal.h>

#include "att_common.h"

static volatile sig_atomic_t continued;

static void count(int signal)
{
	(void)signal;
	continued++;
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = count, .sa_flags = SA_RESTART};
	int rounds = argc > 1 ? atoi(argv[1]) : 1;

	CHECK(!sigaction(SIGCONT, &action, NULL));
	say("ready\n");
	for (int i = 0; i < rounds; i++) {
		CHECK(!raise(SIGSTOP));
		CHECK(continued > i);
		say("continued\n");
	}
	CHECK(wait_byte() == 'g');
	say("ok %d\n", continued);
	return 0;
}
