/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/parse.c - expressions, by precedence climbing.
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
	if (lexer->token != TOKEN_BAD)
		(void)fail(lexer->gdb, "A syntax error in expression, near `%s'.", lexer->start);
	return NULL;
}

/* ---- types ---- */

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

	lex_next(lexer);
	if (lexer->token != TOKEN_NAME)
		return syntax_error(lexer) != NULL;
	if (utrace_type_find(lexer->gdb->image, kind, lexer->text, type, NULL))
		return fail(lexer->gdb, "No %s type named %s.", keyword, lexer->text);
	lex_next(lexer);
	return true;
}

/* "ns::name", "vector<int>": what the lexer would take apart, as one text. */
static const char *qualified_end(const char *at)
{
	int depth = 0;

	for (; *at; at++) {
		if (*at == '<')
			depth++;
		else if (*at == '>' && depth)
			depth--;
		else if (!depth && !(strchr("_:", *at) || (*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'z') ||
				     (*at >= 'A' && *at <= 'Z')))
			break;
		else if (!depth && *at == ':' && at[1] != ':' && at[-1] != ':')
			break;
	}
	return at;
}

static bool parse_named(struct lexer *lexer, utrace_type **type)
{
	const char *ends[2] = {qualified_end(lexer->start), lexer->at};
	utrace_variable *variable = NULL;
	utrace_frame *frame = NULL;

	if (lexer->token != TOKEN_NAME || *lexer->start == '\'')
		return false;
	if (lexer->gdb->stack)
		frame = utrace_stack_frame(lexer->gdb->stack, lexer->gdb->frame);
	for (size_t i = 0; i < 2; i++) {
		char *name = arena_text(&lexer->gdb->arena, lexer->start, (size_t)(ends[i] - lexer->start));

		if (utrace_variable_find(lexer->gdb->image, frame, name, &variable, NULL) == 0)
			return false;
		if (utrace_type_find(lexer->gdb->image, 0, name, type, NULL))
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
	while (lex_is(lexer, "*") || lex_is(lexer, "&")) {
		*type = pointer_type(lexer->gdb, *type);
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

static struct expr *parse_string(struct lexer *lexer)
{
	struct expr *expr = make(lexer, OP_STRING, NULL, NULL);

	expr->text = lexer->text;
	expr->length = lexer->length;
	lex_next(lexer);
	return expr;
}

/* A name, "file.c"::name, function::name, ::name, ns::name. */
static struct expr *parse_name(struct lexer *lexer)
{
	struct expr *expr = make(lexer, OP_NAME, NULL, NULL);

	expr->text = lexer->text;
	lex_next(lexer);
	while (lex_take(lexer, "::")) {
		if (lexer->token != TOKEN_NAME)
			return syntax_error(lexer);
		expr->text2 =
			expr->text2 ? arena_print(&lexer->gdb->arena, "%s::%s", expr->text2, expr->text) : expr->text;
		expr->text = lexer->text;
		lex_next(lexer);
	}
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

static struct expr *parse_primary(struct lexer *lexer)
{
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
		if (parse_type(lexer, &type))
			return type_expr(lexer, type);
		return lexer->gdb->error ? NULL : parse_name(lexer);
	default:
		break;
	}
	if (lex_is(lexer, "("))
		return parse_parenthesis(lexer);
	if (lex_is(lexer, "{"))
		return parse_typed(lexer);
	if (lex_take(lexer, "::") && lexer->token == TOKEN_NAME)
		return parse_name(lexer);
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

static struct expr *parse_member(struct lexer *lexer, enum operation operation, struct expr *object)
{
	struct expr *expr = make(lexer, operation, object, NULL);

	if (lexer->token != TOKEN_NAME)
		return syntax_error(lexer);
	expr->text = lexer->text;
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

static struct expr *parse_sizeof(struct lexer *lexer)
{
	struct expr *expr = make(lexer, OP_SIZEOF, NULL, NULL);
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
		return parse_sizeof(lexer);
	return parse_postfix(lexer);
}

/* Binary operators by how tightly they bind; gdb's @ stands between addition and multiplication. */
static int precedence(const struct lexer *lexer)
{
	static const struct {
		const char *text;
		int level;
	} levels[] = {{"||", 1}, {"&&", 2}, {"|", 3},  {"^", 4},  {"&", 5},  {"==", 6}, {"!=", 6},
		      {"<", 7},  {">", 7},  {"<=", 7}, {">=", 7}, {"<<", 8}, {">>", 8}, {"+", 9},
		      {"-", 9},  {"@", 10}, {"*", 11}, {"/", 11}, {"%", 11}};

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
