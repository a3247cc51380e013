/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/linker.c - where the dynamic linker tells debuggers that the list of libraries changes: r_brk of the struct
 * r_debug that DT_DEBUG of the executable points to. (<link.h>; System V ABI, "Dynamic Section")
 *
 * The linker stores it when it starts.  Before that, as at exec, its function is known by name only.
 */
#include <string.h>

#include "sym/sym.h"

/* Of the module's PT_DYNAMIC as it is in memory. */
static bool find_debug_entry(utrace_module *module, uint64_t *value)
{
	const struct ut__file *file = module->file;
	const unsigned word = file->bits / 8;

	for (size_t i = 0; i < file->segment_count; i++) {
		const GElf_Phdr *dynamic = &file->segments[i];

		for (uint64_t at = 0; dynamic->p_type == PT_DYNAMIC && at + UINT64_C(2) * word <= dynamic->p_memsz;
		     at += UINT64_C(2) * word) {
			uint64_t address = dynamic->p_vaddr + module->bias + at;
			uint64_t tag = 0;

			*value = 0;
			if (ut__image_read(module->image, address, &tag, word, NULL) || !tag ||
			    ut__image_read(module->image, address + word, value, word, NULL))
				break;
			if (tag == DT_DEBUG)
				return *value != 0;
		}
	}
	return false;
}

static bool has_interpreter(const struct ut__file *file)
{
	for (size_t i = 0; i < file->segment_count; i++) {
		if (file->segments[i].p_type == PT_INTERP)
			return true;
	}
	return false;
}

/* struct r_debug: int version, then three words: the list, the function, the state. */
static bool from_debug(utrace_module *module, uint64_t *address)
{
	struct ut__file *file = ut__module_file(module, NULL);
	uint64_t debug;

	*address = 0;
	if (!file || !has_interpreter(file) || !find_debug_entry(module, &debug))
		return false;
	return !ut__image_read(module->image, debug + UINT64_C(2) * (file->bits / 8), address, file->bits / 8, NULL) &&
	       *address;
}

static int take_address(const struct utrace_symbol *symbol, void *data)
{
	if (symbol->kind != UTRACE_SYMBOL_FUNCTION && symbol->kind != UTRACE_SYMBOL_OTHER)
		return 0;
	*(uint64_t *)data = symbol->address;
	return 1;
}

int utrace_image_library_event(utrace_image *image, uint64_t *address, struct utrace_error *error)
{
	bool found = false;
	int status;

	*address = 0;
	if (!image->process)
		return ut__fail(error, UTRACE_NOT_FOUND, 0, "A program that does not run has no dynamic linker.");
	ut__sym_lock(image->symbols);
	status = ut__image_need_maps(image, error);
	for (size_t i = 0; !status && !found && i < image->module_count; i++)
		found = from_debug(image->modules[i], address);
	if (!status && !found)
		found = utrace_symbol_each(image, NULL, "_dl_debug_state", take_address, address) > 0;
	ut__sym_unlock(image->symbols);
	if (!status && !found)
		status = ut__fail(error, UTRACE_NOT_FOUND, 0,
				  "Process %d has no dynamic linker that tells of libraries.",
				  utrace_process_pid(image->process));
	return status;
}
