/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls on mounts, old and new. */
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	struct mount_attr attribute = {MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME, 1 << 20, 7};
	static const struct mount_attr wild[2] = {{-1, -1, -1, -1}, {1}};

	syscall(SYS_open_tree, AT_FDCWD, "/none", OPEN_TREE_CLONE | O_CLOEXEC | AT_RECURSIVE);
	syscall(SYS_move_mount, -1, "", AT_FDCWD, "/none", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS);
	syscall(SYS_fsopen, "nofs", FSOPEN_CLOEXEC);
	syscall(SYS_fspick, AT_FDCWD, "/none", FSPICK_CLOEXEC | FSPICK_NO_AUTOMOUNT);
	syscall(SYS_fsmount, -1, FSMOUNT_CLOEXEC, MOUNT_ATTR_NODEV);
	for (int command = 0; command < 9; command++)
		syscall(SYS_fsconfig, -1, command, "key", "value", command == FSCONFIG_SET_BINARY ? 5 : AT_FDCWD);
	syscall(442, AT_FDCWD, "/none", AT_EMPTY_PATH | AT_RECURSIVE, &attribute, sizeof(attribute));
	syscall(442, -1, "/none", 0, wild, sizeof(wild));
	syscall(442, -1, "/none", 0, wild, 8);
	syscall(442, -1, "/none", -1, NULL, 32);
	syscall(SYS_mount, "none", "/none", "tmpfs", 0x200006L, "size=1k");
	syscall(SYS_mount, "none", "/none", "tmpfs", 0xc0ed0020L, "size=1k");
	syscall(SYS_umount2, "/none", 0xfL);
	syscall(SYS_pivot_root, "/a", "/b");
	return 0;
}
