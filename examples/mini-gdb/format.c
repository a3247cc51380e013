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

enum { COUNT_MAX = 1 << 30, CODE_MAX = 1 << 24 };

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
		if (format->count < -COUNT_MAX || format->count > COUNT_MAX)
			return fail(gdb, "Invalid number \"%.*s\".", (int)(end - at), at);
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

/* How far back the units, strings or instructions before an address begin. */
static bool units_before(struct gdb *gdb, const struct format *format, uint64_t *address)
{
	*address -= (uint64_t)-format->count * unit_size(gdb, format);
	return true;
}

static bool strings_before(struct gdb *gdb, const struct format *format, uint64_t *address)
{
	for (int64_t left = -format->count; left > 0; left--) {
		unsigned char byte = 1;
		uint64_t at = *address - 1;

		/* The NUL in front is the end of the one that is looked for. */
		if (!read_at(gdb, at, &byte, 1))
			return false;
		while (*address - at <= gdb->settings.print_elements && read_at(gdb, at - 1, &byte, 1) && byte)
			at--;
		gdb->error = NULL;
		*address = at;
	}
	return true;
}

/* Instructions can't be read backwards: those of the function are read from where it, or its line, begins. */
static bool code_before(struct gdb *gdb, const struct format *format, uint64_t *address)
{
	struct utrace_symbol symbol = {.size = sizeof(symbol)};
	uint64_t wanted = (uint64_t)-format->count;
	uint64_t *starts = NULL;
	size_t count = 0;
	size_t length;

	if (utrace_symbol_at(gdb->image, *address - 1, &symbol, NULL) || *address - symbol.address > CODE_MAX)
		return fail(gdb, "Cannot determine where instructions before 0x%llx begin.",
			    (unsigned long long)*address);
	starts = arena_alloc(&gdb->arena, (size_t)(*address - symbol.address + 1) * sizeof(*starts));
	for (uint64_t at = symbol.address; at < *address; at += length) {
		starts[count++] = at;
		if (!instruction_length(gdb, at, &length))
			return false;
	}
	*address = starts[count > wanted ? count - wanted : 0];
	return true;
}

/* A negative count is of what lies before the address; *address becomes where that begins. */
static bool go_back(struct gdb *gdb, struct format *format, uint64_t *address)
{
	bool done;

	if (format->count >= 0)
		return true;
	if (!gdb->image)
		return fail(gdb, "Cannot access memory at address 0x%llx", (unsigned long long)*address);
	if (format->letter == 's')
		done = strings_before(gdb, format, address);
	else if (format->letter == 'i')
		done = code_before(gdb, format, address);
	else
		done = units_before(gdb, format, address);
	format->count = -format->count;
	return done;
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
	uint64_t first;
	bool is_back;
	bool done;

	examine_defaults(gdb, &format);
	if (!format_parse(gdb, &arguments, &format))
		return false;
	settle_size(&last->format, &format);
	if (*arguments && !evaluate_address(gdb, arguments, &address))
		return false;
	if (!*arguments && !last->valid)
		return fail(gdb, "Argument required (starting display address).");
	is_back = format.count < 0;
	if (!go_back(gdb, &format, &address))
		return false;
	first = address;
	done = examine(gdb, &format, &address);
	if (!done && gdb->error)
		return false;
	last->valid = true;
	remember(gdb, &format, address);
	last->next = is_back ? first : address;
	last->format = format;
	if (format.letter == 's' || format.letter == 'i')
		last->format.size = 'w';
	return true;
}
