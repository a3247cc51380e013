/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * support_ledger.c - counts what a whole run has told, and checks what must hold of every run: whoever begins ends,
 * once, and is not heard of afterwards.
 */
#include "support_ledger.h"

static char over;

/* An end is the last that is told of its thread, but for the process's end, which names the last thread. */
static void check_order(const struct utrace_event *event)
{
	assert_non_null(event->process);
	if (utrace_process_data(event->process) == &over)
		fail_msg("%s of process %d after its end", utrace_reason_name(event->reason), event->pid);
	if (event->reason == UTRACE_EVENT_PROCESS_END) {
		assert_true(utrace_process_is_gone(event->process));
		utrace_process_set_data(event->process, &over);
	} else if (event->thread && utrace_thread_data(event->thread) == &over) {
		fail_msg("%s of thread %d after its end", utrace_reason_name(event->reason), event->tid);
	}
	if (event->reason == UTRACE_EVENT_THREAD_EXIT) {
		assert_true(utrace_thread_is_gone(event->thread));
		utrace_thread_set_data(event->thread, &over);
	}
}

static void add_create(struct ledger *ledger, const struct utrace_event_create *create)
{
	ledger->created[create->kind]++;
	if (!create->process)
		ledger->unfollowed++;
	else if (create->kind == UTRACE_CREATE_THREAD)
		ledger->threads++;
	else
		ledger->processes++;
}

void ledger_add(struct ledger *ledger, const struct utrace_event *event)
{
	check_order(event);
	ledger->told[event->reason]++;
	if (event->reason == UTRACE_EVENT_CREATE)
		add_create(ledger, &event->u.create);
	else if (event->reason == UTRACE_EVENT_THREAD_EXIT)
		ledger->exits[event->u.exit.cause]++;
	else if (event->reason == UTRACE_EVENT_PROCESS_END)
		ledger->last_status = event->u.exit.wait_status;
	if (event->reason == UTRACE_EVENT_PROCESS_END && event->pid == ledger->pid)
		ledger->status = event->u.exit.wait_status;
}

struct ledger ledger_start(const struct talk_world *world)
{
	return (struct ledger){.pid = world->victim.pid, .status = -1, .last_status = -1, .processes = 1};
}

void ledger_run(struct ledger *ledger, struct talk_world *world)
{
	int got;

	while ((got = utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error)) == 1) {
		ledger_add(ledger, &world->event);
		talk_resume(world, NULL);
	}
	talk_ok(world, got);
	assert_int_equal(utrace_session_process_count(world->session, NULL), 0);
	world->victim.pid = 0;
}

void ledger_check(const struct ledger *ledger)
{
	int exits = 0;

	for (int cause = 0; cause < 5; cause++)
		exits += ledger->exits[cause];
	assert_int_equal(ledger->told[UTRACE_EVENT_PROCESS_END], ledger->processes);
	assert_int_equal(exits, ledger->processes + ledger->threads);
}

struct ledger ledger_of_run(struct talk_world *world)
{
	struct ledger ledger = ledger_start(world);

	ledger_run(&ledger, world);
	ledger_check(&ledger);
	return ledger;
}
