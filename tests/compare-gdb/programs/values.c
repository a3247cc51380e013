/* SPDX-License-Identifier: BSD-2-Clause */
/* values.c - one of each kind of C value. */
#include <complex.h>
#include <stdbool.h>
#include <stdio.h>

enum color { RED, GREEN = 5, BLUE };
enum flags { FLAG_A = 1, FLAG_B = 2, FLAG_C = 8 };

struct point {
	int x, y;
};

struct bits {
	unsigned int low : 3;
	int middle : 7;
	unsigned int high : 22;
};

union number {
	int integer;
	float real;
	unsigned char bytes[4];
};

struct node {
	const char *name;
	struct point at;
	enum color color;
	struct node *next;
	int (*compare)(const void *, const void *);
	union number number;
	struct {
		short inner;
		char tag;
	};
	double weights[3];
};

typedef struct node node_type;
typedef unsigned long word;

static int compare_ints(const void *left, const void *right)
{
	return *(const int *)left - *(const int *)right;
}

int global = 42;
static int hidden = -7;
const char *greeting = "hello, world\n";
char buffer[32] = "short";
char zeros[64];
int numbers[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 11};
int matrix[2][3] = {{1, 2, 3}, {4, 5, 6}};
struct point points[3] = {{1, 2}, {3, 4}, {5, 6}};
struct bits bits = {5, -3, 1000};
enum color color = GREEN;
enum flags flags = FLAG_A | FLAG_C;
enum flags unknown_flags = (enum flags)20;
double real = 3.14;
float single = 1.5f;
long double extended = 2.25L;
bool truth = true;
unsigned char byte = 200;
signed char small = -5;
char letter = 'x';
short halfword = -300;
long long big = 1234567890123456789LL;
word words[2] = {1UL << 63, 7};
double _Complex complex_number = 1.5 + 2.5 * I;
void *nowhere;
struct node tail = {.name = "tail", .at = {3, 4}, .color = BLUE, .compare = compare_ints, .weights = {0.5, 1, 1e30}};
struct node head = {.name = "head", .at = {1, 2}, .next = &tail, .number = {.integer = 65}, .tag = 't', .inner = 9};

static int sum(int count, const int *values)
{
	int total = 0;

	for (int i = 0; i < count; i++)
		total += values[i];
	return total;
}

static struct point move(struct point from, int by)
{
	struct point to = {from.x + by, from.y + by};

	return to;
}

static double half(double of)
{
	return of / 2;
}

int main(int argc, char **argv)
{
	node_type *list = &head;
	struct point moved;
	int total;
	register int fast = argc + 1;

	total = sum(5, numbers);
	moved = move(points[1], 10);
	real = half(real);
	hidden += total;
	printf("%d %d %d %g %d %s", total, moved.x, fast, real, hidden, greeting);
	return list->at.x + (argv[0] == nowhere);
}
