/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_decode.c - lengths of instructions, compared with objdump over whole C libraries and over odd ones by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "arch/arch.h"

enum { ENOUGH = 10000 };

/* The bytes of a line of objdump's, "  401000:\t48 89 e5 \tmov ..."; how many. */
static size_t parse_line(const char *line, unsigned char *bytes)
{
	const char *at = strchr(line, '\t');
	size_t count = 0;

	if (!at || !strchr(line, ':') || strstr(line, "(bad)"))
		return 0;
	for (at++; count < UT__INSTRUCTION_MAX; count++) {
		char *end;
		unsigned long byte = strtoul(at, &end, 16);

		if (end != at + 2 || *end != ' ')
			break;
		bytes[count] = (unsigned char)byte;
		at = end + 1;
	}
	return at[strspn(at, " ")] == '\t' ? count : 0;
}

static size_t compare(const char *file, int architecture)
{
	const struct ut__arch *arch = ut__arch_by_id(architecture);
	char command[300], line[512];
	size_t seen = 0;
	FILE *dump;

	(void)snprintf(command, sizeof(command), "objdump -d --insn-width=16 %s", file);
	dump = popen(command, "r");
	assert_non_null(dump);
	while (fgets(line, sizeof(line), dump)) {
		/* What follows must not matter. */
		unsigned char bytes[32];
		struct ut__instruction instruction;
		size_t length;

		memset(bytes, 0x05, sizeof(bytes));
		length = parse_line(line, bytes);
		/* objdump shows some prefixes alone, and an fwait as part of what follows. */
		if (!length || bytes[0] == 0x9b ||
		    (length == 1 && strchr("\x26\x2e\x36\x3e\x64\x65\x66\x67\xf0\xf2\xf3", bytes[0])) ||
		    (length == 1 && (bytes[0] & 0xf0) == 0x40 && architecture == UTRACE_ARCH_X86_64))
			continue;
		if (!arch->decode(bytes, sizeof(bytes), &instruction) || instruction.length != length)
			fail_msg("%zu bytes, not %u: %s", length, instruction.length, line);
		seen++;
	}
	assert_int_equal(pclose(dump), 0);
	return seen;
}

static void test_against_objdump(void **state)
{
	static const char *const wide[] = {"/lib/x86_64-linux-gnu/libc.so.6", "/lib/x86_64-linux-gnu/libm.so.6",
					   "/lib64/ld-linux-x86-64.so.2", NULL};
	static const char *const narrow[] = {"/usr/lib32/libc.so.6", "/lib/i386-linux-gnu/libc.so.6", NULL};
	size_t seen[2] = {0, 0};

	(void)state;
	for (int i = 0; wide[i]; i++) {
		if (access(wide[i], R_OK) == 0)
			seen[0] += compare(wide[i], UTRACE_ARCH_X86_64);
	}
	for (int i = 0; narrow[i]; i++) {
		if (access(narrow[i], R_OK) == 0)
			seen[1] += compare(narrow[i], UTRACE_ARCH_I386);
	}
	assert_true(seen[0] > ENOUGH);
	assert_true(seen[1] > ENOUGH);
}

struct sample {
	int architecture;
	size_t length;
	const char *bytes;
};

/* Encodings that compilers rarely make; from the processors' manuals. */
static void test_odd_encodings(void **state)
{
	static const struct sample samples[] = {
		{UTRACE_ARCH_X86_64, 10, "\x48\xb8\x01\x02\x03\x04\x05\x06\x07\x08"}, /* mov imm64 */
		{UTRACE_ARCH_X86_64, 9, "\xa1\x01\x02\x03\x04\x05\x06\x07\x08"},      /* mov eax, [moffs64] */
		{UTRACE_ARCH_I386, 5, "\xa1\x01\x02\x03\x04"},
		{UTRACE_ARCH_X86_64, 6, "\x67\xa1\x01\x02\x03\x04"},
		{UTRACE_ARCH_X86_64, 4, "\xc8\x10\x00\x00"},             /* enter */
		{UTRACE_ARCH_I386, 7, "\x9a\x01\x02\x03\x04\x05\x06"},   /* call far */
		{UTRACE_ARCH_I386, 3, "\xc5\xf8\x77"},                   /* vzeroupper */
		{UTRACE_ARCH_I386, 2, "\xc5\x06"},                       /* lds eax, [esi] */
		{UTRACE_ARCH_I386, 3, "\x62\x46\x04"},                   /* bound eax, [esi+4] */
		{UTRACE_ARCH_I386, 1, "\x40"},                           /* inc eax */
		{UTRACE_ARCH_I386, 5, "\x67\x8b\x1e\x34\x12"},           /* mov ebx, [0x1234] */
		{UTRACE_ARCH_X86_64, 7, "\xf6\x05\x01\x02\x03\x04\x05"}, /* test has an immediate */
		{UTRACE_ARCH_X86_64, 6, "\xf6\x1d\x01\x02\x03\x04"},     /* neg has none */
		{UTRACE_ARCH_X86_64, 6, "\x66\xe9\x01\x02\x03\x04"},     /* jmp: 64-bit code ignores 66 */
		{UTRACE_ARCH_I386, 4, "\x66\xe9\x01\x02"},
		{UTRACE_ARCH_X86_64, 7, "\x62\xf1\x7c\x48\x28\x45\x01"},         /* vmovaps zmm0, [rbp+0x40] */
		{UTRACE_ARCH_X86_64, 6, "\x8f\xe8\x78\xc0\xc1\x05"},             /* vprotb, XOP */
		{UTRACE_ARCH_X86_64, 9, "\x8f\xea\x78\x10\xc1\x01\x02\x03\x04"}, /* bextr, XOP */
		{UTRACE_ARCH_X86_64, 2, "\x8f\xc0"},                             /* pop rax */
		{UTRACE_ARCH_X86_64, 6, "\xc7\xf8\x01\x02\x03\x04"},             /* xbegin */
		{UTRACE_ARCH_X86_64, 4, "\x0f\x0f\xc1\x9e"},                     /* pfadd, 3DNow */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		unsigned char bytes[UT__INSTRUCTION_MAX] = {0};
		struct ut__instruction instruction;

		memcpy(bytes, samples[i].bytes, samples[i].length);
		assert_true(ut__arch_by_id(samples[i].architecture)->decode(bytes, sizeof(bytes), &instruction));
		if (instruction.length != samples[i].length)
			fail_msg("sample %zu: %u bytes", i, instruction.length);
	}
}

static void test_what_is_no_instruction(void **state)
{
	static const unsigned char prefixes[20] = {0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
						   0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x90};
	static const unsigned char cut[] = {0xe8, 0x01, 0x02, 0x03};
	const struct ut__arch *arch = ut__arch_by_id(UTRACE_ARCH_X86_64);
	struct ut__instruction instruction;

	(void)state;
	assert_false(arch->decode(prefixes, sizeof(prefixes), &instruction));
	assert_false(arch->decode(cut, sizeof(cut), &instruction));
	assert_false(arch->decode(cut, 0, &instruction));
	assert_false(arch->decode((const unsigned char *)"\x06", 1, &instruction)); /* push es: not in 64-bit code */
}

/* Any bytes at all: an answer within the bounds. */
static void test_random_bytes(void **state)
{
	unsigned int seed = 1;

	(void)state;
	for (int round = 0; round < 200000; round++) {
		unsigned char *bytes = malloc(UT__INSTRUCTION_MAX); /* so that a sanitizer sees one byte too far */
		struct ut__instruction instruction;
		size_t size = (size_t)rand_r(&seed) % (UT__INSTRUCTION_MAX + 1);

		for (size_t i = 0; i < size; i++)
			bytes[i] = (unsigned char)rand_r(&seed);
		for (int id = UTRACE_ARCH_X86_64; id <= UTRACE_ARCH_I386; id++) {
			if (ut__arch_by_id(id)->decode(bytes, size, &instruction))
				assert_in_range(instruction.length, 1, size);
		}
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_objdump),
		cmocka_unit_test(test_odd_encodings),
		cmocka_unit_test(test_what_is_no_instruction),
		cmocka_unit_test(test_random_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
