/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/kinds.c - arguments by the kinds of the library's table; the tables of this tool name them, too.
 */
#include <string.h>

#include "decode/plan.h"
#include "tables.h"

bool arg_int(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	writer_integer(d->writer, (int32_t)value);
	return true;
}

bool arg_uint(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	writer_natural(d->writer, (uint32_t)value);
	return true;
}

bool arg_long(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	writer_integer(d->writer, as_long(d, value));
	return true;
}

bool arg_ulong(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	writer_natural(d->writer, as_ulong(d, value));
	return true;
}

bool arg_hex(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	writer_hex(d->writer, as_ulong(d, value));
	return true;
}

/* A number of 32 bits. */
bool arg_hex32(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	writer_hex(d->writer, (uint32_t)value);
	return true;
}

bool arg_ptr(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	writer_address(d->writer, as_ulong(d, value));
	return true;
}

bool arg_fd(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_fd_number(d, (int)value);
	return true;
}

bool arg_dirfd(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_dirfd_number(d, (int)value);
	return true;
}

bool arg_pid(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_pid_number(d, (int)value);
	return true;
}

bool arg_uid(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_id(d, (uint32_t)value);
	return true;
}

/* Of 16 bits, with -1 as 65535. */
bool arg_old_uid(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_id(d, (uint16_t)value == UINT16_MAX ? UINT32_MAX : (uint16_t)value);
	return true;
}

/* Permission bits. */
bool arg_mode(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	write_token(d, "%#03o", (unsigned int)(value & 0xffffffff));
	return true;
}

bool arg_signal(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_signal(d, (int)value);
	return true;
}

bool arg_path(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_path_at(d, as_ulong(d, value));
	return true;
}

bool arg_string(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_string_at(d, as_ulong(d, value));
	return true;
}

uint64_t length_of(const struct decoder *d, const struct spec *spec)
{
	if (spec->length >= 0)
		return as_ulong(d, argument(d, spec->length));
	if (spec->length == UTRACE_LENGTH_RESULT && d->at_exit && !d->failed)
		return (uint64_t)d->call->result;
	return 0;
}

bool arg_bufin(struct decoder *d, const struct spec *spec, uint64_t value)
{
	show_bytes_at(d, as_ulong(d, value), length_of(d, spec));
	return true;
}

bool arg_bufout(struct decoder *d, const struct spec *spec, uint64_t value)
{
	if (must_wait(d))
		return false;
	if (d->failed)
		writer_address(d->writer, as_ulong(d, value));
	else
		show_bytes_at(d, as_ulong(d, value), length_of(d, spec));
	return true;
}

bool show_filled(struct decoder *d, uint64_t value, void (*show)(struct decoder *d, uint64_t address))
{
	if (must_wait(d))
		return false;
	if (d->failed)
		writer_address(d->writer, as_ulong(d, value));
	else
		show(d, as_ulong(d, value));
	return true;
}

void show_hex_bytes_at(struct decoder *d, uint64_t address, uint64_t size)
{
	struct show hex = *d->show;
	const struct show *before = d->writer->show;

	hex.escape = ESCAPE_HEX_ALL;
	d->writer->show = &hex;
	show_bytes_at(d, address, size);
	d->writer->show = before;
}

/* Random bytes are always hexadecimal. */
bool arg_random(struct decoder *d, const struct spec *spec, uint64_t value)
{
	if (must_wait(d))
		return false;
	if (d->failed)
		writer_address(d->writer, as_ulong(d, value));
	else
		show_hex_bytes_at(d, as_ulong(d, value), length_of(d, spec));
	return true;
}

bool arg_flags(struct decoder *d, const struct spec *spec, uint64_t value)
{
	if (spec->set)
		show_flags32(d, spec->set, value);
	else
		writer_hex(d->writer, (uint32_t)value);
	return true;
}

/* Flags that fill a register. */
bool arg_flags64(struct decoder *d, const struct spec *spec, uint64_t value)
{
	writer_constant(d->writer, spec->set, as_ulong(d, value));
	return true;
}

/* [value] of an int that the kernel reads or writes. */
static void show_int_at(struct decoder *d, uint64_t address)
{
	int32_t number;

	if (!address || d->failed || !fetch(d, address, &number, sizeof(number))) {
		writer_address(d->writer, address);
		return;
	}
	writer_begin(d->writer, FRAME_ARRAY);
	writer_integer(d->writer, number);
	writer_end(d->writer);
}

bool arg_intp(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_int_at(d, as_ulong(d, value));
	return true;
}

bool arg_intpout(struct decoder *d, const struct spec *spec, uint64_t value)
{
	return !must_wait(d) && arg_intp(d, spec, value);
}

/* Two descriptors. */
bool arg_fdpair(struct decoder *d, const struct spec *spec, uint64_t value)
{
	int fds[2];

	(void)spec;
	if (must_wait(d))
		return false;
	if (d->failed || !value || !fetch(d, as_ulong(d, value), fds, sizeof(fds))) {
		writer_address(d->writer, as_ulong(d, value));
		return true;
	}
	writer_begin(d->writer, FRAME_ARRAY);
	show_fd_number(d, fds[0]);
	show_fd_number(d, fds[1]);
	writer_end(d->writer);
	return true;
}

/* [value] of a word that the kernel writes. */
static bool show_word_out(struct decoder *d, uint64_t value, void (*show)(struct writer *writer, uint64_t word))
{
	uint64_t word;

	if (must_wait(d))
		return false;
	if (d->failed || !value || !read_word(d, as_ulong(d, value), &word)) {
		writer_address(d->writer, as_ulong(d, value));
		return true;
	}
	writer_begin(d->writer, FRAME_ARRAY);
	show(d->writer, word);
	writer_end(d->writer);
	return true;
}

bool arg_wordp(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	return show_word_out(d, value, writer_address);
}

bool arg_wordp_hex(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	return show_word_out(d, value, writer_hex);
}

bool arg_wordp_number(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	return show_word_out(d, value, writer_natural);
}

bool arg_off(struct decoder *d, const struct spec *spec, uint64_t value)
{
	return arg_long(d, spec, value);
}

/* A 64-bit number in this register and the next, low half first; nothing is shown for the second half. */
bool arg_pair(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint64_t high = argument(d, d->state->next + 1);

	(void)spec;
	writer_integer(d->writer, (int64_t)((high & UINT32_MAX) << 32 | (value & UINT32_MAX)));
	return true;
}

static arg_function *const functions[] = {
	[UTRACE_ARG_INT] = arg_int,        [UTRACE_ARG_UINT] = arg_uint,       [UTRACE_ARG_LONG] = arg_long,
	[UTRACE_ARG_ULONG] = arg_ulong,    [UTRACE_ARG_HEX] = arg_hex,         [UTRACE_ARG_SIZE] = arg_ulong,
	[UTRACE_ARG_OFF] = arg_off,        [UTRACE_ARG_OFFLO] = arg_ulong,     [UTRACE_ARG_OFFHI] = arg_ulong,
	[UTRACE_ARG_FD] = arg_fd,          [UTRACE_ARG_DIRFD] = arg_dirfd,     [UTRACE_ARG_PID] = arg_pid,
	[UTRACE_ARG_UID] = arg_uid,        [UTRACE_ARG_GID] = arg_uid,         [UTRACE_ARG_MODE] = arg_mode,
	[UTRACE_ARG_SIGNAL] = arg_signal,  [UTRACE_ARG_PATH] = arg_path,       [UTRACE_ARG_STRING] = arg_string,
	[UTRACE_ARG_PTR] = arg_ptr,        [UTRACE_ARG_BUFIN] = arg_bufin,     [UTRACE_ARG_BUFOUT] = arg_bufout,
	[UTRACE_ARG_IN] = arg_in,          [UTRACE_ARG_OUT] = arg_out,         [UTRACE_ARG_INOUT] = arg_out,
	[UTRACE_ARG_IOVIN] = arg_iovin,    [UTRACE_ARG_IOVOUT] = arg_iovout,   [UTRACE_ARG_MSGIN] = arg_msgin,
	[UTRACE_ARG_MSGOUT] = arg_msgout,  [UTRACE_ARG_MMSGIN] = arg_mmsgin,   [UTRACE_ARG_MMSGOUT] = arg_mmsgout,
	[UTRACE_ARG_SOCKIN] = arg_sockin,  [UTRACE_ARG_SOCKOUT] = arg_sockout, [UTRACE_ARG_ARGV] = arg_argv,
	[UTRACE_ARG_ENVP] = arg_envp,      [UTRACE_ARG_SIGSET] = arg_sigset,   [UTRACE_ARG_SIGSETOUT] = arg_sigsetout,
	[UTRACE_ARG_INTP] = arg_intp,      [UTRACE_ARG_INTPOUT] = arg_intpout, [UTRACE_ARG_INTARRAY2OUT] = arg_fdpair,
	[UTRACE_ARG_LONGPOUT] = arg_wordp, [UTRACE_ARG_FLAGS] = arg_flags,     [UTRACE_ARG_ENUM] = arg_flags,
	[UTRACE_ARG_ADDR] = arg_ptr,
};

static bool has_layout(uint16_t kind)
{
	return kind == UTRACE_ARG_IN || kind == UTRACE_ARG_OUT || kind == UTRACE_ARG_INOUT;
}

void kind_resolve(struct spec *spec, const struct utrace_syscall_arg *arg)
{
	bool known = arg->kind < sizeof(functions) / sizeof(functions[0]) && functions[arg->kind];

	spec->name = arg->name;
	spec->as.arg = known ? functions[arg->kind] : arg_hex;
	spec->length = arg->length;
	spec->set = has_layout(arg->kind) ? (const void *)layout_find(arg->set) : set_find(arg->set);
	if ((arg->kind == UTRACE_ARG_UID || arg->kind == UTRACE_ARG_GID) && arg->set)
		spec->as.arg = arg_old_uid;
}
