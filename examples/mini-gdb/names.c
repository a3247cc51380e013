/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/names.c - what a name means in the selected frame: a local, a member of *this, then what each scope around
 * the function has, from the innermost outwards; at last what only the ELF symbol table knows.
 */
#include <stdlib.h>
#include <string.h>

#include "cplus.h"
#include "expr.h"
#include "frames.h"

/* ---- scopes ---- */

enum { SCOPES_MAX = 32, LOCALS_MAX = 4096 };

struct scopes {
	struct gdb *gdb;
	const char *list[SCOPES_MAX];
	size_t count;
};

static int keep_scope(const char *scope, void *data)
{
	struct scopes *scopes = data;

	if (scopes->count < SCOPES_MAX)
		scopes->list[scopes->count++] = arena_string(&scopes->gdb->arena, scope);
	return 0;
}

static void take_scopes(struct gdb *gdb, struct scopes *scopes)
{
	*scopes = (struct scopes){.gdb = gdb};
	(void)utrace_frame_scopes(selected_frame(gdb), keep_scope, scopes);
}

/* The name in one of the scopes; one that begins with "::" is in none. NULL: all are tried. */
static const char *scoped_name(const struct scopes *scopes, size_t index, const char *name)
{
	if (strncmp(name, "::", 2) == 0)
		return index ? NULL : name;
	if (index >= scopes->count)
		return NULL;
	return arena_print(&scopes->gdb->arena, "%s%s", scopes->list[index], name);
}

/* ---- variables ---- */

static utrace_variable *local_variable(struct gdb *gdb, utrace_frame *frame, const char *name)
{
	int count = frame ? utrace_frame_variables(frame, NULL, 0, NULL) : 0;
	utrace_variable **locals;

	if (count <= 0 || count > LOCALS_MAX)
		return NULL;
	locals = arena_alloc(&gdb->arena, (size_t)count * sizeof(utrace_variable *));
	(void)utrace_frame_variables(frame, locals, (size_t)count, NULL);
	for (int i = 0; i < count; i++) {
		const char *own = utrace_variable_name(locals[i]);

		if (own && strcmp(own, name) == 0)
			return locals[i];
	}
	return NULL;
}

static utrace_variable *find_variable(struct gdb *gdb, const char *name)
{
	utrace_frame *frame = selected_frame(gdb);
	utrace_variable *variable = strstr(name, "::") ? NULL : local_variable(gdb, frame, name);
	struct utrace_error error;
	struct scopes scopes;
	const char *full;

	take_scopes(gdb, &scopes);
	for (size_t i = 0; !variable && (full = scoped_name(&scopes, i, name)); i++) {
		int status = utrace_variable_find(gdb->image, frame, full, &variable, &error);

		if (status && status != UTRACE_NOT_FOUND) {
			(void)fail_with(gdb, &error);
			return NULL;
		}
	}
	return variable;
}

bool is_variable_name(struct gdb *gdb, const char *name)
{
	return find_variable(gdb, name) != NULL;
}

static void look_up(struct gdb *gdb, struct expr *expr)
{
	struct utrace_error error;
	int status;

	if (!expr->text2) {
		expr->seen = find_variable(gdb, expr->text);
		return;
	}
	status = utrace_variable_find_in(gdb->image, expr->text2, expr->text, &expr->seen, &error);
	if (status && status != UTRACE_NOT_FOUND)
		(void)fail_with(gdb, &error);
	if (status)
		expr->seen = NULL;
}

static struct value *variable_of(struct gdb *gdb, struct expr *expr)
{
	utrace_frame *frame = selected_frame(gdb);
	uint64_t pc = frame ? utrace_frame_lookup_pc(frame) : 0;

	/* A condition is evaluated many times at one place. */
	if (!expr->seen || expr->seen_at != pc || expr->seen_generation != gdb->generation) {
		look_up(gdb, expr);
		expr->seen_at = pc;
		expr->seen_generation = gdb->generation;
	}
	return expr->seen ? value_of_variable(gdb, expr->seen, frame) : NULL;
}

/* In C++, the members of *this can be named alone. */
static struct value *this_member(struct gdb *gdb, const char *name)
{
	utrace_frame *frame = selected_frame(gdb);
	utrace_variable *variable = local_variable(gdb, frame, "this");
	struct value *object = variable ? value_of_variable(gdb, variable, frame) : NULL;

	object = object ? value_dereference(gdb, object) : NULL;
	if (!object || object->optimized_out)
		return NULL;
	return value_member(gdb, object, name);
}

/* ---- functions and symbols ---- */

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

struct value *function_value(struct gdb *gdb, const char *name)
{
	struct utrace_location location = {.size = sizeof(location)};
	struct scopes scopes;
	const char *full;

	take_scopes(gdb, &scopes);
	if (strncmp(name, "_Z", 2) == 0)
		(void)utrace_function_each(gdb->image, name, take_function, &location, NULL);
	for (size_t i = 0; !location.entry && (full = scoped_name(&scopes, i, name)); i++)
		(void)utrace_function_each(gdb->image, full, take_function, &location, NULL);
	if (!location.entry)
		return NULL;
	return value_at(gdb, type_of_function(gdb, location.entry), location.entry);
}

void each_function(struct gdb *gdb, const char *name, utrace_location_callback *callback, void *data)
{
	struct scopes scopes;
	const char *full;

	take_scopes(gdb, &scopes);
	for (size_t i = 0; (full = scoped_name(&scopes, i, name)); i++)
		if (utrace_function_each(gdb->image, full, callback, data, NULL) >= 0)
			return;
}

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

/* An alias of a function that is described under another name has its type. */
static utrace_type *type_at_entry(struct gdb *gdb, uint64_t address)
{
	struct utrace_function function = {.size = sizeof(function)};
	utrace_type *type = NULL;

	if (utrace_function_at(gdb->image, address, &function, 1, NULL) != 1 || function.entry != address ||
	    utrace_type_of_function(gdb->image, address, &type, NULL))
		return NULL;
	return type;
}

static struct value *symbol_value(struct gdb *gdb, const char *name)
{
	struct found_symbol found = {0};
	struct value *value;

	(void)utrace_symbol_each(gdb->image, NULL, name, take_symbol, &found);
	if (!found.found)
		return NULL;
	if (found.symbol.kind == UTRACE_SYMBOL_FUNCTION || found.symbol.kind == UTRACE_SYMBOL_IFUNC) {
		utrace_type *type = type_at_entry(gdb, found.symbol.address);

		if (type)
			return value_at(gdb, type, found.symbol.address);
		value = value_at(gdb, utrace_type_function_of(gdb->image, base_type(gdb, "int")), found.symbol.address);
		value->name = found.symbol.name;
		value->no_debug = true;
		return value;
	}
	return value_untyped(gdb, found.symbol.name, found.symbol.address);
}

/* ---- the rest ---- */

static struct value *enumerator_value(struct gdb *gdb, const char *name)
{
	utrace_type *type = NULL;
	struct scopes scopes;
	const char *full;
	int64_t number;

	take_scopes(gdb, &scopes);
	for (size_t i = 0; (full = scoped_name(&scopes, i, name)); i++)
		if (utrace_enumerator_find(gdb->image, full, &type, &number, NULL) == 0)
			return value_integer(gdb, type, (uint64_t)number);
	return NULL;
}

/* The frame that runs the function, for what is no static. */
static utrace_frame *frame_of(struct gdb *gdb, uint64_t entry)
{
	utrace_frame *frame;

	for (size_t i = 0; gdb->stack && (frame = utrace_stack_frame(gdb->stack, i)); i++) {
		struct utrace_function function = {.size = sizeof(function)};

		if (utrace_function_at(gdb->image, utrace_frame_lookup_pc(frame), &function, 1, NULL) > 0 &&
		    function.entry == entry)
			return frame;
	}
	return NULL;
}

/* function::variable */
static struct value *inner_variable(struct gdb *gdb, const char *name)
{
	const char *separator = strrchr(name, ':');
	utrace_variable *variable = NULL;
	struct value *function = NULL;
	utrace_frame *frame = NULL;

	if (separator && separator > name + 1)
		function = function_value(gdb, arena_text(&gdb->arena, name, (size_t)(separator - 1 - name)));
	if (!function || utrace_variable_find_inside(gdb->image, function->address, separator + 1, &variable, NULL))
		return NULL;
	if (!utrace_variable_is_static(variable)) {
		frame = frame_of(gdb, function->address);
		if (!frame) {
			(void)fail(gdb, "No frame is currently executing in block %.*s.", (int)(separator - 1 - name),
				   name);
			return NULL;
		}
	}
	return value_of_variable(gdb, variable, frame);
}

struct value *name_value(struct gdb *gdb, struct expr *expr)
{
	struct value *value = variable_of(gdb, expr);

	if (value || gdb->error)
		return value;
	if (expr->text2)
		return inner_variable(gdb, expr->text);
	if (!strstr(expr->text, "::"))
		value = this_member(gdb, expr->text);
	gdb->error = NULL;
	if (!value)
		value = function_value(gdb, expr->text);
	if (!value && !gdb->error)
		value = enumerator_value(gdb, expr->text);
	if (!value && !gdb->error)
		value = inner_variable(gdb, expr->text);
	if (!value && !gdb->error)
		value = class_member(gdb, expr->text);
	return value || gdb->error ? value : symbol_value(gdb, expr->text);
}

bool name_exists(struct gdb *gdb, const char *name)
{
	return is_variable_name(gdb, name) || function_value(gdb, name);
}

bool type_by_name(struct gdb *gdb, uint32_t kind, const char *name, utrace_type **type)
{
	struct scopes scopes;
	const char *full;

	take_scopes(gdb, &scopes);
	for (size_t i = 0; (full = scoped_name(&scopes, i, name)); i++)
		if (utrace_type_find(gdb->image, kind, full, type, NULL) == 0)
			return true;
	return false;
}
