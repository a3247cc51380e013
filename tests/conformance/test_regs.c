/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_regs.c - registers by all their names, whole sets, and changes that the victim then sees.
 * (process-control row 19)
 */
#include "support_talk.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <unistd.h>

#define EXIT_BIT UTRACE_EVENT_BIT(UTRACE_EVENT_SYSCALL_EXIT)

static void spawn(struct talk_world *world, const char *name, long number)
{
	struct utrace_spawn_options options = {.size = sizeof(options), .events = {.stop = EXIT_BIT}};
	char path[256];
	const char *const argv[] = {path, NULL};

	snprintf(path, sizeof(path), "%s/%s", UTRACE_VICTIMS, name);
	talk_spawn(world, &options, argv);
	talk_until_call(world, UTRACE_EVENT_SYSCALL_EXIT, number, 77);
}

static uint64_t by_name(struct talk_world *world, const char *name)
{
	uint64_t value = 0xdead;

	talk_ok(world, utrace_register_get_name(world->event.thread, name, &value, &world->error));
	return value;
}

static uint64_t portable(struct talk_world *world, int reg)
{
	uint64_t value = 0xdead;

	talk_ok(world, utrace_register_get(world->event.thread, reg, &value, &world->error));
	return value;
}

static uint64_t by_dwarf(struct talk_world *world, int number)
{
	uint64_t value = 0xdead;

	talk_ok(world, utrace_register_get_dwarf(world->event.thread, number, &value, &world->error));
	return value;
}

static void set_name(struct talk_world *world, const char *name, uint64_t value)
{
	talk_ok(world, utrace_register_set_name(world->event.thread, name, value, &world->error));
	assert_int_equal(by_name(world, name), value);
}

/* What the victim says afterwards of a register. */
static void expect_said(struct talk_world *world, const char *name, uint64_t value)
{
	char line[64];

	snprintf(line, sizeof(line), "%s %lx", name, (unsigned long)value);
	talk_expect(&world->victim, NULL, line);
}

static void finish(struct talk_world *world)
{
	talk_resume(world, NULL);
	assert_int_equal(talk_finish(world), 0);
}

static void test_names_see_what_the_victim_loaded(void **state)
{
	struct talk_world *world = *state;

	spawn(world, "regs_set", SYS_getppid);
	assert_int_equal(utrace_thread_architecture(world->event.thread, &world->error), UTRACE_ARCH_X86_64);
	assert_int_equal(by_name(world, "rbx"), 0x1111111122222222);
	assert_int_equal(by_name(world, "r8"), 0x808);
	assert_int_equal(by_name(world, "r12"), 0x1212);
	assert_true(by_name(world, "r15") == UINT64_MAX);
	assert_int_equal(by_name(world, "rbp"), 0x55);
	assert_int_equal(by_name(world, "rax"), getpid());
	assert_int_equal(by_name(world, "rip"), world->event.u.syscall.pc);
	assert_int_equal(by_name(world, "rsp"), world->event.u.syscall.sp);
	finish(world);
}

/* Three ways to the same register. (AMD64 ABI supplement, DWARF register numbers) */
static void test_three_names_agree(void **state)
{
	static const struct {
		const char *name;
		int portable;
		int dwarf;
	} same[] = {
		{"rip", UTRACE_REG_PC, 16},
		{"rsp", UTRACE_REG_SP, 7},
		{"rbp", UTRACE_REG_FP, 6},
		{"eflags", UTRACE_REG_FLAGS, 49},
		{"rax", UTRACE_REG_RESULT, 0},
		{"rdi", UTRACE_REG_ARG0, 5},
		{"rsi", UTRACE_REG_ARG1, 4},
		{"rdx", UTRACE_REG_ARG2, 1},
		{"rcx", UTRACE_REG_ARG3, 2},
		{"r8", UTRACE_REG_ARG4, 8},
		{"r9", UTRACE_REG_ARG5, 9},
		{"orig_rax", UTRACE_REG_SYSCALL_NUMBER, -1},
		{"rax", UTRACE_REG_SYSCALL_RESULT, 0},
		{"rdi", UTRACE_REG_SYSCALL_ARG0, 5},
		{"rsi", UTRACE_REG_SYSCALL_ARG1, 4},
		{"rdx", UTRACE_REG_SYSCALL_ARG2, 1},
		{"r10", UTRACE_REG_SYSCALL_ARG3, 10},
		{"r8", UTRACE_REG_SYSCALL_ARG4, 8},
		{"r9", UTRACE_REG_SYSCALL_ARG5, 9},
	};
	struct talk_world *world = *state;

	spawn(world, "regs_set", SYS_getppid);
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		uint64_t value = by_name(world, same[i].name);

		assert_true(portable(world, same[i].portable) == value);
		if (same[i].dwarf >= 0 && strcmp(same[i].name, "eflags"))
			assert_true(by_dwarf(world, same[i].dwarf) == value);
	}
	finish(world);
}

/* The description table is right about the general set, and names and DWARF numbers are unambiguous. */
static void test_table_describes_the_set(void **state)
{
	struct talk_world *world = *state;
	uint8_t set[1024];
	ssize_t size;
	size_t count = 0;
	const struct utrace_register_info *table;

	spawn(world, "regs_set", SYS_getppid);
	size = utrace_regset_get(world->event.thread, UTRACE_REGSET_GENERAL, set, sizeof(set), &world->error);
	assert_int_equal(size, sizeof(struct user_regs_struct));
	table = utrace_architecture_registers(UTRACE_ARCH_X86_64, &count);
	assert_non_null(table);
	assert_true(count >= 24);
	for (size_t i = 0; i < count; i++) {
		uint64_t value = 0;

		assert_true((ssize_t)table[i].offset + table[i].size <= size);
		memcpy(&value, set + table[i].offset, table[i].size);
		assert_true(by_name(world, table[i].name) == value);
		if (table[i].dwarf >= 0)
			assert_true(by_dwarf(world, table[i].dwarf) == value);
		for (size_t j = 0; j < i; j++)
			assert_true(strcmp(table[i].name, table[j].name) &&
				    (table[i].dwarf < 0 || table[i].dwarf != table[j].dwarf));
	}
	finish(world);
}

static void test_set_is_seen(void **state)
{
	static const char *const names[] = {"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "r8",
					    "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
	struct talk_world *world = *state;

	spawn(world, "regs_set", SYS_getppid);
	for (size_t i = 0; i < 15; i++)
		set_name(world, names[i], 0x0123456789abcd00 + i);
	/* The later one counts, by whatever name. */
	talk_ok(world, utrace_register_set(world->event.thread, UTRACE_REG_RESULT, 0x51, &world->error));
	talk_ok(world, utrace_register_set_dwarf(world->event.thread, 3, 0x52, &world->error));
	set_name(world, "eflags", by_name(world, "eflags") | 1);
	finish(world);
	expect_said(world, "rax", 0x51);
	expect_said(world, "rbx", 0x52);
	for (size_t i = 2; i < 15; i++)
		expect_said(world, names[i], 0x0123456789abcd00 + i);
	assert_int_equal(strncmp(talk_line(&world->victim, NULL), "eflags ", 7), 0);
	assert_true(strtoul(world->victim.line + 7, NULL, 16) & 1);
}

/* The whole general set at once; names see it at once. */
static void test_general_set_round_trip(void **state)
{
	struct talk_world *world = *state;
	struct user_regs_struct regs, again;

	spawn(world, "regs_set", SYS_getppid);
	assert_int_equal(utrace_regset_get(world->event.thread, UTRACE_REGSET_GENERAL, NULL, 0, &world->error),
			 sizeof(regs));
	talk_ok(world,
		utrace_regset_get(world->event.thread, UTRACE_REGSET_GENERAL, &regs, sizeof(regs), &world->error));
	assert_int_equal(regs.rbx, 0x1111111122222222);
	regs.rbx = 0x77;
	regs.r15 = 0x88;
	assert_int_equal(
		utrace_regset_set(world->event.thread, UTRACE_REGSET_GENERAL, &regs, sizeof(regs), &world->error), 0);
	assert_int_equal(by_name(world, "rbx"), 0x77);
	set_name(world, "r14", 0x99);
	talk_ok(world,
		utrace_regset_get(world->event.thread, UTRACE_REGSET_GENERAL, &again, sizeof(again), &world->error));
	assert_int_equal(again.r14, 0x99);
	assert_int_equal(again.r15, 0x88);
	/* Not a multiple of the word. */
	assert_true(utrace_regset_set(world->event.thread, UTRACE_REGSET_GENERAL, &regs, 13, &world->error) < 0);
	finish(world);
	talk_line(&world->victim, NULL);
	expect_said(world, "rbx", 0x77);
}

static void test_float_set_is_seen(void **state)
{
	struct talk_world *world = *state;
	struct user_fpregs_struct regs;
	double value[2] = {8.5, 16.25};

	spawn(world, "regs_set", SYS_getppid);
	assert_int_equal(utrace_regset_get(world->event.thread, UTRACE_REGSET_FLOAT, NULL, 0, &world->error),
			 sizeof(regs));
	talk_ok(world, utrace_regset_get(world->event.thread, UTRACE_REGSET_FLOAT, &regs, sizeof(regs), &world->error));
	assert_memory_equal(&regs.xmm_space[7 * 4], ((double[]){1.5, -2.25}), 16);
	memcpy(&regs.xmm_space[7 * 4], value, sizeof(value));
	talk_ok(world, utrace_regset_set(world->event.thread, UTRACE_REGSET_FLOAT, &regs, sizeof(regs), &world->error));
	finish(world);
	for (int i = 0; i < 16; i++)
		talk_line(&world->victim, NULL);
	talk_expect(&world->victim, NULL, "xmm7 8.5 16.25");
}

/* The extended state has the processor's size: asked for, read, written back, and the victim is none the wiser. */
static void test_extended_set_round_trip(void **state)
{
	struct talk_world *world = *state;
	ssize_t size;
	uint8_t *set;

	spawn(world, "regs_set", SYS_getppid);
	size = utrace_regset_get(world->event.thread, UTRACE_REGSET_XSTATE, NULL, 0, &world->error);
	if (size == UTRACE_UNSUPPORTED) {
		finish(world);
		skip();
	}
	talk_ok(world, size);
	assert_true(size >= 576);
	set = calloc(1, (size_t)size + 8);
	assert_int_equal(utrace_regset_get(world->event.thread, UTRACE_REGSET_XSTATE, set, (size_t)size, &world->error),
			 size);
	/* The xmm registers are at the same place as in the old set: 160 bytes in. */
	assert_memory_equal(set + 160 + 7 * 16, ((double[]){1.5, -2.25}), 16);
	memcpy(set + 160 + 7 * 16, ((double[]){32.5, 64.5}), 16);
	talk_ok(world, utrace_regset_set(world->event.thread, UTRACE_REGSET_XSTATE, set, (size_t)size, &world->error));
	free(set);
	finish(world);
	for (int i = 0; i < 16; i++)
		talk_line(&world->victim, NULL);
	talk_expect(&world->victim, NULL, "xmm7 32.5 64.5");
}

static void test_short_buffer(void **state)
{
	struct talk_world *world = *state;
	uint64_t words[3] = {0, 0, 0x5555};

	spawn(world, "regs_set", SYS_getppid);
	/* Up to `size` bytes, and no more, though the full size is what it returns. */
	assert_int_equal(utrace_regset_get(world->event.thread, UTRACE_REGSET_GENERAL, words, 16, &world->error),
			 sizeof(struct user_regs_struct));
	assert_true(words[0] == UINT64_MAX && words[1] == 0x1414 && words[2] == 0x5555);
	finish(world);
}

static void test_i386(void **state)
{
	struct talk_world *world = *state;
	size_t count = 0;

	spawn(world, "regs_set_32", 64);
	assert_int_equal(world->event.u.syscall.abi, UTRACE_ABI_I386);
	assert_int_equal(utrace_thread_architecture(world->event.thread, &world->error), UTRACE_ARCH_I386);
	assert_string_equal(utrace_architecture_name(UTRACE_ARCH_I386), "i386");
	assert_non_null(utrace_architecture_registers(UTRACE_ARCH_I386, &count));
	assert_int_equal(by_name(world, "ebx"), 77);
	assert_int_equal(by_name(world, "ebp"), 0x66);
	assert_int_equal(by_name(world, "eip"), portable(world, UTRACE_REG_PC));
	assert_int_equal(by_name(world, "esp"), portable(world, UTRACE_REG_SP));
	assert_int_equal(by_dwarf(world, 3), 77);
	assert_int_equal(by_dwarf(world, 8), by_name(world, "eip"));
	assert_int_equal(portable(world, UTRACE_REG_SYSCALL_ARG0), 77);
	assert_int_equal(portable(world, UTRACE_REG_SYSCALL_ARG5), 0x66);
	talk_fails(world, UTRACE_NOT_FOUND,
		   utrace_register_get(world->event.thread, UTRACE_REG_ARG0, &(uint64_t){0}, &world->error));
	talk_fails(world, UTRACE_NOT_FOUND,
		   utrace_register_get_name(world->event.thread, "rax", &(uint64_t){0}, &world->error));
	set_name(world, "eax", 0x1234);
	set_name(world, "esi", 0xfedcba98);
	finish(world);
	expect_said(world, "eax", 0x1234);
	expect_said(world, "ebx", 77);
	expect_said(world, "ecx", 0x22);
	expect_said(world, "edx", 0x33);
	expect_said(world, "esi", 0xfedcba98);
	expect_said(world, "edi", 0x55);
	expect_said(world, "ebp", 0x66);
}

static void test_i386_sets(void **state)
{
	struct talk_world *world = *state;
	uint32_t words[17];

	spawn(world, "regs_set_32", 64);
	assert_int_equal(
		utrace_regset_get(world->event.thread, UTRACE_REGSET_GENERAL, words, sizeof(words), &world->error),
		sizeof(words));
	assert_int_equal(words[0], 77);
	words[1] = 0x4321;
	talk_ok(world,
		utrace_regset_set(world->event.thread, UTRACE_REGSET_GENERAL, words, sizeof(words), &world->error));
	assert_int_equal(by_name(world, "ecx"), 0x4321);
	finish(world);
	talk_line(&world->victim, NULL);
	talk_line(&world->victim, NULL);
	expect_said(world, "ecx", 0x4321);
}

/* Row 19: int 0x80 makes an i386 call of a 64-bit program, whose registers stay 64-bit ones. */
static void test_int80_keeps_the_architecture(void **state)
{
	struct talk_world *world = *state;
	struct utrace_spawn_options options = {.size = sizeof(options), .events = {.stop = EXIT_BIT}};
	const char *const argv[] = {TALK_PROGRAM("call_abi"), NULL};

	talk_spawn(world, &options, argv);
	do {
		talk_resume(world, NULL);
		talk_until(world, UTRACE_EVENT_SYSCALL_EXIT);
	} while (world->event.u.syscall.abi != UTRACE_ABI_I386);
	assert_int_equal(utrace_thread_architecture(world->event.thread, &world->error), UTRACE_ARCH_X86_64);
	assert_true(by_name(world, "rbx") == 0x7700000011);
	assert_int_equal(utrace_regset_get(world->event.thread, UTRACE_REGSET_GENERAL, NULL, 0, &world->error),
			 sizeof(struct user_regs_struct));
	talk_ok(world, utrace_process_kill(world->victim.process, &world->error));
	talk_resume(world, NULL);
	talk_finish(world);
}

static void test_errors(void **state)
{
	struct talk_world *world = *state;
	utrace_thread *thread;
	uint64_t value;
	size_t count;

	spawn(world, "regs_set", SYS_getppid);
	thread = utrace_thread_ref(world->event.thread);
	talk_fails(world, UTRACE_NOT_FOUND, utrace_register_get(thread, 999, &value, &world->error));
	talk_fails(world, UTRACE_NOT_FOUND, utrace_register_get_dwarf(thread, 999, &value, &world->error));
	talk_fails(world, UTRACE_NOT_FOUND, utrace_register_get_name(thread, "xyz", &value, &world->error));
	assert_true(utrace_regset_get(thread, 99, &value, 8, &world->error) < 0);
	assert_null(utrace_architecture_name(99));
	assert_null(utrace_architecture_registers(99, &count));
	talk_resume(world, NULL);
	value = (uint64_t)utrace_register_get(thread, UTRACE_REG_PC, &value, &world->error);
	assert_true((int)value == UTRACE_NOT_STOPPED || (int)value == UTRACE_DEAD || (int)value == 0);
	assert_int_equal(talk_finish(world), 0);
	talk_fails(world, UTRACE_DEAD, utrace_register_get(thread, UTRACE_REG_PC, &value, &world->error));
	utrace_thread_unref(thread);
}

static void test_running_thread_has_no_registers(void **state)
{
	struct talk_world *world = *state;
	struct utrace_spawn_options options = {.size = sizeof(options), .events = {.stop = UTRACE_EVENTS_NONE}};
	const char *const argv[] = {TALK_PROGRAM("att_blocked"), "read", NULL};
	utrace_thread *thread;
	uint64_t value;

	talk_spawn(world, &options, argv);
	talk_expect(&world->victim, world->session, "ready");
	talk_ok(world, utrace_session_find_thread(world->session, world->victim.pid, &thread, &world->error));
	talk_fails(world, UTRACE_NOT_STOPPED, utrace_register_get(thread, UTRACE_REG_PC, &value, &world->error));
	talk_fails(world, UTRACE_NOT_STOPPED, utrace_register_set(thread, UTRACE_REG_PC, 1, &world->error));
	talk_fails(world, UTRACE_NOT_STOPPED, utrace_thread_architecture(thread, &world->error));
	talk_fails(world, UTRACE_NOT_STOPPED,
		   utrace_regset_get(thread, UTRACE_REGSET_GENERAL, &value, 8, &world->error));
	utrace_thread_unref(thread);
	talk_tell(&world->victim, "g");
	assert_int_equal(talk_finish(world), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_names_see_what_the_victim_loaded),
		TEST(test_three_names_agree),
		TEST(test_table_describes_the_set),
		TEST(test_set_is_seen),
		TEST(test_general_set_round_trip),
		TEST(test_float_set_is_seen),
		TEST(test_extended_set_round_trip),
		TEST(test_short_buffer),
		TEST(test_i386),
		TEST(test_i386_sets),
		TEST(test_int80_keeps_the_architecture),
		TEST(test_errors),
		TEST(test_running_thread_has_no_registers),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
