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

#include "inject.h"
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

/* quiet=: bits. */
enum quiet {
	QUIET_ATTACH = 1 << 0,
	QUIET_EXIT = 1 << 1,
	QUIET_PATHS = 1 << 2,
	QUIET_PERSONALITY = 1 << 3,
	QUIET_THREAD_EXECVE = 1 << 4,
	QUIET_ALL = 0x1f,
};

/* status=: bits. */
enum call_status {
	STATUS_SUCCESSFUL = 1 << 0,
	STATUS_FAILED = 1 << 1,
	STATUS_UNFINISHED = 1 << 2,
	STATUS_UNAVAILABLE = 1 << 3,
	STATUS_DETACHED = 1 << 4,
	STATUS_ALL = 0x1f,
};

enum stamp_form { STAMP_NONE, STAMP_TIME, STAMP_UNIX };

/* Times on each line; digits behind the point, -1: not shown. */
struct stamps {
	enum stamp_form form; /* -t */
	int digits;
	int relative; /* -r */
	int spent;    /* -T */
};

enum column {
	COLUMN_TIME,
	COLUMN_TOTAL,
	COLUMN_MIN,
	COLUMN_MAX,
	COLUMN_AVERAGE,
	COLUMN_CALLS,
	COLUMN_ERRORS,
	COLUMN_NAME,
	COLUMN_NOTHING, /* of -S only */
	COLUMNS = COLUMN_NOTHING,
};

struct count_options {
	bool only;                    /* -c */
	bool also;                    /* -C */
	bool wall;                    /* -w */
	int64_t overhead;             /* -O: nanoseconds */
	enum column sort;             /* -S */
	enum column columns[COLUMNS]; /* -U */
	bool chosen;                  /* by -U */
	int column_count;
};

/* Where the tracer stands. */
enum daemonize { DAEMON_NO, DAEMON_GRANDCHILD, DAEMON_GROUP, DAEMON_SESSION };

/* -I: which signals end the tracer. */
enum interruptible { INTERRUPT_DEFAULT, INTERRUPT_ANYWHERE, INTERRUPT_WAITING, INTERRUPT_NEVER, INTERRUPT_NEVER_TSTP };

enum kernel_filter { KERNEL_FILTER_AUTO, KERNEL_FILTER_ASKED, KERNEL_FILTER_NO };

struct options {
	/* Tracees */
	char **program;
	const char *user;     /* -u */
	const char **changes; /* -E */
	size_t change_count;
	pid_t *attach; /* -p */
	size_t attach_count;
	bool follow;                      /* -f */
	bool detach_on_execve;            /* -b */
	enum daemonize daemonize;         /* -D */
	enum interruptible interruptible; /* -I */
	enum kernel_filter kernel_filter; /* --seccomp-bpf */
	uint32_t one_cpu;                 /* --one-cpu: enum utrace_one_cpu */

	/* Which events */
	struct call_set trace; /* -e trace= */
	uint64_t signals;      /* -e signal=: bit n is signal n + 1 */
	uint32_t statuses;     /* -e status=: enum call_status */
	const char **paths;    /* -P, as given */
	size_t path_count;
	struct injection *injections; /* -e inject=; the last one that has a call decides */
	size_t injection_count;
	uint64_t syscall_limit; /* --syscall-limit; 0: none */

	/* Lines */
	struct show show;
	struct stamps stamps;
	struct count_options count;
	uint32_t quiet;     /* enum quiet */
	int column;         /* -a */
	bool pc;            /* -i */
	bool number;        /* -n */
	bool stack;         /* -k */
	bool debug;         /* -d */
	bool color;         /* --color=always */
	bool color_auto;    /* --color=auto: if the output is a terminal */
	const char *output; /* -o */
	bool append;        /* -A */
	bool separate;      /* -ff */
};

/* Exits with a message for a wrong command line. */
void options_parse(struct options *options, int argc, char **argv);
void options_free(struct options *options);
char **options_environment(const struct options *options);

#endif
