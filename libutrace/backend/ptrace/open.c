/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/ptrace/open.c - the session's side that needs no tracee, and the bell.
 *
 * The tracer thread sleeps in wait4, which nothing but a child can end: no descriptor, no timeout, and signals would
 * need a handler in the host program.  So each session has a child of its own, the bell: a process that shares the
 * program's memory and descriptors, owns nothing, sleeps in a futex, and is a tracee.  Any signal to it becomes a
 * stop that wait4 returns for; that is how a thread wakes the tracer (kill(2) is async-signal-safe), and how a
 * deadline does (the bell signals itself).  It dies with the tracer (PR_SET_PDEATHSIG), or shortly after
 * (onecpu_bell.c); its exit signal is 0, so the host never hears of it, and it is born with CLONE_UNTRACED, so that a
 * tracer of the host's does not get it.
 */
#include <errno.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "backend/ptrace/ptrace.h"
#include "backend/target.h"
#include "util/clock.h"
#include "util/procfs.h"
#include "util/rawcall.h"

enum { BELL_STACK = 16384 };

long pt_request(unsigned long request, pid_t tid, unsigned long address, const void *data)
{
	long result = syscall(SYS_ptrace, request, (long)tid, address, data);

	return result < 0 ? -(long)errno : result;
}

/*
 * Sleeps until the deadline, if there is one, and then rings by a signal to itself; wakes for ticks as long as there
 * are any.
 */
__attribute__((no_sanitize("address", "thread", "undefined"))) static void bell_sleep(struct pt_bell *bell, long self)
{
	uint32_t sequence = __atomic_load_n((uint32_t *)&bell->sequence, __ATOMIC_ACQUIRE);
	uint64_t deadline = __atomic_load_n((uint64_t *)&bell->deadline, __ATOMIC_ACQUIRE);
	uint64_t tick = pt_one_cpu_tick(bell->one_cpu);
	uint64_t first = tick && (!deadline || tick < deadline) ? tick : deadline;
	struct timespec until = {.tv_sec = (time_t)(first / 1000000000u), .tv_nsec = (long)(first % 1000000000u)};
	long result = ut__rawcall(SYS_futex, (long)&bell->sequence, FUTEX_WAIT_BITSET, (long)sequence,
				  first ? (long)&until : 0, 0, (long)FUTEX_BITSET_MATCH_ANY);

	if (result != -ETIMEDOUT || first != deadline)
		return;
	__atomic_store_n((uint64_t *)&bell->deadline, 0, __ATOMIC_RELEASE);
	(void)ut__rawcall(SYS_kill, self, SIGURG, 0, 0, 0, 0);
}

/*
 * Runs on borrowed memory without a thread control block: raw calls only, and nothing that a sanitizer would
 * instrument.
 */
__attribute__((no_sanitize("address", "thread", "undefined"))) static int bell_main(void *argument)
{
	struct pt_bell *bell = argument;
	long self = ut__rawcall(SYS_getpid, 0, 0, 0, 0, 0, 0);

	pt_one_cpu_die_with_tracer(bell->one_cpu, true);
	(void)ut__rawcall(SYS_prctl, PR_SET_NAME, (long)"utrace-bell", 0, 0, 0, 0);
	/* For ever: bell_stop kills it before it takes the stack away. */
	while (bell->stack)
		bell_sleep(bell, self);
	return 0;
}

static void bell_stop(struct pt_bell *bell)
{
	int status;

	if (bell->pid > 0) {
		(void)kill(bell->pid, SIGKILL);
		while (waitpid(bell->pid, &status, __WALL) < 0 ? errno == EINTR
							       : !WIFSIGNALED(status) && !WIFEXITED(status))
			;
	}
	if (bell->stack)
		(void)munmap(bell->stack, BELL_STACK);
	bell->pid = 0;
	bell->stack = NULL;
}

#ifdef __SANITIZE_THREAD__
/* ThreadSanitizer takes every clone for a fork and stops watching; it does not know glibc's other name for it. */
extern __typeof__(clone) __clone;
static __typeof__(clone) *const make_process = __clone;
#else
static __typeof__(clone) *const make_process = clone;
#endif

static int bell_start(struct pt_bell *bell, struct utrace_error *error)
{
	sigset_t all;
	sigset_t old;
	long status;

	bell->stack = mmap(NULL, BELL_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (bell->stack == MAP_FAILED) {
		bell->stack = NULL;
		return ut__fail(error, UTRACE_NO_MEMORY, errno, "No memory for the session's helper process.");
	}
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	bell->pid = make_process(bell_main, (char *)bell->stack + BELL_STACK,
				 CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_UNTRACED, bell);
	status = bell->pid < 0 ? -errno : 0;
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!status)
		status = pt_request(PTRACE_SEIZE, bell->pid, 0, NULL);
	if (!status)
		return UTRACE_OK;
	status = pt_explain_denied(bell->pid > 0 ? bell->pid : getpid(), (int)-status, error);
	bell_stop(bell);
	return (int)status;
}

void pt_bell_set(struct pt_session *ps, uint64_t deadline)
{
	uint64_t armed = atomic_load(&ps->bell.deadline);

	/* One that rings too early costs one look; arming costs a switch to the bell, and would at every wait. */
	if (armed == deadline || (armed && (deadline == 0 || armed <= deadline)))
		return;
	atomic_store(&ps->bell.deadline, deadline);
	pt_bell_tick(ps);
}

/* Makes the bell look anew at what it waits for. */
void pt_bell_tick(struct pt_session *ps)
{
	atomic_fetch_add(&ps->bell.sequence, 1);
	(void)syscall(SYS_futex, &ps->bell.sequence, FUTEX_WAKE, 1, NULL, NULL, 0);
}

void pt_bell_answer(struct pt_session *ps, int status)
{
	if (!WIFSTOPPED(status)) {
		ps->bell.pid = 0;
		return;
	}
	if (status >> 16 == PTRACE_EVENT_STOP && WSTOPSIG(status) != SIGTRAP)
		(void)pt_request(PTRACE_LISTEN, ps->bell.pid, 0, NULL);
	else
		(void)pt_request(PTRACE_CONT, ps->bell.pid, 0, NULL);
}

/* The bell blocks nothing that matters: a signal that it blocks would not stop it. */
void pt_wake(utrace_session *session)
{
	struct pt_session *ps = session->backend;
	int saved = errno;

	(void)kill(ps->bell.pid, SIGURG);
	errno = saved;
}

/* PTRACE_GET_SYSCALL_INFO came with Linux 5.3; without it entry and exit can't be told apart. */
static int probe_syscall_info(struct pt_session *ps, struct utrace_error *error)
{
	struct __ptrace_syscall_info info;
	sigset_t none;
	int status;
	long result;

	if (pt_request(PTRACE_INTERRUPT, ps->bell.pid, 0, NULL) < 0 || waitpid(ps->bell.pid, &status, __WALL) < 0)
		return ut__fail(error, UTRACE_SYSTEM, errno, "The session's helper process can't be stopped.");
	(void)sigemptyset(&none);
	(void)pt_request(PTRACE_SETSIGMASK, ps->bell.pid, 8, &none);
	result = pt_request(PTRACE_GET_SYSCALL_INFO, ps->bell.pid, sizeof(info), &info);
	pt_bell_answer(ps, status);
	if (result >= 0)
		return UTRACE_OK;
	return ut__fail(error, UTRACE_UNSUPPORTED, (int)-result,
			"This kernel lacks PTRACE_GET_SYSCALL_INFO; Linux 5.3 or later is needed.");
}

bool pt_may_filter_freely(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{0}};

	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return true;
	return syscall(SYS_capget, &header, data) == 0 && (data[0].effective >> CAP_SYS_ADMIN & 1);
}

static bool kernel_has_x32(void)
{
	/* A program under a seccomp filter might be killed for trying. */
	return ut__procfs_status(getpid(), "Seccomp") == 0 && syscall(0x40000000L | SYS_getpid) > 0;
}

static uint64_t probe_capabilities(const utrace_session *session, const struct pt_session *ps)
{
	uint64_t found = UTRACE_CAN_FILTER_SPAWNED | UTRACE_CAN_WATCH | UTRACE_CAN_INJECT_STOPPED;

	if (session->options.threading == UTRACE_THREADS_ANY)
		found |= UTRACE_CAN_SESSION_FD;
	if (pt_may_filter_freely())
		found |= UTRACE_CAN_FILTER_WITHOUT_NNP;
	if (ps->one_cpu.possible)
		found |= UTRACE_CAN_ONE_CPU;
	if (kernel_has_x32())
		found |= UTRACE_CAN_TRACE_X32;
	return found;
}

static bool spin_possible(const utrace_session *session)
{
	cpu_set_t cpus;

	if (session->options.no_spin)
		return false;
	return sched_getaffinity(0, sizeof(cpus), &cpus) != 0 || CPU_COUNT(&cpus) > 1;
}

int pt_open(utrace_session *session, struct utrace_error *error)
{
	int status = ut__target_check_proc(error);
	struct pt_session *ps;

	if (status)
		return status;
	ps = calloc(1, sizeof(*ps));
	if (!ps || ut__idmap_init(&ps->processes)) {
		free(ps);
		return ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for a session.");
	}
	ps->session = session;
	ps->tracer = (pid_t)syscall(SYS_gettid);
	ps->spin.possible = spin_possible(session);
	ps->bell.one_cpu = &ps->one_cpu;
	ps->one_cpu.program = getpid();
	ut__list_init(&ps->children);
	ut__list_init(&ps->adopted);
	ut__list_init(&ps->lazy);
	status = bell_start(&ps->bell, error);
	if (!status && session->options.one_cpu && session->options.threading == UTRACE_THREADS_BOUND &&
	    !pt_one_cpu_probe(ps)) {
		bell_stop(&ps->bell);
		status = bell_start(&ps->bell, error);
	}
	if (!status)
		status = probe_syscall_info(ps, error);
	if (status) {
		bell_stop(&ps->bell);
		ut__idmap_deinit(&ps->processes);
		free(ps);
		return status;
	}
	session->backend = ps;
	session->capabilities = probe_capabilities(session, ps);
	return UTRACE_OK;
}

void pt_close(utrace_session *session)
{
	struct pt_session *ps = session->backend;

	pt_one_cpu_end(ps);
	bell_stop(&ps->bell);
	pt_children_lost(ps);
	ut__idmap_deinit(&ps->processes);
	free(ps);
	session->backend = NULL;
}
