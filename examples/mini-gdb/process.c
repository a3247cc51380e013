/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/process.c - what the kernel told the program at its start: info auxv.
 */
#include <elf.h>
#include <string.h>

#include "command.h"
#include "expr.h"
#include "print.h"

enum auxv_kind { AUXV_HEX, AUXV_DECIMAL, AUXV_TEXT };

static const struct {
	uint64_t type;
	const char *name;
	const char *text;
	enum auxv_kind kind;
} entries[] = {
	{AT_NULL, "AT_NULL", "End of vector", AUXV_HEX},
	{AT_IGNORE, "AT_IGNORE", "Entry should be ignored", AUXV_HEX},
	{AT_EXECFD, "AT_EXECFD", "File descriptor of program", AUXV_DECIMAL},
	{AT_PHDR, "AT_PHDR", "Program headers for program", AUXV_HEX},
	{AT_PHENT, "AT_PHENT", "Size of program header entry", AUXV_DECIMAL},
	{AT_PHNUM, "AT_PHNUM", "Number of program headers", AUXV_DECIMAL},
	{AT_PAGESZ, "AT_PAGESZ", "System page size", AUXV_DECIMAL},
	{AT_BASE, "AT_BASE", "Base address of interpreter", AUXV_HEX},
	{AT_FLAGS, "AT_FLAGS", "Flags", AUXV_HEX},
	{AT_ENTRY, "AT_ENTRY", "Entry point of program", AUXV_HEX},
	{AT_NOTELF, "AT_NOTELF", "Program is not ELF", AUXV_DECIMAL},
	{AT_UID, "AT_UID", "Real user ID", AUXV_DECIMAL},
	{AT_EUID, "AT_EUID", "Effective user ID", AUXV_DECIMAL},
	{AT_GID, "AT_GID", "Real group ID", AUXV_DECIMAL},
	{AT_EGID, "AT_EGID", "Effective group ID", AUXV_DECIMAL},
	{AT_CLKTCK, "AT_CLKTCK", "Frequency of times()", AUXV_DECIMAL},
	{AT_PLATFORM, "AT_PLATFORM", "String identifying platform", AUXV_TEXT},
	{AT_HWCAP, "AT_HWCAP", "Machine-dependent CPU capability hints", AUXV_HEX},
	{AT_SECURE, "AT_SECURE", "Boolean, was exec setuid-like?", AUXV_DECIMAL},
	{AT_BASE_PLATFORM, "AT_BASE_PLATFORM", "String identifying base platform", AUXV_TEXT},
	{AT_RANDOM, "AT_RANDOM", "Address of 16 random bytes", AUXV_HEX},
	{AT_HWCAP2, "AT_HWCAP2", "Extension of AT_HWCAP", AUXV_HEX},
	{AT_EXECFN, "AT_EXECFN", "File name of executable", AUXV_TEXT},
	{AT_SYSINFO, "AT_SYSINFO", "Special system info/entry points", AUXV_HEX},
	{AT_SYSINFO_EHDR, "AT_SYSINFO_EHDR", "System-supplied DSO's ELF header", AUXV_HEX},
	{51, "AT_MINSIGSTKSZ", "Minimum stack size for signal delivery", AUXV_HEX},
};

static void print_entry(struct gdb *gdb, uint64_t type, uint64_t value)
{
	enum auxv_kind kind = AUXV_HEX;
	const char *name = "???";
	const char *text = "";

	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		if (entries[i].type == type) {
			name = entries[i].name;
			text = entries[i].text;
			kind = entries[i].kind;
		}
	say(gdb, "%-4llu %-20s %-30s ", (unsigned long long)type, name, text);
	if (kind == AUXV_DECIMAL)
		say(gdb, "%llu", (unsigned long long)value);
	else
		say(gdb, "0x%llx", (unsigned long long)value);
	if (kind == AUXV_TEXT) {
		say(gdb, " ");
		(void)print_string_at(gdb, value);
	}
	say(gdb, "\n");
}

bool info_auxv(struct gdb *gdb, const char *arguments)
{
	struct utrace_error error;
	uint64_t type = 1;
	uint64_t value;
	int status = 0;

	(void)arguments;
	if (!gdb->inferior.process)
		return fail(gdb, "The program has no auxiliary information now.");
	for (size_t i = 0; type != AT_NULL; i++) {
		status = utrace_process_auxv_at(gdb->inferior.process, i, &type, &value, &error);
		if (status && (!i || status != UTRACE_NOT_FOUND))
			return fail_with(gdb, &error);
		if (status) /* the end, which is not told */
			type = value = AT_NULL;
		print_entry(gdb, type, value);
	}
	return true;
}
