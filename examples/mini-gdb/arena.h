/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/arena.h - memory that lives until the command is over.
 *
 * Values and expressions are made and dropped together, so nobody frees one of them.  What must outlive its command
 * (history, conditions, convenience variables) has an arena of its own.  Allocation never fails: the tool ends instead.
 */
#ifndef MINI_GDB_ARENA_H
#define MINI_GDB_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *blocks;
};

/* Zeroed. */
void *arena_alloc(struct arena *arena, size_t size);
void *arena_copy(struct arena *arena, const void *bytes, size_t size);
char *arena_text(struct arena *arena, const char *text, size_t length);
char *arena_string(struct arena *arena, const char *text);
__attribute__((format(printf, 2, 3))) char *arena_print(struct arena *arena, const char *format, ...);
char *arena_vprint(struct arena *arena, const char *format, va_list arguments);
void arena_clear(struct arena *arena);

/* malloc and friends that end the tool where memory is out. */
void *must_alloc(size_t size);
char *must_copy(const char *text);
void *must_grow(void *old, size_t size);

#endif
