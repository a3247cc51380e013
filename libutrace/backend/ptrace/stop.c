/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/ptrace/stop.c - what a ptrace-stop means, and telling the sink. (ptrace(2), "Stopped states")
 *
 * The traps that this file takes off the user: the same SIGTRAP for ten things, group-stops that look like signals,
 * interrupts that surface one stop too late, and a seccomp stop that may be the tracee's own filter's.
 */
#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>

#include "backend/ptrace/ptrace.h"

enum {
	CODE_TRAP_BRKPT =
		1, /* <asm-generic/siginfo.h>; also a step that ended with a system call (arch/x86/kernel/ptrace.c) */
	CODE_TRAP_TRACE = 2,
	CODE_KERNEL = 0x80, /* SI_KERNEL: a trap instruction (arch/x86/kernel/traps.c, do_int3_user) */
	CODE_HWBKPT = 4,    /* a debug register */
	CODE_NOTIFY = 5,    /* ptrace_notify(SIGTRAP): a step that ended at a signal handler (kernel/signal.c) */
};

static bool is_job_signal(int signal)
{
	return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

bool pt_is_step_trap(const siginfo_t *info)
{
	return info->si_signo == SIGTRAP &&
	       (info->si_code == CODE_TRAP_TRACE || info->si_code == CODE_TRAP_BRKPT || info->si_code == CODE_NOTIFY);
}

bool pt_is_trap(const siginfo_t *info)
{
	return info->si_signo == SIGTRAP && info->si_code == CODE_KERNEL;
}

bool pt_is_debug_trap(const siginfo_t *info)
{
	return info->si_signo == SIGTRAP && info->si_code == CODE_HWBKPT;
}

/* As it is told, or with its DR6 lost: see pt_is_lost_hit. */
static bool may_be_debug_trap(const siginfo_t *info)
{
	return info->si_signo == SIGTRAP &&
	       (info->si_code == CODE_HWBKPT || info->si_code == CODE_TRAP_BRKPT || info->si_code == CODE_TRAP_TRACE);
}

static bool is_pending(pid_t tid, bool (*is_it)(const siginfo_t *))
{
	siginfo_t queued[32] = {0};
	struct __ptrace_peeksiginfo_args args = {.off = 0, .flags = 0, .nr = 32};
	long count = pt_request(PTRACE_PEEKSIGINFO, tid, (unsigned long)&args, queued);

	for (long i = 0; i < count; i++) {
		if (is_it(&queued[i]))
			return true;
	}
	return false;
}

bool pt_step_trap_pending(pid_t tid)
{
	return is_pending(tid, pt_is_step_trap);
}

bool pt_owes_trap(utrace_thread *thread)
{
	return (ut__sink_owes_trap(thread) && is_pending(pt_tid(thread), pt_is_trap)) ||
	       (thread->debug_version && is_pending(pt_tid(thread), may_be_debug_trap));
}

static enum pt_stop event_kind(int event)
{
	switch (event) {
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_CLONE:
		return PT_STOP_CREATE;
	case PTRACE_EVENT_VFORK:
		return PT_STOP_VFORK;
	case PTRACE_EVENT_VFORK_DONE:
		return PT_STOP_VFORK_DONE;
	case PTRACE_EVENT_EXEC:
		return PT_STOP_EXEC;
	case PTRACE_EVENT_EXIT:
		return PT_STOP_EXITING;
	case PTRACE_EVENT_SECCOMP:
		return PT_STOP_SECCOMP;
	case PTRACE_EVENT_STOP:
		return PT_STOP_EVENT;
	default:
		return PT_STOP_SIGNAL;
	}
}

void pt_classify(struct pt_thread *pt, int status)
{
	int event = status >> 16;
	int signal = WSTOPSIG(status);

	pt->stopped = true;
	pt->signal = 0;
	if (signal == (SIGTRAP | 0x80)) {
		pt->stop = PT_STOP_EXIT; /* which of the two is asked for when it matters */
		return;
	}
	pt->stop = event_kind(event);
	if (pt->stop == PT_STOP_SIGNAL)
		pt->signal = signal;
	if (pt->stop != PT_STOP_EVENT)
		return;
	if (is_job_signal(signal))
		pt->group_signal = signal;
}

static bool get_info(utrace_thread *thread, struct __ptrace_syscall_info *info)
{
	struct pt_session *ps = pt_session_of(thread->process);

	if (ps->answer_of == thread) {
		*info = ps->answer;
		ps->answer_of = NULL;
		return true;
	}
	return pt_request(PTRACE_GET_SYSCALL_INFO, pt_tid(thread), sizeof(*info), info) > 0;
}

/* What a call's entry says; entry and seccomp stops have the same layout up to the arguments. (<linux/ptrace.h>) */
static struct utrace_event_syscall describe(const struct __ptrace_syscall_info *info)
{
	struct utrace_event_syscall call = {
		.number = (int64_t)info->entry.nr, .pc = info->instruction_pointer, .sp = info->stack_pointer};

	call.number = (int32_t)info->entry.nr;
	call.abi = ut__arch_abi(info->arch, &call.number);
	/* int 0x80 from 64-bit code leaves what it likes in the upper halves. */
	for (int i = 0; i < 6; i++)
		call.args[i] = call.abi == UTRACE_ABI_I386 ? (uint32_t)info->entry.args[i] : info->entry.args[i];
	return call;
}

/* Sets number and result of a call before it is carried out. */
static void preset(utrace_thread *thread, int64_t number, int64_t result)
{
	struct ut__registers *registers;

	thread->registers.arch = NULL;
	if (ut__sink_registers(thread, &registers, NULL))
		return;
	ut__arch_store(registers->set, registers->arch->call_number, registers->arch->word, (uint64_t)number);
	ut__arch_store(registers->set, registers->arch->call_result, registers->arch->word, (uint64_t)result);
	registers->dirty = true;
	ut__sink_flush_registers(thread);
}

/*
 * A child made with CLONE_UNTRACED would escape, and under a filter of ours its calls would fail.  clone's flag is
 * taken off; clone3, whose flags are in the tracee's memory, is answered as on a kernel that lacks it, and programs
 * then use clone.
 */
static void keep_child_traced(utrace_thread *thread, const struct utrace_event_syscall *call)
{
	const struct utrace_syscall_info *info = utrace_syscall_describe(call->abi, call->number);
	struct ut__registers *registers;
	const struct ut__arch_call *layout;
	uint64_t flags = 0;

	if (!info || strncmp(info->name, "clone", 5) != 0)
		return;
	if (strcmp(info->name, "clone3") == 0) {
		if (pt_read(thread->process, call->args[0], &flags, sizeof(flags), NULL) == sizeof(flags) &&
		    (flags & CLONE_UNTRACED))
			preset(thread, -1, -ENOSYS);
		return;
	}
	if (strcmp(info->name, "clone") != 0 || !(call->args[0] & CLONE_UNTRACED))
		return;
	thread->registers.arch = NULL;
	if (ut__sink_registers(thread, &registers, NULL))
		return;
	layout = ut__arch_call(registers->arch, call->abi);
	if (!layout)
		return;
	ut__arch_store(registers->set, layout->args[0], registers->arch->word,
		       call->args[0] & ~(uint64_t)CLONE_UNTRACED);
	registers->dirty = true;
	ut__sink_flush_registers(thread);
}

static bool follows_children(utrace_thread *thread)
{
	return pt_of(thread)->options & PTRACE_O_TRACEFORK && pt_wants_children(thread->process);
}

static void tell_entry(utrace_thread *thread, const struct __ptrace_syscall_info *info)
{
	struct utrace_event_syscall call = describe(info);

	pt_one_cpu_call(pt_session_of(thread->process), &call);
	if (follows_children(thread))
		keep_child_traced(thread, &call);
	ut__sink_syscall_entry(thread, &call);
}

/* A call whose entry was not seen: what the registers still say of it. */
static void recover_call(utrace_thread *thread, uint32_t audit_arch, struct utrace_event_syscall *call)
{
	struct ut__registers *registers;
	const struct ut__arch_call *layout;
	uint64_t number;

	if (ut__sink_registers(thread, &registers, NULL))
		return;
	number = ut__arch_load(registers->set, registers->arch->call_number, registers->arch->word);
	call->number = (int32_t)number;
	call->abi = ut__arch_abi(audit_arch, &call->number);
	layout = ut__arch_call(registers->arch, call->abi);
	for (int i = 0; layout && i < 6; i++)
		call->args[i] = ut__arch_load(registers->set, layout->args[i], layout->arg_size);
}

bool pt_describe_call(utrace_thread *thread, struct utrace_event_syscall *call)
{
	struct __ptrace_syscall_info info = {0};

	*call = (struct utrace_event_syscall){.number = -1};
	if (!get_info(thread, &info))
		return false;
	thread->registers.arch = NULL;
	recover_call(thread, info.arch, call);
	return call->number >= 0;
}

static struct utrace_event_syscall describe_exit(utrace_thread *thread, const struct __ptrace_syscall_info *info)
{
	struct utrace_event_syscall call = {.result = info->exit.rval,
					    .is_error = info->exit.is_error,
					    .pc = info->instruction_pointer,
					    .sp = info->stack_pointer};

	if (!thread->call.inside || thread->call.unseen)
		recover_call(thread, info->arch, &call);
	return call;
}

bool pt_describe_exit(utrace_thread *thread, struct utrace_event_syscall *call)
{
	struct __ptrace_syscall_info info = {0};

	if (!get_info(thread, &info) || info.op != PTRACE_SYSCALL_INFO_EXIT)
		return false;
	*call = describe_exit(thread, &info);
	return true;
}

static void syscall_stop(utrace_thread *thread)
{
	struct pt_thread *pt = pt_of(thread);
	struct __ptrace_syscall_info info = {0};
	struct utrace_event_syscall call;

	if (!get_info(thread, &info))
		return; /* it is dying; its end will be told */
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		pt->stop = PT_STOP_ENTRY;
		tell_entry(thread, &info);
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
		call = describe_exit(thread, &info);
		pt->stop = PT_STOP_EXIT;
		ut__sink_syscall_exit(thread, &call);
	}
}

static void seccomp_stop(utrace_thread *thread)
{
	struct pt_thread *pt = pt_of(thread);
	struct __ptrace_syscall_info info = {0};

	if (!get_info(thread, &info))
		return;
	if (pt->reseize_seccomp) {
		struct ut__resume how = {0};

		pt->reseize_seccomp = false;
		pt_resume(thread, &how);
		return;
	}
	if (info.seccomp.ret_data == PT_SECCOMP_DATA) {
		tell_entry(thread, &info);
		return;
	}
	/*
	 * The tracee's own filter asks for a tracer that it does not have: as without us, ENOSYS. (seccomp(2),
	 * SECCOMP_RET_TRACE)
	 */
	ut__sink_syscall_refused(thread);
	preset(thread, -1, -ENOSYS);
	tell_entry(thread, &info);
}

/* The trap of a step: its own, or one that an earlier step owed, whose stop was told as another. */
static void step_stop(utrace_thread *thread, const siginfo_t *info)
{
	struct pt_thread *pt = pt_of(thread);
	struct ut__resume how = {.step = pt->stepping};
	bool owed = pt->step_debt;
	uint32_t slots = 0;

	pt->stepping = false;
	pt->step_debt = false;
	pt->signal = 0;
	if (thread->debug_version && info->si_code == CODE_TRAP_TRACE)
		slots = pt_debug_hits(thread);
	if (owed && !slots)
		pt_resume(thread, &how);
	else if (!slots || !ut__sink_watched(thread, slots, true))
		ut__sink_stepped(thread, info->si_code == CODE_NOTIFY);
}

/* The signal that pt_queue_signal sent has arrived: give it the shape that was asked for. */
static bool is_queued_signal(struct pt_thread *pt, const siginfo_t *info)
{
	return pt->queued_signal && info->si_signo == pt->queued_signal && info->si_code == SI_TKILL;
}

static bool steps_itself(utrace_thread *thread)
{
	struct ut__registers *registers;

	return !ut__sink_registers(thread, &registers, NULL) &&
	       ut__arch_load(registers->set, registers->arch->flags, registers->arch->word) &
		       registers->arch->trap_flag;
}

/*
 * A hit of a debug register whose DR6 a hypervisor has lost, or mixed up with another program's.  The kernel then takes it for
 * int1, which would lie before the address, or for a step (arch/x86/kernel/traps.c, exc_debug_user), which only the program
 * itself could have asked for: its trap flag is set, or popf has just cleared it.
 */
bool pt_is_lost_hit(utrace_thread *thread, const siginfo_t *info)
{
	enum { INT1 = 0xf1, POPF = 0x9d };
	bool as_step = info->si_code == CODE_TRAP_TRACE;
	uint64_t pc = (uint64_t)(uintptr_t)info->si_addr;
	unsigned char before = 0;

	if (info->si_signo != SIGTRAP || !thread->debug_version || (!as_step && info->si_code != CODE_TRAP_BRKPT))
		return false;
	if (as_step && steps_itself(thread))
		return false;
	return pt_read(thread->process, pc - 1, &before, 1, NULL) != 1 || before != (as_step ? POPF : INT1);
}

/*
 * Which registers it may have been: nothing tells those of data apart.  None if it was an instruction's: RF is not set
 * then, so the instruction traps again, as it should.
 */
static uint32_t suspects(const utrace_thread *thread, uint64_t pc)
{
	uint32_t data = 0;

	for (unsigned int i = 0; i < UT__DEBUG_SLOTS; i++) {
		const struct ut__debug_slot *slot = &thread->process->debug[i].slot;

		if (slot->length && slot->kind == UT__DEBUG_EXECUTE && slot->address == pc)
			return 0;
		if (slot->length && slot->kind != UT__DEBUG_EXECUTE)
			data |= 1u << i;
	}
	return data;
}

static void signal_stop(utrace_thread *thread)
{
	struct pt_thread *pt = pt_of(thread);
	struct utrace_event event = {0};
	siginfo_t *info = &event.u.signal.info;

	if (pt_request(PTRACE_GETSIGINFO, pt_tid(thread), 0, info) < 0)
		return;
	if (pt_is_step_trap(info) && (pt->stepping || pt->step_debt)) {
		step_stop(thread, info);
		return;
	}
	if (pt_is_trap(info)) {
		pt->signal = 0;
		if (ut__sink_trap(thread))
			return;
		pt->signal = SIGTRAP;
	}
	if (pt_is_debug_trap(info) && thread->debug_version) {
		pt->signal = 0;
		if (ut__sink_watched(thread, pt_debug_hits(thread), false))
			return;
		pt->signal = SIGTRAP;
	}
	if (pt_is_lost_hit(thread, info)) {
		pt->signal = 0;
		(void)ut__sink_watched(thread, suspects(thread, (uint64_t)(uintptr_t)info->si_addr), false);
		return;
	}
	if (is_queued_signal(pt, info)) {
		pt->queued_signal = 0;
		(void)pt_request(PTRACE_SETSIGINFO, pt_tid(thread), 0, &pt->queued_info);
		pt_restart(thread, pt->stepping ? PTRACE_SINGLESTEP : PTRACE_CONT, pt->queued_info.si_signo);
		return;
	}
	ut__sink_stop(thread, UTRACE_EVENT_SIGNAL, &event);
}

/* Interrupts, group-stops, and SIGCONT all come as PTRACE_EVENT_STOP. */
static void event_stop(utrace_thread *thread, int stop_signal, int group_before)
{
	struct pt_thread *pt = pt_of(thread);
	struct utrace_event event = {0};

	if (pt->stepping && pt_step_trap_pending(pt_tid(thread)))
		pt->step_debt = true;
	/* Behind a breakpoint's trap a thread must not be seen: the breakpoint is told, and answers too. */
	if (!is_job_signal(stop_signal) && !pt->attach_hold && pt_owes_trap(thread)) {
		pt_restart(thread, PTRACE_CONT, 0);
		return;
	}
	if (pt->attach_hold) {
		pt->attach_hold = false;
		ut__sink_stop(thread, UTRACE_EVENT_ATTACHED, NULL);
		return;
	}
	if (is_job_signal(stop_signal)) {
		event.u.job.signal = stop_signal;
		if (group_before)
			ut__sink_interrupted(thread); /* it was told of already */
		else
			ut__sink_stop(thread, UTRACE_EVENT_JOB_STOP, &event);
		return;
	}
	pt->group_signal = 0;
	if (group_before)
		ut__sink_stop(thread, UTRACE_EVENT_JOB_CONTINUE, NULL);
	else
		ut__sink_interrupted(thread);
}

void pt_stopped(utrace_thread *thread, int status)
{
	struct pt_thread *pt = pt_of(thread);
	int group_before = pt->group_signal;

	pt_classify(pt, status);
	pt->met = true;
	pt->settled = true;
	if (pt->mask_changed || pt->flags.looks_back)
		pt_step_over(thread);
	if (pt->private_stops) {
		pt->private_ready = true;
		pt->private_status = status;
		return;
	}
	if (pt_process_of(thread->process)->detaching) {
		pt_release(thread);
		return;
	}
	switch (pt->stop) {
	case PT_STOP_ENTRY:
	case PT_STOP_EXIT:
		syscall_stop(thread);
		break;
	case PT_STOP_SECCOMP:
		seccomp_stop(thread);
		break;
	case PT_STOP_CREATE:
		pt_child_event(thread, status >> 16 == PTRACE_EVENT_FORK ? UTRACE_CREATE_FORK : UTRACE_CREATE_CLONE);
		break;
	case PT_STOP_VFORK:
		pt_child_event(thread, UTRACE_CREATE_VFORK);
		break;
	case PT_STOP_VFORK_DONE:
		ut__sink_stop(thread, UTRACE_EVENT_VFORK_DONE, NULL);
		break;
	case PT_STOP_EXITING:
		pt_exit_event(thread);
		break;
	case PT_STOP_EVENT:
		event_stop(thread, WSTOPSIG(status), group_before);
		break;
	default:
		signal_stop(thread);
		break;
	}
}
