/* SPDX-License-Identifier: BSD-2-Clause */
/* inotify, fanotify, pidfd, eventfd. */
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	char buffer[512];
	int inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	int watch = inotify_add_watch(inotify, ".", IN_CREATE | IN_DELETE | IN_ONLYDIR);
	int counter = eventfd(0, EFD_SEMAPHORE);
	int process = syscall(SYS_pidfd_open, getpid(), 0);

	close(open("made", O_CREAT | O_WRONLY, 0600));
	read(inotify, buffer, sizeof(buffer));
	inotify_rm_watch(inotify, watch);
	write(counter, &(long){5}, 8);
	read(counter, buffer, 8);
	syscall(SYS_pidfd_send_signal, process, 0, NULL, 0);
	syscall(SYS_pidfd_getfd, process, 1, 0);
	fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC, O_RDONLY);
	fanotify_mark(-1, FAN_MARK_ADD, FAN_OPEN | FAN_CLOSE, AT_FDCWD, ".");
	return 0;
}
