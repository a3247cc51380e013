/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/filter.h - the inside of utrace_filter: a bitmap per ABI.
 */
#ifndef UT_CORE_FILTER_H
#define UT_CORE_FILTER_H

#include <stdbool.h>
#include <stdint.h>
#include <utrace/syscall.h>

enum {
	UT__FILTER_ABIS = 3, /* UTRACE_ABI_X86_64 .. UTRACE_ABI_I386 */
	UT__FILTER_NUMBERS = 1024,
};

struct utrace_filter {
	uint64_t bits[UT__FILTER_ABIS][UT__FILTER_NUMBERS / 64];
	bool others; /* numbers beyond the bitmap, -1 too, and unknown ABIs */
	bool allow_no_new_privs;
};

/* NULL filter: everything is wanted. */
bool ut__filter_wants(const utrace_filter *filter, uint32_t abi, int64_t number);
utrace_filter *ut__filter_copy(const utrace_filter *filter);
/* Whether everything that `part` wants is wanted by `whole`. */
bool ut__filter_includes(const utrace_filter *whole, const utrace_filter *part);

#endif
