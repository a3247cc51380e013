// SPDX-License-Identifier: GPL-2.0-only
/* Sessions: query, open, the mapping, poll, and arguments that are refused. */
#include <linux/audit.h>
#include <fcntl.h>

#include "../kselftest_harness.h"
#include "session.h"

TEST(query)
{
	struct utrace_query_args args;
	char longer[sizeof(args) + 64];

	ASSERT_EQ(utrace(UTRACE_OP_QUERY, -1, &args, sizeof(args)), 0);
	EXPECT_EQ(args.version, UTRACE_VERSION);
	EXPECT_EQ(args.arch, AUDIT_ARCH_X86_64);
	EXPECT_EQ(args.events, UTRACE_EV_BIT(UTRACE_EV_COUNT) - 1);
	EXPECT_EQ(args.commands, (1ULL << UTRACE_CMD_COUNT) - 1);
	EXPECT_NE(args.abis & 1 << UTRACE_CALL_NATIVE, 0);

	memset(longer, 0xff, sizeof(longer));
	ASSERT_EQ(utrace(UTRACE_OP_QUERY, -1, longer, sizeof(longer)), 0);
	EXPECT_EQ(memcmp(longer, &args, sizeof(args)), 0);
	EXPECT_EQ(longer[sizeof(longer) - 1], 0);
	EXPECT_EQ(utrace(UTRACE_OP_QUERY, -1, NULL, sizeof(args)), -EFAULT);
}

TEST(bad_arguments)
{
	struct utrace_open_args args = { .ring_size = 4096 };
	struct {
		struct utrace_open_args args;
		uint64_t more;
	} longer = { .more = 1 };
	struct utrace_submit_args submit = {};

	EXPECT_EQ(utrace(99, -1, &args, sizeof(args)), -EINVAL);
	EXPECT_EQ(utrace(UTRACE_OP_OPEN, 0, &args, sizeof(args)), -EINVAL);
	EXPECT_EQ(utrace(UTRACE_OP_OPEN, -1, &longer, sizeof(longer)), -E2BIG);
	EXPECT_EQ(utrace(UTRACE_OP_OPEN, -1, &args, 1 << 20), -EINVAL);
	args.ring_size = 4097;
	EXPECT_EQ(utrace(UTRACE_OP_OPEN, -1, &args, sizeof(args)), -EINVAL);
	args.ring_size = 1U << 31;
	EXPECT_EQ(utrace(UTRACE_OP_OPEN, -1, &args, sizeof(args)), -EINVAL);
	args.ring_size = 4096;
	args.flags = 1U << 31;
	EXPECT_EQ(utrace(UTRACE_OP_OPEN, -1, &args, sizeof(args)), -EINVAL);
	EXPECT_EQ(utrace(UTRACE_OP_SUBMIT, -1, &submit, sizeof(submit)), -EBADF);
	EXPECT_EQ(utrace(UTRACE_OP_SUBMIT, STDIN_FILENO, &submit, sizeof(submit)), -EINVAL);
	EXPECT_EQ(syscall(__NR_utrace, UTRACE_OP_QUERY, -1, &args, sizeof(args), 1), -1);
	EXPECT_EQ(errno, EINVAL);
}

TEST(open_and_map)
{
	struct session session;
	void *map;

	ASSERT_EQ(session_open_with(&session, 0, 8192), 0);
	EXPECT_EQ(fcntl(session.fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(session.ring->data_size, 8192);
	EXPECT_EQ(session.ring->data_offset, sysconf(_SC_PAGESIZE));
	EXPECT_EQ(session.ring->head, 0);
	map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, session.fd, 0);
	EXPECT_EQ(map, MAP_FAILED);
	map = mmap(NULL, 1 << 20, PROT_READ, MAP_SHARED, session.fd, 0);
	EXPECT_EQ(map, MAP_FAILED);
	session_close(&session);
}

TEST(wait_ends)
{
	struct utrace_submit_args args = { .flags = UTRACE_SUBMIT_WAIT, .timeout = 1000000 };
	struct session session;
	struct pollfd ready;

	ASSERT_EQ(session_open(&session), 0);
	EXPECT_EQ(utrace(UTRACE_OP_SUBMIT, session.fd, &args, sizeof(args)), 0);
	EXPECT_EQ(args.wait_error, ETIME);
	ready.fd = session.fd;
	ready.events = POLLIN;
	EXPECT_EQ(poll(&ready, 1, 0), 0);
	session_close(&session);
}

/* Also one that has not begun yet. */
TEST(wait_is_woken)
{
	struct utrace_submit_args args = { .flags = UTRACE_SUBMIT_WAIT, .timeout = -1 };
	struct utrace_command wake = { .cmd = UTRACE_CMD_WAKE };
	struct session session;
	pid_t pid;

	ASSERT_EQ(session_open(&session), 0);
	ASSERT_EQ(command(&session, &wake), 0);
	EXPECT_EQ(utrace(UTRACE_OP_SUBMIT, session.fd, &args, sizeof(args)), 0);
	EXPECT_EQ(args.wait_error, ECANCELED);

	pid = fork();
	if (!pid) {
		usleep(20000);
		_exit(command(&session, &wake) != 0);
	}
	EXPECT_EQ(utrace(UTRACE_OP_SUBMIT, session.fd, &args, sizeof(args)), 0);
	EXPECT_EQ(args.wait_error, ECANCELED);
	EXPECT_EQ(reap(pid), 0);

	wake.target = 1;
	EXPECT_EQ(command(&session, &wake), -EINVAL);
	session_close(&session);
}

/* The reader may write what it wants to the mapping: it only harms itself. */
TEST(hostile_ring)
{
	struct session session;
	pid_t pid = victim(victim_pause, NULL);
	struct utrace_record rec;
	uint32_t size;

	ASSERT_EQ(session_open_with(&session, 0, 4096), 0);
	size = session.ring->data_size;
	session.ring->tail = 0x123456789;
	session.ring->head = ~0ULL;
	session.ring->data_size = 1;
	session.ring->data_offset = 1 << 30;
	memset((char *)session.ring + 4096, 0xff, size);
	/* ATTACH is not lost: it comes when the tail can be true again. */
	ASSERT_EQ(attach(&session, pid, UTRACE_SCOPE_PROCESS, 0, NULL), 1);
	session.ring->data_size = size;
	session.ring->data_offset = 4096;
	session.ring->head = 0;
	session.ring->tail = 0;
	ASSERT_TRUE(await(&session, &rec));
	EXPECT_EQ(rec.event, UTRACE_EV_ATTACH);
	session_close(&session);
	kill_and_reap(pid);
}

TEST_HARNESS_MAIN
