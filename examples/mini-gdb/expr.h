/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/expr.h - expressions: text to tree once, tree to value as often as it is asked for.
 *
 * A tree names types and constants; variables, registers and memory are looked up when it is evaluated, in the selected frame.
 */
#ifndef MINI_GDB_EXPR_H
#define MINI_GDB_EXPR_H

#include "value.h"

enum token {
	TOKEN_END,
	TOKEN_NUMBER,
	TOKEN_REAL,
	TOKEN_CHARACTER,
	TOKEN_STRING,
	TOKEN_NAME,
	TOKEN_DOLLAR, /* $name, $1, $$, $$2, $ */
	TOKEN_OPERATOR,
	TOKEN_BAD,
};

struct lexer {
	struct gdb *gdb;
	const char *at;    /* next character */
	const char *start; /* of the present token */
	enum token token;
	char *text;    /* of the token; strings and characters without quotes and escapes */
	size_t length; /* of a string, which may have NULs */
	uint64_t number;
	const char *type; /* of a number */
	long double real;
};

void lex_start(struct lexer *lexer, struct gdb *gdb, const char *text);
void lex_next(struct lexer *lexer);
bool lex_is(const struct lexer *lexer, const char *operator_text);
bool lex_take(struct lexer *lexer, const char *operator_text);
/* Says where the syntax error is; always false. */
bool lex_error(struct lexer *lexer);

enum operation {
	OP_CONSTANT,
	OP_STRING,
	OP_NAME, /* text, with its scopes; text2: the file that it is in, or NULL */
	OP_DOLLAR,
	OP_TYPE,
	OP_NEGATE,
	OP_PLUS,
	OP_NOT,
	OP_COMPLEMENT,
	OP_DEREFERENCE,
	OP_ADDRESS,
	OP_SIZEOF,
	OP_ALIGNOF,
	OP_PRE_INCREMENT, /* text: "+" or "-" */
	OP_POST_INCREMENT,
	OP_CAST,
	OP_REINTERPRET_CAST,
	OP_DYNAMIC_CAST,
	OP_TYPED_ADDRESS, /* {type} address */
	OP_MEMBER,
	OP_ARROW,
	OP_MEMBER_POINTER, /* .* and ->* */
	OP_INDEX,
	OP_CALL,
	OP_BINARY,
	OP_AND,
	OP_OR,
	OP_CONDITIONAL,
	OP_ASSIGN, /* text: the operator before '=', or empty */
	OP_COMMA,
	OP_REPEAT, /* @ */
};

struct expr {
	enum operation operation;
	const char *text;
	const char *text2;
	size_t length;
	utrace_type *type;
	bool names_type; /* sizeof(type) */
	struct value *constant;
	struct expr *left, *right, *third;
	struct expr *next; /* arguments of a call */
	/* What the name was in the function that it was looked up in last. */
	uint64_t seen_at;
	unsigned int seen_generation;
	utrace_variable *seen;
};

/* The whole text as one expression, made in the arena gdb->arena. NULL: fail() has the text. */
struct expr *parse_expression(struct gdb *gdb, const char *text);
/* An expression at the start of *text, which is moved behind it: stops at a comma, or at a word that can't go on. */
struct expr *parse_argument(struct gdb *gdb, const char **text);
/* A type, as in a cast; false without an error text where the tokens don't start one. NULL stands for void. */
bool parse_type(struct lexer *lexer, utrace_type **type);
/* Behind a name with scopes and template arguments, "ns::name<int>", which the lexer would take apart. */
const char *qualified_end(const char *at);
/* A copy that outlives the command. */
struct expr *expr_keep(struct arena *arena, const struct expr *expr);

struct value *evaluate(struct gdb *gdb, struct expr *expr);
struct value *evaluate_text(struct gdb *gdb, const char *text);
bool evaluate_integer(struct gdb *gdb, const char *text, uint64_t *number);
bool evaluate_address(struct gdb *gdb, const char *text, uint64_t *address);
/* arith.c: a binary operator of C on two values. */
struct value *arithmetic(struct gdb *gdb, const char *operator_text, struct value *left, struct value *right);
/* What a comparison gives: C's int, or C++'s bool. */
struct value *truth(struct gdb *gdb, bool is_true);
struct value *negate(struct gdb *gdb, struct value *value, char operator_character);

/* names.c: what a name means in the selected frame. NULL without an error text: nothing. */
struct value *name_value(struct gdb *gdb, struct expr *name);
/* A variable, a function or an enumerator has it. */
bool name_exists(struct gdb *gdb, const char *name);
bool is_variable_name(struct gdb *gdb, const char *name);
bool type_by_name(struct gdb *gdb, uint32_t kind, const char *name, utrace_type **type);
/* A function out of line; NULL without an error text: there is none. */
struct value *function_value(struct gdb *gdb, const char *name);

/* Every function out of line of this name, in the scopes around the selected frame's. */
void each_function(struct gdb *gdb, const char *name, utrace_location_callback *callback, void *data);

/* calls.c: a call of one of the program's. `result`, which may be NULL, is what it gives back if nothing says that. */
struct value *call_function(struct gdb *gdb, const struct expr *expr, utrace_type *result);
/* functions.c: a call of one of the debugger's own functions. */
struct value *own_function(struct gdb *gdb, const struct expr *expr);

/* dollar.c */
struct value *evaluate_dollar(struct gdb *gdb, const char *name);
/* NULL without an error text: no register has this name. */
struct value *register_value(struct gdb *gdb, const char *name);
struct value *convenience_get(struct gdb *gdb, const char *name);
void convenience_set(struct gdb *gdb, const char *name, struct value *value);
bool show_conveniences(struct gdb *gdb, const char *arguments);
struct value *history_get(struct gdb *gdb, long number, bool *exists);
size_t history_add(struct gdb *gdb, struct value *value);

#endif
