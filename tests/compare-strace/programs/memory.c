/* SPDX-License-Identifier: BSD-2-Clause */
/* The address space. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	unsigned char resident[4];
	char *area = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int fd = memfd_create("name", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	madvise(area, 8192, MADV_DONTNEED);
	madvise(area, 8192, MADV_HUGEPAGE);
	mprotect(area, 4096, PROT_NONE);
	mlock(area + 4096, 4096);
	munlock(area + 4096, 4096);
	mlock2(area + 4096, 4096, MLOCK_ONFAULT);
	mlockall(MCL_FUTURE);
	munlockall();
	mincore(area, 16384, resident);
	msync(area, 16384, MS_SYNC | MS_INVALIDATE);
	area = mremap(area, 16384, 32768, MREMAP_MAYMOVE);
	munmap(area, 32768);
	ftruncate(fd, 4096);
	mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
	mmap((void *)0x10000000, 4096, PROT_EXEC, MAP_FIXED_NOREPLACE | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mmap(NULL, 0, PROT_READ | 0x100, MAP_PRIVATE, 99, 4096);
	syscall(SYS_membarrier, 0, 0, 0);
	syscall(SYS_mbind, 0, 0, 0, 0, 0, 0);
	syscall(SYS_get_mempolicy, 0, 0, 0, 0, 0);
	syscall(SYS_pkey_alloc, 0, 0);
	brk(NULL);
	return 0;
}
