/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loads known values into every register and makes a getppid(2) with first argument 77; whoever holds the thread at
 * its exit may look at them and change them.  Afterwards all registers are stored, and told by name.
 */
#include "att_common.h"

/* In the order of the names below; rcx and r11 are lost in a system call. */
uint64_t stored[16];
double stored_xmm[2];
static const char *const names[] = {"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "r8",
				    "r9",  "r10", "r11", "r12", "r13", "r14", "r15", "eflags"};
double loaded_xmm[2] = {1.5, -2.25};

void run_registers(void);
__asm__(".text\n.globl run_registers\nrun_registers:\n\t"
	"push %rbx\n\tpush %rbp\n\tpush %r12\n\tpush %r13\n\tpush %r14\n\tpush %r15\n\t"
	"movupd loaded_xmm(%rip), %xmm7\n\t"
	"mov $0x1111111122222222, %rbx\n\tmov $0x33, %edx\n\tmov $0x44, %esi\n\tmov $77, %edi\n\tmov $0x55, %ebp\n\t"
	"mov $0x808, %r8d\n\tmov $0x909, %r9d\n\tmov $0x1010, %r10d\n\tmov $0x1212, %r12d\n\tmov $0x1313, %r13d\n\t"
	"mov $0x1414, %r14d\n\tmov $-1, %r15\n\tmov $110, %eax\n\tsyscall\n\t"
	"mov %rax, stored(%rip)\n\tmov %rbx, 8+stored(%rip)\n\tmov %rcx, 16+stored(%rip)\n\t"
	"mov %rdx, 24+stored(%rip)\n\tmov %rsi, 32+stored(%rip)\n\tmov %rdi, 40+stored(%rip)\n\t"
	"mov %rbp, 48+stored(%rip)\n\tmov %r8, 56+stored(%rip)\n\tmov %r9, 64+stored(%rip)\n\t"
	"mov %r10, 72+stored(%rip)\n\tmov %r11, 80+stored(%rip)\n\tmov %r12, 88+stored(%rip)\n\t"
	"mov %r13, 96+stored(%rip)\n\tmov %r14, 104+stored(%rip)\n\tmov %r15, 112+stored(%rip)\n\t"
	"pushf\n\tpop 120+stored(%rip)\n\tmovupd %xmm7, stored_xmm(%rip)\n\t"
	"pop %r15\n\tpop %r14\n\tpop %r13\n\tpop %r12\n\tpop %rbp\n\tpop %rbx\n\tret\n");

int main(void)
{
	run_registers();
	for (int i = 0; i < 16; i++)
		say("%s %lx\n", names[i], (unsigned long)stored[i]);
	say("xmm7 %g %g\n", stored_xmm[0], stored_xmm[1]);
	say("ok\n");
	return 0;
}
