/* SPDX-License-Identifier: BSD-2-Clause */
/* io_uring's set-up and everything that can be registered. */
#include <linux/io_uring.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

int main(void)
{
	struct io_uring_params params = {
		.flags = IORING_SETUP_CQSIZE | IORING_SETUP_SQPOLL, .cq_entries = 16, .sq_thread_cpu = 1};
	static unsigned int words[256];
	int fd;

	syscall(SYS_io_uring_setup, 4, &params);
	memset(&params, 0, sizeof(params));
	fd = (int)syscall(SYS_io_uring_setup, 4, &params);
	syscall(SYS_io_uring_setup, 4, NULL);
	syscall(SYS_io_uring_setup, 1, &(struct io_uring_params){.flags = -1U, .resv = {1, 2, 3}});
	for (unsigned int op = 0; op < 27; op++) {
		for (int j = 0; j < 256; j++)
			words[j] = j % 5 == 0 ? 1 : (unsigned int)j % 3;
		syscall(SYS_io_uring_register, fd, op, words, 2);
		syscall(SYS_io_uring_register, fd, op, NULL, 0);
		syscall(SYS_io_uring_register, -1, op, words, 1);
	}
	syscall(SYS_io_uring_enter, fd, 0, 0, IORING_ENTER_GETEVENTS, NULL, 8);
	syscall(SYS_io_uring_enter, fd, 1, 2, IORING_ENTER_EXT_ARG | 0x8000, words, 24);
	return 0;
}
