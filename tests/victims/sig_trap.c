/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SIGTRAP that the program ignores, blocks, waits for or handles is the program's own affair.
 */
#include <signal.h>

#include "att_common.h"

static volatile sig_atomic_t taken;

static void take(int signal, siginfo_t *info, void *context)
{
	(void)context;
	CHECK(signal == SIGTRAP && info->si_code <= 0 && info->si_pid == getpid());
	taken++;
}

int main(void)
{
	struct sigaction action = {.sa_sigaction = take, .sa_flags = SA_SIGINFO};
	struct sigaction found;
	sigset_t trap, pending;
	siginfo_t info;

	CHECK(signal(SIGTRAP, SIG_IGN) != SIG_ERR);
	CHECK(!kill(getpid(), SIGTRAP) && !raise(SIGTRAP));
	CHECK(!sigaction(SIGTRAP, NULL, &found) && found.sa_handler == SIG_IGN);
	say("ignored\n");
	CHECK(!sigaction(SIGTRAP, &action, NULL) && !sigemptyset(&trap) && !sigaddset(&trap, SIGTRAP));
	CHECK(!sigprocmask(SIG_BLOCK, &trap, NULL) && !kill(getpid(), SIGTRAP));
	CHECK(!sigpending(&pending) && sigismember(&pending, SIGTRAP) == 1 && !taken);
	CHECK(sigwaitinfo(&trap, &info) == SIGTRAP && info.si_code == SI_USER);
	CHECK(!sigpending(&pending) && sigismember(&pending, SIGTRAP) == 0);
	CHECK(!kill(getpid(), SIGTRAP) && !taken);
	CHECK(!sigprocmask(SIG_UNBLOCK, &trap, NULL) && taken == 1);
	CHECK(!kill(getpid(), SIGTRAP) && taken == 2);
	CHECK(!sigaction(SIGTRAP, NULL, &found) && found.sa_sigaction == take);
	say("ok trap\n");
	return 0;
}
