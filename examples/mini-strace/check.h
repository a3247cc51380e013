/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/check.h - the command line as a whole.
 */
#ifndef MINI_STRACE_CHECK_H
#define MINI_STRACE_CHECK_H

#include "options.h"

/* Ends the tool for what can't be, says what has no effect, and settles the rest. `old_follow`: -F was given. */
void options_check(struct options *options, bool old_follow);

#endif
