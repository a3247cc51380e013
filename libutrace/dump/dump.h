/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * dump/dump.h - what the files of this layer share: a core file on its way.
 *
 * A layer above memory, registers and facts, with public headers only.  First it is decided what the core will have
 * (regions.c, notes.c), then all of it is written in one go (write.c).
 */
#ifndef UT_DUMP_DUMP_H
#define UT_DUMP_DUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <utrace/core.h>
#include <utrace/facts.h>

/* A mapping of the process. */
struct dp_region {
	uint64_t start, end;
	uint64_t offset; /* in its file */
	uint64_t dumped; /* bytes from its start that the core has */
	uint32_t flags;  /* enum utrace_mapping_flag */
	char *file;      /* NULL: none */
};

struct dp_bytes {
	unsigned char *data;
	size_t size, room;
	bool failed; /* no memory */
};

struct dp_core {
	utrace_process *process;
	pid_t pid;
	bool wide; /* 64-bit */
	const struct utrace_core_write_options *options;
	struct dp_region *regions;
	size_t region_count, region_room;
	struct dp_bytes notes;
};

/* regions.c: the mappings, and how much of each is wanted. */
int dp_find_regions(struct dp_core *core, struct utrace_error *error);
void dp_free_regions(struct dp_core *core);

/* notes.c: threads and facts. */
int dp_make_notes(struct dp_core *core, struct utrace_error *error);

/* Appends zeros if data is NULL. */
void dp_append(struct dp_bytes *bytes, const void *data, size_t size);
/* A number of the program's word, or of `size` bytes. */
void dp_append_number(struct dp_bytes *bytes, uint64_t value, size_t size);

#endif
