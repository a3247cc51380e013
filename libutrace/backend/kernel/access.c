/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/kernel/access.c - registers and memory, by commands.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/kernel/kernel.h"

enum { LARGEST = 65536 }; /* an xstate of all features known has less than 16 KiB */

static int fail_regset(utrace_thread *thread, int error_number, struct utrace_error *error)
{
	if (error_number == ESRCH || error_number == ESTALE)
		return ut__fail_dead(error, kn_tid(thread));
	if (error_number == ENODEV)
		return ut__fail(error, UTRACE_UNSUPPORTED, ENODEV,
				"This processor or kernel has no such register set for thread %d.", kn_tid(thread));
	return ut__fail(error,
			error_number == EINVAL  ? UTRACE_INVALID
			: error_number == EPERM ? UTRACE_DENIED
						: UTRACE_SYSTEM,
			error_number, "The register set of thread %d: %s.", kn_tid(thread), strerror(error_number));
}

/* A command about a set; what it answers, or a status. */
static ssize_t run_regset(utrace_thread *thread, uint32_t cmd, int set, uintptr_t buffer, size_t size,
			  struct utrace_error *error)
{
	struct utrace_command command = {.cmd = cmd,
					 .target = kn_of(thread)->cookie,
					 .stop = kn_of(thread)->stop,
					 .addr = ut__arch_note_type(set),
					 .data = buffer,
					 .size = size};
	int error_number = kn_run(kn_session_of(thread->process), &command);

	return error_number ? fail_regset(thread, error_number, error) : (ssize_t)command.value;
}

/* With the size of the whole set, which the kernel tells only of what it has copied. */
static ssize_t get_whole(utrace_thread *thread, int set, void *buffer, size_t size, struct utrace_error *error)
{
	return run_regset(thread, UTRACE_CMD_REGSET_GET, set, (uintptr_t)buffer, size, error);
}

ssize_t kn_regset_get(utrace_thread *thread, int set, void *buffer, size_t size, struct utrace_error *error)
{
	void *whole;
	ssize_t done;

	if (set == UTRACE_REGSET_GENERAL)
		return get_whole(thread, set, buffer, size, error);
	whole = malloc(LARGEST);
	if (!whole)
		return ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for a register set.");
	done = get_whole(thread, set, whole, LARGEST, error);
	if (done > 0 && size)
		memcpy(buffer, whole, size < (size_t)done ? size : (size_t)done);
	free(whole);
	return done;
}

int kn_regset_set(utrace_thread *thread, int set, const void *buffer, size_t size, struct utrace_error *error)
{
	ssize_t status = run_regset(thread, UTRACE_CMD_REGSET_SET, set, (uintptr_t)buffer, size, error);

	return status < 0 ? (int)status : UTRACE_OK;
}

/* A thread that lives; the process's own cookie finds one too, by looking through all that the session has. */
static uint64_t memory_target(const utrace_process *process)
{
	if (ut__list_empty(&process->threads))
		return kn_process_of(process)->cookie;
	return kn_of(UT__ENTRY(process->threads.next, utrace_thread, in_process))->cookie;
}

static int move(utrace_process *process, struct utrace_command *command)
{
	struct utrace_command again = *command;
	int error_number;

	command->target = memory_target(process);
	error_number = kn_run(kn_session_of(process), command);
	if (error_number != ESRCH)
		return error_number;
	/* That one is on its way out. */
	again.target = kn_process_of(process)->cookie;
	error_number = kn_run(kn_session_of(process), &again);
	*command = again;
	return error_number;
}

static int fail_memory(const utrace_process *process, int error_number, struct utrace_error *error)
{
	if (error_number == ESRCH)
		return ut__fail_dead(error, process->pid);
	return ut__fail(error,
			error_number == EPERM    ? UTRACE_DENIED
			: error_number == ENOMEM ? UTRACE_NO_MEMORY
						 : UTRACE_SYSTEM,
			error_number, "The memory of process %d: %s.", process->pid, strerror(error_number));
}

static ssize_t transfer(utrace_process *process, uint32_t cmd, uint64_t address, const char *buffer, size_t size,
			struct utrace_error *error)
{
	const size_t most = kn_session_of(process)->kernel.max_data;
	size_t done = 0;

	while (done < size) {
		size_t want = size - done < most ? size - done : most;
		struct utrace_command command = {
			.cmd = cmd, .addr = address + done, .data = (uintptr_t)(buffer + done), .size = want};
		int error_number = move(process, &command);

		if (error_number == EFAULT)
			break;
		if (error_number)
			return done ? (ssize_t)done : fail_memory(process, error_number, error);
		done += (size_t)command.value;
		if ((size_t)command.value < want)
			break;
	}
	return (ssize_t)done;
}

ssize_t kn_read(utrace_process *process, uint64_t address, void *buffer, size_t size, struct utrace_error *error)
{
	return transfer(process, UTRACE_CMD_MEM_READ, address, buffer, size, error);
}

ssize_t kn_write(utrace_process *process, uint64_t address, const void *buffer, size_t size, struct utrace_error *error)
{
	return transfer(process, UTRACE_CMD_MEM_WRITE, address, buffer, size, error);
}

/* As many pieces as go into a batch by one system call. */
static void read_batch(utrace_process *process, struct utrace_memory_span *spans, size_t count)
{
	struct kn_session *ks = kn_session_of(process);

	kn_flush(ks->session);
	for (size_t i = 0; i < count; i++) {
		struct utrace_command *command = kn_add(ks, UTRACE_CMD_MEM_READ, memory_target(process), 0);

		command->addr = spans[i].address;
		command->data = (uintptr_t)spans[i].buffer;
		command->size = spans[i].size;
	}
	kn_flush(ks->session);
	for (size_t i = 0; i < count; i++)
		spans[i].done = ks->batch[i].error ? 0 : (size_t)ks->batch[i].value;
}

int kn_readv(utrace_process *process, struct utrace_memory_span *spans, size_t count, struct utrace_error *error)
{
	const size_t most = kn_session_of(process)->kernel.max_data;

	for (size_t next = 0; next < count; next += KN_BATCH) {
		size_t batch = count - next < KN_BATCH ? count - next : KN_BATCH;

		read_batch(process, spans + next, batch);
		/* What was not done at once is too large, or a thread's on its way out, or not there. */
		for (size_t i = next; i < next + batch; i++) {
			ssize_t done;

			if (spans[i].done == spans[i].size || (spans[i].done && spans[i].size <= most))
				continue;
			done = kn_read(process, spans[i].address, spans[i].buffer, spans[i].size, error);
			if (done < 0)
				return (int)done;
			spans[i].done = (size_t)done;
		}
	}
	return UTRACE_OK;
}

static int fail_debug(utrace_thread *thread, int error_number, struct utrace_error *error)
{
	if (error_number == ESRCH || error_number == ESTALE)
		return ut__fail_dead(error, kn_tid(thread));
	if (error_number == ENOSPC)
		return ut__fail(error, UTRACE_BUSY, ENOSPC,
				"The kernel uses the processor's debug registers itself, or another tool does through "
				"it; none is free for thread %d.",
				kn_tid(thread));
	return ut__fail(error, error_number == EINVAL ? UTRACE_INVALID : UTRACE_UNSUPPORTED, error_number,
			"The kernel refuses these debug registers for thread %d: %s.", kn_tid(thread),
			strerror(error_number));
}

static uint32_t watch_flag(const struct ut__debug_slot *slot)
{
	switch (slot->kind) {
	case UT__DEBUG_EXECUTE:
		return UTRACE_WITH_EXECUTE;
	case UT__DEBUG_WRITE:
		return UTRACE_WITH_WRITE;
	default:
		return UTRACE_WITH_ACCESS;
	}
}

/* Puts one in, or takes it out; its errno. */
static int set_slot(utrace_thread *thread, int index, const struct ut__debug_slot *slot)
{
	struct kn_thread *kt = kn_of(thread);
	struct utrace_command command = {
		.cmd = UTRACE_CMD_WATCHPOINT, .target = kt->cookie, .stop = kt->stop, .value = index};
	int error_number;

	if (slot->length) {
		command.flags = watch_flag(slot);
		command.addr = slot->address;
		command.size = slot->kind == UT__DEBUG_EXECUTE ? sizeof(long) : slot->length;
	}
	error_number = kn_run(kn_session_of(thread->process), &command);
	if (error_number)
		return error_number;
	kt->watching &= ~(1u << index);
	if (slot->length)
		kt->watching |= 1u << index;
	return 0;
}

/* All are taken out first: together they might be too many. */
int kn_debug_set(utrace_thread *thread, const struct ut__debug_slot *slots, struct utrace_error *error)
{
	static const struct ut__debug_slot none;
	int error_number = 0;

	for (int i = 0; !error_number && i < UT__DEBUG_SLOTS; i++) {
		if (kn_of(thread)->watching >> i & 1)
			error_number = set_slot(thread, i, &none);
	}
	for (int i = 0; !error_number && i < UT__DEBUG_SLOTS; i++) {
		if (slots[i].length)
			error_number = set_slot(thread, i, &slots[i]);
	}
	return error_number ? fail_debug(thread, error_number, error) : UTRACE_OK;
}
