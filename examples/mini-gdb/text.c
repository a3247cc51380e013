/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/text.c - characters and strings, as gdb shows them.
 */
#include <ctype.h>
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

void print_real(struct gdb *gdb, long double number, size_t size)
{
	int digits = size == 4 ? 9 : size == 8 ? 17 : 18;

	if (number != number)
		say(gdb, "%snan(0x%llx)", __builtin_signbit(number) ? "-" : "",
		    size == 4   ? 0x400000ULL
		    : size == 8 ? 0x8000000000000ULL
				: 0xc000000000000000ULL);
	else
		say(gdb, "%.*Lg", digits, number);
}

void print_symbol(struct gdb *gdb, uint64_t address)
{
	struct utrace_symbol symbol = {.size = sizeof(symbol)};

	if (!gdb->image || !gdb->settings.print_symbol || utrace_symbol_at(gdb->image, address, &symbol, NULL))
		return;
	say(gdb, " <%s", symbol.name);
	if (address != symbol.address)
		say(gdb, "+%llu", (unsigned long long)(address - symbol.address));
	say(gdb, ">");
}
