/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processes that end with many threads, or that are about to.  end_ways WAY COUNT [DIRECTORY]
 *   group   COUNT threads sleep; at the byte the first one ends all with status 5
 *   core    COUNT threads sleep in a directory; at the byte one of them aborts, and there may be a core file
 *   turns   COUNT threads that end one after the other, each at a byte
 */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "att_common.h"

static sem_t started, turn;

static void *sleep_on(void *aborts)
{
	CHECK(!sem_post(&started));
	if (aborts) {
		CHECK(wait_byte() == 'g');
		abort();
	}
	for (;;)
		pause();
	return NULL;
}

static void *take_turn(void *unused)
{
	CHECK(!sem_post(&started));
	while (sem_wait(&turn))
		CHECK(errno == EINTR);
	return unused;
}

static pthread_t *make(int count, void *(*run)(void *), bool last_aborts)
{
	pthread_t *threads = calloc((size_t)count, sizeof(*threads));

	CHECK(threads && !sem_init(&started, 0, 0) && !sem_init(&turn, 0, 0));
	for (int i = 0; i < count; i++)
		CHECK(!pthread_create(&threads[i], NULL, run, last_aborts && i == count - 1 ? threads : NULL));
	for (int i = 0; i < count; i++) {
		while (sem_wait(&started))
			CHECK(errno == EINTR);
	}
	say("ready\n");
	return threads;
}

static void end_group(int count)
{
	(void)make(count, sleep_on, false);
	CHECK(wait_byte() == 'g');
	_exit(5);
}

static void dump_core(int count, const char *directory)
{
	struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};

	CHECK(!chdir(directory));
	CHECK(!getrlimit(RLIMIT_CORE, &limit));
	limit.rlim_cur = limit.rlim_max;
	CHECK(!setrlimit(RLIMIT_CORE, &limit));
	(void)make(count, sleep_on, true);
	for (;;)
		pause();
}

static void take_turns(int count)
{
	pthread_t *threads = make(count, take_turn, false);

	for (int i = 0; i < count; i++) {
		CHECK(wait_byte() == 'g');
		CHECK(!sem_post(&turn));
		say("turn\n");
	}
	for (int i = 0; i < count; i++)
		CHECK(!pthread_join(threads[i], NULL));
	free(threads);
}

int main(int argc, char **argv)
{
	const char *way = argc > 2 ? argv[1] : "";
	int count = argc > 2 ? atoi(argv[2]) : 0;

	if (!strcmp(way, "group"))
		end_group(count);
	else if (!strcmp(way, "core"))
		dump_core(count, argv[3]);
	else if (!strcmp(way, "turns"))
		take_turns(count);
	say("ok %s\n", way);
	return 0;
}
