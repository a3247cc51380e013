/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * unwind/stack.c - a stack: opening, growing frame by frame, its end.
 *
 * Invariant: `now` has the registers of the last physical frame; `end` is set exactly when the stack can grow no
 * further.
 */
#include <stdlib.h>
#include <string.h>

#include "unwind/unwind.h"
#include "util/array.h"

enum { FRAMES_DEFAULT = 1000000, CROSSINGS_MAX = 4096, ENTRY_SIZE = 64 };

int ut__stack_word(utrace_stack *stack, uint64_t address, uint64_t *value, struct utrace_error *error)
{
	const unsigned bytes = stack->arch->bytes;

	if (address - stack->window_start > stack->window_size - bytes || stack->window_size < bytes) {
		ssize_t done =
			utrace_memory_read(stack->image->process, address, stack->window, sizeof(stack->window), error);

		stack->window_start = address;
		stack->window_size = done > 0 ? (size_t)done : 0;
		if (done < (ssize_t)bytes) {
			stack->window_size = 0;
			return done < 0 ? (int)done : UTRACE_FAULT;
		}
	}
	*value = 0;
	memcpy(value, stack->window + (address - stack->window_start), bytes);
	return UTRACE_OK;
}

static int end(utrace_stack *stack, int why, const char *format, uint64_t number)
{
	stack->end = why;
	if (why != UTRACE_STACK_OUTERMOST)
		(void)ut__fail(&stack->end_error, why == UTRACE_STACK_FAULT ? UTRACE_FAULT : UTRACE_NOT_FOUND, 0,
			       format, (unsigned long long)number);
	return -1;
}

static bool push_frame(utrace_stack *stack, struct ut__physical *physical, size_t depth, uint32_t kind)
{
	utrace_frame *frame;

	if (stack->count >= stack->options.max_frames) {
		(void)end(stack, UTRACE_STACK_TOO_DEEP, "The stack has more than %llu frames.", stack->count);
		return false;
	}
	frame = ut__grow(&stack->frames, &stack->room, stack->count, sizeof(frame)) ? malloc(sizeof(*frame)) : NULL;
	if (!frame) {
		(void)end(stack, UTRACE_STACK_TOO_DEEP, "No memory for frame %llu of the stack.", stack->count);
		return false;
	}
	*frame = (utrace_frame){.stack = stack,
				.physical = physical,
				.number = (uint32_t)stack->count,
				.depth = (uint16_t)depth,
				.kind = (uint8_t)kind,
				.is_innermost_of_physical = !depth};
	stack->frames[stack->count++] = frame;
	return true;
}

static size_t inlined_count(utrace_stack *stack, const struct ut__physical *physical)
{
	const struct ut__chain *chain = NULL;
	uint64_t pc = physical->pc - !physical->exact;

	if (!stack->options.no_inlined && physical->module && ut__module_file(physical->module, NULL) &&
	    ut__file_dwarf(physical->module->file, NULL))
		chain = ut__file_chain(physical->module->file, pc - physical->module->bias);
	return chain ? chain->count : 1;
}

static bool push_frames(utrace_stack *stack, struct ut__physical *physical)
{
	size_t count;

	if (physical->is_virtual || physical->is_signal)
		return push_frame(stack, physical, 0,
				  physical->is_virtual ? UTRACE_FRAME_FOREIGN : UTRACE_FRAME_SIGNAL);
	count = inlined_count(stack, physical);
	for (size_t i = 0; i < count; i++) {
		uint32_t kind = i + 1 < count ? UTRACE_FRAME_INLINED : UTRACE_FRAME_NORMAL;

		if (!push_frame(stack, physical, i, kind))
			return false;
	}
	return true;
}

/* A physical frame with the registers of `now`. */
static struct ut__physical *push_physical(utrace_stack *stack, bool exact, const char *unwinder)
{
	const struct ut__registers *now = &stack->now;
	size_t known = (size_t)__builtin_popcount(now->valid);
	struct ut__physical *physical = NULL;
	size_t n = 0;

	if (ut__grow(&stack->physicals, &stack->physical_room, stack->physical_count, sizeof(physical)))
		physical = calloc(1, sizeof(*physical) + 2 * known * sizeof(physical->saved[0]));
	if (!physical) {
		(void)end(stack, UTRACE_STACK_TOO_DEEP, "No memory for frame %llu of the stack.", stack->count);
		return NULL;
	}
	physical->pc = now->value[stack->arch->pc];
	physical->exact = exact;
	physical->unwinder = unwinder;
	physical->valid = now->valid;
	physical->computed = now->computed;
	physical->module = utrace_module_at(stack->image, physical->pc - !exact);
	for (unsigned i = 0; i < UT__REGISTERS_MAX; i++) {
		if (now->valid & 1u << i) {
			physical->saved[n++] = now->value[i];
			physical->saved[n++] = now->place[i];
		}
	}
	stack->physicals[stack->physical_count++] = physical;
	return physical;
}

static const struct ut__row *row_in(utrace_module *module, uint64_t pc, uint64_t *bias)
{
	struct ut__file *file = module ? ut__module_file(module, NULL) : NULL;
	const struct ut__row *row;

	if (!file)
		return NULL;
	*bias = module->bias;
	row = ut__row_at(file, pc - module->bias);
	return row && row->exists ? row : NULL;
}

/* A debug file that was added for a mapped one has names, and the mapped one the rules. */
static const struct ut__row *row_of(utrace_stack *stack, const struct ut__physical *frame, uint64_t *bias)
{
	uint64_t pc = frame->pc - !frame->exact;
	const struct ut__row *row = row_in(frame->module, pc, bias);
	utrace_module *mapped = row || !frame->module ? NULL : ut__mapped_at(stack->image, pc);

	return mapped && mapped != frame->module ? row_in(mapped, pc, bias) : row;
}

static bool is_entry_point(const struct ut__physical *frame)
{
	GElf_Ehdr header;

	return frame->module && frame->module->file && gelf_getehdr(frame->module->file->main.elf, &header) &&
	       header.e_entry && frame->pc - frame->module->bias - header.e_entry < ENTRY_SIZE;
}

struct found {
	struct ut__registers caller;
	uint64_t cfa;
	const char *unwinder;
	bool from_signal; /* the caller was interrupted */
};

/* By the library's own unwinders; -1: ended. */
static int find_caller(utrace_stack *stack, struct ut__physical *frame, struct found *found)
{
	uint64_t bias = 0;
	const struct ut__row *row = row_of(stack, frame, &bias);
	struct utrace_error error = {0};
	bool outermost = false;

	found->from_signal = frame->is_signal;
	if (row) {
		found->unwinder = "cfi";
		if (ut__row_apply(stack, row, bias, &found->caller, &found->cfa, &outermost, &error)) {
			stack->end = error.status == UTRACE_FAULT ? UTRACE_STACK_FAULT : UTRACE_STACK_CORRUPT;
			stack->end_error = error;
			return -1;
		}
		frame->cfa = found->cfa;
		if (outermost)
			return end(stack, UTRACE_STACK_OUTERMOST, NULL, 0);
		return 0;
	}
	if (frame->is_signal && ut__signal_caller(stack, &found->caller, &found->cfa)) {
		found->unwinder = "signal";
		frame->cfa = found->cfa;
		return 0;
	}
	if (is_entry_point(frame))
		return end(stack, UTRACE_STACK_OUTERMOST, NULL, 0);
	if (!ut__guess_caller(stack, frame, &found->caller, &found->cfa, &found->unwinder))
		return end(stack, UTRACE_STACK_NO_CFI, "There is no unwind information for the code at %#llx.",
			   frame->pc);
	frame->cfa = found->cfa;
	return 0;
}

/* Each frame lies above the last, except that a signal may have changed stacks. */
static int check(utrace_stack *stack, const struct ut__physical *frame, const struct found *found)
{
	uint64_t pc = found->caller.value[stack->arch->pc];

	if (!pc || !(found->caller.valid & 1u << stack->arch->pc))
		return end(stack, UTRACE_STACK_OUTERMOST, NULL, 0);
	if (found->cfa <= stack->last_cfa) {
		if (!frame->is_signal || stack->crossings++ > CROSSINGS_MAX)
			return end(stack, UTRACE_STACK_CORRUPT,
				   "The caller's frame at %#llx would not lie above its callee's.", found->cfa);
	}
	if (!frame->is_signal && !ut__image_is_code(stack->image, pc - 1)) {
		if (stack->refreshed || utrace_image_refresh(stack->image, NULL) < 0 ||
		    !ut__image_is_code(stack->image, pc - 1))
			return end(stack, UTRACE_STACK_CORRUPT, "The return address %#llx is in no executable mapping.",
				   pc);
		stack->refreshed = true;
	}
	return 0;
}

static void mark_signal(utrace_stack *stack, struct ut__physical *frame)
{
	uint64_t bias;
	const struct ut__row *row = row_of(stack, frame, &bias);

	frame->is_signal = row ? row->is_signal : !frame->exact && ut__is_signal_return(stack, frame->pc);
	/* Its code was never called: names are those of the pc itself. */
	if (frame->is_signal)
		frame->module = utrace_module_at(stack->image, frame->pc);
}

static bool push_caller(utrace_stack *stack, const struct found *found)
{
	struct ut__physical *physical;

	stack->last_cfa = found->cfa;
	stack->now = found->caller;
	physical = push_physical(stack, found->from_signal, found->unwinder);
	if (!physical)
		return false;
	mark_signal(stack, physical);
	return push_frames(stack, physical);
}

/*
 * Functions that have jumped on: of their frames nothing is left but what the debug information says. Each gets one frame,
 * which is the innermost function there, as debuggers show it.
 */
static bool push_tail_calls(utrace_stack *stack, const struct ut__physical *frame, const struct found *found)
{
	const struct ut__unwind_arch *arch = stack->arch;
	uint64_t pcs[UT__TAIL_CALLS_MAX];
	size_t count = ut__tail_calls(stack->image, found->caller.value[arch->pc], frame->pc - !frame->exact, pcs);

	for (size_t i = 0; i < count; i++) {
		struct ut__physical *physical;

		stack->now = found->caller;
		stack->now.value[arch->pc] = pcs[i];
		/* The return address is still on the stack. */
		stack->now.value[arch->sp] -= arch->bytes;
		stack->now.computed |= 1u << arch->pc | 1u << arch->sp;
		physical = push_physical(stack, false, "tail-call");
		if (!physical)
			return false;
		physical->cfa = found->cfa;
		if (!push_frame(stack, physical, 0, UTRACE_FRAME_NORMAL))
			return false;
	}
	return true;
}

static void take_registers(utrace_stack *stack, const struct utrace_unwind_frame *frame, struct ut__registers *caller)
{
	const struct ut__unwind_arch *arch = stack->arch;

	*caller = (struct ut__registers){.valid = (uint32_t)frame->valid & ((1u << arch->count) - 1)};
	memcpy(caller->value, frame->registers, sizeof(caller->value));
	caller->computed = caller->valid;
	caller->value[arch->pc] = frame->pc;
	caller->value[arch->sp] = frame->sp;
	caller->valid |= 1u << arch->pc | 1u << arch->sp;
	if (frame->fp) {
		caller->value[arch->fp] = frame->fp;
		caller->valid |= 1u << arch->fp;
	}
	caller->computed = caller->valid;
}

static void copy_names(struct ut__physical *physical, const struct utrace_unwind_frame *frame)
{
	physical->function = frame->function ? strdup(frame->function) : NULL;
	physical->file = frame->file ? strdup(frame->file) : NULL;
	physical->line = frame->line;
}

static bool push_virtual(utrace_stack *stack, const struct ut__foreign_answer *answer)
{
	struct ut__physical *physical = push_physical(stack, true, answer->name);

	if (!physical)
		return false;
	physical->is_virtual = true;
	physical->module = NULL;
	copy_names(physical, &answer->caller);
	return push_frames(stack, physical);
}

static bool push_foreign(utrace_stack *stack, struct ut__physical *frame, const struct ut__foreign_answer *answer)
{
	struct found found = {.unwinder = answer->name, .cfa = answer->caller.sp, .from_signal = frame->is_signal};

	take_registers(stack, &answer->caller, &found.caller);
	frame->cfa = found.cfa;
	if (check(stack, frame, &found) || !push_caller(stack, &found))
		return false;
	copy_names(stack->physicals[stack->physical_count - 1], &answer->caller);
	return true;
}

/* The last frame that has registers of its own. */
static struct ut__physical *last_real(const utrace_stack *stack)
{
	size_t i = stack->physical_count;

	while (i > 1 && stack->physicals[i - 1]->is_virtual)
		i--;
	return stack->physicals[i - 1];
}

static bool grow(utrace_stack *stack)
{
	struct ut__foreign_answer answer = {.answer = UTRACE_UNWIND_NOT_MINE};
	struct ut__physical *frame = last_real(stack);
	struct found found = {0};

	if (ut__foreign_any(stack->image))
		ut__foreign_ask(stack, frame, &answer);
	if (answer.answer == UTRACE_UNWIND_END)
		return end(stack, UTRACE_STACK_OUTERMOST, NULL, 0) == 0;
	if (answer.answer == UTRACE_UNWIND_VIRTUAL)
		return push_virtual(stack, &answer);
	if (answer.answer == UTRACE_UNWIND_DONE)
		return push_foreign(stack, frame, &answer);
	if (find_caller(stack, frame, &found) || check(stack, frame, &found))
		return false;
	if (stack->options.tail_calls && !found.from_signal && !push_tail_calls(stack, frame, &found))
		return false;
	return push_caller(stack, &found);
}

static void grow_to(utrace_stack *stack, size_t count)
{
	ut__sym_lock(stack->image->symbols);
	while (stack->count < count && !stack->end)
		(void)grow(stack);
	ut__sym_unlock(stack->image->symbols);
}

static int read_registers(utrace_stack *stack, struct utrace_error *error)
{
	int architecture = utrace_thread_architecture(stack->thread, error);
	const struct utrace_register_info *table;
	unsigned char set[512];
	size_t count;
	ssize_t size;

	if (architecture < 0)
		return architecture;
	stack->arch = ut__unwind_arch(architecture);
	table = utrace_architecture_registers(architecture, &count);
	if (!stack->arch || !table)
		return ut__fail(error, UTRACE_UNSUPPORTED, 0, "The unwinder does not know this architecture.");
	size = utrace_regset_get(stack->thread, UTRACE_REGSET_GENERAL, set, sizeof(set), error);
	if (size < 0)
		return (int)size;
	for (size_t i = 0; i < count; i++) {
		unsigned n = (unsigned)table[i].dwarf;

		if (table[i].dwarf < 0 || n >= stack->arch->count || table[i].offset + table[i].size > size)
			continue;
		memcpy(&stack->now.value[n], set + table[i].offset, table[i].size);
		stack->now.valid |= 1u << n;
	}
	return UTRACE_OK;
}

static int start(utrace_stack *stack, struct utrace_error *error)
{
	struct ut__physical *first;
	int status = read_registers(stack, error);

	if (!status)
		status = ut__image_need_maps(stack->image, error);
	if (status)
		return status;
	first = push_physical(stack, true, "registers");
	if (first)
		mark_signal(stack, first);
	if (!first || !push_frames(stack, first))
		return ut__fail(error, UTRACE_NO_MEMORY, 0, "No memory for a stack.");
	if (!first->module && !stack->refreshed) {
		stack->refreshed = true;
		if (utrace_image_refresh(stack->image, NULL) > 0)
			first->module = utrace_module_at(stack->image, first->pc);
	}
	return UTRACE_OK;
}

int utrace_stack_open(utrace_image *image, utrace_thread *thread, const struct utrace_unwind_options *options,
		      utrace_stack **stack, struct utrace_error *error)
{
	struct utrace_unwind_options full;
	utrace_stack *own;
	int status = ut__options_copy(&full, sizeof(full), options, error);

	*stack = NULL;
	if (status)
		return status;
	if (!image || !thread || utrace_thread_process(thread) != image->process)
		return ut__fail(error, UTRACE_INVALID, 0, "The thread is not of the image's process.");
	own = calloc(1, sizeof(*own));
	if (!own)
		return ut__fail(error, UTRACE_NO_MEMORY, 0, "No memory for a stack.");
	own->image = image;
	own->thread = utrace_thread_ref(thread);
	own->options = full;
	if (!own->options.max_frames)
		own->options.max_frames = FRAMES_DEFAULT;
	ut__sym_lock(image->symbols);
	status = start(own, error);
	ut__sym_unlock(image->symbols);
	if (status) {
		utrace_stack_close(own);
		return status;
	}
	if (!full.lazy)
		grow_to(own, SIZE_MAX);
	*stack = own;
	return UTRACE_OK;
}

void utrace_stack_close(utrace_stack *stack)
{
	if (!stack)
		return;
	for (size_t i = 0; i < stack->count; i++)
		free(stack->frames[i]);
	for (size_t i = 0; i < stack->physical_count; i++) {
		free(stack->physicals[i]->function);
		free(stack->physicals[i]->file);
		free(stack->physicals[i]);
	}
	free(stack->frames);
	free(stack->physicals);
	utrace_thread_unref(stack->thread);
	free(stack);
}

utrace_frame *utrace_stack_frame(utrace_stack *stack, size_t n)
{
	if (n < SIZE_MAX)
		grow_to(stack, n + 1);
	return n < stack->count ? stack->frames[n] : NULL;
}

size_t utrace_stack_depth(utrace_stack *stack)
{
	grow_to(stack, SIZE_MAX);
	return stack->count;
}

utrace_thread *utrace_stack_thread(const utrace_stack *stack)
{
	return stack->thread;
}

utrace_image *utrace_stack_image(const utrace_stack *stack)
{
	return stack->image;
}

int utrace_stack_end(utrace_stack *stack, struct utrace_error *error)
{
	grow_to(stack, SIZE_MAX);
	if (stack->end != UTRACE_STACK_OUTERMOST && error)
		*error = stack->end_error;
	return stack->end;
}
