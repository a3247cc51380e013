/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/tables/missing.h - constants that the kernel has and Debian 12's headers lack, or that stand in headers that
 * can't be included together with others.
 */
#ifndef MINI_STRACE_MISSING_H
#define MINI_STRACE_MISSING_H

#ifndef ST_VALID
#define ST_VALID 0x20
#endif
#ifndef ST_NOSYMFOLLOW
#define ST_NOSYMFOLLOW 0x2000
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef PROT_SEM
#define PROT_SEM 0x8
#endif
#ifndef MADV_SOFT_OFFLINE
#define MADV_SOFT_OFFLINE 101
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#ifndef ICMP_FILTER
#define ICMP_FILTER 1
#endif

#endif
