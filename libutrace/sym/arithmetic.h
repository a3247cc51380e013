/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/arithmetic.h - the numbers of DWARF expressions. (DWARF 5, 2.5.1.4 and 2.5.1.6)
 */
#ifndef UT_SYM_ARITHMETIC_H
#define UT_SYM_ARITHMETIC_H

#include <stdbool.h>
#include <stdint.h>

struct ut__value {
	uint64_t bits;    /* above `size` bytes zero */
	uint8_t size;     /* bytes */
	uint8_t encoding; /* DW_ATE_*; 0: the generic type */
};

struct ut__value ut__value_generic(uint64_t bits, unsigned bytes);
struct ut__value ut__value_trim(struct ut__value value);
bool ut__value_is_unary(uint8_t atom);
bool ut__value_is_binary(uint8_t atom);
struct ut__value ut__value_unary(uint8_t atom, struct ut__value value);
/* false: division by zero */
bool ut__value_binary(uint8_t atom, struct ut__value left, struct ut__value right, unsigned bytes,
		      struct ut__value *result);
/* To the type of `to`; keep_bits: as they are. */
struct ut__value ut__value_convert(struct ut__value from, struct ut__value to, bool keep_bits);

#endif
