/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/sockets.c - socket addresses, and the calls that take one.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "decode/decoder.h"
#include "decode/families.h"
#include "tables.h"

enum { ADDRESS_SIZE = sizeof(struct sockaddr_storage) };

void show_port(struct decoder *d, const char *name, uint16_t port)
{
	writer_name(d->writer, name);
	writer_begin_call(d->writer, "htons");
	writer_natural(d->writer, ntohs(port));
	writer_end(d->writer);
}

void show_inet4_value(struct decoder *d, const void *address)
{
	char text[INET_ADDRSTRLEN];

	(void)inet_ntop(AF_INET, address, text, sizeof(text));
	writer_begin_call(d->writer, "inet_addr");
	writer_bytes(d->writer, text, strlen(text), false, QUOTE_NORMAL);
	writer_end(d->writer);
}

/* In a struct: inet_pton(AF_INET6, "...", &name). */
void show_inet6_key(struct decoder *d, const char *name, const void *address)
{
	char text[INET6_ADDRSTRLEN];

	(void)inet_ntop(AF_INET6, address, text, sizeof(text));
	writer_key(d->writer, name);
	writer_begin_call(d->writer, "inet_pton");
	writer_token(d->writer, "AF_INET6");
	writer_bytes(d->writer, text, strlen(text), false, QUOTE_NORMAL);
	write_token(d, "&%s", name);
	writer_end(d->writer);
}

void show_ifindex_value(struct decoder *d, unsigned int index)
{
	char name[IF_NAMESIZE];

	if (!index || d->show->constants == CONSTANTS_RAW || !if_indextoname(index, name)) {
		writer_natural(d->writer, index);
		return;
	}
	writer_begin_call(d->writer, "if_nametoindex");
	writer_bytes(d->writer, name, strlen(name), false, QUOTE_NORMAL);
	writer_end(d->writer);
}

void show_inet4(struct decoder *d, const struct field *field, const struct piece *piece)
{
	show_inet4_value(d, piece->bytes + field->offset);
}

void show_inet6(struct decoder *d, const struct field *field, const struct piece *piece)
{
	char text[INET6_ADDRSTRLEN];

	(void)inet_ntop(AF_INET6, piece->bytes + field->offset, text, sizeof(text));
	writer_bytes(d->writer, text, strlen(text), false, QUOTE_NORMAL);
}

/* The name is written already, so only strace's "name=inet_pton" is possible. */
void show_inet6key(struct decoder *d, const struct field *field, const struct piece *piece)
{
	char text[INET6_ADDRSTRLEN];

	(void)inet_ntop(AF_INET6, piece->bytes + field->offset, text, sizeof(text));
	writer_begin_call(d->writer, "inet_pton");
	writer_token(d->writer, "AF_INET6");
	writer_bytes(d->writer, text, strlen(text), false, QUOTE_NORMAL);
	write_token(d, "&%s", field->name);
	writer_end(d->writer);
}

void show_ifindex(struct decoder *d, const struct field *field, const struct piece *piece)
{
	show_ifindex_value(d, (unsigned int)field_value(field, piece));
}

/* `size` is of the whole address, family included. */
static void show_unix(struct decoder *d, const struct sockaddr_un *address, size_t size)
{
	size_t length = (size < sizeof(*address) ? size : sizeof(*address)) - offsetof(struct sockaddr_un, sun_path);
	struct text quoted = {0};

	writer_name(d->writer, "sun_path");
	if (address->sun_path[0]) {
		writer_bytes(d->writer, address->sun_path, strnlen(address->sun_path, length), false, QUOTE_NORMAL);
		return;
	}
	text_string(&quoted, "@\"");
	quote_bytes(&quoted, address->sun_path + 1, length - 1, d->show->escape, NULL);
	text_char(&quoted, '"');
	writer_token(d->writer, quoted.data);
	text_free(&quoted);
}

static void show_inet(struct decoder *d, const struct sockaddr_in *address)
{
	show_port(d, "sin_port", address->sin_port);
	writer_name(d->writer, "sin_addr");
	show_inet4_value(d, &address->sin_addr);
}

static void show_inet_6(struct decoder *d, const struct sockaddr_in6 *address, size_t size)
{
	show_port(d, "sin6_port", address->sin6_port);
	writer_name(d->writer, "sin6_flowinfo");
	writer_begin_call(d->writer, "htonl");
	writer_natural(d->writer, ntohl(address->sin6_flowinfo));
	writer_end(d->writer);
	show_inet6_key(d, "sin6_addr", &address->sin6_addr);
	if (size <= offsetof(struct sockaddr_in6, sin6_scope_id))
		return;
	writer_name(d->writer, "sin6_scope_id");
	if (IN6_IS_ADDR_LINKLOCAL(&address->sin6_addr) || IN6_IS_ADDR_MC_LINKLOCAL(&address->sin6_addr))
		show_ifindex_value(d, address->sin6_scope_id);
	else
		writer_natural(d->writer, address->sin6_scope_id);
}

static void show_netlink(struct decoder *d, const struct sockaddr_nl *address)
{
	if (address->nl_pad) {
		writer_name(d->writer, "nl_pad");
		writer_hex(d->writer, address->nl_pad);
	}
	writer_name(d->writer, "nl_pid");
	show_pid_number(d, (int)address->nl_pid);
	writer_name(d->writer, "nl_groups");
	write_token(d, address->nl_groups ? "%#010x" : "%08x", address->nl_groups);
}

static void show_packet(struct decoder *d, const struct sockaddr_ll *address, size_t size)
{
	size_t room = size - offsetof(struct sockaddr_ll, sll_addr);

	writer_name(d->writer, "sll_protocol");
	writer_begin_call(d->writer, "htons");
	writer_constant(d->writer, &set_ethernet_protocol, ntohs(address->sll_protocol));
	writer_end(d->writer);
	writer_name(d->writer, "sll_ifindex");
	show_ifindex_value(d, (unsigned int)address->sll_ifindex);
	writer_name(d->writer, "sll_hatype");
	writer_constant(d->writer, &set_arphrd, address->sll_hatype);
	writer_name(d->writer, "sll_pkttype");
	writer_constant(d->writer, &set_packet_type, address->sll_pkttype);
	writer_name(d->writer, "sll_halen");
	writer_natural(d->writer, address->sll_halen);
	if (!address->sll_halen)
		return;
	writer_name(d->writer, "sll_addr");
	writer_begin(d->writer, FRAME_ARRAY);
	for (size_t i = 0; i < address->sll_halen && i < room && i < sizeof(address->sll_addr); i++)
		write_token(d, address->sll_addr[i] ? "%#x" : "%x", address->sll_addr[i]);
	if (address->sll_halen > room)
		writer_more(d->writer);
	writer_end(d->writer);
}

/* What each family needs before it can be shown in full. */
static bool show_family(struct decoder *d, int family, const void *address, size_t size)
{
	if (family == AF_UNIX && size > offsetof(struct sockaddr_un, sun_path))
		show_unix(d, address, size);
	else if (family == AF_INET && size >= sizeof(struct sockaddr_in))
		show_inet(d, address);
	else if (family == AF_INET6 && size >= offsetof(struct sockaddr_in6, sin6_scope_id))
		show_inet_6(d, address, size);
	else if (family == AF_NETLINK && size >= sizeof(struct sockaddr_nl))
		show_netlink(d, address);
	else if (family == AF_PACKET && size >= offsetof(struct sockaddr_ll, sll_addr))
		show_packet(d, address, size);
	else
		return false;
	return true;
}

void show_sockaddr(struct decoder *d, const unsigned char *bytes, size_t size)
{
	union {
		struct sockaddr any;
		struct sockaddr_storage storage;
		unsigned char bytes[ADDRESS_SIZE + 1];
	} address = {0};

	if (size > ADDRESS_SIZE)
		size = ADDRESS_SIZE;
	memcpy(address.bytes, bytes, size);
	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "sa_family");
	writer_constant(d->writer, &set_socket_domain, address.any.sa_family);
	if (size > sizeof(address.any.sa_family) && !show_family(d, address.any.sa_family, &address, size)) {
		writer_name(d->writer, "sa_data");
		writer_bytes(d->writer, address.any.sa_data, size - sizeof(address.any.sa_family), false, QUOTE_NORMAL);
	}
	writer_end(d->writer);
}

int show_sockaddr_family_at(struct decoder *d, uint64_t address, int size)
{
	unsigned char bytes[ADDRESS_SIZE];
	uint16_t family;

	if (size > ADDRESS_SIZE)
		size = ADDRESS_SIZE;
	if (!address || size < 2 || !fetch(d, address, bytes, (size_t)size)) {
		writer_address(d->writer, address);
		return -1;
	}
	show_sockaddr(d, bytes, (size_t)size);
	memcpy(&family, bytes, sizeof(family));
	return family;
}

bool arg_sockin(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)show_sockaddr_family_at(d, as_ulong(d, value), (int)argument(d, spec->length));
	return true;
}

/* The length that the kernel may use is kept at entry; see decode_entry. */
void remember_length(struct decoder *d, uint64_t address)
{
	int32_t length;

	if (!d->verbose || !address || !fetch(d, address, &length, sizeof(length)))
		return;
	d->state->saved[2] = 1;
	d->state->saved[3] = (uint64_t)(uint32_t)length;
}

bool arg_sockout(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint64_t place = as_ulong(d, argument(d, spec->length));
	int room = (int)d->state->saved[3];
	int32_t length;

	if (!d->state->saved[2] || !value) {
		writer_address(d->writer, as_ulong(d, value));
		return true;
	}
	if (must_wait(d))
		return false;
	if (d->failed || !fetch(d, place, &length, sizeof(length)))
		writer_address(d->writer, as_ulong(d, value));
	else
		(void)show_sockaddr_family_at(d, as_ulong(d, value), length < room ? length : room);
	return true;
}

/* [before => after] */
void show_length(struct decoder *d, uint64_t address)
{
	int32_t room = (int32_t)d->state->saved[3];
	int32_t length;

	writer_begin(d->writer, FRAME_ARRAY);
	if (d->failed || !fetch(d, address, &length, sizeof(length)) || length == room) {
		writer_integer(d->writer, room);
		writer_end(d->writer);
		return;
	}
	writer_begin(d->writer, FRAME_CHANGE);
	writer_integer(d->writer, room);
	writer_changed(d->writer);
	writer_integer(d->writer, length);
	writer_end(d->writer);
	writer_end(d->writer);
}

bool arg_socklen(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	if (!d->state->saved[2] || !argument(d, d->state->next - 1)) {
		writer_address(d->writer, as_ulong(d, value));
		return true;
	}
	if (must_wait(d))
		return false;
	show_length(d, as_ulong(d, value));
	return true;
}

/* The type shares its word with flags. */
bool arg_socktype(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint32_t flags = (uint32_t)value & ~UINT32_C(0xf);
	const char *name = set_name(&set_socket_type_name, value & 0xf);
	struct text text = {0};

	(void)spec;
	if (name)
		constant_part(d, &text, &set_socket_type_name, value & 0xf);
	else
		flags = (uint32_t)value;
	if (name && flags)
		text_char(&text, '|');
	if (flags || !name)
		constant_part(d, &text, &set_socket_type_flags, flags);
	writer_token(d->writer, text.data);
	text_free(&text);
	return true;
}

bool arg_sockproto(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	switch ((int)argument(d, 0)) {
	case AF_INET:
	case AF_INET6:
		writer_constant(d->writer, &set_ip_protocol, (uint32_t)value);
		break;
	case AF_NETLINK:
		writer_constant(d->writer, &set_netlink_protocol, (uint32_t)value);
		break;
	case AF_PACKET:
		writer_begin_call(d->writer, "htons");
		writer_constant(d->writer, &set_ethernet_protocol, ntohs((uint16_t)value));
		writer_end(d->writer);
		break;
	default:
		writer_natural(d->writer, (uint32_t)value);
		break;
	}
	return true;
}
