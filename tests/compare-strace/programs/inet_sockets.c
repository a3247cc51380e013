/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets of AF_INET and AF_INET6. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT, .sin6_port = htons(9)};
	socklen_t length = sizeof(address);
	struct linger linger = {1, 5};
	struct timeval timeout = {1, 500};
	char buffer[32];
	int one = 1;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
	int client = socket(AF_INET, SOCK_STREAM, 0);
	int datagrams = socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP);
	int peer;

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	bind(listener, (struct sockaddr *)&address, sizeof(address));
	getsockname(listener, (struct sockaddr *)&address, &length);
	listen(listener, SOMAXCONN);
	connect(client, (struct sockaddr *)&address, sizeof(address));
	peer = accept4(listener, (struct sockaddr *)&address, &length, SOCK_NONBLOCK);
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	getsockopt(client, SOL_SOCKET, SO_TYPE, &one, &(socklen_t){sizeof(one)});
	getsockopt(client, SOL_SOCKET, SO_ERROR, &one, &(socklen_t){sizeof(one)});
	sendto(client, "question", 8, MSG_NOSIGNAL, NULL, 0);
	recvfrom(peer, buffer, sizeof(buffer), MSG_WAITALL & 0, (struct sockaddr *)&address, &length);
	getpeername(peer, (struct sockaddr *)&address, &length);
	sendto(datagrams, "x", 1, 0, (struct sockaddr *)&six, sizeof(six));
	connect(datagrams, (struct sockaddr *)&six, sizeof(six));
	shutdown(client, SHUT_WR);
	return 0;
}
