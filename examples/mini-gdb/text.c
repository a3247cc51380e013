/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/text.c - characters and strings, as gdb shows them.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "print.h"

void print_character(struct gdb *gdb, unsigned char character, char quote)
{
	static const char values[] = "\a\b\033\f\n\r\t\v";
	static const char names[] = "abefnrtv";
	const char *known = character ? strchr(values, character) : NULL;

	if (known)
		say(gdb, "\\%c", names[known - values]);
	else if (character == (unsigned char)quote || character == '\\')
		say(gdb, "\\%c", character);
	else if (character < ' ' || character >= 0x7f)
		say(gdb, "\\%03o", character);
	else
		say(gdb, "%c", character);
}

static size_t run_length(const unsigned char *bytes, size_t length)
{
	size_t run = 1;

	while (run < length && bytes[run] == bytes[0])
		run++;
	return run;
}

void print_characters(struct gdb *gdb, const unsigned char *bytes, size_t length, bool more)
{
	bool quoted = false;
	size_t i = 0;
	size_t printed = 0;

	if (!length) {
		say(gdb, "\"\"%s", more ? "..." : "");
		return;
	}
	while (i < length && printed < gdb->settings.print_elements) {
		size_t run = run_length(bytes + i, length - i);

		if (run > gdb->settings.print_repeats) {
			say(gdb, "%s%s'", quoted ? "\"" : "", i ? ", " : "");
			print_character(gdb, bytes[i], '\'');
			say(gdb, "' <repeats %zu times>", run);
			quoted = false;
			i += run;
			printed += gdb->settings.print_repeats;
			continue;
		}
		if (!quoted)
			say(gdb, "%s\"", i ? ", " : "");
		quoted = true;
		print_character(gdb, bytes[i++], '"');
		printed++;
	}
	say(gdb, "%s%s", quoted ? "\"" : "", more || i < length ? "..." : "");
}

enum { CHUNK = 256 };

bool print_string_at(struct gdb *gdb, uint64_t address)
{
	size_t limit = gdb->settings.print_elements;
	unsigned char *text = arena_alloc(&gdb->arena, limit + CHUNK);
	size_t length = 0;
	bool ended = false;

	while (!ended && length <= limit) {
		size_t wanted = CHUNK - (address + length) % CHUNK;
		ssize_t done =
			utrace_image_read(gdb->image, address + length, text + length,
					  wanted < limit + CHUNK - length ? wanted : limit + CHUNK - length, NULL);
		const unsigned char *end = done > 0 ? memchr(text + length, 0, (size_t)done) : NULL;

		if (done <= 0 && !length)
			return false;
		if (done <= 0)
			break;
		ended = end != NULL;
		length = end ? (size_t)(end - text) : length + (size_t)done;
	}
	print_characters(gdb, text, length < limit ? length : limit, length > limit);
	return true;
}

void print_real_as(struct gdb *gdb, long double number, int digits, int fraction)
{
	uint64_t payload;

	memcpy(&payload, &number, sizeof(payload));
	if (number != number)
		say(gdb, "%snan(0x%llx)", __builtin_signbit(number) ? "-" : "",
		    (unsigned long long)(fraction < 63 ? payload << 1 >> (64 - fraction) : payload));
	else
		say(gdb, "%.*Lg", digits, number);
}

void print_real(struct gdb *gdb, long double number, size_t size)
{
	if (size == sizeof(float))
		print_real_as(gdb, number, 9, 23);
	else if (size == sizeof(double))
		print_real_as(gdb, number, 17, 52);
	else
		print_real_as(gdb, number, 18, 64);
}

/* Of several names of one function, the one that its debug information gives; NULL: it gives none. */
static const char *linkage_name_at(struct gdb *gdb, uint64_t address, uint64_t start)
{
	enum { INLINED_MAX = 32 };
	struct utrace_function functions[INLINED_MAX] = {{.size = sizeof(functions[0])}};
	int count = utrace_function_at(gdb->image, address, functions, INLINED_MAX, NULL);

	return count > 0 && count <= INLINED_MAX && functions[count - 1].entry == start
		       ? functions[count - 1].linkage_name
		       : NULL;
}

static void print_symbol_as(struct gdb *gdb, uint64_t address, bool demangled)
{
	struct utrace_symbol symbol = {.size = sizeof(symbol)};
	const char *name;
	char *plain;

	if (!gdb->image || !gdb->settings.print_symbol || utrace_symbol_at(gdb->image, address, &symbol, NULL))
		return;
	name = linkage_name_at(gdb, address, symbol.address);
	if (name)
		symbol.name = name;
	plain = demangled ? utrace_symbol_demangle(symbol.name) : NULL;
	say(gdb, " <%s", plain ? plain : symbol.name);
	free(plain);
	if (address != symbol.address)
		say(gdb, "+%llu", (unsigned long long)(address - symbol.address));
	say(gdb, ">");
}

void print_symbol(struct gdb *gdb, uint64_t address)
{
	print_symbol_as(gdb, address, true);
}

void print_linker_symbol(struct gdb *gdb, uint64_t address)
{
	print_symbol_as(gdb, address, false);
}

/* ---- wide characters ---- */

/* As UTF-8, if it can be seen. */
void print_wide_character(struct gdb *gdb, uint32_t character, char quote)
{
	if (character < 0x7f)
		print_character(gdb, (unsigned char)character, quote);
	else if (character < 0xa0 || character > 0x10ffff || (character >= 0xd800 && character < 0xe000))
		say(gdb, "\\x%x", character);
	else if (character < 0x800)
		say(gdb, "%c%c", 0xc0 | character >> 6, 0x80 | (character & 0x3f));
	else if (character < 0x10000)
		say(gdb, "%c%c%c", 0xe0 | character >> 12, 0x80 | (character >> 6 & 0x3f), 0x80 | (character & 0x3f));
	else
		say(gdb, "%c%c%c%c", 0xf0 | character >> 18, 0x80 | (character >> 12 & 0x3f),
		    0x80 | (character >> 6 & 0x3f), 0x80 | (character & 0x3f));
}

/* One character, which in UTF-16 may be two units. */
static uint32_t wide_at(const unsigned char *bytes, size_t left, size_t size, size_t *units)
{
	uint32_t first = (uint32_t)load_unsigned(bytes, size);
	uint32_t second;

	*units = 1;
	if (size != 2 || first < 0xd800 || first >= 0xdc00 || left < 2)
		return first;
	second = (uint32_t)load_unsigned(bytes + size, size);
	if (second < 0xdc00 || second >= 0xe000)
		return first;
	*units = 2;
	return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
}

/* Unlike bytes, they have no runs: they are seldom buffers. What follows the first NUL at the end is left out. */
void print_wide(struct gdb *gdb, const unsigned char *bytes, size_t length, size_t size, char prefix, bool more)
{
	size_t limit = gdb->settings.print_elements;
	size_t printed = 0;

	if (!more && length && !load_unsigned(bytes + (length - 1) * size, size))
		length--;
	say(gdb, "%c\"", prefix);
	for (size_t i = 0, units; i < length && printed < limit; i += units, printed++)
		print_wide_character(gdb, wide_at(bytes + i * size, length - i, size, &units), '"');
	say(gdb, "\"%s", more || length > limit ? "..." : "");
}

bool print_wide_at(struct gdb *gdb, uint64_t address, size_t size, char prefix)
{
	size_t limit = gdb->settings.print_elements;
	unsigned char *text = arena_alloc(&gdb->arena, (limit + 1) * size);
	size_t length = 0;

	for (; length <= limit; length++) {
		if (utrace_image_read(gdb->image, address + length * size, text + length * size, size, NULL) !=
		    (ssize_t)size)
			break;
		if (!load_unsigned(text + length * size, size))
			break;
	}
	if (!length && utrace_image_read(gdb->image, address, text, size, NULL) != (ssize_t)size)
		return false;
	print_wide(gdb, text, length < limit ? length : limit, size, prefix, length > limit);
	return true;
}
