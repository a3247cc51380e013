/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * support_break.c - see support_break.h.
 */
#include "support_break.h"

#include <stdlib.h>
#include <string.h>

uint64_t break_address(struct talk *victim, const char *name)
{
	const char *line = talk_line(victim, NULL);
	size_t length = strlen(name);

	if (strncmp(line, name, length) != 0 || line[length] != ' ')
		fail_msg("\"%s\" instead of the address of %s", line, name);
	return strtoull(line + length, NULL, 16);
}

uint64_t break_register(struct talk_world *world, utrace_thread *thread, int reg)
{
	uint64_t value = 0;

	talk_ok(world, utrace_register_get(thread, reg, &value, &world->error));
	return value;
}

uint64_t break_pc(struct talk_world *world)
{
	return break_register(world, world->event.thread, UTRACE_REG_PC);
}

utrace_breakpoint *break_insert(struct talk_world *world, struct utrace_breakpoint_options *options)
{
	utrace_breakpoint *breakpoint = NULL;

	options->size = sizeof(*options);
	talk_ok(world, utrace_breakpoint_insert(world->victim.process, options, &breakpoint, &world->error));
	assert_non_null(breakpoint);
	return breakpoint;
}

int break_count_and_refuse(utrace_breakpoint *breakpoint, utrace_thread *thread, void *data)
{
	(void)breakpoint;
	(void)thread;
	(void)atomic_fetch_add((_Atomic(uint64_t) *)data, 1);
	return 0;
}

utrace_breakpoint *break_at(struct talk_world *world, uint64_t address)
{
	struct utrace_breakpoint_options options = {.address = address};

	return break_insert(world, &options);
}

bool break_can_watch(const struct talk_world *world)
{
	return utrace_session_capabilities(world->session) & UTRACE_CAN_WATCH;
}

void break_remove(struct talk_world *world, utrace_breakpoint *breakpoint)
{
	talk_ok(world, utrace_breakpoint_remove(breakpoint, &world->error));
	utrace_breakpoint_unref(breakpoint);
}

void break_expect_reason(struct talk_world *world, const char *reason)
{
	talk_next(world);
	assert_string_equal(utrace_reason_name(world->event.reason), reason);
	assert_true(world->event.flags & UTRACE_EVENT_HELD);
}

void break_expect(struct talk_world *world, utrace_breakpoint *breakpoint, uint32_t count)
{
	utrace_breakpoint *hits[8] = {NULL};

	break_expect_reason(world, "breakpoint");
	assert_ptr_equal(world->event.u.breakpoint.breakpoint, breakpoint);
	assert_int_equal(world->event.u.breakpoint.address, utrace_breakpoint_address(breakpoint));
	assert_int_equal(world->event.u.breakpoint.count, count);
	assert_int_equal(break_pc(world), utrace_breakpoint_address(breakpoint));
	assert_int_equal(utrace_thread_hits(world->event.thread, hits, 8, &world->error), count);
	for (uint32_t i = 0; i < count && i < 8; i++)
		utrace_breakpoint_unref(hits[i]);
}
