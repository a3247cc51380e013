/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/viewparts.c - see view.h: which template has which view, and what all of them need.
 */
#include <stdlib.h>
#include <string.h>

#include "cplus.h"
#include "view.h"

static const struct {
	const char *name;
	view_maker *make;
} views[] = {
	{"std::basic_string", view_basic_string},
	{"std::basic_string_view", view_string_view},
	{"std::vector", view_vector},
	{"std::deque", view_deque},
	{"std::list", view_list},
	{"std::forward_list", view_forward_list},
	{"std::map", view_tree_map},
	{"std::multimap", view_tree_map},
	{"std::set", view_tree_set},
	{"std::multiset", view_tree_set},
	{"std::unordered_map", view_hash_map},
	{"std::unordered_multimap", view_hash_map},
	{"std::unordered_set", view_hash_set},
	{"std::unordered_multiset", view_hash_set},
	{"std::stack", view_adapter},
	{"std::queue", view_adapter},
	{"std::priority_queue", view_adapter},
	{"std::initializer_list", view_initializer_list},
	{"std::span", view_span},
	{"std::bitset", view_bitset},
	{"std::pair", view_pair},
	{"std::tuple", view_tuple},
	{"std::optional", view_optional},
	{"std::variant", view_variant},
	{"std::any", view_any},
	{"std::unique_ptr", view_unique},
	{"std::shared_ptr", view_shared},
	{"std::weak_ptr", view_shared},
	{"std::atomic", view_atomic},
	{"__gnu_cxx::__normal_iterator", view_iterator},
	{"std::_Rb_tree_iterator", view_tree_iterator},
	{"std::_Rb_tree_const_iterator", view_tree_iterator},
	{"std::_List_iterator", view_list_iterator},
	{"std::_List_const_iterator", view_list_iterator},
	{"std::_Deque_iterator", view_deque_iterator},
};

/* Inline namespaces of libstdc++ tell its ABIs apart: "std::__cxx11::list", "std::__8::vector". */
static char *drop_namespaces(char *name)
{
	char *at = name;

	while ((at = strstr(at, "::__"))) {
		size_t length = strcspn(at + 2, ":");
		bool is_version = strncmp(at + 2, "__cxx11", length) == 0 ||
				  strspn(at + 4, "0123456789") == length - strlen("__");

		if (is_version && at[2 + length] == ':')
			memmove(at, at + 2 + length, strlen(at + 2 + length) + 1);
		else
			at += 2;
	}
	return name;
}

const char *view_template_name(struct gdb *gdb, utrace_type *type)
{
	const char *name = utrace_type_qualified_name(utrace_type_strip(type));

	return name ? drop_namespaces(arena_text(&gdb->arena, name, strcspn(name, "<"))) : NULL;
}

static view_maker *maker_of(struct gdb *gdb, utrace_type *type)
{
	utrace_type *plain = utrace_type_strip(type);
	const char *name = plain && utrace_type_is_cxx(plain) ? utrace_type_qualified_name(plain) : NULL;

	if (!name || !is_aggregate(plain) || (strncmp(name, "std::", 5) != 0 && strncmp(name, "__gnu_cxx::", 11) != 0))
		return NULL;
	name = view_template_name(gdb, plain);
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
		if (strcmp(views[i].name, name) == 0)
			return views[i].make;
	return NULL;
}

bool has_view(struct gdb *gdb, utrace_type *type)
{
	return maker_of(gdb, type) != NULL;
}

bool view_of(struct gdb *gdb, struct value *object, struct view *view)
{
	view_maker *make = maker_of(gdb, object->type);

	*view = (struct view){.object = object};
	return make && make(gdb, object, view);
}

struct value *view_path(struct gdb *gdb, struct value *object, const char *path)
{
	while (object && *path) {
		size_t length = strcspn(path, ".");

		object = value_member(gdb, object, arena_text(&gdb->arena, path, length));
		path += length + (path[length] == '.');
	}
	return object;
}

bool view_number(struct gdb *gdb, struct value *object, const char *path, uint64_t *number)
{
	struct value *member = view_path(gdb, object, path);

	return member && value_as_integer(gdb, member, number);
}

enum { ARGUMENTS_MAX = 64 };

/* gcc leaves arguments out where a class is not needed whole: its name has them too. */
static utrace_type *argument_in_name(struct gdb *gdb, utrace_type *type)
{
	const char *name = utrace_type_name(utrace_type_strip(type));
	const char *start = name ? strchr(name, '<') : NULL;
	utrace_type *found = NULL;
	size_t length = 0;
	int depth = 0;

	if (!start++)
		return NULL;
	for (; start[length] && (depth || !strchr(",>", start[length])); length++) {
		depth += start[length] == '<' || start[length] == '(';
		depth -= start[length] == '>' || start[length] == ')';
	}
	(void)utrace_type_find(gdb->image, 0, arena_text(&gdb->arena, start, length), &found, NULL);
	return found;
}

utrace_type *view_argument(struct gdb *gdb, utrace_type *type, size_t index)
{
	struct utrace_template_argument arguments[ARGUMENTS_MAX] = {{.size = sizeof(arguments[0])}};
	size_t count = utrace_type_template_arguments(utrace_type_strip(type), arguments, ARGUMENTS_MAX);
	utrace_type *found;

	if (index < count && index < ARGUMENTS_MAX && !arguments[index].is_value && arguments[index].type)
		return arguments[index].type;
	found = index || count ? NULL : argument_in_name(gdb, type);
	if (!found)
		(void)fail(gdb, "The arguments of %s are not described.", type_text(gdb, type));
	return found;
}

static size_t align_up(size_t offset, size_t alignment)
{
	return alignment ? (offset + alignment - 1) / alignment * alignment : offset;
}

/* Without a description of the node itself, its base is: the element follows it. */
static bool guess_node(struct gdb *gdb, struct view *view, const char *node)
{
	utrace_type *base = NULL;

	if (utrace_type_find(gdb->image, 0, arena_print(&gdb->arena, "::%s_base", node), &base, NULL) ||
	    utrace_type_size(base) < 0)
		return fail(gdb, "The nodes %s<%s> are not described.", node, type_text(gdb, view->element));
	view->offset = align_up(size_of(base), alignment_of(gdb, view->element));
	return true;
}

bool view_node(struct gdb *gdb, struct view *view, const char *node, const char *member)
{
	utrace_type *element = view->element;
	utrace_type *type = NULL;
	struct value *inside;

	if (utrace_type_instance(gdb->image, node, &element, 1, &type, NULL))
		return guess_node(gdb, view, node);
	inside = view_path(gdb, value_at(gdb, type, 0), member);
	view->offset = inside ? inside->address : 0;
	return inside != NULL;
}

bool view_read_pointer(struct gdb *gdb, uint64_t address, uint64_t *pointer)
{
	const size_t word = pointer_size(gdb);
	unsigned char bytes[8];

	if (utrace_image_read(gdb->image, address, bytes, word, NULL) != (ssize_t)word)
		return fail(gdb, "Cannot access memory at address 0x%llx", (unsigned long long)address);
	*pointer = load_unsigned(bytes, word);
	return true;
}

bool view_string(struct gdb *gdb, struct view *view, utrace_type *character, uint64_t address, uint64_t length)
{
	uint64_t limit = gdb->settings.print_elements;

	view->style = VIEW_STRING;
	view->size = size_of(character);
	view->prefix = wide_prefix(character);
	view->more = length > limit;
	view->length = view->more ? limit : length;
	view->text = arena_alloc(&gdb->arena, view->length * view->size + 1);
	if (!view->length || utrace_image_read(gdb->image, address, view->text, view->length * view->size, NULL) ==
				     (ssize_t)(view->length * view->size))
		return true;
	return fail(gdb, "Cannot access memory at address 0x%llx", (unsigned long long)address);
}

static struct value *next_element(struct gdb *gdb, struct view *view, const char **name)
{
	struct value *element;

	*name = NULL;
	if (view->left == 0)
		return NULL;
	element = value_at(gdb, view->element, view->address);
	view->address += size_of(view->element);
	view->left--;
	return element;
}

void view_elements(struct view *view, utrace_type *element, uint64_t address, uint64_t count)
{
	view->style = VIEW_ARRAY;
	view->element = element;
	view->address = address;
	view->left = count;
	view->next = next_element;
}
