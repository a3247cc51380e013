/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/tables.c - names of flags and values: data, and three ways to look something up in it.
 *
 * A set's name is the one that the library's table of system calls uses; si_code_N are the codes of signal N.
 */
#include <asm/prctl.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/wait.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "tool.h"

static const struct name open_names[] = {
	{"O_WRONLY", O_WRONLY},     {"O_RDWR", O_RDWR},       {"O_CREAT", O_CREAT},         {"O_EXCL", O_EXCL},
	{"O_NOCTTY", O_NOCTTY},     {"O_TRUNC", O_TRUNC},     {"O_APPEND", O_APPEND},       {"O_NONBLOCK", O_NONBLOCK},
	{"O_SYNC", 04010000},       {"O_DSYNC", O_DSYNC},     {"O_ASYNC", O_ASYNC},         {"O_DIRECT", O_DIRECT},
	{"O_NOFOLLOW", O_NOFOLLOW}, {"O_TMPFILE", O_TMPFILE}, {"O_DIRECTORY", O_DIRECTORY}, {"O_NOATIME", O_NOATIME},
	{"O_CLOEXEC", O_CLOEXEC},   {"O_PATH", O_PATH},
};

static const struct name mmap_prot_names[] = {
	{"PROT_NONE", PROT_NONE}, {"PROT_READ", PROT_READ},           {"PROT_WRITE", PROT_WRITE},
	{"PROT_EXEC", PROT_EXEC}, {"PROT_GROWSDOWN", PROT_GROWSDOWN}, {"PROT_GROWSUP", PROT_GROWSUP},
};

static const struct name mmap_map_names[] = {
	{"MAP_SHARED_VALIDATE", MAP_SHARED_VALIDATE},
	{"MAP_SHARED", MAP_SHARED},
	{"MAP_PRIVATE", MAP_PRIVATE},
	{"MAP_FIXED", MAP_FIXED},
	{"MAP_ANONYMOUS", MAP_ANONYMOUS},
	{"MAP_32BIT", 0x40},
	{"MAP_NORESERVE", MAP_NORESERVE},
	{"MAP_POPULATE", MAP_POPULATE},
	{"MAP_NONBLOCK", MAP_NONBLOCK},
	{"MAP_GROWSDOWN", MAP_GROWSDOWN},
	{"MAP_DENYWRITE", MAP_DENYWRITE},
	{"MAP_EXECUTABLE", MAP_EXECUTABLE},
	{"MAP_LOCKED", MAP_LOCKED},
	{"MAP_STACK", MAP_STACK},
	{"MAP_HUGETLB", MAP_HUGETLB},
	{"MAP_SYNC", MAP_SYNC},
	{"MAP_FIXED_NOREPLACE", MAP_FIXED_NOREPLACE},
};

static const struct name access_names[] = {
	{"F_OK", F_OK},
	{"R_OK", R_OK},
	{"W_OK", W_OK},
	{"X_OK", X_OK},
};

static const struct name clone_names[] = {
	{"CLONE_VM", CLONE_VM},
	{"CLONE_FS", CLONE_FS},
	{"CLONE_FILES", CLONE_FILES},
	{"CLONE_SIGHAND", CLONE_SIGHAND},
	{"CLONE_PIDFD", CLONE_PIDFD},
	{"CLONE_PTRACE", CLONE_PTRACE},
	{"CLONE_VFORK", CLONE_VFORK},
	{"CLONE_PARENT", CLONE_PARENT},
	{"CLONE_THREAD", CLONE_THREAD},
	{"CLONE_NEWNS", CLONE_NEWNS},
	{"CLONE_SYSVSEM", CLONE_SYSVSEM},
	{"CLONE_SETTLS", CLONE_SETTLS},
	{"CLONE_PARENT_SETTID", CLONE_PARENT_SETTID},
	{"CLONE_CHILD_CLEARTID", CLONE_CHILD_CLEARTID},
	{"CLONE_DETACHED", 0x400000},
	{"CLONE_UNTRACED", CLONE_UNTRACED},
	{"CLONE_CHILD_SETTID", CLONE_CHILD_SETTID},
	{"CLONE_NEWCGROUP", CLONE_NEWCGROUP},
	{"CLONE_NEWUTS", CLONE_NEWUTS},
	{"CLONE_NEWIPC", CLONE_NEWIPC},
	{"CLONE_NEWUSER", CLONE_NEWUSER},
	{"CLONE_NEWPID", CLONE_NEWPID},
	{"CLONE_NEWNET", CLONE_NEWNET},
	{"CLONE_IO", CLONE_IO},
};

static const struct name at_names[] = {
	{"AT_SYMLINK_NOFOLLOW", AT_SYMLINK_NOFOLLOW},
	{"AT_SYMLINK_FOLLOW", AT_SYMLINK_FOLLOW},
	{"AT_NO_AUTOMOUNT", AT_NO_AUTOMOUNT},
	{"AT_EMPTY_PATH", AT_EMPTY_PATH},
};

static const struct name at_access_names[] = {
	{"AT_EACCESS", AT_EACCESS},
	{"AT_SYMLINK_NOFOLLOW", AT_SYMLINK_NOFOLLOW},
	{"AT_EMPTY_PATH", AT_EMPTY_PATH},
};

static const struct name at_unlink_names[] = {
	{"AT_REMOVEDIR", AT_REMOVEDIR},
};

static const struct name at_statx_names[] = {
	{"AT_SYMLINK_NOFOLLOW", AT_SYMLINK_NOFOLLOW},
	{"AT_NO_AUTOMOUNT", AT_NO_AUTOMOUNT},
	{"AT_EMPTY_PATH", AT_EMPTY_PATH},
	{"AT_STATX_FORCE_SYNC", AT_STATX_FORCE_SYNC},
	{"AT_STATX_DONT_SYNC", AT_STATX_DONT_SYNC},
};

static const struct name msg_names[] = {
	{"MSG_OOB", MSG_OOB},
	{"MSG_PEEK", MSG_PEEK},
	{"MSG_DONTROUTE", MSG_DONTROUTE},
	{"MSG_CTRUNC", MSG_CTRUNC},
	{"MSG_TRUNC", MSG_TRUNC},
	{"MSG_DONTWAIT", MSG_DONTWAIT},
	{"MSG_EOR", MSG_EOR},
	{"MSG_WAITALL", MSG_WAITALL},
	{"MSG_CONFIRM", MSG_CONFIRM},
	{"MSG_ERRQUEUE", MSG_ERRQUEUE},
	{"MSG_NOSIGNAL", MSG_NOSIGNAL},
	{"MSG_MORE", MSG_MORE},
	{"MSG_CMSG_CLOEXEC", MSG_CMSG_CLOEXEC},
};

static const struct name accept4_names[] = {
	{"SOCK_CLOEXEC", SOCK_CLOEXEC},
	{"SOCK_NONBLOCK", SOCK_NONBLOCK},
};

static const struct name wait_names[] = {
	{"WNOHANG", WNOHANG},         {"WUNTRACED", WUNTRACED}, {"WCONTINUED", WCONTINUED}, {"WNOWAIT", WNOWAIT},
	{"__WNOTHREAD", __WNOTHREAD}, {"__WALL", __WALL},       {"__WCLONE", __WCLONE},
};

static const struct name pipe2_names[] = {
	{"O_CLOEXEC", O_CLOEXEC},
	{"O_NONBLOCK", O_NONBLOCK},
	{"O_DIRECT", O_DIRECT},
};

static const struct name dup3_names[] = {
	{"O_CLOEXEC", O_CLOEXEC},
};

static const struct name epoll_create1_names[] = {
	{"EPOLL_CLOEXEC", EPOLL_CLOEXEC},
};

static const struct name eventfd_names[] = {
	{"EFD_CLOEXEC", EFD_CLOEXEC},
	{"EFD_NONBLOCK", EFD_NONBLOCK},
	{"EFD_SEMAPHORE", EFD_SEMAPHORE},
};

static const struct name timerfd_create_names[] = {
	{"TFD_CLOEXEC", TFD_CLOEXEC},
	{"TFD_NONBLOCK", TFD_NONBLOCK},
};

static const struct name timerfd_settime_names[] = {
	{"TFD_TIMER_ABSTIME", TFD_TIMER_ABSTIME},
	{"TFD_TIMER_CANCEL_ON_SET", TFD_TIMER_CANCEL_ON_SET},
};

static const struct name timer_abstime_names[] = {
	{"TIMER_ABSTIME", TIMER_ABSTIME},
};

static const struct name inotify_init_names[] = {
	{"IN_CLOEXEC", IN_CLOEXEC},
	{"IN_NONBLOCK", IN_NONBLOCK},
};

static const struct name memfd_create_names[] = {
	{"MFD_CLOEXEC", MFD_CLOEXEC},
	{"MFD_ALLOW_SEALING", MFD_ALLOW_SEALING},
	{"MFD_HUGETLB", MFD_HUGETLB},
};

static const struct name getrandom_names[] = {
	{"GRND_NONBLOCK", GRND_NONBLOCK},
	{"GRND_RANDOM", GRND_RANDOM},
	{"GRND_INSECURE", 4},
};

static const struct name mremap_names[] = {
	{"MREMAP_MAYMOVE", MREMAP_MAYMOVE},
	{"MREMAP_FIXED", MREMAP_FIXED},
	{"MREMAP_DONTUNMAP", 4},
};

static const struct name msync_names[] = {
	{"MS_ASYNC", MS_ASYNC},
	{"MS_INVALIDATE", MS_INVALIDATE},
	{"MS_SYNC", MS_SYNC},
};

static const struct name flock_names[] = {
	{"LOCK_EX", LOCK_EX},
	{"LOCK_SH", LOCK_SH},
	{"LOCK_UN", LOCK_UN},
	{"LOCK_NB", LOCK_NB},
};

static const struct name renameat2_names[] = {
	{"RENAME_NOREPLACE", RENAME_NOREPLACE},
	{"RENAME_EXCHANGE", RENAME_EXCHANGE},
	{"RENAME_WHITEOUT", RENAME_WHITEOUT},
};

static const struct name signalfd_names[] = {
	{"SFD_CLOEXEC", SFD_CLOEXEC},
	{"SFD_NONBLOCK", SFD_NONBLOCK},
};

static const struct name splice_names[] = {
	{"SPLICE_F_MOVE", SPLICE_F_MOVE},
	{"SPLICE_F_NONBLOCK", SPLICE_F_NONBLOCK},
	{"SPLICE_F_MORE", SPLICE_F_MORE},
	{"SPLICE_F_GIFT", SPLICE_F_GIFT},
};

static const struct name whence_names[] = {
	{"SEEK_SET", SEEK_SET},   {"SEEK_CUR", SEEK_CUR},   {"SEEK_END", SEEK_END},
	{"SEEK_DATA", SEEK_DATA}, {"SEEK_HOLE", SEEK_HOLE},
};

static const struct name sigprocmask_how_names[] = {
	{"SIG_BLOCK", SIG_BLOCK},
	{"SIG_UNBLOCK", SIG_UNBLOCK},
	{"SIG_SETMASK", SIG_SETMASK},
};

static const struct name fcntl_cmd_names[] = {
	{"F_DUPFD", (uint64_t)(int64_t)F_DUPFD},
	{"F_GETFD", (uint64_t)(int64_t)F_GETFD},
	{"F_SETFD", (uint64_t)(int64_t)F_SETFD},
	{"F_GETFL", (uint64_t)(int64_t)F_GETFL},
	{"F_SETFL", (uint64_t)(int64_t)F_SETFL},
	{"F_GETLK", (uint64_t)(int64_t)F_GETLK},
	{"F_SETLK", (uint64_t)(int64_t)F_SETLK},
	{"F_SETLKW", (uint64_t)(int64_t)F_SETLKW},
	{"F_SETOWN", (uint64_t)(int64_t)F_SETOWN},
	{"F_GETOWN", (uint64_t)(int64_t)F_GETOWN},
	{"F_SETSIG", (uint64_t)(int64_t)F_SETSIG},
	{"F_GETSIG", (uint64_t)(int64_t)F_GETSIG},
	{"F_OFD_GETLK", (uint64_t)(int64_t)F_OFD_GETLK},
	{"F_OFD_SETLK", (uint64_t)(int64_t)F_OFD_SETLK},
	{"F_OFD_SETLKW", (uint64_t)(int64_t)F_OFD_SETLKW},
	{"F_SETLEASE", (uint64_t)(int64_t)F_SETLEASE},
	{"F_GETLEASE", (uint64_t)(int64_t)F_GETLEASE},
	{"F_NOTIFY", (uint64_t)(int64_t)F_NOTIFY},
	{"F_DUPFD_CLOEXEC", (uint64_t)(int64_t)F_DUPFD_CLOEXEC},
	{"F_SETPIPE_SZ", (uint64_t)(int64_t)F_SETPIPE_SZ},
	{"F_GETPIPE_SZ", (uint64_t)(int64_t)F_GETPIPE_SZ},
	{"F_ADD_SEALS", (uint64_t)(int64_t)F_ADD_SEALS},
	{"F_GET_SEALS", (uint64_t)(int64_t)F_GET_SEALS},
};

static const struct name clockid_names[] = {
	{"CLOCK_REALTIME", (uint64_t)CLOCK_REALTIME},
	{"CLOCK_MONOTONIC", (uint64_t)CLOCK_MONOTONIC},
	{"CLOCK_PROCESS_CPUTIME_ID", (uint64_t)CLOCK_PROCESS_CPUTIME_ID},
	{"CLOCK_THREAD_CPUTIME_ID", (uint64_t)CLOCK_THREAD_CPUTIME_ID},
	{"CLOCK_MONOTONIC_RAW", (uint64_t)CLOCK_MONOTONIC_RAW},
	{"CLOCK_REALTIME_COARSE", (uint64_t)CLOCK_REALTIME_COARSE},
	{"CLOCK_MONOTONIC_COARSE", (uint64_t)CLOCK_MONOTONIC_COARSE},
	{"CLOCK_BOOTTIME", (uint64_t)CLOCK_BOOTTIME},
	{"CLOCK_TAI", (uint64_t)CLOCK_TAI},
};

static const struct name resource_names[] = {
	{"RLIMIT_CPU", RLIMIT_CPU},           {"RLIMIT_FSIZE", RLIMIT_FSIZE},
	{"RLIMIT_DATA", RLIMIT_DATA},         {"RLIMIT_STACK", RLIMIT_STACK},
	{"RLIMIT_CORE", RLIMIT_CORE},         {"RLIMIT_RSS", RLIMIT_RSS},
	{"RLIMIT_NPROC", RLIMIT_NPROC},       {"RLIMIT_NOFILE", RLIMIT_NOFILE},
	{"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},   {"RLIMIT_AS", RLIMIT_AS},
	{"RLIMIT_LOCKS", RLIMIT_LOCKS},       {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
	{"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE}, {"RLIMIT_NICE", RLIMIT_NICE},
	{"RLIMIT_RTPRIO", RLIMIT_RTPRIO},     {"RLIMIT_RTTIME", RLIMIT_RTTIME},
};

static const struct name socket_domain_names[] = {
	{"AF_UNSPEC", AF_UNSPEC},   {"AF_UNIX", AF_UNIX},     {"AF_INET", AF_INET},   {"AF_INET6", AF_INET6},
	{"AF_NETLINK", AF_NETLINK}, {"AF_PACKET", AF_PACKET}, {"AF_VSOCK", AF_VSOCK},
};

static const struct name shutdown_how_names[] = {
	{"SHUT_RD", SHUT_RD},
	{"SHUT_WR", SHUT_WR},
	{"SHUT_RDWR", SHUT_RDWR},
};

static const struct name madvise_names[] = {
	{"MADV_NORMAL", MADV_NORMAL},
	{"MADV_RANDOM", MADV_RANDOM},
	{"MADV_SEQUENTIAL", MADV_SEQUENTIAL},
	{"MADV_WILLNEED", MADV_WILLNEED},
	{"MADV_DONTNEED", MADV_DONTNEED},
	{"MADV_FREE", MADV_FREE},
	{"MADV_REMOVE", MADV_REMOVE},
	{"MADV_DONTFORK", MADV_DONTFORK},
	{"MADV_DOFORK", MADV_DOFORK},
	{"MADV_MERGEABLE", MADV_MERGEABLE},
	{"MADV_HUGEPAGE", MADV_HUGEPAGE},
	{"MADV_NOHUGEPAGE", MADV_NOHUGEPAGE},
	{"MADV_DONTDUMP", MADV_DONTDUMP},
	{"MADV_DODUMP", MADV_DODUMP},
	{"MADV_COLD", 0x14},
	{"MADV_PAGEOUT", 0x15},
};

static const struct name epoll_op_names[] = {
	{"EPOLL_CTL_ADD", EPOLL_CTL_ADD},
	{"EPOLL_CTL_DEL", EPOLL_CTL_DEL},
	{"EPOLL_CTL_MOD", EPOLL_CTL_MOD},
};

static const struct name fadvise_names[] = {
	{"POSIX_FADV_NORMAL", POSIX_FADV_NORMAL},         {"POSIX_FADV_RANDOM", POSIX_FADV_RANDOM},
	{"POSIX_FADV_SEQUENTIAL", POSIX_FADV_SEQUENTIAL}, {"POSIX_FADV_WILLNEED", POSIX_FADV_WILLNEED},
	{"POSIX_FADV_DONTNEED", POSIX_FADV_DONTNEED},     {"POSIX_FADV_NOREUSE", POSIX_FADV_NOREUSE},
};

static const struct name rusage_who_names[] = {
	{"RUSAGE_SELF", RUSAGE_SELF},
	{"RUSAGE_CHILDREN", RUSAGE_CHILDREN},
	{"RUSAGE_THREAD", RUSAGE_THREAD},
};

static const struct name itimer_names[] = {
	{"ITIMER_REAL", ITIMER_REAL},
	{"ITIMER_VIRTUAL", ITIMER_VIRTUAL},
	{"ITIMER_PROF", ITIMER_PROF},
};

static const struct name arch_prctl_option_names[] = {
	{"ARCH_SET_GS", ARCH_SET_GS},
	{"ARCH_SET_FS", ARCH_SET_FS},
	{"ARCH_GET_FS", ARCH_GET_FS},
	{"ARCH_GET_GS", ARCH_GET_GS},
};

static const struct name prctl_option_names[] = {
	{"PR_SET_PDEATHSIG", PR_SET_PDEATHSIG},
	{"PR_GET_PDEATHSIG", PR_GET_PDEATHSIG},
	{"PR_GET_DUMPABLE", PR_GET_DUMPABLE},
	{"PR_SET_DUMPABLE", PR_SET_DUMPABLE},
	{"PR_SET_NAME", PR_SET_NAME},
	{"PR_GET_NAME", PR_GET_NAME},
	{"PR_GET_SECCOMP", PR_GET_SECCOMP},
	{"PR_SET_SECCOMP", PR_SET_SECCOMP},
	{"PR_CAPBSET_READ", PR_CAPBSET_READ},
	{"PR_CAPBSET_DROP", PR_CAPBSET_DROP},
	{"PR_SET_NO_NEW_PRIVS", PR_SET_NO_NEW_PRIVS},
	{"PR_GET_NO_NEW_PRIVS", PR_GET_NO_NEW_PRIVS},
	{"PR_SET_CHILD_SUBREAPER", PR_SET_CHILD_SUBREAPER},
	{"PR_SET_VMA", 0x53564d41},
};

static const struct name ioctl_cmd_names[] = {
	{"TCGETS", TCGETS},         {"TCSETS", TCSETS},         {"TCSETSW", TCSETSW},     {"TCSETSF", TCSETSF},
	{"TIOCGWINSZ", TIOCGWINSZ}, {"TIOCSWINSZ", TIOCSWINSZ}, {"TIOCGPGRP", TIOCGPGRP}, {"TIOCSPGRP", TIOCSPGRP},
	{"TIOCSCTTY", TIOCSCTTY},   {"TIOCNOTTY", TIOCNOTTY},   {"TIOCGPTN", TIOCGPTN},   {"TIOCSPTLCK", TIOCSPTLCK},
	{"FIONREAD", FIONREAD},     {"FIONBIO", FIONBIO},       {"FIOCLEX", FIOCLEX},     {"FIONCLEX", FIONCLEX},
};

static const struct name socket_type_names[] = {
	{"SOCK_STREAM", SOCK_STREAM},   {"SOCK_DGRAM", SOCK_DGRAM},         {"SOCK_RAW", SOCK_RAW},
	{"SOCK_RDM", SOCK_RDM},         {"SOCK_SEQPACKET", SOCK_SEQPACKET}, {"SOCK_NONBLOCK", SOCK_NONBLOCK},
	{"SOCK_CLOEXEC", SOCK_CLOEXEC},
};

static const struct name futex_op_names[] = {
	{"FUTEX_WAIT", FUTEX_WAIT},
	{"FUTEX_WAKE", FUTEX_WAKE},
	{"FUTEX_FD", 2},
	{"FUTEX_REQUEUE", FUTEX_REQUEUE},
	{"FUTEX_CMP_REQUEUE", FUTEX_CMP_REQUEUE},
	{"FUTEX_WAKE_OP", FUTEX_WAKE_OP},
	{"FUTEX_LOCK_PI", FUTEX_LOCK_PI},
	{"FUTEX_UNLOCK_PI", FUTEX_UNLOCK_PI},
	{"FUTEX_TRYLOCK_PI", FUTEX_TRYLOCK_PI},
	{"FUTEX_WAIT_BITSET", FUTEX_WAIT_BITSET},
	{"FUTEX_WAKE_BITSET", FUTEX_WAKE_BITSET},
	{"FUTEX_WAIT_REQUEUE_PI", FUTEX_WAIT_REQUEUE_PI},
	{"FUTEX_CMP_REQUEUE_PI", FUTEX_CMP_REQUEUE_PI},
};

static const struct name si_code_names[] = {
	{"SI_USER", (uint64_t)(int64_t)SI_USER},       {"SI_QUEUE", (uint64_t)(int64_t)SI_QUEUE},
	{"SI_TIMER", (uint64_t)(int64_t)SI_TIMER},     {"SI_MESGQ", (uint64_t)(int64_t)SI_MESGQ},
	{"SI_ASYNCIO", (uint64_t)(int64_t)SI_ASYNCIO}, {"SI_SIGIO", (uint64_t)(int64_t)SI_SIGIO},
	{"SI_TKILL", (uint64_t)(int64_t)SI_TKILL},     {"SI_KERNEL", (uint64_t)(int64_t)SI_KERNEL},
};

static const struct name si_code_17_names[] = {
	{"CLD_EXITED", CLD_EXITED},   {"CLD_KILLED", CLD_KILLED},   {"CLD_DUMPED", CLD_DUMPED},
	{"CLD_TRAPPED", CLD_TRAPPED}, {"CLD_STOPPED", CLD_STOPPED}, {"CLD_CONTINUED", CLD_CONTINUED},
};

static const struct name si_code_11_names[] = {
	{"SEGV_MAPERR", SEGV_MAPERR},
	{"SEGV_ACCERR", SEGV_ACCERR},
	{"SEGV_BNDERR", 3},
	{"SEGV_PKUERR", 4},
};

static const struct name si_code_7_names[] = {
	{"BUS_ADRALN", BUS_ADRALN},
	{"BUS_ADRERR", BUS_ADRERR},
	{"BUS_OBJERR", BUS_OBJERR},
};

static const struct name si_code_8_names[] = {
	{"FPE_INTDIV", FPE_INTDIV}, {"FPE_INTOVF", FPE_INTOVF}, {"FPE_FLTDIV", FPE_FLTDIV}, {"FPE_FLTOVF", FPE_FLTOVF},
	{"FPE_FLTUND", FPE_FLTUND}, {"FPE_FLTRES", FPE_FLTRES}, {"FPE_FLTINV", FPE_FLTINV}, {"FPE_FLTSUB", FPE_FLTSUB},
};

static const struct name si_code_4_names[] = {
	{"ILL_ILLOPC", ILL_ILLOPC}, {"ILL_ILLOPN", ILL_ILLOPN}, {"ILL_ILLADR", ILL_ILLADR}, {"ILL_ILLTRP", ILL_ILLTRP},
	{"ILL_PRVOPC", ILL_PRVOPC}, {"ILL_PRVREG", ILL_PRVREG}, {"ILL_COPROC", ILL_COPROC}, {"ILL_BADSTK", ILL_BADSTK},
};

static const struct name si_code_5_names[] = {
	{"TRAP_BRKPT", TRAP_BRKPT},
	{"TRAP_TRACE", TRAP_TRACE},
};

static const struct name si_code_31_names[] = {
	{"SYS_SECCOMP", 1},
};

struct set {
	const char *name;
	const struct name *names;
	size_t count;
	const char *zero; /* of flags: what 0 is called */
};

static const struct set sets[] = {
	{"open", open_names, sizeof(open_names) / sizeof(open_names[0]), "O_RDONLY"},
	{"mmap_prot", mmap_prot_names, sizeof(mmap_prot_names) / sizeof(mmap_prot_names[0]), "PROT_NONE"},
	{"mmap_map", mmap_map_names, sizeof(mmap_map_names) / sizeof(mmap_map_names[0]), NULL},
	{"access", access_names, sizeof(access_names) / sizeof(access_names[0]), "F_OK"},
	{"clone", clone_names, sizeof(clone_names) / sizeof(clone_names[0]), NULL},
	{"at", at_names, sizeof(at_names) / sizeof(at_names[0]), NULL},
	{"at_access", at_access_names, sizeof(at_access_names) / sizeof(at_access_names[0]), NULL},
	{"at_unlink", at_unlink_names, sizeof(at_unlink_names) / sizeof(at_unlink_names[0]), NULL},
	{"at_statx", at_statx_names, sizeof(at_statx_names) / sizeof(at_statx_names[0]), NULL},
	{"msg", msg_names, sizeof(msg_names) / sizeof(msg_names[0]), NULL},
	{"accept4", accept4_names, sizeof(accept4_names) / sizeof(accept4_names[0]), NULL},
	{"wait", wait_names, sizeof(wait_names) / sizeof(wait_names[0]), NULL},
	{"pipe2", pipe2_names, sizeof(pipe2_names) / sizeof(pipe2_names[0]), NULL},
	{"dup3", dup3_names, sizeof(dup3_names) / sizeof(dup3_names[0]), NULL},
	{"epoll_create1", epoll_create1_names, sizeof(epoll_create1_names) / sizeof(epoll_create1_names[0]), NULL},
	{"eventfd", eventfd_names, sizeof(eventfd_names) / sizeof(eventfd_names[0]), NULL},
	{"timerfd_create", timerfd_create_names, sizeof(timerfd_create_names) / sizeof(timerfd_create_names[0]), NULL},
	{"timerfd_settime", timerfd_settime_names, sizeof(timerfd_settime_names) / sizeof(timerfd_settime_names[0]),
	 NULL},
	{"timer_abstime", timer_abstime_names, sizeof(timer_abstime_names) / sizeof(timer_abstime_names[0]), NULL},
	{"inotify_init", inotify_init_names, sizeof(inotify_init_names) / sizeof(inotify_init_names[0]), NULL},
	{"memfd_create", memfd_create_names, sizeof(memfd_create_names) / sizeof(memfd_create_names[0]), NULL},
	{"getrandom", getrandom_names, sizeof(getrandom_names) / sizeof(getrandom_names[0]), NULL},
	{"mremap", mremap_names, sizeof(mremap_names) / sizeof(mremap_names[0]), NULL},
	{"msync", msync_names, sizeof(msync_names) / sizeof(msync_names[0]), NULL},
	{"flock", flock_names, sizeof(flock_names) / sizeof(flock_names[0]), NULL},
	{"renameat2", renameat2_names, sizeof(renameat2_names) / sizeof(renameat2_names[0]), NULL},
	{"signalfd", signalfd_names, sizeof(signalfd_names) / sizeof(signalfd_names[0]), NULL},
	{"splice", splice_names, sizeof(splice_names) / sizeof(splice_names[0]), NULL},
	{"whence", whence_names, sizeof(whence_names) / sizeof(whence_names[0]), NULL},
	{"sigprocmask_how", sigprocmask_how_names, sizeof(sigprocmask_how_names) / sizeof(sigprocmask_how_names[0]),
	 NULL},
	{"fcntl_cmd", fcntl_cmd_names, sizeof(fcntl_cmd_names) / sizeof(fcntl_cmd_names[0]), NULL},
	{"clockid", clockid_names, sizeof(clockid_names) / sizeof(clockid_names[0]), NULL},
	{"resource", resource_names, sizeof(resource_names) / sizeof(resource_names[0]), NULL},
	{"socket_domain", socket_domain_names, sizeof(socket_domain_names) / sizeof(socket_domain_names[0]), NULL},
	{"shutdown_how", shutdown_how_names, sizeof(shutdown_how_names) / sizeof(shutdown_how_names[0]), NULL},
	{"madvise", madvise_names, sizeof(madvise_names) / sizeof(madvise_names[0]), NULL},
	{"epoll_op", epoll_op_names, sizeof(epoll_op_names) / sizeof(epoll_op_names[0]), NULL},
	{"fadvise", fadvise_names, sizeof(fadvise_names) / sizeof(fadvise_names[0]), NULL},
	{"rusage_who", rusage_who_names, sizeof(rusage_who_names) / sizeof(rusage_who_names[0]), NULL},
	{"itimer", itimer_names, sizeof(itimer_names) / sizeof(itimer_names[0]), NULL},
	{"arch_prctl_option", arch_prctl_option_names,
	 sizeof(arch_prctl_option_names) / sizeof(arch_prctl_option_names[0]), NULL},
	{"prctl_option", prctl_option_names, sizeof(prctl_option_names) / sizeof(prctl_option_names[0]), NULL},
	{"ioctl_cmd", ioctl_cmd_names, sizeof(ioctl_cmd_names) / sizeof(ioctl_cmd_names[0]), NULL},
	{"socket_type", socket_type_names, sizeof(socket_type_names) / sizeof(socket_type_names[0]), NULL},
	{"futex_op", futex_op_names, sizeof(futex_op_names) / sizeof(futex_op_names[0]), NULL},
	{"si_code", si_code_names, sizeof(si_code_names) / sizeof(si_code_names[0]), NULL},
	{"si_code_17", si_code_17_names, sizeof(si_code_17_names) / sizeof(si_code_17_names[0]), NULL},
	{"si_code_11", si_code_11_names, sizeof(si_code_11_names) / sizeof(si_code_11_names[0]), NULL},
	{"si_code_7", si_code_7_names, sizeof(si_code_7_names) / sizeof(si_code_7_names[0]), NULL},
	{"si_code_8", si_code_8_names, sizeof(si_code_8_names) / sizeof(si_code_8_names[0]), NULL},
	{"si_code_4", si_code_4_names, sizeof(si_code_4_names) / sizeof(si_code_4_names[0]), NULL},
	{"si_code_5", si_code_5_names, sizeof(si_code_5_names) / sizeof(si_code_5_names[0]), NULL},
	{"si_code_31", si_code_31_names, sizeof(si_code_31_names) / sizeof(si_code_31_names[0]), NULL},
};

static const struct set *find(const char *name)
{
	for (size_t i = 0; name && i < sizeof(sets) / sizeof(sets[0]); i++) {
		if (strcmp(sets[i].name, name) == 0)
			return &sets[i];
	}
	return NULL;
}

static void add_bits(struct text *text, const struct set *set, uint64_t value, const char *bar)
{
	for (size_t i = 0; i < set->count; i++) {
		uint64_t bits = set->names[i].value;

		if (!bits || (value & bits) != bits)
			continue;
		text_add(text, "%s%s", bar, set->names[i].name);
		value &= ~bits;
		bar = "|";
	}
	if (value)
		text_add(text, "%s%#llx", bar, (unsigned long long)value);
}

/* Flags that share their word with something else: the access mode of open, the signal of clone. */
static bool add_shared(struct text *text, const char *name, const struct set *set, uint64_t value)
{
	if (strcmp(name, "open") == 0 && (value & O_ACCMODE) == O_RDONLY) {
		text_add(text, "O_RDONLY");
		add_bits(text, set, value, "|");
		return true;
	}
	if (strcmp(name, "clone") == 0) {
		add_bits(text, set, value & ~UINT64_C(0xff), "");
		if (value & 0xff) {
			text_add(text, value & ~UINT64_C(0xff) ? "|" : "");
			signal_name(text, (int)(value & 0xff));
		}
		return true;
	}
	return false;
}

bool table_flags(struct text *text, const char *name, uint64_t value)
{
	const struct set *set = find(name);

	if (!set)
		return false;
	if (add_shared(text, name, set, value))
		return true;
	if (table_is_combined(name)) {
		uint64_t mask = strcmp(name, "futex_op") == 0 ? 0x7f : 0xf;

		if (!table_enum(text, name, value & mask))
			return false;
		if (strcmp(name, "socket_type") == 0)
			add_bits(text, set, value & ~mask, value & ~mask ? "|" : "");
		else if (value & ~mask)
			text_add(text, "%s%s", value & FUTEX_PRIVATE_FLAG ? "_PRIVATE" : "",
				 value & FUTEX_CLOCK_REALTIME ? "|FUTEX_CLOCK_REALTIME" : "");
		return true;
	}
	if (value)
		add_bits(text, set, value, "");
	else
		text_add(text, "%s", set->zero ? set->zero : "0");
	return true;
}

bool table_enum(struct text *text, const char *name, uint64_t value)
{
	const struct set *set = find(name);

	for (size_t i = 0; set && i < set->count; i++) {
		if (set->names[i].value != value)
			continue;
		text_add(text, "%s", set->names[i].name);
		return true;
	}
	return false;
}

bool table_is_combined(const char *name)
{
	return name && (strcmp(name, "socket_type") == 0 || strcmp(name, "futex_op") == 0);
}
