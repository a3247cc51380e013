/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/diag.c - netlink messages about sockets: what is asked for, and the heads of the answers. (sock_diag(7))
 */
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>

#include "decode/decoder.h"
#include "decode/families.h"
#include "tables.h"

/* 1<<TCP_LISTEN|... */
void show_tcp_states(struct decoder *d, const struct field *field, const struct piece *piece)
{
	writer_constant(d->writer, &set_tcp_states, field_value(field, piece));
}

static void show_diag_address(struct decoder *d, uint8_t family, const char *name, const void *address)
{
	if (family == AF_INET6) {
		show_inet6_key(d, name, address);
		return;
	}
	writer_name(d->writer, name);
	if (family == AF_INET)
		show_inet4_value(d, address);
	else
		writer_bytes(d->writer, address, 16, false, QUOTE_HEX);
}

/* struct inet_diag_sockid; the family of the addresses is the first byte of the message. */
void show_diag_id(struct decoder *d, const struct field *field, const struct piece *piece)
{
	struct inet_diag_sockid id;
	uint8_t family = piece->bytes[0];

	memcpy(&id, piece->bytes + field->offset, sizeof(id));
	writer_begin(d->writer, FRAME_STRUCT);
	show_port(d, "idiag_sport", id.idiag_sport);
	show_port(d, "idiag_dport", id.idiag_dport);
	show_diag_address(d, family, "idiag_src", id.idiag_src);
	show_diag_address(d, family, "idiag_dst", id.idiag_dst);
	writer_name(d->writer, "idiag_if");
	if (id.idiag_if)
		show_ifindex_value(d, id.idiag_if);
	else
		writer_natural(d->writer, 0);
	writer_name(d->writer, "idiag_cookie");
	writer_begin(d->writer, FRAME_ARRAY);
	writer_natural(d->writer, id.idiag_cookie[0]);
	writer_natural(d->writer, id.idiag_cookie[1]);
	writer_end(d->writer);
	writer_end(d->writer);
}

static const struct layouts *layouts_of(bool answer, uint16_t type, uint8_t family)
{
	if (type == TCPDIAG_GETSOCK || type == DCCPDIAG_GETSOCK)
		return answer ? &struct_inet_diag_msg : &struct_inet_diag_req;
	switch (family) {
	case AF_UNIX:
		return answer ? &struct_unix_diag_msg : &struct_unix_diag_req;
	case AF_INET:
	case AF_INET6:
		return answer ? &struct_inet_diag_msg : &struct_inet_diag_req_v2;
	case AF_NETLINK:
		return answer ? &struct_netlink_diag_msg : &struct_netlink_diag_req;
	case AF_PACKET:
		return answer ? &struct_packet_diag_msg : &struct_packet_diag_req;
	default:
		return NULL;
	}
}

bool show_diag_payload(struct decoder *d, uint16_t type, bool answer, const unsigned char *bytes, size_t size)
{
	const struct layouts *layouts = layouts_of(answer, type, bytes[0]);
	size_t head;

	if (!layouts || size == 1) {
		show_unknown_message(d, bytes, size);
		return true;
	}
	if (!show_message_head(d, layouts, bytes, size))
		return false;
	head = layout_of(d, layouts)->size;
	if (size > head)
		writer_bytes(d->writer, (const char *)bytes + head, size - head, false, QUOTE_HEX);
	return true;
}
