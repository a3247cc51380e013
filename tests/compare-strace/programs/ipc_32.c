/* SPDX-License-Identifier: BSD-2-Clause */
/* i386's one call for all of System V IPC, and its one for sockets, by operation. */
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	static unsigned int words[64];

	for (unsigned int version = 0; version < 2; version++) {
		for (unsigned int operation = 0; operation < 26; operation++) {
			for (unsigned int i = 0; i < 64; i++)
				words[i] = i % 5 == 0 ? 1 : i % 3;
			syscall(SYS_ipc, version << 16 | operation, 0x7fffff, 2, version, words, 0);
			syscall(SYS_ipc, version << 16 | operation, 0x7fffff, 2, 0x102, words, 5);
		}
	}
	syscall(SYS_ipc, 12, 0x7fffff, 4, 2, &(int *[2]){(int *)words, 0}, 9);
	for (unsigned int operation = 0; operation < 22; operation++) {
		static const unsigned int bad[6] = {-1U, 0, 16, 0, 0, 0};

		syscall(SYS_socketcall, operation, bad);
	}
	return 0;
}
