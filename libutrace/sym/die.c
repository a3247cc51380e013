/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/die.c - small questions to a debugging information entry. (DWARF 5, chapters 2 and 3)
 */
#include "sym/dwarf.h"

bool ut__die_child(Dwarf_Die *die, Dwarf_Die *child)
{
	const void *parent = die->addr;

	return dwarf_child(die, child) == 0 && (const char *)child->addr > (const char *)parent;
}

/* A sibling reference that points back would make a walk endless. */
bool ut__die_next(Dwarf_Die *die)
{
	const void *before = die->addr;

	return dwarf_siblingof(die, die) == 0 && (const char *)die->addr > (const char *)before;
}

static const char *string(Dwarf_Die *die, unsigned attribute)
{
	Dwarf_Attribute found;

	return dwarf_formstring(dwarf_attr_integrate(die, attribute, &found));
}

const char *ut__die_name(Dwarf_Die *die)
{
	return string(die, DW_AT_name);
}

const char *ut__die_linkage_name(Dwarf_Die *die)
{
	const char *name = string(die, DW_AT_linkage_name);

	return name ? name : string(die, DW_AT_MIPS_linkage_name);
}

bool ut__die_flag(Dwarf_Die *die, unsigned attribute)
{
	Dwarf_Attribute found;
	bool flag;

	return dwarf_attr(die, attribute, &found) && dwarf_formflag(&found, &flag) == 0 && flag;
}

bool ut__die_number(Dwarf_Die *die, unsigned attribute, uint64_t *value)
{
	Dwarf_Attribute found;

	return dwarf_formudata(dwarf_attr_integrate(die, attribute, &found), value) == 0;
}

bool ut__die_has_code(Dwarf_Die *die)
{
	return dwarf_hasattr(die, DW_AT_low_pc) || dwarf_hasattr(die, DW_AT_ranges);
}

bool ut__die_covers(Dwarf_Die *die, uint64_t address)
{
	return dwarf_haspc(die, address) > 0;
}

bool ut__die_range(Dwarf_Die *die, uint64_t address, uint64_t *start, uint64_t *end)
{
	ptrdiff_t offset = 0;
	Dwarf_Addr base;

	while ((offset = dwarf_ranges(die, offset, &base, start, end)) > 0) {
		if (address >= *start && address < *end)
			return true;
	}
	return false;
}

/* DW_AT_entry_pc may be an offset from the low pc (DWARF 5, 2.18), which dwarf_entrypc does not know. */
uint64_t ut__die_entry(Dwarf_Die *die)
{
	Dwarf_Attribute found;
	Dwarf_Addr entry;
	Dwarf_Addr low = 0;
	Dwarf_Addr end;
	Dwarf_Addr base;
	Dwarf_Word offset;

	if (dwarf_lowpc(die, &low) && dwarf_ranges(die, 0, &base, &low, &end) <= 0)
		return 0;
	if (!dwarf_attr(die, DW_AT_entry_pc, &found))
		return low;
	if (dwarf_formaddr(&found, &entry) == 0)
		return entry;
	return dwarf_formudata(&found, &offset) == 0 ? low + offset : low;
}

const char *ut__die_declaration(Dwarf_Die *die, uint32_t *line)
{
	Dwarf_Attribute found;
	uint64_t number;
	Dwarf_Die unit;

	*line = ut__die_number(die, DW_AT_decl_line, &number) && number <= INT32_MAX ? (uint32_t)number : 0;
	/* The number counts in the table of the unit that has the attribute. (dwarf_decl_file aborts where none was read.) */
	if (!dwarf_attr_integrate(die, DW_AT_decl_file, &found) || dwarf_formudata(&found, &number) ||
	    !dwarf_cu_die(found.cu, &unit, NULL, NULL, NULL, NULL, NULL, NULL))
		return NULL;
	return ut__unit_file_name(&unit, number);
}
