/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hooks of utrace(2) in the life of a task.
 *
 * Each is called by the task itself, without locks unless it says otherwise, and costs a
 * test of current->utrace if nobody has ever watched the task. That pointer is set once,
 * by the first session that attaches, and its target lives as long as the task_struct:
 * so whoever can look at a task can look at it without a lock.
 */
#ifndef _LINUX_UTRACE_H
#define _LINUX_UTRACE_H

#include <linux/sched.h>
#include <linux/pid_types.h>
#include <linux/signal_types.h>

struct kernel_clone_args;
struct pt_regs;
struct utrace_task;

#ifdef CONFIG_UTRACE

void __utrace_free_task(struct task_struct *task);
bool __utrace_syscall_entry(struct pt_regs *regs);
void __utrace_syscall_exit(struct pt_regs *regs);
void __utrace_resume_user_mode(struct pt_regs *regs);
void __utrace_get_signal(void);
bool __utrace_take_step(void);
void __utrace_handler_step(void);
void __utrace_clone_born(struct task_struct *child, const struct kernel_clone_args *args);
void __utrace_clone(void);
void __utrace_vfork_done(void);
void __utrace_exec(void);
void __utrace_exit(long code);
void __utrace_death(void);
int __utrace_signal(int signo, kernel_siginfo_t *info, enum pid_type type);
bool __utrace_stops_on_signals(struct task_struct *task);
bool __utrace_is_held(struct task_struct *task);
void __utrace_kill_held(struct task_struct *task);
void __utrace_job_stop(int signo);
void __utrace_job_continue(void);

/* A new task_struct, still a copy of its maker's. */
static inline void utrace_init_task(struct task_struct *task)
{
	task->utrace = NULL;
	clear_task_syscall_work(task, SYSCALL_UTRACE);
}

/* The last reference to the task_struct is gone. */
static inline void utrace_free_task(struct task_struct *task)
{
	if (task->utrace)
		__utrace_free_task(task);
}

/*
 * SYSCALL_WORK_SYSCALL_UTRACE is set. Called after ptrace and before seccomp. True: skip
 * the call, its result is set.
 */
static inline __must_check bool utrace_syscall_entry(struct pt_regs *regs)
{
	return __utrace_syscall_entry(regs);
}

/* The same bit, before ptrace. */
static inline void utrace_syscall_exit(struct pt_regs *regs)
{
	__utrace_syscall_exit(regs);
}

/*
 * An instruction was single-stepped. True: by a session, which tells it; false: the caller shall.
 * In any context but NMI.
 */
static inline bool utrace_take_step(void)
{
	return unlikely(READ_ONCE(current->utrace)) && __utrace_take_step();
}

/* A step ended at the first instruction of a signal handler. */
static inline void utrace_handler_step(void)
{
	if (unlikely(READ_ONCE(current->utrace)))
		__utrace_handler_step();
}

/* TIF_NOTIFY_RESUME was set. @regs is NULL on the way into a guest. */
static inline void utrace_resume_user_mode(struct pt_regs *regs)
{
	if (unlikely(READ_ONCE(current->utrace)))
		__utrace_resume_user_mode(regs);
}

/* Before a signal is taken and a system call that was interrupted is restarted. */
static inline void utrace_get_signal(void)
{
	if (unlikely(READ_ONCE(current->utrace)))
		__utrace_get_signal();
}

/* @child can be found by others, and has not run yet. */
static inline void utrace_clone_born(struct task_struct *child,
				     const struct kernel_clone_args *args)
{
	if (unlikely(READ_ONCE(current->utrace)))
		__utrace_clone_born(child, args);
}

/* The child of utrace_clone_born() runs. */
static inline void utrace_clone(void)
{
	if (unlikely(READ_ONCE(current->utrace)))
		__utrace_clone();
}

/* It has given the memory back. */
static inline void utrace_vfork_done(void)
{
	if (unlikely(READ_ONCE(current->utrace)))
		__utrace_vfork_done();
}

/* The new program is in place. */
static inline void utrace_exec(void)
{
	if (unlikely(READ_ONCE(current->utrace)))
		__utrace_exec();
}

/* At the start of do_exit(), before PF_EXITING. */
static inline void utrace_exit(long code)
{
	if (unlikely(READ_ONCE(current->utrace)))
		__utrace_exit(code);
}

/* Before exit_notify(), so that an exec'ing thread that waits for this one comes later. */
static inline void utrace_death(void)
{
	if (unlikely(READ_ONCE(current->utrace)))
		__utrace_death();
}

/*
 * A signal was dequeued. Called with siglock held, which is dropped and taken again. Returns the
 * signal to be delivered, 0 for none, and may change @info.
 */
static inline int utrace_signal(int signo, kernel_siginfo_t *info, enum pid_type type)
{
	return unlikely(READ_ONCE(current->utrace)) ? __utrace_signal(signo, info, type) : signo;
}

/*
 * Shall @task take a signal itself, though it is ignored, or would end the process when it is sent?
 * With siglock held.
 */
static inline bool utrace_stops_on_signals(struct task_struct *task)
{
	return unlikely(READ_ONCE(task->utrace)) && __utrace_stops_on_signals(task);
}

/* Can't take a signal now. With siglock held. */
static inline bool utrace_is_held(struct task_struct *task)
{
	return unlikely(READ_ONCE(task->utrace)) && __utrace_is_held(task);
}

/* SIGKILL to a process that exits already: lets threads go that are held at their exit. */
static inline void utrace_kill_held(struct task_struct *task, int sig)
{
	if (unlikely(sig == SIGKILL))
		__utrace_kill_held(task);
}

/* In TASK_STOPPED, about to sleep. */
static inline void utrace_job_stop(int signo)
{
	if (unlikely(READ_ONCE(current->utrace)))
		__utrace_job_stop(signo);
}

/* Woken from it. */
static inline void utrace_job_continue(void)
{
	if (unlikely(READ_ONCE(current->utrace)))
		__utrace_job_continue();
}

#else /* !CONFIG_UTRACE */

static inline void utrace_init_task(struct task_struct *task) { }
static inline void utrace_free_task(struct task_struct *task) { }
static inline __must_check bool utrace_syscall_entry(struct pt_regs *regs) { return false; }
static inline void utrace_syscall_exit(struct pt_regs *regs) { }
static inline bool utrace_take_step(void) { return false; }
static inline void utrace_handler_step(void) { }
static inline void utrace_resume_user_mode(struct pt_regs *regs) { }
static inline void utrace_get_signal(void) { }
static inline void utrace_clone_born(struct task_struct *child,
				     const struct kernel_clone_args *args) { }
static inline void utrace_clone(void) { }
static inline void utrace_vfork_done(void) { }
static inline void utrace_exec(void) { }
static inline void utrace_exit(long code) { }
static inline void utrace_death(void) { }
static inline int utrace_signal(int signo, kernel_siginfo_t *info, enum pid_type type)
{
	return signo;
}

static inline bool utrace_stops_on_signals(struct task_struct *task) { return false; }
static inline bool utrace_is_held(struct task_struct *task) { return false; }
static inline void utrace_kill_held(struct task_struct *task, int sig) { }
static inline void utrace_job_stop(int signo) { }
static inline void utrace_job_continue(void) { }

#endif /* CONFIG_UTRACE */

#endif /* _LINUX_UTRACE_H */
