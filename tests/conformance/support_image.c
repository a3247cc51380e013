/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * support_image.c - see support_image.h.
 */
#include "support_image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

void image_hold(struct image_world *world)
{
	struct utrace_attach_options options = {
		.size = sizeof(options), .hold = 1, .events = {.stop = UTRACE_EVENTS_NONE}};
	struct talk_world *talk = world->talk;

	talk_attach(talk, &options);
	while (utrace_process_is_stopped(talk->victim.process, NULL) != 1)
		(void)talk_next(talk);
	/* What was told of other threads is taken, so that all can be resumed. */
	while (utrace_session_next(talk->session, &talk->event, 0, NULL) == 1) {
	}
	talk_ok(talk, utrace_session_find_thread(talk->session, talk->victim.pid, &world->thread, &talk->error));
	talk_ok(talk, utrace_symbols_create(NULL, &world->symbols, &talk->error));
	talk_ok(talk, utrace_image_open(world->symbols, talk->victim.process, &world->image, &talk->error));
}

void image_start(struct image_world *world, struct talk_world *talk, const char *name, const char *argument)
{
	char path[512];
	const char *const argv[] = {path, argument, NULL};

	*world = (struct image_world){.talk = talk};
	(void)snprintf(path, sizeof(path), "%s/%s", UTRACE_VICTIMS, name);
	talk_start_ready(&talk->victim, argv);
	talk_wait_blocked(talk->victim.pid, strstr(name, "-32") ? 3 : SYS_read);
	image_hold(world);
}

utrace_stack *image_stack(struct image_world *world)
{
	if (!world->stack)
		talk_ok(world->talk,
			utrace_stack_open(world->image, world->thread, NULL, &world->stack, &world->talk->error));
	return world->stack;
}

void image_finish(struct image_world *world)
{
	int status;

	utrace_stack_close(world->stack);
	utrace_image_close(world->image);
	utrace_symbols_unref(world->symbols);
	utrace_thread_unref(world->thread);
	talk_tell(&world->talk->victim, "e");
	/* Where a test has let it run before, it may be faster. */
	status = utrace_process_resume(world->talk->victim.process, NULL);
	assert_true(status >= 0 || status == UTRACE_DEAD);
	talk_finish_well(world->talk);
}

uint32_t image_mark(const char *file, const char *mark)
{
	char path[512];
	char wanted[128];
	char line[512];
	uint32_t number = 0;
	FILE *stream;

	(void)snprintf(path, sizeof(path), "%s/%s", UTRACE_VICTIM_SOURCES, file);
	(void)snprintf(wanted, sizeof(wanted), "mark: %s */", mark);
	stream = fopen(path, "r");
	assert_non_null(stream);
	while (fgets(line, sizeof(line), stream)) {
		number++;
		if (strstr(line, wanted)) {
			(void)fclose(stream);
			return number;
		}
	}
	fail_msg("%s has no mark \"%s\"", path, mark);
	return 0;
}

utrace_frame *image_find_frame(struct image_world *world, size_t from, const char *function)
{
	utrace_stack *stack = image_stack(world);
	utrace_frame *frame;

	for (size_t i = from; (frame = utrace_stack_frame(stack, i)); i++) {
		const char *name = utrace_frame_function(frame);

		if (name && strcmp(name, function) == 0)
			return frame;
	}
	fail_msg("no frame of %s at or after number %zu", function, from);
	return NULL;
}
