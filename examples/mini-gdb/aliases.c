/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/aliases.c - other names for commands, and commands that run others: alias, with, pipe, shell.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

struct alias {
	struct alias *next;
	const char *name;
	const char *line;
};

const char *alias_line(struct gdb *gdb, const char *name)
{
	for (const struct alias *alias = gdb->aliases; alias; alias = alias->next)
		if (strcmp(alias->name, name) == 0)
			return alias->line;
	return NULL;
}

const char *alias_name(struct gdb *gdb, size_t n)
{
	const struct alias *alias = gdb->aliases;

	while (alias && n--)
		alias = alias->next;
	return alias ? alias->name : NULL;
}

static const char *trimmed(struct gdb *gdb, const char *start, const char *end)
{
	while (start < end && *start == ' ')
		start++;
	while (end > start && end[-1] == ' ')
		end--;
	return arena_text(&gdb->kept, start, (size_t)(end - start));
}

bool command_alias(struct gdb *gdb, const char *arguments)
{
	const char *equals = strchr(arguments, '=');
	const char *rest;
	const struct command *command;
	struct alias *alias;

	while (*arguments == '-') { /* -a: not to be completed; --: no more options */
		arguments += strcspn(arguments, " ");
		arguments += strspn(arguments, " ");
	}
	if (!equals || equals < arguments)
		return fail(gdb, "Usage: alias [-a] [--] ALIAS = COMMAND [DEFAULT-ARGS...]");
	alias = arena_alloc(&gdb->kept, sizeof(*alias));
	alias->name = trimmed(gdb, arguments, equals);
	alias->line = trimmed(gdb, equals + 1, equals + strlen(equals));
	if (!*alias->name || command_name_end(alias->name)[0])
		return fail(gdb, "Invalid command name: %s", alias->name);
	rest = alias->line;
	command = command_find(gdb, &rest);
	if (!command)
		return gdb->error ? false : fail(gdb, "Invalid command to alias to: %s", alias->line);
	if (alias_line(gdb, alias->name))
		return fail(gdb, "Alias already exists: %s", alias->name);
	alias->next = gdb->aliases;
	gdb->aliases = alias;
	return true;
}

bool command_with(struct gdb *gdb, const char *arguments)
{
	struct settings before = gdb->settings;
	const char *dashes = strstr(arguments, " -- ");
	bool done;

	if (!dashes)
		return fail(gdb, *arguments ? "Missing nested command after '-- '" : "Missing arguments.");
	if (!command_set(gdb, arena_text(&gdb->arena, arguments, (size_t)(dashes - arguments))))
		return false;
	done = command_execute(gdb, dashes + 4);
	gdb->settings = before;
	return done;
}

/* Of the last program that a shell ran, for $_shell_exitcode. */
static void keep_status(struct gdb *gdb, int status)
{
	gdb->shell_status = status;
}

bool command_shell(struct gdb *gdb, const char *arguments)
{
	int status;

	(void)fflush(gdb->out);
	status = system(*arguments ? arguments : "${SHELL:-/bin/sh}");
	if (status < 0)
		return fail(gdb, "The shell could not be started: %s.", strerror(errno));
	keep_status(gdb, status);
	return true;
}

bool command_make(struct gdb *gdb, const char *arguments)
{
	return command_shell(gdb, arena_print(&gdb->arena, "make %s", arguments));
}

static bool write_to(struct gdb *gdb, const char *shell_line, const char *text)
{
	FILE *stream;

	(void)fflush(gdb->out);
	stream = popen(shell_line, "we");
	if (!stream)
		return fail(gdb, "Error launching \"%s\": %s", shell_line, strerror(errno));
	(void)fputs(text, stream); /* one that reads no more is no error */
	keep_status(gdb, pclose(stream));
	return true;
}

bool command_pipe(struct gdb *gdb, const char *arguments)
{
	const char *delimiter = "|";
	const char *cut;
	const char *shell_line;
	char *text;

	if (strncmp(arguments, "-d ", 3) == 0) {
		const char *word = arguments + 3 + strspn(arguments + 3, " ");

		delimiter = arena_text(&gdb->arena, word, strcspn(word, " "));
		arguments = word + strlen(delimiter);
	}
	cut = *delimiter ? strstr(arguments, delimiter) : NULL;
	if (!cut)
		return fail(gdb, *arguments ? "Missing delimiter before SHELL_COMMAND." : "Missing COMMAND");
	shell_line = cut + strlen(delimiter);
	shell_line += strspn(shell_line, " \t");
	if (!*shell_line)
		return fail(gdb, "Missing SHELL_COMMAND");
	text = command_capture(gdb, arena_text(&gdb->arena, arguments, (size_t)(cut - arguments)));
	return text && !gdb->error && write_to(gdb, shell_line, text);
}
