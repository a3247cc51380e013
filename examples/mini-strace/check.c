/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/check.c - options that don't go together, and defaults that depend on others.
 */
#include "check.h"

#include "tool.h"

/* What doesn't go together. */
static void check_output(struct options *options)
{
	bool piped = options->output && (*options->output == '|' || *options->output == '!');

	if (options->separate && (options->count.only || options->count.also))
		usage_error("(-c/--summary-only or -C/--summary) and -ff/--output-separately are mutually exclusive");
	if (options->separate && piped)
		usage_error("piping the output and -ff/--output-separately are mutually exclusive");
	if (options->separate && !options->output && !options->follow)
		note("--output-separately has no effect without -o/--output");
	if (options->append && !options->output)
		note("-A/--output-append-mode has no effect without -o/--output");
	options->separate = options->separate && options->output;
	if (options->stack && options->show.json)
		usage_error("-k/--stack-traces and --json are mutually exclusive");
}

static void check_counting(const struct options *options)
{
	const struct {
		bool given;
		const char *name;
	} useless[] = {
		{options->pc, "-i/--instruction-pointer"},
		{options->stack, "-k/--stack-traces"},
		{options->number, "-n/--syscall-number"},
		{options->stamps.relative >= 0, "-r/--relative-timestamps"},
		{options->stamps.form != STAMP_NONE, "-t/--absolute-timestamps"},
		{options->stamps.spent >= 0, "-T/--syscall-times"},
		{options->show.fds != 0, "-y/--decode-fds"},
		{options->show.json, "--json"},
	};
	const struct count_options *count = &options->count;

	if (count->wall && !count->only && !count->also)
		usage_error("-w/--summary-wall-clock must be given with (-c/--summary-only or -C/--summary)");
	if (count->chosen && !count->only && !count->also)
		usage_error("-U/--summary-columns must be given with (-c/--summary-only or -C/--summary)");
	for (size_t i = 0; count->only && i < sizeof(useless) / sizeof(useless[0]); i++) {
		if (useless[i].given)
			note("%s has no effect with -c/--summary-only", useless[i].name);
	}
}

static void check_tracees(struct options *options, bool old_follow)
{
	if (!options->program[0] && !options->attach_count)
		usage_error("must have PROG [ARGS] or -p PID");
	if (!options->program[0] && options->daemonize)
		usage_error("PROG [ARGS] must be specified with -D/--daemonize");
	if (old_follow) {
		note(options->follow ? "deprecated option -F ignored"
				     : "option -F is deprecated, please use -f/--follow-forks instead");
		options->follow = true;
	}
	if (options->kernel_filter == KERNEL_FILTER_ASKED && !options->follow)
		note("--seccomp-bpf cannot be used without -f/--follow-forks, disabling");
	if (options->kernel_filter == KERNEL_FILTER_ASKED && options->attach_count)
		note("--seccomp-bpf is not enabled for processes attached with -p");
}

/* Defaults that depend on others, as strace has them: nobody watches, so nobody is told who was attached. */
static void settle(struct options *options)
{
	bool writes_beside = options->output && options->program[0];

	if (writes_beside)
		options->quiet |= QUIET_ATTACH | QUIET_PERSONALITY;
	if (options->interruptible == INTERRUPT_DEFAULT) {
		options->interruptible = options->daemonize ? INTERRUPT_NEVER_TSTP
					 : writes_beside    ? INTERRUPT_NEVER
							    : INTERRUPT_WAITING;
	}
	if (options->trace.only)
		utrace_filter_allow_no_new_privs(options->trace.only);
}

void options_check(struct options *options, bool old_follow)
{
	check_tracees(options, old_follow);
	check_output(options);
	check_counting(options);
	settle(options);
}
