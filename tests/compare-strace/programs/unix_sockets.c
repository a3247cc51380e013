/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets of AF_UNIX, descriptors and credentials in messages. */
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
	struct sockaddr_un abstract = {.sun_family = AF_UNIX, .sun_path = "\0hidden"};
	char control[CMSG_SPACE(2 * sizeof(int))] = "";
	char buffer[64];
	struct iovec parts[] = {{"first", 5}, {"second", 6}};
	struct msghdr message = {
		.msg_iov = parts, .msg_iovlen = 2, .msg_control = control, .msg_controllen = sizeof(control)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	struct ucred credentials;
	socklen_t length = sizeof(credentials);
	int ends[2];
	int one = 1;
	int listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	bind(listener, (struct sockaddr *)&address, sizeof(address));
	listen(listener, 5);
	connect(socket(AF_UNIX, SOCK_DGRAM, 0), (struct sockaddr *)&abstract, 10);
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
	setsockopt(ends[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof(one));
	getsockopt(ends[0], SOL_SOCKET, SO_PEERCRED, &credentials, &length);
	*header = (struct cmsghdr){CMSG_LEN(2 * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
	memcpy(CMSG_DATA(header), (int[]){0, 1}, 2 * sizeof(int));
	sendmsg(ends[0], &message, MSG_NOSIGNAL);
	parts[0] = (struct iovec){buffer, sizeof(buffer)};
	message.msg_iovlen = 1;
	recvmsg(ends[1], &message, MSG_CMSG_CLOEXEC);
	getsockname(listener, (struct sockaddr *)&address, &(socklen_t){sizeof(address)});
	getpeername(ends[0], (struct sockaddr *)&address, &(socklen_t){sizeof(address)});
	send(ends[0], "x", 1, MSG_DONTWAIT | MSG_MORE);
	recv(ends[1], buffer, sizeof(buffer), MSG_PEEK | MSG_TRUNC);
	shutdown(ends[0], SHUT_RDWR);
	return 0;
}
