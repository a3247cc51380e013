/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/location.h - one trap of the debugger's in the program.
 */
#ifndef MINI_GDB_LOCATION_H
#define MINI_GDB_LOCATION_H

#include <stdbool.h>
#include <stdint.h>
#include <utrace/utrace.h>

struct gdb;
struct breakpoint;

struct location {
	struct location *next;
	struct gdb *gdb;             /* for the condition's callback */
	struct breakpoint *owner;    /* NULL: the debugger's own */
	utrace_breakpoint *handle;   /* NULL: not in the program */
	struct breakpoint *scope_of; /* leaving this address's caller ends that watchpoint */
	uint64_t address;
	const char *function;
	const char *file;
	unsigned int line;
	bool disabled;
};

#endif
