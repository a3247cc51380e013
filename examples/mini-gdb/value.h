/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/value.h - values: a type, bytes, and where they live.
 *
 * The bytes are read when first needed (value_fetch), so that `array[5]` reads one element.  A value belongs to the arena
 * that it was made in.
 */
#ifndef MINI_GDB_VALUE_H
#define MINI_GDB_VALUE_H

#include "gdb.h"

enum place {
	PLACE_NONE, /* computed */
	PLACE_MEMORY,
	PLACE_REGISTER, /* of a frame, by DWARF number */
	PLACE_NAMED,    /* of the selected thread, by the architecture's name */
	PLACE_VARIABLE, /* a variable that is no plain memory: register, pieces, constant */
	PLACE_CONVENIENCE,
};

struct value {
	utrace_type *type; /* NULL: void */
	enum place place;
	uint64_t address;
	int dwarf_register;
	const char *name; /* PLACE_NAMED, PLACE_CONVENIENCE */
	utrace_variable *variable;
	utrace_frame *frame;
	const struct layout *layout;   /* instead of a type: layouts.h; `bytes` are there */
	uint64_t part;                 /* PLACE_VARIABLE, PLACE_CONVENIENCE: first byte of it that this value is */
	unsigned int bit_offset, bits; /* a bit field: position in the bytes, from the least significant */
	bool fetched;
	bool optimized_out;
	bool untyped;  /* a symbol without debug information: only a cast or & can use it */
	bool no_debug; /* a function of which only its symbol is known */
	size_t size;
	unsigned char *bytes;
};

struct value *value_new(struct gdb *gdb, utrace_type *type);
struct value *value_at(struct gdb *gdb, utrace_type *type, uint64_t address);
struct value *value_untyped(struct gdb *gdb, const char *name, uint64_t address);
struct value *value_of_variable(struct gdb *gdb, utrace_variable *variable, utrace_frame *frame);
struct value *value_integer(struct gdb *gdb, utrace_type *type, uint64_t number);
struct value *value_double(struct gdb *gdb, utrace_type *type, long double number);
/* A copy that lives in this arena. */
struct value *value_keep(struct gdb *gdb, struct arena *arena, const struct value *value);

bool value_fetch(struct gdb *gdb, struct value *value);
/* As a number: pointers, enums, characters and booleans too; reals are truncated. */
bool value_as_integer(struct gdb *gdb, struct value *value, uint64_t *number);
bool value_as_double(struct gdb *gdb, struct value *value, long double *number);
bool value_is_true(struct gdb *gdb, struct value *value, bool *truth);
/* The address of the object that a pointer, an array or a function stands for. */
bool value_as_address(struct gdb *gdb, struct value *value, uint64_t *address);

struct value *value_member(struct gdb *gdb, struct value *object, const char *name);
struct value *value_part(struct gdb *gdb, struct value *whole, utrace_type *type, uint64_t offset);
struct value *value_member_of(struct gdb *gdb, struct value *object, const struct utrace_member *member);
struct value *value_element(struct gdb *gdb, struct value *array, int64_t index);
struct value *value_dereference(struct gdb *gdb, struct value *pointer);
struct value *value_address_of(struct gdb *gdb, struct value *value);
struct value *value_cast(struct gdb *gdb, struct value *value, utrace_type *type);
/* The same, but pointers keep their number. */
struct value *value_reinterpret(struct gdb *gdb, struct value *value, utrace_type *type);
bool value_assign(struct gdb *gdb, struct value *target, struct value *from);

/* Numbers out of bytes and into them, little-endian. */
uint64_t load_unsigned(const unsigned char *bytes, size_t size);
int64_t load_signed(const unsigned char *bytes, size_t size);
void store_integer(unsigned char *bytes, size_t size, uint64_t number);
long double load_real(const unsigned char *bytes, size_t size);
/* Of a value of any real type, also one of the two that have 16 bytes. */
long double value_real(const struct value *value);
void store_real(unsigned char *bytes, size_t size, long double number);

/* types.c */
uint32_t kind_of(utrace_type *type); /* without typedefs and qualifiers; VOID for NULL */
bool is_integral(utrace_type *type); /* integers, characters, booleans, enums */
bool is_scalar(utrace_type *type);
bool is_aggregate(utrace_type *type);
bool is_pointer(utrace_type *type);
bool is_character(utrace_type *type); /* one byte that is shown as text */
utrace_type *base_type(struct gdb *gdb, const char *name);
size_t pointer_size(struct gdb *gdb);
utrace_type *target_of(utrace_type *type);
utrace_type *pointer_type(struct gdb *gdb, utrace_type *target); /* NULL: void */
size_t size_of(utrace_type *type);
size_t alignment_of(struct gdb *gdb, utrace_type *type);
/* 'L', 'u' or 'U' of wchar_t, char16_t, char32_t, which are shown as text; 0: another type. */
char wide_prefix(utrace_type *type);
/* The selected frame's code, or main's, is C++. */
bool speaks_cxx(struct gdb *gdb);
/* All of them in the arena, at most 4096; how many. */
size_t take_members(struct gdb *gdb, utrace_type *type, struct utrace_member **members);
size_t take_enumerators(struct gdb *gdb, utrace_type *type, struct utrace_enumerator **enumerators);
char *type_text(struct gdb *gdb, utrace_type *type);
/* The same without what templates of the C++ library have by default. */
char *short_type_text(struct gdb *gdb, utrace_type *type);

#endif
