/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/options.h - what the command line asks for.
 *
 * Filled once by options_parse and read-only afterwards.
 */
#ifndef MINI_STRACE_OPTIONS_H
#define MINI_STRACE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <utrace/utrace.h>

#include "sets.h"

/* --strings-in-hex: which bytes of strings are \x.. */
enum escape {
	ESCAPE_OCTAL,       /* none: those that can't be printed are octal */
	ESCAPE_HEX_CHARS,   /* non-ascii-chars: those that can't be printed are hexadecimal */
	ESCAPE_HEX_STRINGS, /* -x: all of a string that has one that can't be printed */
	ESCAPE_HEX_ALL,     /* -xx */
};

/* -X: named constants. */
enum constants {
	CONSTANTS_ABBREV,  /* O_RDONLY */
	CONSTANTS_RAW,     /* 0 */
	CONSTANTS_VERBOSE, /* 0, and the name as a comment behind it */
};

/* decode-fds=: bits. */
enum decode_fds {
	FDS_PATH = 1 << 0, /* -y */
	FDS_SOCKET = 1 << 1,
	FDS_DEV = 1 << 2,
	FDS_PIDFD = 1 << 3,
	FDS_ALL = 0xf, /* -yy */
};

/* decode-pids=: bits. */
enum decode_pids {
	PIDS_COMM = 1 << 0, /* -Y */
	PIDS_NAMESPACE = 1 << 1,
	PIDS_ALL = 0x3,
};

/* How values are shown; the decoders' part. */
struct show {
	size_t string_limit;      /* -s */
	enum escape escape;       /* -x, -xx */
	enum constants constants; /* -X */
	uint32_t fds;             /* -y, -yy: enum decode_fds */
	uint32_t pids;            /* -Y: enum decode_pids */
	struct call_set abbrev;   /* calls whose structs are shortened; -v: none */
	struct call_set verbose;  /* calls whose pointers are followed at all */
	struct call_set raw;      /* calls whose arguments are plain hexadecimal numbers */
	struct number_set reads;  /* descriptors whose data is dumped after a read ... */
	struct number_set writes; /* ... or a write */
	bool json;                /* --json: an object a line */
};

enum { MAX_ATTACH = 256, MAX_ENV = 256 };

struct options {
	bool follow;      /* -f */
	bool count;       /* -c */
	bool time_spent;  /* -T */
	int quiet;        /* -q */
	int stamp;        /* -t, -tt, -ttt */
	int column;       /* -a */
	uint32_t one_cpu; /* --one-cpu: enum utrace_one_cpu */
	struct show show;
	const char *output; /* -o */
	const char *user;   /* -u */
	pid_t attach[MAX_ATTACH];
	int attach_count;
	const char *changes[MAX_ENV]; /* -E */
	int change_count;
	struct call_set trace; /* -e trace= */
	uint64_t signals;      /* -e signal=: bit n is signal n + 1 */
	char **program;
};

/* Exits with a message for a wrong command line. */
void options_parse(struct options *options, int argc, char **argv);
void options_free(struct options *options);
char **options_environment(const struct options *options);

#endif
