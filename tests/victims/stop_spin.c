/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Spins until the word whose address it tells is set from outside; no system call, no signal.
 */
#include "att_common.h"

static volatile int word;

int main(void)
{
	volatile unsigned long turns = 0;

	say("ready %lx\n", (unsigned long)&word);
	while (!word)
		turns++;
	say("ok %d\n", word);
	return 0;
}
