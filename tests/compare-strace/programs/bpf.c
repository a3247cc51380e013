/* SPDX-License-Identifier: BSD-2-Clause */
/* Every command of bpf(2), with attributes of several lengths. */
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	static const unsigned int sizes[] = {0, 4, 16, 32, 48, 72, 128, 152};
	static unsigned int words[64];

	for (int command = 0; command < 38; command++) {
		for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			memset(words, 0, sizeof(words));
			for (int j = 0; j < 12; j++)
				words[j] = j % 4 == 3 ? 0 : (unsigned int)j + 1;
			syscall(SYS_bpf, command, words, sizes[i]);
		}
	}
	return 0;
}
