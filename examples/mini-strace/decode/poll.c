/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/poll.c - waiting for descriptors: what is waited for is an argument, what came stands behind the result.
 */
#include <linux/time_types.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "decode/decoder.h"
#include "tables.h"

static void show_pollfd(struct decoder *d, const struct piece *piece, const void *context)
{
	struct pollfd item;

	(void)context;
	memcpy(&item, piece->bytes, sizeof(item));
	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "fd");
	show_fd_number(d, item.fd);
	if (item.fd >= 0) {
		writer_name(d->writer, "events");
		writer_constant(d->writer, &set_poll, (uint16_t)item.events);
	}
	writer_end(d->writer);
}

bool arg_pollfds(struct decoder *d, const struct spec *spec, uint64_t value)
{
	show_array_at(d, as_ulong(d, value), (uint32_t)argument(d, spec->length), sizeof(struct pollfd), show_pollfd,
		      NULL);
	return true;
}

/* What is left of the time stands behind the result. */
bool arg_timeout_ts(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	layout_show_at(d, &struct_timespec, as_ulong(d, value));
	return true;
}

bool arg_timeout_ts64(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	layout_show_at(d, &struct___kernel_timespec, as_ulong(d, value));
	return true;
}

bool arg_timeout_tv(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	layout_show_at(d, &struct_timeval, as_ulong(d, value));
	return true;
}

static void show_ready(struct decoder *aux, uint64_t address, uint64_t count)
{
	uint64_t limit = aux->abbrev ? aux->show->string_limit : MOST_ITEMS;
	uint64_t shown = 0;
	struct pollfd item;

	for (uint64_t i = 0; i < count && i < MOST_VARS; i++) {
		if (!fetch(aux, address + i * sizeof(item), &item, sizeof(item)))
			break;
		if (!item.revents)
			continue;
		if (!shown)
			writer_begin(aux->writer, FRAME_ARRAY);
		if (shown++ >= limit) {
			writer_more(aux->writer);
			break;
		}
		writer_begin(aux->writer, FRAME_STRUCT);
		writer_name(aux->writer, "fd");
		writer_integer(aux->writer, item.fd);
		writer_name(aux->writer, "revents");
		writer_constant(aux->writer, &set_poll, (uint16_t)item.revents);
		writer_end(aux->writer);
	}
	if (shown)
		writer_end(aux->writer);
}

static void show_left(struct decoder *aux, const struct layouts *timeout, uint64_t address)
{
	if (!timeout || !address)
		return;
	text_string(aux->aux, aux->aux->length ? ", left " : "left ");
	layout_show_at(aux, timeout, address);
}

void result_poll(struct decoder *d, const struct spec *spec, int64_t result)
{
	struct writer writer;
	struct decoder aux = decoder_for_aux(d, &writer);

	writer_integer(d->writer, result);
	if (!result) {
		text_string(d->aux, "Timeout");
		return;
	}
	if (d->verbose && argument(d, 0))
		show_ready(&aux, as_ulong(d, argument(d, 0)), (uint32_t)argument(d, 1));
	show_left(&aux, spec->set, as_ulong(d, argument(d, 2)));
}

/* --- select --- */
enum { MOST_BITS = 1024 * 1024 };

static size_t set_size(const struct decoder *d, int count)
{
	size_t word = word_size(d);

	if (count < 0)
		count = 0;
	if (count > MOST_BITS)
		count = MOST_BITS;
	return (((size_t)count + 7) / 8 + word - 1) / word * word;
}

/* The bits of a set, or NULL; the caller frees them. */
static unsigned char *read_set(struct decoder *d, uint64_t address, size_t size)
{
	unsigned char *bits = address && size ? malloc(size) : NULL;

	if (bits && !fetch(d, address, bits, size)) {
		free(bits);
		return NULL;
	}
	return bits;
}

static bool is_set(const unsigned char *bits, int number)
{
	return bits[number / 8] >> (number % 8) & 1;
}

void show_fdset_at(struct decoder *d, uint64_t address, int count)
{
	size_t size = set_size(d, count);
	unsigned char *bits = d->verbose ? read_set(d, address, size) : NULL;

	if (!bits) {
		writer_address(d->writer, address);
		return;
	}
	writer_begin(d->writer, FRAME_SET);
	for (int i = 0; i < count && i < MOST_BITS; i++) {
		if (is_set(bits, i))
			show_fd_number(d, i);
	}
	writer_end(d->writer);
	free(bits);
}

bool arg_fdset(struct decoder *d, const struct spec *spec, uint64_t value)
{
	show_fdset_at(d, as_ulong(d, value), (int)argument(d, spec->length));
	return true;
}

static int64_t add_ready_set(struct decoder *aux, uint64_t address, int count, const char *what, int64_t left)
{
	unsigned char *bits = read_set(aux, address, set_size(aux, count));
	bool first = true;

	for (int i = 0; bits && i < count && i < MOST_BITS && left > 0; i++) {
		if (!is_set(bits, i))
			continue;
		if (first)
			text_add(aux->aux, "%s%s [%d", aux->aux->length ? ", " : "", what, i);
		else
			text_add(aux->aux, " %d", i);
		first = false;
		left--;
	}
	if (!first)
		text_char(aux->aux, ']');
	free(bits);
	return left;
}

void show_selected(struct decoder *d, const uint64_t args[5], const struct layouts *timeout, int64_t result)
{
	static const char *const names[] = {"in", "out", "except"};
	struct writer writer;
	struct decoder aux = decoder_for_aux(d, &writer);

	writer_integer(d->writer, result);
	if (!result) {
		text_string(d->aux, "Timeout");
		return;
	}
	for (int i = 0; i < 3; i++)
		result = add_ready_set(&aux, args[i + 1], (int)args[0], names[i], result);
	show_left(&aux, timeout, args[4]);
}

void result_select(struct decoder *d, const struct spec *spec, int64_t result)
{
	uint64_t args[5];

	for (int i = 0; i < 5; i++)
		args[i] = as_ulong(d, argument(d, i));
	show_selected(d, args, spec->set, result);
}

/* pselect6's last argument: a pointer to a signal set and its size. */
bool arg_sigset_pack(struct decoder *d, const struct spec *spec, uint64_t value)
{
	unsigned char words[16];
	uint64_t address = as_ulong(d, value);

	(void)spec;
	if (!address || !fetch(d, address, words, word_size(d) * 2)) {
		writer_address(d->writer, address);
		return true;
	}
	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "sigmask");
	show_sigset_at(d, word_at(d, words), word_at(d, words + word_size(d)));
	writer_name(d->writer, "sigsetsize");
	writer_natural(d->writer, word_at(d, words + word_size(d)));
	writer_end(d->writer);
	return true;
}

void show_epoll_data(struct decoder *d, const struct field *field, const struct piece *piece)
{
	uint64_t value = field_value(field, piece);

	writer_begin(d->writer, FRAME_STRUCT);
	writer_name(d->writer, "u32");
	writer_natural(d->writer, (uint32_t)value);
	writer_name(d->writer, "u64");
	writer_natural(d->writer, value);
	writer_end(d->writer);
}
