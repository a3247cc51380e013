/* SPDX-License-Identifier: BSD-2-Clause */
/* bpf(2), seccomp(2), performance counters, keys. */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	struct sock_filter code[] = {{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
	struct sock_fprog program = {1, code};
	union bpf_attr attribute = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};
	struct perf_event_attr counter = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(counter), .config = PERF_COUNT_SW_TASK_CLOCK};

	syscall(SYS_bpf, BPF_MAP_CREATE, &attribute, sizeof(attribute));
	syscall(SYS_bpf, 999, NULL, 0);
	syscall(SYS_perf_event_open, &counter, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, -3, 0);
	syscall(SYS_add_key, "user", "name", "payload", 7, -3);
	syscall(SYS_request_key, "user", "none", NULL, 0);
	syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &(unsigned int){SECCOMP_RET_TRAP});
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
	syscall(SYS_userfaultfd, 0x800);
	return 0;
}
