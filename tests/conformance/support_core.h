/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * support_core.h - cores of victims, written by the kernel, and the images of them.
 */
#ifndef TEST_SUPPORT_CORE_H
#define TEST_SUPPORT_CORE_H

#include "support_image.h"

struct core_world {
	struct talk_world *talk;
	char folder[32];
	char path[64];
	utrace_session *session; /* of the core */
	utrace_process *process;
	utrace_thread *thread; /* the first in the core */
	utrace_symbols *symbols;
	utrace_image *image;
	utrace_stack *stack; /* of that thread */
};

/* A folder of its own, for the core and whatever else. */
void core_begin(struct core_world *world, struct talk_world *talk);
/* Whether the kernel writes cores as plain files into the working directory. */
bool core_can_dump(void);
/* Starts a victim that says "ready" and waits until it sleeps. */
void core_start(struct core_world *world, const char *program, const char *argument);
/* Ends it by a signal; its core is at world->path. */
void core_end_victim(struct core_world *world, int signal);
/* Both. */
void core_dump(struct core_world *world, const char *program, const char *argument, int signal);
/* Opens world->path in a session of its own, and its image and stack. options may be NULL. */
void core_open(struct core_world *world, const struct utrace_core_options *options);
void core_close(struct core_world *world);
/* Removes the folder and what is in it. */
void core_finish(struct core_world *world);
/* The first frame of a function of this name; it must be there. */
utrace_frame *core_find_frame(struct core_world *world, const char *function);
/* The number that a variable has in a frame (NULL: a global). */
int64_t core_number(struct core_world *world, utrace_frame *frame, const char *name);

#endif
