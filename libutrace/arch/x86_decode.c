/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * arch/x86_decode.c - how long an x86 instruction is and where its parts are.
 *
 * One letter per opcode says what follows it; prefixes, ModRM, SIB and displacement follow rules.  Intel 64 and IA-32
 * Architectures Software Developer's Manual, volume 2, chapter 2 and appendix A; AMD64 Architecture Programmer's Manual, volume 3, for
 * XOP.  The decoder is lenient: an encoding that no processor has may get a length, but none that one has gets a wrong one.
 */
#include <string.h>

#include "arch/x86.h"

/*
 * . nothing   m ModRM   b imm8   w imm16   z imm16 or 32   v imm of the operand's size   B ModRM imm8   Z ModRM imm16/32
 * o an address   f far pointer   e imm16 imm8   j relative, 8 bits   J relative   t, T ModRM, imm only with /0 and /1   x not valid   p prefix
 */
static const char one_byte[] = "mmmmbz..mmmmbz.p" /* 0 */
			       "mmmmbz..mmmmbz.."
			       "mmmmbzp.mmmmbzp." /* 2 */
			       "mmmmbzp.mmmmbzp."
			       "................" /* 4 */
			       "................"
			       "..mmppppzZbB...." /* 6 */
			       "jjjjjjjjjjjjjjjj"
			       "BZBBmmmmmmmmmmmm" /* 8 */
			       "..........f....."
			       "oooo....bz......" /* a */
			       "bbbbbbbbvvvvvvvv"
			       "BBw.mmBZe.w..b.." /* c */
			       "mmmmbb..mmmmmmmm"
			       "jjjjbbbbJJfj...." /* e */
			       "p.pp..tT......mm";

static const char two_byte[] = "mmmmx.....x.xm.B" /* 0 */
			       "mmmmmmmmmmmmmmmm"
			       "mmmmxxxxmmmmmmmm" /* 2 */
			       "......x.pxpxxxxx"
			       "mmmmmmmmmmmmmmmm" /* 4 */
			       "mmmmmmmmmmmmmmmm"
			       "mmmmmmmmmmmmmmmm" /* 6 */
			       "BBBBmmm.mmxxmmmm"
			       "JJJJJJJJJJJJJJJJ" /* 8 */
			       "mmmmmmmmmmmmmmmm"
			       "...mBmxx...mBmmm" /* a */
			       "mmmmmmmmmmBmmmmm"
			       "mmBmBBBm........" /* c */
			       "mmmmmmmmmmmmmmmm"
			       "mmmmmmmmmmmmmmmm" /* e */
			       "mmmmmmmmmmmmmmmm";

/* One-byte opcodes that 64-bit code does not have. */
static const unsigned char only_32[] = {0x06, 0x07, 0x0e, 0x16, 0x17, 0x1e, 0x1f, 0x27, 0x2f, 0x37, 0x3f, 0x60,
					0x61, 0x82, 0x9a, 0xc4, 0xc5, 0xce, 0xd4, 0xd5, 0xd6, 0xea, 0x62};

enum { MAP_XOP_8 = 8, MAP_XOP_A = 10, LENGTH_MAX = 15 };

struct cursor {
	const unsigned char *code;
	size_t size;
	size_t at;
	bool wide; /* 64-bit code */
	bool bad;
};

static unsigned char peek(const struct cursor *cursor, size_t ahead)
{
	return cursor->at + ahead < cursor->size ? cursor->code[cursor->at + ahead] : 0;
}

static unsigned char next(struct cursor *cursor)
{
	if (cursor->at >= cursor->size || cursor->at >= LENGTH_MAX) {
		cursor->bad = true;
		return 0;
	}
	return cursor->code[cursor->at++];
}

static void skip(struct cursor *cursor, size_t count)
{
	cursor->at += count;
	if (cursor->at > cursor->size || cursor->at > LENGTH_MAX)
		cursor->bad = true;
}

static bool take_legacy_prefix(struct ut__instruction *in, unsigned char byte)
{
	switch (byte) {
	case 0x26:
	case 0x2e:
	case 0x36:
	case 0x3e:
		return true;
	case 0x64:
	case 0x65:
		in->segment = true;
		return true;
	case 0x66:
		in->short_operand = true;
		return true;
	case 0x67:
		in->short_address = true;
		return true;
	case 0xf0:
		in->lock = true;
		return true;
	case 0xf2:
		in->repeat_not = true;
		return true;
	case 0xf3:
		in->repeat = true;
		return true;
	default:
		return false;
	}
}

static void take_vex(struct cursor *cursor, struct ut__instruction *in, unsigned char first)
{
	unsigned char one = next(cursor);
	unsigned char two = first == 0xc5 ? one : next(cursor);

	in->rex = (unsigned char)(~one >> 5 & 4);
	in->map = 1;
	if (first != 0xc5) {
		in->rex = (unsigned char)((~one >> 5 & 7) | (two >> 4 & 8));
		in->map = first == 0x62 ? one & 7 : one & 0x1f;
	}
	in->vector = (unsigned char)(~two >> 3 & 15);
	if (first == 0x62)
		(void)next(cursor);
	cursor->bad |= in->map == 0;
}

/* C4, C5, 62 and 8F are prefixes in 64-bit code, and elsewhere where they could not be what they are named after. */
static bool starts_vex(const struct cursor *cursor, unsigned char first)
{
	unsigned char after = peek(cursor, 1);

	if (first == 0x8f)
		return (after & 0x1f) >= MAP_XOP_8;
	if (first != 0xc4 && first != 0xc5 && first != 0x62)
		return false;
	return cursor->wide || after >= 0xc0;
}

static void take_prefixes(struct cursor *cursor, struct ut__instruction *in)
{
	while (!cursor->bad && take_legacy_prefix(in, peek(cursor, 0)))
		(void)next(cursor);
	in->prefix_at = (unsigned char)cursor->at;
	if (starts_vex(cursor, peek(cursor, 0))) {
		take_vex(cursor, in, next(cursor));
		return;
	}
	in->vector = 16;
	if (cursor->wide && (peek(cursor, 0) & 0xf0) == 0x40)
		in->rex = next(cursor) & 15;
	else
		in->prefix_at = UT__INSTRUCTION_MAX;
	if (peek(cursor, 0) != 0x0f)
		return;
	(void)next(cursor);
	in->map = 1;
	if (peek(cursor, 0) == 0x38 || peek(cursor, 0) == 0x3a)
		in->map = next(cursor) == 0x38 ? 2 : 3;
}

static char class_of(const struct cursor *cursor, const struct ut__instruction *in)
{
	switch (in->map) {
	case 0:
		if (cursor->wide && memchr(only_32, in->opcode, sizeof(only_32)))
			return 'x';
		return one_byte[in->opcode];
	case 1:
		/* A vector prefix gives meaning to opcodes that have none without. */
		return in->vector < 16 && two_byte[in->opcode] == 'x' ? 'm' : two_byte[in->opcode];
	case 3:
	case MAP_XOP_8:
		return 'B';
	case MAP_XOP_A:
		return 'Z';
	default:
		return 'm';
	}
}

static void take_modrm(struct cursor *cursor, struct ut__instruction *in)
{
	unsigned char modrm;
	unsigned char mode;
	unsigned char base;

	in->modrm_at = (unsigned char)cursor->at;
	modrm = next(cursor);
	mode = modrm >> 6;
	base = modrm & 7;
	/* Moves to and from control and debug registers have no memory form, whatever the mode says. */
	if (mode == 3 || (in->map == 1 && in->opcode >= 0x20 && in->opcode <= 0x23))
		return;
	if (!cursor->wide && in->short_address) {
		skip(cursor, mode == 2 || (mode == 0 && base == 6) ? 2 : mode);
		return;
	}
	if (base == 4)
		base = next(cursor) & 7;
	if (mode == 1)
		skip(cursor, 1);
	else if (mode == 2 || base == 5)
		skip(cursor, 4);
}

static size_t operand_size(const struct ut__instruction *in)
{
	if (in->rex & 8)
		return 8;
	return in->short_operand ? 2 : 4;
}

static size_t immediate_size(const struct cursor *cursor, const struct ut__instruction *in, char class)
{
	size_t operand = operand_size(in);
	size_t most = operand < 4 ? operand : 4;
	unsigned char reg = in->modrm_at ? cursor->code[in->modrm_at] >> 3 & 7 : 0;

	switch (class) {
	case 'b':
	case 'B':
	case 'j':
		return 1;
	case 'w':
		return 2;
	case 'z':
	case 'Z':
		return most;
	case 'v':
		return operand;
	case 'J':
		return cursor->wide ? 4 : most;
	case 'o':
		return in->short_address ? (cursor->wide ? 4 : 2) : (cursor->wide ? 8 : 4);
	case 'f':
		return most + 2;
	case 'e':
		return 3;
	case 't':
		return reg < 2 ? 1 : 0;
	case 'T':
		return reg < 2 ? most : 0;
	default:
		return 0;
	}
}

static uint8_t kind_of(const struct ut__instruction *in, char class)
{
	unsigned char reg = in->modrm_at ? in->bytes[in->modrm_at] >> 3 & 7 : 0;

	if (class == 'j' || class == 'J')
		return UT__INSTRUCTION_RELATIVE;
	if (class == 'f')
		return in->opcode == 0x9a ? UT__INSTRUCTION_CALL : UT__INSTRUCTION_PLAIN;
	/* xbegin names its fallback by a distance. */
	if (in->map == 0 && in->opcode == 0xc7 && in->modrm_at && in->bytes[in->modrm_at] == 0xf8)
		return UT__INSTRUCTION_RELATIVE;
	if (in->map == 0 && in->opcode == 0xff && (reg == 2 || reg == 3))
		return UT__INSTRUCTION_CALL;
	if ((in->map == 1 && (in->opcode == 0x05 || in->opcode == 0x34)) ||
	    (in->map == 0 && in->opcode == 0xcd && in->bytes[in->immediate_at] == 0x80))
		return UT__INSTRUCTION_SYSCALL;
	if (in->map == 0 && (in->repeat || in->repeat_not) &&
	    ((in->opcode >= 0x6c && in->opcode <= 0x6f) || (in->opcode >= 0xa4 && in->opcode <= 0xa7) ||
	     (in->opcode >= 0xaa && in->opcode <= 0xaf)))
		return UT__INSTRUCTION_REPEATED;
	return UT__INSTRUCTION_PLAIN;
}

static bool decode(const unsigned char *code, size_t size, bool wide, struct ut__instruction *in)
{
	struct cursor cursor = {.code = code, .size = size, .wide = wide};
	char class;

	memset(in, 0, sizeof(*in));
	take_prefixes(&cursor, in);
	in->opcode_at = (unsigned char)cursor.at;
	in->opcode = next(&cursor);
	class = class_of(&cursor, in);
	if (cursor.bad || class == 'x' || class == 'p')
		return false;
	if (strchr("mBZtT", class))
		take_modrm(&cursor, in);
	if (cursor.bad)
		return false;
	in->immediate_at = (unsigned char)cursor.at;
	in->immediate_size = (unsigned char)immediate_size(&cursor, in, class);
	skip(&cursor, in->immediate_size);
	if (cursor.bad)
		return false;
	in->length = (unsigned char)cursor.at;
	if (in->prefix_at == UT__INSTRUCTION_MAX)
		in->prefix_at = in->length;
	memcpy(in->bytes, code, in->length);
	in->kind = kind_of(in, class);
	return true;
}

bool ut__x86_decode_64(const unsigned char *code, size_t size, struct ut__instruction *in)
{
	return decode(code, size, true, in);
}

bool ut__x86_decode_32(const unsigned char *code, size_t size, struct ut__instruction *in)
{
	return decode(code, size, false, in);
}
