/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/space.h - an address space: which traps are in it, what is under them, and room to execute copies in.
 *
 * Processes that share their memory (vfork, CLONE_VM) share one.  A site is never freed while its space lives: a thread may have
 * executed its trap before it was taken out and be told of that only later.
 */
#ifndef UT_CORE_SPACE_H
#define UT_CORE_SPACE_H

#include "backend/sink.h"

enum { UT__SLOT_COUNT = 64 };

/* One address with a trap, or that had one. */
struct ut__site {
	uint64_t address;
	unsigned char under[4]; /* the tracee's own bytes, while inserted */
	bool inserted;          /* the trap is in memory, as far as we know */
	unsigned int users;     /* enabled breakpoints */
	struct ut__list breakpoints;
	const struct ut__arch *arch; /* that `instruction` was decoded for; NULL: not yet */
	struct ut__instruction instruction;
};

/* Where copies of instructions are executed: padding at the end of executable mappings, in slots. */
struct ut__scratch {
	uint64_t address; /* 0: none found yet */
	unsigned int count;
	uint64_t used;           /* a bit per slot */
	uint64_t touched;        /* have been written: their zeros are to be restored */
	struct ut__list waiting; /* threads that found all slots used */
};

struct ut__space {
	atomic_uint refs;
	struct ut__list processes; /* that live in it */
	struct ut__site **sites;   /* sorted by address */
	size_t count;
	size_t room;
	uint64_t asked;      /* hits so far, to number them */
	unsigned int lifted; /* for so many reasons the traps are not in memory: see ut__space_lift */
	struct ut__scratch scratch;
};

struct ut__space *ut__space_create(void); /* NULL: no memory */
struct ut__space *ut__space_ref(struct ut__space *space);
void ut__space_unref(struct ut__space *space);

/* Puts the process into it (its own reference), and takes it out: the last one that leaves takes all breakpoints with it. */
void ut__space_enter(struct ut__space *space, utrace_process *process);
void ut__space_leave(utrace_process *process);
/* A new program: the old space is left for an empty one. */
void ut__space_renew(utrace_process *process);
/* A child's space: the parent's own, or a copy of it whose memory is put right. */
void ut__space_inherit(utrace_process *parent, utrace_process *child, bool shared);

struct ut__site *ut__space_find(const struct ut__space *space, uint64_t address);
/* Finds or makes; NULL: no memory. */
struct ut__site *ut__space_site(struct ut__space *space, uint64_t address);

/* Puts the trap in if the site has users and it is not there; takes it out if it has none. */
int ut__space_insert(struct ut__space *space, struct ut__site *site, struct utrace_error *error);
void ut__space_remove(struct ut__space *space, struct ut__site *site);
/* Takes an inserted site's trap out of memory until the next ut__space_insert. */
void ut__space_expose(struct ut__space *space, struct ut__site *site);
/* Whether the trap is really there. */
bool ut__space_has_trap(struct ut__space *space, const struct ut__site *site);
/* Takes all traps out of memory for a while, and back: where somebody shares it who would die of them. */
void ut__space_lift(struct ut__space *space);
void ut__space_restore(struct ut__space *space);
/* Cleans the memory of a child that has a copy of it and is let go. */
void ut__space_clean_child(utrace_session *session, utrace_process *parent, pid_t child);
/* Before the process is let go: no trap, no copy is left in its memory. */
void ut__space_clean(utrace_process *process);

/* Shows memory that was read as it would be without traps. */
void ut__space_mask(const struct ut__space *space, uint64_t address, void *buffer, size_t size);
/* Writes under the traps. */
ssize_t ut__space_write(utrace_process *process, uint64_t address, const void *buffer, size_t size,
			struct utrace_error *error);

/* core/scratch.c: finds room; UTRACE_UNSUPPORTED if there is none. A slot's address or 0; giving it back. */
int ut__scratch_find(utrace_process *process, struct utrace_error *error);
uint64_t ut__scratch_take(struct ut__space *space);
void ut__scratch_give(struct ut__space *space, uint64_t slot);

#endif
