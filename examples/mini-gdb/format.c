/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/format.c - "/8xw", and the x command that uses all of it.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "examine.h"
#include "expr.h"

/* What x did last: the next one goes on from there. */
struct examine {
	struct format format;
	uint64_t next;
	bool valid;
};

bool format_parse(struct gdb *gdb, const char **text, struct format *format)
{
	const char *at = *text;
	char *end;

	if (*at != '/')
		return true;
	at++;
	if (*at == '-' || isdigit((unsigned char)*at)) {
		format->count = strtol(at, &end, 10);
		at = end;
	}
	for (; *at && !isspace((unsigned char)*at); at++) {
		if (strchr("bhwg", *at))
			format->size = *at;
		else if (*at == 'r')
			format->raw = true;
		else if (strchr("xduotzacfsi", *at))
			format->letter = *at;
		else
			return fail(gdb, "Undefined output format \"%c\".", *at);
	}
	*text = at + strspn(at, " \t");
	return true;
}

static size_t unit_size(struct gdb *gdb, const struct format *format)
{
	if (format->letter == 'a')
		return pointer_size(gdb);
	switch (format->size) {
	case 'b':
		return 1;
	case 'h':
		return 2;
	case 'g':
		return 8;
	default:
		return format->letter == 'c' ? 1 : 4;
	}
}

static void print_place(struct gdb *gdb, uint64_t address)
{
	say(gdb, "%s0x%llx%s", hue(gdb, HUE_ADDRESS), (unsigned long long)address, hue(gdb, HUE_END));
	print_linker_symbol(gdb, address);
	say(gdb, ":");
}

static bool read_at(struct gdb *gdb, uint64_t address, void *buffer, size_t size)
{
	if (!gdb->image)
		return fail(gdb, "Cannot access memory at address 0x%llx", (unsigned long long)address);
	if (utrace_image_read(gdb->image, address, buffer, size, NULL) == (ssize_t)size)
		return true;
	return fail(gdb, "Cannot access memory at address 0x%llx", (unsigned long long)address);
}

static int units_per_line(const struct format *format, size_t size)
{
	if (format->letter == 'a' || (format->letter == 't' && size >= 4))
		return 2;
	if (size == 1)
		return 8;
	if (format->letter == 't' && size == 2)
		return 4;
	return size == 2 ? 8 : size == 4 ? 4 : 2;
}

/* x pads hexadecimal, octal and binary to the unit's size, unlike print. */
static void print_unit(struct gdb *gdb, const struct format *format, const unsigned char *bytes, size_t size)
{
	uint64_t number = load_unsigned(bytes, size);

	if (format->letter == 'x')
		say(gdb, "0x%0*llx", (int)size * 2, (unsigned long long)number);
	else if (format->letter == 'o')
		say(gdb, "0%0*llo", (int)(size * 8 + 2) / 3, (unsigned long long)number);
	else if (format->letter == 't')
		for (size_t bit = size * 8; bit-- > 0;)
			say(gdb, "%d", (int)(number >> bit & 1));
	else
		print_formatted(gdb, bytes, size, format->letter != 'u', format->letter);
}

static bool examine_units(struct gdb *gdb, const struct format *format, uint64_t *address)
{
	size_t size = unit_size(gdb, format);
	int columns = units_per_line(format, size);
	unsigned char bytes[8];

	for (int64_t i = 0; i < format->count; i++) {
		if (i % columns == 0)
			print_place(gdb, *address);
		if (!read_at(gdb, *address, bytes, size)) {
			say(gdb, "\t");
			return false;
		}
		say(gdb, "\t");
		print_unit(gdb, format, bytes, size);
		*address += size;
		if (i % columns == columns - 1 || i == format->count - 1)
			say(gdb, "\n");
	}
	return true;
}

static bool examine_strings(struct gdb *gdb, const struct format *format, uint64_t *address)
{
	for (int64_t i = 0; i < format->count; i++) {
		unsigned char byte = 1;

		print_place(gdb, *address);
		say(gdb, "\t");
		if (!print_string_at(gdb, *address))
			return fail(gdb, "<error: Cannot access memory at address 0x%llx>",
				    (unsigned long long)*address);
		say(gdb, "\n");
		for (unsigned int n = 0; byte && n < gdb->settings.print_elements; n++)
			if (!read_at(gdb, (*address)++, &byte, 1))
				return false;
	}
	return true;
}

static bool examine_code(struct gdb *gdb, const struct format *format, uint64_t *address)
{
	for (int64_t i = 0; i < format->count; i++) {
		size_t length;

		if (!print_instruction(gdb, *address, &length))
			return false;
		*address += length;
	}
	return true;
}

bool examine(struct gdb *gdb, const struct format *format, uint64_t *address)
{
	if (format->letter == 's')
		return examine_strings(gdb, format, address);
	if (format->letter == 'i')
		return examine_code(gdb, format, address);
	return examine_units(gdb, format, address);
}

static struct examine *last_examined(struct gdb *gdb)
{
	if (!gdb->examine) {
		gdb->examine = arena_alloc(&gdb->kept, sizeof(*gdb->examine));
		gdb->examine->format = (struct format){.letter = 'x', .size = 'w'};
	}
	return gdb->examine;
}

void examine_defaults(struct gdb *gdb, struct format *format)
{
	*format = last_examined(gdb)->format;
	format->count = 1;
}

/* A letter of its own brings its usual size. */
static void settle_size(const struct format *before, struct format *format)
{
	if (format->letter != before->letter && format->size == before->size && format->letter == 'c')
		format->size = 'b';
	if (format->letter == 'f' && before->letter != 'f' && format->size == before->size)
		format->size = 'g';
	if (format->letter == 'a')
		format->size = 'g';
}

/* $_ is the address of what was shown last, and $__ what is there. */
static void remember(struct gdb *gdb, const struct format *format, uint64_t end)
{
	static const char *const names[] = {"signed char", "short", "int", "long"};
	size_t size = format->letter == 's' ? 1 : unit_size(gdb, format);
	utrace_type *type = base_type(gdb, names[size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : 3]);
	utrace_type *pointer = type && format->letter != 'i' ? pointer_type(gdb, type) : NULL;

	if (!pointer || end < size) {
		gdb->error = NULL;
		return;
	}
	convenience_set(gdb, "_", value_integer(gdb, pointer, end - size));
	convenience_set(gdb, "__", value_at(gdb, type, end - size));
}

bool command_examine(struct gdb *gdb, const char *arguments)
{
	struct examine *last = last_examined(gdb);
	struct format format;
	uint64_t address = last->next;
	bool done;

	examine_defaults(gdb, &format);
	if (!format_parse(gdb, &arguments, &format))
		return false;
	settle_size(&last->format, &format);
	if (*arguments && !evaluate_address(gdb, arguments, &address))
		return false;
	if (!*arguments && !last->valid)
		return fail(gdb, "Argument required (starting display address).");
	done = examine(gdb, &format, &address);
	if (!done && gdb->error)
		return false;
	last->valid = true;
	remember(gdb, &format, address);
	last->next = address;
	last->format = format;
	if (format.letter == 's' || format.letter == 'i')
		last->format.size = 'w';
	return true;
}
