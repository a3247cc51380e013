/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/options.c - the command line, meaning what it means to strace 6.1.
 *
 * Options come in order, and a later one wins; what belongs together (-o with -ff, -c with -w) is checked at the end.
 */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "help.h"
#include "qualify.h"
#include "tool.h"
#include "units.h"

extern char **environ;

/* Long options without a letter; those of qualifiers are OPTION_QUALIFIER + enum qualifier. */
enum {
	OPTION_JSON = 256,
	OPTION_COLOR,
	OPTION_SYSCALL_LIMIT,
	OPTION_KERNEL_FILTER,
	OPTION_ONE_CPU,
	OPTION_FOLLOW,
	OPTION_SEPARATE,
	OPTION_DAEMONIZE,
	OPTION_STAMPS,
	OPTION_ESCAPE,
	OPTION_PIDNS,
	OPTION_QUALIFIER,
};

static const char short_options[] = "+a:Ab:cCdDe:E:fFhiI:kno:O:p:P:qrs:S:tTu:U:vVwxX:yYzZ";

static const struct option long_options[] = {
	{"columns", required_argument, NULL, 'a'},
	{"output-append-mode", no_argument, NULL, 'A'},
	{"detach-on", required_argument, NULL, 'b'},
	{"summary-only", no_argument, NULL, 'c'},
	{"summary", no_argument, NULL, 'C'},
	{"debug", no_argument, NULL, 'd'},
	{"daemonize", optional_argument, NULL, OPTION_DAEMONIZE},
	{"daemonized", optional_argument, NULL, OPTION_DAEMONIZE},
	{"env", required_argument, NULL, 'E'},
	{"follow-forks", no_argument, NULL, OPTION_FOLLOW},
	{"output-separately", no_argument, NULL, OPTION_SEPARATE},
	{"help", no_argument, NULL, 'h'},
	{"instruction-pointer", no_argument, NULL, 'i'},
	{"interruptible", required_argument, NULL, 'I'},
	{"stack-traces", no_argument, NULL, 'k'},
	{"syscall-number", no_argument, NULL, 'n'},
	{"output", required_argument, NULL, 'o'},
	{"summary-syscall-overhead", required_argument, NULL, 'O'},
	{"attach", required_argument, NULL, 'p'},
	{"trace-path", required_argument, NULL, 'P'},
	{"relative-timestamps", optional_argument, NULL, 'r'},
	{"string-limit", required_argument, NULL, 's'},
	{"summary-sort-by", required_argument, NULL, 'S'},
	{"absolute-timestamps", optional_argument, NULL, OPTION_STAMPS},
	{"timestamps", optional_argument, NULL, OPTION_STAMPS},
	{"syscall-times", optional_argument, NULL, 'T'},
	{"user", required_argument, NULL, 'u'},
	{"summary-columns", required_argument, NULL, 'U'},
	{"no-abbrev", no_argument, NULL, 'v'},
	{"version", no_argument, NULL, 'V'},
	{"summary-wall-clock", no_argument, NULL, 'w'},
	{"strings-in-hex", optional_argument, NULL, OPTION_ESCAPE},
	{"const-print-style", required_argument, NULL, 'X'},
	{"pidns-translation", no_argument, NULL, OPTION_PIDNS},
	{"successful-only", no_argument, NULL, 'z'},
	{"failed-only", no_argument, NULL, 'Z'},
	{"failing-only", no_argument, NULL, 'Z'},
	{"one-cpu", required_argument, NULL, OPTION_ONE_CPU},
	{"seccomp-bpf", optional_argument, NULL, OPTION_KERNEL_FILTER},
	{"trace", required_argument, NULL, OPTION_QUALIFIER + Q_TRACE},
	{"abbrev", required_argument, NULL, OPTION_QUALIFIER + Q_ABBREV},
	{"verbose", required_argument, NULL, OPTION_QUALIFIER + Q_VERBOSE},
	{"raw", required_argument, NULL, OPTION_QUALIFIER + Q_RAW},
	{"signal", required_argument, NULL, OPTION_QUALIFIER + Q_SIGNAL},
	{"signals", required_argument, NULL, OPTION_QUALIFIER + Q_SIGNAL},
	{"status", required_argument, NULL, OPTION_QUALIFIER + Q_STATUS},
	{"read", required_argument, NULL, OPTION_QUALIFIER + Q_READ},
	{"reads", required_argument, NULL, OPTION_QUALIFIER + Q_READ},
	{"write", required_argument, NULL, OPTION_QUALIFIER + Q_WRITE},
	{"writes", required_argument, NULL, OPTION_QUALIFIER + Q_WRITE},
	{"fault", required_argument, NULL, OPTION_QUALIFIER + Q_FAULT},
	{"inject", required_argument, NULL, OPTION_QUALIFIER + Q_INJECT},
	{"kvm", required_argument, NULL, OPTION_QUALIFIER + Q_KVM},
	{"quiet", optional_argument, NULL, OPTION_QUALIFIER + Q_QUIET},
	{"silent", optional_argument, NULL, OPTION_QUALIFIER + Q_QUIET},
	{"silence", optional_argument, NULL, OPTION_QUALIFIER + Q_QUIET},
	{"decode-fds", optional_argument, NULL, OPTION_QUALIFIER + Q_DECODE_FDS},
	{"decode-pids", required_argument, NULL, OPTION_QUALIFIER + Q_DECODE_PIDS},
	{"json", no_argument, NULL, OPTION_JSON},
	{"color", optional_argument, NULL, OPTION_COLOR},
	{"syscall-limit", required_argument, NULL, OPTION_SYSCALL_LIMIT},
	{NULL, 0, NULL, 0},
};

/* While the command line is read. */
struct parser {
	struct options *options;
	const char *name;  /* of the option, as it was given: "-a" or "--columns" */
	int times[128];    /* how often each letter came */
	bool as_long[128]; /* its long form came; the two exclude each other where the letter's count has a meaning */
	int status_letters;
};

__attribute__((noreturn)) static void bad_argument(const struct parser *parser)
{
	usage_error("invalid %s argument: '%s'", parser->name, optarg);
}

static int64_t number_argument(const struct parser *parser, int64_t least, int64_t most)
{
	int64_t value;

	if (!number_parse(optarg, least, most, &value))
		bad_argument(parser);
	return value;
}

/* The index of optarg in `names`, whose entries list alternatives as "1|anywhere". */
static int choice_argument(const struct parser *parser, const char *const *names, int count)
{
	size_t length = strlen(optarg);

	for (int i = 0; i < count; i++) {
		for (const char *name = names[i]; name; name = strchr(name, '|') ? strchr(name, '|') + 1 : NULL) {
			if (strcspn(name, "|") == length && strncmp(name, optarg, length) == 0)
				return i;
		}
	}
	bad_argument(parser);
}

/* Appends to a list that is kept in *list; its length is *count. */
static void *grow(void *list, size_t *count, size_t size)
{
	void *grown = realloc(list, (*count + 1) * size);

	if (!grown)
		die("out of memory");
	++*count;
	return grown;
}

static void add_string(const char ***list, size_t *count, const char *string)
{
	*list = grow(*list, count, sizeof(**list));
	(*list)[*count - 1] = string;
}

static void add_pids(struct options *options, const char *list)
{
	static const char separators[] = ", \t\n";
	char *copy = strdup(list);
	char *rest = copy;

	if (!copy)
		die("out of memory");
	for (char *word = strtok_r(copy, separators, &rest); word; word = strtok_r(NULL, separators, &rest)) {
		int64_t pid;

		if (!number_parse(word, 1, INT32_MAX, &pid))
			die("Invalid process id: '%s'", word);
		if (pid == getpid())
			die("I'm sorry, I can't let you do that, Dave.");
		options->attach = grow(options->attach, &options->attach_count, sizeof(*options->attach));
		options->attach[options->attach_count - 1] = (pid_t)pid;
	}
	free(copy);
}

/* "unix,ms", "format:time,precision:us". */
static void set_stamps(const struct parser *parser)
{
	static const char *const forms[] = {"none", "time", "unix"};
	struct stamps *stamps = &parser->options->stamps;
	char *copy = strdup(optarg ? optarg : "time");
	char *rest = copy;

	if (!copy)
		die("out of memory");
	stamps->form = STAMP_TIME;
	stamps->digits = 0;
	for (char *word = strtok_r(copy, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		bool is_form = strncmp(word, "format:", 7) == 0;
		bool is_precision = strncmp(word, "precision:", 10) == 0;
		const char *value = word + (is_form ? 7 : is_precision ? 10 : 0);
		bool known = !is_form && precision_parse(value, &stamps->digits);

		for (size_t i = 0; !known && !is_precision && i < sizeof(forms) / sizeof(forms[0]); i++) {
			known = strcmp(forms[i], value) == 0;
			if (known)
				stamps->form = (enum stamp_form)i;
		}
		if (!known)
			bad_argument(parser);
	}
	free(copy);
}

static void set_precision(const struct parser *parser, int *digits)
{
	*digits = 6;
	if (optarg && !precision_parse(optarg, digits))
		bad_argument(parser);
}

static void set_color(const struct parser *parser)
{
	static const char *const names[] = {"never|no|none", "always|yes|force", "auto|tty|if-tty"};
	int choice = optarg ? choice_argument(parser, names, 3) : 1;

	/* https://no-color.org: set and not empty. Asking for colour explicitly wins. */
	parser->options->color = choice == 1;
	parser->options->color_auto = choice == 2 && !(getenv("NO_COLOR") && *getenv("NO_COLOR"));
}

static void set_daemonize(const struct parser *parser)
{
	static const char *const names[] = {"grandchild", "pgroup|pgrp", "session"};

	parser->options->daemonize =
		optarg ? (enum daemonize)(DAEMON_GRANDCHILD + choice_argument(parser, names, 3)) : DAEMON_GRANDCHILD;
}

/* What -t, -q, -x, -y, -f and -D mean depends on how often they come. */
static void apply_counts(const struct parser *parser)
{
	static const struct {
		char letter;
		const char *name;
	} both[] = {{'f', "-f and --follow-forks"},        {'q', "-q and -e quiet/--quiet"},
		    {'t', "-t and --absolute-timestamps"}, {'x', "-x and --strings-in-hex"},
		    {'y', "-y and --decode-fds"},          {'D', "-D and --daemonize"}};
	static const uint32_t quiet[] = {0, QUIET_ATTACH | QUIET_PERSONALITY,
					 QUIET_ATTACH | QUIET_PERSONALITY | QUIET_EXIT, QUIET_ALL};
	struct options *options = parser->options;
	const int *times = parser->times;

	for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
		if (times[(int)both[i].letter] && parser->as_long[(int)both[i].letter])
			die("%s cannot be provided simultaneously", both[i].name);
	}
	if (times['f']) {
		options->follow = true;
		options->separate |= times['f'] > 1;
	}
	if (times['q'])
		options->quiet = quiet[times['q'] < 3 ? times['q'] : 3];
	if (times['t']) {
		options->stamps.form = times['t'] > 2 ? STAMP_UNIX : STAMP_TIME;
		options->stamps.digits = times['t'] > 1 ? 6 : 0;
	}
	if (times['x'])
		options->show.escape = times['x'] > 1 ? ESCAPE_HEX_ALL : ESCAPE_HEX_STRINGS;
	if (times['y'])
		options->show.fds = times['y'] > 1 ? FDS_ALL : FDS_PATH;
	if (times['D'])
		options->daemonize = (enum daemonize)(times['D'] < 3 ? times['D'] : 3);
}

static void set_tracee_option(struct parser *parser, int letter)
{
	static const char *const interruptible[] = {"1|anywhere", "2|waiting", "3|never", "4|never_tstp"};
	static const char *const one_cpu[] = {[UTRACE_ONE_CPU_NO] = "no|never", [UTRACE_ONE_CPU_AUTO] = "auto|yes"};
	static const char *const filter[] = {"auto", "always|yes", "never|no"};
	struct options *options = parser->options;

	switch (letter) {
	case 'b':
		if (strcmp(optarg, "execve") != 0)
			die("Syscall '%s' for -b isn't supported", optarg);
		options->detach_on_execve = true;
		break;
	case 'E':
		add_string(&options->changes, &options->change_count, optarg);
		break;
	case OPTION_FOLLOW:
		options->follow = true;
		parser->as_long['f'] = true;
		break;
	case OPTION_DAEMONIZE:
		set_daemonize(parser);
		parser->as_long['D'] = true;
		break;
	case 'I':
		options->interruptible =
			(enum interruptible)(INTERRUPT_ANYWHERE + choice_argument(parser, interruptible, 4));
		break;
	case 'p':
		add_pids(options, optarg);
		break;
	case 'P':
		add_string(&options->paths, &options->path_count, optarg);
		break;
	case 'u':
		options->user = optarg;
		break;
	case OPTION_KERNEL_FILTER:
		options->kernel_filter =
			optarg ? (enum kernel_filter)choice_argument(parser, filter, 3) : KERNEL_FILTER_ASKED;
		break;
	case OPTION_ONE_CPU:
		options->one_cpu = (uint32_t)choice_argument(parser, one_cpu, 2);
		break;
	case OPTION_SYSCALL_LIMIT:
		options->syscall_limit = (uint64_t)number_argument(parser, 1, INT64_MAX);
		break;
	default:
		break;
	}
}

static void set_value_option(struct parser *parser, int letter)
{
	static const char *const constants[] = {"abbrev", "raw", "verbose"};
	static const char *const escapes[] = {"none", "non-ascii-chars", "non-ascii", "all"};
	struct show *show = &parser->options->show;

	switch (letter) {
	case 's':
		show->string_limit = (size_t)number_argument(parser, 0, INT32_MAX / 4);
		break;
	case 'v':
		call_set_clear(&show->abbrev, false);
		break;
	case OPTION_ESCAPE:
		show->escape = optarg ? (enum escape)choice_argument(parser, escapes, 4) : ESCAPE_HEX_ALL;
		parser->as_long['x'] = true;
		break;
	case 'X':
		show->constants = (enum constants)choice_argument(parser, constants, 3);
		break;
	case 'Y':
		show->pids |= PIDS_COMM;
		break;
	case OPTION_PIDNS:
		show->pids |= PIDS_NAMESPACE;
		break;
	case OPTION_JSON:
		show->json = true;
		break;
	default:
		break;
	}
}

static void set_line_option(struct parser *parser, int letter)
{
	struct options *options = parser->options;

	switch (letter) {
	case 'a':
		options->column = (int)number_argument(parser, 0, INT32_MAX);
		break;
	case 'A':
		options->append = true;
		break;
	case OPTION_SEPARATE:
		options->separate = true;
		break;
	case 'd':
		options->debug = true;
		break;
	case 'i':
		options->pc = true;
		break;
	case 'k':
		options->stack = true;
		break;
	case 'n':
		options->number = true;
		break;
	case 'o':
		options->output = optarg;
		break;
	case 'r':
		set_precision(parser, &options->stamps.relative);
		break;
	case 'T':
		set_precision(parser, &options->stamps.spent);
		break;
	case OPTION_STAMPS:
		set_stamps(parser);
		parser->as_long['t'] = true;
		break;
	case OPTION_COLOR:
		set_color(parser);
		break;
	case 'z':
	case 'Z':
		options->statuses = letter == 'z' ? STATUS_SUCCESSFUL : STATUS_FAILED;
		parser->status_letters++;
		break;
	default:
		break;
	}
}

static void set_count_option(struct parser *parser, int letter)
{
	struct count_options *count = &parser->options->count;

	switch (letter) {
	case 'c':
	case 'C':
		if (letter == 'c' ? count->also : count->only)
			usage_error("-c/--summary-only and -C/--summary are mutually exclusive");
		*(letter == 'c' ? &count->only : &count->also) = true;
		break;
	case 'O':
		if (!duration_parse(optarg, &count->overhead))
			bad_argument(parser);
		break;
	case 'S':
		count->sort = column_parse(optarg);
		break;
	case 'U':
		columns_parse(count, optarg);
		break;
	case 'w':
		count->wall = true;
		break;
	default:
		break;
	}
}

static void set_option(struct parser *parser, int letter)
{
	if (letter < 128)
		parser->times[letter]++;
	if (letter >= OPTION_QUALIFIER) {
		enum qualifier qualifier = (enum qualifier)(letter - OPTION_QUALIFIER);

		qualify(parser->options, qualifier, optarg);
		parser->as_long['q'] |= qualifier == Q_QUIET;
		parser->as_long['y'] |= qualifier == Q_DECODE_FDS;
		return;
	}
	switch (letter) {
	case 'e': {
		enum qualifier qualifier = qualify_expression(parser->options, optarg);

		parser->as_long['q'] |= qualifier == Q_QUIET;
		parser->as_long['y'] |= qualifier == Q_DECODE_FDS;
		break;
	}
	case 'h':
		help_print();
		exit(0);
	case 'V':
		version_print();
		exit(0);
	case '?':
		(void)fprintf(stderr, "Try 'mini-strace -h' for more information.\n");
		exit(1);
	default:
		set_tracee_option(parser, letter);
		set_value_option(parser, letter);
		set_line_option(parser, letter);
		set_count_option(parser, letter);
		break;
	}
}

void options_parse(struct options *options, int argc, char **argv)
{
	struct parser parser = {.options = options};
	char short_name[] = "-?";
	int letter;
	int index = -1;

	*options = (struct options){
		.column = 40,
		.signals = ~UINT64_C(0),
		.statuses = STATUS_ALL,
		.one_cpu = UTRACE_ONE_CPU_AUTO,
		.trace.all = true,
		.show = {.string_limit = 32, .abbrev.all = true, .verbose.all = true},
		.stamps = {.relative = -1, .spent = -1},
	};
	columns_default(&options->count);
	argv[0] = (char *)"mini-strace"; /* as getopt(3) calls the tool in its messages */
	while ((letter = getopt_long(argc, argv, short_options, long_options, &index)) >= 0) {
		char long_name[64];

		short_name[1] = (char)letter;
		if (index >= 0)
			(void)snprintf(long_name, sizeof(long_name), "--%s", long_options[index].name);
		parser.name = index >= 0 ? long_name : short_name;
		set_option(&parser, letter);
		index = -1;
	}
	options->program = argv + optind;
	apply_counts(&parser);
	if (parser.status_letters > 1)
		note("Only the last of -z/--successful-only/-Z/--failed-only options will take effect. "
		     "See status qualifier for more complex filters.");
	options_check(options, parser.times['F'] > 0);
}

void options_free(struct options *options)
{
	struct show *show = &options->show;
	struct call_set *calls[] = {&options->trace, &show->abbrev, &show->verbose, &show->raw};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		call_set_clear(calls[i], false);
	for (size_t i = 0; i < options->injection_count; i++)
		inject_free(&options->injections[i]);
	free(options->injections);
	free(show->reads.numbers);
	free(show->writes.numbers);
	free(options->changes);
	free(options->attach);
	free(options->paths);
}

char **options_environment(const struct options *options)
{
	for (size_t i = 0; i < options->change_count; i++) {
		/* putenv(3) keeps the string; without '=' it removes the variable. */
		if (putenv((char *)options->changes[i]))
			die("can't set '%s' in the environment", options->changes[i]);
	}
	return environ;
}
