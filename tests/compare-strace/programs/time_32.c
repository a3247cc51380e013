/* SPDX-License-Identifier: BSD-2-Clause */
/* i386: calls whose layout differs from x86-64's. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	struct timespec time = {0, 1000};
	struct itimerval timer = {{0, 0}, {5, 500}};
	struct statfs filesystem;
	struct rusage usage;
	struct rlimit limit;
	struct stat status;
	int ends[2];
	char buffer[8];

	(void)stat("/etc/passwd", &status);
	(void)statfs("/", &filesystem);
	(void)getrusage(RUSAGE_SELF, &usage);
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	(void)setitimer(ITIMER_REAL, &timer, NULL);
	(void)nanosleep(&time, NULL);
	(void)pipe(ends);
	(void)write(ends[1], "text", 4);
	(void)poll(&(struct pollfd){ends[0], POLLIN, 0}, 1, 100);
	(void)read(ends[0], buffer, sizeof(buffer));
	(void)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	(void)lseek(open("/etc/passwd", O_RDONLY), 10, SEEK_SET);
	return puts("done") < 0;
}
