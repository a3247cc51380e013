/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/kernel/detach.c - letting go of a process.
 *
 * The kernel lets go of a thread wherever it is.  But one that has executed a trap of ours, or stands in a copied
 * instruction, must be put right first, so where there ever was a breakpoint each thread is stopped and let go in that
 * stop.
 */
#include <signal.h>

#include "backend/kernel/kernel.h"
#include "backend/target.h"

/* The signal of the stop is decided: one of our own trap's never happened. */
static void settle_signal(utrace_thread *thread)
{
	struct kn_thread *kt = kn_of(thread);
	bool trap = kt->signal == SIGTRAP && kt->info.si_code == SI_KERNEL;

	if (!kt->signal || (trap && ut__sink_undo_trap(thread)))
		kn_drop_signal(thread);
}

static void recall_owed(struct kn_thread *kt)
{
	if (kt->owes && kt->owed.event == UTRACE_EV_SIGNAL) {
		kt->signal = (int)kt->owed.signal.signo;
		__builtin_memcpy(&kt->info, kt->owed.signal.info, sizeof(kt->info));
	}
	kt->owes = false;
}

void kn_release(utrace_thread *thread)
{
	struct kn_thread *kt = kn_of(thread);
	struct kn_session *ks = kn_session_of(thread->process);

	recall_owed(kt);
	ut__sink_leaving(thread);
	if (kt->place == UTRACE_EV_SIGNAL)
		settle_signal(thread);
	ut__sink_flush_registers(thread);
	if (kt->restart_owed && !kt->virtual_signal)
		kn_restart_call(thread);
	if (kt->virtual_signal) {
		struct utrace_command *command = kn_add(ks, UTRACE_CMD_SIGNAL, kt->cookie, kt->stop);

		command->flags = UTRACE_WITH_INJECT;
		kn_attach_info(ks, command, &kt->info);
	}
	kn_send_deferred(thread);
	(void)kn_add(ks, UTRACE_CMD_DETACH, kt->cookie, 0);
	kt->stop = 0;
	kn_process_of(thread->process)->let_go = true;
}

void kn_check_detached(utrace_process *process)
{
	struct kn_process *kp = kn_process_of(process);

	if (!kp->let_go || process->thread_count || atomic_load(&process->gone))
		return;
	(void)kn_children_forget(process);
	ut__sink_process_end(process, UTRACE_EXIT_DETACHED, 0, NULL, NULL);
}

/* Whether the thread may be let go while it runs: nothing of ours is on its way to it. */
static bool is_clean(const utrace_thread *thread)
{
	return !ut__sink_has_traps(thread->process) && !kn_of(thread)->deferred_count && !kn_of(thread)->sent_count;
}

static void release_or_stop(utrace_process *process)
{
	struct kn_session *ks = kn_session_of(process);
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, &process->threads) {
		utrace_thread *thread = UT__ENTRY(node, utrace_thread, in_process);

		if (kn_of(thread)->stop)
			kn_release(thread);
		else if (is_clean(thread))
			(void)kn_add(ks, UTRACE_CMD_DETACH, kn_of(thread)->cookie, 0);
		else
			kn_add(ks, UTRACE_CMD_STOP, kn_of(thread)->cookie, 0)->flags = UTRACE_WITH_INTERRUPT;
	}
}

static bool is_unfinished(const utrace_process *process, const utrace_session *session)
{
	return !atomic_load(&process->gone) || kn_children_pending(session->backend, process);
}

int kn_detach(utrace_process *process, uint32_t mode, struct utrace_error *error)
{
	utrace_session *session = atomic_load(&process->session);
	struct kn_process *kp = kn_process_of(process);

	(void)error;
	utrace_process_ref(process);
	kp->detaching = true;
	kp->let_go = true;
	if (mode == UTRACE_DETACH_STOPPED)
		(void)kill(process->pid, SIGSTOP);
	(void)kn_children_forget(process);
	release_or_stop(process);
	ut__target_await(session, process, is_unfinished);
	kn_flush(session);
	utrace_process_unref(process);
	return UTRACE_OK;
}
