/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/symbols.c - the cache: its making, its lock, its references.
 */
#include <stdlib.h>
#include <string.h>

#include "sym/sym.h"

void ut__sym_lock(utrace_symbols *symbols)
{
	(void)pthread_mutex_lock(&symbols->lock);
}

void ut__sym_unlock(utrace_symbols *symbols)
{
	(void)pthread_mutex_unlock(&symbols->lock);
}

static void make_lock(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attributes;

	(void)pthread_mutexattr_init(&attributes);
	(void)pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
	(void)pthread_mutex_init(lock, &attributes);
	(void)pthread_mutexattr_destroy(&attributes);
}

static void destroy(utrace_symbols *symbols)
{
	ut__debuginfod_end(symbols);
	(void)pthread_mutex_destroy(&symbols->lock);
	free(symbols->debug_directories);
	free(symbols->sysroot);
	free(symbols);
}

int utrace_symbols_create(const struct utrace_symbols_options *options, utrace_symbols **symbols,
			  struct utrace_error *error)
{
	struct utrace_symbols_options full;
	utrace_symbols *own;
	int status = ut__options_copy(&full, sizeof(full), options, error);

	*symbols = NULL;
	if (status)
		return status;
	own = calloc(1, sizeof(*own));
	if (!own)
		return ut__fail(error, UTRACE_NO_MEMORY, 0, "No memory for a cache of symbols.");
	make_lock(&own->lock);
	ut__list_init(&own->files);
	own->references = 1;
	own->debuginfod = full.debuginfod;
	own->debug_directories = strdup(full.debug_directories ? full.debug_directories : "/usr/lib/debug");
	own->sysroot = full.sysroot ? strdup(full.sysroot) : NULL;
	if (!own->debug_directories || (full.sysroot && !own->sysroot)) {
		destroy(own);
		return ut__fail(error, UTRACE_NO_MEMORY, 0, "No memory for a cache of symbols.");
	}
	(void)elf_version(EV_CURRENT);
	*symbols = own;
	return UTRACE_OK;
}

utrace_symbols *utrace_symbols_ref(utrace_symbols *symbols)
{
	ut__sym_lock(symbols);
	symbols->references++;
	ut__sym_unlock(symbols);
	return symbols;
}

void utrace_symbols_unref(utrace_symbols *symbols)
{
	unsigned left;

	if (!symbols)
		return;
	ut__sym_lock(symbols);
	left = --symbols->references;
	ut__sym_unlock(symbols);
	if (!left)
		destroy(symbols);
}
