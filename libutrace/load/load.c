/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * load/load.c - a library loaded into the tracee by its own dlopen. A layer above symbols and calls, with public headers
 * only.
 */
#include <dlfcn.h>
#include <string.h>
#include <sys/mman.h>
#include <utrace/call.h>
#include <utrace/memory.h>

#include "util/status.h"

static int take(const struct utrace_symbol *symbol, void *data)
{
	if (symbol->kind != UTRACE_SYMBOL_FUNCTION)
		return 0;
	*(uint64_t *)data = symbol->address;
	return 1;
}

/* glibc has it in libc since 2.34 and in libdl before; __libc_dlopen_mode is in older ones without libdl. */
static uint64_t find_function(utrace_image *image, const char *const names[])
{
	uint64_t address = 0;

	for (size_t i = 0; names[i] && !address; i++)
		(void)utrace_symbol_each(image, NULL, names[i], take, &address);
	return address;
}

static int call(utrace_thread *thread, uint64_t function, const uint64_t args[2], size_t count, int timeout_ms,
		uint64_t *value, struct utrace_error *error)
{
	const struct utrace_call_value values[2] = {{.number = args[0]}, {.number = args[1]}};
	struct utrace_call_options options = {.size = sizeof(options),
					      .function = function,
					      .args = values,
					      .arg_count = count,
					      .timeout_ms = timeout_ms,
					      .pass_breakpoints = 1};
	struct utrace_call_result result = {.size = sizeof(result)};
	int status = utrace_thread_call(thread, &options, &result, error);

	*value = result.number;
	return status;
}

static int fail_open(utrace_image *image, utrace_thread *thread, const char *path, int timeout_ms,
		     struct utrace_error *error)
{
	static const char *const names[] = {"dlerror", NULL};
	static const uint64_t none[2];
	uint64_t function = find_function(image, names);
	uint64_t address = 0;
	char text[320];

	if (function && !call(thread, function, none, 0, timeout_ms, &address, NULL) && address &&
	    utrace_memory_read_string(utrace_image_process(image), address, text, sizeof(text), NULL) > 0)
		return ut__fail(error, UTRACE_SYSTEM, 0, "%s", text);
	return ut__fail(error, UTRACE_SYSTEM, 0, "dlopen of %s failed in the tracee, which does not say why.", path);
}

static int open_library(utrace_image *image, utrace_thread *thread, uint64_t function, uint64_t memory,
			const char *path, int timeout_ms, uint64_t *handle, struct utrace_error *error)
{
	const uint64_t args[2] = {memory, RTLD_NOW | RTLD_GLOBAL};
	ssize_t size = (ssize_t)strlen(path) + 1;
	int status = UTRACE_OK;

	if (utrace_memory_write(utrace_image_process(image), memory, path, (size_t)size, error) != size)
		return UTRACE_FAULT;
	status = call(thread, function, args, 2, timeout_ms, handle, error);
	if (status || *handle)
		return status;
	return fail_open(image, thread, path, timeout_ms, error);
}

int utrace_library_load(utrace_image *image, utrace_thread *thread, const char *path, int timeout_ms, uint64_t *handle,
			struct utrace_error *error)
{
	static const char *const names[] = {"dlopen", "__dlopen", "__libc_dlopen_mode", NULL};
	uint64_t function;
	uint64_t memory;
	int status;

	*handle = 0;
	if (!path || !*path)
		return ut__fail(error, UTRACE_INVALID, 0, "The library's path is empty.");
	function = find_function(image, names);
	if (!function)
		return ut__fail(error, UTRACE_NOT_FOUND, 0, "The program has no dlopen that could load a library.");
	status = utrace_thread_allocate(thread, strlen(path) + 1, PROT_READ | PROT_WRITE, &memory, error);
	if (status)
		return status;
	status = open_library(image, thread, function, memory, path, timeout_ms, handle, error);
	/* A thread that has ended has no memory to be given back. */
	(void)utrace_thread_release(thread, memory, strlen(path) + 1, NULL);
	return status;
}
