/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/internal.h - what a struct decode holds; private to decode/.
 */
#ifndef MINI_STRACE_INTERNAL_H
#define MINI_STRACE_INTERNAL_H

#include "decode/decode.h"

struct plans;

struct decode {
	const struct show *show;
	struct plans *plans;
	struct memory memory;
	struct text aux; /* of the last decode_exit: said in parentheses behind the result */
};

#endif
