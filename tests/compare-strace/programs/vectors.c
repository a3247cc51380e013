/* SPDX-License-Identifier: BSD-2-Clause */
/* Vectors, positions, and moving bytes between descriptors. */
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

int main(void)
{
	char one[8], two[8];
	struct iovec in[] = {{one, 4}, {two, 8}};
	struct iovec out[] = {{"abcd", 4}, {"efghijkl", 8}};
	int fd = open("a", O_RDWR | O_CREAT | O_TRUNC, 0600);
	int other = open("b", O_RDWR | O_CREAT | O_TRUNC, 0600);
	off_t offset = 2;
	loff_t in_offset = 0, out_offset = 4;
	int ends[2], more[2];

	pipe(ends);
	pipe(more);
	writev(fd, out, 2);
	pwritev(fd, out, 2, 100);
	preadv(fd, in, 2, 0);
	preadv2(fd, in, 2, 0, RWF_HIPRI);
	lseek(fd, 0, SEEK_SET);
	readv(fd, in, 2);
	pread(fd, one, 8, 1);
	pwrite(fd, "\1\2\377\n\t\"", 6, 3);
	sendfile(other, fd, &offset, 6);
	copy_file_range(fd, &in_offset, other, &out_offset, 5, 0);
	splice(fd, &in_offset, ends[1], NULL, 5, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	tee(ends[0], more[1], 5, 0);
	vmsplice(ends[1], out, 2, SPLICE_F_GIFT);
	process_vm_readv(getpid(), in, 1, out, 1, 0);
	lseek(fd, -2, SEEK_END);
	lseek(fd, 0, SEEK_HOLE);
	readahead(fd, 0, 100);
	return 0;
}
