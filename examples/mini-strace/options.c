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

/* Long options without a letter. */
enum { OPTION_JSON = 256, OPTION_ONE_CPU };

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
	"  --one-cpu=auto|no  share the CPU of a program that makes call after call: several times faster; default "
	"auto\n"
	"The filter of -e trace= is applied inside the kernel where that is possible: with -f, for a program started "
	"here.\n";

static long number(const char *text, long least, const char *what)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || *end || end == text || value < least)
		usage_error("invalid %s: '%s'", what, text);
	return value;
}

static uint32_t one_cpu(const char *text)
{
	if (strcmp(text, "auto") && strcmp(text, "no"))
		usage_error("invalid --one-cpu argument: '%s'", text);
	return strcmp(text, "auto") ? UTRACE_ONE_CPU_NO : UTRACE_ONE_CPU_AUTO;
}

/* Several of strace's qualifiers have short and plural names. */
enum qualifier { Q_TRACE, Q_SIGNAL, Q_ABBREV, Q_VERBOSE, Q_RAW, Q_READ, Q_WRITE, Q_DECODE_FDS, Q_DECODE_PIDS };

static const struct {
	const char *name;
	enum qualifier qualifier;
} qualifiers[] = {
	{"trace", Q_TRACE},
	{"t", Q_TRACE},
	{"abbrev", Q_ABBREV},
	{"a", Q_ABBREV},
	{"verbose", Q_VERBOSE},
	{"v", Q_VERBOSE},
	{"raw", Q_RAW},
	{"x", Q_RAW},
	{"signal", Q_SIGNAL},
	{"signals", Q_SIGNAL},
	{"s", Q_SIGNAL},
	{"read", Q_READ},
	{"reads", Q_READ},
	{"r", Q_READ},
	{"write", Q_WRITE},
	{"writes", Q_WRITE},
	{"w", Q_WRITE},
	{"decode-fds", Q_DECODE_FDS},
	{"decode-fd", Q_DECODE_FDS},
	{"decode-pids", Q_DECODE_PIDS},
	{"decode-pid", Q_DECODE_PIDS},
};

static const struct bit_name fds_names[] = {
	{"path", FDS_PATH}, {"socket", FDS_SOCKET}, {"dev", FDS_DEV}, {"pidfd", FDS_PIDFD}, {NULL, 0},
};

static const struct bit_name pids_names[] = {
	{"comm", PIDS_COMM},
	{"pidns", PIDS_NAMESPACE},
	{NULL, 0},
};

static void qualify(struct options *options, enum qualifier qualifier, const char *list)
{
	struct show *show = &options->show;

	switch (qualifier) {
	case Q_TRACE:
		call_set_parse(&options->trace, list);
		break;
	case Q_SIGNAL:
		options->signals = signal_set_parse(list);
		break;
	case Q_ABBREV:
		call_set_parse(&show->abbrev, list);
		break;
	case Q_VERBOSE:
		call_set_parse(&show->verbose, list);
		break;
	case Q_RAW:
		call_set_parse(&show->raw, list);
		break;
	case Q_READ:
		number_set_parse(&show->reads, list, "descriptor");
		break;
	case Q_WRITE:
		number_set_parse(&show->writes, list, "descriptor");
		break;
	case Q_DECODE_FDS:
		show->fds = (uint32_t)bit_set_parse(list, fds_names, FDS_ALL, "decode-fds");
		break;
	case Q_DECODE_PIDS:
		show->pids = (uint32_t)bit_set_parse(list, pids_names, PIDS_ALL, "decode-pids");
		break;
	}
}

static void set_expression(struct options *options, const char *expression)
{
	size_t length = strcspn(expression, "=");

	for (size_t i = 0; expression[length] && i < sizeof(qualifiers) / sizeof(qualifiers[0]); i++) {
		if (strlen(qualifiers[i].name) == length && strncmp(qualifiers[i].name, expression, length) == 0) {
			qualify(options, qualifiers[i].qualifier, expression + length + 1);
			return;
		}
	}
	qualify(options, Q_TRACE, expression);
}

static void set_constants(struct options *options, const char *style)
{
	static const char *const names[] = {
		[CONSTANTS_ABBREV] = "abbrev", [CONSTANTS_RAW] = "raw", [CONSTANTS_VERBOSE] = "verbose"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], style) == 0) {
			options->show.constants = (enum constants)i;
			return;
		}
	}
	die("invalid -X argument: '%s'", style);
}

static void add_pids(struct options *options, char *list)
{
	char *word;

	for (word = strtok(list, ", \t\n"); word; word = strtok(NULL, ", \t\n")) {
		if (options->attach_count == MAX_ATTACH)
			usage_error("too many processes");
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
			usage_error("too many -E");
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
		options->show.string_limit = (size_t)number(optarg, 0, "string limit");
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
		call_set_clear(&options->show.abbrev, false);
		break;
	case 'x':
		options->show.escape = options->show.escape == ESCAPE_OCTAL ? ESCAPE_HEX_STRINGS : ESCAPE_HEX_ALL;
		break;
	case 'X':
		set_constants(options, optarg);
		break;
	case 'y':
		options->show.fds |= options->show.fds & FDS_PATH ? FDS_ALL : FDS_PATH;
		break;
	case 'Y':
		options->show.pids |= PIDS_COMM;
		break;
	case OPTION_JSON:
		options->show.json = true;
		break;
	case OPTION_ONE_CPU:
		options->one_cpu = one_cpu(optarg);
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
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{"follow-forks", no_argument, NULL, 'f'},
		{"output", required_argument, NULL, 'o'},
		{"attach", required_argument, NULL, 'p'},
		{"json", no_argument, NULL, OPTION_JSON},
		{"one-cpu", required_argument, NULL, OPTION_ONE_CPU},
		{NULL, 0, NULL, 0},
	};
	int letter;

	*options = (struct options){
		.column = 40,
		.one_cpu = UTRACE_ONE_CPU_AUTO,
		.signals = ~UINT64_C(0),
		.trace.all = true,
		.show = {.string_limit = 32, .abbrev.all = true, .verbose.all = true},
	};
	while ((letter = getopt_long(argc, argv, "+a:ce:E:fho:p:qs:tTu:vVxX:yY", long_options, NULL)) >= 0)
		set_option(options, letter);
	options->program = argv + optind;
	if (options->trace.only)
		utrace_filter_allow_no_new_privs(options->trace.only);
	if (!options->program[0] && !options->attach_count)
		usage_error("must have PROGRAM [ARGS] or -p PID");
	/* As strace: nobody watches, so nobody is told who was attached. */
	if (options->output && options->program[0] && options->quiet < 1)
		options->quiet = 1;
	if (options->stamp > 3)
		options->stamp = 3;
}

void options_free(struct options *options)
{
	struct show *show = &options->show;
	struct call_set *calls[] = {&options->trace, &show->abbrev, &show->verbose, &show->raw};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		call_set_clear(calls[i], false);
	free(show->reads.numbers);
	free(show->writes.numbers);
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
