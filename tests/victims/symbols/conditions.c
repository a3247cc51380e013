/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conditions.c - functions that are called a hundred times a round with values that differ each time; for conditions
 * on what a program's variables have.  "r" on descriptor 0 is a round, which ends with "done"; anything else is the end.
 * An argument is a library with a thread-local variable.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

enum { VISITS = 100 };

struct node {
	struct node *next;
	short small;
	unsigned low : 3, high : 5;
	int values[4];
};
struct two {
	long first, second;
};

static struct node nodes[2] = {{.next = &nodes[1]}, {.next = &nodes[0]}};
static int table[10];
static __attribute__((used)) unsigned char file_byte;
__thread int thread_padding[5] = {1};
__thread int thread_number = -1;
int global_number;
volatile long sink;

/* External, so that no compiler changes what is passed. */
long visit(int number, const struct node *node, struct two two, signed char letter, long wide);
long compute(int number);

__attribute__((noinline)) long visit(int number, const struct node *node, struct two two, signed char letter, long wide)
{
	sink += number; /* mark: visit */
	return two.first + two.second + node->small + letter + wide + table[number % 10];
}

__attribute__((noinline)) long compute(int number)
{
	long doubled = number * 2L;
	int inner = number & 7;

	sink += 3; /* mark: compute */
	return doubled + inner + sink;
}

static void round_of_visits(int *loaded)
{
	for (int i = 0; i < VISITS; i++) {
		struct two two = {i * 10L, i * 1000L};

		nodes[0].small = (short)-i;
		nodes[0].values[2] = i * 3;
		table[i % 10] = i;
		global_number = i;
		file_byte = (unsigned char)(i + 200);
		thread_number = i;
		if (loaded)
			*loaded = i;
		sink += visit(i, &nodes[0], two, (signed char)-i, -(long)i << 20);
		sink += compute(i);
	}
}

int main(int argc, char **argv)
{
	void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
	int *(*address)(void) = NULL;
	char byte;

	if (library)
		*(void **)&address = dlsym(library, "tls_loaded_address");
	printf("ready\n");
	fflush(stdout);
	while (read(0, &byte, 1) == 1 && byte == 'r') {
		round_of_visits(address ? address() : NULL);
		printf("done\n");
		fflush(stdout);
	}
	return 0;
}
