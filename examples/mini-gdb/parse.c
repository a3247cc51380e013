/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/parse.c - expressions, by precedence climbing. Types are parsetype.c's.
 *
 * A parenthesis opens a cast if a type follows; names that are both a variable and a type are variables, as in C.
 */
#include <string.h>

#include "expr.h"

static struct expr *parse_comma(struct lexer *lexer);
static struct expr *parse_assignment(struct lexer *lexer);
static struct expr *parse_unary(struct lexer *lexer);

static struct expr *make(struct lexer *lexer, enum operation operation, struct expr *left, struct expr *right)
{
	struct expr *expr = arena_alloc(&lexer->gdb->arena, sizeof(*expr));

	expr->operation = operation;
	expr->left = left;
	expr->right = right;
	return expr;
}

static struct expr *syntax_error(struct lexer *lexer)
{
	(void)lex_error(lexer);
	return NULL;
}

/* ---- expressions ---- */

static struct expr *constant(struct lexer *lexer, const char *type_name, bool is_real)
{
	struct expr *expr = make(lexer, OP_CONSTANT, NULL, NULL);
	utrace_type *type = base_type(lexer->gdb, type_name);

	if (!type)
		return NULL;
	expr->constant =
		is_real ? value_double(lexer->gdb, type, lexer->real) : value_integer(lexer->gdb, type, lexer->number);
	lex_next(lexer);
	return expr;
}

static struct expr *constant_of(struct lexer *lexer, utrace_type *type)
{
	struct expr *expr = make(lexer, OP_CONSTANT, NULL, NULL);

	expr->constant = value_integer(lexer->gdb, type, lexer->number);
	lex_next(lexer);
	return expr;
}

static struct expr *parse_string(struct lexer *lexer)
{
	struct expr *expr = make(lexer, OP_STRING, NULL, NULL);

	expr->text = "";
	/* Literals that follow each other are one. */
	while (lexer->token == TOKEN_STRING) {
		char *text = arena_alloc(&lexer->gdb->arena, expr->length + lexer->length + 1);

		memcpy(text, expr->text, expr->length);
		memcpy(text + expr->length, lexer->text, lexer->length);
		expr->text = text;
		expr->length += lexer->length;
		lex_next(lexer);
	}
	return expr;
}

/* The end of "name<int, 4>", if a function or variable has this name; else of the name alone. */
static const char *template_end(struct lexer *lexer, const char *scope)
{
	const char *end = lexer->at;
	char *name;

	if (*lexer->at != '<' || !lexer->gdb->image)
		return lexer->at;
	end = qualified_end(lexer->start);
	name = arena_print(&lexer->gdb->arena, "%s%.*s", scope, (int)(end - lexer->start), lexer->start);
	return end[-1] == '>' && name_exists(lexer->gdb, name) ? end : lexer->at;
}

/* A name, 'file.c'::name, function::name, ::name, ns::name, ns::name<int>. */
static struct expr *parse_name(struct lexer *lexer, const char *scope)
{
	struct expr *expr = make(lexer, OP_NAME, NULL, NULL);
	struct arena *arena = &lexer->gdb->arena;
	const char *text = scope;

	for (;;) {
		bool quoted = *lexer->start == '\'';

		if (quoted) {
			text = arena_print(arena, "%s%s", text, lexer->text);
		} else {
			const char *start = lexer->start;

			lexer->at = template_end(lexer, text);
			text = arena_print(arena, "%s%.*s", text, (int)(lexer->at - start), start);
		}
		lex_next(lexer);
		if (!lex_is(lexer, "::"))
			break;
		lex_next(lexer);
		if (lexer->token != TOKEN_NAME)
			return syntax_error(lexer);
		if (quoted && !expr->text2 && !*scope) {
			expr->text2 = text;
			text = "";
		} else {
			text = arena_print(arena, "%s::", text);
		}
	}
	expr->text = text;
	return expr;
}

static struct expr *parse_typed(struct lexer *lexer)
{
	struct expr *expr = make(lexer, OP_TYPED_ADDRESS, NULL, NULL);

	lex_next(lexer);
	if (!parse_type(lexer, &expr->type) || !lex_take(lexer, "}"))
		return syntax_error(lexer);
	expr->left = parse_unary(lexer);
	return expr->left ? expr : NULL;
}

static struct expr *type_expr(struct lexer *lexer, utrace_type *type)
{
	struct expr *expr = make(lexer, OP_TYPE, NULL, NULL);

	expr->type = type;
	return expr;
}

static struct expr *parse_parenthesis(struct lexer *lexer)
{
	utrace_type *type;
	struct expr *expr;

	lex_next(lexer);
	if (parse_type(lexer, &type)) {
		if (!lex_take(lexer, ")"))
			return syntax_error(lexer);
		expr = make(lexer, OP_CAST, parse_unary(lexer), NULL);
		expr->type = type;
		return expr->left ? expr : NULL;
	}
	if (lexer->gdb->error)
		return NULL;
	expr = parse_comma(lexer);
	if (expr && !lex_take(lexer, ")"))
		return syntax_error(lexer);
	return expr;
}

static bool cast_operator(const struct lexer *lexer, enum operation *operation)
{
	static const struct {
		const char *text;
		enum operation operation;
	} casts[] = {{"static_cast", OP_CAST},
		     {"const_cast", OP_CAST},
		     {"reinterpret_cast", OP_REINTERPRET_CAST},
		     {"dynamic_cast", OP_DYNAMIC_CAST}};

	for (size_t i = 0; i < sizeof(casts) / sizeof(casts[0]); i++) {
		if (strcmp(lexer->text, casts[i].text) != 0)
			continue;
		*operation = casts[i].operation;
		return true;
	}
	return false;
}

/* static_cast<type>(expression) and its kin. */
static struct expr *parse_named_cast(struct lexer *lexer, enum operation operation)
{
	struct expr *expr = make(lexer, operation, NULL, NULL);

	lex_next(lexer);
	if (!lex_take(lexer, "<") || !parse_type(lexer, &expr->type) || !lex_take(lexer, ">") || !lex_take(lexer, "("))
		return syntax_error(lexer);
	expr->left = parse_comma(lexer);
	if (expr->left && !lex_take(lexer, ")"))
		return syntax_error(lexer);
	return expr->left ? expr : NULL;
}

/* C++'s literals, unless the program calls something so. */
static struct expr *parse_truth(struct lexer *lexer)
{
	utrace_type *type;

	if (!speaks_cxx(lexer->gdb))
		return parse_name(lexer, "");
	type = base_type(lexer->gdb, "bool");
	if (!type)
		return NULL;
	lexer->number = strcmp(lexer->text, "true") == 0;
	return constant_of(lexer, type);
}

static struct expr *parse_primary(struct lexer *lexer)
{
	enum operation operation;
	struct expr *expr;
	utrace_type *type;

	switch (lexer->token) {
	case TOKEN_NUMBER:
		return constant(lexer, lexer->type, false);
	case TOKEN_REAL:
		return constant(lexer, lexer->type, true);
	case TOKEN_CHARACTER:
		return constant(lexer, "char", false);
	case TOKEN_STRING:
		return parse_string(lexer);
	case TOKEN_DOLLAR:
		expr = make(lexer, OP_DOLLAR, NULL, NULL);
		expr->text = lexer->text;
		lex_next(lexer);
		return expr;
	case TOKEN_NAME:
		if (cast_operator(lexer, &operation))
			return parse_named_cast(lexer, operation);
		if (strcmp(lexer->text, "true") == 0 || strcmp(lexer->text, "false") == 0)
			return parse_truth(lexer);
		if (parse_type(lexer, &type))
			return type_expr(lexer, type);
		return lexer->gdb->error ? NULL : parse_name(lexer, "");
	default:
		break;
	}
	if (lex_is(lexer, "("))
		return parse_parenthesis(lexer);
	if (lex_is(lexer, "{"))
		return parse_typed(lexer);
	if (lex_take(lexer, "::") && lexer->token == TOKEN_NAME)
		return parse_name(lexer, "::");
	return syntax_error(lexer);
}

static struct expr *parse_call(struct lexer *lexer, struct expr *function)
{
	struct expr *call = make(lexer, OP_CALL, function, NULL);
	struct expr **last = &call->right;

	while (!lex_take(lexer, ")")) {
		*last = parse_assignment(lexer);
		if (!*last)
			return NULL;
		last = &(*last)->next;
		if (!lex_is(lexer, ")") && !lex_take(lexer, ","))
			return syntax_error(lexer);
	}
	return call;
}

/* ".name", ".base::name", and a destructor's "~name". */
static struct expr *parse_member(struct lexer *lexer, enum operation operation, struct expr *object)
{
	struct expr *expr = make(lexer, operation, object, NULL);
	const char *start = lexer->start;
	const char *end;

	if (lex_is(lexer, "~"))
		lex_next(lexer);
	if (lexer->token != TOKEN_NAME)
		return syntax_error(lexer);
	end = *lexer->at == ':' && lexer->at[1] == ':' ? qualified_end(start) : lexer->at;
	expr->text = arena_text(&lexer->gdb->arena, start, (size_t)(end - start));
	lexer->at = end;
	lex_next(lexer);
	return expr;
}

static struct expr *parse_index(struct lexer *lexer, struct expr *array)
{
	struct expr *expr = make(lexer, OP_INDEX, array, parse_comma(lexer));

	if (!expr->right)
		return NULL;
	return lex_take(lexer, "]") ? expr : syntax_error(lexer);
}

static struct expr *parse_postfix(struct lexer *lexer)
{
	struct expr *expr = parse_primary(lexer);

	while (expr) {
		if (lex_take(lexer, "[")) {
			expr = parse_index(lexer, expr);
		} else if (lex_take(lexer, "(")) {
			expr = parse_call(lexer, expr);
		} else if (lex_take(lexer, ".")) {
			expr = parse_member(lexer, OP_MEMBER, expr);
		} else if (lex_take(lexer, "->")) {
			expr = parse_member(lexer, OP_ARROW, expr);
		} else if (lex_is(lexer, "++") || lex_is(lexer, "--")) {
			expr = make(lexer, OP_POST_INCREMENT, expr, NULL);
			expr->text = lex_is(lexer, "++") ? "+" : "-";
			lex_next(lexer);
		} else {
			break;
		}
	}
	return expr;
}

static struct expr *parse_sizeof(struct lexer *lexer, enum operation operation)
{
	struct expr *expr = make(lexer, operation, NULL, NULL);
	struct lexer before;

	lex_next(lexer);
	before = *lexer;
	if (lex_take(lexer, "(")) {
		expr->names_type = parse_type(lexer, &expr->type) && lex_take(lexer, ")");
		if (expr->names_type)
			return expr;
		*lexer = before;
	}
	expr->left = parse_unary(lexer);
	return expr->left ? expr : NULL;
}

static struct expr *parse_unary(struct lexer *lexer)
{
	static const struct {
		const char *text;
		enum operation operation;
	} unary[] = {{"-", OP_NEGATE},         {"+", OP_PLUS},          {"!", OP_NOT},
		     {"~", OP_COMPLEMENT},     {"*", OP_DEREFERENCE},   {"&", OP_ADDRESS},
		     {"++", OP_PRE_INCREMENT}, {"--", OP_PRE_INCREMENT}};
	struct expr *expr;

	for (size_t i = 0; i < sizeof(unary) / sizeof(unary[0]); i++) {
		if (!lex_take(lexer, unary[i].text))
			continue;
		expr = make(lexer, unary[i].operation, parse_unary(lexer), NULL);
		expr->text = unary[i].text[0] == '+' ? "+" : "-";
		return expr->left ? expr : NULL;
	}
	if (lexer->token == TOKEN_NAME && strcmp(lexer->text, "sizeof") == 0)
		return parse_sizeof(lexer, OP_SIZEOF);
	if (lexer->token == TOKEN_NAME && (strcmp(lexer->text, "alignof") == 0 || strcmp(lexer->text, "_Alignof") == 0))
		return parse_sizeof(lexer, OP_ALIGNOF);
	return parse_postfix(lexer);
}

/* Binary operators by how tightly they bind; gdb's @ stands between addition and multiplication. */
static int precedence(const struct lexer *lexer)
{
	static const struct {
		const char *text;
		int level;
	} levels[] = {{"||", 1}, {"&&", 2}, {"|", 3},  {"^", 4},  {"&", 5},  {"==", 6},  {"!=", 6},
		      {"<", 7},  {">", 7},  {"<=", 7}, {">=", 7}, {"<<", 8}, {">>", 8},  {"+", 9},
		      {"-", 9},  {"@", 10}, {"*", 11}, {"/", 11}, {"%", 11}, {".*", 12}, {"->*", 12}};

	if (lexer->token != TOKEN_OPERATOR)
		return 0;
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (strcmp(lexer->text, levels[i].text) == 0)
			return levels[i].level;
	return 0;
}

static enum operation binary_operation(const char *text)
{
	if (strcmp(text, "&&") == 0)
		return OP_AND;
	if (strcmp(text, "||") == 0)
		return OP_OR;
	if (strcmp(text, ".*") == 0 || strcmp(text, "->*") == 0)
		return OP_MEMBER_POINTER;
	return strcmp(text, "@") == 0 ? OP_REPEAT : OP_BINARY;
}

static struct expr *parse_binary(struct lexer *lexer, int minimum)
{
	struct expr *left = parse_unary(lexer);

	while (left && precedence(lexer) >= minimum) {
		int level = precedence(lexer);
		const char *text = lexer->text;
		struct expr *right;

		lex_next(lexer);
		right = parse_binary(lexer, level + 1);
		if (!right)
			return NULL;
		left = make(lexer, binary_operation(text), left, right);
		left->text = text;
	}
	return left;
}

static struct expr *parse_conditional(struct lexer *lexer)
{
	struct expr *expr = parse_binary(lexer, 1);

	if (!expr || !lex_take(lexer, "?"))
		return expr;
	expr = make(lexer, OP_CONDITIONAL, expr, parse_comma(lexer));
	if (!expr->right)
		return NULL;
	if (!lex_take(lexer, ":"))
		return syntax_error(lexer);
	expr->third = parse_conditional(lexer);
	return expr->third ? expr : NULL;
}

static struct expr *parse_assignment(struct lexer *lexer)
{
	struct expr *expr = parse_conditional(lexer);
	size_t length = lexer->token == TOKEN_OPERATOR ? strlen(lexer->text) : 0;
	const char *text = lexer->text;

	if (!expr || !length || text[length - 1] != '=' || precedence(lexer))
		return expr;
	lex_next(lexer);
	expr = make(lexer, OP_ASSIGN, expr, parse_assignment(lexer));
	expr->text = arena_text(&lexer->gdb->arena, text, length - 1);
	return expr->right ? expr : NULL;
}

static struct expr *parse_comma(struct lexer *lexer)
{
	struct expr *expr = parse_assignment(lexer);

	while (expr && lex_take(lexer, ",")) {
		expr = make(lexer, OP_COMMA, expr, parse_assignment(lexer));
		if (!expr->right)
			return NULL;
	}
	return expr;
}

struct expr *parse_expression(struct gdb *gdb, const char *text)
{
	struct lexer lexer;
	struct expr *expr;

	lex_start(&lexer, gdb, text);
	expr = parse_comma(&lexer);
	if (expr && lexer.token != TOKEN_END)
		return syntax_error(&lexer);
	return expr;
}

struct expr *parse_argument(struct gdb *gdb, const char **text)
{
	struct lexer lexer;
	struct expr *expr;

	lex_start(&lexer, gdb, *text);
	expr = parse_assignment(&lexer);
	if (expr)
		*text = lexer.start;
	return expr;
}

struct expr *expr_keep(struct arena *arena, const struct expr *expr)
{
	struct expr *copy;

	if (!expr)
		return NULL;
	copy = arena_copy(arena, expr, sizeof(*expr));
	copy->text = expr->text ? arena_copy(arena, expr->text, (expr->length ? expr->length : strlen(expr->text)) + 1)
				: NULL;
	copy->text2 = expr->text2 ? arena_string(arena, expr->text2) : NULL;
	if (expr->constant)
		copy->constant = value_keep(NULL, arena, expr->constant);
	copy->left = expr_keep(arena, expr->left);
	copy->right = expr_keep(arena, expr->right);
	copy->third = expr_keep(arena, expr->third);
	copy->next = expr_keep(arena, expr->next);
	return copy;
}
