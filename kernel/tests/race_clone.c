// SPDX-License-Identifier: GPL-2.0-only
/*
 * Storms of fork, vfork and threads below a session that watches the whole tree and stops at every event, and that is closed,
 * or whose owner is killed, in the middle of it. Every child is told once, every one ends, and after a close all run on.
 */
#include "stress.h"

#include <sys/resource.h>

static void *thread_body(void *unused)
{
	return unused;
}

static void short_vfork(void)
{
	if (vfork() == 0)
		_exit(0);
}

static void storm(int depth)
{
	for (int i = 0; i < 3; i++) {
		pthread_t thread;
		pid_t child;

		EXPECT(pthread_create(&thread, NULL, thread_body, NULL) == 0);
		child = fork();
		EXPECT(child >= 0);
		if (child == 0) {
			if (depth)
				storm(depth - 1);
			_exit(0);
		}
		pthread_join(thread, NULL);
		short_vfork();
	}
	while (wait(NULL) > 0)
		;
}

static void storms(void *argument)
{
	storm(*(int *)argument);
}

static void to_the_end(void)
{
	struct utrace_policy policy = {.stop = EVENTS_ALL};
	struct utrace_record record;
	struct session session;
	int depth = 2;
	struct victim victim = victim_start(storms, &depth);
	unsigned long attached = 0;
	unsigned long dead = 0;

	session_open(&session, UTRACE_OPEN_BACKPRESSURE, 16384);
	EXPECT(session_attach(&session, victim.pid, UTRACE_SCOPE_TREE, 0, &policy, NULL) == 1);
	victim_go(&victim);
	do {
		EXPECT(session_wait(&session, &record, -1));
		attached += record.event == UTRACE_EV_ATTACH;
		dead += record.event == UTRACE_EV_DEATH;
		if (record.flags & UTRACE_REC_STOPPED)
			session_resume(&session, record.task, record.stop, 0);
	} while (dead < attached);
	/* 1 + 3 + 9 + 27 leaders of forks, of which the first 13 made 3 threads and 3 vfork children each. */
	EXPECT(attached == 40 + 13 * 6);
	EXPECT(session.ring->lost == 0);
	EXPECT(waitpid(victim.pid, NULL, 0) == victim.pid);
	session_close(&session);
}

static void closed_amid(void)
{
	struct utrace_policy policy = {.stop = EVENTS_ALL};
	struct session session;
	int depth = 2;
	struct victim victim = victim_start(storms, &depth);
	int status;

	session_open(&session, dice(2) ? UTRACE_OPEN_BACKPRESSURE : 0, 4096);
	EXPECT(session_attach(&session, victim.pid, UTRACE_SCOPE_TREE, 0, &policy, NULL) == 1);
	victim_go(&victim);
	for (unsigned int stops = dice(300); stops; stops--) {
		struct utrace_record stop = next_stop(&session);

		session_resume(&session, stop.task, stop.stop, 0);
	}
	session_close(&session);
	EXPECT(waitpid(victim.pid, &status, 0) == victim.pid);
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void tracer_body(pid_t tracee, int ready)
{
	struct utrace_policy policy = {.stop = EVENTS_ALL};
	struct session session;

	session_open(&session, 0, 0);
	EXPECT(session_attach(&session, tracee, UTRACE_SCOPE_TREE, 0, &policy, NULL) == 1);
	EXPECT(write(ready, "r", 1) == 1);
	for (;;)
		serve(&session, 100);
}

static void owner_killed(void)
{
	int depth = 2;
	struct victim victim = victim_start(storms, &depth);
	int ready[2];
	pid_t tracer;
	char told;
	int status;

	EXPECT(pipe(ready) == 0);
	tracer = fork();
	EXPECT(tracer >= 0);
	if (tracer == 0) {
		close(victim.gate);
		tracer_body(victim.pid, ready[1]);
	}
	EXPECT(read(ready[0], &told, 1) == 1);
	victim_go(&victim);
	pause_us(dice(20000));
	kill(tracer, SIGKILL);
	EXPECT(waitpid(tracer, NULL, 0) == tracer);
	EXPECT(waitpid(victim.pid, &status, 0) == victim.pid);
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	close(ready[0]);
	close(ready[1]);
}

int main(void)
{
	int times = rounds(5);

	watchdog_start(300);
	for (int round = 0; round < times; round++) {
		to_the_end();
		closed_amid();
		owner_killed();
	}
	return 0;
}
