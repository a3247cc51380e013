/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/plan.c - from the library's table and this tool's own to a plan per call and operation.
 *
 * Plans are made when a call is met first and kept.  Those of one call are a list: operations first, as the tables have
 * them, and last the one that fits always.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/plan.h"

enum { ABIS = 3, MOST_NUMBERS = 1024, I386_IOCTL = 54 };

struct plans {
	struct plan *of[ABIS][MOST_NUMBERS];
	struct plan unknown; /* six numbers */
};

static void *allocate(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory) {
		(void)fprintf(stderr, "mini-strace: out of memory\n");
		exit(1);
	}
	return memory;
}

struct plans *plans_create(void)
{
	static const struct utrace_syscall_arg number = {.kind = UTRACE_ARG_HEX, .length = UTRACE_LENGTH_NONE};
	static const char *const names[MOST_ARGS] = {"arg1", "arg2", "arg3", "arg4", "arg5", "arg6"};
	struct plans *plans = allocate(sizeof(*plans));

	plans->unknown.count = MOST_ARGS;
	plans->unknown.selectors[0].arg = -1;
	for (int i = 0; i < MOST_ARGS; i++) {
		kind_resolve(&plans->unknown.args[i], &number);
		plans->unknown.args[i].name = names[i];
	}
	kind_resolve_result(&plans->unknown.result, UTRACE_ARG_LONG);
	return plans;
}

void plans_destroy(struct plans *plans)
{
	for (size_t abi = 0; abi < ABIS; abi++) {
		for (size_t number = 0; number < MOST_NUMBERS; number++) {
			const struct plan *plan = plans->of[abi][number];

			while (plan) {
				const struct plan *next = plan->next;

				free((void *)plan);
				plan = next;
			}
		}
	}
	free(plans);
}

static void fill_arg(struct spec *spec, const struct spec *own, const struct utrace_syscall_info *info, int index)
{
	bool known = index < (int)info->arg_count;

	if (!own || !own->as.arg) {
		if (known)
			kind_resolve(spec, &info->args[index]);
	} else {
		*spec = *own;
	}
	if (own && own->name)
		spec->name = own->name;
	else if (known)
		spec->name = info->args[index].name;
	if (!spec->name)
		spec->name = "arg";
}

static struct plan *plan_of_variant(const struct variant *variant, const struct utrace_syscall_info *info)
{
	struct plan *plan = allocate(sizeof(*plan));

	memcpy(plan->selectors, variant->selectors, sizeof(plan->selectors));
	plan->count = variant->rest && (int)info->arg_count > variant->count ? (int)info->arg_count : variant->count;
	for (int i = 0; i < plan->count; i++)
		fill_arg(&plan->args[i], i < variant->count ? &variant->args[i] : NULL, info, i);
	if (variant->result->as.result)
		plan->result = *variant->result;
	else
		kind_resolve_result(&plan->result, info->result);
	return plan;
}

static struct plan *plan_of_library(const struct utrace_syscall_info *info)
{
	struct plan *plan = allocate(sizeof(*plan));

	plan->selectors[0].arg = -1;
	plan->count = (int)info->arg_count;
	for (int i = 0; i < plan->count; i++)
		fill_arg(&plan->args[i], NULL, info, i);
	kind_resolve_result(&plan->result, info->result);
	return plan;
}

static struct plan *make(const struct utrace_syscall_info *info, int bits)
{
	struct plan *first = NULL;
	struct plan **last = &first;
	struct plan *fallback = NULL;

	for (const struct variant *const *list = all_variants; *list; list++) {
		for (const struct variant *variant = *list; variant->call; variant++) {
			if ((variant->bits && variant->bits != bits) || strcmp(variant->call, info->name) != 0)
				continue;
			if (variant->selectors[0].arg < 0 && fallback)
				continue;
			if (variant->selectors[0].arg < 0) {
				fallback = plan_of_variant(variant, info);
				continue;
			}
			*last = plan_of_variant(variant, info);
			last = (struct plan **)&(*last)->next;
		}
	}
	*last = fallback ? fallback : plan_of_library(info);
	return first;
}

static bool selects(const struct selector *selector, const struct utrace_event_syscall *call)
{
	if (selector->arg < 0)
		return true;
	return (uint32_t)(call->args[selector->arg] & selector->mask) == (uint32_t)selector->value;
}

const struct plan *plan_for(struct plans *plans, const struct utrace_event_syscall *call)
{
	const struct utrace_syscall_info *info = utrace_syscall_describe(call->abi, call->number);
	struct utrace_event_syscall native;
	const struct plan *plan;
	struct plan **place;

	if (!info || call->number >= MOST_NUMBERS)
		return &plans->unknown;
	place = &plans->of[call->abi - 1][call->number];
	if (!*place)
		*place = make(info, call->abi == UTRACE_ABI_I386 ? 32 : 64);
	if (call->abi == UTRACE_ABI_I386 && call->number == I386_IOCTL) {
		native = *call;
		native.args[1] = ioctl_request_64((uint32_t)call->args[1]);
		call = &native;
	}
	for (plan = *place; plan->next; plan = plan->next) {
		if (selects(&plan->selectors[0], call) &&
		    (plan->selectors[0].arg < 0 || selects(&plan->selectors[1], call)))
			break;
	}
	return plan;
}
