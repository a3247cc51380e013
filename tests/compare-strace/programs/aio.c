/* SPDX-License-Identifier: BSD-2-Clause */
/* Asynchronous input and output, and rings. */
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	struct io_uring_params parameters = {.flags = IORING_SETUP_CQSIZE, .cq_entries = 16};
	struct iocb request = {.aio_lio_opcode = IOCB_CMD_PREAD, .aio_nbytes = 8};
	struct iocb *requests[] = {&request};
	struct io_event events[2];
	char buffer[8];
	aio_context_t context = 0;

	request.aio_fildes = (unsigned int)open("/etc/passwd", O_RDONLY);
	request.aio_buf = (unsigned long)buffer;
	syscall(SYS_io_setup, 4, &context);
	syscall(SYS_io_submit, context, 1, requests);
	syscall(SYS_io_getevents, context, 1, 2, events, NULL);
	syscall(SYS_io_destroy, context);
	syscall(SYS_io_uring_setup, 8, &parameters);
	syscall(SYS_io_uring_enter, -1, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0);
	syscall(SYS_io_uring_register, -1, 0, NULL, 0);
	return 0;
}
