/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/syscall.c - edits of a system call in flight, and calls of our own.
 *
 * Edits go to the register set of the held thread, at the places where the ABI of this very call has them: int 0x80 from
 * 64-bit code has its arguments in other registers than syscall.
 */
#include <utrace/syscall.h>

#include "core/request.h"

static int check_hold(struct ut__request *request, uint32_t reason)
{
	if (request->thread->hold_reason == reason)
		return UTRACE_OK;
	return ut__fail(request->error, UTRACE_WRONG_STATE, 0, "Thread %d is held by %s; this needs %s.",
			atomic_load(&request->thread->tid), utrace_reason_name(request->thread->hold_reason),
			utrace_reason_name(reason));
}

static int get_call(struct ut__request *request, struct ut__registers **registers, const struct ut__arch_call **call)
{
	int status = ut__sink_registers(request->thread, registers, request->error);

	if (status)
		return status;
	*call = ut__arch_call((*registers)->arch, request->thread->call.entry.abi);
	if (*call)
		return UTRACE_OK;
	return ut__fail(request->error, UTRACE_UNSUPPORTED, 0, "System calls of ABI %u can't be edited.",
			request->thread->call.entry.abi);
}

static void store_number(struct ut__registers *registers, const struct ut__arch_call *call, int64_t number)
{
	uint64_t raw = number < 0 ? (uint64_t)number : (uint64_t)number | call->number_bits;

	ut__arch_store(registers->set, registers->arch->call_number, registers->arch->word, raw);
	registers->dirty = true;
}

static ssize_t run_rewrite(struct ut__request *request)
{
	const uint64_t *args = request->in;
	struct ut__registers *registers;
	const struct ut__arch_call *call;
	int status = check_hold(request, UTRACE_EVENT_SYSCALL_ENTRY);

	if (!status)
		status = get_call(request, &registers, &call);
	if (status)
		return status;
	store_number(registers, call, (int64_t)request->number);
	for (int i = 0; i < 6; i++)
		ut__arch_store(registers->set, call->args[i], registers->arch->word,
			       call->arg_size == 4 ? (uint32_t)args[i] : args[i]);
	return UTRACE_OK;
}

int utrace_syscall_rewrite(utrace_thread *thread, int64_t number, const uint64_t args[6], struct utrace_error *error)
{
	struct ut__request request = {.run = run_rewrite,
				      .needs = UT__NEEDS_HELD,
				      .thread = thread,
				      .in = args,
				      .number = (uint64_t)number,
				      .error = error};

	if (!args)
		return ut__fail(error, UTRACE_INVALID, 0, "args is NULL.");
	return (int)ut__request_run(&request);
}

/* The result is set now, where the architecture lets it survive, and once more at exit, where it does not. */
static ssize_t run_skip(struct ut__request *request)
{
	struct ut__registers *registers;
	const struct ut__arch_call *call;
	int status = check_hold(request, UTRACE_EVENT_SYSCALL_ENTRY);

	if (!status)
		status = get_call(request, &registers, &call);
	if (status)
		return status;
	store_number(registers, call, -1);
	ut__arch_store(registers->set, registers->arch->call_result, registers->arch->word, request->number);
	request->thread->call.result_set = true;
	request->thread->call.result = (int64_t)request->number;
	return UTRACE_OK;
}

int utrace_syscall_skip(utrace_thread *thread, int64_t result, struct utrace_error *error)
{
	struct ut__request request = {
		.run = run_skip, .needs = UT__NEEDS_HELD, .thread = thread, .number = (uint64_t)result, .error = error};

	return (int)ut__request_run(&request);
}

static ssize_t run_set_result(struct ut__request *request)
{
	struct ut__registers *registers;
	int status = check_hold(request, UTRACE_EVENT_SYSCALL_EXIT);

	if (!status)
		status = ut__sink_registers(request->thread, &registers, request->error);
	if (status)
		return status;
	ut__arch_store(registers->set, registers->arch->call_result, registers->arch->word, request->number);
	registers->dirty = true;
	return UTRACE_OK;
}

int utrace_syscall_set_result(utrace_thread *thread, int64_t result, struct utrace_error *error)
{
	struct ut__request request = {.run = run_set_result,
				      .needs = UT__NEEDS_HELD,
				      .thread = thread,
				      .number = (uint64_t)result,
				      .error = error};

	return (int)ut__request_run(&request);
}

/* Calls after which the thread would not stand where it stood. */
static const char *const unfit[] = {"exit",         "exit_group", "execve",         "execveat",
				    "fork",         "vfork",      "clone",          "clone3",
				    "rt_sigreturn", "sigreturn",  "rt_sigprocmask", "sigprocmask"};

static bool is_unfit(uint32_t abi, int64_t number)
{
	for (size_t i = 0; i < sizeof(unfit) / sizeof(unfit[0]); i++) {
		if (utrace_syscall_number(abi, unfit[i]) == number)
			return true;
	}
	return number < 0;
}

static ssize_t run_inject(struct ut__request *request)
{
	struct ut__registers *registers;
	int status = ut__sink_registers(request->thread, &registers, request->error);

	if (status)
		return status;
	if (is_unfit(registers->arch->native.abi, (int64_t)request->number))
		return ut__fail(request->error, UTRACE_WRONG_STATE, 0,
				"System call %lld would not leave the thread where it stands.",
				(long long)request->number);
	return request->session->ops->inject(request->thread, (int64_t)request->number, request->in, request->out,
					     request->error);
}

int utrace_syscall_inject(utrace_thread *thread, int64_t number, const uint64_t args[6], int64_t *result,
			  struct utrace_error *error)
{
	struct ut__request request = {.run = run_inject,
				      .needs = UT__NEEDS_HELD,
				      .alive = true,
				      .thread = thread,
				      .in = args,
				      .out = result,
				      .number = (uint64_t)number,
				      .error = error};

	if (!args || !result)
		return ut__fail(error, UTRACE_INVALID, 0, "args or result is NULL.");
	return (int)ut__request_run(&request);
}
