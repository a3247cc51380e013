/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/results.c - results by the kinds of the library's table, and some more.
 */
#include "decode/plan.h"
#include "tables.h"

void result_long(struct decoder *d, const struct spec *spec, int64_t result)
{
	(void)spec;
	writer_integer(d->writer, as_long(d, (uint64_t)result));
}

void result_int(struct decoder *d, const struct spec *spec, int64_t result)
{
	(void)spec;
	writer_integer(d->writer, (int32_t)result);
}

void result_hex(struct decoder *d, const struct spec *spec, int64_t result)
{
	(void)spec;
	writer_hex(d->writer, as_ulong(d, (uint64_t)result));
}

void result_addr(struct decoder *d, const struct spec *spec, int64_t result)
{
	(void)spec;
	writer_address(d->writer, as_ulong(d, (uint64_t)result));
}

void result_fd(struct decoder *d, const struct spec *spec, int64_t result)
{
	(void)spec;
	show_fd_number(d, (int)result);
}

void result_pid(struct decoder *d, const struct spec *spec, int64_t result)
{
	(void)spec;
	show_pid_number(d, (int)result);
}

void result_uid(struct decoder *d, const struct spec *spec, int64_t result)
{
	(void)spec;
	writer_natural(d->writer, as_ulong(d, (uint64_t)result));
}

void result_mode(struct decoder *d, const struct spec *spec, int64_t result)
{
	(void)spec;
	write_token(d, "%#03llo", (unsigned long long)result);
}

void result_none(struct decoder *d, const struct spec *spec, int64_t result)
{
	(void)spec;
	(void)result;
	writer_token(d->writer, "?");
}

/* 0x1 (flags FD_CLOEXEC) */
static void show_named(struct decoder *d, const struct spec *spec, int64_t result, const char *what)
{
	writer_hex(d->writer, as_ulong(d, (uint64_t)result));
	if (!result || d->show->constants == CONSTANTS_RAW)
		return;
	text_add(d->aux, "%s ", what);
	constant_text(d, d->aux, spec->set, (uint32_t)result);
}

void result_flags(struct decoder *d, const struct spec *spec, int64_t result)
{
	show_named(d, spec, result, "flags");
}

static result_function *const functions[] = {
	[UTRACE_ARG_FD] = result_fd,     [UTRACE_ARG_ADDR] = result_addr, [UTRACE_ARG_HEX] = result_hex,
	[UTRACE_ARG_MODE] = result_mode, [UTRACE_ARG_PID] = result_pid,   [UTRACE_ARG_UID] = result_uid,
	[UTRACE_ARG_GID] = result_uid,   [UTRACE_ARG_NONE] = result_none,
};

void kind_resolve_result(struct spec *spec, uint16_t kind)
{
	bool known = kind < sizeof(functions) / sizeof(functions[0]) && functions[kind];

	spec->as.result = known ? functions[kind] : result_long;
}
