/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/ptrace/seccomp.c - a filter as a seccomp program. (seccomp(2), bpf "classic")
 *
 * Per architecture a binary search over the numbers at which the filter changes its mind.  Only loads of number and
 * architecture, comparisons and returns are used (but for clone's flags), so the kernel can prove the calls that are
 * left out harmless and skips the program for them (kernel/seccomp.c, seccomp_is_const_allow).
 *
 * A child made with CLONE_UNTRACED would run into our filter without a tracer, so clone with that flag, and clone3,
 * always stop.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>

#include "backend/ptrace/ptrace.h"
#include "core/filter.h"

enum { LONGEST = 4096 }; /* BPF_MAXINSNS */

struct program {
	struct sock_filter *code;
	size_t length;
	bool failed;
};

static size_t emit(struct program *program, uint16_t code, uint8_t yes, uint8_t no, uint32_t k)
{
	if (program->length >= LONGEST) {
		program->failed = true;
		return 0;
	}
	program->code[program->length] = (struct sock_filter){code, yes, no, k};
	return program->length++;
}

static void emit_verdict(struct program *program, bool wanted)
{
	emit(program, BPF_RET | BPF_K, 0, 0, wanted ? SECCOMP_RET_TRACE | PT_SECCOMP_DATA : SECCOMP_RET_ALLOW);
}

/* A jump of any length, patched when its target is known. */
static size_t emit_jump(struct program *program)
{
	return emit(program, BPF_JMP | BPF_JA, 0, 0, 0);
}

static void land(struct program *program, size_t jump)
{
	program->code[jump].k = (uint32_t)(program->length - jump - 1);
}

/* The numbers at which `wants` changes: from edges[i] on the answer is answers[i]. */
struct steps {
	uint32_t edges[UT__FILTER_NUMBERS + 2];
	bool answers[UT__FILTER_NUMBERS + 2];
	size_t count;
};

static void collect(struct steps *steps, const utrace_filter *filter, uint32_t abi, uint32_t bits)
{
	steps->count = 0;
	for (uint32_t number = 0; number <= UT__FILTER_NUMBERS; number++) {
		bool wanted = number == UT__FILTER_NUMBERS ? filter->others : ut__filter_wants(filter, abi, number);

		if (steps->count && steps->answers[steps->count - 1] == wanted)
			continue;
		steps->edges[steps->count] = number | bits;
		steps->answers[steps->count] = wanted;
		steps->count++;
	}
}

enum { NEAR = 255 }; /* how far a conditional jump reaches */

/* How long the search over so many steps gets, so that a jump knows whether it reaches. */
static size_t search_length(size_t count) // NOLINT(misc-no-recursion)
{
	size_t below;

	if (count == 1)
		return 1;
	below = search_length(count / 2);
	return (below <= NEAR ? 1 : 2) + below + search_length(count - count / 2);
}

/* Binary search over `count` steps from `first` on. */
static void emit_search(struct program *program, const struct steps *steps, size_t first,
			size_t count) // NOLINT(misc-no-recursion)
{
	size_t half = count / 2;
	size_t below;
	size_t above;

	if (program->failed)
		return;
	if (count == 1) {
		emit_verdict(program, steps->answers[first]);
		return;
	}
	below = search_length(half);
	if (below <= NEAR) {
		emit(program, BPF_JMP | BPF_JGE | BPF_K, (uint8_t)below, 0, steps->edges[first + half]);
		emit_search(program, steps, first, half);
	} else {
		emit(program, BPF_JMP | BPF_JGE | BPF_K, 0, 1, steps->edges[first + half]);
		above = emit_jump(program);
		emit_search(program, steps, first, half);
		land(program, above);
	}
	emit_search(program, steps, first + half, count - half);
}

static void emit_load(struct program *program, size_t offset)
{
	emit(program, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

/* With the number loaded: stops for children that would be born untraced. */
static void emit_clone_guard(struct program *program, uint32_t abi, uint32_t bits)
{
	int clone_number = utrace_syscall_number(abi, "clone");
	int clone3_number = utrace_syscall_number(abi, "clone3");

	if (clone3_number >= 0) {
		emit(program, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (uint32_t)clone3_number | bits);
		emit_verdict(program, true);
	}
	if (clone_number < 0)
		return;
	emit(program, BPF_JMP | BPF_JEQ | BPF_K, 0, 4, (uint32_t)clone_number | bits);
	emit_load(program, offsetof(struct seccomp_data, args[0]));
	emit(program, BPF_JMP | BPF_JSET | BPF_K, 0, 1, CLONE_UNTRACED);
	emit_verdict(program, true);
	emit_load(program, offsetof(struct seccomp_data, nr));
}

static void emit_abi(struct program *program, struct steps *steps, const utrace_filter *filter, uint32_t abi)
{
	uint32_t bits;

	(void)ut__arch_audit(abi, &bits);
	emit_clone_guard(program, abi, bits);
	collect(steps, filter, abi, bits);
	emit_search(program, steps, 0, steps->count);
}

static void emit_all(struct program *program, struct steps *steps, const utrace_filter *filter)
{
	uint32_t x32_bit;
	size_t not_64;
	size_t x32;

	(void)ut__arch_audit(UTRACE_ABI_X32, &x32_bit);
	emit_load(program, offsetof(struct seccomp_data, arch));
	emit(program, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, AUDIT_ARCH_X86_64);
	not_64 = emit_jump(program);
	emit_load(program, offsetof(struct seccomp_data, nr));
	emit(program, BPF_JMP | BPF_JGE | BPF_K, 0, 1, x32_bit);
	x32 = emit_jump(program);
	emit_abi(program, steps, filter, UTRACE_ABI_X86_64);
	land(program, x32);
	emit_abi(program, steps, filter, UTRACE_ABI_X32);
	land(program, not_64);
	emit(program, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, AUDIT_ARCH_I386);
	emit_verdict(program, filter->others);
	emit_load(program, offsetof(struct seccomp_data, nr));
	emit_abi(program, steps, filter, UTRACE_ABI_I386);
}

int pt_seccomp_compile(const utrace_filter *filter, struct sock_fprog *fprog)
{
	struct program program = {.code = malloc(LONGEST * sizeof(struct sock_filter))};
	struct steps *steps = malloc(sizeof(*steps));

	if (program.code && steps)
		emit_all(&program, steps, filter);
	free(steps);
	if (!program.code || !program.length || program.failed) {
		free(program.code);
		errno = program.failed ? E2BIG : ENOMEM;
		return -1;
	}
	*fprog = (struct sock_fprog){.len = (unsigned short)program.length, .filter = program.code};
	return 0;
}
