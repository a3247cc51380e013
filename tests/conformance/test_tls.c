/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_tls.c - threads as the C library has them: pthread_t and thread-local storage, against what the victim says of
 * itself and against libthread_db; names and stacks.
 */
#include "support_image.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <unistd.h>

#include "peer_thread_db.h"

enum { THREADS = 4 };

struct said {
	unsigned long pthread, own, linked, loaded;
};

static void start(struct image_world *world, struct talk_world *talk, int bits, struct said said[THREADS])
{
	char program[512];
	char library[512];
	const char *const argv[] = {program, library, NULL};

	(void)snprintf(program, sizeof(program), "%s/tls_use-%d", UTRACE_VICTIMS, bits);
	(void)snprintf(library, sizeof(library), "%s/libtls_loaded_%d.so", UTRACE_VICTIMS, bits);
	*world = (struct image_world){.talk = talk};
	talk_start_ready(&talk->victim, argv);
	for (int i = 0; i < THREADS; i++) {
		const char *line = talk_line(&talk->victim, NULL);

		assert_int_equal(sscanf(line, "%lx %lx %lx %lx", &said[i].pthread, &said[i].own, &said[i].linked,
					&said[i].loaded),
				 4);
	}
	image_hold(world);
}

static uint64_t symbol_offset(struct image_world *world, const char *name, utrace_module **module);

struct wanted {
	struct utrace_symbol symbol;
	int count;
};

static int take(const struct utrace_symbol *symbol, void *data)
{
	struct wanted *wanted = data;

	if (symbol->kind != UTRACE_SYMBOL_TLS)
		return 0;
	wanted->symbol = *symbol;
	wanted->count++;
	return 1;
}

static uint64_t symbol_offset(struct image_world *world, const char *name, utrace_module **module)
{
	struct wanted wanted = {.count = 0};

	assert_int_equal(utrace_symbol_each(world->image, NULL, name, take, &wanted), 1);
	*module = wanted.symbol.module;
	return wanted.symbol.address;
}

static uint64_t address_of(struct image_world *world, utrace_thread *thread, const char *name)
{
	utrace_module *module;
	uint64_t offset = symbol_offset(world, name, &module);
	uint64_t address = 0;

	talk_ok(world->talk, utrace_tls_address(world->image, thread, module, offset, &address, &world->talk->error));
	return address;
}

static void check_thread(struct image_world *world, const struct said *said)
{
	struct utrace_stack_bounds bounds = {.size = sizeof(bounds)};
	utrace_module *module;
	utrace_thread *thread;
	uint64_t value = 0;
	uint64_t offset;

	talk_ok(world->talk, utrace_thread_by_pthread(world->image, said->pthread, &thread, &world->talk->error));
	talk_ok(world->talk, utrace_thread_pthread(world->image, thread, &value, &world->talk->error));
	assert_int_equal(value, said->pthread);
	assert_int_equal(address_of(world, thread, "tls_own"), said->own);
	assert_int_equal(address_of(world, thread, "tls_linked"), said->linked);
	if (said->loaded) {
		assert_int_equal(address_of(world, thread, "tls_loaded"), said->loaded);
	} else {
		offset = symbol_offset(world, "tls_loaded", &module);
		talk_fails(world->talk, UTRACE_NOT_FOUND,
			   utrace_tls_address(world->image, thread, module, offset, &value, &world->talk->error));
	}
	talk_ok(world->talk, utrace_thread_stack_bounds(world->image, thread, &bounds, &world->talk->error));
	talk_ok(world->talk, utrace_register_get(thread, UTRACE_REG_SP, &value, &world->talk->error));
	assert_true(bounds.low <= value && value < bounds.high);
	/* Threads' descriptors and static blocks lie at the top of their stacks, over a guard; the first thread's do
	 * not. */
	if (utrace_thread_tid(thread) != utrace_process_pid(utrace_image_process(world->image))) {
		assert_true(said->pthread > value && said->pthread < bounds.high);
		assert_true(bounds.guard >= 4096);
	}
	utrace_thread_unref(thread);
}

static void check(void **state, int bits)
{
	struct said said[THREADS];
	struct image_world world;
	uint64_t value;
	utrace_thread *thread;

	start(&world, *state, bits, said);
	for (int i = 0; i < THREADS; i++)
		check_thread(&world, &said[i]);
	talk_fails(world.talk, UTRACE_NOT_FOUND,
		   utrace_thread_by_pthread(world.image, said[0].own & ~0xfffull, &thread, &world.talk->error));
	talk_fails(world.talk, UTRACE_NOT_FOUND, utrace_thread_by_pthread(world.image, 0, &thread, &world.talk->error));
	(void)value;
	image_finish(&world);
}

static void test_addresses(void **state)
{
	check(state, 64);
}

static void test_addresses_32(void **state)
{
	check(state, 32);
}

static void test_names(void **state)
{
	struct image_world world;
	char name[16];
	char small[4];

	image_start(&world, *state, "stack_walk-O0", NULL);
	assert_int_equal(utrace_thread_name(world.thread, name, sizeof(name), &world.talk->error), 13);
	assert_string_equal(name, "stack_walk-O0");
	assert_int_equal(utrace_thread_name(world.thread, small, sizeof(small), &world.talk->error), 3);
	talk_fails(world.talk, UTRACE_INVALID, utrace_thread_name(world.thread, small, 0, &world.talk->error));
	image_finish(&world);
}

/* Before the C library has run there is nothing to be found, and that is said. */
static void test_before_start(void **state)
{
	struct talk_world *talk = *state;
	struct utrace_spawn_options options = {
		.size = sizeof(options), .hold = 1, .events = {.stop = UTRACE_EVENTS_NONE}};
	const char *const argv[] = {TALK_PROGRAM("stack_walk-O0"), NULL};
	struct image_world world = {.talk = talk};
	utrace_thread *thread;
	uint64_t value;

	talk_spawn(talk, &options, argv);
	talk_until(talk, UTRACE_EVENT_EXEC);
	thread = utrace_thread_ref(talk->event.thread);
	talk_ok(talk, utrace_symbols_create(NULL, &world.symbols, &talk->error));
	talk_ok(talk, utrace_image_open(world.symbols, talk->victim.process, &world.image, &talk->error));
	assert_true(utrace_thread_pthread(world.image, thread, &value, &talk->error) < 0);
	/* The linker's breakpoint is known even so. */
	talk_ok(talk, utrace_image_library_event(world.image, &value, &talk->error));
	assert_string_equal(strrchr(utrace_module_name(utrace_module_at(world.image, value)), '/'),
			    "/ld-linux-x86-64.so.2");
	utrace_thread_unref(thread);
	utrace_image_close(world.image);
	utrace_symbols_unref(world.symbols);
	talk_ok(talk, utrace_process_kill(talk->victim.process, &talk->error));
	(void)talk_finish(talk);
}

/* Everything that libthread_db tells of the 64-bit victim, the library tells too. */
static void test_as_thread_db(void **state)
{
	struct said said[THREADS];
	struct image_world world;
	struct thread_db *db;

	start(&world, *state, 64, said);
	db = thread_db_open(&world);
	for (int i = 0; i < THREADS; i++) {
		utrace_module *module;
		utrace_thread *thread;
		uint64_t offset = symbol_offset(&world, "tls_loaded", &module);
		unsigned long theirs = 0;
		uint64_t ours = 0;
		int status;

		talk_ok(world.talk,
			utrace_thread_by_pthread(world.image, said[i].pthread, &thread, &world.talk->error));
		assert_int_equal(thread_db_tid(db, said[i].pthread), utrace_thread_tid(thread));
		assert_int_equal(thread_db_pthread(db, utrace_thread_tid(thread)), said[i].pthread);
		status = utrace_tls_address(world.image, thread, module, offset, &ours, &world.talk->error);
		if (thread_db_tls(db, said[i].pthread, module, offset, &theirs)) {
			talk_ok(world.talk, status);
			assert_int_equal(ours, theirs);
		} else {
			assert_int_equal(status, UTRACE_NOT_FOUND);
		}
		offset = symbol_offset(&world, "tls_linked", &module);
		assert_true(thread_db_tls(db, said[i].pthread, module, offset, &theirs));
		assert_int_equal(address_of(&world, thread, "tls_linked"), theirs);
		utrace_thread_unref(thread);
	}
	thread_db_close(db);
	image_finish(&world);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_addresses),    TEST(test_addresses_32), TEST(test_names),
		TEST(test_before_start), TEST(test_as_thread_db),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
