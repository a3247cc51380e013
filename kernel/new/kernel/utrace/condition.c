// SPDX-License-Identifier: GPL-2.0-only
/*
 * utrace(2): conditions on events, which are programs of classic BPF over the record.
 *
 * As with seccomp(2), the program is checked by bpf_check_classic() and here, so that it can only
 * compute with aligned 32-bit words of the record and end. It runs in the task that the event is
 * of, with utrace_task->lock held. Those who replace a program wait for RCU.
 */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>

#include "internal.h"

/* These are told whatever happens: without them the reader would not know what there is. */
#define ALWAYS_TOLD	(UTRACE_EV_BIT(UTRACE_EV_PAD) | UTRACE_EV_BIT(UTRACE_EV_LOST) | \
			 UTRACE_EV_BIT(UTRACE_EV_ATTACH) | UTRACE_EV_BIT(UTRACE_EV_DETACH) | \
			 UTRACE_EV_BIT(UTRACE_EV_DEATH) | UTRACE_EV_BIT(UTRACE_EV_STOP))

/* Every record has this much; what is longer than an event's own record reads as 0. */
#define DATA_SIZE	sizeof(struct utrace_record)

/* The same instructions as for seccomp(2): see seccomp_check_filter(). */
static int check_instruction(struct sock_filter *insn)
{
	switch (insn->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		insn->code = BPF_LDX | BPF_W | BPF_ABS;
		return insn->k >= DATA_SIZE || insn->k & 3 ? -EINVAL : 0;
	case BPF_LD | BPF_W | BPF_LEN:
		insn->code = BPF_LD | BPF_IMM;
		insn->k = DATA_SIZE;
		return 0;
	case BPF_LDX | BPF_W | BPF_LEN:
		insn->code = BPF_LDX | BPF_IMM;
		insn->k = DATA_SIZE;
		return 0;
	case BPF_RET | BPF_K:
	case BPF_RET | BPF_A:
	case BPF_ALU | BPF_ADD | BPF_K:
	case BPF_ALU | BPF_ADD | BPF_X:
	case BPF_ALU | BPF_SUB | BPF_K:
	case BPF_ALU | BPF_SUB | BPF_X:
	case BPF_ALU | BPF_MUL | BPF_K:
	case BPF_ALU | BPF_MUL | BPF_X:
	case BPF_ALU | BPF_DIV | BPF_K:
	case BPF_ALU | BPF_DIV | BPF_X:
	case BPF_ALU | BPF_AND | BPF_K:
	case BPF_ALU | BPF_AND | BPF_X:
	case BPF_ALU | BPF_OR | BPF_K:
	case BPF_ALU | BPF_OR | BPF_X:
	case BPF_ALU | BPF_XOR | BPF_K:
	case BPF_ALU | BPF_XOR | BPF_X:
	case BPF_ALU | BPF_LSH | BPF_K:
	case BPF_ALU | BPF_LSH | BPF_X:
	case BPF_ALU | BPF_RSH | BPF_K:
	case BPF_ALU | BPF_RSH | BPF_X:
	case BPF_ALU | BPF_NEG:
	case BPF_LD | BPF_IMM:
	case BPF_LDX | BPF_IMM:
	case BPF_MISC | BPF_TAX:
	case BPF_MISC | BPF_TXA:
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
	case BPF_ST:
	case BPF_STX:
	case BPF_JMP | BPF_JA:
	case BPF_JMP | BPF_JEQ | BPF_K:
	case BPF_JMP | BPF_JEQ | BPF_X:
	case BPF_JMP | BPF_JGE | BPF_K:
	case BPF_JMP | BPF_JGE | BPF_X:
	case BPF_JMP | BPF_JGT | BPF_K:
	case BPF_JMP | BPF_JGT | BPF_X:
	case BPF_JMP | BPF_JSET | BPF_K:
	case BPF_JMP | BPF_JSET | BPF_X:
		return 0;
	default:
		return -EINVAL;
	}
}

static int check_program(struct sock_filter *program, unsigned int length)
{
	unsigned int i;
	int error = 0;

	for (i = 0; i < length && !error; i++)
		error = check_instruction(&program[i]);
	return error;
}

static struct bpf_prog *copy_program(const struct utrace_command *cmd)
{
	struct sock_fprog program = { .filter = u64_to_user_ptr(cmd->data) };
	struct bpf_prog *prog;
	int error;

	if (cmd->size % sizeof(struct sock_filter) ||
	    cmd->size > BPF_MAXINSNS * sizeof(struct sock_filter))
		return ERR_PTR(-EINVAL);
	program.len = cmd->size / sizeof(struct sock_filter);
	error = bpf_prog_create_from_user(&prog, &program, check_program, false);
	return error ? ERR_PTR(error) : prog;
}

/* UTRACE_CMD_SET_CONDITION */
int utrace_set_condition(struct utrace_session *session, struct utrace_command *cmd)
{
	struct bpf_prog *prog = NULL;
	u32 event;

	if (cmd->value < 0 || cmd->value >= UTRACE_EV_COUNT ||
	    ALWAYS_TOLD & UTRACE_EV_BIT(cmd->value))
		return -EINVAL;
	event = array_index_nospec(cmd->value, UTRACE_EV_COUNT);
	if (cmd->size)
		prog = copy_program(cmd);
	if (IS_ERR(prog))
		return PTR_ERR(prog);
	mutex_lock(&session->mutex);
	prog = rcu_replace_pointer(session->conditions[event], prog,
				   lockdep_is_held(&session->mutex));
	mutex_unlock(&session->mutex);
	if (prog) {
		synchronize_rcu();
		bpf_prog_destroy(prog);
	}
	return 0;
}

/* The last reference to the session is gone. */
void utrace_conditions_free(struct utrace_session *session)
{
	unsigned int i;

	for (i = 0; i < UTRACE_EV_COUNT; i++) {
		struct bpf_prog *prog = rcu_access_pointer(session->conditions[i]);

		if (prog)
			bpf_prog_destroy(prog);
	}
}

/**
 * utrace_condition - shall a session know of an event?
 * @session: the session
 * @rec: the record as it would be told; all of it can be read
 *
 * Counts it if not.
 */
bool utrace_condition(struct utrace_session *session, const struct utrace_record *rec)
{
	struct bpf_prog *prog;
	bool told = true;

	rcu_read_lock();
	prog = rcu_dereference(session->conditions[rec->event]);
	if (prog)
		told = bpf_prog_run_pin_on_cpu(prog, rec);
	rcu_read_unlock();
	if (!told)
		utrace_ring_left_out(session, rec->event);
	return told;
}
