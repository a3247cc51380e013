/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/writer_json.c - values as JSON: numbers are numbers, flags arrays of names, structs objects.
 *
 * Invariant: values[depth - 1] is the container that the next value goes into; it is owned by the one below it.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "decode/writer.h"

/* Puts a value into the container on top; the reference is the container's then. */
static void put(struct writer *writer, json_t *value)
{
	json_t *top = writer->values[writer->depth - 1];

	if (json_is_array(top))
		(void)json_array_append_new(top, value);
	else
		(void)json_object_set_new(top, writer->keys[writer->depth - 1], value);
}

static void push(struct writer *writer, enum frame frame, json_t *container, const char *key)
{
	writer->frames[writer->depth] = (uint8_t)frame;
	writer->values[writer->depth] = container;
	writer->keys[writer->depth] = key;
	writer->depth++;
}

static void begin(struct writer *writer, enum frame frame, const char *name)
{
	bool object = frame == FRAME_STRUCT || frame == FRAME_CHANGE || frame == FRAME_CALL;
	json_t *container = object ? json_object() : json_array();

	if (writer->depth + 1 >= WRITER_DEPTH) {
		json_decref(container);
		writer->excess++;
		return;
	}
	put(writer, container);
	push(writer, frame, container, frame == FRAME_CHANGE ? "before" : "value");
	if (frame != FRAME_CALL)
		return;
	/* name(a, b) is {"name": [a, b]} */
	container = json_array();
	(void)json_object_set_new(writer->values[writer->depth - 1], name, container);
	writer->values[writer->depth - 1] = container;
}

/* A change that did not take place is just its value; so is a call with one argument, and what is one value in text. */
static void simplify(struct writer *writer, enum frame frame, json_t *container)
{
	json_t *inner = NULL;

	if (frame == FRAME_CHANGE && json_object_size(container) == 1)
		inner = json_object_get(container, "before");
	else if ((frame == FRAME_CALL || frame == FRAME_PLAIN) && json_array_size(container) == 1)
		inner = json_array_get(container, 0);
	if (!inner)
		return;
	json_incref(inner);
	if (json_is_array(writer->values[writer->depth - 1])) {
		json_t *top = writer->values[writer->depth - 1];

		(void)json_array_set_new(top, json_array_size(top) - 1, inner);
	} else {
		put(writer, inner);
	}
}

static void end(struct writer *writer)
{
	if (writer->excess) {
		writer->excess--;
		return;
	}
	if (writer->depth <= 1)
		return;
	writer->depth--;
	simplify(writer, writer->frames[writer->depth], writer->values[writer->depth]);
}

static void name(struct writer *writer, const char *name, enum naming naming)
{
	(void)naming;
	if (!writer->excess)
		writer->keys[writer->depth - 1] = name;
}

static void changed(struct writer *writer)
{
	writer->keys[writer->depth - 1] = "after";
}

static void integer(struct writer *writer, int64_t value)
{
	put(writer, json_integer(value));
}

static void natural(struct writer *writer, uint64_t value, int base)
{
	char text[32];

	(void)base;
	if (value <= INT64_MAX) {
		put(writer, json_integer((json_int_t)value));
		return;
	}
	/* Beyond what the library's integers hold. */
	(void)snprintf(text, sizeof(text), "%" PRIu64, value);
	put(writer, json_string(text));
}

static void address(struct writer *writer, uint64_t value)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%#" PRIx64, value);
	put(writer, value ? json_string(text) : json_null());
}

static json_t *names_of(const struct set *set, uint64_t value)
{
	json_t *names = json_array();

	for (size_t i = 0; i < set->count; i++) {
		uint64_t bits = set->constants[i].value;

		if (bits ? (value & bits) != bits : value != 0 || json_array_size(names) > 0)
			continue;
		(void)json_array_append_new(names, json_string(set->constants[i].name));
		value &= ~bits;
		if (!value)
			break;
	}
	if (value)
		(void)json_array_append_new(names, json_integer((json_int_t)value));
	return names;
}

static void constant(struct writer *writer, const struct set *set, uint64_t value)
{
	const char *found;

	if (writer->show->constants == CONSTANTS_RAW) {
		natural(writer, value, 10);
		return;
	}
	if (set->flags) {
		put(writer, names_of(set, value));
		return;
	}
	found = set_name(set, value);
	if (found)
		put(writer, json_string(found));
	else
		natural(writer, value, 10);
}

/* Bytes that are no UTF-8 are hexadecimal digits. */
static json_t *hex_of(const char *bytes, size_t length)
{
	struct text text = {0};
	json_t *value;

	for (size_t i = 0; i < length; i++)
		text_add(&text, "%02x", (unsigned char)bytes[i]);
	value = json_pack("{s:s}", "hex", text.length ? text.data : "");
	text_free(&text);
	return value;
}

static void bytes(struct writer *writer, const char *bytes, size_t length, bool more, enum quote quote)
{
	json_t *value = quote == QUOTE_HEX ? NULL : json_stringn(bytes, length);

	if (!value)
		value = hex_of(bytes, length);
	if (more)
		value = json_pack("{s:o, s:b}", "start", value, "more", 1);
	put(writer, value);
}

static void marked(struct writer *writer, int64_t value, const char *mark)
{
	json_t *text = mark ? json_string(mark) : NULL;

	if (text)
		put(writer, json_pack("{s:I, s:o}", "number", (json_int_t)value, "is", text));
	else
		integer(writer, value);
}

static void token(struct writer *writer, const char *token)
{
	json_t *value = json_string(token);

	put(writer, value ? value : hex_of(token, strlen(token)));
}

static void comment(struct writer *writer, const char *text)
{
	(void)writer;
	(void)text;
}

static void more(struct writer *writer)
{
	if (json_is_array(writer->values[writer->depth - 1]))
		put(writer, json_pack("{s:b}", "more", 1));
	else
		(void)json_object_set_new(writer->values[writer->depth - 1], "more", json_true());
}

static const struct writer_ops json_ops = {
	.begin = begin,
	.end = end,
	.name = name,
	.changed = changed,
	.integer = integer,
	.natural = natural,
	.address = address,
	.constant = constant,
	.bytes = bytes,
	.marked = marked,
	.token = token,
	.comment = comment,
	.more = more,
};

void writer_init_json(struct writer *writer, const struct show *show)
{
	*writer = (struct writer){.ops = &json_ops, .show = show};
	push(writer, FRAME_ARGS, json_object(), "value");
}

struct json_t *writer_take_json(struct writer *writer)
{
	json_t *args = writer->values[0];

	writer->values[0] = NULL;
	writer->depth = 0;
	return args;
}
