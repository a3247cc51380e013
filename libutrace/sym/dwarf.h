/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/dwarf.h - the units of a file's DWARF, and walks over their entries (DIEs).
 *
 * A unit is compiled, partial (dwz) or of types.  A split unit stands with its skeleton: `skeleton` has the addresses
 * and the line table, `die` the entries; they are the same where nothing is split.
 */
#ifndef UT_SYM_DWARF_H
#define UT_SYM_DWARF_H

#include <dwarf.h>

#include "sym/sym.h"

/* A named entry of a unit: functions, their inlined bodies, types, variables outside functions. In the order of the
 * file. */
struct ut__name {
	const char *name;    /* NULL: a scope without name */
	const char *linkage; /* or NULL */
	void *entry;         /* Dwarf_Die.addr */
	uint32_t scope;      /* the entry that it stands in, UINT32_MAX: none */
	uint16_t tag;
	bool is_declaration;
	bool is_open; /* a scope whose names are those of the scope around it too */
};

struct ut__code {
	uint64_t start, end;
	void *entry;
};

struct ut__unit {
	struct ut__file *file;
	Dwarf_Die skeleton;
	Dwarf_Die die;  /* addr NULL: not looked for yet */
	Dwarf_Die type; /* of a type unit */
	bool is_code;
	bool is_alternate; /* in the file that dwz made */
	bool is_split_missing;
	struct ut__code *functions; /* sorted; made when first asked */
	size_t function_count;
	bool functions_made;
	struct ut__name *names;
	size_t name_count, name_room;
	bool names_made;
	Dwarf_Lines *lines;
	size_t line_count;
	bool lines_read;
};

struct ut__unit_range {
	uint64_t start, end;
	uint32_t unit;
};

struct ut__units {
	struct ut__unit *all; /* in the order of the file; the alternate file's last */
	size_t count, room;
	struct ut__unit_range *ranges;
	size_t range_count, range_room;
	bool ranges_made;
};

struct ut__units *ut__file_units(struct ut__file *file, struct utrace_error *error);
/* The unit whose code covers an ELF address, or NULL. */
struct ut__unit *ut__file_unit_at(struct ut__file *file, uint64_t address);
/* The unit that an entry is in, by Dwarf_CU. */
struct ut__unit *ut__file_unit_of(struct ut__file *file, Dwarf_Die *die);
/* The entries of a unit: the split unit's, where there is one. */
Dwarf_Die *ut__unit_die(struct ut__unit *unit);
const char *ut__unit_directory(struct ut__unit *unit);
/* An entry again from its address. */
bool ut__unit_entry(struct ut__unit *unit, void *address, Dwarf_Die *die);

/* First child and next sibling, which lie further on in the file; false at the end, also where the file says
 * otherwise. */
bool ut__die_child(Dwarf_Die *die, Dwarf_Die *child);
bool ut__die_next(Dwarf_Die *die);
/* The entry's name, or that of what it is an instance of; and the linkage name. */
const char *ut__die_name(Dwarf_Die *die);
const char *ut__die_linkage_name(Dwarf_Die *die);
/* Where it is declared, by itself or by what it is an instance of; NULL: not told. */
const char *ut__die_declaration(Dwarf_Die *die, uint32_t *line);
bool ut__die_flag(Dwarf_Die *die, unsigned attribute);
bool ut__die_number(Dwarf_Die *die, unsigned attribute, uint64_t *value);
/* Whether it has code, and whether this address is in it. */
bool ut__die_has_code(Dwarf_Die *die);
bool ut__die_covers(Dwarf_Die *die, uint64_t address);
/* The contiguous range that has the address. */
bool ut__die_range(Dwarf_Die *die, uint64_t address, uint64_t *start, uint64_t *end);
uint64_t ut__die_entry(Dwarf_Die *die);

/* ---- function.c ---- */
/* The chain of functions at an ELF address, innermost first; belongs to the file and is kept. NULL: none. */
struct ut__chain {
	size_t count;
	struct ut__unit *unit;
	Dwarf_Die dies[];
};
const struct ut__chain *ut__file_chain(struct ut__file *file, uint64_t address);

/* ---- line.c ---- */
/* The row that covers an ELF address; addresses are the file's. */
bool ut__file_line_at(struct ut__file *file, uint64_t address, struct utrace_line *line);
/* A relative name of the line table, as the unit calls its own file if that is meant: clang takes the directory off. */
const char *ut__unit_full_name(struct ut__unit *unit, const char *name);
Dwarf_Lines *ut__unit_lines(struct ut__unit *unit, size_t *count);
const char *ut__unit_file_name(Dwarf_Die *die, uint64_t index);
/* Where to break in a function that starts at `entry`. */
uint64_t ut__function_break(struct ut__file *file, struct ut__unit *unit, uint64_t entry, uint64_t end);

/* ---- names.c, find.c ---- */
void ut__unit_need_names(struct ut__unit *unit);
/* Calls back for every unit that may have an entry of this (last part of a) name. */
typedef bool ut__unit_callback(struct ut__file *file, struct ut__unit *unit, void *data);
void ut__file_find(struct ut__file *file, const char *name, ut__unit_callback *callback, void *data);
/* Calls back for every unit whose line table may have a file of this name. */
void ut__file_find_source(struct ut__file *file, const char *name, ut__unit_callback *callback, void *data);
/* Whether names[index] answers to a name that may have scopes ("N::A::f", "::f": in none) and arguments. */
bool ut__name_matches(const struct ut__unit *unit, size_t index, const char *wanted);
/* Whether the demangled linkage name ends in the arguments of such a name, blanks aside. */
bool ut__arguments_match(const char *linkage, const char *wanted);
/* The last part of such a name, without arguments of functions and templates; caller frees. */
char *ut__name_last(const char *wanted);
/* The entry's name with all its scopes; NULL: it is not in the list, or has none. Caller frees. */
char *ut__unit_qualified_name(struct ut__unit *unit, const void *entry);

#endif
