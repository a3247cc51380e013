/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/command.h - commands by name.
 */
#ifndef MINI_GDB_COMMAND_H
#define MINI_GDB_COMMAND_H

#include "gdb.h"

struct command {
	const char *name;
	bool (*run)(struct gdb *gdb, const char *arguments); /* NULL: only with a second word */
	const char *help;
	unsigned int flags;
	const struct command *more; /* its second words, up to an entry without a name; NULL: none */
};

enum {
	COMMAND_REPEATS = 1,   /* Enter does it again */
	COMMAND_RAW = 2,       /* arguments are taken as they stand */
	COMMAND_ALONE = 4,     /* repeated without its arguments (list, x) */
	COMMAND_PLACES = 8,    /* completes functions */
	COMMAND_SYMBOLS = 16,  /* completes functions and variables */
	COMMAND_FILES = 32,    /* completes file names */
	COMMAND_SETTINGS = 64, /* completes names of settings */
	COMMAND_COMMANDS = 128 /* completes commands */
};

/* Commands of a kind, as "help" groups them; commands.c has the tables. */
struct command_group {
	const char *name;
	const char *help;
	const struct command *commands; /* up to an entry without a name */
};
extern const struct command_group command_groups[];

/* Runs a line; false: gdb->error says why not. */
bool command_execute(struct gdb *gdb, const char *line);
/* Runs a line and keeps in `arena` what it would have printed. */
char *command_capture(struct gdb *gdb, const char *line);
/* What Enter would do after this line, or an empty text. */
const char *command_repetition(struct gdb *gdb, const char *line);
/* The command that a line starts with, down to its second word, *line moved behind it; NULL without an error: none. */
const struct command *command_find(struct gdb *gdb, const char **line);
/* The first character behind a command's name. */
const char *command_name_end(const char *line);
/* Commands print what they are about to do only to a person, or where lines come from standard input. */
bool is_talkative(const struct gdb *gdb);

/* main.c: a debugger from nothing; false: it is told on the standard error. */
bool debugger_open(struct gdb *gdb);
/* The same where `session` and `symbols` are there already. */
void debugger_begin(struct gdb *gdb);
/* Lets go of the program: what was started here ends with the debugger, what was attached to goes on. */
void debugger_end(struct gdb *gdb);

/* complete.c: whole last words that the line may go on with, sorted; *word is where the last word begins. */
size_t complete_line(struct gdb *gdb, const char *line, size_t *word, const char ***words);
bool command_complete(struct gdb *gdb, const char *arguments);

/* help.c */
bool command_help(struct gdb *gdb, const char *arguments);
bool command_apropos(struct gdb *gdb, const char *arguments);

/* aliases.c */
bool command_alias(struct gdb *gdb, const char *arguments);
bool command_pipe(struct gdb *gdb, const char *arguments);
bool command_with(struct gdb *gdb, const char *arguments);
bool command_shell(struct gdb *gdb, const char *arguments);
bool command_make(struct gdb *gdb, const char *arguments);
/* The command line that an alias stands for, or NULL. */
const char *alias_line(struct gdb *gdb, const char *name);
/* The n-th alias of the user's, NULL: there are no more. */
const char *alias_name(struct gdb *gdb, size_t n);

/* settings.c */
bool command_set(struct gdb *gdb, const char *arguments);
bool command_show(struct gdb *gdb, const char *arguments);
void settings_init(struct gdb *gdb);
bool command_cd(struct gdb *gdb, const char *arguments);
bool command_pwd(struct gdb *gdb, const char *arguments);
bool command_quit(struct gdb *gdb, const char *arguments);
bool command_unset(struct gdb *gdb, const char *arguments);
bool command_tty(struct gdb *gdb, const char *arguments);
bool command_path(struct gdb *gdb, const char *arguments);
/* The n-th setting's name, and what it is; NULL: there are no more. */
const char *setting_name(size_t n, const char **help);

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

/* memory.c */
bool command_find_bytes(struct gdb *gdb, const char *arguments);
bool command_dump(struct gdb *gdb, const char *arguments);
bool command_dump_memory(struct gdb *gdb, const char *arguments);
bool command_dump_value(struct gdb *gdb, const char *arguments);
bool command_append_memory(struct gdb *gdb, const char *arguments);
bool command_append_value(struct gdb *gdb, const char *arguments);
bool command_restore(struct gdb *gdb, const char *arguments);

/* info.c, symbols.c, process.c */
bool info_checkpoints(struct gdb *gdb, const char *arguments);
bool info_auxv(struct gdb *gdb, const char *arguments);
bool info_float(struct gdb *gdb, const char *arguments);
bool info_vector(struct gdb *gdb, const char *arguments);
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
bool info_files(struct gdb *gdb, const char *arguments);

/* disassemble.c */
bool command_disassemble(struct gdb *gdb, const char *arguments);
/* One instruction at the address, as x/i shows it; *length is how many bytes it has. */
bool print_instruction(struct gdb *gdb, uint64_t address, size_t *length);
/* The same without printing it. */
bool instruction_length(struct gdb *gdb, uint64_t address, size_t *length);

#endif
