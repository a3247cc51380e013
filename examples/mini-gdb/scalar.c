/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/scalar.c - numbers, characters, enumerators and pointers, by type or by format letter.
 */
#include <string.h>

#include "cplus.h"
#include "printer.h"

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

/* 16 bytes, which the rest counts in 8. */
static void show_wide_integer(struct gdb *gdb, const struct value *value, char letter)
{
	unsigned __int128 number;
	bool negative;
	char digits[48];
	size_t at = sizeof(digits);
	unsigned int base = letter == 'x' || letter == 'z' ? 16 : letter == 'o' ? 8 : letter == 't' ? 2 : 10;
	const char *prefix = base == 16 ? "0x" : base == 8 ? "0" : "";

	memcpy(&number, value->bytes, sizeof(number));
	negative = base == 10 && letter != 'u' && utrace_type_is_signed(value->type) && (__int128)number < 0;
	if (negative)
		number = 0 - number;
	if (base == 2) {
		say(gdb, "%s", number ? "" : "0");
		for (int bit = 127, seen = 0; bit >= 0; bit--) {
			seen |= (int)(number >> bit & 1);
			if (seen)
				say(gdb, "%d", (int)(number >> bit & 1));
		}
		return;
	}
	do {
		digits[--at] = "0123456789abcdef"[(unsigned int)(number % base)];
		number /= base;
	} while (number);
	say(gdb, "%s%s%.*s", negative ? "-" : "", prefix, (int)(sizeof(digits) - at), digits + at);
}

/* Intel SDM 1, 3.4.3 and 10.2.3 */
static const char *const flag_names[] = {"CF", "", "PF", "", "AF", "",   "ZF", "SF",  "TF",  "IF", "DF", "OF",
					 "",   "", "NT", "", "RF", "VM", "AC", "VIF", "VIP", "ID", NULL};
static const char *const vector_flag_names[] = {"IE", "DE", "ZE", "OE", "UE", "PE", "DAZ", "IM", "DM",
						"ZM", "OM", "UM", "PM", "",   "",   "FZ",  NULL};

/* The names of a register's bits; NULL: it is none of those that are shown so. */
static const char *const *flags_of(const struct value *value)
{
	if (value->place == PLACE_CONVENIENCE || !value->name)
		return NULL;
	if (strcmp(value->name, "mxcsr") == 0)
		return vector_flag_names;
	return strcmp(value->name, "eflags") == 0 ? flag_names : NULL;
}

static void show_flags_register(struct gdb *gdb, const char *const *names, uint64_t number)
{
	say(gdb, "[");
	for (size_t i = 0; names[i]; i++)
		if (number >> i & 1 && *names[i])
			say(gdb, " %s", names[i]);
	say(gdb, " ]");
}

void show_scalar(struct gdb *gdb, const struct printer *printer, struct value *value)
{
	uint32_t kind = kind_of(value->type);
	char letter = printer->format->letter;
	unsigned char bytes[8];
	uint64_t number;

	if (kind == UTRACE_TYPE_FLOAT && (!letter || letter == 'f')) {
		print_real(gdb, value_real(value), value->size);
		return;
	}
	if (flags_of(value) && !letter && value_as_integer(gdb, value, &number)) {
		show_flags_register(gdb, flags_of(value), number);
		return;
	}
	/* Of a real number, the other letters show the bits. */
	if (kind == UTRACE_TYPE_FLOAT && value->size <= 8) {
		print_formatted(gdb, value->bytes, value->size, true, letter);
		return;
	}
	if (value->size == 16 && kind == UTRACE_TYPE_INTEGER) {
		show_wide_integer(gdb, value, letter);
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
