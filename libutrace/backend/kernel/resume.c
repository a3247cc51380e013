/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/kernel/resume.c - letting threads run, stopping them, and what becomes of signals.
 *
 * A signal is decided in its SIGNAL stop.  In other stops one is sent to the thread and arrives as a stop of its own,
 * which nobody is told of: kt->sent knows it.  Signals that come in while none should (a copied instruction or a function
 * of the caller's runs) are dropped and sent anew afterwards; the thread's own mask is not touched for it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "backend/kernel/kernel.h"
#include "util/procfs.h"

static uint32_t interrupts(const utrace_thread *thread)
{
	return kn_of(thread)->attach_hold || thread->stop_strength == UTRACE_STOP_NOW ? UTRACE_WITH_INTERRUPT : 0;
}

int kn_stop(utrace_thread *thread, struct utrace_error *error)
{
	struct kn_session *ks = kn_session_of(thread->process);
	struct utrace_command command = {.cmd = UTRACE_CMD_STOP, .target = kn_of(thread)->cookie};
	int status;

	command.flags = interrupts(thread);
	status = kn_run(ks, &command);
	/* One that is held already has its record in the ring. */
	if (!status || status == EALREADY)
		return UTRACE_OK;
	return ut__fail_dead(error, kn_tid(thread));
}

static struct utrace_command *signal_command(utrace_thread *thread, uint32_t how, const siginfo_t *info)
{
	struct kn_session *ks = kn_session_of(thread->process);
	struct utrace_command *command = kn_add(ks, UTRACE_CMD_SIGNAL, kn_of(thread)->cookie, kn_of(thread)->stop);

	command->flags = how;
	if (info)
		kn_attach_info(ks, command, info);
	return command;
}

void kn_drop_signal(utrace_thread *thread)
{
	(void)signal_command(thread, UTRACE_WITH_DROP, NULL);
}

void kn_defer_signal(utrace_thread *thread)
{
	struct kn_thread *kt = kn_of(thread);
	siginfo_t *deferred = realloc(kt->deferred, (kt->deferred_count + 1) * sizeof(*deferred));

	kn_drop_signal(thread);
	if (!deferred) {
		ut__sink_lost(atomic_load(&thread->process->session));
		return;
	}
	kt->deferred = deferred;
	kt->deferred[kt->deferred_count++] = kt->info;
}

/* In a SIGNAL stop the kernel would take it for the one to be delivered now. */
static void send_beside(utrace_thread *thread, siginfo_t *info)
{
	if (syscall(SYS_rt_tgsigqueueinfo, thread->process->pid, kn_tid(thread), info->si_signo, info) < 0)
		(void)tgkill(thread->process->pid, kn_tid(thread), info->si_signo);
}

void kn_send_deferred(utrace_thread *thread)
{
	struct kn_thread *kt = kn_of(thread);

	for (size_t i = 0; i < kt->deferred_count; i++) {
		if (kt->place == UTRACE_EV_SIGNAL)
			send_beside(thread, &kt->deferred[i]);
		else
			(void)signal_command(thread, UTRACE_WITH_INJECT, &kt->deferred[i]);
	}
	free(kt->deferred);
	kt->deferred = NULL;
	kt->deferred_count = 0;
}

int kn_signal_mask(utrace_thread *thread, uint64_t blocked, uint64_t *old, struct utrace_error *error)
{
	struct kn_thread *kt = kn_of(thread);

	if (!kt->stop)
		return ut__fail_dead(error, kn_tid(thread));
	*old = kt->kept_out;
	kt->kept_out = blocked & ~(UINT64_C(1) << (SIGKILL - 1)) & ~(UINT64_C(1) << (SIGSTOP - 1));
	return UTRACE_OK;
}

static void note_sent(struct kn_thread *kt, const siginfo_t *info, bool drop)
{
	if (kt->sent_count == KN_QUEUED) {
		memmove(kt->sent, kt->sent + 1, sizeof(kt->sent) - sizeof(kt->sent[0]));
		kt->sent_count--;
	}
	kt->sent[kt->sent_count++] = (struct kn_sent){.info = *info, .drop = drop};
}

/* Sends a signal that is told to nobody; not in a SIGNAL stop. */
static void send_silently(utrace_thread *thread, const siginfo_t *info, bool drop)
{
	note_sent(kn_of(thread), info, drop);
	(void)signal_command(thread, UTRACE_WITH_INJECT, info);
}

/* A set of signals out of /proc/TID/status. */
static uint64_t read_mask(const utrace_thread *thread, const char *field)
{
	char path[64];
	char text[4096];
	const char *line = NULL;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", kn_tid(thread));
	if (ut__procfs_read(path, text, sizeof(text)) > 0)
		line = strstr(text, field);
	return line ? strtoull(line + strlen(field), NULL, 16) : 0;
}

static void decide_signal(utrace_thread *thread, const struct ut__resume *how)
{
	struct kn_thread *kt = kn_of(thread);

	if (!how->signal) {
		kn_drop_signal(thread);
		return;
	}
	kt->last_signal = how->signal;
	if (!how->info)
		return;
	if (how->inject && kt->signal)
		note_sent(kt, &kt->info, false);
	(void)signal_command(thread, how->inject && kt->signal ? UTRACE_WITH_INJECT : UTRACE_WITH_REPLACE, how->info);
}

/* The signal was taken away for an injected call and comes back: with it, what the kernel would do with the interrupted call. */
static void decide_virtual(utrace_thread *thread, const struct ut__resume *how)
{
	struct kn_thread *kt = kn_of(thread);

	kt->virtual_signal = false;
	if (how->signal && how->info)
		send_silently(thread, how->info, false);
	if (!how->info || how->inject || !how->signal)
		send_silently(thread, &kt->info, !how->signal);
	else if (how->info->si_signo != kt->info.si_signo)
		send_silently(thread, &kt->info, true);
}

/* One that is not blocked, so that the thread looks at its signals: in doing so the kernel deals with the interrupted call. */
static siginfo_t make_nudge(const utrace_thread *thread)
{
	static const int candidates[] = {SIGURG, SIGWINCH, SIGCONT};
	uint64_t blocked = read_mask(thread, "\nSigBlk:");
	siginfo_t info = {.si_signo = SIGSTOP, .si_code = SI_TKILL};

	for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++) {
		if (blocked >> (candidates[i] - 1) & 1)
			continue;
		info.si_signo = candidates[i];
		break;
	}
	return info;
}

static void decide_signals(utrace_thread *thread, const struct ut__resume *how)
{
	struct kn_thread *kt = kn_of(thread);

	if (kt->place == UTRACE_EV_SIGNAL)
		decide_signal(thread, how);
	else if (kt->virtual_signal)
		decide_virtual(thread, how);
	else if (how->signal && how->info)
		send_silently(thread, how->info, false);
	if (kt->deferred_count && !how->quiet && !kt->kept_out)
		kn_send_deferred(thread);
	if (kt->restart_owed && !kt->sent_count) {
		siginfo_t nudge = make_nudge(thread);

		send_silently(thread, &nudge, true);
	}
}

void kn_run_on(utrace_thread *thread, bool step)
{
	struct kn_thread *kt = kn_of(thread);
	struct kn_session *ks = kn_session_of(thread->process);
	struct utrace_command *command = kn_add(ks, UTRACE_CMD_RESUME, kt->cookie, kt->stop);

	if (step)
		command->flags = UTRACE_WITH_STEP;
	/* Each stop takes a request with it. */
	if (kt->attach_hold || thread->stop_request)
		kn_add(ks, UTRACE_CMD_STOP, kt->cookie, 0)->flags = interrupts(thread);
	kt->stop = 0;
	thread->registers.arch = NULL;
}

void kn_resume(utrace_thread *thread, const struct ut__resume *how)
{
	struct kn_thread *kt = kn_of(thread);

	if (!kt->stop)
		return;
	if (kt->owes) {
		struct utrace_record owed = kt->owed;

		kt->owes = false;
		owed.stop = kt->stop;
		kn_stopped(thread, &owed);
		return;
	}
	decide_signals(thread, how);
	kn_policy_sync(thread, how->calls);
	kt->stepping = how->step;
	kt->quiet = how->quiet;
	if (how->step)
		ut__flags_before(thread, &kt->flags);
	kn_run_on(thread, how->step);
}

int kn_kill(utrace_process *process, struct utrace_error *error)
{
	struct utrace_command command = {.cmd = UTRACE_CMD_KILL, .target = kn_process_of(process)->cookie};

	if (kn_run(kn_session_of(process), &command))
		return ut__fail_dead(error, process->pid);
	return UTRACE_OK;
}
