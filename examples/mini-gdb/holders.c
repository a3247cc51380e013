/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/holders.c - what holds one or a few objects: pair, tuple, optional, variant, any, smart pointers, iterators.
 * See view.h.
 */
#include <stdlib.h>
#include <string.h>

#include "cplus.h"
#include "view.h"

enum { DEPTH_MAX = 64 };

/* ---- pair and tuple ---- */

static struct value *next_of_pair(struct gdb *gdb, struct view *view, const char **name)
{
	if (view->index == 2)
		return NULL;
	*name = view->index++ ? "second" : "first";
	return value_member(gdb, view->object, *name);
}

bool view_pair(struct gdb *gdb, struct value *object, struct view *view)
{
	(void)gdb;
	(void)object;
	view->style = VIEW_NAMED;
	view->next = next_of_pair;
	return true;
}

/*
 * A tuple derives from _Tuple_impl<0, ...>, which has the first element in a base _Head_base<0, ...> and the others in
 * _Tuple_impl<1, ...>. *impl moves on to that; NULL at the end.
 */
static struct value *tuple_step(struct gdb *gdb, struct value **impl)
{
	struct utrace_member *members;
	size_t count = *impl ? take_members(gdb, utrace_type_strip((*impl)->type), &members) : 0;
	struct value *rest = NULL;
	struct value *element = NULL;

	for (size_t i = 0; i < count && members[i].is_base; i++) {
		const char *name = utrace_type_name(utrace_type_strip(members[i].type));
		struct value *base = object_member(gdb, *impl, members, i);

		if (!base || !name)
			return NULL;
		if (strncmp(name, "_Tuple_impl<", 12) == 0)
			rest = base;
		else if (strncmp(name, "_Head_base<", 11) == 0)
			element = value_member(gdb, base, "_M_head_impl");
	}
	/* An empty class was a base itself before members could take no room. */
	gdb->error = NULL;
	if (!element && count)
		for (size_t i = 0; i < count && members[i].is_base; i++)
			if (!same_class(members[i].type, rest ? rest->type : NULL))
				element = object_member(gdb, *impl, members, i);
	*impl = rest;
	return element;
}

static struct value *tuple_start(struct gdb *gdb, struct value *object)
{
	struct utrace_member *members;
	size_t count = take_members(gdb, utrace_type_strip(object->type), &members);

	return count && members[0].is_base ? object_member(gdb, object, members, 0) : NULL;
}

static struct value *next_of_tuple(struct gdb *gdb, struct view *view, const char **name)
{
	if (view->index++ == DEPTH_MAX)
		return NULL;
	*name = arena_print(&gdb->arena, "[%llu]", (unsigned long long)view->index);
	return tuple_step(gdb, &view->object);
}

bool view_tuple(struct gdb *gdb, struct value *object, struct view *view)
{
	view->object = tuple_start(gdb, object);
	view->style = VIEW_NAMED;
	view->next = next_of_tuple;
	view->title = view->object ? "std::tuple containing" : "empty std::tuple";
	return true;
}

/* ---- one object, or none ---- */

static struct value *next_named(struct gdb *gdb, struct view *view, const char **name)
{
	struct value *value = view->inner;

	(void)gdb;
	*name = view->style == VIEW_NAMED ? "[contained value]" : NULL;
	view->inner = NULL;
	return value;
}

static bool hold(struct view *view, struct value *value, const char *title, enum view_style style)
{
	view->inner = value;
	view->title = title;
	view->style = value ? style : VIEW_PLAIN;
	view->next = next_named;
	return true;
}

/* A container within is shown as the holder's own children. */
static bool hold_any(struct gdb *gdb, struct view *view, struct value *value, const char *title, enum view_style style)
{
	struct view inner;

	if (!view_of(gdb, value, &inner)) {
		if (gdb->error)
			return false;
		return hold(view, value, title, style);
	}
	if (inner.style < VIEW_ARRAY)
		return hold(view, value, title, style);
	*view = inner;
	view->title = arena_print(&gdb->arena, "%s containing %s", title, inner.title ? inner.title : "");
	return true;
}

bool view_optional(struct gdb *gdb, struct value *object, struct view *view)
{
	utrace_type *type = view_argument(gdb, object->type, 0);
	struct value *value = type ? view_path(gdb, object, "_M_payload._M_payload._M_value") : NULL;
	const char *title = type ? arena_print(&gdb->arena, "std::optional<%s>", short_type_text(gdb, type)) : NULL;
	uint64_t engaged = 0;

	if (!value || !view_number(gdb, object, "_M_payload._M_engaged", &engaged))
		return false;
	if (!engaged)
		return hold(view, NULL, arena_print(&gdb->arena, "%s [no contained value]", title), VIEW_PLAIN);
	return hold_any(gdb, view, value, title, VIEW_NAMED);
}

static const char *variant_name(struct gdb *gdb, const struct utrace_template_argument *arguments, size_t count)
{
	const char *text = "";

	for (size_t i = 0; i < count; i++)
		text = arena_print(&gdb->arena, "%s%s%s", text, i ? ", " : "", short_type_text(gdb, arguments[i].type));
	return arena_print(&gdb->arena, "std::variant<%s>", text);
}

/* The alternatives share their place, which the first of them has. */
bool view_variant(struct gdb *gdb, struct value *object, struct view *view)
{
	struct utrace_template_argument arguments[DEPTH_MAX] = {{.size = sizeof(arguments[0])}};
	size_t count = utrace_type_template_arguments(utrace_type_strip(object->type), arguments, DEPTH_MAX);
	struct value *place = view_path(gdb, object, "_M_u._M_first._M_storage");
	const char *title = variant_name(gdb, arguments, count < DEPTH_MAX ? count : DEPTH_MAX);
	uint64_t index = 0;

	if (!place || !view_number(gdb, object, "_M_index", &index))
		return false;
	if (index >= count || index >= DEPTH_MAX)
		return hold(view, NULL, arena_print(&gdb->arena, "%s [no contained value]", title), VIEW_PLAIN);
	title = arena_print(&gdb->arena, "%s [index %llu]", title, (unsigned long long)index);
	return hold_any(gdb, view, value_at(gdb, arguments[index].type, place->address), title, VIEW_ARRAY);
}

/* The manager function of the class std::any::_Manager_internal<T> or _external tells the type, and how it is kept. */
static bool any_manager(struct gdb *gdb, uint64_t function, utrace_type **type, bool *internal)
{
	struct utrace_symbol symbol = {.size = sizeof(symbol)};
	char *text = NULL;
	char *end;
	bool found = false;

	if (utrace_symbol_at(gdb->image, function, &symbol, NULL) == 0)
		text = utrace_symbol_demangle(symbol.name);
	end = text ? strstr(text, "::_S_manage(") : NULL;
	if (end && strncmp(text, "std::any::_Manager_", 19) == 0) {
		utrace_type *manager = NULL;

		*end = '\0';
		*internal = strncmp(text + 19, "internal", 8) == 0;
		found = utrace_type_find(gdb->image, 0, arena_print(&gdb->arena, "::%s", text), &manager, NULL) == 0 &&
			(*type = view_argument(gdb, manager, 0)) != NULL;
	}
	free(text);
	return found || fail(gdb, "The type of what std::any holds is not described.");
}

bool view_any(struct gdb *gdb, struct value *object, struct view *view)
{
	struct value *buffer = view_path(gdb, object, "_M_storage._M_buffer");
	utrace_type *type = NULL;
	struct value *value;
	uint64_t function = 0;
	uint64_t address;
	bool internal = false;

	if (!buffer || !view_number(gdb, object, "_M_manager", &function))
		return false;
	if (!function)
		return hold(view, NULL, "std::any [no contained value]", VIEW_PLAIN);
	if (!any_manager(gdb, function, &type, &internal))
		return false;
	address = buffer->address;
	if (!internal && !view_read_pointer(gdb, address, &address))
		return false;
	value = value_at(gdb, type, address);
	if (!hold_any(gdb, view, value, "std::any", VIEW_NAMED))
		return false;
	if (view->inner == value)
		view->title = arena_print(&gdb->arena, "std::any containing %s", short_type_text(gdb, type));
	return true;
}

/* ---- pointers ---- */

static struct value *next_pointer(struct gdb *gdb, struct view *view, const char **name)
{
	struct value *value = view->inner;

	(void)gdb;
	*name = "get()";
	view->inner = NULL;
	return value;
}

static bool hold_pointer(struct view *view, struct value *pointer, const char *title)
{
	view->inner = pointer;
	view->title = title;
	view->style = VIEW_NAMED;
	view->next = next_pointer;
	return pointer != NULL;
}

/* The pointer and its deleter are a tuple. */
bool view_unique(struct gdb *gdb, struct value *object, struct view *view)
{
	utrace_type *type = view_argument(gdb, object->type, 0);
	struct value *tuple = type ? view_path(gdb, object, "_M_t._M_t") : NULL;
	struct value *impl = tuple ? tuple_start(gdb, tuple) : NULL;
	struct value *pointer = impl ? tuple_step(gdb, &impl) : NULL;

	if (!pointer && !gdb->error)
		(void)fail(gdb, "The pointer in %s is not described.", type_text(gdb, object->type));
	return pointer &&
	       hold_pointer(view, pointer, arena_print(&gdb->arena, "std::unique_ptr<%s>", type_text(gdb, type)));
}

bool view_shared(struct gdb *gdb, struct value *object, struct view *view)
{
	utrace_type *type = view_argument(gdb, object->type, 0);
	struct value *counts = type ? view_path(gdb, object, "_M_refcount._M_pi") : NULL;
	const char *name = view_template_name(gdb, object->type);
	const char *state = "empty";
	uint64_t address = 0;
	uint64_t used = 0;
	uint64_t weak = 0;

	if (!counts || !value_as_integer(gdb, counts, &address))
		return false;
	if (address) {
		counts = value_dereference(gdb, counts);
		if (!counts || !view_number(gdb, counts, "_M_use_count", &used) ||
		    !view_number(gdb, counts, "_M_weak_count", &weak))
			return false;
		state = used ? arena_print(&gdb->arena, "use count %lld, weak count %lld", (long long)used,
					   (long long)weak - 1)
			     : arena_print(&gdb->arena, "expired, weak count %lld", (long long)weak);
	}
	return hold_pointer(view, view_path(gdb, object, "_M_ptr"),
			    arena_print(&gdb->arena, "%s<%s> (%s)", name, type_text(gdb, type), state));
}

/* An integer, a pointer, or any other object, each kept under another name. */
bool view_atomic(struct gdb *gdb, struct value *object, struct view *view)
{
	static const char *const paths[] = {"_M_i", "_M_b._M_p", "_M_base._M_i", "_M_fp"};
	utrace_type *type = view_argument(gdb, object->type, 0);
	struct value *value = NULL;

	for (size_t i = 0; type && !value && i < sizeof(paths) / sizeof(paths[0]); i++) {
		gdb->error = NULL;
		value = view_path(gdb, object, paths[i]);
	}
	if (!value)
		return false;
	view->style = VIEW_VALUE;
	view->inner = value;
	view->title = arena_print(&gdb->arena, "std::atomic<%s> = { ", type_text(gdb, type));
	return true;
}

/* ---- iterators ---- */

static bool show_as(struct view *view, struct value *value)
{
	view->style = VIEW_VALUE;
	view->inner = value;
	return value != NULL;
}

bool view_iterator(struct gdb *gdb, struct value *object, struct view *view)
{
	struct value *pointer = view_path(gdb, object, "_M_current");
	uint64_t address = 0;

	if (!pointer || !value_as_integer(gdb, pointer, &address))
		return false;
	if (address)
		return show_as(view, value_dereference(gdb, pointer));
	return hold(view, NULL, "non-dereferenceable iterator for std::vector", VIEW_PLAIN);
}

static bool view_node_iterator(struct gdb *gdb, struct value *object, struct view *view, const char *node,
			       const char *what)
{
	uint64_t address = 0;

	view->element = view_argument(gdb, object->type, 0);
	if (!view->element || !view_number(gdb, object, "_M_node", &address))
		return false;
	if (!address)
		return hold(view, NULL, arena_print(&gdb->arena, "non-dereferenceable iterator for %s", what),
			    VIEW_PLAIN);
	if (!view_node(gdb, view, node, "_M_storage"))
		return false;
	return show_as(view, value_at(gdb, view->element, address + view->offset));
}

bool view_tree_iterator(struct gdb *gdb, struct value *object, struct view *view)
{
	return view_node_iterator(gdb, object, view, "std::_Rb_tree_node", "associative container");
}

bool view_list_iterator(struct gdb *gdb, struct value *object, struct view *view)
{
	return view_node_iterator(gdb, object, view, "std::_List_node", "std::list");
}

bool view_deque_iterator(struct gdb *gdb, struct value *object, struct view *view)
{
	struct value *pointer = view_path(gdb, object, "_M_cur");
	uint64_t address = 0;

	if (!pointer || !value_as_integer(gdb, pointer, &address))
		return false;
	if (address)
		return show_as(view, value_dereference(gdb, pointer));
	return hold(view, NULL, "non-dereferenceable iterator for std::deque", VIEW_PLAIN);
}
