/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A 64-bit program that makes i386 calls: int 0x80, with other numbers and other registers than syscall.
 */
#include <sys/mman.h>

#include "att_common.h"

static long call80(long number, long a, long b, long c, long d, long e)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
}

int main(void)
{
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	CHECK(low != MAP_FAILED);
	strcpy(low, "low\n");
	/* The upper halves must be seen as zero. */
	CHECK(call80(64, 0x7700000011, 0x22, 0x33, 0x44, -1) == getppid());
	CHECK((int)call80(4, 1, (long)low, 4, 0, 0) == 4);
	CHECK((int)call80(6, 9999, 0, 0, 0, 0) == -EBADF);
	/* The tracer makes another one of these, and another result of the next. */
	CHECK((int)call80(64, 1, 0, 0, 0, 0) == getpid());
	CHECK((int)call80(64, 2, 0, 0, 0, 0) == -EACCES);
	CHECK((int)call80(64, 3, 0, 0, 0, 0) == 4242);
	say("ok abi\n");
	return 0;
}
