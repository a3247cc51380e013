// SPDX-License-Identifier: GPL-2.0-only
/* Job control: told, held, and beside stops that are asked for. */
#include "../kselftest_harness.h"
#include "session.h"

#define JOB	(UTRACE_EV_BIT(UTRACE_EV_JOB_STOP) | UTRACE_EV_BIT(UTRACE_EV_JOB_CONTINUE))

FIXTURE(job)
{
	struct session session;
	struct utrace_policy policy;
	_Atomic unsigned long *count;
	pid_t pid;
};

FIXTURE_SETUP(job)
{
	ASSERT_EQ(session_open(&self->session), 0);
	self->count = shared_page();
	self->pid = victim(victim_spin, (void *)self->count);
}

FIXTURE_TEARDOWN(job)
{
	session_close(&self->session);
	kill_and_reap(self->pid);
}

TEST_F(job, record)
{
	struct utrace_record rec;
	int status;

	self->policy.record = JOB;
	ASSERT_EQ(attach(&self->session, self->pid, 1, 0, &self->policy), 1);
	kill(self->pid, SIGTSTP);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_JOB_STOP, &rec));
	EXPECT_EQ(rec.job.signo, SIGTSTP);
	EXPECT_EQ(rec.flags, 0);
	/* The parent is told as ever. */
	EXPECT_EQ(waitpid(self->pid, &status, WUNTRACED), self->pid);
	EXPECT_TRUE(WIFSTOPPED(status));
	kill(self->pid, SIGCONT);
	ASSERT_TRUE(await(&self->session, &rec));
	EXPECT_EQ(rec.event, UTRACE_EV_JOB_CONTINUE);
	EXPECT_EQ(waitpid(self->pid, &status, WCONTINUED), self->pid);
	EXPECT_TRUE(WIFCONTINUED(status));
	EXPECT_TRUE(runs(self->count));
}

TEST_F(job, resume_then_continue)
{
	struct user_regs_struct regs;
	struct utrace_record rec;

	self->policy.stop = JOB;
	ASSERT_EQ(attach(&self->session, self->pid, 1, 0, &self->policy), 1);
	kill(self->pid, SIGSTOP);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_JOB_STOP, &rec));
	EXPECT_EQ(rec.flags, UTRACE_REC_STOPPED);
	EXPECT_EQ(get_regs(&self->session, &rec, &regs), 0);
	ASSERT_EQ(resume(&self->session, &rec), 0);
	EXPECT_TRUE(stands(self->count));
	kill(self->pid, SIGCONT);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_JOB_CONTINUE, &rec));
	EXPECT_EQ(rec.flags, UTRACE_REC_STOPPED);
	EXPECT_TRUE(stands(self->count));
	ASSERT_EQ(resume(&self->session, &rec), 0);
	EXPECT_TRUE(runs(self->count));
}

TEST_F(job, continue_then_resume)
{
	struct user_regs_struct regs;
	struct utrace_record rec;

	self->policy.stop = UTRACE_EV_BIT(UTRACE_EV_JOB_STOP);
	ASSERT_EQ(attach(&self->session, self->pid, 1, 0, &self->policy), 1);
	kill(self->pid, SIGSTOP);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_JOB_STOP, &rec));
	kill(self->pid, SIGCONT);
	EXPECT_TRUE(stands(self->count));
	EXPECT_EQ(get_regs(&self->session, &rec, &regs), 0);
	ASSERT_EQ(resume(&self->session, &rec), 0);
	EXPECT_TRUE(runs(self->count));
}

/* A stop takes effect at once, also if the task was stopped before it was attached. */
static void stop_stopped(struct __test_metadata *_metadata, FIXTURE_DATA(job) *self, bool before)
{
	struct utrace_attach_args args = { .pidfd = -1, .tid = self->pid, .scope = 1 };
	struct user_regs_struct regs;
	struct utrace_record rec;

	if (!before)
		ASSERT_EQ(attach_with(&self->session, &args, NULL), 1);
	kill(self->pid, SIGSTOP);
	EXPECT_EQ(waitpid(self->pid, NULL, WUNTRACED), self->pid);
	if (before)
		ASSERT_EQ(attach_with(&self->session, &args, NULL), 1);
	ASSERT_EQ(stop(&self->session, args.task, UTRACE_WITH_INTERRUPT, NULL), 0);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_STOP, &rec));
	EXPECT_EQ(get_regs(&self->session, &rec, &regs), 0);
	kill(self->pid, SIGCONT);
	EXPECT_TRUE(stands(self->count));
	ASSERT_EQ(resume(&self->session, &rec), 0);
	EXPECT_TRUE(runs(self->count));
}

TEST_F(job, stop_while_stopped)
{
	stop_stopped(_metadata, self, false);
}

TEST_F(job, attach_while_stopped)
{
	stop_stopped(_metadata, self, true);
}

TEST_F(job, killed_while_both)
{
	struct utrace_record rec;

	self->policy.stop = JOB;
	ASSERT_EQ(attach(&self->session, self->pid, 1, 0, &self->policy), 1);
	kill(self->pid, SIGSTOP);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_JOB_STOP, &rec));
	kill(self->pid, SIGKILL);
	EXPECT_EQ(reap(self->pid), SIGKILL);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_DEATH, &rec));
	self->pid = victim(victim_pause, NULL);
}

TEST_HARNESS_MAIN
