/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/kernel/batch.c - commands on their way, and waiting.
 *
 * A command whose result nobody needs (a resume of a thread that may have been killed meanwhile) stays in the batch
 * until something else goes to the kernel.  Order is kept, so a later command finds done what came before it.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "backend/kernel/kernel.h"
#include "util/clock.h"

/* A signal handler of the program's may cut a submit short: what it left undone has EINTR. */
static void submit(struct kn_session *ks, struct utrace_command *commands, unsigned int count)
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

/* A wake is taken with the wait that it ends. */
static void take_wake(struct kn_session *ks)
{
	uint64_t count;
	ssize_t done = read(ks->wake_fd, &count, sizeof(count));

	(void)done;
}

int kn_wait(struct kn_session *ks, uint64_t deadline)
{
	struct pollfd fds[2] = {{.fd = ks->fd, .events = POLLIN}, {.fd = ks->wake_fd, .events = POLLIN}};
	uint64_t now = deadline && deadline != UINT64_MAX ? ut__clock_now() : 0;
	struct timespec left = ut__clock_timespec(deadline > now ? deadline - now : 0);
	int status;

	if (ks->count)
		kn_flush(ks->session);
	if (!is_empty(ks))
		return 0;
	status = ppoll(fds, 2, deadline == UINT64_MAX ? NULL : &left, NULL);
	if (status < 0)
		return -errno;
	if (fds[1].revents & POLLIN)
		take_wake(ks);
	return fds[0].revents & (POLLERR | POLLNVAL) ? -EBADF : 0;
}

void kn_wake(utrace_session *session)
{
	const struct kn_session *ks = session->backend;
	uint64_t one = 1;
	int saved = errno;
	ssize_t done = write(ks->wake_fd, &one, sizeof(one));

	(void)done; /* a full counter is readable, which is all that matters */
	errno = saved;
}
