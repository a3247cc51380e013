/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/core/mapped.c - the files that were mapped: their names (NT_FILE), and memory that is theirs.
 *
 * NT_FILE: the number of ranges and the size of a page; start, end and offset in pages of each; then the names, in the
 * same order. (fs/binfmt_elf.c, fill_files_note)
 * A file stands for its mapping unless its build ID differs from the one in the core, which mostly holds the first page
 * of an ELF file. (core(5), coredump_filter)
 */
#include <elfutils/libdwelf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/core/core.h"

enum { HEAD = 16384, BUILD_ID_MAX = 64, RECENT = 16, PAGE = 4096 };

uint64_t cf_auxv(const struct cf_process *core, uint64_t type)
{
	for (size_t i = 0; i + 1 < core->auxv_size; i += 2) {
		if (core->auxv[i] == type)
			return core->auxv[i + 1];
	}
	return 0;
}

/* ---- names ---- */

/* One range of the note. */
struct range {
	uint64_t start, end, offset;
	const char *name;
};

/* The index + 1 of a file by name; 0: no memory. Ranges of one file mostly follow each other. */
static size_t file_index(struct cf_process *core, const char *name)
{
	size_t n = core->file_count;

	if (n && strcmp(core->files[n - 1].name, name) == 0)
		return n;
	for (size_t i = n > RECENT ? n - RECENT : 0; i < n; i++) {
		if (strcmp(core->files[i].name, name) == 0)
			return i + 1;
	}
	if ((n & (n - 1)) == 0) {
		void *more = reallocarray(core->files, n ? n * 2 : 1, sizeof(*core->files));

		if (!more)
			return 0;
		core->files = more;
	}
	core->files[n] = (struct cf_file){.name = strdup(name), .fd = -1};
	if (!core->files[n].name)
		return 0;
	return ++core->file_count;
}

static bool add_segment(struct cf_process *core, const struct range *range, size_t file)
{
	void *more = reallocarray(core->segments, core->segment_count + 1, sizeof(*core->segments));

	if (!more)
		return false;
	core->segments = more;
	core->segments[core->segment_count++] = (struct cf_segment){
		.start = range->start,
		.end = range->end,
		.flags = UTRACE_MAPPING_READ | UTRACE_MAPPING_EXECUTE,
		.file = file,
		.file_offset = range->offset,
	};
	return true;
}

/* `known` segments are sorted; ranges that none of them has are appended. */
static bool apply(struct cf_process *core, const struct range *range, size_t known)
{
	size_t all = core->segment_count;
	size_t file = file_index(core, range->name);
	struct cf_segment *segment;

	if (!file)
		return false;
	core->segment_count = known;
	segment = cf_segment_at(core, range->start);
	core->segment_count = all;
	if (!segment)
		return add_segment(core, range, file);
	segment->file = file;
	segment->file_offset = range->offset - (range->start - segment->start);
	return true;
}

static bool next_range(struct cf_bytes note, unsigned word, uint64_t page, size_t index, const char **names,
		       struct range *range)
{
	const unsigned char *at = note.data + (2 + 3 * index) * word;
	const char *end = (const char *)note.data + note.size;
	size_t left = (size_t)(end - *names);
	size_t length = strnlen(*names, left);

	if (length == left)
		return false;
	*range = (struct range){.start = cf_number(at, word),
				.end = cf_number(at + word, word),
				.offset = cf_number(at + 2 * (size_t)word, word) * page,
				.name = *names};
	*names += length + 1;
	return true;
}

static int read_names(struct cf_process *core, struct utrace_error *error)
{
	struct cf_bytes note = core->process_notes[1];
	unsigned word = core->wide ? 8 : 4;
	size_t known = core->segment_count;
	const char *names;
	struct range range;
	uint64_t count;
	uint64_t page;

	core->no_names = note.size < (size_t)2 * word;
	if (core->no_names)
		return UTRACE_OK;
	count = cf_number(note.data, word);
	page = cf_number(note.data + word, word);
	if (count > (note.size / word - 2) / 3)
		return UTRACE_OK;
	names = (const char *)note.data + (2 + 3 * count) * word;
	for (size_t i = 0; i < count && next_range(note, word, page, i, &names, &range); i++) {
		if (range.start < range.end && !apply(core, &range, known))
			return ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for the files of a core file.");
	}
	if (core->segment_count > known)
		cf_sort_segments(core);
	return UTRACE_OK;
}

static void name_at(struct cf_process *core, uint64_t address, const char *name)
{
	struct cf_segment *segment = address ? cf_segment_at(core, address) : NULL;

	if (segment && !segment->file)
		segment->name = name;
}

/* The kernel writes the path as d_path() gives it: " (deleted)" where it has no name any more. */
static void note_deleted(struct cf_file *file)
{
	static const char mark[] = " (deleted)";
	size_t length = strlen(file->name);

	file->deleted = length >= sizeof(mark) && strcmp(file->name + length - strlen(mark), mark) == 0;
	if (file->deleted)
		file->name[length - strlen(mark)] = '\0';
}

static bool choose_path(struct cf_process *core, size_t index, const struct utrace_core_options *options)
{
	struct cf_file *file = &core->files[index];

	if (options->executable && index + 1 == core->executable) {
		free(file->name);
		file->name = strdup(options->executable);
		file->path = strdup(options->executable);
		return file->name && file->path;
	}
	note_deleted(file);
	if (file->name[0] != '/' || file->deleted)
		return true;
	if (!options->sysroot)
		file->path = strdup(file->name);
	else if (asprintf(&file->path, "%s%s", options->sysroot, file->name) < 0)
		file->path = NULL;
	return file->path != NULL;
}

int cf_name_segments(struct cf_process *core, const struct utrace_core_options *options, struct utrace_error *error)
{
	int status = read_names(core, error);
	const struct cf_segment *segment;

	if (status)
		return status;
	/* The program headers of the executable are in its first mapping; the kernel says where. (getauxval(3)) */
	segment = cf_segment_at(core, cf_auxv(core, AT_PHDR));
	core->executable = segment ? segment->file : 0;
	name_at(core, cf_auxv(core, AT_SYSINFO_EHDR), "[vdso]");
	name_at(core, cf_auxv(core, AT_RANDOM), "[stack]");
	core->no_files = options->no_files;
	for (size_t i = 0; i < core->file_count; i++) {
		if (!choose_path(core, i, options))
			return ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for the files of a core file.");
	}
	return UTRACE_OK;
}

/* ---- memory ---- */

/* The build ID in the notes of the mapped file's beginning, as the core has it; its size, 0 if it is not there. */
static size_t held_build_id(const struct cf_process *core, size_t file, unsigned char id[BUILD_ID_MAX])
{
	static const unsigned char mark[8] = {NT_GNU_BUILD_ID, 0, 0, 0, 'G', 'N', 'U', 0};
	unsigned char head[HEAD];

	for (size_t i = 0; i < core->segment_count; i++) {
		const struct cf_segment *segment = &core->segments[i];
		const unsigned char *found;
		uint32_t length;
		size_t size;

		if (segment->file != file || segment->file_offset)
			continue;
		size = cf_read_held(core, segment, segment->start, head, sizeof(head));
		found = size > SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0 ? memmem(head, size, mark, sizeof(mark))
									     : NULL;
		if (!found || found - head < 4)
			continue;
		memcpy(&length, found - 4, sizeof(length));
		if (length > BUILD_ID_MAX || length > size - (size_t)(found + sizeof(mark) - head))
			continue;
		memcpy(id, found + sizeof(mark), length);
		return length;
	}
	return 0;
}

static bool is_another(const struct cf_process *core, size_t file, int fd)
{
	unsigned char held[BUILD_ID_MAX];
	size_t held_size = held_build_id(core, file, held);
	const void *own = NULL;
	bool differs = false;
	Elf *elf;

	if (!held_size)
		return false;
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (elf && elf_kind(elf) == ELF_K_ELF) {
		ssize_t size = dwelf_elf_gnu_build_id(elf, &own);

		differs = size > 0 && ((size_t)size != held_size || memcmp(own, held, held_size) != 0);
	} else {
		/* What was mapped was an ELF file. */
		differs = true;
	}
	(void)elf_end(elf);
	return differs;
}

static int open_file(struct cf_process *core, size_t index)
{
	struct cf_file *file = &core->files[index - 1];
	struct stat facts;

	if (file->opened || !file->path)
		return file->fd;
	file->opened = true;
	/* A fifo or a device in its place must not block or act. */
	file->fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (file->fd < 0)
		return -1;
	file->refused = is_another(core, index, file->fd);
	if (!file->refused && fstat(file->fd, &facts) == 0 && S_ISREG(facts.st_mode)) {
		file->size = (uint64_t)facts.st_size;
		return file->fd;
	}
	(void)close(file->fd);
	file->fd = -1;
	return -1;
}

size_t cf_read_file(struct cf_process *core, const struct cf_segment *segment, uint64_t address, void *buffer,
		    size_t size)
{
	int fd = segment->file && !core->no_files ? open_file(core, segment->file) : -1;
	uint64_t at = address - segment->start + segment->file_offset;
	uint64_t end = fd >= 0 ? core->files[segment->file - 1].size : 0;
	size_t done = 0;

	while (at + done < end && done < size) {
		ssize_t n = pread(fd, (char *)buffer + done, size - done, (off_t)(at + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return done;
		done += (size_t)n;
	}
	/* The rest of the file's last page is zeros. */
	for (; end && done < size && at + done >= end && (at + done) / PAGE == (end - 1) / PAGE; done++)
		((char *)buffer)[done] = 0;
	return done;
}

static uint32_t deleted_flag(const struct cf_process *core, const struct cf_segment *segment)
{
	return segment->file && core->files[segment->file - 1].deleted ? UTRACE_MAPPING_DELETED : 0u;
}

int cf_maps(utrace_process *process, utrace_mapping_callback *callback, void *data)
{
	const struct cf_process *core = cf_of(process);
	int answer = 0;

	for (size_t i = 0; i < core->segment_count && !answer; i++) {
		const struct cf_segment *segment = &core->segments[i];
		const char *name = segment->name ? segment->name : "";
		struct utrace_mapping mapping = {
			.size = sizeof(mapping),
			.start = segment->start,
			.end = segment->end,
			.offset = segment->file_offset,
			.inode = segment->file,
			.flags = segment->flags | deleted_flag(core, segment),
			.name = segment->file ? core->files[segment->file - 1].name : name,
		};

		answer = callback(&mapping, data);
	}
	return answer;
}
