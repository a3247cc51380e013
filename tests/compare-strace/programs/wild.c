/* SPDX-License-Identifier: BSD-2-Clause */
/* Pointers, counts and descriptors that are wrong. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	void *wild = (void *)0x1000;

	syscall(SYS_open, wild, O_RDONLY);
	syscall(SYS_open, NULL, O_RDONLY);
	syscall(SYS_read, 0, wild, SIZE_MAX);
	syscall(SYS_write, -1, wild, 10);
	syscall(SYS_write, 99, "text", SIZE_MAX);
	syscall(SYS_stat, wild, wild);
	syscall(SYS_poll, wild, UINT32_MAX, 0);
	syscall(SYS_select, -1, wild, wild, wild, wild);
	syscall(SYS_writev, 1, wild, 3);
	syscall(SYS_writev, 1, wild, UINT64_MAX);
	syscall(SYS_rt_sigaction, 99, wild, wild, 8);
	syscall(SYS_rt_sigprocmask, 99, wild, wild, 3);
	syscall(SYS_nanosleep, wild, wild);
	syscall(SYS_connect, -1, wild, 1000000);
	syscall(SYS_sendmsg, -1, wild, -1);
	syscall(SYS_recvfrom, -1, wild, 100, -1, wild, wild);
	syscall(SYS_execve, wild, wild, wild);
	syscall(SYS_execve, "/nonexistent", NULL, NULL);
	syscall(SYS_clone3, wild, 88);
	syscall(SYS_futex, wild, 0, 0, wild);
	syscall(SYS_ioctl, -1, -1, -1);
	syscall(SYS_fcntl, -1, -1, -1);
	syscall(SYS_getrusage, 7, wild);
	syscall(SYS_mmap, 1, 2, 3, 4, 5, 6);
	syscall(SYS_setsockopt, -1, 1, 2, wild, 4);
	syscall(SYS_getdents64, -1, wild, 10);
	syscall(SYS_epoll_ctl, -1, 9, -1, wild);
	syscall(SYS_prctl, 999, 1, 2, 3, 4);
	syscall(0x1234, 1, 2, 3, 4, 5, 6);
	return 0;
}
