/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * utrace/unwind.h - the stack of a held thread.
 *
 * A stack is a list of frames, innermost first, with inlined functions as frames of their own.  It is a snapshot:
 * valid while the thread is held, and closed by the caller before the image.  Unwinders are asked in order for each
 * frame: callers' own, then call frame information (.eh_frame, .debug_frame), then frame pointers, then a search for
 * a return address; a frame says who found it.
 * Bounds: each frame's CFA lies above the last one's, except where a signal changed stacks; else the stack ends as
 * corrupt.
 *
 * Threads: as for the image (symbol.h).  Registers are named by DWARF number (regs.h has the tables).
 */
#ifndef UTRACE_UNWIND_H
#define UTRACE_UNWIND_H

#include <utrace/symbol.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct utrace_stack utrace_stack;
typedef struct utrace_frame utrace_frame;

struct utrace_unwind_options {
	size_t size;
	uint32_t max_frames; /* 0: 1,000,000 */
	uint32_t no_inlined; /* non-zero: one frame per call, debug information is not looked at */
	uint32_t lazy;       /* non-zero: frames are found when first asked for */
	/*
	 * Non-zero: a function that has jumped to another one as its last act (a tail call) and so left the stack gets a
	 * frame too, if the debug information's call sites leave no doubt that it was there. Its pc is behind the jump.
	 */
	uint32_t tail_calls;
};

/*
 * The stack of a held thread. options may be NULL. Errors: UTRACE_NOT_STOPPED, UTRACE_DEAD, UTRACE_NOT_ATTACHED,
 * UTRACE_INVALID (thread of another process), UTRACE_NO_MEMORY. Where the stack ends early that is no error:
 * utrace_stack_end.
 */
UTRACE_API int utrace_stack_open(utrace_image *image, utrace_thread *thread,
				 const struct utrace_unwind_options *options, utrace_stack **stack,
				 struct utrace_error *error);
UTRACE_API void utrace_stack_close(utrace_stack *stack);
/* Frame number n, 0 the innermost; NULL past the end. Belongs to the stack. */
UTRACE_API utrace_frame *utrace_stack_frame(utrace_stack *stack, size_t n);
/* How many frames there are; unwinds to the end. */
UTRACE_API size_t utrace_stack_depth(utrace_stack *stack);
UTRACE_API utrace_thread *utrace_stack_thread(const utrace_stack *stack);
UTRACE_API utrace_image *utrace_stack_image(const utrace_stack *stack);

enum utrace_stack_end {
	UTRACE_STACK_OUTERMOST = 1, /* the code says that nobody called it (_start, a thread's first function) */
	UTRACE_STACK_NO_CFI,        /* nobody knew how to go on */
	UTRACE_STACK_CORRUPT,       /* the next frame would not lie above this one, or its pc is no code */
	UTRACE_STACK_TOO_DEEP,      /* max_frames */
	UTRACE_STACK_FAULT,         /* the stack's memory can't be read there */
};
/* Why it ends (enum utrace_stack_end), after unwinding to the end; for all but OUTERMOST error, if not NULL, has the
 * words. */
UTRACE_API int utrace_stack_end(utrace_stack *stack, struct utrace_error *error);

enum utrace_frame_kind {
	UTRACE_FRAME_NORMAL,
	UTRACE_FRAME_INLINED,
	UTRACE_FRAME_SIGNAL,  /* the code to which a signal handler returns; the frame after it was interrupted */
	UTRACE_FRAME_FOREIGN, /* from a caller's unwinder, perhaps without a pc */
};
UTRACE_API uint32_t utrace_frame_kind(const utrace_frame *frame);
/* Who found the frame: "registers" (the innermost), "cfi", "frame-pointer", "entry", "search", "tail-call", or the name
 * of a caller's unwinder. */
UTRACE_API const char *utrace_frame_unwinder(const utrace_frame *frame);
/* Where it goes on. */
UTRACE_API uint64_t utrace_frame_pc(const utrace_frame *frame);
/* The address by which to look up names and lines: that of the call, not after it, unless it was interrupted. */
UTRACE_API uint64_t utrace_frame_lookup_pc(const utrace_frame *frame);
/* The canonical frame address: on x86 the stack pointer before the call. 0 if it is not known. */
UTRACE_API uint64_t utrace_frame_cfa(utrace_frame *frame);
UTRACE_API int utrace_frame_is_innermost(const utrace_frame *frame);
/* The source name, else the ELF symbol's, else NULL. */
UTRACE_API const char *utrace_frame_function(utrace_frame *frame);
/* The line that the frame is at; of a frame that an inlined one stands in, the line of the call. As utrace_line_at. */
UTRACE_API int utrace_frame_line(utrace_frame *frame, struct utrace_line *line, struct utrace_error *error);
/* NULL: the pc is in none. */
UTRACE_API utrace_module *utrace_frame_module(utrace_frame *frame);
UTRACE_API utrace_stack *utrace_frame_stack(const utrace_frame *frame);
UTRACE_API size_t utrace_frame_number(const utrace_frame *frame);

/*
 * A register as it is in this frame. UTRACE_NOT_FOUND: not saved on the way here, or no such register.
 * set: written to where it was saved, or to the thread; the stack's other frames are not unwound anew.
 * UTRACE_WRONG_STATE: it was computed.
 */
UTRACE_API int utrace_frame_register(utrace_frame *frame, int dwarf, uint64_t *value, struct utrace_error *error);
UTRACE_API int utrace_frame_set_register(utrace_frame *frame, int dwarf, uint64_t value, struct utrace_error *error);
/* Where in memory a callee has saved it. UTRACE_NOT_FOUND: it is still in the thread's register, follows from others, or is unknown. */
UTRACE_API int utrace_frame_register_address(utrace_frame *frame, int dwarf, uint64_t *address,
					     struct utrace_error *error);

/* What a caller's unwinder sees and fills. */
struct utrace_unwind_frame {
	size_t size;
	uint64_t pc, sp, fp;
	uint64_t registers[32]; /* by DWARF number */
	uint64_t valid;         /* bit n: registers[n] is known */
	const char *function;   /* names, copied by the library; NULL: unknown */
	const char *file;
	uint32_t line;
	uint32_t kind; /* enum utrace_frame_kind */
};

enum utrace_unwind_answer {
	UTRACE_UNWIND_NOT_MINE = 0,
	UTRACE_UNWIND_DONE = 1,  /* `caller` has pc, sp, and the registers that are valid in it */
	UTRACE_UNWIND_END = 2,   /* `frame` is the outermost */
	UTRACE_UNWIND_NAMED = 3, /* `frame` got names; another unwinder goes on */
	UTRACE_UNWIND_VIRTUAL =
		4, /* `caller` has no pc of its own, as a script's frame; the same `frame` is asked for again */
};

/*
 * A caller's unwinder: asked for each frame before the library's own, the one added last first.  `frame` has the
 * registers and may get names too; `caller` starts empty.  The step may read memory and use the image, but must not
 * open another stack of it.
 */
struct utrace_unwinder {
	size_t size;
	const char *name; /* copied; one unwinder a name */
	int (*step)(utrace_image *image, utrace_thread *thread, struct utrace_unwind_frame *frame,
		    struct utrace_unwind_frame *caller, void *data); /* enum utrace_unwind_answer */
	void *data;
};
/* UTRACE_INVALID, UTRACE_BUSY (the name is taken), UTRACE_NO_MEMORY. */
UTRACE_API int utrace_image_add_unwinder(utrace_image *image, const struct utrace_unwinder *unwinder,
					 struct utrace_error *error);
/* UTRACE_NOT_FOUND. */
UTRACE_API int utrace_image_remove_unwinder(utrace_image *image, const char *name, struct utrace_error *error);

#ifdef __cplusplus
}
#endif

#endif
