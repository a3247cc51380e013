/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Takes orders of one byte on descriptor 0 and says which signals it was given:
 *   k kill(self, USR1)   q sigqueue(self, RTMIN, 42)   s read address 0x10   t kill(self, TRAP)   i int3
 *   p getppid(2), of which the result is looked at     r report and forget   e end
 */
#include <setjmp.h>
#include <signal.h>
#include <sys/syscall.h>

#include "att_common.h"

struct taken {
	int signal;
	int code;
	int value;
	long address;
	bool by_me;
};

static struct taken list[64];
static volatile sig_atomic_t length;
static sigjmp_buf escape;

static void take(int signal, siginfo_t *info, void *context)
{
	struct taken *taken = &list[length];

	(void)context;
	CHECK((size_t)length < sizeof(list) / sizeof(list[0]));
	taken->signal = signal;
	taken->code = info->si_code;
	taken->by_me = info->si_code <= 0 && info->si_pid == getpid();
	taken->value = info->si_code == SI_QUEUE ? info->si_value.sival_int : 0;
	taken->address = signal == SIGSEGV ? (long)info->si_addr : 0;
	length++;
	if (signal == SIGSEGV && info->si_code > 0)
		siglongjmp(escape, 1);
}

static void report(void)
{
	for (int i = 0; i < length; i++)
		say("%s%d/%d/%d/%lx%s", i ? " " : "took ", list[i].signal, list[i].code, list[i].value,
		    (unsigned long)list[i].address, list[i].by_me ? "/me" : "");
	say(length ? "\n" : "took nothing\n");
	length = 0;
}

/* The compiler must not see that the address is a bad one. */
static void touch(uintptr_t address)
{
	__asm__ volatile("" : "+r"(address));
	(void)*(volatile char *)address;
}

static void fault(void)
{
	if (!sigsetjmp(escape, 1))
		touch(0x10);
}

static void obey(int order)
{
	union sigval value = {.sival_int = 42};

	if (order == 'k')
		CHECK(!kill(getpid(), SIGUSR1));
	else if (order == 'q')
		CHECK(!sigqueue(getpid(), SIGRTMIN, value));
	else if (order == 's')
		fault();
	else if (order == 't')
		CHECK(!kill(getpid(), SIGTRAP));
	else if (order == 'i')
		__asm__ volatile("int3");
	else if (order == 'p')
		CHECK(syscall(SYS_getppid) == getppid());
	else if (order == 'r')
		report();
	else
		CHECK(order == 'e');
}

int main(void)
{
	static const int signals[] = {SIGUSR1, SIGUSR2, SIGSEGV, SIGTRAP, SIGTERM, SIGWINCH};
	struct sigaction action = {.sa_sigaction = take, .sa_flags = SA_SIGINFO | SA_RESTART};
	int order = 0;

	/* One handler after the other, in the order of delivery. */
	sigfillset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		CHECK(!sigaction(signals[i], &action, NULL));
	CHECK(!sigaction(SIGRTMIN, &action, NULL));
	CHECK(!sigaction(SIGRTMIN + 1, &action, NULL));
	say("ready\n");
	while (order != 'e')
		obey(order = wait_byte());
	say("ok end\n");
	return 0;
}
