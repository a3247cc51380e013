// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stop and go on, very often: no stop is lost or told twice, numbers only grow, and in the end nothing is left behind.
 * UTRACE_ROUNDS is in per cent of 5000 cycles.
 */
#include "stress.h"

static void forever(void *unused)
{
	(void)unused;
	for (;;)
		syscall(SYS_getppid);
}

/* Resume and wait for the next stop in one call, as a debugger does. */
static void resume_and_wait(struct session *session, const struct utrace_record *stop, uint32_t flags)
{
	struct utrace_command command = {
		.cmd = UTRACE_CMD_RESUME, .flags = flags, .target = stop->task, .stop = stop->stop};
	struct utrace_submit_args args = {.commands = (uintptr_t)&command,
					  .count = 1,
					  .flags = UTRACE_SUBMIT_WAIT,
					  .timeout = -1,
					  .command_size = sizeof(command)};

	EXPECT(utrace(UTRACE_OP_SUBMIT, session->fd, &args, sizeof(args)) == 1);
	EXPECT(command.error == 0);
	EXPECT(args.wait_error == 0);
}

int main(void)
{
	struct utrace_policy policy = {.stop = UTRACE_EV_BIT(UTRACE_EV_SYSCALL_ENTRY) |
					       UTRACE_EV_BIT(UTRACE_EV_SYSCALL_EXIT)};
	struct victim victim = victim_start(forever, NULL);
	struct utrace_record stop;
	struct session session;
	int cycles = rounds(5000);
	uint16_t expected;
	int status;

	watchdog_start(280 + (unsigned int)cycles / 200);
	session_open(&session, 0, 0);
	EXPECT(session_attach(&session, victim.pid, UTRACE_SCOPE_THREAD, 0, &policy, NULL) == 1);
	victim_go(&victim);
	stop = next_stop(&session);
	while (stop.syscall.nr != SYS_getppid || stop.event != UTRACE_EV_SYSCALL_ENTRY) {
		EXPECT(session_resume(&session, stop.task, stop.stop, 0) == 0);
		stop = next_stop(&session);
	}
	expected = UTRACE_EV_SYSCALL_EXIT;
	for (int cycle = 0; cycle < cycles; cycle++) {
		uint64_t before = stop.stop;

		resume_and_wait(&session, &stop, 0);
		stop = next_stop(&session);
		EXPECT(stop.stop > before);
		EXPECT(stop.event == expected);
		EXPECT(stop.syscall.nr == SYS_getppid);
		expected = expected == UTRACE_EV_SYSCALL_EXIT ? UTRACE_EV_SYSCALL_ENTRY : UTRACE_EV_SYSCALL_EXIT;
	}
	kill(victim.pid, SIGKILL);
	EXPECT(waitpid(victim.pid, &status, 0) == victim.pid);
	EXPECT(session.ring->lost == 0);
	session_close(&session);
	return 0;
}
