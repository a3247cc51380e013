/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/corefile.c - opening core files, and what they say of themselves.
 */
#include <utrace/core.h>

#include <string.h>

#include "core/handle.h"
#include "util/status.h"
#include "core/request.h"
#include "core/state.h"

struct opening {
	const char *path;
	struct utrace_core_options options;
};

static ssize_t run_open(struct ut__request *request)
{
	const struct opening *opening = request->in;
	const struct ut__core_ops *core = request->session->ops->core;
	utrace_process *process;
	int status;

	if (!core)
		return ut__fail(request->error, UTRACE_UNSUPPORTED, 0,
				"A %s session traces live processes. Open one of UTRACE_BACKEND_CORE for core files.",
				request->session->ops->name);
	process = ut__process_create(request->session, 0, request->error);
	if (!process)
		return UTRACE_NO_MEMORY;
	process->end_policy = UTRACE_END_LET_RUN;
	utrace_process_ref(process);
	ut__state_add_process(process);
	status = core->open(process, opening->path, &opening->options, request->error);
	if (status) {
		ut__process_abandon(request->session, process);
		return status;
	}
	*(utrace_process **)request->out = process;
	return UTRACE_OK;
}

int utrace_core_open(utrace_session *session, const char *path, const struct utrace_core_options *options,
		     utrace_process **process, struct utrace_error *error)
{
	struct opening opening = {.path = path};
	struct ut__request request = {
		.run = run_open, .session = session, .in = &opening, .out = process, .error = error};
	int status = ut__options_copy(&opening.options, sizeof(opening.options), options, error);

	*process = NULL;
	if (!status && (!session || !path))
		status = ut__fail(error, UTRACE_INVALID, 0, "A core file needs a session and a path.");
	return status ? status : (int)ut__request_run(&request);
}

int utrace_process_is_core(const utrace_process *process)
{
	return process->is_core;
}

static ssize_t run_describe(struct ut__request *request)
{
	if (!request->session->ops->core)
		return ut__fail(request->error, UTRACE_INVALID, 0, "Process %d is no core file's.",
				request->process->pid);
	request->session->ops->core->describe(request->process, request->out);
	return UTRACE_OK;
}

int utrace_core_describe(utrace_process *process, struct utrace_core_description *description,
			 struct utrace_error *error)
{
	struct utrace_core_description full = {.size = sizeof(full)};
	struct ut__request request = {
		.run = run_describe, .needs = UT__NEEDS_LIVE, .process = process, .out = &full, .error = error};
	int status = ut__request_run(&request);

	return status ? status : ut__store(description, &full, sizeof(full), error);
}
