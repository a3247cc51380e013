/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/settings.c - set and show: a table of settings, and the few that are more than a number.
 */
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "expr.h"
#include "print.h"
#include "run.h"
#include "script.h"
#include "source.h"

enum setting_kind { SETTING_BOOL, SETTING_NUMBER, SETTING_CHOICE };

struct setting {
	const char *name;
	enum setting_kind kind;
	size_t offset;
	const char *const *choices;
	const char *text; /* what show says before the value */
};

#define AT(member) offsetof(struct settings, member)

static const char *const pending_choices[] = {"off", "on", "auto", NULL};
static const char *const lock_choices[] = {"off", "on", "step", "replay", NULL};
static const char *const argument_choices[] = {"none", "scalars", "all", NULL};
static const char *const flavor_choices[] = {"att", "intel", NULL};
static const char *const follow_choices[] = {"parent", "child", NULL};

static const struct setting settings[] = {
	{"confirm", SETTING_BOOL, AT(confirm), NULL, "Whether to confirm potentially dangerous operations"},
	{"pagination", SETTING_BOOL, AT(pagination), NULL, "State of pagination"},
	{"print pretty", SETTING_BOOL, AT(print_pretty), NULL, "Pretty formatting of structures"},
	{"print address", SETTING_BOOL, AT(print_address), NULL, "Printing of addresses"},
	{"print union", SETTING_BOOL, AT(print_union), NULL, "Printing of unions interior to structures"},
	{"step-mode", SETTING_BOOL, AT(step_mode), NULL, "Mode of the step operation"},
	{"disassembly-flavor", SETTING_CHOICE, AT(intel_syntax), flavor_choices, "The current disassembly flavor"},
	{"print symbol", SETTING_BOOL, AT(print_symbol), NULL, "Printing of symbol names when printing pointers"},
	{"print elements", SETTING_NUMBER, AT(print_elements), NULL,
	 "Limit on string chars or array elements to print"},
	{"print repeats", SETTING_NUMBER, AT(print_repeats), NULL, "Threshold for repeated print elements"},
	{"print null-stop", SETTING_BOOL, AT(print_null_stop), NULL,
	 "Printing of char arrays to stop at first null char"},
	{"print array-indexes", SETTING_BOOL, AT(print_array_indexes), NULL, "Printing of array indexes"},
	{"print static-members", SETTING_BOOL, AT(print_static_members), NULL, "Printing of C++ static members"},
	{"print object", SETTING_BOOL, AT(print_object), NULL, "Printing of object's derived types"},
	{"print frame-arguments", SETTING_CHOICE, AT(print_frame_arguments), argument_choices,
	 "Printing of non-scalar frame arguments"},
	{"disable-randomization", SETTING_BOOL, AT(disable_aslr), NULL,
	 "Disabling randomization of debuggee's virtual address space"},
	{"detach-on-fork", SETTING_BOOL, AT(detach_on_fork), NULL, "Whether gdb will detach the child of a fork"},
	{"follow-fork-mode", SETTING_CHOICE, AT(follow_child), follow_choices,
	 "Debugger response to a program call of fork or vfork"},
	{"scheduler-locking", SETTING_CHOICE, AT(scheduler_locking), lock_choices,
	 "Mode for locking scheduler during execution"},
	{"breakpoint pending", SETTING_CHOICE, AT(pending), pending_choices,
	 "Debugger's behavior regarding pending breakpoints"},
	{"listsize", SETTING_NUMBER, AT(listsize), NULL, "Number of source lines gdb will list by default"},
	{"backtrace limit", SETTING_NUMBER, AT(backtrace_limit), NULL,
	 "An upper bound on the number of stack frames in a backtrace"},
	{"source-window", SETTING_BOOL, AT(source_window), NULL,
	 "Showing of source lines around the program counter at each stop"},
	{"winheight", SETTING_NUMBER, AT(window_height), NULL, "Number of lines of the source window"},
	{"style enabled", SETTING_BOOL, AT(color), NULL, "CLI output styling"},
};

void settings_init(struct gdb *gdb)
{
	gdb->settings = (struct settings){
		.confirm = true,
		.print_symbol = true,
		.print_address = true,
		.print_union = true,
		.print_elements = 200,
		.print_repeats = 10,
		.print_static_members = true,
		.print_frame_arguments = 1,
		.disable_aslr = true,
		.pending = 2,
		.scheduler_locking = 3,
		.listsize = 10,
		.detach_on_fork = true,
		.window_height = 15,
	};
}

/* Words may be shortened as long as they are told apart: "p pre" is "print pretty". */
static const char *match_words(const char *text, const char *name)
{
	while (*name) {
		size_t typed = strcspn(text, " \t");
		size_t whole = strcspn(name, " ");

		if (!typed || typed > whole || strncmp(text, name, typed) != 0)
			return NULL;
		text += typed + strspn(text + typed, " \t");
		name += whole + (name[whole] == ' ');
	}
	return text;
}

static const struct setting *find_setting(const char **text)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		const char *rest = match_words(*text, settings[i].name);

		if (!rest)
			continue;
		*text = rest;
		return &settings[i];
	}
	return NULL;
}

static bool set_bool(struct gdb *gdb, bool *target, const char *text)
{
	static const char *const yes[] = {"", "on", "1", "yes", "enable"};
	static const char *const no[] = {"off", "0", "no", "disable"};

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		if (strcmp(text, yes[i]) == 0)
			return *target = true;
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (strcmp(text, no[i]) == 0) {
			*target = false;
			return true;
		}
	return fail(gdb, "\"on\" or \"off\" expected.");
}

static bool set_number(struct gdb *gdb, unsigned int *target, const char *text)
{
	uint64_t number;

	if (strcmp(text, "unlimited") == 0 || strcmp(text, "0") == 0) {
		*target = UINT_MAX;
		return true;
	}
	if (!*text)
		return fail(gdb, "Argument required (integer to set it to, or \"unlimited\".).");
	if (!evaluate_integer(gdb, text, &number))
		return false;
	*target = (unsigned int)number;
	return true;
}

static bool set_choice(struct gdb *gdb, const struct setting *setting, int *target, const char *text)
{
	for (int i = 0; setting->choices[i]; i++)
		if (*text && strncmp(setting->choices[i], text, strlen(text)) == 0) {
			*target = i;
			return true;
		}
	return fail(gdb, "Undefined item: \"%s\".", text);
}

static bool set_one(struct gdb *gdb, const struct setting *setting, const char *text)
{
	void *target = (char *)&gdb->settings + setting->offset;

	if (setting->kind == SETTING_BOOL)
		return set_bool(gdb, target, text);
	return setting->kind == SETTING_NUMBER ? set_number(gdb, target, text) : set_choice(gdb, setting, target, text);
}

/* ---- the program's surroundings ---- */

static size_t environment_index(struct gdb *gdb, const char *name, size_t length)
{
	size_t i = 0;

	while (gdb->inferior.environment[i] && (strncmp(gdb->inferior.environment[i], name, length) != 0 ||
						gdb->inferior.environment[i][length] != '='))
		i++;
	return i;
}

static bool set_environment(struct gdb *gdb, const char *text)
{
	size_t length = strcspn(text, " =");
	const char *value = text + length + strspn(text + length, " =");
	size_t i = environment_index(gdb, text, length);
	char *entry = must_copy(arena_print(&gdb->arena, "%.*s=%s", (int)length, text, value));

	if (!length) {
		free(entry);
		return fail(gdb, "Argument required (environment variable and value).");
	}
	if (gdb->inferior.environment[i]) {
		free(gdb->inferior.environment[i]);
	} else {
		gdb->inferior.environment = must_grow(gdb->inferior.environment, (i + 2) * sizeof(char *));
		gdb->inferior.environment[i + 1] = NULL;
	}
	gdb->inferior.environment[i] = entry;
	return true;
}

static bool unset_environment(struct gdb *gdb, const char *text)
{
	size_t i = environment_index(gdb, text, strlen(text));
	char **at = &gdb->inferior.environment[i];

	if (*at)
		free(*at);
	for (; *at; at++)
		at[0] = at[1];
	return true;
}

static bool set_arguments(struct gdb *gdb, const char *text)
{
	free(gdb->inferior.arguments);
	gdb->inferior.arguments = must_copy(text);
	return true;
}

static bool set_directory(struct gdb *gdb, const char *text)
{
	free(gdb->inferior.directory);
	gdb->inferior.directory = *text ? must_copy(text) : NULL;
	return true;
}

static bool set_terminal(struct gdb *gdb, const char *text)
{
	free(gdb->inferior.terminal);
	gdb->inferior.terminal = *text ? must_copy(text) : NULL;
	return true;
}

bool command_tty(struct gdb *gdb, const char *arguments)
{
	if (!*arguments)
		return fail(gdb, "Argument required (terminal name for running target process).");
	return set_terminal(gdb, arguments);
}

static const struct {
	const char *name;
	bool (*set)(struct gdb *gdb, const char *text);
} special[] = {
	{"args", set_arguments},        {"environment", set_environment}, {"cwd", set_directory},
	{"inferior-tty", set_terminal}, {"variable", set_variable},
};

/* How much fits on a screen, what to say to servers, where files are kept: nothing here asks for it, but scripts set it. */
static const char *const meaningless[] = {"width",
					  "height",
					  "debuginfod",
					  "auto-load",
					  "logging",
					  "history",
					  "verbose",
					  "prompt",
					  "complaints",
					  "print thread-events",
					  "print inferior-events"};
/* What would change an answer, and can't be changed. */
static const char *const unsupported[] = {"non-stop",
					  "language",
					  "osabi",
					  "print object",
					  "print vtbl",
					  "max-value-size",
					  "print entry-values",
					  "can-use-hw-watchpoints",
					  "unwindonsignal",
					  "print demangle",
					  "print asm-demangle",
					  "trace-commands",
					  "startup-with-shell",
					  "schedule-multiple"};

static bool is_among(const char *text, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (match_words(text, names[i]))
			return true;
	return false;
}

bool command_set(struct gdb *gdb, const char *arguments)
{
	const struct setting *setting;
	const char *rest = arguments;

	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
		rest = match_words(arguments, special[i].name);
		if (rest && strcspn(arguments, " ") >= 3)
			return special[i].set(gdb, rest);
	}
	rest = arguments;
	setting = find_setting(&rest);
	if (setting && !(*rest == '=' && rest[1] != '='))
		return set_one(gdb, setting, rest);
	if (is_among(arguments, meaningless, sizeof(meaningless) / sizeof(meaningless[0])))
		return true;
	if (is_among(arguments, unsupported, sizeof(unsupported) / sizeof(unsupported[0])))
		return fail(gdb, "mini-gdb can't set \"%s\".", arguments);
	return set_variable(gdb, arguments);
}

static bool unset_all(struct gdb *gdb)
{
	for (char **one = gdb->inferior.environment; *one; one++)
		free(*one);
	gdb->inferior.environment[0] = NULL;
	return true;
}

bool command_unset(struct gdb *gdb, const char *arguments)
{
	const char *rest;

	if (!*arguments)
		return fail(gdb, "\"unset\" must be followed by the name of an unset subcommand.");
	rest = match_words(arguments, "environment");
	if (rest)
		return *rest ? unset_environment(gdb, rest) : unset_all(gdb);
	if (match_words(arguments, "args"))
		return set_arguments(gdb, "");
	if (match_words(arguments, "cwd"))
		return set_directory(gdb, "");
	if (match_words(arguments, "inferior-tty") || match_words(arguments, "tty"))
		return set_terminal(gdb, "");
	return fail(gdb, "Undefined unset command: \"%s\".  Try \"help unset\".", arguments);
}

static const char *environment_value(struct gdb *gdb, const char *name)
{
	size_t length = strlen(name);
	const char *entry = gdb->inferior.environment[environment_index(gdb, name, length)];

	return entry ? entry + length + 1 : NULL;
}

bool command_path(struct gdb *gdb, const char *arguments)
{
	const char *path = environment_value(gdb, "PATH");

	if (*arguments)
		(void)set_environment(gdb, arena_print(&gdb->arena, "PATH %s:%s", arguments, path ? path : ""));
	path = environment_value(gdb, "PATH");
	say(gdb, "Executable and object file path: %s\n", path ? path : "");
	return true;
}

static void show_one(struct gdb *gdb, const struct setting *setting)
{
	const void *at = (const char *)&gdb->settings + setting->offset;
	const unsigned int *number = at;

	say(gdb, "%s is ", setting->text);
	if (setting->kind == SETTING_BOOL)
		say(gdb, "%s.\n", *(const bool *)at ? "on" : "off");
	else if (setting->kind == SETTING_CHOICE)
		say(gdb, "\"%s\".\n", setting->choices[*(const int *)at]);
	else if (*number == UINT_MAX || *number == 0)
		say(gdb, "unlimited.\n");
	else
		say(gdb, "%u.\n", *number);
}

static bool show_environment(struct gdb *gdb, const char *name)
{
	const char *value = *name ? environment_value(gdb, name) : NULL;

	if (*name && value)
		say(gdb, "%s = %s\n", name, value);
	else if (*name)
		say(gdb, "Environment variable \"%s\" not defined.\n", name);
	for (char **one = gdb->inferior.environment; !*name && *one; one++)
		say(gdb, "%s\n", *one);
	return true;
}

static bool show_arguments(struct gdb *gdb, const char *rest)
{
	(void)rest;
	say(gdb, "Argument list to give program being debugged when it is started is \"%s\".\n",
	    gdb->inferior.arguments);
	return true;
}

static bool show_directory(struct gdb *gdb, const char *rest)
{
	(void)rest;
	if (gdb->inferior.directory)
		say(gdb, "Current working directory that will be used when starting the inferior is \"%s\".\n",
		    gdb->inferior.directory);
	else
		say(gdb, "You have not set the inferior's current working directory.\n"
			 "The inferior will inherit GDB's cwd if native debugging, or the remote\n"
			 "server's cwd if remote debugging.\n");
	return true;
}

static bool show_terminal(struct gdb *gdb, const char *rest)
{
	(void)rest;
	say(gdb, "Terminal for future runs of program being debugged is \"%s\".\n",
	    gdb->inferior.terminal ? gdb->inferior.terminal : "");
	return true;
}

static bool show_version(struct gdb *gdb, const char *rest)
{
	(void)rest;
	say(gdb, "mini-gdb on libutrace %u.%u.%u\n", utrace_version() >> 16, utrace_version() >> 8 & 0xff,
	    utrace_version() & 0xff);
	return true;
}

static bool show_history(struct gdb *gdb, const char *rest)
{
	uint64_t last = gdb->history_count;
	uint64_t first;

	if (*rest && !evaluate_integer(gdb, rest, &last))
		return false;
	last = *rest && last + 4 < gdb->history_count ? last + 4 : gdb->history_count;
	first = last > 10 ? last - 9 : 1;
	for (uint64_t number = first; number <= last; number++) {
		bool exists;
		struct value *value = history_get(gdb, (long)number, &exists);

		if (!exists || !value)
			continue;
		say(gdb, "$%llu = ", (unsigned long long)number);
		print_value(gdb, value, NULL);
		say(gdb, "\n");
	}
	return true;
}

static bool show_user(struct gdb *gdb, const char *rest)
{
	return user_commands_show(gdb, rest);
}

static const struct {
	const char *name;
	bool (*show)(struct gdb *gdb, const char *rest);
} shown[] = {
	{"args", show_arguments},
	{"environment", show_environment},
	{"cwd", show_directory},
	{"inferior-tty", show_terminal},
	{"version", show_version},
	{"values", show_history},
	{"convenience", show_conveniences},
	{"user", show_user},
	{"directories", show_directories},
};

/* "show print": all that begin like that. */
static bool show_several(struct gdb *gdb, const char *prefix)
{
	size_t length = strlen(prefix);
	bool any = false;

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (strncmp(settings[i].name, prefix, length) != 0)
			continue;
		say(gdb, "%s:  ", settings[i].name);
		show_one(gdb, &settings[i]);
		any = true;
	}
	return any;
}

bool command_show(struct gdb *gdb, const char *arguments)
{
	const struct setting *setting;
	const char *rest = arguments;

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		rest = match_words(arguments, shown[i].name);
		if (rest && strcspn(arguments, " ") >= 3)
			return shown[i].show(gdb, rest);
	}
	rest = arguments;
	setting = *arguments ? find_setting(&rest) : NULL;
	if (setting) {
		show_one(gdb, setting);
		return true;
	}
	return show_several(gdb, arguments) ||
	       fail(gdb, "Undefined show command: \"%s\".  Try \"help show\".", arguments);
}

const char *setting_name(size_t n, const char **help)
{
	if (n >= sizeof(settings) / sizeof(settings[0]))
		return NULL;
	*help = settings[n].text;
	return settings[n].name;
}

bool command_cd(struct gdb *gdb, const char *arguments)
{
	if (chdir(*arguments ? arguments : getenv("HOME")))
		return fail(gdb, "%s: No such file or directory.", arguments);
	return command_pwd(gdb, "");
}

bool command_pwd(struct gdb *gdb, const char *arguments)
{
	char path[PATH_MAX];

	(void)arguments;
	say(gdb, "Working directory %s.\n", getcwd(path, sizeof(path)) ? path : "?");
	return true;
}
