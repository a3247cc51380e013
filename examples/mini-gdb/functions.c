/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/functions.c - the debugger's own functions in expressions: $_strlen("text") and its kin. They run here, not
 * in the program.
 */
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "expr.h"

enum { ARGUMENTS_MAX = 4, TEXT_MAX = 1 << 20, CHUNK = 256 };

struct call {
	struct value *arguments[ARGUMENTS_MAX];
	size_t count;
};

typedef struct value *function(struct gdb *gdb, struct call *call);

static struct value *integer(struct gdb *gdb, int64_t number)
{
	utrace_type *type = base_type(gdb, "int");

	return type ? value_integer(gdb, type, (uint64_t)number) : NULL;
}

/* The text that a pointer or an array of characters stands for; NULL: fail() has the text. */
static char *text_of(struct gdb *gdb, struct value *value)
{
	char *text = arena_alloc(&gdb->arena, TEXT_MAX + 1);
	uint64_t address;
	size_t length = 0;

	if (kind_of(value->type) == UTRACE_TYPE_ARRAY && value->place != PLACE_MEMORY)
		return value_fetch(gdb, value) ? arena_text(&gdb->arena, (char *)value->bytes, value->size) : NULL;
	if (is_aggregate(value->type)) {
		(void)fail(gdb, "A text, or a pointer to one, is needed.");
		return NULL;
	}
	if (!value_as_address(gdb, value, &address))
		return NULL;
	while (length < TEXT_MAX) {
		size_t wanted = CHUNK - (address + length) % CHUNK;
		ssize_t done = utrace_image_read(gdb->image, address + length, text + length, wanted, NULL);

		if (done <= 0) {
			(void)fail(gdb, "Cannot access memory at address 0x%llx",
				   (unsigned long long)(address + length));
			return NULL;
		}
		if (memchr(text + length, 0, (size_t)done))
			break;
		length += (size_t)done;
	}
	return text;
}

static struct value *is_void(struct gdb *gdb, struct call *call)
{
	return integer(gdb, kind_of(call->arguments[0]->type) == UTRACE_TYPE_VOID && !call->arguments[0]->untyped);
}

static struct value *length_of(struct gdb *gdb, struct call *call)
{
	char *text = text_of(gdb, call->arguments[0]);

	return text ? integer(gdb, (int64_t)strlen(text)) : NULL;
}

static struct value *equal(struct gdb *gdb, struct call *call)
{
	char *left = text_of(gdb, call->arguments[0]);
	char *right = left ? text_of(gdb, call->arguments[1]) : NULL;

	return right ? integer(gdb, strcmp(left, right) == 0) : NULL;
}

static bool take_bytes(struct gdb *gdb, struct value *value, unsigned char *bytes, uint64_t size)
{
	uint64_t address;

	if (kind_of(value->type) == UTRACE_TYPE_ARRAY && value->place != PLACE_MEMORY) {
		if (!value_fetch(gdb, value))
			return false;
		memcpy(bytes, value->bytes, size < value->size ? size : value->size);
		return true;
	}
	if (!value_as_address(gdb, value, &address))
		return false;
	return utrace_image_read(gdb->image, address, bytes, size, NULL) == (ssize_t)size ||
	       fail(gdb, "Cannot access memory at address 0x%llx", (unsigned long long)address);
}

static struct value *equal_bytes(struct gdb *gdb, struct call *call)
{
	unsigned char *left;
	unsigned char *right;
	uint64_t size;

	if (!value_as_integer(gdb, call->arguments[2], &size))
		return NULL;
	if (size > TEXT_MAX) {
		(void)fail(gdb, "length must be at most %d", TEXT_MAX);
		return NULL;
	}
	left = arena_alloc(&gdb->arena, size);
	right = arena_alloc(&gdb->arena, size);
	if (!take_bytes(gdb, call->arguments[0], left, size) || !take_bytes(gdb, call->arguments[1], right, size))
		return NULL;
	return integer(gdb, memcmp(left, right, size) == 0);
}

static struct value *matches(struct gdb *gdb, struct call *call)
{
	char *text = text_of(gdb, call->arguments[0]);
	char *pattern = text ? text_of(gdb, call->arguments[1]) : NULL;
	regex_t compiled;
	bool found;

	if (!pattern)
		return NULL;
	if (regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB)) {
		(void)fail(gdb, "Invalid regexp: %s", pattern);
		return NULL;
	}
	found = regexec(&compiled, text, 0, NULL, 0) == 0;
	regfree(&compiled);
	return integer(gdb, found);
}

static struct value *complex_half(struct gdb *gdb, struct value *value, size_t index)
{
	static const char *const names[] = {"float", "double", "long double"};
	size_t half = value->size / 2;
	utrace_type *type = base_type(gdb, names[half == 4 ? 0 : half == 8 ? 1 : 2]);

	if (kind_of(value->type) != UTRACE_TYPE_COMPLEX) {
		(void)fail(gdb, "expected a complex number");
		return NULL;
	}
	return type && value_fetch(gdb, value) ? value_part(gdb, value, type, index * half) : NULL;
}

static struct value *real_part(struct gdb *gdb, struct call *call)
{
	return complex_half(gdb, call->arguments[0], 0);
}

static struct value *imaginary_part(struct gdb *gdb, struct call *call)
{
	return complex_half(gdb, call->arguments[0], 1);
}

static const struct {
	const char *name;
	size_t arguments;
	function *run;
} functions[] = {
	{"$_isvoid", 1, is_void},       {"$_strlen", 1, length_of}, {"$_streq", 2, equal},
	{"$_memeq", 3, equal_bytes},    {"$_regex", 2, matches},    {"$_creal", 1, real_part},
	{"$_cimag", 1, imaginary_part},
};

struct value *own_function(struct gdb *gdb, const struct expr *expr)
{
	struct call call = {.count = 0};

	for (struct expr *argument = expr->right; argument; argument = argument->next) {
		if (call.count == ARGUMENTS_MAX)
			break;
		call.arguments[call.count] = evaluate(gdb, argument);
		if (!call.arguments[call.count++])
			return NULL;
	}
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		if (strcmp(functions[i].name, expr->left->text) != 0)
			continue;
		if (call.count == functions[i].arguments)
			return functions[i].run(gdb, &call);
		(void)fail(gdb, "You must provide %zu argument%s to %s.", functions[i].arguments,
			   functions[i].arguments == 1 ? "" : "s", functions[i].name);
		return NULL;
	}
	(void)fail(gdb, "No function %s is known.", expr->left->text);
	return NULL;
}
