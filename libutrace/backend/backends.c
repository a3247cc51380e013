/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/backends.c - the registration table: the only file that names the backends.
 */
#include "backend/backend.h"

extern const struct ut__backend ut__backend_ptrace;
extern const struct ut__backend ut__backend_kernel;
extern const struct ut__backend ut__backend_core;

/* The kernel's where it is and can be used, which its probe tells. */
static const struct ut__backend *find_best(void)
{
	return ut__backend_kernel.probe(NULL) == UTRACE_OK ? &ut__backend_kernel : &ut__backend_ptrace;
}

const struct ut__backend *ut__backend_find(uint32_t backend)
{
	switch (backend) {
	case UTRACE_BACKEND_KERNEL:
		return &ut__backend_kernel;
	case UTRACE_BACKEND_CORE:
		return &ut__backend_core;
	case UTRACE_BACKEND_PTRACE:
		return &ut__backend_ptrace;
	default:
		return find_best();
	}
}
