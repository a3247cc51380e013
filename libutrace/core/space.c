/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/space.c - see space.h.
 *
 * Invariants: sites are sorted by address and distinct.  What memory really has is looked at before it is changed, because the
 * program may have written, unmapped or replaced it: only a trap is replaced by what was under it.
 */
#include "core/space.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/breakpoint.h"

struct ut__space *ut__space_create(void)
{
	struct ut__space *space = calloc(1, sizeof(*space));

	if (!space)
		return NULL;
	atomic_init(&space->refs, 1);
	ut__list_init(&space->processes);
	ut__list_init(&space->scratch.waiting);
	return space;
}

struct ut__space *ut__space_ref(struct ut__space *space)
{
	atomic_fetch_add_explicit(&space->refs, 1, memory_order_relaxed);
	return space;
}

void ut__space_unref(struct ut__space *space)
{
	if (!space || atomic_fetch_sub_explicit(&space->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < space->count; i++)
		free(space->sites[i]);
	free((void *)space->sites);
	free(space);
}

void ut__space_enter(struct ut__space *space, utrace_process *process)
{
	process->space = ut__space_ref(space);
	ut__list_append(&space->processes, &process->in_space);
}

void ut__space_leave(utrace_process *process)
{
	struct ut__space *space = process->space;

	ut__list_remove(&process->in_space);
	if (!ut__list_empty(&space->processes)) {
		ut__breakpoint_drop_of(space, process);
		return;
	}
	for (size_t i = 0; i < space->count; i++) {
		space->sites[i]->inserted = false;
		space->sites[i]->users = 0;
		ut__breakpoint_kill_all(space->sites[i]);
	}
}

void ut__space_renew(utrace_process *process)
{
	struct ut__space *old = process->space;
	struct ut__space *space = ut__space_create();

	ut__space_leave(process);
	if (!space) {
		/* The old one can serve: its sites are dead, and nobody else lives in it, or they are none of this program. */
		ut__list_append(&old->processes, &process->in_space);
		return;
	}
	ut__space_enter(space, process);
	ut__space_unref(space);
	ut__space_unref(old);
}

/* Where the first site at or above the address is, or would be. */
static size_t position(const struct ut__space *space, uint64_t address)
{
	size_t low = 0;
	size_t high = space->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (space->sites[middle]->address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct ut__site *ut__space_find(const struct ut__space *space, uint64_t address)
{
	size_t at = position(space, address);

	return at < space->count && space->sites[at]->address == address ? space->sites[at] : NULL;
}

static bool grow(struct ut__space *space)
{
	size_t room = space->room ? space->room * 2 : 16;
	void *sites;

	if (space->count < space->room)
		return true;
	sites = realloc((void *)space->sites, room * sizeof(*space->sites));
	if (!sites)
		return false;
	space->sites = sites;
	space->room = room;
	return true;
}

/* A backend that does not stop at signals must do so as long as one of them may be a trap's. */
static void begin_traps(const struct ut__space *space)
{
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, &space->processes) {
		utrace_process *process = UT__ENTRY(node, utrace_process, in_space);
		utrace_session *session = atomic_load(&process->session);

		if (session->capabilities & UTRACE_CAN_RECORD_UNSTOPPED)
			session->ops->policy_changed(process);
	}
}

struct ut__site *ut__space_site(struct ut__space *space, uint64_t address)
{
	struct ut__site *site = ut__space_find(space, address);
	size_t at = position(space, address);

	if (site || !grow(space))
		return site;
	site = calloc(1, sizeof(*site));
	if (!site)
		return NULL;
	site->address = address;
	ut__list_init(&site->breakpoints);
	memmove((void *)(space->sites + at + 1), (const void *)(space->sites + at),
		(space->count - at) * sizeof(*space->sites));
	space->sites[at] = site;
	if (space->count++ == 0)
		begin_traps(space);
	return site;
}

static utrace_process *dweller(const struct ut__space *space)
{
	if (ut__list_empty(&space->processes))
		return NULL;
	return UT__ENTRY(space->processes.next, utrace_process, in_space);
}

/* Bytes done; 0 or less is a failure. Raw: traps show. */
static ssize_t peek(const struct ut__space *space, uint64_t address, void *buffer, size_t size,
		    struct utrace_error *error)
{
	utrace_process *process = dweller(space);

	if (!process)
		return 0;
	return atomic_load(&process->session)->ops->read(process, address, buffer, size, error);
}

static ssize_t poke(const struct ut__space *space, uint64_t address, const void *buffer, size_t size,
		    struct utrace_error *error)
{
	utrace_process *process = dweller(space);

	if (!process)
		return 0;
	return atomic_load(&process->session)->ops->write(process, address, buffer, size, error);
}

static bool is_trap(const unsigned char *bytes)
{
	return memcmp(bytes, ut__arch_native()->trap, ut__arch_native()->trap_size) == 0;
}

bool ut__space_has_trap(struct ut__space *space, const struct ut__site *site)
{
	unsigned char bytes[sizeof(site->under)] = {0};
	ssize_t size = (ssize_t)ut__arch_native()->trap_size;

	return peek(space, site->address, bytes, (size_t)size, NULL) == size && is_trap(bytes);
}

static int fail_at(uint64_t address, ssize_t done, const char *verb, struct utrace_error *error)
{
	if (done < 0 && done != UTRACE_FAULT)
		return (int)done;
	(void)ut__fail(error, UTRACE_FAULT, EFAULT, "No breakpoint can be at 0x%llx: the memory can't be %s.%s",
		       (unsigned long long)address, verb,
		       verb[0] == 'w' ? " A hardware breakpoint needs no writing." : "");
	if (error)
		error->address = address;
	return UTRACE_FAULT;
}

int ut__space_insert(struct ut__space *space, struct ut__site *site, struct utrace_error *error)
{
	const struct ut__arch *arch = ut__arch_native();
	unsigned char bytes[sizeof(site->under)] = {0};
	ssize_t size = (ssize_t)arch->trap_size;
	ssize_t done;

	if (!site->users || space->lifted)
		return UTRACE_OK;
	done = peek(space, site->address, bytes, (size_t)size, error);
	if (done != size)
		return fail_at(site->address, done, "read: nothing is mapped there", error);
	/* A trap that is there and was ours is ours; else it is the program's own, which goes under ours. */
	if (site->inserted && is_trap(bytes))
		return UTRACE_OK;
	done = poke(space, site->address, arch->trap, (size_t)size, error);
	if (done != size)
		return fail_at(site->address, done, "written", error);
	memcpy(site->under, bytes, sizeof(site->under));
	site->inserted = true;
	return UTRACE_OK;
}

static void take_out(struct ut__space *space, struct ut__site *site)
{
	if (ut__space_has_trap(space, site))
		(void)poke(space, site->address, site->under, ut__arch_native()->trap_size, NULL);
}

void ut__space_expose(struct ut__space *space, struct ut__site *site)
{
	take_out(space, site);
}

void ut__space_remove(struct ut__space *space, struct ut__site *site)
{
	if (site->users || !site->inserted)
		return;
	if (!space->lifted)
		take_out(space, site);
	site->inserted = false;
}

void ut__space_lift(struct ut__space *space)
{
	if (space->lifted++)
		return;
	for (size_t i = 0; i < space->count; i++) {
		if (space->sites[i]->inserted)
			take_out(space, space->sites[i]);
		space->sites[i]->inserted = false;
	}
}

void ut__space_restore(struct ut__space *space)
{
	if (!space->lifted || --space->lifted)
		return;
	for (size_t i = 0; i < space->count; i++)
		(void)ut__space_insert(space, space->sites[i], NULL);
}

void ut__space_clean(utrace_process *process)
{
	static const unsigned char zeros[UT__COPY_MAX];
	struct ut__space *space = process->space;

	for (size_t i = 0; i < space->count; i++) {
		if (space->sites[i]->inserted)
			take_out(space, space->sites[i]);
		space->sites[i]->inserted = false;
	}
	for (unsigned int i = 0; i < space->scratch.count; i++) {
		if (space->scratch.touched >> i & 1)
			(void)poke(space, space->scratch.address + (uint64_t)i * UT__COPY_MAX, zeros, UT__COPY_MAX,
				   NULL);
	}
	space->scratch.touched = 0;
}

void ut__space_clean_child(utrace_session *session, utrace_process *parent, pid_t child)
{
	const struct ut__space *space = parent->space;

	for (size_t i = 0; i < space->count; i++) {
		struct ut__site *site = space->sites[i];

		session->ops->write_child(parent, child, site->address, ut__arch_native()->trap, site->under,
					  ut__arch_native()->trap_size);
	}
}

/* The copy of a site in a child with memory of its own. */
static bool inherit_site(const struct ut__site *site, utrace_process *child)
{
	struct ut__space *space = child->space;
	struct ut__site *copy = ut__space_site(space, site->address);

	if (!copy)
		return false;
	memcpy(copy->under, site->under, sizeof(copy->under));
	/* Its memory was copied while the trap may just have been put in or taken out. */
	copy->inserted = ut__space_has_trap(space, copy);
	ut__breakpoint_inherit(site, copy, child);
	if (copy->users)
		(void)ut__space_insert(space, copy, NULL);
	else
		ut__space_remove(space, copy);
	return true;
}

void ut__space_inherit(utrace_process *parent, utrace_process *child, bool shared)
{
	const struct ut__space *from = parent->space;
	struct ut__space *empty = child->space;

	if (shared) {
		ut__list_remove(&child->in_space);
		ut__space_enter(parent->space, child);
		ut__space_unref(empty);
		return;
	}
	child->space->scratch.address = from->scratch.address;
	child->space->scratch.count = from->scratch.count;
	child->space->scratch.touched = from->scratch.touched;
	for (size_t i = 0; i < from->count; i++) {
		if (!inherit_site(from->sites[i], child))
			break;
	}
}

void ut__space_mask(const struct ut__space *space, uint64_t address, void *buffer, size_t size)
{
	const struct ut__arch *arch = ut__arch_native();
	uint64_t before = address >= arch->trap_size ? address - arch->trap_size + 1 : 0;

	for (size_t i = position(space, before); i < space->count; i++) {
		const struct ut__site *site = space->sites[i];

		if (site->address - address >= size && site->address >= address)
			break;
		for (size_t k = 0; site->inserted && k < arch->trap_size; k++) {
			unsigned char *byte = (unsigned char *)buffer + (site->address + k - address);

			if (site->address + k - address < size && *byte == arch->trap[k])
				*byte = site->under[k];
		}
	}
}

/* Puts the traps that lie in the piece over it, and what they cover under them. */
static void cover(struct ut__space *space, uint64_t address, unsigned char *piece, size_t size)
{
	const struct ut__arch *arch = ut__arch_native();

	for (size_t i = position(space, address); i < space->count; i++) {
		struct ut__site *site = space->sites[i];

		if (site->address - address >= size)
			break;
		if (!site->inserted || !ut__space_has_trap(space, site))
			continue;
		for (size_t k = 0; k < arch->trap_size && site->address + k - address < size; k++) {
			site->under[k] = piece[site->address + k - address];
			piece[site->address + k - address] = arch->trap[k];
		}
	}
}

ssize_t ut__space_write(utrace_process *process, uint64_t address, const void *buffer, size_t size,
			struct utrace_error *error)
{
	const struct ut__backend *ops = atomic_load(&process->session)->ops;
	struct ut__space *space = process->space;
	size_t first = position(space, address);
	unsigned char *copy;
	ssize_t done;

	if (first >= space->count || space->sites[first]->address - address >= size)
		return ops->write(process, address, buffer, size, error);
	copy = malloc(size);
	if (!copy)
		return ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for a write of %zu bytes.", size);
	memcpy(copy, buffer, size);
	cover(space, address, copy, size);
	done = ops->write(process, address, copy, size, error);
	free(copy);
	return done;
}
