/* SPDX-License-Identifier: BSD-2-Clause */
/* Routes by netlink. */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
	struct {
		struct nlmsghdr header;
		struct rtgenmsg body;
	} request = {{NLMSG_LENGTH(sizeof(struct rtgenmsg)), RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 1, 0},
		     {AF_PACKET}};
	struct sockaddr_nl address = {.nl_family = AF_NETLINK};
	char buffer[8192];
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	bind(fd, (struct sockaddr *)&address, sizeof(address));
	getsockname(fd, (struct sockaddr *)&address, &(socklen_t){sizeof(address)});
	sendto(fd, &request, request.header.nlmsg_len, 0, NULL, 0);
	recv(fd, buffer, sizeof(buffer), 0);
	return 0;
}
