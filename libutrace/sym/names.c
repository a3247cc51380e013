/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/names.c - the named entries of one unit, and whether they answer to a name that a person types.
 *
 * The list is made for units that may have what is asked for (find.c), not for all.  It is in the order of the file,
 * which is that of addresses, so the entry that another one refers to is found by binary search.
 * A name may leave out what C++ lets be left out: inline and unnamed namespaces, the enumeration of an unscoped
 * enumerator, a template's last arguments.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sym/dwarf.h"
#include "util/array.h"

#define NO_SCOPE UINT32_MAX
/* While the list is being made: that of a declaration which comes later. */
#define LATER_SCOPE (UINT32_MAX - 1)

static bool is_scope(int tag)
{
	return tag == DW_TAG_namespace || tag == DW_TAG_module || tag == DW_TAG_structure_type ||
	       tag == DW_TAG_class_type || tag == DW_TAG_union_type || tag == DW_TAG_interface_type ||
	       tag == DW_TAG_enumeration_type;
}

static bool is_type(int tag)
{
	return is_scope(tag) || tag == DW_TAG_typedef || tag == DW_TAG_base_type || tag == DW_TAG_unspecified_type ||
	       tag == DW_TAG_template_alias;
}

/* Whose names are those of the scope around it too. */
static bool is_open(Dwarf_Die *die, int tag)
{
	if (tag == DW_TAG_namespace)
		return !ut__die_name(die) || ut__die_flag(die, DW_AT_export_symbols);
	return tag == DW_TAG_enumeration_type && !ut__die_flag(die, DW_AT_enum_class);
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
	       tag == DW_TAG_lexical_block || tag == DW_TAG_try_block || tag == DW_TAG_catch_block;
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
		.is_open = is_open(die, tag),
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
	bool known = false;

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
		else if (!known)
			scope = LATER_SCOPE;
		known |= entry != NO_SCOPE;
	}
	return scope;
}

/* clang describes a static member's definition before its class. */
static void resolve_scopes(struct ut__unit *unit)
{
	for (size_t i = 0; i < unit->name_count; i++) {
		Dwarf_Die die;

		if (unit->names[i].scope != LATER_SCOPE)
			continue;
		unit->names[i].scope = NO_SCOPE;
		if (ut__unit_entry(unit, unit->names[i].entry, &die))
			unit->names[i].scope = scope_of(unit, &die, NO_SCOPE);
		/* Of another unit, or in a function. */
		if (unit->names[i].scope == LATER_SCOPE)
			unit->names[i].scope = NO_SCOPE;
	}
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
		/* What a function has inside is in no scope that could be named. */
		if (has_children_of_interest(tag))
			collect(unit, &die, function ? NO_SCOPE : inner, in_function || function, depth + 1);
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
	resolve_scopes(unit);
}

/* ---- names that people type ---- */

/* The length of a word that begins like "operator<", whose signs are no brackets; 0: it is none. */
static size_t operator_length(const char *name)
{
	size_t length = strlen("operator");

	if (strncmp(name, "operator", length) != 0 || isalnum((unsigned char)name[length]) || name[length] == '_')
		return 0;
	if (strncmp(name + length, "()", 2) == 0)
		return length + 2;
	return length + strspn(name + length, "<>=-+*/%&|^~!,[]");
}

static bool is_word(char character)
{
	return isalnum((unsigned char)character) || character == '_';
}

/* Where the last "::" is that stands in no angle brackets or parentheses; NULL: there is none. */
static const char *last_separator(const char *name, size_t length)
{
	const char *found = NULL;
	int depth = 0;

	for (size_t i = 0; i + 1 < length; i++) {
		size_t skip = i && is_word(name[i - 1]) ? 0 : operator_length(name + i);

		if (skip) {
			i += skip - 1;
			continue;
		}
		depth += name[i] == '<' || name[i] == '(';
		depth -= name[i] == '>' || name[i] == ')';
		if (!depth && name[i] == ':' && name[i + 1] == ':')
			found = name + i;
	}
	return found;
}

/* The length of a name without its arguments "(int)"; those of a template may have parentheses too. */
static size_t without_arguments(const char *name)
{
	int depth = 0;

	for (size_t i = 0; name[i]; i++) {
		size_t skip = i && is_word(name[i - 1]) ? 0 : operator_length(name + i);

		if (skip) {
			i += skip - 1;
			continue;
		}
		depth += name[i] == '<';
		depth -= name[i] == '>';
		/* "(anonymous namespace)::f" */
		if (name[i] == '(' && !depth && i && name[i - 1] != ':')
			return i;
	}
	return strlen(name);
}

/* The length of a name without the template arguments that it ends in. */
static size_t without_template(const char *name, size_t length)
{
	size_t skip = operator_length(name);
	const char *open = memchr(name + skip, '<', length > skip ? length - skip : 0);

	return open && open > name ? (size_t)(open - name) : length;
}

char *ut__name_last(const char *wanted)
{
	size_t length = without_arguments(wanted);
	const char *separator = last_separator(wanted, length);
	const char *start = separator ? separator + 2 : wanted;

	return strndup(start, without_template(start, length - (size_t)(start - wanted)));
}

/* Behind the bracket that closes the arguments which `name` is in. */
static const char *skip_arguments(const char *name)
{
	int depth = 1;

	while (*name && depth) {
		depth += *name == '<' || *name == '(';
		depth -= *name == '>' || *name == ')';
		name++;
	}
	return name;
}

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " ");
}

/* "std::string", which in a template's name is always written out. What it stands for in the name; 0: nothing. */
static size_t written_out_string(const char *name, const char *wanted)
{
	const char *start = name;

	if (strncmp(wanted, "std::string", 11) != 0 || is_word(wanted[11]) || strncmp(name, "std::", 5) != 0)
		return 0;
	name += 5;
	name += strncmp(name, "__cxx11::", 9) == 0 ? 9 : 0;
	if (strncmp(name, "basic_string<char,", 18) != 0)
		return 0;
	return (size_t)(skip_arguments(name + strlen("basic_string<")) - start);
}

/*
 * Whether "<int>" stands for "<int, std::allocator<int> >": blanks don't matter, nor the suffix of a number or an
 * inline namespace of the C++ library, and what is left out at an end is what has a default.
 */
static bool template_matches(const char *name, const char *wanted, size_t length)
{
	const char *end = wanted + length;

	while (wanted < end) {
		size_t string;

		name = skip_blanks(name);
		string = written_out_string(name, wanted);
		if (string) {
			name += string;
			wanted += strlen("std::string");
			continue;
		}
		if (*wanted == ' ') {
			wanted++;
			continue;
		}
		if (strncmp(name, "__cxx11::", 9) == 0 && strncmp(wanted, "__cxx11::", 9) != 0) {
			name += 9;
			continue;
		}
		if (isdigit((unsigned char)name[0]) && strspn(name + 1, "uUlL") && wanted[0] == name[0] &&
		    !is_word(wanted[1])) {
			name += 1 + strspn(name + 1, "uUlL");
			wanted++;
			continue;
		}
		if (*wanted == '>' && *name == ',')
			name = skip_arguments(name);
		else if (*name++ != *wanted)
			return false;
		wanted++;
	}
	return !*skip_blanks(name);
}

/* A template's name may be given without its arguments. */
static bool part_matches(const char *name, const char *wanted, size_t length)
{
	size_t plain = without_template(wanted, length);

	if (!name)
		return length == strlen("(anonymous namespace)") &&
		       strncmp(wanted, "(anonymous namespace)", length) == 0;
	if (strncmp(name, wanted, plain) != 0)
		return false;
	if (plain < length)
		return template_matches(name + plain, wanted + plain, length - plain);
	return !name[length] || (name[length] == '<' && strncmp(name, "operator", 8) != 0);
}

bool ut__arguments_match(const char *linkage, const char *wanted)
{
	const char *arguments = wanted + without_arguments(wanted);
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

static const struct ut__name *scope_name(const struct ut__unit *unit, const struct ut__name *name)
{
	return name->scope == NO_SCOPE ? NULL : &unit->names[name->scope];
}

/* Without a scope, open ones aside: what "::name" means. */
static bool is_outermost(const struct ut__unit *unit, const struct ut__name *name)
{
	do {
		name = scope_name(unit, name);
	} while (name && name->is_open);
	return !name;
}

bool ut__name_matches(const struct ut__unit *unit, size_t index, const char *wanted)
{
	const struct ut__name *name = &unit->names[index];
	size_t length = without_arguments(wanted);
	const char *arguments = wanted + length;

	if (name->linkage && strcmp(name->linkage, wanted) == 0)
		return true;
	for (int parts = 0; parts < UT__DEPTH_MAX; parts++) {
		const char *separator = last_separator(wanted, length);
		const char *start = separator ? separator + 2 : wanted;

		while (parts && name && name->is_open &&
		       !part_matches(name->name, start, length - (size_t)(start - wanted)))
			name = scope_name(unit, name);
		if (!name || !part_matches(name->name, start, length - (size_t)(start - wanted)))
			return false;
		if (separator == wanted && !is_outermost(unit, name))
			return false;
		if (!separator || separator == wanted)
			break;
		length = (size_t)(separator - wanted);
		name = scope_name(unit, name);
	}
	/* A static function has a linkage name only in the symbol table: that is the caller's to ask. */
	return !*arguments || !unit->names[index].linkage || ut__arguments_match(unit->names[index].linkage, wanted);
}

/* "a::b::", grown to the left. */
static bool prepend(char **text, const char *name)
{
	char *more = NULL;

	if (asprintf(&more, "%s::%s", name ? name : "(anonymous namespace)", *text) < 0)
		return false;
	free(*text);
	*text = more;
	return true;
}

char *ut__unit_qualified_name(struct ut__unit *unit, const void *entry)
{
	const struct ut__name *name;
	uint32_t index;
	char *text;

	ut__unit_need_names(unit);
	index = find_entry(unit, entry);
	if (index == NO_SCOPE || !unit->names[index].name)
		return NULL;
	name = &unit->names[index];
	text = strdup(name->name);
	for (int depth = 0; text && depth < UT__DEPTH_MAX && (name = scope_name(unit, name)); depth++) {
		if (name->tag == DW_TAG_enumeration_type && name->is_open)
			continue;
		if (!prepend(&text, name->name)) {
			free(text);
			return NULL;
		}
	}
	return text;
}
