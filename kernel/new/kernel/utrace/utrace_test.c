// SPDX-License-Identifier: GPL-2.0-only
/*
 * utrace(2): KUnit tests of what needs no tracee: the ring against readers that are slow or
 * lie, the matching of policies, and the check of a policy that comes from user space.
 *
 * The hooks and commands have selftests in tools/testing/selftests/utrace.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/mman.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "internal.h"

static struct utrace_session *make_session(struct kunit *test, u32 size)
{
	struct utrace_session *session = kunit_kzalloc(test, sizeof(*session), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, session);
	spin_lock_init(&session->lock);
	init_waitqueue_head(&session->readers);
	init_waitqueue_head(&session->writers);
	INIT_LIST_HEAD(&session->owed);
	KUNIT_ASSERT_EQ(test, utrace_ring_create(session, size), 0);
	return session;
}

static struct utrace_record make_record(enum utrace_ev event, u64 task)
{
	struct utrace_record rec = { .event = event, .task = task };

	rec.size = utrace_record_size(event);
	return rec;
}

/* The record at the reader's place, which it moves on; NULL at the end. Fills are passed over. */
static const struct utrace_record *take(struct utrace_session *session)
{
	struct utrace_ring *ring = session->ring;

	while (ring->tail != ring->head) {
		void *data = (void *)ring + ring->data_offset;
		const struct utrace_record *rec = data + (ring->tail & (ring->data_size - 1));

		ring->tail += rec->size;
		if (rec->event != UTRACE_EV_PAD)
			return rec;
	}
	return NULL;
}

static void fill(struct utrace_session *session)
{
	struct utrace_record rec = make_record(UTRACE_EV_EXEC, 1);

	while (utrace_ring_has_room(session, rec.size))
		utrace_ring_record(session, &rec, NULL, false);
}

static void drain(struct utrace_session *session)
{
	while (take(session))
		;
}

static void ring_sizes(struct kunit *test)
{
	static const u32 bad[] = { 1, 2048, PAGE_SIZE - 1, PAGE_SIZE + 1, 3 * PAGE_SIZE,
				   UTRACE_MAX_RING * 2, U32_MAX };
	struct utrace_session session = {};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ(test, utrace_ring_create(&session, bad[i]), -EINVAL);
}

/* Records of all sizes go round the ring many times, whole and in order. */
static void ring_wraps(struct kunit *test)
{
	static const enum utrace_ev events[] = { UTRACE_EV_EXEC, UTRACE_EV_SYSCALL_ENTRY,
						 UTRACE_EV_SIGNAL, UTRACE_EV_STOP };
	struct utrace_session *session = make_session(test, PAGE_SIZE);
	u64 put = 0, taken = 0;

	while (put < 2000) {
		enum utrace_ev event = events[put % ARRAY_SIZE(events)];
		struct utrace_record rec = make_record(event, put);
		const struct utrace_record *got;

		if (utrace_ring_has_room(session, rec.size)) {
			KUNIT_EXPECT_TRUE(test, utrace_ring_record(session, &rec, NULL, false));
			put++;
			continue;
		}
		got = take(session);
		KUNIT_ASSERT_NOT_NULL(test, got);
		KUNIT_ASSERT_EQ(test, got->task, taken);
		KUNIT_ASSERT_EQ(test, got->event, events[taken % ARRAY_SIZE(events)]);
		KUNIT_ASSERT_EQ(test, got->size, utrace_record_size(got->event));
		taken++;
	}
	KUNIT_EXPECT_EQ(test, session->lost, 0);
	utrace_ring_destroy(session);
}

static void ring_counts_losses(struct kunit *test)
{
	struct utrace_session *session = make_session(test, PAGE_SIZE);
	struct utrace_record rec = make_record(UTRACE_EV_SIGNAL, 7);
	const struct utrace_record *got;
	u64 told = 0;

	fill(session);
	for (int i = 0; i < 5; i++)
		KUNIT_EXPECT_TRUE(test, utrace_ring_record(session, &rec, NULL, false));
	KUNIT_EXPECT_GE(test, session->ring->lost, 4);
	/* A LOST is small: the first may have found room where what it counts had not. */
	while ((got = take(session)))
		told += got->event == UTRACE_EV_LOST ? got->lost.count : 0;
	KUNIT_EXPECT_TRUE(test, utrace_ring_record(session, &rec, NULL, false));
	got = take(session);
	KUNIT_ASSERT_NOT_NULL(test, got);
	KUNIT_EXPECT_EQ(test, got->event, UTRACE_EV_LOST);
	KUNIT_EXPECT_EQ(test, told + got->lost.count, session->ring->lost);
	got = take(session);
	KUNIT_ASSERT_NOT_NULL(test, got);
	KUNIT_EXPECT_EQ(test, got->task, 7);
	KUNIT_EXPECT_NULL(test, take(session));
	utrace_ring_destroy(session);
}

/* With back-pressure a record waits rather than gets lost, but not where nobody can wait. */
static void ring_back_pressure(struct kunit *test)
{
	struct utrace_session *session = make_session(test, PAGE_SIZE);
	struct utrace_record rec = make_record(UTRACE_EV_SIGNAL, 7);

	session->flags = UTRACE_OPEN_BACKPRESSURE;
	while (utrace_ring_record(session, &rec, NULL, true))
		;
	KUNIT_EXPECT_EQ(test, session->lost, 0);
	KUNIT_EXPECT_FALSE(test, utrace_ring_has_room(session, rec.size));
	KUNIT_EXPECT_TRUE(test, utrace_ring_record(session, &rec, NULL, false));
	KUNIT_EXPECT_EQ(test, session->lost, 1);
	session->closed = true;
	KUNIT_EXPECT_TRUE(test, utrace_ring_has_room(session, rec.size));
	KUNIT_EXPECT_TRUE(test, utrace_ring_record(session, &rec, NULL, true));
	utrace_ring_destroy(session);
}

/* A tail that can't be true makes the ring full: nothing is written, not even what was there. */
static void ring_tail_lies(struct kunit *test)
{
	struct utrace_session *session = make_session(test, PAGE_SIZE);
	struct utrace_record rec = make_record(UTRACE_EV_EXEC, 1);
	const u64 lies[] = { 1, 4, 8 + rec.size, U64_MAX, U64_MAX - 7, 1ULL << 63, -PAGE_SIZE - 8 };

	utrace_ring_record(session, &rec, NULL, false);
	for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
		u64 head = session->ring->head;

		session->ring->tail = lies[i];
		KUNIT_EXPECT_FALSE(test, utrace_ring_has_room(session, rec.size));
		utrace_ring_record(session, &rec, NULL, false);
		KUNIT_EXPECT_EQ(test, session->ring->head, head);
		KUNIT_EXPECT_EQ(test, session->ring->lost, i + 1);
	}
	/* What user space writes elsewhere is not read. */
	session->ring->head = 12345;
	session->ring->data_size = 1;
	session->ring->data_offset = U32_MAX;
	session->ring->tail = session->head;
	KUNIT_EXPECT_TRUE(test, utrace_ring_has_room(session, rec.size));
	utrace_ring_destroy(session);
}

/* What may not be lost is kept, comes before anything newer, and in order. */
static void ring_owes(struct kunit *test)
{
	struct utrace_session *session = make_session(test, PAGE_SIZE);
	struct utrace_watch *watch = kunit_kzalloc(test, sizeof(*watch), GFP_KERNEL);
	struct utrace_record stop = make_record(UTRACE_EV_STOP, 5);
	struct utrace_record end = make_record(UTRACE_EV_DEATH, 6);
	struct utrace_record rec = make_record(UTRACE_EV_EXEC, 7);

	KUNIT_ASSERT_NOT_NULL(test, watch);
	/* One reference of the test's own, so that the watch is never freed. */
	refcount_set(&watch->ref, 1);
	INIT_LIST_HEAD(&watch->on_owed);
	watch->session = session;
	fill(session);
	while (session->lost == 0)
		utrace_ring_record(session, &rec, NULL, false);
	utrace_ring_tell(watch, UTRACE_OWES_STOP, &stop);
	utrace_ring_tell(watch, UTRACE_OWES_END, &end);
	KUNIT_EXPECT_EQ(test, watch->owes, UTRACE_OWES_STOP | UTRACE_OWES_END);
	KUNIT_EXPECT_EQ(test, refcount_read(&watch->ref), 2);
	drain(session);
	KUNIT_EXPECT_TRUE(test, utrace_ring_record(session, &rec, NULL, false));
	KUNIT_EXPECT_EQ(test, take(session)->event, UTRACE_EV_LOST);
	KUNIT_EXPECT_EQ(test, take(session)->task, 5);
	KUNIT_EXPECT_EQ(test, take(session)->task, 6);
	KUNIT_EXPECT_EQ(test, take(session)->task, 7);
	KUNIT_EXPECT_EQ(test, watch->owes, 0);
	KUNIT_EXPECT_EQ(test, refcount_read(&watch->ref), 1);
	utrace_ring_destroy(session);
}

/* A stop that is over before there was room is not told. */
static void ring_forgets_stops(struct kunit *test)
{
	struct utrace_session *session = make_session(test, PAGE_SIZE);
	struct utrace_watch *watch = kunit_kzalloc(test, sizeof(*watch), GFP_KERNEL);
	struct utrace_record stop = make_record(UTRACE_EV_STOP, 5);

	KUNIT_ASSERT_NOT_NULL(test, watch);
	refcount_set(&watch->ref, 1);
	INIT_LIST_HEAD(&watch->on_owed);
	watch->session = session;
	while (!watch->owes)
		utrace_ring_tell(watch, UTRACE_OWES_STOP, &stop);
	utrace_ring_forget_stop(watch);
	KUNIT_EXPECT_EQ(test, refcount_read(&watch->ref), 1);
	KUNIT_EXPECT_TRUE(test, list_empty(&session->owed));
	drain(session);
	KUNIT_EXPECT_FALSE(test, utrace_ring_readable(session));
	utrace_ring_destroy(session);
}

static void policy_events(struct kunit *test)
{
	struct utrace_policy *policy = kunit_kzalloc(test, sizeof(*policy), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, policy);
	policy->record = UTRACE_EV_BIT(UTRACE_EV_CLONE);
	policy->stop = UTRACE_EV_BIT(UTRACE_EV_EXEC);
	for (int event = 0; event < UTRACE_EV_COUNT; event++) {
		struct utrace_record rec = make_record(event, 1);

		KUNIT_EXPECT_EQ(test, utrace_rules_match(policy, &rec, false),
				event == UTRACE_EV_CLONE);
		KUNIT_EXPECT_EQ(test, utrace_rules_match(policy, &rec, true),
				event == UTRACE_EV_EXEC);
	}
}

static const struct {
	s64 nr;
	unsigned int bit;
} call_bits[] = {
	{ 0, 0 },
	{ 63, 63 },
	{ 64, 64 },
	{ UTRACE_CALLS_OTHER - 1, UTRACE_CALLS_OTHER - 1 },
	{ UTRACE_CALLS_OTHER, UTRACE_CALLS_OTHER },
	{ UTRACE_CALLS_OTHER + 1, UTRACE_CALLS_OTHER },
	{ S32_MAX, UTRACE_CALLS_OTHER },
	{ -1, UTRACE_CALLS_OTHER },
	{ S64_MIN, UTRACE_CALLS_OTHER },
};

/* Each number has its bit, in the set of its event, its ABI, and of recording or stopping. */
static void policy_calls(struct kunit *test)
{
	struct utrace_policy *policy = kunit_kzalloc(test, sizeof(*policy), GFP_KERNEL);
	const u64 both = UTRACE_EV_BIT(UTRACE_EV_SYSCALL_ENTRY) |
			 UTRACE_EV_BIT(UTRACE_EV_SYSCALL_EXIT);

	KUNIT_ASSERT_NOT_NULL(test, policy);
	policy->record = both;
	policy->stop = both;
	for (int set = 0; set < UTRACE_CALLS_SETS; set++) {
		for (int abi = 0; abi < UTRACE_CALL_ABIS; abi++) {
			for (size_t i = 0; i < ARRAY_SIZE(call_bits); i++) {
				bool entry = set < UTRACE_CALLS_EXIT_RECORD, stop = set & 1;
				unsigned int bit = call_bits[i].bit;
				struct utrace_record rec;

				rec = make_record(entry ? UTRACE_EV_SYSCALL_ENTRY :
							  UTRACE_EV_SYSCALL_EXIT, 1);
				rec.syscall.nr = call_bits[i].nr;
				rec.syscall.abi = abi;
				policy->flags = 0;
				KUNIT_EXPECT_TRUE(test, utrace_rules_match(policy, &rec, stop));
				policy->flags = UTRACE_POLICY_CALLS;
				KUNIT_EXPECT_FALSE(test, utrace_rules_match(policy, &rec, stop));
				policy->calls[set][abi][bit / 64] = 1ULL << (bit % 64);
				KUNIT_EXPECT_TRUE(test, utrace_rules_match(policy, &rec, stop));
				KUNIT_EXPECT_FALSE(test, utrace_rules_match(policy, &rec, !stop));
				policy->calls[set][abi][bit / 64] = 0;
			}
		}
	}
}

static int copy_policy(struct kunit *test, const void *policy, u64 size)
{
	unsigned long user = kunit_vm_mmap(test, NULL, 0, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
					   MAP_ANONYMOUS | MAP_PRIVATE, 0);
	struct utrace_rules *rules;

	KUNIT_ASSERT_NE(test, user, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(user));
	KUNIT_ASSERT_EQ(test, copy_to_user((void __user *)user, policy,
					   min_t(u64, size, 2 * PAGE_SIZE)), 0);
	rules = utrace_rules_copy(user, size);
	if (IS_ERR(rules))
		return PTR_ERR(rules);
	utrace_rules_put(rules);
	return 0;
}

static void policy_from_user(struct kunit *test)
{
	struct utrace_policy *policy = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	u8 *bytes = (u8 *)policy;

	KUNIT_ASSERT_NOT_NULL(test, policy);
	KUNIT_EXPECT_EQ(test, copy_policy(test, policy, sizeof(*policy)), 0);
	/* A caller that knows less, and one that knows more but does not use it. */
	policy->stop = UTRACE_EV_BIT(UTRACE_EV_EXEC);
	KUNIT_EXPECT_EQ(test, copy_policy(test, policy, offsetof(struct utrace_policy, calls)), 0);
	KUNIT_EXPECT_EQ(test, copy_policy(test, policy, sizeof(*policy) + 8), 0);
	bytes[sizeof(*policy) + 3] = 1;
	KUNIT_EXPECT_EQ(test, copy_policy(test, policy, sizeof(*policy) + 8), -E2BIG);
	KUNIT_EXPECT_PTR_EQ(test, utrace_rules_copy(1, U64_MAX), ERR_PTR(-E2BIG));
	KUNIT_EXPECT_PTR_EQ(test, utrace_rules_copy(8, sizeof(*policy)), ERR_PTR(-EFAULT));
	KUNIT_EXPECT_PTR_EQ(test, utrace_rules_copy(TASK_SIZE_MAX, sizeof(*policy)),
			    ERR_PTR(-EFAULT));
	policy->flags = UTRACE_POLICY_KILL_ON_CLOSE << 1;
	KUNIT_EXPECT_EQ(test, copy_policy(test, policy, sizeof(*policy)), -EINVAL);
	policy->flags = 0;
	policy->reserved = 1;
	KUNIT_EXPECT_EQ(test, copy_policy(test, policy, sizeof(*policy)), -EINVAL);
	policy->reserved = 0;
	/* These are told unasked, and can't be asked for. */
	policy->record = UTRACE_EV_BIT(UTRACE_EV_DEATH);
	KUNIT_EXPECT_EQ(test, copy_policy(test, policy, sizeof(*policy)), -EINVAL);
	policy->record = UTRACE_EV_BIT(UTRACE_EV_COUNT);
	KUNIT_EXPECT_EQ(test, copy_policy(test, policy, sizeof(*policy)), -EINVAL);
}

static struct kunit_case utrace_cases[] = {
	KUNIT_CASE(ring_sizes),
	KUNIT_CASE(ring_wraps),
	KUNIT_CASE(ring_counts_losses),
	KUNIT_CASE(ring_back_pressure),
	KUNIT_CASE(ring_tail_lies),
	KUNIT_CASE(ring_owes),
	KUNIT_CASE(ring_forgets_stops),
	KUNIT_CASE(policy_events),
	KUNIT_CASE(policy_calls),
	KUNIT_CASE(policy_from_user),
	{}
};

static struct kunit_suite utrace_suite = {
	.name = "utrace",
	.test_cases = utrace_cases,
};

kunit_test_suite(utrace_suite);

MODULE_DESCRIPTION("KUnit tests of utrace(2)");
MODULE_LICENSE("GPL");
