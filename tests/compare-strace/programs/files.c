/* SPDX-License-Identifier: BSD-2-Clause */
/* Names, links, modes, times, sizes. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	struct timespec times[2] = {{1000000, 5}, {0, UTIME_OMIT}};
	struct statfs filesystem;
	struct statx status;
	char buffer[256];
	int fd = open("a", O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW, 0640);

	ftruncate(fd, 10000);
	fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 4096);
	posix_fadvise(fd, 0, 100, POSIX_FADV_WILLNEED);
	fsync(fd);
	fdatasync(fd);
	sync_file_range(fd, 0, 4096, SYNC_FILE_RANGE_WRITE);
	flock(fd, LOCK_EX | LOCK_NB);
	symlink("a", "link");
	readlink("link", buffer, sizeof(buffer));
	link("a", "b");
	rename("b", "c");
	syscall(SYS_renameat2, AT_FDCWD, "c", AT_FDCWD, "a", 1);
	mkdir("folder", 0755);
	mknod("fifo", S_IFIFO | 0600, 0);
	chmod("a", 04755);
	fchmodat(AT_FDCWD, "a", 0600, 0);
	fchownat(AT_FDCWD, "a", -1, 0, AT_SYMLINK_NOFOLLOW);
	utimensat(AT_FDCWD, "a", times, 0);
	access("a", R_OK | W_OK);
	syscall(SYS_faccessat2, AT_FDCWD, "a", X_OK, AT_EACCESS);
	statfs(".", &filesystem);
	statx(AT_FDCWD, "a", AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &status);
	umask(022);
	chdir("folder");
	fchdir(AT_FDCWD);
	getcwd(buffer, sizeof(buffer));
	rmdir("../folder");
	unlinkat(AT_FDCWD, "nothing", AT_REMOVEDIR);
	close(fd);
	return 0;
}
