/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions that are hard to execute anywhere but where they stand.  All are run once, their results are kept, and their
 * addresses told; then a byte is waited for and all are run again: the results must be the same.
 */
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "att_common.h"

extern const uint64_t __start_points[], __stop_points[];
long all(long *results);
long all_avx(long *results);
uint64_t variable, other, function_pointer;
unsigned char bytes[64], from[64] = "the quick brown fox jumps over the lazy dog, more or less";

/* `at` marks the next instruction.  Results go to (%rbx), which moves on. */
__asm__(".macro at\n"
	"771:	.pushsection points, \"aw\"\n	.balign 8\n	.quad 771b\n	.popsection\n"
	".endm\n"
	".macro keep register\n	mov \\register, (%rbx)\n	add $8, %rbx\n.endm\n"
	".macro flags\n	pushf\n	pop %rdx\n	keep %rdx\n.endm\n"
	".text\n"
	".globl all\nall:\n"
	"	at\n	endbr64\n"
	"	at\n	push %rbx\n"
	"	push %r12\n"
	"	at\n	push %rbp\n"
	"	at\n	mov %rsp, %rbp\n"
	"	at\n	sub $0x48, %rsp\n	flags\n"
	"	mov %rdi, %rbx\n"
	/* relative to the PC */
	"	at\n	mov variable(%rip), %rax\n	keep %rax\n"
	"	at\n	lea variable(%rip), %rax\n	sub %rbx, %rax\n	keep %rax\n"
	"	at\n	addq $0x12345, other(%rip)\n	flags\n"
	"	at\n	subq $0x12345, other(%rip)\n"
	"	at\n	cmpb $0x88, variable(%rip)\n	flags\n"
	"	at\n	imul $3, variable(%rip), %eax\n	keep %rax\n"
	"	mov $7, %eax\n"
	"	at\n	mulq variable(%rip)\n	keep %rax\n	keep %rdx\n"
	"	mov $3, %ecx\n	mov $5, %eax\n"
	"	at\n	lock xadd %rax, other(%rip)\n	keep %rax\n"
	"	at\n	lock subq $5, other(%rip)\n	flags\n"
	"	mov other(%rip), %rax\n	mov $9, %ebp\n"
	"	at\n	lock cmpxchg %rbp, other(%rip)\n	flags\n"
	"	mov $9, %eax\n	mov $3, %esi\n"
	"	at\n	cmpxchg %rsi, other(%rip)\n	keep %rax\n"
	"	mov $2, %ecx\n	mov $0x55, %edi\n"
	"	at\n	shldl %cl, %edi, other(%rip)\n	flags\n	movq $3, other(%rip)\n"
	"	mov $0x1234, %ebp\n	mov $0x77, %esi\n"
	"	at\n	xchg %sil, bytes(%rip)\n	keep %rsi\n"
	"	at\n	movdqu from(%rip), %xmm8\n	movq %xmm8, %rax\n	keep %rax\n"
	"	at\n	pshufd $0x1b, from(%rip), %xmm1\n	movq %xmm1, %rax\n	keep %rax\n"
	"	at\n	mov %r13, bytes(%rip)\n	at\n	movl $5, bytes(%rip)\n"
	/* branches */
	"	xor %ecx, %ecx\n"
	"	at\n	jrcxz 1f\n	ud2\n"
	"1:	mov $3, %ecx\n"
	"1:	at\n	loop 1b\n	keep %rcx\n"
	"	cmp $1, %ecx\n"
	"	at\n	jb 1f\n	ud2\n"
	"1:	at\n	ja 2f\n	at\n	jmp 1f\n"
	"2:	ud2\n"
	"1:	cmp $0, %rcx\n	at\n	jne 2b\n	at\n	jo 2b\n	at\n	jpo 2b\n	at\n	jge "
	"1f\n	ud2\n"
	"1:	.byte 0x0f, 0x84\n	.long 1f - . - 4\n	ud2\n" /* je, 32-bit form */
	"1:	at\n	jle 1f\n	ud2\n"
	"1:	lea 1f(%rip), %rax\n	mov %rax, function_pointer(%rip)\n"
	"	at\n	jmp *function_pointer(%rip)\n	ud2\n"
	"1:	lea three(%rip), %rax\n	mov %rax, function_pointer(%rip)\n"
	"	at\n	call three\n	keep %rax\n"
	"	at\n	call *function_pointer(%rip)\n	keep %rax\n"
	"	lea three(%rip), %r9\n"
	"	at\n	call *%r9\n	keep %rax\n"
	"	push %r9\n	at\n	call *(%rsp)\n	pop %r9\n	keep %rax\n"
	"	push %r9\n	push %r9\n	at\n	call drop\n	keep %rax\n"
	/* repeated */
	"	lea from(%rip), %rsi\n	lea bytes(%rip), %rdi\n	mov $40, %ecx\n"
	"	at\n	rep movsb\n	keep %rcx\n"
	"	lea bytes(%rip), %rdi\n	mov $64, %ecx\n	mov $'q', %al\n"
	"	at\n	repne scasb\n	keep %rcx\n	flags\n"
	"	lea bytes(%rip), %rdi\n	xor %ecx, %ecx\n	at\n	rep stosb\n	keep %rcx\n"
	/* flags and segments */
	"	stc\n	at\n	pushf\n	at\n	pop %rax\n	keep %rax\n"
	"	push %rax\n	at\n	popf\n	flags\n"
	"	at\n	std\n	flags\n	at\n	cld\n"
	"	mov %ss, %eax\n	at\n	mov %eax, %ss\n	at\n	nop\n"
	"	mov %rsp, %rcx\n	mov %ss, %eax\n	push %rax\n	push %rcx\n	pushf\n	mov %cs, %eax\n	push "
	"%rax\n"
	"	lea 1f(%rip), %rax\n	push %rax\n"
	"	at\n	iretq\n	ud2\n1:\n"
	/* the kernel */
	"	mov $110, %eax\n	at\n	syscall\n	keep %rax\n	lea (%rip), %rax\n	sub %rcx, "
	"%rax\n	keep %rax\n"
	"	push %rbx\n	mov $20, %eax\n	at\n	int $0x80\n	pop %rbx\n	keep %rax\n"
	"	at\n	int3\n"
	"	at\n	ud2\n"
	"	xor %eax, %eax\n	at\n	mov (%rax), %eax\n"
	"	xor %edx, %edx\n	xor %ecx, %ecx\n	at\n	div %ecx\n"
	/* the rest of the common ones */
	"	at\n	enter $16, $0\n	at\n	leave\n"
	"	at\n	xor %eax, %eax\n	flags\n	at\n	or $-1, %rax\n	flags\n	at\n	and $0x7f, "
	"%eax\n	flags\n"
	"	at\n	add $0x7fffff81, %eax\n	flags\n	at\n	test %eax, %eax\n	flags\n	at\n	cmp %rax, "
	"%rbx\n	flags\n"
	"	at\n	sub %eax, %eax\n	flags\n	at\n	adc $1, %eax\n	mov %rbx, %r11\n	at\n	"
	"cpuid\n	mov %r11, %rbx\n	at\n	nopw "
	"0(%rax,%rax)\n	at\n	pause\n"
	"	at\n	movabs $0x1122334455667788, %r10\n	keep %r10\n	at\n	mov $-1, %r10d\n	keep "
	"%r10\n	at\n	mov $-1, %r10\n	keep %r10\n"
	"	at\n	push $-2\n	at\n	pop %r11\n	keep %r11\n	at\n	push $0x12345678\n	pop "
	"%r11\n	keep %r11\n"
	"	at\n	mov %r11d, %eax\n	keep %rax\n	at\n	mov %r11, %rax\n	at\n	lock incl "
	"bytes+4(%rip)\n"
	"	mov %rbx, %rax\n"
	"	lea 0x48(%rsp), %rsp\n"
	"	at\n	pop %rbp\n	pop %r12\n	pop %rbx\n"
	"	at\n	ret\n"
	"three:	at\n	mov (%rsp), %rax\n	at\n	sub %rbx, %rax\n	at\n	ret\n"
	"drop:	mov (%rsp), %rax\n	sub %rbx, %rax\n	at\n	ret $16\n"
	".globl all_avx\nall_avx:\n"
	"	push %rbx\n	mov %rdi, %rbx\n"
	"	at\n	vmovdqu from(%rip), %ymm9\n	vmovq %xmm9, %rax\n	keep %rax\n"
	"	vpxor %xmm6, %xmm6, %xmm6\n	at\n	vpaddd from(%rip), %xmm6, %xmm5\n	vmovq %xmm5, "
	"%rax\n	keep %rax\n"
	"	at\n	vzeroupper\n"
	"	mov %rbx, %rax\n	pop %rbx\n	ret\n");

static long addresses[64];
static int address_count;

static void handle(int signal, siginfo_t *info, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

	addresses[address_count++] = registers[REG_RIP];
	if (signal != SIGTRAP)
		addresses[address_count++] = (long)info->si_addr;
	if (registers[REG_EFL] & 0x100)
		fail("the trap flag shows", __LINE__);
	/* ud2, mov (%rax), %eax and div %ecx have two bytes each. */
	if (signal != SIGTRAP)
		registers[REG_RIP] += 2;
}

struct outcome {
	long results[128];
	long count;
	long addresses[64];
	int address_count;
	unsigned char bytes[64];
	uint64_t variable, other;
};

static void run(struct outcome *outcome)
{
	static long results[128];
	long *end;

	memset(results, 0, sizeof(results));
	memset(bytes, 0, sizeof(bytes));
	variable = 0x1122334455667788;
	other = 3;
	address_count = 0;
	end = (long *)all(results);
	if (__builtin_cpu_supports("avx"))
		end = (long *)all_avx(end);
	outcome->count = end - results;
	CHECK(outcome->count > 40 && outcome->count < 128);
	memcpy(outcome->results, results, sizeof(results));
	memcpy(outcome->addresses, addresses, sizeof(addresses));
	outcome->address_count = address_count;
	memcpy(outcome->bytes, bytes, sizeof(bytes));
	outcome->variable = variable;
	outcome->other = other;
}

static void compare(const struct outcome *before, const struct outcome *after)
{
	if (before->count != after->count)
		say("bad count %ld, not %ld\n", after->count, before->count);
	for (long i = 0; i < before->count; i++) {
		if (before->results[i] != after->results[i])
			say("bad result %ld: %lx, not %lx\n", i, after->results[i], before->results[i]);
		CHECK(before->results[i] == after->results[i]);
	}
	CHECK(before->address_count == after->address_count);
	for (int i = 0; i < before->address_count; i++) {
		if (before->addresses[i] != after->addresses[i])
			say("bad address %d: %lx, not %lx\n", i, after->addresses[i], before->addresses[i]);
		CHECK(before->addresses[i] == after->addresses[i]);
	}
	CHECK(!memcmp(before->bytes, after->bytes, sizeof(before->bytes)));
	CHECK(before->variable == after->variable && before->other == after->other);
}

int main(void)
{
	struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO};
	static const int signals[] = {SIGTRAP, SIGILL, SIGSEGV, SIGFPE};
	static struct outcome warm, before, after;
	long count = __stop_points - __start_points;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		CHECK(!sigaction(signals[i], &action, NULL));
	run(&warm);
	run(&before);
	compare(&warm, &before);
	say("points %lx\n", count);
	for (long i = 0; i < count; i++)
		say("at %lx\n", (unsigned long)__start_points[i]);
	wait_byte();
	run(&after);
	compare(&before, &after);
	say("same\n");
	return 0;
}
