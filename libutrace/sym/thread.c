/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/thread.c - threads as the C library has them: pthread_t, name, stack.
 *
 * A pthread_t is the address of the C library's descriptor. On x86-64 it is the base of fs (AMD64 supplement,
 * "Thread-Local Storage"); on i386 that is a segment's base, which no register tells, so the C library's own lists of
 * threads are searched.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <utrace/core.h>
#include <utrace/facts.h>
#include <utrace/regs.h>
#include <utrace/session.h>
#include <utrace/tls.h>

#include "sym/pthread.h"
#include "util/procfs.h"

enum { THREADS_MAX = 1 << 17 };

/* The id that the tracee itself knows: of the innermost pid namespace. (proc_pid_status(5), NSpid) */
static pid_t own_tid(utrace_thread *thread)
{
	char path[64];
	char text[4096];
	const char *line;
	const char *last;
	pid_t tid = utrace_thread_tid(thread);

	/* The kernel writes a core with the ids that the process itself knows. */
	if (utrace_process_is_core(utrace_thread_process(thread)))
		return tid;
	(void)snprintf(path, sizeof(path), "/proc/%d/status", tid);
	if (ut__procfs_read(path, text, sizeof(text)) <= 0 || !(line = strstr(text, "\nNSpid:")))
		return tid;
	for (last = line = line + strlen("\nNSpid:"); *line && *line != '\n'; line++) {
		if (*line == '\t')
			last = line;
	}
	return sscanf(last, "%d", &tid) == 1 ? tid : utrace_thread_tid(thread);
}

static bool has_tid(utrace_image *image, uint64_t descriptor, pid_t tid, struct utrace_error *error)
{
	uint64_t found;

	return !ut__field_read(image, UT__PTHREAD_TID, descriptor, 0, &found, error) && (pid_t)found == tid;
}

/* Through one of the linker's lists, which are rings of list_t. */
static bool search_list(utrace_image *image, enum ut__field list, pid_t tid, uint64_t *descriptor)
{
	uint64_t offset;
	uint64_t head;
	uint64_t node;

	if (ut__linker_variable(image, list, &head, NULL) ||
	    ut__field_address(image, UT__PTHREAD_LIST, 0, 0, &offset, NULL) ||
	    ut__field_read(image, UT__LIST_NEXT, head, 0, &node, NULL))
		return false;
	for (int i = 0; i < THREADS_MAX && node && node != head; i++) {
		*descriptor = node - offset;
		if (has_tid(image, *descriptor, tid, NULL))
			return true;
		if (ut__field_read(image, UT__LIST_NEXT, node, 0, &node, NULL))
			return false;
	}
	return false;
}

static int find_descriptor(utrace_image *image, utrace_thread *thread, uint64_t *pthread, struct utrace_error *error)
{
	int architecture = utrace_thread_architecture(thread, error);
	pid_t tid = own_tid(thread);

	if (architecture < 0)
		return architecture;
	if (architecture == UTRACE_ARCH_X86_64) {
		int status = utrace_register_get_name(thread, "fs_base", pthread, error);

		if (status)
			return status;
		if (*pthread && has_tid(image, *pthread, tid, error))
			return UTRACE_OK;
	} else if (search_list(image, UT__RTLD_USED, tid, pthread) || search_list(image, UT__RTLD_USER, tid, pthread)) {
		return UTRACE_OK;
	}
	/* Tells whether there is no description, or no descriptor. */
	if (ut__field_address(image, UT__PTHREAD_TID, 0, 0, pthread, error))
		return UTRACE_UNSUPPORTED;
	return ut__fail(error, UTRACE_NOT_FOUND, 0, "The C library has not set up thread %d yet.",
			utrace_thread_tid(thread));
}

int utrace_thread_pthread(utrace_image *image, utrace_thread *thread, uint64_t *pthread, struct utrace_error *error)
{
	int status;

	*pthread = 0;
	if (utrace_thread_process(thread) != image->process)
		return ut__fail(error, UTRACE_INVALID, 0, "The thread is not of the image's process.");
	ut__sym_lock(image->symbols);
	status = find_descriptor(image, thread, pthread, error);
	ut__sym_unlock(image->symbols);
	if (status)
		*pthread = 0;
	return status;
}

/* The thread whose own id this is: mostly the same number here, else in a pid namespace of its own. */
static int find_by_own_tid(utrace_image *image, pid_t tid, utrace_thread **thread, struct utrace_error *error)
{
	utrace_session *session = utrace_process_session(image->process);
	utrace_thread *threads[256];
	int count;

	if (session && !utrace_session_find_thread(session, tid, thread, NULL)) {
		if (utrace_thread_process(*thread) == image->process && own_tid(*thread) == tid)
			return UTRACE_OK;
		utrace_thread_unref(*thread);
	}
	*thread = NULL;
	count = utrace_process_threads(image->process, threads, 256, error);
	for (int i = 0; i < count && i < 256; i++) {
		if (!*thread && own_tid(threads[i]) == tid)
			*thread = threads[i];
		else
			utrace_thread_unref(threads[i]);
	}
	if (count < 0)
		return count;
	return *thread ? UTRACE_OK
		       : ut__fail(error, UTRACE_NOT_FOUND, 0, "No thread of the process has the id %d.", tid);
}

int utrace_thread_by_pthread(utrace_image *image, uint64_t pthread, utrace_thread **thread, struct utrace_error *error)
{
	uint64_t tid = 0;
	int status;

	*thread = NULL;
	ut__sym_lock(image->symbols);
	status = ut__field_read(image, UT__PTHREAD_TID, pthread, 0, &tid, error);
	ut__sym_unlock(image->symbols);
	if (status == UTRACE_FAULT || (!status && (pid_t)tid <= 0))
		return ut__fail(error, UTRACE_NOT_FOUND, 0, "There is no thread descriptor at %#llx.",
				(unsigned long long)pthread);
	return status ? status : find_by_own_tid(image, (pid_t)tid, thread, error);
}

/* ---- the stack, by its mapping ---- */

/* The mapping that the stack pointer is in, and the one below it; their names are not kept. */
struct wanted {
	uint64_t sp;
	struct utrace_mapping before, found;
	bool is_main;
};

static int visit(const struct utrace_mapping *mapping, void *context)
{
	struct wanted *wanted = context;

	if (wanted->sp >= mapping->start && wanted->sp < mapping->end) {
		wanted->found = *mapping;
		wanted->is_main = strcmp(mapping->name, "[stack]") == 0;
		return 1;
	}
	wanted->before = *mapping;
	return 0;
}

/* The kernel lets the first stack grow down to its limit, or to the next mapping and its gap. */
static uint64_t lowest(const utrace_process *process, const struct wanted *wanted)
{
	uint64_t low = wanted->found.start;
	struct rlimit limit;

	if (!wanted->is_main || utrace_process_is_core(process) ||
	    prlimit(utrace_process_pid(process), RLIMIT_STACK, NULL, &limit) || limit.rlim_cur == RLIM_INFINITY ||
	    limit.rlim_cur > wanted->found.end)
		return low;
	low = wanted->found.end - limit.rlim_cur;
	if (low < wanted->before.end)
		low = wanted->before.end;
	return low < wanted->found.start ? low : wanted->found.start;
}

int utrace_thread_stack_bounds(utrace_image *image, utrace_thread *thread, struct utrace_stack_bounds *bounds,
			       struct utrace_error *error)
{
	struct utrace_stack_bounds full = {.size = sizeof(full)};
	struct wanted wanted = {.sp = 0};
	int status;

	if (utrace_thread_process(thread) != image->process)
		return ut__fail(error, UTRACE_INVALID, 0, "The thread is not of the image's process.");
	status = utrace_register_get(thread, UTRACE_REG_SP, &wanted.sp, error);
	if (!status)
		status = utrace_process_mappings(image->process, visit, &wanted, error);
	if (status < 0)
		return status;
	if (!wanted.found.end)
		return ut__fail(error, UTRACE_NOT_FOUND, 0, "The stack pointer %#llx of thread %d is in no mapping.",
				(unsigned long long)wanted.sp, utrace_thread_tid(thread));
	full.low = lowest(image->process, &wanted);
	full.high = wanted.found.end;
	if (!wanted.is_main && wanted.before.end == wanted.found.start &&
	    !(wanted.before.flags & (UTRACE_MAPPING_READ | UTRACE_MAPPING_EXECUTE)))
		full.guard = wanted.before.end - wanted.before.start;
	return ut__store(bounds, &full, sizeof(full), error);
}
