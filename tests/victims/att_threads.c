/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Creates and ends threads, in batches, until it is told to finish (a byte) and at least argv[1] were made.  Each
 * thread counts itself; at the end the count must be right, so no thread was lost, stopped for ever or killed.
 */
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>

#include "att_common.h"

#define BATCH 16

static atomic_int ended;

static void *count(void *unused)
{
	(void)unused;
	atomic_fetch_add(&ended, 1);
	return NULL;
}

static int make_batch(void)
{
	pthread_t threads[BATCH];

	for (int i = 0; i < BATCH; i++)
		CHECK(!pthread_create(&threads[i], NULL, count, NULL));
	for (int i = 0; i < BATCH; i++)
		CHECK(!pthread_join(threads[i], NULL));
	return BATCH;
}

/* poll(2) that does not wait can't be interrupted, so this is no test of EINTR. */
static bool is_told(void)
{
	struct pollfd in = {.fd = 0, .events = POLLIN};

	return poll(&in, 1, 0) == 1;
}

int main(int argc, char **argv)
{
	int least = argc > 1 ? atoi(argv[1]) : 1000;
	int made = 0;

	say("ready\n");
	while (made < least || !is_told())
		made += make_batch();
	CHECK(atomic_load(&ended) == made);
	say("ok %d\n", made);
	return 0;
}
