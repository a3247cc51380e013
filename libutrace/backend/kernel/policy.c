/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/kernel/policy.c - which events stop a thread.
 *
 * A policy belongs to a thread of the kernel's and is replaced only where its key changes, so that a cycle needs no
 * command for it.  What breakpoints and handles need (new children, exec, signals, job control) stops always; system
 * calls and the last look at a thread only where they are asked for.
 */
#include <string.h>

#include "backend/kernel/kernel.h"
#include "core/filter.h"

static bool wants(const utrace_process *process, uint32_t reason)
{
	return (process->masks.stop | process->masks.record) & UTRACE_EVENT_BIT(reason);
}

struct kn_key kn_policy_of_process(const utrace_process *process)
{
	return (struct kn_key){
		.set = true,
		.entry = wants(process, UTRACE_EVENT_SYSCALL_ENTRY),
		.exit = wants(process, UTRACE_EVENT_SYSCALL_EXIT),
		.exiting = wants(process, UTRACE_EVENT_EXITING),
		.kill = process->end_policy == UTRACE_END_KILL,
		.filter_version = process->filter_version,
	};
}

static struct kn_key key_of(const utrace_thread *thread, bool every_call)
{
	struct kn_key key = kn_policy_of_process(thread->process);

	key.every_entry = every_call;
	key.every_exit = every_call || thread->watches_call || (thread->call.inside && thread->call.result_set);
	return key;
}

static bool same(const struct kn_key *one, const struct kn_key *other)
{
	return one->set == other->set && one->entry == other->entry && one->exit == other->exit &&
	       one->every_entry == other->every_entry && one->every_exit == other->every_exit &&
	       one->exiting == other->exiting && one->kill == other->kill &&
	       one->filter_version == other->filter_version;
}

/* The calls of one set: all, none, or those of the filter. */
static void fill(struct utrace_policy *policy, int set, const utrace_filter *filter, bool asked, bool every)
{
	static const uint32_t abis[UTRACE_CALL_ABIS] = {
		[UTRACE_CALL_NATIVE] = UTRACE_ABI_X86_64,
		[UTRACE_CALL_COMPAT] = UTRACE_ABI_I386,
		[UTRACE_CALL_X32] = UTRACE_ABI_X32,
	};

	for (int abi = 0; abi < UTRACE_CALL_ABIS; abi++) {
		__u64 *bits = policy->calls[set][abi];

		if (every || (asked && !filter)) {
			memset(bits, 0xff, sizeof(policy->calls[set][abi]));
		} else if (asked) {
			memcpy(bits, filter->bits[abis[abi] - 1], sizeof(policy->calls[set][abi]));
			if (filter->others)
				bits[UTRACE_CALLS_OTHER / 64] |= UINT64_C(1) << (UTRACE_CALLS_OTHER % 64);
		}
	}
}

_Static_assert((int)UT__FILTER_NUMBERS == UTRACE_CALLS_WORDS * 64, "a filter's bitmap is the kernel's");

void kn_policy_build(const utrace_process *process, const struct kn_key *key, struct utrace_policy *policy)
{
	memset(policy, 0, sizeof(*policy));
	policy->flags = UTRACE_POLICY_CALLS;
	if (key->kill)
		policy->flags |= UTRACE_POLICY_KILL_ON_CLOSE;
	policy->stop = UTRACE_EV_BIT(UTRACE_EV_CLONE) | UTRACE_EV_BIT(UTRACE_EV_VFORK_DONE) |
		       UTRACE_EV_BIT(UTRACE_EV_EXEC) | UTRACE_EV_BIT(UTRACE_EV_SIGNAL) |
		       UTRACE_EV_BIT(UTRACE_EV_JOB_STOP) | UTRACE_EV_BIT(UTRACE_EV_JOB_CONTINUE);
	if (key->exiting)
		policy->stop |= UTRACE_EV_BIT(UTRACE_EV_EXIT);
	if (key->entry || key->every_entry) {
		policy->stop |= UTRACE_EV_BIT(UTRACE_EV_SYSCALL_ENTRY);
		fill(policy, UTRACE_CALLS_ENTRY_STOP, process->filter, key->entry, key->every_entry);
	}
	if (key->exit || key->every_exit) {
		policy->stop |= UTRACE_EV_BIT(UTRACE_EV_SYSCALL_EXIT);
		fill(policy, UTRACE_CALLS_EXIT_STOP, process->filter, key->exit, key->every_exit);
	}
}

static void give(utrace_thread *thread, const struct kn_key *key)
{
	struct utrace_policy policy;
	struct utrace_command command = {.cmd = UTRACE_CMD_SET_POLICY,
					 .target = kn_of(thread)->cookie,
					 .data = (uintptr_t)&policy,
					 .size = sizeof(policy)};

	kn_policy_build(thread->process, key, &policy);
	kn_of(thread)->key = *key;
	/* A failure means that the thread has ended, which will be told. */
	(void)kn_run(kn_session_of(thread->process), &command);
}

void kn_policy_sync(utrace_thread *thread, bool every_call)
{
	struct kn_key key = key_of(thread, every_call);

	if (!same(&key, &kn_of(thread)->key))
		give(thread, &key);
}

/* Held threads get it when they are resumed. */
void kn_policy_changed(utrace_process *process)
{
	struct ut__list *node;
	struct ut__list *safe;

	process->filter_place = process->filter ? UTRACE_FILTER_IN_KERNEL : UTRACE_FILTER_ABSENT;
	UT__LIST_EACH (node, safe, &process->threads) {
		utrace_thread *thread = UT__ENTRY(node, utrace_thread, in_process);

		if (kn_of(thread)->in_map)
			kn_policy_sync(thread, kn_of(thread)->key.every_entry);
	}
}
