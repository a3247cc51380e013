/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * values.c - variables of every kind at a place where the program waits: what the test reads stands here as plain text.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum colour { RED, GREEN = 5, BLUE = -1 };
typedef unsigned long count_t;
typedef int (*callback_t)(const char *, ...);
union either {
	int number;
	float real;
};
struct inner {
	char letters[4];
	unsigned low : 3;
	unsigned : 2;
	signed high : 7;
	union either either;
	struct {
		short anonymous;
	};
};
struct outer {
	struct inner inner;
	struct outer *self;
	double ratio;
	enum colour colour;
	_Bool truth;
	int matrix[2][3];
	callback_t callback;
};
struct only_declared;

int global_number = 42;
static __attribute__((used)) const char *file_text = "a text";
__thread int thread_number = 77;
struct outer global_outer = {
	.inner = {.letters = "abc", .low = 5, .high = -3, .either = {.number = 9}, .anonymous = 12},
	.self = &global_outer,
	.ratio = 0.5,
	.colour = BLUE,
	.truth = 1,
	.matrix = {{1, 2, 3}, {4, 5, 6}},
	.callback = printf,
};
struct only_declared *nobody;
volatile int sink;

static __attribute__((noinline)) int values_wait(int first, long second, const struct outer *third)
{
	int local = first + 1;
	char byte;

	for (int i = 0; i < 1; i++) {
		int local = (int)second; /* hides the outer one */
		static int counter = 3;

		counter += local;
		printf("ready\n");
		fflush(stdout);
		sink += (int)read(0, &byte, 1); /* mark: read */
		sink += counter + local;
	}
	return local + third->inner.low;
}

/* At -O2 the parameters are dead after the first call: what they were is in the call site of main. */
static __attribute__((noinline)) int values_gone(int passed, struct outer *where)
{
	sink = passed;
	return values_wait(10, 20, where) + 1;
}

int main(void)
{
	count_t count = 1000;

	global_outer.inner.either.number++;
	sink = values_gone(1234, &global_outer) + (int)count + (file_text != NULL) + thread_number;
	return sink == 0;
}
