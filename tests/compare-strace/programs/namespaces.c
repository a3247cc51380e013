/* SPDX-License-Identifier: BSD-2-Clause */
/* Namespaces, mounts, roots: what fails and what does not. */
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	unshare(CLONE_FS | CLONE_FILES);
	unshare(CLONE_NEWNS | CLONE_NEWUTS);
	setns(open("/proc/self/ns/uts", O_RDONLY), CLONE_NEWUTS);
	setns(-1, 0);
	mount("none", "/nonexistent", "tmpfs", MS_NOSUID | MS_NODEV, "size=1m");
	mount(NULL, "/nonexistent", NULL, MS_BIND | MS_REC, NULL);
	umount2("/nonexistent", MNT_DETACH);
	chroot("/nonexistent");
	syscall(SYS_pivot_root, "/nonexistent", "/nonexistent");
	syscall(SYS_fsopen, "nothing", 1);
	syscall(SYS_open_tree, AT_FDCWD, "/nonexistent", 1);
	syscall(SYS_move_mount, -1, "", AT_FDCWD, "/nonexistent", 4);
	syscall(SYS_fsmount, -1, 1, 2);
	return 0;
}
