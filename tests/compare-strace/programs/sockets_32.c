/* SPDX-License-Identifier: BSD-2-Clause */
/* i386: sockets, by calls of their own. */
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

int main(void)
{
	struct iovec part = {"text", 4};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = 0};
	int ends[2];
	char buffer[16];

	socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	sendmsg(ends[0], &message, 0);
	recv(ends[1], buffer, sizeof(buffer), 0);
	writev(ends[0], &part, 1);
	bind(socket(AF_INET, SOCK_DGRAM, 0), (struct sockaddr *)&address, sizeof(address));
	return 0;
}
