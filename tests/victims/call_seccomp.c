/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Has a seccomp filter of its own on getppid(2), of the kind that argv[1] names, and must see what seccomp(2)
 * promises to a process that nobody traces.  "kill" ends it by SIGSYS.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "att_common.h"

static volatile sig_atomic_t trapped;

static void take(int signal, siginfo_t *info, void *context)
{
	(void)context;
	CHECK(signal == SIGSYS && info->si_code == 1 && info->si_syscall == SYS_getppid && info->si_errno == 33);
	trapped++;
}

static void install(uint32_t action)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = 4, .filter = code};

	CHECK(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	CHECK(!syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_sigaction = take, .sa_flags = SA_SIGINFO};
	const char *how = argc > 1 ? argv[1] : "";

	CHECK(!sigaction(SIGSYS, &action, NULL));
	if (!strcmp(how, "errno")) {
		install(SECCOMP_RET_ERRNO | EACCES);
		CHECK(syscall(SYS_getppid) == -1 && errno == EACCES);
	} else if (!strcmp(how, "trap")) {
		install(SECCOMP_RET_TRAP | 33);
		syscall(SYS_getppid);
		CHECK(trapped == 1);
	} else if (!strcmp(how, "trace")) {
		install(SECCOMP_RET_TRACE | 0x1234);
		CHECK(syscall(SYS_getppid) == -1 && errno == ENOSYS);
	} else if (!strcmp(how, "kill")) {
		say("before\n");
		install(SECCOMP_RET_KILL_PROCESS);
		syscall(SYS_getppid);
		fail("still alive", __LINE__);
	}
	say("ok %s\n", how);
	return 0;
}
