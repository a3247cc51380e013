/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/ioctl.c - ioctl(2): the request's name, terminals and network interfaces.
 */
#include <asm/termbits.h>
#include <linux/ioctl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "decode/decoder.h"
#include "decode/families.h"
#include "tables.h"

/* _IOC(_IOC_READ, 0x54, 0x30, 0x4) */
static void add_request(struct text *text, uint32_t request)
{
	static const char *const directions[] = {"_IOC_NONE", "_IOC_WRITE", "_IOC_READ", "_IOC_READ|_IOC_WRITE"};

	text_add(text, "_IOC(%s, %#x, %#x, %#x)", directions[_IOC_DIR(request)], _IOC_TYPE(request), _IOC_NR(request),
		 _IOC_SIZE(request));
}

bool arg_ioctl_cmd(struct decoder *d, const struct spec *spec, uint64_t value)
{
	const char *name = set_name(&set_ioctl_cmd, (uint32_t)value);
	enum constants constants = d->show->constants;
	struct text text = {0};

	(void)spec;
	if (constants != CONSTANTS_ABBREV)
		text_hex(&text, (uint32_t)value);
	if (constants == CONSTANTS_VERBOSE)
		text_string(&text, " /* ");
	if (constants != CONSTANTS_RAW && name)
		text_string(&text, name);
	else if (constants != CONSTANTS_RAW)
		add_request(&text, (uint32_t)value);
	if (constants == CONSTANTS_VERBOSE)
		text_string(&text, " */");
	writer_token(d->writer, text.data);
	text_free(&text);
	return true;
}

void result_ns_type(struct decoder *d, const struct spec *spec, int64_t result)
{
	(void)spec;
	writer_integer(d->writer, result);
	constant_text(d, d->aux, &set_setns, (uint64_t)result);
}

/* --- terminals: fields of several bits, each with names of its own (termios(3)) --- */
static void add_part(const struct decoder *d, struct text *text, const struct set *set, uint64_t value)
{
	text_string(text, text->length ? "|" : "");
	constant_text(d, text, set, value);
}

void show_oflags(struct decoder *d, const struct field *field, const struct piece *piece)
{
	uint32_t value = (uint32_t)field_value(field, piece);
	struct text text = {0};

	add_part(d, &text, &set_oflag_nl, value & NLDLY);
	add_part(d, &text, &set_oflag_cr, value & CRDLY);
	add_part(d, &text, &set_oflag_tab, value & TABDLY);
	add_part(d, &text, &set_oflag_bs, value & BSDLY);
	add_part(d, &text, &set_oflag_vt, value & VTDLY);
	add_part(d, &text, &set_oflag_ff, value & FFDLY);
	add_part(d, &text, &set_oflag, value & ~(uint32_t)(NLDLY | CRDLY | TABDLY | BSDLY | VTDLY | FFDLY));
	write_named(d, value, &text);
}

void show_cflags(struct decoder *d, const struct field *field, const struct piece *piece)
{
	uint32_t value = (uint32_t)field_value(field, piece);
	struct text text = {0};

	add_part(d, &text, &set_baud, value & CBAUD);
	if (value & CIBAUD) {
		add_part(d, &text, &set_baud, (value & CIBAUD) >> IBSHIFT);
		text_string(&text, "<<IBSHIFT");
	}
	add_part(d, &text, &set_csize, value & CSIZE);
	add_part(d, &text, &set_cflag, value & ~(uint32_t)(CBAUD | CIBAUD | CSIZE));
	write_named(d, value, &text);
}

void show_control_chars(struct decoder *d, const struct field *field, const struct piece *piece)
{
	static const char *const names[] = {"VINTR",    "VQUIT",    "VERASE",  "VKILL",  "VEOF",  "VTIME",
					    "VMIN",     "VSWTC",    "VSTART",  "VSTOP",  "VSUSP", "VEOL",
					    "VREPRINT", "VDISCARD", "VWERASE", "VLNEXT", "VEOL2"};
	struct text text = {0};

	text_char(&text, '[');
	for (size_t i = 0; i < field->count; i++) {
		if (i < sizeof(names) / sizeof(names[0]))
			text_add(&text, "%s[%s]=", i ? ", " : "", names[i]);
		else
			text_add(&text, "%s[%zu]=", i ? ", " : "", i);
		text_hex(&text, piece->bytes[field->offset + i]);
	}
	text_char(&text, ']');
	writer_token(d->writer, text.data);
	text_free(&text);
}

/* --- struct ifreq: a name, and what the request is about (netdevice(7)) --- */
enum { NAME_SIZE = 16, UNION_SIZE = 16 };

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

static void show_request_value(struct decoder *d, uint32_t request, const unsigned char *value)
{
	int32_t number;
	int16_t flags;

	memcpy(&number, value, sizeof(number));
	memcpy(&flags, value, sizeof(flags));
	switch (request) {
	case SIOCGIFADDR:
		writer_name(d->writer, "ifr_addr");
		show_sockaddr(d, value, UNION_SIZE);
		break;
	case SIOCGIFDSTADDR:
		writer_name(d->writer, "ifr_dstaddr");
		show_sockaddr(d, value, UNION_SIZE);
		break;
	case SIOCGIFBRDADDR:
		writer_name(d->writer, "ifr_broadaddr");
		show_sockaddr(d, value, UNION_SIZE);
		break;
	case SIOCGIFNETMASK:
		writer_name(d->writer, "ifr_netmask");
		show_sockaddr(d, value, UNION_SIZE);
		break;
	case SIOCGIFHWADDR:
		writer_name(d->writer, "ifr_hwaddr");
		show_hardware(d, value);
		break;
	case SIOCGIFFLAGS:
		writer_name(d->writer, "ifr_flags");
		writer_constant(d->writer, &set_iff, (uint16_t)flags);
		break;
	case SIOCGIFINDEX:
		writer_name(d->writer, "ifr_ifindex");
		writer_integer(d->writer, number);
		break;
	case SIOCGIFMETRIC:
		writer_name(d->writer, "ifr_metric");
		writer_integer(d->writer, number);
		break;
	case SIOCGIFMTU:
		writer_name(d->writer, "ifr_mtu");
		writer_integer(d->writer, number);
		break;
	case SIOCGIFTXQLEN:
		writer_name(d->writer, "ifr_qlen");
		writer_integer(d->writer, number);
		break;
	default:
		break;
	}
}

bool arg_ifreq(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint32_t request = (uint32_t)argument(d, 1);
	unsigned char bytes[NAME_SIZE + UNION_SIZE];
	int32_t index;

	(void)spec;
	if (must_wait(d))
		return false;
	if (!value || !fetch(d, as_ulong(d, value), bytes, sizeof(bytes))) {
		writer_address(d->writer, as_ulong(d, value));
		return true;
	}
	writer_begin(d->writer, FRAME_STRUCT);
	if (request == SIOCGIFNAME) {
		memcpy(&index, bytes + NAME_SIZE, sizeof(index));
		writer_name(d->writer, "ifr_ifindex");
		writer_integer(d->writer, index);
	}
	if (request != SIOCGIFNAME || !d->failed) {
		writer_name(d->writer, "ifr_name");
		show_text(d, (const char *)bytes, NAME_SIZE);
	}
	if (!d->failed)
		show_request_value(d, request, bytes + NAME_SIZE);
	writer_end(d->writer);
	return true;
}
