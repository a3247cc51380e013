/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads and futexes. */
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *work(void *data)
{
	return data;
}

int main(void)
{
	pthread_t thread;
	int word = 1;

	pthread_create(&thread, NULL, work, NULL);
	pthread_join(thread, NULL);
	syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 2, NULL);
	syscall(SYS_futex, &word, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 1, &(struct timespec){0, 1000});
	syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, 1, &(struct timespec){1, 0}, NULL, 5);
	syscall(SYS_futex, &word, FUTEX_WAKE, 1);
	syscall(SYS_futex, &word, FUTEX_REQUEUE_PRIVATE, 1, 2, &word + 1);
	syscall(SYS_futex, &word, FUTEX_CMP_REQUEUE, 1, 2, &word + 1, 1);
	syscall(SYS_futex, &word, FUTEX_WAKE_OP, 1, 1, &word + 1, FUTEX_OP(FUTEX_OP_SET, 1, FUTEX_OP_CMP_EQ, 0));
	syscall(SYS_futex, &word, FUTEX_LOCK_PI_PRIVATE, 0, NULL);
	syscall(SYS_futex, &word, FUTEX_UNLOCK_PI);
	syscall(SYS_set_tid_address, &word);
	return 0;
}
