/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/ptrace/memory.c - the tracee's memory.
 *
 * process_vm_readv first: one call, no descriptor.  It obeys the page protections, so what it leaves is tried through
 * /proc/PID/mem, which does not (FOLL_FORCE) where a page is private.  The pid in both can't have been reused: the
 * thread that it is taken from has not been reaped.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "backend/ptrace/ptrace.h"

enum { IOV_BATCH = 64, PAGE = 4096 };

/* A thread that still has the memory: a leader that has exited first has not. 0 if there is none. */
static pid_t living_tid(const utrace_process *process)
{
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, &process->threads) {
		utrace_thread *thread = UT__ENTRY(node, utrace_thread, in_process);

		if (!pt_of(thread)->reaped)
			return pt_tid(thread);
	}
	return 0;
}

static int open_mem(utrace_process *process, pid_t tid)
{
	struct pt_process *pp = pt_process_of(process);
	char path[64];

	if (pp->mem_fd >= 0)
		return pp->mem_fd;
	(void)snprintf(path, sizeof(path), "/proc/%d/mem", tid);
	pp->mem_fd = open(path, O_RDWR | O_CLOEXEC);
	return pp->mem_fd;
}

/* kcmp(2); a kernel without it answers for the common case: only a vfork child shares, and it is followed. */
bool pt_shares_memory(utrace_process *process, pid_t child)
{
	pid_t tid = living_tid(process);

	return tid && syscall(SYS_kcmp, tid, child, KCMP_VM, 0, 0) == 0;
}

void pt_memory_forget(struct pt_process *pp)
{
	if (pp->mem_fd >= 0)
		(void)close(pp->mem_fd);
	pp->mem_fd = -1;
}

static ssize_t mem_transfer(int fd, uint64_t address, char *buffer, size_t size, bool write)
{
	size_t done = 0;

	while (done < size) {
		off_t offset = (off_t)(address + done);
		ssize_t n = write ? pwrite(fd, buffer + done, size - done, offset)
				  : pread(fd, buffer + done, size - done, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

/* The part that the fast way did not do. */
static ssize_t slow(utrace_process *process, pid_t tid, uint64_t address, void *buffer, size_t size, bool write,
		    struct utrace_error *error)
{
	int fd = open_mem(process, tid);

	if (fd >= 0)
		return mem_transfer(fd, address, buffer, size, write);
	if (errno == EMFILE || errno == ENFILE)
		return ut__fail(error, UTRACE_NO_DESCRIPTOR, errno, "No descriptor for /proc/%d/mem: %s.", tid,
				strerror(errno));
	if (errno == ENOENT || errno == ESRCH)
		return ut__fail_dead(error, tid);
	return ut__fail(error, UTRACE_DENIED, errno, "/proc/%d/mem can't be opened: %s.", tid, strerror(errno));
}

static ssize_t fast(pid_t tid, uint64_t address, void *buffer, size_t size, bool write)
{
	struct iovec local = {buffer, size};
	struct iovec remote = {(void *)address, size}; // NOLINT(performance-no-int-to-ptr)

	return write ? process_vm_writev(tid, &local, 1, &remote, 1, 0)
		     : process_vm_readv(tid, &local, 1, &remote, 1, 0);
}

static ssize_t transfer(utrace_process *process, uint64_t address, char *buffer, size_t size, bool write,
			struct utrace_error *error)
{
	struct pt_process *pp = pt_process_of(process);
	pid_t tid = living_tid(process);
	ssize_t done;
	ssize_t rest;

	if (!tid)
		return ut__fail_dead(error, process->pid);
	if (!size)
		return 0;
	if (size > SSIZE_MAX)
		size = SSIZE_MAX;
	/* Text, where breakpoints and copies of instructions go, is not writable the fast way; ask once a page. */
	errno = EFAULT;
	done = write && address / PAGE == pp->forced_page ? -1 : fast(tid, address, buffer, size, write);
	if (write && done < 0)
		pp->forced_page = address / PAGE;
	if (done == (ssize_t)size)
		return done;
	if (done < 0 && errno == ESRCH)
		return ut__fail_dead(error, process->pid);
	if (done < 0)
		done = 0;
	rest = slow(process, tid, address + (uint64_t)done, buffer + done, size - (size_t)done, write, error);
	if (rest < 0)
		return done ? done : rest;
	return done + rest;
}

ssize_t pt_read(utrace_process *process, uint64_t address, void *buffer, size_t size, struct utrace_error *error)
{
	return transfer(process, address, buffer, size, false, error);
}

ssize_t pt_write(utrace_process *process, uint64_t address, const void *buffer, size_t size, struct utrace_error *error)
{
	return transfer(process, address, (char *)buffer, size, true, error);
}

void pt_write_child(utrace_process *process, pid_t child, uint64_t address, const void *expected, const void *bytes,
		    size_t size)
{
	unsigned char found[16];
	char path[64];
	int fd;

	(void)process;
	if (size > sizeof(found) || fast(child, address, found, size, false) != (ssize_t)size ||
	    memcmp(found, expected, size) != 0)
		return;
	(void)snprintf(path, sizeof(path), "/proc/%d/mem", child);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)mem_transfer(fd, address, (char *)bytes, size, true);
	(void)close(fd);
}

/* Up to IOV_BATCH pieces by one system call; how many of their bytes were done, in order. */
static size_t read_batch(pid_t tid, struct utrace_memory_span *spans, size_t count)
{
	struct iovec local[IOV_BATCH];
	struct iovec remote[IOV_BATCH];
	ssize_t done;

	for (size_t i = 0; i < count; i++) {
		local[i] = (struct iovec){spans[i].buffer, spans[i].size};
		remote[i] =
			(struct iovec){(void *)spans[i].address, spans[i].size}; // NOLINT(performance-no-int-to-ptr)
	}
	done = process_vm_readv(tid, local, count, remote, count, 0);
	return done < 0 ? 0 : (size_t)done;
}

int pt_readv(utrace_process *process, struct utrace_memory_span *spans, size_t count, struct utrace_error *error)
{
	pid_t tid = living_tid(process);
	size_t next = 0;

	if (!tid)
		return ut__fail_dead(error, process->pid);
	while (next < count) {
		size_t batch = count - next < IOV_BATCH ? count - next : IOV_BATCH;
		size_t done = read_batch(tid, spans + next, batch);

		while (batch && done >= spans[next].size) {
			spans[next].done = spans[next].size;
			done -= spans[next].size;
			next++;
			batch--;
		}
		if (!batch)
			continue;
		/* The transfer ended inside this piece: get what there is of it, and go on behind it. */
		ssize_t piece = pt_read(process, spans[next].address, spans[next].buffer, spans[next].size, error);

		if (piece < 0 && piece != UTRACE_FAULT)
			return (int)piece;
		spans[next].done = piece < 0 ? 0 : (size_t)piece;
		next++;
	}
	return UTRACE_OK;
}
