/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/kernel/open.c - the system call itself, and the session's side that needs no tracee.
 *
 * The descriptor is close-on-exec.  A child that the program forks without exec has a copy, and while it lives the
 * kernel does not see the session's end by the death of this program.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "backend/kernel/kernel.h"
#include "backend/target.h"

enum { CALL_NUMBER = 548, RING_SIZE = 1 << 20 }; /* arch/x86/entry/syscalls/syscall_64.tbl of the series */

long kn_call(uint32_t op, int fd, void *argument, size_t size)
{
	long result = syscall(CALL_NUMBER, op, fd, argument, size, 0);

	return result < 0 ? -(long)errno : result;
}

static long query(struct utrace_query_args *args)
{
	memset(args, 0, sizeof(*args));
	return kn_call(UTRACE_OP_QUERY, -1, args, sizeof(*args));
}

static bool has_all(const struct utrace_query_args *args)
{
	const uint64_t commands = (UINT64_C(1) << (UTRACE_CMD_WAKE + 1)) - 1;
	const uint64_t events = (UINT64_C(1) << (UTRACE_EV_STEP + 1)) - 1;

	return args->version >= 1 && (args->commands & commands) == commands && (args->events & events) == events;
}

int kn_probe(struct utrace_error *error)
{
	struct utrace_query_args args;
	long status = query(&args);

	if (status == -ENOSYS)
		return ut__fail(error, UTRACE_UNSUPPORTED, ENOSYS, "This kernel has no utrace system call.");
	if (status < 0)
		return ut__fail(error, UTRACE_UNSUPPORTED, (int)-status,
				"The utrace system call can't be used here: %s.", strerror((int)-status));
	if (has_all(&args))
		return UTRACE_OK;
	return ut__fail(error, UTRACE_UNSUPPORTED, 0,
			"The utrace system call of this kernel (version %u) lacks commands or events that the library "
			"needs.",
			args.version);
}

static int map_ring(struct kn_session *ks)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *mapping;

	ks->mapped = RING_SIZE + page;
	mapping = mmap(NULL, ks->mapped, PROT_READ | PROT_WRITE, MAP_SHARED, ks->fd, 0);
	if (mapping == MAP_FAILED)
		return -errno;
	/* A child that the program forks must not move our place in it. */
	(void)madvise(mapping, ks->mapped, MADV_DONTFORK);
	ks->ring = mapping;
	return 0;
}

static void undo(struct kn_session *ks)
{
	if (ks->ring)
		(void)munmap(ks->ring, ks->mapped);
	if (ks->fd >= 0)
		(void)close(ks->fd);
	ut__idmap_deinit(&ks->threads);
	ut__idmap_deinit(&ks->processes);
	free(ks);
}

static int fail(long status, struct utrace_error *error)
{
	int code = status == -ENOMEM                        ? UTRACE_NO_MEMORY
		   : status == -EMFILE || status == -ENFILE ? UTRACE_NO_DESCRIPTOR
							    : UTRACE_SYSTEM;

	return ut__fail(error, code, (int)-status, "The kernel gives no tracing session: %s.", strerror((int)-status));
}

/* Out of the way of the numbers at which programs place descriptors, where there are so many. */
static int move_up(int fd)
{
	enum { HIGH = 512 };
	int high = fcntl(fd, F_DUPFD_CLOEXEC, HIGH);

	if (high < 0)
		return fd;
	(void)close(fd);
	return high;
}

static long open_descriptors(struct kn_session *ks)
{
	struct utrace_open_args args = {.ring_size = RING_SIZE};
	long status = query(&ks->kernel);

	if (ks->session->options.overflow == UTRACE_OVERFLOW_WAIT)
		args.flags |= UTRACE_OPEN_BACKPRESSURE;
	if (status < 0)
		return status;
	status = kn_call(UTRACE_OP_OPEN, -1, &args, sizeof(args));
	if (status < 0)
		return status;
	ks->fd = move_up((int)status);
	return map_ring(ks);
}

static uint64_t capabilities(const utrace_session *session, const struct kn_session *ks)
{
	uint64_t found = UTRACE_CAN_FILTER_SPAWNED | UTRACE_CAN_FILTER_WITHOUT_NNP | UTRACE_CAN_FILTER_ATTACHED |
			 UTRACE_CAN_SHARE_TRACEE | UTRACE_CAN_SEE_UNTRACED | UTRACE_CAN_LET_GAIN |
			 UTRACE_CAN_RECORD_UNSTOPPED | UTRACE_CAN_END_STEPS;

	if (session->options.threading == UTRACE_THREADS_ANY)
		found |= UTRACE_CAN_SESSION_FD;
	if (ks->kernel.commands & UINT64_C(1) << UTRACE_CMD_WATCHPOINT)
		found |= UTRACE_CAN_WATCH | UTRACE_CAN_WATCH_CALLS;
	if (ks->kernel.abis & 1u << UTRACE_CALL_X32)
		found |= UTRACE_CAN_TRACE_X32;
	return found;
}

int kn_open(utrace_session *session, struct utrace_error *error)
{
	long status = ut__target_check_proc(error);
	struct kn_session *ks;

	if (status)
		return (int)status;
	ks = calloc(1, sizeof(*ks));
	if (!ks)
		return fail(-ENOMEM, error);
	ks->session = session;
	ks->fd = -1;
	ut__list_init(&ks->children);
	status = ut__idmap_init(&ks->threads) || ut__idmap_init(&ks->processes) ? -ENOMEM : open_descriptors(ks);
	if (status < 0) {
		undo(ks);
		return fail(status, error);
	}
	session->backend = ks;
	session->capabilities = capabilities(session, ks);
	return UTRACE_OK;
}

void kn_close(utrace_session *session)
{
	struct kn_session *ks = session->backend;

	kn_children_drop(ks);
	session->backend = NULL;
	undo(ks);
}
