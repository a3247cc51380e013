/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/writer_text.c - values as strace prints them.
 */
#include <string.h>

#include "decode/writer.h"

static void before_value(struct writer *writer)
{
	unsigned int top = writer->depth - 1;
	enum frame frame = writer->frames[top];

	if (frame == FRAME_ARGS || frame == FRAME_STRUCT)
		return;
	if (writer->filled[top] && frame == FRAME_SET)
		text_char(writer->text, ' ');
	else if (writer->filled[top] && (frame == FRAME_ARRAY || frame == FRAME_CALL))
		text_put(writer->text, ", ", 2);
	writer->filled[top] = true;
}

static void push(struct writer *writer, enum frame frame)
{
	if (writer->depth == WRITER_DEPTH) {
		writer->excess++;
		return;
	}
	writer->frames[writer->depth] = (uint8_t)frame;
	writer->filled[writer->depth] = false;
	writer->depth++;
}

static void text_begin(struct writer *writer, enum frame frame, const char *name)
{
	before_value(writer);
	if (frame == FRAME_STRUCT)
		text_char(writer->text, '{');
	else if (frame == FRAME_ARRAY || frame == FRAME_SET)
		text_char(writer->text, '[');
	else if (frame == FRAME_CALL)
		text_add(writer->text, "%s(", name);
	push(writer, frame);
}

static void text_end(struct writer *writer)
{
	enum frame frame = writer->frames[writer->depth - 1];

	if (writer->excess) {
		writer->excess--;
		return;
	}
	if (frame == FRAME_STRUCT)
		text_char(writer->text, '}');
	else if (frame == FRAME_ARRAY || frame == FRAME_SET)
		text_char(writer->text, ']');
	else if (frame == FRAME_CALL)
		text_char(writer->text, ')');
	if (writer->depth > 1)
		writer->depth--;
}

static void text_name(struct writer *writer, const char *name, enum naming naming)
{
	unsigned int top = writer->depth - 1;

	if (writer->filled[top])
		text_put(writer->text, ", ", 2);
	writer->filled[top] = true;
	if (naming == NAME_NEVER || (naming == NAME_AS_FRAME && writer->frames[top] == FRAME_ARGS))
		return;
	text_string(writer->text, name);
	text_char(writer->text, '=');
}

static void text_changed(struct writer *writer)
{
	text_put(writer->text, " => ", 4);
}

static void text_integer(struct writer *writer, int64_t value)
{
	before_value(writer);
	text_signed(writer->text, value);
}

static void text_natural(struct writer *writer, uint64_t value, int base)
{
	before_value(writer);
	if (base == 16)
		text_hex(writer->text, value);
	else if (base == 8)
		text_octal(writer->text, value);
	else
		text_unsigned(writer->text, value);
}

static void text_address(struct writer *writer, uint64_t value)
{
	before_value(writer);
	if (value)
		text_hex(writer->text, value);
	else
		text_put(writer->text, "NULL", 4);
}

/* Names of the bits; a value with several bits is one name if it stands before them in its set. */
static void add_flags(struct text *text, const struct set *set, uint64_t value)
{
	uint64_t rest = value;
	const char *bar = "";

	for (size_t i = 0; i < set->count; i++) {
		uint64_t bits = set->constants[i].value;

		if (bits ? (rest & bits) != bits : value != 0)
			continue;
		text_string(text, bar);
		text_string(text, set->constants[i].name);
		rest &= ~bits;
		bar = "|";
		if (!rest)
			return;
	}
	if (rest || !*bar) {
		text_string(text, bar);
		text_hex(text, rest);
	}
	if (!*bar && set->unknown && value)
		text_add(text, " /* %s */", set->unknown);
}

static bool has_flag_name(const struct set *set, uint64_t value)
{
	for (size_t i = 0; i < set->count; i++) {
		uint64_t bits = set->constants[i].value;

		if (bits ? (value & bits) == bits : value == 0)
			return true;
	}
	return false;
}

static void add_number(struct text *text, const struct set *set, uint64_t value)
{
	if (set->decimal)
		text_signed(text, (int64_t)value);
	else
		text_hex(text, value);
}

static void add_value(struct text *text, const struct set *set, uint64_t value)
{
	const char *name = set_name(set, value);

	if (name) {
		text_string(text, name);
		return;
	}
	add_number(text, set, value);
	if (set->unknown)
		text_add(text, " /* %s */", set->unknown);
}

static void text_constant(struct writer *writer, const struct set *set, uint64_t value)
{
	struct text *text = writer->text;
	bool named = set->flags ? has_flag_name(set, value) : set_name(set, value) != NULL;
	bool both = writer->show->constants == CONSTANTS_VERBOSE && named;

	before_value(writer);
	if (writer->show->constants == CONSTANTS_RAW) {
		add_number(text, set, value);
		return;
	}
	if (both) {
		add_number(text, set, value);
		text_put(text, " /* ", 4);
	}
	if (set->flags)
		add_flags(text, set, value);
	else
		add_value(text, set, value);
	if (both)
		text_put(text, " */", 3);
}

static bool is_plain(unsigned char byte)
{
	return (byte >= 0x20 && byte < 0x7f) || (byte >= '\t' && byte <= '\r');
}

static bool wants_hex(const char *bytes, size_t length, enum escape escape)
{
	if (escape == ESCAPE_HEX_ALL)
		return true;
	for (size_t i = 0; escape == ESCAPE_HEX_STRINGS && i < length; i++) {
		if (!is_plain((unsigned char)bytes[i]))
			return true;
	}
	return false;
}

static void add_hex_byte(struct text *text, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";
	const char escape[] = {'\\', 'x', digits[byte >> 4], digits[byte & 15]};

	text_put(text, escape, sizeof(escape));
}

/* As few digits as possible, or three. */
static void add_octal_byte(struct text *text, unsigned char byte, bool full)
{
	const char escape[] = {'\\', (char)('0' + (byte >> 6)), (char)('0' + (byte >> 3 & 7)),
			       (char)('0' + (byte & 7))};
	size_t skipped = full || byte > 077 ? 0 : byte > 07 ? 1 : 2;

	text_char(text, '\\');
	text_put(text, escape + 1 + skipped, 3 - skipped);
}

static void add_byte(struct text *text, unsigned char byte, bool digit_follows, bool hex)
{
	static const char special[] = "\"\\\t\n\v\f\r";
	static const char letters[] = "\"\\tnvfr";
	const char *at = byte ? strchr(special, byte) : NULL;

	if (at)
		text_put(text, (const char[]){'\\', letters[at - special]}, 2);
	else if (hex)
		add_hex_byte(text, byte);
	else
		add_octal_byte(text, byte, digit_follows);
}

void quote_bytes(struct text *text, const char *bytes, size_t length, enum escape escape, const char *also)
{
	bool hex = wants_hex(bytes, length, escape);
	size_t from = 0;

	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)bytes[i];
		bool plain = !hex && byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';

		if (plain && !(also && strchr(also, byte)))
			continue;
		text_put(text, bytes + from, i - from);
		from = i + 1;
		if (hex)
			add_hex_byte(text, byte);
		else if (plain)
			text_add(text, "\\%03o", byte);
		else
			add_byte(text, byte, i + 1 < length && bytes[i + 1] >= '0' && bytes[i + 1] <= '7',
				 escape == ESCAPE_HEX_CHARS);
	}
	text_put(text, bytes + from, length - from);
}

static void text_bytes(struct writer *writer, const char *bytes, size_t length, bool more, enum quote quote)
{
	before_value(writer);
	if (quote != QUOTE_NO_MARKS)
		text_char(writer->text, '"');
	quote_bytes(writer->text, bytes, length, quote == QUOTE_HEX ? ESCAPE_HEX_ALL : writer->show->escape, NULL);
	if (quote != QUOTE_NO_MARKS)
		text_char(writer->text, '"');
	if (more)
		text_put(writer->text, "...", 3);
}

static void text_marked(struct writer *writer, int64_t value, const char *mark)
{
	before_value(writer);
	text_signed(writer->text, value);
	if (mark)
		text_string(writer->text, mark);
}

static void text_token(struct writer *writer, const char *token)
{
	before_value(writer);
	text_string(writer->text, token);
}

static void text_comment(struct writer *writer, const char *comment)
{
	text_add(writer->text, " /* %s */", comment);
}

static void text_more(struct writer *writer)
{
	if (writer->filled[writer->depth - 1])
		text_put(writer->text, ", ", 2);
	writer->filled[writer->depth - 1] = true;
	text_put(writer->text, "...", 3);
}

static const struct writer_ops text_ops = {
	.begin = text_begin,
	.end = text_end,
	.name = text_name,
	.changed = text_changed,
	.integer = text_integer,
	.natural = text_natural,
	.address = text_address,
	.constant = text_constant,
	.bytes = text_bytes,
	.marked = text_marked,
	.token = text_token,
	.comment = text_comment,
	.more = text_more,
};

void writer_init_text(struct writer *writer, const struct show *show, struct text *text)
{
	writer->ops = &text_ops;
	writer->show = show;
	writer->text = text;
	writer->depth = 1;
	writer->excess = 0;
	writer->spent = 0;
	writer->frames[0] = FRAME_ARGS;
	writer->filled[0] = false;
}
