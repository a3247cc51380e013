/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/file.c - ELF files: opening, sharing, sections, bytes by address. (System V ABI, chapters 4 and 5)
 *
 * A file is found again by device, inode, size and time of change, so that any number of processes cost one read; one
 * from memory is found by its build ID.  It leaves the cache with its last reference.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sym/sym.h"

enum { SEGMENTS_MAX = 4096 };

static int fail_elf(struct utrace_error *error, const char *path)
{
	return ut__fail(error, UTRACE_INVALID, 0, "%s is no ELF file that can be read: %s.", path, elf_errmsg(-1));
}

/* The first NT_GNU_BUILD_ID in a piece of notes. */
static bool take_build_id(struct ut__elf *elf, Elf_Data *data)
{
	size_t offset = 0;
	size_t name_offset;
	size_t desc_offset;
	GElf_Nhdr note;

	while (data && (offset = gelf_getnote(data, offset, &note, &name_offset, &desc_offset)) > 0) {
		if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != sizeof("GNU") ||
		    memcmp((char *)data->d_buf + name_offset, "GNU", sizeof("GNU")) != 0)
			continue;
		if (!note.n_descsz || note.n_descsz > UT__BUILD_ID_MAX)
			return false;
		elf->build_id_size = note.n_descsz;
		memcpy(elf->build_id, (char *)data->d_buf + desc_offset, note.n_descsz);
		return true;
	}
	return false;
}

/* From the segments, which stripped files and memory have too; debug files have it in a section only. */
static void find_build_id(struct ut__elf *elf)
{
	Elf_Scn *scn = NULL;
	size_t count = 0;
	GElf_Phdr segment;
	GElf_Shdr header;

	(void)elf_getphdrnum(elf->elf, &count);
	while ((scn = elf_nextscn(elf->elf, scn))) {
		if (gelf_getshdr(scn, &header) && header.sh_type == SHT_NOTE &&
		    take_build_id(elf, elf_getdata(scn, NULL)))
			return;
	}
	for (size_t i = 0; i < count && i < SEGMENTS_MAX; i++) {
		if (gelf_getphdr(elf->elf, (int)i, &segment) && segment.p_type == PT_NOTE &&
		    take_build_id(elf, elf_getdata_rawchunk(elf->elf, (int64_t)segment.p_offset, segment.p_filesz,
							    segment.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR)))
			return;
	}
}

static int finish_open(struct ut__elf *elf, const char *path, struct utrace_error *error)
{
	int status = UTRACE_OK;

	if (!elf->elf || elf_kind(elf->elf) != ELF_K_ELF)
		status = fail_elf(error, path);
	else if (elf_getident(elf->elf, NULL)[EI_DATA] != ELFDATA2LSB)
		status = ut__fail(error, UTRACE_UNSUPPORTED, 0, "%s is big-endian.", path);
	else if (!(elf->path = strdup(path)))
		status = ut__fail(error, UTRACE_NO_MEMORY, 0, "No memory for the name of %s.", path);
	if (status)
		ut__elf_close(elf);
	else
		find_build_id(elf);
	return status;
}

int ut__elf_open(struct ut__elf *elf, int fd, const char *path, struct utrace_error *error)
{
	*elf = (struct ut__elf){.fd = fd};
	elf->elf = elf_begin(fd, ELF_C_READ_MMAP_PRIVATE, NULL);
	return finish_open(elf, path, error);
}

int ut__elf_open_memory(struct ut__elf *elf, char *memory, size_t size, const char *path, struct utrace_error *error)
{
	*elf = (struct ut__elf){.fd = -1, .memory = memory};
	elf->elf = elf_memory(memory, size);
	return finish_open(elf, path, error);
}

void ut__elf_close(struct ut__elf *elf)
{
	if (elf->elf)
		(void)elf_end(elf->elf);
	if (elf->elf || elf->memory || elf->path || elf->fd > 0) {
		if (elf->fd >= 0)
			(void)close(elf->fd);
	}
	free(elf->memory);
	free(elf->path);
	*elf = (struct ut__elf){.fd = -1};
}

void ut__elf_release(struct ut__elf *elf)
{
	if (elf->fd < 0 || elf_cntl(elf->elf, ELF_C_FDREAD))
		return;
	(void)close(elf->fd);
	elf->fd = -1;
}

/* elf_compress works in place: sections are decompressed once, for libdw too. */
static Elf_Data *plain_data(Elf_Scn *scn, const GElf_Shdr *header, const char *name)
{
	if (header->sh_type == SHT_NOBITS)
		return NULL;
	if ((header->sh_flags & SHF_COMPRESSED) && elf_compress(scn, 0, 0) < 0)
		return NULL;
	if (strncmp(name, ".zdebug", 7) == 0 && elf_compress_gnu(scn, 0, 0) < 0)
		return NULL;
	return elf_getdata(scn, NULL);
}

static bool is_named(const char *found, const char *wanted)
{
	if (!found)
		return false;
	if (strcmp(found, wanted) == 0)
		return true;
	/* .zdebug_info is what older tools call a compressed .debug_info. */
	return found[0] == '.' && found[1] == 'z' && wanted[0] == '.' && strcmp(found + 2, wanted + 1) == 0;
}

static Elf_Scn *find_section(const struct ut__elf *elf, const char *name, GElf_Shdr *header, const char **found)
{
	Elf_Scn *scn = NULL;
	size_t strings;

	if (!elf->elf || elf_getshdrstrndx(elf->elf, &strings))
		return NULL;
	while ((scn = elf_nextscn(elf->elf, scn))) {
		if (!gelf_getshdr(scn, header))
			continue;
		*found = elf_strptr(elf->elf, strings, header->sh_name);
		if (is_named(*found, name))
			return scn;
	}
	return NULL;
}

bool ut__elf_has_section(const struct ut__elf *elf, const char *name)
{
	const char *found;
	GElf_Shdr header;

	return find_section(elf, name, &header, &found) && header.sh_type != SHT_NOBITS && header.sh_size;
}

struct ut__section ut__elf_section(const struct ut__elf *elf, const char *name)
{
	struct ut__section section = {0};
	const char *found;
	GElf_Shdr header;
	Elf_Scn *scn = find_section(elf, name, &header, &found);
	Elf_Data *data = scn ? plain_data(scn, &header, found) : NULL;

	if (!scn)
		return section;
	section.address = header.sh_addr;
	section.size = data ? data->d_size : 0;
	section.data = data && data->d_size ? data->d_buf : NULL;
	return section;
}

/* What has no segments is loaded by its sections: objects that were never linked, or code that was made at run time. */
static void add_sections(struct ut__file *file, size_t room)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr header;

	while (file->segment_count < room && (scn = elf_nextscn(file->main.elf, scn))) {
		if (!gelf_getshdr(scn, &header) || !(header.sh_flags & SHF_ALLOC) || (header.sh_flags & SHF_TLS) ||
		    !header.sh_addr || !header.sh_size)
			continue;
		file->segments[file->segment_count++] =
			(GElf_Phdr){.p_type = PT_LOAD,
				    .p_flags = PF_R | (header.sh_flags & SHF_EXECINSTR ? PF_X : 0),
				    .p_offset = header.sh_offset,
				    .p_vaddr = header.sh_addr,
				    .p_filesz = header.sh_type == SHT_NOBITS ? 0 : header.sh_size,
				    .p_memsz = header.sh_size};
	}
}

static int load_segments(struct ut__file *file, struct utrace_error *error)
{
	bool is_loaded = false;
	size_t sections = 0;
	GElf_Ehdr header;
	size_t count;

	if (!gelf_getehdr(file->main.elf, &header) || elf_getphdrnum(file->main.elf, &count))
		return fail_elf(error, file->main.path);
	(void)elf_getshdrnum(file->main.elf, &sections);
	file->machine = header.e_machine;
	file->bits = header.e_ident[EI_CLASS] == ELFCLASS64 ? 64 : 32;
	if (count > SEGMENTS_MAX)
		return ut__fail(error, UTRACE_INVALID, 0, "%s says that it has %zu segments.", file->main.path, count);
	if (sections > SEGMENTS_MAX)
		sections = SEGMENTS_MAX;
	file->segments = calloc(count + sections + 1, sizeof(*file->segments));
	if (!file->segments)
		return ut__fail(error, UTRACE_NO_MEMORY, 0, "No memory for the segments of %s.", file->main.path);
	for (size_t i = 0; i < count; i++) {
		if (gelf_getphdr(file->main.elf, (int)i, &file->segments[file->segment_count]))
			is_loaded |= file->segments[file->segment_count++].p_type == PT_LOAD;
	}
	if (!is_loaded)
		add_sections(file, count + sections);
	return UTRACE_OK;
}

static void destroy(struct ut__file *file)
{
	if (file->unwind_free)
		file->unwind_free(file->unwind);
	ut__symbol_table_free(file->table);
	ut__units_free(file->units);
	ut__types_free(file->types);
	ut__pcs_free(file->pcs);
	ut__package_free(file->package);
	(void)dwarf_end(file->dwarf);
	(void)dwarf_end(file->alternate_dwarf);
	ut__elf_close(&file->alternate);
	ut__elf_close(&file->debug);
	ut__elf_close(&file->mini);
	ut__elf_close(&file->main);
	free(file->segments);
	free(file);
}

void ut__file_unref(struct ut__file *file)
{
	if (!file || --file->references)
		return;
	ut__list_remove(&file->node);
	destroy(file);
}

struct ut__file *ut__file_new(utrace_symbols *symbols, struct ut__elf *elf, struct utrace_error *error)
{
	struct ut__file *file = calloc(1, sizeof(*file));

	if (!file) {
		(void)ut__fail(error, UTRACE_NO_MEMORY, 0, "No memory for %s.", elf->path);
		ut__elf_close(elf);
		return NULL;
	}
	file->symbols = symbols;
	file->references = 1;
	file->main = *elf;
	file->debug.fd = file->alternate.fd = file->mini.fd = -1;
	ut__list_append(&symbols->files, &file->node);
	if (load_segments(file, error)) {
		ut__file_unref(file);
		return NULL;
	}
	return file;
}

int ut__file_open(const char *path, struct utrace_error *error)
{
	/* A fifo or a device in its place must not block or act. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		(void)ut__fail(error, errno == ENOENT || errno == ENOTDIR ? UTRACE_NOT_FOUND : UTRACE_SYSTEM, errno,
			       "%s can't be opened: %s.", path, strerror(errno));
	return fd;
}

static struct ut__file *find_file(utrace_symbols *symbols, const struct stat *status)
{
	struct ut__list *node;
	struct ut__list *next;

	UT__LIST_EACH (node, next, &symbols->files) {
		struct ut__file *file = UT__ENTRY(node, struct ut__file, node);

		if (!file->main.memory && file->device == status->st_dev && file->inode == status->st_ino &&
		    file->bytes == status->st_size && file->changed.tv_sec == status->st_mtim.tv_sec &&
		    file->changed.tv_nsec == status->st_mtim.tv_nsec)
			return file;
	}
	return NULL;
}

struct ut__file *ut__file_from_fd(utrace_symbols *symbols, int fd, const char *path, struct utrace_error *error)
{
	struct ut__file *file;
	struct ut__elf elf;
	struct stat status;

	if (fstat(fd, &status) || !S_ISREG(status.st_mode)) {
		(void)close(fd);
		(void)ut__fail(error, UTRACE_INVALID, 0, "%s is no regular file.", path);
		return NULL;
	}
	file = find_file(symbols, &status);
	if (file) {
		(void)close(fd);
		file->references++;
		return file;
	}
	if (ut__elf_open(&elf, fd, path, error))
		return NULL;
	file = ut__file_new(symbols, &elf, error);
	if (!file)
		return NULL;
	file->device = status.st_dev;
	file->inode = status.st_ino;
	file->bytes = status.st_size;
	file->changed = status.st_mtim;
	return file;
}

struct ut__file *ut__file_from_memory(utrace_symbols *symbols, char *memory, size_t size, const char *path,
				      struct utrace_error *error)
{
	struct ut__list *node;
	struct ut__list *next;
	struct ut__elf elf;

	if (ut__elf_open_memory(&elf, memory, size, path, error))
		return NULL;
	UT__LIST_EACH (node, next, &symbols->files) {
		struct ut__file *file = UT__ENTRY(node, struct ut__file, node);

		if (file->main.memory && !file->is_private && elf.build_id_size &&
		    file->main.build_id_size == elf.build_id_size &&
		    memcmp(file->main.build_id, elf.build_id, elf.build_id_size) == 0) {
			ut__elf_close(&elf);
			file->references++;
			return file;
		}
	}
	return ut__file_new(symbols, &elf, error);
}

size_t ut__file_bytes(const struct ut__file *file, uint64_t address, void *buffer, size_t size)
{
	size_t length;
	const char *raw = elf_rawfile(file->main.elf, &length);

	for (size_t i = 0; raw && i < file->segment_count; i++) {
		const GElf_Phdr *segment = &file->segments[i];
		uint64_t into = address - segment->p_vaddr;
		uint64_t offset = segment->p_offset + into;

		if (segment->p_type != PT_LOAD || into >= segment->p_filesz || offset >= length)
			continue;
		if (size > segment->p_filesz - into)
			size = segment->p_filesz - into;
		if (size > length - offset)
			size = length - offset;
		memcpy(buffer, raw + offset, size);
		return size;
	}
	return 0;
}
