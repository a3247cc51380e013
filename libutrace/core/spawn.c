/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/spawn.c - see spawn.h.
 */
#include "core/spawn.h"

#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/sink.h"

static bool is_program(const char *path)
{
	struct stat status;

	return access(path, X_OK) == 0 && stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* As execvp(3) looks: the first in PATH that can be run. */
static bool search_path(const char *name, char *found, size_t size)
{
	const char *directory = getenv("PATH");

	if (!directory)
		directory = "/bin:/usr/bin";
	while (directory) {
		size_t length = strcspn(directory, ":");

		(void)snprintf(found, size, "%.*s%s%s", (int)length, directory, length ? "/" : "./", name);
		if (is_program(found))
			return true;
		directory = directory[length] ? directory + length + 1 : NULL;
	}
	return false;
}

static int find_program(struct ut__spawn *spawn, struct ut__spawn_room *room, struct utrace_error *error)
{
	const struct utrace_spawn_options *options = spawn->options;
	const char *name = options->path ? options->path : options->argv[0];

	spawn->path = name;
	if (options->path || strchr(name, '/'))
		return UTRACE_OK;
	if (!*name || !search_path(name, room->path, sizeof(room->path)))
		return ut__fail(error, UTRACE_EXEC_FAILED, ENOENT, "There is no program \"%s\" in PATH.", name);
	spawn->path = room->path;
	return UTRACE_OK;
}

static int find_groups(struct ut__user *user, const char *name)
{
	int room = 32;

	for (;;) {
		gid_t *groups = realloc(user->groups, (size_t)room * sizeof(*groups));

		if (!groups)
			return -1;
		user->groups = groups;
		user->group_count = room;
		if (getgrouplist(name, user->gid, groups, &user->group_count) >= 0)
			return 0;
		room *= 2;
	}
}

static int find_user(struct ut__spawn *spawn, struct ut__spawn_room *room, struct utrace_error *error)
{
	const char *name = spawn->options->user;
	struct passwd entry;
	struct passwd *found = NULL;
	char text[16384];
	int error_number = getpwnam_r(name, &entry, text, sizeof(text), &found);

	if (!found)
		return ut__fail(error, UTRACE_NOT_FOUND, error_number, "There is no user \"%s\".", name);
	room->user = (struct ut__user){.uid = entry.pw_uid, .gid = entry.pw_gid};
	if (find_groups(&room->user, name))
		return ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for the groups of \"%s\".", name);
	spawn->user = &room->user;
	return UTRACE_OK;
}

int ut__spawn_prepare(struct ut__spawn *spawn, struct ut__spawn_room *room, struct utrace_error *error)
{
	const struct utrace_spawn_options *options = spawn->options;
	int status;

	room->user.groups = NULL;
	if (!options->argv || !options->argv[0])
		return ut__fail(error, UTRACE_INVALID, 0, "argv is required and needs at least the program's name.");
	if (options->fd_count && !options->fds)
		return ut__fail(error, UTRACE_INVALID, 0, "fds is NULL but fd_count is %zu.", options->fd_count);
	(void)pthread_sigmask(SIG_SETMASK, NULL, &spawn->signal_mask);
	status = find_program(spawn, room, error);
	if (!status && options->user)
		status = find_user(spawn, room, error);
	if (status)
		ut__spawn_release(room);
	return status;
}

void ut__spawn_release(struct ut__spawn_room *room)
{
	free(room->user.groups);
}
