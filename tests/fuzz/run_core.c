/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz/run_core.c - runs the target for core files without a fuzzer: on a core of a real program, cut off and damaged in
 * ways from a fixed seed, mostly where the headers and notes are.  With a folder as argument it writes the core there, for
 * a fuzzer to begin with.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <utrace/utrace.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROUNDS = 1500, NOTES = 12288 };

/* xorshift64*: the same numbers everywhere. */
static uint64_t random_number(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

static void fail(const char *why)
{
	(void)fprintf(stderr, "%s\n", why);
	exit(1);
}

/* The core of a victim at its first instruction. */
static uint8_t *make_core(const char *program, size_t *size)
{
	const char *const argv[] = {program, NULL};
	struct utrace_spawn_options options = {.size = sizeof(options), .argv = argv, .hold = 1};
	struct utrace_session_options bound = {.size = sizeof(bound), .threading = UTRACE_THREADS_BOUND};
	struct utrace_event event = UTRACE_EVENT_INIT;
	struct utrace_error error;
	utrace_session *session = NULL;
	utrace_process *process = NULL;
	int file = memfd_create("core", MFD_CLOEXEC);
	uint8_t *bytes;

	if (utrace_session_open(&bound, &session, &error) || utrace_spawn(session, &options, &process, &error) ||
	    utrace_session_next(session, &event, -1, &error) != 1 || utrace_core_write(process, file, NULL, &error))
		fail(error.text);
	utrace_event_clear(&event);
	utrace_process_unref(process);
	utrace_session_close(session);
	*size = (size_t)lseek(file, 0, SEEK_END);
	bytes = malloc(*size);
	if (!bytes || pread(file, bytes, *size, 0) != (ssize_t)*size)
		fail("The core can't be read back.");
	(void)close(file);
	return bytes;
}

static void damage(uint8_t *bytes, size_t size, uint64_t *state)
{
	static const uint64_t edges[] = {0, 1, 0x7f, 0xff, 0x7fffffff, 0xffffffff, UINT64_MAX, UINT64_MAX - 4095};
	size_t count = 1 + random_number(state) % 16;

	for (size_t i = 0; i < count; i++) {
		size_t room = random_number(state) % 8 && size > NOTES ? NOTES : size;
		size_t at = random_number(state) % (room - sizeof(uint64_t));
		uint64_t value = random_number(state);

		if (value % 3 == 0)
			value = edges[value / 3 % (sizeof(edges) / sizeof(edges[0]))];
		memcpy(bytes + at, &value, 1 + random_number(state) % sizeof(value));
	}
}

static void keep(const char *folder, const uint8_t *bytes, size_t size)
{
	char path[512];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/core", folder);
	file = fopen(path, "we");
	if (!file || fwrite(bytes, 1, size, file) != size || fclose(file))
		fail("The core can't be kept.");
}

int main(int argc, char **argv)
{
	uint64_t state = 88172645463325252;
	size_t size;
	uint8_t *core = make_core(UTRACE_VICTIMS "/values-static", &size);
	uint8_t *copy = malloc(size);

	if (!copy)
		fail("No memory.");
	if (argc > 1)
		keep(argv[1], core, size);
	for (int i = 0; argc == 1 && i < ROUNDS; i++) {
		size_t length = i % 4 ? size : random_number(&state) % size;

		memcpy(copy, core, size);
		damage(copy, size, &state);
		(void)LLVMFuzzerTestOneInput(copy, length);
	}
	free(copy);
	free(core);
	(void)printf("%d cores\n", argc == 1 ? ROUNDS : 1);
	return 0;
}
