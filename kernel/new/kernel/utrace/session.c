// SPDX-License-Identifier: GPL-2.0-only
/*
 * utrace(2): the system call and the session's file.
 *
 * A session lives as long as its file or one of its watches. Its end begins with the release of
 * the file: `closed` is set under session->lock, after which no watch is added (a clone looks
 * at it under the same lock), and then every watch is taken off its task.
 *
 * See internal.h for locks and states.
 */
#include <linux/anon_inodes.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/pid_namespace.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <linux/vmalloc.h>
#include <uapi/linux/audit.h>

#include <asm/utrace.h>

#include "internal.h"

/* No struct of the ABI has a hole, and each has the same layout for 32-bit callers. */
static_assert(sizeof(struct utrace_rec_syscall) == 96);
static_assert(sizeof(struct utrace_rec_attach) == 24);
static_assert(sizeof(struct utrace_rec_clone) == 40);
static_assert(sizeof(struct utrace_rec_detach) == 8);
static_assert(sizeof(struct utrace_rec_exec) == 8);
static_assert(sizeof(struct utrace_rec_exit) == 64);
static_assert(sizeof(struct utrace_rec_job) == 8);
static_assert(sizeof(struct utrace_rec_lost) == 8);
static_assert(sizeof(struct utrace_rec_step) == 16);
static_assert(sizeof(struct utrace_rec_watchpoint) == 8);
static_assert(sizeof(struct utrace_rec_signal) == 8 + UTRACE_SIGINFO_SIZE);
static_assert(sizeof(struct utrace_record) == 56 + sizeof(struct utrace_rec_signal));
static_assert(offsetof(struct utrace_record, syscall) == 56);
static_assert(offsetof(struct utrace_ring, tail) == 64);
static_assert(offsetof(struct utrace_ring, lost) == 128);
static_assert(offsetof(struct utrace_ring, left_out) == 192);
static_assert(sizeof(struct utrace_ring) == 192 + 8 * UTRACE_RING_EVENTS);
static_assert(UTRACE_EV_COUNT <= UTRACE_RING_EVENTS);
static_assert(sizeof(struct utrace_piece) == 16);
static_assert(sizeof(struct utrace_source) == 4);
static_assert(sizeof(struct utrace_take) == 24);
static_assert(sizeof(struct utrace_select) == 12);
static_assert(sizeof(struct utrace_capture) == 40);
static_assert(sizeof(struct utrace_query_args) == 56);
static_assert(sizeof(struct utrace_open_args) == 8);
static_assert(sizeof(struct utrace_policy) == 24 + 8 * UTRACE_CALLS_SETS * UTRACE_CALL_ABIS *
						  UTRACE_CALLS_WORDS);
static_assert(sizeof(struct utrace_attach_args) == 48);
static_assert(sizeof(struct utrace_call) == 56);
static_assert(sizeof(struct utrace_command) == 64);
static_assert(sizeof(struct utrace_submit_args) == 32);
static_assert(sizeof(siginfo_t) == UTRACE_SIGINFO_SIZE);

struct utrace_session *utrace_session_get(struct utrace_session *session)
{
	refcount_inc(&session->ref);
	return session;
}

void utrace_session_put(struct utrace_session *session)
{
	if (!refcount_dec_and_test(&session->ref))
		return;
	utrace_captures_put(session->captures);
	utrace_conditions_free(session);
	utrace_ring_destroy(session);
	xa_destroy(&session->watches);
	mem_cgroup_put(session->memcg);
	put_pid_ns(session->pid_ns);
	put_cred(session->cred);
	kfree(session);
}

static struct utrace_session *session_create(const struct utrace_open_args *args)
{
	struct utrace_session *session;
	int error;

	session = kzalloc(sizeof(*session), GFP_KERNEL_ACCOUNT);
	if (!session)
		return ERR_PTR(-ENOMEM);
	refcount_set(&session->ref, 1);
	session->flags = args->flags;
	mutex_init(&session->mutex);
	spin_lock_init(&session->lock);
	init_waitqueue_head(&session->readers);
	init_waitqueue_head(&session->writers);
	INIT_LIST_HEAD(&session->owed);
	xa_init(&session->watches);
	session->cred = get_current_cred();
	session->pid_ns = get_pid_ns(task_active_pid_ns(current));
	session->memcg = get_mem_cgroup_from_mm(current->mm);
	error = utrace_ring_create(session, args->ring_size ?: UTRACE_DEFAULT_RING);
	if (error) {
		utrace_session_put(session);
		return ERR_PTR(error);
	}
	return session;
}

static void end_watch(struct utrace_watch *watch)
{
	struct utrace_rules *rules = utrace_rules_of(watch);

	if (rules->policy.flags & UTRACE_POLICY_KILL_ON_CLOSE)
		send_sig(SIGKILL, watch->task, 1);
	utrace_rules_put(rules);
	utrace_unwatch(watch, NULL, NULL);
}

static int session_release(struct inode *inode, struct file *file)
{
	struct utrace_session *session = file->private_data;
	struct utrace_watch *watch;
	unsigned long cookie;

	spin_lock(&session->lock);
	session->closed = true;
	spin_unlock(&session->lock);
	wake_up_all(&session->writers);

	xa_for_each(&session->watches, cookie, watch) {
		/* A task that dies meanwhile drops its watch. */
		watch = utrace_watch_find(session, cookie);
		if (!watch)
			continue;
		end_watch(watch);
		utrace_watch_put(watch);
		cond_resched();
	}
	utrace_ring_forget_owed(session);
	utrace_session_put(session);
	return 0;
}

static __poll_t session_poll(struct file *file, poll_table *wait)
{
	struct utrace_session *session = file->private_data;

	poll_wait(file, &session->readers, wait);
	return utrace_ring_readable(session) ? EPOLLIN | EPOLLRDNORM : 0;
}

static int session_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct utrace_session *session = file->private_data;

	if (!(vma->vm_flags & VM_SHARED) || vma->vm_flags & VM_EXEC)
		return -EINVAL;
	vm_flags_mod(vma, VM_DONTEXPAND | VM_DONTCOPY, VM_MAYEXEC);
	return remap_vmalloc_range(vma, session->ring, vma->vm_pgoff);
}

static void session_fdinfo(struct seq_file *m, struct file *file)
{
	struct utrace_session *session = file->private_data;
	struct utrace_watch *watch;
	unsigned long cookie;
	unsigned int count = 0;

	xa_for_each(&session->watches, cookie, watch)
		count++;
	seq_printf(m, "utrace-watches:\t%u\nutrace-lost:\t%llu\n", count,
		   READ_ONCE(session->lost));
}

static const struct file_operations session_fops = {
	.owner = THIS_MODULE,
	.release = session_release,
	.poll = session_poll,
	.mmap = session_mmap,
	.llseek = noop_llseek,
	.show_fdinfo = session_fdinfo,
};

/* The bit of what depends on a part that is not there. */
#define OFF(part, bit)	(IS_ENABLED(CONFIG_UTRACE_##part) ? 0 : BIT(bit))

static long op_query(void __user *arg, size_t size)
{
	struct utrace_query_args args = {
		.version = UTRACE_VERSION,
		.arch = UTRACE_ARCH_AUDIT,
		.ops = BIT(UTRACE_OP_SUBMIT + 1) - 1,
		.events = (BIT(UTRACE_EV_COUNT) - 1) & ~OFF(WATCHPOINTS, UTRACE_EV_WATCHPOINT),
		.commands = (BIT(UTRACE_CMD_COUNT) - 1) &
			    ~(OFF(WATCHPOINTS, UTRACE_CMD_WATCHPOINT) |
			      OFF(CAPTURE, UTRACE_CMD_SET_CAPTURE) |
			      OFF(CONDITIONS, UTRACE_CMD_SET_CONDITION)),
		.abis = UTRACE_ARCH_ABIS,
		.max_commands = UTRACE_MAX_COMMANDS,
		.max_ring = UTRACE_MAX_RING,
		.max_data = UTRACE_MAX_DATA,
		.max_capture = IS_ENABLED(CONFIG_UTRACE_CAPTURE) ? UTRACE_MAX_CAPTURE : 0,
		.max_pieces = IS_ENABLED(CONFIG_UTRACE_CAPTURE) ? UTRACE_MAX_PIECES : 0,
	};

	/* Members that only a newer kernel knows are 0. */
	if (size > sizeof(args) && clear_user(arg + sizeof(args), size - sizeof(args)))
		return -EFAULT;
	return copy_to_user(arg, &args, min(size, sizeof(args))) ? -EFAULT : 0;
}

static long op_open(void __user *arg, size_t size)
{
	struct utrace_session *session;
	struct utrace_open_args args;
	int fd;

	fd = copy_struct_from_user(&args, sizeof(args), arg, size);
	if (fd)
		return fd;
	if (args.flags & ~UTRACE_OPEN_BACKPRESSURE)
		return -EINVAL;
	session = session_create(&args);
	if (IS_ERR(session))
		return PTR_ERR(session);
	fd = anon_inode_getfd("[utrace]", &session_fops, session, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		utrace_session_put(session);
	return fd;
}

static long op_attach(struct utrace_session *session, void __user *arg, size_t size)
{
	struct utrace_attach_args args;
	long ret;

	ret = copy_struct_from_user(&args, sizeof(args), arg, size);
	if (ret)
		return ret;
	ret = utrace_attach(session, &args);
	if (ret >= 0 && copy_to_user(arg, &args, min(size, sizeof(args))))
		return -EFAULT;
	return ret;
}

static long op_submit(struct utrace_session *session, void __user *arg, size_t size)
{
	struct utrace_submit_args args;
	long ret;

	ret = copy_struct_from_user(&args, sizeof(args), arg, size);
	if (ret)
		return ret;
	ret = utrace_submit(session, &args);
	if (ret >= 0 && size >= offsetofend(struct utrace_submit_args, wait_error) &&
	    put_user(args.wait_error, &((struct utrace_submit_args __user *)arg)->wait_error))
		return -EFAULT;
	return ret;
}

static long session_op(u32 op, int fd, void __user *arg, size_t size)
{
	CLASS(fd, f)(fd);

	if (!fd_file(f))
		return -EBADF;
	if (fd_file(f)->f_op != &session_fops)
		return -EINVAL;
	if (op == UTRACE_OP_ATTACH)
		return op_attach(fd_file(f)->private_data, arg, size);
	return op_submit(fd_file(f)->private_data, arg, size);
}

SYSCALL_DEFINE5(utrace, u32, op, int, fd, void __user *, arg, size_t, argsz, u32, flags)
{
	if (flags || argsz > PAGE_SIZE)
		return -EINVAL;
	switch (op) {
	case UTRACE_OP_QUERY:
		return fd == -1 ? op_query(arg, argsz) : -EINVAL;
	case UTRACE_OP_OPEN:
		return fd == -1 ? op_open(arg, argsz) : -EINVAL;
	case UTRACE_OP_ATTACH:
	case UTRACE_OP_SUBMIT:
		return session_op(op, fd, arg, argsz);
	default:
		return -EINVAL;
	}
}
