/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/calls.c - calls of the program's functions in expressions: which function is meant, how its arguments are
 * passed, what it gives back. (System V ABI, AMD64 supplement 3.2.3)
 *
 * The thread is put back as it was however the call ends; it is bounded in time.
 */
#include <string.h>
#include <sys/mman.h>

#include "cplus.h"
#include "expr.h"
#include "view.h"

enum { ARGUMENTS_MAX = 32, CANDIDATES_MAX = 64, NESTING_MAX = 16, WORD = 8 };

struct callee {
	uint64_t address;
	utrace_type *type;   /* of the function */
	struct value *this;  /* passed first; NULL: none */
	utrace_type *result; /* what it gives back */
	const char *unknown; /* its name, if nothing says what it gives back */
	int cost;            /* of converting the arguments; -1: impossible */
};

struct arguments {
	struct value *values[ARGUMENTS_MAX];
	size_t count;
};

static bool take_arguments(struct gdb *gdb, const struct expr *call, struct arguments *arguments)
{
	arguments->count = 0;
	for (struct expr *one = call->right; one; one = one->next) {
		if (arguments->count == ARGUMENTS_MAX)
			return fail(gdb, "Too many arguments in function call.");
		arguments->values[arguments->count] = evaluate(gdb, one);
		if (!arguments->values[arguments->count++])
			return false;
	}
	return true;
}

/* ---- overloads ---- */

static bool is_reference(utrace_type *type)
{
	return kind_of(type) == UTRACE_TYPE_REFERENCE || kind_of(type) == UTRACE_TYPE_RVALUE_REFERENCE;
}

static utrace_type *referred(utrace_type *type)
{
	return is_reference(type) ? target_of(type) : type;
}

static bool is_address(utrace_type *type)
{
	uint32_t kind = kind_of(type);

	return kind == UTRACE_TYPE_POINTER || kind == UTRACE_TYPE_ARRAY || kind == UTRACE_TYPE_FUNCTION;
}

/* 0: the same; 1: the same sort; 2: another sort of number, or a base class; -1: no way. Much simpler than C++17's
 * 16.3.3. */
static int cost_of(struct gdb *gdb, struct value *value, utrace_type *parameter)
{
	utrace_type *from = referred(value->type);
	utrace_type *to = referred(parameter);
	bool real = kind_of(to) == UTRACE_TYPE_FLOAT;

	if (is_aggregate(from) || is_aggregate(to)) {
		if (same_class(from, to))
			return 0;
		return is_aggregate(from) && is_aggregate(to) && base_object(gdb, value, to) ? 2 : -1;
	}
	if (is_address(from) || is_address(to)) {
		if (!is_address(from) || !is_address(to))
			return -1;
		return kind_of(target_of(from)) == kind_of(target_of(to)) ? 0 : 1;
	}
	if (!is_scalar(from) || !is_scalar(to))
		return -1;
	if ((kind_of(from) == UTRACE_TYPE_FLOAT) != real)
		return 2;
	return kind_of(from) == kind_of(to) && size_of(from) == size_of(to) ? 0 : 1;
}

/* Parameters without `this`. */
static size_t take_parameters(struct gdb *gdb, utrace_type *function, struct utrace_member **parameters)
{
	size_t count = take_members(gdb, function, parameters);

	if (count && (*parameters)->is_artificial) {
		(*parameters)++;
		count--;
	}
	return count;
}

static int cost_of_call(struct gdb *gdb, utrace_type *function, const struct arguments *arguments)
{
	struct utrace_member *parameters;
	size_t count = take_parameters(gdb, utrace_type_strip(function), &parameters);
	int total = 0;

	if (arguments->count < count ||
	    (arguments->count > count && !utrace_type_is_variadic(utrace_type_strip(function))))
		return -1;
	for (size_t i = 0; i < count; i++) {
		int cost = cost_of(gdb, arguments->values[i], parameters[i].type);

		if (cost < 0)
			return -1;
		total += cost;
	}
	return total;
}

static void consider(struct gdb *gdb, struct callee *best, const struct callee *candidate,
		     const struct arguments *arguments)
{
	int cost = cost_of_call(gdb, candidate->type, arguments);

	if (cost < 0 || (best->address && best->cost <= cost))
		return;
	*best = *candidate;
	best->cost = cost;
}

/* ---- which function ---- */

struct overloads {
	struct gdb *gdb;
	const struct arguments *arguments;
	struct callee best;
	struct callee only; /* the first one, whatever it takes */
	size_t count;
};

static int take_overload(const struct utrace_location *location, void *data)
{
	struct overloads *overloads = data;
	struct callee candidate = {.address = location->entry};

	if (location->is_inlined || overloads->count >= CANDIDATES_MAX ||
	    utrace_type_of_function(overloads->gdb->image, location->entry, &candidate.type, NULL))
		return 0;
	if (!overloads->count++)
		overloads->only = candidate;
	consider(overloads->gdb, &overloads->best, &candidate, overloads->arguments);
	return 0;
}

static bool find_function(struct gdb *gdb, struct expr *name, const struct arguments *arguments, struct callee *callee)
{
	struct overloads overloads = {.gdb = gdb, .arguments = arguments};
	struct value *value = evaluate(gdb, name);

	if (!value)
		return false;
	if (kind_of(value->type) != UTRACE_TYPE_FUNCTION) {
		*callee = (struct callee){.type = target_of(value->type)};
		return kind_of(callee->type) == UTRACE_TYPE_FUNCTION
			       ? value_as_address(gdb, value, &callee->address)
			       : fail(gdb, "Cannot perform a call on a non-function value.");
	}
	*callee = (struct callee){.address = value->address, .type = value->type};
	if (value->no_debug)
		callee->unknown = value->name;
	if (name->operation != OP_NAME || !utrace_type_is_cxx(value->type))
		return true;
	each_function(gdb, name->text, take_overload, &overloads);
	if (overloads.best.address)
		*callee = overloads.best;
	else if (overloads.count > 1)
		return fail(gdb, "Cannot resolve function %s to any overloaded instance", name->text);
	return true;
}

static int take_address(const struct utrace_symbol *symbol, void *data)
{
	*(uint64_t *)data = symbol->address;
	return symbol->kind == UTRACE_SYMBOL_FUNCTION;
}

static bool method_address(struct gdb *gdb, struct value *object, const struct utrace_method *method, uint64_t *address)
{
	const size_t word = pointer_size(gdb);
	unsigned char bytes[8];
	uint64_t table;

	*address = 0;
	if (method->is_virtual && method->slot != UINT32_MAX && object_vtable(gdb, object, &table) &&
	    utrace_image_read(gdb->image, table + method->slot * word, bytes, word, NULL) == (ssize_t)word) {
		*address = load_unsigned(bytes, word);
		return true;
	}
	if (method->linkage_name)
		(void)utrace_symbol_each(gdb->image, NULL, method->linkage_name, take_address, address);
	return *address != 0;
}

struct search {
	const char *name;
	const struct arguments *arguments;
	struct callee best;
	bool seen, inlined;
};

static void find_method(struct gdb *gdb, struct value *object, struct search *search, int depth)
{
	utrace_type *type = utrace_type_strip(object->type);
	size_t count = utrace_type_methods(type, NULL, 0);
	struct utrace_method *methods = arena_alloc(&gdb->arena, (count + 1) * sizeof(*methods));
	struct utrace_member *members;

	methods->size = sizeof(*methods);
	(void)utrace_type_methods(type, methods, count);
	for (size_t i = 0; i < count; i++) {
		struct callee candidate = {.type = methods[i].type, .this = methods[i].is_static ? NULL : object};

		if (!methods[i].name || strcmp(methods[i].name, search->name) != 0)
			continue;
		search->seen = true;
		if (method_address(gdb, object, &methods[i], &candidate.address))
			consider(gdb, &search->best, &candidate, search->arguments);
		else
			search->inlined = true;
	}
	/* A name in a class hides those of its bases. */
	count = search->seen || depth > NESTING_MAX ? 0 : take_members(gdb, type, &members);
	for (size_t i = 0; i < count && members[i].is_base; i++) {
		struct value *base = object_member(gdb, object, members, i);

		if (base)
			find_method(gdb, base, search, depth + 1);
	}
}

/* object.name(...): a member that points to a function, or a method. */
static bool find_member_call(struct gdb *gdb, struct expr *member, const struct arguments *arguments,
			     struct callee *callee)
{
	struct value *object = evaluate(gdb, member->left);
	struct search search = {.name = member->text, .arguments = arguments};

	if (object && is_reference(object->type))
		object = value_dereference(gdb, object);
	if (object && is_pointer(object->type))
		object = value_dereference(gdb, object);
	if (!object)
		return false;
	if (is_aggregate(object->type))
		find_method(gdb, object, &search, 0);
	if (!search.seen)
		return find_function(gdb, member, arguments, callee);
	gdb->error = NULL;
	*callee = search.best;
	if (search.best.address)
		return true;
	if (search.inlined)
		return fail(gdb, "Cannot evaluate function -- may be inlined");
	return fail(gdb, "Cannot resolve method %s::%s to any overloaded instance", type_text(gdb, object->type),
		    member->text);
}

/* ---- arguments ---- */

/* A text of the expression has to be in the program's memory; it stays there, for who keeps the pointer. */
static bool place_in_memory(struct gdb *gdb, struct value *value)
{
	struct utrace_error error;

	if (value->place == PLACE_MEMORY)
		return true;
	if (!value_fetch(gdb, value))
		return false;
	if (utrace_thread_allocate(gdb->inferior.thread, value->size ? value->size : 1, PROT_READ | PROT_WRITE,
				   &value->address, &error) ||
	    utrace_memory_write(gdb->inferior.process, value->address, value->bytes, value->size, &error) < 0)
		return fail_with(gdb, &error);
	value->place = PLACE_MEMORY;
	return true;
}

static bool pass_number(struct gdb *gdb, struct value *value, struct utrace_call_value *passed)
{
	long double real;

	if (kind_of(value->type) == UTRACE_TYPE_FLOAT) {
		if (value->size > sizeof(double))
			return fail(gdb, "A long double can't be passed to a function.");
		passed->kind = value->size == sizeof(float) ? UTRACE_CALL_FLOAT : UTRACE_CALL_DOUBLE;
		if (!value_as_double(gdb, value, &real))
			return false;
		passed->real = (double)real;
		return true;
	}
	passed->kind = value->size > pointer_size(gdb) ? UTRACE_CALL_WIDE : UTRACE_CALL_WORD;
	return value_as_integer(gdb, value, &passed->number);
}

/* parameter NULL: one of "...", or of a function of which nothing is known. */
static bool pass(struct gdb *gdb, struct value *value, utrace_type *parameter, struct utrace_call_value *passed)
{
	struct value *converted = value;

	*passed = (struct utrace_call_value){.kind = UTRACE_CALL_WORD};
	if (parameter && is_reference(parameter)) {
		struct value *base = is_reference(value->type) ? value_dereference(gdb, value) : value;

		base = base && is_aggregate(base->type) ? base_object(gdb, base, target_of(parameter)) : base;
		if (!base)
			return gdb->error ? false : fail(gdb, "An argument is of another class than the parameter.");
		passed->number = place_in_memory(gdb, base) ? base->address : 0;
		return !gdb->error;
	}
	if (is_reference(value->type))
		converted = value_dereference(gdb, value);
	if (!converted)
		return false;
	if (is_aggregate(converted->type))
		return fail(gdb, "Objects can't be passed by value.");
	if (kind_of(converted->type) == UTRACE_TYPE_ARRAY) {
		passed->number = place_in_memory(gdb, converted) ? converted->address : 0;
		return !gdb->error;
	}
	if (parameter && kind_of(parameter) != UTRACE_TYPE_VOID)
		converted = value_cast(gdb, converted, parameter);
	else if (kind_of(converted->type) == UTRACE_TYPE_FLOAT)
		converted = value_cast(gdb, converted, base_type(gdb, "double"));
	return converted && pass_number(gdb, converted, passed);
}

/* ---- results ---- */

/* A class with a destructor or a copy constructor of its own is returned in memory, whatever its size. (Itanium C++
 * ABI, 3.1.1) */
static bool is_nontrivial(struct gdb *gdb, utrace_type *type)
{
	size_t count = utrace_type_methods(type, NULL, 0);
	struct utrace_method *methods = arena_alloc(&gdb->arena, (count + 1) * sizeof(*methods));
	const char *name = utrace_type_name(type);
	size_t length = name ? strcspn(name, "<") : 0;

	methods->size = sizeof(*methods);
	(void)utrace_type_methods(type, methods, count);
	for (size_t i = 0; i < count; i++) {
		struct utrace_member *parameters;

		if (methods[i].is_artificial || !methods[i].name)
			continue;
		if (methods[i].name[0] == '~')
			return true;
		if (length && strncmp(methods[i].name, name, length) == 0 && !methods[i].name[length] &&
		    take_parameters(gdb, methods[i].type, &parameters) == 1 &&
		    same_class(referred(parameters[0].type), type))
			return true;
	}
	return false;
}

static bool in_memory(struct gdb *gdb, utrace_type *type)
{
	return is_aggregate(type) &&
	       (size_of(type) > 2 * WORD || pointer_size(gdb) == 4 || is_nontrivial(gdb, utrace_type_strip(type)));
}

/* Whether all that is in these eight bytes are real numbers: then they come in a vector register. */
static bool is_all_real(struct gdb *gdb, utrace_type *type, uint64_t offset, uint64_t word)
{
	struct utrace_member *members;
	size_t count;

	if (kind_of(type) == UTRACE_TYPE_ARRAY) {
		type = target_of(type);
		return is_aggregate(type) ? is_all_real(gdb, type, word, word) : kind_of(type) == UTRACE_TYPE_FLOAT;
	}
	if (!is_aggregate(type))
		return (offset >= word + WORD || offset + size_of(type) <= word) || kind_of(type) == UTRACE_TYPE_FLOAT;
	count = take_members(gdb, utrace_type_strip(type), &members);
	for (size_t i = 0; i < count; i++)
		if (!members[i].is_static && !is_all_real(gdb, members[i].type, offset + members[i].offset, word))
			return false;
	return true;
}

static struct value *small_object(struct gdb *gdb, utrace_type *type, const struct utrace_call_result *result)
{
	struct value *value = value_new(gdb, type);
	uint64_t numbers[2] = {result->number, result->high};
	unsigned char bytes[2 * WORD];
	size_t integers = 0;
	size_t vectors = 0;

	for (size_t word = 0; word < 2 * WORD; word += WORD) {
		if (is_all_real(gdb, type, 0, word))
			memcpy(bytes + word, result->vector + 16 * vectors++, WORD);
		else
			memcpy(bytes + word, &numbers[integers++], WORD);
	}
	value->bytes = arena_copy(&gdb->arena, bytes, value->size);
	value->fetched = true;
	return value;
}

static struct value *result_value(struct gdb *gdb, utrace_type *type, const struct utrace_call_result *result)
{
	struct value *value;

	switch (kind_of(type)) {
	case UTRACE_TYPE_VOID:
		return value_new(gdb, NULL);
	case UTRACE_TYPE_STRUCT:
	case UTRACE_TYPE_CLASS:
	case UTRACE_TYPE_UNION:
		return small_object(gdb, type, result);
	case UTRACE_TYPE_FLOAT:
		if (size_of(type) <= sizeof(double))
			return value_double(gdb, type, (long double)result->real);
		value = value_new(gdb, type);
		value->bytes = arena_alloc(&gdb->arena, value->size);
		memcpy(value->bytes, result->x87, value->size < 10 ? value->size : 10);
		value->fetched = true;
		return value;
	default:
		if (is_scalar(type))
			return value_integer(gdb, type, result->number);
		(void)fail(gdb, "What the function gives back, a %s, can't be taken.", type_text(gdb, type));
		return NULL;
	}
}

static uint32_t result_kind(struct gdb *gdb, utrace_type *type)
{
	if (kind_of(type) == UTRACE_TYPE_FLOAT)
		return size_of(type) == sizeof(float)    ? UTRACE_CALL_FLOAT
		       : size_of(type) == sizeof(double) ? UTRACE_CALL_DOUBLE
							 : UTRACE_CALL_LONG_DOUBLE;
	return is_scalar(type) && size_of(type) > pointer_size(gdb) ? UTRACE_CALL_WIDE : UTRACE_CALL_WORD;
}

/* ---- the call ---- */

static bool pass_all(struct gdb *gdb, const struct callee *callee, const struct arguments *arguments,
		     struct utrace_call_value *passed, size_t *count)
{
	struct utrace_member *parameters;
	size_t known = take_parameters(gdb, utrace_type_strip(callee->type), &parameters);

	if (callee->this)
		passed[(*count)++] = (struct utrace_call_value){.number = callee->this->address};
	if (arguments->count < known)
		return fail(gdb, "Too few arguments in function call.");
	for (size_t i = 0; i < arguments->count; i++)
		if (!pass(gdb, arguments->values[i], i < known ? parameters[i].type : NULL, &passed[(*count)++]))
			return false;
	return true;
}

static struct value *run(struct gdb *gdb, const struct callee *callee, const struct arguments *arguments)
{
	struct utrace_call_value passed[ARGUMENTS_MAX + 2];
	utrace_type *type = callee->result;
	struct utrace_call_result result = {.size = sizeof(result)};
	struct utrace_call_options options = {.size = sizeof(options),
					      .function = callee->address,
					      .args = passed,
					      .result_kind = result_kind(gdb, type)};
	struct value *place = NULL;
	struct utrace_error error;

	if (in_memory(gdb, type)) {
		place = value_new(gdb, type);
		place->bytes = arena_alloc(&gdb->arena, place->size);
		place->fetched = true;
		if (!place_in_memory(gdb, place))
			return NULL;
		place->fetched = false;
		passed[options.arg_count++] = (struct utrace_call_value){.number = place->address};
	}
	if (!pass_all(gdb, callee, arguments, passed, &options.arg_count))
		return NULL;
	if (utrace_thread_call(gdb->inferior.thread, &options, &result, &error)) {
		(void)fail_with(gdb, &error);
		return NULL;
	}
	return place ? place : result_value(gdb, type, &result);
}

/* size(), empty() and get() of the C++ library's objects are mostly not in the program as functions. */
static bool known_method(struct gdb *gdb, struct expr *member, struct value **result)
{
	struct value *object = evaluate(gdb, member->left);

	if (object && is_reference(object->type))
		object = value_dereference(gdb, object);
	if (object && is_pointer(object->type))
		object = value_dereference(gdb, object);
	*result = object ? object_method(gdb, object, member->text) : NULL;
	return *result != NULL;
}

/* The C library has several of some functions, and a resolver of that name, which says which is for this machine. */
static bool resolve(struct gdb *gdb, struct callee *callee)
{
	struct utrace_symbol symbol = {.size = sizeof(symbol)};
	struct utrace_call_options options = {.size = sizeof(options), .function = callee->address};
	struct utrace_call_result result = {.size = sizeof(result)};
	struct utrace_error error;

	if (utrace_symbol_at(gdb->image, callee->address, &symbol, NULL) || symbol.kind != UTRACE_SYMBOL_IFUNC ||
	    symbol.address != callee->address)
		return true;
	if (utrace_thread_call(gdb->inferior.thread, &options, &result, &error))
		return fail_with(gdb, &error);
	callee->address = result.number;
	return true;
}

static bool settle_result(struct gdb *gdb, const struct expr *function, struct callee *callee, utrace_type *result)
{
	callee->result = utrace_type_target(utrace_type_strip(callee->type));
	if (!callee->unknown && callee->result && utrace_type_kind(callee->result) == UTRACE_TYPE_OTHER)
		callee->unknown = function->text ? function->text : "function";
	if (!callee->unknown)
		return true;
	callee->result = result;
	return result ||
	       fail(gdb, "'%s' has unknown return type; cast the call to its declared return type", callee->unknown);
}

struct value *call_function(struct gdb *gdb, const struct expr *expr, utrace_type *result)
{
	struct arguments arguments;
	struct callee callee;
	bool is_member = expr->left->operation == OP_MEMBER || expr->left->operation == OP_ARROW;
	struct value *known = NULL;

	if (!gdb->inferior.process || !gdb->inferior.thread) {
		(void)fail(gdb, "You can't do that without a process to debug.");
		return NULL;
	}
	if (!take_arguments(gdb, expr, &arguments))
		return NULL;
	if (is_member && !arguments.count && known_method(gdb, expr->left, &known))
		return known;
	if (is_member ? !find_member_call(gdb, expr->left, &arguments, &callee)
		      : !find_function(gdb, expr->left, &arguments, &callee))
		return NULL;
	if (!settle_result(gdb, expr->left, &callee, result) || !resolve(gdb, &callee))
		return NULL;
	return run(gdb, &callee, &arguments);
}
