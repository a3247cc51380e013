/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/options.c - the command line, meaning what it means to strace 6.1.
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

extern char **environ;

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)fprintf(stderr, "mini-strace: ");
	(void)vfprintf(stderr, format, args);
	(void)fprintf(stderr, "\nTry 'mini-strace -h' for more information.\n");
	va_end(args);
	exit(1);
}

static const char help[] =
	"usage: mini-strace [-cfhqqtttTvVy] [-a COLUMN] [-e EXPR] [-E VAR=VAL] [-o FILE] [-s SIZE] [-u USER]\n"
	"                   -p PID | PROGRAM [ARGUMENTS]\n"
	"  -f          follow children             -p PID      trace a running process; may be repeated\n"
	"  -e trace=L  only these calls            -e signal=L only these signals\n"
	"              L: names, %file %desc %network %process %signal %ipc %memory %creds %stat ..., all, none;\n"
	"              a leading ! inverts, ?name may be unknown\n"
	"  -o FILE     write there, not to stderr; '|COMMAND' pipes\n"
	"  -c          count calls, errors and wall-clock time, print a table\n"
	"  -s SIZE     longest string, default 32  -v          print argument lists and environments in full\n"
	"  -t -tt -ttt time of day                 -T          time spent in each call\n"
	"  -y          paths of descriptors        -q -qq      fewer messages\n"
	"  -E VAR=VAL  set, -E VAR unset, in the program's environment\n"
	"  -u USER     run the program as USER     -a COLUMN   align results, default 40\n"
	"The filter of -e trace= is applied inside the kernel where that is possible: with -f, for a program started "
	"here.\n";

static long number(const char *text, long least, const char *what)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || *end || end == text || value < least)
		die("invalid %s: '%s'", what, text);
	return value;
}

static const struct {
	const char *name;
	uint32_t bits;
} classes[] = {
	{"file", UTRACE_CLASS_FILE},
	{"desc", UTRACE_CLASS_DESC},
	{"network", UTRACE_CLASS_NETWORK},
	{"net", UTRACE_CLASS_NETWORK},
	{"process", UTRACE_CLASS_PROCESS},
	{"signal", UTRACE_CLASS_SIGNAL},
	{"ipc", UTRACE_CLASS_IPC},
	{"memory", UTRACE_CLASS_MEMORY},
	{"creds", UTRACE_CLASS_CREDS},
	{"stat", UTRACE_CLASS_STAT},
	{"lstat", UTRACE_CLASS_LSTAT},
	{"fstat", UTRACE_CLASS_FSTAT},
	{"statfs", UTRACE_CLASS_STATFS},
	{"fstatfs", UTRACE_CLASS_FSTATFS},
	{"clock", UTRACE_CLASS_CLOCK},
	{"pure", UTRACE_CLASS_PURE},
	{"%stat", UTRACE_CLASS_STAT | UTRACE_CLASS_LSTAT | UTRACE_CLASS_FSTAT},
};

/* The classes that have been called so since before the % must be named with it where a call has the same name. */
static uint32_t class_of(const char *word)
{
	bool explicit_class = *word == '%';

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (strcmp(classes[i].name, word + explicit_class) == 0 &&
		    (explicit_class || utrace_syscall_number(UTRACE_ABI_X86_64, word) < 0))
			return classes[i].bits;
	}
	return 0;
}

static void add_calls(struct options *options, const char *word)
{
	bool may_be_unknown = *word == '?';
	uint32_t class = class_of(word + may_be_unknown);
	struct utrace_error error;

	if (class)
		utrace_filter_add_class(options->filter, class);
	else if (utrace_filter_add_name(options->filter, word + may_be_unknown, &error) && !may_be_unknown)
		die("invalid system call '%s'", word);
}

static void set_calls(struct options *options, char *list)
{
	bool invert = *list == '!';
	char *word;

	utrace_filter_destroy(options->filter);
	options->filter = NULL;
	options->no_calls = strcmp(list, "none") == 0 || strcmp(list, "!all") == 0;
	if (options->no_calls || strcmp(list, "all") == 0 || strcmp(list, "!none") == 0)
		return;
	options->filter = utrace_filter_create();
	if (!options->filter)
		die("out of memory");
	for (word = strtok(list + invert, ","); word; word = strtok(NULL, ","))
		add_calls(options, word);
	if (invert)
		utrace_filter_invert(options->filter);
	utrace_filter_allow_no_new_privs(options->filter);
}

static void set_signals(struct options *options, char *list)
{
	bool invert = *list == '!';
	char *word;

	options->signals = 0;
	if (strcmp(list + invert, "all") == 0)
		options->signals = ~UINT64_C(0);
	else if (strcmp(list + invert, "none") != 0) {
		for (word = strtok(list + invert, ","); word; word = strtok(NULL, ",")) {
			int signal = signal_number(word);

			if (signal < 0)
				die("invalid signal '%s'", word);
			options->signals |= UINT64_C(1) << (signal - 1);
		}
	}
	if (invert)
		options->signals = ~options->signals;
}

static bool starts_with(const char *text, const char *start, char **rest)
{
	size_t length = strlen(start);

	if (strncmp(text, start, length) != 0)
		return false;
	*rest = (char *)text + length;
	return true;
}

static void set_expression(struct options *options, const char *expression)
{
	char *list;
	char *copy;

	if (starts_with(expression, "signal=", &list) || starts_with(expression, "signals=", &list) ||
	    starts_with(expression, "s=", &list)) {
		copy = strdup(list);
		if (copy)
			set_signals(options, copy);
	} else {
		if (!starts_with(expression, "trace=", &list) && !starts_with(expression, "t=", &list)) {
			if (strchr(expression, '='))
				die("expression '%s' is not supported yet", expression);
			list = (char *)expression;
		}
		copy = strdup(list);
		if (copy)
			set_calls(options, copy);
	}
	if (!copy)
		die("out of memory");
	free(copy);
}

static void add_pids(struct options *options, char *list)
{
	char *word;

	for (word = strtok(list, ", \t\n"); word; word = strtok(NULL, ", \t\n")) {
		if (options->attach_count == MAX_ATTACH)
			die("too many processes");
		options->attach[options->attach_count++] = (pid_t)number(word, 1, "process id");
	}
}

static void set_option(struct options *options, int letter)
{
	switch (letter) {
	case 'a':
		options->column = (int)number(optarg, 0, "column");
		break;
	case 'c':
		options->count = true;
		break;
	case 'e':
		set_expression(options, optarg);
		break;
	case 'E':
		if (options->change_count == MAX_ENV)
			die("too many -E");
		options->changes[options->change_count++] = optarg;
		break;
	case 'f':
		options->follow = true;
		break;
	case 'o':
		options->output = optarg;
		break;
	case 'p':
		add_pids(options, optarg);
		break;
	case 'q':
		options->quiet++;
		break;
	case 's':
		options->string_limit = (size_t)number(optarg, 0, "string limit");
		break;
	case 't':
		options->stamp++;
		break;
	case 'T':
		options->time_spent = true;
		break;
	case 'u':
		options->user = optarg;
		break;
	case 'v':
		options->verbose = true;
		break;
	case 'y':
		options->show_fds = true;
		break;
	case 'h':
		(void)fputs(help, stdout);
		exit(0);
	case 'V':
		(void)printf("mini-strace, libutrace %u.%u.%u\n", utrace_version() >> 16, utrace_version() >> 8 & 0xff,
			     utrace_version() & 0xff);
		exit(0);
	default:
		(void)fprintf(stderr, "Try 'mini-strace -h' for more information.\n");
		exit(1);
	}
}

void options_parse(struct options *options, int argc, char **argv)
{
	static const struct option long_options[] = {
		{"help", no_argument, NULL, 'h'},         {"version", no_argument, NULL, 'V'},
		{"follow-forks", no_argument, NULL, 'f'}, {"output", required_argument, NULL, 'o'},
		{"attach", required_argument, NULL, 'p'}, {NULL, 0, NULL, 0},
	};
	int letter;

	*options = (struct options){.string_limit = 32, .column = 40, .signals = ~UINT64_C(0)};
	while ((letter = getopt_long(argc, argv, "+a:ce:E:fho:p:qs:tTu:vVy", long_options, NULL)) >= 0)
		set_option(options, letter);
	options->program = argv + optind;
	if (!options->program[0] && !options->attach_count)
		die("must have PROGRAM [ARGS] or -p PID");
	/* As strace: nobody watches, so nobody is told who was attached. */
	if (options->output && options->program[0] && options->quiet < 1)
		options->quiet = 1;
	if (options->stamp > 3)
		options->stamp = 3;
}

char **options_environment(const struct options *options)
{
	for (int i = 0; i < options->change_count; i++) {
		const char *equals = strchr(options->changes[i], '=');
		char *name;

		if (!equals) {
			(void)unsetenv(options->changes[i]);
			continue;
		}
		name = strndup(options->changes[i], (size_t)(equals - options->changes[i]));
		if (!name || setenv(name, equals + 1, 1))
			die("can't set '%s' in the environment", options->changes[i]);
		free(name);
	}
	return environ;
}
