/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/text.h - text that grows; out of memory ends the tool, for it can't do its one job then.
 *
 * Invariant: data is NULL, or ends with a NUL at data[length].
 */
#ifndef MINI_STRACE_TEXT_H
#define MINI_STRACE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *data;
	size_t length;
	size_t room;
};

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_put(struct text *text, const char *bytes, size_t length);
void text_string(struct text *text, const char *string);
void text_char(struct text *text, char byte);
/* Numbers as %lld, %llu, %#llx and %#llo print them, without printf's cost. */
void text_signed(struct text *text, int64_t value);
void text_unsigned(struct text *text, uint64_t value);
void text_hex(struct text *text, uint64_t value);
void text_octal(struct text *text, uint64_t value);
void text_clear(struct text *text);
void text_free(struct text *text);

#endif
