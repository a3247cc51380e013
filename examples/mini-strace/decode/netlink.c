/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/netlink.c - netlink messages: each header, and the payload of the protocols that programs meet daily.
 */
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "decode/decoder.h"
#include "decode/families.h"
#include "decode/sockdiag.h"
#include "tables.h"

enum { MOST_PAYLOAD = 65536 };

enum { MOST_DEPTH = 3 };

/* What a protocol of netlink calls its messages; the one at the end is for sockets whose protocol isn't known. */
static const struct family {
	int protocol;
	const struct set *types;
	payload_function *payload;
} families[] = {
	{NETLINK_ROUTE, &set_netlink_route, show_route_payload},
	{NETLINK_SOCK_DIAG, &set_netlink_diag, show_diag_payload},
	{NETLINK_GENERIC, &set_netlink_generic, NULL},
	{-1, &set_netlink_type, NULL},
};

bool is_netlink_socket(const struct decoder *d, int fd)
{
	return socket_is_netlink(d->pid, fd);
}

static const struct family *family_of(const struct decoder *d, int fd)
{
	int protocol = socket_netlink_protocol(d->pid, fd);
	size_t i = 0;

	while (families[i].protocol >= 0 && families[i].protocol != protocol)
		i++;
	return &families[i];
}

static const struct set *route_flags(uint16_t type)
{
	switch (type & 3) {
	case 0:
		return &set_netlink_new;
	case 1:
		return &set_netlink_delete;
	case 2:
		return &set_netlink_get;
	default:
		return &set_netlink_flags;
	}
}

static const struct set *flags_of(const struct family *family, uint16_t type)
{
	if (type == NLMSG_ERROR)
		return &set_netlink_ack;
	if (type < NLMSG_MIN_TYPE)
		return &set_netlink_flags;
	if (family->protocol == NETLINK_ROUTE)
		return route_flags(type);
	return family->protocol == NETLINK_SOCK_DIAG ? &set_netlink_get : &set_netlink_flags;
}

static void show_header(struct decoder *d, const struct family *family, const struct nlmsghdr *header)
{
	bool control = header->nlmsg_type < NLMSG_MIN_TYPE;

	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "nlmsg_len");
	writer_natural(d->writer, header->nlmsg_len);
	writer_name(d->writer, "nlmsg_type");
	writer_constant(d->writer, control ? &set_netlink_type : family->types, header->nlmsg_type);
	writer_name(d->writer, "nlmsg_flags");
	writer_constant(d->writer, flags_of(family, header->nlmsg_type), header->nlmsg_flags);
	writer_name(d->writer, "nlmsg_seq");
	writer_natural(d->writer, header->nlmsg_seq);
	writer_name(d->writer, "nlmsg_pid");
	show_pid_number(d, (int)header->nlmsg_pid);
	writer_end(d->writer);
}

static void show_rest(struct decoder *d, const unsigned char *bytes, size_t size)
{
	size_t limit = d->show->string_limit;

	writer_bytes(d->writer, (const char *)bytes, size < limit ? size : limit, size > limit, QUOTE_HEX);
}

static void show_one(struct decoder *d, const struct family *family, const unsigned char *bytes, size_t size,
		     unsigned int depth);

/* {error=, msg=the message that was wrong}, and what is left behind it. */
static void show_error(struct decoder *d, const struct family *family, const unsigned char *bytes, size_t size,
		       unsigned int depth)
{
	struct nlmsghdr header;
	int32_t error;
	const char *name;
	size_t whole;

	memcpy(&error, bytes, sizeof(error));
	memcpy(&header, bytes + sizeof(error), sizeof(header));
	size -= sizeof(error);
	whole = header.nlmsg_len < size ? header.nlmsg_len : size;
	if (whole < sizeof(header))
		whole = sizeof(header);
	name = error < 0 && error > -4096 ? strerrorname_np(-error) : NULL;
	if (whole < size)
		writer_begin(d->writer, FRAME_ARRAY);
	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "error");
	if (name)
		write_token(d, "-%s", name);
	else
		writer_integer(d->writer, error);
	writer_name(d->writer, "msg");
	show_one(d, family, bytes + sizeof(error), whole, depth + 1);
	writer_end(d->writer);
	if (whole < size) {
		show_rest(d, bytes + sizeof(error) + whole, size - whole);
		writer_end(d->writer);
	}
}

static void show_payload(struct decoder *d, const struct family *family, uint16_t type, const unsigned char *bytes,
			 size_t size, unsigned int depth)
{
	int32_t number;

	if (type == NLMSG_ERROR && size >= sizeof(number) + sizeof(struct nlmsghdr) && depth < MOST_DEPTH) {
		show_error(d, family, bytes, size, depth);
	} else if (type == NLMSG_DONE && size == sizeof(number)) {
		memcpy(&number, bytes, sizeof(number));
		writer_integer(d->writer, number);
	} else if (type < NLMSG_MIN_TYPE || !family->payload ||
		   !family->payload(d, type, d->at_exit && !depth, bytes, size)) {
		show_rest(d, bytes, size);
	}
}

static void show_one(struct decoder *d, const struct family *family, const unsigned char *bytes, size_t size,
		     unsigned int depth)
{
	struct nlmsghdr header;

	memcpy(&header, bytes, sizeof(header));
	if (size <= sizeof(header)) {
		show_header(d, family, &header);
		return;
	}
	writer_begin(d->writer, FRAME_ARRAY);
	show_header(d, family, &header);
	show_payload(d, family, header.nlmsg_type, bytes + sizeof(header), size - sizeof(header), depth);
	writer_end(d->writer);
}

static void show_messages(struct decoder *d, const struct family *family, const unsigned char *bytes, size_t size)
{
	struct nlmsghdr header;
	bool array = false;
	size_t step;

	for (size_t count = 0;; count++) {
		if (size < sizeof(header)) {
			show_rest(d, bytes, size);
			break;
		}
		if (d->abbrev && count == d->show->string_limit) {
			writer_more(d->writer);
			break;
		}
		memcpy(&header, bytes, sizeof(header));
		step = header.nlmsg_len >= sizeof(header) ? NLMSG_ALIGN((size_t)header.nlmsg_len) : 0;
		if (!array && step && step < size) {
			writer_begin(d->writer, FRAME_ARRAY);
			array = true;
		}
		show_one(d, family, bytes, header.nlmsg_len < size ? header.nlmsg_len : size, 0);
		if (!step || step >= size)
			break;
		bytes += step;
		size -= step;
	}
	if (array)
		writer_end(d->writer);
}

void show_netlink_at(struct decoder *d, int fd, uint64_t address, uint64_t size)
{
	size_t taken = size < MOST_PAYLOAD ? (size_t)size : MOST_PAYLOAD;
	unsigned char *bytes = address && taken ? malloc(taken) : NULL;

	if (!bytes || !fetch(d, address, bytes, taken))
		writer_address(d->writer, address);
	else
		show_messages(d, family_of(d, fd), bytes, taken);
	free(bytes);
}
