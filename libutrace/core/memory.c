/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/memory.c - the memory calls on top of the backend's read and write.
 *
 * Invariant: a count that is returned was transferred; the first bad address is address + count.
 */
#include <utrace/memory.h>

#include <errno.h>
#include <string.h>

#include "core/request.h"
#include "core/space.h"

enum { PAGE = 4096 };

static ssize_t fail_fault(struct utrace_error *error, bool is_core, uint64_t address, const char *verb)
{
	(void)ut__fail(error, UTRACE_FAULT, EFAULT, "Address 0x%llx can't be %s: %s.", (unsigned long long)address,
		       verb, is_core ? "the core file has nothing of it" : "nothing is mapped there");
	if (error)
		error->address = address;
	return UTRACE_FAULT;
}

/* What the caller gets for a transfer that may have stopped short. */
static ssize_t finish(struct ut__request *request, ssize_t done, const char *verb)
{
	if (done < 0 || (size_t)done == request->size)
		return done;
	if (done == 0)
		return fail_fault(request->error, request->process->is_core, request->number, verb);
	(void)fail_fault(request->error, request->process->is_core, request->number + (uint64_t)done, verb);
	return done;
}

static ssize_t run_read(struct ut__request *request)
{
	ssize_t done = request->session->ops->read(request->process, request->number, request->out, request->size,
						   request->error);

	if (done > 0)
		ut__space_mask(request->process->space, request->number, request->out, (size_t)done);
	return finish(request, done, "read");
}

ssize_t utrace_memory_read(utrace_process *process, uint64_t address, void *buffer, size_t size,
			   struct utrace_error *error)
{
	struct ut__request request = {.run = run_read,
				      .needs = UT__NEEDS_LIVE,
				      .process = process,
				      .out = buffer,
				      .size = size,
				      .number = address,
				      .error = error};

	return ut__request_run(&request);
}

static ssize_t run_write(struct ut__request *request)
{
	ssize_t done = ut__space_write(request->process, request->number, request->in, request->size, request->error);

	return finish(request, done, "written");
}

ssize_t utrace_memory_write(utrace_process *process, uint64_t address, const void *buffer, size_t size,
			    struct utrace_error *error)
{
	struct ut__request request = {.run = run_write,
				      .needs = UT__NEEDS_LIVE,
				      .alive = true,
				      .process = process,
				      .in = buffer,
				      .size = size,
				      .number = address,
				      .error = error};

	return ut__request_run(&request);
}

/* Up to the end of a page at a time: a string that ends on the last mapped page must be read whole. */
static ssize_t run_read_string(struct ut__request *request)
{
	char *buffer = request->out;
	size_t room = request->size - 1;
	size_t length = 0;

	while (length < room) {
		uint64_t address = request->number + length;
		size_t piece = PAGE - (size_t)(address % PAGE);
		ssize_t done;
		size_t found;

		if (piece > room - length)
			piece = room - length;
		done = request->session->ops->read(request->process, address, buffer + length, piece, request->error);
		if (done < 0)
			return done;
		ut__space_mask(request->process->space, address, buffer + length, (size_t)done);
		found = strnlen(buffer + length, (size_t)done);
		length += found;
		buffer[length] = '\0';
		if (found < (size_t)done)
			return (ssize_t)length;
		if ((size_t)done < piece) {
			ssize_t status =
				fail_fault(request->error, request->process->is_core, request->number + length, "read");

			return length ? (ssize_t)length : status;
		}
	}
	buffer[length] = '\0';
	return (ssize_t)length;
}

ssize_t utrace_memory_read_string(utrace_process *process, uint64_t address, char *buffer, size_t size,
				  struct utrace_error *error)
{
	struct ut__request request = {.run = run_read_string,
				      .needs = UT__NEEDS_LIVE,
				      .process = process,
				      .out = buffer,
				      .size = size,
				      .number = address,
				      .error = error};

	if (!size)
		return ut__fail(error, UTRACE_INVALID, 0, "A string needs room for its end: size is 0.");
	buffer[0] = '\0';
	return ut__request_run(&request);
}

static int count_complete(struct utrace_memory_span *spans, size_t count)
{
	int complete = 0;

	for (size_t i = 0; i < count; i++) {
		spans[i].status = spans[i].done == spans[i].size ? UTRACE_OK : UTRACE_FAULT;
		complete += spans[i].status == UTRACE_OK;
	}
	return complete;
}

static ssize_t run_readv(struct ut__request *request)
{
	struct utrace_memory_span *spans = request->out;
	int status = request->session->ops->readv(request->process, spans, request->size, request->error);

	if (status)
		return status;
	for (size_t i = 0; i < request->size; i++)
		ut__space_mask(request->process->space, spans[i].address, spans[i].buffer, spans[i].done);
	return count_complete(spans, request->size);
}

static ssize_t run_writev(struct ut__request *request)
{
	struct utrace_memory_span *spans = request->out;

	for (size_t i = 0; i < request->size; i++) {
		ssize_t done = ut__space_write(request->process, spans[i].address, spans[i].buffer, spans[i].size,
					       request->error);

		if (done < 0)
			return done;
		spans[i].done = (size_t)done;
	}
	return count_complete(spans, request->size);
}

static int run_spans(ssize_t (*run)(struct ut__request *), utrace_process *process, struct utrace_memory_span *spans,
		     size_t count, struct utrace_error *error)
{
	struct ut__request request = {.run = run,
				      .needs = UT__NEEDS_LIVE,
				      .alive = run == run_writev,
				      .process = process,
				      .out = spans,
				      .size = count,
				      .error = error};

	for (size_t i = 0; i < count; i++)
		spans[i].done = 0;
	return (int)ut__request_run(&request);
}

int utrace_memory_readv(utrace_process *process, struct utrace_memory_span *spans, size_t count,
			struct utrace_error *error)
{
	return run_spans(run_readv, process, spans, count, error);
}

int utrace_memory_writev(utrace_process *process, struct utrace_memory_span *spans, size_t count,
			 struct utrace_error *error)
{
	return run_spans(run_writev, process, spans, count, error);
}
