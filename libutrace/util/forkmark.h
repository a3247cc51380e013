/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * util/forkmark.h - a word that is 1 in the process that made it and 0 in every child that it forks.
 *
 * The kernel clears it (madvise(2), MADV_WIPEONFORK), so asking costs a load and no system call.
 */
#ifndef UT_UTIL_FORKMARK_H
#define UT_UTIL_FORKMARK_H

#include <stdint.h>

/* NULL with errno. */
const uint32_t *ut__forkmark_create(void);
void ut__forkmark_destroy(const uint32_t *mark);

#endif
