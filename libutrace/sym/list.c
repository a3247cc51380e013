/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/list.c - everything that has a name: for lists that a person asks for, and for completion.
 *
 * Unlike a search by name (find.c) this reads the entries of every unit of every module.
 */
#include <stdlib.h>
#include <string.h>

#include "sym/type.h"
#include "sym/variable.h"

/* One walk over all names; `visit` returns non-zero to end it. */
struct walk {
	utrace_module *module;
	int (*visit)(struct walk *walk, struct ut__unit *unit, size_t index, Dwarf_Die *die);
	void *callback;
	void *data;
	const char *name; /* only this one; NULL: all */
	/* of an enumerator */
	utrace_type *type;
	int64_t value;
};

static int walk_unit(struct walk *walk, struct ut__unit *unit)
{
	int answer = 0;

	ut__unit_need_names(unit);
	for (size_t i = 0; i < unit->name_count && !answer; i++) {
		Dwarf_Die die;

		if (unit->names[i].name && ut__unit_entry(unit, unit->names[i].entry, &die))
			answer = walk->visit(walk, unit, i, &die);
	}
	return answer;
}

static int walk_image(utrace_image *image, struct walk *walk)
{
	int answer = 0;

	if (ut__image_need_maps(image, NULL))
		return 0;
	for (size_t i = 0; i < image->module_count && !answer; i++) {
		struct ut__file *file = ut__module_file(image->modules[i], NULL);
		struct ut__units *units = file && ut__file_dwarf(file, NULL) ? ut__file_units(file, NULL) : NULL;

		walk->module = image->modules[i];
		for (size_t n = 0; units && n < units->count && !answer; n++)
			answer = walk_unit(walk, &units->all[n]);
	}
	return answer;
}

/* ---- functions ---- */

static int visit_function(struct walk *walk, struct ut__unit *unit, size_t index, Dwarf_Die *die)
{
	utrace_location_callback *callback = walk->callback;
	struct utrace_location location = {.size = sizeof(location), .module = walk->module};

	(void)unit;
	if (unit->names[index].tag != DW_TAG_subprogram || !ut__die_has_code(die))
		return 0;
	location.function = unit->names[index].name;
	location.entry = ut__die_entry(die) + walk->module->bias;
	location.address = location.entry;
	location.file = ut__die_declaration(die, &location.declared_line);
	location.line = location.declared_line;
	return callback(&location, walk->data);
}

int utrace_function_list(utrace_image *image, utrace_location_callback *callback, void *data)
{
	struct walk walk = {.visit = visit_function, .callback = callback, .data = data};
	int answer;

	ut__sym_lock(image->symbols);
	answer = walk_image(image, &walk);
	ut__sym_unlock(image->symbols);
	return answer;
}

/* ---- variables ---- */

static int visit_variable(struct walk *walk, struct ut__unit *unit, size_t index, Dwarf_Die *die)
{
	utrace_variable_callback *callback = walk->callback;
	utrace_variable *variable;

	if (unit->names[index].tag != DW_TAG_variable || !ut__variable_is_definition(die))
		return 0;
	variable = ut__variable_of(walk->module, unit, die, 0);
	return variable ? callback(variable, walk->data) : 0;
}

int utrace_variable_list(utrace_image *image, utrace_variable_callback *callback, void *data)
{
	struct walk walk = {.visit = visit_variable, .callback = callback, .data = data};
	int answer;

	ut__sym_lock(image->symbols);
	answer = walk_image(image, &walk);
	ut__sym_unlock(image->symbols);
	return answer;
}

/* ---- types ---- */

static int visit_type(struct walk *walk, struct ut__unit *unit, size_t index, Dwarf_Die *die)
{
	utrace_type_callback *callback = walk->callback;
	const char *file;
	uint32_t line = 0;
	utrace_type *type;

	if (!ut__is_type_tag(unit->names[index].tag))
		return 0;
	type = ut__type_of_die(walk->module->file, die);
	if (!type || type->is_declaration)
		return 0;
	file = ut__die_declaration(die, &line);
	return callback(type, file, line, walk->data);
}

int utrace_type_list(utrace_image *image, utrace_type_callback *callback, void *data)
{
	struct walk walk = {.visit = visit_type, .callback = callback, .data = data};
	int answer;

	ut__sym_lock(image->symbols);
	answer = walk_image(image, &walk);
	ut__sym_unlock(image->symbols);
	return answer;
}

/* ---- enumerators ---- */

static bool find_enumerator(struct ut__file *file, struct ut__unit *unit, void *data)
{
	struct walk *walk = data;
	Dwarf_Attribute found;
	Dwarf_Sword value;

	ut__unit_need_names(unit);
	for (size_t i = 0; i < unit->name_count; i++) {
		const struct ut__name *name = &unit->names[i];
		Dwarf_Die die;
		Dwarf_Die parent;

		if (name->tag != DW_TAG_enumerator || !name->name || !ut__name_matches(unit, i, walk->name) ||
		    !ut__unit_entry(unit, name->entry, &die) || name->scope >= unit->name_count ||
		    !ut__unit_entry(unit, unit->names[name->scope].entry, &parent) ||
		    dwarf_formsdata(dwarf_attr(&die, DW_AT_const_value, &found), &value))
			continue;
		walk->type = ut__type_of_die(file, &parent);
		walk->value = value;
		return walk->type == NULL;
	}
	return true;
}

int utrace_enumerator_find(utrace_image *image, const char *name, utrace_type **type, int64_t *value,
			   struct utrace_error *error)
{
	struct walk walk = {.name = name};
	int status;
	char *last;

	*type = NULL;
	if (!name || !*name)
		return ut__fail(error, UTRACE_INVALID, 0, "The enumerator's name is empty.");
	last = ut__name_last(name);
	if (!last)
		return ut__fail(error, UTRACE_NO_MEMORY, 0, "No memory for a name.");
	ut__sym_lock(image->symbols);
	status = ut__image_need_maps(image, error);
	for (size_t i = 0; !status && !walk.type && i < image->module_count; i++) {
		struct ut__file *file = ut__module_file(image->modules[i], NULL);

		if (file && ut__file_dwarf(file, NULL))
			ut__file_find(file, last, find_enumerator, &walk);
	}
	ut__sym_unlock(image->symbols);
	free(last);
	if (status)
		return status;
	*type = walk.type;
	*value = walk.value;
	return walk.type ? UTRACE_OK
			 : ut__fail(error, UTRACE_NOT_FOUND, 0, "No module describes an enumerator \"%s\".", name);
}
