/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * support_image.h - a victim that stands still, and its image: for the tests of symbols, stacks, variables and threads.
 */
#ifndef TEST_SUPPORT_IMAGE_H
#define TEST_SUPPORT_IMAGE_H

#include "support_talk.h"

struct image_world {
	struct talk_world *talk;
	utrace_symbols *symbols;
	utrace_image *image;
	utrace_thread *thread; /* the leader, held */
	utrace_stack *stack;   /* of that thread, once asked for */
};

/* Starts victims/NAME, waits for its "ready", attaches and holds every thread. argument may be NULL. */
void image_start(struct image_world *world, struct talk_world *talk, const char *name, const char *argument);
/* The second half of that: attaches to the world's victim, holds it and opens its image. */
void image_hold(struct image_world *world);
/* The leader's stack, made when first asked. */
utrace_stack *image_stack(struct image_world *world);
/* Lets the victim go to its end, which must be well. */
void image_finish(struct image_world *world);
/* The number of the line of victims/FILE that has this mark in a comment. */
uint32_t image_mark(const char *file, const char *mark);
/* The first frame at or after `from` of a function of this name; it must be there. */
utrace_frame *image_find_frame(struct image_world *world, size_t from, const char *function);

#endif
