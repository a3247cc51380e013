/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/instruction.h - a system call instruction that the tracee already has (the vdso, the C library), to run a call
 * of ours from: nothing is written to its text.
 */
#ifndef UT_BACKEND_INSTRUCTION_H
#define UT_BACKEND_INSTRUCTION_H

#include "backend/backend.h"

/* Its address; 0: there is none, or errno says why it could not be looked for. The thread is stopped. */
uint64_t ut__find_instruction(utrace_thread *thread, const struct ut__arch *arch);

#endif
