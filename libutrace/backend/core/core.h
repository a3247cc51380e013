/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/core/core.h - processes out of core files: what the files of this backend share.
 *
 * A core is opened and taken apart at once (open.c, notes.c); nothing of it changes afterwards, and memory is read when
 * asked for (memory.c, mapped.c).  Nothing that the file says is believed without a bound.
 * libelf reads headers and notes; it keeps what it has read until the process is let go, so threads point into it.
 */
#ifndef UT_BACKEND_CORE_CORE_H
#define UT_BACKEND_CORE_CORE_H

#include <gelf.h>
#include <utrace/core.h>
#include <utrace/facts.h>

#include "backend/sink.h"

/* A piece of the core that libelf holds. */
struct cf_bytes {
	const unsigned char *data; /* NULL: none */
	size_t size;
};

/* A file that was mapped. */
struct cf_file {
	char *name; /* as the core has it */
	char *path; /* to open; NULL: not to be read */
	int fd;
	uint64_t size;
	bool deleted;
	bool opened;  /* has been tried */
	bool refused; /* it is another one than was mapped */
};

struct cf_segment {
	uint64_t start, end;
	uint64_t offset; /* in the core */
	uint64_t held;   /* bytes that the core has of it */
	uint32_t flags;  /* enum utrace_mapping_flag */
	size_t file;     /* index + 1; 0: none */
	uint64_t file_offset;
	const char *name; /* of what is no file: "[stack]"; else NULL */
};

/* What is known of a thread while the notes are read, and then of the handle. */
struct cf_thread {
	pid_t tid;
	int signal;
	struct cf_bytes general, floating, extended, info;
};

struct cf_process {
	int fd;
	Elf *elf;
	bool wide;     /* 64-bit */
	uint64_t size; /* of the file */
	uint64_t missing;
	struct cf_segment *segments; /* by ascending address, without overlap */
	size_t segment_count;
	struct cf_file *files;
	size_t file_count;
	size_t executable; /* index + 1 */
	bool no_files;     /* memory is not taken from mapped files */
	bool no_names;     /* there is no NT_FILE */
	uint64_t *auxv;    /* pairs */
	size_t auxv_size;
	char name[16 + 1];
	char arguments[80 + 1];
	struct cf_thread *threads; /* in the order of the file */
	size_t thread_count, thread_room;
	struct cf_bytes process_notes[2]; /* NT_PRPSINFO, NT_FILE */
};

struct cf_process *cf_of(utrace_process *process);
struct cf_thread *cf_thread_of(utrace_thread *thread);

/* backend.c: tells that each thread is let go. */
void cf_let_go(utrace_process *process);

/* open.c */
int cf_open(utrace_process *process, const char *path, const struct utrace_core_options *options,
	    struct utrace_error *error);
void cf_close(struct cf_process *core);
/* By ascending address; of two that overlap the later gives way. */
void cf_sort_segments(struct cf_process *core);

/* notes.c: all notes of a segment; 0 or a status. */
int cf_read_notes(struct cf_process *core, const GElf_Phdr *segment, struct utrace_error *error);
/* A little-endian number of the core: word is 4 or 8. */
uint64_t cf_number(const unsigned char *at, unsigned word);
/* The siginfo of the first thread, in our own layout; false if there is none. */
bool cf_info(const struct cf_process *core, siginfo_t *info);

/* mapped.c: gives the segments the files that NT_FILE names. */
int cf_name_segments(struct cf_process *core, const struct utrace_core_options *options, struct utrace_error *error);
uint64_t cf_auxv(const struct cf_process *core, uint64_t type);
/* Bytes of a mapped file; how many there are. */
size_t cf_read_file(struct cf_process *core, const struct cf_segment *segment, uint64_t address, void *buffer,
		    size_t size);
int cf_maps(utrace_process *process, utrace_mapping_callback *callback, void *data);

/* memory.c */
ssize_t cf_read(utrace_process *process, uint64_t address, void *buffer, size_t size, struct utrace_error *error);
int cf_readv(utrace_process *process, struct utrace_memory_span *spans, size_t count, struct utrace_error *error);
/* What the core itself has of a segment. */
size_t cf_read_held(const struct cf_process *core, const struct cf_segment *segment, uint64_t address, void *buffer,
		    size_t size);
struct cf_segment *cf_segment_at(const struct cf_process *core, uint64_t address);

#endif
