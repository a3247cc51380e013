/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/memory.h - the tracee's memory as the decoders read it: through one function, page by page.
 *
 * A call's arguments mostly lie close to each other, and each read of a tracee is a system call; so a page that is touched
 * is read whole and kept until the tracee runs on.  Nothing here trusts the tracee: reads are bounded by the caller's buffer.
 */
#ifndef MINI_STRACE_MEMORY_H
#define MINI_STRACE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { MEMORY_PAGE = 4096, MEMORY_PAGES = 8 };

/* Reads up to `size` bytes: how many, or less than 1 if not even the first can be read. */
typedef ssize_t memory_reader(void *context, uint64_t address, void *buffer, size_t size);

struct memory_page {
	uint64_t base;
	size_t valid; /* bytes from base on; 0: not in use */
	char data[MEMORY_PAGE];
};

struct memory {
	memory_reader *read;
	void *context; /* whose memory it is */
	unsigned int next;
	struct memory_page pages[MEMORY_PAGES];
};

/* Forgets what was read: the tracee has run, or it is another one. */
void memory_reset(struct memory *memory, void *context);
/* How many of the bytes could be read, from the first on. */
size_t memory_read(struct memory *memory, uint64_t address, void *buffer, size_t size);
/* All of them, or false. */
bool memory_get(struct memory *memory, uint64_t address, void *buffer, size_t size);
/*
 * Up to `size` bytes of a string.  Returns its length, or -1 if memory ends before the string and `size` do.  *ended: the NUL was
 * among the bytes.
 */
ssize_t memory_get_string(struct memory *memory, uint64_t address, char *buffer, size_t size, bool *ended);

#endif
