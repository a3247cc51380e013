/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * argv[1] threads, half of which spin and half wait in a call (read, futex, nanosleep in turn); with argv[2] "churn"
 * another one keeps making and joining threads.  At the byte all end, and each must have ended well.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>

#include "att_common.h"

static atomic_int done;
static atomic_int alive;
static atomic_int well;
static int quiet[2];

static void wait_in_call(int kind)
{
	struct timespec moment = {.tv_nsec = 1000000};
	char byte;

	if (kind == 0)
		CHECK(!syscall(SYS_read, quiet[0], &byte, 1L));
	while (kind == 1 && !atomic_load(&done))
		syscall(SYS_futex, &done, FUTEX_WAIT, 0, NULL, NULL, 0);
	while (kind == 2 && !atomic_load(&done))
		CHECK(!syscall(SYS_nanosleep, &moment, NULL));
}

static void *run(void *index)
{
	long number = (long)index;

	atomic_fetch_add(&alive, 1);
	if (number % 2) {
		while (!atomic_load(&done))
			;
	} else {
		wait_in_call((int)(number / 2 % 3));
	}
	atomic_fetch_add(&well, 1);
	return NULL;
}

static void *nothing(void *unused)
{
	return unused;
}

static void *churn(void *unused)
{
	while (!atomic_load(&done)) {
		pthread_t thread;

		CHECK(!pthread_create(&thread, NULL, nothing, NULL));
		CHECK(!pthread_join(thread, NULL));
	}
	return unused;
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 64;
	pthread_t *threads = calloc((size_t)count + 1, sizeof(*threads));
	bool churns = argc > 2 && !strcmp(argv[2], "churn");

	CHECK(threads && !pipe(quiet));
	for (long i = 0; i < count; i++)
		CHECK(!pthread_create(&threads[i], NULL, run, (void *)i));
	if (churns)
		CHECK(!pthread_create(&threads[count], NULL, churn, NULL));
	while (atomic_load(&alive) < count)
		usleep(1000);
	say("ready\n");
	CHECK(wait_byte() == 'g');
	atomic_store(&done, 1);
	CHECK(!close(quiet[1]));
	CHECK(syscall(SYS_futex, &done, FUTEX_WAKE, 1 << 30, NULL, NULL, 0) >= 0);
	for (int i = 0; i < count + churns; i++)
		CHECK(!pthread_join(threads[i], NULL));
	CHECK(atomic_load(&well) == count);
	say("ok %d\n", count);
	return 0;
}
