/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/jit.c - code that a program makes while it runs, as compilers tell debuggers of it. (gdb's manual, "JIT Compilation Interface")
 *
 * A compiler has a list of ELF files in memory, __jit_debug_descriptor, and calls the empty function __jit_debug_register_code after each
 * change.  The whole list is read each time, so that a change that nobody saw (before attaching) is found too.
 */
#include <string.h>

#include "sym/pthread.h"

enum { ENTRIES_MAX = 1 << 16 };

/* struct jit_code_entry: next, prev, where the file is; then its size, 64 bits at the alignment of the ABI. */
struct entry {
	uint64_t at;
	uint64_t next;
	uint64_t address;
	uint64_t size;
};

struct refresh {
	utrace_image *image;
	struct utrace_error *error;
	int status;
	bool changed;
};

static int read_entry(utrace_image *image, uint64_t at, struct entry *entry, struct utrace_error *error)
{
	const unsigned word = ut__word(image);
	int status = ut__read_word(image, at, &entry->next, error);

	entry->at = at;
	if (!status)
		status = ut__read_word(image, at + UINT64_C(2) * word, &entry->address, error);
	if (!status)
		status = ut__image_read(image, at + UINT64_C(3) * word, &entry->size, sizeof(entry->size), error);
	return status;
}

static utrace_module *find_known(const utrace_image *image, const struct entry *entry)
{
	for (size_t i = image->module_count; i-- > image->mapped_count;) {
		utrace_module *module = image->modules[i];

		if (module->jit_entry == entry->at && module->jit_address == entry->address &&
		    module->jit_size == entry->size)
			return module;
	}
	return NULL;
}

static void take_entry(struct refresh *refresh, const struct entry *entry)
{
	struct utrace_module_options options = {.size = sizeof(options)};
	utrace_module *module = find_known(refresh->image, entry);
	int status = UTRACE_OK;

	if (!module) {
		status = ut__image_add_memory(refresh->image, entry->address, entry->size, &options, &module,
					      refresh->error);
		refresh->changed |= !status;
	}
	if (status) {
		refresh->status = status;
		return;
	}
	module->jit_entry = entry->at;
	module->jit_address = entry->address;
	module->jit_size = entry->size;
	module->jit_seen = true;
}

/* struct jit_descriptor: version and action, 32 bits each; the entry that the action is about; the first one. */
static int walk(const struct utrace_symbol *symbol, void *data)
{
	struct refresh *refresh = data;
	utrace_image *image = refresh->image;
	struct entry entry = {0};
	uint32_t version = 0;

	if (symbol->kind != UTRACE_SYMBOL_OBJECT)
		return 0;
	if (ut__image_read(image, symbol->address, &version, sizeof(version), NULL) || version != 1 ||
	    ut__read_word(image, symbol->address + 8 + ut__word(image), &entry.next, NULL))
		return 0;
	for (int i = 0; entry.next && i < ENTRIES_MAX; i++) {
		int status = read_entry(image, entry.next, &entry, refresh->error);

		if (status) {
			refresh->status = status;
			return 0;
		}
		take_entry(refresh, &entry);
	}
	if (entry.next)
		refresh->status = ut__fail(refresh->error, UTRACE_INVALID, 0,
					   "The list of the code that the program has made does not end.");
	return 0;
}

static bool drop_unseen(utrace_image *image)
{
	bool changed = false;

	for (size_t i = image->module_count; i-- > image->mapped_count;) {
		utrace_module *module = image->modules[i];

		if (module->jit_entry && !module->jit_seen)
			changed |= ut__image_drop(module);
		module->jit_seen = false;
	}
	return changed;
}

int utrace_image_jit_refresh(utrace_image *image, struct utrace_error *error)
{
	struct refresh refresh = {.image = image, .error = error};

	ut__sym_lock(image->symbols);
	refresh.status = image->process ? ut__image_need_maps(image, error) : UTRACE_OK;
	if (!refresh.status && image->process) {
		/* What is added meanwhile is asked for the symbol too, and has none. */
		(void)utrace_symbol_each(image, NULL, "__jit_debug_descriptor", walk, &refresh);
		refresh.changed |= drop_unseen(image);
	}
	ut__sym_unlock(image->symbols);
	return refresh.status ? refresh.status : refresh.changed;
}

struct events {
	uint64_t *addresses;
	size_t room, count;
};

static int take_event(const struct utrace_symbol *symbol, void *data)
{
	struct events *events = data;

	if (symbol->kind != UTRACE_SYMBOL_FUNCTION)
		return 0;
	for (size_t i = 0; i < events->count && i < events->room; i++) {
		if (events->addresses[i] == symbol->address)
			return 0;
	}
	if (events->count < events->room)
		events->addresses[events->count] = symbol->address;
	events->count++;
	return 0;
}

int utrace_image_jit_events(utrace_image *image, uint64_t *addresses, size_t count, struct utrace_error *error)
{
	struct events events = {.addresses = addresses, .room = count};
	int status;

	ut__sym_lock(image->symbols);
	status = ut__image_need_maps(image, error);
	if (!status)
		(void)utrace_symbol_each(image, NULL, "__jit_debug_register_code", take_event, &events);
	ut__sym_unlock(image->symbols);
	return status ? status : (int)events.count;
}
