/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_core.c - core files that the kernel has written: the same calls as on the process that they are of, and clear
 * answers where something is missing.
 */
#include "support_core.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void begin(struct core_world *world, void **state)
{
	if (!core_can_dump())
		skip();
	core_begin(world, *state);
}

static void finish(struct core_world *world)
{
	core_close(world);
	core_finish(world);
}

static void victim(char path[512], const char *name)
{
	(void)snprintf(path, 512, "%s/%s", UTRACE_VICTIMS, name);
}

/* What values.c says is what the core has. */
static void check_values(struct core_world *world)
{
	utrace_frame *frame = core_find_frame(world, "values_wait");

	assert_int_equal(core_number(world, frame, "first"), 10);
	assert_int_equal(core_number(world, frame, "counter"), 23);
	assert_int_equal(core_number(world, frame, "thread_number"), 77);
	assert_int_equal(core_number(world, NULL, "global_number"), 42);
	assert_int_equal(core_number(world, core_find_frame(world, "values_gone"), "passed"), 1234);
	assert_int_equal(core_number(world, core_find_frame(world, "main"), "count"), 1000);
}

static void check_way(void **state, const char *way)
{
	struct utrace_core_description description = {.size = sizeof(description)};
	struct core_world world;
	char program[512];
	char name[32];

	(void)snprintf(name, sizeof(name), "values-%s", way);
	victim(program, name);
	begin(&world, state);
	core_dump(&world, program, NULL, SIGQUIT);
	core_open(&world, NULL);
	check_values(&world);
	talk_ok(world.talk, utrace_core_describe(world.process, &description, &world.talk->error));
	assert_int_equal(description.signal, SIGQUIT);
	assert_int_equal(description.thread, utrace_process_pid(world.process));
	assert_int_equal(description.thread_count, 1);
	assert_int_equal(description.missing, 0);
	assert_true(description.has_info);
	assert_int_equal(description.info.si_signo, SIGQUIT);
	assert_int_equal(description.info.si_pid, getpid());
	finish(&world);
}

static void test_values(void **state)
{
	check_way(state, "O0");
}

static void test_values_32(void **state)
{
	check_way(state, "32");
}

static void test_values_static(void **state)
{
	check_way(state, "static");
}

static void test_values_at_fixed_address(void **state)
{
	check_way(state, "nopie");
}

/* ---- registers and memory are those of the process ---- */

struct remembered {
	unsigned char general[512], state[16384];
	ssize_t general_size, state_size;
	uint64_t sp;
	unsigned char stack[256];
};

static void remember(struct talk_world *talk, utrace_thread *thread, struct remembered *all)
{
	talk_ok(talk, utrace_register_get(thread, UTRACE_REG_SP, &all->sp, &talk->error));
	all->general_size = utrace_regset_get(thread, UTRACE_REGSET_GENERAL, all->general, sizeof(all->general), NULL);
	all->state_size = utrace_regset_get(thread, UTRACE_REGSET_XSTATE, all->state, sizeof(all->state), NULL);
	assert_true(all->general_size > 0 && all->state_size > 512);
	assert_int_equal(utrace_memory_read(utrace_thread_process(thread), all->sp, all->stack, sizeof(all->stack),
					    &talk->error),
			 sizeof(all->stack));
}

static void check_same(void **state, const char *name)
{
	struct utrace_attach_options options = {.size = sizeof(options), .hold = 1};
	static struct remembered live;
	static struct remembered dead;
	struct core_world world;
	struct talk_world *talk = *state;
	utrace_thread *thread;
	char program[512];

	victim(program, name);
	begin(&world, state);
	core_start(&world, program, NULL);
	talk_wait_blocked(talk->victim.pid, strstr(name, "32") ? 3 : 0);
	talk_attach(talk, &options);
	while (talk_next(talk)->reason != UTRACE_EVENT_ATTACHED) {
	}
	talk_ok(talk, utrace_session_find_thread(talk->session, talk->victim.pid, &thread, &talk->error));
	remember(talk, thread, &live);
	utrace_thread_unref(thread);
	talk_ok(talk, utrace_detach(talk->victim.process, UTRACE_DETACH_RUNNING, &talk->error));
	(void)talk_finish(talk);
	talk_wait_blocked(talk->victim.pid, strstr(name, "32") ? 3 : 0);
	core_end_victim(&world, SIGABRT);
	core_open(&world, NULL);
	remember(talk, world.thread, &dead);
	assert_int_equal(dead.sp, live.sp);
	assert_memory_equal(dead.stack, live.stack, sizeof(live.stack));
	assert_int_equal(dead.general_size, live.general_size);
	/* All but what the interrupted call left in its result and flags. */
	assert_memory_equal(dead.general, live.general, (size_t)live.general_size / 4);
	assert_int_equal(dead.state_size, live.state_size);
	assert_memory_equal(dead.state, live.state, 512);
	finish(&world);
}

static void test_same_as_live(void **state)
{
	check_same(state, "values-O0");
}

static void test_same_as_live_32(void **state)
{
	check_same(state, "values-32");
}

/* ---- threads ---- */

static void test_threads(void **state)
{
	char library[512];
	char program[512];
	utrace_thread *threads[8];
	struct core_world world;
	int count;

	victim(program, "tls_use-64");
	victim(library, "libtls_loaded_64.so");
	begin(&world, state);
	core_dump(&world, program, library, SIGSEGV);
	core_open(&world, NULL);
	count = utrace_process_threads(world.process, threads, 8, &world.talk->error);
	assert_int_equal(count, 4);
	assert_int_equal(utrace_process_is_stopped(world.process, NULL), 1);
	for (int i = 0; i < count; i++) {
		utrace_thread *found;
		utrace_stack *stack;
		uint64_t pthread;

		talk_ok(world.talk, utrace_thread_pthread(world.image, threads[i], &pthread, &world.talk->error));
		talk_ok(world.talk, utrace_thread_by_pthread(world.image, pthread, &found, &world.talk->error));
		assert_ptr_equal(found, threads[i]);
		utrace_thread_unref(found);
		talk_ok(world.talk, utrace_stack_open(world.image, threads[i], NULL, &stack, &world.talk->error));
		assert_true(utrace_stack_frame(stack, 1) != NULL);
		utrace_stack_close(stack);
		utrace_thread_unref(threads[i]);
	}
	finish(&world);
}

/* ---- facts ---- */

static int find_program(const struct utrace_mapping *mapping, void *data)
{
	return strcmp(mapping->name, data) == 0 && mapping->flags & UTRACE_MAPPING_EXECUTE;
}

static int find_vdso(const struct utrace_mapping *mapping, void *data)
{
	(void)data;
	return strcmp(mapping->name, "[vdso]") == 0;
}

static int no_descriptor(int fd, const char *target, void *data)
{
	(void)fd;
	(void)target;
	(void)data;
	return 0;
}

static void test_facts(void **state)
{
	struct core_world world;
	struct talk_world *talk = *state;
	char program[512];
	char text[512];
	uint64_t type;
	uint64_t value;

	victim(program, "values-O0");
	begin(&world, state);
	core_dump(&world, program, "word", SIGQUIT);
	core_open(&world, NULL);
	assert_true(utrace_process_is_core(world.process));
	assert_int_equal(utrace_process_mappings(world.process, find_program, program, &talk->error), 1);
	assert_int_equal(utrace_process_mappings(world.process, find_vdso, NULL, &talk->error), 1);
	talk_ok(talk, utrace_process_auxv(world.process, AT_PAGESZ, &value, &talk->error));
	assert_int_equal(value, sysconf(_SC_PAGESIZE));
	talk_ok(talk, utrace_process_auxv_at(world.process, 0, &type, &value, &talk->error));
	talk_fails(talk, UTRACE_NOT_FOUND, utrace_process_auxv(world.process, 12345, &value, &talk->error));
	talk_fails(talk, UTRACE_NOT_FOUND, utrace_process_auxv_at(world.process, 1000, &type, &value, &talk->error));
	assert_int_equal(utrace_process_executable(world.process, text, sizeof(text), &talk->error), strlen(program));
	assert_string_equal(text, program);
	assert_true(utrace_process_command_line(world.process, text, sizeof(text), &talk->error) > 0);
	assert_int_equal(strncmp(text, program, strlen(program) < 79 ? strlen(program) : 79), 0);
	assert_int_equal(utrace_thread_name(world.thread, text, sizeof(text), &talk->error), strlen("values-O0"));
	talk_fails(talk, UTRACE_NOT_FOUND, utrace_process_directory(world.process, text, sizeof(text), &talk->error));
	talk_fails(talk, UTRACE_NOT_FOUND,
		   utrace_process_descriptors(world.process, no_descriptor, NULL, &talk->error));
	talk_fails(talk, UTRACE_NOT_FOUND, utrace_process_namespace(world.process, "pid", &value, &talk->error));
	finish(&world);
}

/* ---- what needs life ---- */

static void test_nothing_runs_or_changes(void **state)
{
	struct utrace_breakpoint_options options = {.size = sizeof(options)};
	const uint64_t args[6] = {0};
	struct talk_world *talk = *state;
	utrace_breakpoint *breakpoint;
	struct core_world world;
	char program[512];
	uint64_t pc;
	int64_t result;

	victim(program, "values-O0");
	begin(&world, state);
	core_dump(&world, program, NULL, SIGQUIT);
	core_open(&world, NULL);
	talk_ok(talk, utrace_register_get(world.thread, UTRACE_REG_PC, &pc, &talk->error));
	options.address = pc;
	talk_fails(talk, UTRACE_IS_CORE, utrace_register_set(world.thread, UTRACE_REG_PC, pc, &talk->error));
	talk_fails(talk, UTRACE_IS_CORE, utrace_memory_write(world.process, pc, &pc, 1, &talk->error));
	talk_fails(talk, UTRACE_IS_CORE, utrace_thread_resume(world.thread, NULL, &talk->error));
	talk_fails(talk, UTRACE_IS_CORE, utrace_process_resume(world.process, &talk->error));
	talk_fails(talk, UTRACE_IS_CORE, utrace_process_kill(world.process, &talk->error));
	talk_fails(talk, UTRACE_IS_CORE, utrace_breakpoint_insert(world.process, &options, &breakpoint, &talk->error));
	talk_fails(talk, UTRACE_IS_CORE, utrace_syscall_inject(world.thread, 39, args, &result, &talk->error));
	/* Nothing will ever happen, so nothing is waited for. */
	assert_int_equal(utrace_session_next(world.session, &talk->event, -1, &talk->error), 0);
	assert_true(utrace_thread_resume(world.thread, NULL, NULL) < 0);
	talk_ok(talk, utrace_detach(world.process, UTRACE_DETACH_RUNNING, &talk->error));
	talk_fails(talk, UTRACE_NOT_ATTACHED, utrace_memory_read(world.process, pc, &pc, 1, &talk->error));
	assert_int_equal(utrace_session_next(world.session, &talk->event, 0, &talk->error), 1);
	assert_int_equal(talk->event.reason, UTRACE_EVENT_THREAD_EXIT);
	assert_int_equal(utrace_session_next(world.session, &talk->event, 0, &talk->error), 1);
	assert_int_equal(talk->event.reason, UTRACE_EVENT_PROCESS_END);
	finish(&world);
}

/* ---- files that are elsewhere, others, or gone ---- */

/* A copy of a victim in the world's folder. */
static void copy_victim(const struct core_world *world, const char *name, const char *as, char path[512])
{
	char from[512];
	char command[1200];

	victim(from, name);
	(void)snprintf(path, 512, "%s/%s", world->folder, as);
	(void)snprintf(command, sizeof(command), "cp %s %s", from, path);
	assert_int_equal(system(command), 0);
}

static uint64_t address_of(struct core_world *world, const char *name)
{
	struct utrace_place place = {.size = sizeof(place)};
	utrace_variable *variable;

	talk_ok(world->talk, utrace_variable_find(world->image, NULL, name, &variable, &world->talk->error));
	talk_ok(world->talk, utrace_variable_place(variable, NULL, &place, &world->talk->error));
	return place.address;
}

static uint64_t code_of(struct core_world *world, const char *name)
{
	return utrace_frame_pc(core_find_frame(world, name));
}

static void test_left_out_memory(void **state)
{
	struct utrace_core_options options = {.size = sizeof(options), .no_files = 1};
	struct talk_world *talk = *state;
	struct core_world world;
	char program[512];
	unsigned char byte;
	uint64_t code;

	victim(program, "values-O0");
	begin(&world, state);
	core_dump(&world, program, NULL, SIGQUIT);
	core_open(&world, NULL);
	code = code_of(&world, "main");
	assert_int_equal(utrace_memory_read(world.process, code, &byte, 1, &talk->error), 1);
	core_close(&world);
	core_open(&world, &options);
	talk_fails(talk, UTRACE_FAULT, utrace_memory_read(world.process, code, &byte, 1, &talk->error));
	assert_non_null(strstr(talk->error.text, "core file"));
	assert_int_equal(utrace_memory_read(world.process, address_of(&world, "global_number"), &byte, 1, NULL), 1);
	finish(&world);
}

static void test_program_is_elsewhere(void **state)
{
	struct utrace_core_options options = {.size = sizeof(options)};
	struct core_world world;
	char program[512];
	char moved[512];

	begin(&world, state);
	copy_victim(&world, "values-O0", "program", program);
	core_dump(&world, program, NULL, SIGQUIT);
	(void)snprintf(moved, sizeof(moved), "%s/moved", world.folder);
	assert_int_equal(rename(program, moved), 0);
	options.executable = moved;
	core_open(&world, &options);
	check_values(&world);
	finish(&world);
}

static void test_program_is_gone(void **state)
{
	struct talk_world *talk = *state;
	utrace_variable *variable;
	struct core_world world;
	char program[512];
	uint64_t pc;

	begin(&world, state);
	copy_victim(&world, "values-O0", "program", program);
	core_dump(&world, program, NULL, SIGQUIT);
	assert_int_equal(unlink(program), 0);
	core_open(&world, NULL);
	talk_ok(talk, utrace_register_get(world.thread, UTRACE_REG_PC, &pc, &talk->error));
	/* The libraries are still there. */
	assert_true(utrace_stack_frame(world.stack, 0) != NULL);
	assert_non_null(strstr(utrace_frame_function(utrace_stack_frame(world.stack, 0)), "read"));
	talk_fails(talk, UTRACE_NOT_FOUND,
		   utrace_variable_find(world.image, NULL, "global_number", &variable, &talk->error));
	finish(&world);
}

/* Another program in its place must not be taken for what was mapped. */
static void test_program_was_replaced(void **state)
{
	struct talk_world *talk = *state;
	struct core_world world;
	char program[512];
	unsigned char byte;
	uint64_t code;

	begin(&world, state);
	copy_victim(&world, "values-O0", "program", program);
	core_dump(&world, program, NULL, SIGQUIT);
	core_open(&world, NULL);
	code = code_of(&world, "main");
	core_close(&world);
	assert_int_equal(unlink(program), 0);
	copy_victim(&world, "values-O2", "program", program);
	core_open(&world, NULL);
	talk_fails(talk, UTRACE_FAULT, utrace_memory_read(world.process, code, &byte, 1, &talk->error));
	talk_fails(talk, UTRACE_WRONG_STATE,
		   utrace_module_debug_state(utrace_module_at(world.image, code), &talk->error));
	finish(&world);
}

/* ---- cut off, and no cores at all ---- */

static void test_truncated(void **state)
{
	struct utrace_core_description description = {.size = sizeof(description)};
	struct talk_world *talk = *state;
	struct core_world world;
	struct stat facts;
	char program[512];
	unsigned char byte;
	uint64_t sp;

	victim(program, "values-O0");
	begin(&world, state);
	core_dump(&world, program, NULL, SIGQUIT);
	assert_int_equal(stat(world.path, &facts), 0);
	assert_int_equal(truncate(world.path, facts.st_size / 4), 0);
	core_open(&world, NULL);
	talk_ok(talk, utrace_core_describe(world.process, &description, &talk->error));
	assert_int_equal(description.missing, facts.st_size - facts.st_size / 4);
	talk_ok(talk, utrace_register_get(world.thread, UTRACE_REG_SP, &sp, &talk->error));
	/* The stack is the last but one that the kernel writes. */
	talk_fails(talk, UTRACE_FAULT, utrace_memory_read(world.process, sp, &byte, 1, &talk->error));
	assert_true(utrace_stack_frame(world.stack, 0) != NULL);
	finish(&world);
}

static void expect_refused(struct core_world *world, int status)
{
	struct talk_world *talk = world->talk;
	utrace_process *process;

	talk_fails(talk, status, utrace_core_open(world->session, world->path, NULL, &process, &talk->error));
	assert_null(process);
}

/* Cut off anywhere, it is opened or refused, and never more. */
static void test_truncated_anywhere(void **state)
{
	struct talk_world *talk = *state;
	struct core_world world;
	utrace_process *process;
	char program[512];
	int opened = 0;

	victim(program, "values-static");
	begin(&world, state);
	core_dump(&world, program, NULL, SIGQUIT);
	core_open(&world, NULL);
	talk_ok(talk, utrace_detach(world.process, UTRACE_DETACH_RUNNING, &talk->error));
	for (off_t size = 8192; size >= 0; size -= 61) {
		int status;

		assert_int_equal(truncate(world.path, size), 0);
		status = utrace_core_open(world.session, world.path, NULL, &process, &talk->error);
		opened += status == UTRACE_OK;
		assert_true(status == UTRACE_OK || status == UTRACE_INVALID);
		if (!status)
			talk_ok(talk, utrace_detach(process, UTRACE_DETACH_RUNNING, &talk->error));
		utrace_process_unref(process);
	}
	assert_true(opened > 0);
	finish(&world);
}

static void test_what_is_no_core(void **state)
{
	struct talk_world *talk = *state;
	struct core_world world;
	utrace_process *process;
	char program[512];
	int file;

	victim(program, "values-O0");
	begin(&world, state);
	core_dump(&world, program, NULL, SIGQUIT);
	core_open(&world, NULL);
	/* The ids of its threads are in the session already. */
	expect_refused(&world, UTRACE_BUSY);
	talk_fails(talk, UTRACE_UNSUPPORTED, utrace_core_open(talk->session, world.path, NULL, &process, &talk->error));
	talk_fails(talk, UTRACE_UNSUPPORTED, utrace_attach(world.session, getpid(), NULL, &process, &talk->error));
	assert_int_equal(truncate(world.path, 0), 0);
	expect_refused(&world, UTRACE_INVALID);
	file = open(world.path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(write(file, "this is a text", 14), 14);
	close(file);
	expect_refused(&world, UTRACE_INVALID);
	assert_int_equal(unlink(world.path), 0);
	expect_refused(&world, UTRACE_NOT_FOUND);
	talk_fails(talk, UTRACE_INVALID, utrace_core_open(world.session, program, NULL, &process, &talk->error));
	talk_fails(talk, UTRACE_INVALID, utrace_core_open(world.session, world.folder, NULL, &process, &talk->error));
	finish(&world);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_values),
		TEST(test_values_32),
		TEST(test_values_static),
		TEST(test_values_at_fixed_address),
		TEST(test_same_as_live),
		TEST(test_same_as_live_32),
		TEST(test_threads),
		TEST(test_facts),
		TEST(test_nothing_runs_or_changes),
		TEST(test_left_out_memory),
		TEST(test_program_is_elsewhere),
		TEST(test_program_is_gone),
		TEST(test_program_was_replaced),
		TEST(test_truncated),
		TEST(test_truncated_anywhere),
		TEST(test_what_is_no_core),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
