/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_hostile.c - damaged files: real programs with bytes changed, cut off, or torn, always the same ones. Whatever
 * the reader makes of them, it ends soon and does no harm (which the sanitizers see).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fuzz_elf.h"

enum { ROUNDS = 60, SECONDS = 20 };

static uint64_t state_of_random;

/* Marsaglia's xorshift64. */
static uint64_t next_random(void)
{
	state_of_random ^= state_of_random << 13;
	state_of_random ^= state_of_random >> 7;
	state_of_random ^= state_of_random << 17;
	return state_of_random;
}

static unsigned char *load(const char *name, size_t *size)
{
	unsigned char *bytes;
	char path[512];
	FILE *file;
	long length;

	(void)snprintf(path, sizeof(path), "%s/%s", UTRACE_VICTIMS, name);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	length = ftell(file);
	assert_true(length > 0);
	rewind(file);
	*size = (size_t)length;
	bytes = malloc(*size);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, *size, file), *size);
	(void)fclose(file);
	return bytes;
}

/* Few bytes here and there; a run of the same; or a piece copied over another. */
static void damage(unsigned char *bytes, size_t size)
{
	size_t count = 1 + next_random() % 40;

	for (size_t i = 0; i < count; i++)
		bytes[next_random() % size] = (unsigned char)next_random();
	if (next_random() % 4 == 0)
		memset(bytes + next_random() % (size - 64), (int)next_random(), 64);
	if (next_random() % 4 == 0)
		memmove(bytes + next_random() % (size - 256), bytes + next_random() % (size - 256), 256);
}

static void check_file(const char *name)
{
	size_t size;
	unsigned char *whole = load(name, &size);
	unsigned char *damaged = malloc(size);

	assert_non_null(damaged);
	(void)alarm(SECONDS * 5);
	(void)LLVMFuzzerTestOneInput(whole, size);
	state_of_random = 0x9e3779b97f4a7c15u;
	for (int i = 0; i < ROUNDS; i++) {
		time_t before = time(NULL);
		size_t left = i % 8 ? size : 512 + next_random() % (size - 512);

		memcpy(damaged, whole, size);
		damage(damaged, size);
		(void)LLVMFuzzerTestOneInput(damaged, left);
		if (time(NULL) - before > SECONDS)
			fail_msg("round %d of %s takes longer than %d seconds", i, name, SECONDS);
	}
	(void)alarm(0);
	free(damaged);
	free(whole);
}

static void test_damaged_dwarf5(void **state)
{
	(void)state;
	check_file("values-O2");
}

static void test_damaged_dwarf2(void **state)
{
	(void)state;
	check_file("values-dwarf2");
}

static void test_damaged_dwarf4(void **state)
{
	(void)state;
	check_file("values-dwarf4");
}

static void test_damaged_compressed(void **state)
{
	(void)state;
	check_file("values-compressed");
}

static void test_damaged_32(void **state)
{
	(void)state;
	check_file("values-32");
}

static void test_no_elf(void **state)
{
	(void)state;
	(void)LLVMFuzzerTestOneInput((const unsigned char *)"", 0);
	(void)LLVMFuzzerTestOneInput((const unsigned char *)"\177ELF", 4);
	(void)LLVMFuzzerTestOneInput((const unsigned char *)"no ELF file at all", 18);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_elf),
		cmocka_unit_test(test_damaged_dwarf5),
		cmocka_unit_test(test_damaged_dwarf2),
		cmocka_unit_test(test_damaged_dwarf4),
		cmocka_unit_test(test_damaged_compressed),
		cmocka_unit_test(test_damaged_32),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
