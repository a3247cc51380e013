/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/eval.c - trees to values, in the selected frame.
 */
#include <ctype.h>
#include <string.h>

#include "cplus.h"
#include "expr.h"
#include "frames.h"
#include "view.h"

static struct value *evaluate_name(struct gdb *gdb, struct expr *expr)
{
	struct value *value;

	if (!gdb->image) {
		(void)fail(gdb, "No symbol table is loaded.  Use the \"file\" command.");
		return NULL;
	}
	value = name_value(gdb, expr);
	if (!value && !gdb->error)
		(void)fail(gdb, "No symbol \"%s\" in current context.",
			   expr->text + 2 * (strncmp(expr->text, "::", 2) == 0));
	return value;
}

/* ---- operators ---- */

static struct value *through_reference(struct gdb *gdb, struct value *value)
{
	uint32_t kind = value ? kind_of(value->type) : UTRACE_TYPE_VOID;

	if (kind == UTRACE_TYPE_REFERENCE || kind == UTRACE_TYPE_RVALUE_REFERENCE)
		return value_dereference(gdb, value);
	return value;
}

static struct value *operand(struct gdb *gdb, struct expr *expr)
{
	return through_reference(gdb, evaluate(gdb, expr));
}

static struct value *evaluate_string(struct gdb *gdb, const struct expr *expr)
{
	utrace_type *element = base_type(gdb, "char");
	utrace_type *type = element ? utrace_type_array_of(element, expr->length + 1) : NULL;
	struct value *value;

	if (!type)
		return NULL;
	value = value_new(gdb, type);
	value->bytes = arena_copy(&gdb->arena, expr->text, expr->length + 1);
	value->fetched = true;
	return value;
}

static struct value *evaluate_sizeof(struct gdb *gdb, const struct expr *expr)
{
	utrace_type *type = expr->type;
	utrace_type *result = base_type(gdb, "unsigned long");

	if (!expr->names_type) {
		struct value *value = evaluate(gdb, expr->left);

		if (!value)
			return NULL;
		type = value->type;
	}
	/* Of a reference, what it refers to is measured. */
	if (kind_of(type) == UTRACE_TYPE_REFERENCE || kind_of(type) == UTRACE_TYPE_RVALUE_REFERENCE)
		type = target_of(type);
	if (!result)
		return NULL;
	return value_integer(gdb, result, expr->operation == OP_ALIGNOF ? alignment_of(gdb, type) : size_of(type));
}

static struct value *evaluate_arrow(struct gdb *gdb, const struct expr *expr)
{
	struct value *object = operand(gdb, expr->left);

	/* gdb lets `.` and `->` stand for each other. */
	if (object && is_pointer(object->type))
		object = value_dereference(gdb, object);
	else if (object && expr->operation == OP_ARROW && has_view(gdb, object->type))
		return object_arrow(gdb, object, expr->text);
	return object ? value_member(gdb, object, expr->text) : NULL;
}

static struct value *evaluate_index(struct gdb *gdb, const struct expr *expr)
{
	struct value *array = operand(gdb, expr->left);
	struct value *index = array ? operand(gdb, expr->right) : NULL;
	uint64_t number;

	if (!index || !value_as_integer(gdb, index, &number))
		return NULL;
	if (is_aggregate(array->type))
		return object_element(gdb, array, number);
	return value_element(gdb, array, (int64_t)number);
}

/* array@count: so many objects that follow each other. */
static struct value *evaluate_repeat(struct gdb *gdb, const struct expr *expr)
{
	struct value *first = operand(gdb, expr->left);
	struct value *length = first ? operand(gdb, expr->right) : NULL;
	uint64_t count;

	if (!length || !value_as_integer(gdb, length, &count))
		return NULL;
	if ((int64_t)count <= 0) {
		(void)fail(gdb, "Invalid number %lld of repetitions.", (long long)count);
		return NULL;
	}
	if (first->place != PLACE_MEMORY) {
		(void)fail(gdb, "Only values in memory can be extended with '@'.");
		return NULL;
	}
	return value_at(gdb, utrace_type_array_of(first->type, count), first->address);
}

static struct value *evaluate_logic(struct gdb *gdb, const struct expr *expr)
{
	struct value *left = operand(gdb, expr->left);
	bool is_true;

	if (!left || !value_is_true(gdb, left, &is_true))
		return NULL;
	if (is_true == (expr->operation == OP_AND)) {
		struct value *right = operand(gdb, expr->right);

		if (!right || !value_is_true(gdb, right, &is_true))
			return NULL;
	}
	return truth(gdb, is_true);
}

static struct value *assign(struct gdb *gdb, const struct expr *place, struct value *from)
{
	struct value *target;

	if (!from || (!value_fetch(gdb, from)))
		return NULL;
	if (place->operation == OP_DOLLAR && isalpha((unsigned char)place->text[1]) &&
	    !register_value(gdb, place->text + 1)) {
		if (gdb->error)
			return NULL;
		convenience_set(gdb, place->text + 1, from);
		return from;
	}
	target = operand(gdb, (struct expr *)place);
	if (!target || !value_assign(gdb, target, from))
		return NULL;
	frames_changed(gdb);
	/* The frame that it was found in is gone: what it is now is asked anew. */
	return evaluate(gdb, (struct expr *)place);
}

static struct value *evaluate_assign(struct gdb *gdb, const struct expr *expr)
{
	struct value *from = operand(gdb, expr->right);
	struct value *before;

	if (from && *expr->text) {
		before = operand(gdb, expr->left);
		from = before ? arithmetic(gdb, expr->text, before, from) : NULL;
	}
	return assign(gdb, expr->left, from);
}

static struct value *evaluate_increment(struct gdb *gdb, const struct expr *expr)
{
	struct value *before = operand(gdb, expr->left);
	utrace_type *type = base_type(gdb, "int");
	struct value *after;

	if (!before || !type || !value_fetch(gdb, before))
		return NULL;
	after = arithmetic(gdb, expr->text, before, value_integer(gdb, type, 1));
	after = assign(gdb, expr->left, after);
	return expr->operation == OP_PRE_INCREMENT || !after ? after : before;
}

static struct value *evaluate_typed(struct gdb *gdb, const struct expr *expr)
{
	struct value *at = operand(gdb, expr->left);
	uint64_t address;

	if (!at || !value_as_address(gdb, at, &address))
		return NULL;
	return value_at(gdb, expr->type, address);
}

static struct value *evaluate_address_of(struct gdb *gdb, const struct expr *expr)
{
	struct value *value = operand(gdb, expr->left);

	return value ? value_address_of(gdb, value) : NULL;
}

static struct value *evaluate_conditional(struct gdb *gdb, const struct expr *expr)
{
	struct value *value = operand(gdb, expr->left);
	bool truth;

	if (!value || !value_is_true(gdb, value, &truth))
		return NULL;
	return evaluate(gdb, truth ? expr->right : expr->third);
}

/* (type)f(): what a function gives back of which that is not known. */
static struct value *cast_operand(struct gdb *gdb, const struct expr *expr)
{
	const struct expr *call = expr->left;

	if (expr->operation == OP_CAST && call->operation == OP_CALL && call->left->operation != OP_DOLLAR)
		return through_reference(gdb, call_function(gdb, call, expr->type));
	return operand(gdb, expr->left);
}

static struct value *evaluate_unary(struct gdb *gdb, const struct expr *expr)
{
	struct value *value = cast_operand(gdb, expr);

	if (!value)
		return NULL;
	switch (expr->operation) {
	case OP_DEREFERENCE:
		return is_aggregate(value->type) ? object_dereference(gdb, value) : value_dereference(gdb, value);
	case OP_CAST:
		return value_cast(gdb, value, expr->type);
	case OP_REINTERPRET_CAST:
		return value_reinterpret(gdb, value, expr->type);
	case OP_DYNAMIC_CAST:
		return dynamic_cast_value(gdb, value, expr->type);
	case OP_NOT:
		return negate(gdb, value, '!');
	case OP_COMPLEMENT:
		return negate(gdb, value, '~');
	default:
		return negate(gdb, value, expr->operation == OP_NEGATE ? '-' : '+');
	}
}

static struct value *evaluate_member_pointer(struct gdb *gdb, const struct expr *expr)
{
	struct value *object = operand(gdb, expr->left);
	struct value *pointer = object ? operand(gdb, expr->right) : NULL;

	return pointer ? through_member_pointer(gdb, object, pointer) : NULL;
}

static struct value *evaluate_binary(struct gdb *gdb, const struct expr *expr)
{
	struct value *left = operand(gdb, expr->left);
	struct value *right = left ? operand(gdb, expr->right) : NULL;

	return right ? arithmetic(gdb, expr->text, left, right) : NULL;
}

struct value *evaluate(struct gdb *gdb, struct expr *expr)
{
	switch (expr->operation) {
	case OP_CONSTANT:
		return value_keep(gdb, &gdb->arena, expr->constant);
	case OP_STRING:
		return evaluate_string(gdb, expr);
	case OP_NAME:
		return evaluate_name(gdb, expr);
	case OP_DOLLAR:
		return evaluate_dollar(gdb, expr->text);
	case OP_TYPE:
		(void)fail(gdb, "Attempt to use a type name as an expression");
		return NULL;
	case OP_SIZEOF:
	case OP_ALIGNOF:
		return evaluate_sizeof(gdb, expr);
	case OP_ADDRESS:
		return evaluate_address_of(gdb, expr);
	case OP_PRE_INCREMENT:
	case OP_POST_INCREMENT:
		return evaluate_increment(gdb, expr);
	case OP_TYPED_ADDRESS:
		return evaluate_typed(gdb, expr);
	case OP_MEMBER:
	case OP_ARROW:
		return evaluate_arrow(gdb, expr);
	case OP_INDEX:
		return evaluate_index(gdb, expr);
	case OP_CALL:
		if (expr->left->operation == OP_DOLLAR && expr->left->text[1] == '_')
			return own_function(gdb, expr);
		return call_function(gdb, expr, NULL);
	case OP_MEMBER_POINTER:
		return evaluate_member_pointer(gdb, expr);
	case OP_BINARY:
		return evaluate_binary(gdb, expr);
	case OP_AND:
	case OP_OR:
		return evaluate_logic(gdb, expr);
	case OP_CONDITIONAL:
		return evaluate_conditional(gdb, expr);
	case OP_ASSIGN:
		return evaluate_assign(gdb, expr);
	case OP_COMMA:
		return evaluate(gdb, expr->left) ? evaluate(gdb, expr->right) : NULL;
	case OP_REPEAT:
		return evaluate_repeat(gdb, expr);
	default:
		return evaluate_unary(gdb, expr);
	}
}

struct value *evaluate_text(struct gdb *gdb, const char *text)
{
	struct expr *expr = parse_expression(gdb, text);

	return expr ? evaluate(gdb, expr) : NULL;
}

bool evaluate_integer(struct gdb *gdb, const char *text, uint64_t *number)
{
	struct value *value = evaluate_text(gdb, text);

	return value && value_as_integer(gdb, value, number);
}

bool evaluate_address(struct gdb *gdb, const char *text, uint64_t *address)
{
	struct value *value = evaluate_text(gdb, text);

	return value && value_as_address(gdb, value, address);
}
