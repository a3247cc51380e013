/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_elf.c - everything that the symbol layer reads of a file, on arbitrary bytes: nothing may crash, hang or leak.
 *
 * A libFuzzer target (clang -fsanitize=fuzzer,address; ./dev fuzz); the unit test test_hostile runs the same function
 * on damaged copies of real programs.
 */
#include "fuzz_elf.h"

#include <stdlib.h>
#include <string.h>
#include <utrace/type.h>

#include "sym/dwarf.h"
#include "sym/sym.h"
#include "sym/type.h"
#include "unwind/unwind.h"

enum { MEMBERS = 8, ADDRESSES = 64, DEPTH = 4 };

static int see_symbol(const struct utrace_symbol *symbol, void *data)
{
	*(size_t *)data += strlen(symbol->name);
	return 0;
}

static void see_type(utrace_type *type, int depth)
{
	struct utrace_enumerator enumerators[MEMBERS] = {{.size = sizeof(enumerators[0])}};
	struct utrace_member members[MEMBERS] = {{.size = sizeof(members[0])}};
	size_t count;

	if (!type || depth > DEPTH)
		return;
	free(utrace_type_print(type, "x"));
	(void)utrace_type_size(type);
	(void)utrace_type_is_signed(type);
	(void)utrace_type_enumerators(type, enumerators, MEMBERS);
	count = utrace_type_members(type, members, MEMBERS);
	for (size_t i = 0; i < count && i < MEMBERS; i++)
		see_type(members[i].type, depth + 1);
	see_type(utrace_type_target(type), depth + 1);
}

static void see_address(struct ut__file *file, uint64_t address)
{
	struct utrace_symbol symbol;
	struct utrace_line line;
	const struct ut__chain *chain = ut__file_chain(file, address);

	(void)ut__file_symbol_at(file, address, &symbol);
	(void)ut__file_line_at(file, address, &line);
	(void)ut__row_at(file, address);
	for (size_t i = 0; chain && i < chain->count; i++) {
		Dwarf_Die die = chain->dies[i];

		(void)ut__die_name(&die);
		(void)ut__function_break(file, chain->unit, ut__die_entry(&die), UINT64_MAX);
	}
}

static bool see_unit(struct ut__file *file, struct ut__unit *unit, void *data)
{
	size_t count;

	(void)data;
	ut__unit_need_names(unit);
	(void)ut__unit_lines(unit, &count);
	for (size_t i = 0; i < unit->name_count; i++) {
		Dwarf_Die die;

		(void)ut__name_matches(unit, i, "a::main(int)");
		if (ut__unit_entry(unit, unit->names[i].entry, &die)) {
			see_type(ut__type_of_die(file, &die), 0);
			see_type(ut__type_of(file, &die), 0);
			if (ut__die_has_code(&die))
				see_address(file, ut__die_entry(&die));
		}
	}
	return true;
}

static void see_file(struct ut__file *file)
{
	struct ut__units *units = ut__file_units(file, NULL);
	size_t sum = 0;

	(void)ut__file_symbol_each(file, NULL, see_symbol, &sum);
	ut__file_find(file, "main", see_unit, NULL);
	ut__file_find_source(file, "values.c", see_unit, NULL);
	for (size_t i = 0; units && i < units->count; i++)
		(void)see_unit(file, &units->all[i], NULL);
	for (size_t i = 0; i < file->segment_count && i < 16; i++) {
		for (uint64_t at = 0; at < ADDRESSES; at++)
			see_address(file, file->segments[i].p_vaddr + at * 37);
	}
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct utrace_symbols_options options = {.size = sizeof(options), .debug_directories = "/nonexistent"};
	char *memory = malloc(size ? size : 1);
	utrace_symbols *symbols;
	struct ut__file *file;

	if (!memory || utrace_symbols_create(&options, &symbols, NULL)) {
		free(memory);
		return 0;
	}
	memcpy(memory, data, size);
	file = ut__file_from_memory(symbols, memory, size, "fuzz", NULL);
	if (file) {
		see_file(file);
		ut__file_unref(file);
	}
	utrace_symbols_unref(symbols);
	return 0;
}
