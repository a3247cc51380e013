/* SPDX-License-Identifier: BSD-2-Clause */
/* Clocks and timers. */
#include <signal.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	struct itimerspec setting = {{0, 0}, {5, 500}};
	struct itimerval old = {{0, 0}, {100, 0}};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 3};
	struct timespec time = {0, 1000000};
	struct timex adjust = {0};
	struct tms usage;
	timer_t timer;
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	timerfd_settime(fd, TFD_TIMER_ABSTIME, &setting, NULL);
	timerfd_gettime(fd, &setting);
	timer_create(CLOCK_REALTIME, &event, &timer);
	timer_settime(timer, 0, &setting, NULL);
	timer_gettime(timer, &setting);
	timer_getoverrun(timer);
	timer_delete(timer);
	clock_getres(CLOCK_BOOTTIME, &time);
	clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){0, 1000}, &time);
	nanosleep(&(struct timespec){-1, 0}, NULL);
	setitimer(ITIMER_VIRTUAL, &old, &old);
	getitimer(ITIMER_PROF, &old);
	times(&usage);
	adjtimex(&adjust);
	return 0;
}
