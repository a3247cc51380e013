/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocks in a call that the kernel restarts after a stop, then a signal with a handler ends it: the time that remains
 * must be the right one.  argv[1]: nanosleep, clock_nanosleep (absolute), read (restarted by SA_RESTART).
 */
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>

#include "att_common.h"

static volatile sig_atomic_t taken;

static void take(int signal)
{
	(void)signal;
	taken++;
}

static void sleep_relative(void)
{
	struct timespec time = {.tv_sec = 1000}, remains = {0};

	CHECK(syscall(SYS_nanosleep, &time, &remains) == -1 && errno == EINTR);
	CHECK(remains.tv_sec >= 900 && remains.tv_sec < 1000);
	CHECK(time.tv_sec == 1000 && !time.tv_nsec);
}

static void sleep_absolute(void)
{
	struct timespec time;

	CHECK(!clock_gettime(CLOCK_MONOTONIC, &time));
	time.tv_sec += 1000;
	CHECK(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == -1 && errno == EINTR);
}

static void read_again(void)
{
	CHECK(wait_byte() == 'g');
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = take, .sa_flags = SA_RESTART};
	const char *how = argc > 1 ? argv[1] : "";

	CHECK(!sigaction(SIGUSR1, &action, NULL));
	say("ready\n");
	if (!strcmp(how, "nanosleep"))
		sleep_relative();
	else if (!strcmp(how, "clock_nanosleep"))
		sleep_absolute();
	else
		read_again();
	CHECK(taken == 1);
	say("ok %s\n", how);
	return 0;
}
