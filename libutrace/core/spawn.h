/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/spawn.h - what is worked out before the child exists, on the caller's thread, because a child of a threaded
 * program may not: search PATH, look the user up.
 */
#ifndef UT_CORE_SPAWN_H
#define UT_CORE_SPAWN_H

#include <limits.h>
#include <signal.h>

#include "backend/backend.h"

struct ut__user {
	uid_t uid;
	gid_t gid;
	gid_t *groups;
	int group_count;
};

struct ut__spawn_room {
	char path[PATH_MAX];
	struct ut__user user;
};

int ut__spawn_prepare(struct ut__spawn *spawn, struct ut__spawn_room *room, struct utrace_error *error);
void ut__spawn_release(struct ut__spawn_room *room);

#endif
