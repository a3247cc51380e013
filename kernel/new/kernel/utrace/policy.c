// SPDX-License-Identifier: GPL-2.0-only
/*
 * utrace(2): policies, and what follows from them for a task.
 *
 * The rules of a watch are never changed, only replaced, under utrace_task->lock. What a
 * task's watches want in all is kept in utrace_task->wanted and in SYSCALL_WORK_SYSCALL_UTRACE;
 * utrace_update() is the only writer of both.
 */
#include <linux/nospec.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "internal.h"

#define CALL_EVENTS	(UTRACE_EV_BIT(UTRACE_EV_SYSCALL_ENTRY) | \
			 UTRACE_EV_BIT(UTRACE_EV_SYSCALL_EXIT))
/* What a policy may ask for; all others are told unasked. */
#define ASKED_EVENTS	(CALL_EVENTS | UTRACE_EV_BIT(UTRACE_EV_CLONE) | \
			 UTRACE_EV_BIT(UTRACE_EV_VFORK_DONE) | UTRACE_EV_BIT(UTRACE_EV_EXEC) | \
			 UTRACE_EV_BIT(UTRACE_EV_EXIT) | UTRACE_EV_BIT(UTRACE_EV_SIGNAL) | \
			 UTRACE_EV_BIT(UTRACE_EV_JOB_STOP) | \
			 UTRACE_EV_BIT(UTRACE_EV_JOB_CONTINUE))

static int rules_check(const struct utrace_policy *policy)
{
	if (policy->flags & ~(UTRACE_POLICY_CALLS | UTRACE_POLICY_KILL_ON_CLOSE))
		return -EINVAL;
	if (policy->reserved || (policy->record | policy->stop) & ~ASKED_EVENTS)
		return -EINVAL;
	return 0;
}

/**
 * utrace_rules_copy - make rules from a policy in user space
 * @user: pointer to a struct utrace_policy, or 0 for one that is all zero
 * @size: its size
 *
 * Returns rules with one reference, or an ERR_PTR().
 */
struct utrace_rules *utrace_rules_copy(u64 user, u64 size)
{
	struct utrace_rules *rules;
	int error = 0;

	if (size > PAGE_SIZE)
		return ERR_PTR(-E2BIG);
	rules = kzalloc(sizeof(*rules), GFP_KERNEL_ACCOUNT);
	if (!rules)
		return ERR_PTR(-ENOMEM);
	refcount_set(&rules->ref, 1);
	if (user)
		error = copy_struct_from_user(&rules->policy, sizeof(rules->policy),
					      u64_to_user_ptr(user), size);
	if (!error)
		error = rules_check(&rules->policy);
	if (error) {
		kfree(rules);
		return ERR_PTR(error);
	}
	return rules;
}

struct utrace_rules *utrace_rules_get(struct utrace_rules *rules)
{
	refcount_inc(&rules->ref);
	return rules;
}

void utrace_rules_put(struct utrace_rules *rules)
{
	if (refcount_dec_and_test(&rules->ref))
		kfree(rules);
}

/* The rules of a watch, with a reference. */
struct utrace_rules *utrace_rules_of(struct utrace_watch *watch)
{
	struct utrace_rules *rules;

	spin_lock(&watch->task->utrace->lock);
	rules = utrace_rules_get(watch->rules);
	spin_unlock(&watch->task->utrace->lock);
	return rules;
}

static bool call_matches(const struct utrace_policy *policy, const struct utrace_record *rec,
			 bool stop)
{
	unsigned int set = rec->event == UTRACE_EV_SYSCALL_ENTRY ? UTRACE_CALLS_ENTRY_RECORD :
								   UTRACE_CALLS_EXIT_RECORD;
	u64 nr = rec->syscall.nr;

	if (nr > UTRACE_CALLS_OTHER)
		nr = UTRACE_CALLS_OTHER;
	nr = array_index_nospec(nr, UTRACE_CALLS_OTHER + 1);
	/* Each STOP set follows its RECORD set. */
	return policy->calls[set + stop][rec->syscall.abi][nr / 64] >> (nr % 64) & 1;
}

/**
 * utrace_rules_match - does a policy ask for this event?
 * @policy: the policy
 * @rec: the event
 * @stop: true: to be stopped by it; false: to be told of it
 */
bool utrace_rules_match(const struct utrace_policy *policy, const struct utrace_record *rec,
			bool stop)
{
	u64 bit = UTRACE_EV_BIT(rec->event);

	if (!((stop ? policy->stop : policy->record) & bit))
		return false;
	return !(bit & CALL_EVENTS && policy->flags & UTRACE_POLICY_CALLS) ||
	       call_matches(policy, rec, stop);
}

/**
 * utrace_update - follow a change of the watches of a task or of their rules
 * @ut: the task; its lock is held
 */
void utrace_update(struct utrace_task *ut)
{
	struct utrace_watch *watch;
	u64 record = 0, stop = 0;

	lockdep_assert_held(&ut->lock);
	list_for_each_entry(watch, &ut->watches, on_task) {
		record |= watch->rules->policy.record;
		stop |= watch->rules->policy.stop;
	}
	WRITE_ONCE(ut->wanted, record | stop);
	WRITE_ONCE(ut->wanted_stop, stop);
	if (!((record | stop) & CALL_EVENTS)) {
		clear_task_syscall_work(ut->task, SYSCALL_UTRACE);
	} else if (!test_task_syscall_work(ut->task, SYSCALL_UTRACE)) {
		/* Exits without an entry may have passed unseen. */
		WRITE_ONCE(ut->in_call, false);
		set_task_syscall_work(ut->task, SYSCALL_UTRACE);
	}
}
