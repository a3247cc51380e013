/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/function.c - calling a function in the tracee; see call.h and function.h.
 *
 * The thread is given the registers of a call that returns to the program's entry point, which nothing executes any more,
 * where a breakpoint of the library's own waits for it in this frame. (getauxval(3), AT_ENTRY)
 * When it comes there, or anywhere else, it stands inside the kernel's signal code, so with its old registers the decision
 * whether an interrupted system call is restarted is still to come, and falls as it would have fallen; and a signal that was
 * about to be delivered can be.  Only at the entry of a system call another way is needed: the call is skipped, and made once
 * more from its instruction, up to its entry.
 */
#include "core/function.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utrace/call.h>
#include <utrace/facts.h>

#include "core/breakpoint.h"
#include "core/request.h"
#include "core/state.h"
#include "core/step.h"
#include "util/clock.h"
#include "util/status.h"

enum { DEFAULT_MS = 10000, GRACE_MS = 2000 };

/* Everything that a held thread is, but its memory. */
struct saved {
	struct ut__registers registers;
	struct ut__function_state state;
	int state_set; /* enum utrace_regset */
	uint64_t mask;
	uint32_t hold_reason;
	siginfo_t hold_signal;
	bool signal_corrected, watches_call;
	struct ut__call call;
	utrace_breakpoint **hits;
	size_t hit_count, hit_room;
	struct ut__due due, restart;
	struct ut__step step;
};

/* One call, on the tracer thread. */
struct call {
	utrace_thread *thread;
	utrace_session *session;
	const struct utrace_call_options *options;
	struct utrace_call_result *result;
	struct utrace_error *error;
	struct ut__errand errand;
	struct saved saved;
	uint64_t back; /* where the function returns to */
	uint64_t deadline;
	bool started; /* the thread has run since it was saved */
};

bool ut__errand_holds(utrace_thread *thread, const struct utrace_event *event)
{
	struct ut__errand *errand = thread->errand;

	if (event->reason == UTRACE_EVENT_SYSCALL_ENTRY)
		return errand->entering;
	if (event->reason != UTRACE_EVENT_SIGNAL)
		return event->reason == UTRACE_EVENT_EXEC;
	if (event->u.signal.info.si_signo != SIGSTOP)
		return true;
	errand->stop_again = event->u.signal.info;
	thread->hold_signal.si_signo = 0;
	return false;
}

bool ut__errand_catch(utrace_thread *thread, const struct utrace_event *event)
{
	struct ut__errand *errand = thread->errand;

	errand->caught = true;
	errand->reason = event->reason;
	if (event->reason == UTRACE_EVENT_SIGNAL)
		errand->info = event->u.signal.info;
	if (thread->stop_request == errand->stop_request)
		thread->stop_request = 0;
	return event->reason != UTRACE_EVENT_EXEC;
}

/* ---- before ---- */

static bool can_run(const utrace_thread *thread)
{
	switch (thread->hold_reason) {
	case UTRACE_EVENT_CREATE:
	case UTRACE_EVENT_VFORK_DONE:
	case UTRACE_EVENT_EXEC:
	case UTRACE_EVENT_EXITING:
	case UTRACE_EVENT_JOB_STOP:
		return false;
	default:
		return true;
	}
}

static int check(const struct call *call)
{
	const utrace_thread *thread = call->thread;
	pid_t tid = atomic_load(&thread->tid);

	if (call->session->in_condition || thread->errand)
		return ut__fail(call->error, UTRACE_WRONG_STATE, 0,
				"A breakpoint's condition can't call functions: nothing may wait in it.");
	if (atomic_load(&thread->event_queued))
		return ut__fail(
			call->error, UTRACE_NOT_STOPPED, 0,
			"Thread %d is held by an event that was not taken yet; take it with utrace_session_next.", tid);
	if (!can_run(thread))
		return ut__fail(
			call->error, UTRACE_WRONG_STATE, 0,
			"Thread %d is held by %s, where it can run no function. Resume it to another stop first.", tid,
			utrace_reason_name(thread->hold_reason));
	if (!call->session->ops->signal_mask)
		return ut__fail(call->error, UTRACE_UNSUPPORTED, 0, "The %s backend can't call functions.",
				call->session->ops->name);
	return UTRACE_OK;
}

static int save_state(struct call *call)
{
	struct ut__function_state *state = &call->saved.state;
	const struct ut__backend *ops = call->session->ops;
	ssize_t size;

	call->saved.state_set = UTRACE_REGSET_XSTATE;
	size = ops->regset_get(call->thread, UTRACE_REGSET_XSTATE, state->bytes, sizeof(state->bytes), call->error);
	/* The beginning is the same on x86-64; i386 without it has another layout. */
	if (size == UTRACE_UNSUPPORTED && call->saved.registers.arch->word == 8) {
		call->saved.state_set = UTRACE_REGSET_FLOAT;
		size = ops->regset_get(call->thread, UTRACE_REGSET_FLOAT, state->bytes, sizeof(state->bytes),
				       call->error);
	}
	if (size > (ssize_t)sizeof(state->bytes))
		return ut__fail(call->error, UTRACE_UNSUPPORTED, 0, "The thread's vector registers are too many.");
	state->size = size > 0 ? (size_t)size : 0;
	return size < 0 ? (int)size : UTRACE_OK;
}

/* All signals but those that an instruction causes, which the kernel would force, and reset their handlers for it. */
static uint64_t quiet_mask(void)
{
	static const int caused[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS};
	uint64_t mask = ~UINT64_C(0);

	for (size_t i = 0; i < sizeof(caused) / sizeof(caused[0]); i++)
		mask &= ~(UINT64_C(1) << (caused[i] - 1));
	return mask;
}

/* The thread's own facts are put away, so that nothing of the errand touches them. */
static int save(struct call *call)
{
	utrace_thread *thread = call->thread;
	struct saved *saved = &call->saved;
	struct ut__registers *registers;
	int status = ut__sink_registers(thread, &registers, call->error);

	if (status)
		return status;
	saved->registers = *registers;
	status = save_state(call);
	if (!status)
		status = call->session->ops->signal_mask(thread, quiet_mask(), &saved->mask, call->error);
	if (status)
		return status;
	saved->hold_reason = thread->hold_reason;
	saved->hold_signal = thread->hold_signal;
	saved->signal_corrected = thread->signal_corrected;
	saved->watches_call = thread->watches_call;
	saved->call = thread->call;
	saved->hits = thread->hits;
	saved->hit_count = thread->hit_count;
	saved->hit_room = thread->hit_room;
	saved->due = thread->due;
	saved->restart = thread->restart;
	saved->step = thread->step;
	thread->hold_signal.si_signo = 0;
	thread->signal_corrected = false;
	thread->watches_call = false;
	thread->call = (struct ut__call){0};
	thread->hits = NULL;
	thread->hit_count = 0;
	thread->hit_room = 0;
	thread->due.valid = false;
	thread->restart.valid = false;
	thread->step = (struct ut__step){.kind = UT__STEP_ONE};
	return UTRACE_OK;
}

/* ---- after ---- */

static void restore_facts(struct call *call)
{
	utrace_thread *thread = call->thread;
	const struct saved *saved = &call->saved;

	ut__step_cancel(thread);
	for (size_t i = 0; i < thread->hit_count; i++)
		utrace_breakpoint_unref(thread->hits[i]);
	free((void *)thread->hits);
	thread->hold_reason = saved->hold_reason;
	thread->hold_signal = saved->hold_signal;
	/* The kernel has forgotten its siginfo, or has that of our trap. */
	thread->signal_corrected = saved->signal_corrected || saved->hold_signal.si_signo;
	thread->watches_call = saved->watches_call;
	thread->call = saved->call;
	thread->hits = saved->hits;
	thread->hit_count = saved->hit_count;
	thread->hit_room = saved->hit_room;
	thread->due = saved->due;
	thread->restart = saved->restart;
	thread->step = saved->step;
	if (call->errand.stop_again.si_signo && !thread->hold_signal.si_signo) {
		thread->hold_signal = call->errand.stop_again;
		thread->signal_corrected = true;
	}
}

static void write_registers(struct call *call, const struct ut__registers *registers)
{
	struct ut__registers *own = &call->thread->registers;

	*own = *registers;
	own->dirty = true;
	ut__sink_flush_registers(call->thread);
}

static bool wait_caught(struct call *call, uint64_t deadline);

/* What was put away is of no use any more: the thread has ended, or runs another program. */
static void forget(struct call *call)
{
	struct saved *saved = &call->saved;

	for (size_t i = 0; i < saved->hit_count; i++)
		utrace_breakpoint_unref(saved->hits[i]);
	free((void *)saved->hits);
	if (!saved->step.away)
		return;
	ut__breakpoint_drop(saved->step.away);
	utrace_breakpoint_unref(saved->step.away);
}

/* Back to the entry of the call that was skipped: its instruction is executed again. */
static bool enter_again(struct call *call)
{
	const struct ut__arch *arch = call->saved.registers.arch;
	struct ut__registers registers = call->saved.registers;
	struct ut__resume how = {.calls = call->thread->process->filter_place != UTRACE_FILTER_IN_KERNEL};
	uint64_t pc = ut__arch_load(registers.set, arch->pc, arch->word);
	uint64_t number = ut__arch_load(registers.set, arch->call_number, arch->word);

	/* One that the caller has skipped must come there all the same. */
	if ((int32_t)number < 0)
		number = (uint64_t)call->saved.call.entry.number;
	ut__arch_store(registers.set, arch->pc, arch->word, pc - arch->instruction_size);
	ut__arch_store(registers.set, arch->call_result, arch->word, number);
	ut__arch_store(registers.set, arch->call_number, arch->word, (uint64_t)arch->no_call);
	write_registers(call, &registers);
	call->errand.entering = true;
	call->errand.caught = false;
	ut__state_resume(call->thread, &how);
	return wait_caught(call, ut__clock_deadline(GRACE_MS)) && call->errand.reason == UTRACE_EVENT_SYSCALL_ENTRY;
}

static bool is_alive(const struct call *call)
{
	return atomic_load(&call->thread->state) != UT__THREAD_GONE;
}

/* false: the thread has ended on the way. */
static bool put_back(struct call *call)
{
	const struct saved *saved = &call->saved;
	utrace_thread *thread = call->thread;
	uint64_t mask;

	if (call->started && saved->hold_reason == UTRACE_EVENT_SYSCALL_ENTRY && !enter_again(call) && !is_alive(call))
		return false;
	(void)call->session->ops->regset_set(thread, saved->state_set, saved->state.bytes, saved->state.size, NULL);
	write_registers(call, &saved->registers);
	thread->registers = saved->registers;
	(void)call->session->ops->signal_mask(thread, saved->mask, &mask, NULL);
	return true;
}

/* ---- meanwhile ---- */

static bool wait_caught(struct call *call, uint64_t deadline)
{
	while (!call->errand.caught && is_alive(call)) {
		if ((deadline != UINT64_MAX && ut__clock_now() >= deadline) ||
		    atomic_exchange(&call->session->woken, false))
			return false;
		if (call->session->ops->pump(call->session, deadline, NULL) == UTRACE_SYSTEM)
			return false;
	}
	return call->errand.caught;
}

/* The breakpoint that the function returns to; it counts only with the stack pointer that the return leaves. */
static int await_return(struct call *call, uint64_t sp)
{
	struct utrace_breakpoint_options options = {
		.size = sizeof(options), .address = call->back, .thread = call->thread, .frame = sp};

	call->thread->step = (struct ut__step){.kind = UT__STEP_RANGE};
	call->thread->step.away = ut__breakpoint_internal(call->thread->process, &options);
	if (call->thread->step.away)
		return UTRACE_OK;
	return ut__fail(call->error, UTRACE_UNSUPPORTED, 0,
			"No breakpoint can be set at the program's entry point, where the function would return to.");
}

static int start(struct call *call)
{
	const struct utrace_call_options *options = call->options;
	struct ut__function function = {.address = options->function,
					.back = call->back,
					.stack = options->stack,
					.args = options->args,
					.arg_count = options->arg_count};
	struct ut__registers registers = call->saved.registers;
	struct ut__function_state state = call->saved.state;
	utrace_process *process = call->thread->process;
	struct ut__function_stack stack;
	struct ut__resume how = {0};
	int status;

	if (!registers.arch->begin_call(registers.arch, &function, registers.set, &state, &stack))
		return ut__fail(call->error, UTRACE_INVALID, 0, "The function has too many arguments.");
	if (ut__space_write(process, stack.address, stack.bytes, stack.size, NULL) != (ssize_t)stack.size) {
		status = ut__fail(call->error, UTRACE_FAULT, EFAULT, "The stack at %#llx can't be written.",
				  (unsigned long long)stack.address);
		if (call->error)
			call->error->address = stack.address;
		return status;
	}
	status = await_return(call, stack.address);
	if (!status)
		status = call->session->ops->regset_set(call->thread, call->saved.state_set, state.bytes, state.size,
							call->error);
	if (status)
		return status;
	call->thread->registers = registers;
	call->thread->registers.dirty = true;
	call->thread->errand = &call->errand;
	call->started = true;
	ut__state_resume(call->thread, &how);
	return UTRACE_OK;
}

/* ---- others ---- */

static void let_others_run(struct call *call)
{
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, &call->thread->process->threads) {
		utrace_thread *other = UT__ENTRY(node, utrace_thread, in_process);
		struct ut__resume how = {.signal = ut__state_pending_signal(other)};

		if (other == call->thread || atomic_load(&other->state) != UT__THREAD_HELD ||
		    atomic_load(&other->event_queued))
			continue;
		ut__step_cancel(other);
		other->lent = true;
		ut__state_resume(other, &how);
	}
}

/* Each is asked to stop, which will be told, and is waited for a while. */
static void stop_others(struct call *call)
{
	uint64_t deadline = ut__clock_deadline(GRACE_MS);
	utrace_process *process = call->thread->process;
	struct ut__list *node;
	struct ut__list *safe;
	bool all_held = false;

	UT__LIST_EACH (node, safe, &process->threads) {
		utrace_thread *other = UT__ENTRY(node, utrace_thread, in_process);

		if (other->lent && atomic_load(&other->state) == UT__THREAD_RUNNING && !other->stop_request)
			(void)ut__state_request_stop(other, UTRACE_STOP_NOW, NULL);
	}
	while (!all_held && !atomic_load(&process->gone) && ut__clock_now() < deadline) {
		all_held = true;
		UT__LIST_EACH (node, safe, &process->threads) {
			utrace_thread *other = UT__ENTRY(node, utrace_thread, in_process);

			all_held &= !other->lent || atomic_load(&other->state) == UT__THREAD_HELD;
		}
		if (!all_held)
			(void)call->session->ops->pump(call->session, deadline, NULL);
	}
	UT__LIST_EACH (node, safe, &process->threads)
		UT__ENTRY(node, utrace_thread, in_process)->lent = false;
}

/* ---- the end ---- */

static bool has_returned(struct call *call, const struct ut__registers *registers)
{
	call->result->pc = ut__arch_load(registers->set, registers->arch->pc, registers->arch->word);
	return call->result->pc == call->back && call->errand.reason == UTRACE_EVENT_STEPPED;
}

static int read_result(struct call *call, const struct ut__registers *registers)
{
	const struct ut__arch *arch = registers->arch;
	struct ut__function_state state = {.size = 0};
	ssize_t size = call->session->ops->regset_get(call->thread, call->saved.state_set, state.bytes,
						      sizeof(state.bytes), call->error);

	if (size < 0)
		return (int)size;
	arch->end_call(arch, registers->set, &state, call->options->result_kind, call->result);
	call->result->end = UTRACE_CALL_RETURNED;
	return UTRACE_OK;
}

static int fail_cut_short(struct call *call)
{
	struct utrace_call_result *result = call->result;

	if (call->errand.reason == UTRACE_EVENT_SIGNAL) {
		result->end = UTRACE_CALL_SIGNALLED;
		result->info = call->errand.info;
		return ut__fail(call->error, UTRACE_INTERRUPTED, 0,
				"The function got signal %d at %#llx. The thread is back where it was.",
				result->info.si_signo, (unsigned long long)result->pc);
	}
	result->end = UTRACE_CALL_BREAKPOINT;
	return ut__fail(call->error, UTRACE_INTERRUPTED, 0,
			"The function came to a breakpoint at %#llx. The thread is back where it was.",
			(unsigned long long)result->pc);
}

static int fail_gone(struct call *call)
{
	call->result->end = UTRACE_CALL_ENDED;
	return ut__fail_dead(call->error, atomic_load(&call->thread->tid));
}

/* The thread is held, or gone; decides what that means before anything is put back. */
static int judge(struct call *call, bool in_time)
{
	struct ut__registers *registers;
	int status;

	if (!is_alive(call))
		return fail_gone(call);
	if (call->errand.reason == UTRACE_EVENT_EXEC) {
		call->result->end = UTRACE_CALL_EXECUTED;
		return ut__fail(call->error, UTRACE_WRONG_STATE, 0, "The function has executed another program.");
	}
	status = ut__sink_registers(call->thread, &registers, call->error);
	if (status)
		return status;
	if (has_returned(call, registers))
		return read_result(call, registers);
	if (in_time)
		return fail_cut_short(call);
	call->result->end = UTRACE_CALL_TIMED_OUT;
	return ut__fail(call->error, UTRACE_TIMED_OUT, ETIMEDOUT,
			"The function did not return in time; it was at %#llx. The thread is back where it was.",
			(unsigned long long)call->result->pc);
}

static int fail_lost(struct call *call)
{
	call->result->end = UTRACE_CALL_TIMED_OUT;
	return ut__fail(call->error, UTRACE_TIMED_OUT, ETIMEDOUT,
			"The function did not return in time, and thread %d does not stop. It is told when it does.",
			atomic_load(&call->thread->tid));
}

/* Waits for the function; a thread that is not there in time is stopped. */
static int carry_out(struct call *call)
{
	bool in_time = wait_caught(call, call->deadline);

	if (!in_time && is_alive(call)) {
		if (!call->thread->stop_request && !ut__state_request_stop(call->thread, UTRACE_STOP_NOW, NULL))
			call->errand.stop_request = call->thread->stop_request;
		(void)wait_caught(call, ut__clock_deadline(GRACE_MS));
	}
	if (!call->errand.caught && is_alive(call))
		return fail_lost(call);
	return judge(call, in_time);
}

/* Undoes it, as far as there is something left to be undone. */
static void finish(struct call *call)
{
	bool is_replaced = call->errand.reason == UTRACE_EVENT_EXEC;
	uint64_t mask;

	if (call->started && (!is_alive(call) || !call->errand.caught || is_replaced)) {
		forget(call);
		if (is_replaced && is_alive(call))
			(void)call->session->ops->signal_mask(call->thread, call->saved.mask, &mask, NULL);
	} else if (put_back(call)) {
		restore_facts(call);
	} else {
		forget(call);
	}
	call->thread->errand = NULL;
}

static ssize_t run_call(struct ut__request *request)
{
	struct call *call = request->out;
	int status;

	call->session = request->session;
	call->errand.pass_breakpoints = call->options->pass_breakpoints;
	status = check(call);
	if (!status)
		status = save(call);
	if (status)
		return status;
	if (call->options->run_others)
		let_others_run(call);
	status = start(call);
	if (!status)
		status = carry_out(call);
	finish(call);
	if (call->options->run_others)
		stop_others(call);
	return status;
}

static int check_options(const struct utrace_call_options *options, struct utrace_error *error)
{
	if (options->arg_count && !options->args)
		return ut__fail(error, UTRACE_INVALID, 0, "There are %zu arguments, but args is NULL.",
				options->arg_count);
	if (options->result_kind > UTRACE_CALL_LONG_DOUBLE)
		return ut__fail(error, UTRACE_INVALID, 0, "result_kind is %u, which is no enum utrace_call_kind.",
				options->result_kind);
	for (size_t i = 0; i < options->arg_count; i++) {
		if (options->args[i].kind >= UTRACE_CALL_LONG_DOUBLE)
			return ut__fail(error, UTRACE_INVALID, 0, "Argument %zu is of kind %u, which can't be passed.",
					i, options->args[i].kind);
	}
	return UTRACE_OK;
}

static uint64_t deadline_of(int32_t timeout_ms)
{
	return timeout_ms < 0 ? UINT64_MAX : ut__clock_deadline(timeout_ms ? timeout_ms : DEFAULT_MS);
}

int utrace_thread_call(utrace_thread *thread, const struct utrace_call_options *options,
		       struct utrace_call_result *result, struct utrace_error *error)
{
	struct utrace_call_result full_result = {.size = sizeof(full_result), .end = UTRACE_CALL_BREAKPOINT};
	struct utrace_call_options full;
	struct call call = {.thread = thread, .options = &full, .result = &full_result, .error = error};
	struct ut__request request = {.run = run_call,
				      .needs = UT__NEEDS_HELD,
				      .alive = true,
				      .thread = thread,
				      .out = &call,
				      .error = error};
	int status = ut__options_copy(&full, sizeof(full), options, error);

	if (!status)
		status = result ? check_options(&full, error) : ut__fail(error, UTRACE_INVALID, 0, "result is NULL.");
	if (!status)
		status = utrace_process_auxv(utrace_thread_process(thread), AT_ENTRY, &call.back, error);
	if (status)
		return status;
	call.deadline = deadline_of(full.timeout_ms);
	status = (int)ut__request_run(&request);
	if (ut__store(result, &full_result, sizeof(full_result), status ? NULL : error) && !status)
		return UTRACE_INVALID;
	return status;
}
