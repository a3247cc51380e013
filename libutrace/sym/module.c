/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/module.c - from a module to its file, and what the module says of it.
 *
 * Where a module's file is looked for: the path in the tracee's own root (or the sysroot), the mapping itself in
 * /proc/PID/map_files, /proc/PID/exe, and last what the tracee's memory still has.  A file counts only if its build
 * ID is that of the memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utrace/core.h>
#include <utrace/memory.h>

#include "sym/sym.h"

enum { MEMORY_IMAGE_MAX = 1 << 30, VDSO_MAX = 1 << 20, HEAD = 4096 };

/* Address in memory minus address in the file: by the segment that the module's first mapping is of. (System V ABI,
 * "Program Loading") */
static bool find_bias(utrace_module *module, const struct ut__file *file)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	for (size_t i = 0; i < file->segment_count; i++) {
		const GElf_Phdr *segment = &file->segments[i];
		uint64_t begin = segment->p_offset & ~(page - 1);

		if (segment->p_type != PT_LOAD || module->offset < begin ||
		    module->offset >= segment->p_offset + segment->p_filesz)
			continue;
		module->bias = module->start - (segment->p_vaddr - (segment->p_offset - module->offset));
		return true;
	}
	return false;
}

/* NT_GNU_BUILD_ID and the name that goes with it, as they follow each other in a note. */
static const char build_id_mark[8] = "\3\0\0\0GNU";

/* The notes of the module in memory say the same build ID as the file; where they say none, nothing says that it differs. */
static bool is_what_is_mapped(utrace_module *module, const struct ut__file *file)
{
	bool differs = false;
	char text[1024];

	for (size_t i = 0; file->main.build_id_size && i < file->segment_count; i++) {
		const GElf_Phdr *note = &file->segments[i];

		if (note->p_type != PT_NOTE || note->p_filesz > sizeof(text) ||
		    ut__image_read(module->image, note->p_vaddr + module->bias, text, note->p_filesz, NULL))
			continue;
		if (memmem(text, note->p_filesz, file->main.build_id, file->main.build_id_size))
			return true;
		if (memmem(text, note->p_filesz, build_id_mark, sizeof(build_id_mark)))
			differs = true;
	}
	module->changed |= differs;
	return !differs;
}

static int try_open(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int try_open(const char *format, ...)
{
	char path[PATH_MAX + 64];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	/* A fifo or a device in its place must not block or act. */
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

static bool accept_file(utrace_module *module, int fd, struct utrace_error *error)
{
	struct ut__file *file;

	if (fd < 0)
		return false;
	file = ut__file_from_fd(module->image->symbols, fd, module->name, error);
	if (!file)
		return false;
	if (find_bias(module, file) && is_what_is_mapped(module, file)) {
		module->file = file;
		return true;
	}
	ut__file_unref(file);
	return false;
}

static bool load_from_path(utrace_module *module, struct utrace_error *error)
{
	const char *sysroot = module->image->symbols->sysroot;
	pid_t pid = utrace_process_pid(module->image->process);

	if (module->is_deleted || module->name[0] != '/')
		return false;
	if (sysroot)
		return accept_file(module, try_open("%s%s", sysroot, module->name), error);
	if (utrace_process_is_core(module->image->process))
		return accept_file(module, try_open("%s", module->name), error);
	return accept_file(module, try_open("/proc/%d/root%s", pid, module->name), error) ||
	       (!module->changed && accept_file(module, try_open("%s", module->name), error));
}

static bool load_from_kernel(utrace_module *module, struct utrace_error *error)
{
	pid_t pid = utrace_process_pid(module->image->process);
	struct stat status;
	int fd;

	if (utrace_process_is_core(module->image->process))
		return false;
	if (accept_file(module,
			try_open("/proc/%d/map_files/%llx-%llx", pid, (unsigned long long)module->start,
				 (unsigned long long)module->first_end),
			error))
		return true;
	fd = try_open("/proc/%d/exe", pid);
	if (fd >= 0 && (fstat(fd, &status) || status.st_ino != module->inode)) {
		(void)close(fd);
		fd = -1;
	}
	return accept_file(module, fd, error);
}

/* The file as far as its segments are mapped readable, at their places in the file. */
static size_t memory_size(utrace_module *module, const GElf_Ehdr *header, const char *head, size_t head_size)
{
	size_t size = 0;

	for (unsigned i = 0; i < header->e_phnum; i++) {
		uint64_t at = header->e_phoff + (uint64_t)i * header->e_phentsize;
		uint64_t offset;
		uint64_t length;

		if (header->e_phoff > head_size || at + header->e_phentsize > head_size)
			break;
		if (header->e_ident[EI_CLASS] == ELFCLASS64) {
			Elf64_Phdr segment;

			memcpy(&segment, head + at, sizeof(segment));
			offset = segment.p_type == PT_LOAD ? segment.p_offset : 0;
			length = segment.p_type == PT_LOAD ? segment.p_filesz : 0;
		} else {
			Elf32_Phdr segment;

			memcpy(&segment, head + at, sizeof(segment));
			offset = segment.p_type == PT_LOAD ? segment.p_offset : 0;
			length = segment.p_type == PT_LOAD ? segment.p_filesz : 0;
		}
		if (length < MEMORY_IMAGE_MAX && offset < MEMORY_IMAGE_MAX && offset + length > size)
			size = offset + length;
	}
	(void)module;
	return size;
}

static bool read_header(utrace_module *module, GElf_Ehdr *header, char *head, size_t *size)
{
	ssize_t done = utrace_memory_read(module->image->process, module->start, head, *size, NULL);
	Elf *elf;
	bool fine;

	if (done < (ssize_t)sizeof(Elf64_Ehdr) || memcmp(head, ELFMAG, SELFMAG) != 0)
		return false;
	*size = (size_t)done;
	elf = elf_memory(head, *size);
	fine = elf && gelf_getehdr(elf, header);
	(void)elf_end(elf);
	return fine && header->e_phentsize >= sizeof(Elf32_Phdr) && header->e_phentsize <= sizeof(Elf64_Phdr);
}

/* Sections are not mapped, so a header that points at them would mislead. */
static void forget_sections(char *image, size_t size)
{
	if (size < sizeof(Elf64_Ehdr))
		return;
	if (image[EI_CLASS] == ELFCLASS64) {
		((Elf64_Ehdr *)(void *)image)->e_shoff = 0;
		((Elf64_Ehdr *)(void *)image)->e_shnum = 0;
		((Elf64_Ehdr *)(void *)image)->e_shstrndx = 0;
	} else {
		((Elf32_Ehdr *)(void *)image)->e_shoff = 0;
		((Elf32_Ehdr *)(void *)image)->e_shnum = 0;
		((Elf32_Ehdr *)(void *)image)->e_shstrndx = 0;
	}
}

static bool accept_memory(utrace_module *module, char *image, size_t size, struct utrace_error *error)
{
	struct ut__file *file = ut__file_from_memory(module->image->symbols, image, size, module->name, error);

	if (!file)
		return false;
	if (find_bias(module, file)) {
		module->file = file;
		return true;
	}
	ut__file_unref(file);
	return false;
}

static bool load_from_memory(utrace_module *module, struct utrace_error *error)
{
	char head[HEAD];
	size_t head_size = sizeof(head);
	GElf_Ehdr header;
	size_t size;
	char *image;

	if (module->offset || !read_header(module, &header, head, &head_size))
		return false;
	size = module->is_vdso ? module->end - module->start : memory_size(module, &header, head, head_size);
	if (!size || size > MEMORY_IMAGE_MAX || (module->is_vdso && size > VDSO_MAX))
		return false;
	if (size > module->end - module->start)
		size = module->end - module->start;
	image = calloc(1, size);
	if (!image)
		return false;
	/* Segments lie in memory as far apart as in the file only up to the first with another distance; what matters
	 * (code, unwind tables, dynamic symbols) is below it. */
	if (utrace_memory_read(module->image->process, module->start, image, size, NULL) < (ssize_t)head_size) {
		free(image);
		return false;
	}
	if (!module->is_vdso)
		forget_sections(image, size);
	return accept_memory(module, image, size, error);
}

static void load(utrace_module *module)
{
	struct utrace_error error = {0};

	module->loaded = true;
	if (module->is_vdso ? load_from_memory(module, &error)
			    : load_from_path(module, &error) || load_from_kernel(module, &error) ||
				      load_from_memory(module, &error))
		return;
	module->status = error.status ? error.status : UTRACE_NOT_FOUND;
	if (error.status)
		module->error = error;
	else
		(void)ut__fail(&module->error, UTRACE_NOT_FOUND, 0,
			       "The file of %s can't be opened, and its memory is no ELF image.", module->name);
}

struct ut__file *ut__module_file(utrace_module *module, struct utrace_error *error)
{
	if (!module->loaded)
		load(module);
	if (!module->file && error)
		*error = module->error;
	return module->file;
}

const char *utrace_module_name(const utrace_module *module)
{
	return module->name;
}

uint64_t utrace_module_start(const utrace_module *module)
{
	return module->start;
}

uint64_t utrace_module_end(const utrace_module *module)
{
	return module->end;
}

uint64_t utrace_module_bias(utrace_module *module)
{
	ut__sym_lock(module->image->symbols);
	(void)ut__module_file(module, NULL);
	ut__sym_unlock(module->image->symbols);
	return module->bias;
}

size_t utrace_module_build_id(utrace_module *module, const unsigned char **bytes)
{
	struct ut__file *file;

	ut__sym_lock(module->image->symbols);
	file = ut__module_file(module, NULL);
	ut__sym_unlock(module->image->symbols);
	if (bytes)
		*bytes = file ? file->main.build_id : NULL;
	return file ? file->main.build_id_size : 0;
}

int utrace_module_debug_state(utrace_module *module, struct utrace_error *error)
{
	struct ut__file *file;
	int status;

	ut__sym_lock(module->image->symbols);
	file = ut__module_file(module, error);
	if (!file)
		status = module->status;
	else
		status = ut__file_dwarf(file, error) ? UTRACE_OK : file->debug_status;
	if (status && module->changed)
		status = ut__fail(error, UTRACE_WRONG_STATE, 0,
				  "%s on disk is another file than process %d has mapped: their build IDs differ.",
				  module->name, utrace_process_pid(module->image->process));
	ut__sym_unlock(module->image->symbols);
	return status;
}

const char *utrace_module_debug_name(utrace_module *module)
{
	struct ut__file *file;
	const char *name = NULL;

	ut__sym_lock(module->image->symbols);
	file = ut__module_file(module, NULL);
	if (file && ut__file_dwarf(file, NULL))
		name = file->debug.elf ? file->debug.path : file->main.path;
	ut__sym_unlock(module->image->symbols);
	return name;
}
