/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/command.h - commands by name.
 */
#ifndef MINI_GDB_COMMAND_H
#define MINI_GDB_COMMAND_H

#include "gdb.h"

struct command {
	const char *name;
	bool (*run)(struct gdb *gdb, const char *arguments);
	const char *help;
	unsigned int flags;
};

enum {
	COMMAND_REPEATS = 1, /* Enter does it again */
	COMMAND_RAW = 2,     /* arguments are taken as they stand */
	COMMAND_ALONE = 4,   /* repeated without its arguments (list, x) */
};

/* Runs a line; false: gdb->error says why not. */
bool command_execute(struct gdb *gdb, const char *line);
/* What Enter would do after this line, or an empty text. */
const char *command_repetition(struct gdb *gdb, const char *line);
/* Names that start with this text, for completion; the n-th, or NULL. */
const char *command_completion(const char *line, size_t length, size_t n);

/* settings.c */
bool command_set(struct gdb *gdb, const char *arguments);
bool command_show(struct gdb *gdb, const char *arguments);
void settings_init(struct gdb *gdb);
bool command_cd(struct gdb *gdb, const char *arguments);
bool command_pwd(struct gdb *gdb, const char *arguments);

/* data.c */
bool command_print(struct gdb *gdb, const char *arguments);
bool command_output(struct gdb *gdb, const char *arguments);
bool command_call(struct gdb *gdb, const char *arguments);
bool command_printf(struct gdb *gdb, const char *arguments);
bool command_echo(struct gdb *gdb, const char *arguments);
bool command_examine(struct gdb *gdb, const char *arguments);
bool set_variable(struct gdb *gdb, const char *arguments);

/* ptype.c */
bool command_ptype(struct gdb *gdb, const char *arguments);
bool command_whatis(struct gdb *gdb, const char *arguments);

/* info.c, symbols.c */
bool command_info(struct gdb *gdb, const char *arguments);
bool info_registers(struct gdb *gdb, const char *arguments);
bool info_all_registers(struct gdb *gdb, const char *arguments);
bool info_program(struct gdb *gdb, const char *arguments);
bool info_proc(struct gdb *gdb, const char *arguments);
bool info_shared(struct gdb *gdb, const char *arguments);
bool info_symbol(struct gdb *gdb, const char *arguments);
bool info_address(struct gdb *gdb, const char *arguments);
bool info_functions(struct gdb *gdb, const char *arguments);
bool info_variables(struct gdb *gdb, const char *arguments);
bool info_vtbl(struct gdb *gdb, const char *arguments);
bool info_types(struct gdb *gdb, const char *arguments);
bool info_scope(struct gdb *gdb, const char *arguments);
bool info_files(struct gdb *gdb, const char *arguments);

/* disassemble.c */
bool command_disassemble(struct gdb *gdb, const char *arguments);
/* One instruction at the address, as x/i shows it; *length is how many bytes it has. */
bool print_instruction(struct gdb *gdb, uint64_t address, size_t *length);

#endif
