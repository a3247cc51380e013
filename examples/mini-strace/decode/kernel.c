/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/kernel.c - calls on what the kernel does by itself: asynchronous I/O, bpf, performance counters,
 * quotas, file system set-up, notifications.
 */
#include <linux/aio_abi.h>
#include <linux/fanotify.h>
#include <linux/quota.h>
#include <string.h>

#include "decode/decoder.h"
#include "decode/families.h"
#include "tables.h"

/* Members that say something only if they are not zero. */
bool when_not_zero(const struct field *field, const struct layout *layout, const struct piece *piece)
{
	(void)layout;
	return field_value(field, piece) != 0;
}

/* --- asynchronous I/O (io_submit(2)) --- */
void show_aio_data(struct decoder *d, const struct field *field, const struct piece *piece)
{
	writer_hex(d->writer, field_value(field, piece));
}

static void show_iocb_pointer(struct decoder *d, const struct piece *piece, const void *context)
{
	(void)context;
	layout_show_at(d, &struct_iocb, word_at(d, piece->bytes));
}

bool arg_iocbs(struct decoder *d, const struct spec *spec, uint64_t value)
{
	int64_t count = as_long(d, argument(d, spec->length));

	if (count < 0)
		writer_address(d->writer, as_ulong(d, value));
	else
		show_array_at(d, as_ulong(d, value), (uint64_t)count, word_size(d), show_iocb_pointer, NULL);
	return true;
}

/* --- fanotify --- */
bool arg_fanotify_init(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint32_t flags = (uint32_t)value & ~UINT32_C(0xc);
	struct text text = {0};

	(void)spec;
	constant_text(d, &text, &set_fanotify_class, value & 0xc);
	if (flags) {
		text_char(&text, '|');
		constant_text(d, &text, &set_fanotify_init, flags);
	}
	write_named(d, (uint32_t)value, &text);
	return true;
}

bool arg_fanotify_mask32(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	writer_constant(d->writer, &set_fanotify_events, (argument(d, 3) & UINT32_MAX) << 32 | (value & UINT32_MAX));
	return true;
}

/* --- fsconfig(2): what value and aux are depends on the command --- */
enum { SET_FLAG, SET_STRING, SET_BINARY, SET_PATH, SET_PATH_EMPTY, SET_FD, CREATE, RECONFIGURE };

bool arg_fsconfig_value(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	switch (argument(d, 1)) {
	case SET_STRING:
		show_string_at(d, as_ulong(d, value));
		break;
	case SET_BINARY:
		show_bytes_at(d, as_ulong(d, value), (uint32_t)argument(d, 4));
		break;
	case SET_PATH:
	case SET_PATH_EMPTY:
		show_path_at(d, as_ulong(d, value));
		break;
	default:
		writer_address(d->writer, as_ulong(d, value));
		break;
	}
	return true;
}

bool arg_fsconfig_aux(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	if (argument(d, 1) == SET_PATH || argument(d, 1) == SET_PATH_EMPTY)
		show_dirfd_number(d, (int)value);
	else if (argument(d, 1) == SET_FD)
		show_fd_number(d, (int)value);
	else
		writer_integer(d->writer, (int)value);
	return true;
}

/* --- quotas: QCMD(command, type) --- */
bool arg_quota_cmd(struct decoder *d, const struct spec *spec, uint64_t value)
{
	struct text text = {0};

	(void)spec;
	text_string(&text, "QCMD(");
	constant_text(d, &text, &set_quota_cmd, (uint32_t)value >> 8);
	text_string(&text, ", ");
	constant_text(d, &text, &set_quota_type, value & 0xff);
	text_char(&text, ')');
	writer_token(d->writer, text.data);
	text_free(&text);
	return true;
}

bool arg_quota_id(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_id(d, (uint32_t)value);
	return true;
}

bool arg_quota_data(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	writer_address(d->writer, as_ulong(d, value));
	return true;
}

/* --- ptrace --- */
bool arg_ptrace_request(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	writer_constant(d->writer, &set_ptrace_request, (uint32_t)value);
	return true;
}

bool arg_signal_or_zero(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_signal(d, (int)value);
	return true;
}

bool arg_wordp_hex(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint64_t word;

	(void)spec;
	if (must_wait(d))
		return false;
	if (d->failed || !value || !read_word(d, as_ulong(d, value), &word)) {
		writer_address(d->writer, as_ulong(d, value));
		return true;
	}
	writer_begin(d->writer, FRAME_ARRAY);
	writer_hex(d->writer, word);
	writer_end(d->writer);
	return true;
}

bool arg_wordp_number(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint64_t word;

	(void)spec;
	if (must_wait(d))
		return false;
	if (d->failed || !value || !read_word(d, as_ulong(d, value), &word)) {
		writer_address(d->writer, as_ulong(d, value));
		return true;
	}
	writer_begin(d->writer, FRAME_ARRAY);
	writer_natural(d->writer, word);
	writer_end(d->writer);
	return true;
}

/* --- bpf(2) --- */
bool arg_bpf_attr(struct decoder *d, const struct spec *spec, uint64_t value)
{
	const struct layouts *layouts = NULL;
	struct spec with = {.length = 2};

	(void)spec;
	switch (argument(d, 0)) {
	case 0: /* BPF_MAP_CREATE */
		layouts = &struct_bpf_map_create;
		break;
	case 1: /* BPF_MAP_LOOKUP_ELEM */
	case 2: /* BPF_MAP_UPDATE_ELEM */
		layouts = &struct_bpf_map_elem;
		break;
	case 3: /* BPF_MAP_DELETE_ELEM */
		layouts = &struct_bpf_map_delete;
		break;
	case 4: /* BPF_MAP_GET_NEXT_KEY */
		layouts = &struct_bpf_next_key;
		break;
	case 5: /* BPF_PROG_LOAD */
		layouts = &struct_bpf_prog_load;
		break;
	default:
		break;
	}
	if (!layouts) {
		writer_address(d->writer, as_ulong(d, value));
		return true;
	}
	with.set = layouts;
	return arg_sized(d, &with, value);
}

void result_bpf(struct decoder *d, const struct spec *spec, int64_t result)
{
	bool is_fd = argument(d, 0) == 0 || argument(d, 0) == 5 || argument(d, 0) == 7; /* BPF_OBJ_GET */

	(void)spec;
	if (is_fd)
		show_fd_number(d, (int)result);
	else
		writer_integer(d->writer, result);
}

/* --- io_uring --- */
bool arg_io_uring_params(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	if (must_wait(d))
		return false;
	layout_show_at(d, &struct_io_uring_params, as_ulong(d, value));
	return true;
}

bool arg_io_uring_arg(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint32_t op = (uint32_t)argument(d, 1);
	struct spec with = {.length = 3, .set = &struct_fd_item};

	(void)spec;
	if (op == 0) /* IORING_REGISTER_BUFFERS */
		show_iovecs_at(d, as_ulong(d, value), (uint32_t)argument(d, 3), UINT64_MAX, false);
	else if (op == 2 || op == 4) /* IORING_REGISTER_FILES, IORING_REGISTER_EVENTFD */
		return arg_in(d, &with, value);
	else
		writer_address(d->writer, as_ulong(d, value));
	return true;
}

/* --- perf_event_open(2) --- */
bool arg_perf_attr(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint64_t address = as_ulong(d, value);
	const struct layout *layout = layout_of(d, &struct_perf_event_attr);
	unsigned char bytes[LARGEST_LAYOUT];
	struct piece piece = {.bytes = bytes, .address = address};
	uint32_t size = 0;

	(void)spec;
	if (!address || !d->verbose || !fetch(d, address + 4, &size, sizeof(size))) {
		writer_address(d->writer, address);
		return true;
	}
	if (!size)
		size = 64; /* PERF_ATTR_SIZE_VER0 */
	piece.size = size < layout->size ? size : layout->size;
	if (!layout_read(d, layout, address, piece.size, bytes))
		writer_address(d->writer, address);
	else
		layout_show(d, layout, &piece);
	return true;
}

void show_perf_config(struct decoder *d, const struct field *field, const struct piece *piece)
{
	uint64_t value = field_value(field, piece);
	uint32_t type;

	memcpy(&type, piece->bytes, sizeof(type));
	if (type == 0)
		writer_constant(d->writer, &set_perf_hw, value);
	else if (type == 1)
		writer_constant(d->writer, &set_perf_sw, value);
	else
		writer_hex(d->writer, value);
}

void show_perf_size(struct decoder *d, const struct field *field, const struct piece *piece)
{
	uint64_t size = field_value(field, piece);
	static const struct {
		uint64_t size;
		const char *name;
	} sizes[] = {
		{64, "PERF_ATTR_SIZE_VER0"},  {72, "PERF_ATTR_SIZE_VER1"},  {80, "PERF_ATTR_SIZE_VER2"},
		{96, "PERF_ATTR_SIZE_VER3"},  {104, "PERF_ATTR_SIZE_VER4"}, {112, "PERF_ATTR_SIZE_VER5"},
		{120, "PERF_ATTR_SIZE_VER6"}, {128, "PERF_ATTR_SIZE_VER7"},
	};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		if (sizes[i].size != size)
			continue;
		writer_token(d->writer, sizes[i].name);
		return;
	}
	write_token(d, "%#llx /* PERF_ATTR_SIZE_??? */", (unsigned long long)size);
}

/* The flags as the kernel's bit field has them, in its order. */
void show_perf_bits(struct decoder *d, const struct field *field, const struct piece *piece)
{
	static const char *const names[] = {
		"inherit", "pinned", "exclusive", "exclude_user", "exclude_kernel", "exclude_hv", "exclude_idle",
		"mmap",    "comm",   "freq",      "inherit_stat", "enable_on_exec", "task",       "watermark",
	};
	uint64_t bits = field_value(field, piece);

	writer_natural(d->writer, bits & 1);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		writer_name(d->writer, names[i]);
		writer_natural(d->writer, bits >> (i + 1) & 1);
	}
}
