// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every single allocation, and every copy from or to the caller, of every operation fails once (fail-nth of
 * Documentation/fault-injection). The operation says ENOMEM or EFAULT, or it goes well; nothing leaks, nobody is stuck, and a
 * child that can't be watched for want of memory is told of. Needs the debug variant.
 */
#include "stress.h"

#include <elf.h>
#include <sys/user.h>

#define SKIPPED 4
/* More of them than any operation makes. */
enum { MOST = 200 };

static void set(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	EXPECT(fd >= 0);
	EXPECT(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static int fail_nth(void)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/fail-nth", gettid());
	fd = open(path, O_RDWR);
	EXPECT(fd >= 0);
	return fd;
}

static void arm(int fd, int nth)
{
	char text[16];
	int size = snprintf(text, sizeof(text), "%d", nth);

	EXPECT(pwrite(fd, text, (size_t)size, 0) == size);
}

/* True if the failure came. One that is still to come may hit what is done here to find out. */
static bool disarm(int fd)
{
	char text[16] = "";
	bool came = pread(fd, text, sizeof(text) - 1, 0) > 0 && atoi(text) == 0;

	if (!came && pwrite(fd, "0", 1, 0) != 1)
		EXPECT(errno == EFAULT);
	arm(fd, 0);
	return came;
}

/* What an operation may say for it. */
static bool is_injected(long result)
{
	return result == -ENOMEM || result == -EFAULT;
}

static void call_in_circles(void *unused)
{
	(void)unused;
	for (;;)
		syscall(SYS_getppid);
}

static void opens(int nth_fd)
{
	bool failed = true;

	for (int nth = 1; failed && nth < MOST; nth++) {
		struct utrace_open_args args = {.ring_size = 65536};
		long fd;

		arm(nth_fd, nth);
		fd = utrace(UTRACE_OP_OPEN, -1, &args, sizeof(args));
		if (fd < 0)
			fd = -errno;
		failed = disarm(nth_fd);
		EXPECT(fd >= 0 || (failed && is_injected(fd)));
		if (fd >= 0)
			close((int)fd);
	}
	EXPECT(!failed);
}

static void attaches(int nth_fd)
{
	bool failed = true;

	for (int nth = 1; failed && nth < MOST; nth++) {
		struct utrace_policy policy = {.stop = EVENTS_ALL};
		struct victim victim = victim_start(call_in_circles, NULL);
		struct session session;
		long attached;

		session_open(&session, 0, 65536);
		arm(nth_fd, nth);
		attached = session_attach(&session, victim.pid, UTRACE_SCOPE_TREE, UTRACE_ATTACH_HOLD, &policy, NULL);
		failed = disarm(nth_fd);
		EXPECT(attached == 1 || (failed && is_injected(attached)));
		if (attached == 1)
			next_stop(&session);
		session_close(&session);
		victim_go(&victim);
		kill(victim.pid, SIGKILL);
		EXPECT(waitpid(victim.pid, NULL, 0) == victim.pid);
	}
	EXPECT(!failed);
}

static void commands(int nth_fd, struct session *session, struct utrace_command command)
{
	bool failed = true;

	for (int nth = 1; failed && nth < MOST; nth++) {
		int error;

		arm(nth_fd, nth);
		error = session_command(session, &command);
		failed = disarm(nth_fd);
		EXPECT(error == 0 || (failed && (is_injected(error) || error == -EIO)));
	}
	EXPECT(!failed);
}

static void all_commands(int nth_fd)
{
	static unsigned char buffer[sizeof(struct user_regs_struct)];
	static struct utrace_policy policy = {.stop = EVENTS_ALL};
	struct victim victim = victim_start(call_in_circles, NULL);
	struct utrace_command command = {0};
	struct utrace_record stop;
	struct session session;

	session_open(&session, 0, 0);
	EXPECT(session_attach(&session, victim.pid, UTRACE_SCOPE_TREE, 0, &policy, NULL) == 1);
	victim_go(&victim);
	stop = next_stop(&session);
	command.target = stop.task;
	command.stop = stop.stop;
	command.data = (uintptr_t)buffer;
	command.size = sizeof(buffer);
	command.addr = NT_PRSTATUS;
	command.cmd = UTRACE_CMD_REGSET_GET;
	commands(nth_fd, &session, command);
	command.cmd = UTRACE_CMD_REGSET_SET;
	commands(nth_fd, &session, command);
	command.cmd = UTRACE_CMD_MEM_READ;
	command.addr = (uintptr_t)buffer;
	command.stop = 0;
	commands(nth_fd, &session, command);
	command.cmd = UTRACE_CMD_MEM_WRITE;
	commands(nth_fd, &session, command);
	command.cmd = UTRACE_CMD_SET_POLICY;
	command.data = (uintptr_t)&policy;
	command.size = sizeof(policy);
	commands(nth_fd, &session, command);
	session_close(&session);
	kill(victim.pid, SIGKILL);
	EXPECT(waitpid(victim.pid, NULL, 0) == victim.pid);
}

static void fork_with_failures(void *unused)
{
	int fd = fail_nth();
	bool failed = true;

	(void)unused;
	for (int nth = 1; failed && nth < MOST * 10; nth++) {
		pid_t child;

		arm(fd, nth);
		child = fork();
		if (child == 0)
			_exit(0);
		failed = disarm(fd);
		if (child > 0)
			waitpid(child, NULL, 0);
	}
	_exit(failed);
}

/* Each child is told: attached, or in its maker's CLONE record with the reason why not. */
static void forks(void)
{
	struct utrace_policy policy = {.record = EVENTS_ALL & ~(UTRACE_EV_BIT(UTRACE_EV_SYSCALL_ENTRY) |
								UTRACE_EV_BIT(UTRACE_EV_SYSCALL_EXIT))};
	struct victim victim = victim_start(fork_with_failures, NULL);
	unsigned long unwatched = 0;
	struct utrace_record record;
	struct session session;
	int status;

	session_open(&session, UTRACE_OPEN_BACKPRESSURE, 0);
	EXPECT(session_attach(&session, victim.pid, UTRACE_SCOPE_TREE, 0, &policy, NULL) == 1);
	victim_go(&victim);
	do {
		while (session_wait(&session, &record, 5)) {
			if (record.event != UTRACE_EV_CLONE)
				continue;
			EXPECT((record.clone.child != 0) == (record.clone.error == 0));
			EXPECT(record.clone.error == 0 || record.clone.error == ENOMEM);
			unwatched += record.clone.error != 0;
		}
	} while (waitpid(victim.pid, &status, WNOHANG) != victim.pid);
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	EXPECT(unwatched > 0);
	session_close(&session);
}

int main(void)
{
	int nth_fd;

	watchdog_start(200);
	if (access("/sys/kernel/debug/failslab", F_OK))
		return SKIPPED;
	set("/sys/kernel/debug/failslab/ignore-gfp-wait", "N");
	set("/sys/kernel/debug/failslab/verbose", "0");
	set("/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N");
	set("/sys/kernel/debug/fail_page_alloc/min-order", "0");
	set("/sys/kernel/debug/fail_page_alloc/verbose", "0");
	set("/sys/kernel/debug/fail_usercopy/verbose", "0");
	nth_fd = fail_nth();
	opens(nth_fd);
	attaches(nth_fd);
	all_commands(nth_fd);
	forks();
	return 0;
}
