/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Known instruction sequences, each behind a getppid(2) with the sequence's number as first argument: the tracer
 * holds the thread at that call's exit, where the PC is the sequence's first instruction, and steps.  The addresses
 * of the instructions (labels) are told first, in one line per sequence.  Everything is checked by the victim as
 * well.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "att_common.h"

/* Each sequence begins at _0 and ends, for the test, at the label _end. */
__asm__(".text\n"
	".macro mark number\n\t"
	"mov $\\number, %edi\n\tmov $110, %eax\n\tsyscall\n"
	".endm\n"
	".globl plain\nplain:\n\tmark 1\n"
	"plain_0: xor %eax, %eax\n"
	"plain_1: inc %eax\n"
	"plain_2: jmp plain_3\n\tud2\n"
	"plain_3: nopw 0(%rax,%rax)\n"
	"plain_4: call plain_5\n"
	"plain_5: pop %rcx\n"
	"plain_6: .byte 0x48, 0x90\n" /* not pause, whose step QEMU loses */
	"plain_end: ret\n"
	".globl calls\ncalls:\n\tmark 2\n"
	"calls_0: mov $39, %eax\n"
	"calls_1: syscall\n"
	"calls_2: mov %rax, %rdx\n"
	"calls_3: mov $186, %eax\n"
	"calls_4: syscall\n"
	"calls_5: sub %rdx, %rax\n"
	"calls_end: ret\n"
	".globl flags\nflags:\n\tmark 3\n"
	"flags_0: pushf\n"
	"flags_1: pop %rax\n"
	"flags_2: push %rax\n"
	"flags_3: popf\n"
	"flags_4: pushf\n"
	"flags_5: pop %rax\n"
	"flags_end: ret\n"
	".globl traps\ntraps:\n\tmark 4\n"
	"traps_0: nop\n"
	"traps_1: int3\n"
	"traps_2: nop\n"
	"traps_end: ret\n"
	".globl faults\nfaults:\n\tmark 5\n"
	"faults_0: mov $0x10, %edx\n"
	"faults_1: mov (%rdx), %eax\n"
	"faults_2: nop\n"
	"faults_end: ret\n");

extern const char plain_0[], plain_1[], plain_2[], plain_3[], plain_4[], plain_5[], plain_6[], plain_end[];
extern const char calls_0[], calls_1[], calls_2[], calls_3[], calls_4[], calls_5[], calls_end[];
extern const char flags_0[], flags_1[], flags_2[], flags_3[], flags_4[], flags_5[], flags_end[];
extern const char traps_0[], traps_1[], traps_2[], traps_end[];
extern const char faults_0[], faults_1[], faults_2[], faults_end[];

long plain(void);
long calls(void);
long flags(void);
long traps(void);
long faults(void);

static volatile sig_atomic_t trapped;
static volatile sig_atomic_t other;

#define TRAP_FLAG 0x100

/* Steps over the faulting mov (2 bytes), for the fault; the int3 needs nothing. */
static void handle(int signal, siginfo_t *info, void *context)
{
	ucontext_t *user = context;

	if (user->uc_mcontext.gregs[REG_EFL] & TRAP_FLAG)
		fail("trap flag is visible in a signal frame", __LINE__);
	if (signal == SIGTRAP) {
		CHECK(info->si_code > 0);
		trapped++;
	} else {
		other++;
	}
	if (signal == SIGSEGV)
		user->uc_mcontext.gregs[REG_RIP] = (greg_t)faults_2;
}

static void tell(int number, const char *const *labels)
{
	char line[400];
	int length = 0;

	for (; *labels; labels++)
		length += snprintf(line + length, sizeof(line) - (size_t)length, " %lx", (unsigned long)*labels);
	say("labels %d%s\n", number, line);
}

static void tell_all(void)
{
	tell(1, (const char *const[]){plain_0, plain_1, plain_2, plain_3, plain_4, plain_5, plain_6, plain_end, NULL});
	tell(2, (const char *const[]){calls_0, calls_1, calls_2, calls_3, calls_4, calls_5, calls_end, NULL});
	tell(3, (const char *const[]){flags_0, flags_1, flags_2, flags_3, flags_4, flags_5, flags_end, NULL});
	tell(4, (const char *const[]){traps_0, traps_1, traps_2, traps_end, NULL});
	tell(5, (const char *const[]){faults_0, faults_1, faults_2, faults_end, NULL});
	say("handler %lx\n", (unsigned long)handle);
}

static void run_all(void)
{
	plain();
	CHECK(calls() == 0);
	CHECK(!(flags() & TRAP_FLAG));
	traps();
	CHECK(trapped == 1);
	faults();
	CHECK(other == 1);
}

static void make_child(int how)
{
	static char *const argv[] = {"/bin/true", NULL};
	int status = 0;
	pid_t child = how == 2 ? vfork() : fork();

	if (!child) {
		if (how)
			execv(argv[0], argv);
		_exit(0);
	}
	CHECK(child > 0 && waitpid(child, &status, 0) == child);
	CHECK(!status);
}

static void *share(void *unused)
{
	return unused;
}

/* Marked from the C side: the tracer steps from here until the next mark. */
static void step_over_children(void)
{
	pthread_t thread;

	CHECK(syscall(SYS_getppid, 6) >= 0);
	make_child(0);
	CHECK(!pthread_create(&thread, NULL, share, NULL) && !pthread_join(thread, NULL));
	make_child(2);
	CHECK(syscall(SYS_getppid, 7) >= 0);
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO};
	bool blocked = argc > 1 && !strcmp(argv[1], "blocked");
	sigset_t set;

	CHECK(!sigaction(SIGTRAP, &action, NULL) && !sigaction(SIGSEGV, &action, NULL));
	CHECK(!sigaction(SIGUSR1, &action, NULL));
	sigemptyset(&set);
	sigaddset(&set, SIGTRAP);
	if (blocked)
		CHECK(!sigprocmask(SIG_BLOCK, &set, NULL));
	tell_all();
	if (blocked) {
		plain();
		CHECK(!sigprocmask(SIG_SETMASK, NULL, &set) && sigismember(&set, SIGTRAP) == 1);
		CHECK(!sigpending(&set) && !sigismember(&set, SIGTRAP));
	} else if (argc > 1 && !strcmp(argv[1], "children")) {
		step_over_children();
	} else if (argc > 1 && !strcmp(argv[1], "exec")) {
		CHECK(syscall(SYS_getppid, 8) >= 0);
		execl("/bin/echo", "echo", "ok", "exec", NULL);
	} else {
		run_all();
	}
	/* What a step leaves behind would come now at the latest. */
	CHECK(trapped <= 1);
	say("ok %s\n", argc > 1 ? argv[1] : "all");
	return 0;
}
