/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/view.h - objects of the C++ library as what they stand for: a title and children, instead of members.
 *
 * What is known of libstdc++ are the names of its members and templates, which the debug information gives places and types.
 * A walk gives one child after the other, and the printer stops it at `set print elements`, so that a damaged size or a list
 * that runs in a circle ends too.
 */
#ifndef MINI_GDB_VIEW_H
#define MINI_GDB_VIEW_H

#include "value.h"

enum view_style {
	VIEW_PLAIN,  /* the title alone */
	VIEW_STRING, /* characters: `text` */
	VIEW_VALUE,  /* as another value: `inner` */
	VIEW_ARRAY,  /* {a, b} */
	VIEW_MAP,    /* {[a] = b}: children come in pairs */
	VIEW_NAMED,  /* {name = a} */
};

struct view {
	enum view_style style;
	const char *title; /* NULL: none */
	bool reads_text;   /* VIEW_STRING: what was to be read can be */
	unsigned char *text;
	size_t length, size; /* in characters, and their size */
	bool more;           /* there are more characters than `text` has */
	char prefix;
	struct value *inner;
	/* The next child, or NULL at the end; NULL with fail()'s text: what is there can't be read. */
	struct value *(*next)(struct gdb *gdb, struct view *view, const char **name);
	/* Where the walk is. */
	struct value *object;
	utrace_type *element;
	uint64_t address, node, end, left, index;
	uint64_t first, last; /* of a deque's block */
	size_t offset;        /* of the element in its node */
};

/* False without an error text: the type has no view. With one: it has, and can't be read. */
bool view_of(struct gdb *gdb, struct value *object, struct view *view);
bool has_view(struct gdb *gdb, utrace_type *type);

/* operators.c: what these operators give for an object of the library. NULL: fail() has the text. */
struct value *object_dereference(struct gdb *gdb, struct value *object);
struct value *object_arrow(struct gdb *gdb, struct value *object, const char *name);
struct value *object_element(struct gdb *gdb, struct value *object, uint64_t index);
/* size(), empty() or get(); NULL, without an error text, for any other. */
struct value *object_method(struct gdb *gdb, struct value *object, const char *name);

/* viewparts.c: what the views of containers.c and holders.c are made from */

/* "_M_impl._M_start" */
struct value *view_path(struct gdb *gdb, struct value *object, const char *path);
bool view_number(struct gdb *gdb, struct value *object, const char *path, uint64_t *number);
/* The index-th argument of the template that the type is an instance of; NULL with an error text. */
utrace_type *view_argument(struct gdb *gdb, utrace_type *type, size_t index);
/* Where an element is in a node of the container: of `member` in the instance of the template `node` for it. */
bool view_node(struct gdb *gdb, struct view *view, const char *node, const char *member);
/* "std::vector", without arguments and inline namespaces. */
const char *view_template_name(struct gdb *gdb, utrace_type *type);
bool view_read_pointer(struct gdb *gdb, uint64_t address, uint64_t *pointer);
/* The text of `length` characters at an address. */
bool view_string(struct gdb *gdb, struct view *view, utrace_type *character, uint64_t address, uint64_t length);
/* `count` elements from an address on. */
void view_elements(struct view *view, utrace_type *element, uint64_t address, uint64_t count);

typedef bool view_maker(struct gdb *gdb, struct value *object, struct view *view);
view_maker view_vector, view_deque, view_list, view_forward_list, view_tree_map, view_tree_set, view_hash_map,
	view_hash_set, view_basic_string, view_string_view, view_adapter, view_initializer_list, view_span, view_bitset;
view_maker view_pair, view_tuple, view_optional, view_variant, view_any, view_unique, view_shared, view_atomic,
	view_iterator, view_tree_iterator, view_list_iterator, view_deque_iterator;

#endif
