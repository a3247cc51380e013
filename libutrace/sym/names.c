/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/names.c - the named entries of one unit, and whether they answer to a name that a person types.
 *
 * The list is made for units that may have what is asked for (find.c), not for all.  It is in the order of the file,
 * which is that of addresses, so the entry that another one refers to is found by binary search.
 */
#include <stdlib.h>
#include <string.h>

#include "sym/dwarf.h"
#include "util/array.h"

#define NO_SCOPE UINT32_MAX

static bool is_scope(int tag)
{
	return tag == DW_TAG_namespace || tag == DW_TAG_module || tag == DW_TAG_structure_type ||
	       tag == DW_TAG_class_type || tag == DW_TAG_union_type || tag == DW_TAG_interface_type;
}

static bool is_type(int tag)
{
	return is_scope(tag) || tag == DW_TAG_enumeration_type || tag == DW_TAG_typedef || tag == DW_TAG_base_type ||
	       tag == DW_TAG_unspecified_type;
}

static bool is_named(int tag, bool in_function)
{
	if (tag == DW_TAG_variable)
		return !in_function;
	return is_type(tag) || tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine || tag == DW_TAG_enumerator;
}

static bool has_children_of_interest(int tag)
{
	return is_scope(tag) || tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine ||
	       tag == DW_TAG_lexical_block || tag == DW_TAG_try_block || tag == DW_TAG_catch_block ||
	       tag == DW_TAG_enumeration_type;
}

static uint32_t add_name(struct ut__unit *unit, Dwarf_Die *die, int tag, uint32_t scope)
{
	if (!ut__grow(&unit->names, &unit->name_room, unit->name_count, sizeof(*unit->names)))
		return NO_SCOPE;
	unit->names[unit->name_count] = (struct ut__name){
		.name = ut__die_name(die),
		.linkage = tag == DW_TAG_subprogram || tag == DW_TAG_variable ? ut__die_linkage_name(die) : NULL,
		.entry = die->addr,
		.scope = scope,
		.tag = (uint16_t)tag,
		.is_declaration = ut__die_flag(die, DW_AT_declaration),
	};
	return (uint32_t)unit->name_count++;
}

static uint32_t find_entry(const struct ut__unit *unit, const void *entry)
{
	size_t low = 0;
	size_t high = unit->name_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if ((const char *)unit->names[middle].entry < (const char *)entry)
			low = middle + 1;
		else
			high = middle;
	}
	return low < unit->name_count && unit->names[low].entry == entry ? (uint32_t)low : NO_SCOPE;
}

/* A member function that is defined outside its class, or an instance of one, has the scope of its declaration. */
static uint32_t scope_of(const struct ut__unit *unit, Dwarf_Die *die, uint32_t scope)
{
	Dwarf_Die target = *die;
	Dwarf_Attribute found;

	for (int i = 0; i < 4; i++) {
		uint32_t entry;
		Dwarf_Die next;

		if (!dwarf_formref_die(dwarf_attr(&target, DW_AT_specification, &found), &next) &&
		    !dwarf_formref_die(dwarf_attr(&target, DW_AT_abstract_origin, &found), &next))
			return scope;
		target = next;
		entry = find_entry(unit, target.addr);
		if (entry != NO_SCOPE)
			scope = unit->names[entry].scope;
	}
	return scope;
}

static void collect(struct ut__unit *unit, Dwarf_Die *parent, uint32_t scope, bool in_function, int depth)
{
	Dwarf_Die die;

	if (depth > UT__DEPTH_MAX || !ut__die_child(parent, &die))
		return;
	do {
		int tag = dwarf_tag(&die);
		bool function = tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine;
		/* Before DWARF 5, a static member's declaration is a member like others. */
		bool is_static = tag == DW_TAG_member && ut__die_flag(&die, DW_AT_external);
		uint32_t inner = scope;

		if (is_static || is_named(tag, in_function)) {
			bool refers = function || tag == DW_TAG_variable;
			uint32_t entry = add_name(unit, &die, tag, refers ? scope_of(unit, &die, scope) : scope);

			if (is_scope(tag))
				inner = entry;
		}
		if (has_children_of_interest(tag))
			collect(unit, &die, inner, in_function || function, depth + 1);
	} while (ut__die_next(&die));
}

void ut__unit_need_names(struct ut__unit *unit)
{
	if (unit->names_made)
		return;
	unit->names_made = true;
	if (unit->type.addr)
		(void)add_name(unit, &unit->type, dwarf_tag(&unit->type), NO_SCOPE);
	collect(unit, ut__unit_die(unit), NO_SCOPE, false, 0);
}

/* Where the last "::" is that stands in no angle brackets or parentheses; NULL: there is none. */
static const char *last_separator(const char *name, size_t length)
{
	const char *found = NULL;
	int depth = 0;

	for (size_t i = 0; i + 1 < length; i++) {
		depth += name[i] == '<' || name[i] == '(';
		depth -= name[i] == '>' || name[i] == ')';
		if (!depth && name[i] == ':' && name[i + 1] == ':')
			found = name + i;
	}
	return found;
}

/* The length of a name without its arguments "(int)". "operator()" has none. */
static size_t without_arguments(const char *name)
{
	const char *open = strchr(name, '(');

	while (open && open - name >= 8 && strncmp(open - 8, "operator", 8) == 0)
		open = strchr(open + 1, '(');
	if (open == name)
		open = NULL;
	/* "(anonymous namespace)::f" */
	return open && !strstr(open, ")::") ? (size_t)(open - name) : strlen(name);
}

char *ut__name_last(const char *wanted)
{
	size_t length = without_arguments(wanted);
	const char *separator = last_separator(wanted, length);
	const char *start = separator ? separator + 2 : wanted;

	return strndup(start, length - (size_t)(start - wanted));
}

/* A template's name may be given without its arguments. */
static bool part_matches(const char *name, const char *wanted, size_t length)
{
	if (!name)
		return length == strlen("(anonymous namespace)") &&
		       strncmp(wanted, "(anonymous namespace)", length) == 0;
	if (strncmp(name, wanted, length) != 0)
		return false;
	return !name[length] || (name[length] == '<' && strncmp(name, "operator", 8) != 0);
}

/* Whether the demangled linkage name ends in these arguments, blanks aside. */
static bool arguments_match(const char *linkage, const char *arguments)
{
	char *full = linkage ? utrace_symbol_demangle(linkage) : NULL;
	const char *a = full ? full + strlen(full) : NULL;
	const char *b = arguments + strlen(arguments);
	const char *start = full;

	while (a && a > start && b > arguments) {
		if (a[-1] == ' ')
			a--;
		else if (b[-1] == ' ')
			b--;
		else if (a[-1] == b[-1])
			a--, b--;
		else
			break;
	}
	free(full);
	return a && b == arguments;
}

bool ut__name_matches(const struct ut__unit *unit, size_t index, const char *wanted)
{
	const struct ut__name *name = &unit->names[index];
	size_t length = without_arguments(wanted);
	const char *arguments = wanted + length;

	if (name->linkage && strcmp(name->linkage, wanted) == 0)
		return true;
	if (*arguments && !arguments_match(name->linkage, arguments))
		return false;
	for (int parts = 0; parts < UT__DEPTH_MAX; parts++) {
		const char *separator = last_separator(wanted, length);
		const char *start = separator ? separator + 2 : wanted;

		if (!part_matches(name->name, start, length - (size_t)(start - wanted)))
			return false;
		if (!separator || separator == wanted)
			return true;
		length = (size_t)(separator - wanted);
		if (name->scope == NO_SCOPE)
			return false;
		name = &unit->names[name->scope];
	}
	return false;
}
