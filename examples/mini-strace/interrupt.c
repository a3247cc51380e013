/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/interrupt.c - the tool's own signals, by -I.
 *
 * A signal is only noted, and acted on between two events, so that no tracee is left half-way through one.
 */
#include <signal.h>

#include "tool.h"

/* For the signal handler, which has no other way to reach them. */
static volatile sig_atomic_t taken;
static utrace_session *session_to_wake;

static void on_signal(int signal)
{
	taken = signal;
	if (session_to_wake)
		utrace_session_wake(session_to_wake);
}

int interrupt_taken(void)
{
	return taken;
}

/* Signals about the output (broken, too large, on another's terminal) would end or stop the tool; an error of write(2) says the same. */
void interrupt_prepare(const struct tool *tool)
{
	static const int fatal[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
	enum interruptible how = tool->options.interruptible;
	struct sigaction action = {.sa_handler = how == INTERRUPT_WAITING ? on_signal : SIG_IGN};

	session_to_wake = tool->session;
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)signal(SIGTTOU, SIG_IGN);
	(void)signal(SIGTTIN, SIG_IGN);
	if (how == INTERRUPT_NEVER_TSTP)
		(void)signal(SIGTSTP, SIG_IGN);
	for (size_t i = 0; how != INTERRUPT_ANYWHERE && i < sizeof(fatal) / sizeof(fatal[0]); i++)
		(void)sigaction(fatal[i], &action, NULL);
}
