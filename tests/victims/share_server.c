/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server that several tools watch at once: for each byte of its input it calls serve(), which makes some system calls,
 * and answers a line with the number of the byte. Ends well at the end of its input.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

__attribute__((noinline)) int serve(int number)
{
	struct stat status;
	char line[32];
	int length = snprintf(line, sizeof(line), "served %d\n", number);

	if (stat("/proc/self", &status) || kill(getpid(), 0))
		return -1;
	return write(1, line, (size_t)length) == length ? 0 : -1;
}

int main(void)
{
	char byte;

	for (int number = 1; read(0, &byte, 1) == 1; number++) {
		if (serve(number))
			return 1;
	}
	return 0;
}
