/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/kernel/policy.c - which events stop a thread, and which are only recorded.
 *
 * A policy belongs to a thread of the kernel's and is replaced only where its key changes, so that a cycle needs no
 * command for it.  What handles need (new children, exec, job control) stops always; system calls, signals and the last
 * look at a thread only where the caller wants to hold it, or the library itself must: signals while there are traps or
 * something of ours is on its way, calls while a copied instruction may make one.
 */
#include <string.h>

#include "backend/kernel/kernel.h"
#include "core/filter.h"

static enum kn_want wanted(const utrace_process *process, uint32_t reason, uint64_t withheld)
{
	uint64_t bit = UTRACE_EVENT_BIT(reason) & ~withheld;

	if (process->masks.stop & bit)
		return KN_STOP;
	return process->masks.record & bit ? KN_RECORD : KN_IGNORE;
}

static struct kn_key key_for(const utrace_process *process, uint64_t withheld)
{
	struct kn_key key = {
		.set = true,
		.entry = wanted(process, UTRACE_EVENT_SYSCALL_ENTRY, withheld),
		.exit = wanted(process, UTRACE_EVENT_SYSCALL_EXIT, withheld),
		.exiting = wanted(process, UTRACE_EVENT_EXITING, withheld),
		.signal = wanted(process, UTRACE_EVENT_SIGNAL, withheld),
		.kill = process->end_policy == UTRACE_END_KILL,
		.filter_version = process->filter_version,
	};

	/* Its cause is needed for the end of a process of many threads. */
	if (key.signal == KN_IGNORE)
		key.signal = KN_RECORD;
	if (ut__sink_has_traps(process))
		key.signal = KN_STOP;
	return key;
}

struct kn_key kn_policy_of_process(const utrace_process *process)
{
	return key_for(process, 0);
}

static struct kn_key key_of(const utrace_thread *thread, bool every_call)
{
	struct kn_key key = key_for(thread->process, thread->withheld);
	const struct kn_thread *kt = kn_of(thread);

	key.every_entry = every_call;
	key.every_exit = every_call || thread->watches_call || (thread->call.inside && thread->call.result_set);
	if (every_call || kt->sent_count || kt->kept_out || kt->deferred_count)
		key.signal = KN_STOP;
	return key;
}

static bool same(const struct kn_key *one, const struct kn_key *other)
{
	return one->set == other->set && one->entry == other->entry && one->exit == other->exit &&
	       one->every_entry == other->every_entry && one->every_exit == other->every_exit &&
	       one->exiting == other->exiting && one->signal == other->signal && one->kill == other->kill &&
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

static void choose(struct utrace_policy *policy, enum utrace_ev event, enum kn_want want)
{
	if (want == KN_STOP)
		policy->stop |= UTRACE_EV_BIT(event);
	if (want == KN_RECORD)
		policy->record |= UTRACE_EV_BIT(event);
}

void kn_policy_build(const utrace_process *process, const struct kn_key *key, struct utrace_policy *policy)
{
	const utrace_filter *filter = process->filter;

	memset(policy, 0, sizeof(*policy));
	policy->flags = UTRACE_POLICY_CALLS;
	if (key->kill)
		policy->flags |= UTRACE_POLICY_KILL_ON_CLOSE;
	policy->stop = UTRACE_EV_BIT(UTRACE_EV_CLONE) | UTRACE_EV_BIT(UTRACE_EV_VFORK_DONE) |
		       UTRACE_EV_BIT(UTRACE_EV_EXEC) | UTRACE_EV_BIT(UTRACE_EV_JOB_STOP) |
		       UTRACE_EV_BIT(UTRACE_EV_JOB_CONTINUE);
	choose(policy, UTRACE_EV_SIGNAL, key->signal);
	choose(policy, UTRACE_EV_EXIT, key->exiting);
	choose(policy, UTRACE_EV_SYSCALL_ENTRY, key->every_entry ? KN_STOP : key->entry);
	choose(policy, UTRACE_EV_SYSCALL_EXIT, key->every_exit ? KN_STOP : key->exit);
	fill(policy, UTRACE_CALLS_ENTRY_RECORD, filter, key->entry == KN_RECORD, false);
	fill(policy, UTRACE_CALLS_ENTRY_STOP, filter, key->entry == KN_STOP, key->every_entry);
	fill(policy, UTRACE_CALLS_EXIT_RECORD, filter, key->exit == KN_RECORD, false);
	fill(policy, UTRACE_CALLS_EXIT_STOP, filter, key->exit == KN_STOP, key->every_exit);
}

static void give(utrace_process *process, uint64_t target, const struct kn_key *key)
{
	struct utrace_policy policy;
	struct utrace_command command = {
		.cmd = UTRACE_CMD_SET_POLICY, .target = target, .data = (uintptr_t)&policy, .size = sizeof(policy)};

	kn_policy_build(process, key, &policy);
	/* A failure means that it has ended, which will be told. */
	(void)kn_run(kn_session_of(process), &command);
}

void kn_policy_sync(utrace_thread *thread, bool every_call)
{
	struct kn_thread *kt = kn_of(thread);
	struct kn_key key = key_of(thread, every_call);

	if (same(&key, &kt->key))
		return;
	kt->key = key;
	give(thread->process, kt->cookie, &key);
}

/* Gives each thread what it needs, or tells (`give_it` false) whether all need just this. */
static bool sync_all(utrace_process *process, const struct kn_key *common, bool give_it)
{
	bool alike = true;
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, &process->threads) {
		utrace_thread *thread = UT__ENTRY(node, utrace_thread, in_process);
		struct kn_key key = key_of(thread, kn_of(thread)->key.every_entry);

		if (!kn_of(thread)->in_map)
			continue;
		if (give_it)
			kn_policy_sync(thread, key.every_entry);
		else
			alike = alike && same(&key, common);
	}
	return alike;
}

static void take_over(utrace_process *process, const struct kn_key *key)
{
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, &process->threads)
		kn_of(UT__ENTRY(node, utrace_thread, in_process))->key = *key;
}

/*
 * At once for all that run.  One command does where all need the same; where one needs more, it must not be without for
 * a moment.
 */
void kn_policy_changed(utrace_process *process)
{
	struct kn_key common = kn_policy_of_process(process);
	struct kn_process *kp = kn_process_of(process);

	process->filter_place = process->filter ? UTRACE_FILTER_IN_KERNEL : UTRACE_FILTER_ABSENT;
	if (!kp->in_map)
		return;
	if (!same(&common, &kp->key) && sync_all(process, &common, false)) {
		give(process, kp->cookie, &common);
		take_over(process, &common);
	}
	kp->key = common;
	(void)sync_all(process, &common, true);
}
