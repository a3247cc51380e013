/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_call.c - functions called in the tracee: by the ABI, and wherever the thread is; afterwards it stands as it stood.
 */
#include "support_core.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 16384 };

/* What a thread's registers are, to be the same afterwards. */
struct stand {
	unsigned char general[512], state[SIZE];
	ssize_t general_size, state_size;
};

static void take_stand(utrace_thread *thread, struct stand *stand)
{
	memset(stand, 0, sizeof(*stand));
	stand->general_size =
		utrace_regset_get(thread, UTRACE_REGSET_GENERAL, stand->general, sizeof(stand->general), NULL);
	stand->state_size = utrace_regset_get(thread, UTRACE_REGSET_XSTATE, stand->state, sizeof(stand->state), NULL);
	assert_true(stand->general_size > 0 && stand->state_size > 0);
}

static void expect_stand(utrace_thread *thread, const struct stand *before)
{
	static struct stand now;

	take_stand(thread, &now);
	assert_int_equal(now.general_size, before->general_size);
	assert_memory_equal(now.general, before->general, sizeof(now.general));
	/* The legacy region; what the header says of parts in their initial state may change. */
	assert_memory_equal(now.state, before->state, 416);
}

static void start(struct image_world *world, void **state, const char *program, const char *what)
{
	struct utrace_attach_options options = {
		.size = sizeof(options), .hold = 1, .events = {.stop = UTRACE_EVENTS_NONE}};
	struct talk_world *talk = *state;
	char path[512];
	const char *const argv[] = {path, what, NULL};

	*world = (struct image_world){.talk = talk};
	(void)snprintf(path, sizeof(path), "%s/%s", UTRACE_VICTIMS, program);
	talk_start_ready(&talk->victim, argv);
	if (*what != 's')
		talk_wait_state(talk->victim.pid, "S");
	talk_attach(talk, &options);
	while (utrace_process_is_stopped(talk->victim.process, NULL) != 1)
		(void)talk_next(talk);
	while (utrace_session_next(talk->session, &talk->event, 0, NULL) == 1) {
	}
	talk_ok(talk, utrace_session_find_thread(talk->session, talk->victim.pid, &world->thread, &talk->error));
	talk_ok(talk, utrace_symbols_create(NULL, &world->symbols, &talk->error));
	talk_ok(talk, utrace_image_open(world->symbols, talk->victim.process, &world->image, &talk->error));
}

static void finish(struct image_world *world)
{
	utrace_image_close(world->image);
	utrace_symbols_unref(world->symbols);
	utrace_thread_unref(world->thread);
}

/* Lets it run to its own end, which tells what it saw. */
static void finish_with(struct image_world *world, const char *tell, const char *line, const char *handled)
{
	struct talk_world *talk = world->talk;

	finish(world);
	assert_true(utrace_process_resume(talk->victim.process, NULL) >= 0);
	talk_tell(&talk->victim, tell);
	talk_expect(&talk->victim, talk->session, line);
	talk_expect(&talk->victim, talk->session, handled);
	talk_finish_well(talk);
}

static int take(const struct utrace_symbol *symbol, void *data)
{
	*(uint64_t *)data = symbol->address;
	return 1;
}

static uint64_t address_of(struct image_world *world, const char *name)
{
	uint64_t address = 0;

	assert_int_equal(utrace_symbol_each(world->image, NULL, name, take, &address), 1);
	return address;
}

static int try_call(struct image_world *world, const char *name, struct utrace_call_options *options,
		    struct utrace_call_result *result)
{
	options->size = sizeof(*options);
	options->function = address_of(world, name);
	*result = (struct utrace_call_result){.size = sizeof(*result)};
	return utrace_thread_call(world->thread, options, result, &world->talk->error);
}

static int64_t call_words(struct image_world *world, const char *name, size_t count, const int64_t *words)
{
	struct utrace_call_value values[12] = {{0}};
	struct utrace_call_options options = {.args = values, .arg_count = count};
	struct utrace_call_result result;

	for (size_t i = 0; i < count; i++)
		values[i].number = (uint64_t)words[i];
	talk_ok(world->talk, try_call(world, name, &options, &result));
	assert_int_equal(result.end, UTRACE_CALL_RETURNED);
	return (int32_t)result.number;
}

static int64_t call_word(struct image_world *world, const char *name, int64_t word)
{
	return call_words(world, name, 1, &word);
}

static int64_t variable(struct image_world *world, const char *name)
{
	int value;

	assert_int_equal(
		utrace_memory_read(world->talk->victim.process, address_of(world, name), &value, sizeof(value), NULL),
		sizeof(value));
	return value;
}

/* ---- arguments and results ---- */

static double call_real(struct image_world *world, const char *name, uint32_t kind, size_t count,
			const struct utrace_call_value *values)
{
	struct utrace_call_options options = {.args = values, .arg_count = count, .result_kind = kind};
	struct utrace_call_result result;

	talk_ok(world->talk, try_call(world, name, &options, &result));
	return result.real;
}

static void check_reals(struct image_world *world)
{
	const struct utrace_call_value mixed[] = {{.number = 1},
						  {.kind = UTRACE_CALL_DOUBLE, .real = 2},
						  {.kind = UTRACE_CALL_FLOAT, .real = 3},
						  {.number = 4},
						  {.kind = UTRACE_CALL_DOUBLE, .real = 5.5}};
	struct utrace_call_value many[12] = {{.number = 11}};
	const struct utrace_call_value one = {.kind = UTRACE_CALL_FLOAT, .real = 3};

	assert_true(call_real(world, "mix", UTRACE_CALL_DOUBLE, 5, mixed) == 59321);
	assert_true(call_real(world, "halve", UTRACE_CALL_FLOAT, 1, &one) == 1.5);
	assert_true(call_real(world, "third", UTRACE_CALL_LONG_DOUBLE, 0, NULL) == (double)(1.0L / 3));
	for (int i = 1; i < 12; i++)
		many[i] = (struct utrace_call_value){.kind = UTRACE_CALL_DOUBLE, .real = i};
	/* More than there are registers, to a function with variable arguments. */
	assert_true(call_real(world, "sum", UTRACE_CALL_DOUBLE, 12, many) == 66);
}

static void check_values(void **state, const char *program)
{
	static const int64_t ten[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
	struct utrace_call_value wide[] = {{.kind = UTRACE_CALL_WIDE, .number = UINT64_C(0x123456789a)}, {.number = 3}};
	struct utrace_call_options options = {.args = wide, .arg_count = 2, .result_kind = UTRACE_CALL_WIDE};
	struct utrace_call_result result;
	struct image_world world;
	static struct stand before;

	start(&world, state, program, "r");
	take_stand(world.thread, &before);
	assert_int_equal(call_words(&world, "add_ten", 10, ten), 385);
	assert_int_equal(call_word(&world, "touch", -5), -5);
	assert_int_equal(call_word(&world, "is_aligned", 0), 1);
	assert_int_equal(call_words(&world, "is_aligned", 9, ten), 1);
	check_reals(&world);
	talk_ok(world.talk, try_call(&world, "widen", &options, &result));
	assert_true(result.number == UINT64_C(0x2468acf137));
	options = (struct utrace_call_options){.args = (struct utrace_call_value[]){{.number = 6}, {.number = 7}},
					       .arg_count = 2};
	if (before.general_size > 100) {
		talk_ok(world.talk, try_call(&world, "make_pair", &options, &result));
		assert_int_equal(result.number, 6);
		assert_int_equal(result.high, 7);
	}
	expect_stand(world.thread, &before);
	finish_with(&world, "x", "read 1 x 0", "handled 0 0");
}

static void test_values(void **state)
{
	check_values(state, "run_functions");
}

static void test_values_32(void **state)
{
	check_values(state, "run_functions_32");
}

/* ---- wherever the thread is ---- */

static void check_asleep(void **state, const char *program)
{
	struct image_world world;

	start(&world, state, program, "n");
	assert_int_equal(call_word(&world, "touch", 3), 3);
	assert_int_equal(call_word(&world, "touch", 3), 6);
	/* nanosleep goes on where it was, and tells of no interruption. */
	finish_with(&world, "x", "slept 0", "handled 0 0");
}

static void test_in_nanosleep(void **state)
{
	check_asleep(state, "run_functions");
}

static void test_in_nanosleep_32(void **state)
{
	check_asleep(state, "run_functions_32");
}

/* Registers, flags, vector and stack registers, and the red zone of a leaf in the middle of its work. */
static void test_in_leaf(void **state)
{
	static struct stand before;
	struct image_world world;
	int one = 1;

	start(&world, state, "run_functions", "s");
	take_stand(world.thread, &before);
	assert_int_equal(call_word(&world, "text_length", (int64_t)address_of(&world, "text_length")) >= 0, 1);
	assert_int_equal(call_word(&world, "touch", 1), 1);
	expect_stand(world.thread, &before);
	assert_int_equal(utrace_memory_write(world.talk->victim.process, address_of(&world, "stop_spinning"), &one,
					     sizeof(one), NULL),
			 sizeof(one));
	finish_with(&world, "", "spun 7", "handled 0 0");
}

static void check_at_call(void **state, const char *program, long number)
{
	const struct utrace_event_masks calls = {.stop = UTRACE_EVENT_BIT(UTRACE_EVENT_SYSCALL_ENTRY) |
							 UTRACE_EVENT_BIT(UTRACE_EVENT_SYSCALL_EXIT)};
	const struct utrace_event_masks none = {.stop = UTRACE_EVENTS_NONE};
	struct talk_world *talk = *state;
	static struct stand before;
	struct image_world world;

	start(&world, state, program, "r");
	talk_ok(talk, utrace_process_set_events(talk->victim.process, &calls, &talk->error));
	/* The read that was interrupted is made again. */
	assert_true(utrace_process_resume(talk->victim.process, NULL) >= 0);
	while (talk_next(talk)->reason != UTRACE_EVENT_SYSCALL_ENTRY)
		talk_resume(talk, NULL);
	assert_int_equal(talk->event.u.syscall.number, number);
	take_stand(world.thread, &before);
	assert_int_equal(call_word(&world, "touch", 4), 4);
	expect_stand(world.thread, &before);
	assert_int_equal(call_word(&world, "touch", 4), 8);
	talk_tell(&talk->victim, "y");
	talk_resume(talk, NULL);
	/* Nothing was told of the function's doing. */
	assert_int_equal(talk_next(talk)->reason, UTRACE_EVENT_SYSCALL_EXIT);
	assert_int_equal(talk->event.u.syscall.number, number);
	assert_int_equal(talk->event.u.syscall.result, 1);
	take_stand(world.thread, &before);
	assert_int_equal(call_word(&world, "touch", 4), 12);
	expect_stand(world.thread, &before);
	talk_ok(talk, utrace_process_set_events(talk->victim.process, &none, &talk->error));
	finish_with(&world, "", "read 1 y 0", "handled 0 0");
}

static void test_at_system_call(void **state)
{
	check_at_call(state, "run_functions", SYS_read);
}

static void test_at_system_call_32(void **state)
{
	check_at_call(state, "run_functions_32", 3);
}

/* A signal is about to be delivered: it is afterwards, with all that came with it. */
static void test_with_signal_on_the_way(void **state)
{
	const struct utrace_event_masks signals = {.stop = UTRACE_EVENT_BIT(UTRACE_EVENT_SIGNAL)};
	struct talk_world *talk = *state;
	struct image_world world;

	start(&world, state, "run_functions", "r");
	talk_ok(talk, utrace_process_set_events(talk->victim.process, &signals, &talk->error));
	assert_int_equal(sigqueue(talk->victim.pid, SIGUSR1, (union sigval){.sival_int = 34}), 0);
	assert_true(utrace_process_resume(talk->victim.process, NULL) >= 0);
	assert_int_equal(talk_next(talk)->reason, UTRACE_EVENT_SIGNAL);
	assert_int_equal(call_word(&world, "touch", 1), 1);
	assert_int_equal(variable(&world, "handled"), 0);
	assert_int_equal(call_word(&world, "touch", 1), 2);
	talk_resume(talk, NULL);
	finish_with(&world, "z", "read 1 z 0", "handled 1 34");
}

/* One that comes meanwhile waits until the function is done. */
static void test_signal_comes_meanwhile(void **state)
{
	struct talk_world *talk = *state;
	struct image_world world;

	start(&world, state, "run_functions", "r");
	assert_int_equal(sigqueue(talk->victim.pid, SIGUSR1, (union sigval){.sival_int = 35}), 0);
	assert_int_equal(call_word(&world, "signal_self", 0), 0);
	assert_int_equal(variable(&world, "handled"), 0);
	finish_with(&world, "z", "read 1 z 0", "handled 1 35");
}

static void test_at_breakpoint(void **state)
{
	struct utrace_breakpoint_options options = {.size = sizeof(options)};
	struct talk_world *talk = *state;
	utrace_breakpoint *breakpoint;
	utrace_breakpoint *hit;
	struct image_world world;

	start(&world, state, "run_functions", "r");
	options.address = address_of(&world, "handle");
	talk_ok(talk, utrace_breakpoint_insert(talk->victim.process, &options, &breakpoint, &talk->error));
	assert_int_equal(sigqueue(talk->victim.pid, SIGUSR1, (union sigval){.sival_int = 36}), 0);
	assert_true(utrace_process_resume(talk->victim.process, NULL) >= 0);
	while (talk_next(talk)->reason != UTRACE_EVENT_BREAKPOINT)
		talk_resume(talk, NULL);
	assert_int_equal(call_word(&world, "touch", 1), 1);
	assert_int_equal(utrace_thread_hits(world.thread, &hit, 1, &talk->error), 1);
	assert_ptr_equal(hit, breakpoint);
	utrace_breakpoint_unref(hit);
	/* It is passed, not met again. */
	talk_resume(talk, NULL);
	talk_tell(&talk->victim, "z");
	finish(&world);
	talk_expect(&talk->victim, talk->session, "read 1 z 0");
	talk_expect(&talk->victim, talk->session, "handled 1 36");
	assert_int_equal(utrace_breakpoint_hits(breakpoint), 1);
	utrace_breakpoint_unref(breakpoint);
	talk_finish_well(talk);
}

/* ---- functions that do not return ---- */

static void expect_cut(struct image_world *world, const char *name, struct utrace_call_options *options, int status,
		       uint32_t end, struct utrace_call_result *result)
{
	static struct stand before;

	take_stand(world->thread, &before);
	talk_fails(world->talk, status, try_call(world, name, options, result));
	assert_int_equal(result->end, end);
	expect_stand(world->thread, &before);
}

static void test_cut_short(void **state)
{
	struct utrace_call_options options = {0};
	struct utrace_call_options short_time = {.timeout_ms = 50};
	struct utrace_call_result result;
	struct image_world world;

	start(&world, state, "run_functions", "r");
	expect_cut(&world, "crash", &options, UTRACE_INTERRUPTED, UTRACE_CALL_SIGNALLED, &result);
	assert_int_equal(result.info.si_signo, SIGSEGV);
	assert_ptr_equal(result.info.si_addr, (void *)8);
	expect_cut(&world, "trap", &options, UTRACE_INTERRUPTED, UTRACE_CALL_SIGNALLED, &result);
	assert_int_equal(result.info.si_signo, SIGTRAP);
	expect_cut(&world, "forever", &short_time, UTRACE_TIMED_OUT, UTRACE_CALL_TIMED_OUT, &result);
	expect_cut(&world, "sleep_long", &short_time, UTRACE_TIMED_OUT, UTRACE_CALL_TIMED_OUT, &result);
	assert_int_equal(call_word(&world, "touch", 2), 2);
	finish_with(&world, "x", "read 1 x 0", "handled 0 0");
}

static void test_function_is_nowhere(void **state)
{
	struct utrace_call_options options = {.size = sizeof(options), .function = 16};
	struct utrace_call_result result = {.size = sizeof(result)};
	struct talk_world *talk = *state;
	struct image_world world;

	start(&world, state, "run_functions", "r");
	talk_fails(talk, UTRACE_INTERRUPTED, utrace_thread_call(world.thread, &options, &result, &talk->error));
	assert_int_equal(result.end, UTRACE_CALL_SIGNALLED);
	assert_int_equal(result.pc, 16);
	options.stack = 4096;
	talk_fails(talk, UTRACE_FAULT, utrace_thread_call(world.thread, &options, &result, &talk->error));
	options = (struct utrace_call_options){.size = sizeof(options), .arg_count = 1};
	talk_fails(talk, UTRACE_INVALID, utrace_thread_call(world.thread, &options, &result, &talk->error));
	finish_with(&world, "x", "read 1 x 0", "handled 0 0");
}

static void test_comes_to_breakpoint(void **state)
{
	struct utrace_breakpoint_options place = {.size = sizeof(place)};
	struct utrace_call_options options = {0};
	struct utrace_call_options passing = {.pass_breakpoints = 1};
	struct utrace_call_result result;
	struct talk_world *talk = *state;
	utrace_breakpoint *breakpoint;
	struct image_world world;

	start(&world, state, "run_functions", "r");
	place.address = address_of(&world, "touch");
	talk_ok(talk, utrace_breakpoint_insert(talk->victim.process, &place, &breakpoint, &talk->error));
	expect_cut(&world, "touch", &options, UTRACE_INTERRUPTED, UTRACE_CALL_BREAKPOINT, &result);
	assert_int_equal(result.pc, place.address);
	assert_int_equal(utrace_breakpoint_hits(breakpoint), 1);
	talk_ok(talk, try_call(&world, "touch", &passing, &result));
	assert_int_equal(utrace_breakpoint_hits(breakpoint), 1);
	talk_ok(talk, utrace_breakpoint_remove(breakpoint, &talk->error));
	utrace_breakpoint_unref(breakpoint);
	finish_with(&world, "x", "read 1 x 0", "handled 0 0");
}

static void test_ends_in_it(void **state)
{
	struct utrace_call_options options = {0};
	struct utrace_call_result result;
	struct talk_world *talk = *state;
	struct image_world world;

	start(&world, state, "run_functions", "r");
	talk_fails(talk, UTRACE_DEAD, try_call(&world, "end_all", &options, &result));
	assert_int_equal(result.end, UTRACE_CALL_ENDED);
	finish(&world);
	assert_int_equal(WEXITSTATUS(talk_finish(talk)), 3);
	assert_int_equal(WEXITSTATUS(talk_reap_status(&talk->victim)), 3);
}

static void test_executes_in_it(void **state)
{
	struct utrace_call_options options = {0};
	struct utrace_call_result result;
	struct talk_world *talk = *state;
	struct image_world world;

	start(&world, state, "run_functions", "r");
	talk_fails(talk, UTRACE_WRONG_STATE, try_call(&world, "become_true", &options, &result));
	assert_int_equal(result.end, UTRACE_CALL_EXECUTED);
	assert_int_equal(talk_next(talk)->reason, UTRACE_EVENT_EXEC);
	/* Where it can run nothing for us yet. */
	talk_fails(talk, UTRACE_WRONG_STATE, utrace_thread_call(world.thread, &options, &result, &talk->error));
	finish(&world);
	assert_true(utrace_process_resume(talk->victim.process, NULL) >= 0);
	talk_finish_well(talk);
}

/* ---- threads, processes, memory, libraries ---- */

static void test_other_threads(void **state)
{
	struct utrace_call_options alone = {.timeout_ms = 100};
	struct utrace_call_options together = {.run_others = 1};
	struct utrace_call_result result;
	struct talk_world *talk = *state;
	struct image_world world;

	start(&world, state, "run_functions", "t");
	talk_fails(talk, UTRACE_TIMED_OUT, try_call(&world, "wait_for_other", &alone, &result));
	talk_ok(talk, try_call(&world, "wait_for_other", &together, &result));
	assert_int_equal(result.number, 5);
	/* What was lent is held again, or has ended, and is told so. */
	assert_int_equal(utrace_process_is_stopped(talk->victim.process, NULL), 1);
	while (utrace_session_next(talk->session, &talk->event, 0, NULL) == 1)
		assert_true(talk->event.reason == UTRACE_EVENT_STOPPED ||
			    talk->event.reason == UTRACE_EVENT_THREAD_EXIT);
	finish_with(&world, "x", "read 1 x 0", "handled 0 0");
}

static void test_makes_threads_and_processes(void **state)
{
	const struct utrace_event_masks creates = {.stop = UTRACE_EVENT_BIT(UTRACE_EVENT_CREATE)};
	struct talk_world *talk = *state;
	struct image_world world;
	int created = 0;

	start(&world, state, "run_functions", "r");
	talk_ok(talk, utrace_process_set_events(talk->victim.process, &creates, &talk->error));
	assert_int_equal(call_word(&world, "make_thread", 0), 0);
	assert_int_equal(call_word(&world, "make_process", 0), 7 << 8);
	while (utrace_session_next(talk->session, &talk->event, 0, NULL) == 1) {
		created += talk->event.reason == UTRACE_EVENT_CREATE;
		assert_false(talk->event.thread == world.thread && (talk->event.flags & UTRACE_EVENT_HELD));
	}
	assert_int_equal(created, 2);
	finish_with(&world, "x", "read 1 x 0", "handled 0 0");
}

static void check_memory(void **state, const char *program)
{
	static const char text[] = "twelve chars";
	struct talk_world *talk = *state;
	struct image_world world;
	uint64_t address;
	char byte;

	start(&world, state, program, "r");
	talk_ok(talk, utrace_thread_allocate(world.thread, 5000, PROT_READ | PROT_WRITE, &address, &talk->error));
	assert_int_equal(utrace_memory_write(talk->victim.process, address + 4990, text, sizeof(text), &talk->error),
			 sizeof(text));
	assert_int_equal(call_word(&world, "text_length", (int64_t)address + 4990), sizeof(text) - 1);
	talk_ok(talk, utrace_thread_release(world.thread, address, 5000, &talk->error));
	talk_fails(talk, UTRACE_FAULT, utrace_memory_read(talk->victim.process, address, &byte, 1, &talk->error));
	talk_fails(talk, UTRACE_INVALID, utrace_thread_allocate(world.thread, 0, PROT_READ, &address, &talk->error));
	talk_fails(talk, UTRACE_SYSTEM, utrace_thread_release(world.thread, 1, 5000, &talk->error));
	finish_with(&world, "x", "read 1 x 0", "handled 0 0");
}

static void test_memory(void **state)
{
	check_memory(state, "run_functions");
}

static void test_memory_32(void **state)
{
	check_memory(state, "run_functions_32");
}

static bool has_module(struct image_world *world, const char *part)
{
	utrace_module *modules[64];
	size_t count;

	assert_true(utrace_image_refresh(world->image, NULL) >= 0);
	count = utrace_image_modules(world->image, modules, 64);
	for (size_t i = 0; i < count && i < 64; i++) {
		if (strstr(utrace_module_name(modules[i]), part))
			return true;
	}
	return false;
}

static void check_library(void **state, const char *program, const char *library)
{
	struct talk_world *talk = *state;
	struct image_world world;
	char path[512];
	uint64_t handle;

	(void)snprintf(path, sizeof(path), "%s/%s", UTRACE_VICTIMS, library);
	start(&world, state, program, "r");
	assert_false(has_module(&world, library));
	talk_ok(talk, utrace_library_load(world.image, world.thread, path, 0, &handle, &talk->error));
	assert_true(handle != 0);
	assert_true(has_module(&world, library));
	talk_fails(talk, UTRACE_SYSTEM,
		   utrace_library_load(world.image, world.thread, "/nowhere/at_all.so", 0, &handle, &talk->error));
	assert_non_null(strstr(talk->error.text, "at_all"));
	finish_with(&world, "x", "read 1 x 0", "handled 0 0");
}

static void test_library(void **state)
{
	check_library(state, "run_functions", "libtls_loaded_64.so");
}

static void test_library_32(void **state)
{
	check_library(state, "run_functions_32", "libtls_loaded_32.so");
}

static void test_running_thread(void **state)
{
	struct utrace_call_options options = {0};
	struct utrace_call_result result;
	struct talk_world *talk = *state;
	struct image_world world;

	start(&world, state, "run_functions", "r");
	(void)address_of(&world, "touch");
	talk_ok(talk, utrace_thread_resume(world.thread, NULL, &talk->error));
	talk_fails(talk, UTRACE_NOT_STOPPED, try_call(&world, "touch", &options, &result));
	finish_with(&world, "x", "read 1 x 0", "handled 0 0");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_values),
		TEST(test_values_32),
		TEST(test_in_nanosleep),
		TEST(test_in_nanosleep_32),
		TEST(test_in_leaf),
		TEST(test_at_system_call),
		TEST(test_at_system_call_32),
		TEST(test_with_signal_on_the_way),
		TEST(test_signal_comes_meanwhile),
		TEST(test_at_breakpoint),
		TEST(test_cut_short),
		TEST(test_function_is_nowhere),
		TEST(test_comes_to_breakpoint),
		TEST(test_ends_in_it),
		TEST(test_executes_in_it),
		TEST(test_other_threads),
		TEST(test_makes_threads_and_processes),
		TEST(test_memory),
		TEST(test_memory_32),
		TEST(test_library),
		TEST(test_library_32),
		TEST(test_running_thread),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
