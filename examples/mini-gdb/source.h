/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/source.h - source files, and the places that a user names.
 */
#ifndef MINI_GDB_SOURCE_H
#define MINI_GDB_SOURCE_H

#include "gdb.h"

/* As gdb names it: as the compiler was given it. */
const char *source_name(const struct utrace_line *line);
bool is_main_module(struct gdb *gdb, const utrace_module *module);
/* As the dynamic linker knows a library; else the path that the kernel tells. */
const char *module_name(struct gdb *gdb, utrace_module *module);
/* The line with its number, after a stop; `list` goes on around it. */
void source_show_stop(struct gdb *gdb, const struct utrace_line *line);

/*
 * A place that the user named: FUNCTION, LINE, FILE:LINE, FILE:FUNCTION, *ADDRESS, +N, -N; empty is the present one.
 */
struct places {
	struct utrace_location *list;
	size_t count;
};
/* *text is moved behind it. False with `not_found` set where the name is just not known (yet). */
bool places_find(struct gdb *gdb, const char **text, struct places *places, bool *not_found);
/* "file.c:12", "12" from a text, without looking it up. */
bool default_line(struct gdb *gdb, const char **file, unsigned int *line);

/* The whole name of a source file by its tail, or NULL with an error text. */
const char *source_of_name(struct gdb *gdb, const char *tail);

/* The text around the line that the program is at, with marks for it and for breakpoints. */
void source_show_window(struct gdb *gdb, const struct utrace_line *line);
/* How many lines the file has, -1: it can't be read; and where it was found. */
int source_line_count(struct gdb *gdb, const struct utrace_line *line);
const char *source_path(struct gdb *gdb, const struct utrace_line *line);
/* "c", "c++", "asm", by DW_LANG_*. */
const char *language_name(uint32_t language);

bool command_directory(struct gdb *gdb, const char *arguments);
bool command_search(struct gdb *gdb, const char *arguments);
bool command_reverse_search(struct gdb *gdb, const char *arguments);
bool show_directories(struct gdb *gdb, const char *arguments);
bool command_list(struct gdb *gdb, const char *arguments);
bool info_line(struct gdb *gdb, const char *arguments);
bool info_scope(struct gdb *gdb, const char *arguments);
bool info_source(struct gdb *gdb, const char *arguments);

#endif
