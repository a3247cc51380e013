/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/text.c - text that grows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/text.h"

void text_grow(struct text *text, size_t more)
{
	size_t room = text->room * 2 + more + 256;

	text->data = realloc(text->data, room);
	if (!text->data) {
		(void)fprintf(stderr, "mini-strace: out of memory\n");
		exit(1);
	}
	text->room = room;
}

void text_add(struct text *text, const char *format, ...)
{
	va_list args;
	int length;

	for (;;) {
		if (text->room - text->length <= 64)
			text_grow(text, 64);
		va_start(args, format);
		length = vsnprintf(text->data + text->length, text->room - text->length, format, args);
		va_end(args);
		if (length < 0) {
			text->data[text->length] = '\0';
			return;
		}
		if ((size_t)length < text->room - text->length)
			break;
		text_grow(text, (size_t)length);
	}
	text->length += (size_t)length;
}

enum { MOST_DIGITS = 32 };

void text_unsigned(struct text *text, uint64_t value)
{
	char digits[MOST_DIGITS];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	text_put(text, digits + at, sizeof(digits) - at);
}

void text_signed(struct text *text, int64_t value)
{
	if (value < 0)
		text_char(text, '-');
	text_unsigned(text, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

/* In a base that is a power of two; the prefix goes with all but zero. */
static void put_bits(struct text *text, uint64_t value, unsigned int bits, const char *prefix)
{
	char digits[MOST_DIGITS];
	size_t at = sizeof(digits);

	if (value)
		text_string(text, prefix);
	do {
		digits[--at] = "0123456789abcdef"[value & ((1U << bits) - 1)];
		value >>= bits;
	} while (value);
	text_put(text, digits + at, sizeof(digits) - at);
}

void text_hex(struct text *text, uint64_t value)
{
	put_bits(text, value, 4, "0x");
}

void text_octal(struct text *text, uint64_t value)
{
	put_bits(text, value, 3, "0");
}

void text_clear(struct text *text)
{
	text->length = 0;
	if (text->data)
		text->data[0] = '\0';
}

void text_free(struct text *text)
{
	free(text->data);
	*text = (struct text){0};
}
