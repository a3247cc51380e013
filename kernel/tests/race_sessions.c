// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two sessions, and if there is one a debugger on ptrace, on one process with threads: one session stops at everything, the
 * other records and asks for stops at random, the debugger attaches and detaches. Each sees its own, nobody is stuck, and the
 * process never notices.
 */
#include "stress.h"

enum { THREADS = 4, WORK = 4000 };

static void *work(void *argument)
{
	unsigned long *sum = argument;

	for (int i = 0; i < WORK; i++)
		*sum += syscall(SYS_getppid) > 0;
	return NULL;
}

/* Ends with 0 only if every call gave what it should. */
static void working(void *unused)
{
	unsigned long sums[THREADS] = {0};
	pthread_t threads[THREADS];

	(void)unused;
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, work, &sums[i]);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		if (sums[i] != WORK)
			_exit(1);
	}
}

struct watcher {
	struct session session;
	uint64_t process;
	bool asks;
	volatile bool over;
	unsigned long stops;
};

static void *watch(void *argument)
{
	struct watcher *watcher = argument;

	while (!watcher->over) {
		if (watcher->asks && dice(3) == 0) {
			struct utrace_command command = {.cmd = UTRACE_CMD_STOP,
							 .flags = dice(2) ? UTRACE_WITH_INTERRUPT : 0,
							 .target = watcher->process};
			int error = session_command(&watcher->session, &command);

			EXPECT(error == 0 || error == -EALREADY || error == -ESRCH);
		}
		watcher->stops += serve(&watcher->session, 2);
	}
	watcher->stops += serve(&watcher->session, 0);
	return NULL;
}

static void start(struct watcher *watcher, pthread_t *thread, pid_t pid, const struct utrace_policy *policy)
{
	session_open(&watcher->session, 0, 1 << 20);
	EXPECT(session_attach(&watcher->session, pid, UTRACE_SCOPE_PROCESS, UTRACE_ATTACH_SHARE, policy,
			      &watcher->process) == 1);
	EXPECT(pthread_create(thread, NULL, watch, watcher) == 0);
}

static pid_t debugger(pid_t pid)
{
	char text[32];
	pid_t child;

	if (access("/usr/bin/gdb", X_OK))
		return 0;
	snprintf(text, sizeof(text), "%d", pid);
	child = fork();
	EXPECT(child >= 0);
	if (child == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 1);
		dup2(null, 2);
		alarm(0);
		execl("/usr/bin/gdb", "gdb", "-nx", "-batch", "-p", text, "-ex", "info threads", "-ex", "detach",
		      (char *)0);
		_exit(99);
	}
	return child;
}

static void run(bool with_debugger)
{
	struct utrace_policy stops = {.stop = EVENTS_ALL};
	struct utrace_policy records = {.record = EVENTS_ALL};
	struct watcher first = {0};
	struct watcher second = {.asks = true};
	struct victim victim = victim_start(working, NULL);
	pthread_t threads[2];
	pid_t gdb = 0;
	int status;

	start(&first, &threads[0], victim.pid, &stops);
	start(&second, &threads[1], victim.pid, &records);
	victim_go(&victim);
	if (with_debugger)
		gdb = debugger(victim.pid);
	EXPECT(waitpid(victim.pid, &status, 0) == victim.pid);
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	if (gdb)
		EXPECT(waitpid(gdb, NULL, 0) == gdb);
	first.over = second.over = true;
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	EXPECT(first.stops >= 2UL * THREADS * WORK);
	session_close(&first.session);
	session_close(&second.session);
}

int main(void)
{
	int times = rounds(2);

	watchdog_start(280);
	for (int round = 0; round < times; round++)
		run(round % 2 == 0);
	return 0;
}
