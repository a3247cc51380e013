/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals: handlers, masks, queues, stacks. */
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

static void on_signal(int signal, siginfo_t *info, void *context)
{
	(void)signal, (void)info, (void)context;
}

int main(void)
{
	struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK};
	stack_t stack = {.ss_sp = malloc(SIGSTKSZ), .ss_size = SIGSTKSZ};
	struct timespec time = {0, 1000000};
	siginfo_t info;
	sigset_t set;

	sigaltstack(&stack, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGRTMIN + 3);
	action.sa_mask = set;
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGCHLD, NULL, &action);
	raise(SIGUSR1);
	sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 7});
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigqueue(getpid(), SIGUSR2, (union sigval){.sival_int = 9});
	kill(getpid(), SIGRTMIN + 3);
	sigpending(&set);
	sigtimedwait(&set, &info, &time);
	read(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), &info, sizeof(info));
	signal(SIGALRM, SIG_IGN);
	signal(SIGPIPE, SIG_DFL);
	kill(0, 0);
	kill(-1, 77);
	syscall(SYS_tkill, getpid(), 0);
	alarm(100);
	return 0;
}
