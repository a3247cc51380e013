/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/cplus.h - objects of C++ classes: their members, bases and dynamic types. (Itanium C++ ABI, chapter 2)
 */
#ifndef MINI_GDB_CPLUS_H
#define MINI_GDB_CPLUS_H

#include "value.h"

/* The index-th of the object's members, also a static one or a virtual base. NULL: fail() has the text. */
struct value *object_member(struct gdb *gdb, struct value *object, const struct utrace_member *members, size_t index);
/* The base class of an object, however deep. NULL without an error text: it is none. */
struct value *base_object(struct gdb *gdb, struct value *object, utrace_type *base);
/* The same type, also if another unit describes it. */
bool same_class(utrace_type *one, utrace_type *other);
/* A pointer to one class made one to a base or to a derived class. NULL without an error text: neither. */
struct value *class_pointer(struct gdb *gdb, struct value *pointer, utrace_type *type);
/* The whole object that the object is a part of, by its virtual table; the object itself, if that is not known. */
struct value *whole_object(struct gdb *gdb, struct value *object);
/* The object's virtual table, where its functions begin; false: it has none. */
bool object_vtable(struct gdb *gdb, struct value *object, uint64_t *table);
struct value *dynamic_cast_value(struct gdb *gdb, struct value *value, utrace_type *type);
/* "class::member", a static one, or in a method one of *this. NULL: it is none. */
struct value *class_member(struct gdb *gdb, const char *name);
/* object.*member */
struct value *through_member_pointer(struct gdb *gdb, struct value *object, struct value *pointer);
void print_member_pointer(struct gdb *gdb, struct value *pointer);
/* "shop::" in front of an enumerator's name; empty in C. */
const char *enumerator_scope(struct gdb *gdb, utrace_type *type);
/* A function's name with its scopes, as backtraces have it. */
const char *function_title(struct gdb *gdb, const char *name, const char *linkage_name);
/* The same with its arguments; NULL: no C++ name. */
const char *function_signature(struct gdb *gdb, const char *linkage_name);

#endif
