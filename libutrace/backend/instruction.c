/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/instruction.c - see instruction.h.
 */
#include "backend/instruction.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 65536 };

/* Finds the instruction in one mapping; 0 if it is not there. */
static uint64_t search_mapping(utrace_process *process, const struct ut__arch *arch, uint64_t start, uint64_t end)
{
	unsigned char *chunk = malloc(CHUNK);
	uint64_t found = 0;

	for (uint64_t at = start; chunk && !found && at < end; at += CHUNK - arch->instruction_size) {
		size_t size = end - at < CHUNK ? (size_t)(end - at) : CHUNK;
		ssize_t done = atomic_load(&process->session)->ops->read(process, at, chunk, size, NULL);
		const unsigned char *hit;

		if (done <= 0)
			break;
		hit = memmem(chunk, (size_t)done, arch->instruction, arch->instruction_size);
		if (hit)
			found = at + (uint64_t)(hit - chunk);
	}
	free(chunk);
	return found;
}

/* The vdso is asked first: it is small, always there in practice, and has the instruction. */
static uint64_t search_maps(utrace_thread *thread, const struct ut__arch *arch, bool vdso)
{
	char path[64];
	char line[4352];
	uint64_t found = 0;
	FILE *maps;

	(void)snprintf(path, sizeof(path), "/proc/%d/maps", atomic_load(&thread->tid));
	maps = fopen(path, "re");
	if (!maps)
		return 0;
	while (!found && fgets(line, sizeof(line), maps)) {
		unsigned long start;
		unsigned long end;
		char mode[8];

		if (sscanf(line, "%lx-%lx %7s", &start, &end, mode) != 3 || mode[2] != 'x')
			continue;
		if (strstr(line, "[vsyscall]") || (strstr(line, "[vdso]") != NULL) != vdso)
			continue;
		found = search_mapping(thread->process, arch, start, end);
	}
	(void)fclose(maps);
	return found;
}

uint64_t ut__find_instruction(utrace_thread *thread, const struct ut__arch *arch)
{
	uint64_t found = search_maps(thread, arch, true);

	return found ? found : search_maps(thread, arch, false);
}
