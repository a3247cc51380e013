// SPDX-License-Identifier: GPL-2.0-only
/* Attach, detach, death, and the end of the session. */
#include <pthread.h>

#include "../kselftest_harness.h"
#include "session.h"

FIXTURE(attach)
{
	struct session session;
	pid_t pid;
};

FIXTURE_SETUP(attach)
{
	ASSERT_EQ(session_open(&self->session), 0);
	self->pid = victim(victim_pause, NULL);
	ASSERT_GT(self->pid, 0);
}

FIXTURE_TEARDOWN(attach)
{
	kill_and_reap(self->pid);
	session_close(&self->session);
}

TEST_F(attach, by_tid)
{
	struct utrace_attach_args args = { .pidfd = -1, .tid = self->pid };
	struct utrace_record rec;

	ASSERT_EQ(attach_with(&self->session, &args, NULL), 1);
	EXPECT_EQ(args.threads, 1);
	EXPECT_NE(args.task, 0);
	EXPECT_NE(args.process, args.task);
	ASSERT_TRUE(await(&self->session, &rec));
	EXPECT_EQ(rec.event, UTRACE_EV_ATTACH);
	EXPECT_EQ(rec.task, args.task);
	EXPECT_EQ(rec.process, args.process);
	EXPECT_EQ(rec.tid, self->pid);
	EXPECT_EQ(rec.tgid, self->pid);
	EXPECT_EQ(rec.attach.why, UTRACE_WHY_ASKED);
	EXPECT_EQ(attach(&self->session, self->pid, 0, 0, NULL), -EEXIST);
}

TEST_F(attach, by_pidfd)
{
	struct utrace_attach_args args = { .scope = UTRACE_SCOPE_TREE };

	args.pidfd = syscall(SYS_pidfd_open, self->pid, 0);
	ASSERT_GE(args.pidfd, 0);
	args.tid = 1;
	EXPECT_EQ(attach_with(&self->session, &args, NULL), -EINVAL);
	args.tid = 0;
	EXPECT_EQ(attach_with(&self->session, &args, NULL), 1);
	close(args.pidfd);
}

TEST_F(attach, refused)
{
	struct utrace_policy policy = { .record = UTRACE_EV_BIT(UTRACE_EV_STOP) };
	pid_t dead = fork();
	siginfo_t info;

	if (!dead)
		_exit(0);
	EXPECT_EQ(attach(&self->session, getpid(), 0, 0, NULL), -EINVAL);
	EXPECT_EQ(attach(&self->session, 2, 0, 0, NULL), -EPERM);
	EXPECT_EQ(attach(&self->session, 0x7ffffff, 0, 0, NULL), -ESRCH);
	EXPECT_EQ(attach(&self->session, self->pid, 9, 0, NULL), -EINVAL);
	EXPECT_EQ(attach(&self->session, self->pid, 0, 1 << 30, NULL), -EINVAL);
	EXPECT_EQ(attach(&self->session, self->pid, 0, 0, &policy), -EINVAL);
	waitid(P_PID, dead, &info, WEXITED | WNOWAIT);
	EXPECT_NE(attach(&self->session, dead, 0, 0, NULL), 1);
	reap(dead);
}

TEST_F(attach, death)
{
	struct utrace_record rec;

	ASSERT_EQ(attach(&self->session, self->pid, UTRACE_SCOPE_PROCESS, 0, NULL), 1);
	kill(self->pid, SIGTERM);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_DEATH, &rec));
	EXPECT_EQ(rec.flags, UTRACE_REC_PROCESS_END);
	EXPECT_EQ(rec.exit.status, SIGTERM);
	EXPECT_EQ(reap(self->pid), SIGTERM);
	EXPECT_FALSE(take(&self->session, &rec));
	EXPECT_EQ(stop(&self->session, rec.task, 0, NULL), -ESRCH);
	self->pid = victim(victim_pause, NULL);
}

TEST_F(attach, detach)
{
	struct utrace_record rec;

	ASSERT_EQ(attach(&self->session, self->pid, UTRACE_SCOPE_PROCESS, UTRACE_ATTACH_HOLD,
			 NULL), 1);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_STOP, &rec));
	ASSERT_EQ(at(&self->session, &rec, UTRACE_CMD_DETACH, 0, 0, NULL, 0), 0);
	ASSERT_TRUE(await(&self->session, &rec));
	EXPECT_EQ(rec.event, UTRACE_EV_DETACH);
	EXPECT_EQ(rec.detach.why, UTRACE_DETACH_ASKED);
	EXPECT_EQ(attach(&self->session, self->pid, 0, 0, NULL), 1);
}

TEST_F(attach, close_lets_run)
{
	_Atomic unsigned long *count = shared_page();
	pid_t pid = victim(victim_spin, (void *)count);
	struct utrace_record rec;
	struct session session;
	unsigned long seen;

	ASSERT_EQ(session_open(&session), 0);
	ASSERT_EQ(attach(&session, pid, UTRACE_SCOPE_PROCESS, UTRACE_ATTACH_HOLD, NULL), 1);
	ASSERT_TRUE(await_event(&session, UTRACE_EV_STOP, &rec));
	seen = *count;
	usleep(50000);
	EXPECT_EQ(*count, seen);
	session_close(&session);
	usleep(200000);
	EXPECT_GT(*count, seen);
	EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0);
	kill_and_reap(pid);
}

TEST_F(attach, kill_on_close)
{
	struct utrace_policy policy = { .flags = UTRACE_POLICY_KILL_ON_CLOSE };
	pid_t pid = victim(victim_pause, NULL);
	struct session session;

	ASSERT_EQ(session_open(&session), 0);
	ASSERT_EQ(attach(&session, pid, UTRACE_SCOPE_PROCESS, 0, &policy), 1);
	session_close(&session);
	EXPECT_EQ(reap(pid), SIGKILL);
}

TEST_F(attach, kill_command)
{
	struct utrace_attach_args args = { .pidfd = -1, .tid = self->pid, .scope = 1 };
	struct utrace_command cmd = { .cmd = UTRACE_CMD_KILL };

	ASSERT_EQ(attach_with(&self->session, &args, NULL), 1);
	cmd.target = args.process;
	EXPECT_EQ(command(&self->session, &cmd), 0);
	EXPECT_EQ(reap(self->pid), SIGKILL);
	self->pid = victim(victim_pause, NULL);
}

static void *thread_pause(void *arg)
{
	_Atomic int *ready = arg;

	__atomic_add_fetch(ready, 1, __ATOMIC_RELEASE);
	victim_pause(NULL);
	return NULL;
}

static int victim_threads(void *arg)
{
	pthread_t thread;
	int i;

	for (i = 0; i < 8; i++)
		pthread_create(&thread, NULL, thread_pause, arg);
	return victim_pause(NULL);
}

TEST_F(attach, threads)
{
	_Atomic int *ready = shared_page();
	pid_t pid = victim(victim_threads, (void *)ready);
	struct utrace_record rec;
	int i, ends = 0;

	ASSERT_TRUE(await_value(ready, 8));
	ASSERT_EQ(attach(&self->session, pid, UTRACE_SCOPE_PROCESS, UTRACE_ATTACH_HOLD, NULL), 9);
	for (i = 0; i < 9; i++)
		ASSERT_TRUE(await_event(&self->session, UTRACE_EV_STOP, &rec));
	kill(pid, SIGKILL);
	for (i = 0; i < 9; i++) {
		ASSERT_TRUE(await_event(&self->session, UTRACE_EV_DEATH, &rec));
		ends += !!(rec.flags & UTRACE_REC_PROCESS_END);
	}
	EXPECT_EQ(ends, 1);
	EXPECT_NE(rec.flags & UTRACE_REC_PROCESS_END, 0);
	EXPECT_EQ(reap(pid), SIGKILL);
}

static void *thread_nothing(void *arg)
{
	return arg;
}

static int victim_thread_storm(void *arg)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	while (getppid() != 1)
		pthread_create(&thread, &attr, thread_nothing, arg);
	return 1;
}

/* As for a new call. */
static void renew(struct utrace_attach_args *args)
{
	args->threads = 0;
	args->task = 0;
	args->process = 0;
}

/* No thread is missed, however the attach meets their making. */
TEST_F(attach, clone_storm)
{
	pid_t pid = victim(victim_thread_storm, NULL);
	struct utrace_attach_args args = {
		.pidfd = -1, .tid = pid, .scope = UTRACE_SCOPE_PROCESS
	};
	struct utrace_command cmd = { .cmd = UTRACE_CMD_KILL };
	int living = 0, round;
	struct utrace_record rec;

	for (round = 0; round < 5; round++) {
		struct session session;

		usleep(20000);
		renew(&args);
		ASSERT_EQ(session_open_with(&session, UTRACE_OPEN_BACKPRESSURE, 0), 0);
		ASSERT_GT(attach_with(&session, &args, NULL), 0);
		session_close(&session);
	}
	renew(&args);
	ASSERT_GT(attach_with(&self->session, &args, NULL), 0);
	usleep(50000);
	cmd.target = args.process;
	ASSERT_EQ(command(&self->session, &cmd), 0);
	do {
		ASSERT_TRUE(await(&self->session, &rec));
		living += (rec.event == UTRACE_EV_ATTACH) - (rec.event == UTRACE_EV_DEATH);
	} while (!(rec.flags & UTRACE_REC_PROCESS_END));
	EXPECT_EQ(living, 0);
	reap(pid);
}

TEST_HARNESS_MAIN
