/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/added.c - modules that are in no mapping of their own: files that the caller says are there, and ELF files in the tracee's memory.
 *
 * They stand behind the mapped modules in the image's list, which a refresh leaves alone, and go before these where both
 * have an address: who adds a file knows more than the mappings tell.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sym/sym.h"

/* What stands in a tracee's memory is the tracee's to invent. */
enum { FILE_MAX = 1 << 30, MEMORY_MAX = 1 << 26 };

static int fail_memory(const char *name, struct utrace_error *error)
{
	return ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for the module %s.", name);
}

void ut__module_span(utrace_module *module)
{
	module->start = UINT64_MAX;
	module->end = 0;
	for (size_t i = 0; i < module->file->segment_count; i++) {
		const GElf_Phdr *segment = &module->file->segments[i];
		uint64_t start = segment->p_vaddr + module->bias;
		uint64_t end = start + segment->p_memsz;

		if (segment->p_type != PT_LOAD || end <= start)
			continue;
		if (start < module->start)
			module->start = start;
		if (end > module->end)
			module->end = end;
	}
}

utrace_module *ut__module_of_file(utrace_image *image, struct ut__file *file, const char *name, uint64_t bias)
{
	utrace_module *module = calloc(1, sizeof(*module));

	if (!module)
		return NULL;
	ut__list_init(&module->node);
	module->image = image;
	module->name = strdup(name);
	module->file = file;
	module->loaded = true;
	module->bias = bias;
	ut__module_span(module);
	if (module->name)
		return module;
	free(module);
	return NULL;
}

utrace_module *ut__added_at(const utrace_image *image, uint64_t address)
{
	for (size_t i = image->mapped_count; i < image->module_count; i++) {
		utrace_module *module = image->modules[i];

		for (size_t n = 0; n < module->file->segment_count; n++) {
			const GElf_Phdr *segment = &module->file->segments[n];

			if (segment->p_type == PT_LOAD && address - module->bias - segment->p_vaddr < segment->p_memsz)
				return module;
		}
	}
	return NULL;
}

/* ---- adding ---- */

static bool is_relocatable(const struct ut__elf *elf)
{
	GElf_Ehdr header;

	return gelf_getehdr(elf->elf, &header) && header.e_type == ET_REL;
}

/* The first section of which the caller says where it is decides; else it is the bias. */
static int choose_bias(const struct ut__elf *elf, const struct utrace_module_options *options, uint64_t *bias,
		       struct utrace_error *error)
{
	const char *name = options->text ? ".text" : options->section_count ? options->sections[0].name : NULL;
	uint64_t address = options->text ? options->text : name ? options->sections[0].address : 0;

	*bias = options->bias;
	if (!name)
		return UTRACE_OK;
	if (!ut__elf_has_section(elf, name) && !ut__elf_section(elf, name).address)
		return ut__fail(error, UTRACE_NOT_FOUND, 0, "%s has no section %s.", elf->path, name);
	*bias = address - ut__elf_section(elf, name).address;
	return UTRACE_OK;
}

/* Takes the file's reference. */
static int add(utrace_image *image, struct ut__file *file, const char *name, uint64_t bias, utrace_module **module,
	       struct utrace_error *error)
{
	utrace_module **more = reallocarray(image->modules, image->module_count + 1, sizeof(*more));
	utrace_module *own = more ? ut__module_of_file(image, file, name, bias) : NULL;

	if (more)
		image->modules = more;
	if (!own) {
		ut__file_unref(file);
		return fail_memory(name, error);
	}
	image->modules[image->module_count++] = own;
	*module = own;
	ut__tls_free(image);
	return UTRACE_OK;
}

/* Takes the memory, which has a whole file. */
static int add_bytes(utrace_image *image, char *bytes, size_t size, const char *name,
		     const struct utrace_module_options *options, utrace_module **module, struct utrace_error *error)
{
	struct ut__file *file;
	uint64_t bias = 0;
	struct ut__elf elf;
	int status = ut__elf_open_memory(&elf, bytes, size, name, error);

	if (status)
		return status;
	status = is_relocatable(&elf) ? ut__elf_relocate(&elf, options, error)
				      : choose_bias(&elf, options, &bias, error);
	if (status) {
		ut__elf_close(&elf);
		return status;
	}
	if (is_relocatable(&elf) && !options->text && !options->section_count)
		bias = options->bias;
	file = ut__file_new(image->symbols, &elf, error);
	if (!file)
		return error ? error->status : UTRACE_NO_MEMORY;
	file->is_private = true;
	return add(image, file, name, bias, module, error);
}

static int read_file(int fd, const char *path, char **bytes, size_t *size, struct utrace_error *error)
{
	struct stat status;
	ssize_t got = 0;

	if (fstat(fd, &status) || !S_ISREG(status.st_mode) || status.st_size > FILE_MAX)
		return ut__fail(error, UTRACE_INVALID, 0, "%s is no regular file of less than 1 GiB.", path);
	*bytes = malloc(status.st_size ? (size_t)status.st_size : 1);
	if (!*bytes)
		return fail_memory(path, error);
	for (*size = 0; *size < (size_t)status.st_size; *size += (size_t)got) {
		got = pread(fd, *bytes + *size, (size_t)status.st_size - *size, (off_t)*size);
		if (got <= 0)
			break;
	}
	if (got < 0) {
		free(*bytes);
		return ut__fail(error, UTRACE_SYSTEM, errno, "%s can't be read: %s.", path, strerror(errno));
	}
	return UTRACE_OK;
}

/* What is linked is shared with whoever else has the file; what is not becomes this module's own. */
static int add_opened(utrace_image *image, int fd, const char *path, const struct utrace_module_options *options,
		      utrace_module **module, struct utrace_error *error)
{
	GElf_Half type = 0;
	struct ut__file *file;
	unsigned char ident[EI_NIDENT + sizeof(type)] = {0};
	size_t size = 0;
	char *bytes = NULL;
	uint64_t bias;
	int status;

	if (pread(fd, ident, sizeof(ident), 0) == (ssize_t)sizeof(ident))
		memcpy(&type, ident + EI_NIDENT, sizeof(type));
	if (type == ET_REL) {
		status = read_file(fd, path, &bytes, &size, error);
		(void)close(fd);
		return status ? status : add_bytes(image, bytes, size, path, options, module, error);
	}
	file = ut__file_from_fd(image->symbols, fd, path, error);
	if (!file)
		return UTRACE_INVALID;
	status = choose_bias(&file->main, options, &bias, error);
	if (!status)
		return add(image, file, path, bias, module, error);
	ut__file_unref(file);
	return status;
}

int utrace_image_add_file(utrace_image *image, const char *path, const struct utrace_module_options *options,
			  utrace_module **module, struct utrace_error *error)
{
	struct utrace_error own = {0};
	struct utrace_module_options full;
	int status = ut__options_copy(&full, sizeof(full), options, error);
	int fd;

	*module = NULL;
	if (status)
		return status;
	if (!path)
		return ut__fail(error, UTRACE_INVALID, 0, "A module needs a file.");
	ut__sym_lock(image->symbols);
	status = ut__image_need_maps(image, &own);
	fd = status ? -1 : ut__file_open(path, &own);
	if (fd < 0 && !status)
		status = own.status;
	if (!status)
		status = add_opened(image, fd, path, &full, module, &own);
	ut__sym_unlock(image->symbols);
	if (status && error)
		*error = own;
	return status;
}

int ut__image_add_memory(utrace_image *image, uint64_t address, uint64_t size,
			 const struct utrace_module_options *options, utrace_module **module,
			 struct utrace_error *error)
{
	char name[64];
	char *bytes;
	int status;

	(void)snprintf(name, sizeof(name), "[code described at %#llx]", (unsigned long long)address);
	if (!size || size > MEMORY_MAX)
		return ut__fail(error, UTRACE_INVALID, 0, "An ELF file of %llu bytes at %#llx is not plausible.",
				(unsigned long long)size, (unsigned long long)address);
	bytes = malloc(size);
	if (!bytes)
		return fail_memory(name, error);
	status = ut__image_read(image, address, bytes, size, error);
	if (!status)
		return add_bytes(image, bytes, size, name, options, module, error);
	free(bytes);
	return status;
}

int utrace_image_add_memory(utrace_image *image, uint64_t address, uint64_t size,
			    const struct utrace_module_options *options, utrace_module **module,
			    struct utrace_error *error)
{
	struct utrace_module_options full;
	int status = ut__options_copy(&full, sizeof(full), options, error);

	*module = NULL;
	if (status)
		return status;
	ut__sym_lock(image->symbols);
	status = ut__image_need_maps(image, error);
	if (!status)
		status = ut__image_add_memory(image, address, size, &full, module, error);
	ut__sym_unlock(image->symbols);
	return status;
}

/* ---- removing ---- */

bool ut__image_drop(utrace_module *module)
{
	utrace_image *image = module->image;

	for (size_t i = image->mapped_count; i < image->module_count; i++) {
		if (image->modules[i] != module)
			continue;
		image->module_count--;
		memmove(&image->modules[i], &image->modules[i + 1],
			(image->module_count - i) * sizeof(*image->modules));
		/* What was handed out of it lives as long as the image. */
		ut__list_append(&image->former, &module->node);
		ut__tls_free(image);
		return true;
	}
	return false;
}

int utrace_image_remove_module(utrace_module *module, struct utrace_error *error)
{
	bool dropped;

	ut__sym_lock(module->image->symbols);
	dropped = ut__image_drop(module);
	ut__sym_unlock(module->image->symbols);
	return dropped ? UTRACE_OK
		       : ut__fail(error, UTRACE_INVALID, 0, "%s was not added, or was removed before.", module->name);
}
