// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may watch whom: a row for each rule, by user and group, capability, user namespace,
 * dumpable, Yama, pid namespace, and who has the descriptor. What an exec gains is in exec.c,
 * that seccomp sees what a session makes of a call in syscall.c, and what may not be captured in
 * capture.c.
 */
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>

#include "../kselftest_harness.h"
#include "session.h"

#define YAMA	"/proc/sys/kernel/yama/ptrace_scope"

/* What a process makes of itself, in this order. */
struct who {
	gid_t gid;
	uid_t uid;
	uid_t saved_uid;
	uint64_t caps;
	bool keeps_caps;	/* only @caps, else what the ids leave */
	bool undumpable;
	int unshare;
};

static bool set_caps(uint64_t caps)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ .effective = caps, .permitted = caps },
		{ .effective = caps >> 32, .permitted = caps >> 32 },
	};

	return !syscall(SYS_capset, &header, data);
}

static bool become(const struct who *who)
{
	if (setgroups(0, NULL) || setresgid(who->gid, who->gid, who->gid))
		return false;
	if (prctl(PR_SET_KEEPCAPS, who->keeps_caps, 0, 0, 0))
		return false;
	if (setresuid(who->uid, who->uid, who->saved_uid))
		return false;
	if (who->keeps_caps && !set_caps(who->caps))
		return false;
	if (who->unshare && unshare(who->unshare))
		return false;
	return !prctl(PR_SET_DUMPABLE, !who->undumpable, 0, 0, 0);
}

struct victim {
	const struct who *who;
	int *ready;
};

static int victim_become(void *arg)
{
	struct victim *victim = arg;

	__atomic_store_n(victim->ready, become(victim->who) ? 1 : -1, __ATOMIC_RELEASE);
	return victim_pause(NULL);
}

static pid_t make_victim(const struct who *who)
{
	struct victim self = { .who = who, .ready = shared_page() };
	pid_t pid = victim(victim_become, &self);

	return await_value(self.ready, 1) ? pid : -1;
}

/* The errno of an attach to it by such a process. 255: could not become that. */
static int try(const struct who *who, pid_t pid)
{
	struct session session;
	pid_t child = fork();
	long ret;

	if (!child) {
		if (!become(who) || session_open(&session))
			_exit(255);
		ret = attach(&session, pid, UTRACE_SCOPE_PROCESS, 0, NULL);
		_exit(ret < 0 ? -ret : 0);
	}
	return WEXITSTATUS(reap(child));
}

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return done;
}

FIXTURE(permission)
{
	char yama[8];
	pid_t pid;
};

FIXTURE_SETUP(permission)
{
	int fd = open(YAMA, O_RDONLY);

	if (geteuid())
		SKIP(return, "needs root");
	if (fd >= 0) {
		ASSERT_GT(read(fd, self->yama, sizeof(self->yama) - 1), 0);
		close(fd);
		ASSERT_TRUE(write_file(YAMA, "0"));
	}
}

FIXTURE_TEARDOWN(permission)
{
	if (self->pid > 0)
		kill_and_reap(self->pid);
	if (self->yama[0])
		write_file(YAMA, self->yama);
}

#define USER(n)		.uid = (n), .saved_uid = (n), .gid = (n)
#define CAPS(bits)	.keeps_caps = true, .caps = (bits)
#define PTRACE		(1ULL << CAP_SYS_PTRACE)
#define OTHER_CAP	(1ULL << CAP_NET_ADMIN)

static const struct who root;
static const struct who one = { USER(1001) };
static const struct who two = { USER(1002) };

/* An attach by @by to @of gives @error. */
#define ROW(name, by, of, error) \
	TEST_F(permission, name) \
	{ \
		self->pid = make_victim(of); \
		ASSERT_GT(self->pid, 0); \
		EXPECT_EQ(try(by, self->pid), error); \
	}

#define WHO(...)	(&(const struct who){ __VA_ARGS__ })

ROW(same_user, &one, &one, 0)
ROW(other_user, &one, &two, EPERM)
ROW(user_of_root, &one, &root, EPERM)
ROW(root_of_user, &root, &one, 0)
ROW(other_group, &one, WHO(.uid = 1001, .saved_uid = 1001, .gid = 1002), EPERM)
ROW(other_saved_user, &one, WHO(.uid = 1001, .saved_uid = 1002, .gid = 1001), EPERM)
ROW(root_without_capability, WHO(CAPS(0)), &one, EPERM)
ROW(user_with_capability, WHO(USER(1001), CAPS(PTRACE)), &two, 0)
ROW(other_capability, WHO(USER(1001), CAPS(OTHER_CAP)), &two, EPERM)
ROW(victim_has_more, &one, WHO(USER(1001), CAPS(OTHER_CAP)), EPERM)
ROW(victim_has_as_much, WHO(USER(1001), CAPS(OTHER_CAP)), WHO(USER(1001), CAPS(OTHER_CAP)), 0)
ROW(undumpable, &one, WHO(USER(1001), .undumpable = true), EPERM)
ROW(undumpable_capable, WHO(USER(1001), CAPS(PTRACE)), WHO(USER(1001), .undumpable = true), 0)
/* A namespace gives all capabilities, but over nobody outside. */
ROW(from_user_namespace, WHO(USER(1001), .unshare = CLONE_NEWUSER), &one, EPERM)
ROW(root_of_user_namespace, &root, WHO(USER(1001), .unshare = CLONE_NEWUSER), 0)
ROW(other_user_of_user_namespace, &two, WHO(USER(1001), .unshare = CLONE_NEWUSER), EPERM)

TEST_F(permission, kernel_thread)
{
	/* kthreadd; in a pid namespace of its own there is none. */
	EXPECT_EQ(try(&root, 2), EPERM);
}

TEST_F(permission, itself)
{
	struct session session;

	ASSERT_EQ(session_open(&session), 0);
	EXPECT_EQ(attach(&session, getpid(), UTRACE_SCOPE_PROCESS, 0, NULL), -EINVAL);
	EXPECT_EQ(attach(&session, gettid(), UTRACE_SCOPE_THREAD, 0, NULL), -EINVAL);
	session_close(&session);
}

/* The errno of an attach by such a process to a child of its own. */
static int try_child(const struct who *who)
{
	pid_t parent = fork();
	long ret;

	if (!parent) {
		struct session session;
		pid_t child;

		if (!become(who) || session_open(&session))
			_exit(255);
		child = victim(victim_pause, NULL);
		ret = attach(&session, child, UTRACE_SCOPE_PROCESS, 0, NULL);
		kill_and_reap(child);
		_exit(ret < 0 ? -ret : 0);
	}
	return WEXITSTATUS(reap(parent));
}

static int victim_allows(void *arg)
{
	int *ready = arg;

	if (!become(&one) || prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0))
		return 1;
	__atomic_store_n(ready, 1, __ATOMIC_RELEASE);
	return victim_pause(NULL);
}

/* 1: own descendants, and whoever the victim allows. */
TEST_F(permission, yama_1)
{
	int *ready = shared_page();
	pid_t allowing;

	if (!write_file(YAMA, "1"))
		SKIP(return, "no Yama");
	self->pid = make_victim(&one);
	ASSERT_GT(self->pid, 0);
	EXPECT_EQ(try(&one, self->pid), EPERM);
	EXPECT_EQ(try_child(&one), 0);
	EXPECT_EQ(try(&root, self->pid), 0);
	EXPECT_EQ(try(WHO(USER(1001), CAPS(PTRACE)), self->pid), 0);
	allowing = victim(victim_allows, ready);
	ASSERT_TRUE(await_value(ready, 1));
	EXPECT_EQ(try(&one, allowing), 0);
	kill_and_reap(allowing);
}

/* 2: who has the capability. */
TEST_F(permission, yama_2)
{
	if (!write_file(YAMA, "2"))
		SKIP(return, "no Yama");
	self->pid = make_victim(&one);
	ASSERT_GT(self->pid, 0);
	EXPECT_EQ(try(&one, self->pid), EPERM);
	EXPECT_EQ(try_child(&one), EPERM);
	EXPECT_EQ(try(&root, self->pid), 0);
}

/* 3: nobody, until the next boot; so only when asked for. */
TEST_F(permission, yama_3)
{
	if (!getenv("UTRACE_TEST_YAMA_3"))
		SKIP(return, "UTRACE_TEST_YAMA_3 is not set");
	if (!write_file(YAMA, "3"))
		SKIP(return, "no Yama");
	self->pid = make_victim(&one);
	ASSERT_GT(self->pid, 0);
	EXPECT_EQ(try(&root, self->pid), EPERM);
	EXPECT_EQ(try_child(&root), EPERM);
	self->yama[0] = 0;
}

/* A session that one user has opened and another one uses is the opener's. */
TEST_F(permission, passed_to_root)
{
	struct session session;
	int *ready = shared_page();
	pid_t opener = fork();
	int pidfd, fd;

	if (!opener) {
		if (become(&one) && !session_open(&session))
			__atomic_store_n(ready, session.fd, __ATOMIC_RELEASE);
		victim_pause(NULL);
	}
	while (!__atomic_load_n(ready, __ATOMIC_ACQUIRE))
		usleep(1000);
	pidfd = syscall(SYS_pidfd_open, opener, 0);
	fd = syscall(SYS_pidfd_getfd, pidfd, *ready, 0);
	ASSERT_GE(fd, 0);
	session.fd = fd;
	self->pid = make_victim(&two);
	EXPECT_EQ(attach(&session, self->pid, UTRACE_SCOPE_PROCESS, 0, NULL), -EPERM);
	kill_and_reap(self->pid);
	self->pid = make_victim(&one);
	EXPECT_EQ(attach(&session, self->pid, UTRACE_SCOPE_PROCESS, 0, NULL), 1);
	close(fd);
	close(pidfd);
	kill_and_reap(opener);
}

TEST_F(permission, passed_by_root)
{
	struct session session;
	pid_t user;

	self->pid = make_victim(&two);
	ASSERT_GT(self->pid, 0);
	ASSERT_EQ(session_open(&session), 0);
	user = fork();
	if (!user) {
		if (!become(&one))
			_exit(255);
		_exit(attach(&session, self->pid, UTRACE_SCOPE_PROCESS, 0, NULL) == 1 ? 0 : 1);
	}
	EXPECT_EQ(reap(user), 0);
	session_close(&session);
}

struct changing {
	int ready;
	int go;
	int done;
};

static int victim_changes(void *arg)
{
	struct changing *changing = arg;

	if (!become(&one))
		return 1;
	__atomic_store_n(&changing->ready, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&changing->go, __ATOMIC_ACQUIRE))
		usleep(1000);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	__atomic_store_n(&changing->done, 1, __ATOMIC_RELEASE);
	return victim_pause(NULL);
}

static int mem_read(struct session *session, uint64_t task)
{
	static char to;
	struct utrace_record rec = { .task = task };

	return at(session, &rec, UTRACE_CMD_MEM_READ, 0, (uintptr_t)&to, &to, 1);
}

/* Each access is judged anew: what becomes undumpable is out of reach. Bits of what went wrong. */
static int watch_change(pid_t pid, struct changing *changing)
{
	struct user_regs_struct regs;
	struct session session;
	struct utrace_record rec;
	int wrong = 0;

	if (!become(&one) || session_open(&session) ||
	    attach(&session, pid, UTRACE_SCOPE_PROCESS, 0, NULL) != 1 || !await(&session, &rec))
		return 255;
	wrong |= mem_read(&session, rec.task) ? 1 : 0;
	__atomic_store_n(&changing->go, 1, __ATOMIC_RELEASE);
	if (!await_value(&changing->done, 1))
		return 255;
	wrong |= mem_read(&session, rec.task) == -EPERM ? 0 : 2;
	if (stop(&session, rec.task, UTRACE_WITH_INTERRUPT, NULL) || !await(&session, &rec))
		return 255;
	wrong |= get_regs(&session, &rec, &regs) == -EPERM ? 0 : 4;
	wrong |= resume(&session, &rec) ? 8 : 0;
	return wrong;
}

TEST_F(permission, becomes_undumpable)
{
	struct changing *changing = shared_page();
	pid_t watcher;

	self->pid = victim(victim_changes, changing);
	ASSERT_TRUE(await_value(&changing->ready, 1));
	watcher = fork();
	if (!watcher)
		_exit(watch_change(self->pid, changing));
	EXPECT_EQ(reap(watcher), 0);
}

/* In a pid namespace of its own. Bits of what went wrong. */
static int inside(struct session *outer, pid_t outside)
{
	struct utrace_record rec;
	struct session session;
	pid_t pid = victim(victim_pause, NULL);
	int wrong = 0;

	if (session_open(&session))
		return 255;
	/* The mapping is not inherited. */
	outer->ring = mmap(NULL, outer->mapped, PROT_READ | PROT_WRITE, MAP_SHARED, outer->fd, 0);
	/* What is outside has no number here. */
	wrong |= attach(&session, outside, UTRACE_SCOPE_PROCESS, 0, NULL) == -ESRCH ? 0 : 1;
	wrong |= attach(&session, pid, UTRACE_SCOPE_PROCESS, 0, NULL) == 1 ? 0 : 2;
	wrong |= await(&session, &rec) && (int)rec.tid == pid ? 0 : 4;
	/* An id is the caller's, a record speaks to the opener. */
	wrong |= attach(outer, pid, UTRACE_SCOPE_PROCESS, UTRACE_ATTACH_OBSERVE, NULL) == 1 ? 0 : 8;
	wrong |= await(outer, &rec) && rec.tid && (int)rec.tid != pid ? 0 : 16;
	kill_and_reap(pid);
	session_close(&session);
	return wrong;
}

TEST_F(permission, pid_namespace)
{
	struct session outer;
	pid_t maker;

	self->pid = make_victim(&root);
	ASSERT_GT(self->pid, 10);
	ASSERT_EQ(session_open(&outer), 0);
	maker = fork();
	if (!maker) {
		pid_t first;

		if (unshare(CLONE_NEWPID))
			_exit(255);
		first = fork();
		if (!first)
			_exit(inside(&outer, self->pid));
		_exit(WEXITSTATUS(reap(first)));
	}
	EXPECT_EQ(reap(maker), 0);
	session_close(&outer);
}

/* One that is outside has no id in the namespace of a session that is inside. */
TEST_F(permission, id_outside)
{
	pid_t maker;
	int pidfd;

	self->pid = make_victim(&root);
	ASSERT_GT(self->pid, 0);
	pidfd = syscall(SYS_pidfd_open, self->pid, 0);
	ASSERT_GE(pidfd, 0);
	maker = fork();
	if (!maker) {
		pid_t first;

		if (unshare(CLONE_NEWPID))
			_exit(255);
		first = fork();
		if (!first) {
			struct utrace_attach_args args = { .pidfd = pidfd };
			struct utrace_record rec;
			struct session session;

			if (session_open(&session) || attach_with(&session, &args, NULL) != 1)
				_exit(255);
			_exit(await(&session, &rec) && !rec.tid && !rec.tgid ? 0 : 1);
		}
		_exit(WEXITSTATUS(reap(first)));
	}
	EXPECT_EQ(reap(maker), 0);
	close(pidfd);
}

TEST_HARNESS_MAIN
