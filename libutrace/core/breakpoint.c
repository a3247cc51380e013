/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/breakpoint.c - breakpoints as the caller has them.
 *
 * Invariant: a breakpoint that is not gone is in exactly one list, and its site's `users` counts it if it is enabled.
 */
#include "core/breakpoint.h"

#include <errno.h>
#include <stdlib.h>

#include "core/request.h"
#include "core/watch.h"

enum { WATCH_MAX = 8 };

/* The options have been checked. */
static utrace_breakpoint *create(utrace_process *process, const struct utrace_breakpoint_options *options)
{
	utrace_breakpoint *made = calloc(1, sizeof(*made));

	if (!made)
		return NULL;
	if (ut__condition_make(options->steps, options->step_count, &made->steps, NULL)) {
		free(made);
		return NULL;
	}
	atomic_init(&made->refs, 1);
	made->process = utrace_process_ref(process);
	made->address = options->address;
	made->kind = options->kind;
	made->length = options->length;
	made->thread = utrace_thread_ref(options->thread);
	made->frame = options->frame;
	made->ignore = options->ignore;
	made->temporary = options->temporary;
	made->enabled = !options->disabled;
	made->not_inherited = options->not_inherited;
	made->inherited = options->inherited;
	made->condition = options->condition;
	atomic_init(&made->data, options->data);
	ut__list_init(&made->in_list);
	return made;
}

utrace_breakpoint *utrace_breakpoint_ref(utrace_breakpoint *breakpoint)
{
	if (breakpoint)
		atomic_fetch_add_explicit(&breakpoint->refs, 1, memory_order_relaxed);
	return breakpoint;
}

void utrace_breakpoint_unref(utrace_breakpoint *breakpoint)
{
	if (!breakpoint || atomic_fetch_sub_explicit(&breakpoint->refs, 1, memory_order_acq_rel) != 1)
		return;
	utrace_thread_unref(breakpoint->thread);
	utrace_process_unref(breakpoint->process);
	free(breakpoint->steps);
	free(breakpoint);
}

static int enable_software(utrace_breakpoint *breakpoint, struct utrace_error *error)
{
	struct ut__space *space = breakpoint->process->space;
	int status = ut__scratch_find(breakpoint->process, error);

	if (status)
		return status;
	breakpoint->site->users++;
	status = ut__space_insert(space, breakpoint->site, error);
	if (status)
		breakpoint->site->users--;
	return status;
}

static bool is_hardware(const utrace_breakpoint *breakpoint)
{
	return breakpoint->kind != UTRACE_BREAKPOINT_SOFTWARE;
}

static int enable(utrace_breakpoint *breakpoint, struct utrace_error *error)
{
	return is_hardware(breakpoint) ? ut__watch_enable(breakpoint, error) : enable_software(breakpoint, error);
}

static int register_hardware(utrace_breakpoint *breakpoint, struct utrace_error *error)
{
	int status;

	/* In its list first: the process may end while the threads are asked. */
	ut__list_append(&breakpoint->process->watches, &breakpoint->in_list);
	status = breakpoint->enabled ? ut__watch_enable(breakpoint, error) : UTRACE_OK;
	if (status)
		ut__list_remove(&breakpoint->in_list);
	return status;
}

static int register_software(utrace_breakpoint *breakpoint, struct utrace_error *error)
{
	int status = UTRACE_OK;

	breakpoint->site = ut__space_site(breakpoint->process->space, breakpoint->address);
	if (!breakpoint->site)
		return ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for a breakpoint.");
	if (breakpoint->enabled)
		status = enable_software(breakpoint, error);
	if (!status)
		ut__list_append(&breakpoint->site->breakpoints, &breakpoint->in_list);
	return status;
}

utrace_breakpoint *ut__breakpoint_internal(utrace_process *process, const struct utrace_breakpoint_options *options)
{
	utrace_breakpoint *made = create(process, options);

	if (!made)
		return NULL;
	made->internal = true;
	made->not_inherited = true;
	if (register_software(made, NULL) == UTRACE_OK)
		return utrace_breakpoint_ref(made);
	utrace_breakpoint_unref(made);
	return NULL;
}

static ssize_t run_insert(struct ut__request *request)
{
	utrace_breakpoint *made = create(request->process, request->in);
	int status;

	if (!made)
		return ut__fail(request->error, UTRACE_NO_MEMORY, ENOMEM, "No memory for a breakpoint.");
	status = is_hardware(made) ? register_hardware(made, request->error) : register_software(made, request->error);
	if (status) {
		utrace_breakpoint_unref(made);
		return status;
	}
	*(utrace_breakpoint **)request->out = utrace_breakpoint_ref(made);
	return UTRACE_OK;
}

static int check_options(const struct utrace_breakpoint_options *options, const utrace_process *process,
			 struct utrace_error *error)
{
	if (options->kind > UTRACE_WATCH_ACCESS)
		return ut__fail(error, UTRACE_INVALID, 0, "kind is %u, which is no enum utrace_breakpoint_kind.",
				options->kind);
	if (options->kind >= UTRACE_WATCH_WRITE && (!options->length || options->length > WATCH_MAX))
		return ut__fail(error, UTRACE_INVALID, 0, "length is %u; a watchpoint has 1 to %d bytes.",
				options->length, WATCH_MAX);
	if (options->thread && utrace_thread_process(options->thread) != process)
		return ut__fail(error, UTRACE_INVALID, 0, "The thread is of another process.");
	return ut__condition_check(options->steps, options->step_count, error);
}

int utrace_breakpoint_insert(utrace_process *process, const struct utrace_breakpoint_options *options,
			     utrace_breakpoint **breakpoint, struct utrace_error *error)
{
	struct utrace_breakpoint_options full;
	struct ut__request request = {.run = run_insert,
				      .needs = UT__NEEDS_LIVE,
				      .alive = true,
				      .process = process,
				      .in = &full,
				      .out = breakpoint,
				      .error = error};
	int status = ut__options_copy(&full, sizeof(full), options, error);

	*breakpoint = NULL;
	if (!status)
		status = check_options(&full, process, error);
	return status ? status : (int)ut__request_run(&request);
}

static void leave_registry(utrace_breakpoint *breakpoint)
{
	ut__list_remove(&breakpoint->in_list);
	atomic_store(&breakpoint->gone, true);
	breakpoint->site = NULL;
	utrace_breakpoint_unref(breakpoint);
}

static void disable(utrace_breakpoint *breakpoint)
{
	if (!breakpoint->enabled)
		return;
	breakpoint->enabled = false;
	if (is_hardware(breakpoint)) {
		ut__watch_disable(breakpoint);
		return;
	}
	breakpoint->site->users--;
	ut__space_remove(breakpoint->process->space, breakpoint->site);
}

void ut__breakpoint_drop(utrace_breakpoint *breakpoint)
{
	if (atomic_load(&breakpoint->gone))
		return;
	disable(breakpoint);
	leave_registry(breakpoint);
}

void ut__breakpoint_kill(utrace_breakpoint *breakpoint)
{
	breakpoint->died = true;
	leave_registry(breakpoint);
}

void ut__breakpoint_kill_all(struct ut__site *site)
{
	while (!ut__list_empty(&site->breakpoints))
		ut__breakpoint_kill(UT__ENTRY(site->breakpoints.next, utrace_breakpoint, in_list));
}

void ut__breakpoint_drop_of(struct ut__space *space, const utrace_process *process)
{
	for (size_t i = 0; i < space->count; i++) {
		struct ut__list *node;
		struct ut__list *safe;

		UT__LIST_EACH (node, safe, &space->sites[i]->breakpoints) {
			utrace_breakpoint *breakpoint = UT__ENTRY(node, utrace_breakpoint, in_list);

			if (breakpoint->process != process)
				continue;
			breakpoint->died = true;
			ut__breakpoint_drop(breakpoint);
		}
	}
}

static struct utrace_breakpoint_options options_of(const utrace_breakpoint *breakpoint)
{
	return (struct utrace_breakpoint_options){.size = sizeof(struct utrace_breakpoint_options),
						  .address = breakpoint->address,
						  .kind = breakpoint->kind,
						  .length = breakpoint->length,
						  .frame = breakpoint->frame,
						  .ignore = breakpoint->ignore,
						  .temporary = breakpoint->temporary,
						  .disabled = !breakpoint->enabled,
						  .inherited = breakpoint->inherited,
						  .condition = breakpoint->condition,
						  .data = atomic_load(&breakpoint->data),
						  .steps = breakpoint->steps ? breakpoint->steps->steps : NULL,
						  .step_count = breakpoint->steps ? breakpoint->steps->count : 0};
}

utrace_breakpoint *ut__breakpoint_copy(const utrace_breakpoint *breakpoint, utrace_process *child)
{
	struct utrace_breakpoint_options options = options_of(breakpoint);

	return create(child, &options);
}

void ut__breakpoint_inherit(const struct ut__site *from, struct ut__site *to, utrace_process *child)
{
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, &from->breakpoints) {
		const utrace_breakpoint *breakpoint = UT__ENTRY(node, utrace_breakpoint, in_list);
		utrace_breakpoint *copy;

		if (breakpoint->not_inherited || breakpoint->thread)
			continue;
		copy = ut__breakpoint_copy(breakpoint, child);
		if (!copy)
			return;
		copy->site = to;
		to->users += copy->enabled;
		ut__list_append(&to->breakpoints, &copy->in_list);
	}
}

static int check_present(struct ut__request *request, const utrace_breakpoint *breakpoint)
{
	if (!atomic_load(&breakpoint->gone))
		return UTRACE_OK;
	return ut__fail(request->error, UTRACE_DEAD, 0, "The breakpoint at 0x%llx is gone: %s.",
			(unsigned long long)breakpoint->address,
			breakpoint->died ? "its program has ended, or runs another one" : "it was removed");
}

static ssize_t run_remove(struct ut__request *request)
{
	ut__breakpoint_drop(request->out);
	return UTRACE_OK;
}

int utrace_breakpoint_remove(utrace_breakpoint *breakpoint, struct utrace_error *error)
{
	struct utrace_error own;
	struct ut__request request = {.run = run_remove,
				      .needs = UT__NEEDS_LIVE,
				      .process = breakpoint->process,
				      .out = breakpoint,
				      .error = &own};
	int status = (int)ut__request_run(&request);

	/* What has ended, perhaps just now, took it along. */
	if (status == UTRACE_DEAD || status == UTRACE_NOT_ATTACHED)
		return UTRACE_OK;
	if (status && error)
		*error = own;
	return status;
}

static ssize_t run_set_enabled(struct ut__request *request)
{
	utrace_breakpoint *breakpoint = request->out;
	int status = check_present(request, breakpoint);

	if (status)
		return status;
	if (!request->choice) {
		disable(breakpoint);
		return UTRACE_OK;
	}
	/* One that is enabled may have lost its trap. */
	if (breakpoint->enabled)
		return is_hardware(breakpoint)
			       ? UTRACE_OK
			       : ut__space_insert(breakpoint->process->space, breakpoint->site, request->error);
	status = enable(breakpoint, request->error);
	breakpoint->enabled = status == UTRACE_OK;
	return status;
}

int utrace_breakpoint_set_enabled(utrace_breakpoint *breakpoint, int enabled, struct utrace_error *error)
{
	struct ut__request request = {.run = run_set_enabled,
				      .needs = UT__NEEDS_LIVE,
				      .process = breakpoint->process,
				      .out = breakpoint,
				      .choice = enabled != 0,
				      .error = error};

	return (int)ut__request_run(&request);
}

static ssize_t run_set_ignore(struct ut__request *request)
{
	utrace_breakpoint *breakpoint = request->out;
	int status = check_present(request, breakpoint);

	if (!status)
		breakpoint->ignore = request->number;
	return status;
}

int utrace_breakpoint_set_ignore(utrace_breakpoint *breakpoint, uint64_t ignore, struct utrace_error *error)
{
	struct ut__request request = {.run = run_set_ignore,
				      .needs = UT__NEEDS_LIVE,
				      .process = breakpoint->process,
				      .out = breakpoint,
				      .number = ignore,
				      .error = error};

	return (int)ut__request_run(&request);
}

struct new_condition {
	utrace_breakpoint_condition *condition;
	void *data;
};

static ssize_t run_set_condition(struct ut__request *request)
{
	const struct new_condition *change = request->in;
	utrace_breakpoint *breakpoint = request->out;
	int status = check_present(request, breakpoint);

	if (status)
		return status;
	breakpoint->condition = change->condition;
	atomic_store(&breakpoint->data, change->data);
	return UTRACE_OK;
}

int utrace_breakpoint_set_condition(utrace_breakpoint *breakpoint, utrace_breakpoint_condition *condition, void *data,
				    struct utrace_error *error)
{
	struct new_condition change = {condition, data};
	struct ut__request request = {.run = run_set_condition,
				      .needs = UT__NEEDS_LIVE,
				      .process = breakpoint->process,
				      .in = &change,
				      .out = breakpoint,
				      .error = error};

	return (int)ut__request_run(&request);
}

static ssize_t run_set_steps(struct ut__request *request)
{
	utrace_breakpoint *breakpoint = request->out;
	struct ut__condition *made = NULL;
	int status = check_present(request, breakpoint);

	if (!status)
		status = ut__condition_make(request->in, request->size, &made, request->error);
	if (status)
		return status;
	free(breakpoint->steps);
	breakpoint->steps = made;
	return UTRACE_OK;
}

int utrace_breakpoint_set_steps(utrace_breakpoint *breakpoint, const struct utrace_condition_step *steps, size_t count,
				struct utrace_error *error)
{
	struct ut__request request = {.run = run_set_steps,
				      .needs = UT__NEEDS_LIVE,
				      .process = breakpoint->process,
				      .in = steps,
				      .size = count,
				      .out = breakpoint,
				      .error = error};

	return (int)ut__request_run(&request);
}

uint64_t utrace_breakpoint_address(const utrace_breakpoint *breakpoint)
{
	return breakpoint->address;
}

uint64_t utrace_breakpoint_hits(const utrace_breakpoint *breakpoint)
{
	return atomic_load(&breakpoint->hits);
}

utrace_process *utrace_breakpoint_process(const utrace_breakpoint *breakpoint)
{
	return breakpoint->process;
}

void *utrace_breakpoint_data(const utrace_breakpoint *breakpoint)
{
	return atomic_load(&breakpoint->data);
}

static ssize_t run_is_inserted(struct ut__request *request)
{
	const utrace_breakpoint *breakpoint = request->in;

	if (atomic_load(&breakpoint->gone) || !breakpoint->enabled)
		return 0;
	if (is_hardware(breakpoint))
		return 1;
	return breakpoint->site->inserted && ut__space_has_trap(request->process->space, breakpoint->site);
}

int utrace_breakpoint_is_inserted(const utrace_breakpoint *breakpoint)
{
	struct ut__request request = {
		.run = run_is_inserted, .needs = UT__NEEDS_LIVE, .process = breakpoint->process, .in = breakpoint};

	return ut__request_run(&request) == 1;
}

static ssize_t run_hits(struct ut__request *request)
{
	const utrace_thread *thread = request->thread;
	utrace_breakpoint **hits = request->out;

	for (size_t i = 0; i < thread->hit_count && i < request->size; i++)
		hits[i] = utrace_breakpoint_ref(thread->hits[i]);
	return (ssize_t)thread->hit_count;
}

int utrace_thread_hits(utrace_thread *thread, utrace_breakpoint **hits, size_t count, struct utrace_error *error)
{
	struct ut__request request = {.run = run_hits,
				      .needs = UT__NEEDS_HELD,
				      .thread = thread,
				      .out = (void *)hits,
				      .size = count,
				      .error = error};

	return (int)ut__request_run(&request);
}

static size_t list_all(const struct ut__list *head, const utrace_process *process, utrace_breakpoint **list,
		       size_t count, size_t room)
{
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, head) {
		utrace_breakpoint *breakpoint = UT__ENTRY(node, utrace_breakpoint, in_list);

		if (breakpoint->process != process || breakpoint->internal)
			continue;
		if (count < room)
			list[count] = utrace_breakpoint_ref(breakpoint);
		count++;
	}
	return count;
}

static ssize_t run_breakpoints(struct ut__request *request)
{
	const struct ut__space *space = request->process->space;
	size_t count = 0;

	for (size_t i = 0; i < space->count; i++)
		count = list_all(&space->sites[i]->breakpoints, request->process, request->out, count, request->size);
	count = list_all(&request->process->watches, request->process, request->out, count, request->size);
	return (ssize_t)count;
}

int utrace_process_breakpoints(utrace_process *process, utrace_breakpoint **breakpoints, size_t count,
			       struct utrace_error *error)
{
	struct ut__request request = {.run = run_breakpoints,
				      .needs = UT__NEEDS_LIVE,
				      .process = process,
				      .out = (void *)breakpoints,
				      .size = count,
				      .error = error};

	return (int)ut__request_run(&request);
}
