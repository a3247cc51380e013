/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_emulate.c - instructions that the library does itself, beside the processor: the same registers, flags and memory after each, from
 * many register values, in 64-bit and in 32-bit code.  What is not done must leave everything as it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <utrace/regs.h>

#include "arch/arch.h"

enum {
	PAGE = 4096,
	CODE_AT = 1024,
	ROUNDS = 200,
	ADJUST = 0x10,
	RESULT_FLAGS = 0x8d5,
	USER_CODE_32 = 0x23, /* __USER32_CS and __USER_DS, arch/x86/include/asm/segment.h */
	USER_DATA = 0x2b,
};

struct sample {
	const char *text;
	const char *bytes;
	size_t size;
	bool adjust_undefined; /* the processor leaves the flag as it likes */
};

#define SAMPLE(text, bytes)                                                                                            \
	{                                                                                                              \
		text, bytes, sizeof(bytes) - 1, false                                                                  \
	}
#define LOGIC(text, bytes)                                                                                             \
	{                                                                                                              \
		text, bytes, sizeof(bytes) - 1, true                                                                   \
	}

/* The same in both kinds of code. */
static const struct sample both[] = {
	SAMPLE("push bp", "\x55"),
	SAMPLE("push sp", "\x54"),
	SAMPLE("pop cx", "\x59"),
	SAMPLE("pop sp", "\x5c"),
	SAMPLE("push 5", "\x6a\x05"),
	SAMPLE("push -5", "\x6a\xfb"),
	SAMPLE("push imm32", "\x68\x44\x33\x22\x91"),
	SAMPLE("mov bp,sp", "\x89\xe5"),
	SAMPLE("mov ax,imm", "\xb8\x78\x56\x34\x92"),
	SAMPLE("mov dx,[bx]", "\x8b\x13"),
	SAMPLE("mov dx,[bx+8]", "\x8b\x53\x08"),
	SAMPLE("mov dx,[sp+4]", "\x8b\x54\x24\x04"),
	SAMPLE("lea ax,[bx+cx*4+1]", "\x8d\x44\x8b\x01"),
	SAMPLE("lea ax,[bp-8]", "\x8d\x45\xf8"),
	SAMPLE("lea ax,[cx*8+imm32]", "\x8d\x04\xcd\x01\x00\x00\x00"),
	SAMPLE("sub sp,24", "\x83\xec\x18"),
	SAMPLE("add sp,imm32", "\x81\xc4\x80\x00\x00\x00"),
	SAMPLE("cmp ax,-1", "\x83\xf8\xff"),
	SAMPLE("cmp ax,dx", "\x39\xd0"),
	SAMPLE("cmp ax,[bx]", "\x3b\x03"),
	SAMPLE("cmp [bx],dx", "\x39\x13"),
	SAMPLE("cmp [bx],imm8", "\x83\x3b\x7f"),
	SAMPLE("add ax,dx", "\x01\xd0"),
	SAMPLE("sub dx,ax", "\x29\xc2"),
	SAMPLE("add si,[bx]", "\x03\x33"),
	LOGIC("test ax,dx", "\x85\xd0"),
	LOGIC("xor ax,ax", "\x31\xc0"),
	LOGIC("and ax,imm8", "\x83\xe0\xf0"),
	LOGIC("or ax,dx", "\x09\xd0"),
	LOGIC("xor si,dx", "\x31\xd6"),
	SAMPLE("nop", "\x90"),
	SAMPLE("nop [ax]", "\x0f\x1f\x40\x00"),
	SAMPLE("endbr64", "\xf3\x0f\x1e\xfa"),
	SAMPLE("endbr32", "\xf3\x0f\x1e\xfb"),
	SAMPLE("leave", "\xc9"),
	SAMPLE("call", "\xe8\x20\x00\x00\x00"),
	SAMPLE("call back", "\xe8\x90\xff\xff\xff"),
	SAMPLE("jmp short", "\xeb\x10"),
	SAMPLE("jmp near", "\xe9\x40\x00\x00\x00"),
	SAMPLE("jo", "\x70\x10"),
	SAMPLE("jno", "\x71\x10"),
	SAMPLE("jb", "\x72\x10"),
	SAMPLE("jae", "\x73\x10"),
	SAMPLE("je", "\x74\x10"),
	SAMPLE("jne", "\x75\x10"),
	SAMPLE("jbe", "\x76\x10"),
	SAMPLE("ja", "\x77\x10"),
	SAMPLE("js", "\x78\xf0"),
	SAMPLE("jns", "\x79\xf0"),
	SAMPLE("jp", "\x7a\xf0"),
	SAMPLE("jnp", "\x7b\xf0"),
	SAMPLE("jl", "\x7c\xf0"),
	SAMPLE("jge", "\x7d\xf0"),
	SAMPLE("jle", "\x7e\xf0"),
	SAMPLE("jg", "\x7f\xf0"),
	SAMPLE("jle near", "\x0f\x8e\x80\x00\x00\x00"),
	SAMPLE("jne near", "\x0f\x85\x80\x00\x00\x00"),
	SAMPLE("loop", "\xe2\x10"),
	SAMPLE("loope", "\xe1\x10"),
	SAMPLE("loopne", "\xe0\x10"),
	SAMPLE("jcxz", "\xe3\x10"),
};

static const struct sample only_64[] = {
	SAMPLE("mov rbp,rsp", "\x48\x89\xe5"),
	SAMPLE("push r12", "\x41\x54"),
	SAMPLE("pop r15", "\x41\x5f"),
	SAMPLE("sub rsp,24", "\x48\x83\xec\x18"),
	SAMPLE("sub rsp,imm32", "\x48\x81\xec\x88\x00\x00\x00"),
	SAMPLE("add rsp,8", "\x48\x83\xc4\x08"),
	SAMPLE("mov rax,[rip+16]", "\x48\x8b\x05\x10\x00\x00\x00"),
	SAMPLE("lea rdi,[rip+16]", "\x48\x8d\x3d\x10\x00\x00\x00"),
	SAMPLE("mov r8d,eax", "\x41\x89\xc0"),
	SAMPLE("mov rdx,[rbx+16]", "\x48\x8b\x53\x10"),
	SAMPLE("movabs r10", "\x49\xba\x88\x77\x66\x55\x44\x33\x22\x91"),
	SAMPLE("lea r9,[r8+r12*2]", "\x4f\x8d\x0c\x60"),
	SAMPLE("cmp rdi,rsi", "\x48\x39\xf7"),
	LOGIC("test rdi,rdi", "\x48\x85\xff"),
	LOGIC("and rsp,-16", "\x48\x83\xe4\xf0"),
	SAMPLE("add r8,r9", "\x4d\x01\xc8"),
	SAMPLE("sub rax,[rbx]", "\x48\x2b\x03"),
};

/* With an address on the stack that one can go to. */
static const struct sample returns[] = {
	SAMPLE("ret", "\xc3"),
	SAMPLE("ret 16", "\xc2\x10\x00"),
};

/* Left to the processor. */
static const struct sample refused[] = {
	SAMPLE("adc ax,dx", "\x11\xd0"),
	SAMPLE("inc [bx]", "\xff\x03"),
	SAMPLE("lock add [bx],ax", "\xf0\x01\x03"),
	SAMPLE("int3", "\xcc"),
	SAMPLE("int 0x80", "\xcd\x80"),
	SAMPLE("rep movsb", "\xf3\xa4"),
	SAMPLE("mov [bx],ax", "\x89\x03"),
	SAMPLE("mov ax,gs:[bx]", "\x65\x8b\x03"),
	SAMPLE("cpuid", "\x0f\xa2"),
	SAMPLE("mul dx", "\xf7\xe2"),
	SAMPLE("call [bx]", "\xff\x13"),
	SAMPLE("push short bp", "\x66\x55"),
};

/* ---- the processor ---- */

static unsigned char *shared; /* a page of code, and one of data and stack; at one address in both processes */
static pid_t child;

static int start(void **state)
{
	(void)state;
	shared =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (shared == MAP_FAILED)
		return -1;
	child = fork();
	if (!child) {
		(void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		(void)raise(SIGSTOP);
		_exit(0);
	}
	return waitpid(child, NULL, 0) == child ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	(void)kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
	return munmap(shared, (size_t)2 * PAGE);
}

/* ---- one instruction from one state ---- */

static uint64_t seed = 88172645463325252u;

static uint64_t random_number(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	/* Small and extreme numbers are the interesting ones. */
	switch (seed >> 60) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX;
	case 2:
		return 1;
	case 3:
		return UINT64_C(0x8000000080000000);
	default:
		return seed * 2685821657736338717u;
	}
}

static void choose(struct user_regs_struct *regs, bool narrow)
{
	unsigned long long *general[] = {&regs->rax, &regs->rcx, &regs->rdx, &regs->rsi, &regs->rdi,
					 &regs->r8,  &regs->r9,  &regs->r10, &regs->r11, &regs->r12,
					 &regs->r13, &regs->r14, &regs->r15};
	uint64_t data = (uintptr_t)shared + PAGE;

	for (size_t i = 0; i < sizeof(general) / sizeof(general[0]); i++)
		*general[i] = narrow ? (uint32_t)random_number() : random_number();
	for (size_t i = 0; i < PAGE; i += 8) {
		uint64_t number = random_number();

		memcpy(shared + PAGE + i, &number, sizeof(number));
	}
	regs->rbx = data + 64;
	regs->rsp = data + 2048;
	regs->rbp = data + 2048 + 256;
	regs->rip = (uintptr_t)shared + CODE_AT;
	regs->eflags = 0x202 | (random_number() & RESULT_FLAGS);
	regs->orig_rax = UINT64_MAX;
	regs->cs = narrow ? USER_CODE_32 : 0x33;
	regs->ss = USER_DATA;
	regs->ds = regs->es = narrow ? USER_DATA : 0;
}

struct memory {
	uint64_t address;
	uint64_t value;
	size_t size; /* 0: nothing was written */
};

static bool read_shared(void *context, uint64_t address, void *buffer, size_t size)
{
	(void)context;
	if (address < (uintptr_t)shared || address + size > (uintptr_t)shared + (size_t)2 * PAGE)
		return false;
	memcpy(buffer, (const void *)(uintptr_t)address, size);
	return true;
}

/* Noted only, for the processor is to do it. */
static bool note_write(void *context, uint64_t address, const void *buffer, size_t size)
{
	struct memory *memory = context;

	*memory = (struct memory){.address = address, .size = size};
	memcpy(&memory->value, buffer, size);
	return true;
}

/* The architecture's register set out of the processor's, and back. */
static const char *const names[][2] = {
	{"rax", "eax"}, {"rcx", "ecx"}, {"rdx", "edx"}, {"rbx", "ebx"}, {"rsp", "esp"},
	{"rbp", "ebp"}, {"rsi", "esi"}, {"rdi", "edi"}, {"rip", "eip"}, {"eflags", "eflags"},
};

static const struct utrace_register_info *find_register(const struct ut__arch *arch, const char *name)
{
	for (size_t i = 0; i < arch->register_count; i++) {
		if (strcmp(arch->registers[i].name, name) == 0)
			return &arch->registers[i];
	}
	fail_msg("no register %s", name);
	return NULL;
}

static void translate(bool narrow, struct user_regs_struct *regs, unsigned char *set, bool back)
{
	const struct ut__arch *wide = ut__arch_by_id(UTRACE_ARCH_X86_64);
	const struct ut__arch *arch = ut__arch_by_id(UTRACE_ARCH_I386);

	if (!narrow) {
		memcpy(back ? (void *)regs : (void *)set, back ? (void *)set : (void *)regs, sizeof(*regs));
		return;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		uint16_t from = find_register(wide, names[i][0])->offset;
		uint16_t to = find_register(arch, names[i][1])->offset;

		if (back)
			ut__arch_store(regs, from, 8, ut__arch_load(set, to, 4));
		else
			ut__arch_store(set, to, 4, ut__arch_load(regs, from, 8));
	}
}

static bool emulate(const struct sample *sample, bool narrow, struct user_regs_struct *regs, struct memory *memory)
{
	const struct ut__arch *arch = ut__arch_by_id(narrow ? UTRACE_ARCH_I386 : UTRACE_ARCH_X86_64);
	struct ut__stack_access access = {.read = read_shared, .write = note_write, .context = memory};
	unsigned char set[sizeof(*regs)] = {0};
	unsigned char before[sizeof(*regs)];
	struct ut__instruction instruction;
	bool done;

	*memory = (struct memory){0};
	translate(narrow, regs, set, false);
	memcpy(before, set, sizeof(set));
	if (!arch->decode(shared + CODE_AT, 16, &instruction) || instruction.length != sample->size)
		fail_msg("%s: not decoded", sample->text);
	done = arch->emulate(&instruction, (uintptr_t)shared + CODE_AT, set, &access);
	if (!done)
		assert_memory_equal(set, before, sizeof(set));
	translate(narrow, regs, set, true);
	return done;
}

static void step(struct user_regs_struct *regs)
{
	int status = 0;

	assert_int_equal(ptrace(PTRACE_SETREGS, child, NULL, regs), 0);
	assert_int_equal(ptrace(PTRACE_SINGLESTEP, child, NULL, NULL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(WSTOPSIG(status), SIGTRAP);
	assert_int_equal(ptrace(PTRACE_GETREGS, child, NULL, regs), 0);
}

static void compare(const struct sample *sample, const struct user_regs_struct *ours,
		    const struct user_regs_struct *its)
{
	const struct ut__arch *arch = ut__arch_by_id(UTRACE_ARCH_X86_64);
	uint64_t flags = RESULT_FLAGS & ~(sample->adjust_undefined ? (uint64_t)ADJUST : 0);

	for (size_t i = 0; i < arch->register_count; i++) {
		const struct utrace_register_info *info = &arch->registers[i];
		uint64_t a = ut__arch_load(ours, info->offset, info->size);
		uint64_t b = ut__arch_load(its, info->offset, info->size);

		if (strcmp(info->name, "orig_rax") == 0)
			continue;
		if (strcmp(info->name, "eflags") == 0) {
			a &= flags;
			b &= flags;
		}
		if (a != b)
			fail_msg("%s: %s is %#llx, and the processor has %#llx", sample->text, info->name,
				 (unsigned long long)a, (unsigned long long)b);
	}
}

static void put(const struct sample *sample)
{
	memset(shared, 0x90, PAGE);
	memcpy(shared + CODE_AT, sample->bytes, sample->size);
}

/* return_to: what lies at the stack pointer; 0: anything. */
static void check(const struct sample *sample, bool narrow, uint64_t return_to)
{
	struct user_regs_struct regs;
	struct user_regs_struct ours;
	struct memory memory;

	put(sample);
	for (int i = 0; i < ROUNDS; i++) {
		assert_int_equal(ptrace(PTRACE_GETREGS, child, NULL, &regs), 0);
		choose(&regs, narrow);
		if (return_to)
			memcpy((void *)(uintptr_t)regs.rsp, &return_to, sizeof(return_to));
		ours = regs;
		if (!emulate(sample, narrow, &ours, &memory))
			fail_msg("%s: not emulated", sample->text);
		step(&regs);
		compare(sample, &ours, &regs);
		if (memory.size && memcmp((void *)(uintptr_t)memory.address, &memory.value, memory.size) != 0)
			fail_msg("%s: what was pushed differs", sample->text);
	}
}

static void test_64(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++)
		check(&both[i], false, 0);
	for (size_t i = 0; i < sizeof(only_64) / sizeof(only_64[0]); i++)
		check(&only_64[i], false, 0);
}

static void test_32(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++)
		check(&both[i], true, 0);
}

static void test_returns(void **state)
{
	struct user_regs_struct regs = {0};
	uint64_t nowhere = UINT64_C(1) << 52;
	struct memory memory;

	(void)state;
	for (size_t i = 0; i < sizeof(returns) / sizeof(returns[0]); i++) {
		check(&returns[i], false, (uintptr_t)shared + 512);
		check(&returns[i], true, (uintptr_t)shared + 512);
		put(&returns[i]);
		/* An address that no processor goes to: the fault is the return's own. */
		choose(&regs, false);
		memcpy((void *)(uintptr_t)regs.rsp, &nowhere, sizeof(nowhere));
		assert_false(emulate(&returns[i], false, &regs, &memory));
	}
}

static void test_refused(void **state)
{
	struct user_regs_struct regs;
	struct memory memory;

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(refused) / sizeof(refused[0]); i++) {
		const struct sample *sample = &refused[i / 2];

		put(sample);
		memset(&regs, 0, sizeof(regs));
		choose(&regs, i % 2);
		if (emulate(sample, i % 2, &regs, &memory))
			fail_msg("%s: emulated", sample->text);
		assert_int_equal(memory.size, 0);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_64),
		cmocka_unit_test(test_32),
		cmocka_unit_test(test_returns),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, start, end);
}
