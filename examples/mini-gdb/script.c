/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/script.c - see script.h.
 *
 * A source of lines is on the stack of gdb->script while its lines run, so that a command which has a body (commands,
 * define, if, while) reads on where it came from itself.
 */
#include "script.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "expr.h"
#include "terminal.h"

struct script {
	struct script *outer;
	FILE *stream;            /* a file, or standard input that is no terminal */
	const struct body *body; /* next line of a body */
	bool is_terminal;
};

struct user_command {
	struct user_command *next;
	char *name;
	char *help;
	struct body *body;
};

/* ---- bodies ---- */

void body_free(struct body *body)
{
	while (body) {
		struct body *next = body->next;

		free(body->line);
		free(body);
		body = next;
	}
}

static void body_append(struct body ***last, const char *line)
{
	struct body *one = must_alloc(sizeof(*one));

	one->line = must_copy(line);
	**last = one;
	*last = &one->next;
}

struct body *body_copy(const struct body *body)
{
	struct body *copy = NULL;
	struct body **last = &copy;

	for (; body; body = body->next)
		body_append(&last, body->line);
	return copy;
}

static const char *first_word_end(const char *line)
{
	return line + strcspn(line, " \t");
}

static bool starts_with_word(const char *line, const char *word)
{
	size_t length = strlen(word);

	line += strspn(line, " \t");
	return strncmp(line, word, length) == 0 && first_word_end(line) == line + length;
}

static bool opens_body(const char *line)
{
	static const char *const words[] = {"commands", "define", "document", "if", "while"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (starts_with_word(line, words[i]))
			return true;
	return false;
}

/* ---- lines ---- */

static char *strip_newline(char *line)
{
	line[strcspn(line, "\r\n")] = '\0';
	return line;
}

static char *line_of_stream(FILE *stream)
{
	char *line = NULL;
	size_t room = 0;

	if (getline(&line, &room, stream) < 0) {
		free(line);
		return NULL;
	}
	return strip_newline(line);
}

/* The next line of the present source, which the caller frees; NULL at its end. */
static char *next_line(struct gdb *gdb, const char *prompt)
{
	struct script *script = gdb->script;
	char *line;

	if (!script)
		return NULL;
	if (script->is_terminal)
		return terminal_line(gdb, prompt);
	if (script->stream) {
		/* As gdb, which shows the prompt of a body's lines where it reads them from a pipe too. */
		if (script->stream == stdin && *prompt == '>')
			say(gdb, "%s", prompt);
		return line_of_stream(script->stream);
	}
	if (!script->body)
		return NULL;
	line = must_copy(script->body->line);
	script->body = script->body->next;
	return line;
}

bool script_read_body(struct gdb *gdb, struct body **body)
{
	struct body **last = body;
	int depth = 0;
	char *line;

	*body = NULL;
	while ((line = next_line(gdb, ">")) != NULL) {
		bool is_end = starts_with_word(line, "end");

		if (is_end && depth == 0) {
			free(line);
			return true;
		}
		depth += opens_body(line) - is_end;
		body_append(&last, line + strspn(line, " \t"));
		free(line);
	}
	return true; /* the end of the input ends it too, as in gdb */
}

bool answered_yes(struct gdb *gdb, const char *prompt)
{
	char *line;
	bool yes;

	(void)fflush(gdb->out);
	line = terminal_line(gdb, prompt);
	yes = line && (*line == 'y' || *line == 'Y');
	free(line);
	return yes;
}

bool confirmed(struct gdb *gdb, const char *format, ...)
{
	va_list arguments;

	if (!gdb->settings.confirm)
		return true;
	va_start(arguments, format);
	say(gdb, "%s(y or n) ", arena_vprint(&gdb->arena, format, arguments));
	va_end(arguments);
	if (!gdb->interactive) {
		say(gdb, "[answered Y; input not from terminal]\n");
		return true;
	}
	return answered_yes(gdb, "");
}

/* ---- running ---- */

/* The commands of a breakpoint that was hit; they may hit another one. */
static bool run_after(struct gdb *gdb)
{
	while (gdb->after) {
		struct body *body = gdb->after;
		bool done;

		gdb->after = NULL;
		done = script_run_body(gdb, body);
		body_free(body);
		if (!done)
			return false;
	}
	return true;
}

static bool run_line(struct gdb *gdb, const char *line)
{
	bool done = command_execute(gdb, line);

	return run_after(gdb) && done;
}

bool script_run_body(struct gdb *gdb, const struct body *body)
{
	struct script script = {.outer = gdb->script, .body = body};
	bool done = true;
	char *line;

	gdb->script = &script;
	while (done && !gdb->quit && !gdb->after && !gdb->loop && (line = next_line(gdb, "")) != NULL) {
		if (!starts_with_word(line, "silent"))
			done = command_execute(gdb, line);
		free(line);
	}
	gdb->script = script.outer;
	return done;
}

static void show_error(struct gdb *gdb)
{
	(void)fflush(gdb->out);
	if (gdb->error && *gdb->error)
		(void)fprintf(stderr, "%s%s%s\n", hue(gdb, HUE_ERROR), gdb->error, hue(gdb, HUE_END));
	gdb->error = NULL;
}

bool script_run_top(struct gdb *gdb, const char *line)
{
	bool done;

	gdb->error = NULL;
	done = run_line(gdb, line);
	if (!done)
		show_error(gdb);
	(void)fflush(gdb->out);
	*gdb->interrupted = false;
	if (!gdb->after)
		arena_clear(&gdb->arena);
	return done;
}

static bool run_stream(struct gdb *gdb, FILE *stream)
{
	struct script script = {.outer = gdb->script, .stream = stream};
	bool done = true;
	char *line;

	gdb->script = &script;
	while (done && !gdb->quit && (line = next_line(gdb, "")) != NULL) {
		done = run_line(gdb, line);
		free(line);
	}
	gdb->script = script.outer;
	return done;
}

bool script_run_file(struct gdb *gdb, const char *path)
{
	FILE *stream = fopen(path, "re");
	bool done;

	if (!stream)
		return fail(gdb, "%s: %s.", path, strerror(errno));
	done = run_stream(gdb, stream);
	(void)fclose(stream);
	return done;
}

void script_run_input(struct gdb *gdb)
{
	struct script script = {.is_terminal = gdb->interactive, .stream = gdb->interactive ? NULL : stdin};
	char *again = must_copy("");
	char *line;

	gdb->script = &script;
	while (!gdb->quit && (line = next_line(gdb, "(mini-gdb) ")) != NULL) {
		bool is_empty = line[strspn(line, " \t")] == '\0';

		if (is_empty && gdb->interactive) {
			free(line);
			line = must_copy(again);
		}
		free(again);
		again = must_copy(command_repetition(gdb, line));
		(void)script_run_top(gdb, line);
		free(line);
	}
	free(again);
	gdb->script = NULL;
}

/* ---- commands that have bodies ---- */

bool command_source(struct gdb *gdb, const char *arguments)
{
	if (strncmp(arguments, "-v ", 3) == 0 || strncmp(arguments, "-s ", 3) == 0)
		arguments += 3 + strspn(arguments + 3, " ");
	if (!*arguments)
		return fail(gdb, "source command requires file name of file to source.");
	return script_run_file(gdb, arguments);
}

static struct user_command *find_user_command(struct gdb *gdb, const char *name)
{
	struct user_command *command = gdb->user_commands;

	while (command && strcmp(command->name, name) != 0)
		command = command->next;
	return command;
}

bool command_define(struct gdb *gdb, const char *arguments)
{
	struct user_command *command = find_user_command(gdb, arguments);
	struct body *body;

	if (!*arguments)
		return fail(gdb, "Argument required (name of command to define).");
	if (gdb->interactive)
		say(gdb, "Type commands for definition of \"%s\".\nEnd with a line saying just \"end\".\n", arguments);
	if (!script_read_body(gdb, &body))
		return false;
	if (!command) {
		command = must_alloc(sizeof(*command));
		command->name = must_copy(arguments);
		command->next = gdb->user_commands;
		gdb->user_commands = command;
	}
	body_free(command->body);
	command->body = body;
	return true;
}

bool command_document(struct gdb *gdb, const char *arguments)
{
	struct user_command *command = find_user_command(gdb, arguments);
	const char *text = "";
	struct body *body;

	if (!command)
		return fail(gdb, "Undefined command: \"%s\".  Try \"help\".", arguments);
	if (!script_read_body(gdb, &body))
		return false;
	for (const struct body *line = body; line; line = line->next)
		text = arena_print(&gdb->arena, "%s%s%s", text, *text ? "\n" : "", line->line);
	body_free(body);
	free(command->help);
	command->help = must_copy(text);
	return true;
}

bool script_is_typed(const struct gdb *gdb)
{
	return !gdb->script || gdb->script->is_terminal || gdb->script->stream == stdin;
}

void user_commands_list(struct gdb *gdb)
{
	for (const struct user_command *command = gdb->user_commands; command; command = command->next)
		say(gdb, "%s -- %s\n", command->name, command->help ? command->help : "User-defined.");
}

bool user_commands_show(struct gdb *gdb, const char *name)
{
	bool any = false;

	for (const struct user_command *command = gdb->user_commands; command; command = command->next) {
		if (*name && strcmp(name, command->name) != 0)
			continue;
		any = true;
		say(gdb, "User command \"%s\":\n", command->name);
		for (const struct body *line = command->body; line; line = line->next)
			say(gdb, "  %s\n", line->line);
		say(gdb, "\n");
	}
	return any || !*name || fail(gdb, "Not a user command.");
}

bool help_user_command(struct gdb *gdb, const char *name)
{
	const struct user_command *command = find_user_command(gdb, name);

	if (!command)
		return fail(gdb, "Undefined command: \"%s\".  Try \"help\".", name);
	say(gdb, "%s\n", command->help ? command->help : "User-defined.");
	return true;
}

/* $arg0, $arg1, ..., $argc in a line of a user's command. */
static char *with_arguments(struct gdb *gdb, const char *line, char **arguments, int count)
{
	char *text = arena_string(&gdb->arena, line);
	char *at;

	while ((at = strstr(text, "$arg")) != NULL) {
		const char *value = "";
		size_t length = 5;
		char digit = at[4];

		if (digit == 'c')
			value = arena_print(&gdb->arena, "%d", count);
		else if (digit >= '0' && digit <= '9' && digit - '0' < count)
			value = arguments[digit - '0'];
		else
			break;
		text = arena_print(&gdb->arena, "%.*s%s%s", (int)(at - text), text, value, at + length);
	}
	return text;
}

enum { ARGUMENTS_MAX = 10, NESTING_MAX = 100 };

bool run_user_command(struct gdb *gdb, const char *name, const char *arguments, bool *found)
{
	const struct user_command *command = find_user_command(gdb, name);
	char *words[ARGUMENTS_MAX];
	char *text;
	char *rest = NULL;
	int count = 0;
	struct body *body = NULL;
	struct body **last = &body;
	bool done;

	*found = command != NULL;
	if (!command)
		return true;
	if (gdb->nesting >= NESTING_MAX)
		return fail(gdb, "Max user call depth exceeded -- command aborted.");
	text = arena_string(&gdb->arena, arguments);
	for (char *word = strtok_r(text, " \t", &rest); word && count < ARGUMENTS_MAX;
	     word = strtok_r(NULL, " \t", &rest))
		words[count++] = word;
	for (const struct body *line = command->body; line; line = line->next)
		body_append(&last, with_arguments(gdb, line->line, words, count));
	gdb->nesting++;
	done = script_run_body(gdb, body);
	gdb->nesting--;
	body_free(body);
	return done;
}

/* Parts a body at the `else` that belongs to it. */
static struct body *cut_else(struct body *body)
{
	int depth = 0;

	for (struct body *at = body, *before = NULL; at; before = at, at = at->next) {
		if (depth == 0 && starts_with_word(at->line, "else") && before) {
			before->next = NULL;
			return at;
		}
		depth += opens_body(at->line) - starts_with_word(at->line, "end");
	}
	return NULL;
}

static bool is_true(struct gdb *gdb, const char *text, bool *truth)
{
	struct value *value = evaluate_text(gdb, text);

	return value && value_is_true(gdb, value, truth);
}

bool command_if(struct gdb *gdb, const char *arguments)
{
	struct body *body;
	struct body *otherwise;
	bool truth = false;
	bool done;

	if (!script_read_body(gdb, &body))
		return false;
	otherwise = cut_else(body);
	if (body && starts_with_word(body->line, "else")) { /* nothing before it */
		otherwise = body;
		body = NULL;
	}
	done = is_true(gdb, arguments, &truth);
	if (done && truth)
		done = script_run_body(gdb, body);
	else if (done && otherwise)
		done = script_run_body(gdb, otherwise->next);
	body_free(body);
	body_free(otherwise);
	return done;
}

bool command_while(struct gdb *gdb, const char *arguments)
{
	struct body *body;
	bool truth = false;
	bool done = script_read_body(gdb, &body);

	gdb->loops++;
	while (done && !*gdb->interrupted && !gdb->quit) {
		done = is_true(gdb, arguments, &truth);
		if (!done || !truth)
			break;
		done = script_run_body(gdb, body);
		if (gdb->loop == LOOP_BREAK)
			break;
		gdb->loop = LOOP_GOES_ON;
	}
	gdb->loop = LOOP_GOES_ON;
	gdb->loops--;
	body_free(body);
	return done;
}

bool command_loop_break(struct gdb *gdb, const char *arguments)
{
	(void)arguments;
	if (!gdb->loops)
		return fail(gdb, "loop_break command only works inside \"while\".");
	gdb->loop = LOOP_BREAK;
	return true;
}

bool command_loop_continue(struct gdb *gdb, const char *arguments)
{
	(void)arguments;
	if (!gdb->loops)
		return fail(gdb, "loop_continue command only works inside \"while\".");
	gdb->loop = LOOP_CONTINUE;
	return true;
}

/* Enter repeats no command that the user defined, so there is nothing to do. */
bool command_dont_repeat(struct gdb *gdb, const char *arguments)
{
	(void)gdb;
	(void)arguments;
	return true;
}
