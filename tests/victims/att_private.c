/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process that not everybody may attach to: argv[1] is "dumpable" (prctl PR_SET_DUMPABLE 0), "userns" (a user
 * namespace of its own), or nothing for one like any other.  Waits for a byte.
 */
#include <sched.h>
#include <sys/prctl.h>

#include "att_common.h"

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "dumpable"))
		CHECK(!prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
	if (argc > 1 && !strcmp(argv[1], "userns") && unshare(CLONE_NEWUSER)) {
		say("absent\n");
		return 0;
	}
	say("ready\n");
	CHECK(wait_byte() == 'g');
	say("ok\n");
	return 0;
}
