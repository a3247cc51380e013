/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * unwind/foreign.c - callers' unwinders: the list in the image, and the translation of what they see and say.
 */
#include <stdlib.h>
#include <string.h>

#include "unwind/unwind.h"

struct foreign {
	struct ut__list node;
	struct utrace_unwinder unwinder; /* its name is ours */
};

static void free_foreign(struct foreign *foreign)
{
	ut__list_remove(&foreign->node);
	free((char *)foreign->unwinder.name);
	free(foreign);
}

static void free_all(utrace_image *image)
{
	struct ut__list *node;
	struct ut__list *next;

	UT__LIST_EACH (node, next, &image->unwinders)
		free_foreign(UT__ENTRY(node, struct foreign, node));
}

static struct foreign *find(utrace_image *image, const char *name)
{
	struct ut__list *node;
	struct ut__list *next;

	UT__LIST_EACH (node, next, &image->unwinders) {
		struct foreign *foreign = UT__ENTRY(node, struct foreign, node);

		if (strcmp(foreign->unwinder.name, name) == 0)
			return foreign;
	}
	return NULL;
}

/* The last one added is asked first. */
static void prepend(struct ut__list *list, struct ut__list *node)
{
	ut__list_append(list->next, node);
}

int utrace_image_add_unwinder(utrace_image *image, const struct utrace_unwinder *unwinder, struct utrace_error *error)
{
	struct utrace_unwinder full;
	struct foreign *foreign;
	int status = ut__options_copy(&full, sizeof(full), unwinder, error);

	if (status)
		return status;
	if (!full.name || !*full.name || !full.step)
		return ut__fail(error, UTRACE_INVALID, 0, "An unwinder needs a name and a step.");
	if (find(image, full.name))
		return ut__fail(error, UTRACE_BUSY, 0, "The image has an unwinder \"%s\" already.", full.name);
	foreign = calloc(1, sizeof(*foreign));
	if (foreign)
		full.name = strdup(full.name);
	if (!foreign || !full.name) {
		free(foreign);
		return ut__fail(error, UTRACE_NO_MEMORY, 0, "No memory for an unwinder.");
	}
	foreign->unwinder = full;
	prepend(&image->unwinders, &foreign->node);
	image->unwinders_free = free_all;
	return UTRACE_OK;
}

int utrace_image_remove_unwinder(utrace_image *image, const char *name, struct utrace_error *error)
{
	struct foreign *foreign = name ? find(image, name) : NULL;

	if (!foreign)
		return ut__fail(error, UTRACE_NOT_FOUND, 0, "The image has no unwinder \"%s\".", name ? name : "");
	free_foreign(foreign);
	return UTRACE_OK;
}

bool ut__foreign_any(const utrace_image *image)
{
	return !ut__list_empty(&image->unwinders);
}

static void show(const utrace_stack *stack, struct utrace_unwind_frame *frame)
{
	const struct ut__unwind_arch *arch = stack->arch;

	*frame = (struct utrace_unwind_frame){.size = sizeof(*frame),
					      .pc = stack->now.value[arch->pc],
					      .sp = stack->now.value[arch->sp],
					      .fp = stack->now.value[arch->fp],
					      .valid = stack->now.valid};
	memcpy(frame->registers, stack->now.value, sizeof(stack->now.value));
}

static void take_name(char **to, const char *name)
{
	if (!name)
		return;
	free(*to);
	*to = strdup(name);
}

static void take_names(struct ut__physical *frame, const struct utrace_unwind_frame *seen)
{
	take_name(&frame->function, seen->function);
	take_name(&frame->file, seen->file);
	if (seen->line)
		frame->line = seen->line;
}

void ut__foreign_ask(utrace_stack *stack, struct ut__physical *frame, struct ut__foreign_answer *answer)
{
	struct ut__list *node;
	struct ut__list *next;

	answer->answer = UTRACE_UNWIND_NOT_MINE;
	UT__LIST_EACH (node, next, &stack->image->unwinders) {
		const struct utrace_unwinder *unwinder = &UT__ENTRY(node, struct foreign, node)->unwinder;
		struct utrace_unwind_frame seen;
		int said;

		show(stack, &seen);
		answer->caller = (struct utrace_unwind_frame){.size = sizeof(answer->caller)};
		said = unwinder->step(stack->image, stack->thread, &seen, &answer->caller, unwinder->data);
		if (said <= UTRACE_UNWIND_NOT_MINE || said > UTRACE_UNWIND_VIRTUAL)
			continue;
		take_names(frame, &seen);
		if (said == UTRACE_UNWIND_NAMED)
			continue;
		answer->answer = said;
		answer->name = unwinder->name;
		return;
	}
}
