/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_memory.c - memory of running and stopped processes: partial transfers, protections, the ends of the address
 * space.
 */
#include "support_talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096

struct places {
	unsigned long hole, none, shared, text, version;
};

static const struct utrace_attach_options quiet = {.size = sizeof(quiet), .events = {.stop = UTRACE_EVENTS_NONE}};

static void read_places(struct talk_world *world, struct places *places)
{
	assert_int_equal(sscanf(talk_line(&world->victim, world->session),
				"hole %lx none %lx shared %lx text %lx version %lx", &places->hole, &places->none,
				&places->shared, &places->text, &places->version),
			 5);
}

static void spawn(struct talk_world *world, struct places *places, const char *how)
{
	struct utrace_spawn_options options = {.size = sizeof(options), .events = {.stop = UTRACE_EVENTS_NONE}};
	const char *const argv[] = {TALK_PROGRAM("mem_maps"), how, NULL};

	talk_spawn(world, &options, argv);
	read_places(world, places);
}

static void finish(struct talk_world *world)
{
	talk_tell(&world->victim, "e");
	assert_int_equal(talk_finish(world), 0);
}

static ssize_t get(struct talk_world *world, uint64_t address, void *buffer, size_t size)
{
	memset(&world->error, 0, sizeof(world->error));
	return utrace_memory_read(world->victim.process, address, buffer, size, &world->error);
}

static ssize_t put(struct talk_world *world, uint64_t address, const void *buffer, size_t size)
{
	memset(&world->error, 0, sizeof(world->error));
	return utrace_memory_write(world->victim.process, address, buffer, size, &world->error);
}

static void test_read_and_write(void **state)
{
	struct talk_world *world = *state;
	struct places places;
	char pages[2 * PAGE];

	spawn(world, &places, NULL);
	assert_int_equal(get(world, places.hole, pages, sizeof(pages)), sizeof(pages));
	assert_true(pages[0] == 'a' && pages[PAGE - 1] == 'a' && pages[PAGE] == 'b' && pages[2 * PAGE - 1] == 'b');
	memset(pages, 'z', sizeof(pages));
	assert_int_equal(put(world, places.hole, pages, sizeof(pages)), sizeof(pages));
	assert_int_equal(get(world, places.hole, pages, 0), 0);
	assert_int_equal(put(world, places.hole, pages, 0), 0);
	finish(world);
	talk_expect(&world->victim, NULL, "hole zz none behind the door shared shared text text 11111111");
}

/* Everything up to the first bad address is done, and the error says which that is. */
static void test_partial_across_hole(void **state)
{
	struct talk_world *world = *state;
	struct places places;
	char pages[4 * PAGE];

	spawn(world, &places, NULL);
	for (int i = 0; i < 3; i++) {
		static const size_t offsets[] = {0, 5, 2 * PAGE - 1};
		size_t left = 2 * PAGE - offsets[i];

		assert_int_equal(get(world, places.hole + offsets[i], pages, sizeof(pages) - offsets[i]), left);
		assert_int_equal(world->error.status, UTRACE_FAULT);
		assert_int_equal(world->error.address, places.hole + 2 * PAGE);
		memset(pages, 'y', sizeof(pages));
		assert_int_equal(put(world, places.hole + offsets[i], pages, sizeof(pages) - offsets[i]), left);
		assert_int_equal(world->error.status, UTRACE_FAULT);
		assert_int_equal(world->error.address, places.hole + 2 * PAGE);
	}
	talk_fails(world, UTRACE_FAULT, get(world, places.hole + 2 * PAGE, pages, 1));
	assert_int_equal(world->error.address, places.hole + 2 * PAGE);
	talk_fails(world, UTRACE_FAULT, put(world, places.hole + 3 * PAGE - 1, pages, 2));
	assert_int_equal(world->error.address, places.hole + 3 * PAGE - 1);
	/* The page behind the hole has not been touched. */
	assert_int_equal(get(world, places.hole + 3 * PAGE, pages, 1), 1);
	assert_int_equal(pages[0], 'd');
	/* error may be NULL. */
	assert_int_equal(utrace_memory_read(world->victim.process, places.hole, pages, sizeof(pages), NULL), 2 * PAGE);
	finish(world);
	talk_expect(&world->victim, NULL, "hole yy none behind the door shared shared text text 11111111");
}

/* Pages that the tracee itself could not reach. */
static void test_protected_pages(void **state)
{
	struct talk_world *world = *state;
	uint32_t code = 0x22222222;
	struct places places;
	char text[32];

	spawn(world, &places, NULL);
	assert_int_equal(get(world, places.none, text, 16), 16);
	assert_string_equal(text, "behind the door");
	assert_int_equal(put(world, places.none, "opened the door", 16), 16);
	assert_int_equal(put(world, places.text, &code, sizeof(code)), sizeof(code));
	/* A shared page of a file that is open for reading only: there, a write would reach the file. */
	assert_int_equal(get(world, places.shared, text, 12), 12);
	assert_string_equal(text, "shared text");
	talk_fails(world, UTRACE_FAULT, put(world, places.shared, "x", 1));
	assert_int_equal(world->error.address, places.shared);
	finish(world);
	talk_expect(&world->victim, NULL, "hole ab none opened the door shared shared text text 22222222");
}

static void test_strings(void **state)
{
	struct talk_world *world = *state;
	utrace_process *process;
	struct places places;
	char text[3 * PAGE];

	spawn(world, &places, NULL);
	process = world->victim.process;
	assert_int_equal(utrace_memory_read_string(process, places.version, text, sizeof(text), &world->error), 11);
	assert_string_equal(text, "old program");
	/* The buffer is too small: terminated, and full. */
	assert_int_equal(utrace_memory_read_string(process, places.version, text, 4, &world->error), 3);
	assert_string_equal(text, "old");
	assert_int_equal(utrace_memory_read_string(process, places.version, text, 1, &world->error), 0);
	assert_string_equal(text, "");
	assert_int_equal(utrace_memory_read_string(process, places.version, text, 12, &world->error), 11);
	/* No end before the memory ends. */
	memset(&world->error, 0, sizeof(world->error));
	assert_int_equal(utrace_memory_read_string(process, places.hole + 3, text, sizeof(text), &world->error),
			 2 * PAGE - 3);
	assert_int_equal(world->error.status, UTRACE_FAULT);
	assert_int_equal(world->error.address, places.hole + 2 * PAGE);
	assert_int_equal(strlen(text), 2 * PAGE - 3);
	/* An end exactly there is none. */
	assert_int_equal(put(world, places.hole + 2 * PAGE - 1, "", 1), 1);
	assert_int_equal(utrace_memory_read_string(process, places.hole + PAGE, text, sizeof(text), &world->error),
			 PAGE - 1);
	talk_fails(world, UTRACE_FAULT,
		   utrace_memory_read_string(process, places.hole + 2 * PAGE, text, sizeof(text), &world->error));
	finish(world);
}

static void test_vectors(void **state)
{
	struct talk_world *world = *state;
	char one[8], two[2 * PAGE], three[4];
	struct places places;
	struct utrace_memory_span spans[3];

	spawn(world, &places, NULL);
	spans[0] = (struct utrace_memory_span){.address = places.hole, .buffer = one, .size = sizeof(one)};
	spans[1] = (struct utrace_memory_span){.address = places.hole + PAGE, .buffer = two, .size = sizeof(two)};
	spans[2] = (struct utrace_memory_span){.address = places.none, .buffer = three, .size = sizeof(three)};
	/* The second is cut short by the hole; the third is done all the same. */
	assert_int_equal(utrace_memory_readv(world->victim.process, spans, 3, &world->error), 2);
	assert_int_equal(spans[0].done, 8);
	assert_int_equal(spans[0].status, UTRACE_OK);
	assert_int_equal(spans[1].done, PAGE);
	assert_int_equal(spans[1].status, UTRACE_FAULT);
	assert_int_equal(spans[2].done, 4);
	assert_int_equal(spans[2].status, UTRACE_OK);
	assert_memory_equal(three, "behi", 4);
	memset(one, 'v', sizeof(one));
	spans[1].size = PAGE;
	memset(two, 'w', sizeof(two));
	memcpy(three, "BEHI", 4);
	assert_int_equal(utrace_memory_writev(world->victim.process, spans, 3, &world->error), 3);
	assert_int_equal(utrace_memory_readv(world->victim.process, spans, 0, &world->error), 0);
	spans[0].address = 0;
	spans[1].address = places.hole + 2 * PAGE;
	assert_int_equal(utrace_memory_readv(world->victim.process, spans, 2, &world->error), 0);
	assert_true(spans[0].status == UTRACE_FAULT && spans[1].status == UTRACE_FAULT);
	finish(world);
	talk_expect(&world->victim, NULL, "hole vw none BEHInd the door shared shared text text 11111111");
}

/* More pieces than one system call takes (IOV_MAX). */
static void test_many_pieces(void **state)
{
	enum { COUNT = 3000 };
	struct talk_world *world = *state;
	struct utrace_memory_span *spans = calloc(COUNT, sizeof(*spans));
	char *bytes = calloc(COUNT, 2);
	struct places places;

	spawn(world, &places, NULL);
	for (size_t i = 0; i < COUNT; i++)
		spans[i] = (struct utrace_memory_span){
			.address = places.hole + PAGE - COUNT / 2 + i, .buffer = bytes + 2 * i, .size = 1};
	assert_int_equal(utrace_memory_readv(world->victim.process, spans, COUNT, &world->error), COUNT);
	for (size_t i = 0; i < COUNT; i++)
		assert_int_equal(bytes[2 * i], i < COUNT / 2 ? 'a' : 'b');
	free(spans);
	free(bytes);
	finish(world);
}

static void test_ends_of_the_address_space(void **state)
{
	static const uint64_t addresses[] = {0,
					     1,
					     0x7ffffffff000,
					     0x800000000000,
					     UINT64_MAX,
					     UINT64_MAX - PAGE,
					     UINT64_C(1) << 63,
					     0xffffffff81000000};
	struct talk_world *world = *state;
	struct places places;
	char text[64];

	spawn(world, &places, NULL);
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		talk_fails(world, UTRACE_FAULT, get(world, addresses[i], text, sizeof(text)));
		assert_true(world->error.address == addresses[i]);
		talk_fails(world, UTRACE_FAULT, put(world, addresses[i], text, sizeof(text)));
		talk_fails(world, UTRACE_FAULT,
			   utrace_memory_read_string(world->victim.process, addresses[i], text, sizeof(text),
						     &world->error));
	}
	finish(world);
}

/* 1 GB asked for, two pages are there. */
static void test_huge_read_of_small_mapping(void **state)
{
	size_t size = (size_t)1 << 30;
	struct talk_world *world = *state;
	struct places places;
	char *buffer = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	assert_ptr_not_equal(buffer, MAP_FAILED);
	spawn(world, &places, NULL);
	assert_int_equal(get(world, places.hole, buffer, size), 2 * PAGE);
	assert_int_equal(world->error.status, UTRACE_FAULT);
	assert_int_equal(world->error.address, places.hole + 2 * PAGE);
	assert_true(buffer[0] == 'a' && buffer[2 * PAGE - 1] == 'b');
	munmap(buffer, size);
	finish(world);
}

static void test_dead_process(void **state)
{
	struct talk_world *world = *state;
	struct places places;
	char text[8];

	spawn(world, &places, NULL);
	finish(world);
	talk_fails(world, UTRACE_DEAD, get(world, places.hole, text, 1));
	talk_fails(world, UTRACE_DEAD, put(world, places.hole, text, 1));
	talk_fails(world, UTRACE_DEAD,
		   utrace_memory_read_string(world->victim.process, places.hole, text, 8, &world->error));
}

/* It has ended, but nobody has looked yet: no address may be blamed, and no other process's memory read. */
static void test_dying_process(void **state)
{
	struct talk_world *world = *state;
	struct places places;
	ssize_t status;
	char text[8];

	spawn(world, &places, NULL);
	assert_int_equal(get(world, places.hole, text, 1), 1);
	talk_ok(world, utrace_process_kill(world->victim.process, &world->error));
	do {
		status = get(world, places.hole, text, 1);
		(void)utrace_session_next(world->session, &world->event, 0, NULL);
	} while (status == 1);
	assert_true(status == UTRACE_DEAD);
}

/* The process's memory is the new program's, not the one that an old descriptor leads to. */
static void test_after_exec(void **state)
{
	struct talk_world *world = *state;
	struct places before, after;
	char text[16];

	spawn(world, &before, NULL);
	assert_int_equal(get(world, before.version, text, 12), 12);
	assert_string_equal(text, "old program");
	talk_tell(&world->victim, "x");
	read_places(world, &after);
	assert_int_equal(get(world, after.version, text, 12), 12);
	assert_string_equal(text, "new program");
	assert_int_equal(put(world, after.hole, "n", 1), 1);
	finish(world);
	talk_expect(&world->victim, NULL, "hole nb none behind the door shared shared text text 11111111");
}

static void leader_first(struct talk_world *world)
{
	struct places places, after;
	char text[16];

	talk_start(&world->victim, (const char *const[]){TALK_PROGRAM("mem_maps"), "leader", NULL});
	read_places(world, &places);
	talk_wait_state(world->victim.pid, "Z");
	talk_attach(world, &quiet);
	assert_int_equal(get(world, places.version, text, 12), 12);
	assert_string_equal(text, "old program");
	assert_int_equal(put(world, places.version, "OLD", 3), 3);
	assert_int_equal(get(world, places.version, text, 12), 12);
	assert_string_equal(text, "OLD program");
	talk_tell(&world->victim, "x");
	read_places(world, &after);
	assert_int_equal(get(world, after.version, text, 12), 12);
	assert_string_equal(text, "new program");
	talk_tell(&world->victim, "e");
	talk_finish_well(world);
}

/* Row 10: the leader is a zombie, others live on: attached after that, or watched from the start. */
static void test_leader_exited_before_attach(void **state)
{
	leader_first(*state);
}

static void test_leader_exited_while_traced(void **state)
{
	struct talk_world *world = *state;
	struct utrace_spawn_options options = {.size = sizeof(options), .events = {.stop = UTRACE_EVENTS_NONE}};
	struct places places;
	char text[16];

	talk_spawn(world, &options, (const char *const[]){TALK_PROGRAM("mem_maps"), "leader", NULL});
	while (talk_next(world)->reason != UTRACE_EVENT_THREAD_EXIT)
		talk_resume(world, NULL);
	assert_int_equal(world->event.tid, world->victim.pid);
	read_places(world, &places);
	assert_int_equal(get(world, places.version, text, 12), 12);
	assert_string_equal(text, "old program");
	assert_int_equal(put(world, places.none, "b", 1), 1);
	finish(world);
	talk_expect(&world->victim, NULL, "ok stayed");
}

static void test_detached_process(void **state)
{
	struct talk_world *world = *state;
	struct places places;
	char text[8];

	talk_start(&world->victim, (const char *const[]){TALK_PROGRAM("mem_maps"), NULL});
	read_places(world, &places);
	talk_attach(world, &quiet);
	talk_ok(world, utrace_detach(world->victim.process, UTRACE_DETACH_RUNNING, &world->error));
	talk_fails(world, UTRACE_NOT_ATTACHED, get(world, places.hole, text, 1));
	talk_tell(&world->victim, "e");
	talk_reap(&world->victim);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_read_and_write),
		TEST(test_partial_across_hole),
		TEST(test_protected_pages),
		TEST(test_strings),
		TEST(test_vectors),
		TEST(test_many_pieces),
		TEST(test_ends_of_the_address_space),
		TEST(test_huge_read_of_small_mapping),
		TEST(test_dead_process),
		TEST(test_dying_process),
		TEST(test_after_exec),
		TEST(test_leader_exited_before_attach),
		TEST(test_leader_exited_while_traced),
		TEST(test_detached_process),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
