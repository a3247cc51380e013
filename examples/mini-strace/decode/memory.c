/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/memory.c - a small cache of the tracee's pages, valid for one stop.
 */
#include <string.h>

#include "decode/memory.h"

void memory_reset(struct memory *memory, void *context)
{
	memory->context = context;
	memory->next = 0;
	for (size_t i = 0; i < MEMORY_PAGES; i++)
		memory->pages[i].valid = 0;
}

static const struct memory_page *page_at(struct memory *memory, uint64_t base)
{
	struct memory_page *page;
	ssize_t done;

	for (size_t i = 0; i < MEMORY_PAGES; i++) {
		if (memory->pages[i].valid && memory->pages[i].base == base)
			return &memory->pages[i];
	}
	page = &memory->pages[memory->next];
	page->valid = 0;
	done = memory->read(memory->context, base, page->data, MEMORY_PAGE);
	if (done <= 0)
		return NULL;
	page->base = base;
	page->valid = (size_t)done < MEMORY_PAGE ? (size_t)done : MEMORY_PAGE;
	memory->next = (memory->next + 1) % MEMORY_PAGES;
	return page;
}

/* How many bytes there are up to the end of the page, of the size or of what is mapped, and where. */
static size_t find_piece(struct memory *memory, uint64_t address, size_t size, const char **bytes)
{
	size_t offset = (size_t)(address % MEMORY_PAGE);
	const struct memory_page *page = page_at(memory, address - offset);
	size_t piece = MEMORY_PAGE - offset < size ? MEMORY_PAGE - offset : size;

	if (!page || page->valid <= offset)
		return 0;
	if (piece > page->valid - offset)
		piece = page->valid - offset;
	*bytes = page->data + offset;
	return piece;
}

size_t memory_read(struct memory *memory, uint64_t address, void *buffer, size_t size)
{
	char *bytes = buffer;
	size_t done = 0;

	if (size > (size_t)MEMORY_PAGES * MEMORY_PAGE) {
		ssize_t count = memory->read(memory->context, address, buffer, size);

		return count > 0 ? (size_t)count : 0;
	}
	while (done < size) {
		const char *found;
		size_t piece = address + done >= address ? find_piece(memory, address + done, size - done, &found) : 0;

		if (!piece)
			break;
		memcpy(bytes + done, found, piece);
		done += piece;
	}
	return done;
}

bool memory_get(struct memory *memory, uint64_t address, void *buffer, size_t size)
{
	return memory_read(memory, address, buffer, size) == size;
}

ssize_t memory_get_string(struct memory *memory, uint64_t address, char *buffer, size_t size, bool *ended)
{
	size_t done = 0;

	*ended = false;
	while (done < size) {
		const char *bytes;
		size_t piece = address + done >= address ? find_piece(memory, address + done, size - done, &bytes) : 0;
		size_t length;

		if (!piece)
			return -1;
		/* A page is mostly longer than what is in it. */
		length = strnlen(bytes, piece);
		memcpy(buffer + done, bytes, length);
		done += length;
		if (length < piece) {
			*ended = true;
			return (ssize_t)done;
		}
	}
	return (ssize_t)done;
}
