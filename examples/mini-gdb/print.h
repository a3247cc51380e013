/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/print.h - values as gdb shows them.
 */
#ifndef MINI_GDB_PRINT_H
#define MINI_GDB_PRINT_H

#include "value.h"

/* What stands behind the slash of print and x. */
struct format {
	char letter; /* 0: by the type; x d u o t z c a f s i */
	char size;   /* b h w g; 0: by the type */
	int64_t count;
	bool raw;
};

/* Reads "/8xw" at *text and moves it behind; `defaults` for what is not said. */
bool format_parse(struct gdb *gdb, const char **text, struct format *format);

/* As after "$1 = ". */
void print_value(struct gdb *gdb, struct value *value, const struct format *format);
/* As inside a struct or an argument list: without the type in front of pointers. `summary`: aggregates as "...". */
void print_inner(struct gdb *gdb, struct value *value, const struct format *format, bool summary);
/* One number in one of x's and print's letters. */
void print_formatted(struct gdb *gdb, const unsigned char *bytes, size_t size, bool is_signed, char letter);
/* " <name+offset>", or nothing: a C++ name as people write it, or as the linker has it. */
void print_symbol(struct gdb *gdb, uint64_t address);
void print_linker_symbol(struct gdb *gdb, uint64_t address);
/* A string in the tracee with quotes, at most print_elements characters. False: not readable. */
bool print_string_at(struct gdb *gdb, uint64_t address);
/* Bytes as a string: quotes, escapes, repeats. */
void print_characters(struct gdb *gdb, const unsigned char *bytes, size_t length, bool more);
void print_character(struct gdb *gdb, unsigned char character, char quote);
/* The same of characters of 2 or 4 bytes, with the prefix of their literals. */
void print_wide(struct gdb *gdb, const unsigned char *bytes, size_t length, size_t size, char prefix, bool more);
bool print_wide_at(struct gdb *gdb, uint64_t address, size_t size, char prefix);
void print_wide_character(struct gdb *gdb, uint32_t character, char quote);
void print_real(struct gdb *gdb, long double number, size_t size);
/* With so many digits; `fraction` is how many bits its format has behind the point, for the payload of what is no number. */
void print_real_as(struct gdb *gdb, long double number, int digits, int fraction);

#endif
