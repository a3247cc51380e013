/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sends itself argv[1] real-time signals while they are blocked, takes them all at once, and looks whether they came
 * in order with their values.
 */
#include <signal.h>

#include "att_common.h"

static volatile sig_atomic_t taken;
static volatile sig_atomic_t wrong;

static void take(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	if (info->si_value.sival_int != taken || info->si_code != SI_QUEUE || info->si_pid != getpid())
		wrong = 1;
	taken++;
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_sigaction = take, .sa_flags = SA_SIGINFO};
	int count = argc > 1 ? atoi(argv[1]) : 1000;
	sigset_t set;

	CHECK(!sigaction(SIGRTMIN, &action, NULL));
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	CHECK(!sigprocmask(SIG_BLOCK, &set, NULL));
	for (int i = 0; i < count; i++) {
		union sigval value = {.sival_int = i};

		CHECK(!sigqueue(getpid(), SIGRTMIN, value));
	}
	CHECK(!sigprocmask(SIG_UNBLOCK, &set, NULL));
	CHECK(!wrong && taken == count);
	say("ok %d\n", taken);
	return 0;
}
