/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/type.c - types: from entry to object, and what they know. (DWARF 5, chapter 5)
 */
#include "sym/type.h"

#include <stdlib.h>
#include <string.h>
#include <utrace/class.h>

enum { SLOTS = 1024 };

struct ut__types {
	utrace_type *slots[SLOTS];
	utrace_type *made;
};

static void free_list(utrace_type *type)
{
	while (type) {
		utrace_type *next = type->next;

		free_list(type->arrays);
		if (type->pointer)
			free_list(type->pointer);
		free_list(type->references[0]);
		free_list(type->references[1]);
		free(type->qualified);
		free(type);
		type = next;
	}
}

void ut__types_free(struct ut__types *types)
{
	if (!types)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		free_list(types->slots[i]);
	free_list(types->made);
	free(types);
}

static struct ut__types *need_types(struct ut__file *file)
{
	if (!file->types)
		file->types = calloc(1, sizeof(*file->types));
	return file->types;
}

static uint32_t kind_of_base(Dwarf_Die *die)
{
	uint64_t encoding = 0;

	(void)ut__die_number(die, DW_AT_encoding, &encoding);
	switch (encoding) {
	case DW_ATE_boolean:
		return UTRACE_TYPE_BOOL;
	case DW_ATE_float:
	case DW_ATE_imaginary_float:
	case DW_ATE_decimal_float:
		return UTRACE_TYPE_FLOAT;
	case DW_ATE_complex_float:
		return UTRACE_TYPE_COMPLEX;
	case DW_ATE_signed_char:
	case DW_ATE_unsigned_char:
	case DW_ATE_UTF:
		return UTRACE_TYPE_CHAR;
	default:
		return UTRACE_TYPE_INTEGER;
	}
}

static const struct {
	int tag;
	uint32_t kind;
} kinds[] = {
	{DW_TAG_pointer_type, UTRACE_TYPE_POINTER},
	{DW_TAG_reference_type, UTRACE_TYPE_REFERENCE},
	{DW_TAG_rvalue_reference_type, UTRACE_TYPE_RVALUE_REFERENCE},
	{DW_TAG_ptr_to_member_type, UTRACE_TYPE_MEMBER_POINTER},
	{DW_TAG_array_type, UTRACE_TYPE_ARRAY},
	{DW_TAG_structure_type, UTRACE_TYPE_STRUCT},
	{DW_TAG_class_type, UTRACE_TYPE_CLASS},
	{DW_TAG_interface_type, UTRACE_TYPE_CLASS},
	{DW_TAG_union_type, UTRACE_TYPE_UNION},
	{DW_TAG_enumeration_type, UTRACE_TYPE_ENUM},
	{DW_TAG_subroutine_type, UTRACE_TYPE_FUNCTION},
	{DW_TAG_subprogram, UTRACE_TYPE_FUNCTION},
	{DW_TAG_typedef, UTRACE_TYPE_TYPEDEF},
	{DW_TAG_template_alias, UTRACE_TYPE_TYPEDEF},
	{DW_TAG_const_type, UTRACE_TYPE_CONST},
	{DW_TAG_volatile_type, UTRACE_TYPE_VOLATILE},
	{DW_TAG_restrict_type, UTRACE_TYPE_RESTRICT},
	{DW_TAG_atomic_type, UTRACE_TYPE_ATOMIC},
	{DW_TAG_subrange_type, UTRACE_TYPE_TYPEDEF},
};

static uint32_t kind_of(Dwarf_Die *die)
{
	int tag = dwarf_tag(die);

	if (tag == DW_TAG_base_type)
		return kind_of_base(die);
	if (tag == DW_TAG_array_type && ut__die_flag(die, DW_AT_GNU_vector))
		return UTRACE_TYPE_VECTOR;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].tag == tag)
			return kinds[i].kind;
	}
	return UTRACE_TYPE_OTHER;
}

static bool is_signed_base(Dwarf_Die *die)
{
	uint64_t encoding = 0;

	(void)ut__die_number(die, DW_AT_encoding, &encoding);
	return encoding == DW_ATE_signed || encoding == DW_ATE_signed_char || encoding == DW_ATE_float;
}

static bool is_cxx(Dwarf_Die *die)
{
	Dwarf_Die unit;

	switch (dwarf_diecu(die, &unit, NULL, NULL) ? dwarf_srclang(&unit) : 0) {
	case DW_LANG_C_plus_plus:
	case DW_LANG_C_plus_plus_03:
	case DW_LANG_C_plus_plus_11:
	case DW_LANG_C_plus_plus_14:
	case 0x2b: /* C++17 and C++20, of codes that came after DWARF 5 */
	case 0x2c:
		return true;
	default:
		return false;
	}
}

/* Elements of dimension n, by its n-th subrange or enumeration. (5.13) -1: not said, or only at run time. */
static int64_t dimension_length(Dwarf_Die *array, unsigned n, unsigned *dimensions)
{
	int64_t length = -1;
	Dwarf_Die die;
	uint64_t value;
	uint64_t low = 0;

	*dimensions = 0;
	if (!ut__die_child(array, &die))
		return -1;
	do {
		if (dwarf_tag(&die) != DW_TAG_subrange_type && dwarf_tag(&die) != DW_TAG_enumeration_type)
			continue;
		if ((*dimensions)++ != n)
			continue;
		(void)ut__die_number(&die, DW_AT_lower_bound, &low);
		if (ut__die_number(&die, DW_AT_count, &value))
			length = (int64_t)value;
		else if (ut__die_number(&die, DW_AT_upper_bound, &value))
			length = (int64_t)(value - low + 1);
	} while (ut__die_next(&die));
	/* The upper bound of an empty array is -1 in the size that the compiler took for it. */
	return length == 0x100000000 ? 0 : length < 0 ? -1 : length;
}

static int64_t size_of(utrace_type *type)
{
	uint64_t size;

	if (type->kind == UTRACE_TYPE_ARRAY || type->kind == UTRACE_TYPE_VECTOR) {
		int64_t element = utrace_type_size(utrace_type_target(type));

		if (type->length < 0 || element < 0 || (element && type->length > INT64_MAX / element))
			return -1;
		return type->length * element;
	}
	if (!type->is_declaration && ut__die_number(&type->die, DW_AT_byte_size, &size) && size <= INT64_MAX)
		return (int64_t)size;
	switch (type->kind) {
	case UTRACE_TYPE_POINTER:
	case UTRACE_TYPE_REFERENCE:
	case UTRACE_TYPE_RVALUE_REFERENCE:
		return type->file->bits / 8;
	case UTRACE_TYPE_MEMBER_POINTER: /* to a function: also what to add to `this`. (Itanium C++ ABI, 2.3) */
		return (int64_t)(type->file->bits / 8) *
		       (utrace_type_kind(utrace_type_target(type)) == UTRACE_TYPE_FUNCTION ? 2 : 1);
	default:
		return -1;
	}
}

static void fill(utrace_type *type)
{
	unsigned dimensions;

	type->kind = kind_of(&type->die);
	type->name = type->kind == UTRACE_TYPE_FUNCTION ? NULL : ut__die_name(&type->die);
	type->is_declaration = ut__die_flag(&type->die, DW_AT_declaration);
	type->is_signed = is_signed_base(&type->die);
	type->is_cxx = is_cxx(&type->die);
	type->length = -1;
	type->size = -2;
	if (type->kind == UTRACE_TYPE_ARRAY || type->kind == UTRACE_TYPE_VECTOR)
		type->length = dimension_length(&type->die, type->dimension, &dimensions);
}

/* An entry may stand for one in a unit of types, and have nothing of its own but its signature. (DWARF 5, 5.7.1) */
static Dwarf_Die *follow_signature(Dwarf_Die *die, Dwarf_Die *target)
{
	Dwarf_Attribute found;

	return dwarf_formref_die(dwarf_attr(die, DW_AT_signature, &found), target) ? target : die;
}

static utrace_type *intern(struct ut__file *file, Dwarf_Die *entry, unsigned dimension)
{
	struct ut__types *types = need_types(file);
	utrace_type **slot;
	utrace_type *type;
	Dwarf_Die target;
	Dwarf_Die *die;

	if (!types || !entry->addr)
		return NULL;
	die = follow_signature(entry, &target);
	slot = &types->slots[((uintptr_t)die->addr * 0x9e3779b97f4a7c15u >> 40) % SLOTS];
	for (type = *slot; type; type = type->next) {
		if (type->die.addr == die->addr && type->dimension == dimension)
			return type;
	}
	type = calloc(1, sizeof(*type));
	if (!type)
		return NULL;
	type->file = file;
	type->die = *die;
	type->dimension = dimension;
	fill(type);
	type->next = *slot;
	*slot = type;
	return type;
}

utrace_type *ut__type_of_die(struct ut__file *file, Dwarf_Die *die)
{
	return intern(file, die, 0);
}

utrace_type *ut__type_of(struct ut__file *file, Dwarf_Die *die)
{
	Dwarf_Attribute found;
	Dwarf_Die target;

	if (!dwarf_formref_die(dwarf_attr_integrate(die, DW_AT_type, &found), &target))
		return NULL;
	return intern(file, &target, 0);
}

static utrace_type *new_type(struct ut__file *file, uint32_t kind, int64_t size)
{
	utrace_type *type = calloc(1, sizeof(*type));

	if (type)
		*type = (utrace_type){.file = file, .kind = kind, .size = size, .length = -1, .target_known = true};
	return type;
}

utrace_type *ut__type_make(struct ut__file *file, uint32_t kind, const char *name, int64_t size, bool is_signed)
{
	struct ut__types *types = need_types(file);
	utrace_type *type;

	for (type = types ? types->made : NULL; type; type = type->next) {
		if (type->kind == kind && (name ? type->name && strcmp(type->name, name) == 0 : !type->name))
			return type;
	}
	type = types ? new_type(file, kind, size) : NULL;
	if (!type)
		return NULL;
	type->name = name;
	type->is_signed = is_signed;
	type->next = types->made;
	types->made = type;
	return type;
}

uint32_t utrace_type_kind(const utrace_type *type)
{
	return type ? type->kind : UTRACE_TYPE_VOID;
}

const char *utrace_type_name(const utrace_type *type)
{
	return type ? type->name : "void";
}

const char *utrace_type_qualified_name(utrace_type *type)
{
	struct ut__unit *unit;

	if (!type || !type->name || !type->is_cxx || type->kind == UTRACE_TYPE_FUNCTION)
		return utrace_type_name(type);
	ut__sym_lock(type->file->symbols);
	unit = type->qualified_known ? NULL : ut__file_unit_of(type->file, &type->die);
	if (unit)
		type->qualified = ut__unit_qualified_name(unit, type->die.addr);
	type->qualified_known = true;
	ut__sym_unlock(type->file->symbols);
	return type->qualified ? type->qualified : type->name;
}

int utrace_type_is_cxx(const utrace_type *type)
{
	return type && type->is_cxx;
}

int utrace_type_is_declaration(const utrace_type *type)
{
	return type && type->is_declaration;
}

int64_t utrace_type_length(const utrace_type *type)
{
	return type ? type->length : -1;
}

static utrace_type *find_target(utrace_type *type)
{
	unsigned dimensions = 0;

	if ((type->kind == UTRACE_TYPE_ARRAY || type->kind == UTRACE_TYPE_VECTOR) && type->die.addr) {
		(void)dimension_length(&type->die, 0, &dimensions);
		if (type->dimension + 1 < dimensions)
			return intern(type->file, &type->die, type->dimension + 1);
	}
	return ut__type_of(type->file, &type->die);
}

utrace_type *utrace_type_target(const utrace_type *type)
{
	utrace_type *own = (utrace_type *)type;

	if (!type)
		return NULL;
	ut__sym_lock(type->file->symbols);
	if (!own->target_known) {
		own->target = find_target(own);
		own->target_known = true;
	}
	ut__sym_unlock(type->file->symbols);
	return own->target;
}

static bool is_transparent(uint32_t kind)
{
	return kind >= UTRACE_TYPE_TYPEDEF && kind <= UTRACE_TYPE_ATOMIC;
}

utrace_type *utrace_type_strip(utrace_type *type)
{
	for (int i = 0; type && is_transparent(type->kind); i++) {
		if (i == UT__TYPE_CHAIN_MAX)
			return NULL;
		type = utrace_type_target(type);
	}
	return type;
}

/* Bounded: arrays of arrays and typedefs nest at most so deep. */
static int64_t find_size(utrace_type *type, int depth)
{
	utrace_type *target;

	if (type->size != -2)
		return type->size;
	if (depth > UT__TYPE_CHAIN_MAX)
		return -1;
	if (is_transparent(type->kind) ||
	    (type->kind == UTRACE_TYPE_ENUM && !dwarf_hasattr(&type->die, DW_AT_byte_size))) {
		target = utrace_type_target(type);
		type->size = target ? find_size(target, depth + 1) : -1;
		return type->size;
	}
	if (type->kind == UTRACE_TYPE_ARRAY || type->kind == UTRACE_TYPE_VECTOR) {
		target = utrace_type_target(type);
		if (target && find_size(target, depth + 1) < 0)
			return type->size = -1;
	}
	return type->size = size_of(type);
}

int64_t utrace_type_size(const utrace_type *type)
{
	int64_t size;

	if (!type)
		return -1;
	ut__sym_lock(type->file->symbols);
	size = find_size((utrace_type *)type, 0);
	ut__sym_unlock(type->file->symbols);
	return size;
}

int utrace_type_is_signed(const utrace_type *type)
{
	utrace_type *plain = utrace_type_strip((utrace_type *)type);
	utrace_type *under = plain && plain->kind == UTRACE_TYPE_ENUM ? utrace_type_target(plain) : NULL;

	if (under)
		plain = utrace_type_strip(under);
	return plain && plain->is_signed;
}

utrace_type *utrace_type_pointer_to(utrace_type *type)
{
	utrace_type *pointer;

	if (!type)
		return NULL;
	ut__sym_lock(type->file->symbols);
	if (!type->pointer) {
		type->pointer = new_type(type->file, UTRACE_TYPE_POINTER, type->file->bits / 8);
		if (type->pointer)
			type->pointer->target = type;
	}
	pointer = type->pointer;
	ut__sym_unlock(type->file->symbols);
	return pointer;
}

utrace_type *utrace_type_reference_to(utrace_type *type, uint32_t kind)
{
	bool is_rvalue = kind == UTRACE_TYPE_RVALUE_REFERENCE;
	utrace_type *reference;

	if (!type || (!is_rvalue && kind != UTRACE_TYPE_REFERENCE))
		return NULL;
	ut__sym_lock(type->file->symbols);
	if (!type->references[is_rvalue]) {
		type->references[is_rvalue] = new_type(type->file, kind, type->file->bits / 8);
		if (type->references[is_rvalue])
			type->references[is_rvalue]->target = type;
	}
	reference = type->references[is_rvalue];
	ut__sym_unlock(type->file->symbols);
	return reference;
}

utrace_type *utrace_type_function_of(utrace_image *image, utrace_type *result)
{
	struct ut__file *file = NULL;
	struct ut__types *types;
	utrace_type *type = NULL;

	ut__sym_lock(image->symbols);
	if (!ut__image_need_maps(image, NULL))
		for (size_t i = 0; !file && i < image->module_count; i++)
			file = ut__module_file(image->modules[i], NULL);
	types = file ? need_types(file) : NULL;
	for (type = types ? types->made : NULL; type; type = type->next) {
		if (type->kind == UTRACE_TYPE_FUNCTION && type->target == result)
			break;
	}
	if (types && !type && (type = new_type(file, UTRACE_TYPE_FUNCTION, -1))) {
		type->target = result;
		type->next = types->made;
		types->made = type;
	}
	ut__sym_unlock(image->symbols);
	return type;
}

utrace_type *utrace_type_array_of(utrace_type *type, int64_t length)
{
	utrace_type *array;
	int64_t element = utrace_type_size(type);

	if (!type || length < 0 || element < 0 || (element && length > INT64_MAX / element))
		return NULL;
	ut__sym_lock(type->file->symbols);
	for (array = type->arrays; array && array->length != length; array = array->next) {
	}
	if (!array && (array = new_type(type->file, UTRACE_TYPE_ARRAY, element * length))) {
		array->length = length;
		array->target = type;
		array->next = type->arrays;
		type->arrays = array;
	}
	ut__sym_unlock(type->file->symbols);
	return array;
}
