/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/demangle.c - C++ names, by the C++ runtime library's own function, which is loaded when first needed and stays:
 * a C library must not depend on it. (Itanium C++ ABI, "Demangler API")
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <utrace/symbol.h>

typedef char *demangler(const char *name, char *buffer, size_t *length, int *status);

char *utrace_symbol_demangle(const char *name)
{
	demangler *demangle = NULL;
	void *library;
	int status = -1;
	char *result;

	if (!name || strncmp(name, "_Z", 2) != 0)
		return NULL;
	/* Loading again what is loaded only counts; RTLD_NODELETE keeps it at hand. */
	library = dlopen("libstdc++.so.6", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!library)
		return NULL;
	*(void **)(void *)&demangle = dlsym(library, "__cxa_demangle");
	result = demangle ? demangle(name, NULL, NULL, &status) : NULL;
	(void)dlclose(library);
	return status == 0 ? result : NULL;
}
