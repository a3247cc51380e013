/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/command.c - from a line to the command that it names.
 */
#include "command.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "frames.h"
#include "run.h"
#include "script.h"

/* gdb's short names, for what is not the only one to begin like that. */
static const char *const short_names[][2] = {
	{"b", "break"},
	{"br", "break"},
	{"bre", "break"},
	{"brea", "break"},
	{"c", "continue"},
	{"ca", "call"},
	{"co", "continue"},
	{"core", "core-file"},
	{"con", "continue"},
	{"cont", "continue"},
	{"fg", "continue"},
	{"comp", "complete"},
	{"d", "delete"},
	{"de", "delete"},
	{"disas", "disassemble"},
	{"e", "echo"},
	{"h", "help"},
	{"he", "help"},
	{"i", "info"},
	{"inf", "info"},
	{"in", "info"},
	{"ig", "ignore"},
	{"k", "kill"},
	{"l", "list"},
	{"li", "list"},
	{"n", "next"},
	{"ne", "next"},
	{"ni", "nexti"},
	{"o", "output"},
	{"p", "print"},
	{"pr", "print"},
	{"pri", "print"},
	{"q", "quit"},
	{"r", "run"},
	{"ru", "run"},
	{"s", "step"},
	{"st", "step"},
	{"ste", "step"},
	{"si", "stepi"},
	{"se", "set"},
	{"sta", "start"},
	{"sho", "show"},
	{"sh", "show"},
	{"sig", "signal"},
	{"u", "until"},
	{"un", "undisplay"},
	{"und", "undisplay"},
	{"unt", "until"},
	{"tb", "tbreak"},
	{"tbr", "tbreak"},
	{"tp", "tbreak"},
	{"t", "thread"},
	{"th", "thread"},
	{"thr", "thread"},
	{"thb", "thbreak"},
	{"w", "with"},
	{"wa", "watch"},
	{"wat", "watch"},
	{"wh", "where"},
	{"dis", "disable"},
	{"disa", "disable"},
	{"en", "enable"},
	{"f", "frame"},
	{"fr", "frame"},
	{"fin", "finish"},
	{"fo", "forward-search"},
	{"rev", "reverse-search"},
	{"j", "jump"},
	{"a", "advance"},
	{"ad", "advance"},
	{"tc", "tcatch"},
	{"ha", "handle"},
	{"hb", "hbreak"},
	{"rb", "rbreak"},
	{"dow", "down"},
	{"up", "up"},
	{"disp", "display"},
	{"do", "down"},
	{"pt", "ptype"},
	{"what", "whatis"},
	{"whe", "where"},
	{"dir", "directory"},
	{"sel", "select-frame"},
	{"inspe", "inspect"},
	{"ex", "exit"},
};

/* The name ends where its characters do: "p/x 1" and "x/4i $pc" have no space. */
const char *command_name_end(const char *line)
{
	while (isalnum((unsigned char)*line) || *line == '-' || *line == '_' || *line == '.')
		line++;
	return line;
}

struct matches {
	const struct command *found;
	size_t count;
	const char *names; /* of all */
	bool is_exact;
};

static void look_through(struct gdb *gdb, const struct command *table, const char *name, struct matches *matches)
{
	size_t length = strlen(name);

	for (; table->name && !matches->is_exact; table++) {
		if (strncmp(table->name, name, length) != 0)
			continue;
		matches->is_exact = table->name[length] == '\0';
		matches->found = table;
		matches->names = arena_print(&gdb->arena, "%s%s%s", matches->count ? matches->names : "",
					     matches->count ? ", " : "", table->name);
		matches->count++;
	}
}

static const char *whole_name(const char *name)
{
	for (size_t i = 0; i < sizeof(short_names) / sizeof(short_names[0]); i++)
		if (strcmp(short_names[i][0], name) == 0)
			return short_names[i][1];
	return name;
}

static const struct command *settle(struct gdb *gdb, const struct matches *matches, const char *prefix,
				    const char *name)
{
	if (matches->count <= 1 || matches->is_exact)
		return matches->found;
	(void)fail(gdb, "Ambiguous %scommand \"%s\": %s.", prefix, name, matches->names);
	return NULL;
}

static const struct command *find_first(struct gdb *gdb, const char *name)
{
	struct matches matches = {0};

	for (const struct command_group *group = command_groups; group->name && !matches.is_exact; group++)
		look_through(gdb, group->commands, name, &matches);
	if (matches.is_exact || matches.count == 0)
		return matches.found;
	matches = (struct matches){0};
	name = whole_name(name);
	for (const struct command_group *group = command_groups; group->name && !matches.is_exact; group++)
		look_through(gdb, group->commands, name, &matches);
	return settle(gdb, &matches, "", name);
}

/* The second word, where the command has such; a command that can do without takes anything else as its argument. */
static const struct command *find_second(struct gdb *gdb, const struct command *first, const char **line)
{
	const char *word = *line + strspn(*line, " \t");
	const char *end = command_name_end(word);
	const char *name = arena_text(&gdb->arena, word, (size_t)(end - word));
	struct matches matches = {0};
	const struct command *found;

	if (isalpha((unsigned char)*name))
		look_through(gdb, first->more, name, &matches);
	found = settle(gdb, &matches, arena_print(&gdb->arena, "%s ", first->name), name);
	if (!found && !gdb->error && !first->run && *name)
		(void)fail(gdb, "Undefined %s command: \"%s\".  Try \"help %s\".", first->name, word, first->name);
	if (found)
		*line = end;
	return found ? found : first;
}

const struct command *command_find(struct gdb *gdb, const char **line)
{
	const char *end = command_name_end(*line);
	const char *name = arena_text(&gdb->arena, *line, (size_t)(end - *line));
	const struct command *found = *name ? find_first(gdb, name) : NULL;

	if (!found)
		return NULL;
	*line = end;
	if (found->more)
		found = find_second(gdb, found, line);
	return gdb->error ? NULL : found;
}

static char *trimmed(struct gdb *gdb, const char *text)
{
	size_t length;

	text += strspn(text, " \t");
	length = strlen(text);
	while (length && isspace((unsigned char)text[length - 1]))
		length--;
	return arena_text(&gdb->arena, text, length);
}

static bool run_command(struct gdb *gdb, const struct command *command, const char *arguments)
{
	if (!command->run) /* only second words: they are listed, as in gdb */
		return command_help(gdb, command->name);
	if (command->flags & COMMAND_RAW)
		return command->run(gdb, arguments + strspn(arguments, " \t"));
	return command->run(gdb, trimmed(gdb, arguments));
}

/* What the user defined under this very name, command or alias. */
static bool run_own(struct gdb *gdb, const char *line, bool *found)
{
	const char *end = command_name_end(line);
	const char *name = arena_text(&gdb->arena, line, (size_t)(end - line));
	const char *alias;
	bool done = run_user_command(gdb, name, end, found);

	if (*found)
		return done;
	alias = alias_line(gdb, name);
	if (!alias)
		return true;
	*found = true;
	return command_execute(gdb, arena_print(&gdb->arena, "%s%s", alias, end));
}

static bool run_hook(struct gdb *gdb, const char *before, const char *name)
{
	bool found;

	return run_user_command(gdb, arena_print(&gdb->arena, "%s%s", before, name), "", &found);
}

static bool run_found(struct gdb *gdb, const char *line)
{
	const char *rest = line;
	const struct command *command = command_find(gdb, &rest);

	if (!command && gdb->error)
		return false;
	if (!command)
		return fail(gdb, "Undefined command: \"%s\".  Try \"help\".",
			    command_name_end(line) == line
				    ? line
				    : arena_text(&gdb->arena, line, (size_t)(command_name_end(line) - line)));
	return run_hook(gdb, "hook-", command->name) && run_command(gdb, command, rest) &&
	       run_hook(gdb, "hookpost-", command->name);
}

bool command_execute(struct gdb *gdb, const char *line)
{
	bool found = false;
	bool done;

	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return true;
	if (*line == '!')
		return command_shell(gdb, line + 1 + strspn(line + 1, " \t"));
	if (*line == '|')
		return command_pipe(gdb, line + 1 + strspn(line + 1, " \t"));
	done = run_own(gdb, line, &found);
	return found ? done : run_found(gdb, line);
}

char *command_capture(struct gdb *gdb, const char *line)
{
	FILE *before = gdb->out;
	char *text = NULL;
	size_t size = 0;
	char *kept;

	gdb->out = open_memstream(&text, &size);
	if (!gdb->out) {
		gdb->out = before;
		(void)fail(gdb, "out of memory");
		return NULL;
	}
	if (!command_execute(gdb, line) && !gdb->error)
		(void)fail(gdb, "The command failed.");
	(void)fclose(gdb->out);
	gdb->out = before;
	kept = arena_text(&gdb->arena, text ? text : "", size);
	free(text);
	return kept;
}

bool is_talkative(const struct gdb *gdb)
{
	return !gdb->batch && script_is_typed(gdb);
}

const char *command_repetition(struct gdb *gdb, const char *line)
{
	const char *rest = line + strspn(line, " \t");
	const struct command *command = *rest ? command_find(gdb, &rest) : NULL;

	gdb->error = NULL;
	if (!command)
		return "";
	if (command->flags & COMMAND_ALONE)
		return command->name;
	return command->flags & COMMAND_REPEATS ? line : "";
}

bool command_quit(struct gdb *gdb, const char *arguments)
{
	uint64_t status = 0;

	if (*arguments)
		status = strtoull(arguments, NULL, 0);
	if (is_live(gdb) &&
	    !confirmed(gdb, "A debugging session is active.\n\n\tInferior %d [process %d] will be %s.\n\nQuit anyway? ",
		       gdb->inferior.number, utrace_process_pid(gdb->inferior.process),
		       gdb->inferior.attached ? "detached" : "killed"))
		return fail(gdb, "Not confirmed.");
	gdb->quit = true;
	gdb->quit_status = (int)status;
	return true;
}
