/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/inject.c - parsing and carrying out -e inject=.
 */
#include "inject.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tool.h"
#include "units.h"

enum { LARGEST_ERROR = 4095, LARGEST_FIRST = 65535, LARGEST_LAST = 65534 };

static bool parse_error(const char *text, int64_t *result)
{
	int64_t number;

	if (number_parse(text, 1, LARGEST_ERROR, &number)) {
		*result = -number;
		return true;
	}
	for (int error = 1; error <= LARGEST_ERROR; error++) {
		const char *name = strerrorname_np(error);

		if (name && strcasecmp(name, text) == 0) {
			*result = -error;
			return true;
		}
	}
	return false;
}

static bool parse_retval(const char *text, int64_t *result)
{
	char *end;

	errno = 0;
	*result = *text == '-' ? strtoll(text, &end, 0) : (int64_t)strtoull(text, &end, 0);
	if (errno || *end || end == text)
		return false;
	if (*result < 0 && *result >= -LARGEST_ERROR)
		note("Inadvertent injection of error %lld is possible for retval=%llu", (long long)-*result,
		     (unsigned long long)*result);
	return true;
}

static bool parse_count(const char **text, int64_t most, uint16_t *value)
{
	char *end;
	long number;

	if (**text < '0' || **text > '9')
		return false;
	number = strtol(*text, &end, 10);
	*text = end;
	*value = (uint16_t)number;
	return number >= 1 && number <= most;
}

/* FIRST[..LAST][+[STEP]] */
static bool parse_when(struct injection *injection, const char *text)
{
	if (!parse_count(&text, LARGEST_FIRST, &injection->first))
		return false;
	injection->last = injection->first;
	injection->step = 1;
	if (strncmp(text, "..", 2) == 0) {
		text += 2;
		if (!parse_count(&text, LARGEST_LAST, &injection->last) || injection->last < injection->first)
			return false;
		if (!*text)
			return true;
	} else if (*text == '+') {
		injection->last = INJECT_NO_LAST;
	}
	if (*text == '+' && text[1]) {
		text++;
		if (!parse_count(&text, LARGEST_FIRST, &injection->step))
			return false;
		return !*text;
	}
	return !*text || strcmp(text, "+") == 0;
}

static int hex_digit(char digit)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = digit ? strchr(digits, digit | (digit >= 'A' ? 0x20 : 0)) : NULL;

	return at ? (int)(at - digits) : -1;
}

static bool parse_bytes(struct poke *poke, const char *text, size_t length)
{
	if (length == 0 || length % 2 || poke->bytes)
		return false;
	poke->bytes = malloc(length / 2);
	if (!poke->bytes)
		die("out of memory");
	poke->length = length / 2;
	for (size_t i = 0; i < length; i += 2) {
		int high = hex_digit(text[i]);
		int low = hex_digit(text[i + 1]);

		if (high < 0 || low < 0)
			return false;
		poke->bytes[i / 2] = (unsigned char)(high << 4 | low);
	}
	return true;
}

/* @argN=HEX[,@argM=HEX]... */
static bool parse_pokes(struct poke *pokes, const char *text)
{
	for (;;) {
		size_t length;
		int index;

		if (strncmp(text, "@arg", 4) != 0 || text[4] < '1' || text[4] > '0' + INJECT_ARGS || text[5] != '=')
			return false;
		index = text[4] - '1';
		text += 6;
		length = strcspn(text, ",");
		if (!parse_bytes(&pokes[index], text, length))
			return false;
		text += length;
		if (!*text)
			return true;
		text++;
	}
}

/* Only calls that have no arguments and can't fail may stand in for another. */
static bool parse_substitute(struct injection *injection, const char *name)
{
	int number = utrace_syscall_number(UTRACE_ABI_X86_64, name);
	const struct utrace_syscall_info *info = number < 0 ? NULL : utrace_syscall_describe(UTRACE_ABI_X86_64, number);

	injection->substitute = info ? info->name : NULL;
	return info && (info->classes & UTRACE_CLASS_PURE);
}

static const char *after(const char *text, const char *key)
{
	size_t length = strlen(key);

	return strncmp(text, key, length) == 0 ? text + length : NULL;
}

static bool parse_result(struct injection *injection, const char *value, bool (*parse)(const char *, int64_t *))
{
	bool once = !injection->has_result;

	injection->has_result = true;
	return once && parse(value, &injection->result);
}

static bool parse_part(struct injection *injection, const char *part, bool fault)
{
	const char *value;

	if ((value = after(part, "when=")))
		return parse_when(injection, value);
	if ((value = after(part, "error="))) {
		injection->fails = true;
		return parse_result(injection, value, parse_error);
	}
	if (fault)
		return false;
	if ((value = after(part, "retval=")))
		return parse_result(injection, value, parse_retval);
	if ((value = after(part, "signal="))) {
		bool once = !injection->signal;

		injection->signal = signal_number(value);
		return once && injection->signal > 0;
	}
	if ((value = after(part, "syscall=")))
		return !injection->substitute && parse_substitute(injection, value);
	if ((value = after(part, "delay_enter=")))
		return injection->delay_enter < 0 && duration_parse(value, &injection->delay_enter);
	if ((value = after(part, "delay_exit=")))
		return injection->delay_exit < 0 && duration_parse(value, &injection->delay_exit);
	if ((value = after(part, "poke_enter=")))
		return parse_pokes(injection->enter, value);
	if ((value = after(part, "poke_exit=")))
		return parse_pokes(injection->exit, value);
	return false;
}

static bool has_pokes(const struct poke *pokes)
{
	for (int i = 0; i < INJECT_ARGS; i++) {
		if (pokes[i].bytes)
			return true;
	}
	return false;
}

/* Is there anything to do? syscall= alone is not. */
static bool is_complete(const struct injection *injection)
{
	if (injection->substitute && !injection->has_result)
		return false;
	return injection->has_result || injection->signal || injection->delay_enter >= 0 ||
	       injection->delay_exit >= 0 || has_pokes(injection->enter) || has_pokes(injection->exit);
}

void inject_parse(struct injection *injection, const char *text, bool fault)
{
	char *copy = strdup(text);
	char *rest = copy;
	char *part;
	bool good = true;

	if (!copy)
		die("out of memory");
	*injection =
		(struct injection){.first = 1, .last = INJECT_NO_LAST, .step = 1, .delay_enter = -1, .delay_exit = -1};
	part = strsep(&rest, ":");
	call_set_parse(&injection->calls, part);
	while (good && (part = strsep(&rest, ":")))
		good = parse_part(injection, part, fault);
	if (fault && !injection->has_result) {
		injection->has_result = true;
		injection->fails = true;
		injection->result = -ENOSYS;
	}
	if (!good || !is_complete(injection))
		die("invalid %s argument '%s'", fault ? "fault" : "inject", text);
	free(copy);
}

void inject_free(struct injection *injection)
{
	call_set_clear(&injection->calls, false);
	for (int i = 0; i < INJECT_ARGS; i++) {
		free(injection->enter[i].bytes);
		free(injection->exit[i].bytes);
	}
}

/* Counts a call of this thread. */
static uint32_t next_occurrence(struct tampered *tampered, const struct utrace_event_syscall *call)
{
	struct occurrence *grown;

	for (size_t i = 0; i < tampered->count; i++) {
		if (tampered->occurrences[i].abi == call->abi && tampered->occurrences[i].number == call->number)
			return ++tampered->occurrences[i].times;
	}
	grown = realloc(tampered->occurrences, (tampered->count + 1) * sizeof(*grown));
	if (!grown)
		die("out of memory");
	tampered->occurrences = grown;
	grown[tampered->count++] = (struct occurrence){.abi = call->abi, .number = call->number, .times = 1};
	return 1;
}

static bool is_due(const struct injection *injection, uint32_t times)
{
	if (times < injection->first || (injection->last != INJECT_NO_LAST && times > injection->last))
		return false;
	return (times - injection->first) % injection->step == 0;
}

static void carry_out_pokes(const struct poke *pokes, struct tampered *tampered, const struct utrace_event *event)
{
	for (int i = 0; i < INJECT_ARGS; i++) {
		if (!pokes[i].bytes)
			continue;
		/* What can't be written is not marked as changed. */
		if (utrace_memory_write(event->process, event->u.syscall.args[i], pokes[i].bytes, pokes[i].length,
					NULL) == (ssize_t)pokes[i].length)
			tampered->done |= TAMPERED_ARGS;
	}
}

/* The result is given at the exit; here it is only seen to that the call itself is not made. */
static void replace_call(const struct injection *injection, const struct utrace_event *event)
{
	const struct utrace_event_syscall *call = &event->u.syscall;

	if (injection->substitute)
		(void)utrace_syscall_rewrite(event->thread, utrace_syscall_number(call->abi, injection->substitute),
					     call->args, NULL);
	else
		(void)utrace_syscall_skip(event->thread, injection->result, NULL);
}

int64_t inject_enter(struct tampered *tampered, const struct injection *injections, size_t count,
		     const struct utrace_event *event, int *signal)
{
	const struct injection *injection = NULL;

	*signal = 0;
	tampered->injection = NULL;
	tampered->done = 0;
	for (size_t i = count; i > 0 && !injection; i--) {
		if (call_set_has(&injections[i - 1].calls, event->u.syscall.abi, event->u.syscall.number))
			injection = &injections[i - 1];
	}
	if (!injection || !is_due(injection, next_occurrence(tampered, &event->u.syscall)))
		return 0;
	tampered->injection = injection;
	carry_out_pokes(injection->enter, tampered, event);
	if (injection->has_result)
		replace_call(injection, event);
	*signal = injection->signal;
	if (injection->delay_enter < 0)
		return 0;
	tampered->done |= TAMPERED_DELAY;
	return injection->delay_enter;
}

int64_t inject_exit(struct tampered *tampered, struct utrace_event *event)
{
	const struct injection *injection = tampered->injection;
	struct utrace_event_syscall *call = &event->u.syscall;

	if (!injection)
		return 0;
	if (injection->has_result && utrace_syscall_set_result(event->thread, injection->result, NULL) == 0) {
		call->result = injection->result;
		call->is_error = injection->fails;
		tampered->done |= TAMPERED_RESULT;
	}
	carry_out_pokes(injection->exit, tampered, event);
	if (injection->delay_exit < 0)
		return 0;
	tampered->done |= TAMPERED_DELAY;
	return injection->delay_exit;
}

void tampered_free(struct tampered *tampered)
{
	free(tampered->occurrences);
	*tampered = (struct tampered){0};
}
