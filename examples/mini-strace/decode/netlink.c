/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/netlink.c - netlink messages: each header, and the payload of the kinds that programs meet daily.
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

bool is_netlink_socket(const struct decoder *d, int fd)
{
	return socket_is_netlink(d->pid, fd);
}

static const struct set *flags_of(uint16_t type)
{
	if (type == NLMSG_ERROR)
		return &set_netlink_ack;
	if (type < NLMSG_MIN_TYPE)
		return &set_netlink_flags;
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

static void show_header(struct decoder *d, const struct nlmsghdr *header)
{
	bool control = header->nlmsg_type < NLMSG_MIN_TYPE;

	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "nlmsg_len");
	writer_natural(d->writer, header->nlmsg_len);
	writer_name(d->writer, "nlmsg_type");
	writer_constant(d->writer, control ? &set_netlink_type : &set_netlink_route, header->nlmsg_type);
	writer_name(d->writer, "nlmsg_flags");
	writer_constant(d->writer, flags_of(header->nlmsg_type), header->nlmsg_flags);
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

static void show_payload(struct decoder *d, uint16_t type, const unsigned char *bytes, size_t size)
{
	int32_t number;

	if (type == NLMSG_DONE && size >= sizeof(number)) {
		memcpy(&number, bytes, sizeof(number));
		writer_integer(d->writer, number);
		return;
	}
	if (!show_route_payload(d, type, bytes, size))
		show_rest(d, bytes, size);
}

static void show_error(struct decoder *d, const unsigned char *bytes, size_t size)
{
	struct nlmsghdr header;
	int32_t error;
	const char *name;

	if (size < sizeof(error) + sizeof(header)) {
		show_rest(d, bytes, size);
		return;
	}
	memcpy(&error, bytes, sizeof(error));
	memcpy(&header, bytes + sizeof(error), sizeof(header));
	name = error < 0 && error > -4096 ? strerrorname_np(-error) : NULL;
	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "error");
	if (name)
		write_token(d, "-%s", name);
	else
		writer_integer(d->writer, error);
	writer_name(d->writer, "msg");
	show_header(d, &header);
	writer_end(d->writer);
}

static void show_one(struct decoder *d, const struct nlmsghdr *header, const unsigned char *bytes, size_t size)
{
	if (size <= sizeof(*header)) {
		show_header(d, header);
		return;
	}
	writer_begin(d->writer, FRAME_ARRAY);
	show_header(d, header);
	if (header->nlmsg_type == NLMSG_ERROR)
		show_error(d, bytes + sizeof(*header), size - sizeof(*header));
	else
		show_payload(d, header->nlmsg_type, bytes + sizeof(*header), size - sizeof(*header));
	writer_end(d->writer);
}

static void show_messages(struct decoder *d, const unsigned char *bytes, size_t size)
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
		show_one(d, &header, bytes, header.nlmsg_len < size ? header.nlmsg_len : size);
		if (!step || step >= size)
			break;
		bytes += step;
		size -= step;
	}
	if (array)
		writer_end(d->writer);
}

void show_netlink_at(struct decoder *d, uint64_t address, uint64_t size)
{
	size_t taken = size < MOST_PAYLOAD ? (size_t)size : MOST_PAYLOAD;
	unsigned char *bytes = address && taken ? malloc(taken) : NULL;

	if (!bytes || !fetch(d, address, bytes, taken))
		writer_address(d->writer, address);
	else
		show_messages(d, bytes, taken);
	free(bytes);
}
