/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sigsuspend and ppoll put another signal mask in place while they wait.  The handler must run with it, and the old
 * one must be back afterwards, however often the thread was stopped in between.  The signals come from outside.
 */
#include <poll.h>
#include <signal.h>

#include "att_common.h"

static volatile sig_atomic_t taken;
static volatile sig_atomic_t masked_well;

static void take(int signal)
{
	sigset_t now;

	(void)signal;
	/*
	 * The handler's own signal is blocked, and SIGUSR2, which the waiting call's mask has; SIGTERM was in
	 * the old one only.
	 */
	sigprocmask(SIG_SETMASK, NULL, &now);
	masked_well = sigismember(&now, SIGUSR1) && sigismember(&now, SIGUSR2) && !sigismember(&now, SIGTERM);
	taken++;
}

static void check_old(void)
{
	sigset_t now;

	CHECK(!sigprocmask(SIG_SETMASK, NULL, &now));
	CHECK(sigismember(&now, SIGUSR1) && sigismember(&now, SIGTERM) && !sigismember(&now, SIGUSR2));
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = take};
	struct timespec time = {.tv_sec = 1000};
	sigset_t old, wait;

	CHECK(!sigaction(SIGUSR1, &action, NULL));
	sigemptyset(&old);
	sigaddset(&old, SIGUSR1);
	sigaddset(&old, SIGTERM);
	CHECK(!sigprocmask(SIG_SETMASK, &old, NULL));
	sigemptyset(&wait);
	sigaddset(&wait, SIGUSR2);
	say("ready\n");
	if (argc > 1 && !strcmp(argv[1], "ppoll"))
		CHECK(ppoll(NULL, 0, &time, &wait) == -1 && errno == EINTR);
	else
		CHECK(sigsuspend(&wait) == -1 && errno == EINTR);
	CHECK(taken == 1 && masked_well);
	check_old();
	say("ok %s\n", argc > 1 ? argv[1] : "");
	return 0;
}
