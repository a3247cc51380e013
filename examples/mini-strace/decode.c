/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode.c - arguments and results by the kind that the library's table gives them.
 *
 * The tracee is not trusted: every length and count is bounded here before memory is read, and what can't be read is
 * printed as its address.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

enum { LONGEST_STRING = 65536, LONGEST_PATH = 4096, MOST_STRINGS = 32, MOST_VARS = 100000 };

static uint64_t argument(const struct decoder *decoder, int index)
{
	return decoder->call->args[index];
}

static bool is_32_bit(const struct decoder *decoder)
{
	return decoder->call->abi == UTRACE_ABI_I386;
}

static int64_t as_signed(const struct decoder *decoder, uint64_t value)
{
	return is_32_bit(decoder) ? (int32_t)value : (int64_t)value;
}

/* Is nothing left out of this call's structs and lists? */
static bool is_long(const struct decoder *decoder)
{
	return !call_set_has(&decoder->options->show.abbrev, decoder->call->abi, decoder->call->number);
}

static void add_pointer(struct text *text, uint64_t value)
{
	if (value)
		text_add(text, "%#llx", (unsigned long long)value);
	else
		text_add(text, "NULL");
}

static void add_byte(struct text *text, unsigned char byte, bool digit_follows)
{
	static const char plain[] = "\"\\\t\n\v\f\r";
	static const char *const escapes[] = {"\\\"", "\\\\", "\\t", "\\n", "\\v", "\\f", "\\r"};
	const char *at = byte ? strchr(plain, byte) : NULL;

	if (at)
		text_add(text, "%s", escapes[at - plain]);
	else if (byte >= 0x20 && byte < 0x7f)
		text_add(text, "%c", byte);
	else
		text_add(text, digit_follows ? "\\%03o" : "\\%o", byte);
}

void decode_string(struct text *text, const char *bytes, size_t length, size_t limit, bool more)
{
	size_t shown = length < limit ? length : limit;

	text_add(text, "\"");
	for (size_t i = 0; i < shown; i++)
		add_byte(text, (unsigned char)bytes[i], i + 1 < shown && isdigit((unsigned char)bytes[i + 1]));
	text_add(text, "\"%s", more || length > limit ? "..." : "");
}

void decode_argv(struct text *text, const struct options *options, char *const *argv)
{
	text_add(text, "[");
	for (int i = 0; argv[i]; i++) {
		text_add(text, i ? ", " : "");
		if (i >= MOST_STRINGS && options->show.abbrev.all) {
			text_add(text, "...");
			break;
		}
		decode_string(text, argv[i], strlen(argv[i]), options->show.string_limit, false);
	}
	text_add(text, "]");
}

static void add_text_at(struct decoder *decoder, uint64_t address, size_t limit)
{
	char buffer[LONGEST_PATH + 1];
	struct utrace_error error = {0};
	size_t room = limit + 2 < sizeof(buffer) ? limit + 2 : sizeof(buffer);
	ssize_t length = address ? utrace_memory_read_string(decoder->process, address, buffer, room, &error) : -1;

	if (length < 0 || error.status)
		add_pointer(decoder->text, address);
	else
		decode_string(decoder->text, buffer, (size_t)length, limit, false);
}

static void add_buffer(struct decoder *decoder, uint64_t address, uint64_t size)
{
	char buffer[LONGEST_STRING];
	size_t limit = decoder->options->show.string_limit;
	size_t wanted = size < limit ? (size_t)size : limit;
	ssize_t done;

	if (wanted > sizeof(buffer))
		wanted = sizeof(buffer);
	done = wanted && address ? utrace_memory_read(decoder->process, address, buffer, wanted, NULL) : 0;
	if (!address || done != (ssize_t)wanted)
		add_pointer(decoder->text, address);
	else
		decode_string(decoder->text, buffer, wanted, limit, size > wanted);
}

static void add_fd(struct decoder *decoder, int64_t fd)
{
	char path[64];
	char target[LONGEST_PATH];
	ssize_t length;

	text_add(decoder->text, "%d", (int)fd);
	if (!(decoder->options->show.fds & FDS_PATH) || fd < 0)
		return;
	(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", utrace_process_pid(decoder->process), (int)fd);
	length = readlink(path, target, sizeof(target) - 1);
	if (length > 0)
		text_add(decoder->text, "<%.*s>", (int)length, target);
}

static void add_dirfd(struct decoder *decoder, uint64_t value)
{
	if ((int32_t)value != AT_FDCWD) {
		add_fd(decoder, (int32_t)value);
		return;
	}
	text_add(decoder->text, "AT_FDCWD");
	if ((decoder->options->show.fds & FDS_PATH)) {
		char path[64];
		char target[LONGEST_PATH];
		ssize_t length;

		(void)snprintf(path, sizeof(path), "/proc/%d/cwd", utrace_process_pid(decoder->process));
		length = readlink(path, target, sizeof(target) - 1);
		if (length > 0)
			text_add(decoder->text, "<%.*s>", (int)length, target);
	}
}

/* One pointer of the tracee's; false if it can't be read. */
static bool read_word(struct decoder *decoder, uint64_t address, uint64_t *value)
{
	size_t size = is_32_bit(decoder) ? 4 : 8;

	*value = 0;
	return utrace_memory_read(decoder->process, address, value, size, NULL) == (ssize_t)size;
}

static void add_strings(struct decoder *decoder, uint64_t address)
{
	uint64_t step = is_32_bit(decoder) ? 4 : 8;
	uint64_t string;

	if (!address || !read_word(decoder, address, &string)) {
		add_pointer(decoder->text, address);
		return;
	}
	text_add(decoder->text, "[");
	for (int i = 0; string; i++) {
		text_add(decoder->text, i ? ", " : "");
		if (i >= MOST_STRINGS && !is_long(decoder)) {
			text_add(decoder->text, "...");
			break;
		}
		add_text_at(decoder, string, decoder->options->show.string_limit);
		if (!read_word(decoder, address + step * ((uint64_t)i + 1), &string))
			break;
	}
	text_add(decoder->text, "]");
}

static void add_environment(struct decoder *decoder, uint64_t address)
{
	uint64_t step = is_32_bit(decoder) ? 4 : 8;
	uint64_t string = 1;
	int count = 0;

	if (is_long(decoder)) {
		add_strings(decoder, address);
		return;
	}
	while (address && count < MOST_VARS && read_word(decoder, address + step * (uint64_t)count, &string) && string)
		count++;
	add_pointer(decoder->text, address);
	if (address)
		text_add(decoder->text, " /* %d vars */", count);
}

static void add_signal_set(struct decoder *decoder, uint64_t address)
{
	uint64_t set;

	if (address && utrace_memory_read(decoder->process, address, &set, sizeof(set), NULL) == sizeof(set))
		signal_set(decoder->text, set);
	else
		add_pointer(decoder->text, address);
}

static void add_ints(struct decoder *decoder, uint64_t address, int count, const char *set)
{
	int values[2];
	size_t size = (size_t)count * sizeof(int);

	if (!address || utrace_memory_read(decoder->process, address, values, size, NULL) != (ssize_t)size) {
		add_pointer(decoder->text, address);
		return;
	}
	if (set && strcmp(set, "wait_status") == 0) {
		wait_status_describe(decoder->text, values[0]);
		return;
	}
	text_add(decoder->text, "[");
	for (int i = 0; i < count; i++) {
		text_add(decoder->text, i ? ", " : "");
		if (count == 2)
			add_fd(decoder, values[i]);
		else
			text_add(decoder->text, "%d", values[i]);
	}
	text_add(decoder->text, "]");
}

/* Plain members of a struct, enough for times and limits; anything else is its address. */
static void add_pair(struct decoder *decoder, uint64_t address, const char *first, const char *second)
{
	int64_t values[2];

	if (utrace_memory_read(decoder->process, address, values, sizeof(values), NULL) == sizeof(values))
		text_add(decoder->text, "{%s=%lld, %s=%lld}", first, (long long)values[0], second,
			 (long long)values[1]);
	else
		add_pointer(decoder->text, address);
}

static void add_struct(struct decoder *decoder, uint64_t address, const char *name)
{
	bool plain = address && !is_32_bit(decoder) && name;

	if (plain && (strcmp(name, "timespec") == 0 || strcmp(name, "__kernel_timespec") == 0))
		add_pair(decoder, address, "tv_sec", "tv_nsec");
	else if (plain && strcmp(name, "timeval") == 0)
		add_pair(decoder, address, "tv_sec", "tv_usec");
	else
		add_pointer(decoder->text, address);
}

static void add_set(struct decoder *decoder, const struct utrace_syscall_arg *arg, uint64_t value)
{
	bool found = arg->kind == UTRACE_ARG_FLAGS || table_is_combined(arg->set)
			     ? table_flags(decoder->text, arg->set, value)
			     : table_enum(decoder->text, arg->set, (uint64_t)(int64_t)(int32_t)value);

	if (!found)
		text_add(decoder->text, value ? "%#llx" : "%lld", (unsigned long long)value);
}

static bool is_output(uint16_t kind)
{
	switch (kind) {
	case UTRACE_ARG_BUFOUT:
	case UTRACE_ARG_OUT:
	case UTRACE_ARG_IOVOUT:
	case UTRACE_ARG_MSGOUT:
	case UTRACE_ARG_MMSGOUT:
	case UTRACE_ARG_SOCKOUT:
	case UTRACE_ARG_SIGSETOUT:
	case UTRACE_ARG_INTPOUT:
	case UTRACE_ARG_INTARRAY2OUT:
	case UTRACE_ARG_LONGPOUT:
		return true;
	default:
		return false;
	}
}

/* How many bytes a buffer has, by another argument or by the result. */
static uint64_t length_of(struct decoder *decoder, const struct utrace_syscall_arg *arg)
{
	if (arg->length >= 0)
		return argument(decoder, arg->length);
	if (arg->length == UTRACE_LENGTH_RESULT && decoder->at_exit && !decoder->call->is_error)
		return (uint64_t)decoder->call->result;
	return 0;
}

/* What the kernel has written; only after a call that worked. */
static void add_output(struct decoder *decoder, const struct utrace_syscall_arg *arg, uint64_t value)
{
	if (decoder->call->is_error) {
		add_pointer(decoder->text, value);
		return;
	}
	switch (arg->kind) {
	case UTRACE_ARG_BUFOUT:
		add_buffer(decoder, value, length_of(decoder, arg));
		break;
	case UTRACE_ARG_SIGSETOUT:
		add_signal_set(decoder, value);
		break;
	case UTRACE_ARG_INTPOUT:
		add_ints(decoder, value, 1, decoder->call->result || !arg->set ? arg->set : NULL);
		break;
	case UTRACE_ARG_INTARRAY2OUT:
		add_ints(decoder, value, 2, NULL);
		break;
	case UTRACE_ARG_OUT:
		add_struct(decoder, value, arg->set);
		break;
	default:
		add_pointer(decoder->text, value);
		break;
	}
}

static void add_number(struct decoder *decoder, uint16_t kind, uint64_t value)
{
	switch (kind) {
	case UTRACE_ARG_INT:
	case UTRACE_ARG_PID:
		text_add(decoder->text, "%d", (int)value);
		break;
	case UTRACE_ARG_UID:
	case UTRACE_ARG_GID:
		text_add(decoder->text, (uint32_t)value == UINT32_MAX ? "-1" : "%u", (uint32_t)value);
		break;
	case UTRACE_ARG_UINT:
		text_add(decoder->text, "%u", (uint32_t)value);
		break;
	case UTRACE_ARG_LONG:
	case UTRACE_ARG_OFF:
		text_add(decoder->text, "%lld", (long long)as_signed(decoder, value));
		break;
	case UTRACE_ARG_SIZE:
	case UTRACE_ARG_ULONG:
		text_add(decoder->text, "%llu", (unsigned long long)value);
		break;
	case UTRACE_ARG_MODE:
		text_add(decoder->text, (value & 07777) ? "%#03o" : "%#o", (unsigned int)(value & 0177777));
		break;
	default:
		text_add(decoder->text, value ? "%#llx" : "%llu", (unsigned long long)value);
		break;
	}
}

static void add_argument(struct decoder *decoder, const struct utrace_syscall_arg *arg, uint64_t value)
{
	if (is_output(arg->kind)) {
		add_output(decoder, arg, value);
		return;
	}
	switch (arg->kind) {
	case UTRACE_ARG_FD:
		add_fd(decoder, (int32_t)value);
		break;
	case UTRACE_ARG_DIRFD:
		add_dirfd(decoder, value);
		break;
	case UTRACE_ARG_PATH:
		add_text_at(decoder, value, LONGEST_PATH);
		break;
	case UTRACE_ARG_STRING:
		add_text_at(decoder, value, decoder->options->show.string_limit);
		break;
	case UTRACE_ARG_BUFIN:
		add_buffer(decoder, value, length_of(decoder, arg));
		break;
	case UTRACE_ARG_ARGV:
		add_strings(decoder, value);
		break;
	case UTRACE_ARG_ENVP:
		add_environment(decoder, value);
		break;
	case UTRACE_ARG_SIGNAL:
		signal_name(decoder->text, (int)value);
		break;
	case UTRACE_ARG_SIGSET:
		add_signal_set(decoder, value);
		break;
	case UTRACE_ARG_INTP:
		add_ints(decoder, value, 1, arg->set);
		break;
	case UTRACE_ARG_FLAGS:
	case UTRACE_ARG_ENUM:
		add_set(decoder, arg, value);
		break;
	case UTRACE_ARG_IN:
	case UTRACE_ARG_INOUT:
		add_struct(decoder, value, arg->length == UTRACE_LENGTH_NONE ? arg->set : NULL);
		break;
	case UTRACE_ARG_PTR:
	case UTRACE_ARG_IOVIN:
	case UTRACE_ARG_MSGIN:
	case UTRACE_ARG_MMSGIN:
	case UTRACE_ARG_SOCKIN:
	case UTRACE_ARG_ADDR:
		add_pointer(decoder->text, value);
		break;
	default:
		add_number(decoder, arg->kind, value);
		break;
	}
}

/* A mode means something only if the flags before it create a file. (open(2)) */
static bool is_meaningless(const struct decoder *decoder, int index)
{
	const struct utrace_syscall_arg *args = decoder->info->args;

	if (args[index].kind != UTRACE_ARG_MODE || index == 0 || !args[index - 1].set ||
	    strcmp(args[index - 1].set, "open") != 0)
		return false;
	return !(argument(decoder, index - 1) & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)));
}

int decode_args(struct decoder *decoder, int first)
{
	int count = decoder->info ? (int)decoder->info->arg_count : 0;
	int index;

	for (index = first; index < count; index++) {
		const struct utrace_syscall_arg *arg = &decoder->info->args[index];

		if (is_meaningless(decoder, index))
			continue;
		if (!decoder->at_exit && is_output(arg->kind)) {
			text_add(decoder->text, index ? ", " : "");
			break;
		}
		text_add(decoder->text, index && !(decoder->at_exit && index == first) ? ", " : "");
		add_argument(decoder, arg, argument(decoder, index));
	}
	return index;
}

static bool add_restart(struct text *text, int64_t result)
{
	static const struct {
		int code;
		const char *name;
	} restarts[] = {
		{512, "ERESTARTSYS (To be restarted if SA_RESTART is set)"},
		{513, "ERESTARTNOINTR (To be restarted)"},
		{514, "ERESTARTNOHAND (To be restarted if no handler)"},
		{516, "ERESTART_RESTARTBLOCK (Interrupted by signal)"},
	};

	for (size_t i = 0; i < sizeof(restarts) / sizeof(restarts[0]); i++) {
		if (-result != restarts[i].code)
			continue;
		text_add(text, "? %s", restarts[i].name);
		return true;
	}
	return false;
}

static void add_error(struct text *text, int64_t result)
{
	const char *name = strerrorname_np((int)-result);

	if (add_restart(text, result))
		return;
	if (name)
		text_add(text, "-1 %s (%s)", name, strerrordesc_np((int)-result));
	else
		text_add(text, "-1 (errno %lld)", (long long)-result);
}

void decode_result(struct decoder *decoder)
{
	const struct utrace_event_syscall *call = decoder->call;
	uint16_t kind = decoder->info ? decoder->info->result : UTRACE_ARG_LONG;

	if (call->is_error) {
		add_error(decoder->text, call->result);
		return;
	}
	switch (kind) {
	case UTRACE_ARG_FD:
		add_fd(decoder, call->result);
		break;
	case UTRACE_ARG_ADDR:
	case UTRACE_ARG_HEX:
		text_add(decoder->text, call->result ? "%#llx" : "%lld", (unsigned long long)call->result);
		break;
	case UTRACE_ARG_MODE:
		text_add(decoder->text, "%#03llo", (unsigned long long)call->result);
		break;
	default:
		text_add(decoder->text, "%lld", (long long)as_signed(decoder, (uint64_t)call->result));
		break;
	}
}
