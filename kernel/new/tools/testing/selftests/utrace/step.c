// SPDX-License-Identifier: GPL-2.0-only
/* Single step: over instructions and system calls, into a signal handler; without a SIGTRAP. */
#include <sys/ptrace.h>

#include "../kselftest_harness.h"
#include "session.h"

static void handler(int signo)
{
}

static int victim_calls(void *arg)
{
	long nr;

	signal(SIGUSR1, handler);
	*(_Atomic int *)arg = 1;
	do {
		nr = SYS_getppid;
		asm volatile("nop\n\tnop\n\tsyscall\n\tnop" : "+a" (nr)
			     : : "rcx", "r11", "memory");
	} while (nr > 0);
	return 1;
}

FIXTURE(step)
{
	struct session session;
	struct utrace_record rec;
	pid_t pid;
};

FIXTURE_SETUP(step)
{
	int *ready = shared_page();

	ASSERT_EQ(session_open(&self->session), 0);
	self->pid = victim(victim_calls, ready);
	ASSERT_TRUE(await_value(ready, 1));
	ASSERT_EQ(attach(&self->session, self->pid, 1, UTRACE_ATTACH_HOLD, NULL), 1);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_STOP, &self->rec));
}

FIXTURE_TEARDOWN(step)
{
	session_close(&self->session);
	kill_and_reap(self->pid);
}

/* The loop is five instructions with the jump or the load of rax: every step moves on. */
TEST_F(step, instructions)
{
	struct user_regs_struct regs;
	uint64_t before = 0, text = 0;
	int i, calls = 0;

	for (i = 0; i < 500; i++) {
		ASSERT_EQ(resume_with(&self->session, &self->rec, UTRACE_WITH_STEP), 0);
		ASSERT_TRUE(await(&self->session, &self->rec));
		ASSERT_EQ(self->rec.event, UTRACE_EV_STEP);
		ASSERT_EQ(get_regs(&self->session, &self->rec, &regs), 0);
		ASSERT_NE(regs.rip, before);
		ASSERT_EQ(regs.eflags & 0x100, 0);
		before = regs.rip;
		at(&self->session, &self->rec, UTRACE_CMD_MEM_READ, 0, regs.rip - 2, &text, 2);
		calls += (text & 0xffff) == 0x050f;
	}
	EXPECT_GT(calls, 50);
	ASSERT_EQ(resume(&self->session, &self->rec), 0);
	usleep(20000);
	EXPECT_EQ(waitpid(self->pid, NULL, WNOHANG), 0);
	EXPECT_FALSE(take(&self->session, &self->rec));
}

TEST_F(step, into_handler)
{
	struct user_regs_struct regs;
	int i;

	kill(self->pid, SIGUSR1);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(resume_with(&self->session, &self->rec, UTRACE_WITH_STEP), 0);
		ASSERT_TRUE(await(&self->session, &self->rec));
		ASSERT_EQ(self->rec.event, UTRACE_EV_STEP);
		ASSERT_EQ(get_regs(&self->session, &self->rec, &regs), 0);
		if (regs.rip == (uintptr_t)handler)
			break;
		EXPECT_EQ(self->rec.flags, UTRACE_REC_STOPPED);
	}
	EXPECT_EQ(regs.rip, (uintptr_t)handler);
	EXPECT_EQ(self->rec.flags, UTRACE_REC_STOPPED | UTRACE_REC_HANDLER);
	/* From there on instructions are executed. */
	ASSERT_EQ(resume_with(&self->session, &self->rec, UTRACE_WITH_STEP), 0);
	ASSERT_TRUE(await(&self->session, &self->rec));
	EXPECT_EQ(self->rec.flags, UTRACE_REC_STOPPED);
}

static void step_to_signal(struct __test_metadata *_metadata, FIXTURE_DATA(step) *self, int signo)
{
	struct utrace_policy policy = { .stop = UTRACE_EV_BIT(UTRACE_EV_SIGNAL) };

	ASSERT_EQ(at(&self->session, &self->rec, UTRACE_CMD_SET_POLICY, 0, 0, &policy,
		     sizeof(policy)), 0);
	kill(self->pid, signo);
	ASSERT_EQ(resume_with(&self->session, &self->rec, UTRACE_WITH_STEP), 0);
	ASSERT_TRUE(await(&self->session, &self->rec));
	ASSERT_EQ(self->rec.event, UTRACE_EV_SIGNAL);
}

/* A signal that is there first ends the step; resumed from it, the thread steps anew. */
TEST_F(step, from_signal)
{
	struct user_regs_struct before, after;

	step_to_signal(_metadata, self, SIGCHLD);
	ASSERT_EQ(get_regs(&self->session, &self->rec, &before), 0);
	ASSERT_EQ(resume_with(&self->session, &self->rec, UTRACE_WITH_STEP), 0);
	ASSERT_TRUE(await(&self->session, &self->rec));
	ASSERT_EQ(self->rec.event, UTRACE_EV_STEP);
	EXPECT_EQ(self->rec.flags, UTRACE_REC_STOPPED);
	ASSERT_EQ(get_regs(&self->session, &self->rec, &after), 0);
	EXPECT_NE(after.rip, before.rip);
}

/*
 * Signals come at any time in a step. Each step is told before a signal, and each STEP but that
 * at the handler has moved on.
 */
TEST_F(step, among_signals)
{
	struct user_regs_struct regs;
	uint64_t before = 0;
	int i, signals = 0;
	pid_t sender;

	step_to_signal(_metadata, self, SIGCHLD);
	sender = fork();
	if (!sender) {
		while (!kill(self->pid, SIGCHLD))
			usleep(500);
		_exit(0);
	}
	for (i = 0; i < 500; i++) {
		ASSERT_EQ(resume_with(&self->session, &self->rec, UTRACE_WITH_STEP), 0);
		ASSERT_TRUE(await(&self->session, &self->rec));
		ASSERT_EQ(get_regs(&self->session, &self->rec, &regs), 0);
		signals += self->rec.event == UTRACE_EV_SIGNAL;
		EXPECT_TRUE(!before || (regs.rip != before) == (self->rec.event == UTRACE_EV_STEP));
		before = regs.rip;
	}
	EXPECT_GT(signals, 0);
	kill_and_reap(sender);
}

/* Nobody is there for the trap of a step whose session is gone. */
TEST_F(step, close_in_step)
{
	int i;

	for (i = 0; i < 50; i++) {
		ASSERT_EQ(resume_with(&self->session, &self->rec, UTRACE_WITH_STEP), 0);
		session_close(&self->session);
		ASSERT_EQ(session_open(&self->session), 0);
		ASSERT_EQ(attach(&self->session, self->pid, 1, UTRACE_ATTACH_HOLD, NULL), 1);
		ASSERT_TRUE(await_event(&self->session, UTRACE_EV_STOP, &self->rec));
	}
	ASSERT_EQ(resume(&self->session, &self->rec), 0);
	usleep(20000);
	EXPECT_EQ(waitpid(self->pid, NULL, WNOHANG), 0);
}

TEST_F(step, from_entry)
{
	struct utrace_policy policy = { .stop = UTRACE_EV_BIT(UTRACE_EV_SYSCALL_ENTRY) };
	struct user_regs_struct regs;
	uint64_t ip;

	ASSERT_EQ(at(&self->session, &self->rec, UTRACE_CMD_SET_POLICY, 0, 0, &policy,
		     sizeof(policy)), 0);
	ASSERT_EQ(resume(&self->session, &self->rec), 0);
	ASSERT_TRUE(await(&self->session, &self->rec));
	ASSERT_EQ(self->rec.event, UTRACE_EV_SYSCALL_ENTRY);
	ip = self->rec.syscall.ip;
	ASSERT_EQ(resume_with(&self->session, &self->rec, UTRACE_WITH_STEP), 0);
	ASSERT_TRUE(await(&self->session, &self->rec));
	EXPECT_EQ(self->rec.event, UTRACE_EV_STEP);
	ASSERT_EQ(get_regs(&self->session, &self->rec, &regs), 0);
	EXPECT_EQ(regs.rip, ip);
	EXPECT_EQ(regs.rax, getpid());
}

/* Addresses at which steps ended, relative to victim_calls(). */
struct ends {
	uint64_t bits[4];
};

static void note_end(struct ends *ends, uint64_t ip)
{
	uint64_t at = ip - (uintptr_t)victim_calls;

	if (at < 8 * sizeof(ends->bits))
		ends->bits[at / 64] |= 1ULL << at % 64;
}

static void ptrace_blocks(struct __test_metadata *_metadata, pid_t pid, struct ends *ends)
{
	struct user_regs_struct regs;
	int i, status;

	ASSERT_EQ(ptrace(PTRACE_ATTACH, pid, 0, 0), 0);
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	for (i = 0; i < 60; i++) {
		ASSERT_EQ(ptrace(PTRACE_SINGLEBLOCK, pid, 0, 0), 0);
		ASSERT_EQ(waitpid(pid, &status, 0), pid);
		ASSERT_TRUE(WIFSTOPPED(status));
		ASSERT_EQ(ptrace(PTRACE_GETREGS, pid, 0, &regs), 0);
		/* The first may be left from before the attach. */
		if (i)
			note_end(ends, regs.rip);
	}
	ASSERT_EQ(ptrace(PTRACE_DETACH, pid, 0, 0), 0);
}

/* Steps by branch end where those of ptrace do, whatever the processor can. */
TEST_F(step, blocks)
{
	struct ends ours = {}, theirs = {};
	int i;

	for (i = 0; i < 60; i++) {
		ASSERT_EQ(resume_with(&self->session, &self->rec,
				      UTRACE_WITH_STEP | UTRACE_WITH_BLOCK), 0);
		ASSERT_TRUE(await(&self->session, &self->rec));
		ASSERT_EQ(self->rec.event, UTRACE_EV_STEP);
		if (i)
			note_end(&ours, self->rec.step.ip);
	}
	EXPECT_EQ(resume_with(&self->session, &self->rec, UTRACE_WITH_BLOCK), -EINVAL);
	ASSERT_EQ(resume(&self->session, &self->rec), 0);
	ptrace_blocks(_metadata, self->pid, &theirs);
	EXPECT_NE(ours.bits[0] | ours.bits[1] | ours.bits[2] | ours.bits[3], 0);
	EXPECT_EQ(memcmp(&ours, &theirs, sizeof(ours)), 0);
	usleep(20000);
	EXPECT_EQ(waitpid(self->pid, NULL, WNOHANG), 0);
}

TEST_HARNESS_MAIN
