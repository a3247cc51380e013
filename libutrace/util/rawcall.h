/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * util/rawcall.h - a system call that touches neither errno nor any other thread-local, for code that runs on a
 * borrowed address space without a thread control block of its own.  Of the architecture that the library is built
 * for.
 */
#ifndef UT_UTIL_RAWCALL_H
#define UT_UTIL_RAWCALL_H

#if defined(__x86_64__)
static inline long ut__rawcall(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}
#else
#error "util/rawcall.h: this architecture needs its system call instruction here"
#endif

#endif
