/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/siginfo.c - struct siginfo, by the member of its union that the code says is valid; and how
 * processes end.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "decode/decoder.h"
#include "tables.h"

/* Which member of the union the code says is valid. (sigaction(2)) */
enum shape {
	SHAPE_NONE,
	SHAPE_VALUE,
	SHAPE_KILL,
	SHAPE_CHILD,
	SHAPE_FAULT,
	SHAPE_TIMER,
	SHAPE_QUEUE,
	SHAPE_POLL,
	SHAPE_SYS
};

static enum shape shape_of(const siginfo_t *info)
{
	bool poll = info->si_code >= POLL_IN && info->si_code <= POLL_HUP;

	if (info->si_code == SI_USER || info->si_code == SI_TKILL)
		return SHAPE_KILL;
	if (info->si_code == SI_TIMER)
		return SHAPE_TIMER;
	if (info->si_code == SI_SIGIO)
		return SHAPE_POLL;
	if (info->si_code <= 0)
		return SHAPE_QUEUE;
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
		return poll ? SHAPE_POLL : SHAPE_NONE;
	case SIGSYS:
		return SHAPE_SYS;
	default:
		return info->si_pid || info->si_uid ? SHAPE_QUEUE : SHAPE_VALUE;
	}
}

static void show_code(struct decoder *d, const siginfo_t *info)
{
	const struct set *set = &set_si_code;
	uint64_t code = (uint64_t)(int64_t)info->si_code;
	char name[32];

	if (!set_name(set, code)) {
		(void)snprintf(name, sizeof(name), "si_code_%d", info->si_signo);
		set = set_find(name);
	}
	if (set && set_name(set, code))
		writer_constant(d->writer, set, code);
	else
		writer_hex(d->writer, (uint32_t)info->si_code);
}

static void show_sender(struct decoder *d, const siginfo_t *info)
{
	writer_name(d->writer, "si_pid");
	show_pid_number(d, info->si_pid);
	writer_name(d->writer, "si_uid");
	show_id(d, info->si_uid);
}

static void show_value(struct decoder *d, const siginfo_t *info)
{
	writer_name(d->writer, "si_int");
	writer_integer(d->writer, info->si_value.sival_int);
	writer_name(d->writer, "si_ptr");
	writer_address(d->writer, (uint64_t)(uintptr_t)info->si_value.sival_ptr);
}

static void show_child(struct decoder *d, const siginfo_t *info)
{
	show_sender(d, info);
	writer_name(d->writer, "si_status");
	if (info->si_code == CLD_EXITED)
		writer_integer(d->writer, info->si_status);
	else
		show_signal(d, info->si_status);
	writer_name(d->writer, "si_utime");
	writer_natural(d->writer, (uint64_t)info->si_utime);
	writer_name(d->writer, "si_stime");
	writer_natural(d->writer, (uint64_t)info->si_stime);
}

static void show_fault(struct decoder *d, const siginfo_t *info)
{
	writer_name(d->writer, "si_addr");
	writer_address(d->writer, (uint64_t)(uintptr_t)info->si_addr);
	if (info->si_signo == SIGSEGV && info->si_code == SEGV_BNDERR) {
		writer_name(d->writer, "si_lower");
		writer_address(d->writer, (uint64_t)(uintptr_t)info->si_lower);
		writer_name(d->writer, "si_upper");
		writer_address(d->writer, (uint64_t)(uintptr_t)info->si_upper);
	}
	if (info->si_signo == SIGSEGV && info->si_code == SEGV_PKUERR) {
		writer_name(d->writer, "si_pkey");
		writer_natural(d->writer, info->si_pkey);
	}
}

static void show_sys(struct decoder *d, const siginfo_t *info)
{
	const struct utrace_syscall_info *call = NULL;
	bool i386 = info->si_arch == 0x40000003; /* AUDIT_ARCH_I386 */

	call = utrace_syscall_describe(i386 ? UTRACE_ABI_I386 : UTRACE_ABI_X86_64, info->si_syscall);
	writer_name(d->writer, "si_call_addr");
	writer_address(d->writer, (uint64_t)(uintptr_t)info->si_call_addr);
	writer_name(d->writer, "si_syscall");
	if (call)
		write_token(d, "__NR_%s", call->name);
	else
		writer_natural(d->writer, (uint32_t)info->si_syscall);
	writer_name(d->writer, "si_arch");
	writer_token(d->writer, i386 ? "AUDIT_ARCH_I386" : "AUDIT_ARCH_X86_64");
}

static void show_shape(struct decoder *d, const siginfo_t *info)
{
	switch (shape_of(info)) {
	case SHAPE_NONE:
		break;
	case SHAPE_CHILD:
		show_child(d, info);
		break;
	case SHAPE_FAULT:
		show_fault(d, info);
		break;
	case SHAPE_TIMER:
		writer_name(d->writer, "si_timerid");
		writer_hex(d->writer, (uint32_t)info->si_timerid);
		writer_name(d->writer, "si_overrun");
		writer_integer(d->writer, info->si_overrun);
		show_value(d, info);
		break;
	case SHAPE_SYS:
		show_sys(d, info);
		break;
	case SHAPE_POLL:
		writer_name(d->writer, "si_band");
		writer_integer(d->writer, info->si_band);
		writer_name(d->writer, "si_fd");
		writer_integer(d->writer, info->si_fd);
		break;
	case SHAPE_QUEUE:
		show_sender(d, info);
		if (info->si_value.sival_ptr)
			show_value(d, info);
		break;
	case SHAPE_VALUE:
		if (info->si_value.sival_ptr)
			show_value(d, info);
		break;
	case SHAPE_KILL:
		show_sender(d, info);
		break;
	}
}

static void show_errno(struct decoder *d, int error)
{
	const char *name = error ? strerrorname_np(error) : NULL;

	if (!error)
		return;
	writer_name(d->writer, "si_errno");
	if (name)
		writer_token(d->writer, name);
	else
		writer_natural(d->writer, (uint32_t)error);
}

static void show_siginfo(struct decoder *d, const siginfo_t *info)
{
	writer_begin(d->writer, FRAME_STRUCT);
	if (info->si_signo) {
		writer_name(d->writer, "si_signo");
		show_signal(d, info->si_signo);
		writer_name(d->writer, "si_code");
		show_code(d, info);
		show_errno(d, info->si_errno);
		show_shape(d, info);
	}
	writer_end(d->writer);
}

void signal_describe(struct text *text, const struct show *show, const siginfo_t *info)
{
	struct writer writer;
	struct decoder d = {.show = show, .writer = &writer, .bits = 64};

	writer_init_text(&writer, show, text);
	show_siginfo(&d, info);
}

struct json_t *signal_take_json(const struct show *show, const siginfo_t *info)
{
	struct writer writer;
	struct decoder d = {.show = show, .writer = &writer, .bits = 64};

	writer_init_json(&writer, show);
	writer_name(&writer, "siginfo");
	show_siginfo(&d, info);
	return writer_take_json(&writer);
}

/* The 32-bit layout has the same members at other places. (struct compat_siginfo, include/linux/compat.h) */
static void widen(siginfo_t *info, const unsigned char *bytes)
{
	int32_t words[8];
	bool child;

	memcpy(words, bytes, sizeof(words));
	memset(info, 0, sizeof(*info));
	info->si_signo = words[0];
	info->si_errno = words[1];
	info->si_code = words[2];
	child = info->si_signo == SIGCHLD && info->si_code > 0;
	if (shape_of(info) == SHAPE_FAULT) {
		info->si_addr = (void *)(uintptr_t)(uint32_t)words[3];
		return;
	}
	info->si_pid = words[3];
	info->si_uid = (uid_t)words[4];
	if (child) {
		info->si_status = words[5];
		info->si_utime = words[6];
		info->si_stime = words[7];
	} else {
		info->si_value.sival_ptr = (void *)(uintptr_t)(uint32_t)words[5];
	}
}

void show_siginfo_at(struct decoder *d, uint64_t address)
{
	siginfo_t info;
	unsigned char bytes[sizeof(siginfo_t)];

	if (!address || !d->verbose || !fetch(d, address, bytes, sizeof(bytes))) {
		writer_address(d->writer, address);
		return;
	}
	if (is_32_bit(d))
		widen(&info, bytes);
	else
		memcpy(&info, bytes, sizeof(info));
	show_siginfo(d, &info);
}

bool arg_siginfo(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_siginfo_at(d, as_ulong(d, value));
	return true;
}

bool arg_siginfo_out(struct decoder *d, const struct spec *spec, uint64_t value)
{
	if (must_wait(d))
		return false;
	if (!d->failed)
		return arg_siginfo(d, spec, value);
	writer_address(d->writer, as_ulong(d, value));
	return true;
}

/* --- how processes end --- */
void exit_describe(struct text *text, int status)
{
	if (WIFEXITED(status)) {
		text_add(text, "+++ exited with %d +++", WEXITSTATUS(status));
		return;
	}
	text_string(text, "+++ killed by ");
	signal_name(text, WTERMSIG(status));
	text_string(text, WCOREDUMP(status) ? " (core dumped) +++" : " +++");
}

/* The ptrace event that a stop's status carries in its third byte. */
static void add_event(struct text *text, int status)
{
	const char *name = set_name(&set_ptrace_event, (uint64_t)(status >> 16));

	if (!(status >> 16))
		return;
	text_string(text, " | ");
	if (name)
		text_add(text, "%s << 16", name);
	else
		text_add(text, "%#x << 16", (unsigned int)status >> 16);
}

void show_wait_status(struct decoder *d, int status)
{
	struct text text = {0};

	text_char(&text, '{');
	if (WIFEXITED(status)) {
		text_add(&text, "WIFEXITED(s) && WEXITSTATUS(s) == %d", WEXITSTATUS(status));
	} else if (WIFSTOPPED(status)) {
		int signal = WSTOPSIG(status);

		text_string(&text, "WIFSTOPPED(s) && WSTOPSIG(s) == ");
		signal_name(&text, signal & 0x7f);
		text_string(&text, signal & 0x80 ? " | 0x80" : "");
		status &= ~0xffff;
		if (status)
			add_event(&text, status);
	} else if (WIFSIGNALED(status)) {
		text_string(&text, "WIFSIGNALED(s) && WTERMSIG(s) == ");
		signal_name(&text, WTERMSIG(status));
		text_string(&text, WCOREDUMP(status) ? " && WCOREDUMP(s)" : "");
	} else if (WIFCONTINUED(status)) {
		text_string(&text, "WIFCONTINUED(s)");
	} else {
		text_clear(&text);
		text_hex(&text, (unsigned int)status);
		writer_token(d->writer, text.data);
		text_free(&text);
		return;
	}
	text_char(&text, '}');
	writer_token(d->writer, text.data);
	text_free(&text);
}
