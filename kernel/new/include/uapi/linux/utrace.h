/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * utrace(2): watch and control other tasks through a session descriptor.
 *
 *	long utrace(__u32 op, int fd, void *arg, size_t argsz, __u32 flags);
 *
 * A session (UTRACE_OP_OPEN) watches threads (UTRACE_OP_ATTACH).  What happens to
 * them is told by records in a ring that the caller maps; what the caller wants
 * done is a list of commands (UTRACE_OP_SUBMIT).  Nothing is reparented, no signal
 * is sent, wait(2) is untouched, and several sessions may watch one thread.
 *
 * Every struct that is passed as @arg may grow at its end, as clone3(2)'s does: the
 * size says how much the caller knows, missing members are 0, and unknown ones that
 * are not 0 give E2BIG.  The layout is the same for 32-bit and 64-bit callers; a
 * pointer is a __u64.  Reserved members and unknown flags must be 0.
 *
 * See Documentation/userspace-api/utrace.rst.
 */
#ifndef _UAPI_LINUX_UTRACE_H
#define _UAPI_LINUX_UTRACE_H

#include <linux/types.h>

#define UTRACE_VERSION		1

/**
 * enum utrace_op - first argument of utrace(2)
 * @UTRACE_OP_QUERY: @fd is -1, @arg is a struct utrace_query_args that is filled.
 * @UTRACE_OP_OPEN: @fd is -1, @arg is a struct utrace_open_args; returns the session's
 *	descriptor, close-on-exec.
 * @UTRACE_OP_ATTACH: @arg is a struct utrace_attach_args; returns the number of threads
 *	that this call attached.
 * @UTRACE_OP_SUBMIT: @arg is a struct utrace_submit_args; returns the number of commands
 *	that were looked at, each of which has its own error.
 */
enum utrace_op {
	UTRACE_OP_QUERY = 0,
	UTRACE_OP_OPEN = 1,
	UTRACE_OP_ATTACH = 2,
	UTRACE_OP_SUBMIT = 3,
};

/**
 * enum utrace_ev - what a record tells
 * @UTRACE_EV_PAD: nothing; fills the end of the ring so that no record wraps.
 * @UTRACE_EV_LOST: the ring was full, see struct utrace_rec_lost.
 * @UTRACE_EV_ATTACH: the session watches a thread from now on, because it attached to it
 *	or because a thread that it watches has made it. First record of every thread.
 * @UTRACE_EV_DETACH: the session does not watch the thread any more, though it lives on.
 * @UTRACE_EV_SYSCALL_ENTRY: a system call, before seccomp and before it is looked at.
 * @UTRACE_EV_SYSCALL_EXIT: a system call is over.
 * @UTRACE_EV_CLONE: the thread has made a thread or process.
 * @UTRACE_EV_VFORK_DONE: a vfork(2) child has given the memory back.
 * @UTRACE_EV_EXEC: a new program, before its first instruction.
 * @UTRACE_EV_EXIT: the thread is about to end; registers and memory are still there.
 * @UTRACE_EV_DEATH: the thread has ended. Last record of a thread, always told.
 * @UTRACE_EV_SIGNAL: a signal is about to be delivered, or, not as a stop, has ended the process.
 * @UTRACE_EV_JOB_STOP: job control has stopped the thread.
 * @UTRACE_EV_JOB_CONTINUE: job control has let the thread go on.
 * @UTRACE_EV_STOP: a stop that was asked for.
 * @UTRACE_EV_STEP: a single step is done.
 * @UTRACE_EV_WATCHPOINT: the thread has touched memory that UTRACE_CMD_WATCHPOINT watches.
 * @UTRACE_EV_COUNT: number of the above.
 *
 * PAD, LOST, ATTACH, DETACH, DEATH, STOP, STEP and WATCHPOINT are told unasked. All others follow
 * the policy. ATTACH, DETACH, DEATH and every record of a stop are never lost: if the ring is
 * full they wait until there is room.
 */
enum utrace_ev {
	UTRACE_EV_PAD = 0,
	UTRACE_EV_LOST = 1,
	UTRACE_EV_ATTACH = 2,
	UTRACE_EV_DETACH = 3,
	UTRACE_EV_SYSCALL_ENTRY = 4,
	UTRACE_EV_SYSCALL_EXIT = 5,
	UTRACE_EV_CLONE = 6,
	UTRACE_EV_VFORK_DONE = 7,
	UTRACE_EV_EXEC = 8,
	UTRACE_EV_EXIT = 9,
	UTRACE_EV_DEATH = 10,
	UTRACE_EV_SIGNAL = 11,
	UTRACE_EV_JOB_STOP = 12,
	UTRACE_EV_JOB_CONTINUE = 13,
	UTRACE_EV_STOP = 14,
	UTRACE_EV_STEP = 15,
	UTRACE_EV_WATCHPOINT = 16,
	UTRACE_EV_COUNT = 17,
};

#define UTRACE_EV_BIT(ev)	(1ULL << (ev))

/**
 * enum utrace_rec_flag - @flags of struct utrace_record
 * @UTRACE_REC_STOPPED: the thread is held for this session until UTRACE_CMD_RESUME.
 * @UTRACE_REC_ANSWERS: this stop also answers stop requests up to @request.
 * @UTRACE_REC_UNMATCHED: a system call exit whose entry no session was there to see; number
 *	and arguments are what the registers hold now.
 * @UTRACE_REC_PROCESS_END: DEATH: it was the last thread of its process.
 * @UTRACE_REC_HANDLER: STEP: the thread stands at the first instruction of a signal handler,
 *	and has executed none since it was resumed.
 * @UTRACE_REC_INCOMPLETE: of what UTRACE_CMD_SET_CAPTURE asks for, something is not there, for
 *	want of room in the record or of memory, or because the session may not read the thread's
 *	memory.
 */
enum utrace_rec_flag {
	UTRACE_REC_STOPPED = 1 << 0,
	UTRACE_REC_ANSWERS = 1 << 1,
	UTRACE_REC_UNMATCHED = 1 << 2,
	UTRACE_REC_PROCESS_END = 1 << 3,
	UTRACE_REC_HANDLER = 1 << 4,
	UTRACE_REC_INCOMPLETE = 1 << 5,
};

/**
 * enum utrace_call_abi - the interface by which a system call was made
 * @UTRACE_CALL_NATIVE: the kernel's own, as x86-64.
 * @UTRACE_CALL_COMPAT: 32 bit, as i386; also int $0x80 in a 64-bit program.
 * @UTRACE_CALL_X32: x86 only. Numbers are told and given without __X32_SYSCALL_BIT.
 * @UTRACE_CALL_ABIS: number of the above.
 */
enum utrace_call_abi {
	UTRACE_CALL_NATIVE = 0,
	UTRACE_CALL_COMPAT = 1,
	UTRACE_CALL_X32 = 2,
	UTRACE_CALL_ABIS = 3,
};

/**
 * struct utrace_rec_syscall - SYSCALL_ENTRY, SYSCALL_EXIT
 * @arch: AUDIT_ARCH_* of the call, as in struct seccomp_data.
 * @abi: enum utrace_call_abi.
 * @nr: number, as called, before any change; sign-extended.
 * @args: arguments as called; those of 32-bit calls are zero-extended.
 * @result: exit: what the call returns, -errno if @is_error.
 * @is_error: exit: 1 if the call failed.
 * @pieces: where the first struct utrace_piece is, in bytes from the start of the record, or 0.
 *	They go on to the record's end. Only in records without UTRACE_REC_STOPPED.
 * @ip: the instruction after the call's.
 * @sp: stack pointer.
 */
struct utrace_rec_syscall {
	__u32 arch;
	__u32 abi;
	__s64 nr;
	__u64 args[6];
	__s64 result;
	__u32 is_error;
	__u32 pieces;
	__u64 ip;
	__u64 sp;
};

/**
 * enum utrace_piece_flag - @flags of struct utrace_piece
 * @UTRACE_PIECE_TRUNCATED: there is more: @max of the take or the room in the record is used up.
 * @UTRACE_PIECE_FAULT: the memory behind the last byte can't be read.
 */
enum utrace_piece_flag {
	UTRACE_PIECE_TRUNCATED = 1 << 0,
	UTRACE_PIECE_FAULT = 1 << 1,
};

/**
 * struct utrace_piece - memory of a thread, in a record of its system call
 * @addr: where it was.
 * @size: bytes that follow; then comes the next piece, aligned to 8.
 * @take: which of the call's struct utrace_take asked for it.
 * @flags: enum utrace_piece_flag.
 */
struct utrace_piece {
	__u64 addr;
	__u32 size;
	__u16 take;
	__u16 flags;
};

/**
 * enum utrace_attach_why - @why of struct utrace_rec_attach
 * @UTRACE_WHY_ASKED: UTRACE_OP_ATTACH.
 * @UTRACE_WHY_CLONE: made by a thread that the session watches.
 */
enum utrace_attach_why {
	UTRACE_WHY_ASKED = 1,
	UTRACE_WHY_CLONE = 2,
};

/**
 * struct utrace_rec_attach - ATTACH
 * @why: enum utrace_attach_why.
 * @reserved: 0.
 * @parent: cookie of the thread that made this one, 0 if asked.
 * @clone_flags: flags of clone3(2), 0 if asked.
 */
struct utrace_rec_attach {
	__u32 why;
	__u32 reserved;
	__u64 parent;
	__u64 clone_flags;
};

/**
 * enum utrace_detach_why - @why of struct utrace_rec_detach
 * @UTRACE_DETACH_ASKED: UTRACE_CMD_DETACH.
 * @UTRACE_DETACH_EXEC: the thread has executed a program that the session may not watch.
 */
enum utrace_detach_why {
	UTRACE_DETACH_ASKED = 1,
	UTRACE_DETACH_EXEC = 2,
};

/**
 * struct utrace_rec_detach - DETACH
 * @why: enum utrace_detach_why.
 * @reserved: 0.
 */
struct utrace_rec_detach {
	__u32 why;
	__u32 reserved;
};

/**
 * struct utrace_rec_clone - CLONE, VFORK_DONE
 * @child: cookie of the child, 0 if the session does not watch it.
 * @child_process: cookie of the child's process, 0 likewise.
 * @clone_flags: flags of clone3(2).
 * @child_tid: its id in the session's pid namespace, 0 if it has none there.
 * @exit_signal: signal that its end sends to the parent.
 * @error: 0, or why the child could not be watched though it should be, as ENOMEM.
 * @reserved: 0.
 */
struct utrace_rec_clone {
	__u64 child;
	__u64 child_process;
	__u64 clone_flags;
	__u32 child_tid;
	__u32 exit_signal;
	__u32 error;
	__u32 reserved;
};

/**
 * struct utrace_rec_exec - EXEC
 * @old_tid: thread id before; differs from the record's @tid if another thread than the
 *	leader has called execve(2). The cookie of that thread stays.
 * @reserved: 0.
 */
struct utrace_rec_exec {
	__u32 old_tid;
	__u32 reserved;
};

/**
 * enum utrace_cause - why a thread ends
 * @UTRACE_CAUSE_SELF: it called exit(2) or exit_group(2), or took a fatal signal.
 * @UTRACE_CAUSE_GROUP: its process ends by another thread's doing, or by SIGKILL.
 * @UTRACE_CAUSE_EXEC: another thread of its process called execve(2).
 */
enum utrace_cause {
	UTRACE_CAUSE_SELF = 1,
	UTRACE_CAUSE_GROUP = 2,
	UTRACE_CAUSE_EXEC = 3,
};

/**
 * struct utrace_rec_exit - EXIT, DEATH
 * @status: as wait(2) would give it.
 * @cause: enum utrace_cause.
 * @utime: processor time spent in user mode, in nanoseconds.
 * @stime: the same in the kernel.
 * @maxrss: the most memory that the process has had resident, in bytes.
 * @minflt: page faults that needed no input.
 * @majflt: those that did.
 * @nvcsw: how often it gave the processor up to wait.
 * @nivcsw: how often the processor was taken from it.
 *
 * All but @maxrss are the thread's so far, or with UTRACE_REC_PROCESS_END those of the process in
 * all, without its children. @cause is always the thread's.
 */
struct utrace_rec_exit {
	__s32 status;
	__u32 cause;
	__u64 utime;
	__u64 stime;
	__u64 maxrss;
	__u64 minflt;
	__u64 majflt;
	__u64 nvcsw;
	__u64 nivcsw;
};

/* Bytes of a siginfo_t on every architecture. */
#define UTRACE_SIGINFO_SIZE	128

/**
 * struct utrace_rec_signal - SIGNAL
 * @signo: number.
 * @reserved: 0.
 * @info: siginfo_t as the kernel's native ABI has it, whatever the thread's is.
 */
struct utrace_rec_signal {
	__u32 signo;
	__u32 reserved;
	__u8 info[UTRACE_SIGINFO_SIZE] __attribute__((aligned(8)));
};

/**
 * struct utrace_rec_job - JOB_STOP, JOB_CONTINUE
 * @signo: JOB_STOP: the signal that stopped the process. JOB_CONTINUE: SIGCONT.
 * @reserved: 0.
 */
struct utrace_rec_job {
	__u32 signo;
	__u32 reserved;
};

/**
 * struct utrace_rec_step - STEP
 * @ip: the next instruction.
 * @sp: stack pointer.
 */
struct utrace_rec_step {
	__u64 ip;
	__u64 sp;
};

/* Watchpoints that a session may have on a thread; the processor may have fewer. */
#define UTRACE_WATCHPOINTS	16

/**
 * struct utrace_rec_watchpoint - WATCHPOINT
 * @hits: a bit for the index of each watchpoint that was hit.
 * @reserved: 0.
 */
struct utrace_rec_watchpoint {
	__u32 hits;
	__u32 reserved;
};

/**
 * struct utrace_rec_lost - LOST
 * @count: records that found no room since the last LOST.
 */
struct utrace_rec_lost {
	__u64 count;
};

/**
 * struct utrace_record - a record in the ring
 * @size: bytes of this record, a multiple of 8; the next one starts there.
 * @event: enum utrace_ev.
 * @flags: enum utrace_rec_flag.
 * @task: cookie of the thread, never used again in this session; 0 in PAD and LOST.
 * @process: cookie of its process.
 * @stop: with UTRACE_REC_STOPPED, the number of this stop, which commands for it name.
 *	Numbers grow within a session.
 * @request: with UTRACE_REC_ANSWERS, the greatest number of a stop request that this answers.
 * @time: CLOCK_MONOTONIC, in nanoseconds. 0 in PAD.
 * @tid: thread id in the opener's pid namespace, 0 if it has none there.
 * @tgid: process id likewise.
 * @syscall: SYSCALL_ENTRY, SYSCALL_EXIT.
 * @attach: ATTACH.
 * @detach: DETACH.
 * @clone: CLONE, VFORK_DONE.
 * @exec: EXEC.
 * @exit: EXIT, DEATH.
 * @signal: SIGNAL.
 * @job: JOB_STOP, JOB_CONTINUE.
 * @step: STEP.
 * @watchpoint: WATCHPOINT.
 * @lost: LOST.
 *
 * A PAD has @size and @event only. A record is as long as its event's member; a member may
 * grow, so a reader goes by @size.
 */
struct utrace_record {
	__u32 size;
	__u16 event;
	__u16 flags;
	__u64 task;
	__u64 process;
	__u64 stop;
	__u64 request;
	__u64 time;
	__u32 tid;
	__u32 tgid;
	union {
		struct utrace_rec_syscall syscall;
		struct utrace_rec_attach attach;
		struct utrace_rec_detach detach;
		struct utrace_rec_clone clone;
		struct utrace_rec_exec exec;
		struct utrace_rec_exit exit;
		struct utrace_rec_signal signal;
		struct utrace_rec_job job;
		struct utrace_rec_step step;
		struct utrace_rec_watchpoint watchpoint;
		struct utrace_rec_lost lost;
	};
};

#define UTRACE_RING_EVENTS	32

/**
 * struct utrace_ring - first page of the mapping of a session's descriptor
 * @head: written by the kernel: bytes ever put into the ring. Read it with acquire order.
 * @tail: written by the reader: bytes ever taken out, always up to the end of a record.
 *	Write it with release order.
 * @lost: written by the kernel: records that found no room, in all.
 * @left_out: written by the kernel, by enum utrace_ev: events that a condition left out.
 * @data_offset: where the data starts in the mapping.
 * @data_size: bytes of data, a power of two. The record at position p is at
 *	@data_offset + (p & (@data_size - 1)).
 * @pad0: 0.
 * @pad1: 0.
 * @pad2: 0.
 *
 * The kernel reads nothing from the mapping but @tail, and takes one that can't be true for
 * a full ring.
 */
struct utrace_ring {
	__u64 head;
	__u64 pad0[7];
	__u64 tail;
	__u64 pad1[7];
	__u64 lost;
	__u32 data_offset;
	__u32 data_size;
	__u64 pad2[6];
	__u64 left_out[UTRACE_RING_EVENTS];
};

/**
 * struct utrace_query_args - UTRACE_OP_QUERY
 * @version: UTRACE_VERSION.
 * @arch: AUDIT_ARCH_* of the kernel's native ABI.
 * @ops: bit for each enum utrace_op.
 * @events: bit for each enum utrace_ev.
 * @commands: bit for each enum utrace_cmd.
 * @abis: bit for each enum utrace_call_abi.
 * @max_commands: most commands of one UTRACE_OP_SUBMIT.
 * @max_ring: greatest @ring_size.
 * @max_data: most bytes that one command may move.
 * @max_capture: greatest @size of UTRACE_CMD_SET_CAPTURE.
 * @max_pieces: most bytes of pieces in one record. A record is also no more than a quarter of the
 *	ring.
 */
struct utrace_query_args {
	__u32 version;
	__u32 arch;
	__u64 ops;
	__u64 events;
	__u64 commands;
	__u32 abis;
	__u32 max_commands;
	__u32 max_ring;
	__u32 max_data;
	__u32 max_capture;
	__u32 max_pieces;
};

/**
 * enum utrace_open_flag - @flags of struct utrace_open_args
 * @UTRACE_OPEN_BACKPRESSURE: a thread whose record finds no room waits (killably) until
 *	there is, in place of counting a loss.
 */
enum utrace_open_flag {
	UTRACE_OPEN_BACKPRESSURE = 1 << 0,
};

/**
 * struct utrace_open_args - UTRACE_OP_OPEN
 * @flags: enum utrace_open_flag.
 * @ring_size: bytes of the ring's data: a power of two, at least a page. 0: 256 KiB.
 */
struct utrace_open_args {
	__u32 flags;
	__u32 ring_size;
};

/**
 * enum utrace_policy_flag - @flags of struct utrace_policy
 * @UTRACE_POLICY_CALLS: @calls narrows the system call events; else every call counts.
 * @UTRACE_POLICY_KILL_ON_CLOSE: SIGKILL the process when the session's last descriptor is
 *	closed. Default is to let it run.
 */
enum utrace_policy_flag {
	UTRACE_POLICY_CALLS = 1 << 0,
	UTRACE_POLICY_KILL_ON_CLOSE = 1 << 1,
};

/**
 * enum utrace_call_set - first index of the bitmaps in struct utrace_policy
 * @UTRACE_CALLS_ENTRY_RECORD: calls whose entry is recorded.
 * @UTRACE_CALLS_ENTRY_STOP: calls whose entry stops.
 * @UTRACE_CALLS_EXIT_RECORD: calls whose exit is recorded.
 * @UTRACE_CALLS_EXIT_STOP: calls whose exit stops.
 * @UTRACE_CALLS_SETS: number of the above.
 */
enum utrace_call_set {
	UTRACE_CALLS_ENTRY_RECORD = 0,
	UTRACE_CALLS_ENTRY_STOP = 1,
	UTRACE_CALLS_EXIT_RECORD = 2,
	UTRACE_CALLS_EXIT_STOP = 3,
	UTRACE_CALLS_SETS = 4,
};

#define UTRACE_CALLS_WORDS	16
/* The bit that stands for every number that has none of its own. */
#define UTRACE_CALLS_OTHER	(UTRACE_CALLS_WORDS * 64 - 1)

/**
 * struct utrace_policy - which events of a thread are told, and which hold it
 * @flags: enum utrace_policy_flag.
 * @reserved: 0.
 * @record: UTRACE_EV_BIT() of events that are told and don't stop the thread.
 * @stop: UTRACE_EV_BIT() of events that are told and stop it. Wins over @record.
 * @calls: with UTRACE_POLICY_CALLS, by enum utrace_call_set and enum utrace_call_abi, a bit
 *	for each system call number: an event of a call counts if both the event's bit
 *	above and the call's bit are set.
 *
 * Belongs to a thread. A thread or process that it makes starts with the same.
 */
struct utrace_policy {
	__u32 flags;
	__u32 reserved;
	__u64 record;
	__u64 stop;
	__u64 calls[UTRACE_CALLS_SETS][UTRACE_CALL_ABIS][UTRACE_CALLS_WORDS];
};

/**
 * enum utrace_scope - @scope of struct utrace_attach_args
 * @UTRACE_SCOPE_THREAD: this thread.
 * @UTRACE_SCOPE_PROCESS: all threads of its process, also those that it will make.
 * @UTRACE_SCOPE_TREE: the same, and all processes that it or its children will make.
 */
enum utrace_scope {
	UTRACE_SCOPE_THREAD = 0,
	UTRACE_SCOPE_PROCESS = 1,
	UTRACE_SCOPE_TREE = 2,
};

/**
 * enum utrace_attach_flag - @flags of struct utrace_attach_args
 * @UTRACE_ATTACH_HOLD: stop each thread, as UTRACE_CMD_STOP with UTRACE_WITH_INTERRUPT does.
 * @UTRACE_ATTACH_OBSERVE: never change the tracee: commands that would give EPERM. It may
 *	be stopped and resumed.
 * @UTRACE_ATTACH_SHARE: other sessions may change it too. Without this flag and OBSERVE, an
 *	attach fails with EBUSY if another session may change the tracee, and with it unless
 *	that one shares as well.
 */
enum utrace_attach_flag {
	UTRACE_ATTACH_HOLD = 1 << 0,
	UTRACE_ATTACH_OBSERVE = 1 << 1,
	UTRACE_ATTACH_SHARE = 1 << 2,
};

/**
 * struct utrace_attach_args - UTRACE_OP_ATTACH
 * @flags: enum utrace_attach_flag.
 * @scope: enum utrace_scope.
 * @pidfd: a descriptor of the process or thread (pidfd_open(2)), or -1.
 * @tid: with @pidfd -1, an id in the caller's pid namespace.
 * @policy: pointer to a struct utrace_policy, or 0 for one that is all zero.
 * @policy_size: its size.
 * @threads: out: how many threads this call attached.
 * @task: out: cookie of the thread that was named.
 * @process: out: cookie of its process.
 *
 * Errors: ESRCH it has ended, EPERM see ptrace(2), EINVAL the caller's own process, EEXIST
 * already attached by this session, EBUSY see enum utrace_attach_flag.
 */
struct utrace_attach_args {
	__u32 flags;
	__u32 scope;
	__s32 pidfd;
	__u32 tid;
	__u64 policy;
	__u32 policy_size;
	__u32 threads;
	__u64 task;
	__u64 process;
};

/**
 * enum utrace_cmd - @cmd of struct utrace_command
 * @UTRACE_CMD_NOP: does nothing.
 * @UTRACE_CMD_RESUME: ends the hold. Flags: UTRACE_WITH_STEP. Target is a thread, with the number
 *	of its stop, or a process: all its threads whose stop's number is at most @stop.
 *	The number of them is put into @value.
 * @UTRACE_CMD_STOP: asks a thread or all threads of a process to stop. @value: out: number of
 *	the request. One that this session holds already gives EALREADY. Flags:
 *	UTRACE_WITH_INTERRUPT.
 * @UTRACE_CMD_DETACH: ends the watch of a thread or a process and lets it run.
 * @UTRACE_CMD_KILL: SIGKILL to the process of the target.
 * @UTRACE_CMD_SET_POLICY: @data, @size: struct utrace_policy for a thread or a process.
 * @UTRACE_CMD_REGSET_GET: @addr: NT_* type of <linux/elf.h>; reads up to @size bytes of the
 *	register set into @data. @value: out: bytes read.
 * @UTRACE_CMD_REGSET_SET: writes @size bytes at the start of the set.
 * @UTRACE_CMD_MEM_READ: reads @size bytes at @addr into @data. @value: out: bytes read, up to
 *	the first that can't be; EFAULT only if that is 0. Needs no stop.
 * @UTRACE_CMD_MEM_WRITE: writes likewise.
 * @UTRACE_CMD_SET_CALL: at SYSCALL_ENTRY: @data, @size: struct utrace_call that is made instead.
 *	It is seen by seccomp.
 * @UTRACE_CMD_SKIP: at SYSCALL_ENTRY: the call is not made and returns @value. Another session
 *	that stops at it has been told already; seccomp is not asked.
 * @UTRACE_CMD_SET_RESULT: at SYSCALL_EXIT: the call returns @value.
 * @UTRACE_CMD_SIGNAL: what becomes of a signal, by UTRACE_WITH_DROP, _REPLACE or _INJECT; the
 *	latter two have a siginfo_t of UTRACE_SIGINFO_SIZE bytes at @data. DROP and REPLACE
 *	need a SIGNAL stop. INJECT sends the signal to the thread; at a SIGNAL stop, where it
 *	is delivered at once, the one that came is sent again and so comes next.
 *	SIGKILL can't be replaced by or injected; see UTRACE_CMD_KILL.
 * @UTRACE_CMD_WAKE: ends the wait of a UTRACE_OP_SUBMIT of this session that is under way, or else
 *	the next one, as soon as it begins. @target is 0. May be used in a signal handler.
 * @UTRACE_CMD_WATCHPOINT: at a stop: the thread's watchpoint with the index @value, below
 *	UTRACE_WATCHPOINTS, is from now on the @size bytes at @addr, by UTRACE_WITH_EXECUTE,
 *	_WRITE or _ACCESS; without a flag it is removed. @size and alignment are as the processor
 *	demands, with EXECUTE sizeof(long), else EINVAL; ENOSPC if it has no more. When that
 *	fails there is none with this index. A hit is told at the return to user mode, also one by
 *	a system call; it is after the access, with EXECUTE before the instruction. Only for
 *	this thread; gone after an execve(2). EOPNOTSUPP if QUERY does not have it.
 * @UTRACE_CMD_SET_CAPTURE: @target is 0. @data, @size: what the session's records of system calls
 *	carry of the thread's memory from now on: struct utrace_capture, each followed by its
 *	takes. @size 0: nothing. Replaces what was there.
 * @UTRACE_CMD_SET_CONDITION: @target is 0. @value: enum utrace_ev. @data, @size: a program of
 *	classic BPF, struct sock_filter[], that decides on each such event of this session from
 *	now on: if it returns 0, the event is neither told nor stops the thread for this session,
 *	but counted in the ring's @left_out. Its data is struct utrace_record as the session would
 *	be told, by aligned words of 32 bits (BPF_LD | BPF_W | BPF_ABS), with @stop and @request
 *	0 and without pieces. @size 0: no condition. Not for PAD, LOST, ATTACH, DETACH,
 *	DEATH and STOP. A step that is left out goes on, so the thread stops at the first that is
 *	not. A stop that was asked for is not left out with the event, and the child that a stop
 *	at CLONE holds is held all the same. EOPNOTSUPP if QUERY does not have it.
 * @UTRACE_CMD_COUNT: number of the above.
 *
 * Errors common to all: ESRCH no such target, or it has ended; ESTALE @stop is not the number of
 * the stop at which the target is held for this session; EPERM not allowed (any more), see
 * Documentation; EINVAL; EFAULT at @data.
 */
enum utrace_cmd {
	UTRACE_CMD_NOP = 0,
	UTRACE_CMD_RESUME = 1,
	UTRACE_CMD_STOP = 2,
	UTRACE_CMD_DETACH = 3,
	UTRACE_CMD_KILL = 4,
	UTRACE_CMD_SET_POLICY = 5,
	UTRACE_CMD_REGSET_GET = 6,
	UTRACE_CMD_REGSET_SET = 7,
	UTRACE_CMD_MEM_READ = 8,
	UTRACE_CMD_MEM_WRITE = 9,
	UTRACE_CMD_SET_CALL = 10,
	UTRACE_CMD_SKIP = 11,
	UTRACE_CMD_SET_RESULT = 12,
	UTRACE_CMD_SIGNAL = 13,
	UTRACE_CMD_WAKE = 14,
	UTRACE_CMD_WATCHPOINT = 15,
	UTRACE_CMD_SET_CAPTURE = 16,
	UTRACE_CMD_SET_CONDITION = 17,
	UTRACE_CMD_COUNT = 18,
};

/**
 * enum utrace_with - @flags of struct utrace_command
 * @UTRACE_WITH_STEP: RESUME: for one instruction, then a STEP stop. Ends early at the first
 *	instruction of a signal handler (UTRACE_REC_HANDLER), and without a STEP if the thread
 *	is resumed again from another stop that comes first. A system call is one instruction.
 * @UTRACE_WITH_INTERRUPT: STOP: at once, so that a system call that waits is interrupted: it is
 *	restarted where signal(7) says so for a stop signal, else returns EINTR. Without it the
 *	thread stops when it next returns to user mode.
 * @UTRACE_WITH_DROP: SIGNAL: it never happened.
 * @UTRACE_WITH_REPLACE: SIGNAL: another one in its place.
 * @UTRACE_WITH_INJECT: SIGNAL: one more.
 * @UTRACE_WITH_EXECUTE: WATCHPOINT: an instruction there is executed.
 * @UTRACE_WITH_WRITE: WATCHPOINT: the memory is written.
 * @UTRACE_WITH_ACCESS: WATCHPOINT: it is read or written.
 * @UTRACE_WITH_BLOCK: RESUME, with UTRACE_WITH_STEP: not for one instruction but up to the next
 *	branch that is taken, as PTRACE_SINGLEBLOCK. EOPNOTSUPP if the architecture can't. A
 *	processor that can't, as an emulated one, steps by instruction.
 */
enum utrace_with {
	UTRACE_WITH_STEP = 1 << 0,
	UTRACE_WITH_INTERRUPT = 1 << 1,
	UTRACE_WITH_DROP = 1 << 2,
	UTRACE_WITH_REPLACE = 1 << 3,
	UTRACE_WITH_INJECT = 1 << 4,
	UTRACE_WITH_EXECUTE = 1 << 5,
	UTRACE_WITH_WRITE = 1 << 6,
	UTRACE_WITH_ACCESS = 1 << 7,
	UTRACE_WITH_BLOCK = 1 << 8,
};

/**
 * enum utrace_from - where a number of a struct utrace_take comes from
 * @UTRACE_FROM_NONE: there is none.
 * @UTRACE_FROM_ARG: argument @index of the call.
 * @UTRACE_FROM_RESULT: exit: the result, 0 if the call failed or it is negative.
 * @UTRACE_FROM_U32: 32 bits at @offset in the piece of an earlier take, @index.
 * @UTRACE_FROM_U64: 64 bits likewise.
 */
enum utrace_from {
	UTRACE_FROM_NONE = 0,
	UTRACE_FROM_ARG = 1,
	UTRACE_FROM_RESULT = 2,
	UTRACE_FROM_U32 = 3,
	UTRACE_FROM_U64 = 4,
};

/**
 * struct utrace_source - a number
 * @from: enum utrace_from.
 * @index: see there.
 * @offset: see there.
 */
struct utrace_source {
	__u8 from;
	__u8 index;
	__u16 offset;
};

/**
 * enum utrace_take_kind - @kind of struct utrace_take
 * @UTRACE_TAKE_BYTES: @count times @size bytes, but not more than @limit.
 * @UTRACE_TAKE_STRING: up to a NUL, which is part of the piece.
 * @UTRACE_TAKE_WORDS: words of @size bytes, 4 or 8, up to one that is 0, which is part of the
 *	piece.
 */
enum utrace_take_kind {
	UTRACE_TAKE_BYTES = 0,
	UTRACE_TAKE_STRING = 1,
	UTRACE_TAKE_WORDS = 2,
};

/**
 * struct utrace_take - memory that goes with a record
 * @kind: enum utrace_take_kind.
 * @reserved: 0.
 * @each: 0, or with an address from a piece: the take is repeated for each @each bytes of every
 *	piece of that take, at least 4, and @offset counts from there.
 * @addr: the address. Nothing is taken at 0.
 * @count: BYTES: how many times @size; UTRACE_FROM_NONE is once. From the piece that @addr is
 *	from, it is from the same place; from another take, from its last piece. 0 if there is none.
 * @limit: BYTES: most bytes in all, for all repetitions in one piece; UTRACE_FROM_NONE: as many
 *	as asked.
 * @size: see enum utrace_take_kind.
 * @max: most bytes of one piece, not 0.
 *
 * An iovec is two takes: the array, and for each of its elements the bytes that it names.
 */
struct utrace_take {
	__u8 kind;
	__u8 reserved;
	__u16 each;
	struct utrace_source addr;
	struct utrace_source count;
	struct utrace_source limit;
	__u32 size;
	__u32 max;
};

/**
 * struct utrace_select - a condition on an argument: (@arg & @mask) == @value, in 32 bits
 * @arg: which, from 0.
 * @mask: 0 with @value 0 is always true.
 * @value: see above.
 */
struct utrace_select {
	__u32 arg;
	__u32 mask;
	__u32 value;
};

/**
 * enum utrace_capture_flag - @flags of struct utrace_capture
 * @UTRACE_CAPTURE_EXIT: with the record of the exit, else of the entry.
 * @UTRACE_CAPTURE_FAILED: exit: also if the call has failed.
 */
enum utrace_capture_flag {
	UTRACE_CAPTURE_EXIT = 1 << 0,
	UTRACE_CAPTURE_FAILED = 1 << 1,
};

#define UTRACE_TAKES		16
#define UTRACE_SELECTS		2

/**
 * struct utrace_capture - what the records of a call carry
 * @abi: enum utrace_call_abi.
 * @flags: enum utrace_capture_flag.
 * @nr: number of the call, less than UTRACE_CALLS_OTHER; or that, for every number without a
 *	capture.
 * @count: struct utrace_take that follow, at most UTRACE_TAKES.
 * @reserved: 0.
 * @select: both must be true.
 *
 * Of those for one call the first whose conditions are true counts.
 */
struct utrace_capture {
	__u16 abi;
	__u16 flags;
	__u32 nr;
	__u32 count;
	__u32 reserved;
	struct utrace_select select[UTRACE_SELECTS];
};

/**
 * struct utrace_call - a system call to be made
 * @nr: number, in the ABI of the call at which the thread stands.
 * @args: arguments.
 */
struct utrace_call {
	__s64 nr;
	__u64 args[6];
};

/**
 * struct utrace_command - one command
 * @cmd: enum utrace_cmd.
 * @flags: enum utrace_with.
 * @target: cookie of a thread or of a process.
 * @stop: number of the stop that the command is for; 0 where it needs none.
 * @addr: see enum utrace_cmd.
 * @data: pointer into the caller's memory.
 * @size: bytes there.
 * @value: in or out, see enum utrace_cmd.
 * @error: out: 0 or a positive errno.
 * @reserved: 0.
 */
struct utrace_command {
	__u32 cmd;
	__u32 flags;
	__u64 target;
	__u64 stop;
	__u64 addr;
	__u64 data;
	__u64 size;
	__s64 value;
	__u32 error;
	__u32 reserved;
};

/**
 * enum utrace_submit_flag - @flags of struct utrace_submit_args
 * @UTRACE_SUBMIT_WAIT: after the commands, wait until the ring holds a record.
 * @UTRACE_SUBMIT_LINK: after a command that fails, those that follow get ECANCELED.
 */
enum utrace_submit_flag {
	UTRACE_SUBMIT_WAIT = 1 << 0,
	UTRACE_SUBMIT_LINK = 1 << 1,
};

/**
 * struct utrace_submit_args - UTRACE_OP_SUBMIT
 * @commands: pointer to struct utrace_command[@count].
 * @count: how many; may be 0.
 * @flags: enum utrace_submit_flag.
 * @timeout: longest wait in nanoseconds, -1 for none.
 * @wait_error: out: 0, or as a positive errno ETIME, EINTR, or ECANCELED for UTRACE_CMD_WAKE: how
 *	the wait ended. With ECANCELED the ring may hold records all the same.
 * @command_size: sizeof(struct utrace_command) as the caller knows it.
 *
 * A wait also lets threads go on that waited for room in the ring. Commands that a signal left
 * undone have error EINTR.
 */
struct utrace_submit_args {
	__u64 commands;
	__u32 count;
	__u32 flags;
	__s64 timeout;
	__u32 wait_error;
	__u32 command_size;
};

#endif /* _UAPI_LINUX_UTRACE_H */
