/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/mini.c - .gnu_debugdata: a small ELF file with the symbols that stripping took, compressed by xz.
 * ("MiniDebugInfo" in gdb's manual)
 */
#include <lzma.h>
#include <stdlib.h>

#include "sym/sym.h"

enum { MINI_MAX = 1 << 28 };

/* The decompressed bytes, which the caller frees, or NULL: damaged, or larger than anybody needs. */
static char *decompress(const struct ut__section *section, size_t *size)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	size_t room = section->size < MINI_MAX / 4 ? section->size * 4 : MINI_MAX;
	char *out = NULL;
	lzma_ret state = LZMA_OK;

	if (lzma_stream_decoder(&stream, (uint64_t)MINI_MAX, 0) != LZMA_OK)
		return NULL;
	stream.next_in = section->data;
	stream.avail_in = section->size;
	while (state == LZMA_OK && room <= MINI_MAX) {
		char *more = realloc(out, room);

		if (!more)
			break;
		out = more;
		stream.next_out = (uint8_t *)out + stream.total_out;
		stream.avail_out = room - stream.total_out;
		state = lzma_code(&stream, LZMA_FINISH);
		room *= 2;
	}
	*size = stream.total_out;
	lzma_end(&stream);
	if (state == LZMA_STREAM_END)
		return out;
	free(out);
	return NULL;
}

struct ut__elf *ut__file_mini(struct ut__file *file)
{
	struct ut__section section;
	size_t size;
	char *memory;

	if (file->mini.elf)
		return &file->mini;
	section = ut__elf_section(&file->main, ".gnu_debugdata");
	memory = section.data && section.size ? decompress(&section, &size) : NULL;
	if (!memory || ut__elf_open_memory(&file->mini, memory, size, file->main.path, NULL))
		return NULL;
	return &file->mini;
}
