/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One "line" of everything that a step of many instructions must not run away over: a call of itself, a repeated
 * string instruction, a system call, a signal to itself with a handler, a fork.  Tells where it is, waits for a byte, walks.
 */
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "att_common.h"

static volatile int helped, handled;
extern const char walk[], walk_start[], walk_branch[], walk_end[];
long walk_from(long depth, long pid);
char walk_buffer[64];

__asm__(".text\n"
	".globl walk, walk_from\nwalk:\nwalk_from:\n"
	"	push %rbx\n"
	"	push %r12\n"
	"	sub $8, %rsp\n"
	"walk_start:\n"
	"	mov %rsi, %r12\n"
	"	mov %rdi, %rbx\n"
	"	test %rdi, %rdi\n"
	"	jz walk_branch\n"
	"	dec %rdi\n"
	"	call walk\n"
	"	nop\n"
	"walk_branch:\n"
	"	mov $64, %ecx\n"
	"	lea walk_buffer(%rip), %rdi\n"
	"	mov $7, %al\n"
	"	rep stosb\n"
	"	mov $39, %eax\n"
	"	syscall\n"
	"	mov %r12, %rdi\n"
	"	mov $10, %esi\n" /* SIGUSR1 */
	"	mov $62, %eax\n" /* kill */
	"	syscall\n"
	"	call walk_help\n"
	"	call walk_fork\n"
	"	push %rbx\n"
	"	popf\n"
	"	mov %rbx, %rax\n"
	"walk_end:\n"
	"	add $8, %rsp\n"
	"	pop %r12\n"
	"	pop %rbx\n"
	"	ret\n");

static void handle(int signal)
{
	(void)signal;
	handled++;
}

__attribute__((used)) void walk_help(void)
{
	helped++;
}

__attribute__((used)) void walk_fork(void)
{
	int status = 0;
	pid_t child = fork();

	if (!child)
		_exit(0);
	CHECK(child > 0);
	while (waitpid(child, &status, 0) != child)
		CHECK(errno == EINTR);
	CHECK(!status);
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = handle};
	long depth = argc > 1 ? atol(argv[1]) : 0;

	CHECK(!sigaction(SIGUSR1, &action, NULL));
	say("walk %lx\n", (unsigned long)walk);
	say("start %lx\n", (unsigned long)walk_start);
	say("branch %lx\n", (unsigned long)walk_branch);
	say("end %lx\n", (unsigned long)walk_end);
	say("help %lx\n", (unsigned long)walk_help);
	say("handler %lx\n", (unsigned long)handle);
	wait_byte();
	walk_from(depth, getpid());
	for (size_t i = 0; i < sizeof(walk_buffer); i++)
		CHECK(walk_buffer[i] == 7);
	say("helped %d handled %d\n", helped, handled);
	return 0;
}
