/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/function.c - the functions that an address is in.
 *
 * Each unit has a sorted table of its functions' ranges, and each file a table of the addresses that were asked for,
 * because the same ones come again:
 * in every thread's stack, and at every stop.
 */
#include <stdlib.h>
#include <string.h>

#include "sym/dwarf.h"
#include "util/array.h"

enum { INLINED_MAX = 64, PCS_SLOTS = 1024 };

/* Addresses and their chains: open chaining, never more than PCS_SLOTS * PCS_PER_SLOT, then it starts afresh. */
struct pc_entry {
	struct pc_entry *next;
	uint64_t address;
	struct ut__chain *chain; /* NULL: in no function */
};

struct ut__pcs {
	struct pc_entry *slots[PCS_SLOTS];
};

void ut__pcs_free(struct ut__pcs *pcs)
{
	for (size_t i = 0; pcs && i < PCS_SLOTS; i++) {
		while (pcs->slots[i]) {
			struct pc_entry *next = pcs->slots[i]->next;

			free(pcs->slots[i]->chain);
			free(pcs->slots[i]);
			pcs->slots[i] = next;
		}
	}
	free(pcs);
}

static bool add_code(struct ut__unit *unit, size_t *room, uint64_t start, uint64_t end, void *entry)
{
	if (!start || start >= end)
		return true;
	if (!ut__grow(&unit->functions, room, unit->function_count, sizeof(*unit->functions)))
		return false;
	unit->functions[unit->function_count++] = (struct ut__code){start, end, entry};
	return true;
}

static bool add_function(struct ut__unit *unit, size_t *room, Dwarf_Die *die)
{
	ptrdiff_t offset = 0;
	Dwarf_Addr base;
	Dwarf_Addr start;
	Dwarf_Addr end;

	while ((offset = dwarf_ranges(die, offset, &base, &start, &end)) > 0) {
		if (!add_code(unit, room, start, end, die->addr))
			return false;
	}
	return true;
}

static bool may_hold_functions(int tag)
{
	return tag == DW_TAG_namespace || tag == DW_TAG_module || tag == DW_TAG_structure_type ||
	       tag == DW_TAG_class_type || tag == DW_TAG_union_type;
}

static bool collect(struct ut__unit *unit, size_t *room, Dwarf_Die *parent, int depth)
{
	Dwarf_Die die;

	if (depth > UT__DEPTH_MAX || !ut__die_child(parent, &die))
		return true;
	do {
		int tag = dwarf_tag(&die);

		if (tag == DW_TAG_subprogram && !add_function(unit, room, &die))
			return false;
		if (may_hold_functions(tag) && !collect(unit, room, &die, depth + 1))
			return false;
	} while (ut__die_next(&die));
	return true;
}

static int compare(const void *left, const void *right)
{
	const struct ut__code *a = left;
	const struct ut__code *b = right;

	return a->start < b->start ? -1 : a->start > b->start;
}

static void make_functions(struct ut__unit *unit)
{
	size_t room = 0;

	unit->functions_made = true;
	(void)collect(unit, &room, ut__unit_die(unit), 0);
	if (unit->function_count)
		qsort(unit->functions, unit->function_count, sizeof(*unit->functions), compare);
}

static const struct ut__code *function_at(struct ut__unit *unit, uint64_t address)
{
	size_t low = 0;
	size_t high;

	if (!unit->functions_made)
		make_functions(unit);
	high = unit->function_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (unit->functions[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low && address < unit->functions[low - 1].end ? &unit->functions[low - 1] : NULL;
}

static bool is_block(int tag)
{
	return tag == DW_TAG_lexical_block || tag == DW_TAG_try_block || tag == DW_TAG_catch_block ||
	       tag == DW_TAG_inlined_subroutine || tag == DW_TAG_subprogram;
}

/* The child of a function or block that has the address. */
static bool inner(Dwarf_Die *die, uint64_t address)
{
	Dwarf_Die child;

	if (!ut__die_child(die, &child))
		return false;
	do {
		if (is_block(dwarf_tag(&child)) && ut__die_covers(&child, address)) {
			*die = child;
			return true;
		}
	} while (ut__die_next(&child));
	return false;
}

static struct ut__chain *make_chain(struct ut__file *file, uint64_t address)
{
	struct ut__unit *unit = ut__file_unit_at(file, address);
	const struct ut__code *code = unit ? function_at(unit, address) : NULL;
	Dwarf_Die found[INLINED_MAX];
	struct ut__chain *chain;
	Dwarf_Die die;
	size_t count = 0;

	if (!code || !ut__unit_entry(unit, code->entry, &die))
		return NULL;
	found[count++] = die;
	for (int depth = 0; depth < UT__DEPTH_MAX && count < INLINED_MAX && inner(&die, address); depth++) {
		/* A nested function is one of its own: what it stands in is no caller. */
		if (dwarf_tag(&die) == DW_TAG_subprogram)
			count = 0;
		if (dwarf_tag(&die) == DW_TAG_inlined_subroutine || dwarf_tag(&die) == DW_TAG_subprogram)
			found[count++] = die;
	}
	chain = malloc(sizeof(*chain) + count * sizeof(chain->dies[0]));
	if (!chain)
		return NULL;
	chain->count = count;
	chain->unit = unit;
	for (size_t i = 0; i < count; i++)
		chain->dies[i] = found[count - 1 - i];
	return chain;
}

const struct ut__chain *ut__file_chain(struct ut__file *file, uint64_t address)
{
	struct pc_entry **slot;
	struct pc_entry *entry;

	if (!file->pcs)
		file->pcs = calloc(1, sizeof(*file->pcs));
	if (!file->pcs)
		return NULL;
	slot = &file->pcs->slots[(address * 0x9e3779b97f4a7c15u >> 32) % PCS_SLOTS];
	for (entry = *slot; entry; entry = entry->next) {
		if (entry->address == address)
			return entry->chain;
	}
	entry = malloc(sizeof(*entry));
	if (!entry)
		return NULL;
	*entry = (struct pc_entry){.next = *slot, .address = address, .chain = make_chain(file, address)};
	*slot = entry;
	return entry->chain;
}

static void fill(struct utrace_function *function, utrace_module *module, const struct ut__chain *chain, size_t n,
		 uint64_t address)
{
	Dwarf_Die die = chain->dies[n];
	Dwarf_Die *unit = ut__unit_die(chain->unit);
	uint64_t number;

	*function = (struct utrace_function){.size = sizeof(*function),
					     .name = ut__die_name(&die),
					     .linkage_name = ut__die_linkage_name(&die),
					     .entry = ut__die_entry(&die) + module->bias,
					     .module = module,
					     .is_inlined = dwarf_tag(&die) == DW_TAG_inlined_subroutine};
	if (ut__die_range(&die, address, &function->start, &function->end)) {
		function->start += module->bias;
		function->end += module->bias;
	}
	if (!function->is_inlined)
		return;
	if (ut__die_number(&die, DW_AT_call_line, &number))
		function->call_line = (uint32_t)number;
	if (ut__die_number(&die, DW_AT_call_file, &number))
		function->call_file = ut__unit_file_name(unit, number);
}

int utrace_function_at(utrace_image *image, uint64_t address, struct utrace_function *functions, size_t count,
		       struct utrace_error *error)
{
	const struct ut__chain *chain = NULL;
	struct utrace_function full;
	utrace_module *module;
	uint64_t elf_address = 0;
	int status;

	ut__sym_lock(image->symbols);
	status = ut__image_find_debug(image, address, &module, &elf_address, error);
	if (!status)
		chain = ut__file_chain(module->file, elf_address);
	if (!status && !chain)
		status = ut__fail(error, UTRACE_NOT_FOUND, 0, "No function of %s has the address %#llx.", module->name,
				  (unsigned long long)address);
	for (size_t i = 0; !status && i < chain->count && i < count; i++) {
		fill(&full, module, chain, i, elf_address);
		if (ut__store_nth(functions, i, &full, sizeof(full)))
			status = ut__fail(error, UTRACE_INVALID, 0, "The first function's member `size` is not set.");
	}
	if (!status)
		status = (int)chain->count;
	ut__sym_unlock(image->symbols);
	return status;
}
