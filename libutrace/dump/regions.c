/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * dump/regions.c - which memory a core gets: the kernel's own rules. (fs/coredump.c, vma_dump_size; core(5),
 * "Controlling which mappings are written"; proc_pid_smaps(5))
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utrace/error.h>
#include <utrace/memory.h>

#include "dump/dump.h"
#include "util/array.h"
#include "util/procfs.h"
#include "util/status.h"

enum {
	ANONYMOUS_PRIVATE = 1 << 0,
	ANONYMOUS_SHARED = 1 << 1,
	FILE_PRIVATE = 1 << 2,
	FILE_SHARED = 1 << 3,
	ELF_HEADERS = 1 << 4,
	HUGE_PRIVATE = 1 << 5,
	HUGE_SHARED = 1 << 6,
	PAGE = 4096,
};

/* What the kernel counts of a mapping. */
struct counts {
	uint64_t start;
	uint64_t anonymous; /* kB that are the process's own, also swapped out */
	bool excluded;      /* madvise(2) MADV_DONTDUMP, devices, what the kernel keeps for itself */
	bool huge;
};

struct all_counts {
	struct counts *all;
	size_t count, room;
};

static int keep_region(const struct utrace_mapping *mapping, void *data)
{
	struct dp_core *core = data;
	struct dp_region region = {
		.start = mapping->start, .end = mapping->end, .offset = mapping->offset, .flags = mapping->flags};

	/* The page of old system calls is no memory of the process. */
	if (strcmp(mapping->name, "[vsyscall]") == 0)
		return 0;
	if (mapping->inode)
		region.file = strdup(mapping->name);
	if ((mapping->inode && !region.file) ||
	    !ut__grow(&core->regions, &core->region_room, core->region_count, sizeof(region))) {
		free(region.file);
		return UTRACE_NO_MEMORY;
	}
	/* Always wanted, and marked as the kernel's own otherwise. */
	if (strcmp(mapping->name, "[vdso]") == 0)
		region.dumped = region.end - region.start;
	core->regions[core->region_count++] = region;
	return 0;
}

static void take_line(const char *line, struct counts *counts)
{
	unsigned long long number;

	if (sscanf(line, "Anonymous: %llu kB", &number) == 1 || sscanf(line, "Swap: %llu kB", &number) == 1)
		counts->anonymous += number;
	if (strncmp(line, "VmFlags:", 8) != 0)
		return;
	counts->excluded = strstr(line, " dd") || strstr(line, " io");
	counts->huge = strstr(line, " ht") != NULL;
}

static bool read_counts(pid_t pid, struct all_counts *counts)
{
	char path[64];
	char *line = NULL;
	size_t room = 0;
	bool fine = true;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (fine && getline(&line, &room, file) > 0) {
		unsigned long long start;
		unsigned long long end;

		if (sscanf(line, "%llx-%llx ", &start, &end) != 2) {
			if (counts->count)
				take_line(line, &counts->all[counts->count - 1]);
			continue;
		}
		fine = ut__grow(&counts->all, &counts->room, counts->count, sizeof(*counts->all));
		if (fine)
			counts->all[counts->count++] = (struct counts){.start = start};
	}
	free(line);
	(void)fclose(file);
	return fine;
}

static bool begins_elf(struct dp_core *core, const struct dp_region *region)
{
	char magic[SELFMAG];

	return utrace_memory_read(core->process, region->start, magic, sizeof(magic), NULL) == sizeof(magic) &&
	       memcmp(magic, ELFMAG, SELFMAG) == 0;
}

static uint64_t wanted(struct dp_core *core, const struct dp_region *region, const struct counts *counts,
		       uint32_t filter)
{
	uint64_t whole = region->end - region->start;
	bool shared = region->flags & UTRACE_MAPPING_SHARED;
	bool deleted = region->flags & UTRACE_MAPPING_DELETED;

	if (region->dumped || counts->excluded)
		return region->dumped;
	if (counts->huge)
		return filter & (shared ? HUGE_SHARED : HUGE_PRIVATE) ? whole : 0;
	if (shared)
		return filter & (deleted ? ANONYMOUS_SHARED : FILE_SHARED) ? whole : 0;
	if (counts->anonymous && filter & ANONYMOUS_PRIVATE)
		return whole;
	if (!region->file)
		return 0;
	if (filter & FILE_PRIVATE)
		return whole;
	if (filter & ELF_HEADERS && !region->offset && region->flags & UTRACE_MAPPING_READ && begins_elf(core, region))
		return PAGE;
	return 0;
}

/* The process's own choice, unless the caller has made one. */
static uint32_t find_filter(const struct dp_core *core)
{
	enum { DEFAULT = ANONYMOUS_PRIVATE | ANONYMOUS_SHARED | ELF_HEADERS | HUGE_PRIVATE };
	char path[64];
	char text[32];
	unsigned filter;

	if (core->options->filter)
		return core->options->filter;
	(void)snprintf(path, sizeof(path), "/proc/%d/coredump_filter", core->pid);
	if (ut__procfs_read(path, text, sizeof(text)) > 0 && sscanf(text, "%x", &filter) == 1)
		return filter;
	return DEFAULT;
}

int dp_find_regions(struct dp_core *core, struct utrace_error *error)
{
	struct all_counts counts = {0};
	uint32_t filter = find_filter(core);
	int status = utrace_process_mappings(core->process, keep_region, core, error);
	size_t n = 0;

	if (status == UTRACE_NO_MEMORY || (!status && !read_counts(core->pid, &counts)))
		status = ut__fail(error, status ? status : UTRACE_SYSTEM, 0,
				  "The mappings of process %d can't be read.", core->pid);
	for (size_t i = 0; !status && i < core->region_count; i++) {
		while (n + 1 < counts.count && counts.all[n].start < core->regions[i].start)
			n++;
		if (n < counts.count && counts.all[n].start == core->regions[i].start)
			core->regions[i].dumped = wanted(core, &core->regions[i], &counts.all[n], filter);
	}
	free(counts.all);
	return status;
}

void dp_free_regions(struct dp_core *core)
{
	for (size_t i = 0; i < core->region_count; i++)
		free(core->regions[i].file);
	free(core->regions);
}
