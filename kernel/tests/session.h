/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A session of utrace(2) for test programs: open, attach, take records, submit commands. Whatever can't fail in a sane test
 * ends the program with a message; what a race may make fail returns -errno.
 */
#ifndef UTRACE_TESTS_SESSION_H
#define UTRACE_TESTS_SESSION_H

#include <errno.h>
#include <linux/utrace.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define UTRACE_NR 548
#define EVENTS_ALL                                                                                                     \
	(UTRACE_EV_BIT(UTRACE_EV_SYSCALL_ENTRY) | UTRACE_EV_BIT(UTRACE_EV_SYSCALL_EXIT) |                              \
	 UTRACE_EV_BIT(UTRACE_EV_CLONE) | UTRACE_EV_BIT(UTRACE_EV_VFORK_DONE) | UTRACE_EV_BIT(UTRACE_EV_EXEC) |        \
	 UTRACE_EV_BIT(UTRACE_EV_EXIT) | UTRACE_EV_BIT(UTRACE_EV_SIGNAL) | UTRACE_EV_BIT(UTRACE_EV_JOB_STOP) |         \
	 UTRACE_EV_BIT(UTRACE_EV_JOB_CONTINUE))

struct session {
	int fd;
	struct utrace_ring *ring;
	const unsigned char *data;
};

static inline long utrace(uint32_t op, int fd, void *arg, size_t size)
{
	return syscall(UTRACE_NR, op, fd, arg, size, 0);
}

static inline void fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static inline void session_open(struct session *session, uint32_t flags, uint32_t ring_size)
{
	struct utrace_open_args args = {.flags = flags, .ring_size = ring_size};
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = page + (ring_size ? ring_size : 256 * 1024);
	void *map;

	session->fd = (int)utrace(UTRACE_OP_OPEN, -1, &args, sizeof(args));
	if (session->fd < 0)
		fail("utrace open");
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, session->fd, 0);
	if (map == MAP_FAILED)
		fail("mapping the ring");
	session->ring = map;
	session->data = (unsigned char *)map + session->ring->data_offset;
}

static inline void session_close(struct session *session)
{
	munmap(session->ring, session->ring->data_offset + session->ring->data_size);
	close(session->fd);
}

/* The number of threads attached, or -errno. */
static inline long session_attach(struct session *session, pid_t tid, uint32_t scope, uint32_t flags,
				  const struct utrace_policy *policy, uint64_t *process)
{
	struct utrace_attach_args args = {
		.flags = flags,
		.scope = scope,
		.pidfd = -1,
		.tid = (uint32_t)tid,
		.policy = (uintptr_t)policy,
		.policy_size = policy ? sizeof(*policy) : 0,
	};
	long result = utrace(UTRACE_OP_ATTACH, session->fd, &args, sizeof(args));

	if (process)
		*process = args.process;
	return result < 0 ? -errno : result;
}

/* One command; its error as -errno. */
static inline int session_command(struct session *session, struct utrace_command *command)
{
	struct utrace_submit_args args = {
		.commands = (uintptr_t)command, .count = 1, .timeout = -1, .command_size = sizeof(*command)};

	command->error = 0;
	if (utrace(UTRACE_OP_SUBMIT, session->fd, &args, sizeof(args)) < 0)
		return -errno;
	return -(int)command->error;
}

static inline int session_resume(struct session *session, uint64_t task, uint64_t stop, uint32_t flags)
{
	struct utrace_command command = {.cmd = UTRACE_CMD_RESUME, .flags = flags, .target = task, .stop = stop};

	return session_command(session, &command);
}

/* Copies the next record; false if there is none. */
static inline bool session_take(struct session *session, struct utrace_record *record)
{
	struct utrace_ring *ring = session->ring;

	for (;;) {
		uint64_t tail = ring->tail;
		const struct utrace_record *next;
		size_t size;

		if (__atomic_load_n(&ring->head, __ATOMIC_ACQUIRE) == tail)
			return false;
		next = (const void *)(session->data + (tail & (ring->data_size - 1)));
		size = next->size < sizeof(*record) ? next->size : sizeof(*record);
		memset(record, 0, sizeof(*record));
		memcpy(record, next, size);
		__atomic_store_n(&ring->tail, tail + next->size, __ATOMIC_RELEASE);
		if (record->event != UTRACE_EV_PAD)
			return true;
	}
}

/* The same, waiting up to @milliseconds for it. */
static inline bool session_wait(struct session *session, struct utrace_record *record, int milliseconds)
{
	struct pollfd ready = {.fd = session->fd, .events = POLLIN};

	while (!session_take(session, record)) {
		if (poll(&ready, 1, milliseconds) <= 0)
			return false;
	}
	return true;
}

#endif
