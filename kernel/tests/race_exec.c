// SPDX-License-Identifier: GPL-2.0-only
/*
 * A thread that is not the leader executes a program, or calls exit_group, or dumps core, while a session holds its siblings at
 * whatever they do. None of that waits for the session: the siblings are ended, and what happened is told.
 */
#include "stress.h"

enum way { EXEC, EXIT_GROUP, DUMP, WAYS };

static void *sibling(void *unused)
{
	(void)unused;
	for (;;)
		syscall(SYS_getppid);
	return NULL;
}

static void *ender(void *argument)
{
	enum way way = *(enum way *)argument;

	pause_us(200 + dice(2000));
	if (way == EXEC)
		execl("/bin/true", "true", (char *)0);
	if (way == DUMP)
		abort();
	_exit(42);
}

static void many_threads(void *argument)
{
	pthread_t thread;

	for (int i = 0; i < 6; i++)
		pthread_create(&thread, NULL, sibling, NULL);
	pthread_create(&thread, NULL, ender, argument);
	pthread_join(thread, NULL);
	pause();
}

/* The siblings are held and never let go; only the thread that ends the process is. */
static int hold_all_but(struct session *session, struct victim *victim, unsigned long *told)
{
	struct utrace_record record;
	int status;

	for (;;) {
		while (session_wait(session, &record, 5)) {
			told[record.event]++;
			if (!(record.flags & UTRACE_REC_STOPPED))
				continue;
			if (record.event == UTRACE_EV_SYSCALL_ENTRY && record.syscall.nr == SYS_getppid)
				continue;
			session_resume(session, record.task, record.stop, 0);
		}
		if (waitpid(victim->pid, &status, WNOHANG) == victim->pid)
			return status;
	}
}

static void run(enum way way)
{
	struct utrace_policy policy = {.stop = EVENTS_ALL};
	unsigned long told[UTRACE_EV_COUNT] = {0};
	struct victim victim = victim_start(many_threads, &way);
	struct utrace_record record;
	struct session session;
	int status;

	session_open(&session, 0, 0);
	EXPECT(session_attach(&session, victim.pid, UTRACE_SCOPE_PROCESS, 0, &policy, NULL) == 1);
	victim_go(&victim);
	status = hold_all_but(&session, &victim, told);
	while (session_wait(&session, &record, 50))
		told[record.event]++;
	EXPECT(way != EXEC || (WIFEXITED(status) && WEXITSTATUS(status) == 0 && told[UTRACE_EV_EXEC] == 1));
	EXPECT(way != EXIT_GROUP || (WIFEXITED(status) && WEXITSTATUS(status) == 42));
	EXPECT(way != DUMP || (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT));
	EXPECT(told[UTRACE_EV_ATTACH] == told[UTRACE_EV_DEATH]);
	session_close(&session);
}

int main(void)
{
	int times = rounds(15);

	watchdog_start(200);
	for (int round = 0; round < times; round++)
		for (enum way way = EXEC; way < WAYS; way++)
			run(way);
	return 0;
}
