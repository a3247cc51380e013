/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * brk_call_32.c - system calls of 32-bit code by both of its instructions: int 0x80, and what the kernel's __kernel_vsyscall has.  It
 * prints where they are, and for each byte on descriptor 0 makes a call by each, which must give its pid.
 */
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

extern const char brk_int80[];

static __attribute__((noinline)) int by_interrupt(void)
{
	int result = SYS_getpid;

	__asm__ volatile(".globl brk_int80\nbrk_int80: int $0x80" : "+a"(result)::"memory");
	return result;
}

static __attribute__((noinline)) int by_entry(unsigned long entry)
{
	int result = SYS_getpid;

	__asm__ volatile("call *%1" : "+a"(result) : "r"(entry) : "memory");
	return result;
}

int main(void)
{
	unsigned long entry = getauxval(AT_SYSINFO);
	int pid = getpid();
	char byte;

	printf("interrupt %lx\n", (unsigned long)brk_int80);
	printf("entry %lx\n", entry);
	fflush(stdout);
	while (read(0, &byte, 1) == 1 && byte == 'g') {
		int same = by_interrupt() == pid && (!entry || by_entry(entry) == pid);

		printf("%s\n", same ? "same" : "other");
		fflush(stdout);
	}
	return 0;
}
