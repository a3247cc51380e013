/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/stack.c - -k: the stack of each call, a line a frame, and of each signal, as strace writes it:
 *  > /usr/lib/x86_64-linux-gnu/libc.so.6(write+0x10) [0xf8350]
 *
 * Every process has an image (its data), and all share one cache of symbols.
 */
#include <stdlib.h>
#include <string.h>

#include "tool.h"

static utrace_image *image_of(struct tool *tool, utrace_process *process)
{
	utrace_image *image = utrace_process_data(process);

	if (image)
		return image;
	if (!tool->symbols && utrace_symbols_create(NULL, &tool->symbols, NULL))
		return NULL;
	if (utrace_image_open(tool->symbols, process, &image, NULL))
		return NULL;
	utrace_process_set_data(process, image);
	return image;
}

void stack_forget(utrace_process *process)
{
	utrace_image_close(utrace_process_data(process));
	utrace_process_set_data(process, NULL);
}

/* Calls after which other code may be mapped. */
static bool changes_code(const struct utrace_event *event)
{
	static const char *const names[] = {"mmap",     "mmap2",    "munmap", "mremap",
					    "old_mmap", "mprotect", "execve", "execveat"};
	const struct utrace_syscall_info *info = utrace_syscall_describe(event->u.syscall.abi, event->u.syscall.number);

	for (size_t i = 0; info && i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(info->name, names[i]) == 0)
			return true;
	}
	return false;
}

/* Calls that don't come back to where they were made. */
static bool loses_stack(const struct utrace_event *event)
{
	static const char *const names[] = {"execve", "execveat", "exit", "exit_group", "rt_sigreturn", "sigreturn"};
	const struct utrace_syscall_info *info = utrace_syscall_describe(event->u.syscall.abi, event->u.syscall.number);

	for (size_t i = 0; info && i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(info->name, names[i]) == 0)
			return true;
	}
	return false;
}

static void add_frame(struct text *text, utrace_image *image, utrace_frame *frame)
{
	struct utrace_symbol symbol = {.size = sizeof(symbol)};
	utrace_module *module = utrace_frame_module(frame);
	unsigned long long pc = utrace_frame_pc(frame);
	char *readable;

	if (!module) {
		text_add(text, " > ??? [0x%llx]\n", pc);
		return;
	}
	text_add(text, " > %s(", utrace_module_name(module));
	if (!utrace_symbol_at(image, utrace_frame_lookup_pc(frame), &symbol, NULL)) {
		readable = utrace_symbol_demangle(symbol.name);
		text_add(text, "%s+0x%llx", readable ? readable : symbol.name, pc - (unsigned long long)symbol.address);
		free(readable);
	}
	text_add(text, ") [0x%llx]\n", pc - (unsigned long long)utrace_module_start(module));
}

static void add_stack(struct tool *tool, utrace_thread *thread, struct text *text)
{
	const struct utrace_unwind_options options = {.size = sizeof(options), .no_inlined = 1};
	utrace_image *image = image_of(tool, utrace_thread_process(thread));
	utrace_stack *stack;
	struct utrace_error error = {.text = "out of memory"};

	if (!image || utrace_stack_open(image, thread, &options, &stack, &error)) {
		text_add(text, " > %s\n", error.text);
		return;
	}
	for (size_t i = 0; i < utrace_stack_depth(stack); i++)
		add_frame(text, image, utrace_stack_frame(stack, i));
	utrace_stack_close(stack);
}

void stack_enter(struct tool *tool, const struct utrace_event *event)
{
	struct track *track = track_of(event->thread);

	text_clear(&track->stack);
	if (tool->options.stack && loses_stack(event))
		add_stack(tool, event->thread, &track->stack);
}

void stack_print(struct tool *tool, const struct utrace_event *event)
{
	struct track *track = track_of(event->thread);
	utrace_image *image = utrace_process_data(event->process);

	if (!tool->options.stack)
		return;
	if (event->reason == UTRACE_EVENT_SYSCALL_EXIT) {
		if (image && changes_code(event))
			(void)utrace_image_refresh(image, NULL);
		if (!track->stack.length)
			add_stack(tool, event->thread, &track->stack);
	}
	if (track->stack.length)
		sink_put(tool, sink_of(tool, event->thread), track->stack.data);
	text_clear(&track->stack);
}

void stack_note(struct tool *tool, utrace_thread *thread)
{
	struct track *track = track_of(thread);
	struct text text = {0};

	if (!tool->options.stack || track->ignored || tool->options.count.only)
		return;
	add_stack(tool, thread, &text);
	sink_put(tool, sink_of(tool, thread), text.data);
	text_free(&text);
}
