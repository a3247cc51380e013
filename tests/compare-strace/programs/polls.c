/* SPDX-License-Identifier: BSD-2-Clause */
/* poll, select, epoll. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <unistd.h>

int main(void)
{
	struct epoll_event events[4] = {{.events = EPOLLIN | EPOLLET, .data.u64 = 77}};
	struct timespec none = {0, 0};
	struct pollfd polled[3];
	fd_set reads;
	sigset_t mask;
	int ends[2];
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int counter = eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC);

	pipe(ends);
	polled[0] = (struct pollfd){ends[0], POLLIN | POLLPRI, 0};
	polled[1] = (struct pollfd){ends[1], POLLOUT, 0};
	polled[2] = (struct pollfd){99, POLLIN, 0};
	poll(polled, 2, 10);
	poll(polled, 3, 0);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	ppoll(polled, 1, &none, &mask);
	FD_ZERO(&reads);
	FD_SET(ends[0], &reads);
	FD_SET(counter, &reads);
	select(counter + 1, &reads, NULL, NULL, &(struct timeval){0, 100});
	FD_SET(ends[0], &reads);
	pselect(ends[0] + 1, &reads, &reads, NULL, &none, &mask);
	epoll_ctl(epoll, EPOLL_CTL_ADD, counter, events);
	epoll_ctl(epoll, EPOLL_CTL_MOD, counter, events);
	epoll_wait(epoll, events, 4, 10);
	epoll_pwait(epoll, events, 4, 0, &mask);
	epoll_ctl(epoll, EPOLL_CTL_DEL, counter, NULL);
	epoll_wait(epoll, events, -1, 0);
	return 0;
}
