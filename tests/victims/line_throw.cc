// SPDX-License-Identifier: BSD-2-Clause
// Exceptions that line steps meet. The marks in the comments name lines for the test, which reads this file.
#include <cstdio>
#include <stdexcept>
#include <string>

namespace
{

struct Witness {
	int *count;
	~Witness()
	{
		++*count;
	}
};

void thrower(int depth, int *count)
{
	Witness witness{count};

	if (depth)
		thrower(depth - 1, count);
	else
		throw std::runtime_error("thrown"); /* @throw */
}

int caught_inside(int *count)
{
	try {
		thrower(2, count);
	} catch (const std::exception &) {
		return 1;
	}
	return 0;
}

void through(int *count)
{
	thrower(1, count); /* @through */
} /* @through-end */

} // namespace

int main()
{
	int count = 0;          /* @main-first */
	int result = 0;

	result += caught_inside(&count); /* @inside */
	try {
		thrower(3, &count); /* @caught-here */
		result = 100;
	} catch (const std::runtime_error &error) { /* @catch */
		result += (int)std::string(error.what()).size(); /* @handler */
	}
	try {
		through(&count); /* @call-through */
	} catch (...) { /* @catch-all */
		result++; /* @handler-all */
	}
	std::printf("done %d %d\n", result, count); /* @print */
	return 0;                                  /* @return */
}
