// SPDX-License-Identifier: GPL-2.0-only
/* System calls: recorded, filtered, stopped, changed, skipped; by each ABI; beside seccomp. */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "../kselftest_harness.h"
#include "session.h"

#define ENTRY	UTRACE_EV_BIT(UTRACE_EV_SYSCALL_ENTRY)
#define EXIT	UTRACE_EV_BIT(UTRACE_EV_SYSCALL_EXIT)

FIXTURE(calls)
{
	struct session session;
	struct act *work;
	struct utrace_policy policy;
	pid_t pid;
};

FIXTURE_SETUP(calls)
{
	ASSERT_EQ(session_open(&self->session), 0);
	self->work = shared_page();
}

FIXTURE_TEARDOWN(calls)
{
	session_close(&self->session);
	kill_and_reap(self->pid);
}

static void only(struct utrace_policy *policy, int abi, unsigned int nr)
{
	int set;

	policy->flags |= UTRACE_POLICY_CALLS;
	for (set = 0; set < UTRACE_CALLS_SETS; set++)
		policy->calls[set][abi][nr / 64] |= 1ULL << nr % 64;
}

/* Starts the victim, attached with the fixture's policy. */
static void start(struct __test_metadata *_metadata, FIXTURE_DATA(calls) *self, long (*run)(void))
{
	self->work->run = run;
	self->pid = victim(victim_act, self->work);
	ASSERT_TRUE(await_value(&self->work->ready, 1));
	ASSERT_EQ(attach(&self->session, self->pid, UTRACE_SCOPE_TREE, 0, &self->policy), 1);
	__atomic_store_n(&self->work->go, 1, __ATOMIC_RELEASE);
}

static long call_getpriority(void)
{
	return syscall(SYS_getpriority, 11, 22, 33, 44, 55, 66);
}

TEST_F(calls, record)
{
	struct utrace_record rec;

	self->policy.record = ENTRY | EXIT;
	start(_metadata, self, call_getpriority);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_SYSCALL_ENTRY, &rec));
	EXPECT_EQ(rec.flags, 0);
	EXPECT_EQ(rec.syscall.arch, AUDIT_ARCH_X86_64);
	EXPECT_EQ(rec.syscall.abi, UTRACE_CALL_NATIVE);
	EXPECT_EQ(rec.syscall.nr, SYS_getpriority);
	EXPECT_EQ(rec.syscall.args[0], 11);
	EXPECT_EQ(rec.syscall.args[5], 66);
	ASSERT_TRUE(await(&self->session, &rec));
	EXPECT_EQ(rec.event, UTRACE_EV_SYSCALL_EXIT);
	EXPECT_EQ(rec.flags, 0);
	EXPECT_EQ(rec.syscall.nr, SYS_getpriority);
	EXPECT_EQ(rec.syscall.args[1], 22);
	EXPECT_EQ(rec.syscall.is_error, 1);
	EXPECT_EQ(rec.syscall.result, -EINVAL);
	ASSERT_TRUE(await(&self->session, &rec));
	EXPECT_EQ(rec.syscall.nr, SYS_exit_group);
	ASSERT_TRUE(await(&self->session, &rec));
	EXPECT_EQ(rec.event, UTRACE_EV_DEATH);
}

static long call_many(void)
{
	syscall(SYS_getpid);
	syscall(1000);
	syscall(SYS_getppid);
	syscall(5000);
	return syscall(-1L);
}

TEST_F(calls, filter)
{
	struct utrace_record rec;

	self->policy.record = ENTRY;
	only(&self->policy, UTRACE_CALL_NATIVE, SYS_getppid);
	only(&self->policy, UTRACE_CALL_NATIVE, UTRACE_CALLS_OTHER);
	start(_metadata, self, call_many);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_SYSCALL_ENTRY, &rec));
	EXPECT_EQ(rec.syscall.nr, SYS_getppid);
	ASSERT_TRUE(await(&self->session, &rec));
	EXPECT_EQ(rec.syscall.nr, 5000);
	ASSERT_TRUE(await(&self->session, &rec));
	EXPECT_EQ(rec.syscall.nr, -1);
	ASSERT_TRUE(await(&self->session, &rec));
	EXPECT_EQ(rec.event, UTRACE_EV_DEATH);
}

static long call_getppid(void)
{
	return syscall(SYS_getppid);
}

TEST_F(calls, stop_and_resume)
{
	struct user_regs_struct regs;
	struct utrace_record rec;

	self->policy.stop = ENTRY | EXIT;
	only(&self->policy, UTRACE_CALL_NATIVE, SYS_getppid);
	start(_metadata, self, call_getppid);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_SYSCALL_ENTRY, &rec));
	EXPECT_EQ(rec.flags, UTRACE_REC_STOPPED);
	ASSERT_EQ(get_regs(&self->session, &rec, &regs), 0);
	EXPECT_EQ(regs.orig_rax, SYS_getppid);
	EXPECT_EQ(regs.rip, rec.syscall.ip);
	EXPECT_EQ(at_value(&self->session, &rec, UTRACE_CMD_SET_RESULT, 1), -EOPNOTSUPP);
	ASSERT_EQ(resume(&self->session, &rec), 0);
	ASSERT_TRUE(await(&self->session, &rec));
	EXPECT_EQ(rec.event, UTRACE_EV_SYSCALL_EXIT);
	EXPECT_EQ(rec.syscall.result, getpid());
	EXPECT_EQ(at_value(&self->session, &rec, UTRACE_CMD_SKIP, 1), -EOPNOTSUPP);
	ASSERT_EQ(resume(&self->session, &rec), 0);
	EXPECT_EQ(reap(self->pid), 0);
	EXPECT_EQ(self->work->result, getpid());
}

TEST_F(calls, set_call)
{
	struct utrace_call call = { .nr = SYS_getpgid };
	struct utrace_record rec;

	self->policy.stop = ENTRY;
	self->policy.record = EXIT;
	only(&self->policy, UTRACE_CALL_NATIVE, SYS_getppid);
	start(_metadata, self, call_getppid);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_SYSCALL_ENTRY, &rec));
	call.args[0] = getpid();
	ASSERT_EQ(at(&self->session, &rec, UTRACE_CMD_SET_CALL, 0, 0, &call, sizeof(call)), 0);
	ASSERT_EQ(resume(&self->session, &rec), 0);
	ASSERT_TRUE(await(&self->session, &rec));
	/* As called. */
	EXPECT_EQ(rec.syscall.nr, SYS_getppid);
	EXPECT_EQ(rec.syscall.result, getpgid(0));
	EXPECT_EQ(reap(self->pid), 0);
	EXPECT_EQ(self->work->result, getpgid(0));
}

TEST_F(calls, skip)
{
	struct utrace_record rec;

	self->policy.stop = ENTRY;
	only(&self->policy, UTRACE_CALL_NATIVE, SYS_getppid);
	start(_metadata, self, call_getppid);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_SYSCALL_ENTRY, &rec));
	ASSERT_EQ(at_value(&self->session, &rec, UTRACE_CMD_SKIP, 4711), 0);
	ASSERT_EQ(resume(&self->session, &rec), 0);
	EXPECT_EQ(reap(self->pid), 0);
	EXPECT_EQ(self->work->result, 4711);
}

TEST_F(calls, set_result)
{
	struct utrace_record rec;

	self->policy.stop = EXIT;
	only(&self->policy, UTRACE_CALL_NATIVE, SYS_getppid);
	start(_metadata, self, call_getppid);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_SYSCALL_EXIT, &rec));
	ASSERT_EQ(at_value(&self->session, &rec, UTRACE_CMD_SET_RESULT, 42), 0);
	ASSERT_EQ(resume(&self->session, &rec), 0);
	EXPECT_EQ(reap(self->pid), 0);
	EXPECT_EQ(self->work->result, 42);
}

static long call_int80(void)
{
	long ret;

	/* i386 getppid */
	asm volatile("int $0x80" : "=a" (ret)
		     : "a" (64), "b" (-1L), "c" (2), "d" (3), "S" (4), "D" (5)
		     : "r8", "r9", "r10", "r11", "memory");
	return ret;
}

TEST_F(calls, compat)
{
	struct utrace_call call = { .nr = 20 };
	struct utrace_record rec;

	self->policy.stop = ENTRY;
	self->policy.record = EXIT;
	only(&self->policy, UTRACE_CALL_COMPAT, 64);
	start(_metadata, self, call_int80);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_SYSCALL_ENTRY, &rec));
	EXPECT_EQ(rec.syscall.arch, AUDIT_ARCH_I386);
	EXPECT_EQ(rec.syscall.abi, UTRACE_CALL_COMPAT);
	EXPECT_EQ(rec.syscall.nr, 64);
	EXPECT_EQ(rec.syscall.args[0], 0xffffffff);
	EXPECT_EQ(rec.syscall.args[4], 5);
	ASSERT_EQ(at(&self->session, &rec, UTRACE_CMD_SET_CALL, 0, 0, &call, sizeof(call)), 0);
	ASSERT_EQ(resume(&self->session, &rec), 0);
	ASSERT_TRUE(await(&self->session, &rec));
	EXPECT_EQ(rec.syscall.result, self->pid);
	EXPECT_EQ(reap(self->pid), 0);
	EXPECT_EQ(self->work->result, self->pid);
}

static long call_x32(void)
{
	return syscall(0x40000000 | SYS_getppid);
}

TEST_F(calls, x32)
{
	struct utrace_query_args query;
	struct utrace_call call = { .nr = SYS_getpid };
	struct utrace_record rec;

	ASSERT_EQ(utrace(UTRACE_OP_QUERY, -1, &query, sizeof(query)), 0);
	if (!(query.abis & 1 << UTRACE_CALL_X32))
		SKIP(return, "no x32");
	self->policy.stop = ENTRY;
	self->policy.record = EXIT;
	only(&self->policy, UTRACE_CALL_X32, SYS_getppid);
	start(_metadata, self, call_x32);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_SYSCALL_ENTRY, &rec));
	EXPECT_EQ(rec.syscall.abi, UTRACE_CALL_X32);
	EXPECT_EQ(rec.syscall.nr, SYS_getppid);
	ASSERT_EQ(at(&self->session, &rec, UTRACE_CMD_SET_CALL, 0, 0, &call, sizeof(call)), 0);
	ASSERT_EQ(resume(&self->session, &rec), 0);
	ASSERT_TRUE(await(&self->session, &rec));
	EXPECT_EQ(rec.syscall.result, self->pid);
}

/* getppid() becomes EPERM. */
static long call_filtered(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { .len = 4, .filter = code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
	return syscall(SYS_getpid) < 0 ? -errno : 0;
}

/* A call that was changed is filtered as what it became. */
TEST_F(calls, before_seccomp)
{
	struct utrace_call call = { .nr = SYS_getppid };
	struct utrace_record rec;

	self->policy.stop = ENTRY;
	only(&self->policy, UTRACE_CALL_NATIVE, SYS_getpid);
	start(_metadata, self, call_filtered);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_SYSCALL_ENTRY, &rec));
	ASSERT_EQ(at(&self->session, &rec, UTRACE_CMD_SET_CALL, 0, 0, &call, sizeof(call)), 0);
	ASSERT_EQ(resume(&self->session, &rec), 0);
	EXPECT_EQ(reap(self->pid), 0);
	EXPECT_EQ(self->work->result, -EPERM);
}

TEST_F(calls, killed_at_entry)
{
	struct utrace_record rec;

	self->policy.stop = ENTRY;
	only(&self->policy, UTRACE_CALL_NATIVE, SYS_getppid);
	start(_metadata, self, call_getppid);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_SYSCALL_ENTRY, &rec));
	kill(self->pid, SIGKILL);
	EXPECT_EQ(reap(self->pid), SIGKILL);
	EXPECT_NE(at_value(&self->session, &rec, UTRACE_CMD_SKIP, 1), 0);
}

TEST_F(calls, policy_changes)
{
	struct utrace_policy none = {};
	struct utrace_record rec;

	self->policy.stop = ENTRY;
	start(_metadata, self, call_getppid);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_SYSCALL_ENTRY, &rec));
	ASSERT_EQ(at(&self->session, &rec, UTRACE_CMD_SET_POLICY, 0, 0, &none, sizeof(none)), 0);
	ASSERT_EQ(resume(&self->session, &rec), 0);
	ASSERT_TRUE(await(&self->session, &rec));
	EXPECT_EQ(rec.event, UTRACE_EV_DEATH);
}

TEST_HARNESS_MAIN
