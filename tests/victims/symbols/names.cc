/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * names.cc - functions of one name in several places: overloads, members, namespaces, templates, inlined bodies.
 */
#include <cstdio>
#include <unistd.h>

namespace outer
{
struct thing {
	int value;
	int get(int more) const;
	static int made;
};
int thing::made = 7;
int thing::get(int more) const /* mark: thing::get */
{
	return value + more;
}
namespace inner
{
__attribute__((noinline)) int get(int more)
{
	return more * 2; /* mark: inner::get */
}
} // namespace inner
__attribute__((noinline)) int get(double more)
{
	return (int)more;
}
__attribute__((noinline)) int get(const char *text)
{
	return text[0];
}
} // namespace outer

template <typename T> __attribute__((noinline)) T twice(T value)
{
	return value + value;
}

static inline __attribute__((always_inline)) int everywhere(int x)
{
	volatile int y = x;
	return y + 1;
}

__attribute__((noinline)) int first(int x)
{
	return everywhere(x) * 3;
}

__attribute__((noinline)) int second(int x)
{
	return everywhere(x) * 5;
}

int main()
{
	outer::thing thing = {4};
	char byte;

	printf("ready\n");
	fflush(stdout);
	return thing.get(1) + outer::inner::get(2) + outer::get(3.0) + outer::get("x") + twice(4) + (int)twice(4.5) +
		       first(5) + second(6) + (int)read(0, &byte, 1) ==
	       0;
}
