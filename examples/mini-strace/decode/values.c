/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/values.c - numbers that mean something: descriptors, processes, modes, devices, times.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "decode/decoder.h"
#include "tables.h"

int64_t as_long(const struct decoder *d, uint64_t value)
{
	return is_32_bit(d) ? (int32_t)value : (int64_t)value;
}

uint64_t as_ulong(const struct decoder *d, uint64_t value)
{
	return is_32_bit(d) ? (uint32_t)value : value;
}

bool read_word(struct decoder *d, uint64_t address, uint64_t *value)
{
	*value = 0;
	return memory_get(d->memory, address, value, word_size(d));
}

uint64_t word_at(const struct decoder *d, const unsigned char *bytes)
{
	uint64_t value = 0;

	memcpy(&value, bytes, word_size(d));
	return value;
}

void write_token(struct decoder *d, const char *format, ...)
{
	char token[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(token, sizeof(token), format, args);
	va_end(args);
	writer_token(d->writer, token);
}

void show_fd_number(struct decoder *d, int fd)
{
	struct text mark = {0};

	if (d->show->fds && fd >= 0)
		(void)descriptor_describe(d, fd, &mark);
	writer_marked(d->writer, fd, mark.length ? mark.data : NULL);
	text_free(&mark);
}

static void show_cwd(struct decoder *d)
{
	char link[64];
	char target[LONGEST_PATH];
	struct text token = {0};
	ssize_t length;

	(void)snprintf(link, sizeof(link), "/proc/%d/cwd", d->tid);
	length = readlink(link, target, sizeof(target) - 1);
	text_string(&token, "AT_FDCWD");
	if (length > 0) {
		text_char(&token, '<');
		quote_bytes(&token, target, (size_t)length, d->show->escape, "<>");
		text_char(&token, '>');
	}
	writer_token(d->writer, token.data);
	text_free(&token);
}

void show_dirfd_number(struct decoder *d, int fd)
{
	if (fd != AT_FDCWD)
		show_fd_number(d, fd);
	else if (d->show->fds)
		show_cwd(d);
	else if (d->show->constants == CONSTANTS_ABBREV)
		writer_token(d->writer, "AT_FDCWD");
	else
		write_token(d, d->show->constants == CONSTANTS_RAW ? "%d" : "%d /* AT_FDCWD */", fd);
}

/* -Y: the command's name behind the number. */
void show_pid_number(struct decoder *d, int pid)
{
	char path[64];
	char name[32];
	char mark[160];
	struct text quoted = {0};
	size_t length = 0;
	FILE *file;

	if (!(d->show->pids & PIDS_COMM) || pid <= 0) {
		writer_marked(d->writer, pid, NULL);
		return;
	}
	(void)snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	file = fopen(path, "re");
	if (file) {
		length = fread(name, 1, sizeof(name), file);
		(void)fclose(file);
	}
	if (length && name[length - 1] == '\n')
		length--;
	if (length)
		quote_bytes(&quoted, name, length, d->show->escape, "<>");
	(void)snprintf(mark, sizeof(mark), "<%s>", quoted.length ? quoted.data : "");
	text_free(&quoted);
	writer_marked(d->writer, pid, length ? mark : NULL);
}

void show_id(struct decoder *d, uint32_t id)
{
	writer_integer(d->writer, id == UINT32_MAX ? -1 : (int64_t)id);
}

void show_signal(struct decoder *d, int signal)
{
	struct text name = {0};
	enum constants constants = d->show->constants;

	if (constants == CONSTANTS_RAW) {
		writer_integer(d->writer, signal);
		return;
	}
	if (constants == CONSTANTS_VERBOSE)
		text_add(&name, "%d /* ", signal);
	signal_name(&name, signal);
	if (constants == CONSTANTS_VERBOSE)
		text_string(&name, " */");
	writer_token(d->writer, name.data);
	text_free(&name);
}

/* %#03o */
static void add_octal(struct text *text, uint32_t mode)
{
	if (mode > 077)
		text_octal(text, mode);
	else
		text_add(text, "%#03o", mode);
}

static void add_mode(struct text *text, const char *type, uint32_t mode)
{
	text_string(text, type);
	text_string(text, mode & S_ISUID ? "|S_ISUID" : "");
	text_string(text, mode & S_ISGID ? "|S_ISGID" : "");
	text_string(text, mode & S_ISVTX ? "|S_ISVTX" : "");
	text_char(text, '|');
	add_octal(text, mode & ~(uint32_t)(S_IFMT | S_ISUID | S_ISGID | S_ISVTX));
}

/* A mode with its file type, as of stat. */
void show_mode_number(struct decoder *d, uint32_t mode)
{
	const char *type = set_name(&set_file_type, mode & S_IFMT);
	struct text text = {0};
	enum constants constants = d->show->constants;

	if (constants != CONSTANTS_ABBREV)
		add_octal(&text, mode);
	if (constants == CONSTANTS_VERBOSE && type)
		text_string(&text, " /* ");
	if (constants != CONSTANTS_RAW && type) {
		add_mode(&text, type, mode);
		text_string(&text, constants == CONSTANTS_VERBOSE ? " */" : "");
	} else if (constants == CONSTANTS_ABBREV) {
		add_octal(&text, mode);
	}
	writer_token(d->writer, text.data);
	text_free(&text);
}

void show_dev_number(struct decoder *d, uint64_t dev)
{
	if (d->show->constants == CONSTANTS_RAW) {
		writer_hex(d->writer, dev);
		return;
	}
	writer_begin_call(d->writer, "makedev");
	writer_hex(d->writer, major(dev));
	writer_hex(d->writer, minor(dev));
	writer_end(d->writer);
}

void show_flags32(struct decoder *d, const struct set *set, uint64_t value)
{
	writer_constant(d->writer, set, set->flags ? (uint32_t)value : (uint64_t)(int64_t)(int32_t)value);
}

void show_time_comment(struct decoder *d, int64_t seconds, int64_t nanoseconds)
{
	char date[64];
	char zone[16];
	char comment[128];
	time_t time = (time_t)seconds;
	struct tm parts;

	if ((!seconds && !nanoseconds) || !localtime_r(&time, &parts) ||
	    !strftime(date, sizeof(date), "%FT%T", &parts) || !strftime(zone, sizeof(zone), "%z", &parts))
		return;
	if (nanoseconds > 0 && nanoseconds < 1000000000)
		(void)snprintf(comment, sizeof(comment), "%s.%09lld%s", date, (long long)nanoseconds, zone);
	else
		(void)snprintf(comment, sizeof(comment), "%s%s", date, zone);
	writer_comment(d->writer, comment);
}

void constant_text(const struct decoder *d, struct text *text, const struct set *set, uint64_t value)
{
	struct show show = *d->show;
	struct writer writer;

	show.constants = CONSTANTS_ABBREV;
	writer_init_text(&writer, &show, text);
	writer.frames[0] = FRAME_PLAIN;
	writer_constant(&writer, set, value);
}

void constant_part(const struct decoder *d, struct text *text, const struct set *set, uint64_t value)
{
	struct writer writer;

	writer_init_text(&writer, d->show, text);
	writer.frames[0] = FRAME_PLAIN;
	writer_constant(&writer, set, value);
}

/* Frees the text. */
void write_named(struct decoder *d, uint64_t value, struct text *text)
{
	enum constants constants = d->show->constants;
	struct text both = {0};

	if (constants == CONSTANTS_RAW) {
		writer_hex(d->writer, value);
	} else if (constants == CONSTANTS_VERBOSE) {
		text_hex(&both, value);
		text_add(&both, " /* %s */", text->data);
		writer_token(d->writer, both.data);
		text_free(&both);
	} else {
		writer_token(d->writer, text->data);
	}
	text_free(text);
}

bool line_is_full(const struct decoder *d)
{
	size_t most = 4 * d->show->string_limit;

	return d->writer->spent > (most > LONGEST_LINE ? most : LONGEST_LINE);
}

struct decoder decoder_for_aux(const struct decoder *d, struct writer *writer)
{
	struct decoder aux = *d;

	writer_init_text(writer, d->show, d->aux);
	writer->frames[0] = FRAME_PLAIN;
	aux.writer = writer;
	return aux;
}
