/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/tail.c - functions that have left the stack by a jump to another one: what lies between a call and the function that
 * it ended up in. (DWARF 5, 3.4: DW_AT_call_tail_call)
 *
 * All ways from the function that was called to the one that runs are walked.  Only what every way has in common is told,
 * and nothing where a way leads through code that is not described: a frame that is made up must be certain.
 */
#include <string.h>

#include "sym/variable.h"

enum { VISITS_MAX = 4096 };

struct search {
	utrace_image *image;
	uint64_t goal; /* entry of the function that runs */
	uint64_t path[UT__TAIL_CALLS_MAX];
	size_t length;
	uint64_t found
		[UT__TAIL_CALLS_MAX]; /* the first way; of it, so many from the caller and from the goal are common to all */
	size_t found_length, callers, callees;
	bool any, uncertain;
	unsigned visits;
};

static bool function_of(utrace_image *image, uint64_t address, utrace_module **module, Dwarf_Die *function)
{
	const struct ut__chain *chain;
	uint64_t elf_address;

	if (ut__image_find_debug(image, address, module, &elf_address, NULL))
		return false;
	chain = ut__file_chain((*module)->file, elf_address);
	if (!chain)
		return false;
	*function = chain->dies[chain->count - 1];
	return true;
}

static int take_function(const struct utrace_symbol *symbol, void *data)
{
	uint64_t *address = data;

	if (symbol->kind != UTRACE_SYMBOL_FUNCTION)
		return 0;
	*address = symbol->address;
	return 1;
}

bool ut__call_site_target(utrace_module *module, Dwarf_Die *site, uint64_t *address)
{
	utrace_image *image = module->image;
	Dwarf_Die target;
	const char *name;

	if (!ut__call_site_origin(site, &target))
		return false;
	if (ut__die_has_code(&target)) {
		*address = ut__die_entry(&target) + module->bias;
		return true;
	}
	name = ut__die_linkage_name(&target);
	if (!name)
		name = ut__die_name(&target);
	return name && (utrace_symbol_each(image, module, name, take_function, address) ||
			utrace_symbol_each(image, NULL, name, take_function, address));
}

/* What the present way shares with those before. */
static void note_way(struct search *search)
{
	size_t most = search->length < search->found_length ? search->length : search->found_length;
	size_t n;

	if (!search->any) {
		search->any = true;
		memcpy(search->found, search->path, search->length * sizeof(search->path[0]));
		search->found_length = search->callers = search->callees = search->length;
		return;
	}
	for (n = 0; n < most && n < search->callers && search->found[n] == search->path[n]; n++) {
	}
	search->callers = n;
	for (n = 0; n < most && n < search->callees &&
		    search->found[search->found_length - 1 - n] == search->path[search->length - 1 - n];
	     n++) {
	}
	search->callees = n;
}

static void follow(struct search *search, uint64_t target);

static void take_site(struct search *search, utrace_module *module, Dwarf_Die *site)
{
	uint64_t pc;
	uint64_t target;

	if (!ut__call_site_pc(site, &pc) || !ut__call_site_target(module, site, &target) ||
	    search->length == UT__TAIL_CALLS_MAX || search->visits++ > VISITS_MAX) {
		search->uncertain = true;
		return;
	}
	pc += module->bias;
	for (size_t i = 0; i < search->length; i++)
		if (search->path[i] == pc)
			return;
	search->path[search->length++] = pc;
	follow(search, target);
	search->length--;
}

static void take_sites(struct search *search, utrace_module *module, Dwarf_Die *parent, int depth)
{
	Dwarf_Die die;

	if (depth > UT__DEPTH_MAX || !ut__die_child(parent, &die))
		return;
	do {
		int tag = dwarf_tag(&die);

		if ((tag == DW_TAG_call_site && ut__die_flag(&die, DW_AT_call_tail_call)) ||
		    (tag == DW_TAG_GNU_call_site && ut__die_flag(&die, DW_AT_GNU_tail_call)))
			take_site(search, module, &die);
		else if (tag == DW_TAG_lexical_block || tag == DW_TAG_inlined_subroutine || tag == DW_TAG_try_block ||
			 tag == DW_TAG_catch_block)
			take_sites(search, module, &die, depth + 1);
	} while (!search->uncertain && ut__die_next(&die));
}

static void follow(struct search *search, uint64_t target)
{
	utrace_module *module;
	Dwarf_Die function;

	if (target == search->goal) {
		note_way(search);
		return;
	}
	if (!function_of(search->image, target, &module, &function) ||
	    ut__die_entry(&function) + module->bias != target)
		search->uncertain = true;
	else
		take_sites(search, module, &function, 0);
}

size_t ut__tail_calls(utrace_image *image, uint64_t return_pc, uint64_t pc, uint64_t *pcs)
{
	struct search search = {.image = image};
	utrace_module *module;
	Dwarf_Die function;
	Dwarf_Die site;
	uint64_t target;
	size_t count = 0;

	if (!function_of(image, pc, &module, &function))
		return 0;
	search.goal = ut__die_entry(&function) + module->bias;
	if (!function_of(image, return_pc - 1, &module, &function) ||
	    !ut__call_site_find(&function, return_pc - module->bias, &site) ||
	    !ut__call_site_target(module, &site, &target))
		return 0;
	follow(&search, target);
	if (search.uncertain || !search.any)
		return 0;
	while (count < search.callees)
		pcs[count] = search.found[search.found_length - 1 - count], count++;
	if (search.callees == search.found_length)
		return count;
	for (size_t n = search.callers; n > 0 && count < UT__TAIL_CALLS_MAX; n--)
		pcs[count++] = search.found[n - 1];
	return count;
}
