/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/signal.c - signals, exits and wait statuses in words.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>

#include "tool.h"

void signal_name(struct text *text, int signal)
{
	const char *name = signal > 0 && signal < 32 ? sigabbrev_np(signal) : NULL;

	if (name)
		text_add(text, "SIG%s", name);
	else if (signal == 32 || signal == 33)
		text_add(text, "SIGRT%d", signal - 32);
	else if (signal >= 32 && signal <= 64)
		text_add(text, "SIGRT_%d", signal - 32);
	else
		text_add(text, "%d", signal);
}

int signal_number(const char *name)
{
	char *end;
	long number = strtol(name, &end, 10);

	if (!*end && end != name)
		return number > 0 && number <= 64 ? (int)number : -1;
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	if (strncasecmp(name, "RT_", 3) == 0 && name[3]) {
		number = strtol(name + 3, &end, 10);
		return !*end && number >= 0 && number <= 32 ? (int)number + 32 : -1;
	}
	if (strcasecmp(name, "RTMIN") == 0)
		return 32;
	for (int signal = 1; signal < 32; signal++) {
		if (sigabbrev_np(signal) && strcasecmp(sigabbrev_np(signal), name) == 0)
			return signal;
	}
	return -1;
}

/* Which member of the union the code says is valid. (sigaction(2)) */
enum shape { SHAPE_KILL, SHAPE_CHILD, SHAPE_FAULT, SHAPE_TIMER, SHAPE_QUEUE, SHAPE_POLL, SHAPE_SYS };

static enum shape shape_of(const siginfo_t *info)
{
	if (info->si_code == SI_QUEUE || info->si_code == SI_MESGQ)
		return SHAPE_QUEUE;
	if (info->si_code == SI_TIMER)
		return SHAPE_TIMER;
	if (info->si_code <= 0 || info->si_code == SI_KERNEL)
		return SHAPE_KILL;
	switch (info->si_signo) {
	case SIGCHLD:
		return SHAPE_CHILD;
	case SIGSEGV:
	case SIGBUS:
	case SIGILL:
	case SIGFPE:
	case SIGTRAP:
		return SHAPE_FAULT;
	case SIGPOLL:
		return SHAPE_POLL;
	case SIGSYS:
		return SHAPE_SYS;
	default:
		return SHAPE_KILL;
	}
}

static void add_code(struct text *text, const siginfo_t *info)
{
	char set[32];

	if (info->si_code <= 0 || info->si_code == SI_KERNEL) {
		if (table_enum(text, "si_code", (uint64_t)(int64_t)info->si_code))
			return;
	} else {
		(void)snprintf(set, sizeof(set), "si_code_%d", info->si_signo);
		if (table_enum(text, set, (uint64_t)info->si_code))
			return;
	}
	text_add(text, "%#x", (unsigned int)info->si_code);
}

static void add_child(struct text *text, const siginfo_t *info)
{
	text_add(text, ", si_pid=%d, si_uid=%u, si_status=", info->si_pid, info->si_uid);
	if (info->si_code == CLD_EXITED)
		text_add(text, "%d", info->si_status);
	else
		signal_name(text, info->si_status);
	text_add(text, ", si_utime=%ld, si_stime=%ld", (long)info->si_utime, (long)info->si_stime);
}

static void add_address(struct text *text, const char *name, const void *address)
{
	if (address)
		text_add(text, ", %s=%p", name, address);
	else
		text_add(text, ", %s=NULL", name);
}

void signal_describe(struct text *text, const siginfo_t *info)
{
	text_add(text, "{si_signo=");
	signal_name(text, info->si_signo);
	text_add(text, ", si_code=");
	add_code(text, info);
	switch (shape_of(info)) {
	case SHAPE_CHILD:
		add_child(text, info);
		break;
	case SHAPE_FAULT:
		add_address(text, "si_addr", info->si_addr);
		break;
	case SHAPE_TIMER:
		text_add(text, ", si_timerid=%#x, si_overrun=%d, si_int=%d, si_ptr=%p", (unsigned int)info->si_timerid,
			 info->si_overrun, info->si_value.sival_int, info->si_value.sival_ptr);
		break;
	case SHAPE_QUEUE:
		text_add(text, ", si_pid=%d, si_uid=%u, si_int=%d, si_ptr=%p", info->si_pid, info->si_uid,
			 info->si_value.sival_int, info->si_value.sival_ptr);
		break;
	case SHAPE_SYS:
		add_address(text, "si_call_addr", info->si_call_addr);
		text_add(text, ", si_syscall=%d", info->si_syscall);
		break;
	case SHAPE_POLL:
		text_add(text, ", si_band=%ld, si_fd=%d", info->si_band, info->si_fd);
		break;
	default:
		if (info->si_code != SI_KERNEL)
			text_add(text, ", si_pid=%d, si_uid=%u", info->si_pid, info->si_uid);
		break;
	}
	text_add(text, "}");
}

/* As strace: [INT CHLD], or ~[...] when most are in. */
void signal_set(struct text *text, uint64_t set)
{
	bool inverted = __builtin_popcountll(set) > 32;
	const char *blank = "";

	if (inverted)
		set = ~set;
	text_add(text, inverted ? "~[" : "[");
	for (int signal = 1; signal <= 64; signal++) {
		struct text name = {0};

		if (!(set >> (signal - 1) & 1))
			continue;
		signal_name(&name, signal);
		text_add(text, "%s%s", blank, name.data + 3);
		text_free(&name);
		blank = " ";
	}
	text_add(text, "]");
}

void exit_describe(struct text *text, int status)
{
	if (WIFEXITED(status)) {
		text_add(text, "+++ exited with %d +++", WEXITSTATUS(status));
		return;
	}
	text_add(text, "+++ killed by ");
	signal_name(text, WTERMSIG(status));
	text_add(text, "%s +++", WCOREDUMP(status) ? " (core dumped)" : "");
}

void wait_status_describe(struct text *text, int status)
{
	if (WIFEXITED(status)) {
		text_add(text, "[{WIFEXITED(s) && WEXITSTATUS(s) == %d}]", WEXITSTATUS(status));
	} else if (WIFSIGNALED(status)) {
		text_add(text, "[{WIFSIGNALED(s) && WTERMSIG(s) == ");
		signal_name(text, WTERMSIG(status));
		text_add(text, "%s}]", WCOREDUMP(status) ? " && WCOREDUMP(s)" : "");
	} else if (WIFSTOPPED(status)) {
		text_add(text, "[{WIFSTOPPED(s) && WSTOPSIG(s) == ");
		signal_name(text, WSTOPSIG(status));
		text_add(text, "}]");
	} else if (WIFCONTINUED(status)) {
		text_add(text, "[{WIFCONTINUED(s)}]");
	} else {
		text_add(text, "[%#x]", (unsigned int)status);
	}
}
