/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/command.c - the tables of commands, abbreviations, help.
 */
#include "command.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "breaks.h"
#include "displays.h"
#include "frames.h"
#include "run.h"
#include "script.h"
#include "signals.h"
#include "source.h"
#include "threads.h"

static bool command_help(struct gdb *gdb, const char *arguments);
static bool command_quit(struct gdb *gdb, const char *arguments);
static bool command_shell(struct gdb *gdb, const char *arguments);
bool command_unset(struct gdb *gdb, const char *arguments);

/* An exact name wins, then the first that the typed text begins: so the common ones stand before their rarer kin. */
static const struct command commands[] = {
	{"advance", command_advance, "Continue to the given location.", COMMAND_REPEATS},
	{"attach", command_attach, "Attach to a process, with all its threads.", 0},
	{"awatch", command_awatch, "Stop when an expression is read or written.", 0},
	{"break", command_break, "Set a breakpoint: [LOCATION] [thread N] [if CONDITION].", 0},
	{"backtrace", command_backtrace, "Print the stack: [full] [COUNT].", COMMAND_REPEATS},
	{"bt", command_backtrace, "Print the stack: [full] [COUNT].", COMMAND_REPEATS},
	{"continue", command_continue, "Let the program run on; a number ignores the breakpoint that often.",
	 COMMAND_REPEATS},
	{"call", command_call, "Evaluate an expression; void is not printed.", COMMAND_REPEATS},
	{"catch", command_catch, "Stop at an event: syscall fork vfork exec signal.", 0},
	{"cd", command_cd, "Change the debugger's working directory.", 0},
	{"clear", command_clear, "Delete the breakpoints at a location.", 0},
	{"commands", command_commands, "Commands that run when a breakpoint is hit, up to \"end\".", 0},
	{"condition", command_condition, "Give breakpoint N a condition, or take it away.", 0},
	{"delete", command_delete, "Delete breakpoints, or displays.", 0},
	{"define", command_define, "Define a command, up to \"end\".", 0},
	{"detach", command_detach, "Let the program go; it runs on.", 0},
	{"disable", command_disable, "Disable breakpoints, or displays.", 0},
	{"disassemble", command_disassemble, "Disassemble a function or a range: [/mrs] [START[,END]].", 0},
	{"display", command_display, "Print an expression at every stop.", 0},
	{"document", command_document, "Help for a command that was defined, up to \"end\".", 0},
	{"down", command_down, "Select the frame that was called.", COMMAND_REPEATS},
	{"echo", command_echo, "Print a text; \\n is a new line.", COMMAND_RAW},
	{"enable", command_enable, "Enable breakpoints, or displays: [once|delete] [NUMBERS].", 0},
	{"exec-file", command_file, "Use a file as the program to be debugged.", 0},
	{"finish", command_finish, "Run until the selected frame returns.", COMMAND_REPEATS},
	{"file", command_file, "Use a file as the program to be debugged.", 0},
	{"frame", command_frame, "Select and print a frame.", COMMAND_REPEATS},
	{"f", command_frame, "Select and print a frame.", COMMAND_REPEATS},
	{"handle", command_handle, "What to do with signals: SIGNAL [no]stop [no]print [no]pass.", 0},
	{"hbreak", command_hbreak, "Set a breakpoint in a debug register.", 0},
	{"help", command_help, "Print what there is to type.", 0},
	{"info", command_info, "Print facts about the program; \"help info\" lists them.", 0},
	{"if", command_if, "Run the lines up to \"end\" (or \"else\") if an expression is not zero.", COMMAND_RAW},
	{"ignore", command_ignore, "Ignore the next COUNT hits of breakpoint N.", 0},
	{"inspect", command_print, "As print.", COMMAND_REPEATS},
	{"jump", command_jump, "Continue at another location.", 0},
	{"kill", command_kill, "Kill the program.", 0},
	{"list", command_list, "Print source lines.", COMMAND_ALONE},
	{"next", command_next, "Step a line, over calls.", COMMAND_REPEATS},
	{"nexti", command_nexti, "Step an instruction, over calls.", COMMAND_REPEATS},
	{"ni", command_nexti, "Step an instruction, over calls.", COMMAND_REPEATS},
	{"output", command_output, "Print a value alone.", 0},
	{"print", command_print, "Print a value: [/FORMAT] EXPRESSION.", COMMAND_REPEATS},
	{"printf", command_printf, "Print as C's printf does.", COMMAND_RAW},
	{"ptype", command_ptype, "Print a type with its members.", COMMAND_REPEATS},
	{"pwd", command_pwd, "Print the debugger's working directory.", 0},
	{"quit", command_quit, "End the debugger.", 0},
	{"run", command_run, "Start the program, with arguments.", 0},
	{"rwatch", command_rwatch, "Stop when an expression is read.", 0},
	{"step", command_step, "Step a line, into calls.", COMMAND_REPEATS},
	{"set", command_set, "Change a setting or a variable.", 0},
	{"shell", command_shell, "Run a shell command.", COMMAND_RAW},
	{"show", command_show, "Print a setting.", 0},
	{"signal", command_signal, "Continue with a signal; 0 for none.", 0},
	{"si", command_stepi, "Step an instruction.", COMMAND_REPEATS},
	{"source", command_source, "Run commands of a file.", 0},
	{"start", command_start, "Start the program and stop in main.", 0},
	{"starti", command_starti, "Start the program and stop at its first instruction.", 0},
	{"stepi", command_stepi, "Step an instruction.", COMMAND_REPEATS},
	{"tbreak", command_tbreak, "Set a breakpoint that is deleted when it is hit.", 0},
	{"tcatch", command_tcatch, "Stop at an event, once.", 0},
	{"thread", command_thread, "Select a thread; thread apply all COMMAND.", COMMAND_REPEATS},
	{"until", command_until, "Step to a later line, or run to a location in this frame.", COMMAND_REPEATS},
	{"undisplay", command_undisplay, "Delete displays.", 0},
	{"unset", command_unset, "Take a variable out of the program's environment.", 0},
	{"up", command_up, "Select the frame that called.", COMMAND_REPEATS},
	{"watch", command_watch, "Stop when an expression changes: [-location] EXPRESSION.", 0},
	{"whatis", command_whatis, "Print the type of an expression.", COMMAND_REPEATS},
	{"where", command_backtrace, "Print the stack.", COMMAND_REPEATS},
	{"while", command_while, "Run the lines up to \"end\" as long as an expression is not zero.", COMMAND_RAW},
	{"x", command_examine, "Print memory: /COUNT FORMAT SIZE ADDRESS.", COMMAND_ALONE},
};

static const struct command infos[] = {
	{"address", info_address, "Where a symbol is stored.", 0},
	{"all-registers", info_all_registers, "All registers.", 0},
	{"args", info_args, "Arguments of the selected frame.", 0},
	{"breakpoints", info_breakpoints, "Breakpoints, watchpoints and catchpoints.", 0},
	{"b", info_breakpoints, "Breakpoints, watchpoints and catchpoints.", 0},
	{"display", info_display, "Expressions that are shown at stops.", 0},
	{"files", info_files, "What is mapped, and where its debug information is.", 0},
	{"frame", info_frame, "The selected frame.", 0},
	{"functions", info_functions, "Functions: [REGEXP].", 0},
	{"line", info_line, "Addresses of a source line.", 0},
	{"locals", info_locals, "Local variables of the selected frame.", 0},
	{"proc", info_proc, "/proc: [mappings|status|cmdline|cwd|exe|all].", 0},
	{"program", info_program, "How the program stands.", 0},
	{"registers", info_registers, "Registers: [NAMES].", 0},
	{"sharedlibrary", info_shared, "Shared libraries.", 0},
	{"signals", info_signals, "What is done with signals.", 0},
	{"handle", info_signals, "What is done with signals.", 0},
	{"source", info_source, "The present source file.", 0},
	{"stack", command_backtrace, "The stack.", 0},
	{"symbol", info_symbol, "The symbol at an address.", 0},
	{"target", info_files, "What is mapped, and where its debug information is.", 0},
	{"threads", info_threads, "Threads.", 0},
	{"vtbl", info_vtbl, "Virtual tables of a C++ object: EXPRESSION.", 0},
	{"types", info_types, "Types: [REGEXP].", 0},
	{"variables", info_variables, "Variables outside of functions: [REGEXP].", 0},
	{"watchpoints", info_breakpoints, "Breakpoints, watchpoints and catchpoints.", 0},
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]), INFOS = sizeof(infos) / sizeof(infos[0]) };

/* gdb's one-letter names, and others that are not the first of their letters. */
static const char *const aliases[][2] = {{"b", "break"},
					 {"br", "break"},
					 {"brea", "break"},
					 {"c", "continue"},
					 {"fg", "continue"},
					 {"d", "delete"},
					 {"disas", "disassemble"},
					 {"h", "help"},
					 {"i", "info"},
					 {"inf", "info"},
					 {"k", "kill"},
					 {"l", "list"},
					 {"n", "next"},
					 {"p", "print"},
					 {"q", "quit"},
					 {"exit", "quit"},
					 {"r", "run"},
					 {"s", "step"},
					 {"u", "until"},
					 {"tb", "tbreak"},
					 {"tbr", "tbreak"},
					 {"tp", "tbreak"},
					 {"t", "thread"},
					 {"w", "watch"},
					 {"wat", "watch"},
					 {"dis", "disable"},
					 {"disa", "disable"},
					 {"en", "enable"},
					 {"fin", "finish"},
					 {"j", "jump"},
					 {"cont", "continue"},
					 {"sho", "show"},
					 {"und", "undisplay"},
					 {"thb", "hbreak"}};

static const struct command *find_command(const struct command *table, size_t count, const char *name)
{
	size_t length = strlen(name);
	const struct command *found = NULL;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
		if (!found && strncmp(table[i].name, name, length) == 0)
			found = &table[i];
	}
	return found;
}

static const char *unalias(const char *name)
{
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (strcmp(aliases[i][0], name) == 0)
			return aliases[i][1];
	return name;
}

/* The name ends where its characters do: "p/x 1" and "x/4i $pc" have no space. */
static const char *end_of_name(const char *line)
{
	while (isalnum((unsigned char)*line) || *line == '-' || *line == '_')
		line++;
	return line;
}

static char *trimmed(struct gdb *gdb, const char *text)
{
	size_t length;

	text += strspn(text, " \t");
	length = strlen(text);
	while (length && isspace((unsigned char)text[length - 1]))
		length--;
	return arena_text(&gdb->arena, text, length);
}

static bool run_command(struct gdb *gdb, const struct command *command, const char *arguments)
{
	if (command->flags & COMMAND_RAW)
		return command->run(gdb, arguments + strspn(arguments, " \t"));
	return command->run(gdb, trimmed(gdb, arguments));
}

bool command_execute(struct gdb *gdb, const char *line)
{
	const struct command *command;
	const char *end;
	char *name;
	bool found;
	bool done;

	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return true;
	if (*line == '!')
		return command_shell(gdb, line + 1);
	end = end_of_name(line);
	name = arena_text(&gdb->arena, line, (size_t)(end - line));
	if (!*name)
		return fail(gdb, "Undefined command: \"%s\".  Try \"help\".", line);
	done = run_user_command(gdb, name, end, &found);
	if (found)
		return done;
	command = find_command(commands, COMMANDS, unalias(name));
	if (!command)
		return fail(gdb, "Undefined command: \"%s\".  Try \"help\".", name);
	return run_command(gdb, command, end);
}

const char *command_repetition(struct gdb *gdb, const char *line)
{
	const char *start = line + strspn(line, " \t");
	const char *end = end_of_name(start);
	const char *name = unalias(arena_text(&gdb->arena, start, (size_t)(end - start)));
	const struct command *command = *name ? find_command(commands, COMMANDS, name) : NULL;

	if (!command)
		return "";
	if (command->flags & COMMAND_ALONE)
		return strcmp(command->name, "x") == 0 ? "x" : "list";
	return command->flags & COMMAND_REPEATS ? line : "";
}

bool command_info(struct gdb *gdb, const char *arguments)
{
	const char *end = end_of_name(arguments);
	const char *name = arena_text(&gdb->arena, arguments, (size_t)(end - arguments));
	const struct command *command;

	if (!*name)
		return fail(gdb, "List of info subcommands: type \"help info\".");
	if (strcmp(name, "r") == 0)
		name = "registers";
	else if (strcmp(name, "s") == 0)
		name = "stack";
	else if (strcmp(name, "f") == 0)
		name = "frame";
	command = find_command(infos, INFOS, name);
	if (!command)
		return fail(gdb, "Undefined info command: \"%s\".  Try \"help info\".", arguments);
	return run_command(gdb, command, end);
}

const char *command_completion(const char *line, size_t length, size_t n)
{
	const struct command *table = commands;
	size_t count = COMMANDS;

	if (length >= 5 && strncmp(line, "info ", 5) == 0) {
		table = infos;
		count = INFOS;
		line += 5;
		length -= 5;
	}
	for (size_t i = 0; i < count; i++)
		if (strncmp(table[i].name, line, length) == 0 && n-- == 0)
			return table[i].name;
	return NULL;
}

static void print_table(struct gdb *gdb, const struct command *table, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(table[i].name) > 2 || table[i].name[0] == 'x' || table[i].name[0] == 'i' ||
		    table[i].name[0] == 'u')
			say(gdb, "%-14s %s\n", table[i].name, table[i].help);
}

static bool command_help(struct gdb *gdb, const char *arguments)
{
	const struct command *command;

	if (!*arguments || strcmp(arguments, "all") == 0) {
		print_table(gdb, commands, COMMANDS);
		return true;
	}
	if (strcmp(arguments, "info") == 0 || strcmp(arguments, "i") == 0) {
		print_table(gdb, infos, INFOS);
		return true;
	}
	if (strncmp(arguments, "info ", 5) == 0)
		command = find_command(infos, INFOS, arguments + 5);
	else
		command = find_command(commands, COMMANDS, unalias(arguments));
	if (!command)
		return help_user_command(gdb, arguments);
	say(gdb, "%s\n", command->help);
	return true;
}

static bool command_quit(struct gdb *gdb, const char *arguments)
{
	uint64_t status = 0;

	if (*arguments)
		status = strtoull(arguments, NULL, 0);
	if (gdb->interactive && gdb->settings.confirm && gdb->inferior.process) {
		say(gdb,
		    "A debugging session is active.\n\n\tInferior 1 [process %d] will be %s.\n\n"
		    "Quit anyway? (y or n) ",
		    utrace_process_pid(gdb->inferior.process), gdb->inferior.attached ? "detached" : "killed");
		if (!answered_yes(gdb))
			return fail(gdb, "Not confirmed.");
	}
	gdb->quit = true;
	gdb->quit_status = (int)status;
	return true;
}

static bool command_shell(struct gdb *gdb, const char *arguments)
{
	(void)fflush(gdb->out);
	if (system(*arguments ? arguments : "${SHELL:-/bin/sh}") < 0)
		return fail(gdb, "The shell could not be started.");
	return true;
}
