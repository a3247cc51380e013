/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/text.c - text that grows.
 */
#include <stdarg.h>
#include <stdlib.h>

#include "tool.h"

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
