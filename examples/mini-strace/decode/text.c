/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/text.c - text that grows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/text.h"

static void reserve(struct text *text, size_t more)
{
	size_t room;

	if (text->data && text->room - text->length > more)
		return;
	room = text->room * 2 + more + 256;
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
		reserve(text, 64);
		va_start(args, format);
		length = vsnprintf(text->data + text->length, text->room - text->length, format, args);
		va_end(args);
		if (length < 0) {
			text->data[text->length] = '\0';
			return;
		}
		if ((size_t)length < text->room - text->length)
			break;
		reserve(text, (size_t)length);
	}
	text->length += (size_t)length;
}

void text_put(struct text *text, const char *bytes, size_t length)
{
	reserve(text, length);
	memcpy(text->data + text->length, bytes, length);
	text->length += length;
	text->data[text->length] = '\0';
}

void text_string(struct text *text, const char *string)
{
	text_put(text, string, strlen(string));
}

void text_char(struct text *text, char byte)
{
	text_put(text, &byte, 1);
}

static void put_digits(struct text *text, uint64_t value, unsigned int base, const char *prefix)
{
	char digits[32];
	size_t at = sizeof(digits);

	do {
		digits[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	text_string(text, prefix);
	text_put(text, digits + at, sizeof(digits) - at);
}

void text_unsigned(struct text *text, uint64_t value)
{
	put_digits(text, value, 10, "");
}

void text_signed(struct text *text, int64_t value)
{
	if (value < 0)
		put_digits(text, -(uint64_t)value, 10, "-");
	else
		put_digits(text, (uint64_t)value, 10, "");
}

void text_hex(struct text *text, uint64_t value)
{
	put_digits(text, value, 16, value ? "0x" : "");
}

void text_octal(struct text *text, uint64_t value)
{
	put_digits(text, value, 8, value ? "0" : "");
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
