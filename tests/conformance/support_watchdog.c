/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * support_watchdog.c - says where a test hangs before its alarm ends it: its own stack, and every task of its process
 * group with its state, its tracer and the call that it is in.  Nothing but writes to stderr; what is not
 * async-signal-safe in it can at worst end a test that is failing.
 */
#include "support_talk.h"

#include <dirent.h>
#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_FRAMES = 40, MOST_TASKS = 200 };

static void read_line(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");

	text[0] = '\0';
	if (!file)
		return;
	if (!fgets(text, (int)size, file))
		text[0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	fclose(file);
}

static void print_task(int pid, int tid)
{
	char path[64], stat[512], call[256], channel[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, tid);
	read_line(path, stat, sizeof(stat));
	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", pid, tid);
	read_line(path, call, sizeof(call));
	snprintf(path, sizeof(path), "/proc/%d/task/%d/wchan", pid, tid);
	read_line(path, channel, sizeof(channel));
	fprintf(stderr, "  %d/%.60s | in %s | call %s\n", pid, stat, channel, call);
}

static int print_tasks(int pid)
{
	char path[64];
	struct dirent *entry;
	int count = 0;
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	tasks = opendir(path);
	while (tasks && (entry = readdir(tasks))) {
		if (atoi(entry->d_name) <= 0)
			continue;
		print_task(pid, atoi(entry->d_name));
		count++;
	}
	if (tasks)
		closedir(tasks);
	return count;
}

static void print_group(void)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	int count = 0;

	while (processes && count < MOST_TASKS && (entry = readdir(processes))) {
		int pid = atoi(entry->d_name);

		if (pid > 0 && getpgid(pid) == getpgrp())
			count += print_tasks(pid);
	}
	if (processes)
		closedir(processes);
}

static void on_alarm(int signal_number)
{
	void *frames[MOST_FRAMES];
	int count = backtrace(frames, MOST_FRAMES);

	fprintf(stderr, "test: no end in sight; the test's own stack, and the tasks of its process group:\n");
	backtrace_symbols_fd(frames, count, 2);
	print_group();
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

void talk_watch(void)
{
	signal(SIGALRM, on_alarm);
}
