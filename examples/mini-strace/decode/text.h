/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/text.h - text that grows; out of memory ends the tool, for it can't do its one job then.
 *
 * Invariant: data is NULL and length and room are 0, or data ends with a NUL at data[length], which is less than room.
 */
#ifndef MINI_STRACE_TEXT_H
#define MINI_STRACE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
	char *data;
	size_t length;
	size_t room;
};

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Makes room for so many bytes more, and a NUL. */
void text_grow(struct text *text, size_t more);

/* Every line is put together by these, of a few bytes each. */
static inline void text_put(struct text *text, const char *bytes, size_t length)
{
	if (text->room - text->length <= length)
		text_grow(text, length);
	memcpy(text->data + text->length, bytes, length);
	text->length += length;
	text->data[text->length] = '\0';
}

static inline void text_fill(struct text *text, char byte, size_t count)
{
	if (text->room - text->length <= count)
		text_grow(text, count);
	memset(text->data + text->length, byte, count);
	text->length += count;
	text->data[text->length] = '\0';
}

static inline void text_string(struct text *text, const char *string)
{
	text_put(text, string, strlen(string));
}

static inline void text_char(struct text *text, char byte)
{
	if (text->room - text->length <= 1)
		text_grow(text, 1);
	text->data[text->length++] = byte;
	text->data[text->length] = '\0';
}

/* Numbers as %lld, %llu, %#llx and %#llo print them, without printf's cost. */
void text_signed(struct text *text, int64_t value);
void text_unsigned(struct text *text, uint64_t value);
void text_hex(struct text *text, uint64_t value);
void text_octal(struct text *text, uint64_t value);
void text_clear(struct text *text);
void text_free(struct text *text);

#endif
