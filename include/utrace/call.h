/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * utrace/call.h - code run in the tracee: functions, memory, libraries.
 *
 * A held thread is borrowed for a while and then stands as it stood: same registers (floating point and vector ones too),
 * same signal mask, same system call to be restarted, same signal about to be delivered, same event that holds it.  What
 * the function did to the process's memory stays done, of course; a function that was cut short may hold locks.
 *
 * Meanwhile signals stay blocked, but for those that the function's own instructions cause; system calls of the function
 * are not told; threads and processes that it makes are told by CREATE without a hold, and run.
 *
 * Facts: System V ABI, AMD64 supplement 3.2 (calling sequence, red zone), i386 supplement 2.2.
 */
#ifndef UTRACE_CALL_H
#define UTRACE_CALL_H

#include <signal.h>
#include <utrace/symbol.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a value is passed, or returned. */
enum utrace_call_kind {
	UTRACE_CALL_WORD = 0,        /* an integer or a pointer, extended to the width of a register */
	UTRACE_CALL_WIDE = 1,        /* an integer of 64 bits: two words on i386 */
	UTRACE_CALL_FLOAT = 2,       /* float; to a function with variable arguments pass DOUBLE */
	UTRACE_CALL_DOUBLE = 3,      /* double */
	UTRACE_CALL_LONG_DOUBLE = 4, /* results only: `real` is rounded, `x87` has all of it */
};

struct utrace_call_value {
	uint32_t kind;   /* enum utrace_call_kind */
	uint64_t number; /* WORD, WIDE */
	double real;     /* FLOAT, DOUBLE */
};

struct utrace_call_options {
	size_t size;
	uint64_t function;                    /* its first instruction */
	const struct utrace_call_value *args; /* a struct that is returned in memory: its address is the first */
	size_t arg_count;
	uint32_t result_kind; /* enum utrace_call_kind; what `real` of the result is taken from */
	int32_t timeout_ms;   /* the bound; 0: ten seconds, -1: none */
	uint32_t run_others;  /* non-zero: held threads of the process run meanwhile, and are stopped again (STOPPED) */
	uint32_t pass_breakpoints; /* non-zero: breakpoints on the way are passed as if disabled for this thread */
	uint64_t stack;            /* the end of memory to use as the stack; 0: the thread's own, below its red zone */
};

/* How a call ended. */
enum utrace_call_end {
	UTRACE_CALL_RETURNED = 0,
	UTRACE_CALL_SIGNALLED = 1,  /* it caused the signal in `info`, which is gone now */
	UTRACE_CALL_BREAKPOINT = 2, /* it came to a breakpoint or watchpoint of the caller's, or executed a trap */
	UTRACE_CALL_TIMED_OUT = 3,
	UTRACE_CALL_ENDED = 4,    /* the thread or process ended in it */
	UTRACE_CALL_EXECUTED = 5, /* it called execve: EXEC is told, and the thread stays there */
};

struct utrace_call_result {
	size_t size;
	uint32_t end;             /* enum utrace_call_end */
	uint64_t number;          /* rax; eax, or edx:eax of a WIDE result */
	uint64_t high;            /* rdx, edx: the second word of a small struct */
	double real;              /* of a FLOAT, DOUBLE or LONG_DOUBLE result */
	unsigned char vector[32]; /* xmm0 and xmm1 */
	unsigned char x87[16];    /* st(0), 10 bytes */
	uint64_t pc;              /* where it was when it was cut short */
	siginfo_t info;           /* SIGNALLED */
};

/*
 * Calls a function in a held thread, and waits until it has returned or was cut short; both put the thread back.  Other
 * threads go on as they are; their events are queued meanwhile, and who is held by one stays so until it is taken: a
 * function that needs such a thread runs out of time.  utrace_session_wake ends it as if the time were over.  result
 * may not be NULL; its `end` is also set on failure.
 * Returns 0 if the function returned.  UTRACE_INTERRUPTED: SIGNALLED, BREAKPOINT; UTRACE_TIMED_OUT: it was stopped,
 * or, as the text then says, could not be (it sleeps uninterruptibly: a stop of it will be told); UTRACE_DEAD; UTRACE_WRONG_STATE:
 * EXECUTED, or the thread is held where no code can run (CREATE, VFORK_DONE, EXEC, EXITING, JOB_STOP), or a
 * breakpoint's condition asks; UTRACE_FAULT: the stack can't be written; UTRACE_INVALID: arguments; UTRACE_UNSUPPORTED;
 * UTRACE_NOT_STOPPED; UTRACE_IS_CORE.
 */
UTRACE_API int utrace_thread_call(utrace_thread *thread, const struct utrace_call_options *options,
				  struct utrace_call_result *result, struct utrace_error *error);

/*
 * Private memory in the tracee, by a system call that the held thread makes: `size` bytes, rounded up to pages; protection as for
 * mmap(2). Errors as utrace_syscall_inject; UTRACE_SYSTEM with the call's errno.
 */
UTRACE_API int utrace_thread_allocate(utrace_thread *thread, uint64_t size, int protection, uint64_t *address,
				      struct utrace_error *error);
UTRACE_API int utrace_thread_release(utrace_thread *thread, uint64_t address, uint64_t size,
				     struct utrace_error *error);

/*
 * Loads a library with the tracee's own dlopen(3), RTLD_NOW | RTLD_GLOBAL; *handle is what that returned.  The held thread should
 * not be inside the dynamic linker or malloc, whose locks it may hold.  timeout_ms as above.  Look at the image again
 * afterwards (utrace_image_refresh).
 * UTRACE_NOT_FOUND: the program has no dlopen; UTRACE_SYSTEM: dlopen failed, the text is dlerror's; and as utrace_thread_call.
 */
UTRACE_API int utrace_library_load(utrace_image *image, utrace_thread *thread, const char *path, int timeout_ms,
				   uint64_t *handle, struct utrace_error *error);

#ifdef __cplusplus
}
#endif

#endif
