/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/terminal.c - see terminal.h.
 */
#include "terminal.h"

#include <histedit.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

struct terminal {
	EditLine *edit;
	History *history;
	const char *prompt;
	struct gdb *gdb;
};

static char *prompt_of(EditLine *edit)
{
	struct terminal *terminal = NULL;

	(void)el_get(edit, EL_CLIENTDATA, &terminal);
	return (char *)terminal->prompt;
}

/* What all candidates have in common is inserted; a second Tab would show them, so they are shown at once if there are several. */
static unsigned char complete(EditLine *edit, int key)
{
	const LineInfo *line = el_line(edit);
	size_t typed = (size_t)(line->cursor - line->buffer);
	const char *word = typed >= 5 && strncmp(line->buffer, "info ", 5) == 0 ? line->buffer + 5 : line->buffer;
	size_t length = typed - (size_t)(word - line->buffer);
	const char *first = command_completion(line->buffer, typed, 0);
	size_t common;
	char rest[64] = "";
	const char *other;

	(void)key;
	if (!first)
		return CC_ERROR;
	common = strlen(first);
	for (size_t n = 1; (other = command_completion(line->buffer, typed, n)) != NULL; n++)
		while (strncmp(first, other, common) != 0)
			common--;
	if (common > length && common - length < sizeof(rest) - 1) {
		memcpy(rest, first + length, common - length);
		if (!command_completion(line->buffer, typed, 1))
			rest[common - length] = ' ';
		return el_insertstr(edit, rest) < 0 ? CC_ERROR : CC_REFRESH;
	}
	(void)fputc('\n', stdout);
	for (size_t n = 0; (other = command_completion(line->buffer, typed, n)) != NULL; n++)
		(void)printf("%s  ", other);
	(void)fputc('\n', stdout);
	return CC_REDISPLAY;
}

static struct terminal *open_terminal(struct gdb *gdb)
{
	struct terminal *terminal = arena_alloc(&gdb->kept, sizeof(*terminal));
	HistEvent event;

	terminal->gdb = gdb;
	terminal->prompt = "";
	terminal->edit = el_init("mini-gdb", stdin, stdout, stderr);
	terminal->history = history_init();
	if (!terminal->edit || !terminal->history) {
		(void)fputs("mini-gdb: the terminal can't be used\n", stderr);
		exit(1);
	}
	(void)history(terminal->history, &event, H_SETSIZE, 1000);
	(void)el_set(terminal->edit, EL_CLIENTDATA, terminal);
	(void)el_set(terminal->edit, EL_PROMPT, prompt_of);
	(void)el_set(terminal->edit, EL_EDITOR, "emacs");
	(void)el_set(terminal->edit, EL_SIGNAL, 0);
	(void)el_set(terminal->edit, EL_HIST, history, terminal->history);
	(void)el_set(terminal->edit, EL_ADDFN, "complete", "complete a command", complete);
	(void)el_set(terminal->edit, EL_BIND, "^I", "complete", NULL);
	return terminal;
}

char *terminal_line(struct gdb *gdb, const char *prompt)
{
	HistEvent event;
	const char *text;
	int length = 0;
	char *line;

	if (!gdb->terminal)
		gdb->terminal = open_terminal(gdb);
	gdb->terminal->prompt = prompt;
	(void)fflush(gdb->out);
	text = el_gets(gdb->terminal->edit, &length);
	while (!text && length < 0 && *gdb->interrupted) { /* Ctrl-C at the prompt drops the line */
		*gdb->interrupted = false;
		(void)fputs("Quit\n", stdout);
		text = el_gets(gdb->terminal->edit, &length);
	}
	if (!text || length <= 0)
		return NULL;
	if (*text != '\n')
		(void)history(gdb->terminal->history, &event, H_ENTER, text);
	line = must_copy(text);
	line[strcspn(line, "\n")] = '\0';
	return line;
}

void terminal_end(struct gdb *gdb)
{
	if (!gdb->terminal)
		return;
	history_end(gdb->terminal->history);
	el_end(gdb->terminal->edit);
	gdb->terminal = NULL;
}
