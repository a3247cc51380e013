/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/layout.h - structs as data: where each member is in which ABI, and how it is shown.
 */
#ifndef MINI_STRACE_LAYOUT_H
#define MINI_STRACE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/set.h"

struct decoder;
struct field;
struct layout;

/* The bytes of one struct, read from the tracee. */
struct piece {
	const unsigned char *bytes;
	size_t size;      /* fewer than the layout has: the members behind are not there */
	uint64_t address; /* where they are in the tracee */
	size_t given;     /* how many are the tracee's, zeros behind them; 0: all */
};

/* Writes a member of a struct; its name is written already. */
typedef void show_function(struct decoder *d, const struct field *field, const struct piece *piece);

/* Whether a member is shown, by what the others say. */
typedef bool when_function(const struct field *field, const struct layout *layout, const struct piece *piece);

struct field {
	const char *name;
	uint16_t offset;
	uint16_t size;  /* of an element */
	uint16_t count; /* of elements; 0: no array */
	uint16_t from;  /* shown if the tracee's bytes reach this one */
	bool is_signed;
	bool detail; /* left out when structs are abbreviated */
	show_function *show;
	when_function *when; /* NULL: always */
	const void *set;     /* struct set or struct layouts, as show needs */
};

struct layout {
	const char *name;
	size_t size;
	size_t smallest; /* a shorter one says nothing: all of it, or the first byte if it has grown by groups of members */
	size_t count;
	bool has_detail;
	const struct field *fields;
};

/* A struct in both ABIs: [0] 64 bits, [1] 32 bits; NULL where there is none. */
struct layouts {
	const char *name;
	const struct layout *of[2];
};

enum { LARGEST_LAYOUT = 1024 };

extern const struct layouts *const all_layouts[];
extern const size_t all_layouts_count;

const struct layouts *layout_find(const char *name);
const struct layout *layout_of(const struct decoder *d, const struct layouts *layouts);

/* A member's value, sign-extended if it is signed; 0 if it is not there. */
uint64_t field_value(const struct field *field, const struct piece *piece);
/* The same by name, for what one member says about another. */
uint64_t layout_value(const struct layout *layout, const struct piece *piece, const char *name);
bool field_is_there(const struct field *field, const struct piece *piece);

/* {member=value, ...}, and the same without the braces. */
void layout_members(struct decoder *d, const struct layout *layout, const struct piece *piece);
void layout_show(struct decoder *d, const struct layout *layout, const struct piece *piece);
/* Reads and shows the struct at the address, or the address if it can't be read. */
void layout_show_at(struct decoder *d, const struct layouts *layouts, uint64_t address);
/* Reads up to the layout's size, or `size` if that is less; false if it can't be read. */
bool layout_read(struct decoder *d, const struct layout *layout, uint64_t address, size_t size, unsigned char *bytes);

#endif
