/* SPDX-License-Identifier: BSD-2-Clause */
/* Children, waiting, groups, limits, scheduling. */
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	struct sched_param parameter = {.sched_priority = 0};
	struct rusage usage;
	struct rlimit limit;
	siginfo_t info;
	cpu_set_t cpus;
	char name[16];
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(3);
	waitid(P_PID, child, &info, WEXITED | WNOWAIT);
	wait4(child, &status, 0, &usage);
	waitpid(-1, &status, WNOHANG | __WALL);
	if (vfork() == 0)
		_exit(0);
	wait(&status);
	child = fork();
	if (child == 0) {
		setpgid(0, 0);
		kill(getpid(), SIGKILL);
	}
	wait(&status);
	getpgid(0);
	getsid(0);
	getrusage(RUSAGE_CHILDREN, &usage);
	getrlimit(RLIMIT_CORE, &limit);
	setrlimit(RLIMIT_CORE, &limit);
	getpriority(PRIO_PROCESS, 0);
	setpriority(PRIO_PROCESS, 0, 1);
	sched_getscheduler(0);
	sched_setscheduler(0, SCHED_BATCH, &parameter);
	sched_getparam(0, &parameter);
	sched_get_priority_max(SCHED_FIFO);
	sched_getaffinity(0, sizeof(cpus), &cpus);
	sched_yield();
	prctl(PR_SET_NAME, "name");
	prctl(PR_GET_NAME, name);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	prctl(PR_GET_DUMPABLE);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_CAPBSET_READ, 3);
	syscall(SYS_kcmp, getpid(), getpid(), 0, 0, 1);
	syscall(SYS_ioprio_get, 1, 0);
	return 0;
}
