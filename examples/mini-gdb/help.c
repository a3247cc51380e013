/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/help.c - help and apropos: what the tables of commands and settings say about themselves.
 */
#include <regex.h>
#include <string.h>

#include "command.h"
#include "script.h"

static void print_line(struct gdb *gdb, const char *prefix, const struct command *command)
{
	say(gdb, "%s%s -- %s\n", prefix, command->name, command->help);
}

static void print_table(struct gdb *gdb, const char *prefix, const struct command *table)
{
	for (; table->name; table++)
		print_line(gdb, prefix, table);
}

static void print_groups(struct gdb *gdb)
{
	say(gdb, "List of classes of commands:\n\naliases -- User-defined aliases of other commands.\n");
	for (const struct command_group *group = command_groups; group->name; group++)
		say(gdb, "%s -- %s\n", group->name, group->help);
	say(gdb, "user-defined -- User-defined commands.\n\n"
		 "Type \"help\" followed by a class name for a list of commands in that class.\n"
		 "Type \"help all\" for the list of all commands.\n"
		 "Type \"help\" followed by command name for what it does.\n"
		 "Type \"apropos word\" to search for commands related to \"word\".\n"
		 "Command name abbreviations are allowed if unambiguous.\n");
}

static void print_aliases(struct gdb *gdb)
{
	const char *name;

	for (size_t n = 0; (name = alias_name(gdb, n)) != NULL; n++)
		say(gdb, "%s -- %s\n", name, alias_line(gdb, name));
}

static bool print_group(struct gdb *gdb, const char *name)
{
	bool all = strcmp(name, "all") == 0;
	bool any = all;

	for (const struct command_group *group = command_groups; group->name; group++) {
		if (!all && strcmp(group->name, name) != 0)
			continue;
		say(gdb, all ? "\nCommand class: %s\n\n" : "%.0s", group->name);
		if (!all)
			say(gdb, "%s\n\nList of commands:\n\n", group->help);
		print_table(gdb, "", group->commands);
		any = true;
	}
	if (strcmp(name, "aliases") == 0)
		print_aliases(gdb);
	if (strcmp(name, "user-defined") == 0)
		user_commands_list(gdb);
	return any || strcmp(name, "aliases") == 0 || strcmp(name, "user-defined") == 0;
}

static bool print_setting(struct gdb *gdb, const char *name)
{
	const char *help;
	const char *one;
	bool any = false;
	size_t length = strlen(name);

	for (size_t n = 0; (one = setting_name(n, &help)) != NULL; n++) {
		if (strncmp(one, name, length) != 0)
			continue;
		say(gdb, "%s -- %s.\n", one, help);
		any = true;
	}
	return any ? true : fail(gdb, "Undefined set command: \"%s\".  Try \"help set\".", name);
}

static void print_command(struct gdb *gdb, const struct command *command, const char *typed)
{
	say(gdb, "%s\n", command->help);
	if (!command->more)
		return;
	say(gdb, "\nList of %s subcommands:\n\n", typed);
	print_table(gdb, arena_print(&gdb->arena, "%s ", typed), command->more);
	say(gdb,
	    "\nType \"help %s\" followed by %s subcommand name for what it does.\n"
	    "Type \"apropos word\" to search for commands related to \"word\".\n"
	    "Command name abbreviations are allowed if unambiguous.\n",
	    typed, typed);
}

bool command_help(struct gdb *gdb, const char *arguments)
{
	const struct command *command;
	const char *rest = arguments;

	if (!*arguments) {
		print_groups(gdb);
		return true;
	}
	if (print_group(gdb, arguments) || help_user_command(gdb, arguments))
		return true;
	gdb->error = NULL;
	if (alias_line(gdb, arguments)) {
		say(gdb, "%s -- %s\n", arguments, alias_line(gdb, arguments));
		return true;
	}
	command = command_find(gdb, &rest);
	if (!command && !gdb->error)
		return fail(gdb, "Undefined command: \"%s\".  Try \"help\".", arguments);
	if (!command)
		return false;
	if ((command->flags & COMMAND_SETTINGS) && rest[strspn(rest, " ")])
		return print_setting(gdb, rest + strspn(rest, " "));
	print_command(gdb, command, command->name);
	return true;
}

/* ---- apropos ---- */

static bool is_about(const regex_t *pattern, const char *prefix, const struct command *command, struct gdb *gdb)
{
	const char *line = arena_print(&gdb->arena, "%s%s %s", prefix, command->name, command->help);

	return regexec(pattern, line, 0, NULL, 0) == 0;
}

static void search_table(struct gdb *gdb, const regex_t *pattern, const char *prefix, const struct command *table)
{
	for (; table->name; table++) {
		if (is_about(pattern, prefix, table, gdb))
			print_line(gdb, prefix, table);
		if (table->more)
			search_table(gdb, pattern, arena_print(&gdb->arena, "%s%s ", prefix, table->name), table->more);
	}
}

static void search_settings(struct gdb *gdb, const regex_t *pattern)
{
	const char *help;
	const char *name;

	for (size_t n = 0; (name = setting_name(n, &help)) != NULL; n++) {
		const char *line = arena_print(&gdb->arena, "%s -- %s.", name, help);

		if (regexec(pattern, line, 0, NULL, 0) == 0)
			say(gdb, "set %s\nshow %s\n", line, line);
	}
}

bool command_apropos(struct gdb *gdb, const char *arguments)
{
	regex_t pattern;

	if (strncmp(arguments, "-v ", 3) == 0)
		arguments += 3;
	if (!*arguments)
		return fail(gdb, "REGEXP string is empty");
	if (regcomp(&pattern, arguments, REG_NOSUB | REG_ICASE))
		return fail(gdb, "Invalid regexp: %s", arguments);
	for (const struct command_group *group = command_groups; group->name; group++)
		search_table(gdb, &pattern, "", group->commands);
	search_settings(gdb, &pattern);
	regfree(&pattern);
	return true;
}
