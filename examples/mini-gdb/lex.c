/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/lex.c - the words of an expression.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "expr.h"

/* Longest first. */
static const char *const operators[] = {
	"<<=", ">>=", "->*", "...", ".*", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "->", "++", "--", "+=",
	"-=",  "*=",  "/=",  "%=",  "&=", "|=", "^=", "::", "+",  "-",  "*",  "/",  "%",  "&",  "|",  "^",  "~",
	"!",   "<",   ">",   "=",   "?",  ":",  ",",  ".",  "(",  ")",  "[",  "]",  "{",  "}",  "@"};

void lex_start(struct lexer *lexer, struct gdb *gdb, const char *text)
{
	*lexer = (struct lexer){.gdb = gdb, .at = text};
	lex_next(lexer);
}

bool lex_is(const struct lexer *lexer, const char *operator_text)
{
	return lexer->token == TOKEN_OPERATOR && strcmp(lexer->text, operator_text) == 0;
}

bool lex_take(struct lexer *lexer, const char *operator_text)
{
	if (!lex_is(lexer, operator_text))
		return false;
	lex_next(lexer);
	return true;
}

bool lex_error(struct lexer *lexer)
{
	if (lexer->token == TOKEN_BAD)
		return false;
	return fail(lexer->gdb, "A syntax error in expression, near `%s'.", lexer->start);
}

static void bad(struct lexer *lexer, const char *text)
{
	lexer->token = TOKEN_BAD;
	(void)fail(lexer->gdb, "%s", text);
}

static bool is_name_character(char character)
{
	return isalnum((unsigned char)character) || character == '_' || character == '$';
}

static void take_text(struct lexer *lexer, enum token token, const char *end)
{
	lexer->token = token;
	lexer->text = arena_text(&lexer->gdb->arena, lexer->at, (size_t)(end - lexer->at));
	lexer->at = end;
}

/* The type of an integer constant, by the C standard's list (6.4.4.1) for a 32-bit int and a 64-bit long. */
static const char *integer_type(uint64_t number, bool decimal, bool is_unsigned, bool is_long, size_t long_bytes)
{
	uint64_t long_max = long_bytes == 4 ? INT32_MAX : INT64_MAX;

	if (!is_long && !is_unsigned && number <= INT32_MAX)
		return "int";
	if (!is_long && (is_unsigned || !decimal) && number <= UINT32_MAX)
		return "unsigned int";
	if (!is_unsigned && number <= long_max)
		return "long";
	if (long_bytes == 4 && !is_unsigned && number <= INT64_MAX)
		return "long long";
	if (long_bytes == 4 && number <= UINT32_MAX)
		return "unsigned long";
	return long_bytes == 4 ? "unsigned long long" : "unsigned long";
}

static void lex_number(struct lexer *lexer)
{
	const char *end = lexer->at;
	bool hex = end[0] == '0' && (end[1] == 'x' || end[1] == 'X');
	bool is_unsigned = false;
	bool is_long = false;
	char *stop;

	while (isalnum((unsigned char)*end) || *end == '.' ||
	       (!hex && (*end == '+' || *end == '-') && (end[-1] == 'e' || end[-1] == 'E')))
		end++;
	take_text(lexer, TOKEN_NUMBER, end);
	if (!hex && strpbrk(lexer->text, ".eE")) {
		lexer->token = TOKEN_REAL;
		lexer->real = strtold(lexer->text, &stop);
		lexer->type = *stop == 'f' || *stop == 'F'   ? "float"
			      : *stop == 'l' || *stop == 'L' ? "long double"
							     : "double";
		if (*stop && (stop[1] || !strchr("fFlL", *stop)))
			bad(lexer, arena_print(&lexer->gdb->arena, "Invalid number \"%s\".", lexer->text));
		return;
	}
	errno = 0;
	if (lexer->text[0] == '0' && (lexer->text[1] == 'b' || lexer->text[1] == 'B'))
		lexer->number = strtoull(lexer->text + 2, &stop, 2);
	else
		lexer->number = strtoull(lexer->text, &stop, 0);
	for (; *stop && strchr("uUlL", *stop); stop++) {
		is_unsigned |= *stop == 'u' || *stop == 'U';
		is_long |= *stop == 'l' || *stop == 'L';
	}
	if (errno)
		bad(lexer, "Numeric constant too large.");
	else if (*stop)
		bad(lexer, arena_print(&lexer->gdb->arena, "Invalid number \"%s\".", lexer->text));
	lexer->type =
		integer_type(lexer->number, lexer->text[0] != '0', is_unsigned, is_long, pointer_size(lexer->gdb));
}

/* One character of a literal, escapes resolved; *at is moved behind it. */
static char literal_character(const char **at)
{
	static const char names[] = "abefnrtv";
	static const char values[] = "\a\b\033\f\n\r\t\v";
	const char *escape = *at + 1;
	const char *known;
	int number = 0;
	int digits = 0;

	if (**at != '\\' || !*escape)
		return *(*at)++;
	*at += 2;
	if (*escape == 'x') {
		char *end;

		number = (int)strtol(escape + 1, &end, 16);
		*at = end;
		return (char)number;
	}
	for (; digits < 3 && escape[digits] >= '0' && escape[digits] <= '7'; digits++)
		number = number * 8 + escape[digits] - '0';
	if (digits) {
		*at = escape + digits;
		return (char)number;
	}
	known = strchr(names, *escape);
	return known ? values[known - names] : *escape;
}

static void lex_literal(struct lexer *lexer, char quote)
{
	const char *at = lexer->at + 1;
	char *text = arena_alloc(&lexer->gdb->arena, strlen(at) + 1);
	size_t length = 0;

	while (*at && *at != quote)
		text[length++] = literal_character(&at);
	if (!*at) {
		bad(lexer, quote == '"' ? "Unterminated string in expression." : "Unmatched single quote.");
		return;
	}
	lexer->at = at + 1;
	lexer->text = text;
	lexer->length = length;
	lexer->token = quote == '"' ? TOKEN_STRING : TOKEN_CHARACTER;
	lexer->number = (uint64_t)(int64_t)text[0];
	/* 'file.c'::name and 'operator new' are names in quotes. */
	if (quote == '\'' && length != 1)
		lexer->token = length ? TOKEN_NAME : TOKEN_BAD;
	if (lexer->token == TOKEN_BAD)
		(void)fail(lexer->gdb, "Empty character constant.");
}

static void lex_operator(struct lexer *lexer)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		size_t length = strlen(operators[i]);

		if (strncmp(lexer->at, operators[i], length) == 0) {
			take_text(lexer, TOKEN_OPERATOR, lexer->at + length);
			return;
		}
	}
	bad(lexer, "Invalid character in expression.");
}

void lex_next(struct lexer *lexer)
{
	const char *end;

	if (lexer->token == TOKEN_BAD)
		return;
	while (isspace((unsigned char)*lexer->at))
		lexer->at++;
	lexer->start = lexer->at;
	lexer->text = NULL;
	if (!*lexer->at) {
		lexer->token = TOKEN_END;
	} else if (isdigit((unsigned char)*lexer->at) || (*lexer->at == '.' && isdigit((unsigned char)lexer->at[1]))) {
		lex_number(lexer);
	} else if (*lexer->at == '"' || *lexer->at == '\'') {
		lex_literal(lexer, *lexer->at);
	} else if (is_name_character(*lexer->at)) {
		for (end = lexer->at; is_name_character(*end); end++)
			continue;
		take_text(lexer, *lexer->at == '$' ? TOKEN_DOLLAR : TOKEN_NAME, end);
	} else {
		lex_operator(lexer);
	}
}
