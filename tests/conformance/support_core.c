/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * support_core.c - see support_core.h.
 */
#include "support_core.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

void core_begin(struct core_world *world, struct talk_world *talk)
{
	*world = (struct core_world){.talk = talk, .folder = "/tmp/utrace-core-XXXXXX"};
	assert_non_null(mkdtemp(world->folder));
	(void)snprintf(world->path, sizeof(world->path), "%s/core", world->folder);
}

bool core_can_dump(void)
{
	char pattern[128] = "";
	FILE *file = fopen("/proc/sys/kernel/core_pattern", "re");
	struct rlimit limit;

	if (file && !fgets(pattern, sizeof(pattern), file))
		pattern[0] = 0;
	if (file)
		fclose(file);
	return strncmp(pattern, "core", 4) == 0 && getrlimit(RLIMIT_CORE, &limit) == 0 &&
	       limit.rlim_max == RLIM_INFINITY;
}

/* In the folder and with the limit of the child only. */
void core_start(struct core_world *world, const char *program, const char *argument)
{
	const char *const argv[] = {program, argument, NULL};
	struct rlimit before = {0};
	struct rlimit all;
	int here = open(".", O_PATH | O_CLOEXEC);

	assert_true(here >= 0 && getrlimit(RLIMIT_CORE, &before) == 0);
	all = before;
	all.rlim_cur = all.rlim_max;
	assert_true(setrlimit(RLIMIT_CORE, &all) == 0 && chdir(world->folder) == 0);
	talk_start_ready(&world->talk->victim, argv);
	talk_wait_state(world->talk->victim.pid, "S");
	assert_true(setrlimit(RLIMIT_CORE, &before) == 0 && fchdir(here) == 0);
	close(here);
}

/* The kernel's name for it may have the pid behind the word. */
static void find_core(struct core_world *world)
{
	DIR *folder = opendir(world->folder);
	struct dirent *entry;
	bool found = false;

	while (folder && (entry = readdir(folder))) {
		if (strncmp(entry->d_name, "core", 4) != 0)
			continue;
		(void)snprintf(world->path, sizeof(world->path), "%s/%.24s", world->folder, entry->d_name);
		found = true;
	}
	closedir(folder);
	assert_true(found);
}

void core_end_victim(struct core_world *world, int signal)
{
	int status;

	assert_int_equal(kill(world->talk->victim.pid, signal), 0);
	status = talk_reap_status(&world->talk->victim);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == signal && WCOREDUMP(status));
	find_core(world);
}

void core_dump(struct core_world *world, const char *program, const char *argument, int signal)
{
	core_start(world, program, argument);
	core_end_victim(world, signal);
}

static utrace_session *open_session(struct talk_world *talk)
{
	const char *threading = getenv("UTRACE_TEST_THREADING");
	struct utrace_session_options options = {
		.size = sizeof(options), .backend = UTRACE_BACKEND_CORE, .threading = UTRACE_THREADS_BOUND};
	utrace_session *session = NULL;

	if (threading && strcmp(threading, "any") == 0)
		options.threading = UTRACE_THREADS_ANY;
	talk_ok(talk, utrace_session_open(&options, &session, &talk->error));
	return session;
}

void core_open(struct core_world *world, const struct utrace_core_options *options)
{
	struct utrace_core_description description = {.size = sizeof(description)};
	struct talk_world *talk = world->talk;

	world->session = open_session(talk);
	talk_ok(talk, utrace_core_open(world->session, world->path, options, &world->process, &talk->error));
	talk_ok(talk, utrace_core_describe(world->process, &description, &talk->error));
	talk_ok(talk, utrace_session_find_thread(world->session, description.thread, &world->thread, &talk->error));
	talk_ok(talk, utrace_symbols_create(NULL, &world->symbols, &talk->error));
	talk_ok(talk, utrace_image_open(world->symbols, world->process, &world->image, &talk->error));
	talk_ok(talk, utrace_stack_open(world->image, world->thread, NULL, &world->stack, &talk->error));
}

void core_close(struct core_world *world)
{
	utrace_stack_close(world->stack);
	utrace_image_close(world->image);
	utrace_symbols_unref(world->symbols);
	utrace_thread_unref(world->thread);
	utrace_process_unref(world->process);
	utrace_session_close(world->session);
	world->session = NULL;
}

void core_finish(struct core_world *world)
{
	DIR *folder = opendir(world->folder);
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		if (entry->d_name[0] != '.')
			assert_int_equal(unlinkat(dirfd(folder), entry->d_name, 0), 0);
	}
	closedir(folder);
	assert_int_equal(rmdir(world->folder), 0);
}

utrace_frame *core_find_frame(struct core_world *world, const char *function)
{
	utrace_frame *frame;

	for (size_t i = 0; (frame = utrace_stack_frame(world->stack, i)); i++) {
		const char *name = utrace_frame_function(frame);

		if (name && strcmp(name, function) == 0)
			return frame;
	}
	fail_msg("the core has no frame of %s", function);
	return NULL;
}

int64_t core_number(struct core_world *world, utrace_frame *frame, const char *name)
{
	struct talk_world *talk = world->talk;
	utrace_variable *variable;
	int64_t value = 0;
	ssize_t size;

	talk_ok(talk, utrace_variable_find(world->image, frame, name, &variable, &talk->error));
	size = utrace_variable_read(variable, frame, &value, sizeof(value), &talk->error);
	talk_ok(talk, size < 0 ? size : 0);
	if (size < 8 && utrace_type_is_signed(utrace_variable_type(variable)))
		value = (int64_t)((uint64_t)value << (64 - size * 8)) >> (64 - size * 8);
	return value;
}
