/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/scratch.c - room in the tracee to execute copies of instructions in.
 *
 * The last page of an executable mapping of a file is rarely full: behind the code there are zeros that nothing executes or reads.  They are
 * used in slots, one for each thread that steps, and become zeros again.  So nothing needs to be mapped, which a
 * sandboxed tracee could not survive.  The vdso has such a page too and is in nearly every process.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/space.h"

enum { PAGE = 4096, ENOUGH = 16 };

/* How many slots the end of a mapping has. */
static unsigned int count_slots(utrace_process *process, uint64_t end)
{
	static const unsigned char zeros[UT__COPY_MAX];
	unsigned char page[PAGE];
	unsigned int count = 0;
	const struct ut__backend *ops = atomic_load(&process->session)->ops;

	if (ops->read(process, end - PAGE, page, PAGE, NULL) != PAGE)
		return 0;
	while (count < UT__SLOT_COUNT && (count + 2) * UT__COPY_MAX <= PAGE &&
	       memcmp(page + PAGE - (size_t)(count + 1) * UT__COPY_MAX, zeros, UT__COPY_MAX) == 0)
		count++;
	/* The first zeros may belong to the last instruction. */
	count = count ? count - 1 : 0;
	/* It must be possible to write there. */
	if (count && ops->write(process, end - UT__COPY_MAX, zeros, UT__COPY_MAX, NULL) != UT__COPY_MAX)
		return 0;
	return count;
}

static void consider(utrace_process *process, const char *line)
{
	struct ut__scratch *scratch = &process->space->scratch;
	unsigned long start;
	unsigned long end;
	unsigned int count;
	char mode[8];

	if (scratch->count >= ENOUGH || sscanf(line, "%lx-%lx %7s", &start, &end, mode) != 3 || mode[2] != 'x' ||
	    mode[3] != 'p' || strstr(line, "[vsyscall]") || !(strchr(line, '/') || strstr(line, "[vdso]")))
		return;
	count = count_slots(process, end);
	if (count <= scratch->count)
		return;
	scratch->count = count;
	scratch->address = end - (uint64_t)count * UT__COPY_MAX;
}

int ut__scratch_find(utrace_process *process, struct utrace_error *error)
{
	struct ut__scratch *scratch = &process->space->scratch;
	char path[64];
	char *line = NULL;
	size_t room = 0;
	FILE *maps;

	if (scratch->count)
		return UTRACE_OK;
	(void)snprintf(path, sizeof(path), "/proc/%d/maps", process->pid);
	maps = fopen(path, "re");
	if (!maps)
		return ut__fail(error, UTRACE_NO_DESCRIPTOR, 0, "%s can't be opened.", path);
	while (getline(&line, &room, maps) > 0)
		consider(process, line);
	free(line);
	(void)fclose(maps);
	if (scratch->count)
		return UTRACE_OK;
	return ut__fail(error, UTRACE_UNSUPPORTED, 0,
			"Process %d has no padding behind its code where instructions under breakpoints could be "
			"executed. Hardware breakpoints need none.",
			process->pid);
}

uint64_t ut__scratch_take(struct ut__space *space)
{
	struct ut__scratch *scratch = &space->scratch;

	for (unsigned int i = 0; i < scratch->count; i++) {
		if (scratch->used >> i & 1)
			continue;
		scratch->used |= UINT64_C(1) << i;
		scratch->touched |= UINT64_C(1) << i;
		return scratch->address + (uint64_t)i * UT__COPY_MAX;
	}
	return 0;
}

void ut__scratch_give(struct ut__space *space, uint64_t slot)
{
	struct ut__scratch *scratch = &space->scratch;

	if (slot >= scratch->address && slot < scratch->address + (uint64_t)scratch->count * UT__COPY_MAX)
		scratch->used &= ~(UINT64_C(1) << (slot - scratch->address) / UT__COPY_MAX);
}
