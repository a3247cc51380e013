/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/data.c - print, output, printf, echo, set variable.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "expr.h"
#include "print.h"

/* A value that has bytes, or an error text. */
static struct value *printable(struct gdb *gdb, const char *text)
{
	struct value *value =
		*text ? evaluate_text(gdb, text) : history_get(gdb, (long)gdb->history_count, &(bool){false});

	if (!value && !*text && !gdb->error)
		(void)fail(gdb, "Argument required (expression to compute).");
	if (!value)
		return NULL;
	if (value->untyped) {
		(void)fail(gdb, "'%s' has unknown type; cast it to its declared type", value->name);
		return NULL;
	}
	if (!value->layout && kind_of(value->type) != UTRACE_TYPE_FUNCTION && value->type && size_of(value->type) &&
	    !value_fetch(gdb, value))
		return NULL;
	return value;
}

/* -pretty, -elements N, ... up to "--". */
static bool parse_options(struct gdb *gdb, const char **text)
{
	while (**text == '-' && isalpha((unsigned char)(*text)[1])) {
		const char *option = *text + 1;
		const char *next = option + strcspn(option, " ");

		next += strspn(next, " ");
		if (strncmp(option, "elements", 4) == 0) {
			char *end;

			gdb->settings.print_elements = (unsigned int)strtoul(next, &end, 10);
			next = end + strspn(end, " ");
		} else if (strncmp(option, "pretty", 4) == 0) {
			gdb->settings.print_pretty = true;
		} else {
			return true; /* an expression such as -x */
		}
		*text = next;
	}
	if (strncmp(*text, "-- ", 3) == 0)
		*text += 3;
	return true;
}

static bool print_text(struct gdb *gdb, const char *arguments, bool hides_void)
{
	struct format format = {0};
	struct value *value;

	if (!parse_options(gdb, &arguments) || !format_parse(gdb, &arguments, &format))
		return false;
	if (format.letter == 'i')
		return fail(gdb, "Format letter \"i\" is meaningless in \"print\" command.");
	value = printable(gdb, arguments);
	if (!value)
		return false;
	if (hides_void && !value->type && !value->layout)
		return true;
	say(gdb, "$%zu = ", history_add(gdb, value));
	if (format.letter == 'a' && kind_of(value->type) == UTRACE_TYPE_FUNCTION)
		return fail(gdb, "Value can't be converted to integer.");
	print_value(gdb, value, &format);
	say(gdb, "\n");
	return true;
}

bool command_print(struct gdb *gdb, const char *arguments)
{
	struct settings before = gdb->settings;
	bool done = print_text(gdb, arguments, false);

	gdb->settings = before;
	return done;
}

bool command_call(struct gdb *gdb, const char *arguments)
{
	return print_text(gdb, arguments, true);
}

bool command_output(struct gdb *gdb, const char *arguments)
{
	struct format format = {0};
	struct value *value;

	if (!format_parse(gdb, &arguments, &format))
		return false;
	value = printable(gdb, arguments);
	if (!value)
		return false;
	print_value(gdb, value, &format);
	return true;
}

bool set_variable(struct gdb *gdb, const char *arguments)
{
	if (!*arguments)
		return fail(gdb, "Argument required (expression to compute).");
	return evaluate_text(gdb, arguments) != NULL;
}

/* ---- echo, printf ---- */

static char escaped(const char **at)
{
	static const char names[] = "abefnrtv";
	static const char values[] = "\a\b\033\f\n\r\t\v";
	const char *known;

	if (**at != '\\' || !(*at)[1])
		return *(*at)++;
	*at += 2;
	known = strchr(names, (*at)[-1]);
	return known ? values[known - names] : (*at)[-1];
}

bool command_echo(struct gdb *gdb, const char *arguments)
{
	while (*arguments)
		say(gdb, "%c", escaped(&arguments));
	return true;
}

/* One conversion with its argument; the length that C would need is ours to choose. */
static bool print_conversion(struct gdb *gdb, const char *conversion, size_t length, struct value *value)
{
	char letter = conversion[length - 1];
	size_t flags = strspn(conversion + 1, "-+ #0123456789.") + 1;
	char *format;
	uint64_t number;
	long double real;

	if (letter == 's') {
		char text[1024];

		if (kind_of(value->type) == UTRACE_TYPE_ARRAY && value->place == PLACE_NONE) {
			format = arena_print(&gdb->arena, "%.*ss", (int)flags, conversion);
			(void)fprintf(gdb->out, format, arena_text(&gdb->arena, (char *)value->bytes, value->size));
			return true;
		}
		if (!value_as_address(gdb, value, &number))
			return false;
		if (!gdb->inferior.process ||
		    utrace_memory_read_string(gdb->inferior.process, number, text, sizeof(text), NULL) < 0)
			return fail(gdb, "Cannot access memory at address 0x%llx", (unsigned long long)number);
		format = arena_print(&gdb->arena, "%.*ss", (int)flags, conversion);
		(void)fprintf(gdb->out, format, text);
		return true;
	}
	if (strchr("fgeEGaA", letter)) {
		format = arena_print(&gdb->arena, "%.*sL%c", (int)flags, conversion, letter);
		if (!value_as_double(gdb, value, &real))
			return false;
		(void)fprintf(gdb->out, format, real);
		return true;
	}
	if (!strchr("diouxXcp", letter))
		return fail(gdb, "Bad format string, unrecognized conversion '%c'", letter);
	if (!value_as_integer(gdb, value, &number))
		return false;
	if (letter == 'p')
		say(gdb, "0x%llx", (unsigned long long)number);
	else if (letter == 'c')
		say(gdb, "%c", (int)number);
	else {
		if (strchr("ouxX", letter) && value->size < 8 && !memchr(conversion, 'l', length))
			number &= (UINT64_C(1) << 32) - 1;
		format = arena_print(&gdb->arena, "%.*sll%c", (int)flags, conversion, letter);
		(void)fprintf(gdb->out, format, (long long)number);
	}
	return true;
}

static bool print_arguments(struct gdb *gdb, const char *format, const char *arguments)
{
	while (*format) {
		size_t length;
		struct expr *expr;
		struct value *value;

		if (*format != '%') {
			say(gdb, "%c", *format++);
			continue;
		}
		if (format[1] == '%') {
			say(gdb, "%%");
			format += 2;
			continue;
		}
		length = strspn(format + 1, "-+ #0123456789.hlLqjzt") + 2;
		arguments += strspn(arguments, " ");
		if (*arguments++ != ',')
			return fail(gdb, "Wrong number of arguments for specified format-string");
		expr = parse_argument(gdb, &arguments);
		value = expr ? evaluate(gdb, expr) : NULL;
		if (!value || !print_conversion(gdb, format, length, value))
			return false;
		format += length;
	}
	return true;
}

bool command_printf(struct gdb *gdb, const char *arguments)
{
	struct lexer lexer;

	if (*arguments != '"')
		return fail(gdb, "Bad format string");
	lex_start(&lexer, gdb, arguments);
	if (lexer.token != TOKEN_STRING && lexer.token != TOKEN_OPERATOR)
		return fail(gdb, "Bad format string, non-terminated '\"'");
	/* The lexer has moved on to the first comma or the end. */
	return print_arguments(gdb, lexer.text, lexer.at);
}
