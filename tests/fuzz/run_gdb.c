/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz/run_gdb.c - runs the target for mini-gdb's command line without a fuzzer: each file of the corpus as it is, and
 * damaged in ways from a fixed seed.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
FILE *__real_fopen(const char *path, const char *mode);

enum { ROUNDS = 30, INPUT_MAX = 16384 };

/* xorshift64*: the same numbers everywhere. */
static uint64_t random_number(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

/* Bytes are changed, and pieces moved; the first byte, which says what is loaded, stays. */
static void damage(uint8_t *bytes, size_t size, uint64_t *state)
{
	static const char marks[] = "()[]{}<>*&@$:'\"\\,;/+-.=!~%^|0123456789 \n\t";
	size_t count = 1 + random_number(state) % 8;

	for (size_t i = 0; i < count && size > 8; i++) {
		size_t at = 1 + random_number(state) % (size - 1);
		size_t from = 1 + random_number(state) % (size - 1);
		size_t length = random_number(state) % (size - (at > from ? at : from));

		if (random_number(state) % 3)
			bytes[at] = (uint8_t)marks[random_number(state) % (sizeof(marks) - 1)];
		else
			memmove(bytes + at, bytes + from, length);
	}
}

static int run_file(const char *path, uint64_t *state)
{
	static uint8_t bytes[INPUT_MAX];
	static uint8_t copy[INPUT_MAX];
	FILE *file = __real_fopen(path, "re");
	size_t size;

	if (!file)
		return 0;
	size = fread(bytes, 1, sizeof(bytes), file);
	(void)fclose(file);
	for (int round = 0; round < ROUNDS; round++) {
		memcpy(copy, bytes, size);
		if (round)
			damage(copy, size, state);
		(void)LLVMFuzzerTestOneInput(copy, size);
	}
	return ROUNDS;
}

int main(int argc, char **argv)
{
	DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
	uint64_t state = 88172645463325252;
	struct dirent *entry;
	char path[4096];
	int count = 0;

	if (!folder) {
		(void)fprintf(stderr, "usage: run_gdb CORPUS\n");
		return 1;
	}
	while ((entry = readdir(folder))) {
		(void)snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
		if (*entry->d_name != '.')
			count += run_file(path, &state);
	}
	(void)closedir(folder);
	(void)printf("%d scripts\n", count);
	return count ? 0 : 1;
}
