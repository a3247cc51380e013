/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/qualify.h - "-e QUALIFIER=SET" and what else has values with names.
 */
#ifndef MINI_STRACE_QUALIFY_H
#define MINI_STRACE_QUALIFY_H

#include "options.h"

enum qualifier {
	Q_TRACE,
	Q_SIGNAL,
	Q_STATUS,
	Q_ABBREV,
	Q_VERBOSE,
	Q_RAW,
	Q_READ,
	Q_WRITE,
	Q_FAULT,
	Q_INJECT,
	Q_QUIET,
	Q_DECODE_FDS,
	Q_DECODE_PIDS,
	Q_KVM,
};

/* `list` may be NULL where the long option may do without. All of these end the tool for a wrong text. */
void qualify(struct options *options, enum qualifier qualifier, const char *list);
/* -e: "QUALIFIER=LIST", or a list of calls to trace. Returns which it was. */
enum qualifier qualify_expression(struct options *options, const char *expression);

/* -S and -U. */
enum column column_parse(const char *name);
void columns_parse(struct count_options *count, const char *list);
void columns_default(struct count_options *count);

#endif
