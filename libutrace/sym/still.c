/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/still.c - the image of a program that does not run: one module, at the addresses that the file itself has or
 * where the caller takes it to be.
 *
 * Such an image has no process.  Its memory is what the file would have at its start: data as it stands in the file,
 * zeros after it.  Calls that need a thread say that it belongs to another image.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <utrace/memory.h>
#include <utrace/regs.h>

#include "sym/sym.h"

static bool add_code(utrace_image *image, const utrace_module *module)
{
	const struct ut__file *file = module->file;

	image->code = calloc(file->segment_count + 1, sizeof(*image->code));
	if (!image->code)
		return false;
	for (size_t i = 0; i < file->segment_count; i++) {
		const GElf_Phdr *segment = &file->segments[i];
		uint64_t start = segment->p_vaddr + module->bias;
		uint64_t end = start + segment->p_memsz;

		if (segment->p_type == PT_LOAD && end >= start && (segment->p_flags & PF_X))
			image->code[image->code_count++] = (struct ut__range){start, end};
	}
	return true;
}

static int fill(utrace_image *image, struct ut__file *file, const char *path, uint64_t bias, struct utrace_error *error)
{
	utrace_module *module = ut__module_of_file(image, file, path, bias);

	image->modules = calloc(1, sizeof(utrace_module *));
	if (!module || !image->modules) {
		if (module)
			free(module->name);
		free(module);
		ut__file_unref(file);
		return ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for the image of %s.", path);
	}
	image->modules[0] = module;
	image->module_count = image->mapped_count = 1;
	image->mapped = true;
	if (!add_code(image, module))
		return ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for the image of %s.", path);
	if (module->start >= module->end)
		return ut__fail(error, UTRACE_INVALID, 0, "%s has no segment that a program could be loaded from.",
				path);
	return UTRACE_OK;
}

static struct ut__file *open_file(utrace_symbols *symbols, const char *path, struct utrace_error *error)
{
	int fd = ut__file_open(path, error);

	return fd >= 0 ? ut__file_from_fd(symbols, fd, path, error) : NULL;
}

int utrace_image_open_file(utrace_symbols *symbols, const char *path, uint64_t bias, utrace_image **image,
			   struct utrace_error *error)
{
	struct utrace_error own = {0};
	struct ut__file *file;
	utrace_image *made;

	*image = NULL;
	if (!symbols || !path)
		return ut__fail(error, UTRACE_INVALID, 0, "An image needs a cache of symbols and a file.");
	ut__sym_lock(symbols);
	file = open_file(symbols, path, &own);
	made = file ? ut__image_new(symbols) : NULL;
	if (file && !made) {
		ut__file_unref(file);
		(void)ut__fail(&own, UTRACE_NO_MEMORY, ENOMEM, "No memory for the image of %s.", path);
	}
	if (made && fill(made, file, path, bias, &own)) {
		utrace_image_close(made);
		made = NULL;
	}
	ut__sym_unlock(symbols);
	*image = made;
	if (error)
		*error = own;
	return own.status;
}

size_t ut__still_read(const utrace_image *image, uint64_t address, void *buffer, size_t size)
{
	const struct ut__file *file = image->modules[0]->file;
	size_t done = 0;

	while (done < size) {
		uint64_t at = address + done - image->modules[0]->bias;
		size_t part = ut__file_bytes(file, at, (char *)buffer + done, size - done);

		for (size_t i = 0; !part && i < file->segment_count; i++) {
			uint64_t into = at - file->segments[i].p_vaddr;

			if (file->segments[i].p_type != PT_LOAD || into >= file->segments[i].p_memsz)
				continue;
			part = size - done;
			if (part > file->segments[i].p_memsz - into)
				part = file->segments[i].p_memsz - into;
			memset((char *)buffer + done, 0, part);
		}
		if (!part)
			break;
		done += part;
	}
	return done;
}

ssize_t utrace_image_read(utrace_image *image, uint64_t address, void *buffer, size_t size, struct utrace_error *error)
{
	size_t done;

	if (image->process)
		return utrace_memory_read(image->process, address, buffer, size, error);
	ut__sym_lock(image->symbols);
	done = ut__still_read(image, address, buffer, size);
	ut__sym_unlock(image->symbols);
	if (done == size)
		return (ssize_t)done;
	(void)ut__fail(error, UTRACE_FAULT, EFAULT, "%s has nothing at the address %#llx.", image->modules[0]->name,
		       (unsigned long long)address + done);
	if (error)
		error->address = address + done;
	return done ? (ssize_t)done : UTRACE_FAULT;
}

int utrace_image_architecture(utrace_image *image, struct utrace_error *error)
{
	const struct ut__file *file = NULL;
	int status;

	ut__sym_lock(image->symbols);
	status = ut__image_need_maps(image, error);
	for (size_t i = 0; !status && !file && i < image->module_count; i++)
		file = ut__module_file(image->modules[i], NULL);
	ut__sym_unlock(image->symbols);
	if (status)
		return status;
	if (file && file->machine == EM_X86_64)
		return UTRACE_ARCH_X86_64;
	if (file && file->machine == EM_386)
		return UTRACE_ARCH_I386;
	return ut__fail(error, file ? UTRACE_UNSUPPORTED : UTRACE_NOT_FOUND, 0,
			file ? "The program is of an architecture that this library does not know."
			     : "No module's file can be read, so nothing tells the architecture.");
}
