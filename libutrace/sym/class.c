/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/class.c - what C++ adds to types: methods, template arguments, virtual bases. (DWARF 5, 3.3 and 5.7)
 */
#include <stdlib.h>
#include <string.h>
#include <utrace/class.h>

#include "sym/expression.h"
#include "sym/type.h"

/* ---- children of a type's entry ---- */

/* One child after the other into the caller's array; how many there are, also of those that don't fit. */
struct fill {
	utrace_type *type;
	void *out;
	size_t count, found;
	bool failed;
};

typedef void fill_child(struct fill *fill, Dwarf_Die *die);

static void store(struct fill *fill, const void *full, size_t size)
{
	if (fill->found < fill->count && ut__store_nth(fill->out, fill->found, full, size))
		fill->failed = true;
	fill->found++;
}

static void each_child(struct fill *fill, Dwarf_Die *parent, fill_child *visit)
{
	Dwarf_Die die;

	if (!ut__die_child(parent, &die))
		return;
	do {
		visit(fill, &die);
	} while (ut__die_next(&die));
}

static size_t fill_all(utrace_type *type, void *out, size_t count, fill_child *visit)
{
	struct fill fill = {.type = type, .out = out, .count = count};

	if (!type || !type->die.addr)
		return 0;
	ut__sym_lock(type->file->symbols);
	each_child(&fill, &type->die, visit);
	ut__sym_unlock(type->file->symbols);
	return fill.failed ? 0 : fill.found;
}

/* The slot is a constant, or an expression of one. */
static uint32_t slot_of(Dwarf_Die *die)
{
	Dwarf_Attribute found;
	Dwarf_Word number;
	Dwarf_Op *ops;
	size_t count;

	if (!dwarf_attr_integrate(die, DW_AT_vtable_elem_location, &found))
		return UINT32_MAX;
	if (dwarf_formudata(&found, &number) == 0)
		return (uint32_t)number;
	if (dwarf_getlocation(&found, &ops, &count) || count != 1)
		return UINT32_MAX;
	if (ops[0].atom >= DW_OP_lit0 && ops[0].atom <= DW_OP_lit31)
		return (uint32_t)(ops[0].atom - DW_OP_lit0);
	return (uint32_t)ops[0].number;
}

/* clang tells which parameter is `this` only where the function is defined, but it is always artificial. */
static bool takes_this(Dwarf_Die *die)
{
	Dwarf_Die parameter;

	if (dwarf_hasattr(die, DW_AT_object_pointer))
		return true;
	return ut__die_child(die, &parameter) && dwarf_tag(&parameter) == DW_TAG_formal_parameter &&
	       ut__die_flag(&parameter, DW_AT_artificial);
}

static void fill_method(struct fill *fill, Dwarf_Die *die)
{
	struct utrace_method method = {.size = sizeof(method)};
	uint64_t virtuality = 0;

	if (dwarf_tag(die) != DW_TAG_subprogram)
		return;
	method.name = ut__die_name(die);
	method.linkage_name = ut__die_linkage_name(die);
	method.type = ut__type_of_die(fill->type->file, die);
	method.access = ut__die_access(die, fill->type->kind);
	(void)ut__die_number(die, DW_AT_virtuality, &virtuality);
	method.is_virtual = virtuality != DW_VIRTUALITY_none;
	method.is_static = !takes_this(die);
	method.is_artificial = ut__die_flag(die, DW_AT_artificial);
	method.slot = slot_of(die);
	store(fill, &method, sizeof(method));
}

size_t utrace_type_methods(utrace_type *type, struct utrace_method *methods, size_t count)
{
	return fill_all(type, methods, count, fill_method);
}

static void fill_typedef(struct fill *fill, Dwarf_Die *die)
{
	utrace_type *type = dwarf_tag(die) == DW_TAG_typedef ? ut__type_of_die(fill->type->file, die) : NULL;

	if (!type)
		return;
	if (fill->found < fill->count)
		((utrace_type **)fill->out)[fill->found] = type;
	fill->found++;
}

size_t utrace_type_typedefs(utrace_type *type, utrace_type **typedefs, size_t count)
{
	return fill_all(type, typedefs, count, fill_typedef);
}

static void fill_argument(struct fill *fill, Dwarf_Die *die)
{
	struct utrace_template_argument argument = {.size = sizeof(argument)};
	Dwarf_Attribute found;
	Dwarf_Sword value;

	switch (dwarf_tag(die)) {
	case DW_TAG_GNU_template_parameter_pack:
		each_child(fill, die, fill_argument);
		return;
	case DW_TAG_template_value_parameter:
		argument.is_value = 1;
		if (dwarf_formsdata(dwarf_attr(die, DW_AT_const_value, &found), &value) == 0)
			argument.value = value;
		break;
	case DW_TAG_template_type_parameter:
		break;
	default:
		return;
	}
	argument.name = ut__die_name(die);
	argument.type = ut__type_of(fill->type->file, die);
	store(fill, &argument, sizeof(argument));
}

size_t utrace_type_template_arguments(utrace_type *type, struct utrace_template_argument *arguments, size_t count)
{
	return fill_all(type, arguments, count, fill_argument);
}

/* ---- instances of a template ---- */

enum { ARGUMENTS_MAX = 8 };

struct instance {
	const char *name;
	utrace_type *const *arguments;
	char **texts; /* of the arguments: in another unit they are other types */
	size_t count;
	utrace_type *found;
};

static bool same_type(utrace_type *one, utrace_type *other, const char *text)
{
	char *own = one == other ? NULL : utrace_type_print(one, "");
	bool same = one == other || (own && text && strcmp(own, text) == 0);

	free(own);
	return same;
}

static bool is_instance(utrace_type *type, const struct instance *instance)
{
	struct utrace_template_argument own[ARGUMENTS_MAX] = {{.size = sizeof(own[0])}};

	if (utrace_type_template_arguments(type, own, ARGUMENTS_MAX) < instance->count)
		return false;
	for (size_t i = 0; i < instance->count; i++) {
		if (own[i].is_value || !same_type(own[i].type, instance->arguments[i], instance->texts[i]))
			return false;
	}
	return true;
}

static bool look_for_instance(struct ut__file *file, struct ut__unit *unit, void *data)
{
	struct instance *instance = data;

	ut__unit_need_names(unit);
	for (size_t i = 0; i < unit->name_count; i++) {
		const struct ut__name *name = &unit->names[i];
		utrace_type *type;
		Dwarf_Die die;

		if (!ut__is_type_tag(name->tag) || name->is_declaration || !name->name ||
		    !ut__name_matches(unit, i, instance->name) || !ut__unit_entry(unit, name->entry, &die))
			continue;
		type = ut__type_of_die(file, &die);
		if (type && is_instance(type, instance)) {
			instance->found = type;
			return false;
		}
	}
	return true;
}

static void find_instance(utrace_image *image, struct instance *instance)
{
	char *last = ut__name_last(instance->name);

	for (size_t i = 0; last && i < image->module_count && !instance->found; i++) {
		struct ut__file *file = ut__module_file(image->modules[i], NULL);

		if (file && ut__file_dwarf(file, NULL))
			ut__file_find(file, last, look_for_instance, instance);
	}
	free(last);
}

int utrace_type_instance(utrace_image *image, const char *name, utrace_type *const *arguments, size_t count,
			 utrace_type **type, struct utrace_error *error)
{
	char *texts[ARGUMENTS_MAX] = {NULL};
	struct instance instance = {.name = name, .arguments = arguments, .texts = texts, .count = count};
	int status;

	*type = NULL;
	if (!name || !*name || count > ARGUMENTS_MAX)
		return ut__fail(error, UTRACE_INVALID, 0, "A template has a name and up to %d arguments.",
				ARGUMENTS_MAX);
	ut__sym_lock(image->symbols);
	for (size_t i = 0; i < count; i++)
		texts[i] = utrace_type_print(arguments[i], "");
	status = ut__image_need_maps(image, error);
	if (!status)
		find_instance(image, &instance);
	ut__sym_unlock(image->symbols);
	for (size_t i = 0; i < count; i++)
		free(texts[i]);
	*type = instance.found;
	if (status || instance.found)
		return status;
	return ut__fail(error, UTRACE_NOT_FOUND, 0, "No module describes such an instance of \"%s\".", name);
}

/* ---- small questions ---- */

utrace_type *utrace_type_class(utrace_type *type)
{
	Dwarf_Attribute found;
	utrace_type *class = NULL;
	Dwarf_Die die;

	if (!type || type->kind != UTRACE_TYPE_MEMBER_POINTER)
		return NULL;
	ut__sym_lock(type->file->symbols);
	if (dwarf_formref_die(dwarf_attr(&type->die, DW_AT_containing_type, &found), &die))
		class = ut__type_of_die(type->file, &die);
	ut__sym_unlock(type->file->symbols);
	return class;
}

int utrace_type_is_scoped(utrace_type *type)
{
	bool is_scoped;

	if (!type || type->kind != UTRACE_TYPE_ENUM)
		return 0;
	ut__sym_lock(type->file->symbols);
	is_scoped = ut__die_flag(&type->die, DW_AT_enum_class);
	ut__sym_unlock(type->file->symbols);
	return is_scoped;
}

/* ---- where a member is ---- */

static int read_object(void *data, uint64_t address, void *buffer, size_t size, struct utrace_error *error)
{
	return ut__image_read(data, address, buffer, size, error);
}

static int member_address(utrace_image *image, utrace_type *type, Dwarf_Die *die, uint64_t object, uint64_t *address,
			  struct utrace_error *error)
{
	static const struct ut__expression_ops ops_of_object = {.read = read_object};
	struct ut__expression expression = {.ops = &ops_of_object,
					    .data = image,
					    .bytes = type->file->bits / 8,
					    .initial = &object,
					    .object = &object};
	Dwarf_Attribute attribute;
	Dwarf_Word offset;
	Dwarf_Op *ops;
	size_t count;

	*address = object;
	if (!dwarf_attr(die, DW_AT_data_member_location, &attribute))
		return UTRACE_OK;
	if (dwarf_formudata(&attribute, &offset) == 0) {
		*address = object + offset;
		return UTRACE_OK;
	}
	if (dwarf_getlocation(&attribute, &ops, &count))
		return ut__fail(error, UTRACE_INVALID, 0, "The place of a member is damaged: %s.", dwarf_errmsg(-1));
	expression.attribute = &attribute;
	return ut__expression_value(&expression, ops, count, address, error);
}

static bool is_counted(int tag)
{
	return tag == DW_TAG_member || tag == DW_TAG_inheritance || tag == DW_TAG_variable;
}

static bool nth_member(utrace_type *type, size_t index, Dwarf_Die *die)
{
	if (!type->die.addr || !ut__die_child(&type->die, die))
		return false;
	do {
		if (is_counted(dwarf_tag(die)) && index-- == 0)
			return true;
	} while (ut__die_next(die));
	return false;
}

int utrace_member_address(utrace_image *image, utrace_type *type, size_t index, uint64_t object, uint64_t *address,
			  struct utrace_error *error)
{
	int status;
	Dwarf_Die die;

	*address = 0;
	if (!type)
		return ut__fail(error, UTRACE_NOT_FOUND, 0, "There is no such member.");
	ut__sym_lock(image->symbols);
	if (nth_member(type, index, &die))
		status = member_address(image, type, &die, object, address, error);
	else
		status = ut__fail(error, UTRACE_NOT_FOUND, 0, "There is no such member.");
	ut__sym_unlock(image->symbols);
	return status;
}
