/* SPDX-License-Identifier: BSD-2-Clause */
/* The same from an i386 program, whose structs are smaller. */
#include "ioctls.c"
