/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/sets.c - parsing and asking the sets of sets.h.
 */
#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tool.h"

enum { ABIS = UTRACE_ABI_I386 };

/* Takes leading !s, each of which inverts, off the text. */
static const char *skip_inversion(const char *text, bool *inverted)
{
	*inverted = false;
	for (; *text == '!'; text++)
		*inverted = !*inverted;
	return text;
}

/* Calls `add` for each word between commas; dies if there is none, naming what was to stand there. */
static void each_word(const char *text, const char *whole, const char *what, void *set,
		      void (*add)(void *set, const char *word))
{
	char *copy = strdup(text);
	char *rest = copy;
	int count = 0;

	if (!copy)
		die("out of memory");
	for (char *word = strtok_r(copy, ",", &rest); word; word = strtok_r(NULL, ",", &rest), count++)
		add(set, word);
	if (!count)
		die("invalid %s '%s'", what, whole);
	free(copy);
}

static const struct {
	const char *name;
	uint32_t bits;
} classes[] = {
	{"%file", UTRACE_CLASS_FILE},
	{"%desc", UTRACE_CLASS_DESC},
	{"%network", UTRACE_CLASS_NETWORK},
	{"%net", UTRACE_CLASS_NETWORK},
	{"%process", UTRACE_CLASS_PROCESS},
	{"%signal", UTRACE_CLASS_SIGNAL},
	{"%ipc", UTRACE_CLASS_IPC},
	{"%memory", UTRACE_CLASS_MEMORY},
	{"%creds", UTRACE_CLASS_CREDS},
	{"%stat", UTRACE_CLASS_STAT},
	{"%lstat", UTRACE_CLASS_LSTAT},
	{"%fstat", UTRACE_CLASS_FSTAT},
	{"%%stat", UTRACE_CLASS_STAT | UTRACE_CLASS_LSTAT | UTRACE_CLASS_FSTAT},
	{"%statfs", UTRACE_CLASS_STATFS},
	{"%fstatfs", UTRACE_CLASS_FSTATFS},
	{"%%statfs", UTRACE_CLASS_STATFS | UTRACE_CLASS_FSTATFS},
	{"%clock", UTRACE_CLASS_CLOCK},
	{"%pure", UTRACE_CLASS_PURE},
	/* These were classes before classes had a %. */
	{"file", UTRACE_CLASS_FILE},
	{"desc", UTRACE_CLASS_DESC},
	{"network", UTRACE_CLASS_NETWORK},
	{"process", UTRACE_CLASS_PROCESS},
	{"signal", UTRACE_CLASS_SIGNAL},
	{"ipc", UTRACE_CLASS_IPC},
	{"memory", UTRACE_CLASS_MEMORY},
};

static uint32_t class_of(const char *word)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (strcmp(classes[i].name, word) == 0)
			return classes[i].bits;
	}
	return 0;
}

/* What one word of a list of calls says. */
struct call_word {
	const char *whole;
	char *name;   /* without ? and @ABI */
	uint32_t abi; /* 0: each one */
	bool may_be_unknown;
};

static struct call_word split_word(const char *word)
{
	static const char *const designators[] = {
		[UTRACE_ABI_X86_64] = "64", [UTRACE_ABI_X32] = "x32", [UTRACE_ABI_I386] = "32"};
	struct call_word split = {.whole = word};
	char *at;

	for (; *word == '?'; word++)
		split.may_be_unknown = true;
	split.name = strdup(word);
	if (!split.name)
		die("out of memory");
	at = strrchr(split.name, '@');
	if (!at)
		return split;
	*at = '\0';
	for (uint32_t abi = 1; abi <= ABIS; abi++) {
		if (strcmp(at + 1, designators[abi]) == 0)
			split.abi = abi;
	}
	if (!split.abi)
		usage_error("incorrect personality designator '%s' in qualification '%s'", at + 1, word);
	return split;
}

/* Does the word mean this call? */
typedef bool (*call_test)(const struct utrace_syscall_info *info, int64_t number, const void *want);

static bool is_any(const struct utrace_syscall_info *info, int64_t number, const void *want)
{
	(void)info, (void)number, (void)want;
	return true;
}

static bool has_name(const struct utrace_syscall_info *info, int64_t number, const void *want)
{
	(void)number;
	return info && strcmp(info->name, want) == 0;
}

static bool has_class(const struct utrace_syscall_info *info, int64_t number, const void *want)
{
	(void)number;
	return info && (info->classes & *(const uint32_t *)want);
}

static bool has_number(const struct utrace_syscall_info *info, int64_t number, const void *want)
{
	(void)info;
	return number == *(const int64_t *)want;
}

static bool has_pattern(const struct utrace_syscall_info *info, int64_t number, const void *want)
{
	(void)number;
	return info && regexec(want, info->name, 0, NULL, 0) == 0;
}

/* Returns how many calls the test has let in. */
static int add_matching(utrace_filter *filter, uint32_t only_abi, call_test test, const void *want)
{
	int added = 0;

	for (uint32_t abi = 1; abi <= ABIS; abi++) {
		if (only_abi && abi != only_abi)
			continue;
		for (int64_t number = 0; number < utrace_syscall_limit(abi); number++) {
			if (!test(utrace_syscall_describe(abi, number), number, want))
				continue;
			(void)utrace_filter_add(filter, abi, number, NULL);
			added++;
		}
	}
	return added;
}

static int add_pattern(utrace_filter *filter, const struct call_word *word)
{
	regex_t pattern;
	int status = regcomp(&pattern, word->name + 1, REG_EXTENDED | REG_NOSUB);
	int added;

	if (status) {
		char reason[128];

		(void)regerror(status, &pattern, reason, sizeof(reason));
		die("regcomp: %s: %s", word->name + 1, reason);
	}
	added = add_matching(filter, word->abi, has_pattern, &pattern);
	regfree(&pattern);
	return added;
}

static int add_number(utrace_filter *filter, const struct call_word *word)
{
	char *end;
	int64_t number;

	errno = 0;
	number = strtoll(word->name, &end, 10);
	return errno || *end ? 0 : add_matching(filter, word->abi, has_number, &number);
}

static void add_calls(void *filter, const char *text)
{
	struct call_word word = split_word(text);
	uint32_t class = class_of(word.name);
	int added;

	/* It is no statfs, but belongs to "statistics of file systems". */
	if (strcmp(word.name, "%%statfs") == 0)
		(void)add_matching(filter, word.abi, has_name, "ustat");
	if (*word.name == '/')
		added = add_pattern(filter, &word);
	else if (*word.name >= '0' && *word.name <= '9')
		added = add_number(filter, &word);
	else if (strcmp(word.name, "all") == 0)
		added = add_matching(filter, word.abi, is_any, NULL);
	else if (class)
		added = add_matching(filter, word.abi, has_class, &class) + 1;
	else
		added = add_matching(filter, word.abi, has_name, word.name);
	if (!added && !word.may_be_unknown)
		die("invalid system call '%s'", text);
	free(word.name);
}

void call_set_clear(struct call_set *set, bool all)
{
	utrace_filter_destroy(set->only);
	*set = (struct call_set){.all = all};
}

void call_set_parse(struct call_set *set, const char *text)
{
	bool inverted;
	const char *list = skip_inversion(text, &inverted);

	call_set_clear(set, inverted);
	if (strcmp(list, "none") == 0)
		return;
	if (strcmp(list, "all") == 0) {
		set->all = !inverted;
		return;
	}
	set->only = utrace_filter_create();
	if (!set->only)
		die("out of memory");
	each_word(list, text, "system call", set->only, add_calls);
	if (inverted)
		utrace_filter_invert(set->only);
}

/* What number_set_parse hands through each_word. */
struct number_list {
	struct number_set *set;
	const char *what;
};

static void add_to_numbers(void *context, const char *word)
{
	struct number_list *list = context;
	int *grown = realloc(list->set->numbers, (list->set->count + 1) * sizeof(*grown));
	char *end;
	long number;

	if (!grown)
		die("out of memory");
	list->set->numbers = grown;
	errno = 0;
	number = strtol(word, &end, 10);
	if (errno || *end || end == word || number < 0 || number > INT32_MAX)
		die("invalid %s '%s'", list->what, word);
	grown[list->set->count++] = (int)number;
}

void number_set_parse(struct number_set *set, const char *text, const char *what)
{
	struct number_list context = {.set = set, .what = what};
	bool inverted;
	const char *list = skip_inversion(text, &inverted);

	free(set->numbers);
	*set = (struct number_set){.inverted = inverted};
	if (strcmp(list, "all") == 0)
		set->inverted = !inverted;
	else if (strcmp(list, "none") != 0)
		each_word(list, text, what, &context, add_to_numbers);
}

bool number_set_has(const struct number_set *set, int number)
{
	for (size_t i = 0; i < set->count; i++) {
		if (set->numbers[i] == number)
			return !set->inverted;
	}
	return set->inverted;
}

bool number_set_is_empty(const struct number_set *set)
{
	return !set->inverted && set->count == 0;
}

/* What bit_set_parse hands through each_word. */
struct bit_list {
	const struct bit_name *names;
	const char *what;
	uint64_t bits;
};

static void add_bits(void *context, const char *word)
{
	struct bit_list *list = context;

	for (const struct bit_name *name = list->names; name->name; name++) {
		if (strcmp(name->name, word) == 0) {
			list->bits |= name->bits;
			return;
		}
	}
	die("invalid %s '%s'", list->what, word);
}

uint64_t bit_set_parse(const char *text, const struct bit_name *names, uint64_t all, const char *what)
{
	struct bit_list context = {.names = names, .what = what};
	bool inverted;
	const char *list = skip_inversion(text, &inverted);

	if (strcmp(list, "all") == 0)
		context.bits = all;
	else if (strcmp(list, "none") != 0)
		each_word(list, text, what, &context, add_bits);
	return inverted ? all & ~context.bits : context.bits;
}

static void add_signal(void *set, const char *word)
{
	int signal = signal_number(word);

	if (signal < 0)
		die("invalid signal '%s'", word);
	*(uint64_t *)set |= UINT64_C(1) << (signal - 1);
}

uint64_t signal_set_parse(const char *text)
{
	bool inverted;
	const char *list = skip_inversion(text, &inverted);
	uint64_t set = 0;

	if (strcmp(list, "all") == 0)
		set = ~UINT64_C(0);
	else if (strcmp(list, "none") != 0)
		each_word(list, text, "signal", &set, add_signal);
	return inverted ? ~set : set;
}
