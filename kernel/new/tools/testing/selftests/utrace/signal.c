// SPDX-License-Identifier: GPL-2.0-only
/* Signals: told with their siginfo, delivered, dropped, replaced, injected. */
#include <pthread.h>
#include <sys/prctl.h>

#include "../kselftest_harness.h"
#include "session.h"

struct seen {
	int ready;
	int count;
	int signo;
	int value;
	int code;
};

static struct seen *seen;

static void handler(int signo, siginfo_t *info, void *context)
{
	seen->signo = signo;
	seen->value = info->si_value.sival_int;
	seen->code = info->si_code;
	__atomic_add_fetch(&seen->count, 1, __ATOMIC_RELEASE);
}

static int victim_catches(void *arg)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	seen = arg;
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &action, NULL);
	__atomic_store_n(&seen->ready, 1, __ATOMIC_RELEASE);
	return victim_pause(NULL);
}

FIXTURE(signal)
{
	struct session session;
	struct utrace_policy policy;
	struct seen *seen;
	pid_t pid;
};

FIXTURE_SETUP(signal)
{
	ASSERT_EQ(session_open(&self->session), 0);
	self->seen = shared_page();
	self->pid = victim(victim_catches, self->seen);
	ASSERT_TRUE(await_value(&self->seen->ready, 1));
}

FIXTURE_TEARDOWN(signal)
{
	session_close(&self->session);
	kill_and_reap(self->pid);
}

static void queue(FIXTURE_DATA(signal) *self, int signo, int value)
{
	sigqueue(self->pid, signo, (union sigval){ .sival_int = value });
}

static void stop_on(struct __test_metadata *_metadata, FIXTURE_DATA(signal) *self, int signo,
		    struct utrace_record *rec)
{
	self->policy.stop = UTRACE_EV_BIT(UTRACE_EV_SIGNAL);
	ASSERT_EQ(attach(&self->session, self->pid, 1, 0, &self->policy), 1);
	queue(self, signo, 11);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_SIGNAL, rec));
	EXPECT_EQ(rec->signal.signo, signo);
	EXPECT_EQ(rec->flags, UTRACE_REC_STOPPED);
}

TEST_F(signal, record)
{
	struct utrace_record rec;
	siginfo_t info;

	self->policy.record = UTRACE_EV_BIT(UTRACE_EV_SIGNAL);
	ASSERT_EQ(attach(&self->session, self->pid, 1, 0, &self->policy), 1);
	queue(self, SIGUSR1, 11);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_SIGNAL, &rec));
	EXPECT_EQ(rec.signal.signo, SIGUSR1);
	memcpy(&info, rec.signal.info, sizeof(info));
	EXPECT_EQ(info.si_signo, SIGUSR1);
	EXPECT_EQ(info.si_code, SI_QUEUE);
	EXPECT_EQ(info.si_pid, getpid());
	EXPECT_EQ(info.si_value.sival_int, 11);
	EXPECT_TRUE(await_value(&self->seen->count, 1));
	/* Of no effect: not told. */
	kill(self->pid, SIGCHLD);
	kill(self->pid, SIGTERM);
	ASSERT_TRUE(await(&self->session, &rec));
	EXPECT_EQ(rec.event, UTRACE_EV_SIGNAL);
	EXPECT_EQ(rec.signal.signo, SIGTERM);
	memcpy(&info, rec.signal.info, sizeof(info));
	EXPECT_EQ(info.si_code, SI_USER);
	EXPECT_EQ(info.si_pid, getpid());
	ASSERT_TRUE(await(&self->session, &rec));
	EXPECT_EQ(rec.event, UTRACE_EV_DEATH);
	EXPECT_EQ(rec.exit.status, SIGTERM);
	EXPECT_EQ(reap(self->pid), SIGTERM);
	self->pid = victim(victim_pause, NULL);
}

/* Sleeps killably until its child ends, which it does only with its parent. */
static int victim_vforks(void *arg)
{
	volatile int *ready = arg;

	if (vfork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		*ready = 1;
		victim_pause(NULL);
	}
	return 1;
}

/* Recording delays no end: not even a killable sleep keeps a fatal signal waiting. */
TEST_F(signal, recorded_end_is_at_once)
{
	int *ready = shared_page();
	pid_t pid = victim(victim_vforks, ready);
	struct utrace_record rec;

	self->policy.record = UTRACE_EV_BIT(UTRACE_EV_SIGNAL) | UTRACE_EV_BIT(UTRACE_EV_EXIT);
	ASSERT_TRUE(await_value(ready, 1));
	ASSERT_EQ(attach(&self->session, pid, 1, 0, &self->policy), 1);
	kill(pid, SIGTERM);
	EXPECT_EQ(reap(pid), SIGTERM);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_SIGNAL, &rec));
	EXPECT_EQ(rec.signal.signo, SIGTERM);
	EXPECT_EQ(rec.flags, 0);
	ASSERT_TRUE(await(&self->session, &rec));
	EXPECT_EQ(rec.event, UTRACE_EV_EXIT);
	EXPECT_EQ(rec.exit.status, SIGTERM);
	ASSERT_TRUE(await(&self->session, &rec));
	EXPECT_EQ(rec.event, UTRACE_EV_DEATH);
	EXPECT_EQ(rec.exit.status, SIGTERM);
}

static void *thread_pauses(void *arg)
{
	victim_pause(arg);
	return NULL;
}

static int victim_two_threads(void *arg)
{
	pthread_t thread;

	pthread_create(&thread, NULL, thread_pauses, NULL);
	__atomic_store_n((int *)arg, 1, __ATOMIC_RELEASE);
	return victim_pause(NULL);
}

/* One signal ends two threads, and is told once. */
TEST_F(signal, recorded_end_is_told_once)
{
	int *ready = shared_page();
	pid_t pid = victim(victim_two_threads, ready);
	int signals = 0, deaths = 0;
	struct utrace_record rec;

	self->policy.record = UTRACE_EV_BIT(UTRACE_EV_SIGNAL);
	ASSERT_TRUE(await_value(ready, 1));
	ASSERT_EQ(attach(&self->session, pid, UTRACE_SCOPE_PROCESS, 0, &self->policy), 2);
	kill(pid, SIGTERM);
	while (deaths < 2 && await(&self->session, &rec)) {
		signals += rec.event == UTRACE_EV_SIGNAL;
		deaths += rec.event == UTRACE_EV_DEATH;
	}
	EXPECT_EQ(signals, 1);
	EXPECT_EQ(deaths, 2);
	EXPECT_EQ(rec.flags, UTRACE_REC_PROCESS_END);
	EXPECT_EQ(rec.exit.status, SIGTERM);
	EXPECT_EQ(reap(pid), SIGTERM);
}

TEST_F(signal, deliver)
{
	struct utrace_record rec;

	stop_on(_metadata, self, SIGUSR1, &rec);
	EXPECT_EQ(self->seen->count, 0);
	ASSERT_EQ(resume(&self->session, &rec), 0);
	EXPECT_TRUE(await_value(&self->seen->count, 1));
	EXPECT_EQ(self->seen->signo, SIGUSR1);
	EXPECT_EQ(self->seen->value, 11);
}

TEST_F(signal, drop)
{
	struct utrace_record rec;

	stop_on(_metadata, self, SIGTERM, &rec);
	ASSERT_EQ(at(&self->session, &rec, UTRACE_CMD_SIGNAL, UTRACE_WITH_DROP, 0, NULL, 0), 0);
	ASSERT_EQ(resume(&self->session, &rec), 0);
	queue(self, SIGUSR1, 12);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_SIGNAL, &rec));
	ASSERT_EQ(resume(&self->session, &rec), 0);
	EXPECT_TRUE(await_value(&self->seen->count, 1));
	EXPECT_EQ(self->seen->value, 12);
}

TEST_F(signal, replace)
{
	siginfo_t info = { .si_signo = SIGUSR2, .si_code = SI_QUEUE };
	struct utrace_record rec;

	info.si_value.sival_int = 99;
	stop_on(_metadata, self, SIGUSR1, &rec);
	ASSERT_EQ(at(&self->session, &rec, UTRACE_CMD_SIGNAL, UTRACE_WITH_REPLACE, 0, &info,
		     sizeof(info)), 0);
	ASSERT_EQ(resume(&self->session, &rec), 0);
	EXPECT_TRUE(await_value(&self->seen->count, 1));
	EXPECT_EQ(self->seen->signo, SIGUSR2);
	EXPECT_EQ(self->seen->value, 99);
	usleep(20000);
	EXPECT_EQ(self->seen->count, 1);
}

TEST_F(signal, inject_before)
{
	siginfo_t info = { .si_signo = SIGUSR2, .si_code = SI_QUEUE };
	struct utrace_record rec;

	stop_on(_metadata, self, SIGUSR1, &rec);
	ASSERT_EQ(at(&self->session, &rec, UTRACE_CMD_SIGNAL, UTRACE_WITH_INJECT, 0, &info,
		     sizeof(info)), 0);
	ASSERT_EQ(resume(&self->session, &rec), 0);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_SIGNAL, &rec));
	EXPECT_EQ(rec.signal.signo, SIGUSR1);
	ASSERT_EQ(resume(&self->session, &rec), 0);
	EXPECT_TRUE(await_value(&self->seen->count, 2));
}

TEST_F(signal, inject)
{
	siginfo_t info = { .si_signo = SIGUSR2, .si_code = SI_QUEUE };
	struct utrace_record rec;

	info.si_value.sival_int = 77;
	ASSERT_EQ(attach(&self->session, self->pid, 1, UTRACE_ATTACH_HOLD, NULL), 1);
	ASSERT_TRUE(await_event(&self->session, UTRACE_EV_STOP, &rec));
	ASSERT_EQ(at(&self->session, &rec, UTRACE_CMD_SIGNAL, UTRACE_WITH_INJECT, 0, &info,
		     sizeof(info)), 0);
	EXPECT_EQ(at(&self->session, &rec, UTRACE_CMD_SIGNAL, UTRACE_WITH_DROP, 0, NULL, 0),
		  -EOPNOTSUPP);
	info.si_signo = SIGKILL;
	EXPECT_EQ(at(&self->session, &rec, UTRACE_CMD_SIGNAL, UTRACE_WITH_INJECT, 0, &info,
		     sizeof(info)), -EINVAL);
	usleep(10000);
	EXPECT_EQ(self->seen->count, 0);
	ASSERT_EQ(resume(&self->session, &rec), 0);
	EXPECT_TRUE(await_value(&self->seen->count, 1));
	EXPECT_EQ(self->seen->value, 77);
}

/* One that is ignored is told to who stops on signals. */
TEST_F(signal, ignored)
{
	struct utrace_record rec;

	stop_on(_metadata, self, SIGCHLD, &rec);
	ASSERT_EQ(resume(&self->session, &rec), 0);
}

TEST_F(signal, fatal)
{
	struct utrace_record rec;

	stop_on(_metadata, self, SIGTERM, &rec);
	ASSERT_EQ(resume(&self->session, &rec), 0);
	EXPECT_EQ(reap(self->pid), SIGTERM);
	self->pid = victim(victim_pause, NULL);
}

TEST_F(signal, killed_while_held)
{
	struct utrace_record rec;

	stop_on(_metadata, self, SIGUSR1, &rec);
	kill(self->pid, SIGKILL);
	EXPECT_EQ(reap(self->pid), SIGKILL);
	EXPECT_EQ(self->seen->count, 0);
	self->pid = victim(victim_pause, NULL);
}

TEST_HARNESS_MAIN
