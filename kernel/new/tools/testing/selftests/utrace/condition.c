// SPDX-License-Identifier: GPL-2.0-only
/* Conditions: what they leave out is not told, does not stop, and is counted. */
#include <linux/filter.h>
#include <stddef.h>

#include "../kselftest_harness.h"
#include "session.h"

#define ENTRY	UTRACE_EV_BIT(UTRACE_EV_SYSCALL_ENTRY)

/* The low 32 bits of a member, and the high ones. */
#define LOAD(member)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct utrace_record, member))
#define LOAD_HIGH(member) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct utrace_record, member) + 4)
#define RETURN(k)	BPF_STMT(BPF_RET | BPF_K, k)

FIXTURE(condition)
{
	struct session session;
	struct act *work;
	struct utrace_policy policy;
	pid_t pid;
};

FIXTURE_SETUP(condition)
{
	struct utrace_query_args query;

	ASSERT_EQ(utrace(UTRACE_OP_QUERY, -1, &query, sizeof(query)), 0);
	if (!(query.commands & 1 << UTRACE_CMD_SET_CONDITION))
		SKIP(return, "no conditions");
	ASSERT_EQ(session_open(&self->session), 0);
	self->work = shared_page();
}

FIXTURE_TEARDOWN(condition)
{
	session_close(&self->session);
	if (self->pid)
		kill_and_reap(self->pid);
}

static int set_condition(struct session *session, int64_t event, const struct sock_filter *program,
			 uint64_t size)
{
	struct utrace_command cmd = {
		.cmd = UTRACE_CMD_SET_CONDITION, .value = event, .data = (uintptr_t)program,
		.size = size
	};

	return command(session, &cmd);
}

static void start(struct __test_metadata *_metadata, FIXTURE_DATA(condition) *self,
		  long (*run)(void))
{
	self->work->run = run;
	self->pid = victim(victim_act, self->work);
	ASSERT_TRUE(await_value(&self->work->ready, 1));
	ASSERT_EQ(attach(&self->session, self->pid, UTRACE_SCOPE_TREE, 0, &self->policy), 1);
	__atomic_store_n(&self->work->go, 1, __ATOMIC_RELEASE);
}

static long call_lengths(void)
{
	unsigned long i;

	for (i = 0; i < 100; i++)
		syscall(SYS_write, -1, "", i);
	return 0;
}

/* Told: write(2) of 42 bytes. */
static const struct sock_filter of_42[] = {
	LOAD(syscall.nr),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 0, 4),
	LOAD_HIGH(syscall.args[2]),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2),
	LOAD(syscall.args[2]),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 42, 1, 0),
	RETURN(0),
	RETURN(1),
};

TEST_F(condition, record)
{
	struct utrace_record rec;

	self->policy.record = ENTRY;
	ASSERT_EQ(set_condition(&self->session, UTRACE_EV_SYSCALL_ENTRY, of_42, sizeof(of_42)), 0);
	start(_metadata, self, call_lengths);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_SYSCALL_ENTRY, &rec));
	EXPECT_EQ(rec.syscall.args[2], 42);
	ASSERT_TRUE(await(&self->session, &rec));
	EXPECT_EQ(rec.event, UTRACE_EV_DEATH);
	/* All but that one, and exit_group(2). */
	EXPECT_EQ(self->session.ring->left_out[UTRACE_EV_SYSCALL_ENTRY], 100);
	EXPECT_EQ(self->session.ring->left_out[UTRACE_EV_SYSCALL_EXIT], 0);
	EXPECT_EQ(self->session.ring->lost, 0);
}

TEST_F(condition, stop)
{
	struct utrace_record rec;

	self->policy.stop = ENTRY;
	ASSERT_EQ(set_condition(&self->session, UTRACE_EV_SYSCALL_ENTRY, of_42, sizeof(of_42)), 0);
	start(_metadata, self, call_lengths);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_SYSCALL_ENTRY, &rec));
	EXPECT_EQ(rec.flags, UTRACE_REC_STOPPED);
	EXPECT_EQ(rec.syscall.args[2], 42);
	EXPECT_EQ(self->session.ring->left_out[UTRACE_EV_SYSCALL_ENTRY], 42);
	/* Without a condition each is told again. */
	ASSERT_EQ(set_condition(&self->session, UTRACE_EV_SYSCALL_ENTRY, NULL, 0), 0);
	ASSERT_EQ(resume(&self->session, &rec), 0);
	ASSERT_TRUE(await(&self->session, &rec));
	EXPECT_EQ(rec.syscall.args[2], 43);
	EXPECT_EQ(self->session.ring->left_out[UTRACE_EV_SYSCALL_ENTRY], 42);
}

/* The calls of one session are left out, those of the other are not. */
TEST_F(condition, by_session)
{
	static const struct sock_filter never[] = { RETURN(0) };
	struct utrace_policy all = { .record = ENTRY };
	struct utrace_record rec;
	struct session other;
	int i;

	ASSERT_EQ(session_open(&other), 0);
	ASSERT_EQ(set_condition(&self->session, UTRACE_EV_SYSCALL_ENTRY, never, sizeof(never)), 0);
	self->policy.stop = ENTRY;
	self->work->run = call_lengths;
	self->pid = victim(victim_act, self->work);
	ASSERT_TRUE(await_value(&self->work->ready, 1));
	ASSERT_EQ(attach(&self->session, self->pid, UTRACE_SCOPE_TREE, 0, &self->policy), 1);
	ASSERT_EQ(attach(&other, self->pid, UTRACE_SCOPE_TREE, UTRACE_ATTACH_OBSERVE, &all), 1);
	__atomic_store_n(&self->work->go, 1, __ATOMIC_RELEASE);
	for (i = 0; i < 101; i++)
		ASSERT_TRUE(await_event(&other, UTRACE_EV_SYSCALL_ENTRY, &rec));
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_DEATH, &rec));
	EXPECT_EQ(self->session.ring->left_out[UTRACE_EV_SYSCALL_ENTRY], 101);
	EXPECT_EQ(other.ring->left_out[UTRACE_EV_SYSCALL_ENTRY], 0);
	session_close(&other);
}

static long take_signals(void)
{
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	syscall(SYS_kill, getpid(), SIGUSR1);
	syscall(SYS_kill, getpid(), SIGUSR2);
	return 0;
}

TEST_F(condition, signal)
{
	static const struct sock_filter second[] = {
		LOAD(signal.signo),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SIGUSR2, 0, 1),
		RETURN(1),
		RETURN(0),
	};
	struct utrace_record rec;

	self->policy.stop = UTRACE_EV_BIT(UTRACE_EV_SIGNAL);
	ASSERT_EQ(set_condition(&self->session, UTRACE_EV_SIGNAL, second, sizeof(second)), 0);
	start(_metadata, self, take_signals);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_SIGNAL, &rec));
	EXPECT_EQ(rec.signal.signo, SIGUSR2);
	EXPECT_EQ(self->session.ring->left_out[UTRACE_EV_SIGNAL], 1);
	ASSERT_EQ(resume(&self->session, &rec), 0);
	EXPECT_EQ(reap(self->pid), 0);
}

extern const char loop_begin[], loop_end[];

static long run_loop(void)
{
	long nr = SYS_getppid;

	asm volatile("loop_begin:\n\t"
		     "syscall\n\t"
		     "mov $50, %%ecx\n"
		     "1:\tdec %%ecx\n\t"
		     "jnz 1b\n"
		     "loop_end:\n\t"
		     "nop" : "+a" (nr) : : "rcx", "r11", "memory");
	return nr;
}

/* A step goes on until it has left a range of code, and stops once. */
TEST_F(condition, step_out_of_range)
{
	const struct sock_filter outside[] = {
		LOAD(step.ip),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (uint32_t)(uintptr_t)loop_begin, 0, 1),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (uint32_t)(uintptr_t)loop_end, 0, 1),
		RETURN(1),
		RETURN(0),
	};
	struct user_regs_struct regs;
	struct utrace_record rec;

	ASSERT_EQ(set_condition(&self->session, UTRACE_EV_STEP, outside, sizeof(outside)), 0);
	self->policy.stop = ENTRY;
	start(_metadata, self, run_loop);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_SYSCALL_ENTRY, &rec));
	ASSERT_EQ(rec.syscall.nr, SYS_getppid);
	ASSERT_EQ(resume_with(&self->session, &rec, UTRACE_WITH_STEP), 0);
	ASSERT_TRUE(await(&self->session, &rec));
	ASSERT_EQ(rec.event, UTRACE_EV_STEP);
	EXPECT_EQ(rec.step.ip, (uintptr_t)loop_end);
	ASSERT_EQ(get_regs(&self->session, &rec, &regs), 0);
	EXPECT_EQ(regs.rip, (uintptr_t)loop_end);
	EXPECT_EQ(regs.rsp, rec.step.sp);
	EXPECT_EQ(regs.eflags & 0x100, 0);
	/* The call, the load, and each round of the loop but what ended it. */
	EXPECT_EQ(self->session.ring->left_out[UTRACE_EV_STEP], 101);
}

/* A stop that is asked for comes amid the steps that are left out. */
TEST_F(condition, stop_amid_steps)
{
	static const struct sock_filter never[] = { RETURN(0) };
	_Atomic unsigned long *count = shared_page();
	struct utrace_record rec;

	ASSERT_EQ(set_condition(&self->session, UTRACE_EV_STEP, never, sizeof(never)), 0);
	self->pid = victim(victim_spin, (void *)count);
	ASSERT_TRUE(runs(count));
	ASSERT_EQ(attach(&self->session, self->pid, UTRACE_SCOPE_PROCESS, UTRACE_ATTACH_HOLD, NULL),
		  1);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_STOP, &rec));
	ASSERT_EQ(resume_with(&self->session, &rec, UTRACE_WITH_STEP), 0);
	ASSERT_TRUE(runs(count));
	ASSERT_EQ(stop(&self->session, rec.task, 0, NULL), 0);
	ASSERT_TRUE(await(&self->session, &rec));
	EXPECT_EQ(rec.event, UTRACE_EV_STOP);
	EXPECT_GT(self->session.ring->left_out[UTRACE_EV_STEP], 3);
	ASSERT_EQ(resume(&self->session, &rec), 0);
	EXPECT_TRUE(runs(count));
}

/* Programs are replaced while they run. */
TEST_F(condition, replaced)
{
	static const struct sock_filter never[] = { RETURN(0) };
	_Atomic unsigned long *count = shared_page();
	struct utrace_record rec;
	int i;

	self->pid = victim(victim_spin, (void *)count);
	ASSERT_TRUE(runs(count));
	ASSERT_EQ(set_condition(&self->session, UTRACE_EV_STEP, never, sizeof(never)), 0);
	ASSERT_EQ(attach(&self->session, self->pid, UTRACE_SCOPE_PROCESS, UTRACE_ATTACH_HOLD, NULL),
		  1);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_STOP, &rec));
	ASSERT_EQ(resume_with(&self->session, &rec, UTRACE_WITH_STEP), 0);
	for (i = 0; i < 10; i++)
		ASSERT_EQ(set_condition(&self->session, UTRACE_EV_STEP, never, sizeof(never)), 0);
	EXPECT_TRUE(runs(count));
	ASSERT_EQ(set_condition(&self->session, UTRACE_EV_STEP, NULL, 0), 0);
	ASSERT_TRUE(await(&self->session, &rec));
	EXPECT_EQ(rec.event, UTRACE_EV_STEP);
}

#define TRY(...) \
	({ \
		const struct sock_filter program[] = { __VA_ARGS__ }; \
		set_condition(&self->session, UTRACE_EV_EXEC, program, sizeof(program)); \
	})

TEST_F(condition, bad_programs)
{
	const uint32_t end = sizeof(struct utrace_record);
	static struct sock_filter many[BPF_MAXINSNS + 1];
	int i;

	EXPECT_EQ(TRY(RETURN(1)), 0);
	EXPECT_EQ(TRY(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, end - 4), RETURN(1)), 0);
	EXPECT_EQ(TRY(BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), BPF_STMT(BPF_RET | BPF_A, 0)), 0);
	EXPECT_EQ(TRY(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, end), RETURN(1)), -EINVAL);
	EXPECT_EQ(TRY(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), RETURN(1)), -EINVAL);
	EXPECT_EQ(TRY(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, -4), RETURN(1)), -EINVAL);
	EXPECT_EQ(TRY(BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0), RETURN(1)), -EINVAL);
	EXPECT_EQ(TRY(BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), RETURN(1)), -EINVAL);
	EXPECT_EQ(TRY(BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0), RETURN(1)), -EINVAL);
	EXPECT_EQ(TRY(BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), RETURN(1)), -EINVAL);
	EXPECT_EQ(TRY(BPF_STMT(BPF_LD | BPF_MEM, 0), RETURN(1)), -EINVAL);
	EXPECT_EQ(TRY(BPF_STMT(BPF_LD | BPF_IMM, 0)), -EINVAL);
	EXPECT_EQ(TRY(BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0), RETURN(1)), -EINVAL);
	EXPECT_EQ(TRY(BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), RETURN(1)), -EINVAL);
	for (i = 0; i <= BPF_MAXINSNS; i++)
		many[i] = (struct sock_filter)RETURN(1);
	EXPECT_EQ(set_condition(&self->session, UTRACE_EV_EXEC, many, sizeof(many)), -EINVAL);
	EXPECT_EQ(set_condition(&self->session, UTRACE_EV_EXEC, many, 8 * BPF_MAXINSNS), 0);
	EXPECT_EQ(set_condition(&self->session, UTRACE_EV_EXEC, many, 12), -EINVAL);
	EXPECT_EQ(set_condition(&self->session, UTRACE_EV_EXEC, NULL, 8), -EINVAL);
	EXPECT_EQ(set_condition(&self->session, UTRACE_EV_EXEC, (void *)8, 8), -EFAULT);
	EXPECT_EQ(set_condition(&self->session, UTRACE_EV_EXEC, many, 1ULL << 40), -EINVAL);
}

TEST_F(condition, bad_events)
{
	static const struct sock_filter never[] = { RETURN(0) };
	static const int64_t bad[] = {
		UTRACE_EV_PAD, UTRACE_EV_LOST, UTRACE_EV_ATTACH, UTRACE_EV_DETACH, UTRACE_EV_DEATH,
		UTRACE_EV_STOP, UTRACE_EV_COUNT, -1, 1LL << 32 | UTRACE_EV_EXEC
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(set_condition(&self->session, bad[i], never, sizeof(never)), -EINVAL);
}

TEST_HARNESS_MAIN
