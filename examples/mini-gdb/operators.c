/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/operators.c - `*p`, `p->x` and `v[1]` on pointers and containers of the C++ library, by their members: no
 * function of the program is called.
 */
#include <string.h>

#include "expr.h"
#include "view.h"

/* What the operator of iterators and of std::optional gives is a reference. */
static struct value *as_reference(struct gdb *gdb, struct value *object)
{
	utrace_type *type = object ? utrace_type_reference_to(object->type, UTRACE_TYPE_REFERENCE) : NULL;

	return type && object->place == PLACE_MEMORY ? value_integer(gdb, type, object->address) : object;
}

static bool is_template(struct gdb *gdb, struct value *object, const char *name)
{
	const char *own = view_template_name(gdb, object->type);

	return own && strcmp(own, name) == 0;
}

struct value *object_dereference(struct gdb *gdb, struct value *object)
{
	struct view view;

	if (!view_of(gdb, object, &view)) {
		if (!gdb->error)
			(void)fail(gdb, "Attempt to take contents of a non-pointer value.");
		return NULL;
	}
	if (is_template(gdb, object, "std::unique_ptr") || is_template(gdb, object, "std::shared_ptr"))
		return value_dereference(gdb, view.inner);
	if (view.style == VIEW_VALUE && !view.title)
		return as_reference(gdb, view.inner);
	if (is_template(gdb, object, "std::optional") && view.style != VIEW_PLAIN)
		return as_reference(gdb, view_path(gdb, object, "_M_payload._M_payload._M_value"));
	(void)fail(gdb, "No operator* of %s is known.", type_text(gdb, object->type));
	return NULL;
}

struct value *object_arrow(struct gdb *gdb, struct value *object, const char *name)
{
	struct value *target = object_dereference(gdb, object);
	uint32_t kind = target ? kind_of(target->type) : UTRACE_TYPE_VOID;

	if (kind == UTRACE_TYPE_REFERENCE)
		target = value_dereference(gdb, target);
	return target ? value_member(gdb, target, name) : NULL;
}

enum { STEPS_MAX = 1 << 20 };

/* The index-th child of a container whose children are its elements. */
static struct value *nth_child(struct gdb *gdb, struct view *view, uint64_t index)
{
	const char *name;
	struct value *child = NULL;

	for (uint64_t i = 0; i <= index && i < STEPS_MAX; i++) {
		child = view->next(gdb, view, &name);
		if (!child)
			break;
	}
	if (!child && !gdb->error)
		(void)fail(gdb, "no such vector element");
	return child;
}

static struct value *nth_character(struct gdb *gdb, struct value *string, uint64_t index)
{
	struct value *text =
		view_path(gdb, string, is_template(gdb, string, "std::basic_string") ? "_M_dataplus._M_p" : "_M_str");

	return text ? value_element(gdb, text, (int64_t)index) : NULL;
}

struct value *object_element(struct gdb *gdb, struct value *object, uint64_t index)
{
	struct view view;

	if (is_template(gdb, object, "std::array"))
		return value_element(gdb, view_path(gdb, object, "_M_elems"), (int64_t)index);
	if (!view_of(gdb, object, &view)) {
		if (!gdb->error)
			(void)fail(gdb, "cannot subscript something of type `%s'", type_text(gdb, object->type));
		return NULL;
	}
	if (view.style == VIEW_STRING)
		return as_reference(gdb, nth_character(gdb, object, index));
	if (is_template(gdb, object, "std::unique_ptr"))
		return value_element(gdb, view.inner, (int64_t)index);
	if (view.style == VIEW_ARRAY && !is_template(gdb, object, "std::variant"))
		return nth_child(gdb, &view, index);
	(void)fail(gdb, "No operator[] of %s is known.", short_type_text(gdb, object->type));
	return NULL;
}

/* How many elements it has, by the member that counts them, or else by its view. */
static bool count_elements(struct gdb *gdb, struct value *object, const struct view *view, uint64_t *count)
{
	static const char *const paths[] = {"_M_string_length", "_M_len", "_M_h._M_element_count",
					    "_M_impl._M_node._M_size"};
	char *error = gdb->error;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		bool found = view_number(gdb, object, paths[i], count);

		gdb->error = error;
		if (found)
			return true;
	}
	*count = view->left;
	return view->style == VIEW_ARRAY || is_template(gdb, object, "std::map") ||
	       is_template(gdb, object, "std::set") || is_template(gdb, object, "std::multimap") ||
	       is_template(gdb, object, "std::multiset");
}

struct value *object_method(struct gdb *gdb, struct value *object, const char *name)
{
	bool is_size = strcmp(name, "size") == 0 || strcmp(name, "length") == 0;
	char *error = gdb->error;
	struct view view;
	uint64_t count;

	if (!is_size && strcmp(name, "empty") != 0 && strcmp(name, "get") != 0)
		return NULL;
	if (!is_aggregate(object->type) || !view_of(gdb, object, &view)) {
		gdb->error = error;
		return NULL;
	}
	if (strcmp(name, "get") == 0)
		return is_template(gdb, object, "std::unique_ptr") || is_template(gdb, object, "std::shared_ptr")
			       ? view.inner
			       : NULL;
	if (view.style == VIEW_VALUE || !count_elements(gdb, object, &view, &count))
		return NULL;
	return is_size ? value_integer(gdb, base_type(gdb, "unsigned long"), count) : truth(gdb, count == 0);
}
