// SPDX-License-Identifier: GPL-2.0-only
/* Stops that are asked for, what can be done in them, and what gets through them. */
#include <pthread.h>
#include <time.h>

#include "../kselftest_harness.h"
#include "session.h"

FIXTURE(stop)
{
	struct session session;
	struct utrace_attach_args args;
	_Atomic unsigned long *count;
	pid_t pid;
};

FIXTURE_SETUP(stop)
{
	ASSERT_EQ(session_open(&self->session), 0);
	self->count = shared_page();
	self->pid = victim(victim_spin, (void *)self->count);
	self->args.pidfd = -1;
	self->args.tid = self->pid;
	self->args.scope = UTRACE_SCOPE_PROCESS;
	ASSERT_EQ(attach_with(&self->session, &self->args, NULL), 1);
}

FIXTURE_TEARDOWN(stop)
{
	kill_and_reap(self->pid);
	session_close(&self->session);
}

static bool stop_now(struct session *session, uint64_t target, struct utrace_record *rec)
{
	return !stop(session, target, UTRACE_WITH_INTERRUPT, NULL) &&
	       await_event(session, UTRACE_EV_STOP, rec);
}

TEST_F(stop, and_resume)
{
	struct utrace_record rec;
	unsigned long seen;
	uint64_t request;

	ASSERT_EQ(stop(&self->session, self->args.task, 0, &request), 0);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_STOP, &rec));
	EXPECT_EQ(rec.flags, UTRACE_REC_STOPPED | UTRACE_REC_ANSWERS);
	EXPECT_EQ(rec.request, request);
	EXPECT_EQ(stop(&self->session, self->args.task, 0, NULL), -EALREADY);
	seen = *self->count;
	usleep(50000);
	EXPECT_EQ(*self->count, seen);
	EXPECT_EQ(resume(&self->session, &rec), 0);
	EXPECT_EQ(resume(&self->session, &rec), -ESTALE);
	usleep(200000);
	EXPECT_GT(*self->count, seen);
}

TEST_F(stop, again_and_again)
{
	struct utrace_record rec;
	int i;

	for (i = 0; i < 1000; i++) {
		ASSERT_TRUE(stop_now(&self->session, self->args.process, &rec));
		ASSERT_EQ(resume(&self->session, &rec), 0);
	}
}

TEST_F(stop, process)
{
	struct utrace_command cmd = {
		.cmd = UTRACE_CMD_RESUME, .target = self->args.process, .stop = ~0ULL
	};
	struct utrace_record rec;

	ASSERT_TRUE(stop_now(&self->session, self->args.process, &rec));
	ASSERT_EQ(command(&self->session, &cmd), 0);
	EXPECT_EQ(cmd.value, 1);
	EXPECT_EQ(command(&self->session, &cmd), -ESTALE);
}

TEST_F(stop, registers)
{
	struct user_regs_struct regs, again;
	unsigned char fpu[16384];
	struct utrace_record rec, old;
	struct utrace_command cmd;

	ASSERT_TRUE(stop_now(&self->session, self->args.task, &rec));
	ASSERT_EQ(get_regs(&self->session, &rec, &regs), 0);
	EXPECT_NE(regs.rip, 0);
	EXPECT_EQ(regs.cs, 0x33);
	regs.r15 = 0x1122334455667788;
	ASSERT_EQ(set_regs(&self->session, &rec, &regs), 0);
	ASSERT_EQ(get_regs(&self->session, &rec, &again), 0);
	EXPECT_EQ(again.r15, 0x1122334455667788);

	memset(&cmd, 0, sizeof(cmd));
	cmd.cmd = UTRACE_CMD_REGSET_GET;
	cmd.target = rec.task;
	cmd.stop = rec.stop;
	cmd.addr = NT_X86_XSTATE;
	cmd.data = (uintptr_t)fpu;
	cmd.size = sizeof(fpu);
	EXPECT_EQ(command(&self->session, &cmd), 0);
	EXPECT_GE(cmd.value, 512);
	EXPECT_EQ(at(&self->session, &rec, UTRACE_CMD_REGSET_GET, 0, 0x7777, fpu, 8), -ENODEV);
	EXPECT_EQ(at(&self->session, &rec, UTRACE_CMD_REGSET_SET, 0, NT_PRSTATUS, &regs, 4096),
		  -EINVAL);
	EXPECT_EQ(at(&self->session, &rec, UTRACE_CMD_REGSET_GET, 0, NT_PRSTATUS, NULL, 8),
		  -EFAULT);

	old = rec;
	ASSERT_EQ(resume(&self->session, &rec), 0);
	EXPECT_EQ(get_regs(&self->session, &old, &regs), -ESTALE);
	old.stop = 0;
	EXPECT_EQ(get_regs(&self->session, &old, &regs), -ESTALE);
}

/* Registers that were set are those that the task goes on with. */
TEST_F(stop, registers_count)
{
	struct user_regs_struct regs;
	struct utrace_record rec;
	unsigned long seen;

	ASSERT_TRUE(stop_now(&self->session, self->args.task, &rec));
	ASSERT_EQ(get_regs(&self->session, &rec, &regs), 0);
	regs.rip = (uintptr_t)_exit;
	regs.rdi = 42;
	regs.rsp -= 1024;
	regs.rsp &= ~15UL;
	ASSERT_EQ(set_regs(&self->session, &rec, &regs), 0);
	seen = *self->count;
	ASSERT_EQ(resume(&self->session, &rec), 0);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_DEATH, &rec));
	EXPECT_EQ(rec.exit.status, 42 << 8);
	EXPECT_EQ(*self->count, seen);
}

TEST_F(stop, memory)
{
	struct utrace_record rec;
	static long word = 0x12345678;
	static const char text[] = "read-only";
	struct utrace_command cmd;
	char big[64 * 1024];
	long value = 0;

	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_ATTACH, &rec));
	/* Without a stop. */
	ASSERT_EQ(at(&self->session, &rec, UTRACE_CMD_MEM_READ, 0, (uintptr_t)&word, &value,
		     sizeof(value)), 0);
	EXPECT_EQ(value, 0x12345678);
	value = 99;
	ASSERT_EQ(at(&self->session, &rec, UTRACE_CMD_MEM_WRITE, 0, (uintptr_t)&word, &value,
		     sizeof(value)), 0);
	EXPECT_EQ(word, 0x12345678);
	value = 0;
	ASSERT_EQ(at(&self->session, &rec, UTRACE_CMD_MEM_READ, 0, (uintptr_t)&word, &value,
		     sizeof(value)), 0);
	EXPECT_EQ(value, 99);
	EXPECT_EQ(at(&self->session, &rec, UTRACE_CMD_MEM_WRITE, 0, (uintptr_t)text, "R", 1), 0);
	EXPECT_EQ(text[0], 'r');
	EXPECT_EQ(at(&self->session, &rec, UTRACE_CMD_MEM_READ, 0, 8, &value, 8), -EFAULT);
	EXPECT_EQ(at(&self->session, &rec, UTRACE_CMD_MEM_READ, 0, ~0ULL - 2, &value, 8), -EFAULT);
	EXPECT_EQ(at(&self->session, &rec, UTRACE_CMD_MEM_READ, 0, (uintptr_t)&word, NULL, 8),
		  -EFAULT);

	/* Up to the first byte that is not there. */
	memset(&cmd, 0, sizeof(cmd));
	cmd.cmd = UTRACE_CMD_MEM_READ;
	cmd.target = self->args.process;
	cmd.addr = (uintptr_t)self->count + 4000;
	cmd.data = (uintptr_t)big;
	cmd.size = 96;
	EXPECT_EQ(command(&self->session, &cmd), 0);
	EXPECT_EQ(cmd.value, 96);
}

TEST_F(stop, batch)
{
	struct user_regs_struct regs;
	struct utrace_command cmds[4] = {};
	struct utrace_submit_args args = {
		.commands = (uintptr_t)cmds, .count = 4, .timeout = -1,
		.command_size = sizeof(cmds[0]), .flags = UTRACE_SUBMIT_LINK
	};
	struct utrace_record rec;
	int i;

	ASSERT_TRUE(stop_now(&self->session, self->args.task, &rec));
	for (i = 0; i < 4; i++) {
		cmds[i].target = rec.task;
		cmds[i].stop = rec.stop;
		cmds[i].error = 77;
	}
	cmds[0].cmd = UTRACE_CMD_REGSET_GET;
	cmds[0].addr = NT_PRSTATUS;
	cmds[0].data = (uintptr_t)&regs;
	cmds[0].size = sizeof(regs);
	cmds[1].cmd = 1000;
	cmds[2].cmd = UTRACE_CMD_RESUME;
	cmds[3].cmd = UTRACE_CMD_NOP;
	EXPECT_EQ(utrace(UTRACE_OP_SUBMIT, self->session.fd, &args, sizeof(args)), 4);
	EXPECT_EQ(cmds[0].error, 0);
	EXPECT_EQ(cmds[1].error, EINVAL);
	EXPECT_EQ(cmds[2].error, ECANCELED);
	EXPECT_EQ(cmds[3].error, ECANCELED);
	args.flags = 0;
	EXPECT_EQ(utrace(UTRACE_OP_SUBMIT, self->session.fd, &args, sizeof(args)), 4);
	EXPECT_EQ(cmds[1].error, EINVAL);
	EXPECT_EQ(cmds[2].error, 0);
	args.commands = 8;
	EXPECT_EQ(utrace(UTRACE_OP_SUBMIT, self->session.fd, &args, sizeof(args)), -EFAULT);
	args.count = 1 << 30;
	EXPECT_EQ(utrace(UTRACE_OP_SUBMIT, self->session.fd, &args, sizeof(args)), -EINVAL);
}

TEST_F(stop, killed)
{
	struct utrace_record rec;

	ASSERT_TRUE(stop_now(&self->session, self->args.task, &rec));
	kill(self->pid, SIGKILL);
	EXPECT_EQ(reap(self->pid), SIGKILL);
	EXPECT_NE(resume(&self->session, &rec), 0);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_DEATH, &rec));
	self->pid = victim(victim_pause, NULL);
}

struct group {
	int ready;
	int go;
	int how;
};

static void *group_thread(void *arg)
{
	struct group *group = arg;

	__atomic_store_n(&group->ready, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&group->go, __ATOMIC_ACQUIRE))
		;
	if (group->how == 1)
		syscall(SYS_exit_group, 3);
	if (group->how == 2)
		execl("/bin/true", "true", NULL);
	if (group->how == 3)
		abort();
	return NULL;
}

static int victim_group(void *arg)
{
	pthread_t thread;

	pthread_create(&thread, NULL, group_thread, arg);
	return victim_spin(&(unsigned long){ 0 });
}

/* The leader is held; the other thread ends the process. */
static void through_hold(struct __test_metadata *_metadata, struct session *session, int how,
			 int status)
{
	struct group *group = shared_page();
	struct utrace_attach_args args = { .pidfd = -1, .scope = UTRACE_SCOPE_PROCESS };
	struct utrace_record rec;
	int i;

	group->how = how;
	args.tid = victim(victim_group, group);
	ASSERT_TRUE(await_value(&group->ready, 1));
	ASSERT_EQ(attach_with(session, &args, NULL), 2);
	ASSERT_TRUE(stop_now(session, args.task, &rec));
	__atomic_store_n(&group->go, 1, __ATOMIC_RELEASE);
	for (i = 0; i < 2; i++) {
		ASSERT_TRUE(await_event(session, UTRACE_EV_DEATH, &rec));
		if (how == 2 && !i)
			EXPECT_EQ(rec.exit.cause, UTRACE_CAUSE_EXEC);
	}
	EXPECT_NE(rec.flags & UTRACE_REC_PROCESS_END, 0);
	EXPECT_EQ(rec.exit.status & 0xff7f, status);
	EXPECT_EQ(reap(args.tid) & 0xff7f, status);
}

TEST_F(stop, exit_group_of_sibling)
{
	through_hold(_metadata, &self->session, 1, 3 << 8);
}

TEST_F(stop, exec_of_sibling)
{
	through_hold(_metadata, &self->session, 2, 0);
}

TEST_F(stop, coredump_of_sibling)
{
	through_hold(_metadata, &self->session, 3, SIGABRT);
}

static int victim_sleep(void *arg)
{
	int fds[2];
	char byte;

	if (pipe(fds))
		return 1;
	__atomic_store_n((int *)arg, 1, __ATOMIC_RELEASE);
	/* Restarted after a stop: no signal, no EINTR. */
	return read(fds[0], &byte, 1) < 0 ? errno : 0;
}

TEST_F(stop, sleeper_is_restarted)
{
	int *ready = shared_page();
	pid_t pid = victim(victim_sleep, ready);
	struct utrace_attach_args args = { .pidfd = -1, .tid = pid };
	struct utrace_record rec;
	int i;

	ASSERT_TRUE(await_value(ready, 1));
	ASSERT_EQ(attach_with(&self->session, &args, NULL), 1);
	for (i = 0; i < 3; i++) {
		usleep(20000);
		ASSERT_TRUE(stop_now(&self->session, args.task, &rec));
		ASSERT_EQ(resume(&self->session, &rec), 0);
	}
	usleep(20000);
	EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0);
	/* The weaker stop leaves it alone. */
	ASSERT_EQ(stop(&self->session, args.task, 0, NULL), 0);
	usleep(50000);
	EXPECT_FALSE(take(&self->session, &rec));
	kill_and_reap(pid);
}

static void handle_nothing(int signo)
{
	(void)signo;
}

/* Exits with the error of a sleep that a handler has interrupted. */
static int victim_nap(void *arg)
{
	struct timespec hour = { .tv_sec = 3600 };

	signal(SIGUSR1, handle_nothing);
	__atomic_store_n((int *)arg, 1, __ATOMIC_RELEASE);
	return clock_nanosleep(CLOCK_MONOTONIC, 0, &hour, NULL);
}

/* The stop comes before the restart is decided, so a handler's signal may still prevent it. */
TEST_F(stop, sleeper_gets_signal)
{
	int *ready = shared_page();
	pid_t pid = victim(victim_nap, ready);
	struct utrace_attach_args args = { .pidfd = -1, .tid = pid };
	struct user_regs_struct regs;
	struct utrace_record rec;
	int i;

	ASSERT_TRUE(await_value(ready, 1));
	ASSERT_EQ(attach_with(&self->session, &args, NULL), 1);
	for (i = 0; i < 3; i++) {
		usleep(50000);
		ASSERT_TRUE(stop_now(&self->session, args.task, &rec));
		ASSERT_EQ(get_regs(&self->session, &rec, &regs), 0);
		/* ERESTART_RESTARTBLOCK, which user space never sees. */
		EXPECT_EQ((long)regs.rax, -516);
		if (i == 2)
			kill(pid, SIGUSR1);
		ASSERT_EQ(resume(&self->session, &rec), 0);
	}
	EXPECT_EQ(reap(pid), EINTR << 8);
}

TEST_HARNESS_MAIN
