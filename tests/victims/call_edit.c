/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * getppid(2) with a number as first argument, each of which the tracer changes in its own way
 * (tests/conformance/test_syscalls.c); here stands what must come of it.  Raw, for the C library takes some results
 * for errors.
 */
#include <sys/mman.h>
#include <time.h>

#include "att_common.h"

#define GETPPID 110

static long call(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return result;
}

static void check_rewritten(void)
{
	struct timespec time = {.tv_nsec = 20000000}, start, end;

	CHECK(call(GETPPID, 1, 0, 0) == getpid());
	CHECK(call(GETPPID, 2, 0, 0) == -ENOSYS);
	CHECK(!clock_gettime(CLOCK_MONOTONIC, &start));
	CHECK(call(GETPPID, 3, (long)&time, 0) == 0);
	CHECK(!clock_gettime(CLOCK_MONOTONIC, &end));
	CHECK((end.tv_sec - start.tv_sec) * 1000000000L + end.tv_nsec - start.tv_nsec >= 20000000);
	/* Only the arguments: another pipe end, another length. */
	CHECK(call(1, -1, (long)"arguments\nsurplus\n", 18) == 10);
}

static void check_skipped(void)
{
	CHECK(call(GETPPID, 4, 0, 0) == 4242);
	CHECK(call(GETPPID, 5, 0, 0) == -EACCES);
	CHECK(call(GETPPID, 6, 0, 0) == -4095);
	CHECK(call(GETPPID, 7, 0, 0) == -4096);
	/* Skipped, so the byte stays where it is. */
	CHECK(call(0, 0, 0, 8) == 1);
	CHECK(wait_byte() == 'g');
}

static void check_replaced(void)
{
	CHECK(call(GETPPID, 8, 0, 0) == 777);
	CHECK(call(GETPPID, 9, 0, 0) == -EPERM);
	CHECK(call(GETPPID, 10, 0, 0) == -512);
	CHECK(call(GETPPID, 11, 0, 0) == (long)0x8000000000000000);
	CHECK(call(GETPPID, 12, 0, 0) == getppid());
}

int main(void)
{
	check_rewritten();
	check_skipped();
	check_replaced();
	say("ok edit\n");
	return 0;
}
