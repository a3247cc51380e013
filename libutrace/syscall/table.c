/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * syscall/table.c - looking up the table that generate.awk makes of syscalls.tbl.
 *
 * Invariant: index_ABI[number] is the entry whose number[ABI] is that number, or -1.
 */
#include <string.h>
#include <utrace/syscall.h>

#include "syscalls_index.inc"

static const struct utrace_syscall_info entries[] = {
#include "syscalls.inc"
};

static const struct {
	const char *name;
	const short *index;
	int limit;
} abis[] = {
	{"x86_64", index_x86_64, sizeof(index_x86_64) / sizeof(index_x86_64[0])},
	{"x32", index_x32, sizeof(index_x32) / sizeof(index_x32[0])},
	{"i386", index_i386, sizeof(index_i386) / sizeof(index_i386[0])},
};

enum { ABI_COUNT = sizeof(abis) / sizeof(abis[0]) };

const struct utrace_syscall_info *utrace_syscall_describe(uint32_t abi, int64_t number)
{
	if (abi < 1 || abi > ABI_COUNT || number < 0 || number >= abis[abi - 1].limit)
		return NULL;
	if (abis[abi - 1].index[number] < 0)
		return NULL;
	return &entries[abis[abi - 1].index[number]];
}

int utrace_syscall_number(uint32_t abi, const char *name)
{
	if (abi < 1 || abi > ABI_COUNT || !name)
		return UTRACE_NOT_FOUND;
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		if (entries[i].number[abi - 1] >= 0 && strcmp(entries[i].name, name) == 0)
			return entries[i].number[abi - 1];
	}
	return UTRACE_NOT_FOUND;
}

int utrace_syscall_limit(uint32_t abi)
{
	return abi >= 1 && abi <= ABI_COUNT ? abis[abi - 1].limit : 0;
}

const char *utrace_abi_name(uint32_t abi)
{
	return abi >= 1 && abi <= ABI_COUNT ? abis[abi - 1].name : "unknown";
}
