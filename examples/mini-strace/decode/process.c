/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/process.c - how processes and threads are made, run and waited for.
 */
#include <errno.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/decoder.h"
#include "decode/families.h"
#include "tables.h"

/* --- execve --- */
static void show_strings_at(struct decoder *d, uint64_t address)
{
	uint64_t string;

	if (!address || !d->verbose || !read_word(d, address, &string)) {
		writer_address(d->writer, address);
		return;
	}
	writer_begin(d->writer, FRAME_ARRAY);
	for (size_t i = 0; string; i++) {
		if (i >= (d->abbrev ? d->show->string_limit : MOST_ITEMS) || line_is_full(d)) {
			writer_more(d->writer);
			break;
		}
		show_string_at(d, string);
		address += word_size(d);
		if (!read_word(d, address, &string)) {
			write_token(d, "... /* %#llx */", (unsigned long long)address);
			break;
		}
	}
	writer_end(d->writer);
}

bool arg_argv(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_strings_at(d, as_ulong(d, value));
	return true;
}

/* The environment is counted, unless all of it is asked for. */
bool arg_envp(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint64_t address = as_ulong(d, value);
	uint64_t string = 1;
	char comment[64];
	bool readable = false;
	int count = 0;

	(void)spec;
	if (!d->abbrev) {
		show_strings_at(d, address);
		return true;
	}
	writer_address(d->writer, address);
	if (!address || !d->verbose)
		return true;
	while (count < MOST_VARS) {
		readable = read_word(d, address + word_size(d) * (uint64_t)count, &string);
		if (!readable || !string)
			break;
		count++;
	}
	if (!readable && !count)
		return true;
	(void)snprintf(comment, sizeof(comment), "%d var%s%s", count, count == 1 ? "" : "s",
		       readable ? "" : ", unterminated");
	writer_comment(d->writer, comment);
	return true;
}

/* --- clone: the arguments in another order, each with its name --- */
static int clone_tls_index(const struct decoder *d)
{
	return is_32_bit(d) ? 3 : 4;
}

static int clone_child_index(const struct decoder *d)
{
	return is_32_bit(d) ? 4 : 3;
}

static void show_clone_flags(struct decoder *d, uint64_t flags)
{
	struct text text = {0};
	int signal = (int)(flags & 0xff);

	flags &= ~UINT64_C(0xff);
	if (flags)
		constant_text(d, &text, &set_clone, flags);
	if (flags && signal)
		text_char(&text, '|');
	if (signal)
		signal_name(&text, signal);
	if (!text.length)
		text_char(&text, '0');
	write_named(d, flags | (uint64_t)signal, &text);
}

/* [value] */
static void show_number_at(struct decoder *d, uint64_t address, bool is_fd)
{
	int32_t value;

	if (!address || d->failed || !fetch(d, address, &value, sizeof(value))) {
		writer_address(d->writer, address);
		return;
	}
	writer_begin(d->writer, FRAME_ARRAY);
	if (is_fd)
		show_fd_number(d, value);
	else
		show_pid_number(d, value);
	writer_end(d->writer);
}

static void show_clone_exit(struct decoder *d, uint64_t flags)
{
	if (flags & (CLONE_PARENT_SETTID | CLONE_PIDFD)) {
		writer_label(d->writer, "parent_tid");
		show_number_at(d, as_ulong(d, argument(d, 2)), !(flags & CLONE_PARENT_SETTID));
	}
	if (flags & CLONE_SETTLS) {
		writer_label(d->writer, "tls");
		if (is_32_bit(d))
			(void)arg_user_desc(d, NULL, argument(d, clone_tls_index(d)));
		else
			writer_address(d->writer, argument(d, clone_tls_index(d)));
	}
	if (flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)) {
		writer_label(d->writer, "child_tidptr");
		writer_address(d->writer, as_ulong(d, argument(d, clone_child_index(d))));
	}
}

bool arg_clone(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint64_t flags = as_ulong(d, value);

	(void)spec;
	if (d->at_exit) {
		show_clone_exit(d, flags);
		return true;
	}
	writer_label(d->writer, "child_stack");
	writer_address(d->writer, as_ulong(d, argument(d, 1)));
	writer_label(d->writer, "flags");
	show_clone_flags(d, flags);
	return !(flags &
		 (CLONE_PARENT_SETTID | CLONE_PIDFD | CLONE_SETTLS | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID));
}

/* --- clone3 --- */
static void show_set_tid(struct decoder *d, const struct clone_args *args)
{
	if (!args->set_tid && !args->set_tid_size)
		return;
	writer_name(d->writer, "set_tid");
	if (!args->set_tid || !args->set_tid_size || args->set_tid_size > 32)
		writer_address(d->writer, args->set_tid);
	else
		show_structs_at(d, &struct_int, args->set_tid, args->set_tid_size);
	writer_name(d->writer, "set_tid_size");
	writer_natural(d->writer, args->set_tid_size);
}

static void show_clone_args(struct decoder *d, const struct clone_args *args, uint64_t address, uint64_t size)
{
	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "flags");
	writer_constant(d->writer, &set_clone3, args->flags);
	if (args->flags & CLONE_PIDFD) {
		writer_name(d->writer, "pidfd");
		writer_address(d->writer, args->pidfd);
	}
	if (args->flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)) {
		writer_name(d->writer, "child_tid");
		writer_address(d->writer, args->child_tid);
	}
	if (args->flags & CLONE_PARENT_SETTID) {
		writer_name(d->writer, "parent_tid");
		writer_address(d->writer, args->parent_tid);
	}
	writer_name(d->writer, "exit_signal");
	if (args->exit_signal < INT32_MAX)
		show_signal(d, (int)args->exit_signal);
	else
		writer_natural(d->writer, args->exit_signal);
	writer_name(d->writer, "stack");
	writer_address(d->writer, args->stack);
	writer_name(d->writer, "stack_size");
	writer_hex(d->writer, args->stack_size);
	if (args->flags & CLONE_SETTLS) {
		writer_name(d->writer, "tls");
		writer_address(d->writer, args->tls);
	}
	show_set_tid(d, args);
	if (args->cgroup || args->flags & CLONE_INTO_CGROUP) {
		writer_name(d->writer, "cgroup");
		writer_natural(d->writer, args->cgroup);
	}
	show_tail_at(d, sizeof(*args), address, size);
	writer_end(d->writer);
}

static void show_clone_results(struct decoder *d, const struct clone_args *args)
{
	if (d->failed || !(args->flags & (CLONE_PIDFD | CLONE_PARENT_SETTID))) {
		writer_end(d->writer);
		return;
	}
	writer_changed(d->writer);
	writer_begin(d->writer, FRAME_STRUCT);
	if (args->flags & CLONE_PIDFD) {
		writer_name(d->writer, "pidfd");
		show_number_at(d, args->pidfd, true);
	}
	if (args->flags & CLONE_PARENT_SETTID) {
		writer_name(d->writer, "parent_tid");
		show_number_at(d, args->parent_tid, false);
	}
	writer_end(d->writer);
	writer_end(d->writer);
}

bool arg_clone3(struct decoder *d, const struct spec *spec, uint64_t value)
{
	struct clone_args args = {0};
	uint64_t size = as_ulong(d, argument(d, 1));
	size_t wanted = size < sizeof(args) ? (size_t)size : sizeof(args);
	bool readable = wanted >= CLONE_ARGS_SIZE_VER0 && fetch(d, as_ulong(d, value), &args, wanted);

	(void)spec;
	if (d->at_exit) {
		if (!readable)
			args.flags = 0;
		show_clone_results(d, &args);
		return true;
	}
	if (!readable) {
		writer_address(d->writer, as_ulong(d, value));
		return true;
	}
	writer_begin(d->writer, FRAME_CHANGE);
	show_clone_args(d, &args, as_ulong(d, value), size);
	if (args.flags & (CLONE_PIDFD | CLONE_PARENT_SETTID))
		return false;
	writer_end(d->writer);
	return true;
}

/* --- waiting --- */
bool arg_wait_status(struct decoder *d, const struct spec *spec, uint64_t value)
{
	int32_t status;

	(void)spec;
	if (must_wait(d))
		return false;
	if (d->failed || !d->call->result || !value || !fetch(d, as_ulong(d, value), &status, sizeof(status))) {
		writer_address(d->writer, as_ulong(d, value));
		return true;
	}
	writer_begin(d->writer, FRAME_ARRAY);
	show_wait_status(d, status);
	writer_end(d->writer);
	return true;
}

bool arg_rusage_out(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	if (must_wait(d))
		return false;
	if (d->failed || d->call->result <= 0)
		writer_address(d->writer, as_ulong(d, value));
	else
		layout_show_at(d, &struct_rusage, as_ulong(d, value));
	return true;
}

bool arg_waitid_id(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	if (argument(d, 0) == 3) /* P_PIDFD */
		show_fd_number(d, (int)value);
	else if (argument(d, 0) == 1 || argument(d, 0) == 2)
		show_pid_number(d, (int)value);
	else
		writer_integer(d->writer, (int)value);
	return true;
}

/* --- limits --- */
static void show_limit(struct decoder *d, uint64_t limit, uint64_t infinity, const char *name)
{
	struct text text = {0};

	if (limit == infinity)
		text_string(&text, name);
	else if (limit > 1024 && limit % 1024 == 0)
		text_add(&text, "%llu*1024", (unsigned long long)limit / 1024);
	if (!text.length || d->show->constants != CONSTANTS_ABBREV)
		writer_natural(d->writer, limit);
	if (text.length && d->show->constants == CONSTANTS_ABBREV)
		writer_token(d->writer, text.data);
	else if (text.length && d->show->constants == CONSTANTS_VERBOSE)
		writer_comment(d->writer, text.data);
	text_free(&text);
}

void show_rlimit(struct decoder *d, const struct field *field, const struct piece *piece)
{
	if (is_32_bit(d))
		show_limit(d, field_value(field, piece), UINT32_MAX, "RLIM_INFINITY");
	else
		show_limit(d, field_value(field, piece), UINT64_MAX, "RLIM64_INFINITY");
}

void show_rlimit64(struct decoder *d, const struct field *field, const struct piece *piece)
{
	show_limit(d, field_value(field, piece), UINT64_MAX, "RLIM64_INFINITY");
}

/* --- scheduling --- */
void show_cpu_set_at(struct decoder *d, uint64_t address, uint64_t size)
{
	unsigned char bits[1024] = {0};
	size_t taken = size < sizeof(bits) ? (size_t)size : sizeof(bits);

	if (!address || !d->verbose || d->failed || !fetch(d, address, bits, taken)) {
		writer_address(d->writer, address);
		return;
	}
	writer_begin(d->writer, FRAME_SET);
	for (size_t i = 0; i < taken * 8; i++) {
		if (bits[i / 8] >> (i % 8) & 1)
			writer_natural(d->writer, i);
	}
	writer_end(d->writer);
}

bool arg_cpuset_in(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_cpu_set_at(d, as_ulong(d, value), (uint32_t)argument(d, 1) < 128 ? (uint32_t)argument(d, 1) : 128);
	return true;
}

bool arg_cpuset_out(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	if (must_wait(d))
		return false;
	show_cpu_set_at(d, as_ulong(d, value), d->failed ? 0 : (uint64_t)d->call->result);
	return true;
}

static void show_policy_text(const struct decoder *d, struct text *text, uint32_t value)
{
	constant_text(d, text, &set_sched_policy, value & ~UINT32_C(0x40000000));
	if (value & 0x40000000)
		text_string(text, "|SCHED_RESET_ON_FORK");
}

bool arg_sched_policy(struct decoder *d, const struct spec *spec, uint64_t value)
{
	struct text text = {0};

	(void)spec;
	show_policy_text(d, &text, (uint32_t)value);
	write_named(d, (uint32_t)value, &text);
	return true;
}

void result_sched_policy(struct decoder *d, const struct spec *spec, int64_t result)
{
	(void)spec;
	writer_hex(d->writer, (uint64_t)result);
	show_policy_text(d, d->aux, (uint32_t)result);
}

/* A kernel that finds the struct too large or too small writes the size that it wants into it. */
static void show_size_wanted(struct decoder *d, uint32_t size)
{
	if (size && size != d->state->saved[0] && d->failed && d->call->result == -E2BIG) {
		writer_changed(d->writer);
		writer_begin(d->writer, FRAME_STRUCT);
		writer_name(d->writer, "size");
		writer_natural(d->writer, size);
		writer_end(d->writer);
	}
	writer_end(d->writer);
}

bool when_sched_policy(const struct field *field, const struct layout *layout, const struct piece *piece)
{
	(void)field;
	return !(layout_value(layout, piece, "sched_flags") & SCHED_FLAG_KEEP_POLICY);
}

bool when_sched_params(const struct field *field, const struct layout *layout, const struct piece *piece)
{
	(void)field;
	return !(layout_value(layout, piece, "sched_flags") & SCHED_FLAG_KEEP_PARAMS);
}

/* The struct says its own size. */
bool arg_sched_attr_in(struct decoder *d, const struct spec *spec, uint64_t value)
{
	const struct layout *layout = layout_of(d, &struct_sched_attr);
	unsigned char bytes[64];
	struct piece piece = {.bytes = bytes, .address = as_ulong(d, value)};
	uint32_t size;

	(void)spec;
	if (!value || !d->verbose || !fetch(d, piece.address, &size, sizeof(size)))
		size = 0;
	else if (!size)
		size = 48; /* SCHED_ATTR_SIZE_VER0 */
	if (d->at_exit) {
		show_size_wanted(d, size);
		return true;
	}
	writer_begin(d->writer, FRAME_CHANGE);
	d->state->saved[0] = size;
	piece.size = size < layout->size ? size : layout->size;
	if (!size || !layout_read(d, layout, piece.address, piece.size, bytes))
		writer_address(d->writer, piece.address);
	else
		layout_show(d, layout, &piece);
	return false;
}

/* As much as there is room for. */
bool arg_sched_attr_out(struct decoder *d, const struct spec *spec, uint64_t value)
{
	const struct layout *layout = layout_of(d, &struct_sched_attr);
	unsigned char bytes[64];
	uint64_t size = (uint32_t)argument(d, 2);
	struct piece piece = {.bytes = bytes, .address = as_ulong(d, value)};

	(void)spec;
	if (must_wait(d))
		return false;
	piece.size = size < layout->size ? (size_t)size : layout->size;
	if (d->failed || !size || !d->verbose || !layout_read(d, layout, piece.address, piece.size, bytes))
		writer_address(d->writer, piece.address);
	else
		layout_show(d, layout, &piece);
	return true;
}

/* getgroups: as many as the result says, none if only the count was asked for. */
bool arg_groups(struct decoder *d, const struct spec *spec, uint64_t value)
{
	const struct layouts *ids = is_32_bit(d) && d->call->number == 80 ? &struct_old_gid_t : &struct_gid_t;
	struct spec with = *spec;

	if (must_wait(d))
		return false;
	with.set = ids;
	/* With no room only the number is told. */
	if (!argument(d, 0))
		with.length = 0;
	return arg_out(d, &with, value);
}

bool arg_user_desc(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	layout_show_at(d, &struct_user_desc, as_ulong(d, value));
	return true;
}

void show_hex6(struct decoder *d, const struct field *field, const struct piece *piece)
{
	write_token(d, "0x%06llx", (unsigned long long)field_value(field, piece));
}

void show_hex8(struct decoder *d, const struct field *field, const struct piece *piece)
{
	write_token(d, "%#08llx", (unsigned long long)field_value(field, piece));
}

/* Which entry the kernel chose. */
void result_entry_number(struct decoder *d, const struct spec *spec, int64_t result)
{
	int32_t number;

	(void)spec;
	writer_integer(d->writer, result);
	if (fetch(d, as_ulong(d, argument(d, 0)), &number, sizeof(number)))
		text_add(d->aux, "entry_number=%d", number);
}

/* The bit fields behind the limit. (arch/x86/include/uapi/asm/ldt.h) */
void show_user_desc_bits(struct decoder *d, const struct field *field, const struct piece *piece)
{
	static const struct {
		const char *name;
		int shift;
		uint32_t mask;
	} bits[] = {
		{"contents", 1, 3},        {"read_exec_only", 3, 1}, {"limit_in_pages", 4, 1},
		{"seg_not_present", 5, 1}, {"useable", 6, 1},
	};
	uint32_t value = (uint32_t)field_value(field, piece);

	writer_natural(d->writer, value & 1);
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		writer_name(d->writer, bits[i].name);
		writer_natural(d->writer, value >> bits[i].shift & bits[i].mask);
	}
}
