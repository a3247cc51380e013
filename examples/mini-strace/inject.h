/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/inject.h - system calls that are tampered with: -e inject= and -e fault=.
 *
 * Occurrences of a call are counted for each thread and each call by itself, from 1 on.
 */
#ifndef MINI_STRACE_INJECT_H
#define MINI_STRACE_INJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <utrace/utrace.h>

#include "sets.h"

enum { INJECT_ARGS = 6, INJECT_NO_LAST = 65535 };

/* Bytes that are written where an argument points. */
struct poke {
	unsigned char *bytes; /* NULL: none */
	size_t length;
};

struct injection {
	struct call_set calls;
	const char *substitute; /* syscall=: a call without effects that is made instead; NULL: none is */
	int64_t result;         /* error=: negative; retval= */
	int64_t delay_enter;    /* nanoseconds */
	int64_t delay_exit;
	int signal; /* 0: none */
	bool has_result;
	bool fails; /* by error=; a result in the range of errors that retval= gives is shown as the number that it is */
	uint16_t first; /* when= */
	uint16_t last;
	uint16_t step;
	struct poke enter[INJECT_ARGS];
	struct poke exit[INJECT_ARGS];
};

/* What was done to the call that a thread is in; bits. */
enum tampering {
	TAMPERED_RESULT = 1 << 0,
	TAMPERED_ARGS = 1 << 1,
	TAMPERED_DELAY = 1 << 2,
};

/* How often a thread made a call. */
struct occurrence {
	uint32_t abi;
	uint32_t times;
	int64_t number;
};

/* A thread's part. */
struct tampered {
	const struct injection *injection; /* of the call that it is in, or NULL */
	uint32_t done;                     /* enum tampering */
	struct occurrence *occurrences;
	size_t count;
};

/* `fault`: only error= and when= are allowed, and an error is made in any case. Ends the tool for a wrong text. */
void inject_parse(struct injection *injection, const char *text, bool fault);
void inject_free(struct injection *injection);

/*
 * At the entry: chooses the injection and counts; changes the call of the held thread.  Returns nanoseconds to wait before the
 * thread is resumed.  *signal is one to be delivered on resume, or 0.
 */
int64_t inject_enter(struct tampered *tampered, const struct injection *injections, size_t count,
		     const struct utrace_event *event, int *signal);
/* At the exit: the result in the event is changed too, so that it prints as the tracee sees it. */
int64_t inject_exit(struct tampered *tampered, struct utrace_event *event);
void tampered_free(struct tampered *tampered);

#endif
