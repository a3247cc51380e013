/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/debuginfod.c - files from servers, by libdebuginfod, which is loaded when a cache first needs it.
 * (debuginfod_find_debuginfo(3))
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

#include "sym/sym.h"

static void *function(utrace_symbols *symbols, const char *name)
{
	return dlsym(symbols->debuginfod_library, name);
}

static bool need_client(utrace_symbols *symbols)
{
	void *(*begin)(void);

	if (symbols->debuginfod_client)
		return true;
	if (!symbols->debuginfod_library)
		symbols->debuginfod_library = dlopen("libdebuginfod.so.1", RTLD_NOW | RTLD_LOCAL);
	if (!symbols->debuginfod_library)
		return false;
	*(void **)(void *)&begin = function(symbols, "debuginfod_begin");
	symbols->debuginfod_client = begin ? begin() : NULL;
	return symbols->debuginfod_client != NULL;
}

int ut__debuginfod_find(utrace_symbols *symbols, const unsigned char *id, size_t size, char **path)
{
	int (*find)(void *client, const unsigned char *id, int size, char **path);
	int fd;

	*path = NULL;
	if (!size || !need_client(symbols))
		return -1;
	*(void **)(void *)&find = function(symbols, "debuginfod_find_debuginfo");
	fd = find ? find(symbols->debuginfod_client, id, (int)size, path) : -1;
	if (fd < 0 || !*path)
		return -1;
	(void)close(fd);
	return 0;
}

void ut__debuginfod_end(utrace_symbols *symbols)
{
	void (*end)(void *client) = NULL;

	if (symbols->debuginfod_client)
		*(void **)(void *)&end = function(symbols, "debuginfod_end");
	if (end)
		end(symbols->debuginfod_client);
	if (symbols->debuginfod_library)
		(void)dlclose(symbols->debuginfod_library);
}
