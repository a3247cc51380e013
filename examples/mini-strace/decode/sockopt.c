/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/sockopt.c - socket options: their names by level, their values by name.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <netpacket/packet.h>
#include <string.h>
#include <sys/socket.h>

#include "decode/decoder.h"
#include "decode/families.h"
#include "tables.h"

static const struct {
	int level;
	const struct set *names;
} levels[] = {
	{SOL_SOCKET, &set_so},
	{IPPROTO_IP, &set_so_ip},
	{IPPROTO_IPV6, &set_so_ipv6},
	{IPPROTO_TCP, &set_so_tcp},
	{IPPROTO_UDP, &set_so_udp},
	{270 /* SOL_NETLINK */, &set_so_netlink},
	{263 /* SOL_PACKET */, &set_so_packet},
	{IPPROTO_RAW, &set_so_raw},
};

/* Options whose value is a struct; the others are an int, or bytes. */
static const struct option {
	int level;
	int name;
	bool get;
	bool set;
	const struct layouts *layout;
} options[] = {
	{SOL_SOCKET, SO_LINGER, true, true, &struct_linger},
	{SOL_SOCKET, SO_PEERCRED, true, false, &struct_ucred},
	{SOL_SOCKET, SO_ATTACH_FILTER, false, true, &struct_sock_fprog},
	{IPPROTO_IP, IP_ADD_MEMBERSHIP, false, true, &struct_ip_mreq},
	{IPPROTO_IP, IP_DROP_MEMBERSHIP, false, true, &struct_ip_mreq},
	{IPPROTO_IPV6, IPV6_JOIN_GROUP, false, true, &struct_ipv6_mreq},
	{IPPROTO_IPV6, IPV6_LEAVE_GROUP, false, true, &struct_ipv6_mreq},
	{263, PACKET_RX_RING, false, true, &struct_tpacket_req},
	{263, PACKET_TX_RING, false, true, &struct_tpacket_req},
	{263, PACKET_STATISTICS, true, false, &struct_tpacket_stats},
};

bool arg_optname(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (levels[i].level != (int)argument(d, 1))
			continue;
		writer_constant(d->writer, levels[i].names, (uint32_t)value);
		return true;
	}
	writer_natural(d->writer, (uint32_t)value);
	return true;
}

static const struct layout *layout_of_option(const struct decoder *d, bool get)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		const struct option *option = &options[i];

		if (option->level == (int)argument(d, 1) && option->name == (int)argument(d, 2) &&
		    (get ? option->get : option->set))
			return layout_of(d, option->layout);
	}
	return NULL;
}

static void show_int_or_bytes(struct decoder *d, uint64_t address, int size)
{
	int32_t number;

	if (size != sizeof(number)) {
		show_bytes_at(d, address, (uint64_t)size);
	} else if (!fetch(d, address, &number, sizeof(number))) {
		writer_address(d->writer, address);
	} else {
		writer_begin(d->writer, FRAME_ARRAY);
		writer_integer(d->writer, number);
		writer_end(d->writer);
	}
}

/* [ECONNREFUSED] */
static void show_pending_error(struct decoder *d, uint64_t address)
{
	int32_t error;
	const char *name;

	if (!fetch(d, address, &error, sizeof(error))) {
		writer_address(d->writer, address);
		return;
	}
	name = error > 0 ? strerrorname_np(error) : NULL;
	writer_begin(d->writer, FRAME_ARRAY);
	if (name)
		writer_token(d->writer, name);
	else
		writer_integer(d->writer, error);
	writer_end(d->writer);
}

static void show_option(struct decoder *d, uint64_t address, int size, bool get)
{
	const struct layout *layout = layout_of_option(d, get);
	unsigned char bytes[LARGEST_LAYOUT];
	struct piece piece = {.bytes = bytes, .address = address};
	bool plain = (int)argument(d, 1) == SOL_SOCKET && size > (int)sizeof(int);
	bool list = plain &&
		    (argument(d, 2) == SO_BINDTODEVICE || argument(d, 2) == SO_PEERGROUPS ||
		     argument(d, 2) == SO_PEERSEC || argument(d, 2) == SO_RCVTIMEO || argument(d, 2) == SO_SNDTIMEO);

	if (!d->verbose || !address || size < 0 || (get && !size)) {
		writer_address(d->writer, address);
	} else if (layout) {
		piece.size = (size_t)size < layout->size ? (size_t)size : layout->size;
		if ((!get && (size_t)size < layout->size) || !layout_read(d, layout, address, piece.size, bytes))
			writer_address(d->writer, address);
		else
			layout_show(d, layout, &piece);
	} else if (get && (int)argument(d, 1) == SOL_SOCKET && argument(d, 2) == SO_ERROR && size >= (int)sizeof(int)) {
		show_pending_error(d, address);
	} else {
		show_int_or_bytes(d, address, plain && !list ? (int)sizeof(int) : size);
	}
}

bool arg_setopt(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_option(d, as_ulong(d, value), (int)argument(d, 4), false);
	return true;
}

bool arg_getopt(struct decoder *d, const struct spec *spec, uint64_t value)
{
	int room = (int)d->state->saved[3];
	int32_t length;

	(void)spec;
	if (!d->state->saved[2]) {
		writer_address(d->writer, as_ulong(d, value));
		return true;
	}
	if (must_wait(d))
		return false;
	if (d->failed || room <= 0 || !fetch(d, as_ulong(d, argument(d, 4)), &length, sizeof(length)))
		writer_address(d->writer, as_ulong(d, value));
	else
		show_option(d, as_ulong(d, value), length, true);
	return true;
}

bool arg_optlen(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	if (!d->state->saved[2]) {
		writer_address(d->writer, as_ulong(d, value));
		return true;
	}
	if (must_wait(d))
		return false;
	show_length(d, as_ulong(d, value));
	return true;
}
