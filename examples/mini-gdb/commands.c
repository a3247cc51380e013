/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/commands.c - every command that there is, by the groups of "help".
 */
#include "apply.h"
#include "breaks.h"
#include "command.h"
#include "displays.h"
#include "frames.h"
#include "inferiors.h"
#include "run.h"
#include "script.h"
#include "signals.h"
#include "skips.h"
#include "source.h"
#include "threads.h"

/* ---- making the program stop ---- */

static const struct command catch_words[] = {
	{"catch", catch_catch, "Stop where an exception is caught.", 0, NULL},
	{"exec", catch_exec, "Stop at a new program.", 0, NULL},
	{"fork", catch_fork, "Stop at fork.", 0, NULL},
	{"load", catch_load, "Stop when a library is loaded: [REGEXP].", 0, NULL},
	{"rethrow", catch_rethrow, "Stop where an exception is thrown again.", 0, NULL},
	{"signal", catch_signal, "Stop at a signal: [NAMES|all].", 0, NULL},
	{"syscall", catch_syscall, "Stop at system calls: [NAMES|NUMBERS|group:CLASS].", 0, NULL},
	{"throw", catch_throw, "Stop where an exception is thrown.", 0, NULL},
	{"unload", catch_unload, "Stop when a library is unloaded: [REGEXP].", 0, NULL},
	{"vfork", catch_vfork, "Stop at vfork.", 0, NULL},
	{.name = NULL},
};

static const struct command tcatch_words[] = {
	{"catch", tcatch_catch, "Stop once where an exception is caught.", 0, NULL},
	{"exec", tcatch_exec, "Stop once at a new program.", 0, NULL},
	{"fork", tcatch_fork, "Stop once at fork.", 0, NULL},
	{"load", tcatch_load, "Stop once when a library is loaded: [REGEXP].", 0, NULL},
	{"rethrow", tcatch_rethrow, "Stop once where an exception is thrown again.", 0, NULL},
	{"signal", tcatch_signal, "Stop once at a signal: [NAMES|all].", 0, NULL},
	{"syscall", tcatch_syscall, "Stop once at system calls: [NAMES|NUMBERS].", 0, NULL},
	{"throw", tcatch_throw, "Stop once where an exception is thrown.", 0, NULL},
	{"unload", tcatch_unload, "Stop once when a library is unloaded: [REGEXP].", 0, NULL},
	{"vfork", tcatch_vfork, "Stop once at vfork.", 0, NULL},
	{.name = NULL},
};

static const struct command skip_words[] = {
	{"delete", skip_delete, "Delete skips: [NUMBERS].", 0, NULL},
	{"disable", skip_disable, "Disable skips: [NUMBERS].", 0, NULL},
	{"enable", skip_enable, "Enable skips: [NUMBERS].", 0, NULL},
	{"file", skip_file, "Never step into functions of a file: [NAME].", 0, NULL},
	{"function", skip_function, "Never step into a function: [NAME].", COMMAND_PLACES, NULL},
	{.name = NULL},
};

static const struct command save_words[] = {
	{"breakpoints", save_breakpoints, "Write the breakpoints as commands to a file.", COMMAND_FILES, NULL},
	{.name = NULL},
};

static const struct command breakpoint_commands[] = {
	{"awatch", command_awatch, "Stop when an expression is read or written.", COMMAND_SYMBOLS, NULL},
	{"break", command_break, "Set a breakpoint: [LOCATION] [thread N] [if CONDITION].", COMMAND_PLACES, NULL},
	{"catch", NULL, "Stop at an event.", 0, catch_words},
	{"clear", command_clear, "Delete the breakpoints at a location.", COMMAND_PLACES, NULL},
	{"commands", command_commands, "Commands that run when breakpoints are hit, up to \"end\": [NUMBERS].", 0,
	 NULL},
	{"condition", command_condition, "Give breakpoint N a condition, or take it away.", 0, NULL},
	{"delete", command_delete, "Delete breakpoints, displays or checkpoints: [NUMBERS].", 0, NULL},
	{"disable", command_disable, "Disable breakpoints, or displays: [NUMBERS].", 0, NULL},
	{"enable", command_enable, "Enable breakpoints, or displays: [once|delete|count N] [NUMBERS].", 0, NULL},
	{"hbreak", command_hbreak, "Set a breakpoint in a debug register.", COMMAND_PLACES, NULL},
	{"ignore", command_ignore, "Ignore the next COUNT hits of breakpoint N.", 0, NULL},
	{"rbreak", command_rbreak, "Set a breakpoint in each function that matches: [FILE:]REGEXP.", 0, NULL},
	{"rwatch", command_rwatch, "Stop when an expression is read.", COMMAND_SYMBOLS, NULL},
	{"save", NULL, "Write breakpoints to a file.", 0, save_words},
	{"skip", command_skip,
	 "Never step into functions: [FUNCTION] [-file F] [-gfile GLOB] [-function F] [-rfunction RE].", COMMAND_PLACES,
	 skip_words},
	{"tbreak", command_tbreak, "Set a breakpoint that is deleted when it is hit.", COMMAND_PLACES, NULL},
	{"tcatch", NULL, "Stop at an event, once.", 0, tcatch_words},
	{"thbreak", command_thbreak, "Set a breakpoint in a debug register that is deleted when it is hit.",
	 COMMAND_PLACES, NULL},
	{"watch", command_watch, "Stop when an expression changes: [-location] EXPRESSION [if CONDITION].",
	 COMMAND_SYMBOLS, NULL},
	{.name = NULL},
};

/* ---- data ---- */

static const struct command dump_words[] = {
	{"binary", command_dump, "Write memory or a value: memory|value FILE ....", 0, NULL},
	{"memory", command_dump_memory, "Write memory to a file: FILE START STOP.", 0, NULL},
	{"value", command_dump_value, "Write a value to a file: FILE EXPRESSION.", 0, NULL},
	{.name = NULL},
};

static const struct command append_words[] = {
	{"memory", command_append_memory, "Append memory to a file: FILE START STOP.", 0, NULL},
	{"value", command_append_value, "Append a value to a file: FILE EXPRESSION.", 0, NULL},
	{.name = NULL},
};

static const struct command data_commands[] = {
	{"append", NULL, "Append memory or a value to a file.", 0, append_words},
	{"call", command_call, "Evaluate an expression; void is not printed.", COMMAND_REPEATS | COMMAND_SYMBOLS, NULL},
	{"disassemble", command_disassemble, "Disassemble a function or a range: [/mrs] [START[,END]].",
	 COMMAND_SYMBOLS, NULL},
	{"display", command_display, "Print an expression at every stop: [/FORMAT] EXPRESSION.", COMMAND_SYMBOLS, NULL},
	{"dump", NULL, "Write memory or a value to a file.", 0, dump_words},
	{"find", command_find_bytes, "Search memory: [/SIZE-CHAR] [/MAX] START, +LENGTH|END, VALUE, ....",
	 COMMAND_SYMBOLS, NULL},
	{"inspect", command_print, "As print.", COMMAND_REPEATS | COMMAND_SYMBOLS, NULL},
	{"output", command_output, "Print a value alone.", COMMAND_SYMBOLS, NULL},
	{"print", command_print, "Print a value: [OPTIONS --] [/FORMAT] EXPRESSION.", COMMAND_REPEATS | COMMAND_SYMBOLS,
	 NULL},
	{"printf", command_printf, "Print as C's printf does.", COMMAND_RAW | COMMAND_SYMBOLS, NULL},
	{"ptype", command_ptype, "Print a type with its members.", COMMAND_REPEATS | COMMAND_SYMBOLS, NULL},
	{"restore", command_restore, "Read memory from a file: FILE binary OFFSET [START [END]].", COMMAND_FILES, NULL},
	{"set", command_set, "Change a setting or a variable.", COMMAND_SETTINGS, NULL},
	{"undisplay", command_undisplay, "Delete displays: [NUMBERS].", 0, NULL},
	{"whatis", command_whatis, "Print the type of an expression.", COMMAND_REPEATS | COMMAND_SYMBOLS, NULL},
	{"with", command_with, "Run a command with a setting changed: SETTING [VALUE] -- COMMAND.", COMMAND_SETTINGS,
	 NULL},
	{"x", command_examine, "Print memory: /COUNT FORMAT SIZE ADDRESS.", COMMAND_ALONE | COMMAND_SYMBOLS, NULL},
	{.name = NULL},
};

/* ---- files ---- */

static const struct command file_commands[] = {
	{"cd", command_cd, "Change the debugger's working directory.", COMMAND_FILES, NULL},
	{"core-file", command_core, "Use a core file; without a name, let go of it.", COMMAND_FILES, NULL},
	{"directory", command_directory, "Where source files are looked for too: [DIRECTORIES].", COMMAND_FILES, NULL},
	{"exec-file", command_exec_file, "Use a file as the program to be run.", COMMAND_FILES, NULL},
	{"file", command_file, "Use a file as the program to be debugged.", COMMAND_FILES, NULL},
	{"gcore", command_gcore, "As generate-core-file.", COMMAND_FILES, NULL},
	{"generate-core-file", command_gcore, "Write a core file of the program: [FILE].", COMMAND_FILES, NULL},
	{"list", command_list, "Print source lines: [FUNCTION|LINE|FILE:LINE|FIRST,LAST|-].",
	 COMMAND_ALONE | COMMAND_PLACES, NULL},
	{"path", command_path, "Put directories in front of the program's PATH.", COMMAND_FILES, NULL},
	{"pwd", command_pwd, "Print the debugger's working directory.", 0, NULL},
	{"search", command_search, "Find the next line that matches: REGEXP.", COMMAND_REPEATS, NULL},
	{"forward-search", command_search, "Find the next line that matches: REGEXP.", COMMAND_REPEATS, NULL},
	{"reverse-search", command_reverse_search, "Find the last line that matches: REGEXP.", COMMAND_REPEATS, NULL},
	{"symbol-file", command_symbol_file, "Read symbols from a file.", COMMAND_FILES, NULL},
	{.name = NULL},
};

/* ---- running ---- */

static const struct command thread_words[] = {
	{"apply", thread_apply, "Run a command for threads: all|NUMBERS [-q|-c|-s|-ascending] COMMAND.",
	 COMMAND_COMMANDS, NULL},
	{"find", thread_find, "Threads whose name or id matches: REGEXP.", 0, NULL},
	{"name", thread_name_command, "Give the selected thread a name, or take it away.", 0, NULL},
	{.name = NULL},
};

static const struct command kill_words[] = {
	{"inferiors", kill_inferiors, "Kill processes: NUMBERS.", 0, NULL},
	{.name = NULL},
};

static const struct command detach_words[] = {
	{"inferiors", detach_inferiors, "Let processes go: NUMBERS.", 0, NULL},
	{.name = NULL},
};

static const struct command running_commands[] = {
	{"advance", command_advance, "Continue to the given location.", COMMAND_REPEATS | COMMAND_PLACES, NULL},
	{"attach", command_attach, "Attach to a process, with all its threads.", 0, NULL},
	{"continue", command_continue, "Let the program run on; a number ignores the breakpoint that often.",
	 COMMAND_REPEATS, NULL},
	{"detach", command_detach, "Let the program go; it runs on.", 0, detach_words},
	{"finish", command_finish, "Run until the selected frame returns.", COMMAND_REPEATS, NULL},
	{"handle", command_handle, "What to do with signals: SIGNALS [no]stop [no]print [no]pass.", 0, NULL},
	{"add-inferior", command_add_inferior, "Make room for another program: [-exec FILE].", 0, NULL},
	{"inferior", command_inferior, "Select a process: [NUMBER].", 0, NULL},
	{"jump", command_jump, "Continue at another location.", COMMAND_PLACES, NULL},
	{"kill", command_kill, "Kill the program.", 0, kill_words},
	{"next", command_next, "Step a line, over calls: [COUNT].", COMMAND_REPEATS, NULL},
	{"nexti", command_nexti, "Step an instruction, over calls: [COUNT].", COMMAND_REPEATS, NULL},
	{"queue-signal", command_queue_signal, "Deliver a signal when the thread goes on; 0 for none.", 0, NULL},
	{"remove-inferiors", command_remove_inferiors, "Forget processes that do not run: NUMBERS.", 0, NULL},
	{"run", command_run, "Start the program, with arguments.", COMMAND_FILES, NULL},
	{"signal", command_signal, "Continue with a signal; 0 for none.", 0, NULL},
	{"start", command_start, "Start the program and stop in main.", COMMAND_FILES, NULL},
	{"starti", command_starti, "Start the program and stop at its first instruction.", COMMAND_FILES, NULL},
	{"step", command_step, "Step a line, into calls: [COUNT].", COMMAND_REPEATS, NULL},
	{"stepi", command_stepi, "Step an instruction: [COUNT].", COMMAND_REPEATS, NULL},
	{"taas", command_taas, "thread apply all -s COMMAND.", COMMAND_COMMANDS, NULL},
	{"tfaas", command_tfaas, "thread apply all -s -- frame apply all -s COMMAND.", COMMAND_COMMANDS, NULL},
	{"thread", command_thread, "Select a thread: [NUMBER].", COMMAND_REPEATS, thread_words},
	{"tty", command_tty, "The terminal that the program is started on.", COMMAND_FILES, NULL},
	{"unset", command_unset, "Forget a setting: environment [NAME] | args | cwd.", 0, NULL},
	{"until", command_until, "Step to a later line, or run to a location in this frame.",
	 COMMAND_REPEATS | COMMAND_PLACES, NULL},
	{.name = NULL},
};

/* ---- the stack ---- */

static const struct command frame_words[] = {
	{"address", frame_address, "Select the frame at a stack address.", 0, NULL},
	{"apply", frame_apply, "Run a command in frames: all|COUNT|-COUNT|level N... [-q|-c|-s] COMMAND.",
	 COMMAND_COMMANDS, NULL},
	{"function", frame_function, "Select the frame of a function.", COMMAND_PLACES, NULL},
	{"level", frame_level, "Select a frame by its number.", 0, NULL},
	{.name = NULL},
};

static const struct command stack_commands[] = {
	{"backtrace", command_backtrace, "Print the stack: [full] [COUNT|-COUNT].", COMMAND_REPEATS, NULL},
	{"bt", command_backtrace, "As backtrace.", COMMAND_REPEATS, NULL},
	{"down", command_down, "Select the frame that was called: [COUNT].", COMMAND_REPEATS, NULL},
	{"down-silently", command_down_silently, "As down, and print nothing.", COMMAND_REPEATS, NULL},
	{"faas", command_faas, "frame apply all -s COMMAND.", COMMAND_COMMANDS, NULL},
	{"frame", command_frame, "Select and print a frame: [NUMBER].", COMMAND_REPEATS, frame_words},
	{"return", command_return, "Make the selected frame return to its caller now: [VALUE].", COMMAND_SYMBOLS, NULL},
	{"select-frame", command_select_frame, "As frame, and print nothing.", 0, NULL},
	{"up", command_up, "Select the frame that called: [COUNT].", COMMAND_REPEATS, NULL},
	{"up-silently", command_up_silently, "As up, and print nothing.", COMMAND_REPEATS, NULL},
	{"where", command_backtrace, "As backtrace.", COMMAND_REPEATS, NULL},
	{.name = NULL},
};

/* ---- status ---- */

static const struct command info_words[] = {
	{"address", info_address, "Where a symbol is stored.", COMMAND_SYMBOLS, NULL},
	{"all-registers", info_all_registers, "All registers, those for floating point and vectors too: [NAMES].", 0,
	 NULL},
	{"args", info_args, "Arguments of the selected frame.", 0, NULL},
	{"auxv", info_auxv, "The auxiliary vector that the kernel gave the program.", 0, NULL},
	{"b", info_breakpoints, "As info breakpoints.", 0, NULL},
	{"breakpoints", info_breakpoints, "Breakpoints, watchpoints and catchpoints.", 0, NULL},
	{"checkpoints", info_checkpoints, "Checkpoints, which mini-gdb has none of.", 0, NULL},
	{"display", info_display, "Expressions that are shown at stops.", 0, NULL},
	{"f", info_frame, "As info frame.", 0, NULL},
	{"files", info_files, "Sections of the program and its libraries, and where they are.", 0, NULL},
	{"float", info_float, "The x87 registers.", 0, NULL},
	{"frame", info_frame, "The selected frame.", 0, NULL},
	{"functions", info_functions, "Functions: [REGEXP].", 0, NULL},
	{"handle", info_signals, "As info signals.", 0, NULL},
	{"inferiors", info_inferiors, "Processes.", 0, NULL},
	{"line", info_line, "Addresses of a source line.", COMMAND_PLACES, NULL},
	{"locals", info_locals, "Local variables of the selected frame.", 0, NULL},
	{"proc", info_proc, "/proc: [PID] [mappings|status|stat|cmdline|cwd|exe|all].", 0, NULL},
	{"program", info_program, "How the program stands.", 0, NULL},
	{"r", info_registers, "As info registers.", 0, NULL},
	{"registers", info_registers, "Registers: [NAMES].", 0, NULL},
	{"s", command_backtrace, "As info stack.", 0, NULL},
	{"scope", info_scope, "Variables of the scopes at a location.", COMMAND_PLACES, NULL},
	{"sharedlibrary", info_shared, "Shared libraries: [REGEXP].", 0, NULL},
	{"signals", info_signals, "What is done with signals: [SIGNAL].", 0, NULL},
	{"skip", info_skip, "Functions that are not stepped into.", 0, NULL},
	{"source", info_source, "The present source file.", 0, NULL},
	{"stack", command_backtrace, "The stack.", 0, NULL},
	{"symbol", info_symbol, "The symbol at an address.", COMMAND_SYMBOLS, NULL},
	{"target", info_files, "As info files.", 0, NULL},
	{"threads", info_threads, "Threads: [NUMBERS].", 0, NULL},
	{"types", info_types, "Types: [REGEXP].", 0, NULL},
	{"variables", info_variables, "Variables outside of functions: [REGEXP].", 0, NULL},
	{"vector", info_vector, "The vector registers.", 0, NULL},
	{"vtbl", info_vtbl, "Virtual tables of a C++ object: EXPRESSION.", COMMAND_SYMBOLS, NULL},
	{"watchpoints", info_watchpoints, "Watchpoints.", 0, NULL},
	{.name = NULL},
};

static const struct command status_commands[] = {
	{"info", NULL, "Print facts about the program.", 0, info_words},
	{"show", command_show, "Print a setting.", COMMAND_SETTINGS, NULL},
	{.name = NULL},
};

/* ---- support ---- */

static const struct command support_commands[] = {
	{"alias", command_alias, "Another name for a command: [-a] [--] NAME = COMMAND.", 0, NULL},
	{"apropos", command_apropos, "Commands whose help matches: REGEXP.", 0, NULL},
	{"complete", command_complete, "Print how a line can go on.", COMMAND_RAW | COMMAND_COMMANDS, NULL},
	{"define", command_define, "Define a command, up to \"end\".", 0, NULL},
	{"document", command_document, "Help for a command that was defined, up to \"end\".", 0, NULL},
	{"dont-repeat", command_dont_repeat, "In a command that was defined: Enter does not run it again.", 0, NULL},
	{"echo", command_echo, "Print a text; \\n is a new line.", COMMAND_RAW, NULL},
	{"help", command_help, "Print what there is to type.", COMMAND_COMMANDS, NULL},
	{"if", command_if, "Run the lines up to \"end\" (or \"else\") if an expression is not zero.", COMMAND_RAW,
	 NULL},
	{"loop_break", command_loop_break, "Leave a while loop.", 0, NULL},
	{"loop_continue", command_loop_continue, "Begin the next round of a while loop.", 0, NULL},
	{"make", command_make, "Run make.", COMMAND_RAW, NULL},
	{"pipe", command_pipe, "Give a command's output to a shell command: [-d DELIMITER] COMMAND | SHELL COMMAND.",
	 COMMAND_RAW | COMMAND_COMMANDS, NULL},
	{"quit", command_quit, "End the debugger: [EXIT STATUS].", 0, NULL},
	{"exit", command_quit, "As quit.", 0, NULL},
	{"shell", command_shell, "Run a shell command.", COMMAND_RAW, NULL},
	{"source", command_source, "Run commands of a file: [-v] FILE.", COMMAND_FILES, NULL},
	{"while", command_while, "Run the lines up to \"end\" as long as an expression is not zero.", COMMAND_RAW,
	 NULL},
	{.name = NULL},
};

const struct command_group command_groups[] = {
	{"breakpoints", "Making program stop at certain points.", breakpoint_commands},
	{"data", "Examining data.", data_commands},
	{"files", "Specifying and examining files.", file_commands},
	{"running", "Running the program.", running_commands},
	{"stack", "Examining the stack.", stack_commands},
	{"status", "Status inquiries.", status_commands},
	{"support", "Support facilities.", support_commands},
	{NULL, NULL, NULL},
};
