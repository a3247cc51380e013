/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/scope.c - where a name is looked for: in a function's blocks; in C++ the scopes around it, and those that
 * using-directives name. (DWARF 5, 3.2.3)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utrace/class.h>

#include "sym/variable.h"

enum { BLOCK_DEPTH_MAX = 32 };

/* ---- within a function ---- */

static bool is_block(int tag)
{
	return tag == DW_TAG_lexical_block || tag == DW_TAG_try_block || tag == DW_TAG_catch_block;
}

static bool find_in_block(Dwarf_Die *block, const char *name, int depth, Dwarf_Die *found)
{
	Dwarf_Die die;

	if (depth > BLOCK_DEPTH_MAX || !ut__die_child(block, &die))
		return false;
	do {
		int tag = dwarf_tag(&die);
		const char *own = tag == DW_TAG_variable || tag == DW_TAG_formal_parameter ? ut__die_name(&die) : NULL;

		if (own && strcmp(own, name) == 0) {
			*found = die;
			return true;
		}
	} while (ut__die_next(&die));
	if (!ut__die_child(block, &die))
		return false;
	do {
		if (is_block(dwarf_tag(&die)) && find_in_block(&die, name, depth + 1, found))
			return true;
	} while (ut__die_next(&die));
	return false;
}

int utrace_variable_find_inside(utrace_image *image, uint64_t address, const char *name, utrace_variable **variable,
				struct utrace_error *error)
{
	const struct ut__chain *chain = NULL;
	utrace_module *module;
	uint64_t elf_address = 0;
	int status;
	Dwarf_Die found;

	*variable = NULL;
	ut__sym_lock(image->symbols);
	status = ut__image_find(image, address, &module, &elf_address, error);
	if (!status)
		chain = ut__file_chain(module->file, elf_address);
	if (chain) {
		Dwarf_Die function = chain->dies[chain->count - 1];

		if (find_in_block(&function, name, 0, &found))
			*variable = ut__variable_of(module, chain->unit, &found, 0);
	}
	ut__sym_unlock(image->symbols);
	if (!status && !*variable)
		status = ut__fail(error, UTRACE_NOT_FOUND, 0, "There is no variable \"%s\" in the function.", name);
	return status;
}

/* ---- around it ---- */

struct scopes {
	struct ut__unit *unit;
	utrace_scope_callback *callback;
	void *data;
	int answer;
};

static void tell(struct scopes *scopes, const char *name)
{
	char *text = NULL;

	if (scopes->answer || asprintf(&text, *name ? "::%s::" : "::%s", name) < 0)
		return;
	scopes->answer = scopes->callback(text, scopes->data);
	free(text);
}

/* Cuts the last part off; false if there is none left. */
static bool cut(char *name)
{
	int depth = 0;

	for (size_t i = strlen(name); i-- > 1;) {
		depth += name[i] == '>' || name[i] == ')';
		depth -= name[i] == '<' || name[i] == '(';
		if (!depth && name[i] == ':' && name[i - 1] == ':') {
			name[i - 1] = '\0';
			return true;
		}
	}
	return false;
}

/* The function's own name is taken off first. One that is an instance has the name of what it is one of. */
static void tell_enclosing(struct scopes *scopes, Dwarf_Die *function)
{
	char *name = ut__unit_qualified_name(scopes->unit, function->addr);

	while (name && cut(name))
		tell(scopes, name);
	free(name);
}

static void tell_imports(struct scopes *scopes, Dwarf_Die *parent, int depth)
{
	Dwarf_Die die;

	if (depth > BLOCK_DEPTH_MAX || !ut__die_child(parent, &die))
		return;
	do {
		Dwarf_Attribute found;
		Dwarf_Die target;
		char *name;

		if (is_block(dwarf_tag(&die)))
			tell_imports(scopes, &die, depth + 1);
		if (dwarf_tag(&die) != DW_TAG_imported_module ||
		    !dwarf_formref_die(dwarf_attr(&die, DW_AT_import, &found), &target))
			continue;
		name = ut__unit_qualified_name(scopes->unit, target.addr);
		if (name)
			tell(scopes, name);
		free(name);
	} while (ut__die_next(&die));
}

static void tell_frame(struct scopes *scopes, utrace_frame *frame)
{
	struct ut__scope scope;
	Dwarf_Die die;

	if (ut__frame_scope(frame, &scope, NULL))
		return;
	scopes->unit = scope.chain->unit;
	die = scope.chain->dies[scope.position];
	tell_enclosing(scopes, &die);
	tell_imports(scopes, &die, 0);
	tell_imports(scopes, ut__unit_die(scopes->unit), 0);
}

int utrace_frame_scopes(utrace_frame *frame, utrace_scope_callback *callback, void *data)
{
	utrace_symbols *symbols = frame ? utrace_stack_image(utrace_frame_stack(frame))->symbols : NULL;
	struct scopes scopes = {.callback = callback, .data = data};

	if (frame) {
		ut__sym_lock(symbols);
		tell_frame(&scopes, frame);
		ut__sym_unlock(symbols);
	}
	tell(&scopes, "");
	return scopes.answer;
}
