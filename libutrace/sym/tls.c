/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/tls.c - addresses of thread-local variables. (Drepper, "ELF Handling For Thread-Local Storage", variant II;
 * nptl_db/td_thr_tlsbase.c describes the same walk)
 *
 * A module's block lies below the thread pointer, at an offset that the linker chose when it loaded the module
 * (static TLS), or is reached through the thread's vector of blocks, the dtv, where it appears when the thread first
 * uses it (dynamic TLS).
 */
#include <sys/auxv.h>
#include <utrace/facts.h>
#include <utrace/regs.h>
#include <utrace/tls.h>

#include "sym/pthread.h"

enum { MAPS_MAX = 1 << 16, SLOT_LISTS_MAX = 4096 };

static const GElf_Phdr *segment_of(const struct ut__file *file, uint32_t type)
{
	for (size_t i = 0; i < file->segment_count; i++) {
		if (file->segments[i].p_type == type)
			return &file->segments[i];
	}
	return NULL;
}

/* struct link_map, public part: l_addr, l_name, l_ld, l_next. (<link.h>) */
static bool search_maps(utrace_image *image, uint64_t first, uint64_t dynamic, uint64_t *map)
{
	const unsigned word = ut__word(image);
	uint64_t at = first;
	uint64_t found;

	for (int i = 0; at && i < MAPS_MAX; i++) {
		if (ut__read_word(image, at + UINT64_C(2) * word, &found, NULL))
			return false;
		if (found == dynamic) {
			*map = at;
			return true;
		}
		if (ut__read_word(image, at + UINT64_C(3) * word, &at, NULL))
			return false;
	}
	return false;
}

/* The linker's map of a module, in any of its namespaces: struct r_debug, and r_next of its extension, version 2. */
static bool find_map(utrace_image *image, utrace_module *module, uint64_t *map)
{
	const GElf_Phdr *dynamic = segment_of(module->file, PT_DYNAMIC);
	const unsigned word = ut__word(image);
	uint64_t debug;
	uint64_t version;
	uint64_t first;

	if (!dynamic)
		return ut__find_object(image, "_dl_main_map", map);
	if (!ut__find_object(image, "_r_debug", &debug))
		return false;
	for (int i = 0; debug && i < 64; i++) {
		if (ut__read_word(image, debug, &version, NULL) || ut__read_word(image, debug + word, &first, NULL))
			return false;
		if (search_maps(image, first, dynamic->p_vaddr + module->bias, map))
			return true;
		if ((uint32_t)version < 2 || ut__read_word(image, debug + UINT64_C(5) * word, &debug, NULL))
			return false;
	}
	return false;
}

/* The generation in which the module got its number: the dtv must have caught up with it. */
static int module_generation(utrace_image *image, uint64_t id, uint64_t *generation, struct utrace_error *error)
{
	uint64_t list = 0;
	uint64_t length;
	uint64_t slot;
	int status = ut__linker_variable(image, UT__RTLD_SLOTS, &list, error);

	if (!status)
		status = ut__read_word(image, list, &list, error);
	for (int i = 0; !status && list && i < SLOT_LISTS_MAX; i++) {
		status = ut__field_read(image, UT__SLOTS_LEN, list, 0, &length, error);
		if (!status && id < length) {
			status = ut__field_address(image, UT__SLOTS_SLOT, list, id, &slot, error);
			return status ? status : ut__field_read(image, UT__SLOT_GEN, slot, 0, generation, error);
		}
		id -= length;
		if (!status)
			status = ut__field_read(image, UT__SLOTS_NEXT, list, 0, &list, error);
	}
	return status ? status
		      : ut__fail(error, UTRACE_INVALID, 0, "The linker's list of modules with TLS is damaged.");
}

static int fail_deferred(const utrace_module *module, utrace_thread *thread, struct utrace_error *error)
{
	return ut__fail(error, UTRACE_NOT_FOUND, 0,
			"Thread %d has not used the thread-local storage of %s yet, so it has none.",
			utrace_thread_tid(thread), module->name);
}

static int dynamic_block(utrace_module *module, utrace_thread *thread, uint64_t pthread,
			 const struct ut__tls_layout *layout, uint64_t *block, struct utrace_error *error)
{
	utrace_image *image = module->image;
	uint64_t dtv = 0;
	uint64_t has = 0;
	uint64_t entry = 0;
	int status = ut__field_read(image, UT__PTHREAD_DTVP, pthread, 0, &dtv, error);

	if (!status)
		status = ut__field_address(image, UT__DTV_DTV, dtv, 0, &entry, error);
	if (!status)
		status = ut__field_read(image, UT__DTV_COUNTER, entry, 0, &has, error);
	if (!status && has < layout->generation)
		return fail_deferred(module, thread, error);
	if (!status)
		status = ut__field_address(image, UT__DTV_DTV, dtv, layout->id, &entry, error);
	if (!status)
		status = ut__field_read(image, UT__DTV_POINTER, entry, 0, block, error);
	/* TLS_DTV_UNALLOCATED is odd, which no block is. */
	if (!status && (*block & 1 || !*block))
		return fail_deferred(module, thread, error);
	return status;
}

/* Whether the kernel started the process in this module. (getauxval(3), AT_ENTRY) */
static bool is_executable(const utrace_module *module)
{
	uint64_t entry;

	return !utrace_process_auxv(module->image->process, AT_ENTRY, &entry, NULL) && entry >= module->start &&
	       entry < module->end;
}

/* The executable's block by the ABI alone, whatever the C library: right below the thread pointer, aligned as its
 * segment asks. */
static bool by_abi(const utrace_module *module, const GElf_Phdr *tls, struct ut__tls_layout *layout)
{
	uint64_t align = tls->p_align ? tls->p_align : 1;

	if (module->file->bits != 64 || !is_executable(module))
		return false;
	layout->below = (tls->p_memsz + align - 1) & ~(align - 1);
	layout->by_abi = true;
	return true;
}

/* NO_TLS_OFFSET and FORCED_DYNAMIC_TLS_OFFSET are 0 and -1 where blocks lie below the pointer. (glibc, include/link.h) */
static bool is_static_offset(utrace_image *image, uint64_t offset)
{
	return offset && offset != (ut__word(image) == 8 ? UINT64_MAX : UINT32_MAX);
}

int ut__tls_layout(utrace_module *module, struct ut__tls_layout *layout, struct utrace_error *error)
{
	utrace_image *image = module->image;
	const GElf_Phdr *tls;
	uint64_t map = 0;
	int status = UTRACE_OK;

	*layout = (struct ut__tls_layout){.below = 0};
	if (!ut__module_file(module, error))
		return module->status;
	tls = segment_of(module->file, PT_TLS);
	if (!tls)
		return ut__fail(error, UTRACE_INVALID, 0, "%s has no thread-local storage.", module->name);
	if (by_abi(module, tls, layout))
		return UTRACE_OK;
	if (!find_map(image, module, &map))
		return ut__fail(error, UTRACE_NOT_FOUND, 0, "The dynamic linker does not know %s.", module->name);
	status = ut__field_read(image, UT__MAP_MODID, map, 0, &layout->id, error);
	if (!status)
		status = ut__field_read(image, UT__MAP_OFFSET, map, 0, &layout->below, error);
	layout->is_dynamic = !is_static_offset(image, layout->below);
	if (!status && layout->is_dynamic)
		status = module_generation(image, layout->id, &layout->generation, error);
	return status;
}

static int find_block(utrace_module *module, utrace_thread *thread, uint64_t *block, struct utrace_error *error)
{
	struct ut__tls_layout layout;
	uint64_t pointer = 0;
	int status = ut__tls_layout(module, &layout, error);

	if (status)
		return status;
	/* The C library's own structure stands at the thread pointer; where it tells nothing, the register does. */
	if (!layout.by_abi || utrace_register_get_name(thread, "fs_base", &pointer, NULL) || !pointer)
		status = utrace_thread_pthread(module->image, thread, &pointer, error);
	if (!status && layout.is_dynamic)
		return dynamic_block(module, thread, pointer, &layout, block, error);
	*block = pointer - layout.below;
	return status;
}

/* gcc 12 has the variable's address in the file instead, in the table of addresses of split units: it lies past the block's end. */
uint64_t ut__tls_offset(const utrace_module *module, uint64_t offset)
{
	const GElf_Phdr *tls = segment_of(module->file, PT_TLS);

	if (tls && offset >= tls->p_memsz && offset - tls->p_vaddr < tls->p_memsz)
		return offset - tls->p_vaddr;
	return offset;
}

int utrace_tls_address(utrace_image *image, utrace_thread *thread, utrace_module *module, uint64_t offset,
		       uint64_t *address, struct utrace_error *error)
{
	uint64_t block = 0;
	int status;

	*address = 0;
	if (module->image != image || utrace_thread_process(thread) != image->process)
		return ut__fail(error, UTRACE_INVALID, 0, "The module or the thread is not of the image's process.");
	ut__sym_lock(image->symbols);
	status = find_block(module, thread, &block, error);
	if (!status)
		*address = block + ut__tls_offset(module, offset);
	if (!status && ut__word(image) == 4)
		*address = (uint32_t)*address;
	ut__sym_unlock(image->symbols);
	return status;
}
