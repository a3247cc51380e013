/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * dump/write.c - a core file of a stopped process: header, program headers, notes, memory. (core(5), elf(5))
 *
 * Memory is read through the library, so breakpoints don't show.  Pages of zeros become holes where the file can have them.
 */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utrace/control.h>
#include <utrace/error.h>
#include <utrace/memory.h>
#include <utrace/process.h>

#include "dump/dump.h"
#include "util/status.h"

enum { PAGE = 4096, CHUNK = 256 * 1024 };

/* Where the file is written to. */
struct output {
	int fd;
	bool seekable;
	uint64_t at;
	uint64_t hole; /* bytes skipped before `at`, not made yet */
	struct utrace_error *error;
};

static int fail_write(const struct output *output)
{
	int cause = errno;

	return ut__fail(output->error, UTRACE_SYSTEM, cause, "The core file can't be written: %s.", strerror(cause));
}

static int put(struct output *output, const void *data, size_t size)
{
	if (output->hole && lseek(output->fd, (off_t)output->hole, SEEK_CUR) < 0)
		return fail_write(output);
	output->hole = 0;
	output->at += size;
	for (size_t done = 0; done < size;) {
		ssize_t n = write(output->fd, (const char *)data + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_write(output);
		done += (size_t)n;
	}
	return UTRACE_OK;
}

static int put_zeros(struct output *output, uint64_t size)
{
	static const char zeros[PAGE];
	int status = UTRACE_OK;

	if (output->seekable) {
		output->hole += size;
		output->at += size;
		return UTRACE_OK;
	}
	while (!status && size) {
		size_t part = size < PAGE ? (size_t)size : PAGE;

		status = put(output, zeros, part);
		size -= part;
	}
	return status;
}

static bool is_zero(const char *page, size_t size)
{
	return !page[0] && memcmp(page, page + 1, size - 1) == 0;
}

/* What can't be read, as beyond the end of a file, is zeros, as in the kernel's cores. */
static int put_memory(struct dp_core *core, struct output *output, const struct dp_region *region, char *chunk)
{
	int status = UTRACE_OK;

	for (uint64_t done = 0; !status && done < region->dumped;) {
		size_t part = region->dumped - done < CHUNK ? (size_t)(region->dumped - done) : CHUNK;
		ssize_t got = utrace_memory_read(core->process, region->start + done, chunk, part, NULL);

		if (got == UTRACE_DEAD || got == UTRACE_NOT_ATTACHED)
			return utrace_memory_read(core->process, region->start, chunk, 1, output->error) < 0
				       ? (int)got
				       : UTRACE_DEAD;
		if (got <= 0) {
			got = part < PAGE ? (ssize_t)part : PAGE;
			memset(chunk, 0, (size_t)got);
		}
		for (ssize_t at = 0; !status && at < got; at += PAGE) {
			size_t piece = got - at < PAGE ? (size_t)(got - at) : PAGE;

			status = is_zero(chunk + at, piece) ? put_zeros(output, piece) : put(output, chunk + at, piece);
		}
		done += (uint64_t)got;
	}
	return status;
}

static uint64_t header_size(const struct dp_core *core)
{
	return core->wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
}

static uint64_t segment_size(const struct dp_core *core)
{
	return core->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
}

/* More program headers than the header can count are counted in the first section header. (elf(5), PN_XNUM) */
static bool needs_section(const struct dp_core *core)
{
	return core->region_count + 1 >= PN_XNUM;
}

static void make_header(const struct dp_core *core, struct dp_bytes *bytes, uint64_t section)
{
	const unsigned char ident[EI_NIDENT] = {
		ELFMAG0,     ELFMAG1,    ELFMAG2,      ELFMAG3, core->wide ? ELFCLASS64 : ELFCLASS32,
		ELFDATA2LSB, EV_CURRENT, ELFOSABI_NONE};
	size_t word = core->wide ? 8 : 4;
	bool extra = needs_section(core);

	dp_append(bytes, ident, sizeof(ident));
	dp_append_number(bytes, ET_CORE, 2);
	dp_append_number(bytes, core->wide ? EM_X86_64 : EM_386, 2);
	dp_append_number(bytes, EV_CURRENT, 4);
	dp_append_number(bytes, 0, word);
	dp_append_number(bytes, header_size(core), word);
	dp_append_number(bytes, extra ? section : 0, word);
	dp_append_number(bytes, 0, 4);
	dp_append_number(bytes, header_size(core), 2);
	dp_append_number(bytes, segment_size(core), 2);
	dp_append_number(bytes, extra ? PN_XNUM : core->region_count + 1, 2);
	dp_append_number(bytes, extra ? (core->wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr)) : 0, 2);
	dp_append_number(bytes, extra ? 1 : 0, 2);
	dp_append_number(bytes, 0, 2);
}

static void make_segment(const struct dp_core *core, struct dp_bytes *bytes, const Elf64_Phdr *segment)
{
	size_t word = core->wide ? 8 : 4;

	dp_append_number(bytes, segment->p_type, 4);
	if (core->wide)
		dp_append_number(bytes, segment->p_flags, 4);
	dp_append_number(bytes, segment->p_offset, word);
	dp_append_number(bytes, segment->p_vaddr, word);
	dp_append_number(bytes, 0, word);
	dp_append_number(bytes, segment->p_filesz, word);
	dp_append_number(bytes, segment->p_memsz, word);
	if (!core->wide)
		dp_append_number(bytes, segment->p_flags, 4);
	dp_append_number(bytes, segment->p_align, word);
}

static uint32_t segment_flags(uint32_t flags)
{
	return (flags & UTRACE_MAPPING_READ ? PF_R : 0u) | (flags & UTRACE_MAPPING_WRITE ? PF_W : 0u) |
	       (flags & UTRACE_MAPPING_EXECUTE ? PF_X : 0u);
}

static void make_segments(const struct dp_core *core, struct dp_bytes *bytes, uint64_t notes_at, uint64_t memory_at)
{
	Elf64_Phdr notes = {.p_type = PT_NOTE, .p_offset = notes_at, .p_filesz = core->notes.size, .p_align = 4};

	make_segment(core, bytes, &notes);
	for (size_t i = 0; i < core->region_count; i++) {
		const struct dp_region *region = &core->regions[i];
		Elf64_Phdr load = {.p_type = PT_LOAD,
				   .p_flags = segment_flags(region->flags),
				   .p_offset = memory_at,
				   .p_vaddr = region->start,
				   .p_filesz = region->dumped,
				   .p_memsz = region->end - region->start,
				   .p_align = PAGE};

		make_segment(core, bytes, &load);
		memory_at += region->dumped;
	}
}

/* sh_info of the first section header is the number of program headers. */
static void make_section(const struct dp_core *core, struct dp_bytes *bytes)
{
	Elf64_Shdr wide = {.sh_info = (uint32_t)core->region_count + 1};
	Elf32_Shdr narrow = {.sh_info = (uint32_t)core->region_count + 1};

	if (!needs_section(core))
		return;
	if (core->wide)
		dp_append(bytes, &wide, sizeof(wide));
	else
		dp_append(bytes, &narrow, sizeof(narrow));
}

static int write_all(struct dp_core *core, struct output *output, struct dp_bytes *head)
{
	uint64_t section = header_size(core) + (core->region_count + 1) * segment_size(core);
	uint64_t section_size = core->wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
	uint64_t notes_at = section + (needs_section(core) ? section_size : 0);
	uint64_t memory_at = (notes_at + core->notes.size + PAGE - 1) & ~(uint64_t)(PAGE - 1);
	char *chunk = malloc(CHUNK);
	int status;

	make_header(core, head, section);
	make_segments(core, head, notes_at, memory_at);
	make_section(core, head);
	if (head->failed || !chunk) {
		free(chunk);
		return ut__fail(output->error, UTRACE_NO_MEMORY, ENOMEM, "No memory for writing a core file.");
	}
	status = put(output, head->data, head->size);
	if (!status)
		status = put(output, core->notes.data, core->notes.size);
	if (!status)
		status = put_zeros(output, memory_at - output->at);
	for (size_t i = 0; !status && i < core->region_count; i++)
		status = put_memory(core, output, &core->regions[i], chunk);
	free(chunk);
	/* A hole at the end has to be made, too. */
	if (!status && output->hole && ftruncate(output->fd, lseek(output->fd, 0, SEEK_CUR) + (off_t)output->hole))
		status = fail_write(output);
	return status;
}

static int check(utrace_process *process, const struct utrace_core_write_options *options, struct utrace_error *error)
{
	int stopped = utrace_process_is_stopped(process, error);

	if (stopped < 0)
		return stopped;
	if (utrace_process_is_core(process))
		return ut__fail(error, UTRACE_IS_CORE, 0, "The process is a core file's; the file can be copied.");
	if (options->thread && utrace_thread_process(options->thread) != process)
		return ut__fail(error, UTRACE_INVALID, 0, "The thread is of another process.");
	if (stopped)
		return UTRACE_OK;
	return ut__fail(error, UTRACE_NOT_STOPPED, 0,
			"A core file can be written of a process whose threads are all held: utrace_process_stop.");
}

int utrace_core_write(utrace_process *process, int fd, const struct utrace_core_write_options *options,
		      struct utrace_error *error)
{
	struct utrace_core_write_options full;
	struct output output = {.fd = fd, .seekable = lseek(fd, 0, SEEK_CUR) >= 0, .error = error};
	struct dp_core core = {.process = process, .pid = utrace_process_pid(process), .options = &full};
	struct dp_bytes head = {0};
	int status = ut__options_copy(&full, sizeof(full), options, error);

	if (!status)
		status = check(process, &full, error);
	if (!status)
		status = dp_find_regions(&core, error);
	if (!status)
		status = dp_make_notes(&core, error);
	if (!status)
		status = write_all(&core, &output, &head);
	free(head.data);
	free(core.notes.data);
	dp_free_regions(&core);
	return status;
}
