/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/core/open.c - a core file becomes a process: its segments, and its threads, held for good.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/core/core.h"

void cf_close(struct cf_process *core)
{
	for (size_t i = 0; i < core->file_count; i++) {
		if (core->files[i].fd >= 0)
			(void)close(core->files[i].fd);
		free(core->files[i].name);
		free(core->files[i].path);
	}
	free(core->files);
	free(core->segments);
	free(core->threads);
	free(core->auxv);
	(void)elf_end(core->elf);
	if (core->fd >= 0)
		(void)close(core->fd);
	*core = (struct cf_process){.fd = -1};
}

static int open_path(struct cf_process *core, const char *path, struct utrace_error *error)
{
	struct stat facts;

	core->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (core->fd < 0)
		return ut__fail(error,
				errno == ENOENT || errno == ENOTDIR ? UTRACE_NOT_FOUND
				: errno == EACCES                   ? UTRACE_DENIED
								    : UTRACE_SYSTEM,
				errno, "%s can't be opened: %s.", path, strerror(errno));
	if (fstat(core->fd, &facts) || !S_ISREG(facts.st_mode))
		return ut__fail(error, UTRACE_INVALID, 0, "%s is no regular file.", path);
	core->size = (uint64_t)facts.st_size;
	return UTRACE_OK;
}

static int check_header(struct cf_process *core, const char *path, struct utrace_error *error)
{
	GElf_Ehdr header;

	(void)elf_version(EV_CURRENT);
	core->elf = elf_begin(core->fd, ELF_C_READ, NULL);
	if (!core->elf || elf_kind(core->elf) != ELF_K_ELF || !gelf_getehdr(core->elf, &header))
		return ut__fail(error, UTRACE_INVALID, 0,
				"%s is no ELF file. A compressed core must be unpacked first.", path);
	if (header.e_type != ET_CORE)
		return ut__fail(error, UTRACE_INVALID, 0, "%s is an ELF file, but no core.", path);
	core->wide = header.e_ident[EI_CLASS] == ELFCLASS64;
	if (header.e_ident[EI_DATA] == ELFDATA2LSB && header.e_machine == (core->wide ? EM_X86_64 : EM_386))
		return UTRACE_OK;
	return ut__fail(error, UTRACE_UNSUPPORTED, 0, "%s is a core of an architecture that is not known (machine %u).",
			path, header.e_machine);
}

/* What a segment should have and the file ends before. */
static void count_missing(struct cf_process *core, const GElf_Phdr *header)
{
	uint64_t there = header->p_offset < core->size ? core->size - header->p_offset : 0;

	if (header->p_filesz > there)
		core->missing += header->p_filesz - there;
}

static void add_load(struct cf_process *core, const GElf_Phdr *header)
{
	struct cf_segment segment = {
		.start = header->p_vaddr,
		.end = header->p_vaddr + header->p_memsz,
		.offset = header->p_offset,
		.held = header->p_filesz < header->p_memsz ? header->p_filesz : header->p_memsz,
		.flags = (header->p_flags & PF_R ? UTRACE_MAPPING_READ : 0u) |
			 (header->p_flags & PF_W ? UTRACE_MAPPING_WRITE : 0u) |
			 (header->p_flags & PF_X ? UTRACE_MAPPING_EXECUTE : 0u),
	};

	count_missing(core, header);
	if (segment.offset > INT64_MAX - segment.held)
		segment.held = 0;
	if (segment.end > segment.start)
		core->segments[core->segment_count++] = segment;
}

static int by_address(const void *a, const void *b)
{
	const struct cf_segment *first = a;
	const struct cf_segment *second = b;

	return first->start < second->start ? -1 : first->start > second->start;
}

void cf_sort_segments(struct cf_process *core)
{
	size_t kept = 0;

	qsort(core->segments, core->segment_count, sizeof(*core->segments), by_address);
	for (size_t i = 0; i < core->segment_count; i++) {
		if (kept && core->segments[i].start < core->segments[kept - 1].end)
			continue;
		core->segments[kept++] = core->segments[i];
	}
	core->segment_count = kept;
}

static int read_segments(struct cf_process *core, const char *path, struct utrace_error *error)
{
	size_t count = 0;
	int status = UTRACE_OK;

	if (elf_getphdrnum(core->elf, &count) || count > core->size / sizeof(Elf32_Phdr))
		return ut__fail(error, UTRACE_INVALID, 0, "The program headers of %s are damaged.", path);
	core->segments = calloc(count + 1, sizeof(*core->segments));
	if (!core->segments)
		return ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for the segments of %s.", path);
	for (size_t i = 0; i < count && !status; i++) {
		GElf_Phdr header;

		if (!gelf_getphdr(core->elf, (int)i, &header))
			return ut__fail(error, UTRACE_INVALID, 0, "%s ends in its program headers.", path);
		if (header.p_type == PT_LOAD) {
			add_load(core, &header);
		} else if (header.p_type == PT_NOTE) {
			count_missing(core, &header);
			status = cf_read_notes(core, &header, error);
		}
	}
	cf_sort_segments(core);
	if (!status && !core->thread_count)
		return ut__fail(error, UTRACE_INVALID, 0, "%s has no thread: it has lost its notes, or never had any.",
				path);
	return status;
}

/* The process's id, which the notes have, or else its first thread's. */
static pid_t find_pid(const struct cf_process *core)
{
	enum { PID_AT_32 = 12, PID_AT_64 = 24 };
	struct cf_bytes info = core->process_notes[0];
	pid_t pid = info.data ? (pid_t)cf_number(info.data + (core->wide ? PID_AT_64 : PID_AT_32), 4) : 0;

	return pid > 0 ? pid : core->threads[0].tid;
}

static int make_threads(utrace_process *process, struct utrace_error *error)
{
	struct cf_process *core = cf_of(process);
	utrace_session *session = atomic_load(&process->session);

	for (size_t i = 0; i < core->thread_count; i++) {
		if (core->threads[i].tid <= 0 || ut__sink_find(session, core->threads[i].tid))
			return ut__fail(error, core->threads[i].tid <= 0 ? UTRACE_INVALID : UTRACE_BUSY, 0,
					"The session has a thread %d already, and so has the core file.",
					core->threads[i].tid);
	}
	for (size_t i = 0; i < core->thread_count; i++) {
		utrace_thread *thread;

		/* One that stands there twice would be two threads with one id. */
		if (ut__sink_find(session, core->threads[i].tid))
			continue;
		thread = ut__sink_thread(process, core->threads[i].tid);
		if (!thread)
			return ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for the threads of a core file.");
		*cf_thread_of(thread) = core->threads[i];
		ut__sink_held(thread);
	}
	return UTRACE_OK;
}

int cf_open(utrace_process *process, const char *path, const struct utrace_core_options *options,
	    struct utrace_error *error)
{
	struct cf_process *core = cf_of(process);
	int status = open_path(core, path, error);

	if (!status)
		status = check_header(core, path, error);
	if (!status)
		status = read_segments(core, path, error);
	if (!status)
		status = cf_name_segments(core, options, error);
	if (status)
		return status;
	process->pid = find_pid(core);
	status = make_threads(process, error);
	if (status)
		cf_let_go(process);
	return status;
}
