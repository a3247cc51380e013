/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/containers.c - strings and containers of libstdc++. See view.h.
 */
#include <string.h>

#include "view.h"

static const char *print(struct gdb *gdb, const char *format, const char *name, uint64_t number)
{
	return arena_print(&gdb->arena, format, name, (long long)number);
}

/* ---- strings ---- */

/* Before C++11's ABI the length stands in front of the characters. */
static bool shared_string_length(struct gdb *gdb, struct value *object, uint64_t text, uint64_t *length)
{
	const char *class = utrace_type_qualified_name(utrace_type_strip(object->type));
	utrace_type *header = NULL;

	if (utrace_type_find(gdb->image, 0, arena_print(&gdb->arena, "::%s::_Rep", class), &header, NULL) ||
	    utrace_type_size(header) < 0)
		return fail(gdb, "The header of %s is not described.", class);
	return view_number(gdb, value_at(gdb, header, text - size_of(header)), "_M_length", length);
}

bool view_basic_string(struct gdb *gdb, struct value *object, struct view *view)
{
	utrace_type *character = view_argument(gdb, object->type, 0);
	uint64_t length = 0;
	uint64_t text = 0;

	if (!character || !view_number(gdb, object, "_M_dataplus._M_p", &text))
		return false;
	if (!view_number(gdb, object, "_M_string_length", &length)) {
		gdb->error = NULL;
		if (!shared_string_length(gdb, object, text, &length))
			return false;
	}
	return view_string(gdb, view, character, text, length);
}

bool view_string_view(struct gdb *gdb, struct value *object, struct view *view)
{
	utrace_type *character = view_argument(gdb, object->type, 0);
	uint64_t length = 0;
	uint64_t text = 0;

	return character && view_number(gdb, object, "_M_str", &text) && view_number(gdb, object, "_M_len", &length) &&
	       view_string(gdb, view, character, text, length);
}

/* ---- sequences ---- */

static struct value *next_bit(struct gdb *gdb, struct view *view, const char **name)
{
	uint64_t word = 0;
	uint64_t bits = pointer_size(gdb) * 8;

	*name = NULL;
	if (view->index == view->end)
		return NULL;
	if (!view_read_pointer(gdb, view->address + view->index / bits * (bits / 8), &word))
		return NULL;
	return value_integer(gdb, view->element, word >> view->index++ % bits & 1);
}

static bool view_bits(struct gdb *gdb, struct value *object, struct view *view)
{
	uint64_t numbers[5];
	static const char *const paths[5] = {"_M_impl._M_start._M_p", "_M_impl._M_start._M_offset",
					     "_M_impl._M_finish._M_p", "_M_impl._M_finish._M_offset",
					     "_M_impl._M_end_of_storage"};

	for (size_t i = 0; i < 5; i++)
		if (!view_number(gdb, object, paths[i], &numbers[i]))
			return false;
	view->style = VIEW_ARRAY;
	view->next = next_bit;
	view->address = numbers[0];
	view->index = numbers[1];
	view->end = (numbers[2] - numbers[0]) * 8 + numbers[3];
	view->title = arena_print(&gdb->arena, "std::vector<bool> of length %lld, capacity %lld",
				  (long long)(view->end - view->index), (long long)((numbers[4] - numbers[0]) * 8));
	return true;
}

bool view_vector(struct gdb *gdb, struct value *object, struct view *view)
{
	utrace_type *element = view_argument(gdb, object->type, 0);
	uint64_t start = 0;
	uint64_t finish = 0;
	uint64_t end = 0;
	int64_t size;

	if (!element)
		return false;
	view->element = element;
	if (kind_of(element) == UTRACE_TYPE_BOOL)
		return view_bits(gdb, object, view);
	if (!view_number(gdb, object, "_M_impl._M_start", &start) ||
	    !view_number(gdb, object, "_M_impl._M_finish", &finish) ||
	    !view_number(gdb, object, "_M_impl._M_end_of_storage", &end))
		return false;
	size = size_of(element) ? (int64_t)size_of(element) : 1;
	view_elements(view, element, start, finish > start ? (finish - start) / (uint64_t)size : 0);
	view->title =
		arena_print(&gdb->arena, "std::vector of length %lld, capacity %lld",
			    (long long)((int64_t)(finish - start) / size), (long long)((int64_t)(end - start) / size));
	return true;
}

enum { DEQUE_BYTES = 512 };

static uint64_t deque_length(utrace_type *element)
{
	size_t size = size_of(element);

	return size && size < DEQUE_BYTES ? DEQUE_BYTES / size : 1;
}

static struct value *next_in_deque(struct gdb *gdb, struct view *view, const char **name)
{
	struct value *element;

	*name = NULL;
	if (view->left == 0)
		return NULL;
	element = value_at(gdb, view->element, view->address);
	view->left--;
	view->address += size_of(view->element);
	if (view->address == view->last && view->left) {
		view->node += pointer_size(gdb);
		if (!view_read_pointer(gdb, view->node, &view->address))
			return NULL;
		view->last = view->address + deque_length(view->element) * size_of(view->element);
	}
	return element;
}

bool view_deque(struct gdb *gdb, struct value *object, struct view *view)
{
	static const char *const paths[6] = {"_M_impl._M_start._M_cur",    "_M_impl._M_start._M_last",
					     "_M_impl._M_start._M_node",   "_M_impl._M_finish._M_cur",
					     "_M_impl._M_finish._M_first", "_M_impl._M_finish._M_node"};
	utrace_type *element = view_argument(gdb, object->type, 0);
	uint64_t size = element ? size_of(element) : 0;
	uint64_t numbers[6];
	int64_t nodes;

	if (!size)
		return false;
	for (size_t i = 0; i < 6; i++)
		if (!view_number(gdb, object, paths[i], &numbers[i]))
			return false;
	view->style = VIEW_ARRAY;
	view->next = next_in_deque;
	view->element = element;
	view->address = numbers[0];
	view->last = numbers[1];
	view->node = numbers[2];
	nodes = (int64_t)(numbers[5] - numbers[2]) / (int64_t)pointer_size(gdb);
	view->left = (uint64_t)(nodes - (numbers[5] != 0)) * deque_length(element) + (numbers[3] - numbers[4]) / size +
		     (numbers[1] - numbers[0]) / size;
	view->title = arena_print(&gdb->arena,
				  view->left == 1 ? "std::deque with %lld element"
				  : view->left    ? "std::deque with %lld elements"
						  : "empty std::deque",
				  (long long)view->left);
	return true;
}

/* ---- lists ---- */

static struct value *next_in_list(struct gdb *gdb, struct view *view, const char **name)
{
	struct value *element;

	if (view->node == view->end || (!view->node && view->index))
		return NULL;
	*name = arena_print(&gdb->arena, "[%llu]", (unsigned long long)view->index++);
	element = value_at(gdb, view->element, view->node + view->offset);
	/* The link to the next one is the first member of a node. */
	return view_read_pointer(gdb, view->node, &view->node) ? element : NULL;
}

static bool start_list(struct gdb *gdb, struct view *view, const char *title)
{
	view->style = VIEW_NAMED;
	view->next = next_in_list;
	view->title = view->node == view->end ? arena_print(&gdb->arena, "empty %s", title) : title;
	return true;
}

bool view_list(struct gdb *gdb, struct value *object, struct view *view)
{
	const char *name = utrace_type_qualified_name(utrace_type_strip(object->type));
	struct value *header = view_path(gdb, object, "_M_impl._M_node");

	view->element = view_argument(gdb, object->type, 0);
	if (!header || !view->element || !view_number(gdb, header, "_M_next", &view->node))
		return false;
	view->end = header->address;
	if (view->node != view->end && !view_node(gdb, view, "std::_List_node", "_M_storage"))
		return false;
	return start_list(gdb, view, arena_text(&gdb->arena, name, strcspn(name, "<")));
}

bool view_forward_list(struct gdb *gdb, struct value *object, struct view *view)
{
	view->element = view_argument(gdb, object->type, 0);
	if (!view->element || !view_number(gdb, object, "_M_impl._M_head._M_next", &view->node) ||
	    (view->node && !view_node(gdb, view, "std::_Fwd_list_node", "_M_storage")))
		return false;
	return start_list(gdb, view, "std::forward_list");
}

/* ---- maps and sets ---- */

/* The element as one child, or a pair as two. */
static struct value *child_of(struct gdb *gdb, struct view *view, struct value *element, const char **name)
{
	*name = NULL;
	if (view->style == VIEW_NAMED)
		*name = arena_print(&gdb->arena, "[%llu]", (unsigned long long)view->index);
	view->index++;
	if (view->style == VIEW_NAMED)
		return element;
	view->inner = value_member(gdb, element, "second");
	return view->inner ? value_member(gdb, element, "first") : NULL;
}

static struct value *second_child(struct view *view, const char **name)
{
	struct value *second = view->inner;

	*name = NULL;
	view->inner = NULL;
	return second;
}

/* Colour, parent, left, right: members of _Rb_tree_node_base, by name. */
static bool tree_link(struct gdb *gdb, struct view *view, uint64_t node, const char *member, uint64_t *link)
{
	struct value *base = value_at(gdb, target_of(view->object->type), node);

	return view_number(gdb, base, member, link);
}

/* In order: the leftmost of the right side, or the first parent that is reached from its left. */
static bool tree_step(struct gdb *gdb, struct view *view)
{
	uint64_t node = view->node;
	uint64_t next = 0;
	uint64_t right = 0;

	if (!tree_link(gdb, view, node, "_M_right", &next))
		return false;
	if (next) {
		for (int depth = 0; next && depth < 128; depth++) {
			node = next;
			if (!tree_link(gdb, view, node, "_M_left", &next))
				return false;
		}
		view->node = node;
		return true;
	}
	for (int depth = 0; depth < 128; depth++) {
		if (!tree_link(gdb, view, node, "_M_parent", &next) || !tree_link(gdb, view, next, "_M_right", &right))
			return false;
		if (right != node) {
			view->node = next;
			return true;
		}
		node = next;
	}
	return fail(gdb, "The tree is damaged.");
}

static struct value *next_in_tree(struct gdb *gdb, struct view *view, const char **name)
{
	struct value *element;

	if (view->inner)
		return second_child(view, name);
	if (!view->left)
		return NULL;
	element = value_at(gdb, view->element, view->node + view->offset);
	if (--view->left && !tree_step(gdb, view))
		return NULL;
	return child_of(gdb, view, element, name);
}

static const char *count_title(struct gdb *gdb, struct value *object, uint64_t count)
{
	return print(gdb, count == 1 ? "%s with %lld element" : "%s with %lld elements",
		     view_template_name(gdb, object->type), count);
}

static bool view_tree(struct gdb *gdb, struct value *object, struct view *view, enum view_style style)
{
	struct value *tree = view_path(gdb, object, "_M_t");
	struct value *left = tree ? view_path(gdb, tree, "_M_impl._M_header._M_left") : NULL;

	view->element = left ? view_argument(gdb, tree->type, 1) : NULL;
	if (!view->element || !value_as_integer(gdb, left, &view->node) ||
	    !view_number(gdb, tree, "_M_impl._M_node_count", &view->left))
		return false;
	view->object = left; /* a pointer to a node's base */
	view->style = style;
	view->next = next_in_tree;
	view->title = count_title(gdb, object, view->left);
	return !view->left || view_node(gdb, view, "std::_Rb_tree_node", "_M_storage");
}

bool view_tree_map(struct gdb *gdb, struct value *object, struct view *view)
{
	return view_tree(gdb, object, view, VIEW_MAP);
}

bool view_tree_set(struct gdb *gdb, struct value *object, struct view *view)
{
	return view_tree(gdb, object, view, VIEW_NAMED);
}

static struct value *next_in_hash(struct gdb *gdb, struct view *view, const char **name)
{
	struct value *element;

	if (view->inner)
		return second_child(view, name);
	if (!view->node)
		return NULL;
	element = value_at(gdb, view->element, view->node + view->offset);
	if (!view_read_pointer(gdb, view->node, &view->node))
		return NULL;
	return child_of(gdb, view, element, name);
}

static bool view_hash(struct gdb *gdb, struct value *object, struct view *view, enum view_style style)
{
	struct value *table = view_path(gdb, object, "_M_h");
	uint64_t count = 0;

	view->element = table ? view_argument(gdb, table->type, 1) : NULL;
	if (!view->element || !view_number(gdb, table, "_M_before_begin._M_nxt", &view->node) ||
	    !view_number(gdb, table, "_M_element_count", &count))
		return false;
	view->style = style;
	view->next = next_in_hash;
	view->title = count_title(gdb, object, count);
	return !view->node || view_node(gdb, view, "std::__detail::_Hash_node", "_M_storage");
}

bool view_hash_map(struct gdb *gdb, struct value *object, struct view *view)
{
	return view_hash(gdb, object, view, VIEW_MAP);
}

bool view_hash_set(struct gdb *gdb, struct value *object, struct view *view)
{
	return view_hash(gdb, object, view, VIEW_NAMED);
}

/* ---- the rest ---- */

/* stack, queue, priority_queue: a container with fewer calls. */
bool view_adapter(struct gdb *gdb, struct value *object, struct view *view)
{
	struct value *inner = view_path(gdb, object, "c");
	const char *name = view_template_name(gdb, object->type);

	if (!inner || !view_of(gdb, inner, view))
		return false;
	view->title = arena_print(&gdb->arena, "%s wrapping: %s", name, view->title ? view->title : "");
	return true;
}

static bool view_counted(struct gdb *gdb, struct value *object, struct view *view, const char *start,
			 const char *length)
{
	utrace_type *element = view_argument(gdb, object->type, 0);
	uint64_t address = 0;
	uint64_t count = 0;

	if (!element || !view_number(gdb, object, start, &address) || !view_number(gdb, object, length, &count))
		return false;
	view_elements(view, element, address, count);
	view->title = print(gdb, "%s of length %lld", view_template_name(gdb, object->type), count);
	return true;
}

bool view_initializer_list(struct gdb *gdb, struct value *object, struct view *view)
{
	return view_counted(gdb, object, view, "_M_array", "_M_len");
}

/* A span whose length is a template argument has none of its own. */
bool view_span(struct gdb *gdb, struct value *object, struct view *view)
{
	struct utrace_template_argument arguments[2] = {{.size = sizeof(arguments[0])}};
	size_t count = utrace_type_template_arguments(utrace_type_strip(object->type), arguments, 2);
	uint64_t address = 0;

	if (count < 2 || !arguments[1].is_value || arguments[1].value == -1)
		return view_counted(gdb, object, view, "_M_ptr", "_M_extent._M_extent_value");
	if (!view_number(gdb, object, "_M_ptr", &address))
		return false;
	view_elements(view, arguments[0].type, address, (uint64_t)arguments[1].value);
	view->title = print(gdb, "%s of length %lld", "std::span", view->left);
	return true;
}

static struct value *next_set_bit(struct gdb *gdb, struct view *view, const char **name)
{
	for (; view->index < view->end; view->index++) {
		if (!(view->object->bytes[view->index / 8] >> view->index % 8 & 1))
			continue;
		*name = arena_print(&gdb->arena, "[%llu]", (unsigned long long)view->index++);
		return value_integer(gdb, view->element, 1);
	}
	return NULL;
}

bool view_bitset(struct gdb *gdb, struct value *object, struct view *view)
{
	view->object = view_path(gdb, object, "_M_w");
	view->element = base_type(gdb, "int");
	if (!view->object || !view->element || !value_fetch(gdb, view->object))
		return false;
	view->end = view->object->size * 8;
	view->style = VIEW_NAMED;
	view->next = next_set_bit;
	view->title = "std::bitset";
	return true;
}
