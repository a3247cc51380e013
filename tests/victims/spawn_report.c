/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tells how it was started, a line for each argument: the facts that a caller of spawn can choose.
 */
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/personality.h>
#include <sys/stat.h>
#include <termios.h>

#include "att_common.h"

static void report_directory(void)
{
	char path[256];

	CHECK(getcwd(path, sizeof(path)));
	say("%s\n", path);
}

static void report_user(void)
{
	gid_t groups[64];

	say("uid %d %d gid %d %d groups %d\n", getuid(), geteuid(), getgid(), getegid(), getgroups(64, groups));
}

static void report_group(void)
{
	say("group %s session %s\n", getpgrp() == getpid() ? "own" : "inherited",
	    getsid(0) == getpid() ? "own" : "inherited");
}

/* Descriptors 0 to 2 must be one terminal, which controls this session and has it in the foreground. */
static void report_terminal(void)
{
	int controlling = open("/dev/tty", O_RDWR);

	CHECK(isatty(0) && isatty(1) && isatty(2));
	CHECK(controlling >= 0 && tcgetpgrp(controlling) == getpgrp());
	CHECK(!close(controlling));
	say("terminal\n");
}

/* Which files 5 to 8 are, by their sizes, -1 if closed. */
static void report_files(void)
{
	long sizes[4];
	struct stat file;

	for (int i = 0; i < 4; i++)
		sizes[i] = fstat(5 + i, &file) ? -1 : (long)file.st_size;
	say("files %ld %ld %ld %ld\n", sizes[0], sizes[1], sizes[2], sizes[3]);
}

static void report_stack(void)
{
	say("%s %p\n", personality(0xffffffff) & ADDR_NO_RANDOMIZE ? "fixed" : "random", (void *)&stdout);
}

static int append(char *text, int length, int size, int signal, bool in)
{
	return in ? length + snprintf(text + length, (size_t)(size - length), " %d", signal) : length;
}

/* glibc's own two signals are left out: it lets nobody ask for them. */
static void report_signals(void)
{
	char text[3][256] = {"", "", ""};
	int length[3] = {0, 0, 0};
	struct sigaction action;
	sigset_t mask;

	CHECK(!sigprocmask(SIG_SETMASK, NULL, &mask));
	for (int i = 1; i <= SIGRTMAX; i++) {
		if (sigaction(i, NULL, &action))
			continue;
		length[0] = append(text[0], length[0], 256, i, sigismember(&mask, i) == 1);
		length[1] = append(text[1], length[1], 256, i, action.sa_handler == SIG_IGN);
		length[2] = append(text[2], length[2], 256, i,
				   action.sa_handler != SIG_IGN && action.sa_handler != SIG_DFL);
	}
	say("blocked%s ignored%s caught%s\n", text[0], text[1], text[2]);
}

static void report(const char *what)
{
	if (!strcmp(what, "directory"))
		report_directory();
	else if (!strcmp(what, "user"))
		report_user();
	else if (!strcmp(what, "group"))
		report_group();
	else if (!strcmp(what, "signals"))
		report_signals();
	else if (!strcmp(what, "terminal"))
		report_terminal();
	else if (!strcmp(what, "files"))
		report_files();
	else if (!strcmp(what, "stack"))
		report_stack();
	else
		say("%s=%s\n", what, getenv(what) ? getenv(what) : "(none)");
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		report(argv[i]);
	return 0;
}
