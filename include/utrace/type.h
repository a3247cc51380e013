/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * utrace/type.h - types, as the debug information describes them.
 *
 * A type belongs to the file that describes it and lives until the image that it came from is closed; the same type
 * asked for twice is the same pointer. Facts: DWARF 5, chapter 5. Threads and output structs: as in symbol.h.
 */
#ifndef UTRACE_TYPE_H
#define UTRACE_TYPE_H

#include <utrace/symbol.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct utrace_type utrace_type;

enum utrace_type_kind {
	UTRACE_TYPE_VOID,
	UTRACE_TYPE_INTEGER,
	UTRACE_TYPE_CHAR,
	UTRACE_TYPE_BOOL,
	UTRACE_TYPE_FLOAT,
	UTRACE_TYPE_COMPLEX,
	UTRACE_TYPE_POINTER,
	UTRACE_TYPE_REFERENCE,
	UTRACE_TYPE_RVALUE_REFERENCE,
	UTRACE_TYPE_MEMBER_POINTER,
	UTRACE_TYPE_ARRAY,
	UTRACE_TYPE_VECTOR, /* of a SIMD register: an array that is passed as a value */
	UTRACE_TYPE_STRUCT,
	UTRACE_TYPE_CLASS,
	UTRACE_TYPE_UNION,
	UTRACE_TYPE_ENUM,
	UTRACE_TYPE_FUNCTION,
	UTRACE_TYPE_TYPEDEF,
	UTRACE_TYPE_CONST,
	UTRACE_TYPE_VOLATILE,
	UTRACE_TYPE_RESTRICT,
	UTRACE_TYPE_ATOMIC,
	UTRACE_TYPE_OTHER,
};

/* enum utrace_type_kind. NULL is void, in every call here. */
UTRACE_API uint32_t utrace_type_kind(const utrace_type *type);
/* The tag or the name, without "struct"; NULL: anonymous, or a kind that has none. */
UTRACE_API const char *utrace_type_name(const utrace_type *type);
/* With the namespaces and classes that it is in, "std::vector<int, std::allocator<int> >"; else as utrace_type_name. */
UTRACE_API const char *utrace_type_qualified_name(utrace_type *type);
/* Of a C++ program. */
UTRACE_API int utrace_type_is_cxx(const utrace_type *type);
/* Bytes; -1: incomplete, or not known before the program runs. */
UTRACE_API int64_t utrace_type_size(const utrace_type *type);
UTRACE_API int utrace_type_is_signed(const utrace_type *type);
/* Declared only: neither size nor members are known in its unit. utrace_type_complete looks for the rest. */
UTRACE_API int utrace_type_is_declaration(const utrace_type *type);
/* What is pointed to, the element, what is aliased or qualified, an enum's underlying type, a function's result;
 * NULL: void. */
UTRACE_API utrace_type *utrace_type_target(const utrace_type *type);
/* Without typedefs and qualifiers. */
UTRACE_API utrace_type *utrace_type_strip(utrace_type *type);
/* The complete type of the same kind and name, if any module has it; else the type itself. */
UTRACE_API utrace_type *utrace_type_complete(utrace_image *image, utrace_type *type);

struct utrace_member {
	size_t size;
	const char *name; /* NULL: anonymous struct or union, or an unnamed parameter */
	utrace_type *type;
	uint64_t offset;     /* bytes; of bit fields, of the first byte that has a bit of it */
	uint32_t bit_offset; /* from the least significant bit of that byte */
	uint32_t bit_size;   /* 0: no bit field */
	uint32_t is_base;
	uint32_t is_static;
	uint32_t is_artificial;
	uint32_t is_virtual_base; /* offset is not known before the program runs: utrace_member_address */
	uint32_t access;          /* enum utrace_access (class.h) */
};

/* Members of a struct, class or union in the order of their declaration, bases first; a function's parameters. Stores
 * up to count and returns how many there are. */
UTRACE_API size_t utrace_type_members(utrace_type *type, struct utrace_member *members, size_t count);
/* A function that takes more arguments than it names. */
UTRACE_API int utrace_type_is_variadic(const utrace_type *type);

struct utrace_enumerator {
	size_t size;
	const char *name;
	int64_t value;
};
UTRACE_API size_t utrace_type_enumerators(utrace_type *type, struct utrace_enumerator *enumerators, size_t count);

/* Elements of an array's first dimension, the target being an array again for the others; -1: unknown. */
UTRACE_API int64_t utrace_type_length(const utrace_type *type);

/*
 * A type by its name as C writes it: "int", "unsigned long", "struct tag", "name". kind (enum utrace_type_kind) says
 * which, 0: any.
 * C++: "A::T" is one in a scope that ends in A, "::T" one in none; what a template has by default may be left out.
 * Complete types go before declarations. UTRACE_NOT_FOUND.
 */
UTRACE_API int utrace_type_find(utrace_image *image, uint32_t kind, const char *name, utrace_type **type,
				struct utrace_error *error);
/* As C declares a variable of it, "int (*f)(char)"; variable may be NULL. The caller frees it; NULL: out of memory. */
UTRACE_API char *utrace_type_print(utrace_type *type, const char *variable);
/* The same with names[i] for types[i] wherever it is in it, as within a template or a class. */
UTRACE_API char *utrace_type_print_as(utrace_type *type, const char *variable, utrace_type *const *types,
				      const char *const *names, size_t count);
/* The type of the function out of line that has the address. UTRACE_NOT_FOUND. */
UTRACE_API int utrace_type_of_function(utrace_image *image, uint64_t address, utrace_type **type,
				       struct utrace_error *error);
/* The pointer type to a type, and the array type of so many of it: for casts. NULL: out of memory. */
UTRACE_API utrace_type *utrace_type_pointer_to(utrace_type *type);
/* The type of functions that return `result` and of whose parameters nothing is known. NULL: out of memory. */
UTRACE_API utrace_type *utrace_type_function_of(utrace_image *image, utrace_type *result);
UTRACE_API utrace_type *utrace_type_array_of(utrace_type *type, int64_t length);

/* The enumeration that has an enumerator of this name, and its value. UTRACE_NOT_FOUND. */
UTRACE_API int utrace_enumerator_find(utrace_image *image, const char *name, utrace_type **type, int64_t *value,
				      struct utrace_error *error);
/*
 * Every type with a name, of every module, with the place of its declaration (file NULL: not told); until the callback
 * gives non-zero, which is returned. Reads everything: slow in large programs.
 */
typedef int utrace_type_callback(utrace_type *type, const char *file, uint32_t line, void *data);
UTRACE_API int utrace_type_list(utrace_image *image, utrace_type_callback *callback, void *data);

#ifdef __cplusplus
}
#endif

#endif
