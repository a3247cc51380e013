/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/writer.h - what decoders say, whatever it is written as: text as strace prints it, or JSON.
 *
 * A decoder opens frames, names what follows where the frame has names, and writes values; separators are the writer's.
 * Frames nest; what is deeper than WRITER_DEPTH is left out, which no decoder here reaches.
 */
#ifndef MINI_STRACE_WRITER_H
#define MINI_STRACE_WRITER_H

#include "decode/set.h"
#include "decode/text.h"
#include "options.h"

enum { WRITER_DEPTH = 24 };

enum frame {
	FRAME_ARGS,   /* of the call: named, text shows values only */
	FRAME_STRUCT, /* {name=value, ...} */
	FRAME_ARRAY,  /* [value, ...] */
	FRAME_SET,    /* [value value] */
	FRAME_CALL,   /* name(value, ...), the name given by writer_begin_call */
	FRAME_CHANGE, /* value => value */
	FRAME_PLAIN,  /* values without anything around them: text only looks like one value */
};

/* How bytes are quoted. */
enum quote {
	QUOTE_NORMAL,   /* as -x and -s say */
	QUOTE_HEX,      /* always \x.. */
	QUOTE_NO_MARKS, /* no quotation marks around */
};

/* Whether text shows a name. */
enum naming {
	NAME_AS_FRAME, /* in structs */
	NAME_ALWAYS,
	NAME_NEVER,
};

struct writer;
struct json_t;

struct writer_ops {
	void (*begin)(struct writer *writer, enum frame frame, const char *name);
	void (*end)(struct writer *writer);
	void (*name)(struct writer *writer, const char *name, enum naming naming);
	void (*changed)(struct writer *writer);
	void (*integer)(struct writer *writer, int64_t value);
	void (*natural)(struct writer *writer, uint64_t value, int base);
	void (*address)(struct writer *writer, uint64_t value);
	void (*constant)(struct writer *writer, const struct set *set, uint64_t value);
	void (*bytes)(struct writer *writer, const char *bytes, size_t length, bool more, enum quote quote);
	void (*marked)(struct writer *writer, int64_t value, const char *mark);
	void (*token)(struct writer *writer, const char *token);
	void (*comment)(struct writer *writer, const char *text);
	void (*more)(struct writer *writer);
};

struct writer {
	const struct writer_ops *ops;
	const struct show *show;
	struct text *text;
	unsigned int depth;
	unsigned int excess; /* frames that were left out */
	size_t spent;        /* bytes of strings so far */
	uint8_t frames[WRITER_DEPTH];
	bool filled[WRITER_DEPTH];
	/* JSON only */
	struct json_t *values[WRITER_DEPTH]; /* the containers; owned by the one below, [0] by the writer */
	const char *keys[WRITER_DEPTH];      /* what the next value is called */
};

void writer_init_text(struct writer *writer, const struct show *show, struct text *text);
/* The frame at the bottom is an object, ARGS; its owner takes it with writer_take_json. */
void writer_init_json(struct writer *writer, const struct show *show);
struct json_t *writer_take_json(struct writer *writer);

static inline void writer_begin(struct writer *writer, enum frame frame)
{
	writer->ops->begin(writer, frame, NULL);
}

static inline void writer_begin_call(struct writer *writer, const char *name)
{
	writer->ops->begin(writer, FRAME_CALL, name);
}

static inline void writer_end(struct writer *writer)
{
	writer->ops->end(writer);
}

static inline void writer_name(struct writer *writer, const char *name)
{
	writer->ops->name(writer, name, NAME_AS_FRAME);
}

/* The name of a value that itself says in text what it is. */
static inline void writer_key(struct writer *writer, const char *name)
{
	writer->ops->name(writer, name, NAME_NEVER);
}

/* The name of an argument that text shows, too. */
static inline void writer_label(struct writer *writer, const char *name)
{
	writer->ops->name(writer, name, NAME_ALWAYS);
}

/* Between the two values of FRAME_CHANGE. */
static inline void writer_changed(struct writer *writer)
{
	writer->ops->changed(writer);
}

static inline void writer_integer(struct writer *writer, int64_t value)
{
	writer->ops->integer(writer, value);
}

static inline void writer_natural(struct writer *writer, uint64_t value)
{
	writer->ops->natural(writer, value, 10);
}

static inline void writer_hex(struct writer *writer, uint64_t value)
{
	writer->ops->natural(writer, value, 16);
}

static inline void writer_octal(struct writer *writer, uint64_t value)
{
	writer->ops->natural(writer, value, 8);
}

/* NULL, or hexadecimal. */
static inline void writer_address(struct writer *writer, uint64_t value)
{
	writer->ops->address(writer, value);
}

/* Flags or one value, as the set says. */
static inline void writer_constant(struct writer *writer, const struct set *set, uint64_t value)
{
	writer->ops->constant(writer, set, value);
}

/* `more`: the bytes go on, unshown. */
static inline void writer_bytes(struct writer *writer, const char *bytes, size_t length, bool more, enum quote quote)
{
	writer->spent += length + 16;
	writer->ops->bytes(writer, bytes, length, more, quote);
}

/* A number and what it stands for: 3</dev/null>.  `mark` may be NULL. */
static inline void writer_marked(struct writer *writer, int64_t value, const char *mark)
{
	writer->ops->marked(writer, value, mark);
}

/* A word as it is. */
static inline void writer_token(struct writer *writer, const char *token)
{
	writer->ops->token(writer, token);
}

/* Said about the value before it; JSON has no place for it. */
static inline void writer_comment(struct writer *writer, const char *text)
{
	writer->ops->comment(writer, text);
}

/* There is more of this array or struct, unshown. */
static inline void writer_more(struct writer *writer)
{
	writer->ops->more(writer);
}

/* Bytes as a C string's inside, by the rules of -x. */
void quote_bytes(struct text *text, const char *bytes, size_t length, enum escape escape, const char *also);

#endif
