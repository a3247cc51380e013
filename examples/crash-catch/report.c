/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crash-catch/report.c - the report: read from outside, without a line of code inside the dying process.
 */
#include "report.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FRAMES = 200 };

/* Where the kernel says which address it was about. (sigaction(2), si_addr) */
static bool has_address(const siginfo_t *info)
{
	switch (info->si_signo) {
	case SIGSEGV:
	case SIGBUS:
	case SIGFPE:
	case SIGILL:
		return info->si_code > 0 && info->si_code != SI_KERNEL;
	default:
		return false;
	}
}

static void write_signal(FILE *out, const siginfo_t *info)
{
	fprintf(out, "SIG%s (%s)", sigabbrev_np(info->si_signo), sigdescr_np(info->si_signo));
	if (has_address(info))
		fprintf(out, " at address 0x%llx", (unsigned long long)(uintptr_t)info->si_addr);
	else if (info->si_code <= 0)
		fprintf(out, " sent by process %d of user %u", info->si_pid, info->si_uid);
	fputs("\n", out);
}

static void write_frame(FILE *out, utrace_frame *frame)
{
	const char *function = utrace_frame_function(frame);
	utrace_module *module = utrace_frame_module(frame);
	struct utrace_line line = {.size = sizeof(line)};
	char *readable = function ? utrace_symbol_demangle(function) : NULL;
	uint64_t pc = utrace_frame_pc(frame);

	fprintf(out, "  #%-3zu 0x%016llx %s", utrace_frame_number(frame), (unsigned long long)pc,
		readable   ? readable
		: function ? function
			   : "??");
	free(readable);
	if (utrace_frame_kind(frame) == UTRACE_FRAME_SIGNAL)
		fputs(" <signal handler called>", out);
	if (utrace_frame_line(frame, &line, NULL) == 0)
		fprintf(out, " at %s:%u", line.file, line.line);
	else if (module)
		fprintf(out, " in %s+0x%llx", utrace_module_name(module),
			(unsigned long long)(pc - utrace_module_bias(module)));
	fputs("\n", out);
}

static void write_stack(FILE *out, utrace_image *image, utrace_thread *thread)
{
	const struct utrace_unwind_options options = {.size = sizeof(options), .max_frames = MAX_FRAMES};
	struct utrace_error error;
	utrace_stack *stack;
	char name[32] = "";

	(void)utrace_thread_name(thread, name, sizeof(name), NULL);
	fprintf(out, "\nThread %d \"%s\"\n", utrace_thread_tid(thread), name);
	if (utrace_stack_open(image, thread, &options, &stack, &error)) {
		fprintf(out, "  no stack: %s\n", error.text);
		return;
	}
	for (size_t i = 0; i < utrace_stack_depth(stack); i++)
		write_frame(out, utrace_stack_frame(stack, i));
	if (utrace_stack_end(stack, &error) != UTRACE_STACK_OUTERMOST)
		fprintf(out, "  ends here: %s\n", error.text);
	utrace_stack_close(stack);
}

static void write_other_stacks(FILE *out, utrace_image *image, utrace_thread *crashed)
{
	utrace_process *process = utrace_thread_process(crashed);
	int count = utrace_process_threads(process, NULL, 0, NULL);
	utrace_thread **threads = count > 0 ? calloc((size_t)count, sizeof(utrace_thread *)) : NULL;

	if (!threads)
		return;
	/* All are held, so there are no more than there were. */
	count = utrace_process_threads(process, threads, (size_t)count, NULL);
	for (int i = 0; i < count; i++) {
		if (threads[i] != crashed)
			write_stack(out, image, threads[i]);
		utrace_thread_unref(threads[i]);
	}
	free(threads);
}

static void write_modules(FILE *out, utrace_image *image)
{
	size_t count = utrace_image_modules(image, NULL, 0);
	utrace_module **modules = calloc(count, sizeof(utrace_module *));

	if (!modules)
		return;
	fputs("\nModules\n", out);
	count = utrace_image_modules(image, modules, count);
	for (size_t i = 0; i < count; i++) {
		const unsigned char *id;
		size_t length = utrace_module_build_id(modules[i], &id);

		fprintf(out, "  0x%016llx ", (unsigned long long)utrace_module_start(modules[i]));
		for (size_t byte = 0; byte < length; byte++)
			fprintf(out, "%02x", id[byte]);
		fprintf(out, " %s\n", utrace_module_name(modules[i]));
	}
	free(modules);
}

void report_write(FILE *out, utrace_symbols *symbols, utrace_thread *thread, const siginfo_t *info)
{
	utrace_process *process = utrace_thread_process(thread);
	struct utrace_error error;
	utrace_image *image;
	char path[4096] = "?";

	(void)utrace_process_executable(process, path, sizeof(path), NULL);
	fprintf(out, "%s[%d]: ", path, utrace_process_pid(process));
	write_signal(out, info);
	if (utrace_image_open(symbols, process, &image, &error)) {
		fprintf(out, "  no symbols: %s\n", error.text);
		return;
	}
	write_stack(out, image, thread);
	write_other_stacks(out, image, thread);
	write_modules(out, image);
	utrace_image_close(image);
}
