/* SPDX-License-Identifier: BSD-2-Clause */
/* Sandboxes and newer calls: landlock, openat2, clone3, close_range, memory policies, scheduling, barriers. */
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/openat2.h>
#include <linux/rseq.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void files(void)
{
	struct landlock_ruleset_attr ruleset = {LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE};
	struct landlock_path_beneath_attr beneath = {LANDLOCK_ACCESS_FS_READ_DIR, -1};
	struct open_how how[2] = {{O_RDONLY | O_CLOEXEC, 0, RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH}, {1}};

	syscall(444, &ruleset, sizeof(ruleset), 0);
	syscall(444, &ruleset, 4, 0);
	syscall(444, NULL, 0, 1);
	syscall(444, NULL, 3, 2);
	syscall(445, -1, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
	syscall(445, -1, 7, &beneath, 1);
	syscall(446, -1, 0);
	syscall(437, AT_FDCWD, "/etc/passwd", how, sizeof(how[0]));
	syscall(437, AT_FDCWD, "/etc/passwd", how, sizeof(how));
	syscall(437, AT_FDCWD, "/none", &(struct open_how){O_CREAT | O_RDWR, 0644, 0x80}, 24);
	syscall(437, -1, "none", how, 4);
	syscall(437, -1, "none", NULL, 24);
	syscall(436, 100, 200, 2);
	syscall(436, 100, ~0U, 6);
	syscall(SYS_name_to_handle_at, AT_FDCWD, "/etc", &(unsigned int[10]){16, 0}, how, 0);
	syscall(SYS_copy_file_range, -1, NULL, -1, NULL, 10, 0);
	syscall(SYS_memfd_create, "name", 0x17);
	syscall(447, 0);
	syscall(448, -1, 1);
	syscall(434, getpid(), 0);
	syscall(438, -1, 0, 0);
	syscall(424, -1, SIGTERM, NULL, 0);
	syscall(440, -1, NULL, 0, 20, 0);
	syscall(450, 0, 4096, 1, 0);
}

static void children(void)
{
	int pidfd, tid;
	pid_t ids[] = {1, 2, 3};
	struct clone_args arguments[2] = {{.flags = CLONE_PIDFD | CLONE_PARENT_SETTID,
					   .pidfd = (unsigned long)&pidfd,
					   .parent_tid = (unsigned long)&tid,
					   .exit_signal = SIGCHLD,
					   .set_tid = (unsigned long)ids,
					   .set_tid_size = 3,
					   .cgroup = 5}};

	syscall(SYS_clone3, arguments, sizeof(arguments[0]));
	syscall(SYS_clone3, arguments, 64);
	syscall(SYS_clone3, arguments, 8);
	arguments[1].flags = 1;
	syscall(SYS_clone3, arguments, sizeof(arguments));
	arguments[0] = (struct clone_args){.flags = CLONE_INTO_CGROUP | CLONE_CLEAR_SIGHAND, .cgroup = -1ULL};
	syscall(SYS_clone3, arguments, sizeof(arguments[0]));
	arguments[0].set_tid_size = 3;
	syscall(SYS_clone3, arguments, sizeof(arguments[0]));
	syscall(SYS_clone3, NULL, 0);
}

/* As linux/sched/types.h has it, which does not go with sched.h. */
struct attr {
	unsigned int size, sched_policy;
	unsigned long sched_flags;
	int sched_nice;
	unsigned int sched_priority;
	unsigned long sched_runtime, sched_deadline, sched_period;
	unsigned int sched_util_min, sched_util_max;
};

static void scheduling(void)
{
	struct attr attribute = {.size = 48,
				 .sched_policy = 6,
				 .sched_flags = 0x7f,
				 .sched_runtime = 1,
				 .sched_deadline = 2,
				 .sched_period = 3};
	cpu_set_t set;
	unsigned long mask[4] = {0x11, 0, 1, 0};

	syscall(SYS_sched_setattr, 99999999, &attribute, 0);
	attribute.size = 56;
	syscall(SYS_sched_setattr, 99999999, &attribute, 1);
	attribute.size = 4;
	syscall(SYS_sched_setattr, 99999999, &attribute, 0);
	syscall(SYS_sched_setattr, 0, NULL, 0);
	syscall(SYS_sched_getattr, 0, &attribute, sizeof(attribute), 0);
	syscall(SYS_sched_getattr, 0, &attribute, 48, 0);
	syscall(SYS_sched_getattr, 0, NULL, 4, 1);
	sched_setscheduler(99999999, SCHED_FIFO | SCHED_RESET_ON_FORK, &(struct sched_param){5});
	sched_setscheduler(99999999, 77, NULL);
	sched_getaffinity(0, sizeof(set), &set);
	syscall(SYS_sched_setaffinity, 99999999, 32, mask);
	syscall(SYS_sched_rr_get_interval, 0, &set);
	sched_get_priority_max(SCHED_RR);
	sched_get_priority_min(9);
	syscall(SYS_ioprio_get, 1, 0);
	syscall(SYS_ioprio_set, 1, 99999999, 2 << 13 | 4);
	syscall(SYS_membarrier, 0, 0, 0);
	syscall(SYS_membarrier, 1 << 7, 1, 3);
	syscall(SYS_membarrier, 3, 0, 0);
	syscall(SYS_rseq, &set, 32, 0, 0x53053053);
	syscall(SYS_rseq, NULL, 32, 3, 0);
	syscall(SYS_mbind, 0x1000, 4096, 2, mask, 100, 7);
	syscall(SYS_set_mempolicy, 3 | 1 << 15, mask, 64);
	syscall(SYS_get_mempolicy, &set, mask, 256, 0, 0);
	syscall(SYS_migrate_pages, 99999999, 64, mask, mask + 2);
	syscall(SYS_move_pages, 99999999, 2, mask, NULL, NULL, 2);
	syscall(SYS_kcmp, getpid(), getpid(), 0, 0, 1);
	syscall(SYS_kcmp, getpid(), getpid(), 7, 0, &(int[3]){1, 2, 3});
	syscall(SYS_userfaultfd, 0x801);
}

int main(void)
{
	files();
	children();
	scheduling();
	return 0;
}
