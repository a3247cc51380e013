/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/eval.c - trees to values, in the selected frame.
 */
#include <ctype.h>
#include <string.h>

#include "expr.h"
#include "frames.h"

/* ---- names ---- */

struct found_symbol {
	struct utrace_symbol symbol;
	bool found;
};

static int take_symbol(const struct utrace_symbol *symbol, void *data)
{
	struct found_symbol *found = data;

	if (found->found && !symbol->is_global)
		return 0;
	found->symbol = *symbol;
	found->found = true;
	return symbol->is_global ? 1 : 0;
}

static int take_function(const struct utrace_location *location, void *data)
{
	struct utrace_location *found = data;

	if (location->is_inlined)
		return 0;
	*found = *location;
	return 1;
}

static utrace_type *type_of_function(struct gdb *gdb, uint64_t entry)
{
	utrace_type *type = NULL;

	if (utrace_type_of_function(gdb->image, entry, &type, NULL) == 0)
		return type;
	return utrace_type_function_of(gdb->image, base_type(gdb, "int"));
}

static struct value *function_value(struct gdb *gdb, const char *name)
{
	struct utrace_location location = {.size = sizeof(location)};
	struct found_symbol found = {0};

	if (utrace_function_each(gdb->image, name, take_function, &location, NULL) >= 0 && location.entry)
		return value_at(gdb, type_of_function(gdb, location.entry), location.entry);
	(void)utrace_symbol_each(gdb->image, NULL, name, take_symbol, &found);
	if (!found.found)
		return NULL;
	if (found.symbol.kind == UTRACE_SYMBOL_FUNCTION || found.symbol.kind == UTRACE_SYMBOL_IFUNC)
		return value_at(gdb, utrace_type_function_of(gdb->image, base_type(gdb, "int")), found.symbol.address);
	return value_untyped(gdb, found.symbol.name, found.symbol.address);
}

static struct value *variable_of(struct gdb *gdb, struct expr *expr)
{
	utrace_frame *frame = selected_frame(gdb);
	uint64_t pc = frame ? utrace_frame_lookup_pc(frame) : 0;
	struct utrace_error error;

	/* A condition is evaluated many times at one place. */
	if (!expr->seen || expr->seen_at != pc || expr->seen_generation != gdb->generation) {
		int status;

		if (expr->text2)
			status = utrace_variable_find_in(gdb->image, expr->text2, expr->text, &expr->seen, &error);
		else
			status = utrace_variable_find(gdb->image, frame, expr->text, &expr->seen, &error);
		if (status && status != UTRACE_NOT_FOUND)
			(void)fail_with(gdb, &error);
		if (status)
			expr->seen = NULL;
		expr->seen_at = pc;
		expr->seen_generation = gdb->generation;
	}
	return expr->seen ? value_of_variable(gdb, expr->seen, frame) : NULL;
}

/* In C++, the members of *this can be named alone. */
static struct value *this_member(struct gdb *gdb, const char *name)
{
	utrace_variable *variable = NULL;
	utrace_frame *frame = selected_frame(gdb);
	struct value *object;

	if (!frame || utrace_variable_find(gdb->image, frame, "this", &variable, NULL))
		return NULL;
	object = value_of_variable(gdb, variable, frame);
	object = object ? value_dereference(gdb, object) : NULL;
	if (!object || object->optimized_out)
		return NULL;
	return value_member(gdb, object, name);
}

static bool enumerator_value(struct gdb *gdb, const char *name, struct value **value)
{
	utrace_type *type = NULL;
	int64_t number;

	if (utrace_enumerator_find(gdb->image, name, &type, &number, NULL))
		return false;
	*value = value_integer(gdb, type, (uint64_t)number);
	return true;
}

static struct value *evaluate_name(struct gdb *gdb, struct expr *expr)
{
	struct value *value;
	const char *name = expr->text;

	if (!gdb->image) {
		(void)fail(gdb, "No symbol table is loaded.  Use the \"file\" command.");
		return NULL;
	}
	value = variable_of(gdb, expr);
	if (value || gdb->error)
		return value;
	value = expr->text2 ? NULL : this_member(gdb, name);
	if (value)
		return value;
	gdb->error = NULL;
	if (expr->text2)
		name = arena_print(&gdb->arena, "%s::%s", expr->text2, expr->text);
	value = function_value(gdb, name);
	if (value || gdb->error || enumerator_value(gdb, name, &value))
		return value;
	(void)fail(gdb, "No symbol \"%s\" in current context.", expr->text);
	return NULL;
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
	return result ? value_integer(gdb, result, size_of(type)) : NULL;
}

static struct value *evaluate_arrow(struct gdb *gdb, const struct expr *expr)
{
	struct value *object = operand(gdb, expr->left);

	/* gdb lets `.` and `->` stand for each other. */
	if (object && is_pointer(object->type))
		object = value_dereference(gdb, object);
	return object ? value_member(gdb, object, expr->text) : NULL;
}

static struct value *evaluate_index(struct gdb *gdb, const struct expr *expr)
{
	struct value *array = operand(gdb, expr->left);
	struct value *index = array ? operand(gdb, expr->right) : NULL;
	uint64_t number;

	if (!index || !value_as_integer(gdb, index, &number))
		return NULL;
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
	utrace_type *type = base_type(gdb, "int");
	bool truth;

	if (!left || !type || !value_is_true(gdb, left, &truth))
		return NULL;
	if (truth == (expr->operation == OP_AND)) {
		struct value *right = operand(gdb, expr->right);

		if (!right || !value_is_true(gdb, right, &truth))
			return NULL;
	}
	return value_integer(gdb, type, truth);
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

static struct value *evaluate_unary(struct gdb *gdb, const struct expr *expr)
{
	struct value *value = operand(gdb, expr->left);

	if (!value)
		return NULL;
	switch (expr->operation) {
	case OP_DEREFERENCE:
		return value_dereference(gdb, value);
	case OP_CAST:
		return value_cast(gdb, value, expr->type);
	case OP_NOT:
		return negate(gdb, value, '!');
	case OP_COMPLEMENT:
		return negate(gdb, value, '~');
	default:
		return negate(gdb, value, expr->operation == OP_NEGATE ? '-' : '+');
	}
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
		(void)fail(gdb, "Calling functions in the program is not supported yet.");
		return NULL;
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
