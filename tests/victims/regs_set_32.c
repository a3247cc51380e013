/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The same as regs_set for i386: known values, getppid(2) with first argument 77 by int 0x80, and what was there
 * afterwards.
 */
#include "att_common.h"

uint32_t stored[7];
static const char *const names[] = {"eax", "ebx", "ecx", "edx", "esi", "edi", "ebp"};

void run_registers(void);
__asm__(".text\n.globl run_registers\nrun_registers:\n\t"
	"push %ebx\n\tpush %ebp\n\tpush %esi\n\tpush %edi\n\t"
	"mov $77, %ebx\n\tmov $0x22, %ecx\n\tmov $0x33, %edx\n\tmov $0x44, %esi\n\tmov $0x55, %edi\n\t"
	"mov $0x66, %ebp\n\tmov $64, %eax\n\tint $0x80\n\t"
	"push %ebp\n\tpush %edi\n\tpush %esi\n\tpush %edx\n\tpush %ecx\n\tpush %ebx\n\tpush %eax\n\t"
	"call 1f\n1:\tpop %ebx\n\tadd $_GLOBAL_OFFSET_TABLE_+(.-1b), %ebx\n\tlea stored@GOTOFF(%ebx), %eax\n\t"
	"pop (%eax)\n\tpop 4(%eax)\n\tpop 8(%eax)\n\tpop 12(%eax)\n\tpop 16(%eax)\n\tpop 20(%eax)\n\tpop 24(%eax)\n\t"
	"pop %edi\n\tpop %esi\n\tpop %ebp\n\tpop %ebx\n\tret\n");

int main(void)
{
	run_registers();
	for (int i = 0; i < 7; i++)
		say("%s %lx\n", names[i], (unsigned long)stored[i]);
	say("ok\n");
	return 0;
}
