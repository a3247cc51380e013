/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * util/forkmark.c - see forkmark.h.
 */
#include "util/forkmark.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

/* The kernel clears whole pages. */
enum { SIZE = 4096 };

const uint32_t *ut__forkmark_create(void)
{
	uint32_t *mark = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int saved;

	if (mark == MAP_FAILED)
		return NULL;
	if (madvise(mark, SIZE, MADV_WIPEONFORK) == 0) {
		*mark = 1;
		return mark;
	}
	saved = errno;
	(void)munmap(mark, SIZE);
	errno = saved;
	return NULL;
}

void ut__forkmark_destroy(const uint32_t *mark)
{
	(void)munmap((void *)mark, SIZE);
}
