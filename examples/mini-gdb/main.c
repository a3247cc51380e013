/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/main.c - options as gdb has them, start, end.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "run.h"
#include "script.h"
#include "signals.h"
#include "terminal.h"

extern char **environ;

/* For the handler, which has no other way to reach them. */
static volatile bool interrupted;
static utrace_session *session_to_wake;

static void on_interrupt(int signal)
{
	(void)signal;
	interrupted = true;
	if (session_to_wake)
		utrace_session_wake(session_to_wake);
}

bool fail(struct gdb *gdb, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	gdb->error = arena_vprint(&gdb->arena, format, arguments);
	va_end(arguments);
	return false;
}

bool fail_with(struct gdb *gdb, const struct utrace_error *error)
{
	return fail(gdb, "%s", error->text);
}

void say(struct gdb *gdb, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vfprintf(gdb->out, format, arguments);
	va_end(arguments);
}

const char *hue(const struct gdb *gdb, enum hue hue)
{
	static const char *const codes[] = {
		[HUE_FUNCTION] = "\033[33m", [HUE_FILE] = "\033[32m",  [HUE_ADDRESS] = "\033[34m",
		[HUE_VARIABLE] = "\033[36m", [HUE_ERROR] = "\033[31m", [HUE_END] = "\033[m",
	};

	return gdb->settings.color ? codes[hue] : "";
}

/* ---- options ---- */

/* -ex and -x run in the order that they stand in, -iex and -ix before the program is loaded. */
struct order {
	bool is_file, is_early;
	const char *text;
};

struct options {
	bool batch, quiet, no_init, args;
	const char *program, *core;
	pid_t pid;
	const char *directory;
	char **arguments;
	struct order *orders;
	size_t order_count;
};

enum {
	OPTION_BATCH = 256,
	OPTION_EX,
	OPTION_IEX,
	OPTION_ARGS,
	OPTION_CD,
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_IX,
	OPTION_IGNORED
};

static const struct option long_options[] = {
	{"batch", no_argument, NULL, OPTION_BATCH},
	{"args", no_argument, NULL, OPTION_ARGS},
	{"ex", required_argument, NULL, OPTION_EX},
	{"eval-command", required_argument, NULL, OPTION_EX},
	{"iex", required_argument, NULL, OPTION_IEX},
	{"init-eval-command", required_argument, NULL, OPTION_IEX},
	{"x", required_argument, NULL, 'x'},
	{"command", required_argument, NULL, 'x'},
	{"ix", required_argument, NULL, OPTION_IX},
	{"init-command", required_argument, NULL, OPTION_IX},
	{"p", required_argument, NULL, 'p'},
	{"pid", required_argument, NULL, 'p'},
	{"c", required_argument, NULL, 'c'},
	{"core", required_argument, NULL, 'c'},
	{"q", no_argument, NULL, 'q'},
	{"quiet", no_argument, NULL, 'q'},
	{"silent", no_argument, NULL, 'q'},
	{"nx", no_argument, NULL, 'n'},
	{"nh", no_argument, NULL, 'n'},
	{"n", no_argument, NULL, 'n'},
	{"cd", required_argument, NULL, OPTION_CD},
	{"nw", no_argument, NULL, OPTION_IGNORED},
	{"help", no_argument, NULL, OPTION_HELP},
	{"h", no_argument, NULL, OPTION_HELP},
	{"version", no_argument, NULL, OPTION_VERSION},
	{"v", no_argument, NULL, OPTION_VERSION},
	{NULL, 0, NULL, 0},
};

static void print_usage(void)
{
	(void)puts("usage: mini-gdb [OPTIONS] [PROGRAM [CORE|PID]]\n"
		   "       mini-gdb [OPTIONS] --args PROGRAM ARGUMENTS...\n"
		   "  -ex COMMAND   run a command        -x FILE   run a file's commands\n"
		   "  -iex COMMAND  before the program is loaded\n"
		   "  -c FILE       read a core file\n"
		   "  -p PID        attach               -batch    end after the commands\n"
		   "  -cd DIR       change to DIR        -q        no word of greeting\n"
		   "  -n            read no ~/.minigdbinit\n"
		   "  -v            version              -h        this text\n"
		   "\"help\" lists the commands.");
}

static void add_order(struct options *options, bool is_file, bool is_early, const char *text)
{
	options->orders = must_grow(options->orders, (options->order_count + 1) * sizeof(*options->orders));
	options->orders[options->order_count++] = (struct order){is_file, is_early, text};
}

/* Returns whether the tool has something to do; *status is what it ends with otherwise. */
static bool take_option(struct options *options, int option, int *status)
{
	switch (option) {
	case OPTION_BATCH:
		options->batch = options->quiet = true;
		break;
	case OPTION_EX:
	case OPTION_IEX:
		add_order(options, false, option == OPTION_IEX, optarg);
		break;
	case 'x':
	case OPTION_IX:
		add_order(options, true, option == OPTION_IX, optarg);
		break;
	case 'p':
		options->pid = (pid_t)strtol(optarg, NULL, 10);
		break;
	case 'c':
		options->core = optarg;
		break;
	case 'q':
		options->quiet = true;
		break;
	case 'n':
		options->no_init = true;
		break;
	case OPTION_ARGS:
		options->args = true;
		break;
	case OPTION_CD:
		options->directory = optarg;
		break;
	case OPTION_IGNORED:
		break;
	case OPTION_VERSION:
		(void)printf("mini-gdb on libutrace %u.%u.%u\n", utrace_version() >> 16, utrace_version() >> 8 & 0xff,
			     utrace_version() & 0xff);
		return false;
	case OPTION_HELP:
		print_usage();
		return false;
	default:
		*status = 1;
		return false;
	}
	return true;
}

/* A core file, or the id of a process. */
static void take_second(struct options *options, const char *text)
{
	if (text[strspn(text, "0123456789")] || access(text, F_OK) == 0)
		options->core = text;
	else
		options->pid = (pid_t)strtol(text, NULL, 10);
}

static bool parse_options(int argc, char **argv, struct options *options, int *status)
{
	int option;
	const char *order = "";

	/* Options may stand behind the program, but for those that are the program's own. */
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--args") == 0 || strcmp(argv[i], "-args") == 0)
			order = "+";
	while ((option = getopt_long_only(argc, argv, order, long_options, NULL)) != -1)
		if (!take_option(options, option, status))
			return false;
	if (optind < argc)
		options->program = argv[optind++];
	if (options->args)
		options->arguments = argv + optind;
	else if (optind < argc && !options->pid && !options->core)
		take_second(options, argv[optind++]);
	if (!options->args && optind < argc)
		(void)fprintf(stderr, "Excess command line arguments ignored. (%s%s)\n", argv[optind],
			      optind + 1 < argc ? " ..." : "");
	return true;
}

/* ---- start and end ---- */

static char **copy_environment(void)
{
	size_t count = 0;
	char **copy;

	while (environ[count])
		count++;
	copy = must_alloc((count + 1) * sizeof(*copy));
	for (size_t i = 0; i < count; i++)
		copy[i] = must_copy(environ[i]);
	return copy;
}

/* For the shell that starts the program: each argument in single quotes where it needs them. */
static char *quote_arguments(struct gdb *gdb, char **arguments)
{
	char *text = arena_string(&gdb->arena, "");

	for (; arguments && *arguments; arguments++) {
		const char *between = *text ? " " : "";
		char *quoted = arena_string(&gdb->arena, "");

		if (**arguments &&
		    !(*arguments)[strspn(*arguments, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
						     "0123456789_-+./:=,@%")]) {
			text = arena_print(&gdb->arena, "%s%s%s", text, between, *arguments);
			continue;
		}
		for (const char *at = *arguments; *at; at++)
			quoted = *at == '\'' ? arena_print(&gdb->arena, "%s'\\''", quoted)
					     : arena_print(&gdb->arena, "%s%c", quoted, *at);
		text = arena_print(&gdb->arena, "%s%s'%s'", text, between, quoted);
	}
	return text;
}

bool debugger_open(struct gdb *gdb)
{
	struct utrace_session_options options = {.size = sizeof(options), .threading = UTRACE_THREADS_BOUND};
	struct utrace_error error;

	if (utrace_session_open(&options, &gdb->session, &error) ||
	    utrace_symbols_create(NULL, &gdb->symbols, &error)) {
		(void)fprintf(stderr, "mini-gdb: %s\n", error.text);
		return false;
	}
	session_to_wake = gdb->session;
	debugger_begin(gdb);
	return true;
}

void debugger_begin(struct gdb *gdb)
{
	settings_init(gdb);
	signals_init(gdb);
	gdb->shell_status = -1;
	gdb->inferior_count = 1;
	gdb->inferior.number = 1;
	gdb->inferior.arguments = must_copy("");
	gdb->inferior.environment = copy_environment();
	gdb->interrupted = &interrupted;
}

static void catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_interrupt};

	(void)sigaction(SIGINT, &action, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

static void run_orders(struct gdb *gdb, const struct options *options, bool early)
{
	for (size_t i = 0; i < options->order_count && !gdb->quit; i++) {
		const struct order *order = &options->orders[i];

		if (order->is_early != early)
			continue;
		if (order->is_file)
			(void)script_run_top(gdb, arena_print(&gdb->kept, "source %s", order->text));
		else
			(void)script_run_top(gdb, order->text);
	}
}

static void run_init_file(struct gdb *gdb)
{
	const char *home = getenv("HOME");
	const char *path = home ? arena_print(&gdb->kept, "%s/.minigdbinit", home) : NULL;

	if (path && access(path, R_OK) == 0)
		(void)script_run_top(gdb, arena_print(&gdb->kept, "source %s", path));
}

static void load_program(struct gdb *gdb, const struct options *options)
{
	const char *command;

	if (options->program && !options->quiet)
		say(gdb, "Reading symbols from %s...\n", options->program);
	if (options->program && !set_file(gdb, options->program)) {
		(void)fprintf(stderr, "%s\n", gdb->error);
		gdb->error = NULL;
	}
	free(gdb->inferior.arguments);
	gdb->inferior.arguments = must_copy(quote_arguments(gdb, options->arguments));
	if (!options->pid && !options->core)
		return;
	if (options->core)
		command = arena_print(&gdb->kept, "core-file %s", options->core);
	else
		command = arena_print(&gdb->kept, "attach %d", options->pid);
	(void)script_run_top(gdb, command);
}

void debugger_end(struct gdb *gdb)
{
	if (gdb->inferior.process && gdb->inferior.attached) {
		gdb->interactive = false;
		(void)command_detach(gdb, "");
		(void)fflush(gdb->out);
	}
	if (gdb->stack)
		utrace_stack_close(gdb->stack);
	gdb->stack = NULL;
	if (gdb->image)
		utrace_image_close(gdb->image);
	while (gdb->image_count)
		utrace_image_close(gdb->images[--gdb->image_count]);
}

static void debugger_close(struct gdb *gdb)
{
	debugger_end(gdb);
	utrace_symbols_unref(gdb->symbols);
	if (gdb->core_session)
		utrace_session_close(gdb->core_session);
	utrace_session_close(gdb->session);
	terminal_end(gdb);
}

int main(int argc, char **argv)
{
	struct gdb gdb = {.out = stdout};
	struct options options = {0};
	int status = 0;

	if (!parse_options(argc, argv, &options, &status))
		return status;
	if (options.directory && chdir(options.directory)) {
		(void)fprintf(stderr, "mini-gdb: %s: %s\n", options.directory, strerror(errno));
		return 1;
	}
	if (!debugger_open(&gdb))
		return 1;
	gdb.batch = options.batch;
	gdb.interactive = !options.batch && isatty(STDIN_FILENO);
	gdb.settings.color = gdb.interactive && isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	catch_signals();
	if (!options.quiet)
		say(&gdb, "mini-gdb on libutrace; \"help\" lists the commands.\n");
	if (!options.no_init)
		run_init_file(&gdb);
	run_orders(&gdb, &options, true);
	load_program(&gdb, &options);
	run_orders(&gdb, &options, false);
	if (!gdb.batch && !gdb.quit)
		script_run_input(&gdb);
	debugger_close(&gdb);
	return gdb.quit_status;
}
