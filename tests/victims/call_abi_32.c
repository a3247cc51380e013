/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The calls of an i386 program: int 0x80, and the C library's own way (sysenter or syscall in the vdso).
 */
#include <sys/syscall.h>

#include "att_common.h"

static long call80(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
	return result;
}

int main(void)
{
	long parent = getppid();

	CHECK(call80(64, 0x11, 0x22, -1) == parent);
	CHECK(syscall(SYS_getppid, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66) == parent);
	CHECK(call80(64, 1, 0, 0) == getpid());
	CHECK(call80(64, 2, 0, 0) == -EACCES);
	CHECK(call80(64, 3, 0, 0) == 4242);
	say("ok abi\n");
	return 0;
}
