/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_exec.c - execve of every kind of file, with and without success: one EXEC event for each that took place, a
 * handle that stays, and registers and calls of the new program's kind. (process-control rows 5, 9, 19, 23)
 */
#include "support_ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define BIT UTRACE_EVENT_BIT

enum { NOBODY = 65534 };

static struct utrace_spawn_options mask(uint64_t stop)
{
	return (struct utrace_spawn_options){.size = sizeof(struct utrace_spawn_options), .events = {.stop = stop}};
}

static struct ledger run_way(struct talk_world *world, const char *const argv[], const char *line)
{
	struct utrace_spawn_options options = mask(0);
	struct ledger ledger;

	talk_spawn(world, &options, argv);
	ledger = ledger_of_run(world);
	talk_expect(&world->victim, NULL, line);
	assert_int_equal(ledger.status, 0);
	talk_forget(&world->victim);
	return ledger;
}

static void succeeds(struct talk_world *world, const char *way, const char *file, const char *line)
{
	const char *const argv[] = {TALK_PROGRAM("exec_ways"), way, file, NULL};

	/* The first is spawn's own. */
	assert_int_equal(run_way(world, argv, line).told[UTRACE_EVENT_EXEC], 2);
}

/* The call's exit tells the error, there is no EXEC, and the program goes on. */
static void fails(struct talk_world *world, const char *way, const char *file, int error_number)
{
	char number[16];
	const char *const argv[] = {TALK_PROGRAM("exec_ways"), way, file, number, NULL};
	struct utrace_spawn_options options = mask(0);
	struct ledger ledger;

	snprintf(number, sizeof(number), "%d", error_number);
	talk_spawn(world, &options, argv);
	ledger = ledger_start(world);
	do {
		talk_until_call(world, UTRACE_EVENT_SYSCALL_ENTRY, SYS_execve, -1);
		talk_resume(world, NULL);
		talk_until_call(world, UTRACE_EVENT_SYSCALL_EXIT, SYS_execve, -1);
	} while (!world->event.u.syscall.is_error);
	assert_int_equal(world->event.u.syscall.result, -error_number);
	talk_resume(world, NULL);
	ledger_run(&ledger, world);
	assert_int_equal(ledger.told[UTRACE_EVENT_EXEC], 0);
	assert_int_equal(ledger.status, 0);
	assert_int_equal(strncmp(talk_line(&world->victim, NULL), "uid ", 4), 0);
	talk_forget(&world->victim);
}

static void write_script(struct talk_shared *script, const char *interpreter)
{
	int file;

	talk_share(script, "/dev/null", 0755);
	file = open(script->path, O_WRONLY | O_CLOEXEC);
	assert_true(file >= 0 && dprintf(file, "#!%s\n", interpreter) > 0);
	close(file);
}

static const char *own_report(const char *name)
{
	static char line[64];

	snprintf(line, sizeof(line), "uid %d %d name %.15s", getuid(), geteuid(), name);
	return line;
}

/* The interpreter is executed, with the script's name as argument; it is still one EXEC. */
static void test_script(void **state)
{
	struct talk_shared script;

	write_script(&script, TALK_PROGRAM("exec_ways"));
	succeeds(*state, "run", script.path, own_report(strrchr(script.path, '/') + 1));
	talk_unshare(&script);
}

static void test_missing_interpreter(void **state)
{
	struct talk_shared script;

	write_script(&script, "/no/such/interpreter");
	fails(*state, "fails", script.path, ENOENT);
	talk_unshare(&script);
}

/* Neither has a name that can be opened any more. */
static void test_deleted_file(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("exec_ways"), "deleted", NULL};
	struct utrace_spawn_options options = mask(0);
	struct ledger ledger;

	talk_spawn(world, &options, argv);
	ledger = ledger_of_run(world);
	assert_int_equal(ledger.told[UTRACE_EVENT_EXEC], 2);
	assert_int_equal(ledger.status, 0);
}

static void test_memory_file(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("exec_ways"), "memory", NULL};
	struct utrace_spawn_options options = mask(0);
	struct ledger ledger;

	talk_spawn(world, &options, argv);
	ledger = ledger_of_run(world);
	assert_int_equal(ledger.told[UTRACE_EVENT_EXEC], 2);
	assert_int_equal(ledger.status, 0);
}

static void test_too_big(void **state)
{
	fails(*state, "huge", NULL, E2BIG);
}

static void test_busy_text(void **state)
{
	struct talk_shared program;
	int file;

	talk_share(&program, TALK_PROGRAM("exec_ways"), 0755);
	file = open(program.path, O_WRONLY | O_CLOEXEC);
	assert_true(file >= 0);
	fails(*state, "fails", program.path, ETXTBSY);
	close(file);
	talk_unshare(&program);
}

/* From 64 to 32 bit and back, often: at each EXEC the registers are the new program's, and so are its calls. */
static void test_both_word_sizes(void **state)
{
	const char *const argv[] = {TALK_PROGRAM("exec_chain"), "21", TALK_PROGRAM("exec_chain_32"), NULL};
	struct utrace_spawn_options options = mask(0);
	struct talk_world *world = *state;
	struct ledger ledger;
	int architecture = UTRACE_ARCH_X86_64;

	talk_spawn(world, &options, argv);
	ledger = ledger_start(world);
	while (utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error) == 1) {
		const struct utrace_event *event = &world->event;

		ledger_add(&ledger, event);
		if (event->reason == UTRACE_EVENT_EXEC) {
			architecture = utrace_thread_architecture(event->thread, NULL);
			assert_int_equal(architecture,
					 ledger.told[UTRACE_EVENT_EXEC] % 2 ? UTRACE_ARCH_X86_64 : UTRACE_ARCH_I386);
		}
		if (event->reason == UTRACE_EVENT_SYSCALL_ENTRY)
			assert_int_equal(event->u.syscall.abi,
					 architecture == UTRACE_ARCH_I386 ? UTRACE_ABI_I386 : UTRACE_ABI_X86_64);
		talk_resume(world, NULL);
	}
	ledger_check(&ledger);
	assert_int_equal(ledger.told[UTRACE_EVENT_EXEC], 22);
	talk_expect(&world->victim, NULL, "ok chain 32 bits");
}

/* The exit of an execve that changed the word size is still that of the call as it was made. */
static void test_exit_of_changing_exec(void **state)
{
	const char *const argv[] = {TALK_PROGRAM("exec_chain"), "1", TALK_PROGRAM("exec_chain_32"), NULL};
	struct talk_world *world = *state;
	struct utrace_event_syscall *call = &world->event.u.syscall;

	talk_spawn(world, NULL, argv);
	talk_until(world, UTRACE_EVENT_EXEC);
	talk_resume(world, NULL);
	talk_until_call(world, UTRACE_EVENT_SYSCALL_ENTRY, SYS_execve, -1);
	talk_resume(world, NULL);
	talk_until_call(world, UTRACE_EVENT_SYSCALL_EXIT, SYS_execve, -1);
	assert_int_equal(call->abi, UTRACE_ABI_X86_64);
	assert_int_equal(call->result, 0);
	assert_int_equal(call->is_error, 0);
	talk_resume(world, NULL);
	talk_finish_well(world);
}

static bool can_be_setuid(const char *path)
{
	struct statvfs status;

	return !geteuid() && !statvfs(path, &status) && !(status.f_flag & ST_NOSUID);
}

/* Traced by root: the program gets its privilege, as without a tracer. */
static void test_setuid_traced_by_root(void **state)
{
	struct talk_world *world = *state;
	struct talk_shared program, plain;
	struct utrace_spawn_options options = mask(0);
	struct ledger ledger;

	talk_share(&program, TALK_PROGRAM("exec_ways"), 04755);
	talk_share(&plain, TALK_PROGRAM("exec_ways"), 0755);
	if (can_be_setuid(program.path)) {
		const char *const argv[] = {plain.path, "run", program.path, NULL};
		char line[128];

		options.user = "nobody";
		talk_spawn(world, &options, argv);
		ledger = ledger_of_run(world);
		snprintf(line, sizeof(line), "uid %d 0 name %.15s", NOBODY, strrchr(program.path, '/') + 1);
		talk_expect(&world->victim, NULL, line);
		assert_int_equal(ledger.status, 0);
	}
	talk_unshare(&plain);
	talk_unshare(&program);
	if (geteuid())
		skip();
}

/*
 * Nobody traces it: the program runs without its privilege (execve(2)), and the trace goes on; or, where the kernel
 * lets go of it, with the privilege and untraced.
 */
static int run_setuid_as_nobody(const char *plain, const char *program)
{
	struct talk_world world = {.event = UTRACE_EVENT_INIT};
	const char *const argv[] = {plain, "run", program, NULL};
	struct utrace_spawn_options options = mask(0);
	char line[128];
	int execs = 0;
	bool gains;

	if (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY) || prctl(PR_SET_DUMPABLE, 1))
		return 2;
	world.session = talk_open_in_child();
	world.victim.in = world.victim.out = -1;
	gains = utrace_session_capabilities(world.session) & UTRACE_CAN_LET_GAIN;
	talk_spawn(&world, &options, argv);
	while (utrace_session_next(world.session, &world.event, TALK_PATIENCE, &world.error) == 1) {
		execs += world.event.reason == UTRACE_EVENT_EXEC;
		if (world.event.reason == UTRACE_EVENT_PROCESS_END &&
		    (world.event.u.exit.cause == UTRACE_EXIT_DETACHED) != gains)
			return 4;
		talk_resume(&world, NULL);
	}
	snprintf(line, sizeof(line), "uid %d %d name %.15s", NOBODY, gains ? 0 : NOBODY, strrchr(program, '/') + 1);
	return execs == (gains ? 1 : 2) && !strcmp(talk_line(&world.victim, NULL), line) ? 0 : 3;
}

static void test_setuid_traced_by_user(void **state)
{
	struct talk_world *world = *state;
	struct talk_shared program, plain;
	int status = 0;

	utrace_session_close(world->session);
	world->session = NULL;
	talk_share(&program, TALK_PROGRAM("exec_ways"), 04755);
	talk_share(&plain, TALK_PROGRAM("exec_ways"), 0755);
	if (can_be_setuid(program.path)) {
		pid_t helper = fork();

		if (!helper)
			_exit(run_setuid_as_nobody(plain.path, program.path));
		assert_int_equal(waitpid(helper, &status, 0), helper);
	}
	talk_unshare(&plain);
	talk_unshare(&program);
	if (geteuid())
		skip();
	assert_int_equal(status, 0);
}

/* A program that executes all the time is asked to stop: each request is answered once, whatever comes between. */
static void test_stop_while_executing(void **state)
{
	const char *const argv[] = {TALK_PROGRAM("exec_chain"), "150", TALK_PROGRAM("exec_chain_32"), NULL};
	struct utrace_spawn_options options = mask(BIT(UTRACE_EVENT_EXEC));
	struct talk_world *world = *state;
	uint64_t asked = 0, answered = 0, request;
	int execs = 0;

	talk_spawn(world, &options, argv);
	while (utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error) == 1) {
		execs += world->event.reason == UTRACE_EVENT_EXEC;
		if (world->event.flags & UTRACE_EVENT_ANSWERS) {
			assert_int_equal(world->event.stop_request, asked);
			answered++;
		}
		talk_resume(world, NULL);
		if (utrace_thread_is_gone(world->event.thread) || !(world->event.flags & UTRACE_EVENT_HELD))
			continue;
		if (!utrace_thread_stop(world->event.thread, UTRACE_STOP_NOW, &request, NULL)) {
			assert_int_equal(request, asked + 1);
			asked = request;
		}
	}
	assert_int_equal(answered, asked);
	assert_int_equal(execs, 151);
}

/* Row 9, 23: by one of many threads, while the others make threads and the whole process is asked to stop. */
static void exec_among_new_threads(struct talk_world *world, bool stop)
{
	const char *const argv[] = {TALK_PROGRAM("exec_ways"), "thread", "8", NULL};
	struct utrace_spawn_options options = mask(BIT(UTRACE_EVENT_CREATE) | BIT(UTRACE_EVENT_EXEC));
	struct ledger ledger;

	talk_spawn(world, &options, argv);
	ledger = ledger_start(world);
	talk_tell(&world->victim, "g");
	while (utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error) == 1) {
		ledger_add(&ledger, &world->event);
		talk_resume(world, NULL);
		/* It may have ended since, with the events of its end still to be taken. */
		if (stop && ledger.threads % 16 == 15)
			(void)utrace_process_stop(world->victim.process, UTRACE_STOP_NOW, NULL);
	}
	ledger_check(&ledger);
	assert_int_equal(ledger.told[UTRACE_EVENT_EXEC], 2);
	assert_int_equal(ledger.processes, 1);
	assert_int_equal(ledger.created[UTRACE_CREATE_THREAD], ledger.threads);
	assert_true(ledger.exits[UTRACE_EXIT_EXEC] >= 8);
	assert_int_equal(ledger.status, 0);
	talk_forget(&world->victim);
}

static void test_by_thread_among_new_threads(void **state)
{
	for (int round = 0; round < 10; round++)
		exec_among_new_threads(*state, false);
}

static void test_by_thread_while_stopping(void **state)
{
	for (int round = 0; round < 10; round++)
		exec_among_new_threads(*state, true);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_script),
		TEST(test_missing_interpreter),
		TEST(test_deleted_file),
		TEST(test_memory_file),
		TEST(test_too_big),
		TEST(test_busy_text),
		TEST(test_both_word_sizes),
		TEST(test_exit_of_changing_exec),
		TEST(test_setuid_traced_by_root),
		TEST(test_setuid_traced_by_user),
		TEST(test_stop_while_executing),
		TEST(test_by_thread_among_new_threads),
		TEST(test_by_thread_while_stopping),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
