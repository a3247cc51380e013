/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/help.h - what -h and -V print.
 */
#ifndef MINI_STRACE_HELP_H
#define MINI_STRACE_HELP_H

void help_print(void);
void version_print(void);

#endif
