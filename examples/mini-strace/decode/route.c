/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/route.c - rtnetlink's messages about links, addresses, routes, neighbours, rules and queues. (rtnetlink(7))
 */
#include <arpa/inet.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_addrlabel.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
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
	SHAPE_MAC,
	SHAPE_CONSTANT, /* of one byte or four */
	SHAPE_STRUCT,
};

struct attribute {
	uint16_t type;
	enum shape shape;
	const void *set; /* of SHAPE_CONSTANT its struct set, of SHAPE_STRUCT its struct layouts */
};

static const struct attribute address_attributes[] = {
	{IFA_ADDRESS, SHAPE_ADDRESS, NULL},
	{IFA_LOCAL, SHAPE_ADDRESS, NULL},
	{IFA_LABEL, SHAPE_STRING, NULL},
	{IFA_BROADCAST, SHAPE_ADDRESS, NULL},
	{IFA_ANYCAST, SHAPE_ADDRESS, NULL},
	{IFA_MULTICAST, SHAPE_ADDRESS, NULL},
	{IFA_FLAGS, SHAPE_CONSTANT, &set_ifa_flags},
	{IFA_CACHEINFO, SHAPE_STRUCT, &struct_ifa_cacheinfo},
};

static const struct attribute route_attributes[] = {
	{RTA_DST, SHAPE_ADDRESS, NULL},     {RTA_SRC, SHAPE_ADDRESS, NULL},
	{RTA_GATEWAY, SHAPE_ADDRESS, NULL}, {RTA_PREFSRC, SHAPE_ADDRESS, NULL},
	{RTA_OIF, SHAPE_IFINDEX, NULL},     {RTA_IIF, SHAPE_IFINDEX, NULL},
	{RTA_PRIORITY, SHAPE_U32, NULL},    {RTA_TABLE, SHAPE_CONSTANT, &set_rt_table},
};

static const struct attribute neighbour_attributes[] = {
	{NDA_DST, SHAPE_ADDRESS, NULL},
	{NDA_LLADDR, SHAPE_MAC, NULL},
	{NDA_CACHEINFO, SHAPE_STRUCT, &struct_nda_cacheinfo},
	{NDA_PROBES, SHAPE_U32, NULL},
	{NDA_IFINDEX, SHAPE_IFINDEX, NULL},
	{NDA_MASTER, SHAPE_IFINDEX, NULL},
};

static const struct attribute rule_attributes[] = {
	{FRA_DST, SHAPE_ADDRESS, NULL},
	{FRA_SRC, SHAPE_ADDRESS, NULL},
	{FRA_IIFNAME, SHAPE_STRING, NULL},
	{FRA_OIFNAME, SHAPE_STRING, NULL},
	{FRA_PRIORITY, SHAPE_U32, NULL},
	{FRA_FWMARK, SHAPE_U32, NULL},
	{FRA_FWMASK, SHAPE_U32, NULL},
	{FRA_SUPPRESS_PREFIXLEN, SHAPE_U32, NULL},
	{FRA_PROTOCOL, SHAPE_CONSTANT, &set_rtprot},
	{FRA_TABLE, SHAPE_CONSTANT, &set_rt_table},
};

static const struct attribute queue_attributes[] = {
	{TCA_KIND, SHAPE_STRING, NULL},
	{TCA_HW_OFFLOAD, SHAPE_U8, NULL},
	{TCA_STATS, SHAPE_STRUCT, &struct_tc_stats},
};

static const struct attribute table_attributes[] = {
	{NDTA_NAME, SHAPE_STRING, NULL},
	{NDTA_THRESH1, SHAPE_U32, NULL},
	{NDTA_THRESH2, SHAPE_U32, NULL},
	{NDTA_THRESH3, SHAPE_U32, NULL},
	{NDTA_GC_INTERVAL, SHAPE_STRUCT, &struct_plain_u64},
	{NDTA_CONFIG, SHAPE_STRUCT, &struct_ndt_config},
};

static const struct attribute label_attributes[] = {
	{IFAL_ADDRESS, SHAPE_ADDRESS, NULL},
	{IFAL_LABEL, SHAPE_U32, NULL},
};

static const struct attribute link_attributes[] = {
	{IFLA_IFNAME, SHAPE_STRING, NULL},
	{IFLA_MTU, SHAPE_U32, NULL},
	{IFLA_LINK, SHAPE_U32, NULL},
	{IFLA_QDISC, SHAPE_STRING, NULL},
	{IFLA_MASTER, SHAPE_U32, NULL},
	{IFLA_TXQLEN, SHAPE_U32, NULL},
	{IFLA_GROUP, SHAPE_U32, NULL},
	{IFLA_PROMISCUITY, SHAPE_U32, NULL},
	{IFLA_OPERSTATE, SHAPE_U8, NULL},
	{IFLA_LINKMODE, SHAPE_U8, NULL},
	{IFLA_CARRIER, SHAPE_U8, NULL},
	{IFLA_ADDRESS, SHAPE_MAC, NULL},
	{IFLA_BROADCAST, SHAPE_MAC, NULL},
	{IFLA_ALLMULTI, SHAPE_U32, NULL},
	{IFLA_TSO_MAX_SIZE, SHAPE_U32, NULL},
	{IFLA_TSO_MAX_SEGS, SHAPE_U32, NULL},
	{IFLA_GRO_MAX_SIZE, SHAPE_U32, NULL},
	{IFLA_MIN_MTU, SHAPE_U32, NULL},
	{IFLA_MAX_MTU, SHAPE_U32, NULL},
	{IFLA_NUM_TX_QUEUES, SHAPE_U32, NULL},
	{IFLA_NUM_RX_QUEUES, SHAPE_U32, NULL},
	{IFLA_GSO_MAX_SEGS, SHAPE_U32, NULL},
	{IFLA_GSO_MAX_SIZE, SHAPE_U32, NULL},
	{IFLA_CARRIER_CHANGES, SHAPE_U32, NULL},
	{IFLA_CARRIER_UP_COUNT, SHAPE_U32, NULL},
	{IFLA_CARRIER_DOWN_COUNT, SHAPE_U32, NULL},
	{IFLA_PROTO_DOWN, SHAPE_U8, NULL},
};

#define ATTRIBUTES(list) list, sizeof(list) / sizeof((list)[0])

/* A kind of message: the struct at its head, and what its attributes are called; of four types, new, delete, get and set. */
static const struct kind {
	uint16_t first;
	const struct layouts *head;
	const struct set *names;
	const struct attribute *attributes;
	size_t count;
} kinds[] = {
	{RTM_NEWLINK, &struct_ifinfomsg, &set_ifla, ATTRIBUTES(link_attributes)},
	{RTM_NEWADDR, &struct_ifaddrmsg, &set_ifa, ATTRIBUTES(address_attributes)},
	{RTM_NEWROUTE, &struct_rtmsg, &set_rta, ATTRIBUTES(route_attributes)},
	{RTM_NEWNEIGH, &struct_ndmsg, &set_nda, ATTRIBUTES(neighbour_attributes)},
	{RTM_NEWRULE, &struct_fib_rule_hdr, &set_fra, ATTRIBUTES(rule_attributes)},
	{RTM_NEWQDISC, &struct_tcmsg, &set_tca, ATTRIBUTES(queue_attributes)},
	{RTM_NEWTCLASS, &struct_tcmsg, &set_tca, ATTRIBUTES(queue_attributes)},
	{RTM_NEWTFILTER, &struct_tcmsg, &set_tca, ATTRIBUTES(queue_attributes)},
	{RTM_NEWNEIGHTBL, &struct_ndtmsg, &set_ndta, ATTRIBUTES(table_attributes)},
	{RTM_NEWADDRLABEL, &struct_ifaddrlblmsg, &set_ifal, ATTRIBUTES(label_attributes)},
};

static const struct attribute *attribute_of(const struct kind *kind, uint16_t type)
{
	static const struct attribute unknown = {.shape = SHAPE_BYTES};

	for (size_t i = 0; i < kind->count; i++) {
		if (kind->attributes[i].type == type)
			return &kind->attributes[i];
	}
	return &unknown;
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

/* False if there are too few bytes for the shape. */
static bool show_shape(struct decoder *d, const struct attribute *as, uint8_t family, const unsigned char *bytes,
		       size_t size)
{
	const struct layout *layout = as->shape == SHAPE_STRUCT ? layout_of(d, as->set) : NULL;
	uint32_t word = 0;
	bool is_word = size >= sizeof(word);

	memcpy(&word, bytes, is_word ? sizeof(word) : size);
	if (as->shape == SHAPE_U32 && is_word)
		writer_natural(d->writer, word);
	else if (as->shape == SHAPE_U8 && size)
		writer_natural(d->writer, bytes[0]);
	else if (as->shape == SHAPE_STRING && size)
		show_text(d, (const char *)bytes, size);
	else if (as->shape == SHAPE_ADDRESS)
		show_address(d, family, bytes, size);
	else if (as->shape == SHAPE_IFINDEX && is_word)
		show_ifindex_value(d, word);
	else if (as->shape == SHAPE_CONSTANT && (is_word || size == 1))
		writer_constant(d->writer, as->set, is_word ? word : bytes[0]);
	else if (layout && size >= layout->size)
		layout_show(d, layout, &(const struct piece){.bytes = bytes, .size = size});
	else if (as->shape == SHAPE_MAC)
		show_mac(d, bytes, size);
	else
		return false;
	return true;
}

static void show_data(struct decoder *d, const struct attribute *as, uint8_t family, const unsigned char *bytes,
		      size_t size)
{
	size_t limit = d->show->string_limit;

	if (!show_shape(d, as, family, bytes, size))
		writer_bytes(d->writer, (const char *)bytes, size < limit ? size : limit, size > limit, QUOTE_HEX);
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
	show_data(d, attribute_of(kind, type), family, data, size);
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
	if (attribute.rta_len >= sizeof(attribute) && RTA_ALIGN(attribute.rta_len) < size)
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

bool show_message_head(struct decoder *d, const struct layouts *layouts, const unsigned char *bytes, size_t size)
{
	const struct layout *layout = layout_of(d, layouts);
	const struct field *first = &layout->fields[0];
	const struct piece piece = {.bytes = bytes, .size = size < layout->size ? size : layout->size};

	if (size >= layout->size) {
		layout_show(d, layout, &piece);
		return true;
	}
	if (!field_is_there(first, &piece))
		return false;
	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, first->name);
	first->show(d, first, &piece);
	if (layout->count > 1)
		writer_more(d->writer);
	writer_end(d->writer);
	return true;
}

void show_unknown_message(struct decoder *d, const unsigned char *bytes, size_t size)
{
	size_t limit = d->show->string_limit;

	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "family");
	writer_constant(d->writer, &set_socket_domain, bytes[0]);
	if (size > 1) {
		writer_name(d->writer, "data");
		writer_bytes(d->writer, (const char *)bytes + 1, size - 1 < limit ? size - 1 : limit, size - 1 > limit,
			     QUOTE_HEX);
	}
	writer_end(d->writer);
}

bool show_route_payload(struct decoder *d, uint16_t type, bool answer, const unsigned char *bytes, size_t size)
{
	(void)answer;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t head = NLMSG_ALIGN(layout_of(d, kinds[i].head)->size);

		if (kinds[i].first != (type & ~3))
			continue;
		if (!show_message_head(d, kinds[i].head, bytes, size))
			return false;
		if (size > head)
			show_attributes(d, &kinds[i], bytes[0], bytes + head, size - head);
		return true;
	}
	show_unknown_message(d, bytes, size);
	return true;
}
