/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/backends.c - the registration table: the only file that names the backends.
 */
#include "backend/backend.h"

extern const struct ut__backend ut__backend_ptrace;
extern const struct ut__backend ut__backend_kernel;
extern const struct ut__backend ut__backend_core;

const struct ut__backend *ut__backend_find(uint32_t backend)
{
	switch (backend) {
	case UTRACE_BACKEND_KERNEL:
		return &ut__backend_kernel;
	case UTRACE_BACKEND_CORE:
		return &ut__backend_core;
	default:
		return &ut__backend_ptrace;
	}
}
