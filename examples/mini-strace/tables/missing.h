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

/* quotactl(2)'s commands without the type of quota. */
#define QUOTA_SYNC          QCMD(Q_SYNC, 0)
#define QUOTA_QUOTAON       QCMD(Q_QUOTAON, 0)
#define QUOTA_QUOTAOFF      QCMD(Q_QUOTAOFF, 0)
#define QUOTA_GETFMT        QCMD(Q_GETFMT, 0)
#define QUOTA_GETINFO       QCMD(Q_GETINFO, 0)
#define QUOTA_SETINFO       QCMD(Q_SETINFO, 0)
#define QUOTA_GETQUOTA      QCMD(Q_GETQUOTA, 0)
#define QUOTA_SETQUOTA      QCMD(Q_SETQUOTA, 0)
#define QUOTA_GETNEXTQUOTA  QCMD(Q_GETNEXTQUOTA, 0)
#define QUOTA_XQUOTAON      QCMD(Q_XQUOTAON, 0)
#define QUOTA_XQUOTAOFF     QCMD(Q_XQUOTAOFF, 0)
#define QUOTA_XGETQUOTA     QCMD(Q_XGETQUOTA, 0)
#define QUOTA_XSETQLIM      QCMD(Q_XSETQLIM, 0)
#define QUOTA_XGETQSTAT     QCMD(Q_XGETQSTAT, 0)
#define QUOTA_XQUOTARM      QCMD(Q_XQUOTARM, 0)
#define QUOTA_XQUOTASYNC    QCMD(Q_XQUOTASYNC, 0)
#define QUOTA_XGETQSTATV    QCMD(Q_XGETQSTATV, 0)
#define QUOTA_XGETNEXTQUOTA QCMD(Q_XGETNEXTQUOTA, 0)

#endif
