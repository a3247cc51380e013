// SPDX-License-Identifier: GPL-2.0-only
/* New threads and processes: who is followed, what is told, and where they start. */
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>

#include "../kselftest_harness.h"
#include "session.h"

#define CLONE_EVENTS	(UTRACE_EV_BIT(UTRACE_EV_CLONE) | UTRACE_EV_BIT(UTRACE_EV_VFORK_DONE))

struct work {
	int ready;
	int go;
	int ran;
	int how;
};

static void *thread(void *arg)
{
	struct work *work = arg;

	__atomic_store_n(&work->ran, 1, __ATOMIC_RELEASE);
	return NULL;
}

static int victim_clone(void *arg)
{
	struct work *work = arg;
	pthread_t id;
	pid_t pid;

	__atomic_store_n(&work->ready, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&work->go, __ATOMIC_ACQUIRE))
		;
	switch (work->how) {
	case 'f':
		pid = fork();
		break;
	case 'v':
		pid = vfork();
		break;
	case 'u':
		pid = syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0);
		break;
	default:
		pthread_create(&id, NULL, thread, work);
		return pthread_join(id, NULL);
	}
	if (pid)
		return reap(pid);
	__atomic_store_n(&work->ran, 1, __ATOMIC_RELEASE);
	_exit(0);
}

FIXTURE(clone)
{
	struct session session;
	struct work *work;
	pid_t pid;
};

FIXTURE_SETUP(clone)
{
	ASSERT_EQ(session_open(&self->session), 0);
	self->work = shared_page();
	self->pid = victim(victim_clone, self->work);
	ASSERT_TRUE(await_value(&self->work->ready, 1));
}

FIXTURE_TEARDOWN(clone)
{
	session_close(&self->session);
	kill_and_reap(self->pid);
}

static void go(FIXTURE_DATA(clone) *self, int how)
{
	self->work->how = how;
	__atomic_store_n(&self->work->go, 1, __ATOMIC_RELEASE);
}

/* ATTACH of the child, then CLONE, then what the child does. */
static void recorded(struct __test_metadata *_metadata, FIXTURE_DATA(clone) *self, int how,
		     uint32_t scope, uint64_t flag)
{
	struct utrace_policy policy = { .record = CLONE_EVENTS };
	struct utrace_attach_args args = { .pidfd = -1, .tid = self->pid, .scope = scope };
	struct utrace_record young, rec;

	ASSERT_EQ(attach_with(&self->session, &args, &policy), 1);
	go(self, how);
	ASSERT_TRUE(await(&self->session, &rec));
	ASSERT_TRUE(await(&self->session, &young));
	ASSERT_EQ(young.event, UTRACE_EV_ATTACH);
	EXPECT_EQ(young.attach.why, UTRACE_WHY_CLONE);
	EXPECT_EQ(young.attach.parent, args.task);
	EXPECT_NE(young.task, args.task);
	EXPECT_EQ(young.process == args.process, how == 't');
	ASSERT_TRUE(await(&self->session, &rec));
	ASSERT_EQ(rec.event, UTRACE_EV_CLONE);
	EXPECT_EQ(rec.flags, 0);
	EXPECT_EQ(rec.clone.child, young.task);
	EXPECT_EQ(rec.clone.child_process, young.process);
	EXPECT_EQ(rec.clone.child_tid, young.tid);
	EXPECT_EQ(rec.clone.error, 0);
	EXPECT_EQ(rec.clone.clone_flags & flag, flag);
	if (how == 'v')
		ASSERT_TRUE(await_event(&self->session, UTRACE_EV_VFORK_DONE, &rec));
	EXPECT_EQ(rec.clone.child, young.task);
	do {
		ASSERT_TRUE(await_event(&self->session, UTRACE_EV_DEATH, &rec));
	} while (!(rec.flags & UTRACE_REC_PROCESS_END && rec.process == args.process));
	EXPECT_EQ(rec.exit.status, 0);
}

TEST_F(clone, fork)
{
	recorded(_metadata, self, 'f', UTRACE_SCOPE_TREE, 0);
}

TEST_F(clone, vfork)
{
	recorded(_metadata, self, 'v', UTRACE_SCOPE_TREE, CLONE_VFORK);
}

TEST_F(clone, thread)
{
	recorded(_metadata, self, 't', UTRACE_SCOPE_PROCESS, CLONE_THREAD);
}

TEST_F(clone, untraced)
{
	recorded(_metadata, self, 'u', UTRACE_SCOPE_TREE, CLONE_UNTRACED);
}

TEST_F(clone, not_followed)
{
	struct utrace_policy policy = { .record = CLONE_EVENTS };
	struct utrace_record rec;

	ASSERT_EQ(attach(&self->session, self->pid, UTRACE_SCOPE_PROCESS, 0, &policy), 1);
	go(self, 'f');
	ASSERT_TRUE(await(&self->session, &rec));
	ASSERT_TRUE(await(&self->session, &rec));
	ASSERT_EQ(rec.event, UTRACE_EV_CLONE);
	EXPECT_EQ(rec.clone.child, 0);
	EXPECT_NE(rec.clone.child_tid, 0);
	ASSERT_TRUE(await(&self->session, &rec));
	EXPECT_EQ(rec.event, UTRACE_EV_DEATH);
	EXPECT_EQ(rec.tid, self->pid);
}

/* Both stand: the child before its first instruction, the maker in its call. */
static void held(struct __test_metadata *_metadata, FIXTURE_DATA(clone) *self, int how)
{
	struct utrace_policy policy = { .stop = CLONE_EVENTS };
	struct utrace_record maker = {}, young = {}, rec;

	ASSERT_EQ(attach(&self->session, self->pid, UTRACE_SCOPE_TREE, 0, &policy), 1);
	go(self, how);
	while (!maker.stop || !young.stop) {
		ASSERT_TRUE(await(&self->session, &rec));
		if (rec.event == UTRACE_EV_CLONE)
			maker = rec;
		if (rec.event == UTRACE_EV_STOP)
			young = rec;
	}
	EXPECT_EQ(maker.clone.child, young.task);
	EXPECT_EQ(young.flags, UTRACE_REC_STOPPED);
	usleep(20000);
	EXPECT_EQ(self->work->ran, 0);
	ASSERT_EQ(resume(&self->session, &young), 0);
	EXPECT_TRUE(await_value(&self->work->ran, 1));
	EXPECT_EQ(waitpid(self->pid, NULL, WNOHANG), 0);
	ASSERT_EQ(resume(&self->session, &maker), 0);
	if (how == 'v') {
		ASSERT_TRUE(await_event(&self->session, UTRACE_EV_VFORK_DONE, &rec));
		EXPECT_EQ(rec.flags, UTRACE_REC_STOPPED);
		ASSERT_EQ(resume(&self->session, &rec), 0);
	}
	EXPECT_EQ(reap(self->pid), 0);
	self->pid = victim(victim_pause, NULL);
}

TEST_F(clone, fork_held)
{
	held(_metadata, self, 'f');
}

TEST_F(clone, vfork_held)
{
	held(_metadata, self, 'v');
}

TEST_F(clone, thread_held)
{
	held(_metadata, self, 't');
}

/* The way out of the clone in the child is no exit of a call of the child's. */
TEST_F(clone, child_has_no_exit)
{
	struct utrace_policy policy = {
		.record = CLONE_EVENTS | UTRACE_EV_BIT(UTRACE_EV_SYSCALL_ENTRY) |
			  UTRACE_EV_BIT(UTRACE_EV_SYSCALL_EXIT)
	};
	struct utrace_record rec;
	uint64_t child;

	ASSERT_EQ(attach(&self->session, self->pid, UTRACE_SCOPE_TREE, 0, &policy), 1);
	go(self, 'f');
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_CLONE, &rec));
	child = rec.clone.child;
	do {
		ASSERT_TRUE(await(&self->session, &rec));
	} while (rec.task != child);
	EXPECT_EQ(rec.event, UTRACE_EV_SYSCALL_ENTRY);
}

TEST_HARNESS_MAIN
