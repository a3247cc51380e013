/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/ioctl.c - ioctl(2): the request's name, and terminals.
 */
#include <asm/termbits.h>
#include <linux/input.h>
#include <linux/ioctl.h>
#include <string.h>

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

/* Of input devices: requests with a length, an axis or a kind of event in their number. (linux/input.h) */
enum { EVENTS = 0x20, AXES = 0x40 };

static bool add_input_request(const struct decoder *d, struct text *text, uint32_t request)
{
	static const struct {
		uint8_t number;
		const char *name;
	} sized[] = {{0x06, "EVIOCGNAME"}, {0x07, "EVIOCGPHYS"},    {0x08, "EVIOCGUNIQ"},
		     {0x09, "EVIOCGPROP"}, {0x0a, "EVIOCGMTSLOTS"}, {0x18, "EVIOCGKEY"},
		     {0x19, "EVIOCGLED"},  {0x1a, "EVIOCGSND"},     {0x1b, "EVIOCGSW"}};
	unsigned int number = _IOC_NR(request);
	bool reads = _IOC_DIR(request) == _IOC_READ;

	if (_IOC_TYPE(request) != 'E')
		return false;
	for (size_t i = 0; reads && i < sizeof(sized) / sizeof(sized[0]); i++) {
		if (sized[i].number == number) {
			text_add(text, "%s(%u)", sized[i].name, _IOC_SIZE(request));
			return true;
		}
	}
	if (reads && number >= EVENTS && number < EVENTS + EV_CNT) {
		text_string(text, "EVIOCGBIT(");
		constant_text(d, text, number == EVENTS ? &set_input_no_event : &set_input_event, number - EVENTS);
		text_add(text, ", %u)", _IOC_SIZE(request));
		return true;
	}
	if (_IOC_SIZE(request) != sizeof(struct input_absinfo) || (number & ~63U) != (reads ? AXES : AXES + 0x80))
		return false;
	text_string(text, reads ? "EVIOCGABS(" : "EVIOCSABS(");
	constant_text(d, text, &set_input_axis, number & 63);
	text_char(text, ')');
	return true;
}

uint32_t ioctl_request_64(uint32_t request)
{
	const char *name = set_name(&set_ioctl_cmd_32, request);

	for (size_t i = 0; name && i < set_ioctl_cmd.count; i++) {
		if (strcmp(set_ioctl_cmd.constants[i].name, name) == 0)
			return (uint32_t)set_ioctl_cmd.constants[i].value;
	}
	return request;
}

bool arg_ioctl_cmd(struct decoder *d, const struct spec *spec, uint64_t value)
{
	const char *name = set_name(&set_ioctl_cmd, (uint32_t)value);
	enum constants constants = d->show->constants;
	struct text text = {0};

	if (!name && is_32_bit(d))
		name = set_name(&set_ioctl_cmd_32, (uint32_t)value);

	(void)spec;
	if (constants != CONSTANTS_ABBREV)
		text_hex(&text, (uint32_t)value);
	if (constants == CONSTANTS_VERBOSE)
		text_string(&text, " /* ");
	if (constants != CONSTANTS_RAW && name)
		text_string(&text, name);
	else if (constants != CONSTANTS_RAW && !add_input_request(d, &text, (uint32_t)value))
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
	if (result)
		constant_text(d, d->aux, &set_setns, (uint64_t)result);
}

/* --- terminals: fields of several bits, each with names of its own (termios(3)) --- */
static void add_part(const struct decoder *d, struct text *text, const struct set *set, uint64_t value)
{
	text_string(text, text->length ? "|" : "");
	constant_text(d, text, set, value);
}

/* Nothing at all where no flag is set, as strace has it. */
static void add_flags_part(const struct decoder *d, struct text *text, const struct set *set, uint64_t value)
{
	text_string(text, text->length ? "|" : "");
	if (value)
		constant_text(d, text, set, value);
}

void show_terminal_flags(struct decoder *d, const struct field *field, const struct piece *piece)
{
	uint64_t value = field_value(field, piece);
	struct text text = {0};

	text_string(&text, "");
	add_flags_part(d, &text, field->set, value);
	write_named(d, value, &text);
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
	add_flags_part(d, &text, &set_oflag, value & ~(uint32_t)(NLDLY | CRDLY | TABDLY | BSDLY | VTDLY | FFDLY));
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
	add_flags_part(d, &text, &set_cflag, value & ~(uint32_t)(CBAUD | CIBAUD | CSIZE));
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
