/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/image.c - a process's modules: finding them in its mappings.
 *
 * A module is a run of mappings of one file of which one has code; a smaller offset than the last begins another, for
 * dlmopen maps a file twice.  Modules that are the same after a refresh keep their handle; others move to `former`
 * and live on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utrace/facts.h>

#include "sym/sym.h"
#include "sym/variable.h"
#include "util/array.h"

/* A list of modules while it is being made. */
struct builder {
	utrace_image *image;
	utrace_module **modules;
	size_t count, room;
	struct ut__range *code;
	size_t code_count, code_room;
	utrace_module *current; /* whose file the last mapping was of; in the list once it has code */
	bool listed;
	uint64_t last_offset;
};

static void free_module(utrace_module *module)
{
	if (!module)
		return;
	ut__module_free_variables(module);
	ut__file_unref(module->file);
	free(module->name);
	free(module);
}

static utrace_module *new_module(utrace_image *image, const struct utrace_mapping *mapping)
{
	utrace_module *module = calloc(1, sizeof(*module));

	if (!module)
		return NULL;
	*module = (utrace_module){.image = image,
				  .name = strdup(mapping->name),
				  .start = mapping->start,
				  .end = mapping->end,
				  .offset = mapping->offset,
				  .first_end = mapping->end,
				  .device = mapping->device,
				  .inode = mapping->inode,
				  .is_deleted = mapping->flags & UTRACE_MAPPING_DELETED,
				  .is_vdso = !mapping->inode};
	ut__list_init(&module->node);
	if (module->name)
		return module;
	free(module);
	return NULL;
}

static void drop_current(struct builder *builder)
{
	if (builder->current && !builder->listed)
		free_module(builder->current);
	builder->current = NULL;
	builder->listed = false;
}

static bool continues(const struct builder *builder, const struct utrace_mapping *mapping)
{
	const utrace_module *module = builder->current;

	return module && mapping->inode && module->inode == mapping->inode && module->device == mapping->device &&
	       mapping->offset >= builder->last_offset && strcmp(module->name, mapping->name) == 0;
}

static bool add_code(struct builder *builder, const struct utrace_mapping *mapping)
{
	if (!ut__grow(&builder->code, &builder->code_room, builder->code_count, sizeof(*builder->code)))
		return false;
	builder->code[builder->code_count++] = (struct ut__range){mapping->start, mapping->end};
	return true;
}

static bool list_current(struct builder *builder)
{
	if (builder->listed)
		return true;
	if (!ut__grow(&builder->modules, &builder->room, builder->count, sizeof(*builder->modules)))
		return false;
	builder->modules[builder->count++] = builder->current;
	builder->listed = true;
	return true;
}

static int visit(const struct utrace_mapping *mapping, void *context)
{
	struct builder *builder = context;
	bool is_vdso = strcmp(mapping->name, "[vdso]") == 0;
	bool is_code = mapping->flags & UTRACE_MAPPING_EXECUTE;
	bool fine = true;

	if (is_code)
		fine = add_code(builder, mapping);
	/* Zeroed memory after a segment lies between the mappings of some files. */
	if (fine && !mapping->inode && !is_vdso)
		return 0;
	if (continues(builder, mapping)) {
		builder->current->end = mapping->end;
	} else {
		drop_current(builder);
		builder->current = new_module(builder->image, mapping);
	}
	builder->last_offset = mapping->offset;
	if (fine && builder->current && is_code)
		fine = list_current(builder);
	return fine && builder->current ? 0 : UTRACE_NO_MEMORY;
}

static bool is_same(const utrace_module *a, const utrace_module *b)
{
	return a->start == b->start && a->end == b->end && a->inode == b->inode && a->device == b->device &&
	       a->offset == b->offset && strcmp(a->name, b->name) == 0;
}

/* Keeps the old handles where a module is still there; the number of differences. */
static size_t merge(utrace_image *image, struct builder *builder)
{
	size_t changes = 0;
	size_t old = 0;

	for (size_t i = 0; i < builder->count; i++) {
		while (old < image->mapped_count && image->modules[old]->start < builder->modules[i]->start)
			old++;
		if (old < image->mapped_count && image->modules[old] &&
		    is_same(image->modules[old], builder->modules[i])) {
			utrace_module *kept = image->modules[old];

			free_module(builder->modules[i]);
			builder->modules[i] = kept;
			ut__list_remove(&kept->node);
			continue;
		}
		changes++;
	}
	return changes;
}

static void retire(utrace_image *image, size_t count)
{
	for (size_t i = 0; i < count; i++)
		ut__list_append(&image->former, &image->modules[i]->node);
}

/* Behind the mapped modules of the new list, those that were added. */
static bool carry_over(utrace_image *image, struct builder *builder, size_t *mapped)
{
	*mapped = builder->count;
	for (size_t i = image->mapped_count; i < image->module_count; i++) {
		if (!ut__grow(&builder->modules, &builder->room, builder->count, sizeof(*builder->modules)))
			return false;
		builder->modules[builder->count++] = image->modules[i];
	}
	return true;
}

/* Everything in `former` again that is not in the new list. */
static int replace(utrace_image *image, struct builder *builder)
{
	size_t old_count = image->mapped_count;
	size_t mapped = builder->count;
	size_t changes;

	if (!carry_over(image, builder, &mapped)) {
		builder->count = mapped;
		return UTRACE_NO_MEMORY;
	}
	builder->count = mapped;
	retire(image, old_count);
	changes = merge(image, builder);
	image->module_count += mapped;
	image->module_count -= old_count;
	image->mapped_count = mapped;
	free(image->modules);
	free(image->code);
	image->modules = builder->modules;
	image->code = builder->code;
	image->code_count = builder->code_count;
	return changes || old_count != mapped;
}

static int read_maps(utrace_image *image, struct utrace_error *error)
{
	struct builder builder = {.image = image};
	int status = utrace_process_mappings(image->process, visit, &builder, error);

	drop_current(&builder);
	if (!status)
		status = replace(image, &builder);
	if (status >= 0) {
		image->mapped = true;
		return status;
	}
	for (size_t i = 0; i < builder.count; i++)
		free_module(builder.modules[i]);
	free(builder.modules);
	free(builder.code);
	if (status == UTRACE_NO_MEMORY)
		return ut__fail(error, status, 0, "No memory for the modules of a process.");
	return status;
}

int utrace_image_refresh(utrace_image *image, struct utrace_error *error)
{
	int status;

	if (!image->process)
		return 0;
	ut__sym_lock(image->symbols);
	status = read_maps(image, error);
	if (status > 0)
		ut__tls_free(image);
	ut__sym_unlock(image->symbols);
	return status;
}

int ut__image_need_maps(utrace_image *image, struct utrace_error *error)
{
	int status = image->mapped ? 0 : read_maps(image, error);

	return status < 0 ? status : UTRACE_OK;
}

utrace_image *ut__image_new(utrace_symbols *symbols)
{
	utrace_image *image = calloc(1, sizeof(*image));

	if (!image)
		return NULL;
	image->symbols = utrace_symbols_ref(symbols);
	ut__list_init(&image->former);
	ut__list_init(&image->unwinders);
	return image;
}

const char *ut__image_describe(const utrace_image *image, char text[32])
{
	if (!image->process)
		return image->modules[0]->name;
	(void)snprintf(text, 32, "process %d", utrace_process_pid(image->process));
	return text;
}

int utrace_image_open(utrace_symbols *symbols, utrace_process *process, utrace_image **image,
		      struct utrace_error *error)
{
	utrace_image *own;

	*image = NULL;
	if (!symbols || !process)
		return ut__fail(error, UTRACE_INVALID, 0, "An image needs a cache of symbols and a process.");
	own = ut__image_new(symbols);
	if (!own)
		return ut__fail(error, UTRACE_NO_MEMORY, 0, "No memory for the image of process %d.",
				utrace_process_pid(process));
	own->process = utrace_process_ref(process);
	*image = own;
	return UTRACE_OK;
}

void utrace_image_close(utrace_image *image)
{
	struct ut__list *node;
	struct ut__list *next;

	if (!image)
		return;
	ut__sym_lock(image->symbols);
	retire(image, image->module_count);
	UT__LIST_EACH (node, next, &image->former)
		free_module(UT__ENTRY(node, utrace_module, node));
	if (image->unwinders_free)
		image->unwinders_free(image);
	ut__tls_free(image);
	ut__sym_unlock(image->symbols);
	utrace_process_unref(image->process);
	utrace_symbols_unref(image->symbols);
	free(image->modules);
	free(image->code);
	free(image);
}

utrace_process *utrace_image_process(const utrace_image *image)
{
	return image->process;
}

size_t utrace_image_modules(utrace_image *image, utrace_module **modules, size_t count)
{
	size_t found = 0;

	ut__sym_lock(image->symbols);
	if (!ut__image_need_maps(image, NULL))
		found = image->module_count;
	for (size_t i = 0; i < found && i < count; i++)
		modules[i] = image->modules[i];
	ut__sym_unlock(image->symbols);
	return found;
}

utrace_module *ut__mapped_at(const utrace_image *image, uint64_t address)
{
	size_t low = 0;
	size_t high = image->mapped_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (image->modules[middle]->end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < image->mapped_count && address >= image->modules[low]->start ? image->modules[low] : NULL;
}

static utrace_module *module_at(utrace_image *image, uint64_t address)
{
	utrace_module *added;

	if (ut__image_need_maps(image, NULL))
		return NULL;
	added = ut__added_at(image, address);
	return added ? added : ut__mapped_at(image, address);
}

utrace_module *utrace_module_at(utrace_image *image, uint64_t address)
{
	utrace_module *module;

	ut__sym_lock(image->symbols);
	module = module_at(image, address);
	ut__sym_unlock(image->symbols);
	return module;
}

bool ut__image_is_code(utrace_image *image, uint64_t address)
{
	size_t low = 0;
	size_t high = ut__image_need_maps(image, NULL) ? 0 : image->code_count;
	size_t count = high;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (image->code[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && address >= image->code[low].start;
}

int ut__image_find(utrace_image *image, uint64_t address, utrace_module **module, uint64_t *elf_address,
		   struct utrace_error *error)
{
	int status = ut__image_need_maps(image, error);
	char text[32];

	*module = NULL;
	if (status)
		return status;
	*module = module_at(image, address);
	if (!*module)
		return ut__fail(error, UTRACE_NOT_FOUND, 0, "The address %#llx is in no module of %s.",
				(unsigned long long)address, ut__image_describe(image, text));
	if (!ut__module_file(*module, error))
		return (*module)->status;
	*elf_address = address - (*module)->bias;
	return UTRACE_OK;
}

int ut__image_find_debug(utrace_image *image, uint64_t address, utrace_module **module, uint64_t *elf_address,
			 struct utrace_error *error)
{
	int status = ut__image_find(image, address, module, elf_address, error);

	if (!status && !ut__file_dwarf((*module)->file, NULL))
		status = utrace_module_debug_state(*module, error);
	return status;
}

int ut__image_read(utrace_image *image, uint64_t address, void *buffer, size_t size, struct utrace_error *error)
{
	ssize_t done = utrace_image_read(image, address, buffer, size, error);

	if (done < 0)
		return (int)done;
	/* A part is a fault, which the error has already. */
	return (size_t)done == size ? UTRACE_OK : UTRACE_FAULT;
}
