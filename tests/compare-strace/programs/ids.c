/* SPDX-License-Identifier: BSD-2-Clause */
/* Users, groups, capabilities. */
#include <grp.h>
#include <linux/capability.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];
	gid_t groups[64];
	uid_t real, effective, saved;

	getuid();
	geteuid();
	getgid();
	getegid();
	getresuid(&real, &effective, &saved);
	getresgid(&real, &effective, &saved);
	getgroups(64, groups);
	setgroups(2, (gid_t[]){1, 100});
	setregid(-1, 0);
	setresuid(-1, 0, -1);
	setfsuid(0);
	syscall(SYS_capget, &header, data);
	syscall(SYS_capset, &header, data);
	return 0;
}
