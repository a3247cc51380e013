/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/signals.c - see signals.h.
 */
#include "signals.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Names and words as gdb has them, which are not quite libc's. */
static const struct {
	int number;
	const char *name;
	const char *text;
	bool quiet; /* neither stops nor prints, by default */
} known[] = {
	{SIGHUP, "SIGHUP", "Hangup", false},
	{SIGINT, "SIGINT", "Interrupt", false},
	{SIGQUIT, "SIGQUIT", "Quit", false},
	{SIGILL, "SIGILL", "Illegal instruction", false},
	{SIGTRAP, "SIGTRAP", "Trace/breakpoint trap", false},
	{SIGABRT, "SIGABRT", "Aborted", false},
	{SIGBUS, "SIGBUS", "Bus error", false},
	{SIGFPE, "SIGFPE", "Arithmetic exception", false},
	{SIGKILL, "SIGKILL", "Killed", false},
	{SIGUSR1, "SIGUSR1", "User defined signal 1", false},
	{SIGSEGV, "SIGSEGV", "Segmentation fault", false},
	{SIGUSR2, "SIGUSR2", "User defined signal 2", false},
	{SIGPIPE, "SIGPIPE", "Broken pipe", false},
	{SIGALRM, "SIGALRM", "Alarm clock", true},
	{SIGTERM, "SIGTERM", "Terminated", false},
	{SIGSTKFLT, "SIGSTKFLT", "Stack fault", false},
	{SIGCHLD, "SIGCHLD", "Child status changed", true},
	{SIGCONT, "SIGCONT", "Continued", false},
	{SIGSTOP, "SIGSTOP", "Stopped (signal)", false},
	{SIGTSTP, "SIGTSTP", "Stopped (user)", false},
	{SIGTTIN, "SIGTTIN", "Stopped (tty input)", false},
	{SIGTTOU, "SIGTTOU", "Stopped (tty output)", false},
	{SIGURG, "SIGURG", "Urgent I/O condition", true},
	{SIGXCPU, "SIGXCPU", "CPU time limit exceeded", false},
	{SIGXFSZ, "SIGXFSZ", "File size limit exceeded", false},
	{SIGVTALRM, "SIGVTALRM", "Virtual timer expired", true},
	{SIGPROF, "SIGPROF", "Profiling timer expired", true},
	{SIGWINCH, "SIGWINCH", "Window size changed", true},
	{SIGIO, "SIGIO", "I/O possible", true},
	{SIGPWR, "SIGPWR", "Power fail/restart", false},
	{SIGSYS, "SIGSYS", "Bad system call", false},
};

enum { KNOWN = sizeof(known) / sizeof(known[0]) };

static bool is_quiet(int number)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (known[i].number == number)
			return known[i].quiet;
	/* The C library's own, for cancelling threads and for setuid in all of them. */
	return number == 32 || number == 33;
}

void signals_init(struct gdb *gdb)
{
	for (int number = 1; number < SIGNALS; number++) {
		bool loud = !is_quiet(number);

		gdb->signals[number] = (struct signal_rule){.stop = loud, .print = loud, .pass = true};
	}
	gdb->signals[SIGINT].pass = false;
	gdb->signals[SIGTRAP].pass = false;
}

const char *signal_name(struct gdb *gdb, int number)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (known[i].number == number)
			return known[i].name;
	return arena_print(&gdb->arena, "SIG%d", number);
}

const char *signal_text(int number)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (known[i].number == number)
			return known[i].text;
	return "Real-time event";
}

int signal_number(const char *name)
{
	char *end;
	long number = strtol(name, &end, 10);

	if (end != name && !*end)
		return number > 0 && number < SIGNALS ? (int)number : 0;
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	number = strtol(name, &end, 10);
	if (end != name && !*end)
		return number > 31 && number < SIGNALS ? (int)number : 0;
	for (size_t i = 0; i < KNOWN; i++)
		if (strcasecmp(known[i].name + 3, name) == 0)
			return known[i].number;
	return 0;
}

static void print_heading(struct gdb *gdb)
{
	say(gdb, "Signal        Stop\tPrint\tPass to program\tDescription\n");
}

static void print_rule(struct gdb *gdb, int number)
{
	const struct signal_rule *rule = &gdb->signals[number];

	say(gdb, "%-13s %s\t%s\t%s\t\t%s\n", signal_name(gdb, number), rule->stop ? "Yes" : "No",
	    rule->print ? "Yes" : "No", rule->pass ? "Yes" : "No",
	    number > 31 ? arena_print(&gdb->arena, "Real-time event %d", number) : signal_text(number));
}

bool info_signals(struct gdb *gdb, const char *arguments)
{
	int number = *arguments ? signal_number(arguments) : 0;

	if (*arguments && !number)
		return fail(gdb, "Only signals 1-64 and names such as SIGSEGV can be asked for.");
	print_heading(gdb);
	if (number) {
		print_rule(gdb, number);
		return true;
	}
	say(gdb, "\n");
	for (number = 1; number < SIGNALS; number++)
		print_rule(gdb, number);
	say(gdb, "\nUse the \"handle\" command to change these tables.\n");
	return true;
}

/* stop implies print, noprint implies nostop. */
static bool apply_word(struct signal_rule *rule, const char *word)
{
	bool on = strncmp(word, "no", 2) != 0;
	const char *what = on ? word : word + 2;

	if (strcmp(word, "ignore") == 0)
		rule->pass = false;
	else if (strcmp(what, "stop") == 0) {
		rule->stop = on;
		rule->print |= on;
	} else if (strcmp(what, "print") == 0) {
		rule->print = on;
		rule->stop &= on;
	} else if (strcmp(what, "pass") == 0)
		rule->pass = on;
	else if (strcmp(what, "ignore") == 0)
		rule->pass = true;
	else
		return false;
	return true;
}

static bool select_signals(const char *word, bool chosen[SIGNALS])
{
	int number = signal_number(word);

	if (strcmp(word, "all") == 0) {
		for (number = 1; number < SIGNALS; number++)
			chosen[number] |= number != SIGINT && number != SIGTRAP;
		return true;
	}
	if (number)
		chosen[number] = true;
	return number != 0;
}

bool command_handle(struct gdb *gdb, const char *arguments)
{
	bool chosen[SIGNALS] = {false};
	char *text = arena_string(&gdb->arena, arguments);
	char *rest = NULL;

	if (!*arguments)
		return fail(gdb, "Argument required (signal to handle).");
	for (char *word = strtok_r(text, " \t,", &rest); word; word = strtok_r(NULL, " \t,", &rest)) {
		struct signal_rule probe = {false};

		if (apply_word(&probe, word)) {
			for (int number = 1; number < SIGNALS; number++)
				if (chosen[number])
					(void)apply_word(&gdb->signals[number], word);
		} else if (!select_signals(word, chosen)) {
			return fail(gdb, "Unrecognized or ambiguous flag word: \"%s\".", word);
		}
	}
	print_heading(gdb);
	for (int number = 1; number < SIGNALS; number++)
		if (chosen[number])
			print_rule(gdb, number);
	return true;
}
