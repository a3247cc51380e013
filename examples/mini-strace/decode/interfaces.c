/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/interfaces.c - ioctl(2) on network interfaces: struct ifreq, of which each request uses another part.
 * (netdevice(7))
 */
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "decode/decoder.h"
#include "decode/families.h"
#include "tables.h"

enum { NAME_SIZE = 16, REQUEST_SIZE_64 = 40, REQUEST_SIZE_32 = 32, ADDRESS_SIZE = 16, MOST_INTERFACES = 4096 };

enum part { PART_NONE, PART_ADDRESS, PART_HARDWARE, PART_FLAGS, PART_NUMBER, PART_NAME, PART_MAP };

static const struct request {
	uint16_t get;
	uint16_t set;
	enum part part;
	const char *name;
} requests[] = {
	{SIOCGIFADDR, SIOCSIFADDR, PART_ADDRESS, "ifr_addr"},
	{SIOCGIFDSTADDR, SIOCSIFDSTADDR, PART_ADDRESS, "ifr_dstaddr"},
	{SIOCGIFBRDADDR, SIOCSIFBRDADDR, PART_ADDRESS, "ifr_broadaddr"},
	{SIOCGIFNETMASK, SIOCSIFNETMASK, PART_ADDRESS, "ifr_netmask"},
	{SIOCGIFHWADDR, SIOCSIFHWADDR, PART_HARDWARE, "ifr_hwaddr"},
	{0, SIOCADDMULTI, PART_HARDWARE, "ifr_hwaddr"},
	{0, SIOCDELMULTI, PART_HARDWARE, "ifr_hwaddr"},
	{0, SIOCSIFHWBROADCAST, PART_HARDWARE, "ifr_hwaddr"},
	{SIOCGIFFLAGS, SIOCSIFFLAGS, PART_FLAGS, "ifr_flags"},
	{SIOCGIFINDEX, 0, PART_NUMBER, "ifr_ifindex"},
	{SIOCGIFMETRIC, SIOCSIFMETRIC, PART_NUMBER, "ifr_metric"},
	{SIOCGIFMTU, SIOCSIFMTU, PART_NUMBER, "ifr_mtu"},
	{SIOCGIFTXQLEN, SIOCSIFTXQLEN, PART_NUMBER, "ifr_qlen"},
	{SIOCGIFSLAVE, SIOCSIFSLAVE, PART_NAME, "ifr_slave"},
	{0, SIOCSIFNAME, PART_NAME, "ifr_newname"},
	{SIOCGIFMAP, SIOCSIFMAP, PART_MAP, "ifr_map"},
};

static const struct request *request_of(uint32_t number)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (number && (requests[i].get == number || requests[i].set == number))
			return &requests[i];
	}
	return NULL;
}

static void show_hardware(struct decoder *d, const unsigned char *value)
{
	uint16_t type;
	struct text mac = {0};

	memcpy(&type, value, sizeof(type));
	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "sa_family");
	writer_constant(d->writer, &set_arphrd, type);
	writer_name(d->writer, "sa_data");
	for (int i = 0; i < 6; i++)
		text_add(&mac, "%s%02x", i ? ":" : "", value[2 + i]);
	writer_token(d->writer, mac.data);
	text_free(&mac);
	writer_end(d->writer);
}

static void show_part(struct decoder *d, const struct request *request, const unsigned char *value)
{
	const struct layout *map = layout_of(d, &struct_ifmap);
	int32_t number;
	uint16_t flags;

	memcpy(&number, value, sizeof(number));
	memcpy(&flags, value, sizeof(flags));
	writer_name(d->writer, request->name);
	if (request->part == PART_ADDRESS)
		show_sockaddr(d, value, ADDRESS_SIZE);
	else if (request->part == PART_HARDWARE)
		show_hardware(d, value);
	else if (request->part == PART_FLAGS)
		writer_constant(d->writer, &set_iff, flags);
	else if (request->part == PART_NUMBER)
		writer_integer(d->writer, number);
	else if (request->part == PART_NAME)
		show_text(d, (const char *)value, NAME_SIZE);
	else
		layout_show(d, map, &(const struct piece){.bytes = value, .size = map->size});
}

static bool read_request(struct decoder *d, uint64_t address, unsigned char bytes[REQUEST_SIZE_64])
{
	return address && fetch(d, address, bytes, is_32_bit(d) ? REQUEST_SIZE_32 : REQUEST_SIZE_64);
}

/* Name and part; `whole` false: what the kernel fills is not there. */
static void show_request(struct decoder *d, const unsigned char *bytes, bool whole)
{
	const struct request *request = request_of((uint32_t)argument(d, 1));

	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "ifr_name");
	show_text(d, (const char *)bytes, NAME_SIZE);
	if (request && whole)
		show_part(d, request, bytes + NAME_SIZE);
	writer_end(d->writer);
}

bool arg_ifreq(struct decoder *d, const struct spec *spec, uint64_t value)
{
	unsigned char bytes[REQUEST_SIZE_64];

	(void)spec;
	if (must_wait(d))
		return false;
	if (read_request(d, as_ulong(d, value), bytes))
		show_request(d, bytes, !d->failed);
	else
		writer_address(d->writer, as_ulong(d, value));
	return true;
}

bool arg_ifreq_in(struct decoder *d, const struct spec *spec, uint64_t value)
{
	unsigned char bytes[REQUEST_SIZE_64];

	(void)spec;
	if (read_request(d, as_ulong(d, value), bytes))
		show_request(d, bytes, true);
	else
		writer_address(d->writer, as_ulong(d, value));
	return true;
}

/* Begins a request that is about an index; false: it can't be read, and its address is shown. */
static bool begin_index(struct decoder *d, uint64_t value, unsigned char *bytes, int32_t *index)
{
	if (!read_request(d, as_ulong(d, value), bytes)) {
		writer_address(d->writer, as_ulong(d, value));
		return false;
	}
	memcpy(index, bytes + NAME_SIZE, sizeof(*index));
	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "ifr_ifindex");
	return true;
}

/* The name of an index. */
bool arg_ifreq_name(struct decoder *d, const struct spec *spec, uint64_t value)
{
	unsigned char bytes[REQUEST_SIZE_64];
	int32_t index;

	(void)spec;
	if (must_wait(d))
		return false;
	if (!begin_index(d, value, bytes, &index))
		return true;
	writer_integer(d->writer, index);
	if (!d->failed) {
		writer_name(d->writer, "ifr_name");
		show_text(d, (const char *)bytes, NAME_SIZE);
	}
	writer_end(d->writer);
	return true;
}

/* An interface of a bridge. */
bool arg_ifreq_index(struct decoder *d, const struct spec *spec, uint64_t value)
{
	unsigned char bytes[REQUEST_SIZE_64];
	int32_t index;

	(void)spec;
	if (!begin_index(d, value, bytes, &index))
		return true;
	show_ifindex_value(d, (unsigned int)index);
	writer_end(d->writer);
	return true;
}

static void show_interface(struct decoder *d, const struct piece *piece, const void *context)
{
	(void)context;
	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "ifr_name");
	show_text(d, (const char *)piece->bytes, NAME_SIZE);
	writer_name(d->writer, "ifr_addr");
	show_sockaddr(d, piece->bytes + NAME_SIZE, ADDRESS_SIZE);
	writer_end(d->writer);
}

/* SIOCGIFCONF: {ifc_len=ROOM => FILLED, ifc_buf=[...]} */
bool arg_ifconf(struct decoder *d, const struct spec *spec, uint64_t value)
{
	const struct layout *layout = layout_of(d, &struct_ifconf);
	unsigned char bytes[16];
	struct piece piece = {.bytes = bytes, .size = layout->size};
	size_t each = is_32_bit(d) ? REQUEST_SIZE_32 : REQUEST_SIZE_64;
	bool readable = d->verbose && layout_read(d, layout, as_ulong(d, value), layout->size, bytes);
	int32_t length = readable ? (int32_t)layout_value(layout, &piece, "ifc_len") : 0;
	uint64_t buffer = readable ? layout_value(layout, &piece, "ifc_buf") : 0;

	(void)spec;
	if (!d->at_exit) {
		d->state->saved[0] = (uint32_t)length;
		return false;
	}
	if (!readable) {
		writer_address(d->writer, as_ulong(d, value));
		return true;
	}
	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "ifc_len");
	if (!d->failed && (uint32_t)length != d->state->saved[0]) {
		writer_begin(d->writer, FRAME_CHANGE);
		writer_integer(d->writer, (int32_t)d->state->saved[0]);
		writer_changed(d->writer);
		writer_integer(d->writer, length);
		writer_end(d->writer);
	} else {
		writer_integer(d->writer, length);
	}
	writer_name(d->writer, "ifc_buf");
	if (d->failed || !buffer)
		writer_address(d->writer, buffer);
	else
		show_array_at(d, buffer, length > 0 ? (uint64_t)length / each : 0, each, show_interface, NULL);
	writer_end(d->writer);
	return true;
}
