/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tls_use.c - thread-local variables of the executable, of a library that is linked and of one that is loaded while
 * threads run; half of the threads touch the latter's.  It prints the addresses as it sees them itself, a line per
 * thread: "pthread own linked loaded", 0 where it did not look; then "ready".
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { THREADS = 4 };

__thread char tls_padding[3] = "p";
__thread long tls_own = 5;
extern __thread int tls_linked; /* in the library */
int *tls_linked_address(void);

static int *(*loaded_address)(void);
static pthread_barrier_t loaded, told;
static void *addresses[THREADS][4];

static void note(int i, int touch)
{
	addresses[i][0] = (void *)pthread_self();
	addresses[i][1] = &tls_own;
	addresses[i][2] = tls_linked_address();
	addresses[i][3] = touch ? loaded_address() : NULL;
}

static void *run(void *number)
{
	int i = (int)(long)number;

	pthread_barrier_wait(&loaded);
	note(i, i % 2);
	pthread_barrier_wait(&told);
	pause();
	return NULL;
}

int main(int argc, char **argv)
{
	void *library;
	pthread_t thread;
	char byte;

	(void)argc;
	pthread_barrier_init(&loaded, NULL, THREADS);
	pthread_barrier_init(&told, NULL, THREADS);
	for (long i = 1; i < THREADS; i++)
		pthread_create(&thread, NULL, run, (void *)i);
	library = dlopen(argv[1], RTLD_NOW);
	if (!library)
		return printf("%s\n", dlerror()), 1;
	*(void **)&loaded_address = dlsym(library, "tls_loaded_address");
	pthread_barrier_wait(&loaded);
	note(0, 0);
	pthread_barrier_wait(&told);
	printf("ready\n");
	for (int i = 0; i < THREADS; i++)
		printf("%lx %lx %lx %lx\n", (unsigned long)addresses[i][0], (unsigned long)addresses[i][1],
		       (unsigned long)addresses[i][2], (unsigned long)addresses[i][3]);
	fflush(stdout);
	return (int)read(0, &byte, 1) != 1;
}
