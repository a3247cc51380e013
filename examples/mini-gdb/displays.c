/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/displays.c - see displays.h.
 */
#include "displays.h"

#include <stdlib.h>
#include <string.h>

#include "breaks.h"
#include "examine.h"
#include "expr.h"

struct display {
	struct display *next;
	int number;
	bool disabled;
	struct format format;
	char *text;
};

static bool is_memory(const struct format *format)
{
	return format->letter == 'i' || format->letter == 's' || format->size;
}

static const char *format_text(struct gdb *gdb, const struct format *format)
{
	if (!format->letter && !format->size)
		return "";
	if (is_memory(format) && format->count != 1)
		return arena_print(&gdb->arena, "/%lld%.1s%.1s", (long long)format->count, &format->letter,
				   &format->size);
	return arena_print(&gdb->arena, "/%.1s%.1s", &format->letter, &format->size);
}

static void show_memory(struct gdb *gdb, const struct display *display)
{
	uint64_t address;

	say(gdb, "%d: x%s %s\n", display->number, format_text(gdb, &display->format), display->text);
	if (evaluate_address(gdb, display->text, &address) && examine(gdb, &display->format, &address))
		return;
	say(gdb, "%s\n", gdb->error ? gdb->error : "");
}

static void show(struct gdb *gdb, const struct display *display)
{
	struct value *value;

	if (is_memory(&display->format)) {
		show_memory(gdb, display);
	} else {
		value = evaluate_text(gdb, display->text);
		if (!value) {
			gdb->error = NULL;
			return; /* it has no meaning here, but may have elsewhere */
		}
		say(gdb, "%d: %s%s%s = ", display->number, format_text(gdb, &display->format),
		    display->format.letter ? " " : "", display->text);
		print_value(gdb, value, &display->format);
		say(gdb, "\n");
	}
	gdb->error = NULL;
}

void displays_show(struct gdb *gdb)
{
	for (const struct display *display = gdb->displays; display; display = display->next)
		if (!display->disabled)
			show(gdb, display);
}

bool command_display(struct gdb *gdb, const char *arguments)
{
	struct display **last = &gdb->displays;
	struct format format = {.count = 1};
	struct display *display;

	if (!*arguments) {
		displays_show(gdb);
		return true;
	}
	if (!format_parse(gdb, &arguments, &format))
		return false;
	if (format.size && !format.letter)
		format.letter = 'x';
	if (!parse_expression(gdb, arguments))
		return false;
	if (gdb->inferior.process && !is_memory(&format) && !evaluate_text(gdb, arguments))
		return false;
	display = must_alloc(sizeof(*display));
	display->format = format;
	display->text = must_copy(arguments);
	display->number = ++gdb->next_display;
	while (*last)
		last = &(*last)->next;
	*last = display;
	if (gdb->inferior.process)
		show(gdb, display);
	return true;
}

static void remove_display(struct gdb *gdb, int number)
{
	struct display **at = &gdb->displays;

	while (*at) {
		struct display *display = *at;

		if (number && display->number != number) {
			at = &display->next;
			continue;
		}
		*at = display->next;
		free(display->text);
		free(display);
	}
}

bool display_delete(struct gdb *gdb, const char *numbers)
{
	char *end;

	numbers += strspn(numbers, " ");
	if (!*numbers)
		remove_display(gdb, 0);
	for (; *numbers; numbers = end + strspn(end, " ,")) {
		long number = strtol(numbers, &end, 10);

		if (end == numbers)
			return fail(gdb, "Arguments must be display numbers.");
		remove_display(gdb, (int)number);
	}
	return true;
}

bool command_undisplay(struct gdb *gdb, const char *arguments)
{
	return display_delete(gdb, arguments);
}

bool display_able(struct gdb *gdb, const char *numbers, bool enabled)
{
	int wanted = atoi(numbers);

	for (struct display *display = gdb->displays; display; display = display->next)
		if (!wanted || display->number == wanted)
			display->disabled = !enabled;
	return true;
}

bool info_display(struct gdb *gdb, const char *arguments)
{
	(void)arguments;
	if (!gdb->displays) {
		say(gdb, "There are no auto-display expressions now.\n");
		return true;
	}
	say(gdb, "Auto-display expressions now in effect:\nNum Enb Expression\n");
	for (const struct display *display = gdb->displays; display; display = display->next)
		say(gdb, "%d:   %c  %s%s%s\n", display->number, display->disabled ? 'n' : 'y',
		    format_text(gdb, &display->format), display->format.letter ? " " : "", display->text);
	return true;
}
