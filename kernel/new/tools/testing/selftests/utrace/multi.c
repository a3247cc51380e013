// SPDX-License-Identifier: GPL-2.0-only
/* Several sessions on one task, and ptrace(2) beside them. */
#include <pthread.h>
#include <sys/ptrace.h>

#include "../kselftest_harness.h"
#include "session.h"

FIXTURE(multi)
{
	struct session one;
	struct session two;
	_Atomic unsigned long *count;
	pid_t pid;
};

FIXTURE_SETUP(multi)
{
	ASSERT_EQ(session_open(&self->one), 0);
	ASSERT_EQ(session_open(&self->two), 0);
	self->count = shared_page();
	self->pid = victim(victim_spin, (void *)self->count);
	/* It has closed the descriptors that it inherited. */
	ASSERT_TRUE(runs(self->count));
}

FIXTURE_TEARDOWN(multi)
{
	kill_and_reap(self->pid);
	session_close(&self->one);
	session_close(&self->two);
}

TEST_F(multi, who_may_edit)
{
	ASSERT_EQ(attach(&self->one, self->pid, 1, 0, NULL), 1);
	EXPECT_EQ(attach(&self->two, self->pid, 1, 0, NULL), -EBUSY);
	EXPECT_EQ(attach(&self->two, self->pid, 1, UTRACE_ATTACH_SHARE, NULL), -EBUSY);
	EXPECT_EQ(attach(&self->two, self->pid, 1, UTRACE_ATTACH_OBSERVE, NULL), 1);
}

TEST_F(multi, share)
{
	ASSERT_EQ(attach(&self->one, self->pid, 1, UTRACE_ATTACH_SHARE, NULL), 1);
	EXPECT_EQ(attach(&self->two, self->pid, 1, UTRACE_ATTACH_SHARE, NULL), 1);
}

/* Each has a vote; the task runs when neither holds it. */
TEST_F(multi, two_votes)
{
	struct user_regs_struct regs;
	struct utrace_record first, second;

	ASSERT_EQ(attach(&self->one, self->pid, 1, UTRACE_ATTACH_HOLD, NULL), 1);
	ASSERT_TRUE(await_event(&self->one, UTRACE_EV_STOP, &first));
	ASSERT_EQ(attach(&self->two, self->pid, 1, UTRACE_ATTACH_HOLD | UTRACE_ATTACH_OBSERVE,
			 NULL), 1);
	ASSERT_TRUE(await_event(&self->two, UTRACE_EV_STOP, &second));
	ASSERT_EQ(get_regs(&self->two, &second, &regs), 0);
	EXPECT_EQ(set_regs(&self->two, &second, &regs), -EPERM);
	EXPECT_EQ(resume_with(&self->two, &second, UTRACE_WITH_STEP), -EPERM);
	ASSERT_EQ(resume(&self->one, &first), 0);
	EXPECT_TRUE(stands(self->count));
	EXPECT_EQ(get_regs(&self->one, &first, &regs), -ESTALE);
	ASSERT_EQ(get_regs(&self->two, &second, &regs), 0);
	ASSERT_EQ(resume(&self->two, &second), 0);
	EXPECT_TRUE(runs(self->count));
}

TEST_F(multi, close_of_one)
{
	struct utrace_record first, second;

	ASSERT_EQ(attach(&self->one, self->pid, 1, UTRACE_ATTACH_HOLD, NULL), 1);
	ASSERT_EQ(attach(&self->two, self->pid, 1, UTRACE_ATTACH_HOLD | UTRACE_ATTACH_OBSERVE,
			 NULL), 1);
	ASSERT_TRUE(await_event(&self->one, UTRACE_EV_STOP, &first));
	ASSERT_TRUE(await_event(&self->two, UTRACE_EV_STOP, &second));
	session_close(&self->one);
	ASSERT_EQ(session_open(&self->one), 0);
	EXPECT_TRUE(stands(self->count));
	ASSERT_EQ(resume(&self->two, &second), 0);
	EXPECT_TRUE(runs(self->count));
}

/* One records what the other stops on. */
TEST_F(multi, masks)
{
	struct utrace_policy record = { .record = UTRACE_EV_BIT(UTRACE_EV_SIGNAL) };
	struct utrace_policy stop = { .stop = UTRACE_EV_BIT(UTRACE_EV_SIGNAL) };
	struct utrace_record rec;

	ASSERT_EQ(attach(&self->one, self->pid, 1, 0, &stop), 1);
	ASSERT_EQ(attach(&self->two, self->pid, 1, UTRACE_ATTACH_OBSERVE, &record), 1);
	kill(self->pid, SIGUSR1);
	ASSERT_TRUE(await_event(&self->two, UTRACE_EV_SIGNAL, &rec));
	EXPECT_EQ(rec.flags, 0);
	ASSERT_TRUE(await_event(&self->one, UTRACE_EV_SIGNAL, &rec));
	EXPECT_EQ(rec.flags, UTRACE_REC_STOPPED);
	ASSERT_EQ(at(&self->one, &rec, UTRACE_CMD_SIGNAL, UTRACE_WITH_DROP, 0, NULL, 0), 0);
	ASSERT_EQ(resume(&self->one, &rec), 0);
	EXPECT_TRUE(runs(self->count));
}

/* A ptracer and a session, each with its own stop. */
TEST_F(multi, beside_ptrace)
{
	struct user_regs_struct regs;
	struct utrace_record rec;
	int status;

	ASSERT_EQ(attach(&self->one, self->pid, 1, 0, NULL), 1);
	ASSERT_EQ(ptrace(PTRACE_SEIZE, self->pid, 0, 0), 0);
	ASSERT_EQ(ptrace(PTRACE_INTERRUPT, self->pid, 0, 0), 0);
	ASSERT_EQ(waitpid(self->pid, &status, __WALL), self->pid);
	EXPECT_EQ(status >> 8, SIGTRAP | PTRACE_EVENT_STOP << 8);
	/* Pending until the ptracer resumes it. */
	ASSERT_EQ(stop(&self->one, 0, 0, NULL), -ESRCH);
	ASSERT_TRUE(await_event(&self->one, UTRACE_EV_ATTACH, &rec));
	ASSERT_EQ(stop(&self->one, rec.task, UTRACE_WITH_INTERRUPT, NULL), 0);
	usleep(20000);
	EXPECT_FALSE(take(&self->one, &rec));
	ASSERT_EQ(ptrace(PTRACE_CONT, self->pid, 0, 0), 0);
	ASSERT_TRUE(await_event(&self->one, UTRACE_EV_STOP, &rec));
	EXPECT_TRUE(stands(self->count));
	ASSERT_EQ(get_regs(&self->one, &rec, &regs), 0);
	ASSERT_EQ(resume(&self->one, &rec), 0);
	EXPECT_TRUE(runs(self->count));
	ASSERT_EQ(ptrace(PTRACE_INTERRUPT, self->pid, 0, 0), 0);
	ASSERT_EQ(waitpid(self->pid, &status, __WALL), self->pid);
	ASSERT_EQ(ptrace(PTRACE_DETACH, self->pid, 0, 0), 0);
	EXPECT_TRUE(runs(self->count));
}

struct two {
	_Atomic int ready;
	_Atomic int taker;
};

static struct two *two;

static void note(int signo)
{
	two->taker = gettid();
}

static void *second(void *arg)
{
	two->ready = 1;
	victim_pause(NULL);
	return arg;
}

static int victim_two(void *arg)
{
	pthread_t thread;

	two = arg;
	signal(SIGUSR1, note);
	pthread_create(&thread, NULL, second, NULL);
	return victim_pause(NULL);
}

/* A signal to the process is taken by a thread that runs, not left to the one that is held. */
TEST_F(multi, signal_goes_to_who_runs)
{
	struct two *shared = shared_page();
	pid_t pid = victim(victim_two, shared);
	struct utrace_record rec;
	int i;

	ASSERT_TRUE(await_value(&shared->ready, 1));
	ASSERT_EQ(attach(&self->one, pid, UTRACE_SCOPE_THREAD, UTRACE_ATTACH_HOLD, NULL), 1);
	ASSERT_TRUE(await_event(&self->one, UTRACE_EV_STOP, &rec));
	EXPECT_EQ(rec.tid, pid);
	kill(pid, SIGUSR1);
	for (i = 0; i < PATIENCE_MS && !shared->taker; i++)
		usleep(1000);
	EXPECT_NE(shared->taker, 0);
	EXPECT_NE(shared->taker, pid);
	kill_and_reap(pid);
}

/* What came while the task was held is taken when it goes on. */
TEST_F(multi, signals_wait)
{
	struct utrace_record rec;

	ASSERT_EQ(attach(&self->one, self->pid, 1, UTRACE_ATTACH_HOLD, NULL), 1);
	ASSERT_TRUE(await_event(&self->one, UTRACE_EV_STOP, &rec));
	kill(self->pid, SIGTERM);
	usleep(20000);
	EXPECT_EQ(waitpid(self->pid, NULL, WNOHANG), 0);
	ASSERT_EQ(resume(&self->one, &rec), 0);
	EXPECT_EQ(reap(self->pid), SIGTERM);
	self->pid = victim(victim_spin, (void *)self->count);
}

TEST_HARNESS_MAIN
