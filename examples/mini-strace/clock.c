/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/clock.c - times on lines, and the time that a thread has run.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tool.h"

enum { NANO = 1000000000 };

static int64_t read_clock(clockid_t clock)
{
	struct timespec time;

	(void)clock_gettime(clock, &time);
	return (int64_t)time.tv_sec * NANO + time.tv_nsec;
}

int64_t clock_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_coarse(void)
{
	return read_clock(CLOCK_MONOTONIC_COARSE);
}

/* proc(5), /proc/PID/schedstat: the first number is the time on a CPU; a stopped thread has all of it accounted. */
int64_t clock_of_thread(pid_t pid, pid_t tid)
{
	char text[64];
	ssize_t length;
	int fd;

	(void)snprintf(text, sizeof(text), "/proc/%d/task/%d/schedstat", pid, tid);
	fd = open(text, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	length = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (length <= 0)
		return -1;
	text[length] = '\0';
	return strtoll(text, NULL, 10);
}

void seconds_add(struct text *text, int64_t nanoseconds, int digits)
{
	int64_t unit = NANO;

	text_add(text, "%lld", (long long)(nanoseconds / NANO));
	for (int i = 0; i < digits; i++)
		unit /= 10;
	if (digits)
		text_add(text, ".%0*lld", digits, (long long)(nanoseconds % NANO / unit));
}

static void add_wall_time(const struct stamps *stamps, struct text *text)
{
	struct timespec time;
	struct tm parts;

	(void)clock_gettime(CLOCK_REALTIME, &time);
	if (stamps->form == STAMP_UNIX) {
		seconds_add(text, (int64_t)time.tv_sec * NANO + time.tv_nsec, stamps->digits);
		return;
	}
	(void)localtime_r(&time.tv_sec, &parts);
	text_add(text, "%02d:%02d:", parts.tm_hour, parts.tm_min);
	if (parts.tm_sec < 10)
		text_add(text, "0");
	seconds_add(text, (int64_t)parts.tm_sec * NANO + time.tv_nsec, stamps->digits);
}

void stamp_add(struct tool *tool, struct text *text)
{
	const struct stamps *stamps = &tool->options.stamps;
	struct text number = {0};
	int64_t time;
	bool both = stamps->form != STAMP_NONE;

	if (both) {
		add_wall_time(stamps, text);
		text_add(text, " ");
	}
	if (stamps->relative < 0)
		return;
	time = clock_now();
	seconds_add(&number, tool->last_stamp ? time - tool->last_stamp : 0, stamps->relative);
	tool->last_stamp = time;
	text_add(text, both ? "(+%*s) " : "%*s ", 6 + (stamps->relative ? stamps->relative + 1 : 0), number.data);
	text_free(&number);
}
