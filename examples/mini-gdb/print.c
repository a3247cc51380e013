/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/print.c - arrays, structs and classes, nested as deep as they are. Numbers and pointers are in scalar.c,
 * objects of the C++ library in showview.c.
 */

#include <stdlib.h>
#include <string.h>

#include "cplus.h"
#include "layouts.h"
#include "printer.h"
#include "view.h"

enum { DEPTH_MAX = 20 };

void show_nested(struct gdb *gdb, const struct printer *printer, struct value *value, unsigned int *elements)
{
	struct printer inner = *printer;

	inner.top = false;
	inner.depth++;
	inner.elements = elements ? *elements : 0;
	show(gdb, &inner, value);
	if (elements)
		*elements = inner.elements;
}

void show_error(struct gdb *gdb)
{
	say(gdb, "<error: %s>", gdb->error);
	gdb->error = NULL;
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

void pretty_indent(struct gdb *gdb, int depth)
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
	if (!count && utrace_type_length(utrace_type_strip(value->type)) < 0 && value->place == PLACE_MEMORY) {
		say(gdb, "0x%llx", (unsigned long long)value->address);
		print_symbol(gdb, value->address);
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

	if (!target) {
		show_error(gdb);
		return;
	}
	inner.top = false;
	show(gdb, &inner, target);
}

/* Within a struct, what a reference refers to is not shown; neither are objects in a list of arguments. */
static void show_reference(struct gdb *gdb, const struct printer *printer, struct value *value)
{
	utrace_type *type = value->type;
	bool object = is_aggregate(target_of(type));
	uint64_t address = 0;

	if (object && gdb->image && !printer->format->raw && has_view(gdb, target_of(type))) {
		show_referent(gdb, printer, value_dereference(gdb, value));
		return;
	}
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
	say(gdb, "{%s} 0x%llx", value->no_debug ? "<text variable, no debug info>" : type_text(gdb, value->type),
	    (unsigned long long)value->address);
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

	if (value->layout)
		show_layout(gdb, value, printer->format->letter);
	else if (value->untyped)
		say(gdb, "<data variable, no debug info>");
	else if (!value->type || kind == UTRACE_TYPE_VOID)
		say(gdb, "void");
	else if (kind == UTRACE_TYPE_FUNCTION)
		show_function(gdb, value);
	else if (!gdb->settings.print_union && kind == UTRACE_TYPE_UNION && printer->depth)
		say(gdb, "{...}");
	else if (is_aggregate(value->type) && !value->optimized_out && show_view(gdb, printer, value))
		return true;
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

void show(struct gdb *gdb, struct printer *printer, struct value *value)
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
