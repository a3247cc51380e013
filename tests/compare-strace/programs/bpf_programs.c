/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs for the packet filter's and the seccomp filter's machines, and for bpf(2)'s. */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xc000003e, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, 3),
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 14),
		BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
		BPF_STMT(BPF_ALU | BPF_NEG, 0),
		BPF_STMT(BPF_ST, 3),
		BPF_STMT(BPF_STX, 4),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_MISC | BPF_TXA, 0),
		BPF_STMT(BPF_JMP | BPF_JA, 2),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_X, 7, 1, 2),
		BPF_STMT(BPF_LD | BPF_IMM, 9),
		BPF_STMT(BPF_LD | BPF_MEM, 1),
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_STMT(BPF_LDX | BPF_W | BPF_LEN, 0),
		BPF_STMT(BPF_RET | BPF_A, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | 7),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_LOG),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, SKF_AD_OFF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(0xffff, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};
	struct bpf_insn instructions[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1},
		{.code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = 1, .src_reg = 2, .off = -8},
		{.code = BPF_JMP | BPF_CALL, .imm = 1},
		{.code = BPF_STX | BPF_ATOMIC | BPF_W, .dst_reg = 1},
		{.code = BPF_LD | BPF_IMM | BPF_DW, .src_reg = 1, .imm = 3},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attribute = {.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
				    .insn_cnt = 6,
				    .insns = (unsigned long)instructions,
				    .license = (unsigned long)"GPL",
				    .prog_flags = BPF_F_STRICT_ALIGNMENT,
				    .expected_attach_type = 1};
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	syscall(SYS_bpf, BPF_PROG_LOAD, &attribute, sizeof(attribute));
	setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
	setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, 3);
	setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, NULL, 0);
	getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, NULL, &(socklen_t){0});
	syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG, &program);
	syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0x8000, &program);
	syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &(struct seccomp_notif_sizes){0});
	syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &(unsigned int){SECCOMP_RET_LOG});
	syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, NULL);
	program.len = 5000;
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
	program.filter = (void *)8;
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
	return 0;
}
