/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/info.c - info registers, proc, program, sharedlibrary, files.
 */
#include <limits.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "expr.h"
#include "layouts.h"
#include "frames.h"
#include "print.h"
#include "run.h"
#include "signals.h"
#include "source.h"
#include "threads.h"

/* ---- registers ---- */

static const struct {
	unsigned int bit;
	const char *name;
} flag_names[] = {{0, "CF"}, {2, "PF"}, {4, "AF"},  {6, "ZF"},  {7, "SF"},
		  {8, "TF"}, {9, "IF"}, {10, "DF"}, {11, "OF"}, {16, "RF"}};

static void print_flags(struct gdb *gdb, uint64_t flags)
{
	say(gdb, "[ ");
	for (size_t i = 0; i < sizeof(flag_names) / sizeof(flag_names[0]); i++)
		if (flags >> flag_names[i].bit & 1)
			say(gdb, "%s ", flag_names[i].name);
	say(gdb, "]");
}

/* A vector in hexadecimal; one of the x87 unit's with its bytes. */
static void print_other_register(struct gdb *gdb, const struct value *value)
{
	if (value->layout) {
		show_layout(gdb, value, 'x');
		say(gdb, "\n");
		return;
	}
	say(gdb, "%-18.18Lg (raw 0x%04llx%016llx)\n", load_real(value->bytes, value->size),
	    (unsigned long long)load_unsigned(value->bytes + 8, 2), (unsigned long long)load_unsigned(value->bytes, 8));
}

static bool print_register(struct gdb *gdb, const char *name)
{
	struct value *value = register_value(gdb, name);
	uint64_t number;

	if (!value && !gdb->error)
		value = layout_value(gdb, name);
	if (!value)
		return gdb->error ? false : fail(gdb, "Invalid register `%s'", name);
	if (!value_fetch(gdb, value))
		return false;
	say(gdb, "%-15s", name);
	if (value->optimized_out) {
		say(gdb, "<not saved>\n");
		return true;
	}
	if (value->layout || kind_of(value->type) == UTRACE_TYPE_FLOAT) {
		print_other_register(gdb, value);
		return true;
	}
	if (!value_as_integer(gdb, value, &number))
		return false;
	if (value->size < 8)
		number &= (UINT64_C(1) << 8 * value->size) - 1;
	say(gdb, "0x%-17llx ", (unsigned long long)number);
	if (strcmp(name, "eflags") == 0) {
		print_flags(gdb, number);
	} else if (strcmp(name, "mxcsr") == 0) {
		print_inner(gdb, value, NULL, false);
	} else if (strcmp(name, "rip") == 0 || strcmp(name, "eip") == 0) {
		say(gdb, "0x%llx", (unsigned long long)number);
		print_symbol(gdb, number);
	} else if (is_pointer(value->type)) {
		say(gdb, "0x%llx", (unsigned long long)number);
	} else {
		say(gdb, "%lld", (long long)load_signed(value->bytes, value->size));
	}
	say(gdb, "\n");
	return true;
}

/* gdb's order, which is not the kernel's. */
static const char *const order_64[] = {"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp",     "rsp",     "r8",
				       "r9",  "r10", "r11", "r12", "r13", "r14", "r15",     "rip",     "eflags",
				       "cs",  "ss",  "ds",  "es",  "fs",  "gs",  "fs_base", "gs_base", NULL};
static const char *const order_32[] = {"eax",    "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "eip",
				       "eflags", "cs",  "ss",  "ds",  "es",  "fs",  "gs",  NULL};

bool info_registers(struct gdb *gdb, const char *arguments)
{
	const char *const *order = pointer_size(gdb) == 4 ? order_32 : order_64;
	char *text = arena_string(&gdb->arena, arguments);
	char *rest = NULL;

	if (!gdb->inferior.thread)
		return fail(gdb, "The program has no registers now.");
	if (!*arguments) {
		for (; *order; order++)
			if (!print_register(gdb, *order))
				return false;
		return true;
	}
	for (char *name = strtok_r(text, " ", &rest); name; name = strtok_r(NULL, " ", &rest))
		if (!print_register(gdb, *name == '$' ? name + 1 : name))
			return false;
	return true;
}

/* xmm registers, as fxsave lays them out (Intel SDM, FXSAVE). */
static void print_vectors(struct gdb *gdb)
{
	enum { XMM0 = 160 };
	unsigned char set[512];
	size_t count = pointer_size(gdb) == 4 ? 8 : 16;
	ssize_t got = utrace_regset_get(gdb->inferior.thread, UTRACE_REGSET_FLOAT, set, sizeof(set), NULL);

	for (size_t i = 0; i < count && got >= (ssize_t)(XMM0 + 16 * (i + 1)); i++) {
		const unsigned char *bytes = set + XMM0 + 16 * i;

		say(gdb, "xmm%-12zu{v2_double = {", i);
		print_real(gdb, load_real(bytes, 8), 8);
		say(gdb, ", ");
		print_real(gdb, load_real(bytes + 8, 8), 8);
		say(gdb, "}, uint128 = 0x%llx%016llx}\n", (unsigned long long)load_unsigned(bytes + 8, 8),
		    (unsigned long long)load_unsigned(bytes, 8));
	}
}

bool info_vector(struct gdb *gdb, const char *arguments)
{
	unsigned char set[512];

	(void)arguments;
	if (!gdb->inferior.thread)
		return fail(gdb, "The program has no registers now.");
	if (utrace_regset_get(gdb->inferior.thread, UTRACE_REGSET_FLOAT, set, sizeof(set), NULL) >= 28)
		say(gdb, "mxcsr          0x%llx\n", (unsigned long long)load_unsigned(set + 24, 4));
	print_vectors(gdb);
	return true;
}

/* The x87 unit, as fxsave lays it out: ST0 is the register that the status word's TOP names. */
bool info_float(struct gdb *gdb, const char *arguments)
{
	static const char *const controls[] = {"control", "status", NULL, "opcode"};
	enum { TAGS = 4, ST0 = 32 };
	unsigned char set[512];
	unsigned int top;

	(void)arguments;
	if (!gdb->inferior.thread)
		return fail(gdb, "The program has no registers now.");
	if (utrace_regset_get(gdb->inferior.thread, UTRACE_REGSET_FLOAT, set, sizeof(set), NULL) < ST0 + 128)
		return fail(gdb, "The thread's floating-point registers can't be read.");
	top = (unsigned int)load_unsigned(set + 2, 2) >> 11 & 7;
	for (unsigned int i = 8; i-- > 0;) {
		const unsigned char *bytes = set + ST0 + 16 * ((i - top) & 7);
		bool is_used = set[TAGS] >> i & 1;

		say(gdb, "%s R%u: %s 0x%04llx%016llx ", i == top ? "=>" : "  ", i, is_used ? "Valid  " : "Empty  ",
		    (unsigned long long)load_unsigned(bytes + 8, 2), (unsigned long long)load_unsigned(bytes, 8));
		if (is_used)
			print_real(gdb, load_real(bytes, 16), 16);
		say(gdb, "\n");
	}
	for (size_t i = 0; i < 4; i++)
		if (controls[i])
			say(gdb, "%s word: 0x%04llx\n", controls[i], (unsigned long long)load_unsigned(set + i * 2, 2));
	return true;
}

bool info_all_registers(struct gdb *gdb, const char *arguments)
{
	if (!info_registers(gdb, arguments))
		return false;
	return *arguments || (info_float(gdb, "") && info_vector(gdb, ""));
}

/* ---- the process ---- */

static void print_link(struct gdb *gdb, pid_t pid, const char *name)
{
	char path[PATH_MAX];
	ssize_t length = readlink(arena_print(&gdb->arena, "/proc/%d/%s", pid, name), path, sizeof(path) - 1);

	if (length <= 0)
		return;
	path[length] = '\0';
	say(gdb, "%s = '%s'\n", name, path);
}

static void print_command_line(struct gdb *gdb, pid_t pid)
{
	FILE *stream = fopen(arena_print(&gdb->arena, "/proc/%d/cmdline", pid), "re");
	int character;
	bool word_ended = false;

	if (!stream)
		return;
	say(gdb, "cmdline = '");
	while ((character = fgetc(stream)) != EOF) {
		if (word_ended)
			say(gdb, " ");
		word_ended = character == 0;
		if (character)
			say(gdb, "%c", character);
	}
	say(gdb, "'\n");
	(void)fclose(stream);
}

struct map_line {
	unsigned long long start, end, offset;
	char access[8];
	char path[PATH_MAX];
};

static void print_maps(struct gdb *gdb, pid_t pid)
{
	FILE *stream = fopen(arena_print(&gdb->arena, "/proc/%d/maps", pid), "re");
	char line[PATH_MAX + 128];
	struct map_line map;

	if (!stream)
		return;
	say(gdb, "Mapped address spaces:\n\n%18s %18s %10s %10s  %s  %s\n", "Start Addr", "End Addr", "Size", "Offset",
	    "Perms ", "objfile");
	while (fgets(line, sizeof(line), stream)) {
		map.path[0] = '\0';
		if (sscanf(line, "%llx-%llx %7s %llx %*s %*s %4095[^\n]", &map.start, &map.end, map.access, &map.offset,
			   map.path) < 4)
			continue;
		say(gdb, "%#18llx %#18llx %#10llx %#10llx  %s   %s\n", map.start, map.end, map.end - map.start,
		    map.offset, map.access, map.path);
	}
	(void)fclose(stream);
}

static void print_file(struct gdb *gdb, pid_t pid, const char *name)
{
	FILE *stream = fopen(arena_print(&gdb->arena, "/proc/%d/%s", pid, name), "re");
	char line[1024];

	while (stream && fgets(line, sizeof(line), stream))
		say(gdb, "%s", line);
	if (stream)
		(void)fclose(stream);
}

static int print_mapping(const struct utrace_mapping *mapping, void *data)
{
	struct gdb *gdb = data;

	say(gdb, "%#18llx %#18llx %#10llx %#10llx %s\n", (unsigned long long)mapping->start,
	    (unsigned long long)mapping->end, (unsigned long long)(mapping->end - mapping->start),
	    (unsigned long long)mapping->offset, mapping->name);
	return 0;
}

/* What a core file's notes say of its process. */
static bool print_core_facts(struct gdb *gdb, const char *what)
{
	bool all = strcmp(what, "all") == 0;
	char text[PATH_MAX];

	if ((!*what || all || strncmp(what, "cmd", 3) == 0) &&
	    utrace_process_command_line(gdb->inferior.process, text, sizeof(text), NULL) > 0)
		say(gdb, "cmdline = '%s'\n", text);
	if ((!*what || all || strcmp(what, "exe") == 0) &&
	    utrace_process_executable(gdb->inferior.process, text, sizeof(text), NULL) > 0)
		say(gdb, "exe = '%s'\n", text);
	if (!all && strncmp(what, "map", 3) != 0)
		return true;
	say(gdb, "Mapped address spaces:\n\n%18s %18s %10s %10s %s\n", "Start Addr", "End Addr", "Size", "Offset",
	    "objfile");
	(void)utrace_process_mappings(gdb->inferior.process, print_mapping, gdb, NULL);
	return true;
}

bool info_proc(struct gdb *gdb, const char *arguments)
{
	pid_t pid = gdb->inferior.process ? utrace_process_pid(gdb->inferior.process) : 0;
	bool all = strcmp(arguments, "all") == 0;

	if (*arguments >= '0' && *arguments <= '9')
		pid = (pid_t)strtol(arguments, (char **)&arguments, 10);
	arguments += strspn(arguments, " ");
	if (!pid)
		return fail(gdb, "No current process: you must name one.");
	if (is_core(gdb) && pid == utrace_process_pid(gdb->inferior.process))
		return print_core_facts(gdb, arguments);
	say(gdb, "process %d\n", pid);
	if (!*arguments || all || strncmp(arguments, "cmd", 3) == 0)
		print_command_line(gdb, pid);
	if (!*arguments || all || strcmp(arguments, "cwd") == 0)
		print_link(gdb, pid, "cwd");
	if (!*arguments || all || strcmp(arguments, "exe") == 0)
		print_link(gdb, pid, "exe");
	if (all || strncmp(arguments, "map", 3) == 0)
		print_maps(gdb, pid);
	if (all || strncmp(arguments, "status", 6) == 0)
		print_file(gdb, pid, "status");
	return true;
}

bool info_program(struct gdb *gdb, const char *arguments)
{
	utrace_frame *frame = selected_frame(gdb) ? stack_frame(gdb, 0) : NULL;

	(void)arguments;
	if (!is_live(gdb)) {
		say(gdb, "The program being debugged is not being run.\n");
		return true;
	}
	say(gdb, "\tUsing the running image of %s%s.\n", gdb->inferior.attached ? "attached " : "child ",
	    gdb->inferior.thread ? thread_label(gdb, gdb->inferior.thread) : "process");
	if (frame)
		say(gdb, "Program stopped at 0x%llx.\n", (unsigned long long)utrace_frame_pc(frame));
	if (gdb->stopped_at)
		say(gdb, "It stopped at breakpoint %d.\n", gdb->stopped_at);
	else if (gdb->stop_signal)
		say(gdb, "It stopped with signal %s, %s.\n", signal_name(gdb, gdb->stop_signal),
		    signal_text(gdb->stop_signal));
	say(gdb, "Type \"info stack\" or \"info registers\" for more information.\n");
	return true;
}

/* ---- what is mapped ---- */

enum { MODULES_MAX = 16384 };

static size_t take_modules(struct gdb *gdb, utrace_module ***modules)
{
	size_t count = gdb->image ? utrace_image_modules(gdb->image, NULL, 0) : 0;

	if (count > MODULES_MAX)
		count = MODULES_MAX;
	*modules = arena_alloc(&gdb->arena, (count + 1) * sizeof(**modules));
	if (count)
		(void)utrace_image_modules(gdb->image, *modules, count);
	return count;
}

static int take_text(const struct utrace_section *section, void *data)
{
	struct utrace_section *text = data;

	if (strcmp(section->name, ".text") != 0)
		return 0;
	*text = *section;
	return 1;
}

static bool show_library(struct gdb *gdb, utrace_module *module)
{
	struct utrace_section text = {.start = utrace_module_start(module), .end = utrace_module_end(module)};
	bool has_debug = utrace_module_debug_state(module, NULL) == 0;

	(void)utrace_section_each(module, take_text, &text);
	say(gdb, "0x%016llx  0x%016llx  %-12s%s\n", (unsigned long long)text.start, (unsigned long long)text.end,
	    has_debug ? "Yes" : "Yes (*)", module_name(gdb, module));
	return has_debug;
}

/* The dynamic linker itself is the first that gdb knows of. */
static bool is_linker(struct gdb *gdb, utrace_module *module)
{
	const char *name = strrchr(module_name(gdb, module), '/');

	return name && (strncmp(name, "/ld-", 4) == 0 || strncmp(name, "/ld.so", 6) == 0);
}

bool info_shared(struct gdb *gdb, const char *arguments)
{
	utrace_module **modules;
	size_t count = take_modules(gdb, &modules);
	bool any = false;
	bool lacking = false;
	regex_t pattern;

	if (*arguments && regcomp(&pattern, arguments, REG_NOSUB))
		return fail(gdb, "Invalid regexp: %s", arguments);
	for (size_t i = 0; i < 2 * count; i++) {
		utrace_module *module = modules[i % count];

		if (*utrace_module_name(module) != '/' || is_main_module(gdb, module) ||
		    (is_live(gdb) && is_linker(gdb, module)) != (i < count))
			continue;
		if (*arguments && regexec(&pattern, module_name(gdb, module), 0, NULL, 0))
			continue;
		if (!any)
			say(gdb, "From                To                  Syms Read   Shared Object Library\n");
		any = true;
		lacking |= !show_library(gdb, module);
	}
	if (*arguments)
		regfree(&pattern);
	if (!any && *arguments)
		say(gdb, "No shared libraries matched.\n");
	else if (!any)
		say(gdb, "No shared libraries loaded at this time.\n");
	else if (lacking)
		say(gdb, "(*): Shared library is missing debugging information.\n");
	return true;
}

struct section_list {
	struct gdb *gdb;
	utrace_module *module;
	bool is_main;
};

static int print_section(const struct utrace_section *section, void *data)
{
	const struct section_list *list = data;
	struct gdb *gdb = list->gdb;

	say(gdb, "\t0x%0*llx - 0x%0*llx is %s", (int)pointer_size(gdb) * 2, (unsigned long long)section->start,
	    (int)pointer_size(gdb) * 2, (unsigned long long)section->end, section->name);
	if (!list->is_main && *utrace_module_name(list->module) == '/')
		say(gdb, " in %s", module_name(gdb, list->module));
	else if (!list->is_main)
		say(gdb, " in system-supplied DSO at 0x%llx", (unsigned long long)utrace_module_start(list->module));
	say(gdb, "\n");
	return 0;
}

static void print_sections(struct gdb *gdb, utrace_module *module, bool is_main)
{
	struct section_list list = {gdb, module, is_main};

	(void)utrace_section_each(module, print_section, &list);
}

/* From the ELF header, which is mapped with the first segment (System V ABI, "ELF Header": e_entry). */
static bool entry_point(struct gdb *gdb, utrace_module *module, uint64_t *entry)
{
	enum { E_ENTRY = 24 };
	unsigned char bytes[8] = {0};
	size_t size = pointer_size(gdb);

	if (utrace_image_read(gdb->image, utrace_module_start(module) + E_ENTRY, bytes, size, NULL) != (ssize_t)size)
		return false;
	*entry = load_unsigned(bytes, size) + utrace_module_bias(module);
	return true;
}

static void print_program(struct gdb *gdb, utrace_module *module)
{
	uint64_t entry;

	if (gdb->inferior.file)
		say(gdb, "Symbols from \"%s\".\n", gdb->inferior.file);
	if (is_live(gdb))
		say(gdb,
		    "Native process:\n\tUsing the running image of %s %s.\n"
		    "\tWhile running this, GDB does not access memory from...\n",
		    gdb->inferior.attached ? "attached" : "child",
		    gdb->inferior.thread ? thread_label(gdb, gdb->inferior.thread) : "process");
	if (!gdb->inferior.file)
		return;
	say(gdb, "Local exec file:\n\t`%s', file type elf%d-%s.\n", gdb->inferior.file, (int)pointer_size(gdb) * 8,
	    pointer_size(gdb) == 4 ? "i386" : "x86-64");
	if (module && entry_point(gdb, module, &entry))
		say(gdb, "\tEntry point: 0x%llx\n", (unsigned long long)entry);
}

bool info_files(struct gdb *gdb, const char *arguments)
{
	utrace_module **modules;
	size_t count = take_modules(gdb, &modules);
	utrace_module *main_module = NULL;

	(void)arguments;
	if (!count)
		return true;
	for (size_t i = 0; i < count; i++)
		if (is_main_module(gdb, modules[i]))
			main_module = modules[i];
	print_program(gdb, main_module);
	for (int pass = 0; pass < 2; pass++) /* the program's own first */
		for (size_t i = 0; i < count; i++)
			if (is_main_module(gdb, modules[i]) == (pass == 0))
				print_sections(gdb, modules[i], pass == 0);
	return true;
}

bool info_checkpoints(struct gdb *gdb, const char *arguments)
{
	(void)arguments;
	say(gdb, "No checkpoints.\n");
	return true;
}
