// SPDX-License-Identifier: GPL-2.0-only
/*
 * Job control and the freezer against stops: a process is stopped and continued by signals, frozen and thawed, while a session
 * holds its threads and lets them go. Neither loses the other's stop, and in the end everything runs.
 */
#include "stress.h"

#include <sys/stat.h>

#define GROUP "/sys/fs/cgroup/utrace-race"

static void *worker(void *unused)
{
	(void)unused;
	for (;;) {
		syscall(SYS_getppid);
		pause_us(50);
	}
	return NULL;
}

static void workers(void *unused)
{
	pthread_t thread;

	for (int i = 0; i < 3; i++)
		pthread_create(&thread, NULL, worker, unused);
	worker(unused);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	EXPECT(fd >= 0);
	EXPECT(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static bool frozen(void)
{
	char text[256];
	int fd = open(GROUP "/cgroup.events", O_RDONLY);
	ssize_t size = read(fd, text, sizeof(text) - 1);

	EXPECT(size > 0);
	text[size] = 0;
	close(fd);
	return strstr(text, "frozen 1");
}

static void wait_frozen(bool wanted)
{
	while (frozen() != wanted)
		pause_us(500);
}

static void wait_for_threads(pid_t pid, nlink_t threads)
{
	struct stat found = {0};
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	while (found.st_nlink < 2 + threads) {
		EXPECT(stat(path, &found) == 0);
		pause_us(500);
	}
}

static void ask_stop(struct session *session, uint64_t process, uint32_t flags)
{
	struct utrace_command command = {.cmd = UTRACE_CMD_STOP, .flags = flags, .target = process};
	int error = session_command(session, &command);

	EXPECT(error == 0 || error == -EALREADY || error == -ESRCH);
}

static void disturb(struct session *session, struct victim *victim, uint64_t process)
{
	switch (dice(6)) {
	case 0:
		kill(victim->pid, SIGSTOP);
		break;
	case 1:
		kill(victim->pid, SIGCONT);
		break;
	case 2:
		ask_stop(session, process, UTRACE_WITH_INTERRUPT);
		break;
	case 3:
		ask_stop(session, process, 0);
		break;
	case 4:
		write_file(GROUP "/cgroup.freeze", "1");
		pause_us(dice(1000));
		write_file(GROUP "/cgroup.freeze", "0");
		break;
	default:
		serve(session, 1);
	}
}

/* A process with all its threads held for the session counts as frozen, and thawing leaves it held. */
static void freeze_while_held(struct session *session, uint64_t process)
{
	struct utrace_record held[4] = {{0}};

	ask_stop(session, process, UTRACE_WITH_INTERRUPT);
	for (int i = 0; i < 4; i++)
		held[i] = next_stop(session);
	write_file(GROUP "/cgroup.freeze", "1");
	wait_frozen(true);
	for (int i = 0; i < 4; i++)
		EXPECT(session_resume(session, held[i].task, held[i].stop, 0) == 0);
	/* They go from the session's hold into the freezer's, and not to user mode in between. */
	wait_frozen(true);
	write_file(GROUP "/cgroup.freeze", "0");
	wait_frozen(false);
}

static void run(int disturbances)
{
	struct utrace_policy quiet = {0};
	struct utrace_policy policy = {.record = EVENTS_ALL & ~UTRACE_EV_BIT(UTRACE_EV_SIGNAL),
				       .stop = UTRACE_EV_BIT(UTRACE_EV_SIGNAL) | UTRACE_EV_BIT(UTRACE_EV_JOB_STOP)};
	struct victim victim = victim_start(workers, NULL);
	struct utrace_command command;
	struct session session;
	char text[32];
	uint64_t process;
	int status;

	snprintf(text, sizeof(text), "%d", victim.pid);
	write_file(GROUP "/cgroup.procs", text);
	victim_go(&victim);
	wait_for_threads(victim.pid, 4);
	session_open(&session, 0, 0);
	EXPECT(session_attach(&session, victim.pid, UTRACE_SCOPE_PROCESS, 0, &quiet, &process) == 4);
	freeze_while_held(&session, process);
	command = (struct utrace_command){
		.cmd = UTRACE_CMD_SET_POLICY, .target = process, .data = (uintptr_t)&policy, .size = sizeof(policy)};
	EXPECT(session_command(&session, &command) == 0);
	for (int i = 0; i < disturbances; i++)
		disturb(&session, &victim, process);
	kill(victim.pid, SIGCONT);
	serve(&session, 20);
	kill(victim.pid, SIGTERM);
	status = serve_until_end(&session, victim.pid, NULL);
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	session_close(&session);
}

int main(void)
{
	int times = rounds(6);

	watchdog_start(200);
	if (mkdir(GROUP, 0755) && errno != EEXIST)
		fail(GROUP);
	for (int round = 0; round < times; round++)
		run(60);
	return 0;
}
