/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waits in the system call that argv[1] names, while somebody attaches and detaches; the call must end as if nobody
 * had. Raw calls, for the C library hides some errors.
 */
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "att_common.h"

static atomic_int word;

static void block_read(void)
{
	char byte = 0;

	CHECK(syscall(SYS_read, 0, &byte, 1L) == 1 && byte == 'g');
}

/* Must sleep its whole time, however often it was stopped, and not begin again each time. */
static void block_nanosleep(void)
{
	struct timespec time = {.tv_nsec = 400000000}, start, end;
	int64_t passed;

	CHECK(!clock_gettime(CLOCK_MONOTONIC, &start));
	CHECK(!syscall(SYS_nanosleep, &time, NULL));
	CHECK(!clock_gettime(CLOCK_MONOTONIC, &end));
	passed = (end.tv_sec - start.tv_sec) * INT64_C(1000000000) + end.tv_nsec - start.tv_nsec;
	CHECK(passed >= 400000000);
	CHECK(wait_byte() == 'g');
}

static void *wake_main(void *unused)
{
	(void)unused;
	CHECK(wait_byte() == 'g');
	atomic_store(&word, 1);
	CHECK(syscall(SYS_futex, &word, FUTEX_WAKE, 1, NULL, NULL, 0) >= 0);
	return NULL;
}

static void block_futex(void)
{
	pthread_t waker;
	long result;

	CHECK(!pthread_create(&waker, NULL, wake_main, NULL));
	result = syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0);
	CHECK(!result || errno == EAGAIN);
	CHECK(atomic_load(&word) == 1);
	CHECK(!pthread_join(waker, NULL));
}

static void block_vfork(void)
{
	int status = 0;
	pid_t child = vfork();

	if (!child) {
		char byte = 0;

		_exit(read(0, &byte, 1) == 1 && byte == 'g' ? 7 : 1);
	}
	CHECK(child > 0);
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

/* A call that signal(7) lists as interrupted by a stop; argv[2] says whether that is allowed here. */
static void block_epoll(bool may_fail)
{
	struct epoll_event event = {.events = EPOLLIN};
	int epoll = epoll_create1(0);
	int got;

	CHECK(epoll >= 0 && !epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &event));
	say("ready\n");
	while ((got = (int)syscall(SYS_epoll_wait, epoll, &event, 1, -1)) < 0 && may_fail)
		CHECK(errno == EINTR);
	CHECK(got == 1);
	CHECK(wait_byte() == 'g');
}

static void block_ppoll(void)
{
	struct pollfd in = {.fd = 0, .events = POLLIN};
	struct timespec time = {.tv_sec = 1000};

	CHECK(syscall(SYS_ppoll, &in, 1, &time, NULL, 8L) == 1);
	CHECK(wait_byte() == 'g');
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";

	if (strncmp(how, "epoll", 5))
		say("ready\n");
	if (!strcmp(how, "read"))
		block_read();
	else if (!strcmp(how, "nanosleep"))
		block_nanosleep();
	else if (!strcmp(how, "futex"))
		block_futex();
	else if (!strcmp(how, "vfork"))
		block_vfork();
	else if (!strcmp(how, "ppoll"))
		block_ppoll();
	else
		block_epoll(!strcmp(how, "epoll-may-fail"));
	say("ok %s\n", how);
	return 0;
}
