/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/memories.c - what is special about calls on the address space.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "decode/decoder.h"
#include "decode/families.h"
#include "tables.h"

enum { HUGE_SHIFT = 26, HUGE_MASK = 0x3f };

/* A type, flags, and the size of huge pages share the word. (mmap(2)) */
static void show_map_flags(struct decoder *d, uint32_t flags)
{
	uint32_t huge = flags & MAP_HUGETLB ? flags >> HUGE_SHIFT & HUGE_MASK : 0;
	uint32_t rest = flags & ~UINT32_C(0xf) & ~(huge << HUGE_SHIFT);
	struct text text = {0};

	constant_text(d, &text, &set_mmap_type, flags & 0xf);
	if (rest) {
		text_char(&text, '|');
		constant_text(d, &text, &set_mmap_map, rest);
	}
	if (huge)
		text_add(&text, "|%u<<MAP_HUGE_SHIFT", huge);
	write_named(d, flags, &text);
}

bool arg_mmap_flags(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_map_flags(d, (uint32_t)value);
	return true;
}

/* An offset in pages. */
bool arg_pages(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	writer_hex(d->writer, (uint64_t)(uint32_t)value * 4096);
	return true;
}

/* i386's first mmap has its arguments in memory. */
bool arg_old_mmap(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint32_t args[6];

	(void)spec;
	if (!fetch(d, as_ulong(d, value), args, sizeof(args))) {
		writer_name(d->writer, "arg");
		writer_address(d->writer, as_ulong(d, value));
		return true;
	}
	writer_name(d->writer, "addr");
	writer_address(d->writer, args[0]);
	writer_name(d->writer, "len");
	writer_natural(d->writer, args[1]);
	writer_name(d->writer, "prot");
	writer_constant(d->writer, &set_mmap_prot, args[2]);
	writer_name(d->writer, "flags");
	show_map_flags(d, args[3]);
	writer_name(d->writer, "fd");
	show_fd_number(d, (int)args[4]);
	writer_name(d->writer, "offset");
	writer_hex(d->writer, args[5]);
	return true;
}

bool arg_mincore(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint64_t pages = (as_ulong(d, argument(d, 1)) + 4095) / 4096;
	unsigned char residence[4096];
	uint64_t limit = d->abbrev ? d->show->string_limit : sizeof(residence);
	uint64_t shown = pages < limit ? pages : limit;

	(void)spec;
	if (must_wait(d))
		return false;
	if (shown > sizeof(residence))
		shown = sizeof(residence);
	if (d->failed || !value || !fetch(d, as_ulong(d, value), residence, (size_t)shown)) {
		writer_address(d->writer, as_ulong(d, value));
		return true;
	}
	writer_begin(d->writer, FRAME_ARRAY);
	for (uint64_t i = 0; i < shown; i++)
		writer_natural(d->writer, residence[i] & 1);
	if (shown < pages)
		writer_more(d->writer);
	writer_end(d->writer);
	return true;
}

/* --- memory policies --- */
static void add_policy(const struct decoder *d, struct text *text, uint32_t value)
{
	uint32_t flags = value & ~UINT32_C(0xff);

	constant_text(d, text, &set_mempolicy_mode, value & 0xff);
	if (!(value & 0xe000) || !flags)
		return;
	text_char(text, '|');
	constant_text(d, text, &set_mempolicy_flags, flags);
}

static void show_policy(struct decoder *d, uint32_t value)
{
	struct text text = {0};

	add_policy(d, &text, value);
	write_named(d, value, &text);
}

bool arg_mempolicy(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_policy(d, (uint32_t)value);
	return true;
}

bool arg_mempolicy_out(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint32_t policy;

	(void)spec;
	if (must_wait(d))
		return false;
	if (d->failed || !value || !fetch(d, as_ulong(d, value), &policy, sizeof(policy))) {
		writer_address(d->writer, as_ulong(d, value));
		return true;
	}
	writer_begin(d->writer, FRAME_ARRAY);
	show_policy(d, policy);
	writer_end(d->writer);
	return true;
}

/* As many digits as the word has. */
static void show_padded(struct decoder *d, uint64_t value, int digits)
{
	if (value)
		write_token(d, "%#0*llx", digits + 2, (unsigned long long)value);
	else
		write_token(d, "%0*d", digits, 0);
}

static void show_nodes(struct decoder *d, uint64_t address, uint64_t bits)
{
	unsigned char mask[512];
	uint64_t word = (uint64_t)d->bits;
	uint64_t size = bits ? (bits - 1 + word - 1) / word * word / 8 : 0;
	size_t step = word_size(d);

	if (!size || size > sizeof(mask) || !address || !fetch(d, address, mask, (size_t)size)) {
		writer_address(d->writer, address);
		return;
	}
	writer_begin(d->writer, FRAME_ARRAY);
	for (size_t i = 0; i < size; i += step)
		show_padded(d, word_at(d, mask + i), (int)step * 2);
	writer_end(d->writer);
}

bool arg_nodemask(struct decoder *d, const struct spec *spec, uint64_t value)
{
	show_nodes(d, as_ulong(d, value), as_ulong(d, argument(d, spec->length)));
	return true;
}

bool arg_nodemask_out(struct decoder *d, const struct spec *spec, uint64_t value)
{
	if (must_wait(d))
		return false;
	if (d->failed)
		writer_address(d->writer, as_ulong(d, value));
	else
		show_nodes(d, as_ulong(d, value), as_ulong(d, argument(d, spec->length)));
	return true;
}

static void show_page(struct decoder *d, const struct piece *piece, const void *context)
{
	(void)context;
	writer_address(d->writer, word_at(d, piece->bytes));
}

bool arg_pages_list(struct decoder *d, const struct spec *spec, uint64_t value)
{
	show_array_at(d, as_ulong(d, value), as_ulong(d, argument(d, spec->length)), word_size(d), show_page, NULL);
	return true;
}

/* A node, or why the page is on none. */
static void show_page_state(struct decoder *d, const struct piece *piece, const void *context)
{
	int32_t status;
	const char *name;

	(void)context;
	memcpy(&status, piece->bytes, sizeof(status));
	name = status < 0 && status > -4096 ? strerrorname_np(-status) : NULL;
	if (name)
		write_token(d, "-%s", name);
	else
		writer_integer(d->writer, status);
}

bool arg_page_status(struct decoder *d, const struct spec *spec, uint64_t value)
{
	if (must_wait(d))
		return false;
	show_array_at(d, as_ulong(d, value), as_ulong(d, argument(d, spec->length)), sizeof(int32_t), show_page_state,
		      NULL);
	return true;
}

/* --- memfd_create: the name is shorter than a path, the flags have the size of huge pages --- */
bool arg_memfd_name(struct decoder *d, const struct spec *spec, uint64_t value)
{
	(void)spec;
	show_string_at(d, as_ulong(d, value));
	return true;
}

bool arg_memfd_flags(struct decoder *d, const struct spec *spec, uint64_t value)
{
	uint32_t huge = value & 4 ? (uint32_t)value >> HUGE_SHIFT & HUGE_MASK : 0;
	struct text text = {0};

	(void)spec;
	constant_text(d, &text, &set_memfd_create, (uint32_t)value & ~(huge << HUGE_SHIFT));
	if (huge)
		text_add(&text, "|%u<<MFD_HUGE_SHIFT", huge);
	write_named(d, (uint32_t)value, &text);
	return true;
}
