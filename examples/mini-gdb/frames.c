/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/frames.c - see frames.h.
 */
#include "frames.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cplus.h"
#include "expr.h"
#include "print.h"
#include "source.h"
#include "threads.h"

enum { VARIABLES_MAX = 1024 };

utrace_frame *selected_frame(struct gdb *gdb)
{
	if (!gdb->inferior.thread || !gdb->image)
		return NULL;
	if (!gdb->stack) {
		struct utrace_unwind_options options = {.size = sizeof(options), .lazy = 1, .tail_calls = 1};

		if (utrace_stack_open(gdb->image, gdb->inferior.thread, &options, &gdb->stack, NULL))
			return NULL;
	}
	return stack_frame(gdb, gdb->frame);
}

utrace_frame *need_frame(struct gdb *gdb)
{
	utrace_frame *frame = selected_frame(gdb);

	if (!frame)
		(void)fail(gdb, "No stack.");
	return frame;
}

void frames_changed(struct gdb *gdb)
{
	if (gdb->stack)
		utrace_stack_close(gdb->stack);
	gdb->stack = NULL;
	gdb->main_known = 0;
}

void frames_forget(struct gdb *gdb)
{
	frames_changed(gdb);
	gdb->frame = 0;
}

/* main is where a person's program begins: what called it is not shown, as in gdb. */
static size_t last_frame(struct gdb *gdb, size_t wanted)
{
	for (size_t n = gdb->main_known; n < wanted; n++) {
		utrace_frame *frame = utrace_stack_frame(gdb->stack, n);
		const char *name = frame ? utrace_frame_function(frame) : NULL;
		utrace_module *module = frame ? utrace_frame_module(frame) : NULL;

		if (!frame || (name && module && strcmp(name, "main") == 0 && is_main_module(gdb, module)))
			return n;
		gdb->main_known = n + 1;
	}
	return wanted;
}

static size_t hidden_frames(const struct gdb *gdb)
{
	const struct thread_info *info = gdb->inferior.thread ? thread_info(gdb->inferior.thread) : NULL;

	return info ? info->hidden : 0;
}

utrace_frame *stack_frame(struct gdb *gdb, size_t n)
{
	n += hidden_frames(gdb);
	return last_frame(gdb, n) < n ? NULL : utrace_stack_frame(gdb->stack, n);
}

size_t frame_number(struct gdb *gdb, const utrace_frame *frame)
{
	return utrace_frame_number(frame) - hidden_frames(gdb);
}

/* The thread stands before the first instruction of the inlined body that this frame is. */
static bool is_at_block_start(struct gdb *gdb, utrace_frame *frame)
{
	struct utrace_function functions[16];
	uint64_t pc = utrace_frame_pc(frame);
	size_t position = utrace_frame_number(frame);
	int count;

	functions[0].size = sizeof(functions[0]);
	count = utrace_function_at(gdb->image, pc, functions, 16, NULL);
	return count <= 16 && (int)position < count && functions[position].is_inlined &&
	       functions[position].start == pc;
}

void frames_hide_inlined(struct gdb *gdb)
{
	struct thread_info *info = gdb->inferior.thread ? thread_info(gdb->inferior.thread) : NULL;
	size_t count = 0;
	utrace_frame *frame;

	if (!info)
		return;
	info->hidden = 0;
	if (!selected_frame(gdb))
		return;
	while ((frame = utrace_stack_frame(gdb->stack, count)) && utrace_frame_kind(frame) == UTRACE_FRAME_INLINED &&
	       is_at_block_start(gdb, frame))
		count++;
	info->hidden = count;
}

bool frames_enter_inlined(struct gdb *gdb)
{
	struct thread_info *info = gdb->inferior.thread ? thread_info(gdb->inferior.thread) : NULL;

	if (!info || !info->hidden)
		return false;
	info->hidden--;
	gdb->frame = 0;
	return true;
}

/* ---- one frame ---- */

bool frame_is_inside_line(utrace_frame *frame)
{
	struct utrace_line line = {.size = sizeof(line)};
	size_t number = utrace_frame_number(frame);
	utrace_frame *inner = number ? utrace_stack_frame(utrace_frame_stack(frame), number - 1) : NULL;

	if (inner && utrace_frame_kind(inner) == UTRACE_FRAME_INLINED)
		return false;
	if (utrace_frame_line(frame, &line, NULL))
		return true;
	return utrace_frame_pc(frame) != line.start || !line.is_statement;
}

static int take_variables(utrace_frame *frame, utrace_variable **variables)
{
	int count = utrace_frame_variables(frame, variables, VARIABLES_MAX, NULL);

	return count > VARIABLES_MAX ? VARIABLES_MAX : count;
}

/*
 * gdb keeps the names of an inner block in a hash table, and lists them as they lie there (dict_create_hashed). The same
 * order here makes transcripts comparable.
 */
static unsigned int bucket_of(const char *name, size_t count)
{
	unsigned int hash = 0;

	for (; *name; name++)
		hash = hash * 67 + (unsigned int)tolower((unsigned char)*name) - 113;
	return hash % (unsigned int)(count * 5 / 4 + 1);
}

static void order_block(utrace_variable **variables, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		utrace_variable *moved = variables[i];
		unsigned int bucket = bucket_of(utrace_variable_name(moved), count);
		size_t at = i;

		for (; at > 0 && bucket_of(utrace_variable_name(variables[at - 1]), count) > bucket; at--)
			variables[at] = variables[at - 1];
		variables[at] = moved;
	}
}

static void order_inner_blocks(utrace_variable **variables, size_t count)
{
	size_t end;

	for (size_t start = 0; start < count; start = end) {
		uint32_t depth = utrace_variable_depth(variables[start]);

		end = start + 1;
		while (end < count && utrace_variable_depth(variables[end]) == depth)
			end++;
		if (depth)
			order_block(variables + start, end - start);
	}
}

static void print_argument_value(struct gdb *gdb, struct value *value)
{
	if (gdb->settings.print_frame_arguments == 0)
		say(gdb, "...");
	else if (value)
		print_inner(gdb, value, NULL, gdb->settings.print_frame_arguments == 1);
	else
		say(gdb, "<error: %s>", gdb->error);
	gdb->error = NULL;
}

/* What the argument was when the function was entered, if the caller's call site tells; else NULL. */
static struct value *value_at_entry(struct gdb *gdb, utrace_variable *variable, utrace_frame *frame)
{
	utrace_type *type = utrace_variable_type(variable);
	struct value *value;
	size_t size = size_of(type);

	/* Nothing is asked of what called the last frame that is shown. */
	if (!is_scalar(type) || size > 16 || !stack_frame(gdb, frame_number(gdb, frame) + 1))
		return NULL;
	value = value_new(gdb, type);
	value->bytes = arena_alloc(&gdb->arena, 16);
	if (utrace_variable_read_entry(variable, frame, value->bytes, size, NULL) != (ssize_t)size)
		return NULL;
	value->fetched = true;
	return value;
}

static bool is_same(struct gdb *gdb, struct value *now, const struct value *entry)
{
	bool fetched = value_fetch(gdb, now);

	gdb->error = NULL;
	return fetched && !now->optimized_out && now->size == entry->size &&
	       memcmp(now->bytes, entry->bytes, now->size) == 0;
}

/* As gdb's "print entry-values default": x=x@entry=1, x=2, x@entry=1, or x@entry=1 where x is lost. */
static void print_argument(struct gdb *gdb, utrace_variable *variable, utrace_frame *frame)
{
	const char *name = arena_print(&gdb->arena, "%s%s%s", hue(gdb, HUE_VARIABLE), utrace_variable_name(variable),
				       hue(gdb, HUE_END));
	struct value *now = value_of_variable(gdb, variable, frame);
	char *error = gdb->error;
	struct value *entry = gdb->settings.print_frame_arguments ? value_at_entry(gdb, variable, frame) : NULL;
	bool same = now && entry && is_same(gdb, now, entry);

	gdb->error = error;
	if (!entry || !now || !now->optimized_out || same)
		say(gdb, "%s=", name);
	if (entry && now && !same && !now->optimized_out) {
		print_argument_value(gdb, now);
		say(gdb, ", ");
	}
	if (entry && now)
		say(gdb, "%s@entry=", name);
	print_argument_value(gdb, entry && now ? entry : now);
}

void print_frame_arguments(struct gdb *gdb, utrace_frame *frame)
{
	utrace_variable *variables[VARIABLES_MAX];
	int count = take_variables(frame, variables);
	const char *between = "";

	for (int i = 0; i < count; i++) {
		if (!utrace_variable_is_argument(variables[i]))
			continue;
		say(gdb, "%s", between);
		between = ", ";
		print_argument(gdb, variables[i], frame);
	}
}

enum { INLINED_MAX = 32 };

uint64_t frame_entry(struct gdb *gdb, utrace_frame *frame)
{
	struct utrace_function functions[INLINED_MAX] = {{.size = sizeof(functions[0])}};
	size_t position = utrace_frame_number(frame);
	int count = utrace_function_at(gdb->image, utrace_frame_pc(frame), functions, INLINED_MAX, NULL);

	if (count <= 0 || count > INLINED_MAX)
		return 0;
	return functions[position < (size_t)count ? position : (size_t)count - 1].entry;
}

/* With its scopes, by the linkage name that the function, or else its symbol, has. */
const char *frame_function_name(struct gdb *gdb, utrace_frame *frame)
{
	struct utrace_function functions[INLINED_MAX] = {{.size = sizeof(functions[0])}};
	struct utrace_symbol symbol = {.size = sizeof(symbol)};
	const char *name = utrace_frame_function(frame);
	const char *linkage = NULL;
	int count =
		name ? utrace_function_at(gdb->image, utrace_frame_lookup_pc(frame), functions, INLINED_MAX, NULL) : 0;

	for (int i = 0; i < count && i < INLINED_MAX; i++) {
		if (!functions[i].name || strcmp(functions[i].name, name) != 0)
			continue;
		linkage = functions[i].linkage_name;
		/* Functions in C that have another name for the linker, as the C library's, are shown by that. */
		if (linkage && strncmp(linkage, "_Z", 2) != 0)
			return linkage;
		if (!linkage && !functions[i].is_inlined &&
		    utrace_symbol_at(gdb->image, functions[i].entry, &symbol, NULL) == 0)
			linkage = symbol.name;
		break;
	}
	if (name && strncmp(name, "_Z", 2) == 0)
		linkage = name;
	return name ? function_title(gdb, name, linkage) : "??";
}

static void print_place(struct gdb *gdb, utrace_frame *frame)
{
	struct utrace_line line = {.size = sizeof(line)};
	utrace_module *module = utrace_frame_module(frame);

	if (utrace_frame_line(frame, &line, NULL) == 0)
		say(gdb, " at %s%s%s:%u", hue(gdb, HUE_FILE), source_name(&line), hue(gdb, HUE_END), line.line);
	else if (module && utrace_module_name(module)[0] == '/' && !is_main_module(gdb, module))
		say(gdb, " from %s%s%s", hue(gdb, HUE_FILE), module_name(gdb, module), hue(gdb, HUE_END));
}

static void print_location(struct gdb *gdb, utrace_frame *frame, bool numbered)
{
	if (numbered)
		say(gdb, "#%-3zu", frame_number(gdb, frame));
	if (utrace_frame_kind(frame) == UTRACE_FRAME_SIGNAL) {
		say(gdb, "<signal handler called>\n");
		return;
	}
	if (gdb->settings.print_address && frame_is_inside_line(frame))
		say(gdb, "%s0x%0*llx%s in ", hue(gdb, HUE_ADDRESS), (int)pointer_size(gdb) * 2,
		    (unsigned long long)utrace_frame_pc(frame), hue(gdb, HUE_END));
	say(gdb, "%s%s%s (", hue(gdb, HUE_FUNCTION), frame_function_name(gdb, frame), hue(gdb, HUE_END));
	print_frame_arguments(gdb, frame);
	say(gdb, ")");
	print_place(gdb, frame);
	say(gdb, "\n");
}

void print_frame(struct gdb *gdb, utrace_frame *frame, int parts)
{
	struct utrace_line line = {.size = sizeof(line)};
	bool known = utrace_frame_line(frame, &line, NULL) == 0;

	if ((parts & FRAME_LOCATION) || !known)
		print_location(gdb, frame, parts & FRAME_NUMBER);
	if (!(parts & FRAME_SOURCE) || !known)
		return;
	if (!(parts & FRAME_LOCATION) && frame_is_inside_line(frame))
		say(gdb, "0x%0*llx\t", (int)pointer_size(gdb) * 2, (unsigned long long)utrace_frame_pc(frame));
	source_show_stop(gdb, &line);
}

/* ---- variables ---- */

int print_variables(struct gdb *gdb, utrace_frame *frame, bool arguments, const char *indent)
{
	utrace_variable *variables[VARIABLES_MAX];
	int count = take_variables(frame, variables);
	int printed = 0;

	order_inner_blocks(variables, count > 0 ? (size_t)count : 0);
	for (int i = 0; i < count; i++) {
		struct value *value;

		if ((utrace_variable_is_argument(variables[i]) != 0) != arguments)
			continue;
		value = value_of_variable(gdb, variables[i], frame);
		say(gdb, "%s%s%s%s = ", indent, hue(gdb, HUE_VARIABLE), utrace_variable_name(variables[i]),
		    hue(gdb, HUE_END));
		if (value)
			print_inner(gdb, value, NULL, false);
		else
			say(gdb, "<error: %s>", gdb->error);
		gdb->error = NULL;
		say(gdb, "\n");
		printed++;
	}
	return printed;
}

static bool need_variables(struct gdb *gdb, utrace_frame **frame)
{
	struct utrace_line line = {.size = sizeof(line)};

	*frame = need_frame(gdb);
	if (!*frame)
		return false;
	if (utrace_frame_line(*frame, &line, NULL))
		return fail(gdb, "No symbol table info available.");
	return true;
}

bool info_locals(struct gdb *gdb, const char *arguments)
{
	utrace_frame *frame;

	(void)arguments;
	if (!need_variables(gdb, &frame))
		return false;
	if (!print_variables(gdb, frame, false, ""))
		say(gdb, "No locals.\n");
	return true;
}

bool info_args(struct gdb *gdb, const char *arguments)
{
	utrace_frame *frame;

	(void)arguments;
	if (!need_variables(gdb, &frame))
		return false;
	if (!print_variables(gdb, frame, true, ""))
		say(gdb, "No arguments.\n");
	return true;
}

/* ---- commands ---- */

struct backtrace {
	bool full;
	bool innermost_last; /* a negative count: the outermost frames */
	size_t limit;
};

static bool parse_backtrace(struct gdb *gdb, const char *arguments, struct backtrace *backtrace)
{
	int64_t count;
	uint64_t number;

	*backtrace =
		(struct backtrace){.limit = gdb->settings.backtrace_limit ? gdb->settings.backtrace_limit : SIZE_MAX};
	while (*arguments == '-' && arguments[1] >= 'a' && arguments[1] <= 'z') {
		if (strncmp(arguments, "-full", 5) == 0)
			backtrace->full = true;
		arguments += strcspn(arguments, " ");
		arguments += strspn(arguments, " ");
	}
	if (strncmp(arguments, "full", 4) == 0) {
		backtrace->full = true;
		arguments += 4;
	}
	if (!arguments[strspn(arguments, " ")])
		return true;
	if (!evaluate_integer(gdb, arguments, &number))
		return false;
	count = (int64_t)number;
	backtrace->innermost_last = count < 0;
	backtrace->limit = (size_t)(count < 0 ? -count : count);
	return true;
}

static void print_end(struct gdb *gdb)
{
	struct utrace_error error;
	int end;

	if (last_frame(gdb, SIZE_MAX) + 1 < utrace_stack_depth(gdb->stack))
		return;
	end = utrace_stack_end(gdb->stack, &error);

	if (end == UTRACE_STACK_CORRUPT)
		say(gdb, "Backtrace stopped: previous frame identical to this frame (corrupt stack?)\n");
	else if (end == UTRACE_STACK_FAULT)
		say(gdb, "Backtrace stopped: %s\n", error.text);
}

bool command_backtrace(struct gdb *gdb, const char *arguments)
{
	struct backtrace backtrace;
	utrace_frame *frame;
	size_t first = 0;
	size_t n;

	if (!need_frame(gdb) || !parse_backtrace(gdb, arguments, &backtrace))
		return false;
	if (backtrace.innermost_last) {
		size_t depth = last_frame(gdb, SIZE_MAX) + 1 - hidden_frames(gdb);

		first = depth > backtrace.limit ? depth - backtrace.limit : 0;
	}
	for (n = 0; n < backtrace.limit; n++) {
		frame = stack_frame(gdb, first + n);
		if (!frame || *gdb->interrupted)
			break;
		print_frame(gdb, frame, FRAME_LOCATION | FRAME_NUMBER);
		if (backtrace.full && utrace_frame_kind(frame) != UTRACE_FRAME_SIGNAL &&
		    !print_variables(gdb, frame, false, "        "))
			say(gdb, "No locals.\n");
	}
	if (n == backtrace.limit && stack_frame(gdb, first + n) && !backtrace.innermost_last)
		say(gdb, "(More stack frames follow...)\n");
	else if (!*gdb->interrupted)
		print_end(gdb);
	return true;
}

static bool select_frame(struct gdb *gdb, size_t number, bool show)
{
	utrace_frame *frame = stack_frame(gdb, number);

	if (!frame)
		return fail(gdb, "No frame at level %zu.", number);
	gdb->frame = number;
	if (show)
		print_frame(gdb, frame, FRAME_LOCATION | FRAME_SOURCE | FRAME_NUMBER);
	return true;
}

static bool select_by_number(struct gdb *gdb, const char *arguments, bool show)
{
	uint64_t number = gdb->frame;

	if (!need_frame(gdb) || (*arguments && !evaluate_integer(gdb, arguments, &number)))
		return false;
	return select_frame(gdb, number, show);
}

bool command_frame(struct gdb *gdb, const char *arguments)
{
	return select_by_number(gdb, arguments, true);
}

bool frame_level(struct gdb *gdb, const char *arguments)
{
	return *arguments ? select_by_number(gdb, arguments, true) : fail(gdb, "Missing frame level.");
}

bool command_select_frame(struct gdb *gdb, const char *arguments)
{
	return select_by_number(gdb, strncmp(arguments, "level ", 6) ? arguments : arguments + 6, false);
}

bool frame_function(struct gdb *gdb, const char *arguments)
{
	utrace_frame *frame;

	if (!*arguments)
		return fail(gdb, "Missing function name argument");
	if (!need_frame(gdb))
		return false;
	for (size_t number = 0; (frame = stack_frame(gdb, number)); number++)
		if (strcmp(frame_function_name(gdb, frame), arguments) == 0)
			return select_frame(gdb, number, true);
	return fail(gdb, "No frame for function \"%s\".", arguments);
}

bool frame_address(struct gdb *gdb, const char *arguments)
{
	utrace_frame *frame;
	uint64_t address;

	if (!*arguments)
		return fail(gdb, "Missing address argument to view a frame");
	if (!need_frame(gdb) || !evaluate_address(gdb, arguments, &address))
		return false;
	for (size_t number = 0; (frame = stack_frame(gdb, number)); number++)
		if (utrace_frame_cfa(frame) == address)
			return select_frame(gdb, number, true);
	return fail(gdb, "No frame at address %s.", arguments);
}

static bool move(struct gdb *gdb, const char *arguments, int direction, bool show)
{
	uint64_t count = 1;
	size_t number;

	if (!need_frame(gdb) || (*arguments && !evaluate_integer(gdb, arguments, &count)))
		return false;
	number = gdb->frame;
	if ((direction > 0) == ((int64_t)count > 0)) {
		uint64_t left = (int64_t)count > 0 ? count : 0 - count;

		if (!stack_frame(gdb, number + 1))
			return fail(gdb, "Initial frame selected; you can't go up.");
		while (left-- && stack_frame(gdb, number + 1))
			number++;
	} else {
		if (!number)
			return fail(gdb, "Bottom (innermost) frame selected; you can't go down.");
		count = (int64_t)count > 0 ? count : 0 - count;
		number -= count < number ? count : number;
	}
	return select_frame(gdb, number, show);
}

bool command_up(struct gdb *gdb, const char *arguments)
{
	return move(gdb, arguments, 1, true);
}

bool command_down(struct gdb *gdb, const char *arguments)
{
	return move(gdb, arguments, -1, true);
}

bool command_up_silently(struct gdb *gdb, const char *arguments)
{
	return move(gdb, arguments, 1, false);
}

bool command_down_silently(struct gdb *gdb, const char *arguments)
{
	return move(gdb, arguments, -1, false);
}
