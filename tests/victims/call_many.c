/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * argv[1] times getppid(2) and getuid(2), in this and in a child of it and in a thread; what they give must be right.
 * With "untraced" as argv[2] there is one more child, made with CLONE_UNTRACED.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "att_common.h"

static int count;

static void call(long parent)
{
	uid_t user = getuid();

	for (int i = 0; i < count; i++) {
		CHECK(syscall(SYS_getppid) == parent);
		CHECK(syscall(SYS_getuid) == user);
	}
}

static void *call_in_thread(void *unused)
{
	call(getppid());
	return unused;
}

static void call_in_child(long flags)
{
	long parent = getpid();
	int status = 0;
	pid_t child = (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);

	if (!child) {
		call(parent);
		_exit(5);
	}
	CHECK(child > 0 && waitpid(child, &status, 0) == child);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 5);
}

int main(int argc, char **argv)
{
	pthread_t thread;

	count = argc > 1 ? atoi(argv[1]) : 10;
	call(getppid());
	call_in_child(0);
	CHECK(!pthread_create(&thread, NULL, call_in_thread, NULL) && !pthread_join(thread, NULL));
	if (argc > 2 && !strcmp(argv[2], "untraced"))
		call_in_child(CLONE_UNTRACED);
	say("ok %d\n", count);
	return 0;
}
