/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/shorttype.c - names of the C++ library's types without the template arguments that they have by default:
 * "std::vector<std::string>", as people write them.
 */
#include <ctype.h>
#include <string.h>

#include "value.h"

enum { ARGUMENTS_MAX = 32, DEPTH_MAX = 64 };

/* What is left out at the end, if it is what stands here: %0 and %1 are the first two arguments, %c is %0 with a const,
 * which compilers put on either side. */
static const struct {
	const char *name;
	const char *arguments[5];
} defaults[] = {
	{"std::basic_string", {NULL, "std::char_traits<%0>", "std::allocator<%0>"}},
	{"std::basic_string_view", {NULL, "std::char_traits<%0>"}},
	{"std::vector", {NULL, "std::allocator<%0>"}},
	{"std::deque", {NULL, "std::allocator<%0>"}},
	{"std::list", {NULL, "std::allocator<%0>"}},
	{"std::forward_list", {NULL, "std::allocator<%0>"}},
	{"std::unique_ptr", {NULL, "std::default_delete<%0>"}},
	{"std::set", {NULL, "std::less<%0>", "std::allocator<%0>"}},
	{"std::multiset", {NULL, "std::less<%0>", "std::allocator<%0>"}},
	{"std::map", {NULL, NULL, "std::less<%0>", "std::allocator<std::pair<%c, %1>>"}},
	{"std::multimap", {NULL, NULL, "std::less<%0>", "std::allocator<std::pair<%c, %1>>"}},
	{"std::unordered_set", {NULL, "std::hash<%0>", "std::equal_to<%0>", "std::allocator<%0>"}},
	{"std::unordered_multiset", {NULL, "std::hash<%0>", "std::equal_to<%0>", "std::allocator<%0>"}},
	{"std::unordered_map", {NULL, NULL, "std::hash<%0>", "std::equal_to<%0>", "std::allocator<std::pair<%c, %1>>"}},
	{"std::unordered_multimap",
	 {NULL, NULL, "std::hash<%0>", "std::equal_to<%0>", "std::allocator<std::pair<%c, %1>>"}},
};

static const char *const typedefs[][2] = {
	{"std::basic_string<char>", "std::string"},           {"std::basic_string<wchar_t>", "std::wstring"},
	{"std::basic_string<char16_t>", "std::u16string"},    {"std::basic_string<char32_t>", "std::u32string"},
	{"std::basic_string_view<char>", "std::string_view"}, {"std::basic_string_view<wchar_t>", "std::wstring_view"},
};

static bool same_without_blanks(const char *a, const char *b)
{
	for (;; a++, b++) {
		a += strspn(a, " ");
		b += strspn(b, " ");
		if (*a != *b || !*a)
			return *a == *b;
	}
}

static const char *expand(struct arena *arena, const char *format, const char *const *arguments, bool in_front)
{
	const char *text = "";

	for (; *format; format++) {
		if (*format != '%')
			text = arena_print(arena, "%s%c", text, *format);
		else if (*++format == 'c')
			text = arena_print(arena, in_front ? "%sconst %s" : "%s%s const", text, arguments[0]);
		else
			text = arena_print(arena, "%s%s", text, arguments[*format - '0']);
	}
	return text;
}

static bool is_default(struct arena *arena, const char *format, const char *const *arguments, const char *argument)
{
	return format && (same_without_blanks(argument, expand(arena, format, arguments, false)) ||
			  same_without_blanks(argument, expand(arena, format, arguments, true)));
}

static const char *plain_name(struct arena *arena, const char *name)
{
	return strncmp(name, "std::__cxx11::", 14) == 0 ? arena_print(arena, "std::%s", name + 14) : name;
}

static size_t without_defaults(struct arena *arena, const char *name, const char *const *arguments, size_t count)
{
	name = plain_name(arena, name);
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
		if (strcmp(defaults[i].name, name) != 0)
			continue;
		while (count > 1 && count <= 5 &&
		       is_default(arena, defaults[i].arguments[count - 1], arguments, arguments[count - 1]))
			count--;
	}
	return count;
}

static const char *join(struct arena *arena, const char *name, const char *const *arguments, size_t count)
{
	const char *text = arena_print(arena, "%s<", name);

	for (size_t i = 0; i < count; i++)
		text = arena_print(arena, "%s%s%s", text, i ? ", " : "", arguments[i]);
	text = arena_print(arena, "%s>", text);
	for (size_t i = 0; i < sizeof(typedefs) / sizeof(typedefs[0]); i++)
		if (strcmp(typedefs[i][0], plain_name(arena, text)) == 0)
			return typedefs[i][1];
	return text;
}

/* Up to a comma or bracket that is not within; *at is moved there. */
static const char *shorten(struct arena *arena, const char **at, int depth)
{
	const char *arguments[ARGUMENTS_MAX];
	const char *text = "";
	const char *word = *at; /* the name that arguments may follow */
	size_t count = 0;

	for (; **at && !strchr(",>", **at); (*at)++) {
		if (**at == '<' && depth < DEPTH_MAX) {
			const char *name = arena_text(arena, word, (size_t)(*at - word));
			const char *whole = word;

			count = 0;
			do {
				*at += 1 + strspn(*at + 1, " ");
				arguments[count++] = shorten(arena, at, depth + 1);
			} while (**at == ',' && count < ARGUMENTS_MAX);
			/* What is a scope of another name stays as it is. */
			text = **at == '>' && (*at)[1] == ':'
				       ? arena_print(arena, "%s%.*s", text, (int)(*at + 1 - whole), whole)
				       : arena_print(arena, "%s%s", text,
						     join(arena, name, arguments,
							  without_defaults(arena, name, arguments, count)));
			word = *at + 1;
			if (**at != '>')
				break;
		} else if (!isalnum((unsigned char)**at) && !strchr("_:", **at)) {
			text = arena_print(arena, "%s%.*s%c", text, (int)(*at - word), word, **at);
			word = *at + 1;
		}
	}
	if (word < *at)
		text = arena_print(arena, "%s%.*s", text, (int)(*at - word), word);
	for (count = strlen(text); count && text[count - 1] == ' ' && depth;)
		count--;
	return arena_text(arena, text, count);
}

char *short_type_text(struct gdb *gdb, utrace_type *type)
{
	char *full = type_text(gdb, type);
	const char *at = full;
	const char *text;

	if (!strchr(full, '<'))
		return full;
	text = shorten(&gdb->arena, &at, 0);
	return *at ? full : arena_string(&gdb->arena, text);
}
