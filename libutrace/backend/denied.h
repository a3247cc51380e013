/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/denied.h - why the kernel does not let this program trace another, and the way out.
 */
#ifndef UT_BACKEND_DENIED_H
#define UT_BACKEND_DENIED_H

#include "backend/backend.h"

/* Fills the error from the errno of an attach that failed, and returns its status. */
int ut__explain_denied(pid_t tid, int error_number, struct utrace_error *error);

#endif
