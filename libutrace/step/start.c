/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * step/start.c - the public calls of step.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "step/step.h"

int ut__step_fail(struct utrace_error *error, int status, const char *text)
{
	if (error) {
		*error = (struct utrace_error){.status = status};
		(void)snprintf(error->text, sizeof(error->text), "%s", text);
	}
	return status;
}

uint64_t ut__step_register(utrace_step *step, int reg)
{
	uint64_t value = 0;

	(void)utrace_register_get(step->thread, reg, &value, NULL);
	return value;
}

bool ut__step_word(utrace_step *step, uint64_t address, uint64_t *value)
{
	ssize_t size = utrace_thread_architecture(step->thread, NULL) == UTRACE_ARCH_I386 ? 4 : 8;

	*value = 0;
	return utrace_memory_read(step->process, address, value, (size_t)size, NULL) == size;
}

/* The thread goes on as `how` says; GOING, or a status. */
static int go(utrace_step *step, struct utrace_error *error)
{
	int status = utrace_thread_resume(step->thread, &step->how, error);

	step->how.signal = UTRACE_SIGNAL_DELIVER;
	step->how.info = NULL;
	return status ? status : UTRACE_STEP_GOING;
}

int ut__step_resume(utrace_step *step, uint32_t how, struct utrace_error *error)
{
	step->how.how = how;
	return go(step, error);
}

int ut__step_resume_range(utrace_step *step, uint64_t start, uint64_t end, bool over, struct utrace_error *error)
{
	step->how.how = UTRACE_STEP_RANGE;
	step->how.range_start = start;
	step->how.range_end = end;
	step->how.over_calls = over;
	return go(step, error);
}

static int copy_options(struct utrace_step_options *full, const struct utrace_step_options *options,
			struct utrace_error *error)
{
	if (!options || options->size < sizeof(options->size) + sizeof(options->kind))
		return ut__step_fail(error, UTRACE_INVALID, "The options are NULL, or their size is not set.");
	for (size_t i = sizeof(*full); i < options->size; i++) {
		if (((const unsigned char *)options)[i])
			return ut__step_fail(
				error, UTRACE_INVALID,
				"The options ask for something that this version of the library does not know.");
	}
	memset(full, 0, sizeof(*full));
	memcpy(full, options, options->size < sizeof(*full) ? options->size : sizeof(*full));
	if (full->kind > UTRACE_STEP_INSTRUCTION_OVER)
		return ut__step_fail(error, UTRACE_INVALID, "kind is no enum utrace_step_kind.");
	return UTRACE_OK;
}

static utrace_step *create(utrace_image *image, utrace_thread *thread, const struct utrace_step_options *options)
{
	utrace_step *step = calloc(1, sizeof(*step));

	if (!step)
		return NULL;
	step->image = image;
	step->thread = utrace_thread_ref(thread);
	step->process = utrace_process_ref(utrace_thread_process(thread));
	step->options = *options;
	step->left = options->count ? options->count - 1 : 0;
	step->how = (struct utrace_resume_options){
		.size = sizeof(step->how), .signal = options->signal, .info = options->info};
	return step;
}

int utrace_step_start(utrace_image *image, utrace_thread *thread, const struct utrace_step_options *options,
		      utrace_step **step, struct utrace_error *error)
{
	struct utrace_step_options full;
	utrace_step *made;
	uint64_t pc;
	int status = copy_options(&full, options, error);

	*step = NULL;
	if (!status && (!image || !thread || utrace_thread_process(thread) != utrace_image_process(image)))
		status = ut__step_fail(error, UTRACE_INVALID, "The thread is not of the image's process.");
	/* Says too why the thread can't be stepped, if it can't. */
	if (!status)
		status = utrace_register_get(thread, UTRACE_REG_PC, &pc, error);
	if (status)
		return status;
	made = create(image, thread, &full);
	if (!made)
		return ut__step_fail(error, UTRACE_NO_MEMORY, "No memory for a step.");
	status = ut__step_begin(made, error);
	if (status < 0) {
		utrace_step_cancel(made);
		return status;
	}
	if (!full.hold_others)
		(void)utrace_process_resume(made->process, NULL);
	*step = made;
	return UTRACE_OK;
}

/* Which of the step's breakpoints was hit, NULL if none; `others` too. */
static const struct ut__step_trap *find_hit(const utrace_step *step, const struct utrace_event *event, bool *others)
{
	utrace_breakpoint *hits[UT__STEP_TRAPS * 2];
	const struct ut__step_trap *found = NULL;
	int count = utrace_thread_hits(event->thread, hits, sizeof(hits) / sizeof(hits[0]), NULL);

	*others = false;
	for (int i = 0; i < count && i < UT__STEP_TRAPS * 2; i++) {
		const struct ut__step_trap *mine = NULL;

		for (size_t k = 0; k < step->trap_count; k++) {
			if (step->traps[k].breakpoint == hits[i])
				mine = &step->traps[k];
		}
		*others |= mine == NULL;
		/* An end counts more than a guard at the same place. */
		if (mine && (!found || mine->purpose < found->purpose))
			found = mine;
		utrace_breakpoint_unref(hits[i]);
	}
	return found;
}

static int hit(utrace_step *step, const struct utrace_event *event, struct utrace_error *error)
{
	bool others;
	const struct ut__step_trap *trap = find_hit(step, event, &others);
	enum ut__purpose purpose = trap ? trap->purpose : UT__PURPOSE_END;

	/* The caller's own is told as it is; where the step would have ended there, it has. */
	if (others)
		return UTRACE_STEP_BROKEN;
	switch (purpose) {
	case UT__PURPOSE_LANDING:
		return ut__step_arrived(step, error);
	case UT__PURPOSE_JUMP:
		return ut__step_jump(step, error);
	case UT__PURPOSE_CATCH:
		return ut__step_catch(step, error);
	default:
		ut__step_drop_traps(step, false);
		if (!step->left)
			return UTRACE_STEP_FINISHED;
		step->left--;
		return ut__step_begin(step, error);
	}
}

/* What happens to the process as a whole. */
static bool ends_it(const utrace_step *step, const struct utrace_event *event)
{
	if (event->reason == UTRACE_EVENT_PROCESS_END || event->reason == UTRACE_EVENT_EXEC)
		return event->process == step->process;
	return event->reason == UTRACE_EVENT_THREAD_EXIT && event->thread == step->thread;
}

int utrace_step_event(utrace_step *step, const struct utrace_event *event, struct utrace_error *error)
{
	int state;

	if (error)
		*error = (struct utrace_error){0};
	if (ends_it(step, event))
		return UTRACE_STEP_BROKEN;
	if (event->thread != step->thread || !(event->flags & UTRACE_EVENT_HELD))
		return UTRACE_STEP_NOT_MINE;
	if (event->reason == UTRACE_EVENT_BREAKPOINT)
		state = hit(step, event, error);
	else if (event->reason == UTRACE_EVENT_STEPPED)
		state = step->jumping ? ut__step_jump_on(step, error) : ut__step_arrived(step, error);
	else
		return UTRACE_STEP_NOT_MINE;
	return state < 0 ? UTRACE_STEP_BROKEN : state;
}

int utrace_step_resume(utrace_step *step, const struct utrace_resume_options *options, struct utrace_error *error)
{
	int state;

	if (options) {
		step->how.signal = options->signal;
		step->how.info = options->info;
	}
	state = go(step, error);
	return state < 0 ? state : UTRACE_OK;
}

void utrace_step_cancel(utrace_step *step)
{
	if (!step)
		return;
	ut__step_drop_traps(step, true);
	utrace_thread_unref(step->thread);
	utrace_process_unref(step->process);
	free(step);
}
