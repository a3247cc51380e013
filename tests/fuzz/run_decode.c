/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz/run_decode.c - runs a fuzz target without a fuzzer: every call of every ABI some times, with inputs from a fixed seed.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROUNDS = 2, CALLS = 512, ABIS = 3, INPUT = 2048 };

/* xorshift64*: the same numbers everywhere. */
static uint64_t random_number(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

int main(void)
{
	static uint8_t input[INPUT];
	uint64_t state = 88172645463325252;

	for (uint16_t i = 0; i < ROUNDS; i++) {
		for (unsigned int number = 0; number < CALLS * ABIS; number++) {
			uint16_t call = (uint16_t)(number % CALLS);

			for (size_t at = 0; at < sizeof(input); at += sizeof(uint64_t)) {
				uint64_t value = random_number(&state);

				memcpy(input + at, &value, sizeof(value));
			}
			input[0] = (uint8_t)(number / CALLS);
			memcpy(input + 2, &call, sizeof(call));
			(void)LLVMFuzzerTestOneInput(input, 64 + random_number(&state) % (INPUT - 64));
		}
	}
	(void)printf("%d calls\n", ROUNDS * CALLS * ABIS);
	return 0;
}
