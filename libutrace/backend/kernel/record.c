/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/kernel/record.c - reading the ring, and what a record means.
 *
 * A record is copied out and its place given back before it is dealt with, because dealing with it may read on.
 * The first record of a thread is ATTACH and its last one DEATH or DETACH; what comes for a thread that is not known
 * belongs to a child that waits to be paired (child.c), or to nobody any more.
 */
#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>

#include "backend/kernel/kernel.h"

enum {
	CODE_KERNEL = 0x80, /* SI_KERNEL: a trap instruction (arch/x86/kernel/traps.c, do_int3_user) */
};

utrace_thread *kn_find(struct kn_session *ks, uint64_t cookie)
{
	struct ut__idmap_node *node = ut__idmap_find(&ks->threads, cookie);

	return node ? UT__ENTRY(node, struct kn_thread, by_cookie)->thread : NULL;
}

void kn_known(utrace_thread *thread, uint64_t cookie)
{
	struct kn_thread *kt = kn_of(thread);

	kt->cookie = cookie;
	ut__idmap_insert(&kn_session_of(thread->process)->threads, cookie, &kt->by_cookie);
	kt->in_map = true;
}

void kn_process_known(utrace_process *process, uint64_t cookie)
{
	struct kn_process *kp = kn_process_of(process);

	kp->cookie = cookie;
	ut__idmap_insert(&kn_session_of(process)->processes, cookie, &kp->by_cookie);
	kp->in_map = true;
}

static uint32_t abi_of(const struct utrace_rec_syscall *call)
{
	switch (call->abi) {
	case UTRACE_CALL_NATIVE:
		return UTRACE_ABI_X86_64;
	case UTRACE_CALL_X32:
		return UTRACE_ABI_X32;
	case UTRACE_CALL_COMPAT:
		return UTRACE_ABI_I386;
	default:
		return UTRACE_ABI_UNKNOWN;
	}
}

struct utrace_event_syscall kn_describe_call(const struct utrace_record *record)
{
	const struct utrace_rec_syscall *from = &record->syscall;
	struct utrace_event_syscall call = {.abi = abi_of(from), .number = from->nr, .pc = from->ip, .sp = from->sp};

	memcpy(call.args, from->args, sizeof(call.args));
	if (record->event == UTRACE_EV_SYSCALL_EXIT) {
		call.result = from->result;
		call.is_error = from->is_error;
	}
	return call;
}

/* The kernel knows what was called also where its entry was not asked for. */
static struct utrace_event_syscall describe_exit(utrace_thread *thread, const struct utrace_record *record)
{
	struct utrace_event_syscall call = kn_describe_call(record);

	if (!thread->call.inside && !(record->flags & UTRACE_REC_UNMATCHED))
		ut__sink_syscall_entered(thread, &call);
	return call;
}

bool kn_is_own_fault(const siginfo_t *info)
{
	switch (info->si_signo) {
	case SIGSEGV:
	case SIGBUS:
	case SIGILL:
	case SIGTRAP:
	case SIGFPE:
	case SIGSYS:
		return info->si_code > 0;
	default:
		return false;
	}
}

/* One that this session has sent: true if it is dealt with. */
static bool is_sent(utrace_thread *thread, bool dropped_only)
{
	struct kn_thread *kt = kn_of(thread);

	for (int i = 0; i < kt->sent_count; i++) {
		struct kn_sent sent = kt->sent[i];

		if (memcmp(&sent.info, &kt->info, offsetof(siginfo_t, si_pid)) != 0 || (dropped_only && !sent.drop))
			continue;
		kt->sent_count--;
		memmove(&kt->sent[i], &kt->sent[i + 1], (size_t)(kt->sent_count - i) * sizeof(sent));
		if (sent.drop)
			kn_drop_signal(thread);
		else
			kt->last_signal = kt->signal;
		kn_run_on(thread, kt->stepping);
		return true;
	}
	return false;
}

static bool is_kept_out(const struct kn_thread *kt)
{
	bool kept_out = kt->quiet || kt->kept_out >> (kt->info.si_signo - 1) & 1;

	return kept_out && !kn_is_own_fault(&kt->info);
}

static void tell_signal(utrace_thread *thread)
{
	struct kn_thread *kt = kn_of(thread);
	struct utrace_event event = {0};

	event.u.signal.info = kt->info;
	if (is_kept_out(kt)) {
		if (is_sent(thread, true))
			return;
		kn_defer_signal(thread);
		kn_run_on(thread, kt->stepping);
		return;
	}
	if (kt->info.si_signo == SIGTRAP && kt->info.si_code == CODE_KERNEL) {
		kt->signal = 0;
		if (ut__sink_trap(thread))
			return;
		kt->signal = SIGTRAP;
	}
	if (!is_sent(thread, false))
		ut__sink_stop(thread, UTRACE_EVENT_SIGNAL, &event);
}

static void tell_job_stop(utrace_thread *thread, const struct utrace_record *record)
{
	struct utrace_event event = {0};

	event.u.job.signal = (int32_t)record->job.signo;
	ut__sink_stop(thread, UTRACE_EVENT_JOB_STOP, &event);
}

static void tell_asked(utrace_thread *thread)
{
	struct kn_thread *kt = kn_of(thread);

	if (!kt->attach_hold) {
		ut__sink_interrupted(thread);
		return;
	}
	kt->attach_hold = false;
	ut__sink_stop(thread, UTRACE_EVENT_ATTACHED, NULL);
}

static void tell_step(utrace_thread *thread, const struct utrace_record *record)
{
	kn_of(thread)->stepping = false;
	ut__sink_stepped(thread, record->flags & UTRACE_REC_HANDLER);
}

/* It also ends a step. */
static void tell_watchpoint(utrace_thread *thread, const struct utrace_record *record)
{
	struct kn_thread *kt = kn_of(thread);
	bool stepped = kt->stepping;

	kt->stepping = false;
	if (ut__sink_watched(thread, record->watchpoint.hits, stepped))
		return;
	if (stepped)
		ut__sink_stepped(thread, false);
	else
		ut__sink_interrupted(thread);
}

static void tell_exec(utrace_thread *thread, const struct utrace_record *record)
{
	kn_of(thread)->watching = 0;
	ut__sink_exec(thread, (pid_t)record->exec.old_tid, (pid_t)record->tid);
}

/* ATTACHED comes first: what a thread does on its way there is not told. */
static bool is_before_attached(const utrace_thread *thread, const struct utrace_record *record)
{
	return kn_of(thread)->attach_hold &&
	       (record->event == UTRACE_EV_SYSCALL_ENTRY || record->event == UTRACE_EV_SYSCALL_EXIT);
}

static void tell(utrace_thread *thread, const struct utrace_record *record)
{
	struct utrace_event_syscall call;

	if (is_before_attached(thread, record)) {
		kn_run_on(thread, false);
		return;
	}
	switch (record->event) {
	case UTRACE_EV_SYSCALL_ENTRY:
		call = kn_describe_call(record);
		ut__sink_syscall_entry(thread, &call);
		break;
	case UTRACE_EV_SYSCALL_EXIT:
		call = describe_exit(thread, record);
		ut__sink_syscall_exit(thread, &call);
		break;
	case UTRACE_EV_CLONE:
		kn_child_told(thread, record);
		break;
	case UTRACE_EV_VFORK_DONE:
		ut__sink_stop(thread, UTRACE_EVENT_VFORK_DONE, NULL);
		break;
	case UTRACE_EV_EXEC:
		tell_exec(thread, record);
		break;
	case UTRACE_EV_EXIT:
		kn_exiting(thread, record);
		break;
	case UTRACE_EV_SIGNAL:
		tell_signal(thread);
		break;
	case UTRACE_EV_JOB_STOP:
		tell_job_stop(thread, record);
		break;
	case UTRACE_EV_JOB_CONTINUE:
		ut__sink_stop(thread, UTRACE_EVENT_JOB_CONTINUE, NULL);
		break;
	case UTRACE_EV_STEP:
		tell_step(thread, record);
		break;
	case UTRACE_EV_WATCHPOINT:
		tell_watchpoint(thread, record);
		break;
	default:
		tell_asked(thread);
		break;
	}
}

/* What the thread's state is from this record on. */
static void take_in(utrace_thread *thread, const struct utrace_record *record)
{
	struct kn_thread *kt = kn_of(thread);

	kt->stop = record->stop;
	kt->place = record->event;
	kt->signal = 0;
	kt->virtual_signal = false;
	kt->restart_owed = false;
	kt->vfork = record->event == UTRACE_EV_CLONE && (record->clone.clone_flags & CLONE_VFORK);
	thread->registers.arch = NULL;
	if (record->event == UTRACE_EV_SIGNAL) {
		memcpy(&kt->info, record->signal.info, sizeof(kt->info));
		kt->signal = (int)record->signal.signo;
	}
}

void kn_stopped(utrace_thread *thread, const struct utrace_record *record)
{
	struct kn_thread *kt = kn_of(thread);

	take_in(thread, record);
	ut__flags_after(thread, &kt->flags, record->event == UTRACE_EV_STEP || record->event == UTRACE_EV_WATCHPOINT);
	if (kt->private_stops) {
		kt->private_record = *record;
		kt->private_ready = true;
		return;
	}
	if (kn_process_of(thread->process)->detaching)
		kn_release(thread);
	else
		tell(thread, record);
}

static void record_signal(utrace_thread *thread, const struct utrace_record *record)
{
	struct utrace_event event = {0};

	kn_of(thread)->last_signal = (int)record->signal.signo;
	memcpy(&event.u.signal.info, record->signal.info, sizeof(event.u.signal.info));
	ut__sink_recorded(thread, UTRACE_EVENT_SIGNAL, &event);
}

/* What has not stopped the thread. */
static void recorded(utrace_thread *thread, const struct utrace_record *record)
{
	struct utrace_event_syscall call;
	struct utrace_event event;

	if (kn_of(thread)->private_stops || kn_of(thread)->attach_hold || kn_process_of(thread->process)->detaching)
		return;
	switch (record->event) {
	case UTRACE_EV_SYSCALL_ENTRY:
		call = kn_describe_call(record);
		ut__sink_recorded_entry(thread, &call);
		break;
	case UTRACE_EV_SYSCALL_EXIT:
		call = describe_exit(thread, record);
		ut__sink_recorded_exit(thread, &call);
		break;
	case UTRACE_EV_SIGNAL:
		record_signal(thread, record);
		break;
	case UTRACE_EV_EXIT:
		event = kn_describe_exiting(thread, record);
		ut__sink_recorded(thread, UTRACE_EVENT_EXITING, &event);
		break;
	default:
		break;
	}
}

/* A thread that the attach under way has found. */
static void attached(struct kn_session *ks, const struct utrace_record *record)
{
	utrace_thread *thread;

	ks->attached++;
	thread = ks->attaching ? ut__sink_thread(ks->attaching, (pid_t)record->tid) : NULL;
	if (!thread) {
		ks->attach_errno = ENOMEM;
		(void)kn_add(ks, UTRACE_CMD_DETACH, record->task, 0);
		return;
	}
	kn_known(thread, record->task);
	kn_of(thread)->attach_hold = ks->attach_hold;
	kn_of(thread)->key = ks->attach_key;
	ut__sink_running(thread);
}

static void dispatch(struct kn_session *ks, const struct utrace_record *record)
{
	utrace_thread *thread = kn_find(ks, record->task);

	if (record->event == UTRACE_EV_ATTACH && record->attach.why == UTRACE_WHY_ASKED)
		attached(ks, record);
	else if (record->event == UTRACE_EV_ATTACH)
		kn_child_attached(ks, record);
	else if (record->event == UTRACE_EV_LOST)
		ut__sink_overflowed(ks->session, record->lost.count);
	else if (!thread)
		(void)kn_child_record(ks, record);
	else if (record->event == UTRACE_EV_DEATH)
		kn_thread_ended(thread, record);
	else if (record->event == UTRACE_EV_DETACH)
		kn_thread_detached(thread);
	else if (record->flags & UTRACE_REC_STOPPED)
		kn_stopped(thread, record);
	else
		recorded(thread, record);
}

/* Takes the next record before `end` out; false: there is none. */
static bool take(struct kn_session *ks, uint64_t end, struct utrace_record *record)
{
	struct utrace_ring *ring = ks->ring;
	uint64_t tail = ring->tail;

	while ((int64_t)(end - tail) > 0) {
		const char *data = (const char *)ring + ring->data_offset + (tail & (ring->data_size - 1));
		uint32_t size = ((const struct utrace_record *)(const void *)data)->size;
		bool padding = ((const struct utrace_record *)(const void *)data)->event == UTRACE_EV_PAD;

		memset(record, 0, sizeof(*record));
		if (!padding)
			memcpy(record, data, size < sizeof(*record) ? size : sizeof(*record));
		tail += size;
		__atomic_store_n(&ring->tail, tail, __ATOMIC_RELEASE);
		if (!padding)
			return true;
	}
	return false;
}

int kn_pump(utrace_session *session, uint64_t deadline, struct utrace_error *error)
{
	struct kn_session *ks = session->backend;
	struct utrace_record record;
	int status = kn_wait(ks, deadline);
	uint64_t end;

	if (status == -EINTR)
		return ut__fail(error, UTRACE_INTERRUPTED, EINTR, "A signal handler of this program ran.");
	if (status < 0)
		return ut__fail(error, UTRACE_SYSTEM, -status, "Waiting for events failed: %s.", strerror(-status));
	/* No further: tracees that are not stopped may be faster than this loop. */
	end = __atomic_load_n(&ks->ring->head, __ATOMIC_ACQUIRE);
	while (take(ks, end, &record))
		dispatch(ks, &record);
	return UTRACE_OK;
}

const struct utrace_record *kn_next_stop(utrace_thread *thread)
{
	struct kn_thread *kt = kn_of(thread);
	utrace_session *session = atomic_load(&thread->process->session);

	while (!kt->private_ready) {
		int status;

		if (atomic_load(&thread->state) == UT__THREAD_GONE)
			return NULL;
		status = kn_pump(session, UINT64_MAX, NULL);
		if (status < 0 && status != UTRACE_INTERRUPTED)
			return NULL;
	}
	kt->private_ready = false;
	return &kt->private_record;
}
