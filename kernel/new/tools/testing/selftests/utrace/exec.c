// SPDX-License-Identifier: GPL-2.0-only
/* Exec: the record, the id of a thread that is not the leader, and privileges. */
#include <grp.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <fcntl.h>

#include "../kselftest_harness.h"
#include "session.h"

struct work {
	int ready;
	int go;
	uid_t uid;
	char path[256];
};

static void set_path(struct work *work, const char *path)
{
	snprintf(work->path, sizeof(work->path), "%s", path);
}

static void *run(void *arg)
{
	struct work *work = arg;

	while (!__atomic_load_n(&work->go, __ATOMIC_ACQUIRE))
		;
	execl(work->path, work->path, NULL);
	_exit(99);
}

static int victim_exec(void *arg)
{
	struct work *work = arg;

	if (work->uid && (setgroups(0, NULL) || setresgid(work->uid, work->uid, work->uid) ||
			  setresuid(work->uid, work->uid, work->uid)))
		return 98;
	/* A change of credentials makes it undumpable, so that nobody may attach. */
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	work->ready = 1;
	run(arg);
	return 1;
}

static int victim_thread_exec(void *arg)
{
	pthread_t thread;

	pthread_create(&thread, NULL, run, arg);
	return victim_spin(&(unsigned long){ 0 });
}

FIXTURE(exec)
{
	struct session session;
	struct utrace_policy policy;
	struct utrace_attach_args args;
	struct work *work;
};

FIXTURE_SETUP(exec)
{
	ASSERT_EQ(session_open(&self->session), 0);
	self->work = shared_page();
	set_path(self->work, "/bin/true");
	self->args.pidfd = -1;
	self->args.scope = UTRACE_SCOPE_PROCESS;
}

FIXTURE_TEARDOWN(exec)
{
	session_close(&self->session);
	kill_and_reap(self->args.tid);
}

TEST_F(exec, record)
{
	struct utrace_record rec;

	self->policy.record = UTRACE_EV_BIT(UTRACE_EV_EXEC);
	self->args.tid = victim(victim_exec, self->work);
	ASSERT_EQ(attach_with(&self->session, &self->args, &self->policy), 1);
	self->work->go = 1;
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_EXEC, &rec));
	EXPECT_EQ(rec.task, self->args.task);
	EXPECT_EQ(rec.exec.old_tid, self->args.tid);
	EXPECT_EQ(rec.tid, self->args.tid);
	ASSERT_TRUE(await(&self->session, &rec));
	EXPECT_EQ(rec.event, UTRACE_EV_DEATH);
	EXPECT_EQ(rec.exit.status, 0);
}

/* Nothing of the new program has run: the stack pointer is at argc. */
TEST_F(exec, stopped)
{
	struct user_regs_struct regs;
	struct utrace_record rec;
	long argc = 0;

	self->policy.stop = UTRACE_EV_BIT(UTRACE_EV_EXEC);
	self->args.tid = victim(victim_exec, self->work);
	ASSERT_EQ(attach_with(&self->session, &self->args, &self->policy), 1);
	self->work->go = 1;
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_EXEC, &rec));
	EXPECT_EQ(rec.flags, UTRACE_REC_STOPPED);
	ASSERT_EQ(get_regs(&self->session, &rec, &regs), 0);
	ASSERT_EQ(at(&self->session, &rec, UTRACE_CMD_MEM_READ, 0, regs.rsp, &argc, 8), 0);
	EXPECT_EQ(argc, 1);
	ASSERT_EQ(resume(&self->session, &rec), 0);
	EXPECT_EQ(reap(self->args.tid), 0);
}

TEST_F(exec, by_thread)
{
	struct utrace_record rec, deaths[2];
	uint64_t thread = 0;
	int i;

	self->policy.record = UTRACE_EV_BIT(UTRACE_EV_EXEC);
	self->args.tid = victim(victim_thread_exec, self->work);
	usleep(100000);
	ASSERT_EQ(attach_with(&self->session, &self->args, &self->policy), 2);
	for (i = 0; i < 2; i++) {
		ASSERT_TRUE(await_event(&self->session, UTRACE_EV_ATTACH, &rec));
		if (rec.tid != self->args.tid)
			thread = rec.task;
	}
	self->work->go = 1;
	/* The leader ends, then the thread is the leader. */
	ASSERT_TRUE(await(&self->session, &deaths[0]));
	EXPECT_EQ(deaths[0].event, UTRACE_EV_DEATH);
	EXPECT_EQ(deaths[0].task, self->args.task);
	EXPECT_EQ(deaths[0].exit.cause, UTRACE_CAUSE_EXEC);
	EXPECT_EQ(deaths[0].flags, 0);
	ASSERT_TRUE(await(&self->session, &rec));
	EXPECT_EQ(rec.event, UTRACE_EV_EXEC);
	EXPECT_EQ(rec.task, thread);
	EXPECT_EQ(rec.tid, self->args.tid);
	EXPECT_NE(rec.exec.old_tid, self->args.tid);
	ASSERT_TRUE(await(&self->session, &deaths[1]));
	EXPECT_EQ(deaths[1].event, UTRACE_EV_DEATH);
	EXPECT_EQ(deaths[1].task, thread);
	EXPECT_EQ(deaths[1].flags, UTRACE_REC_PROCESS_END);
}

/* A session whose opener is user 1000, and a program that makes its user root. */
static void gain(struct __test_metadata *_metadata, FIXTURE_DATA(exec) *self, bool setuid_root)
{
	char buffer[65536];
	ssize_t n;
	int from, to;

	if (geteuid())
		SKIP(return, "needs root");
	set_path(self->work, "/tmp/utrace-exec-test");
	from = open("/bin/true", O_RDONLY);
	unlink(self->work->path);
	to = open(self->work->path, O_CREAT | O_WRONLY | O_TRUNC, 0755);
	ASSERT_GE(to, 0);
	while ((n = read(from, buffer, sizeof(buffer))) > 0)
		ASSERT_EQ(write(to, buffer, n), n);
	ASSERT_EQ(fchmod(to, setuid_root ? 04755 : 0755), 0);
	close(to);
	close(from);

	self->work->uid = 1000;
	self->policy.record = UTRACE_EV_BIT(UTRACE_EV_EXEC);
	self->args.tid = victim(victim_exec, self->work);
	ASSERT_TRUE(await_value(&self->work->ready, 1));
	session_close(&self->session);
	ASSERT_EQ(setresgid(1000, 1000, 0), 0);
	ASSERT_EQ(setgroups(0, NULL), 0);
	ASSERT_EQ(setresuid(1000, 1000, 0), 0);
	ASSERT_EQ(session_open(&self->session), 0);
	ASSERT_EQ(attach_with(&self->session, &self->args, &self->policy), 1);
	self->work->go = 1;
}

TEST_F(exec, gains_privilege)
{
	struct utrace_record rec;

	gain(_metadata, self, true);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_DETACH, &rec));
	EXPECT_EQ(rec.detach.why, UTRACE_DETACH_EXEC);
	EXPECT_EQ(reap(self->args.tid), 0);
	EXPECT_FALSE(take(&self->session, &rec));
}

TEST_F(exec, gains_nothing)
{
	struct utrace_record rec;

	gain(_metadata, self, false);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_EXEC, &rec));
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_DEATH, &rec));
}

/* Others' tasks are refused, whoever holds the descriptor. */
TEST_F(exec, opener_counts)
{
	pid_t pid = victim(victim_pause, NULL);

	self->args.tid = pid;
	if (geteuid())
		SKIP(return, "needs root");
	session_close(&self->session);
	ASSERT_EQ(setresuid(1000, 1000, 0), 0);
	ASSERT_EQ(session_open(&self->session), 0);
	ASSERT_EQ(setresuid(0, 0, 0), 0);
	EXPECT_EQ(attach_with(&self->session, &self->args, NULL), -EPERM);
}

TEST_HARNESS_MAIN
