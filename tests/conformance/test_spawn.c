/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_spawn.c - what the caller of spawn chooses is what the program finds.
 */
#include "support_talk.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <unistd.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

static struct utrace_spawn_options quiet(void)
{
	return (struct utrace_spawn_options){.size = sizeof(struct utrace_spawn_options),
					     .events = {.stop = UTRACE_EVENTS_NONE}};
}

static void report(struct talk_world *world, const struct utrace_spawn_options *options, const char *what,
		   const char *line)
{
	const char *const argv[] = {TALK_PROGRAM("spawn_report"), what, NULL};

	talk_spawn(world, options, argv);
	talk_expect(&world->victim, world->session, line);
	talk_finish_well(world);
	talk_forget(&world->victim);
}

static void test_environment(void **state)
{
	const char *const environment[] = {"COLOUR=green", NULL};
	struct utrace_spawn_options options = quiet();

	setenv("COLOUR", "red", 1);
	report(*state, &options, "COLOUR", "COLOUR=red");
	options.envp = environment;
	report(*state, &options, "COLOUR", "COLOUR=green");
	report(*state, &options, "PATH", "PATH=(none)");
}

static void test_directory(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("spawn_report"), NULL};
	struct utrace_spawn_options options = quiet();
	utrace_process *process;

	options.directory = "/usr/share";
	report(world, &options, "directory", "/usr/share");
	options.directory = "/no/such/directory";
	options.argv = argv;
	talk_fails(world, UTRACE_EXEC_FAILED, utrace_spawn(world->session, &options, &process, &world->error));
	assert_int_equal(world->error.sys_errno, ENOENT);
	assert_non_null(strstr(world->error.text, "/no/such/directory"));
}

static void test_group(void **state)
{
	struct utrace_spawn_options options = quiet();

	report(*state, &options, "group", "group inherited session inherited");
	options.new_group = 1;
	report(*state, &options, "group", "group own session inherited");
}

/* The name that argv[0] gives and the file that runs are two things. */
static void test_path(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {"another name", "directory", NULL};
	struct utrace_spawn_options options = quiet();

	options.path = TALK_PROGRAM("spawn_report");
	options.directory = "/";
	talk_spawn(world, &options, argv);
	talk_expect(&world->victim, world->session, "/");
	talk_finish_well(world);
}

static void test_user(void **state)
{
	struct talk_world *world = *state;
	const char *argv[] = {TALK_PROGRAM("spawn_report"), "user", NULL};
	struct utrace_spawn_options options = quiet();
	struct talk_shared shared;
	utrace_process *process;

	if (geteuid() != 0)
		skip();
	talk_share(&shared, argv[0], 0755);
	options.path = shared.path;
	options.user = "nobody";
	talk_spawn(world, &options, argv);
	talk_unshare(&shared);
	talk_expect(&world->victim, world->session, "uid 65534 65534 gid 65534 65534 groups 1");
	talk_finish_well(world);
	options.user = "nobody-of-this-name";
	options.argv = argv;
	talk_fails(world, UTRACE_NOT_FOUND, utrace_spawn(world->session, &options, &process, &world->error));
	assert_non_null(strstr(world->error.text, "nobody-of-this-name"));
}

static void test_fixed_addresses(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("spawn_report"), "stack", NULL};
	struct utrace_spawn_options options = quiet();
	char first[128] = "";

	options.disable_aslr = 1;
	for (int i = 0; i < 3; i++) {
		const char *line;

		talk_spawn(world, &options, argv);
		line = talk_line(&world->victim, world->session);
		assert_int_equal(strncmp(line, "fixed ", 6), 0);
		if (i)
			assert_string_equal(line, first);
		snprintf(first, sizeof(first), "%s", line);
		talk_finish_well(world);
		talk_forget(&world->victim);
	}
	assert_int_equal(personality(0xffffffff) & ADDR_NO_RANDOMIZE, 0);
}

static int file_of_size(int size)
{
	char path[] = "/tmp/utrace-test-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(ftruncate(fd, size), 0);
	return fd;
}

static int moved_to(int fd, int number)
{
	if (fd == number)
		return number;
	assert_int_equal(dup3(fd, number, O_CLOEXEC), number);
	close(fd);
	return number;
}

/* Two descriptors change places, one is doubled, one is not named and so follows close-on-exec. */
static void test_descriptors(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("spawn_report"), "files", NULL};
	char line[128] = "";
	int report[2];
	struct utrace_spawn_options options = quiet();

	for (int i = 0; i < 4; i++)
		(void)moved_to(file_of_size(50 + i), 45 + i);
	assert_int_equal(pipe2(report, O_CLOEXEC), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(dup3(45 + i, 105 + i, O_CLOEXEC), 105 + i);
	options.argv = argv;
	options.fds = (const struct utrace_spawn_fd[]){{report[1], 1}, {105, 6}, {106, 5}, {106, 7}};
	options.fd_count = 4;
	talk_ok(world, utrace_spawn(world->session, &options, &world->victim.process, &world->error));
	close(report[1]);
	assert_int_equal(talk_finish(world), 0);
	assert_true(read(report[0], line, sizeof(line) - 1) > 0);
	assert_string_equal(line, "files 51 50 51 -1\n");
	close(report[0]);
	for (int i = 0; i < 4; i++) {
		close(45 + i);
		close(105 + i);
	}
}

/* A cycle among the numbers themselves: 5 becomes 6 while 6 becomes 5. */
static void test_descriptors_swapped(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("spawn_report"), "files", NULL};
	int saved[2] = {fcntl(5, F_DUPFD_CLOEXEC, 200), fcntl(6, F_DUPFD_CLOEXEC, 200)};
	struct utrace_spawn_options options = quiet();
	char line[128] = "";
	int report[2];

	assert_int_equal(pipe2(report, O_CLOEXEC), 0);
	for (int i = 0; i < 2; i++) {
		if (report[i] == 5 || report[i] == 6)
			report[i] = moved_to(report[i], 90 + i);
	}
	/* The session's own descriptors may be there; they come back afterwards. */
	(void)moved_to(file_of_size(70), 5);
	(void)moved_to(file_of_size(80), 6);
	options.argv = argv;
	options.fds = (const struct utrace_spawn_fd[]){{5, 6}, {6, 5}, {report[1], 1}, {6, 8}};
	options.fd_count = 4;
	talk_ok(world, utrace_spawn(world->session, &options, &world->victim.process, &world->error));
	for (int i = 0; i < 2; i++) {
		close(5 + i);
		if (saved[i] >= 0)
			(void)moved_to(saved[i], 5 + i);
	}
	close(report[1]);
	assert_int_equal(talk_finish(world), 0);
	assert_true(read(report[0], line, sizeof(line) - 1) > 0);
	assert_string_equal(line, "files 80 70 -1 80\n");
	close(report[0]);
}

static void test_terminal(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("spawn_report"), "terminal", "group", NULL};
	struct utrace_spawn_options options = quiet();
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	char text[256] = "";

	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	options.argv = argv;
	options.terminal = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(options.terminal >= 0);
	talk_ok(world, utrace_spawn(world->session, &options, &world->victim.process, &world->error));
	close(options.terminal);
	assert_int_equal(talk_finish(world), 0);
	/* Whole lines come one by one; when the other side is closed for good, an error. */
	while (read(master, text + strlen(text), sizeof(text) - 1 - strlen(text)) > 0)
		;
	assert_string_equal(text, "terminal\r\ngroup own session own\r\n");
	close(master);
}

static void ignore_it(int signal)
{
	(void)signal;
}

/* The mask and what is ignored are the caller's own, what it catches is default again, and nothing else is changed. */
static void test_signals(void **state)
{
	struct utrace_spawn_options options = quiet();
	sigset_t blocked, before;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigaddset(&blocked, SIGRTMAX);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, &blocked, &before), 0);
	signal(SIGUSR2, SIG_IGN);
	signal(SIGHUP, ignore_it);
	report(*state, &options, "signals", "blocked 10 64 ignored 12 caught");
	signal(SIGUSR2, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, &before, NULL), 0);
	report(*state, &options, "signals", "blocked ignored caught");
}

static void test_too_many_descriptors(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("spawn_report"), NULL};
	struct utrace_spawn_options options = quiet();
	struct utrace_spawn_fd fds[257] = {{0, 0}};
	utrace_process *process;

	options.argv = argv;
	options.fds = fds;
	options.fd_count = 257;
	talk_fails(world, UTRACE_INVALID, utrace_spawn(world->session, &options, &process, &world->error));
	options.fd_count = 1;
	fds[0].from = 1 << 20;
	talk_fails(world, UTRACE_EXEC_FAILED, utrace_spawn(world->session, &options, &process, &world->error));
	assert_int_equal(world->error.sys_errno, EBADF);
}

/* Stopped before the first instruction, and told so whatever the mask says. */
static void test_hold(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("spawn_report"), "group", NULL};
	struct utrace_spawn_options options = quiet();
	uint64_t argc = 0;
	uint64_t sp;

	options.hold = 1;
	talk_spawn(world, &options, argv);
	talk_next(world);
	assert_int_equal(world->event.reason, UTRACE_EVENT_EXEC);
	assert_true(world->event.flags & UTRACE_EVENT_HELD);
	/* The stack is as the kernel made it: argc is on top. (System V ABI, AMD64 supplement, 3.4.1) */
	talk_ok(world, utrace_register_get(world->event.thread, UTRACE_REG_SP, &sp, &world->error));
	talk_ok(world, utrace_memory_read(world->victim.process, sp, &argc, sizeof(argc), &world->error));
	assert_int_equal(argc, 2);
	assert_int_equal(utrace_session_next(world->session, &world->event, 0, NULL), 0);
	talk_ok(world, utrace_process_resume(world->victim.process, &world->error));
	talk_expect(&world->victim, world->session, "group inherited session inherited");
	talk_finish_well(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_environment), TEST(test_directory),
		TEST(test_group),       TEST(test_path),
		TEST(test_user),        TEST(test_fixed_addresses),
		TEST(test_descriptors), TEST(test_descriptors_swapped),
		TEST(test_terminal),    TEST(test_signals),
		TEST(test_hold),        TEST(test_too_many_descriptors),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
