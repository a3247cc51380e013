/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SIGSEGV inside a handler that runs on the alternate stack, twice nested, and SIGSEGV because the stack itself is no
 * stack.
 */
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

#include "att_common.h"

static char *stack;
static size_t stack_size = 65536;
static sigjmp_buf escape;
static volatile sig_atomic_t depth;
static volatile long addresses[2];

static bool on_stack(void *place)
{
	return (char *)place >= stack && (char *)place < stack + stack_size;
}

/* The compiler must not see that the address is a bad one. */
static void touch(uintptr_t address)
{
	__asm__ volatile("" : "+r"(address));
	(void)*(volatile char *)address;
}

static void take_fault(int signal, siginfo_t *info, void *context)
{
	int here;

	(void)signal;
	(void)context;
	CHECK(on_stack(&here));
	addresses[depth++] = (long)info->si_addr;
	if (depth == 1)
		touch(0x20);
	siglongjmp(escape, 1);
}

int main(void)
{
	struct sigaction action = {.sa_sigaction = take_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
	stack_t alternate = {.ss_size = stack_size};

	stack = mmap(NULL, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(stack != MAP_FAILED);
	alternate.ss_sp = stack;
	CHECK(!sigaltstack(&alternate, NULL));
	CHECK(!sigaction(SIGSEGV, &action, NULL));
	if (!sigsetjmp(escape, 1))
		touch(0x10);
	CHECK(depth == 2 && addresses[0] == 0x10 && addresses[1] == 0x20);
	depth = 1;
	/* The call pushes to a stack pointer that leads nowhere. */
	if (!sigsetjmp(escape, 1))
		__asm__ volatile("mov $0x30, %%rsp\n\tpush %%rax" ::: "memory");
	CHECK(depth == 2 && addresses[1] == 0x28);
	say("ok altstack\n");
	return 0;
}
