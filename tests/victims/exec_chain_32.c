/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The 32-bit half of exec_chain.h.
 */
#include "exec_chain.h"

int main(int argc, char **argv)
{
	return run_chain(argc, argv);
}
