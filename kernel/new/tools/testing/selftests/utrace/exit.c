// SPDX-License-Identifier: GPL-2.0-only
/* The EXIT event: told, held, and what ends the hold. */
#include <pthread.h>
#include <sys/resource.h>

#include "../kselftest_harness.h"
#include "session.h"

static int victim_exits(void *arg)
{
	_Atomic int *go = arg;

	while (!*go)
		;
	return 7;
}

FIXTURE(exit)
{
	struct session session;
	struct utrace_policy policy;
	_Atomic int *go;
	pid_t pid;
};

FIXTURE_SETUP(exit)
{
	ASSERT_EQ(session_open(&self->session), 0);
	self->go = shared_page();
	self->pid = victim(victim_exits, (void *)self->go);
}

FIXTURE_TEARDOWN(exit)
{
	session_close(&self->session);
	kill_and_reap(self->pid);
}

TEST_F(exit, record)
{
	struct utrace_record rec;

	self->policy.record = UTRACE_EV_BIT(UTRACE_EV_EXIT);
	ASSERT_EQ(attach(&self->session, self->pid, 1, 0, &self->policy), 1);
	*self->go = 1;
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_EXIT, &rec));
	EXPECT_EQ(rec.exit.status, 7 << 8);
	EXPECT_EQ(rec.exit.cause, UTRACE_CAUSE_SELF);
	ASSERT_TRUE(await(&self->session, &rec));
	EXPECT_EQ(rec.event, UTRACE_EV_DEATH);
	EXPECT_EQ(rec.exit.status, 7 << 8);
	EXPECT_EQ(rec.exit.cause, UTRACE_CAUSE_SELF);
}

/* What DEATH says was used is what the parent is told; the way to the end itself costs a little. */
TEST_F(exit, usage)
{
	struct utrace_record rec;
	struct rusage usage;
	uint64_t told;

	ASSERT_EQ(attach(&self->session, self->pid, 1, 0, &self->policy), 1);
	usleep(50000);
	*self->go = 1;
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_DEATH, &rec));
	EXPECT_EQ(rec.flags, UTRACE_REC_PROCESS_END);
	ASSERT_EQ(wait4(self->pid, NULL, 0, &usage), self->pid);
	told = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000ULL +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000ULL;
	EXPECT_GT(rec.exit.utime + rec.exit.stime, 0);
	EXPECT_LE(rec.exit.utime + rec.exit.stime, told);
	EXPECT_EQ(rec.exit.maxrss, usage.ru_maxrss * 1024ULL);
	EXPECT_GT(rec.exit.minflt, 0);
	EXPECT_LE(rec.exit.minflt, usage.ru_minflt);
	EXPECT_LE(rec.exit.nvcsw, usage.ru_nvcsw);
	EXPECT_LE(rec.exit.nivcsw, usage.ru_nivcsw);
	self->pid = victim(victim_pause, NULL);
}

static void hold_exit(struct __test_metadata *_metadata, FIXTURE_DATA(exit) *self,
		      struct utrace_record *rec)
{
	self->policy.stop = UTRACE_EV_BIT(UTRACE_EV_EXIT);
	ASSERT_EQ(attach(&self->session, self->pid, 1, 0, &self->policy), 1);
	*self->go = 1;
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_EXIT, rec));
	EXPECT_EQ(rec->flags, UTRACE_REC_STOPPED);
}

TEST_F(exit, held)
{
	struct user_regs_struct regs;
	struct utrace_record rec;
	int go = 0;

	hold_exit(_metadata, self, &rec);
	usleep(20000);
	EXPECT_EQ(waitpid(self->pid, NULL, WNOHANG), 0);
	EXPECT_EQ(get_regs(&self->session, &rec, &regs), 0);
	EXPECT_EQ(at(&self->session, &rec, UTRACE_CMD_MEM_READ, 0, (uintptr_t)self->go, &go, 4), 0);
	EXPECT_EQ(go, 1);
	ASSERT_EQ(resume(&self->session, &rec), 0);
	EXPECT_EQ(reap(self->pid), 7 << 8);
}

/* The process exits already, so SIGKILL is of no use to it, but ends the hold. */
TEST_F(exit, killed_while_held)
{
	struct utrace_record rec;

	hold_exit(_metadata, self, &rec);
	usleep(20000);
	kill(self->pid, SIGKILL);
	EXPECT_EQ(reap(self->pid), 7 << 8);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_DEATH, &rec));
}

TEST_F(exit, closed_while_held)
{
	struct utrace_record rec;

	hold_exit(_metadata, self, &rec);
	session_close(&self->session);
	EXPECT_EQ(reap(self->pid), 7 << 8);
	ASSERT_EQ(session_open(&self->session), 0);
}

TEST_F(exit, killed_is_not_held)
{
	struct utrace_record rec;

	self->policy.stop = UTRACE_EV_BIT(UTRACE_EV_EXIT);
	ASSERT_EQ(attach(&self->session, self->pid, 1, 0, &self->policy), 1);
	kill(self->pid, SIGKILL);
	EXPECT_EQ(reap(self->pid), SIGKILL);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_DEATH, &rec));
	EXPECT_EQ(rec.exit.cause, UTRACE_CAUSE_GROUP);
}

static void *exec_thread(void *arg)
{
	_Atomic int *go = arg;

	while (*go != 2)
		;
	execl("/bin/true", "true", NULL);
	return NULL;
}

static int victim_exec_behind(void *arg)
{
	_Atomic int *go = arg;
	pthread_t thread;

	pthread_create(&thread, NULL, exec_thread, arg);
	*go = 1;
	while (*go != 3)
		;
	syscall(SYS_exit, 0);
	return 1;
}

/* One thread is held at its end while another one executes a program. */
TEST_F(exit, exec_ends_hold)
{
	_Atomic int *go = shared_page();
	pid_t pid = victim(victim_exec_behind, (void *)go);
	struct utrace_record rec;

	self->policy.stop = UTRACE_EV_BIT(UTRACE_EV_EXIT);
	ASSERT_TRUE(await_value(go, 1));
	ASSERT_EQ(attach(&self->session, pid, 1, 0, &self->policy), 2);
	*go = 3;
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_EXIT, &rec));
	EXPECT_EQ(rec.tid, pid);
	*go = 2;
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_DEATH, &rec));
	EXPECT_EQ(rec.tid, pid);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_EXIT, &rec));
	ASSERT_EQ(resume(&self->session, &rec), 0);
	EXPECT_EQ(reap(pid), 0);
}

TEST_HARNESS_MAIN
