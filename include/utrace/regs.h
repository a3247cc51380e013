/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * utrace/regs.h - the registers of a held thread.
 *
 * A thread's register set describes itself: utrace_thread_architecture says which table applies at this stop, and that
 * table gives each register its names.  Changes are kept with the thread and take effect when it is resumed.
 * All calls: UTRACE_NOT_STOPPED, UTRACE_DEAD, UTRACE_NOT_ATTACHED, UTRACE_NOT_FOUND.
 */
#ifndef UTRACE_REGS_H
#define UTRACE_REGS_H

#include <utrace/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Names that mean the same on every architecture. */
enum utrace_register {
	UTRACE_REG_PC = 1,
	UTRACE_REG_SP = 2,
	UTRACE_REG_FP = 3, /* the register that the ABI suggests as frame pointer */
	UTRACE_REG_FLAGS = 4,
	UTRACE_REG_RESULT = 5, /* of a function, by the ABI */
	UTRACE_REG_ARG0 = 16,  /* arguments of a function, by the ABI; absent where it passes them on the stack */
	UTRACE_REG_ARG1,
	UTRACE_REG_ARG2,
	UTRACE_REG_ARG3,
	UTRACE_REG_ARG4,
	UTRACE_REG_ARG5,
	UTRACE_REG_SYSCALL_NUMBER = 32,
	UTRACE_REG_SYSCALL_RESULT = 33,
	UTRACE_REG_SYSCALL_ARG0 = 34,
	UTRACE_REG_SYSCALL_ARG1,
	UTRACE_REG_SYSCALL_ARG2,
	UTRACE_REG_SYSCALL_ARG3,
	UTRACE_REG_SYSCALL_ARG4,
	UTRACE_REG_SYSCALL_ARG5,
};

enum utrace_architecture {
	UTRACE_ARCH_X86_64 = 1,
	UTRACE_ARCH_I386 = 2,
};

/* One register, as the description table has it. */
struct utrace_register_info {
	const char *name; /* as the architecture's manuals spell it, lower case */
	uint16_t offset;  /* bytes, in the general register set as the kernel lays it out */
	uint16_t size;    /* bytes */
	int16_t dwarf;    /* DWARF number by the ABI supplement, -1 if it has none */
};

/* Registers sets as a whole; the layout is the kernel's (ptrace(2) PTRACE_GETREGSET, <elf.h> NT_*). */
enum utrace_regset {
	UTRACE_REGSET_GENERAL = 1, /* NT_PRSTATUS */
	UTRACE_REGSET_FLOAT = 2,   /* NT_PRFPREG */
	UTRACE_REGSET_XSTATE = 3,  /* NT_X86_XSTATE */
};

/*
 * The architecture (enum utrace_architecture) whose table describes the thread's registers at this stop, or a status.
 */
UTRACE_API int utrace_thread_architecture(utrace_thread *thread, struct utrace_error *error);

/* "x86_64", "i386", or NULL; the table and its length. Any thread; static storage. */
UTRACE_API const char *utrace_architecture_name(int architecture);
UTRACE_API const struct utrace_register_info *utrace_architecture_registers(int architecture, size_t *count);

/* By portable name. */
UTRACE_API int utrace_register_get(utrace_thread *thread, int reg, uint64_t *value, struct utrace_error *error);
UTRACE_API int utrace_register_set(utrace_thread *thread, int reg, uint64_t value, struct utrace_error *error);

/* By DWARF number. */
UTRACE_API int utrace_register_get_dwarf(utrace_thread *thread, int number, uint64_t *value,
					 struct utrace_error *error);
UTRACE_API int utrace_register_set_dwarf(utrace_thread *thread, int number, uint64_t value, struct utrace_error *error);

/* By the architecture's name, as "rax". */
UTRACE_API int utrace_register_get_name(utrace_thread *thread, const char *name, uint64_t *value,
					struct utrace_error *error);
UTRACE_API int utrace_register_set_name(utrace_thread *thread, const char *name, uint64_t value,
					struct utrace_error *error);

/*
 * A whole set.  get: stores up to `size` bytes and returns the set's full size in this thread, so size 0 asks for it.
 * set: writes exactly `size` bytes, a multiple of the set's word; returns 0.
 * UTRACE_UNSUPPORTED: the processor or kernel has no such set.
 */
UTRACE_API ssize_t utrace_regset_get(utrace_thread *thread, int regset, void *buffer, size_t size,
				     struct utrace_error *error);
UTRACE_API int utrace_regset_set(utrace_thread *thread, int regset, const void *buffer, size_t size,
				 struct utrace_error *error);

#ifdef __cplusplus
}
#endif

#endif
