// SPDX-License-Identifier: GPL-2.0-only
/*
 * SIGKILL against every command: a held thread is killed while a command for it is on its way. The command does its work or says
 * that the thread is gone, the thread dies, and its death is told, every time.
 */
#include "stress.h"

#include <elf.h>
#include <sys/user.h>

struct race {
	pid_t pid;
	unsigned int delay;
};

static void loop_of_calls(void *unused)
{
	(void)unused;
	for (;;) {
		syscall(SYS_getppid);
		syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1);
	}
}

static void quiet_loop_of_calls(void *argument)
{
	signal(SIGUSR1, SIG_IGN);
	loop_of_calls(argument);
}

static void *killer(void *argument)
{
	struct race *race = argument;

	pause_us(race->delay);
	kill(race->pid, SIGKILL);
	return NULL;
}

static struct utrace_command command_of(uint32_t cmd, const struct utrace_record *stop)
{
	static unsigned char buffer[sizeof(struct user_regs_struct)];
	static struct utrace_policy policy = {.record = EVENTS_ALL};
	static struct utrace_call call = {.nr = SYS_getpid};
	static uint8_t info[UTRACE_SIGINFO_SIZE];
	struct utrace_command command = {.cmd = cmd, .target = stop->task, .stop = stop->stop};

	command.data = (uintptr_t)buffer;
	command.size = sizeof(buffer);
	command.addr = NT_PRSTATUS;
	if (cmd == UTRACE_CMD_MEM_READ || cmd == UTRACE_CMD_MEM_WRITE) {
		command.addr = (uintptr_t)buffer;
		command.stop = 0;
	} else if (cmd == UTRACE_CMD_SET_POLICY) {
		command.data = (uintptr_t)&policy;
		command.size = sizeof(policy);
	} else if (cmd == UTRACE_CMD_SET_CALL) {
		command.data = (uintptr_t)&call;
		command.size = sizeof(call);
	} else if (cmd == UTRACE_CMD_SIGNAL) {
		((siginfo_t *)info)->si_signo = SIGUSR1;
		command.flags = UTRACE_WITH_INJECT;
		command.data = (uintptr_t)info;
		command.size = sizeof(info);
	} else if (cmd == UTRACE_CMD_WATCHPOINT) {
		command.flags = UTRACE_WITH_EXECUTE;
		command.addr = 4096;
		command.size = sizeof(long);
	} else if (cmd != UTRACE_CMD_REGSET_GET && cmd != UTRACE_CMD_REGSET_SET) {
		command.data = command.size = command.addr = 0;
	}
	if (cmd == UTRACE_CMD_WAKE)
		command.target = 0;
	if (cmd == UTRACE_CMD_RESUME)
		command.flags = UTRACE_WITH_STEP;
	if (cmd == UTRACE_CMD_STOP || cmd == UTRACE_CMD_DETACH || cmd == UTRACE_CMD_KILL ||
	    cmd == UTRACE_CMD_SET_POLICY)
		command.stop = 0;
	return command;
}

static bool fair(int error)
{
	return error == 0 || error == -ESRCH || error == -ESTALE || error == -EALREADY || error == -EOPNOTSUPP ||
	       error == -EFAULT || error == -EIO;
}

/* The death is told unless the session had let go of the thread before. */
static void expect_death(struct session *session, bool detached)
{
	struct utrace_record record;

	do {
		if (!session_wait(session, &record, detached ? 100 : -1)) {
			EXPECT(detached);
			return;
		}
	} while (record.event != UTRACE_EV_DEATH && record.event != UTRACE_EV_DETACH);
}

static void run(struct session *session, uint32_t cmd, unsigned int delay)
{
	struct utrace_policy policy = {.stop = EVENTS_ALL};
	struct victim victim = victim_start(quiet_loop_of_calls, NULL);
	struct race race = {.pid = victim.pid, .delay = delay};
	struct utrace_record stop;
	pthread_t thread;
	int status;
	int error;

	EXPECT(session_attach(session, victim.pid, UTRACE_SCOPE_PROCESS, 0, &policy, NULL) == 1);
	victim_go(&victim);
	for (unsigned int skip = dice(6); skip; skip--) {
		stop = next_stop(session);
		EXPECT(session_resume(session, stop.task, stop.stop, 0) == 0);
	}
	stop = next_stop(session);
	EXPECT(pthread_create(&thread, NULL, killer, &race) == 0);
	for (int again = 0; again < 20; again++) {
		struct utrace_command command = command_of(cmd, &stop);

		error = session_command(session, &command);
		if (!fair(error))
			fprintf(stderr, "command %u: %s\n", cmd, strerror(-error));
		EXPECT(fair(error));
	}
	pthread_join(thread, NULL);
	EXPECT(waitpid(victim.pid, &status, 0) == victim.pid);
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	expect_death(session, cmd == UTRACE_CMD_DETACH);
}

int main(void)
{
	int times = rounds(30);

	watchdog_start(300);
	for (uint32_t cmd = UTRACE_CMD_RESUME; cmd < UTRACE_CMD_COUNT; cmd++) {
		struct session session;

		session_open(&session, 0, 0);
		for (int round = 0; round < times; round++)
			run(&session, cmd, dice(400));
		session_close(&session);
	}
	return 0;
}
