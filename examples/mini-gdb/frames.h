/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/frames.h - the selected thread's stack, and how a frame is shown.
 */
#ifndef MINI_GDB_FRAMES_H
#define MINI_GDB_FRAMES_H

#include "gdb.h"

/* The selected frame, or NULL where there is no stack; no error text. */
utrace_frame *selected_frame(struct gdb *gdb);
/* Frame n of the stack that is looked at; NULL past main or the end. */
utrace_frame *stack_frame(struct gdb *gdb, size_t n);
/* Its number as the user sees it. */
size_t frame_number(struct gdb *gdb, const utrace_frame *frame);
/*
 * A thread that stands before the first instruction of an inlined body has not entered it yet, as gdb sees it: the caller
 * is shown, at the line of the call, until `step` goes in.  False: there is nothing to enter.
 */
void frames_hide_inlined(struct gdb *gdb);
bool frames_enter_inlined(struct gdb *gdb);
/* The same; NULL with "No stack." */
utrace_frame *need_frame(struct gdb *gdb);
/* The stack is looked at anew: something was written, or the thread ran. The number of the selected frame stays. */
void frames_changed(struct gdb *gdb);
/* Another thread, or it has run: the innermost frame is selected. */
void frames_forget(struct gdb *gdb);

enum frame_parts {
	FRAME_LOCATION = 1, /* function, arguments, file and line */
	FRAME_SOURCE = 2,   /* the line's text */
	FRAME_NUMBER = 4,   /* "#0  " */
};
void print_frame(struct gdb *gdb, utrace_frame *frame, int parts);
/* Where the function of one of the innermost physical frame's frames begins; 0: not known. */
uint64_t frame_entry(struct gdb *gdb, utrace_frame *frame);
/* "name=value, ..." */
void print_frame_arguments(struct gdb *gdb, utrace_frame *frame);
/* In readable form; "??" where it is not known. */
const char *frame_function_name(struct gdb *gdb, utrace_frame *frame);
/* The pc stands in the middle of a line (or nothing is known of lines). */
bool frame_is_inside_line(utrace_frame *frame);
/* Locals or arguments, as "name = value" lines with this indentation; returns how many. */
int print_variables(struct gdb *gdb, utrace_frame *frame, bool arguments, const char *indent);

bool command_backtrace(struct gdb *gdb, const char *arguments);
bool command_frame(struct gdb *gdb, const char *arguments);
bool command_up(struct gdb *gdb, const char *arguments);
bool command_down(struct gdb *gdb, const char *arguments);
bool command_up_silently(struct gdb *gdb, const char *arguments);
bool command_down_silently(struct gdb *gdb, const char *arguments);
bool command_select_frame(struct gdb *gdb, const char *arguments);
bool frame_level(struct gdb *gdb, const char *arguments);
bool frame_function(struct gdb *gdb, const char *arguments);
bool frame_address(struct gdb *gdb, const char *arguments);
bool command_return(struct gdb *gdb, const char *arguments);
bool info_frame(struct gdb *gdb, const char *arguments);
bool info_locals(struct gdb *gdb, const char *arguments);
bool info_args(struct gdb *gdb, const char *arguments);

#endif
