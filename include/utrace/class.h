/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * utrace/class.h - what C++ adds to types: methods, access, templates, virtual bases, pointers to members, scopes.
 *
 * Facts: DWARF 5, 3.3 and 5.7; the Itanium C++ ABI. Threads, ownership and output structs: as in type.h.
 */
#ifndef UTRACE_CLASS_H
#define UTRACE_CLASS_H

#include <utrace/type.h>
#include <utrace/unwind.h>

#ifdef __cplusplus
extern "C" {
#endif

enum utrace_access {
	UTRACE_ACCESS_PUBLIC,
	UTRACE_ACCESS_PROTECTED,
	UTRACE_ACCESS_PRIVATE,
};

struct utrace_method {
	size_t size;
	const char *name;
	const char *linkage_name; /* NULL: not told */
	utrace_type *type;        /* its parameters begin with `this`, an artificial one, if it is not static */
	uint32_t access;          /* enum utrace_access */
	uint32_t is_virtual;
	uint32_t is_static;
	uint32_t is_artificial; /* the compiler's own */
	uint32_t slot;          /* virtual: number in the table; UINT32_MAX: not told */
};

/* Member functions in the order of their declaration. Stores up to count and returns how many there are. */
UTRACE_API size_t utrace_type_methods(utrace_type *type, struct utrace_method *methods, size_t count);
/* Types that the class names itself by typedef or using; as above. */
UTRACE_API size_t utrace_type_typedefs(utrace_type *type, utrace_type **typedefs, size_t count);

struct utrace_template_argument {
	size_t size;
	const char *name;  /* of the parameter; NULL in a pack */
	utrace_type *type; /* the argument, or the type that the value has */
	uint32_t is_value;
	int64_t value;
};

/* Arguments of a template's instance, class or function, packs spread out; as above. */
UTRACE_API size_t utrace_type_template_arguments(utrace_type *type, struct utrace_template_argument *arguments,
						 size_t count);
/*
 * The instance of a class template ("std::_Rb_tree_node") whose first arguments are these types. UTRACE_NOT_FOUND: no
 * module describes it completely.
 */
UTRACE_API int utrace_type_instance(utrace_image *image, const char *name, utrace_type *const *arguments, size_t count,
				    utrace_type **type, struct utrace_error *error);

/* UTRACE_TYPE_REFERENCE or UTRACE_TYPE_RVALUE_REFERENCE to a type, for casts. NULL: out of memory, or another kind. */
UTRACE_API utrace_type *utrace_type_reference_to(utrace_type *type, uint32_t kind);
/* Of a pointer to member: the class. Else NULL. */
UTRACE_API utrace_type *utrace_type_class(utrace_type *type);
/* An "enum class", whose enumerators are named in its scope. */
UTRACE_API int utrace_type_is_scoped(utrace_type *type);

/*
 * Where the index-th member (as utrace_type_members counts) of the object at an address is; it reads memory for virtual
 * bases. UTRACE_NOT_FOUND: no such member, or not one within the object; UTRACE_FAULT; UTRACE_INVALID,
 * UTRACE_UNSUPPORTED: its place is described in a way that can't be followed.
 */
UTRACE_API int utrace_member_address(utrace_image *image, utrace_type *type, size_t index, uint64_t object,
				     uint64_t *address, struct utrace_error *error);

/*
 * The scopes in which names are looked for at the frame's pc, innermost first: "::shop::square::", ..., then those
 * that using-directives add, and "::" last. frame may be NULL: only "::". The text lives as long as the call. Ends as
 * utrace_type_list.
 */
typedef int utrace_scope_callback(const char *scope, void *data);
UTRACE_API int utrace_frame_scopes(utrace_frame *frame, utrace_scope_callback *callback, void *data);

#ifdef __cplusplus
}
#endif

#endif
