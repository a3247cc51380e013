/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_core_write.c - core files that the library writes of held processes: its own reader, gdb and eu-stack see in them
 * what the process had.
 */
#include "support_core.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The world's victim, held, and its core. */
static void write_core(struct core_world *world, struct image_world *live, const char *program,
		       const struct utrace_core_write_options *options)
{
	struct talk_world *talk = world->talk;
	int file;

	image_start(live, talk, program, NULL);
	file = open(world->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(file >= 0);
	talk_ok(talk, utrace_core_write(talk->victim.process, file, options, &talk->error));
	close(file);
}

/* The names of the innermost functions that a command prints, one a line; NULL where there is no such command. */
static char *output_of(const char *format, const char *one, const char *two)
{
	static char text[65536];
	char command[2048];
	size_t length;
	FILE *pipe;

	(void)snprintf(command, sizeof(command), format, one, two);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	length = fread(text, 1, sizeof(text) - 1, pipe);
	text[length] = '\0';
	return pclose(pipe) == 0 ? text : NULL;
}

static bool has_command(const char *name)
{
	return output_of("command -v %s%s", name, "") != NULL;
}

static void expect_in_order(const char *text, const char *const words[])
{
	const char *at = text;

	assert_non_null(text);
	for (size_t i = 0; words[i]; i++) {
		at = strstr(at, words[i]);
		if (!at)
			fail_msg("no \"%s\" in its place in:\n%s", words[i], text);
	}
}

static void check_values(struct core_world *world)
{
	utrace_frame *frame = core_find_frame(world, "values_wait");

	assert_int_equal(core_number(world, frame, "first"), 10);
	assert_int_equal(core_number(world, frame, "counter"), 23);
	assert_int_equal(core_number(world, frame, "thread_number"), 77);
	assert_int_equal(core_number(world, NULL, "global_number"), 42);
	assert_int_equal(core_number(world, core_find_frame(world, "values_gone"), "passed"), 1234);
}

static void check_round(void **state, const char *name)
{
	static const char *const frames[] = {"values_wait", "values_gone", "main", NULL};
	siginfo_t info = {.si_signo = SIGSEGV, .si_code = SEGV_MAPERR};
	struct utrace_core_write_options options = {.size = sizeof(options), .info = &info};
	struct utrace_core_description description = {.size = sizeof(description)};
	struct core_world world;
	struct image_world live;
	struct talk_world *talk = *state;
	char program[512];

	(void)snprintf(program, sizeof(program), "%s/%s", UTRACE_VICTIMS, name);
	info.si_addr = (void *)0x1234; // NOLINT(performance-no-int-to-ptr)
	core_begin(&world, talk);
	write_core(&world, &live, name, &options);
	core_open(&world, NULL);
	check_values(&world);
	talk_ok(talk, utrace_core_describe(world.process, &description, &talk->error));
	assert_int_equal(description.signal, SIGSEGV);
	assert_ptr_equal(description.info.si_addr, (void *)0x1234);
	assert_int_equal(description.missing, 0);
	assert_int_equal(utrace_process_pid(world.process), talk->victim.pid);
	if (has_command("gdb"))
		expect_in_order(output_of("gdb -nx -batch -ex bt %s %s 2>&1", program, world.path), frames);
	if (has_command("eu-stack"))
		expect_in_order(output_of("eu-stack --core %s --executable %s 2>&1", world.path, program), frames);
	core_close(&world);
	image_finish(&live);
	core_finish(&world);
}

static void test_values(void **state)
{
	check_round(state, "values-O0");
}

static void test_values_32(void **state)
{
	check_round(state, "values-32");
}

static void test_values_static(void **state)
{
	check_round(state, "values-static");
}

/* ---- registers, memory, threads ---- */

static void expect_same_thread(struct talk_world *talk, utrace_thread *live, utrace_thread *dead)
{
	static unsigned char sets[2][16384];

	for (int set = UTRACE_REGSET_GENERAL; set <= UTRACE_REGSET_XSTATE; set++) {
		ssize_t size = utrace_regset_get(live, set, sets[0], sizeof(sets[0]), &talk->error);

		talk_ok(talk, size < 0 ? size : 0);
		assert_int_equal(utrace_regset_get(dead, set, sets[1], sizeof(sets[1]), &talk->error), size);
		assert_memory_equal(sets[0], sets[1], (size_t)size);
	}
}

static void test_threads(void **state)
{
	char library[512];
	struct core_world world;
	struct image_world live = {.talk = *state};
	struct talk_world *talk = *state;
	utrace_thread *threads[8];
	char program[512];
	const char *const argv[] = {program, library, NULL};
	int count;
	int file;

	(void)snprintf(program, sizeof(program), "%s/tls_use-64", UTRACE_VICTIMS);
	(void)snprintf(library, sizeof(library), "%s/libtls_loaded_64.so", UTRACE_VICTIMS);
	core_begin(&world, talk);
	talk_start_ready(&talk->victim, argv);
	image_hold(&live);
	file = open(world.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	talk_ok(talk, utrace_core_write(talk->victim.process, file, NULL, &talk->error));
	close(file);
	core_open(&world, NULL);
	count = utrace_process_threads(talk->victim.process, threads, 8, &talk->error);
	assert_int_equal(count, 4);
	assert_int_equal(utrace_process_threads(world.process, NULL, 0, &talk->error), 4);
	for (int i = 0; i < count; i++) {
		uint64_t pthreads[2];
		utrace_thread *dead;

		talk_ok(talk,
			utrace_session_find_thread(world.session, utrace_thread_tid(threads[i]), &dead, &talk->error));
		expect_same_thread(talk, threads[i], dead);
		talk_ok(talk, utrace_thread_pthread(live.image, threads[i], &pthreads[0], &talk->error));
		talk_ok(talk, utrace_thread_pthread(world.image, dead, &pthreads[1], &talk->error));
		assert_int_equal(pthreads[0], pthreads[1]);
		utrace_thread_unref(dead);
		utrace_thread_unref(threads[i]);
	}
	core_close(&world);
	core_finish(&world);
	image_finish(&live);
}

/* ---- what is in it ---- */

static uint64_t allocate(struct image_world *live, uint64_t size, const char *text)
{
	struct talk_world *talk = live->talk;
	ssize_t length = (ssize_t)strlen(text) + 1;
	uint64_t address;

	talk_ok(talk, utrace_thread_allocate(live->thread, size, PROT_READ | PROT_WRITE, &address, &talk->error));
	assert_int_equal(utrace_memory_write(talk->victim.process, address, text, (size_t)length, &talk->error),
			 length);
	return address;
}

static void write_again(struct core_world *world, const struct utrace_core_write_options *options)
{
	struct talk_world *talk = world->talk;
	int file = open(world->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	talk_ok(talk, utrace_core_write(talk->victim.process, file, options, &talk->error));
	close(file);
}

static void test_what_is_left_out(void **state)
{
	struct utrace_core_write_options nothing = {.size = sizeof(nothing), .filter = 1 << 4};
	uint64_t args[6] = {0, 4096, MADV_DONTDUMP};
	struct talk_world *talk = *state;
	struct core_world world;
	struct image_world live;
	char text[16];
	uint64_t kept;
	uint64_t excluded;
	int64_t result;

	core_begin(&world, talk);
	image_start(&live, talk, "values-O0", NULL);
	/* With a page of another protection between them they stay two mappings. */
	kept = allocate(&live, 4096, "to be kept");
	talk_ok(talk, utrace_thread_allocate(live.thread, 4096, PROT_NONE, &excluded, &talk->error));
	excluded = allocate(&live, 4096, "a secret");
	args[0] = excluded;
	talk_ok(talk, utrace_syscall_inject(live.thread, utrace_syscall_number(UTRACE_ABI_X86_64, "madvise"), args,
					    &result, &talk->error));
	assert_int_equal(result, 0);
	write_again(&world, NULL);
	core_open(&world, NULL);
	assert_true(utrace_memory_read_string(world.process, kept, text, sizeof(text), &talk->error) > 0);
	assert_string_equal(text, "to be kept");
	talk_fails(talk, UTRACE_FAULT, utrace_memory_read(world.process, excluded, text, sizeof(text), &talk->error));
	core_close(&world);
	write_again(&world, &nothing);
	core_open(&world, NULL);
	talk_fails(talk, UTRACE_FAULT, utrace_memory_read(world.process, kept, text, sizeof(text), &talk->error));
	core_close(&world);
	image_finish(&live);
	core_finish(&world);
}

/* Zeros take no room, and a breakpoint does not show. */
static void test_sparse_and_clean(void **state)
{
	struct utrace_breakpoint_options place = {.size = sizeof(place)};
	struct utrace_core_write_options all = {.size = sizeof(all), .filter = 0x7f};
	struct talk_world *talk = *state;
	utrace_breakpoint *breakpoint;
	struct core_world world;
	struct image_world live;
	unsigned char byte;
	unsigned char shown;
	struct stat facts;

	core_begin(&world, talk);
	image_start(&live, talk, "values-O0", NULL);
	(void)allocate(&live, 64 << 20, "at the beginning only");
	place.address = utrace_frame_pc(image_find_frame(&live, 0, "main"));
	talk_ok(talk, utrace_breakpoint_insert(talk->victim.process, &place, &breakpoint, &talk->error));
	assert_int_equal(utrace_memory_read(talk->victim.process, place.address, &byte, 1, NULL), 1);
	write_again(&world, &all);
	assert_int_equal(stat(world.path, &facts), 0);
	assert_true(facts.st_size > 64 << 20);
	assert_true(facts.st_blocks * 512 < 32 << 20);
	core_open(&world, NULL);
	assert_int_equal(utrace_memory_read(world.process, place.address, &shown, 1, NULL), 1);
	assert_int_equal(shown, byte);
	core_close(&world);
	utrace_breakpoint_unref(breakpoint);
	image_finish(&live);
	core_finish(&world);
}

/* Through a pipe, which can't have holes, it is the same file. */
static void test_into_pipe(void **state)
{
	struct talk_world *talk = *state;
	struct core_world world;
	struct image_world live;
	char command[128];
	FILE *pipe;

	core_begin(&world, talk);
	image_start(&live, talk, "values-O0", NULL);
	(void)snprintf(command, sizeof(command), "cat > %s", world.path);
	pipe = popen(command, "we");
	assert_non_null(pipe);
	talk_ok(talk, utrace_core_write(talk->victim.process, fileno(pipe), NULL, &talk->error));
	assert_int_equal(pclose(pipe), 0);
	core_open(&world, NULL);
	check_values(&world);
	core_close(&world);
	image_finish(&live);
	core_finish(&world);
}

static void test_refused(void **state)
{
	struct talk_world *talk = *state;
	struct core_world world;
	struct image_world live;
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	int file = open("/dev/null", O_WRONLY | O_CLOEXEC);

	core_begin(&world, talk);
	write_core(&world, &live, "values-O0", NULL);
	assert_true(full >= 0 && file >= 0);
	talk_fails(talk, UTRACE_SYSTEM, utrace_core_write(talk->victim.process, full, NULL, &talk->error));
	assert_int_equal(talk->error.sys_errno, ENOSPC);
	core_open(&world, NULL);
	talk_fails(talk, UTRACE_IS_CORE, utrace_core_write(world.process, file, NULL, &talk->error));
	core_close(&world);
	talk_ok(talk, utrace_thread_resume(live.thread, NULL, &talk->error));
	talk_fails(talk, UTRACE_NOT_STOPPED, utrace_core_write(talk->victim.process, file, NULL, &talk->error));
	close(full);
	close(file);
	image_finish(&live);
	core_finish(&world);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_values),           TEST(test_values_32),        TEST(test_values_static), TEST(test_threads),
		TEST(test_what_is_left_out), TEST(test_sparse_and_clean), TEST(test_into_pipe),     TEST(test_refused),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
