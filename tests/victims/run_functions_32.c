/* SPDX-License-Identifier: BSD-2-Clause */
/* The same, as a 32-bit program. */
#include "run_functions.c"
