/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * arch/arch.h - what the library knows of an architecture, as data.
 *
 * Adding one: a file of its own with a `const struct ut__arch`, listed in arch.c; the registers in the order and layout
 * of the kernel's NT_PRSTATUS set; the system call instruction; its AUDIT_ARCH value; its column in the table of
 * system calls; util/rawcall.h for programs that run on it.  Nothing else in the library names an architecture.
 */
#ifndef UT_ARCH_ARCH_H
#define UT_ARCH_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <utrace/call.h>
#include <utrace/event.h>
#include <utrace/regs.h>

#define UT__REG_NONE 0xffffu /* an offset that stands for "there is no such register" */
enum { UT__GENERAL_SIZE_MAX = 512 };

/* Where a system call of one ABI finds its things in this architecture's general register set. */
struct ut__arch_call {
	uint32_t abi;
	uint16_t args[6];     /* byte offsets */
	uint16_t arg_size;    /* bytes that count of each argument */
	uint32_t number_bits; /* set in the number register in addition to the number (x32) */
};

/* What executing an instruction in another place than its own takes. */
enum ut__instruction_kind {
	UT__INSTRUCTION_PLAIN,    /* the PC moves with it: one that is relative to the copy is moved back */
	UT__INSTRUCTION_CALL,     /* pushes a return address, which is of the copy */
	UT__INSTRUCTION_REPEATED, /* a step is one round of it */
	UT__INSTRUCTION_SYSCALL,  /* enters the kernel, which keeps the PC */
	UT__INSTRUCTION_RELATIVE, /* its target is relative: only emulated, or copied by ut__arch_copy in another form */
};

enum { UT__INSTRUCTION_MAX = 16, UT__COPY_MAX = 32 };

/* One instruction, taken apart as far as moving it needs; offsets are into bytes. */
struct ut__instruction {
	unsigned char bytes[UT__INSTRUCTION_MAX];
	uint8_t length;    /* 0: no valid instruction */
	uint8_t kind;      /* enum ut__instruction_kind */
	uint8_t prefix_at; /* of a VEX, EVEX, XOP or REX prefix; `length` if there is none */
	uint8_t map;       /* which table of opcodes: 0, 1 (0f), 2 (0f 38), 3 (0f 3a), more for VEX */
	uint8_t opcode_at;
	uint8_t opcode;
	uint8_t rex;      /* W R X B of any kind of prefix, as in REX */
	uint8_t vector;   /* VEX.vvvv, 16 if there is none */
	uint8_t modrm_at; /* 0: none */
	uint8_t immediate_at;
	uint8_t immediate_size;
	bool short_operand; /* prefix 66 */
	bool short_address; /* prefix 67 */
	bool segment;       /* a segment prefix that counts: fs, gs */
	bool repeat, repeat_not, lock;
};

/* The stack of a thread whose instruction is emulated; false: not accessible. */
struct ut__stack_access {
	bool (*read)(void *context, uint64_t address, void *buffer, size_t size);
	bool (*write)(void *context, uint64_t address, const void *buffer, size_t size);
	void *context;
};

/* A copy of an instruction that is executed at another address, and how to put things right afterwards. */
struct ut__copy {
	unsigned char bytes[UT__COPY_MAX];
	size_t size;             /* bytes to write */
	size_t length;           /* of the instruction in it */
	bool traps;              /* the copy is followed by a trap and is to run into it, not to be stepped */
	uint16_t borrowed;       /* offset of a register that stands in for the PC, or UT__REG_NONE */
	uint64_t borrowed_value; /* as it was */
	uint64_t target;         /* CALL in relative form: where it goes; 0 otherwise */
};

/* What a debug register watches. length 0: nothing. */
enum { UT__DEBUG_SLOTS = 4, UT__DEBUG_EXECUTE = 0, UT__DEBUG_WRITE = 1, UT__DEBUG_ACCESS = 3 };
struct ut__debug_slot {
	uint64_t address; /* a multiple of length */
	uint8_t length;
	uint8_t kind;
};

/* A function to be called, and where it returns to. */
struct ut__function {
	uint64_t address, back;
	uint64_t stack; /* the end of the stack to use; 0: the one of the registers */
	const struct utrace_call_value *args;
	size_t arg_count;
};

enum { UT__STATE_MAX = 16384, UT__STACK_MAX = 2048 };

/* Floating point and vector registers: UTRACE_REGSET_XSTATE, or the beginning of it. */
struct ut__function_state {
	unsigned char bytes[UT__STATE_MAX];
	size_t size;
};

/* What is to lie at the stack pointer. */
struct ut__function_stack {
	uint64_t address;
	size_t size;
	unsigned char bytes[UT__STACK_MAX];
};

struct ut__arch {
	int id; /* enum utrace_architecture */
	const char *name;
	const struct utrace_register_info *registers;
	size_t register_count;
	size_t general_size; /* of the general set, by which it is recognised */
	uint16_t word;       /* bytes of a general register */
	uint16_t pc, sp, fp, flags, result, call_number, call_result; /* offsets */
	uint16_t args[6];                  /* of functions; UT__REG_NONE where on the stack */
	struct ut__arch_call native;       /* the ABI of `instruction` */
	const struct ut__arch_call *calls; /* every ABI that can be met with this register set */
	size_t call_count;
	unsigned char instruction[4]; /* that makes a system call */
	size_t instruction_size;
	uint16_t trap_flag;       /* in the flags register while single-stepping; 0 if there is none */
	unsigned char push_flags; /* the instruction that stores the flags on the stack, and its prefix for 16 bits */
	unsigned char short_prefix;
	unsigned char pop_flags; /* the two that load the flags */
	unsigned char interrupt_return;
	int64_t no_call;       /* value of the number register that keeps the kernel from restarting a call */
	unsigned char trap[4]; /* the instruction that a breakpoint is */
	size_t trap_size;      /* by which the PC is past it when it has been executed */
	int restart_call;      /* the call that goes on with an interrupted one: restart_syscall(2) */

	/* The value of the control register for these slots. */
	uint64_t (*debug_control)(const struct ut__debug_slot *slots);

	/* Takes the instruction apart that starts at code; false: not valid, or not whole in `size`. */
	bool (*decode)(const unsigned char *code, size_t size, struct ut__instruction *instruction);
	/* Does what the instruction at `address` does, PC included; false: nothing was changed, it must be executed. */
	bool (*emulate)(const struct ut__instruction *instruction, uint64_t address, void *set,
			const struct ut__stack_access *stack);
	/* Makes the copy to be executed at `place`, and changes the registers for it; false: it can't be moved. */
	bool (*copy)(const struct ut__instruction *instruction, uint64_t address, uint64_t place, void *set,
		     struct ut__copy *copy);
	/* Makes the registers those of a function's first instruction; false: the arguments are too many. */
	bool (*begin_call)(const struct ut__arch *arch, const struct ut__function *function, void *set,
			   struct ut__function_state *state, struct ut__function_stack *stack);
	/* What it has returned, by enum utrace_call_kind. */
	void (*end_call)(const struct ut__arch *arch, const void *set, const struct ut__function_state *state,
			 uint32_t kind, struct utrace_call_result *result);
	/* Puts registers and stack as if the copy had been executed at its own address; true if it was executed. */
	bool (*settle)(const struct ut__instruction *instruction, uint64_t address, uint64_t place, void *set,
		       const struct ut__copy *copy, const struct ut__stack_access *stack);
};

/* The one that the library itself was built for; its trap instruction is every tracee's. */
const struct ut__arch *ut__arch_native(void);

/* The architecture whose general register set has this size, or by id; NULL if none. */
const struct ut__arch *ut__arch_by_set_size(size_t size);
const struct ut__arch *ut__arch_by_id(int id);

/* The enum utrace_abi of a call, from the AUDIT_ARCH value and the raw number; takes the x32 bit off *number. */
uint32_t ut__arch_abi(uint32_t audit_arch, int64_t *number);
/* And back: AUDIT_ARCH of an ABI, 0 if unknown; the bits of the raw number in *number_bits. */
uint32_t ut__arch_audit(uint32_t abi, uint32_t *number_bits);

/* The note type by which the kernel knows a set of enum utrace_regset. (linux/elf.h) */
uint32_t ut__arch_note_type(int set);

/* Byte offset of a portable register, or UT__REG_NONE. */
uint16_t ut__arch_offset(const struct ut__arch *arch, int reg);
/* The layout for calls of this ABI, or NULL. */
const struct ut__arch_call *ut__arch_call(const struct ut__arch *arch, uint32_t abi);

/* A register of `size` bytes out of a register set, zero-extended, and into one. */
uint64_t ut__arch_load(const void *set, uint16_t offset, uint16_t size);
void ut__arch_store(void *set, uint16_t offset, uint16_t size, uint64_t value);

#endif
