// SPDX-License-Identifier: GPL-2.0-only
/* Watchpoints: on data and on instructions, by user code and by system calls; who loses them. */
#include "../kselftest_harness.h"
#include "session.h"

struct watched {
	_Atomic int ready;
	_Atomic int go;		/* what to do, and a number that is not used again */
	_Atomic int done;	/* the last of them that is done */
	volatile long data;
	volatile long other;
	int pipe[2];
};

static void watched_function(void)
{
}

/* Not inlined. */
static void (*volatile call_watched)(void) = watched_function;

/* Does what it is told, once. */
static int victim_touches(void *arg)
{
	struct watched *watched = arg;
	long value = 1;

	if (pipe(watched->pipe))
		return 1;
	watched->ready = 1;
	for (;;) {
		int go = watched->go, what = go % 10;

		if (go == watched->done)
			continue;
		if (what == 1)
			watched->data = 1;
		else if (what == 2)
			value += watched->data;
		else if (what == 3)
			call_watched();
		else if (what == 4)
			watched->other = value;
		else if (what == 5 && (write(watched->pipe[1], &value, sizeof(value)) < 0 ||
				       read(watched->pipe[0], (void *)&watched->data, 8) < 0))
			return 1;
		else if (what == 6)
			execl("/bin/true", "true", NULL);
		watched->done = go;
	}
}

FIXTURE(watchpoint)
{
	struct session session;
	struct utrace_record rec;
	struct watched *watched;
	pid_t pid;
};

FIXTURE_SETUP(watchpoint)
{
	ASSERT_EQ(session_open(&self->session), 0);
	self->watched = shared_page();
	self->pid = victim(victim_touches, self->watched);
	ASSERT_TRUE(await_value((void *)&self->watched->ready, 1));
	ASSERT_EQ(attach(&self->session, self->pid, 1, UTRACE_ATTACH_HOLD, NULL), 1);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_STOP, &self->rec));
}

FIXTURE_TEARDOWN(watchpoint)
{
	session_close(&self->session);
	kill_and_reap(self->pid);
}

static int set(struct session *session, const struct utrace_record *rec, int index, uint32_t flags,
	       const volatile void *addr, uint64_t size)
{
	struct utrace_command cmd = {
		.cmd = UTRACE_CMD_WATCHPOINT, .flags = flags, .target = rec->task,
		.stop = rec->stop, .addr = (uintptr_t)addr, .size = size, .value = index
	};

	return command(session, &cmd);
}

static void order(struct watched *watched, int what)
{
	watched->go = watched->go / 10 * 10 + 10 + what;
}

static bool is_done(struct watched *watched)
{
	return await_value((void *)&watched->done, watched->go);
}

/* Lets the thread go on and do @what; true if it got to the end of that. */
static bool does(FIXTURE_DATA(watchpoint) *self, int what)
{
	order(self->watched, what);
	return resume(&self->session, &self->rec) == 0 && is_done(self->watched);
}

static void hits(struct __test_metadata *_metadata, FIXTURE_DATA(watchpoint) *self, int what,
		 uint32_t mask)
{
	order(self->watched, what);
	ASSERT_EQ(resume(&self->session, &self->rec), 0);
	ASSERT_TRUE(await(&self->session, &self->rec));
	ASSERT_EQ(self->rec.event, UTRACE_EV_WATCHPOINT);
	EXPECT_EQ(self->rec.flags, UTRACE_REC_STOPPED);
	EXPECT_EQ(self->rec.watchpoint.hits, mask);
}

static void hold_again(struct __test_metadata *_metadata, FIXTURE_DATA(watchpoint) *self)
{
	EXPECT_FALSE(take(&self->session, &self->rec));
	ASSERT_EQ(stop(&self->session, self->rec.task, UTRACE_WITH_INTERRUPT, NULL), 0);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_STOP, &self->rec));
}

/* Told after the write; a write elsewhere and a read are not. */
TEST_F(watchpoint, write)
{
	ASSERT_EQ(set(&self->session, &self->rec, 3, UTRACE_WITH_WRITE, &self->watched->data, 8),
		  0);
	hits(_metadata, self, 1, 1 << 3);
	EXPECT_EQ(self->watched->data, 1);
	EXPECT_TRUE(does(self, 2));
	hold_again(_metadata, self);
	EXPECT_TRUE(does(self, 4));
	hold_again(_metadata, self);
	hits(_metadata, self, 1, 1 << 3);
	ASSERT_EQ(set(&self->session, &self->rec, 3, 0, NULL, 0), 0);
	EXPECT_TRUE(does(self, 1));
	EXPECT_FALSE(take(&self->session, &self->rec));
}

TEST_F(watchpoint, access)
{
	ASSERT_EQ(set(&self->session, &self->rec, 0, UTRACE_WITH_ACCESS, &self->watched->data, 8),
		  0);
	hits(_metadata, self, 2, 1 << 0);
	hits(_metadata, self, 1, 1 << 0);
}

/* Each has its bit. */
TEST_F(watchpoint, two)
{
	ASSERT_EQ(set(&self->session, &self->rec, 0, UTRACE_WITH_WRITE, &self->watched->data, 8),
		  0);
	ASSERT_EQ(set(&self->session, &self->rec, 15, UTRACE_WITH_WRITE, &self->watched->other, 8),
		  0);
	hits(_metadata, self, 1, 1 << 0);
	hits(_metadata, self, 4, 1 << 15);
	/* Another address for the first. */
	ASSERT_EQ(set(&self->session, &self->rec, 15, 0, NULL, 0), 0);
	ASSERT_EQ(set(&self->session, &self->rec, 0, UTRACE_WITH_WRITE, &self->watched->other, 8),
		  0);
	hits(_metadata, self, 4, 1 << 0);
}

/* Told before the instruction, which is then executed. */
TEST_F(watchpoint, execute)
{
	struct user_regs_struct regs;

	ASSERT_EQ(set(&self->session, &self->rec, 0, UTRACE_WITH_EXECUTE, watched_function,
		      sizeof(long)), 0);
	hits(_metadata, self, 3, 1);
	ASSERT_EQ(get_regs(&self->session, &self->rec, &regs), 0);
	EXPECT_EQ(regs.rip, (uintptr_t)watched_function);
	ASSERT_EQ(resume(&self->session, &self->rec), 0);
	EXPECT_TRUE(is_done(self->watched));
}

TEST_F(watchpoint, by_system_call)
{
	ASSERT_EQ(set(&self->session, &self->rec, 0, UTRACE_WITH_WRITE, &self->watched->data, 8),
		  0);
	hits(_metadata, self, 5, 1);
	EXPECT_EQ(self->watched->data, 1);
}

TEST_F(watchpoint, refused)
{
	struct session *session = &self->session;
	struct utrace_record *rec = &self->rec;
	volatile void *data = &self->watched->data;
	int i;

	EXPECT_EQ(set(session, rec, 16, UTRACE_WITH_WRITE, data, 8), -EINVAL);
	EXPECT_EQ(set(session, rec, -1, UTRACE_WITH_WRITE, data, 8), -EINVAL);
	EXPECT_EQ(set(session, rec, 0, UTRACE_WITH_WRITE, data, 3), -EINVAL);
	EXPECT_EQ(set(session, rec, 0, UTRACE_WITH_WRITE, (char *)data + 1, 8), -EINVAL);
	EXPECT_EQ(set(session, rec, 0, UTRACE_WITH_WRITE, (void *)-4096UL, 8), -EINVAL);
	EXPECT_EQ(set(session, rec, 0, UTRACE_WITH_WRITE | UTRACE_WITH_ACCESS, data, 8), -EINVAL);
	EXPECT_EQ(set(session, rec, 0, UTRACE_WITH_STEP, data, 8), -EINVAL);
	for (i = 0; i < 4; i++)
		EXPECT_EQ(set(session, rec, i, UTRACE_WITH_WRITE, data, 8), 0);
	EXPECT_EQ(set(session, rec, 4, UTRACE_WITH_WRITE, data, 8), -ENOSPC);
	rec->stop--;
	EXPECT_EQ(set(session, rec, 0, 0, NULL, 0), -ESTALE);
}

/* The registers are free again for others. */
TEST_F(watchpoint, gone_with_session)
{
	int round, i;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < 4; i++)
			ASSERT_EQ(set(&self->session, &self->rec, i, UTRACE_WITH_WRITE,
				      &self->watched->data, 8), 0);
		session_close(&self->session);
		ASSERT_EQ(session_open(&self->session), 0);
		ASSERT_EQ(attach(&self->session, self->pid, 1, UTRACE_ATTACH_HOLD, NULL), 1);
		ASSERT_TRUE(await_event(&self->session, UTRACE_EV_STOP, &self->rec));
	}
	EXPECT_TRUE(does(self, 1));
	EXPECT_FALSE(take(&self->session, &self->rec));
}

TEST_F(watchpoint, gone_with_exec)
{
	struct utrace_policy policy = { .stop = UTRACE_EV_BIT(UTRACE_EV_EXEC) };
	int i;

	ASSERT_EQ(at(&self->session, &self->rec, UTRACE_CMD_SET_POLICY, 0, 0, &policy,
		     sizeof(policy)), 0);
	for (i = 0; i < 4; i++)
		ASSERT_EQ(set(&self->session, &self->rec, i, UTRACE_WITH_ACCESS,
			      &self->watched->other, 8), 0);
	order(self->watched, 6);
	ASSERT_EQ(resume(&self->session, &self->rec), 0);
	ASSERT_TRUE(await(&self->session, &self->rec));
	ASSERT_EQ(self->rec.event, UTRACE_EV_EXEC);
	/* Other indexes, so that the old ones would still take the registers. */
	for (i = 4; i < 8; i++)
		EXPECT_EQ(set(&self->session, &self->rec, i, UTRACE_WITH_WRITE, (void *)4096, 8),
			  0);
	ASSERT_EQ(resume(&self->session, &self->rec), 0);
	EXPECT_EQ(reap(self->pid), 0);
	self->pid = victim(victim_pause, NULL);
}

TEST_HARNESS_MAIN
