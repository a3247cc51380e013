/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * jit_code.c - what jit_host makes out of at run time: an object that is never linked, with a function that needs nobody.
 */
struct jit_pair {
	int first;
	long second;
};

int jit_code(int (*wait)(int number), int given)
{
	struct jit_pair pair = {given * 3, given + 1L};

	return wait(pair.first) + (int)pair.second; /* mark: jit call */
}
