/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/dollar.c - what starts with a dollar: history, registers, convenience variables, looked for in this order.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "expr.h"
#include "frames.h"
#include "layouts.h"
#include "print.h"
#include "threads.h"

/* ---- history and convenience variables ---- */

struct convenience {
	struct convenience *next;
	const char *name;
	struct value *value;
};

struct value *convenience_get(struct gdb *gdb, const char *name)
{
	for (struct convenience *one = gdb->conveniences; one; one = one->next)
		if (strcmp(one->name, name) == 0)
			return value_keep(gdb, &gdb->arena, one->value);
	return NULL;
}

void convenience_set(struct gdb *gdb, const char *name, struct value *value)
{
	struct value *kept = value_keep(gdb, &gdb->kept, value);
	struct convenience *one = gdb->conveniences;

	kept->place = value->place == PLACE_MEMORY ? PLACE_MEMORY : PLACE_NONE;
	while (one && strcmp(one->name, name) != 0)
		one = one->next;
	if (!one) {
		one = arena_alloc(&gdb->kept, sizeof(*one));
		one->name = arena_string(&gdb->kept, name);
		one->next = gdb->conveniences;
		gdb->conveniences = one;
	}
	one->value = kept;
}

bool show_conveniences(struct gdb *gdb, const char *arguments)
{
	(void)arguments;
	for (struct convenience *one = gdb->conveniences; one; one = one->next) {
		say(gdb, "$%s = ", one->name);
		print_value(gdb, value_keep(gdb, &gdb->arena, one->value), NULL);
		say(gdb, "\n");
	}
	if (!gdb->conveniences)
		say(gdb, "No debugger convenience values now defined.\n");
	return true;
}

size_t history_add(struct gdb *gdb, struct value *value)
{
	if (gdb->history_count % 64 == 0)
		gdb->history = must_grow(gdb->history, (gdb->history_count + 64) * sizeof(struct value *));
	gdb->history[gdb->history_count++] = value_keep(gdb, &gdb->kept, value);
	return gdb->history_count;
}

struct value *history_get(struct gdb *gdb, long number, bool *exists)
{
	*exists = number >= 1 && (size_t)number <= gdb->history_count;
	return *exists ? value_keep(gdb, &gdb->arena, gdb->history[number - 1]) : NULL;
}

/* $, $$, $$n, $n: NULL with *is_history for one that isn't there. */
static struct value *history_value(struct gdb *gdb, const char *name, bool *is_history)
{
	long count = (long)gdb->history_count;
	long number = count;
	struct value *value;
	bool exists;

	*is_history = true;
	if (name[1] == '$')
		number = count - (name[2] ? strtol(name + 2, NULL, 10) : 1);
	else if (isdigit((unsigned char)name[1]))
		number = strtol(name + 1, NULL, 10);
	else if (name[1])
		*is_history = false;
	if (!*is_history)
		return NULL;
	value = history_get(gdb, number, &exists);
	if (!exists && (name[1] == '\0' || name[1] == '$') && number <= 0)
		return value_new(gdb, NULL);
	if (!exists)
		(void)fail(gdb, "History has not yet reached $%ld.", number);
	return value;
}

/* ---- registers ---- */

static utrace_type *register_type(struct gdb *gdb, const char *name, size_t size)
{
	if (strcmp(name, "rip") == 0 || strcmp(name, "eip") == 0)
		return pointer_type(gdb, utrace_type_function_of(gdb->image, NULL));
	if (strcmp(name, "rsp") == 0 || strcmp(name, "rbp") == 0 || strcmp(name, "esp") == 0 ||
	    strcmp(name, "ebp") == 0)
		return pointer_type(gdb, NULL);
	if (strcmp(name, "eflags") == 0 || strchr("cdefgs", name[0] ? name[1] == 's' ? name[0] : 'x' : 'x'))
		return base_type(gdb, "int");
	if (size == 8)
		return base_type(gdb, pointer_size(gdb) == 8 ? "long" : "long long");
	return base_type(gdb, size == 4 ? "int" : size == 2 ? "short" : "signed char");
}

static const struct utrace_register_info *find_register(struct gdb *gdb, const char *name)
{
	int architecture = utrace_thread_architecture(gdb->inferior.thread, NULL);
	size_t count = 0;
	const struct utrace_register_info *registers = utrace_architecture_registers(architecture, &count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(registers[i].name, name) == 0)
			return &registers[i];
	return NULL;
}

static const char *portable_name(struct gdb *gdb, const char *name)
{
	bool narrow = pointer_size(gdb) == 4;

	if (strcmp(name, "pc") == 0)
		return narrow ? "eip" : "rip";
	if (strcmp(name, "sp") == 0)
		return narrow ? "esp" : "rsp";
	if (strcmp(name, "fp") == 0)
		return narrow ? "ebp" : "rbp";
	return strcmp(name, "ps") == 0 ? "eflags" : name;
}

/* Parts of the general registers, by the names that the manuals give them: eax, ax, al, ah, r8d, r8w, r8l. */
struct register_part {
	const char *whole;
	size_t offset, size;
};

static bool part_of_legacy(const char *name, struct register_part *part, char *whole)
{
	static const char letters[] = "abcd";
	size_t length = strlen(name);
	const char *stem = length == 3 && name[0] == 'e' ? name + 1 : name;

	if (strlen(stem) != 2)
		return false;
	if (strchr(letters, stem[0]) && strchr("lh", stem[1]) && length == 2) {
		*part = (struct register_part){.offset = stem[1] == 'h', .size = 1};
		whole[0] = 'r', whole[1] = stem[0], whole[2] = 'x', whole[3] = '\0';
		return true;
	}
	*part = (struct register_part){.size = length == 3 ? 4 : 2};
	whole[0] = 'r', whole[1] = stem[0], whole[2] = stem[1], whole[3] = '\0';
	return true;
}

static bool part_of_numbered(const char *name, struct register_part *part, char *whole)
{
	size_t length = strlen(name);

	if (name[0] != 'r' || !isdigit((unsigned char)name[1]) || length < 3 || length > 4)
		return false;
	*part = (struct register_part){.size = name[length - 1] == 'd' ? 4 : name[length - 1] == 'w' ? 2 : 1};
	memcpy(whole, name, length - 1);
	whole[length - 1] = '\0';
	return strchr("dwl", name[length - 1]) != NULL;
}

static struct value *register_by_dwarf(struct gdb *gdb, const struct utrace_register_info *info, utrace_type *type)
{
	struct value *value = value_new(gdb, type);
	utrace_frame *frame = selected_frame(gdb);

	if (frame && info->dwarf >= 0) {
		value->place = PLACE_REGISTER;
		value->dwarf_register = info->dwarf;
		value->frame = frame;
		value->name = info->name;
	} else {
		value->place = PLACE_NAMED;
		value->name = info->name;
	}
	return value;
}

static struct value *register_part(struct gdb *gdb, const char *name)
{
	char whole[8] = "";
	struct register_part part;
	const struct utrace_register_info *info;
	struct value *value;

	if (!part_of_legacy(name, &part, whole) && !part_of_numbered(name, &part, whole))
		return NULL;
	if (pointer_size(gdb) == 4)
		whole[0] = 'e';
	info = find_register(gdb, whole);
	if (!info)
		return NULL;
	value = register_by_dwarf(gdb, info, register_type(gdb, whole, info->size));
	if (!value_fetch(gdb, value))
		return NULL;
	return value_part(gdb, value, register_type(gdb, name, part.size), part.offset);
}

struct value *register_value(struct gdb *gdb, const char *name)
{
	const struct utrace_register_info *info;
	const char *real = portable_name(gdb, name);

	if (!gdb->inferior.thread)
		return NULL;
	info = find_register(gdb, real);
	if (info)
		return register_by_dwarf(gdb, info, register_type(gdb, real, info->size));
	return register_part(gdb, real);
}

static bool is_pc_name(const char *name)
{
	return strcmp(name, "pc") == 0 || strcmp(name, "rip") == 0 || strcmp(name, "eip") == 0;
}

static bool is_sp_name(const char *name)
{
	return strcmp(name, "sp") == 0 || strcmp(name, "rsp") == 0 || strcmp(name, "esp") == 0;
}

struct value *evaluate_dollar(struct gdb *gdb, const char *name)
{
	bool is_history;
	struct value *value = history_value(gdb, name, &is_history);

	if (is_history)
		return value;
	value = register_value(gdb, name + 1);
	if (value || gdb->error)
		return value;
	if (!gdb->inferior.thread && (is_pc_name(name + 1) || is_sp_name(name + 1))) {
		(void)fail(gdb, "No registers.");
		return NULL;
	}
	value = layout_value(gdb, name + 1);
	if (value || gdb->error)
		return value;
	value = convenience_get(gdb, name + 1);
	if (value)
		return value;
	value = thread_convenience(gdb, name + 1);
	return value ? value : value_new(gdb, NULL);
}
