/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * utrace/syscall.h - system calls: what they are called, which ones are of interest, and how to change them.
 */
#ifndef UTRACE_SYSCALL_H
#define UTRACE_SYSCALL_H

#include <utrace/error.h>
#include <utrace/event.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What an argument or a result is. New kinds may be added: treat an unknown one as HEX. */
enum utrace_arg_kind {
	UTRACE_ARG_INT = 1,
	UTRACE_ARG_UINT = 2,
	UTRACE_ARG_LONG = 3,
	UTRACE_ARG_ULONG = 4,
	UTRACE_ARG_HEX = 5,   /* a number best shown in hexadecimal */
	UTRACE_ARG_SIZE = 6,  /* a count of bytes */
	UTRACE_ARG_OFF = 7,   /* a signed 64-bit file offset */
	UTRACE_ARG_OFFLO = 8, /* low half of a 64-bit value in two registers */
	UTRACE_ARG_OFFHI = 9, /* high half */
	UTRACE_ARG_FD = 10,
	UTRACE_ARG_DIRFD = 11, /* a directory, AT_FDCWD possible */
	UTRACE_ARG_PID = 12,
	UTRACE_ARG_UID = 13,
	UTRACE_ARG_GID = 14,
	UTRACE_ARG_MODE = 15, /* permission bits, octal */
	UTRACE_ARG_SIGNAL = 16,
	UTRACE_ARG_PATH = 17,         /* NUL-terminated file name */
	UTRACE_ARG_STRING = 18,       /* NUL-terminated text */
	UTRACE_ARG_PTR = 19,          /* an address that nothing more is known of */
	UTRACE_ARG_BUFIN = 20,        /* bytes that the kernel reads */
	UTRACE_ARG_BUFOUT = 21,       /* bytes that the kernel writes */
	UTRACE_ARG_IN = 22,           /* struct `set` that the kernel reads; an array if `length` is given */
	UTRACE_ARG_OUT = 23,          /* struct `set` that the kernel writes */
	UTRACE_ARG_INOUT = 24,        /* struct `set`, both ways */
	UTRACE_ARG_IOVIN = 25,        /* array of struct iovec whose bytes the kernel reads */
	UTRACE_ARG_IOVOUT = 26,       /* ... writes */
	UTRACE_ARG_MSGIN = 27,        /* struct msghdr to send */
	UTRACE_ARG_MSGOUT = 28,       /* struct msghdr to receive */
	UTRACE_ARG_MMSGIN = 29,       /* array of struct mmsghdr to send */
	UTRACE_ARG_MMSGOUT = 30,      /* ... to receive */
	UTRACE_ARG_SOCKIN = 31,       /* socket address; `length` has its size */
	UTRACE_ARG_SOCKOUT = 32,      /* socket address; `length` points to its size */
	UTRACE_ARG_ARGV = 33,         /* NULL-terminated array of strings */
	UTRACE_ARG_ENVP = 34,         /* the same, an environment */
	UTRACE_ARG_SIGSET = 35,       /* signal set that the kernel reads */
	UTRACE_ARG_SIGSETOUT = 36,    /* ... writes */
	UTRACE_ARG_INTP = 37,         /* pointer to an int that the kernel reads */
	UTRACE_ARG_INTPOUT = 38,      /* ... writes */
	UTRACE_ARG_INTARRAY2OUT = 39, /* two ints that the kernel writes (pipe, socketpair) */
	UTRACE_ARG_LONGPOUT = 40,     /* pointer to a long that the kernel writes */
	UTRACE_ARG_FLAGS = 41,        /* bits of `set` */
	UTRACE_ARG_ENUM = 42,         /* one value of `set` */
	UTRACE_ARG_ADDR = 43,         /* result: an address */
	UTRACE_ARG_NONE = 44,         /* result: the call does not return */
	UTRACE_ARG_ZERO = 45,         /* result: 0 or an error */
};

/* Groups of calls, as strace's %classes. */
enum utrace_syscall_class {
	UTRACE_CLASS_FILE = 1 << 0,
	UTRACE_CLASS_DESC = 1 << 1,
	UTRACE_CLASS_NETWORK = 1 << 2,
	UTRACE_CLASS_PROCESS = 1 << 3,
	UTRACE_CLASS_SIGNAL = 1 << 4,
	UTRACE_CLASS_IPC = 1 << 5,
	UTRACE_CLASS_MEMORY = 1 << 6,
	UTRACE_CLASS_CREDS = 1 << 7,
	UTRACE_CLASS_STAT = 1 << 8,
	UTRACE_CLASS_LSTAT = 1 << 9,
	UTRACE_CLASS_FSTAT = 1 << 10,
	UTRACE_CLASS_STATFS = 1 << 11,
	UTRACE_CLASS_FSTATFS = 1 << 12,
	UTRACE_CLASS_CLOCK = 1 << 13,
	UTRACE_CLASS_PURE = 1 << 14,
};

#define UTRACE_LENGTH_NONE   (-1)
#define UTRACE_LENGTH_RESULT (-2)

struct utrace_syscall_arg {
	const char *name;
	const char *set; /* the name of the flag set, of the enumeration or of the struct; or NULL */
	uint16_t kind;   /* enum utrace_arg_kind */
	int16_t length;  /* which argument has the length or count: an index, or UTRACE_LENGTH_* */
};

struct utrace_syscall_info {
	const char *name;
	int16_t number[3]; /* x86-64, x32, i386; -1 where absent. Use utrace_syscall_number */
	uint16_t result;   /* enum utrace_arg_kind */
	uint32_t classes;  /* sum of enum utrace_syscall_class */
	uint32_t arg_count;
	struct utrace_syscall_arg args[6];
};

/* The description of a call, or NULL if the table has none. Any thread; static storage. */
UTRACE_API const struct utrace_syscall_info *utrace_syscall_describe(uint32_t abi, int64_t number);

/* The number of a call by name, or UTRACE_NOT_FOUND. Any thread. */
UTRACE_API int utrace_syscall_number(uint32_t abi, const char *name);

/* One more than the highest number of this ABI. Any thread. */
UTRACE_API int utrace_syscall_limit(uint32_t abi);

/* "x86_64", "x32", "i386". Any thread; static storage. */
UTRACE_API const char *utrace_abi_name(uint32_t abi);

/*
 * A filter: which calls are told at all.  Made empty (no call is told), filled, given to spawn, attach or
 * utrace_process_set_filter, destroyed. Not tied to a session.  One thread at a time.
 */
typedef struct utrace_filter utrace_filter;

UTRACE_API utrace_filter *utrace_filter_create(void); /* NULL: out of memory */
UTRACE_API void utrace_filter_destroy(utrace_filter *filter);
/*
 * UTRACE_NOT_FOUND: a number beyond the ABI's limit, or an unknown ABI. Numbers that the table does not know are
 * allowed.
 */
UTRACE_API int utrace_filter_add(utrace_filter *filter, uint32_t abi, int64_t number, struct utrace_error *error);
/* Adds the call of this name in every ABI that has it. UTRACE_NOT_FOUND. */
UTRACE_API int utrace_filter_add_name(utrace_filter *filter, const char *name, struct utrace_error *error);
/* Adds every call of these classes in every ABI. */
UTRACE_API void utrace_filter_add_class(utrace_filter *filter, uint32_t classes);
/* Every call that is in becomes out, and the other way round; numbers that no table knows become in. */
UTRACE_API void utrace_filter_invert(utrace_filter *filter);
UTRACE_API int utrace_filter_has(const utrace_filter *filter, uint32_t abi, int64_t number);
/*
 * A filter in the kernel needs CAP_SYS_ADMIN or no_new_privs (seccomp(2)).  Allows the latter where the former is
 * missing: programs that the tracee starts then gain no privilege by setuid, which an unprivileged tracer prevents
 * anyway.
 */
UTRACE_API void utrace_filter_allow_no_new_privs(utrace_filter *filter);

enum utrace_filter_place {
	UTRACE_FILTER_ABSENT = 0,     /* every call is told */
	UTRACE_FILTER_IN_KERNEL = 1,  /* calls left out cost nothing */
	UTRACE_FILTER_IN_LIBRARY = 2, /* calls left out still stop the tracee for a moment */
};

/* Where the filter of a process is applied; why, if not in the kernel, stands in error->text (status 0). */
UTRACE_API int utrace_process_filter_place(utrace_process *process, struct utrace_error *error);

/*
 * Replaces the filter of a running process, in the library; NULL: all calls. UTRACE_FILTERED if it has one in the
 * kernel that leaves out calls that this one wants.
 */
UTRACE_API int utrace_process_set_filter(utrace_process *process, const utrace_filter *filter,
					 struct utrace_error *error);

/*
 * Edits.  The first two need a thread held by SYSCALL_ENTRY, the last by SYSCALL_EXIT; else UTRACE_WRONG_STATE.
 * A call that is changed is seen by the tracee's own seccomp filters in its new form where the entry is told before
 * them.
 */

/* Replaces the number (-1: the call fails with ENOSYS) and arguments. */
UTRACE_API int utrace_syscall_rewrite(utrace_thread *thread, int64_t number, const uint64_t args[6],
				      struct utrace_error *error);
/* The call is not carried out; the tracee gets this result, -errno for an error. */
UTRACE_API int utrace_syscall_skip(utrace_thread *thread, int64_t result, struct utrace_error *error);
/* Another result, -errno for an error; registers and memory that the call changed stay changed. */
UTRACE_API int utrace_syscall_set_result(utrace_thread *thread, int64_t result, struct utrace_error *error);

/*
 * Runs a system call inside the held thread and stores its result, -errno for an error.  Number and arguments are of
 * the thread's own ABI.  The thread then stands where it stood; signals that come in meanwhile are delivered
 * afterwards.
 * Errors: UTRACE_WRONG_STATE (held by CREATE of a vfork or by EXITING; the call was one that doesn't return: exit,
 * execve, fork, sigreturn), UTRACE_NOT_FOUND (no system call instruction in the tracee's memory), UTRACE_DEAD (it
 * ended meanwhile), UTRACE_NOT_STOPPED.
 */
UTRACE_API int utrace_syscall_inject(utrace_thread *thread, int64_t number, const uint64_t args[6], int64_t *result,
				     struct utrace_error *error);

#ifdef __cplusplus
}
#endif

#endif
