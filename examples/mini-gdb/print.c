/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/print.c - values by their types, nested as deep as they are.
 */
#include "print.h"

#include <stdlib.h>
#include <string.h>

#include "cplus.h"

enum { DEPTH_MAX = 20, SEEN_MAX = 32 };

/* Virtual bases of the object that are shown already. */
struct seen {
	utrace_type *bases[SEEN_MAX];
	size_t count;
};

struct printer {
	const struct format *format;
	bool top;     /* nothing stands around it: pointers show their type */
	bool summary; /* aggregates as ... */
	int depth;
	unsigned int elements; /* printed so far, all arrays together */
	struct seen *seen;
};

static void show(struct gdb *gdb, struct printer *printer, struct value *value);

static void show_nested(struct gdb *gdb, const struct printer *printer, struct value *value, unsigned int *elements)
{
	struct printer inner = *printer;

	inner.top = false;
	inner.depth++;
	inner.elements = elements ? *elements : 0;
	show(gdb, &inner, value);
	if (elements)
		*elements = inner.elements;
}

static void show_error(struct gdb *gdb)
{
	say(gdb, "<error: %s>", gdb->error);
	gdb->error = NULL;
}

/* ---- scalars ---- */

static void show_octal(struct gdb *gdb, uint64_t number)
{
	say(gdb, number ? "0%llo" : "0", (unsigned long long)number);
}

static void show_binary(struct gdb *gdb, uint64_t number, size_t digits)
{
	size_t highest = 63;

	while (highest > 0 && !(number >> highest & 1))
		highest--;
	for (size_t i = digits > highest ? digits : highest + 1; i-- > 0;)
		say(gdb, "%d", (int)(number >> i & 1));
}

static void show_real_as(struct gdb *gdb, const unsigned char *bytes, size_t size, bool is_signed)
{
	if (size == 4 || size == 8 || size >= 10)
		print_real(gdb, load_real(bytes, size), size);
	else
		say(gdb, is_signed ? "%lld" : "%llu",
		    (long long)(is_signed ? load_signed(bytes, size) : (int64_t)load_unsigned(bytes, size)));
}

void print_formatted(struct gdb *gdb, const unsigned char *bytes, size_t size, bool is_signed, char letter)
{
	uint64_t number = load_unsigned(bytes, size);

	switch (letter) {
	case 'x':
		say(gdb, "0x%llx", (unsigned long long)number);
		break;
	case 'z':
		say(gdb, "0x%0*llx", (int)size * 2, (unsigned long long)number);
		break;
	case 'o':
		show_octal(gdb, number);
		break;
	case 't':
		show_binary(gdb, number, 0);
		break;
	case 'd':
		say(gdb, "%lld", (long long)load_signed(bytes, size));
		break;
	case 'u':
		say(gdb, "%llu", (unsigned long long)number);
		break;
	case 'a':
		say(gdb, "0x%llx", (unsigned long long)number);
		print_symbol(gdb, number);
		break;
	case 'c':
		say(gdb, is_signed ? "%lld '" : "%llu '",
		    (long long)(is_signed ? load_signed(bytes, 1) : (int64_t)(number & 0xff)));
		print_character(gdb, (unsigned char)number, '\'');
		say(gdb, "'");
		break;
	case 'f':
		show_real_as(gdb, bytes, size, is_signed);
		break;
	default:
		say(gdb, is_signed ? "%lld" : "%llu",
		    (long long)(is_signed ? load_signed(bytes, size) : (int64_t)number));
	}
}

/* gdb's flag enumerations: no two enumerators share a bit. */
static bool are_flags(const struct utrace_enumerator *enumerators, size_t count)
{
	uint64_t seen = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t bits = (uint64_t)enumerators[i].value;

		if (enumerators[i].value < 0 || (bits & seen))
			return false;
		seen |= bits;
	}
	return true;
}

static void show_flags(struct gdb *gdb, const char *scope, const struct utrace_enumerator *enumerators, size_t count,
		       uint64_t number)
{
	const char *between = "(";
	uint64_t left = number;

	for (size_t i = 0; i < count; i++) {
		uint64_t bits = (uint64_t)enumerators[i].value;

		if (!bits || (left & bits) != bits)
			continue;
		say(gdb, "%s%s%s", between, scope, enumerators[i].name);
		between = " | ";
		left &= ~bits;
	}
	if (left == number)
		say(gdb, number ? "(unknown: 0x%llx)" : "0", (unsigned long long)left);
	else if (left)
		say(gdb, " | unknown: 0x%llx)", (unsigned long long)left);
	else
		say(gdb, ")");
}

static void show_enum(struct gdb *gdb, utrace_type *type, uint64_t number)
{
	struct utrace_enumerator *enumerators;
	size_t count = take_enumerators(gdb, type, &enumerators);
	const char *scope = enumerator_scope(gdb, type);

	for (size_t i = 0; i < count; i++)
		if (enumerators[i].value == (int64_t)number) {
			say(gdb, "%s%s", scope, enumerators[i].name);
			return;
		}
	if (are_flags(enumerators, count))
		show_flags(gdb, scope, enumerators, count, number);
	else
		say(gdb, "%lld", (long long)number);
}

/* With `print object`, a pointer to a part of an object is one to the whole. */
static void find_whole(struct gdb *gdb, utrace_type **type, uint64_t *number)
{
	utrace_type *target = target_of(*type);
	struct value *object;
	utrace_type *pointer;

	if (!gdb->settings.print_object || !*number || !is_aggregate(target))
		return;
	object = whole_object(gdb, value_at(gdb, target, *number));
	pointer = same_class(object->type, target) ? NULL : pointer_type(gdb, object->type);
	if (!pointer)
		return;
	*number = object->address;
	*type = pointer;
}

static void show_pointer(struct gdb *gdb, const struct printer *printer, utrace_type *type, uint64_t number)
{
	utrace_type *target = target_of(type);
	bool text = is_character(target) || wide_prefix(target);
	bool function = kind_of(target) == UTRACE_TYPE_FUNCTION;

	find_whole(gdb, &type, &number);
	if (printer->top && !text)
		say(gdb, "(%s) ", type_text(gdb, type));
	if (gdb->settings.print_address)
		say(gdb, "%s0x%llx%s%s", hue(gdb, HUE_ADDRESS), (unsigned long long)number, hue(gdb, HUE_END),
		    text && number ? " " : "");
	if (text && number) {
		bool done = wide_prefix(target) ? print_wide_at(gdb, number, size_of(target), wide_prefix(target))
						: print_string_at(gdb, number);

		if (!done)
			say(gdb, "<error: Cannot access memory at address 0x%llx>", (unsigned long long)number);
	} else if (number && (function || gdb->settings.print_symbol)) {
		print_symbol(gdb, number);
	}
}

static void show_wide(struct gdb *gdb, uint64_t number, char prefix)
{
	say(gdb, "%llu %c'", (unsigned long long)number, prefix);
	print_wide_character(gdb, (uint32_t)number, '\'');
	say(gdb, "'");
}

static void show_scalar(struct gdb *gdb, const struct printer *printer, struct value *value)
{
	uint32_t kind = kind_of(value->type);
	char letter = printer->format->letter;
	unsigned char bytes[8];
	uint64_t number;

	if (kind == UTRACE_TYPE_FLOAT && (!letter || letter == 'f')) {
		print_real(gdb, load_real(value->bytes, value->size), value->size);
		return;
	}
	if (!value_as_integer(gdb, value, &number)) {
		show_error(gdb);
		return;
	}
	if (letter && letter != 's') {
		size_t size = value->size < 8 ? value->size : 8;

		store_integer(bytes, 8, number);
		if (value->bits)
			size = size_of(value->type);
		print_formatted(gdb, bytes, size, utrace_type_is_signed(value->type) && !is_pointer(value->type),
				letter);
		return;
	}
	if (kind == UTRACE_TYPE_POINTER)
		show_pointer(gdb, printer, value->type, number);
	else if (kind == UTRACE_TYPE_ENUM)
		show_enum(gdb, utrace_type_strip(value->type), number);
	else if (kind == UTRACE_TYPE_BOOL && number <= 1)
		say(gdb, number ? "true" : "false");
	else if (wide_prefix(value->type))
		show_wide(gdb, number, wide_prefix(value->type));
	else if (is_character(value->type))
		print_formatted(gdb, value->bytes, 1, utrace_type_is_signed(value->type), 'c');
	else
		say(gdb, utrace_type_is_signed(value->type) ? "%lld" : "%llu", (unsigned long long)number);
}

/* ---- arrays ---- */

static void show_text_array(struct gdb *gdb, const struct value *value)
{
	size_t length = value->size;
	size_t limit = gdb->settings.print_elements;
	bool more = false;

	if (gdb->settings.print_null_stop) {
		length = strnlen((const char *)value->bytes, length);
	} else if (length && !value->bytes[length - 1] && length - 1 <= limit) {
		length--;
	}
	if (length > limit) {
		size_t run = 0;

		/* A tail of zeros does not make it longer than it is. */
		while (run < length && !value->bytes[length - 1 - run])
			run++;
		more = true;
		if (run > gdb->settings.print_repeats && length - run <= limit)
			more = false;
	}
	print_characters(gdb, value->bytes, length, more && length > limit);
}

static bool same_bytes(const struct value *array, size_t one, size_t other, size_t size)
{
	return memcmp(array->bytes + one * size, array->bytes + other * size, size) == 0;
}

static void pretty_indent(struct gdb *gdb, int depth)
{
	say(gdb, "\n%*s", 2 * depth, "");
}

static void show_array(struct gdb *gdb, struct printer *printer, struct value *value)
{
	utrace_type *element = target_of(value->type);
	size_t size = size_of(element);
	size_t count = size ? value->size / size : 0;
	size_t i = 0;

	if (is_character(element) && (!printer->format->letter || printer->format->letter == 's')) {
		show_text_array(gdb, value);
		return;
	}
	if (wide_prefix(element) && (!printer->format->letter || printer->format->letter == 's')) {
		print_wide(gdb, value->bytes, count, size, wide_prefix(element), false);
		return;
	}
	say(gdb, "{");
	while (i < count && printer->elements < gdb->settings.print_elements) {
		size_t run = 1;

		while (i + run < count && same_bytes(value, i, i + run, size))
			run++;
		say(gdb, "%s", i ? ", " : "");
		if (gdb->settings.print_array_indexes)
			say(gdb, "[%zu] = ", i);
		show_nested(gdb, printer, value_part(gdb, value, element, i * size), &printer->elements);
		if (run >= gdb->settings.print_repeats) {
			say(gdb, " <repeats %zu times>", run);
			printer->elements += gdb->settings.print_repeats;
			i += run;
		} else {
			if (kind_of(element) != UTRACE_TYPE_ARRAY)
				printer->elements++;
			i++;
		}
	}
	say(gdb, i < count ? "...}" : "}");
}

/* ---- structs ---- */

static void show_member_name(struct gdb *gdb, const struct utrace_member *member)
{
	if (member->is_base)
		say(gdb, "<%s> = ", type_text(gdb, member->type));
	else if (member->name && *member->name)
		say(gdb, "%s%s%s%s = ", member->is_static ? "static " : "", hue(gdb, HUE_VARIABLE), member->name,
		    hue(gdb, HUE_END));
}

static bool has_seen(const struct printer *printer, utrace_type *base)
{
	for (size_t i = 0; i < printer->seen->count; i++)
		if (same_class(printer->seen->bases[i], base))
			return true;
	return false;
}

static bool note_seen(struct printer *printer, utrace_type *base)
{
	if (printer->seen->count < SEEN_MAX)
		printer->seen->bases[printer->seen->count++] = base;
	return true;
}

/* The members behind the bases of a class have a title in pretty printing. */
static void show_title(struct gdb *gdb, const struct printer *printer, struct value *value)
{
	pretty_indent(gdb, printer->depth + 1);
	say(gdb, "members of %s:", type_text(gdb, utrace_type_strip(value->type)));
}

static bool is_vptr(const struct utrace_member *member)
{
	return member->is_artificial && member->name && strncmp(member->name, "_vptr", 5) == 0;
}

static void show_member(struct gdb *gdb, struct printer *printer, struct value *value,
			const struct utrace_member *members, size_t index)
{
	struct value *member;

	show_member_name(gdb, &members[index]);
	member = object_member(gdb, value, members, index);
	if (member && is_vptr(&members[index]))
		print_inner(gdb, member, NULL, false);
	else if (member)
		show_nested(gdb, printer, member, NULL);
	else if (members[index].is_static)
		say(gdb, "<optimized out>");
	else
		show_error(gdb);
	gdb->error = NULL;
}

/* A virtual base is shown where it is met first, a static member within its own class not again. */
static bool is_shown(const struct gdb *gdb, struct printer *printer, const struct utrace_member *member)
{
	if (member->is_virtual_base)
		return !has_seen(printer, member->type) && note_seen(printer, member->type);
	return !member->is_static || gdb->settings.print_static_members;
}

static void show_struct(struct gdb *gdb, const struct printer *outer, struct value *value)
{
	struct utrace_member *members;
	size_t count = take_members(gdb, utrace_type_strip(value->type), &members);
	bool pretty = gdb->settings.print_pretty;
	struct printer printer = *outer;
	const char *between = "";
	bool titled = count && members[0].is_base;
	bool any = false;

	say(gdb, "{");
	for (size_t i = 0; i < count; i++) {
		if (!is_shown(gdb, &printer, &members[i]))
			continue;
		any = true;
		say(gdb, "%s", between);
		between = pretty ? "," : ", ";
		if (pretty && titled && !members[i].is_base) {
			show_title(gdb, &printer, value);
			titled = false;
		}
		if (pretty)
			pretty_indent(gdb, printer.depth + 1);
		show_member(gdb, &printer, value, members, i);
	}
	if (!count || members[count - 1].is_base)
		say(gdb, "%s<No data fields>", between);
	if (pretty && any)
		pretty_indent(gdb, printer.depth);
	say(gdb, "}");
}

/* ---- all of them ---- */

/* At the depth of the reference itself. */
static void show_referent(struct gdb *gdb, const struct printer *printer, struct value *target)
{
	struct printer inner = *printer;

	inner.top = false;
	show(gdb, &inner, target);
}

/* Within a struct, what a reference refers to is not shown; neither are objects in a list of arguments. */
static void show_reference(struct gdb *gdb, const struct printer *printer, struct value *value)
{
	utrace_type *type = value->type;
	bool object = is_aggregate(target_of(type));
	uint64_t address = 0;

	if (printer->summary && object) {
		say(gdb, "...");
		return;
	}
	if (!value_as_integer(gdb, value, &address)) {
		show_error(gdb);
		return;
	}
	if (printer->top && gdb->settings.print_object && object) {
		struct value *whole = whole_object(gdb, value_at(gdb, target_of(type), address));

		if (!same_class(whole->type, target_of(type)))
			type = utrace_type_reference_to(whole->type, kind_of(type));
		address = whole->address;
	}
	if (printer->top)
		say(gdb, "(%s) ", type_text(gdb, type));
	say(gdb, "@0x%llx", (unsigned long long)address);
	if (printer->depth)
		return;
	say(gdb, ": ");
	show_referent(gdb, printer, value_at(gdb, target_of(type), address));
}

static void show_function(struct gdb *gdb, const struct value *value)
{
	say(gdb, "{%s} 0x%llx", type_text(gdb, value->type), (unsigned long long)value->address);
	print_symbol(gdb, value->address);
}

static void show_complex(struct gdb *gdb, const struct value *value)
{
	size_t half = value->size / 2;

	print_real(gdb, load_real(value->bytes, half), half);
	say(gdb, " + ");
	print_real(gdb, load_real(value->bytes + half, half), half);
	say(gdb, "i");
}

/* Deals with what needs no bytes, or has none. */
static bool show_without_bytes(struct gdb *gdb, const struct printer *printer, struct value *value)
{
	uint32_t kind = kind_of(value->type);

	if (value->untyped)
		say(gdb, "<data variable, no debug info>");
	else if (!value->type || kind == UTRACE_TYPE_VOID)
		say(gdb, "void");
	else if (kind == UTRACE_TYPE_FUNCTION)
		show_function(gdb, value);
	else if (!gdb->settings.print_union && kind == UTRACE_TYPE_UNION && printer->depth)
		say(gdb, "{...}");
	else if (printer->summary && (is_aggregate(value->type) || kind == UTRACE_TYPE_ARRAY))
		say(gdb, "...");
	else if (printer->depth > DEPTH_MAX)
		say(gdb, "{...}");
	else if (is_aggregate(value->type) && utrace_type_size(value->type) < 0)
		say(gdb, "<incomplete type>");
	else if (value->optimized_out)
		say(gdb, "<optimized out>");
	else if (!value_fetch(gdb, value))
		show_error(gdb);
	else if (value->optimized_out)
		say(gdb, "<optimized out>");
	else
		return false;
	return true;
}

static void show(struct gdb *gdb, struct printer *printer, struct value *value)
{
	if (show_without_bytes(gdb, printer, value))
		return;
	switch (kind_of(value->type)) {
	case UTRACE_TYPE_ARRAY:
	case UTRACE_TYPE_VECTOR:
		show_array(gdb, printer, value);
		break;
	case UTRACE_TYPE_STRUCT:
	case UTRACE_TYPE_CLASS:
	case UTRACE_TYPE_UNION:
		show_struct(gdb, printer, value);
		break;
	case UTRACE_TYPE_REFERENCE:
	case UTRACE_TYPE_RVALUE_REFERENCE:
		show_reference(gdb, printer, value);
		break;
	case UTRACE_TYPE_MEMBER_POINTER:
		print_member_pointer(gdb, value);
		break;
	case UTRACE_TYPE_COMPLEX:
		show_complex(gdb, value);
		break;
	default:
		show_scalar(gdb, printer, value);
	}
}

void print_value(struct gdb *gdb, struct value *value, const struct format *format)
{
	static const struct format natural = {0};
	struct seen seen = {.count = 0};
	struct printer printer = {.format = format ? format : &natural, .top = true, .seen = &seen};

	if (gdb->settings.print_object && is_aggregate(value->type)) {
		struct value *whole = whole_object(gdb, value);

		if (!same_class(whole->type, value->type))
			say(gdb, "(%s) ", type_text(gdb, whole->type));
		value = whole;
	}
	show(gdb, &printer, value);
}

void print_inner(struct gdb *gdb, struct value *value, const struct format *format, bool summary)
{
	static const struct format natural = {0};
	struct seen seen = {.count = 0};
	struct printer printer = {.format = format ? format : &natural, .summary = summary, .seen = &seen};

	show(gdb, &printer, value);
}
