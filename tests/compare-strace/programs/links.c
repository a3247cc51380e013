/* SPDX-License-Identifier: BSD-2-Clause */
/* Handles, open by rules, and files without names. */
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	struct open_how how = {.flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH};
	struct {
		struct file_handle handle;
		unsigned char bytes[128];
	} file = {.handle.handle_bytes = 0};
	int mount;
	int fd = open(".", O_TMPFILE | O_RDWR, 0600);

	linkat(fd, "", AT_FDCWD, "named", AT_EMPTY_PATH);
	syscall(SYS_openat2, AT_FDCWD, "named", &how, sizeof(how));
	name_to_handle_at(AT_FDCWD, ".", &file.handle, &mount, 0);
	open("none", O_WRONLY | O_EXCL | O_SYNC | O_DIRECT | O_DIRECTORY);
	creat("made", 0644);
	mkdirat(AT_FDCWD, "d", 0700);
	symlinkat("target", AT_FDCWD, "s");
	readlinkat(AT_FDCWD, "s", (char[16]){0}, 16);
	fchmod(fd, 0400);
	lchown("s", 1, -1);
	truncate("made", 100);
	syscall(SYS_close_range, 50, 60, 2);
	dup2(fd, 40);
	dup3(fd, 41, O_CLOEXEC);
	dup(fd);
	return 0;
}
