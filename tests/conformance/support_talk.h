/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * support_talk.h - victims that speak: programs with a pipe to and from the test, started by the test itself (to be
 * attached to) or by a session, and the loops that carry them to a place.
 *
 * Nothing here depends on time: a test waits for a line, for an event, or until the kernel says that a thread is in a
 * call.
 */
#ifndef TEST_SUPPORT_TALK_H
#define TEST_SUPPORT_TALK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/types.h>

#include <cmocka.h>

#include <utrace/utrace.h>

#define TALK_PROGRAM(name) UTRACE_VICTIMS "/" name

struct talk {
	pid_t pid;
	int in;                  /* the victim's descriptor 0 */
	int out;                 /* its descriptor 1 */
	bool started;            /* by the test: the test reaps it */
	utrace_process *process; /* a reference, once spawned or attached */
	bool ended;              /* its PROCESS_END came while a line was waited for, with this status */
	int end_status;
	size_t filled;
	char buffer[8192];
	char line[1024];
};

/*
 * Milliseconds after which a test that waits for an event fails, and seconds after which one that hangs is ended.
 * Nothing is expected to come so late, but a machine may be busy, or asleep for a while.
 */
enum { TALK_PATIENCE = 100000, TALK_WATCH = 150 };

/* One per test: the session, and the victims, which teardown ends. */
struct talk_world {
	utrace_session *session;
	struct utrace_event event;
	struct utrace_error error;
	struct talk victim;
	struct talk second;
	int descriptors; /* open ones at the start */
};

/* CMocka's setup and teardown: a session of the threading that the environment asks for; no leaks at the end. */
int talk_setup(void **state);
int talk_teardown(void **state);
utrace_session *talk_open(void);
/* For a forked child, where CMocka must not be jumped back to: ends the child if it fails, or with the alarm. */
utrace_session *talk_open_in_child(void);

/* Starts argv[0] of the victims as a child that nobody traces. */
void talk_start(struct talk *talk, const char *const argv[]);
/* The same, and reads its first line, which is "ready". */
void talk_start_ready(struct talk *talk, const char *const argv[]);
/* Spawns it in the world's session; options may be NULL, argv and fds are set here. */
void talk_spawn(struct talk_world *world, const struct utrace_spawn_options *options, const char *const argv[]);
void talk_attach(struct talk_world *world, const struct utrace_attach_options *options);

void talk_tell(struct talk *talk, const char *bytes);
/* The next line without its end; takes events and resumes all threads of the session (may be NULL) while it waits. */
const char *talk_line(struct talk *talk, utrace_session *session);
void talk_expect(struct talk *talk, utrace_session *session, const char *line);
/* Reaps a victim that the test started; its status must be exit 0. */
void talk_reap(struct talk *talk);
int talk_reap_status(struct talk *talk);
void talk_forget(struct talk *talk);

/* Resumes whoever the event holds, with the options (may be NULL). */
void talk_resume(struct talk_world *world, const struct utrace_resume_options *options);
/* Takes the next event; there must be one. */
struct utrace_event *talk_next(struct talk_world *world);
/* Resumes what is held by other events until one of this reason comes, which it leaves held. */
struct utrace_event *talk_until(struct talk_world *world, uint32_t reason);
/* The same for the entry or exit of the native call of this number whose first argument is `first` (-1: any). */
struct utrace_event *talk_until_call(struct talk_world *world, uint32_t reason, long number, int64_t first);
/*
 * Resumes everything until nothing is attached any more. Returns the wait status of the last process that ended, or
 * -1.
 */
int talk_finish(struct talk_world *world);
/* The same, and the status must be exit 0; the victim is then reaped, if nobody has done so. */
void talk_finish_well(struct talk_world *world);

/* Waits until the kernel says that the thread is blocked in this system call, or in its restart after a stop. */
bool talk_is_blocked(pid_t tid, long number);
void talk_wait_blocked(pid_t tid, long number);
/* The same for the victim, serving the session meanwhile: a victim that makes threads on its way needs that. */
void talk_serve_blocked(struct talk_world *world, long number);
/* Waits until the thread's state in /proc/TID/stat is one of these letters. */
void talk_wait_state(pid_t tid, const char *letters);

/* Fails the test with the error's text unless the condition holds. */
#define talk_ok(world, status) talk_check((int)(status), &(world)->error, #status, __FILE__, __LINE__)
#define talk_fails(world, expected, status)                                                                            \
	talk_check_fails((int)(expected), (int)(status), &(world)->error, #status, __FILE__, __LINE__)
int talk_check(int status, const struct utrace_error *error, const char *what, const char *file, int line);
void talk_check_fails(int expected, int status, const struct utrace_error *error, const char *what, const char *file,
		      int line);

/* A copy of a victim that every user can reach and run, whatever folder the tests were built in. */
struct talk_shared {
	char path[256];
};

void talk_share(struct talk_shared *shared, const char *program, mode_t mode);
void talk_unshare(struct talk_shared *shared);

/* Whether tests that can be made longer shall be: UTRACE_TEST_FULL is set. */
bool talk_is_full(void);
/* From now on an alarm tells what hangs before it ends the program. */
void talk_watch(void);
/* Leaves only the tests that UTRACE_TEST_FILTER names and UTRACE_TEST_LEAVE_OUT does not, patterns with * and ?; first in every main. */
void talk_choose_tests(void);

#endif
