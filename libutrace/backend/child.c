/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/child.c - see child.h.
 *
 * Between fork and execve the child is a copy of one thread of a program that may have had more: only async-signal-safe
 * calls, no allocation, and the id calls without glibc's broadcast to threads that don't exist there.
 */
#include "backend/child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backend/sink.h"
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

static int setup_terminal(struct ut__child *child)
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

static int setup_group(struct ut__child *child)
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
static int setup_fds(struct ut__child *child)
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

static int setup_directory(struct ut__child *child)
{
	const char *directory = child->spawn->options->directory;

	return directory ? chdir(directory) : 0;
}

static int setup_aslr(struct ut__child *child)
{
	if (!child->spawn->options->disable_aslr)
		return 0;
	return personality((unsigned long)personality(0xffffffff) | ADDR_NO_RANDOMIZE);
}

static int setup_filter(struct ut__child *child)
{
	if (!child->filter.len)
		return 0;
	if (child->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &child->filter);
}

static int setup_user(struct ut__child *child)
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
static int setup_signals(struct ut__child *child)
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

static int run_program(struct ut__child *child)
{
	return execve(child->spawn->path, (char *const *)child->spawn->options->argv, child->envp);
}

static int wait_for_go(struct ut__child *child)
{
	char byte;

	return read(child->go, &byte, 1) == 1 ? 0 : -1;
}

__attribute__((noreturn)) static void child_main(struct ut__child *child)
{
	static int (*const steps[])(struct ut__child *) = {
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

int ut__child_explain(const struct ut__child *child, struct utrace_error *error)
{
	const struct ut__spawn *spawn = child->spawn;
	struct report report;

	if (read(child->result, &report, sizeof(report)) != sizeof(report))
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

static pid_t start_child(struct ut__child *child)
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

void ut__child_kill(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
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

int ut__child_start(struct ut__child *child, pid_t *pid, struct utrace_error *error)
{
	const char *const *envp = child->spawn->options->envp;
	int go[2] = {-1, -1};
	int report[2] = {-1, -1};
	int status = check_fds(child->spawn, error);

	if (!status)
		status = make_pipes(go, report, error);
	if (status)
		return status;
	child->envp = envp ? (char *const *)envp : environ;
	child->go = go[0];
	child->report = report[1];
	child->start = go[1];
	child->result = report[0];
	*pid = start_child(child);
	if (*pid < 0)
		status = ut__fail(error, UTRACE_SYSTEM, errno, "No process for the program: %s.", strerror(errno));
	(void)close(child->go);
	(void)close(child->report);
	if (status)
		ut__child_end(child);
	return status;
}

bool ut__child_go(const struct ut__child *child)
{
	return write(child->start, "", 1) == 1;
}

void ut__child_end(const struct ut__child *child)
{
	(void)close(child->start);
	(void)close(child->result);
}
