/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/variable.c - which variables there are: those visible at a frame's pc, and by name. (DWARF 5, 3.3 to 3.5 and 4.1)
 */
#include "sym/variable.h"
#include "util/array.h"
#include "util/path.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS = 256, BLOCKS_MAX = 64 };

struct variables {
	utrace_variable *slots[SLOTS];
};

void ut__module_free_variables(utrace_module *module)
{
	for (size_t i = 0; module->variables && i < SLOTS; i++) {
		while (module->variables->slots[i]) {
			utrace_variable *next = module->variables->slots[i]->next;

			free(module->variables->slots[i]);
			module->variables->slots[i] = next;
		}
	}
	free(module->variables);
}

utrace_variable *ut__variable_of(utrace_module *module, struct ut__unit *unit, Dwarf_Die *die, uint32_t depth)
{
	utrace_variable **slot;
	utrace_variable *variable;

	if (!module->variables)
		module->variables = calloc(1, sizeof(*module->variables));
	if (!module->variables)
		return NULL;
	slot = &module->variables->slots[((uintptr_t)die->addr * 0x9e3779b97f4a7c15u >> 40) % SLOTS];
	for (variable = *slot; variable; variable = variable->next) {
		if (variable->die.addr == die->addr)
			return variable;
	}
	variable = calloc(1, sizeof(*variable));
	if (!variable)
		return NULL;
	*variable = (utrace_variable){.next = *slot,
				      .module = module,
				      .unit = unit,
				      .die = *die,
				      .depth = depth,
				      .is_argument = dwarf_tag(die) == DW_TAG_formal_parameter};
	*slot = variable;
	return variable;
}

int ut__frame_scope(utrace_frame *frame, struct ut__scope *scope, struct utrace_error *error)
{
	utrace_stack *stack = utrace_frame_stack(frame);
	utrace_module *module = utrace_frame_module(frame);
	size_t number = utrace_frame_number(frame);

	*scope = (struct ut__scope){.position = 0};
	if (!module || utrace_frame_kind(frame) > UTRACE_FRAME_INLINED)
		return ut__fail(error, UTRACE_NOT_FOUND, 0, "Frame %zu is of no function that is described.", number);
	if (!ut__module_file(module, error))
		return module->status;
	if (!ut__file_dwarf(module->file, NULL))
		return utrace_module_debug_state(module, error);
	scope->pc = utrace_frame_lookup_pc(frame) - module->bias;
	scope->chain = ut__file_chain(module->file, scope->pc);
	if (!scope->chain)
		return ut__fail(error, UTRACE_NOT_FOUND, 0, "Frame %zu is of no function that is described.", number);
	/* A function that has jumped on has one frame: the innermost body's. (utrace_unwind_options.tail_calls) */
	if (strcmp(utrace_frame_unwinder(frame), "tail-call") == 0)
		return UTRACE_OK;
	if (utrace_frame_kind(frame) == UTRACE_FRAME_NORMAL) {
		scope->position = scope->chain->count - 1;
		return UTRACE_OK;
	}
	/* The inlined frames of one address follow each other, innermost first. */
	while (number > 0 && utrace_frame_kind(utrace_stack_frame(stack, number - 1)) == UTRACE_FRAME_INLINED &&
	       utrace_frame_lookup_pc(utrace_stack_frame(stack, number - 1)) == utrace_frame_lookup_pc(frame)) {
		number--;
		scope->position++;
	}
	if (scope->position >= scope->chain->count)
		scope->position = scope->chain->count - 1;
	return UTRACE_OK;
}

/* ---- those of a frame ---- */

struct gather {
	utrace_module *module;
	struct ut__scope scope;
	utrace_variable **variables;
	size_t count, room;
	bool failed;
};

static void add(struct gather *gather, Dwarf_Die *die, uint32_t depth)
{
	utrace_variable *variable = ut__variable_of(gather->module, gather->scope.chain->unit, die, depth);

	if (!ut__grow(&gather->variables, &gather->room, gather->count, sizeof(*gather->variables))) {
		gather->failed = true;
		return;
	}
	gather->failed |= !variable;
	gather->variables[gather->count++] = variable;
}

static bool is_variable(Dwarf_Die *die, bool arguments)
{
	int tag = dwarf_tag(die);

	if (arguments)
		return tag == DW_TAG_formal_parameter;
	return tag == DW_TAG_variable && !ut__die_flag(die, DW_AT_declaration);
}

/* Whether a child of `block` is an instance of `origin`. */
static bool has_instance(Dwarf_Die *block, const void *origin)
{
	Dwarf_Attribute found;
	Dwarf_Die instance;
	Dwarf_Die target;

	if (!ut__die_child(block, &instance))
		return false;
	do {
		if (dwarf_formref_die(dwarf_attr(&instance, DW_AT_abstract_origin, &found), &target) &&
		    target.addr == origin)
			return true;
	} while (ut__die_next(&instance));
	return false;
}

/* What the function that the block is an instance of has, and the block has not: it is optimised out. */
static void add_lost(struct gather *gather, Dwarf_Die *block, Dwarf_Die *origin, bool arguments, uint32_t depth)
{
	Dwarf_Die die;

	if (!ut__die_child(origin, &die))
		return;
	do {
		if (is_variable(&die, arguments) && !has_instance(block, die.addr))
			add(gather, &die, depth);
	} while (ut__die_next(&die));
}

static void add_block(struct gather *gather, Dwarf_Die *block, bool arguments, uint32_t depth)
{
	Dwarf_Attribute found;
	Dwarf_Die origin;
	Dwarf_Die die;

	if (ut__die_child(block, &die)) {
		do {
			if (is_variable(&die, arguments))
				add(gather, &die, depth);
		} while (ut__die_next(&die));
	}
	if (dwarf_formref_die(dwarf_attr(block, DW_AT_abstract_origin, &found), &origin))
		add_lost(gather, block, &origin, arguments, depth);
}

static bool inner_block(Dwarf_Die *block, uint64_t pc)
{
	Dwarf_Die die;

	if (!ut__die_child(block, &die))
		return false;
	do {
		int tag = dwarf_tag(&die);

		if ((tag == DW_TAG_lexical_block || tag == DW_TAG_try_block || tag == DW_TAG_catch_block) &&
		    ut__die_covers(&die, pc)) {
			*block = die;
			return true;
		}
	} while (ut__die_next(&die));
	return false;
}

static int gather_scope(struct gather *gather, struct utrace_error *error)
{
	Dwarf_Die blocks[BLOCKS_MAX];
	uint32_t depth = 0;

	blocks[0] = gather->scope.chain->dies[gather->scope.position];
	while (depth + 1 < BLOCKS_MAX) {
		blocks[depth + 1] = blocks[depth];
		if (!inner_block(&blocks[depth + 1], gather->scope.pc))
			break;
		depth++;
	}
	for (uint32_t i = depth + 1; i-- > 0;)
		add_block(gather, &blocks[i], false, i);
	add_block(gather, &blocks[0], true, 0);
	return gather->failed ? ut__fail(error, UTRACE_NO_MEMORY, 0, "No memory for the variables.") : UTRACE_OK;
}

static int gather_frame(utrace_frame *frame, struct gather *gather, struct utrace_error *error)
{
	int status = ut__frame_scope(frame, &gather->scope, error);

	gather->module = utrace_frame_module(frame);
	return status ? status : gather_scope(gather, error);
}

static int gather_address(utrace_image *image, uint64_t address, struct gather *gather, struct utrace_error *error)
{
	int status = ut__image_find(image, address, &gather->module, &gather->scope.pc, error);

	if (status)
		return status;
	if (!ut__file_dwarf(gather->module->file, NULL))
		return utrace_module_debug_state(gather->module, error);
	gather->scope.chain = ut__file_chain(gather->module->file, gather->scope.pc);
	if (!gather->scope.chain)
		return ut__fail(error, UTRACE_NOT_FOUND, 0, "No function that is described has code at %#llx.",
				(unsigned long long)address);
	return gather_scope(gather, error);
}

static int hand_over(struct gather *gather, int status, utrace_variable **variables, size_t count)
{
	for (size_t i = 0; !status && i < gather->count && i < count; i++)
		variables[i] = gather->variables[i];
	free(gather->variables);
	return status ? status : (int)gather->count;
}

int utrace_variables_at(utrace_image *image, uint64_t address, utrace_variable **variables, size_t count,
			struct utrace_error *error)
{
	struct gather gather = {.count = 0};
	int status;

	ut__sym_lock(image->symbols);
	status = gather_address(image, address, &gather, error);
	ut__sym_unlock(image->symbols);
	return hand_over(&gather, status, variables, count);
}

int utrace_frame_variables(utrace_frame *frame, utrace_variable **variables, size_t count, struct utrace_error *error)
{
	utrace_symbols *symbols = utrace_stack_image(utrace_frame_stack(frame))->symbols;
	struct gather gather = {.count = 0};
	int status;

	ut__sym_lock(symbols);
	status = gather_frame(frame, &gather, error);
	ut__sym_unlock(symbols);
	return hand_over(&gather, status, variables, count);
}

/* ---- by name ---- */

struct wanted {
	const char *name;
	const char *file; /* NULL: any */
	utrace_module *module;
	struct ut__unit *only; /* NULL: any */
	bool globals_only;
	utrace_variable *found;
};

/* A declaration (extern, or a static member's in its class) is no variable; one that has a place or a value is. */
bool ut__variable_is_definition(Dwarf_Die *die)
{
	return dwarf_hasattr(die, DW_AT_location) || dwarf_hasattr(die, DW_AT_const_value) ||
	       (!ut__die_flag(die, DW_AT_declaration) && !dwarf_hasattr(die, DW_AT_specification));
}

static bool is_external(Dwarf_Die *die)
{
	Dwarf_Attribute found;
	bool flag = false;

	return dwarf_formflag(dwarf_attr_integrate(die, DW_AT_external, &found), &flag) == 0 && flag;
}

static bool look_in(struct ut__file *file, struct ut__unit *unit, void *data)
{
	struct wanted *wanted = data;

	(void)file;
	if ((wanted->only && wanted->only != unit) ||
	    (wanted->file && !ut__path_ends(ut__die_name(ut__unit_die(unit)), wanted->file)))
		return true;
	ut__unit_need_names(unit);
	for (size_t i = 0; i < unit->name_count; i++) {
		Dwarf_Die die;

		if (unit->names[i].tag != DW_TAG_variable || !unit->names[i].name ||
		    !ut__name_matches(unit, i, wanted->name) || !ut__unit_entry(unit, unit->names[i].entry, &die) ||
		    !ut__variable_is_definition(&die) || (wanted->globals_only && !is_external(&die)))
			continue;
		wanted->found = ut__variable_of(wanted->module, unit, &die, 0);
		return false;
	}
	return true;
}

static void look_everywhere(utrace_image *image, struct wanted *wanted)
{
	char *last = ut__name_last(wanted->name);

	for (size_t i = 0; last && i < image->module_count && !wanted->found; i++) {
		wanted->module = image->modules[i];
		if (ut__module_file(wanted->module, NULL) && ut__file_dwarf(wanted->module->file, NULL))
			ut__file_find(wanted->module->file, last, look_in, wanted);
	}
	free(last);
}

/* Where a name is looked for first: a frame, or an address of code. */
struct viewpoint {
	utrace_image *image;
	utrace_frame *frame;
	uint64_t address;
};

static int gather_from(const struct viewpoint *from, struct gather *gather)
{
	return from->frame ? gather_frame(from->frame, gather, NULL)
			   : gather_address(from->image, from->address, gather, NULL);
}

static utrace_variable *find_local(const struct viewpoint *from, const char *name, struct gather *gather)
{
	utrace_variable *found = NULL;

	if (gather_from(from, gather))
		return NULL;
	for (size_t i = 0; i < gather->count && !found; i++) {
		const char *own = utrace_variable_name(gather->variables[i]);

		if (own && strcmp(own, name) == 0)
			found = gather->variables[i];
	}
	return found;
}

static utrace_variable *find_from(const struct viewpoint *from, const char *name)
{
	struct gather gather = {.count = 0};
	struct wanted wanted = {.name = name};

	wanted.found = find_local(from, name, &gather);
	wanted.module = gather.module;
	if (!wanted.found && gather.scope.chain) {
		wanted.only = gather.scope.chain->unit;
		(void)look_in(wanted.module->file, wanted.only, &wanted);
	}
	free(gather.variables);
	return wanted.found;
}

static int find_name(const struct viewpoint *from, const char *name, utrace_variable **variable,
		     struct utrace_error *error)
{
	struct wanted wanted = {.name = name, .globals_only = true};
	utrace_image *image = from->image;
	int status;

	*variable = NULL;
	if (!name || !*name)
		return ut__fail(error, UTRACE_INVALID, 0, "The variable's name is empty.");
	ut__sym_lock(image->symbols);
	status = ut__image_need_maps(image, error);
	if (!status && (from->frame || from->address))
		wanted.found = find_from(from, name);
	if (!status && !wanted.found)
		look_everywhere(image, &wanted);
	wanted.globals_only = false;
	if (!status && !wanted.found)
		look_everywhere(image, &wanted);
	ut__sym_unlock(image->symbols);
	*variable = wanted.found;
	if (status || wanted.found)
		return status;
	return ut__fail(error, UTRACE_NOT_FOUND, 0, "There is no variable \"%s\" here.", name);
}

int utrace_variable_find(utrace_image *image, utrace_frame *frame, const char *name, utrace_variable **variable,
			 struct utrace_error *error)
{
	struct viewpoint from = {.image = image, .frame = frame};

	return find_name(&from, name, variable, error);
}

int utrace_variable_find_at(utrace_image *image, uint64_t address, const char *name, utrace_variable **variable,
			    struct utrace_error *error)
{
	struct viewpoint from = {.image = image, .address = address};

	return find_name(&from, name, variable, error);
}

int utrace_variable_find_in(utrace_image *image, const char *file, const char *name, utrace_variable **variable,
			    struct utrace_error *error)
{
	struct wanted wanted = {.name = name, .file = file};
	int status;

	*variable = NULL;
	if (!name || !*name || !file || !*file)
		return ut__fail(error, UTRACE_INVALID, 0, "The variable's or the file's name is empty.");
	ut__sym_lock(image->symbols);
	status = ut__image_need_maps(image, error);
	if (!status)
		look_everywhere(image, &wanted);
	ut__sym_unlock(image->symbols);
	*variable = wanted.found;
	if (status || wanted.found)
		return status;
	return ut__fail(error, UTRACE_NOT_FOUND, 0, "There is no variable \"%s\" of file \"%s\".", name, file);
}

/* ---- what a variable knows ---- */

static Dwarf_Die *locked_die(const utrace_variable *variable, Dwarf_Die *copy)
{
	ut__sym_lock(variable->module->image->symbols);
	*copy = variable->die;
	return copy;
}

static void unlock(const utrace_variable *variable)
{
	ut__sym_unlock(variable->module->image->symbols);
}

const char *utrace_variable_name(const utrace_variable *variable)
{
	Dwarf_Die die;
	const char *name = ut__die_name(locked_die(variable, &die));

	unlock(variable);
	return name;
}

const char *utrace_variable_file(utrace_variable *variable)
{
	Dwarf_Die die;
	uint32_t line;
	const char *name = ut__die_declaration(locked_die(variable, &die), &line);

	unlock(variable);
	return name;
}

uint32_t utrace_variable_line(utrace_variable *variable)
{
	Dwarf_Die die;
	uint32_t line;

	(void)ut__die_declaration(locked_die(variable, &die), &line);
	unlock(variable);
	return line;
}

int utrace_variable_is_external(const utrace_variable *variable)
{
	Dwarf_Die die;
	bool external = is_external(locked_die(variable, &die));

	unlock(variable);
	return external;
}

/* A place that needs no frame: an expression that begins with an address, or a constant. (DWARF 5, 2.6.1.1.2) */
int utrace_variable_is_static(const utrace_variable *variable)
{
	Dwarf_Attribute found;
	Dwarf_Die die;
	Dwarf_Op *ops;
	size_t count = 0;
	bool is_static = false;

	if (!dwarf_getlocation(dwarf_attr_integrate(locked_die(variable, &die), DW_AT_location, &found), &ops,
			       &count) &&
	    count)
		is_static = ops[0].atom == DW_OP_addr || ops[0].atom == DW_OP_addrx ||
			    ops[0].atom == DW_OP_GNU_addr_index || ops[0].atom == DW_OP_const8u ||
			    ops[0].atom == DW_OP_const4u;
	unlock(variable);
	return is_static;
}

int utrace_variable_is_argument(const utrace_variable *variable)
{
	return variable->is_argument;
}

uint32_t utrace_variable_depth(const utrace_variable *variable)
{
	return variable->depth;
}

utrace_module *utrace_variable_module(const utrace_variable *variable)
{
	return variable->module;
}
