/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/parsetype.c - types in expressions, as C and C++ write them.
 */
#include <ctype.h>
#include <string.h>

#include "expr.h"

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:"

static const char *const base_words[] = {"unsigned", "signed", "long",   "short", "int",  "char",
					 "void",     "float",  "double", "_Bool", "bool", "__int128"};
static const char *const qualifiers[] = {"const", "volatile", "restrict", "_Atomic"};

static bool among(const char *word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

static bool is_base_word(const struct lexer *lexer)
{
	return lexer->token == TOKEN_NAME && among(lexer->text, base_words, sizeof(base_words) / sizeof(base_words[0]));
}

static void skip_qualifiers(struct lexer *lexer)
{
	while (lexer->token == TOKEN_NAME && among(lexer->text, qualifiers, sizeof(qualifiers) / sizeof(qualifiers[0])))
		lex_next(lexer);
}

/* Counts of each word tell which type it is, in whatever order they stand. */
static const char *base_name(const int counts[12])
{
	static const char *const plain[] = {"int", "long", "long long"};
	static const char *const without_sign[] = {"unsigned int", "unsigned long", "unsigned long long"};

	if (counts[6])
		return "void";
	if (counts[7])
		return "float";
	if (counts[8])
		return counts[2] ? "long double" : "double";
	if (counts[9] || counts[10])
		return counts[9] ? "_Bool" : "bool";
	if (counts[5])
		return counts[0] ? "unsigned char" : counts[1] ? "signed char" : "char";
	if (counts[11])
		return counts[0] ? "unsigned __int128" : "__int128";
	if (counts[3])
		return counts[0] ? "unsigned short" : "short";
	return counts[0] ? without_sign[counts[2]] : plain[counts[2]];
}

static bool parse_base(struct lexer *lexer, utrace_type **type)
{
	int counts[12] = {0};

	while (is_base_word(lexer)) {
		for (size_t i = 0; i < 12; i++)
			counts[i] += strcmp(lexer->text, base_words[i]) == 0;
		lex_next(lexer);
		skip_qualifiers(lexer);
	}
	if (counts[2] > 2)
		return fail(lexer->gdb, "A type can't be that long.");
	*type = counts[6] ? NULL : base_type(lexer->gdb, base_name(counts));
	return counts[6] || *type;
}

static uint32_t tag_kind(const char *word)
{
	if (strcmp(word, "struct") == 0)
		return UTRACE_TYPE_STRUCT;
	if (strcmp(word, "union") == 0)
		return UTRACE_TYPE_UNION;
	if (strcmp(word, "enum") == 0)
		return UTRACE_TYPE_ENUM;
	return strcmp(word, "class") == 0 ? UTRACE_TYPE_CLASS : 0;
}

static bool parse_tagged(struct lexer *lexer, uint32_t kind, utrace_type **type)
{
	const char *keyword = lexer->text;
	const char *end;
	char *name;

	lex_next(lexer);
	if (lexer->token != TOKEN_NAME)
		return lex_error(lexer);
	end = *lexer->start == '\'' ? lexer->at : qualified_end(lexer->start);
	name = arena_text(&lexer->gdb->arena, lexer->start, (size_t)(end - lexer->start));
	if (!type_by_name(lexer->gdb, kind, name, type))
		return fail(lexer->gdb, "No %s type named %s.", keyword, name);
	lexer->at = end;
	lex_next(lexer);
	return true;
}

const char *qualified_end(const char *at)
{
	int depth = 0;

	for (const char *start = at; *at; at++) {
		if (*at == '<' || (*at == '(' && depth))
			depth++;
		else if ((*at == '>' || *at == ')') && depth)
			depth--;
		else if (!depth && !(strchr("_:", *at) || isalnum((unsigned char)*at)))
			break;
		else if (!depth && *at == ':' && at[1] != ':' && (at == start || at[-1] != ':'))
			break;
	}
	return at;
}

/* The longest name first: "ns::name<int>", "ns::name", "name". */
static bool parse_named(struct lexer *lexer, utrace_type **type)
{
	const char *start = lexer->start;
	const char *end = qualified_end(start);
	const char *plain = start + strspn(start, NAME_CHARACTERS);
	const char *ends[3] = {end, plain, lexer->at};

	if (lexer->token != TOKEN_NAME || *start == '\'')
		return false;
	for (size_t i = 0; i < 3; i++) {
		char *name = arena_text(&lexer->gdb->arena, start, (size_t)(ends[i] - start));

		if (i && ends[i] == ends[i - 1])
			continue;
		if (is_variable_name(lexer->gdb, name))
			return false;
		/* "class::member" is no type though "class" is one. */
		if (ends[i][0] == ':' || !type_by_name(lexer->gdb, 0, name, type))
			continue;
		lexer->at = ends[i];
		lex_next(lexer);
		return true;
	}
	return false;
}

static bool parse_array_suffix(struct lexer *lexer, utrace_type **type)
{
	int64_t lengths[8];
	size_t count = 0;

	while (count < 8 && lex_take(lexer, "[")) {
		if (lexer->token != TOKEN_NUMBER)
			return false;
		lengths[count++] = (int64_t)lexer->number;
		lex_next(lexer);
		if (!lex_take(lexer, "]"))
			return false;
	}
	while (count && *type)
		*type = utrace_type_array_of(*type, lengths[--count]);
	return count == 0;
}

/* (*)(...): a pointer to a function, whose parameters don't matter for what can be done with it. */
static bool parse_function_pointer(struct lexer *lexer, utrace_type **type)
{
	int depth = 0;

	if (!lex_take(lexer, "(") || !lex_take(lexer, "*") || !lex_take(lexer, ")") || !lex_is(lexer, "("))
		return false;
	do {
		depth += lex_is(lexer, "(") - lex_is(lexer, ")");
		lex_next(lexer);
	} while (depth && lexer->token != TOKEN_END);
	*type = pointer_type(lexer->gdb, utrace_type_function_of(lexer->gdb->image, *type));
	return *type != NULL;
}

static bool parse_declarator(struct lexer *lexer, utrace_type **type)
{
	skip_qualifiers(lexer);
	while (lex_is(lexer, "*") || lex_is(lexer, "&") || lex_is(lexer, "&&")) {
		if (lex_is(lexer, "*"))
			*type = pointer_type(lexer->gdb, *type);
		else
			*type = utrace_type_reference_to(*type, lex_is(lexer, "&") ? UTRACE_TYPE_REFERENCE
										   : UTRACE_TYPE_RVALUE_REFERENCE);
		if (!*type)
			return false;
		lex_next(lexer);
		skip_qualifiers(lexer);
	}
	if (lex_is(lexer, "(") && lexer->at[0] == '*')
		return parse_function_pointer(lexer, type);
	return parse_array_suffix(lexer, type);
}

bool parse_type(struct lexer *lexer, utrace_type **type)
{
	bool is_type;
	uint32_t kind;

	*type = NULL;
	skip_qualifiers(lexer);
	if (lexer->token != TOKEN_NAME || !lexer->gdb->image)
		return false;
	kind = tag_kind(lexer->text);
	if (is_base_word(lexer))
		is_type = parse_base(lexer, type);
	else
		is_type = kind ? parse_tagged(lexer, kind, type) : parse_named(lexer, type);
	return is_type && parse_declarator(lexer, type);
}
