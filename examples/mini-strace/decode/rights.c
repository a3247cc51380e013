/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/rights.c - capabilities, keys, futexes, and the settings of a process that prctl(2) knows.
 */
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/personality.h>

#include "decode/decoder.h"
#include "decode/families.h"
#include "tables.h"

enum { COMM_SIZE = 16 };

/* --- capabilities --- */
static void show_cap_mask(struct decoder *d, uint64_t mask)
{
	struct text text = {0};

	for (uint64_t bit = 0; bit < 64; bit++) {
		const char *name = set_name(&set_capability, bit);

		if (!(mask >> bit & 1))
			continue;
		text_string(&text, text.length ? "|" : "");
		if (name)
			text_add(&text, "1<<%s", name);
		else
			text_hex(&text, UINT64_C(1) << bit % 32);
	}
	if (!text.length)
		text_char(&text, '0');
	write_named(d, mask, &text);
}

static void show_cap_data(struct decoder *d, uint64_t address)
{
	static const char *const names[] = {"effective", "permitted", "inheritable"};
	uint32_t words[6] = {0};
	uint32_t version = 0;
	bool two;

	(void)fetch(d, as_ulong(d, argument(d, 0)), &version, sizeof(version));
	two = version == _LINUX_CAPABILITY_VERSION_2 || version == _LINUX_CAPABILITY_VERSION_3;
	if (!address || !version || d->failed || !fetch(d, address, words, two ? 24 : 12)) {
		writer_address(d->writer, address);
		return;
	}
	writer_begin(d->writer, FRAME_STRUCT);
	for (int i = 0; i < 3; i++) {
		writer_name(d->writer, names[i]);
		show_cap_mask(d, (uint64_t)words[i + 3] << 32 | words[i]);
	}
	writer_end(d->writer);
}

bool arg_cap_data(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_cap_data(d, as_ulong(d, value));
	return true;
}

bool arg_cap_data_out(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	if (must_wait(d))
		return false;
	show_cap_data(d, as_ulong(d, value));
	return true;
}

/* --- futex --- */
bool arg_futex_op(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint32_t op = (uint32_t)value & ~(uint32_t)FUTEX_CLOCK_REALTIME;
	struct text text = {0};

	(void)spec;
	if (op == (uint32_t)value || !set_name(&set_futex_op, op)) {
		writer_constant(d->writer, &set_futex_op, (uint32_t)value);
		return true;
	}
	constant_text(d, &text, &set_futex_op, op);
	text_string(&text, "|FUTEX_CLOCK_REALTIME");
	write_named(d, (uint32_t)value, &text);
	return true;
}

bool arg_futex_bitset(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	if ((uint32_t)value == FUTEX_BITSET_MATCH_ANY && d->show->constants == CONSTANTS_ABBREV)
		writer_token(d->writer, "FUTEX_BITSET_MATCH_ANY");
	else
		writer_hex(d->writer, (uint32_t)value);
	return true;
}

/* FUTEX_OP(op, oparg, cmp, cmparg) of linux/futex.h, spelt out. */
bool arg_futex_wake_op(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint32_t op = (uint32_t)value >> 28;
	struct text text = {0};

	(void)spec;
	if (op & FUTEX_OP_OPARG_SHIFT)
		text_string(&text, "FUTEX_OP_OPARG_SHIFT<<28|");
	constant_text(d, &text, &set_futex_wake_op, op & 7);
	text_string(&text, "<<28|");
	text_hex(&text, value >> 12 & 0xfff);
	text_string(&text, "<<12|");
	constant_text(d, &text, &set_futex_wake_cmp, value >> 24 & 0xf);
	text_string(&text, "<<24|");
	text_hex(&text, value & 0xfff);
	writer_token(d->writer, text.data);
	text_free(&text);
	return true;
}

void show_futex_val(struct decoder *d, const struct field *field, const struct piece *piece)
{
	writer_hex(d->writer, field_value(field, piece));
}

/* --- names of threads --- */
static void show_comm(struct decoder *d, uint64_t address, size_t most)
{
	char name[COMM_SIZE];
	bool ended;
	ssize_t length = address ? memory_get_string(d->memory, address, name, most, &ended) : -1;

	if (length < 0 || d->failed)
		writer_address(d->writer, address);
	else
		writer_bytes(d->writer, name, (size_t)length < most ? (size_t)length : most, !ended, QUOTE_NORMAL);
}

bool arg_comm(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_comm(d, as_ulong(d, value), COMM_SIZE - 1);
	return true;
}

bool arg_comm_out(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	if (must_wait(d))
		return false;
	show_comm(d, as_ulong(d, value), COMM_SIZE);
	return true;
}

/* [SIGTERM] */
bool arg_signal_out(struct decoder *d, const struct spec *spec, uint64_t value)
{
	int32_t signal;

	(void)spec;
	if (must_wait(d))
		return false;
	if (d->failed || !value || !fetch(d, as_ulong(d, value), &signal, sizeof(signal))) {
		writer_address(d->writer, as_ulong(d, value));
		return true;
	}
	writer_begin(d->writer, FRAME_ARRAY);
	show_signal(d, signal);
	writer_end(d->writer);
	return true;
}

bool arg_ptracer(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	if ((int)value == -1)
		writer_token(d->writer, "PR_SET_PTRACER_ANY");
	else
		show_pid_number(d, (int)value);
	return true;
}

/* 1 (SUID_DUMP_USER) */
void result_named(struct decoder *d, const struct spec *spec, int64_t result)
{
	const char *name = set_name(spec->set, (uint64_t)result);

	writer_integer(d->writer, result);
	if (name)
		text_string(d->aux, name);
}

void result_hexnamed(struct decoder *d, const struct spec *spec, int64_t result)
{
	writer_hex(d->writer, (uint64_t)result);
	if (result)
		constant_text(d, d->aux, spec->set, (uint64_t)result);
}

static void add_persona(const struct decoder *d, struct text *text, uint32_t value)
{
	constant_text(d, text, &set_persona, value & PER_MASK);
	if (!(value & ~(uint32_t)PER_MASK))
		return;
	text_char(text, '|');
	constant_text(d, text, &set_personality, value & ~(uint32_t)PER_MASK);
}

bool arg_personality(struct decoder *d, const struct spec *spec, uint64_t value)
{
	struct text text = {0};

	(void)spec;
	if ((uint32_t)value == UINT32_MAX) {
		writer_hex(d->writer, UINT32_MAX);
		return true;
	}
	add_persona(d, &text, (uint32_t)value);
	write_named(d, (uint32_t)value, &text);
	return true;
}

void result_persona(struct decoder *d, const struct spec *spec, int64_t result)
{
	(void)spec;
	writer_hex(d->writer, (uint64_t)result);
	add_persona(d, d->aux, (uint32_t)result);
}

/* --- io priorities: class in the upper bits --- */
static void add_ioprio(const struct decoder *d, struct text *text, uint32_t value)
{
	text_string(text, "IOPRIO_PRIO_VALUE(");
	constant_text(d, text, &set_ioprio_class, value >> 13);
	text_add(text, ", %u)", value & 0x1fff);
}

bool arg_ioprio(struct decoder *d, const struct spec *spec, uint64_t value)
{
	struct text text = {0};

	(void)spec;
	add_ioprio(d, &text, (uint32_t)value);
	writer_token(d->writer, text.data);
	text_free(&text);
	return true;
}

void result_ioprio(struct decoder *d, const struct spec *spec, int64_t result)
{
	(void)spec;
	writer_hex(d->writer, (uint64_t)result);
	add_ioprio(d, d->aux, (uint32_t)result);
}

void result_membarrier(struct decoder *d, const struct spec *spec, int64_t result)
{
	(void)spec;
	writer_hex(d->writer, (uint64_t)result);
	if (result)
		constant_text(d, d->aux, &set_membarrier_cmds, (uint32_t)result);
}

/* --- keys --- */
bool arg_key_serial(struct decoder *d, const struct spec *spec, uint64_t value)
{
	int key = (int)value;

	(void)spec;
	if (set_name(&set_keyring, (uint64_t)(int64_t)key))
		writer_constant(d->writer, &set_keyring, (uint64_t)(int64_t)key);
	else
		writer_integer(d->writer, key);
	return true;
}

void result_key(struct decoder *d, const struct spec *spec, int64_t result)
{
	(void)spec;
	writer_integer(d->writer, (int32_t)result);
}

static void show_key_text(struct decoder *d, uint64_t address)
{
	uint64_t size = as_ulong(d, argument(d, 3));

	show_bytes_at(d, address, (uint64_t)d->call->result < size ? (uint64_t)d->call->result : size);
}

bool arg_key_text(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	return show_filled(d, value, show_key_text);
}

/* Text that ends with NUL, which is counted in the result. */
static void show_key_description(struct decoder *d, uint64_t address)
{
	uint64_t size = as_ulong(d, argument(d, 3));
	uint64_t result = (uint64_t)d->call->result;

	show_bytes_at(d, address, result > size ? size : result ? result - 1 : 0);
}

bool arg_key_description(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	return show_filled(d, value, show_key_description);
}

void show_key_serial(struct decoder *d, const struct field *field, const struct piece *piece)
{
	(void)arg_key_serial(d, NULL, field_value(field, piece));
}

/* A number of its own where it has no name. */
bool arg_key_default(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	if (d->show->constants == CONSTANTS_ABBREV && !set_name(&set_key_default, (uint64_t)(int64_t)(int32_t)value))
		write_token(d, "%d /* KEY_REQKEY_DEFL_??? */", (int32_t)value);
	else
		writer_constant(d->writer, &set_key_default, (uint64_t)(int64_t)(int32_t)value);
	return true;
}

bool arg_error_number(struct decoder *d, const struct spec *spec, uint64_t value)
{
	const char *name = strerrorname_np((int)value);

	(void)spec;
	if (name && value)
		writer_token(d->writer, name);
	else
		writer_natural(d->writer, (uint32_t)value);
	return true;
}

/* struct keyctl_kdf_params is not looked into. */
bool arg_keyctl_kdf(struct decoder *d, const struct spec *spec, uint64_t value)
{
	return arg_ptr(d, spec, value);
}

/* --- seccomp --- */
/* {len=N, filter=0x...} */
bool arg_seccomp_filter(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	layout_show_at(d, &struct_sock_fprog, as_ulong(d, value));
	return true;
}

void show_bpf_filter(struct decoder *d, const struct field *field, const struct piece *piece)
{
	writer_address(d->writer, field_value(field, piece));
}

bool arg_seccomp_action(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint32_t action;

	(void)spec;
	if (!value || !fetch(d, as_ulong(d, value), &action, sizeof(action))) {
		writer_address(d->writer, as_ulong(d, value));
		return true;
	}
	writer_begin(d->writer, FRAME_ARRAY);
	writer_constant(d->writer, &set_seccomp_action, action);
	writer_end(d->writer);
	return true;
}
