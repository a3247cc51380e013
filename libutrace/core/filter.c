/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/filter.c - sets of system calls.
 */
#include "core/filter.h"

#include <stdlib.h>

#include "backend/sink.h"

utrace_filter *utrace_filter_create(void)
{
	return calloc(1, sizeof(utrace_filter));
}

void utrace_filter_destroy(utrace_filter *filter)
{
	free(filter);
}

utrace_filter *ut__filter_copy(const utrace_filter *filter)
{
	utrace_filter *copy = malloc(sizeof(*copy));

	if (copy)
		*copy = *filter;
	return copy;
}

static bool in_bitmap(uint32_t abi, int64_t number)
{
	return abi >= 1 && abi <= UT__FILTER_ABIS && number >= 0 && number < UT__FILTER_NUMBERS;
}

bool ut__filter_wants(const utrace_filter *filter, uint32_t abi, int64_t number)
{
	if (!filter)
		return true;
	if (!in_bitmap(abi, number))
		return filter->others;
	return filter->bits[abi - 1][number / 64] >> (number % 64) & 1;
}

int utrace_filter_has(const utrace_filter *filter, uint32_t abi, int64_t number)
{
	return ut__filter_wants(filter, abi, number);
}

static void add(utrace_filter *filter, uint32_t abi, int64_t number)
{
	filter->bits[abi - 1][number / 64] |= UINT64_C(1) << (number % 64);
}

int utrace_filter_add(utrace_filter *filter, uint32_t abi, int64_t number, struct utrace_error *error)
{
	if (!in_bitmap(abi, number) || number >= utrace_syscall_limit(abi))
		return ut__fail(error, UTRACE_NOT_FOUND, 0, "ABI %u has no system call %lld.", abi, (long long)number);
	add(filter, abi, number);
	return UTRACE_OK;
}

int utrace_filter_add_name(utrace_filter *filter, const char *name, struct utrace_error *error)
{
	bool found = false;

	for (uint32_t abi = 1; abi <= UT__FILTER_ABIS; abi++) {
		int number = utrace_syscall_number(abi, name);

		if (number < 0)
			continue;
		add(filter, abi, number);
		found = true;
	}
	if (found)
		return UTRACE_OK;
	return ut__fail(error, UTRACE_NOT_FOUND, 0, "There is no system call \"%s\".", name);
}

void utrace_filter_add_class(utrace_filter *filter, uint32_t classes)
{
	for (uint32_t abi = 1; abi <= UT__FILTER_ABIS; abi++) {
		int limit = utrace_syscall_limit(abi);

		for (int number = 0; number < limit; number++) {
			const struct utrace_syscall_info *info = utrace_syscall_describe(abi, number);

			if (info && (info->classes & classes))
				add(filter, abi, number);
		}
	}
}

void utrace_filter_invert(utrace_filter *filter)
{
	for (int abi = 0; abi < UT__FILTER_ABIS; abi++) {
		for (int word = 0; word < UT__FILTER_NUMBERS / 64; word++)
			filter->bits[abi][word] = ~filter->bits[abi][word];
	}
	filter->others = !filter->others;
}

void utrace_filter_allow_no_new_privs(utrace_filter *filter)
{
	filter->allow_no_new_privs = true;
}

bool ut__filter_includes(const utrace_filter *whole, const utrace_filter *part)
{
	if (!whole)
		return true;
	if (!part || (part->others && !whole->others))
		return false;
	for (int abi = 0; abi < UT__FILTER_ABIS; abi++) {
		for (int word = 0; word < UT__FILTER_NUMBERS / 64; word++) {
			if (part->bits[abi][word] & ~whole->bits[abi][word])
				return false;
		}
	}
	return true;
}
