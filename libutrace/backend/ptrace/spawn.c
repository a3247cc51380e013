/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/ptrace/spawn.c - starting a program as a tracee.
 *
 * The child waits at a pipe until it is seized, prepares itself, and calls execve; the stop that execve causes is
 * where the caller gets it.  What fails on the way is reported through a second pipe, with the step's name.
 *
 * Between fork and execve the child is a copy of one thread of a program that may have had more: only async-signal-safe
 * calls, no allocation, and the id calls without glibc's broadcast to threads that don't exist there.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "backend/ptrace/ptrace.h"
#include "core/filter.h"
#include "core/spawn.h"

enum step {
	STEP_WAIT,
	STEP_TERMINAL,
	STEP_GROUP,
	STEP_FDS,
	STEP_DIRECTORY,
	STEP_ASLR,
	STEP_FILTER,
	STEP_USER,
	STEP_SIGNALS,
	STEP_EXEC,
};

static const char *const step_names[] = {
	"waiting for the tracer", "taking the terminal",
	"making a process group", "placing the descriptors",
	"changing the directory", "turning address space randomisation off",
	"installing the filter",  "becoming the user",
	"setting the signals",    "execve",
};

struct report {
	int step;
	int error;
};

struct child {
	const struct ut__spawn *spawn;
	struct sock_fprog filter; /* len 0: none */
	bool no_new_privs;
	int go;     /* read end: one byte when the child is seized */
	int report; /* write end, close-on-exec */
	char *const *envp;
};

static int setup_terminal(struct child *child)
{
	int terminal = child->spawn->options->terminal;

	if (terminal <= 0)
		return 0;
	if (setsid() < 0 || ioctl(terminal, TIOCSCTTY, 0) < 0)
		return -1;
	for (int fd = 0; fd <= 2; fd++) {
		if (dup2(terminal, fd) < 0)
			return -1;
	}
	return 0;
}

static int setup_group(struct child *child)
{
	return child->spawn->options->new_group ? setpgid(0, 0) : 0;
}

static int highest_target(const struct utrace_spawn_options *options)
{
	int highest = 2;

	for (size_t i = 0; i < options->fd_count; i++)
		highest = options->fds[i].to > highest ? options->fds[i].to : highest;
	return highest;
}

/* All sources are moved out of the way of all targets first, so that the order does not matter. */
static int setup_fds(struct child *child)
{
	const struct utrace_spawn_options *options = child->spawn->options;
	int base = highest_target(options) + 1;
	int moved[256];

	if (!options->fd_count)
		return 0;
	child->report = fcntl(child->report, F_DUPFD_CLOEXEC, base);
	if (child->report < 0)
		return -1;
	for (size_t i = 0; i < options->fd_count; i++) {
		moved[i] = fcntl(options->fds[i].from, F_DUPFD_CLOEXEC, base);
		if (moved[i] < 0)
			return -1;
	}
	for (size_t i = 0; i < options->fd_count; i++) {
		if (dup2(moved[i], options->fds[i].to) < 0)
			return -1;
	}
	return 0;
}

static int setup_directory(struct child *child)
{
	const char *directory = child->spawn->options->directory;

	return directory ? chdir(directory) : 0;
}

static int setup_aslr(struct child *child)
{
	if (!child->spawn->options->disable_aslr)
		return 0;
	return personality((unsigned long)personality(0xffffffff) | ADDR_NO_RANDOMIZE);
}

static int setup_filter(struct child *child)
{
	if (!child->filter.len)
		return 0;
	if (child->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &child->filter);
}

static int setup_user(struct child *child)
{
	const struct ut__user *user = child->spawn->user;

	if (!user)
		return 0;
	if (syscall(SYS_setgroups, user->group_count, user->groups) < 0 ||
	    syscall(SYS_setresgid, user->gid, user->gid, user->gid) < 0)
		return -1;
	return (int)syscall(SYS_setresuid, user->uid, user->uid, user->uid);
}

/* Caught signals become default before they are unblocked, or a handler of the host's might run here. */
static int setup_signals(struct child *child)
{
	struct sigaction action;

	for (int signal = 1; signal < _NSIG; signal++) {
		if (sigaction(signal, NULL, &action) < 0 || action.sa_handler == SIG_DFL ||
		    action.sa_handler == SIG_IGN)
			continue;
		action = (struct sigaction){.sa_handler = SIG_DFL};
		(void)sigaction(signal, &action, NULL);
	}
	return sigprocmask(SIG_SETMASK, &child->spawn->signal_mask, NULL);
}

static int run_program(struct child *child)
{
	return execve(child->spawn->path, (char *const *)child->spawn->options->argv, child->envp);
}

static int wait_for_go(struct child *child)
{
	char byte;

	return read(child->go, &byte, 1) == 1 ? 0 : -1;
}

__attribute__((noreturn)) static void child_main(struct child *child)
{
	static int (*const steps[])(struct child *) = {
		wait_for_go, setup_terminal, setup_group, setup_fds,     setup_directory,
		setup_aslr,  setup_filter,   setup_user,  setup_signals, run_program,
	};
	struct report report = {0};
	ssize_t done;

	for (report.step = STEP_WAIT; report.step <= STEP_EXEC; report.step++) {
		if (steps[report.step](child) < 0)
			break;
	}
	report.error = errno;
	done = write(child->report, &report, sizeof(report));
	_exit(done == sizeof(report) ? 127 : 126);
}

static int fail_failed(int report_fd, const struct ut__spawn *spawn, struct utrace_error *error)
{
	struct report report;

	if (read(report_fd, &report, sizeof(report)) != sizeof(report))
		return ut__fail(error, UTRACE_NO_PROCESS, 0, "The child was killed before it could start \"%s\".",
				spawn->path);
	if (report.step != STEP_EXEC && (report.error == EMFILE || report.error == ENFILE))
		return ut__fail(error, UTRACE_NO_DESCRIPTOR, report.error, "\"%s\" was not started: %s failed: %s.",
				spawn->path, step_names[report.step], strerror(report.error));
	if (report.step == STEP_EXEC)
		return ut__fail(error, UTRACE_EXEC_FAILED, report.error, "\"%s\" can't be run: %s.", spawn->path,
				strerror(report.error));
	if (report.step == STEP_DIRECTORY)
		return ut__fail(error, UTRACE_EXEC_FAILED, report.error,
				"\"%s\" was not started: the directory \"%s\" can't be entered: %s.", spawn->path,
				spawn->options->directory, strerror(report.error));
	return ut__fail(error, UTRACE_EXEC_FAILED, report.error, "\"%s\" was not started: %s failed: %s.", spawn->path,
			step_names[report.step], strerror(report.error));
}

/* Lets the child run, unseen, to its exec stop. */
static int run_to_exec(utrace_thread *thread)
{
	struct pt_thread *pt = pt_of(thread);
	int status;

	pt->private_stops = true;
	for (;;) {
		if (!pt_wait_stop(thread, &status))
			return -1;
		if (pt->stop == PT_STOP_EXEC)
			break;
		if (pt->stop == PT_STOP_EVENT && pt->group_signal)
			pt_restart(thread, PTRACE_LISTEN, 0);
		else
			pt_restart(thread, PTRACE_CONT, pt->signal);
	}
	pt->private_stops = false;
	return 0;
}

/* Where the filter goes, and why not into the kernel. */
static const char *filter_obstacle(const utrace_process *process)
{
	const utrace_session *session = atomic_load(&process->session);

	if (process->end_policy != UTRACE_END_KILL)
		return "The process may outlive its tracer (UTRACE_END_LET_RUN), and a filter in the kernel can't be "
		       "removed: "
		       "its calls would then fail with ENOSYS.";
	if (session->options.no_follow)
		return "Children are not followed, but would inherit a filter in the kernel: their calls would fail "
		       "with ENOSYS.";
	if (!pt_may_filter_freely() && !process->filter->allow_no_new_privs)
		return "A filter in the kernel needs CAP_SYS_ADMIN or no_new_privs (utrace_filter_allow_no_new_privs).";
	return NULL;
}

static void place_filter(utrace_process *process, struct child *child)
{
	const char *obstacle;

	if (!process->filter)
		return;
	obstacle = filter_obstacle(process);
	if (!obstacle && pt_seccomp_compile(process->filter, &child->filter))
		obstacle = "No memory for the filter's program.";
	if (obstacle) {
		(void)strncpy(process->filter_reason, obstacle, sizeof(process->filter_reason) - 1);
		return;
	}
	child->no_new_privs = !pt_may_filter_freely();
	process->filter_place = UTRACE_FILTER_IN_KERNEL;
}

static pid_t start_child(struct child *child)
{
	sigset_t all;
	sigset_t old;
	pid_t pid;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	pid = _Fork();
	if (pid == 0)
		child_main(child);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	return pid;
}

static void kill_unseized(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
}

static int seize_child(utrace_process *process, pid_t pid, utrace_thread **thread, struct utrace_error *error)
{
	uint64_t options = pt_wanted_options(process);
	long status;

	process->pid = pid;
	*thread = ut__sink_thread(process, pid);
	if (!*thread) {
		kill_unseized(pid);
		return ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for a thread's handle.");
	}
	pt_process_known(process);
	status = pt_request(PTRACE_SEIZE, pid, 0, (void *)options);
	if (status < 0) {
		int result = pt_explain_denied(pid, (int)-status, error);

		kill_unseized(pid);
		ut__sink_thread_exit(*thread, UTRACE_EXIT_GROUP, 0);
		return result;
	}
	pt_of(*thread)->options = options;
	ut__sink_running(*thread);
	return UTRACE_OK;
}

/* pipes: go and report, each as pipe2(2) gives it. */
static int start(utrace_process *process, struct child *child, int go, int report, utrace_thread **thread,
		 struct utrace_error *error)
{
	pid_t pid = start_child(child);
	int status;

	(void)close(child->go);
	(void)close(child->report);
	if (pid < 0)
		return ut__fail(error, UTRACE_SYSTEM, errno, "No process for the program: %s.", strerror(errno));
	status = seize_child(process, pid, thread, error);
	if (status)
		return status;
	utrace_thread_ref(*thread);
	if (write(go, "", 1) != 1 || run_to_exec(*thread)) {
		status = fail_failed(report, child->spawn, error);
		utrace_thread_unref(*thread);
	}
	return status;
}

static int check_fds(const struct ut__spawn *spawn, struct utrace_error *error)
{
	if (spawn->options->fd_count <= 256)
		return UTRACE_OK;
	return ut__fail(error, UTRACE_INVALID, 0, "fd_count is %zu; at most 256 descriptors can be placed.",
			spawn->options->fd_count);
}

static int make_pipes(int go[2], int report[2], struct utrace_error *error)
{
	int saved;

	if (pipe2(go, O_CLOEXEC) == 0) {
		if (pipe2(report, O_CLOEXEC) == 0)
			return UTRACE_OK;
		saved = errno;
		(void)close(go[0]);
		(void)close(go[1]);
		errno = saved;
	}
	return ut__fail(error, UTRACE_NO_DESCRIPTOR, errno, "No descriptors for starting a program: %s.",
			strerror(errno));
}

int pt_spawn(utrace_process *process, const struct ut__spawn *spawn, struct utrace_error *error)
{
	const char *const *envp = spawn->options->envp;
	struct child child = {.spawn = spawn, .envp = envp ? (char *const *)envp : environ};
	utrace_thread *thread = NULL;
	int go[2] = {-1, -1};
	int report[2] = {-1, -1};
	int status = check_fds(spawn, error);

	if (!status)
		status = make_pipes(go, report, error);
	if (status)
		return status;
	pt_one_cpu_end(pt_session_of(process));
	place_filter(process, &child);
	child.go = go[0];
	child.report = report[1];
	status = start(process, &child, go[1], report[0], &thread, error);
	(void)close(go[1]);
	(void)close(report[0]);
	free(child.filter.filter);
	if (status)
		return status;
	ut__sink_spawned(thread);
	ut__sink_exec(thread, process->pid, process->pid);
	utrace_thread_unref(thread);
	return UTRACE_OK;
}
