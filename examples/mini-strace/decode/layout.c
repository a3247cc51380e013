/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/layout.c - structs of the tracee, read and written by their description.
 */
#include <string.h>

#include "decode/decoder.h"

const struct layouts *layout_find(const char *name)
{
	size_t low = 0;
	size_t high = all_layouts_count;

	while (name && low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(name, all_layouts[middle]->name);

		if (!order)
			return all_layouts[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct layout *layout_of(const struct decoder *d, const struct layouts *layouts)
{
	return layouts ? layouts->of[is_32_bit(d)] : NULL;
}

bool field_is_there(const struct field *field, const struct piece *piece)
{
	return field->from < (piece->given ? piece->given : piece->size);
}

uint64_t field_value(const struct field *field, const struct piece *piece)
{
	uint64_t value = 0;
	unsigned int unused;

	if ((size_t)field->offset + field->size > piece->size || field->size > sizeof(value))
		return 0;
	memcpy(&value, piece->bytes + field->offset, field->size);
	unused = 64 - field->size * 8;
	return field->is_signed ? (uint64_t)((int64_t)(value << unused) >> unused) : value;
}

uint64_t layout_value(const struct layout *layout, const struct piece *piece, const char *name)
{
	for (size_t i = 0; i < layout->count; i++) {
		if (strcmp(layout->fields[i].name, name) == 0)
			return field_value(&layout->fields[i], piece);
	}
	return 0;
}

static void show_elements(struct decoder *d, const struct field *field, const struct piece *piece)
{
	struct field element = *field;

	element.count = 0;
	writer_begin(d->writer, FRAME_ARRAY);
	for (size_t i = 0; i < field->count; i++) {
		element.show(d, &element, piece);
		element.offset = (uint16_t)(element.offset + element.size);
	}
	writer_end(d->writer);
}

static void show_field(struct decoder *d, const struct field *field, const struct piece *piece)
{
	/* A char array is text, and functions of their own see the whole array. */
	if (field->count && field->size > 1)
		show_elements(d, field, piece);
	else
		field->show(d, field, piece);
}

void layout_members(struct decoder *d, const struct layout *layout, const struct piece *piece)
{
	bool abbreviated = d->abbrev && layout->has_detail;

	for (size_t i = 0; i < layout->count; i++) {
		const struct field *field = &layout->fields[i];

		if ((field->detail && abbreviated) || !field_is_there(field, piece))
			continue;
		if (field->when && !field->when(field, layout, piece))
			continue;
		writer_name(d->writer, field->name);
		show_field(d, field, piece);
	}
	if (abbreviated)
		writer_more(d->writer);
}

void layout_show(struct decoder *d, const struct layout *layout, const struct piece *piece)
{
	if (layout->fields[0].name[0] == '=') {
		show_field(d, &layout->fields[0], piece);
		return;
	}
	writer_begin(d->writer, FRAME_STRUCT);
	layout_members(d, layout, piece);
	writer_end(d->writer);
}

bool layout_read(struct decoder *d, const struct layout *layout, uint64_t address, size_t size, unsigned char *bytes)
{
	size_t wanted = layout->size < size ? layout->size : size;

	return address && wanted <= LARGEST_LAYOUT && fetch(d, address, bytes, wanted);
}

void layout_show_at(struct decoder *d, const struct layouts *layouts, uint64_t address)
{
	const struct layout *layout = layout_of(d, layouts);
	unsigned char bytes[LARGEST_LAYOUT];
	struct piece piece = {.bytes = bytes, .address = address};

	if (!layout || !d->verbose || d->failed || !layout_read(d, layout, address, layout->size, bytes)) {
		writer_address(d->writer, address);
		return;
	}
	piece.size = layout->size;
	layout_show(d, layout, &piece);
}
