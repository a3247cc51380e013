/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/complete.c - how a line can go on: commands, their second words, functions, variables, settings, files.
 */
#include <ctype.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

enum { COMPLETIONS_MAX = 200 }; /* as gdb's "max-completions" */

struct completions {
	struct gdb *gdb;
	const char *typed;
	size_t length;
	const char **words;
	size_t count;
};

static void add(struct completions *all, const char *word)
{
	if (strncmp(word, all->typed, all->length) != 0 || all->count >= 65536)
		return;
	if (all->count % 64 == 0)
		all->words = must_grow((void *)all->words, (all->count + 64) * sizeof(*all->words));
	all->words[all->count++] = arena_string(&all->gdb->arena, word);
}

static int compare_words(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void sort(struct completions *all)
{
	size_t kept = 0;

	if (all->count)
		qsort((void *)all->words, all->count, sizeof(*all->words), compare_words);
	for (size_t i = 0; i < all->count; i++)
		if (!kept || strcmp(all->words[kept - 1], all->words[i]) != 0)
			all->words[kept++] = all->words[i];
	all->count = kept;
}

/* ---- where words come from ---- */

static void add_table(struct completions *all, const struct command *table)
{
	for (; table->name; table++)
		add(all, table->name);
}

static void add_commands(struct completions *all)
{
	const char *name;

	for (const struct command_group *group = command_groups; group->name; group++)
		add_table(all, group->commands);
	for (size_t n = 0; (name = alias_name(all->gdb, n)) != NULL; n++)
		add(all, name);
}

static void add_settings(struct completions *all)
{
	const char *help;
	const char *name;

	for (size_t n = 0; (name = setting_name(n, &help)) != NULL; n++)
		add(all, name);
}

static int add_symbol(const struct utrace_symbol *symbol, void *data)
{
	struct completions *all = data;
	char *readable;

	if (!symbol->name || !*symbol->name || symbol->kind == UTRACE_SYMBOL_OTHER)
		return 0;
	readable = symbol->name[0] == '_' && symbol->name[1] == 'Z' ? utrace_symbol_demangle(symbol->name) : NULL;
	add(all, readable ? readable : symbol->name);
	free(readable);
	return 0;
}

static void add_symbols(struct completions *all)
{
	if (all->gdb->image && all->length)
		(void)utrace_symbol_each(all->gdb->image, NULL, NULL, add_symbol, all);
}

static void add_files(struct completions *all)
{
	glob_t found;

	if (glob(arena_print(&all->gdb->arena, "%s*", all->typed), GLOB_MARK, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		add(all, found.gl_pathv[i]);
	globfree(&found);
}

/* ---- the line ---- */

static size_t start_of_word(const char *line, const char *from, bool whole_argument)
{
	const char *at = line + strlen(line);

	if (whole_argument)
		return (size_t)(from + strspn(from, " \t") - line);
	while (at > from && !isspace((unsigned char)at[-1]) && !strchr("()&*,=+-!<>[]/", at[-1]))
		at--;
	return (size_t)(at - line);
}

static void add_arguments(struct completions *all, const struct command *command)
{
	if (command->more)
		add_table(all, command->more);
	if (command->flags & (COMMAND_PLACES | COMMAND_SYMBOLS))
		add_symbols(all);
	if (command->flags & COMMAND_SETTINGS)
		add_settings(all);
	if (command->flags & COMMAND_FILES)
		add_files(all);
	if (command->flags & COMMAND_COMMANDS)
		add_commands(all);
}

/* A word that has no blank behind it is still being typed. */
static bool is_typing_first(const char *line)
{
	return *command_name_end(line) == '\0';
}

/* "info li": the second word may still be typed, also where "li" alone would be one. */
static const struct command *command_of(struct gdb *gdb, const char *line, const char **rest)
{
	const struct command *command;
	const char *end = command_name_end(line);

	*rest = line;
	command = command_find(gdb, rest);
	if (command && **rest == '\0' && *rest != end) {
		*rest = arena_text(&gdb->arena, line, (size_t)(end - line));
		command = command_find(gdb, rest);
		*rest = end;
	}
	if (!command && gdb->error) { /* "info " and "info zz": the first word's */
		const char *first = arena_print(&gdb->arena, "%.*s", (int)(end - line), line);

		gdb->error = NULL;
		command = command_find(gdb, &first);
		*rest = end;
	}
	gdb->error = NULL;
	return command;
}

size_t complete_line(struct gdb *gdb, const char *line, size_t *word, const char ***words)
{
	struct completions all = {.gdb = gdb};
	const char *rest = line;
	const struct command *command = NULL;

	*word = (size_t)(strspn(line, " \t"));
	if (!is_typing_first(line + *word)) {
		command = command_of(gdb, line + *word, &rest);
		*word = command ? start_of_word(line, rest, (command->flags & COMMAND_SETTINGS) != 0) : strlen(line);
	}
	all.typed = line + *word;
	all.length = strlen(all.typed);
	if (command && (command->flags & COMMAND_COMMANDS) && !is_typing_first(rest + strspn(rest, " \t"))) {
		size_t inner = 0;
		size_t offset = (size_t)(rest + strspn(rest, " \t") - line);
		size_t count = complete_line(gdb, line + offset, &inner, words);

		*word = offset + inner;
		return count;
	}
	if (command)
		add_arguments(&all, command);
	else if (rest == line)
		add_commands(&all);
	sort(&all);
	*words = all.words;
	return all.count;
}

bool command_complete(struct gdb *gdb, const char *arguments)
{
	const char **words = NULL;
	size_t word = 0;
	size_t count = complete_line(gdb, arguments, &word, &words);

	for (size_t i = 0; i < count && i < COMPLETIONS_MAX; i++)
		say(gdb, "%.*s%s\n", (int)word, arguments, words[i]);
	if (count > COMPLETIONS_MAX)
		say(gdb, "%s *** List may be truncated, max-completions reached. ***\n", arguments);
	free((void *)words);
	return true;
}
