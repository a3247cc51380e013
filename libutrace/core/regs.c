/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/regs.c - registers by name, through the architecture's table.
 *
 * The general set is read once per stop and written back once, before the thread runs (ut__sink_flush_registers).
 */
#include <utrace/regs.h>

#include <errno.h>
#include <string.h>

#include "core/request.h"

int ut__sink_registers(utrace_thread *thread, struct ut__registers **registers, struct utrace_error *error)
{
	struct ut__registers *own = &thread->registers;
	utrace_session *session = atomic_load(&thread->process->session);
	ssize_t size;

	*registers = own;
	if (own->arch)
		return UTRACE_OK;
	size = session->ops->regset_get(thread, UTRACE_REGSET_GENERAL, own->set, sizeof(own->set), error);
	if (size < 0)
		return (int)size;
	own->arch = ut__arch_by_set_size((size_t)size);
	own->dirty = false;
	if (own->arch)
		return UTRACE_OK;
	return ut__fail(error, UTRACE_UNSUPPORTED, 0,
			"A general register set of %zd bytes is of no known architecture.", size);
}

void ut__sink_flush_registers(utrace_thread *thread)
{
	struct ut__registers *own = &thread->registers;
	utrace_session *session = atomic_load(&thread->process->session);

	if (!own->arch || !own->dirty)
		return;
	own->dirty = false;
	/* A failure means that the thread is dying, which its end will tell. */
	(void)session->ops->regset_set(thread, UTRACE_REGSET_GENERAL, own->set, own->arch->general_size, NULL);
}

/* Where a register is in the set, found in one of three ways. */
struct place {
	uint16_t offset;
	uint16_t size;
};

static struct place by_portable_name(const struct ut__arch *arch, int reg)
{
	return (struct place){ut__arch_offset(arch, reg), arch->word};
}

static struct place by_dwarf(const struct ut__arch *arch, int number)
{
	for (size_t i = 0; i < arch->register_count; i++) {
		if (number >= 0 && arch->registers[i].dwarf == number)
			return (struct place){arch->registers[i].offset, arch->registers[i].size};
	}
	return (struct place){UT__REG_NONE, 0};
}

static struct place by_name(const struct ut__arch *arch, const char *name)
{
	for (size_t i = 0; i < arch->register_count; i++) {
		if (strcmp(arch->registers[i].name, name) == 0)
			return (struct place){arch->registers[i].offset, arch->registers[i].size};
	}
	return (struct place){UT__REG_NONE, 0};
}

enum { BY_PORTABLE_NAME, BY_DWARF, BY_NAME, WRITE = 4 };

static struct place find(const struct ut__arch *arch, const struct ut__request *request)
{
	switch (request->choice & ~(uint32_t)WRITE) {
	case BY_PORTABLE_NAME:
		return by_portable_name(arch, (int)request->number);
	case BY_DWARF:
		return by_dwarf(arch, (int)request->number);
	default:
		return by_name(arch, request->in);
	}
}

static int fail_no_register(const struct ut__arch *arch, struct ut__request *request)
{
	if (request->in)
		return ut__fail(request->error, UTRACE_NOT_FOUND, 0, "%s has no register \"%s\".", arch->name,
				(const char *)request->in);
	return ut__fail(request->error, UTRACE_NOT_FOUND, 0, "%s has no register with the %s number %d.", arch->name,
			request->choice & BY_DWARF ? "DWARF" : "portable", (int)request->number);
}

static ssize_t run_register(struct ut__request *request)
{
	struct ut__registers *registers;
	struct place place;
	uint64_t *value = request->out;
	int status = ut__sink_registers(request->thread, &registers, request->error);

	if (status)
		return status;
	place = find(registers->arch, request);
	if (place.offset == UT__REG_NONE)
		return fail_no_register(registers->arch, request);
	if (request->choice & WRITE) {
		ut__arch_store(registers->set, place.offset, place.size, *value);
		registers->dirty = true;
	} else {
		*value = ut__arch_load(registers->set, place.offset, place.size);
	}
	return UTRACE_OK;
}

static int access_register(utrace_thread *thread, uint32_t how, int number, const char *name, uint64_t *value,
			   struct utrace_error *error)
{
	struct ut__request request = {.run = run_register,
				      .needs = UT__NEEDS_HELD,
				      .alive = how & WRITE,
				      .thread = thread,
				      .choice = how,
				      .number = (uint64_t)(int64_t)number,
				      .in = name,
				      .out = value,
				      .error = error};

	return (int)ut__request_run(&request);
}

int utrace_register_get(utrace_thread *thread, int reg, uint64_t *value, struct utrace_error *error)
{
	return access_register(thread, BY_PORTABLE_NAME, reg, NULL, value, error);
}

int utrace_register_set(utrace_thread *thread, int reg, uint64_t value, struct utrace_error *error)
{
	return access_register(thread, BY_PORTABLE_NAME | WRITE, reg, NULL, &value, error);
}

int utrace_register_get_dwarf(utrace_thread *thread, int number, uint64_t *value, struct utrace_error *error)
{
	return access_register(thread, BY_DWARF, number, NULL, value, error);
}

int utrace_register_set_dwarf(utrace_thread *thread, int number, uint64_t value, struct utrace_error *error)
{
	return access_register(thread, BY_DWARF | WRITE, number, NULL, &value, error);
}

int utrace_register_get_name(utrace_thread *thread, const char *name, uint64_t *value, struct utrace_error *error)
{
	return access_register(thread, BY_NAME, 0, name, value, error);
}

int utrace_register_set_name(utrace_thread *thread, const char *name, uint64_t value, struct utrace_error *error)
{
	return access_register(thread, BY_NAME | WRITE, 0, name, &value, error);
}

static ssize_t run_architecture(struct ut__request *request)
{
	struct ut__registers *registers;
	int status = ut__sink_registers(request->thread, &registers, request->error);

	return status ? status : registers->arch->id;
}

int utrace_thread_architecture(utrace_thread *thread, struct utrace_error *error)
{
	struct ut__request request = {
		.run = run_architecture, .needs = UT__NEEDS_HELD, .thread = thread, .error = error};

	return (int)ut__request_run(&request);
}

static bool is_regset(int set)
{
	return set >= UTRACE_REGSET_GENERAL && set <= UTRACE_REGSET_XSTATE;
}

static ssize_t get_general(struct ut__request *request)
{
	struct ut__registers *registers;
	int status = ut__sink_registers(request->thread, &registers, request->error);
	size_t size;

	if (status)
		return status;
	size = registers->arch->general_size;
	/* Without a buffer the caller asks for the size. */
	if (request->size)
		memcpy(request->out, registers->set, request->size < size ? request->size : size);
	return (ssize_t)size;
}

static ssize_t run_regset_get(struct ut__request *request)
{
	if (request->number == UTRACE_REGSET_GENERAL)
		return get_general(request);
	return request->session->ops->regset_get(request->thread, (int)request->number, request->out, request->size,
						 request->error);
}

ssize_t utrace_regset_get(utrace_thread *thread, int regset, void *buffer, size_t size, struct utrace_error *error)
{
	struct ut__request request = {.run = run_regset_get,
				      .needs = UT__NEEDS_HELD,
				      .thread = thread,
				      .number = (uint64_t)regset,
				      .out = buffer,
				      .size = size,
				      .error = error};

	if (!is_regset(regset))
		return ut__fail(error, UTRACE_NOT_FOUND, 0, "There is no register set %d.", regset);
	if (!buffer && size)
		return ut__fail(error, UTRACE_INVALID, 0, "buffer is NULL but size is %zu.", size);
	return ut__request_run(&request);
}

static ssize_t set_general(struct ut__request *request)
{
	struct ut__registers *registers;
	int status = ut__sink_registers(request->thread, &registers, request->error);

	if (status)
		return status;
	if (request->size > registers->arch->general_size || request->size % registers->arch->word)
		return ut__fail(request->error, UTRACE_INVALID, 0, "The set has %zu bytes in whole registers, not %zu.",
				registers->arch->general_size, request->size);
	memcpy(registers->set, request->in, request->size);
	registers->dirty = true;
	return UTRACE_OK;
}

static ssize_t run_regset_set(struct ut__request *request)
{
	if (request->number == UTRACE_REGSET_GENERAL)
		return set_general(request);
	return request->session->ops->regset_set(request->thread, (int)request->number, request->in, request->size,
						 request->error);
}

int utrace_regset_set(utrace_thread *thread, int regset, const void *buffer, size_t size, struct utrace_error *error)
{
	struct ut__request request = {.run = run_regset_set,
				      .needs = UT__NEEDS_HELD,
				      .alive = true,
				      .thread = thread,
				      .number = (uint64_t)regset,
				      .in = buffer,
				      .size = size,
				      .error = error};

	if (!is_regset(regset))
		return ut__fail(error, UTRACE_NOT_FOUND, 0, "There is no register set %d.", regset);
	if (!buffer)
		return ut__fail(error, UTRACE_INVALID, 0, "buffer is NULL.");
	return (int)ut__request_run(&request);
}
