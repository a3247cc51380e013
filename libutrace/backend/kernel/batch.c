/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/kernel/batch.c - commands on their way, and waiting.
 *
 * A command whose result nobody needs (a resume of a thread that may have been killed meanwhile) stays in the batch
 * until something else goes to the kernel.  Order is kept, so a later command finds done what came before it.
 */
#include <errno.h>

#include "backend/kernel/kernel.h"
#include "util/clock.h"

/* A signal handler of the program's may cut a submit short: what it left undone has EINTR. */
static void submit(const struct kn_session *ks, struct utrace_command *commands, unsigned int count)
{
	while (count) {
		struct utrace_submit_args args = {.commands = (uintptr_t)commands,
						  .count = count,
						  .command_size = sizeof(*commands),
						  .timeout = 0};
		long done = kn_call(UTRACE_OP_SUBMIT, ks->fd, &args, sizeof(args));
		unsigned int next = 0;

		if (done < 0 && done != -EINTR) {
			for (unsigned int i = 0; i < count; i++)
				commands[i].error = (uint32_t)-done;
			return;
		}
		while (next < count && done > 0 && next < (unsigned int)done && commands[next].error != EINTR)
			next++;
		commands += next;
		count -= next;
	}
}

/* Those of the first `done` that were interrupted, and all behind them. */
static void resubmit(struct kn_session *ks, unsigned int done)
{
	unsigned int next = 0;

	while (next < done && ks->batch[next].error != EINTR)
		next++;
	submit(ks, ks->batch + next, ks->count - next);
}

void kn_flush(utrace_session *session)
{
	struct kn_session *ks = session->backend;

	submit(ks, ks->batch, ks->count);
	ks->count = 0;
}

struct utrace_command *kn_add(struct kn_session *ks, uint32_t cmd, uint64_t target, uint64_t stop)
{
	struct utrace_command *command;

	if (ks->count == KN_BATCH)
		kn_flush(ks->session);
	command = &ks->batch[ks->count++];
	*command = (struct utrace_command){.cmd = cmd, .target = target, .stop = stop};
	return command;
}

void kn_attach_info(struct kn_session *ks, struct utrace_command *command, const siginfo_t *info)
{
	siginfo_t *copy = &ks->infos[command - ks->batch];

	*copy = *info;
	command->data = (uintptr_t)copy;
	command->size = UTRACE_SIGINFO_SIZE;
}

int kn_run(struct kn_session *ks, struct utrace_command *command)
{
	unsigned int last;

	if (ks->count == KN_BATCH)
		kn_flush(ks->session);
	last = ks->count++;
	ks->batch[last] = *command;
	kn_flush(ks->session);
	*command = ks->batch[last];
	return (int)command->error;
}

static bool is_empty(const struct kn_session *ks)
{
	return __atomic_load_n(&ks->ring->head, __ATOMIC_ACQUIRE) == ks->ring->tail;
}

static int64_t time_left(uint64_t deadline)
{
	uint64_t now;

	if (!deadline)
		return 0;
	if (deadline == UINT64_MAX)
		return -1;
	now = ut__clock_now();
	return deadline > now ? (int64_t)(deadline - now) : 0;
}

int kn_wait(struct kn_session *ks, uint64_t deadline)
{
	struct utrace_submit_args args = {.commands = (uintptr_t)ks->batch,
					  .count = ks->count,
					  .command_size = sizeof(ks->batch[0]),
					  .flags = UTRACE_SUBMIT_WAIT};
	long done;

	/* What is there already needs no wait. */
	if (!is_empty(ks)) {
		kn_flush(ks->session);
		return 0;
	}
	args.timeout = time_left(deadline);
	done = kn_call(UTRACE_OP_SUBMIT, ks->fd, &args, sizeof(args));
	if (done < 0 && done != -EINTR)
		return (int)done;
	/* A handler of the program's that ran first has left some of them undone. */
	if (done < 0 || args.wait_error == EINTR)
		resubmit(ks, done < 0 ? 0 : (unsigned int)done);
	ks->count = 0;
	return done < 0 || args.wait_error == EINTR ? -EINTR : 0;
}

void kn_wake(utrace_session *session)
{
	const struct kn_session *ks = session->backend;
	struct utrace_command wake = {.cmd = UTRACE_CMD_WAKE};
	struct utrace_submit_args args = {
		.commands = (uintptr_t)&wake, .count = 1, .command_size = sizeof(wake), .timeout = 0};
	int saved = errno;

	(void)kn_call(UTRACE_OP_SUBMIT, ks->fd, &args, sizeof(args));
	errno = saved;
}
