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

/* How many characters all candidates begin with. */
static size_t common_length(const char **words, size_t count)
{
	size_t common = strlen(words[0]);

	for (size_t n = 1; n < count; n++)
		while (strncmp(words[0], words[n], common) != 0)
			common--;
	return common;
}

static void show_words(const char **words, size_t count)
{
	(void)fputc('\n', stdout);
	for (size_t n = 0; n < count && n < 200; n++)
		(void)printf("%s  ", words[n]);
	(void)fputc('\n', stdout);
}

/* What all candidates have in common is inserted; where that is nothing new they are shown. */
static unsigned char complete(EditLine *edit, int key)
{
	const LineInfo *info = el_line(edit);
	struct terminal *terminal = NULL;
	const char **words = NULL;
	char rest[256];
	size_t word, count, typed;
	unsigned char answer = CC_ERROR;
	char *line;

	(void)key;
	(void)el_get(edit, EL_CLIENTDATA, &terminal);
	line = arena_text(&terminal->gdb->arena, info->buffer, (size_t)(info->cursor - info->buffer));
	count = complete_line(terminal->gdb, line, &word, &words);
	typed = strlen(line) - word;
	if (count) {
		size_t common = common_length(words, count);

		(void)snprintf(rest, sizeof(rest), "%.*s%s", (int)(common - typed), words[0] + typed,
			       count == 1 ? " " : "");
		if (*rest)
			answer = el_insertstr(edit, rest) < 0 ? CC_ERROR : CC_REFRESH;
		else
			show_words(words, count);
		if (!*rest)
			answer = CC_REDISPLAY;
	}
	free((void *)words);
	return answer;
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
