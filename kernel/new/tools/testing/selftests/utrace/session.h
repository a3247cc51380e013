/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A session of utrace(2) for tests: open, attach, read records, submit commands, and victims to do
 * it to. Calls return what the kernel said, with -errno for errors; the tests judge it.
 */
#ifndef SELFTESTS_UTRACE_SESSION_H
#define SELFTESTS_UTRACE_SESSION_H

#include <elf.h>
#include <errno.h>
#include <linux/utrace.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef __NR_utrace
#define __NR_utrace 548
#endif

/* Nothing that works takes this long, even under emulation. */
#define PATIENCE_MS 20000

struct session {
	int fd;
	struct utrace_ring *ring;
	size_t mapped;
};

static inline long utrace(uint32_t op, int fd, void *arg, size_t size)
{
	long ret = syscall(__NR_utrace, op, fd, arg, size, 0);

	return ret < 0 ? -errno : ret;
}

static inline int session_open_with(struct session *session, uint32_t flags, uint32_t size)
{
	struct utrace_open_args args = { .flags = flags, .ring_size = size };

	session->fd = utrace(UTRACE_OP_OPEN, -1, &args, sizeof(args));
	if (session->fd < 0)
		return session->fd;
	session->mapped = sysconf(_SC_PAGESIZE) + (size ? size : 256 * 1024);
	session->ring = mmap(NULL, session->mapped, PROT_READ | PROT_WRITE, MAP_SHARED,
			     session->fd, 0);
	return session->ring == MAP_FAILED ? -errno : 0;
}

static inline int session_open(struct session *session)
{
	return session_open_with(session, 0, 0);
}

static inline void session_close(struct session *session)
{
	munmap(session->ring, session->mapped);
	close(session->fd);
}

static inline long attach_with(struct session *session, struct utrace_attach_args *args,
			       const struct utrace_policy *policy)
{
	args->policy = (uintptr_t)policy;
	args->policy_size = policy ? sizeof(*policy) : 0;
	return utrace(UTRACE_OP_ATTACH, session->fd, args, sizeof(*args));
}

static inline long attach(struct session *session, pid_t tid, uint32_t scope, uint32_t flags,
			  const struct utrace_policy *policy)
{
	struct utrace_attach_args args = {
		.flags = flags, .scope = scope, .pidfd = -1, .tid = tid
	};

	return attach_with(session, &args, policy);
}

/* One command; its error. */
static inline int command(struct session *session, struct utrace_command *cmd)
{
	struct utrace_submit_args args = {
		.commands = (uintptr_t)cmd, .count = 1, .timeout = -1, .command_size = sizeof(*cmd)
	};
	long ret = utrace(UTRACE_OP_SUBMIT, session->fd, &args, sizeof(args));

	return ret < 0 ? ret : -(int)cmd->error;
}

static inline int resume_with(struct session *session, const struct utrace_record *rec,
			      uint32_t flags)
{
	struct utrace_command cmd = {
		.cmd = UTRACE_CMD_RESUME, .flags = flags, .target = rec->task, .stop = rec->stop
	};

	return command(session, &cmd);
}

static inline int resume(struct session *session, const struct utrace_record *rec)
{
	return resume_with(session, rec, 0);
}

/* At the stop of @rec, with @data. */
static inline int at(struct session *session, const struct utrace_record *rec, uint32_t op,
		     uint32_t flags, uint64_t addr, const void *data, uint64_t size)
{
	struct utrace_command cmd = {
		.cmd = op, .flags = flags, .target = rec->task, .stop = rec->stop,
		.addr = addr, .data = (uintptr_t)data, .size = size
	};

	return command(session, &cmd);
}

static inline int at_value(struct session *session, const struct utrace_record *rec, uint32_t op,
			   int64_t value)
{
	struct utrace_command cmd = {
		.cmd = op, .target = rec->task, .stop = rec->stop, .value = value
	};

	return command(session, &cmd);
}

static inline int stop(struct session *session, uint64_t target, uint32_t flags,
		       uint64_t *request)
{
	struct utrace_command cmd = { .cmd = UTRACE_CMD_STOP, .flags = flags, .target = target };
	int ret = command(session, &cmd);

	if (request)
		*request = cmd.value;
	return ret;
}

static inline int get_regs(struct session *session, const struct utrace_record *rec,
			   struct user_regs_struct *regs)
{
	return at(session, rec, UTRACE_CMD_REGSET_GET, 0, NT_PRSTATUS, regs, sizeof(*regs));
}

static inline int set_regs(struct session *session, const struct utrace_record *rec,
			   const struct user_regs_struct *regs)
{
	return at(session, rec, UTRACE_CMD_REGSET_SET, 0, NT_PRSTATUS, regs, sizeof(*regs));
}

/* The next record if there is one, as much of it as @size. */
static inline bool take_bytes(struct session *session, void *bytes, size_t size)
{
	struct utrace_ring *ring = session->ring;
	struct utrace_record *rec = bytes;

	for (;;) {
		uint64_t tail = ring->tail;
		const struct utrace_record *next;

		if (__atomic_load_n(&ring->head, __ATOMIC_ACQUIRE) == tail)
			return false;
		next = (void *)((char *)ring + ring->data_offset +
				(tail & (ring->data_size - 1)));
		memset(rec, 0, size);
		memcpy(rec, next, next->size < size ? next->size : size);
		__atomic_store_n(&ring->tail, tail + next->size, __ATOMIC_RELEASE);
		if (rec->event != UTRACE_EV_PAD)
			return true;
	}
}

static inline bool take(struct session *session, struct utrace_record *rec)
{
	return take_bytes(session, rec, sizeof(*rec));
}

/* The same, waiting for it. */
static inline bool await_bytes(struct session *session, void *bytes, size_t size)
{
	struct utrace_submit_args args = {
		.flags = UTRACE_SUBMIT_WAIT, .timeout = PATIENCE_MS * 1000000LL
	};

	while (!take_bytes(session, bytes, size)) {
		if (utrace(UTRACE_OP_SUBMIT, session->fd, &args, sizeof(args)) || args.wait_error)
			return false;
	}
	return true;
}

static inline bool await(struct session *session, struct utrace_record *rec)
{
	return await_bytes(session, rec, sizeof(*rec));
}

/* The next record of this event; others are passed over. */
static inline bool await_event(struct session *session, uint32_t event, struct utrace_record *rec)
{
	while (await(session, rec)) {
		if (rec->event == event)
			return true;
	}
	return false;
}

/* A process that runs @run and exits with what it returns. It holds no session's descriptor. */
static inline pid_t victim(int (*run)(void *), void *arg)
{
	pid_t pid = fork();

	if (!pid) {
		close_range(3, ~0U, 0);
		_exit(run(arg));
	}
	return pid;
}

/* What a victim does between its start and its end, all of it through bare calls. */
struct act {
	int ready;
	int go;
	long (*run)(void);
	long result;
};

static inline int victim_act(void *arg)
{
	struct act *act = arg;

	__atomic_store_n(&act->ready, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&act->go, __ATOMIC_ACQUIRE))
		;
	act->result = act->run();
	syscall(SYS_exit_group, 0);
	return 1;
}

static inline int victim_pause(void *arg)
{
	(void)arg;
	while (pause() < 0)
		;
	return 1;
}

static inline int victim_spin(void *arg)
{
	_Atomic unsigned long *count = arg;

	while (++*count)
		;
	return 1;
}

/* Does a victim_spin() go on? Waits for it. */
static inline bool runs(const _Atomic unsigned long *count)
{
	unsigned long before = *count;
	int i;

	for (i = 0; i < PATIENCE_MS && *count == before; i++)
		usleep(1000);
	return *count != before;
}

/* Or does it stand? */
static inline bool stands(const _Atomic unsigned long *count)
{
	unsigned long before = *count;

	usleep(50000);
	return *count == before;
}

/* A page that victims share with the test. */
static inline void *shared_page(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

/* Waits for a value that another task sets. */
static inline bool await_value(const void *where, int value)
{
	const int *at = where;
	int i;

	for (i = 0; i < PATIENCE_MS && __atomic_load_n(at, __ATOMIC_ACQUIRE) != value; i++)
		usleep(1000);
	return __atomic_load_n(at, __ATOMIC_ACQUIRE) == value;
}

static inline int reap(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static inline int kill_and_reap(pid_t pid)
{
	kill(pid, SIGKILL);
	return reap(pid);
}

#endif
