/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/text.c - text that grows.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

static void reserve(struct text *text, size_t more)
{
	if (text->data && text->room - text->length > more)
		return;
	text->room = text->room * 2 + more + 256;
	text->data = realloc(text->data, text->room);
	if (!text->data)
		die("out of memory");
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

void text_unsigned(struct text *text, uint64_t value)
{
	char digits[20];
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

void text_add(struct text *text, const char *format, ...)
{
	va_list args;
	int length;

	for (;;) {
		size_t left = text->room - text->length;

		va_start(args, format);
		length = vsnprintf(text->data ? text->data + text->length : NULL, text->data ? left : 0, format, args);
		va_end(args);
		if (length < 0)
			return;
		if (text->data && (size_t)length < left)
			break;
		text->room = text->room * 2 + (size_t)length + 256;
		text->data = realloc(text->data, text->room);
		if (!text->data)
			die("out of memory");
	}
	text->length += (size_t)length;
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
