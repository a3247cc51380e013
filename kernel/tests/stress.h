/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the race programs share: victims that begin when the session is ready, a loop that lets every stopped thread go on, and
 * a watchdog, so that whatever gets stuck is a failure that says what is stuck, and where.
 */
#ifndef UTRACE_TESTS_STRESS_H
#define UTRACE_TESTS_STRESS_H

#include "session.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

struct victim {
	pid_t pid;
	int gate; /* closing it lets the victim begin */
};

#define EXPECT(condition)                                                                                              \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			fprintf(stderr, "%s:%d: not true: %s (errno %s)\n", __FILE__, __LINE__, #condition,            \
				strerror(errno));                                                                      \
			exit(1);                                                                                       \
		}                                                                                                      \
	} while (0)

/* Shows what every task of the system waits for; the output of a test that hangs. */
static inline void watchdog(int signal)
{
	(void)signal;
	if (write(2, "stuck; the tasks:\n", 18) < 0)
		_exit(1);
	if (fork() == 0) {
		execl("/bin/sh", "sh", "-c",
		      "for t in /proc/[0-9]*/task/*; do grep -q . $t/cmdline || continue; "
		      "echo \"$t $(cat $t/comm) $(sed -n 's/^State://p' $t/status) $(cat $t/syscall)\"; cat $t/stack; "
		      "done >&2",
		      (char *)0);
		_exit(1);
	}
	wait(NULL);
	_exit(1);
}

static inline void watchdog_start(unsigned int seconds)
{
	const char *factor = getenv("UTRACE_SLOWER");

	signal(SIGALRM, watchdog);
	alarm(seconds * (factor ? (unsigned int)atoi(factor) : 1));
}

/* How often a race is run: as the environment says, or @usual. */
static inline int rounds(int usual)
{
	const char *text = getenv("UTRACE_ROUNDS");

	return text ? usual * atoi(text) / 100 + 1 : usual;
}

static inline unsigned int dice(unsigned int sides)
{
	static _Thread_local unsigned int state;

	if (!state)
		state = (unsigned int)time(NULL) ^ (unsigned int)getpid() * 2654435761U;
	state = state * 1664525U + 1013904223U;
	return (state >> 8) % sides;
}

static inline void pause_us(unsigned int microseconds)
{
	struct timespec time = {.tv_nsec = microseconds * 1000L};

	nanosleep(&time, NULL);
}

static inline struct victim victim_start(void (*body)(void *), void *argument)
{
	struct victim victim;
	int gate[2];
	char go;

	EXPECT(pipe2(gate, O_CLOEXEC) == 0);
	victim.gate = gate[1];
	victim.pid = fork();
	EXPECT(victim.pid >= 0);
	if (victim.pid == 0) {
		close(gate[1]);
		alarm(0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (read(gate[0], &go, 1) < 0)
			_exit(99);
		body(argument);
		_exit(0);
	}
	close(gate[0]);
	return victim;
}

static inline void victim_go(struct victim *victim)
{
	close(victim->gate);
	victim->gate = -1;
}

static inline long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/*
 * Takes the records of the next @milliseconds, letting every stopped thread go on; tells how many were stopped. 0: takes what
 * records there are. A victim may make records all the time, so it is not quiet that ends this.
 */
static inline unsigned long serve(struct session *session, int milliseconds)
{
	long long end = now_ms() + milliseconds;
	struct utrace_record record;
	unsigned long stops = 0;

	while ((!milliseconds || now_ms() < end) && session_wait(session, &record, milliseconds)) {
		if (!(record.flags & UTRACE_REC_STOPPED))
			continue;
		int error = session_resume(session, record.task, record.stop, 0);

		EXPECT(error == 0 || error == -ESRCH || error == -ESTALE);
		stops++;
	}
	return stops;
}

/* Serves until the child has ended; its wait status. */
static inline int serve_until_end(struct session *session, pid_t pid, unsigned long *stops)
{
	unsigned long sum = 0;
	int status;

	while (waitpid(pid, &status, WNOHANG) != pid)
		sum += serve(session, 5);
	sum += serve(session, 0);
	if (stops)
		*stops = sum;
	return status;
}

/* The next record of a stop. */
static inline struct utrace_record next_stop(struct session *session)
{
	struct utrace_record record;

	do
		EXPECT(session_wait(session, &record, -1));
	while (!(record.flags & UTRACE_REC_STOPPED));
	return record;
}

#endif
