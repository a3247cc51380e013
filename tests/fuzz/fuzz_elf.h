/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_elf.h - the entry that libFuzzer calls, for the unit test that calls it too.
 */
#ifndef TEST_FUZZ_ELF_H
#define TEST_FUZZ_ELF_H

#include <stddef.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

#endif
