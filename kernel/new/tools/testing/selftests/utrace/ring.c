// SPDX-License-Identifier: GPL-2.0-only
/* The ring when it is full: losses are told, or the task waits; stops are never lost. */
#include "../kselftest_harness.h"
#include "session.h"

#define CALLS	(UTRACE_EV_BIT(UTRACE_EV_SYSCALL_ENTRY) | UTRACE_EV_BIT(UTRACE_EV_SYSCALL_EXIT))
#define TIMES	5000

struct work {
	int go;
	int done;
};

static int victim_calls(void *arg)
{
	struct work *work = arg;
	int i;

	while (!__atomic_load_n(&work->go, __ATOMIC_ACQUIRE))
		;
	for (i = 0; i < TIMES; i++)
		syscall(SYS_getppid);
	__atomic_store_n(&work->done, 1, __ATOMIC_RELEASE);
	return 0;
}

FIXTURE(ring)
{
	struct session session;
	struct utrace_policy policy;
	struct work *work;
	pid_t pid;
};

FIXTURE_SETUP(ring)
{
	int set;

	self->work = shared_page();
	self->pid = victim(victim_calls, self->work);
	self->policy.flags = UTRACE_POLICY_CALLS;
	for (set = 0; set < UTRACE_CALLS_SETS; set++)
		self->policy.calls[set][UTRACE_CALL_NATIVE][SYS_getppid / 64] |=
			1ULL << SYS_getppid % 64;
}

FIXTURE_TEARDOWN(ring)
{
	session_close(&self->session);
	kill_and_reap(self->pid);
}

static void begin(struct __test_metadata *_metadata, FIXTURE_DATA(ring) *self, uint32_t flags)
{
	ASSERT_EQ(session_open_with(&self->session, flags, 4096), 0);
	ASSERT_EQ(attach(&self->session, self->pid, 1, 0, &self->policy), 1);
	__atomic_store_n(&self->work->go, 1, __ATOMIC_RELEASE);
}

TEST_F(ring, loss_is_counted)
{
	uint64_t lost = 0, calls = 0;
	struct utrace_record rec;

	self->policy.record = CALLS;
	begin(_metadata, self, 0);
	EXPECT_EQ(reap(self->pid), 0);
	do {
		ASSERT_TRUE(await(&self->session, &rec));
		if (rec.event == UTRACE_EV_LOST)
			lost += rec.lost.count;
		else if (rec.event != UTRACE_EV_ATTACH && rec.event != UTRACE_EV_DEATH)
			calls++;
	} while (rec.event != UTRACE_EV_DEATH);
	EXPECT_EQ(lost + calls, 2 * TIMES);
	EXPECT_EQ(lost, self->session.ring->lost);
	EXPECT_GT(calls, 20);
	self->pid = victim(victim_pause, NULL);
}

TEST_F(ring, back_pressure)
{
	struct utrace_record rec;
	uint64_t calls = 0;

	self->policy.record = CALLS;
	begin(_metadata, self, UTRACE_OPEN_BACKPRESSURE);
	usleep(200000);
	EXPECT_EQ(self->work->done, 0);
	do {
		ASSERT_TRUE(await(&self->session, &rec));
		if (rec.event == UTRACE_EV_SYSCALL_ENTRY || rec.event == UTRACE_EV_SYSCALL_EXIT)
			calls++;
	} while (rec.event != UTRACE_EV_DEATH);
	EXPECT_EQ(calls, 2 * TIMES);
	EXPECT_EQ(self->session.ring->lost, 0);
}

TEST_F(ring, killed_while_waiting)
{
	self->policy.record = CALLS;
	begin(_metadata, self, UTRACE_OPEN_BACKPRESSURE);
	usleep(100000);
	kill(self->pid, SIGKILL);
	EXPECT_EQ(reap(self->pid), SIGKILL);
	self->pid = victim(victim_pause, NULL);
}

TEST_F(ring, closed_while_waiting)
{
	self->policy.record = CALLS;
	begin(_metadata, self, UTRACE_OPEN_BACKPRESSURE);
	usleep(100000);
	session_close(&self->session);
	EXPECT_EQ(reap(self->pid), 0);
	ASSERT_EQ(session_open(&self->session), 0);
	self->pid = victim(victim_pause, NULL);
}

/* A full ring of records, and then a stop. */
TEST_F(ring, stop_is_not_lost)
{
	struct utrace_record rec;
	struct utrace_attach_args args = { .pidfd = -1, .scope = 1 };

	self->policy.record = CALLS;
	ASSERT_EQ(session_open_with(&self->session, 0, 4096), 0);
	args.tid = self->pid;
	ASSERT_EQ(attach_with(&self->session, &args, &self->policy), 1);
	/* It spins until told, then overflows the ring. */
	self->work->go = 1;
	ASSERT_TRUE(await_value(&self->work->done, 1));
	waitid(P_PID, self->pid, &(siginfo_t){}, WEXITED | WNOWAIT);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_DEATH, &rec));

	kill_and_reap(self->pid);
	self->work->go = 0;
	self->pid = victim(victim_calls, self->work);
	self->policy.stop = UTRACE_EV_BIT(UTRACE_EV_EXIT);
	ASSERT_EQ(attach(&self->session, self->pid, 1, 0, &self->policy), 1);
	self->work->go = 1;
	usleep(200000);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_EXIT, &rec));
	EXPECT_EQ(rec.flags, UTRACE_REC_STOPPED);
	ASSERT_EQ(resume(&self->session, &rec), 0);
	EXPECT_EQ(reap(self->pid), 0);
	self->pid = victim(victim_pause, NULL);
}

TEST_HARNESS_MAIN
