/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Has a seccomp filter of its own on getppid(2), of the kind that argv[1] names, and must see what seccomp(2)
 * promises to a process that nobody traces.  "kill" ends it by SIGSYS.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/ioctl.h>
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

static int install_with(uint32_t action, unsigned int flags)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = 4, .filter = code};
	int result;

	CHECK(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	result = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
	CHECK(result >= 0);
	return result;
}

static void install(uint32_t action)
{
	CHECK(!install_with(action, 0));
}

/* Answers one call of the thread that has the filter. */
static void *answer(void *listener)
{
	struct seccomp_notif question = {0};
	struct seccomp_notif_resp reply = {0};
	int fd;

	while ((fd = atomic_load((atomic_int *)listener)) < 0)
		sched_yield();
	while (ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &question))
		CHECK(errno == EINTR);
	CHECK(question.data.nr == SYS_getppid);
	reply.id = question.id;
	reply.val = 4711;
	CHECK(!ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &reply));
	return NULL;
}

static void ask_listener(void)
{
	static atomic_int listener = -1;
	pthread_t thread;

	CHECK(!pthread_create(&thread, NULL, answer, &listener));
	atomic_store(&listener, install_with(SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER));
	CHECK(syscall(SYS_getppid) == 4711);
	CHECK(!pthread_join(thread, NULL));
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
	} else if (!strcmp(how, "notify")) {
		ask_listener();
	} else if (!strcmp(how, "kill")) {
		say("before\n");
		install(SECCOMP_RET_KILL_PROCESS);
		syscall(SYS_getppid);
		fail("still alive", __LINE__);
	}
	say("ok %s\n", how);
	return 0;
}
