/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/sockdiag.c - asks the kernel about sockets. (sock_diag(7))
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/netlink_diag.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "decode/sockdiag.h"
#include "decode/writer.h"

/* What is looked for, and who understands a message about a socket. */
struct search {
	unsigned long inode;
	const char *protocol;
	struct text *mark;
	int *number; /* where a protocol's number goes */
	bool (*take)(const struct search *search, const struct nlmsghdr *message);
};

static void add_address(struct text *mark, int family, const void *address, uint16_t port)
{
	char text[INET6_ADDRSTRLEN];

	(void)inet_ntop(family, address, text, sizeof(text));
	text_add(mark, family == AF_INET6 ? "[%s]:%u" : "%s:%u", text, ntohs(port));
}

static bool take_inet(const struct search *search, const struct nlmsghdr *message)
{
	const struct inet_diag_msg *found = NLMSG_DATA(message);
	const struct inet_diag_sockid *id = &found->id;

	if (message->nlmsg_len < NLMSG_LENGTH(sizeof(*found)) || found->idiag_inode != search->inode)
		return false;
	text_add(search->mark, "%s:[", search->protocol);
	add_address(search->mark, found->idiag_family, id->idiag_src, id->idiag_sport);
	if (id->idiag_dport) {
		text_string(search->mark, "->");
		add_address(search->mark, found->idiag_family, id->idiag_dst, id->idiag_dport);
	}
	text_char(search->mark, ']');
	return true;
}

static const char *unix_type(uint8_t type)
{
	switch (type) {
	case SOCK_STREAM:
		return "UNIX-STREAM";
	case SOCK_DGRAM:
		return "UNIX-DGRAM";
	case SOCK_SEQPACKET:
		return "UNIX-SEQPACKET";
	default:
		return "UNIX";
	}
}

static void add_name(struct text *mark, const char *name, size_t length)
{
	if (name[0]) {
		text_string(mark, ",\"");
		quote_bytes(mark, name, strnlen(name, length), ESCAPE_OCTAL, NULL);
	} else {
		text_string(mark, ",@\"");
		quote_bytes(mark, name + 1, length - 1, ESCAPE_OCTAL, NULL);
	}
	text_char(mark, '"');
}

static bool take_unix(const struct search *search, const struct nlmsghdr *message)
{
	const struct unix_diag_msg *found = NLMSG_DATA(message);
	size_t left = message->nlmsg_len - NLMSG_LENGTH(sizeof(*found));
	const struct nlattr *attribute = (const void *)(found + 1);
	const struct nlattr *name = NULL;
	uint32_t peer = 0;

	if (message->nlmsg_len < NLMSG_LENGTH(sizeof(*found)) || found->udiag_ino != search->inode)
		return false;
	while (left >= sizeof(*attribute) && attribute->nla_len >= sizeof(*attribute) && attribute->nla_len <= left) {
		size_t step = NLA_ALIGN(attribute->nla_len);

		if (attribute->nla_type == UNIX_DIAG_PEER && attribute->nla_len >= sizeof(*attribute) + sizeof(peer))
			memcpy(&peer, attribute + 1, sizeof(peer));
		if (attribute->nla_type == UNIX_DIAG_NAME)
			name = attribute;
		if (step >= left)
			break;
		left -= step;
		attribute = (const void *)((const char *)attribute + step);
	}
	text_add(search->mark, "%s:[%lu", unix_type(found->udiag_type), search->inode);
	if (peer)
		text_add(search->mark, "->%u", peer);
	if (name && name->nla_len > sizeof(*name))
		add_name(search->mark, (const char *)(name + 1), name->nla_len - sizeof(*name));
	text_char(search->mark, ']');
	return true;
}

/* Reads answers until the socket is found or there are no more. */
static bool receive(int fd, const struct search *search)
{
	union {
		struct nlmsghdr header;
		char bytes[16384];
	} buffer;

	for (;;) {
		ssize_t size = recv(fd, &buffer, sizeof(buffer), 0);
		struct nlmsghdr *message = &buffer.header;

		if (size < 0 && errno == EINTR)
			continue;
		if (size <= 0)
			return false;
		for (size_t left = (size_t)size; NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
			if (message->nlmsg_type != SOCK_DIAG_BY_FAMILY)
				return false;
			if (search->take(search, message))
				return true;
		}
	}
}

static bool ask(const void *request, size_t size, const struct search *search)
{
	struct {
		struct nlmsghdr header;
		char body[sizeof(struct inet_diag_req_v2) + sizeof(struct unix_diag_req)];
	} message = {.header = {.nlmsg_len = (uint32_t)(sizeof(struct nlmsghdr) + size),
				.nlmsg_type = SOCK_DIAG_BY_FAMILY,
				.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP}};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	bool found = false;

	if (fd < 0)
		return false;
	memcpy(message.body, request, size);
	if (send(fd, &message, message.header.nlmsg_len, 0) > 0)
		found = receive(fd, search);
	(void)close(fd);
	return found;
}

static bool ask_inet(struct search *search, uint8_t family, uint8_t protocol, const char *name)
{
	const struct inet_diag_req_v2 request = {
		.sdiag_family = family, .sdiag_protocol = protocol, .idiag_states = UINT32_MAX};

	search->protocol = name;
	search->take = take_inet;
	return ask(&request, sizeof(request), search);
}

static bool ask_unix(struct search *search)
{
	const struct unix_diag_req request = {.sdiag_family = AF_UNIX,
					      .udiag_states = UINT32_MAX,
					      .udiag_ino = (uint32_t)search->inode,
					      .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER};

	search->take = take_unix;
	return ask(&request, sizeof(request), search);
}

/* The protocol's name that the kernel keeps with the socket: "TCP", "UDPv6", "NETLINK". */
static bool protocol_of(pid_t pid, int fd, char *name, size_t size)
{
	char path[64];
	ssize_t length;

	(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
	length = getxattr(path, "system.sockprotoname", name, size - 1);
	if (length <= 0)
		return false;
	name[length] = '\0';
	return true;
}

static bool ask_about(struct search *search, const char *protocol)
{
	static const struct {
		const char *name;
		uint8_t family;
		uint8_t protocol;
	} known[] = {
		{"TCP", AF_INET, IPPROTO_TCP},
		{"TCPv6", AF_INET6, IPPROTO_TCP},
		{"UDP", AF_INET, IPPROTO_UDP},
		{"UDPv6", AF_INET6, IPPROTO_UDP},
	};

	if (strncmp(protocol, "UNIX", 4) == 0)
		return ask_unix(search);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].name, protocol) == 0)
			return ask_inet(search, known[i].family, known[i].protocol, known[i].name);
	}
	return false;
}

bool socket_describe(pid_t pid, int fd, unsigned long inode, struct text *mark)
{
	struct search search = {.inode = inode, .mark = mark};
	char protocol[64];

	if (!protocol_of(pid, fd, protocol, sizeof(protocol)))
		return false;
	if (!ask_about(&search, protocol))
		text_add(mark, "%s:[%lu]", protocol, inode);
	return true;
}

bool socket_is_netlink(pid_t pid, int fd)
{
	char protocol[64];

	return protocol_of(pid, fd, protocol, sizeof(protocol)) && strcmp(protocol, "NETLINK") == 0;
}

static bool take_netlink(const struct search *search, const struct nlmsghdr *message)
{
	const struct netlink_diag_msg *found = NLMSG_DATA(message);

	if (message->nlmsg_len < NLMSG_LENGTH(sizeof(*found)) || found->ndiag_ino != search->inode)
		return false;
	*search->number = found->ndiag_protocol;
	return true;
}

int socket_netlink_protocol(pid_t pid, int fd)
{
	const struct netlink_diag_req request = {.sdiag_family = AF_NETLINK, .sdiag_protocol = NDIAG_PROTO_ALL};
	int protocol = -1;
	struct search search = {.number = &protocol, .take = take_netlink};
	char path[64];
	char target[64];
	ssize_t length;

	(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
	length = readlink(path, target, sizeof(target) - 1);
	if (length <= 0)
		return -1;
	target[length] = '\0';
	if (sscanf(target, "socket:[%lu]", &search.inode) == 1)
		(void)ask(&request, sizeof(request), &search);
	return protocol;
}
