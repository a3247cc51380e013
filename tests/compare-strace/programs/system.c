/* SPDX-License-Identifier: BSD-2-Clause */
/* What the system says of itself. */
#include <linux/reboot.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/klog.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

int main(void)
{
	struct utsname name;
	char buffer[16];
	unsigned int cpu, node;

	uname(&name);
	syscall(SYS_getcpu, &cpu, &node, NULL);
	getrandom(buffer, 8, GRND_NONBLOCK);
	klogctl(10, NULL, 0);
	syscall(SYS_sysfs, 3);
	sethostname(NULL, 0);
	syscall(SYS_reboot, 1, 2, 3, NULL);
	syscall(SYS_personality, 0xffffffff);
	syscall(SYS_ustat, 0, NULL);
	syscall(SYS_get_robust_list, 0, &buffer, &buffer + 1);
	syscall(SYS_arch_prctl, 0x1003, buffer);
	syscall(SYS_acct, "nowhere");
	syscall(SYS_swapon, "nowhere", 0);
	syscall(SYS_init_module, NULL, 0, "");
	syscall(SYS_delete_module, "no_such_module", 0);
	return 0;
}
