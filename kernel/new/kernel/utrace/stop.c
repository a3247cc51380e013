// SPDX-License-Identifier: GPL-2.0-only
/*
 * utrace(2): how an event reaches the sessions, and how a task is held.
 *
 * A hook calls utrace_report() with what happened. First every watch that records it is told; if a
 * ring is full and its session says so, the task waits there. Then, if a watch stops on it,
 * the task sets its state, and only then tells those watches: whoever reads such a record finds
 * the task asleep or about to be. A watch that waits for a stop takes the same one.
 *
 * The task sleeps as long as `holds` is not 0. Whoever makes it 0, with utrace_task->lock held,
 * wakes it. It leaves the stop with utrace_task->access held, so that nobody uses its registers
 * any more. Once it has slept its registers are in memory, FPU and all, and stay there until it
 * returns to user mode; that is what `quiet` stands for.
 */
#include <linux/cgroup.h>
#include <linux/freezer.h>
#include <linux/pid.h>
#include <linux/preempt.h>
#include <linux/ptrace.h>
#include <linux/resume_user_mode.h>
#include <linux/sched/jobctl.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>

#include "internal.h"

static bool is_dying(struct utrace_task *ut)
{
	return fatal_signal_pending(ut->task) || READ_ONCE(ut->killed);
}

/* ut->lock is held. The watch gets a stop of its own and is told. */
static void hold(struct utrace_task *ut, struct utrace_watch *watch, struct utrace_record *rec)
{
	struct utrace_session *session = watch->session;

	utrace_record_for(rec, watch);
	spin_lock(&session->lock);
	watch->stop = ++session->last_stop;
	spin_unlock(&session->lock);
	ut->holds++;
	rec->stop = watch->stop;
	rec->flags |= UTRACE_REC_STOPPED;
	if (watch->want_stop && watch->request) {
		rec->flags |= UTRACE_REC_ANSWERS;
		rec->request = watch->request;
	}
	watch->want_stop = false;
	watch->request = 0;
	utrace_ring_tell(watch, UTRACE_OWES_STOP, rec);
}

/* A watch wants a stop and the task stands still, though not for this watch. */
static void hold_too(struct utrace_task *ut, struct utrace_watch *watch)
{
	struct utrace_record rec;

	utrace_record_init(&rec, UTRACE_EV_STOP);
	hold(ut, watch, &rec);
}

/**
 * utrace_let_go - end the hold of a watch
 * @watch: the watch; the lock of its task is held
 */
void utrace_let_go(struct utrace_watch *watch)
{
	struct utrace_task *ut = watch->task->utrace;

	lockdep_assert_held(&ut->lock);
	if (!watch->stop)
		return;
	watch->stop = 0;
	utrace_ring_forget_stop(watch);
	if (!--ut->holds && ut->where == UTRACE_HELD)
		wake_up_state(ut->task, TASK_UNINTERRUPTIBLE);
}

/**
 * utrace_request_stop - ask a task to stop
 * @watch: for whom; the lock of its task is held, and it does not hold the task
 * @interrupt: also if the task sleeps interruptibly
 *
 * Returns the number of the request.
 */
u64 utrace_request_stop(struct utrace_watch *watch, bool interrupt)
{
	struct utrace_task *ut = watch->task->utrace;
	u64 request;

	lockdep_assert_held(&ut->lock);
	spin_lock(&watch->session->lock);
	request = ++watch->session->last_request;
	spin_unlock(&watch->session->lock);

	watch->request = request;
	watch->want_stop = true;
	if (ut->where != UTRACE_RUNNING && !is_dying(ut)) {
		hold_too(ut, watch);
		return request;
	}
	set_notify_resume(watch->task);
	if (interrupt)
		set_notify_signal(watch->task);
	return request;
}

/* Sleeps once in the stop. Called with lock held and state set, returns without and awake. */
static void sleep_held(struct utrace_task *ut)
{
	/*
	 * A reader that has been woken may want the registers at once: it spins while this task
	 * runs, but would sleep for a tick if it found it preempted. See ptrace_stop().
	 */
	if (!IS_ENABLED(CONFIG_PREEMPT_RT))
		preempt_disable();
	spin_unlock(&ut->lock);
	cgroup_enter_frozen();
	if (!IS_ENABLED(CONFIG_PREEMPT_RT))
		preempt_enable_no_resched();
	/* The state is set: whoever sets killed after this sees it, and wakes the task. */
	if (READ_ONCE(ut->killed))
		__set_current_state(TASK_RUNNING);
	else
		schedule();
	cgroup_leave_frozen(true);
}

/* The shortest step that a watch wants. */
static enum utrace_step wanted_step(struct utrace_task *ut)
{
	enum utrace_step step = UTRACE_NO_STEP;
	struct utrace_watch *watch;

	list_for_each_entry(watch, &ut->watches, on_task)
		step = max(step, watch->step);
	return step;
}

/* Of the current task. A step that goes on is set again, as the trap may have ended it. */
static void set_stepping(struct utrace_task *ut, enum utrace_step step)
{
	if (step == UTRACE_STEP)
		user_enable_single_step(current);
	else if (step == UTRACE_BLOCK_STEP)
		user_enable_block_step(current);
	else if (ut->stepping)
		user_disable_single_step(current);
	ut->stepping = step != UTRACE_NO_STEP;
}

/* lock is held, and given back. Nobody holds the task, or it dies. */
static void leave(struct utrace_task *ut)
{
	struct utrace_watch *watch;
	enum utrace_step step;
	bool interrupted;

	list_for_each_entry(watch, &ut->watches, on_task)
		utrace_let_go(watch);
	ut->where = UTRACE_RUNNING;
	ut->quiet = false;
	step = wanted_step(ut);
	spin_unlock(&ut->lock);
	mutex_unlock(&ut->access);

	set_stepping(ut, step);

	/*
	 * Signals that came meanwhile left this task alone. The flag is never cleared here: a
	 * system call that was interrupted for a signal which another thread has taken needs it
	 * to restart.
	 */
	spin_lock_irq(&current->sighand->siglock);
	interrupted = test_thread_flag(TIF_SIGPENDING);
	recalc_sigpending();
	if (interrupted)
		set_thread_flag(TIF_SIGPENDING);
	spin_unlock_irq(&current->sighand->siglock);
}

/* lock is held, where and the task's state say that it is held. Returns without the lock. */
static void stay_held(struct utrace_task *ut)
{
	for (;;) {
		sleep_held(ut);
		mutex_lock(&ut->access);
		spin_lock(&ut->lock);
		if (!ut->holds || is_dying(ut))
			break;
		/* Woken for another reason. */
		set_current_state(UTRACE_TASK_HELD);
		mutex_unlock(&ut->access);
	}
	leave(ut);
}

/* lock is held. From here to stay_held() the task is ready to sleep. */
static void enter(struct utrace_task *ut, enum utrace_ev place)
{
	set_current_state(UTRACE_TASK_HELD);
	ut->where = UTRACE_HELD;
	ut->place = place;
	ut->verdict = UTRACE_DELIVER;
	ut->skip = false;
}

/* Which watches stop on it? True if any does. */
static bool find_stoppers(struct utrace_task *ut, struct utrace_record *rec)
{
	struct utrace_watch *watch;
	bool any = false;

	list_for_each_entry(watch, &ut->watches, on_task) {
		watch->wants = !watch->stop && utrace_wants(watch, rec, true);
		any |= watch->wants;
	}
	return any;
}

/* lock is held since find_stoppers(), and where is not RUNNING. */
static void tell_stoppers(struct utrace_task *ut, struct utrace_record *rec)
{
	struct utrace_watch *watch;

	list_for_each_entry(watch, &ut->watches, on_task) {
		if (watch->stop)
			continue;
		if (watch->wants)
			hold(ut, watch, rec);
		else if (watch->want_stop)
			hold_too(ut, watch);
	}
}

/**
 * utrace_stop - tell the sessions that stop on what the current task does, and be held for them
 * @rec: as in utrace_record()
 *
 * Returns true if the task was held.
 */
bool utrace_stop(struct utrace_record *rec)
{
	struct utrace_task *ut = current->utrace;

	if (!(READ_ONCE(ut->wanted_stop) & UTRACE_EV_BIT(rec->event)))
		return false;
	spin_lock(&ut->lock);
	if (!find_stoppers(ut, rec) || is_dying(ut)) {
		spin_unlock(&ut->lock);
		return false;
	}
	enter(ut, rec->event);
	tell_stoppers(ut, rec);
	stay_held(ut);
	return true;
}

/* Both. */
bool utrace_report(struct utrace_record *rec)
{
	utrace_record(rec);
	return utrace_stop(rec);
}

/* Resumed at a later stop than the one before the step, a watch has asked for another step. */
static bool step_is_done(const struct utrace_task *ut, const struct utrace_watch *watch)
{
	return ut->stepped && watch->step && watch->steps != ut->steps;
}

/* What a watch is to be told at the return to user mode; UTRACE_EV_PAD is nothing. */
static enum utrace_ev event_for(const struct utrace_task *ut, const struct utrace_watch *watch)
{
	if (READ_ONCE(watch->hits))
		return UTRACE_EV_WATCHPOINT;
	if (step_is_done(ut, watch))
		return UTRACE_EV_STEP;
	return watch->want_stop ? UTRACE_EV_STOP : UTRACE_EV_PAD;
}

static void record_returning(struct utrace_task *ut, struct utrace_watch *watch,
			     enum utrace_ev event, struct utrace_record *rec)
{
	struct pt_regs *regs = current_pt_regs();

	utrace_record_init(rec, event);
	utrace_record_for(rec, watch);
	if (event == UTRACE_EV_WATCHPOINT)
		rec->watchpoint.hits = READ_ONCE(watch->hits);
	if (event != UTRACE_EV_STEP)
		return;
	rec->step.ip = instruction_pointer(regs);
	rec->step.sp = user_stack_pointer(regs);
	if (ut->in_handler)
		rec->flags |= UTRACE_REC_HANDLER;
}

static void hold_returning(struct utrace_task *ut, struct utrace_watch *watch, enum utrace_ev event)
{
	struct utrace_record rec;

	record_returning(ut, watch, event, &rec);
	if (event == UTRACE_EV_WATCHPOINT)
		rec.watchpoint.hits = xchg(&watch->hits, 0);
	if (event != UTRACE_EV_STOP)
		watch->step = UTRACE_NO_STEP;
	hold(ut, watch, &rec);
}

/* Hits that a condition leaves out are forgotten, and a step that it leaves out goes on. */
static void leave_out(struct utrace_task *ut, struct utrace_watch *watch)
{
	struct utrace_record rec;

	if (READ_ONCE(watch->hits)) {
		record_returning(ut, watch, UTRACE_EV_WATCHPOINT, &rec);
		if (!utrace_condition(watch->session, &rec))
			xchg(&watch->hits, 0);
	}
	if (event_for(ut, watch) == UTRACE_EV_STEP) {
		record_returning(ut, watch, UTRACE_EV_STEP, &rec);
		if (!utrace_condition(watch->session, &rec))
			watch->steps = ut->steps;
	}
}

/* True: the task is to sleep. */
static bool tell_return(struct utrace_task *ut)
{
	enum utrace_ev event = UTRACE_EV_PAD;
	struct utrace_watch *watch;

	list_for_each_entry(watch, &ut->watches, on_task) {
		leave_out(ut, watch);
		event = max(event, event_for(ut, watch));
	}
	if (event == UTRACE_EV_PAD || is_dying(ut))
		return false;
	enter(ut, event);
	list_for_each_entry(watch, &ut->watches, on_task) {
		event = event_for(ut, watch);
		if (event != UTRACE_EV_PAD)
			hold_returning(ut, watch, event);
	}
	return true;
}

/*
 * The current task is on its way to user mode. It is held if it has done a step or hit a
 * watchpoint, or has been asked to stop.
 */
static bool stop_returning(void)
{
	struct utrace_task *ut = current->utrace;
	enum utrace_step step;
	bool held;

	spin_lock(&ut->lock);
	held = tell_return(ut);
	ut->stepped = false;
	ut->in_handler = false;
	if (held) {
		stay_held(ut);
		return true;
	}
	step = wanted_step(ut);
	spin_unlock(&ut->lock);
	set_stepping(ut, step);
	return false;
}

void __utrace_resume_user_mode(struct pt_regs *regs)
{
	if (!regs) {
		/* On the way into a guest. Make it leave, and stop when it does. */
		set_thread_flag(TIF_NOTIFY_RESUME);
		set_notify_signal(current);
		return;
	}
	current->utrace->newborn = false;
	stop_returning();
}

/*
 * The instruction came before the signal that is taken next, and a system call that was
 * interrupted for a stop still has the result that says how to go on: a signal that comes while
 * the task is held has its say in that.
 */
void __utrace_get_signal(void)
{
	while (stop_returning())
		;
}

/* From a debug exception, or on the way out of a system call or into a signal handler. */
bool __utrace_take_step(void)
{
	struct utrace_task *ut = current->utrace;

	if (!ut->stepping)
		return false;
	ut->stepped = true;
	ut->steps++;
	set_thread_flag(TIF_NOTIFY_RESUME);
	return true;
}

void __utrace_handler_step(void)
{
	struct utrace_task *ut = current->utrace;

	if (!ut->stepped)
		ut->in_handler = __utrace_take_step();
}

bool __utrace_is_held(struct task_struct *task)
{
	return READ_ONCE(task->utrace->where) == UTRACE_HELD;
}

void __utrace_kill_held(struct task_struct *task)
{
	struct task_struct *t;

	lockdep_assert_held(&task->sighand->siglock);
	for_each_thread(task, t) {
		struct utrace_task *ut = READ_ONCE(t->utrace);

		if (ut) {
			WRITE_ONCE(ut->killed, true);
			wake_up_state(t, TASK_WAKEKILL);
		}
	}
}

/* siglock was dropped just now: the state is TASK_STOPPED, so nothing here may sleep. */
void __utrace_job_stop(int signo)
{
	struct utrace_task *ut = current->utrace;
	struct utrace_record rec;

	utrace_record_init(&rec, UTRACE_EV_JOB_STOP);
	rec.job.signo = signo;
	spin_lock(&ut->lock);
	ut->where = UTRACE_JOB;
	ut->place = UTRACE_EV_JOB_STOP;
	utrace_tell_recorders(ut, &rec, false);
	find_stoppers(ut, &rec);
	tell_stoppers(ut, &rec);
	spin_unlock(&ut->lock);
}

static bool job_goes_on(void)
{
	return !(READ_ONCE(current->signal->flags) & SIGNAL_STOP_STOPPED) &&
	       !READ_ONCE(current->signal->group_stop_count);
}

void __utrace_job_continue(void)
{
	struct utrace_task *ut = current->utrace;
	struct utrace_record rec;

	mutex_lock(&ut->access);
	spin_lock(&ut->lock);
	if (ut->holds && !is_dying(ut)) {
		set_current_state(UTRACE_TASK_HELD);
		ut->where = UTRACE_HELD;
		mutex_unlock(&ut->access);
		stay_held(ut);
	} else {
		leave(ut);
	}
	if (!job_goes_on())
		return;
	utrace_record_init(&rec, UTRACE_EV_JOB_CONTINUE);
	rec.job.signo = SIGCONT;
	utrace_report(&rec);
}

/**
 * utrace_access_begin - keep a held task where it is, for its registers to be used
 * @watch: who holds it
 * @stop: the number of the stop
 *
 * Returns 0; utrace_access_end() must follow, soon and without touching user memory. Or -ESRCH,
 * -ESTALE, -EINTR, or -EPERM if the session may not touch the task any more.
 */
int utrace_access_begin(struct utrace_watch *watch, u64 stop)
{
	struct utrace_task *ut = watch->task->utrace;
	int error;

	if (mutex_lock_interruptible(&ut->access))
		return -EINTR;
	for (;;) {
		spin_lock(&ut->lock);
		error = !watch->watching ? -ESRCH : !stop || watch->stop != stop ? -ESTALE : 0;
		spin_unlock(&ut->lock);
		if (error || ut->quiet)
			break;
		if (wait_task_inactive(watch->task, TASK_UNINTERRUPTIBLE | __TASK_STOPPED |
				       TASK_FROZEN))
			ut->quiet = true;
		else if (is_dying(ut))
			error = -ESTALE;
		if (error)
			break;
		cond_resched();
	}
	if (!error && !utrace_may_access(watch))
		error = -EPERM;
	if (error)
		mutex_unlock(&ut->access);
	return error;
}

void utrace_access_end(struct utrace_watch *watch)
{
	mutex_unlock(&watch->task->utrace->access);
}
