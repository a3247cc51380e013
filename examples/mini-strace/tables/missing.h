/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/tables/missing.h - constants that the kernel has and Debian 12's headers lack.
 */
#ifndef MINI_STRACE_MISSING_H
#define MINI_STRACE_MISSING_H

#endif
