/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/route.c - rtnetlink's messages about links, addresses and routes. (rtnetlink(7))
 */
#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "decode/decoder.h"
#include "decode/families.h"
#include "tables.h"

/* How the bytes of an attribute are shown. */
enum shape {
	SHAPE_BYTES,
	SHAPE_U32,
	SHAPE_U8,
	SHAPE_STRING,
	SHAPE_ADDRESS,
	SHAPE_IFINDEX,
	SHAPE_ADDR_FLAGS,
	SHAPE_MAC,
	SHAPE_CACHEINFO
};

struct attribute {
	uint16_t type;
	enum shape shape;
};

static const struct attribute address_attributes[] = {
	{IFA_ADDRESS, SHAPE_ADDRESS},   {IFA_LOCAL, SHAPE_ADDRESS},       {IFA_LABEL, SHAPE_STRING},
	{IFA_BROADCAST, SHAPE_ADDRESS}, {IFA_ANYCAST, SHAPE_ADDRESS},     {IFA_MULTICAST, SHAPE_ADDRESS},
	{IFA_FLAGS, SHAPE_ADDR_FLAGS},  {IFA_CACHEINFO, SHAPE_CACHEINFO},
};

static const struct attribute route_attributes[] = {
	{RTA_DST, SHAPE_ADDRESS}, {RTA_SRC, SHAPE_ADDRESS}, {RTA_GATEWAY, SHAPE_ADDRESS}, {RTA_PREFSRC, SHAPE_ADDRESS},
	{RTA_OIF, SHAPE_IFINDEX}, {RTA_IIF, SHAPE_IFINDEX}, {RTA_PRIORITY, SHAPE_U32},    {RTA_TABLE, SHAPE_U32},
};

static const struct attribute link_attributes[] = {
	{IFLA_IFNAME, SHAPE_STRING},
	{IFLA_MTU, SHAPE_U32},
	{IFLA_LINK, SHAPE_U32},
	{IFLA_QDISC, SHAPE_STRING},
	{IFLA_MASTER, SHAPE_U32},
	{IFLA_TXQLEN, SHAPE_U32},
	{IFLA_GROUP, SHAPE_U32},
	{IFLA_PROMISCUITY, SHAPE_U32},
	{IFLA_OPERSTATE, SHAPE_U8},
	{IFLA_LINKMODE, SHAPE_U8},
	{IFLA_CARRIER, SHAPE_U8},
	{IFLA_ADDRESS, SHAPE_MAC},
	{IFLA_BROADCAST, SHAPE_MAC},
	{IFLA_MIN_MTU, SHAPE_U32},
	{IFLA_MAX_MTU, SHAPE_U32},
	{IFLA_NUM_TX_QUEUES, SHAPE_U32},
	{IFLA_NUM_RX_QUEUES, SHAPE_U32},
	{IFLA_GSO_MAX_SEGS, SHAPE_U32},
	{IFLA_GSO_MAX_SIZE, SHAPE_U32},
	{IFLA_CARRIER_CHANGES, SHAPE_U32},
	{IFLA_CARRIER_UP_COUNT, SHAPE_U32},
	{IFLA_CARRIER_DOWN_COUNT, SHAPE_U32},
	{IFLA_PROTO_DOWN, SHAPE_U8},
};

/* A kind of message: the struct at its head, and what its attributes are called. */
static const struct kind {
	uint16_t type;
	const struct layouts *head;
	const struct set *names;
	const struct attribute *attributes;
	size_t count;
} kinds[] = {
	{RTM_NEWADDR, &struct_ifaddrmsg, &set_ifa, address_attributes,
	 sizeof(address_attributes) / sizeof(struct attribute)},
	{RTM_DELADDR, &struct_ifaddrmsg, &set_ifa, address_attributes,
	 sizeof(address_attributes) / sizeof(struct attribute)},
	{RTM_GETADDR, &struct_ifaddrmsg, &set_ifa, address_attributes,
	 sizeof(address_attributes) / sizeof(struct attribute)},
	{RTM_NEWLINK, &struct_ifinfomsg, &set_ifla, link_attributes,
	 sizeof(link_attributes) / sizeof(struct attribute)},
	{RTM_DELLINK, &struct_ifinfomsg, &set_ifla, link_attributes,
	 sizeof(link_attributes) / sizeof(struct attribute)},
	{RTM_GETLINK, &struct_ifinfomsg, &set_ifla, link_attributes,
	 sizeof(link_attributes) / sizeof(struct attribute)},
	{RTM_NEWROUTE, &struct_rtmsg, &set_rta, route_attributes, sizeof(route_attributes) / sizeof(struct attribute)},
	{RTM_DELROUTE, &struct_rtmsg, &set_rta, route_attributes, sizeof(route_attributes) / sizeof(struct attribute)},
	{RTM_GETROUTE, &struct_rtmsg, &set_rta, route_attributes, sizeof(route_attributes) / sizeof(struct attribute)},
};

static enum shape shape_of(const struct kind *kind, uint16_t type)
{
	for (size_t i = 0; i < kind->count; i++) {
		if (kind->attributes[i].type == type)
			return kind->attributes[i].shape;
	}
	return SHAPE_BYTES;
}

static void show_address(struct decoder *d, uint8_t family, const unsigned char *bytes, size_t size)
{
	char text[INET6_ADDRSTRLEN];

	if (family == AF_INET && size >= 4) {
		show_inet4_value(d, bytes);
	} else if (family == AF_INET6 && size >= 16) {
		(void)inet_ntop(AF_INET6, bytes, text, sizeof(text));
		writer_begin_call(d->writer, "inet_pton");
		writer_token(d->writer, "AF_INET6");
		writer_bytes(d->writer, text, strlen(text), false, QUOTE_NORMAL);
		writer_end(d->writer);
	} else {
		writer_bytes(d->writer, (const char *)bytes, size, false, QUOTE_HEX);
	}
}

static void show_mac(struct decoder *d, const unsigned char *bytes, size_t size)
{
	struct text text = {0};

	for (size_t i = 0; i < size && i < 32; i++)
		text_add(&text, "%s%02x", i ? ":" : "", bytes[i]);
	writer_token(d->writer, text.length ? text.data : "");
	text_free(&text);
}

static void show_data(struct decoder *d, enum shape shape, uint8_t family, const unsigned char *bytes, size_t size)
{
	uint32_t word = 0;

	memcpy(&word, bytes, size < sizeof(word) ? size : sizeof(word));
	if (shape == SHAPE_U32 && size >= sizeof(word))
		writer_natural(d->writer, word);
	else if (shape == SHAPE_U8 && size)
		writer_natural(d->writer, bytes[0]);
	else if (shape == SHAPE_STRING && size)
		show_text(d, (const char *)bytes, size);
	else if (shape == SHAPE_ADDRESS)
		show_address(d, family, bytes, size);
	else if (shape == SHAPE_IFINDEX && size >= sizeof(word))
		show_ifindex_value(d, word);
	else if (shape == SHAPE_ADDR_FLAGS && size >= sizeof(word))
		writer_constant(d->writer, &set_ifa_flags, word);
	else if (shape == SHAPE_CACHEINFO && size >= 16)
		layout_show(d, layout_of(d, &struct_ifa_cacheinfo),
			    &(const struct piece){.bytes = bytes, .size = size});
	else if (shape == SHAPE_MAC)
		show_mac(d, bytes, size);
	else
		writer_bytes(d->writer, (const char *)bytes, size, false, QUOTE_HEX);
}

static void show_attribute(struct decoder *d, const struct kind *kind, uint8_t family, const struct rtattr *attribute,
			   const unsigned char *data, size_t size)
{
	uint16_t type = attribute->rta_type & NLA_TYPE_MASK;

	if (size)
		writer_begin(d->writer, FRAME_ARRAY);
	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "nla_len");
	writer_natural(d->writer, attribute->rta_len);
	writer_name(d->writer, "nla_type");
	if (attribute->rta_type & NLA_F_NESTED) {
		struct text text = {0};

		text_string(&text, "NLA_F_NESTED|");
		constant_text(d, &text, kind->names, type);
		writer_token(d->writer, text.data);
		text_free(&text);
	} else {
		writer_constant(d->writer, kind->names, attribute->rta_type);
	}
	writer_end(d->writer);
	if (!size)
		return;
	show_data(d, shape_of(kind, type), family, data, size);
	writer_end(d->writer);
}

static void show_attributes(struct decoder *d, const struct kind *kind, uint8_t family, const unsigned char *bytes,
			    size_t size)
{
	struct rtattr attribute;
	size_t count = 0;

	if (size < sizeof(attribute)) {
		writer_bytes(d->writer, (const char *)bytes, size, false, QUOTE_HEX);
		return;
	}
	memcpy(&attribute, bytes, sizeof(attribute));
	if (RTA_ALIGN(attribute.rta_len) < size)
		writer_begin(d->writer, FRAME_ARRAY);
	else
		writer_begin(d->writer, FRAME_PLAIN);
	while (size >= sizeof(attribute)) {
		size_t inside;
		size_t step;

		memcpy(&attribute, bytes, sizeof(attribute));
		inside = attribute.rta_len < size ? attribute.rta_len : size;
		if (d->abbrev && count++ == d->show->string_limit) {
			writer_more(d->writer);
			break;
		}
		show_attribute(d, kind, family, &attribute, bytes + sizeof(attribute),
			       inside > sizeof(attribute) ? inside - sizeof(attribute) : 0);
		step = RTA_ALIGN((size_t)attribute.rta_len);
		if (attribute.rta_len < sizeof(attribute) || step >= size)
			break;
		bytes += step;
		size -= step;
	}
	writer_end(d->writer);
}

bool show_route_payload(struct decoder *d, uint16_t type, const unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct layout *head = layout_of(d, kinds[i].head);
		const struct piece piece = {.bytes = bytes, .size = head->size};

		if (kinds[i].type != type)
			continue;
		if (size < head->size)
			break;
		layout_show(d, head, &piece);
		if (size > head->size)
			show_attributes(d, &kinds[i], bytes[0], bytes + head->size, size - head->size);
		return true;
	}
	return false;
}
