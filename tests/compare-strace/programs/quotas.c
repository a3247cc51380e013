/* SPDX-License-Identifier: BSD-2-Clause */
/* quotactl(2) by command. */
#include <linux/dqblk_xfs.h>
#include <linux/quota.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	static const unsigned int commands[] = {
		Q_SYNC,     Q_QUOTAON,      Q_QUOTAOFF,   Q_GETFMT,        Q_GETINFO,   Q_SETINFO,  Q_GETQUOTA,
		Q_SETQUOTA, Q_GETNEXTQUOTA, Q_XQUOTAON,   Q_XQUOTAOFF,     Q_XGETQUOTA, Q_XSETQLIM, Q_XGETQSTAT,
		Q_XQUOTARM, Q_XQUOTASYNC,   Q_XGETQSTATV, Q_XGETNEXTQUOTA, 77};
	static unsigned int words[256];

	for (unsigned int i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		for (int j = 0; j < 256; j++)
			words[j] = j % 5 == 0 ? 1 : (unsigned int)j % 3;
		syscall(SYS_quotactl, QCMD(commands[i], i % 4), "/dev/none", i + 1, words);
		syscall(443, -1, QCMD(commands[i], USRQUOTA), 5, words);
	}
	syscall(SYS_quotactl, QCMD(Q_QUOTAON, 0), "/dev/none", 4, "/quota.user");
	syscall(SYS_quotactl, QCMD(Q_GETQUOTA, 0), NULL, -1, NULL);
	return 0;
}
