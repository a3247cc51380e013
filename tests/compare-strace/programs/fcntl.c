/* SPDX-License-Identifier: BSD-2-Clause */
/* fcntl(2) by operation. */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

int main(void)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 20};
	struct f_owner_ex owner = {F_OWNER_PID, 0};
	int fd = open("a", O_RDWR | O_CREAT, 0600);
	int ends[2];

	fcntl(fd, F_GETFL);
	fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK);
	fcntl(fd, F_GETFD);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_DUPFD_CLOEXEC, 20);
	fcntl(fd, F_SETLK, &lock);
	fcntl(fd, F_GETLK, &lock);
	fcntl(fd, F_OFD_SETLK, &lock);
	fcntl(fd, F_SETLEASE, F_RDLCK);
	fcntl(fd, F_GETLEASE);
	fcntl(fd, F_SETSIG, SIGUSR1);
	fcntl(fd, F_GETSIG);
	fcntl(fd, F_SETOWN_EX, &owner);
	fcntl(fd, F_GETOWN_EX, &owner);
	fcntl(fd, F_NOTIFY, DN_ACCESS);
	fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL);
	pipe2(ends, O_CLOEXEC | O_NONBLOCK);
	fcntl(ends[0], F_SETPIPE_SZ, 65536);
	fcntl(ends[0], F_GETPIPE_SZ);
	fcntl(ends[0], 9999, 7);
	return 0;
}
