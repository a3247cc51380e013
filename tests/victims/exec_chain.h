/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * exec_chain.h - a program that executes another, which executes it again, and so on.  PROGRAM COUNT OTHER
 * The last one says which of the two it is.
 */
#ifndef VICTIM_EXEC_CHAIN_H
#define VICTIM_EXEC_CHAIN_H

#include "att_common.h"

static inline int run_chain(int argc, char **argv)
{
	char left[16];
	int count = argc > 2 ? atoi(argv[1]) : 0;

	if (!count) {
		say("ok chain %zu bits\n", sizeof(long) * 8);
		return 0;
	}
	snprintf(left, sizeof(left), "%d", count - 1);
	execl(argv[2], argv[2], left, argv[0], (char *)NULL);
	fail("execl", __LINE__);
	return 1;
}

#endif
