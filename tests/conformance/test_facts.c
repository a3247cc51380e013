/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_facts.c - what is told of a live process: mappings, auxiliary vector, texts, descriptors, namespaces.
 */
#include "support_image.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct seen {
	const char *program;
	uint64_t last;
	bool ordered, code, stack;
	int count;
};

static int look(const struct utrace_mapping *mapping, void *data)
{
	struct seen *seen = data;

	seen->ordered &= mapping->start >= seen->last && mapping->end > mapping->start;
	seen->last = mapping->end;
	seen->stack |= strcmp(mapping->name, "[stack]") == 0 && !mapping->inode;
	seen->code |= strcmp(mapping->name, seen->program) == 0 && mapping->inode &&
		      mapping->flags == (UTRACE_MAPPING_READ | UTRACE_MAPPING_EXECUTE);
	seen->count++;
	return 0;
}

static int stop_at_second(const struct utrace_mapping *mapping, void *data)
{
	(void)mapping;
	return ++*(int *)data == 2 ? 7 : 0;
}

static int look_for_pipe(int fd, const char *target, void *data)
{
	int *found = data;

	if (fd == 0 || fd == 1)
		*found += strncmp(target, "pipe:[", 6) == 0;
	return 0;
}

static void check_live(void **state, const char *name)
{
	struct talk_world *talk = *state;
	struct seen seen = {.ordered = true};
	struct image_world world;
	utrace_process *process;
	char program[512];
	char wanted[600];
	char text[600];
	struct stat facts;
	uint64_t value;
	int number = 0;

	(void)snprintf(program, sizeof(program), "%s/%s", UTRACE_VICTIMS, name);
	image_start(&world, talk, name, "an argument");
	process = talk->victim.process;
	seen.program = program;
	assert_false(utrace_process_is_core(process));
	talk_ok(talk, utrace_process_mappings(process, look, &seen, &talk->error));
	assert_true(seen.ordered && seen.code && seen.stack && seen.count > 5);
	assert_int_equal(utrace_process_mappings(process, stop_at_second, &number, &talk->error), 7);
	assert_int_equal(number, 2);
	talk_ok(talk, utrace_process_auxv(process, AT_PAGESZ, &value, &talk->error));
	assert_int_equal(value, sysconf(_SC_PAGESIZE));
	talk_ok(talk, utrace_process_auxv(process, AT_PHENT, &value, &talk->error));
	assert_int_equal(value, strstr(name, "32") ? sizeof(Elf32_Phdr) : sizeof(Elf64_Phdr));
	assert_int_equal(utrace_process_executable(process, text, sizeof(text), &talk->error), strlen(program));
	assert_string_equal(text, program);
	(void)snprintf(wanted, sizeof(wanted), "%s%can argument", program, 0);
	assert_int_equal(utrace_process_command_line(process, text, sizeof(text), &talk->error),
			 strlen(program) + strlen("an argument") + 1);
	assert_memory_equal(text, wanted, strlen(program) + strlen("an argument") + 2);
	/* What does not fit is counted. */
	assert_int_equal(utrace_process_executable(process, text, 5, &talk->error), strlen(program));
	assert_int_equal(strlen(text), 4);
	assert_true(utrace_process_directory(process, text, sizeof(text), &talk->error) > 0);
	assert_non_null(getcwd(wanted, sizeof(wanted)));
	assert_string_equal(text, wanted);
	number = 0;
	talk_ok(talk, utrace_process_descriptors(process, look_for_pipe, &number, &talk->error));
	assert_int_equal(number, 2);
	talk_ok(talk, utrace_process_namespace(process, "pid", &value, &talk->error));
	assert_int_equal(stat("/proc/self/ns/pid", &facts), 0);
	assert_int_equal(value, facts.st_ino);
	talk_fails(talk, UTRACE_NOT_FOUND, utrace_process_namespace(process, "colour", &value, &talk->error));
	talk_fails(talk, UTRACE_INVALID, utrace_process_namespace(process, "../stat", &value, &talk->error));
	image_finish(&world);
}

static void test_live(void **state)
{
	check_live(state, "values-O0");
}

static void test_live_32(void **state)
{
	check_live(state, "values-32");
}

/* A process that is gone has none of it. */
static void test_dead(void **state)
{
	struct talk_world *talk = *state;
	struct image_world world;
	utrace_process *process;
	uint64_t value;
	int number = 0;

	image_start(&world, talk, "values-O0", NULL);
	process = utrace_process_ref(talk->victim.process);
	image_finish(&world);
	talk_fails(talk, UTRACE_DEAD, utrace_process_mappings(process, stop_at_second, &number, &talk->error));
	talk_fails(talk, UTRACE_DEAD, utrace_process_auxv(process, AT_PAGESZ, &value, &talk->error));
	talk_fails(talk, UTRACE_DEAD, utrace_process_namespace(process, "pid", &value, &talk->error));
	utrace_process_unref(process);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_live),
		TEST(test_live_32),
		TEST(test_dead),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
