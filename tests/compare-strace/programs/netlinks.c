/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages of netlink's families, as they are sent; the kernel's answers of those that a user may ask. */
#include <linux/if_addr.h>
#include <linux/genetlink.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct request {
	struct nlmsghdr header;
	unsigned char body[256];
};

static void ask(int protocol, int type, int flags, const void *body, size_t size, int answers)
{
	struct request request = {{NLMSG_LENGTH(size), type, flags, 1, 0}};
	char buffer[4096];
	int fd = socket(AF_NETLINK, SOCK_RAW, protocol);

	bind(fd, (struct sockaddr *)&(struct sockaddr_nl){.nl_family = AF_NETLINK}, sizeof(struct sockaddr_nl));
	memcpy(request.body, body, size);
	send(fd, &request, request.header.nlmsg_len, MSG_DONTWAIT);
	for (int i = 0; i < answers; i++)
		recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
	close(fd);
}

static void routes(void)
{
	static const int types[] = {RTM_GETLINK,  RTM_GETADDR,     RTM_GETROUTE,     RTM_GETNEIGH,   RTM_GETRULE,
				    RTM_GETQDISC, RTM_GETNEIGHTBL, RTM_GETADDRLABEL, RTM_GETTFILTER, RTM_GETTCLASS,
				    RTM_NEWLINK,  RTM_DELADDR,     RTM_NEWNEIGH,     RTM_NEWROUTE,   222};
	static const unsigned char body[64] = {AF_INET, 1, 2, 3,   1, 0, 0, 0, 0, 0, 0, 0,   8,
					       0,       1, 0, 127, 0, 0, 1, 6, 0, 3, 0, 'l', 'o'};

	for (unsigned int i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		ask(NETLINK_ROUTE, types[i], NLM_F_REQUEST | NLM_F_DUMP, body, 64, 2);
		ask(NETLINK_ROUTE, types[i], NLM_F_REQUEST | NLM_F_DUMP, body, 12, 0);
		ask(NETLINK_ROUTE, types[i], NLM_F_REQUEST | NLM_F_ACK, body, 1, 1);
	}
}

static void sockets(void)
{
	struct unix_diag_req local = {AF_UNIX, 0, 0, -1U, 0, UDIAG_SHOW_NAME | UDIAG_SHOW_PEER, {-1U, -1U}};
	struct inet_diag_req_v2 inet = {AF_INET, IPPROTO_TCP, 1 << (INET_DIAG_INFO - 1), 0, 1 << 10};
	struct inet_diag_req old = {AF_INET};

	int fd = socket(AF_INET, SOCK_STREAM, 0);

	listen(fd, 1);
	ask(NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, &local, sizeof(local), 0);
	ask(NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, &inet, sizeof(inet), 0);
	ask(NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, &inet, 1, 1);
	ask(NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, &inet, 2, 1);
	ask(NETLINK_SOCK_DIAG, 18, NLM_F_REQUEST | NLM_F_DUMP, &old, sizeof(old), 0);
	inet.sdiag_family = AF_INET6;
	ask(NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, &inet, sizeof(inet), 0);
	inet.sdiag_family = AF_NETLINK;
	ask(NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, &inet, 12, 0);
	inet.sdiag_family = AF_PACKET;
	ask(NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, &inet, 20, 0);
	inet.sdiag_family = 77;
	ask(NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, &inet, 20, 0);
}

int main(void)
{
	static const unsigned char family[20] = {3, 1, 0, 0, 10, 0, 2, 0, 'n', 'l', 'c', 't', 'r', 'l'};

	routes();
	sockets();
	ask(NETLINK_GENERIC, GENL_ID_CTRL, NLM_F_REQUEST, family, sizeof(family), 1);
	ask(NETLINK_GENERIC, 0x30, NLM_F_REQUEST | NLM_F_DUMP, family, sizeof(family), 1);
	ask(NETLINK_ROUTE, NLMSG_NOOP, NLM_F_REQUEST, family, 8, 1);
	ask(NETLINK_ROUTE, NLMSG_ERROR, NLM_F_REQUEST | NLM_F_ACK_TLVS, family, 20, 1);
	ask(NETLINK_ROUTE, NLMSG_DONE, NLM_F_REQUEST | NLM_F_MULTI, family, 4, 1);
	return 0;
}
