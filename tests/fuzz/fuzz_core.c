/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_core.c - arbitrary bytes as a core file: whatever they say, it is opened or refused, and everything that can be asked
 * of it ends soon and does no harm.
 *
 * A libFuzzer target; run_core.c runs the same function on damaged copies of a real core.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <utrace/utrace.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { THREADS = 4, FRAMES = 8, MAPPINGS = 16, WORDS = 64 };

/* Made once: the files that real cores name are then read once. */
static utrace_session *session;
static utrace_symbols *symbols;

static void prepare(void)
{
	struct utrace_session_options options = {
		.size = sizeof(options), .backend = UTRACE_BACKEND_CORE, .threading = UTRACE_THREADS_BOUND};
	struct utrace_error error;

	if (session)
		return;
	if (utrace_session_open(&options, &session, &error) || utrace_symbols_create(NULL, &symbols, &error)) {
		(void)fprintf(stderr, "%s\n", error.text);
		abort();
	}
}

struct looking {
	utrace_process *process;
	int count;
};

/* The first and last bytes of each, and what lies past the end. */
static int look_at(const struct utrace_mapping *mapping, void *data)
{
	struct looking *looking = data;
	char bytes[256];

	(void)utrace_memory_read(looking->process, mapping->start, bytes, sizeof(bytes), NULL);
	(void)utrace_memory_read(looking->process, mapping->end - sizeof(bytes) / 2, bytes, sizeof(bytes), NULL);
	(void)utrace_memory_read_string(looking->process, mapping->start, bytes, sizeof(bytes), NULL);
	return ++looking->count == MAPPINGS || strlen(mapping->name) > 65536;
}

static void ask_facts(utrace_process *process)
{
	struct utrace_core_description description = {.size = sizeof(description)};
	struct looking looking = {.process = process};
	uint64_t type;
	uint64_t value;
	char text[512];

	(void)utrace_core_describe(process, &description, NULL);
	(void)utrace_process_command_line(process, text, sizeof(text), NULL);
	(void)utrace_process_executable(process, text, sizeof(text), NULL);
	for (size_t i = 0; i < WORDS && !utrace_process_auxv_at(process, i, &type, &value, NULL); i++) {
	}
	(void)utrace_process_mappings(process, look_at, &looking, NULL);
}

static void ask_thread(utrace_image *image, utrace_thread *thread)
{
	static unsigned char set[16384];
	utrace_stack *stack;
	uint64_t value;

	for (int regset = UTRACE_REGSET_GENERAL; regset <= UTRACE_REGSET_XSTATE; regset++)
		(void)utrace_regset_get(thread, regset, set, sizeof(set), NULL);
	(void)utrace_thread_pthread(image, thread, &value, NULL);
	if (utrace_stack_open(image, thread, NULL, &stack, NULL))
		return;
	for (size_t i = 0; i < FRAMES; i++) {
		utrace_frame *frame = utrace_stack_frame(stack, i);

		if (!frame)
			break;
		(void)utrace_frame_function(frame);
	}
	utrace_stack_close(stack);
}

static void ask_threads(utrace_process *process)
{
	utrace_thread *threads[THREADS];
	utrace_image *image;
	int count = utrace_process_threads(process, threads, THREADS, NULL);

	if (utrace_image_open(symbols, process, &image, NULL))
		return;
	for (int i = 0; i < count && i < THREADS; i++) {
		ask_thread(image, threads[i]);
		utrace_thread_unref(threads[i]);
	}
	utrace_image_close(image);
}

static void drop_events(void)
{
	struct utrace_event event = UTRACE_EVENT_INIT;

	while (utrace_session_next(session, &event, 0, NULL) == 1) {
	}
	utrace_event_clear(&event);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int file = memfd_create("core", MFD_CLOEXEC);
	utrace_process *process = NULL;
	char path[64];

	prepare();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	if (file >= 0 && write(file, data, size) == (ssize_t)size &&
	    !utrace_core_open(session, path, NULL, &process, NULL)) {
		ask_facts(process);
		ask_threads(process);
		(void)utrace_detach(process, UTRACE_DETACH_RUNNING, NULL);
	}
	utrace_process_unref(process);
	drop_events();
	(void)close(file);
	return 0;
}
